//! Drives a generated API through its endpoint.

#[path = "archive/archive.rs"]
mod archive;
mod connections;
mod cors;
mod encodings;
mod host;
mod http;
mod log;
mod panics;
mod requests;
mod shop;
mod unions;
mod wire;
