//! What the compiler made of the contract.

include!(concat!(env!("OUT_DIR"), "/subjects.rs"));
