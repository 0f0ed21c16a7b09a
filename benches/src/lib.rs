//! Side-by-side measurements: a load generator, pinned processes and the peers
//! that the same endpoint is compared with.

pub mod fuzz;
pub mod in_process;
pub mod load;
pub mod measure;
pub mod peers;
pub mod process;
pub mod samples;
pub mod table;
