//! Compiles API contracts into typed poem-openapi endpoints.

#[cfg(feature = "cli")]
pub mod cli;
pub mod diag;
pub mod dialect;
pub mod model;
pub mod openapi;
pub mod source;
pub mod yaml;
