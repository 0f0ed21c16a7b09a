//! Drives a generated API through its endpoint.

mod encodings;
mod host;
mod http;
mod log;
mod requests;
mod shop;
mod unions;
mod wire;
