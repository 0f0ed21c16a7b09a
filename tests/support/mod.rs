//! What the suites share.
#![allow(dead_code, reason = "each suite uses a part of it")]

pub mod catalogue;
pub mod effects;
pub mod files;
pub mod http;
pub mod play;
pub mod postgres;
pub mod proxy;
pub mod queue;
pub mod register;
pub mod server;
pub mod story;
pub mod tls;
pub mod watched;
