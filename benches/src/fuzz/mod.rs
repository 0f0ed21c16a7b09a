//! Requests that nobody would write, and what must come of them.

pub mod mutate;
pub mod oracle;
pub mod random;
