//! What the compiler made of the contracts, a module a version.

/// `openapi/licences.v1.1.yaml`
pub mod v1_1 {
    include!(concat!(env!("OUT_DIR"), "/licences-v1-1.rs"));
}

/// `openapi/licences.v1.2.yaml`
pub mod v1_2 {
    include!(concat!(env!("OUT_DIR"), "/licences-v1-2.rs"));
}
