//! What the suites share.
#![allow(dead_code, reason = "each suite uses a part of it")]

pub mod effects;
pub mod files;
pub mod postgres;
