//! Side-by-side measurements: a load generator, pinned processes and the peers
//! that the same endpoint is compared with.

pub mod catalogue;
pub mod chart;
#[path = "../../tests/support/files.rs"]
pub mod files;
pub mod fuzz;
pub mod in_process;
pub mod licences;
pub mod load;
pub mod measure;
pub mod peers;
#[path = "../../tests/support/postgres.rs"]
pub mod postgres;
pub mod process;
pub mod samples;
pub mod table;
