//! Drives a generated API through its endpoint.

mod host;
mod http;
mod log;
mod requests;
mod shop;
mod wire;
