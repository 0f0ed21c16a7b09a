//! Compiles API contracts into typed poem-openapi endpoints.

pub mod diag;
pub mod model;
pub mod source;
pub mod yaml;
