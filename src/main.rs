//! Serves the APIs of `openapi/`.
fn main() {}
