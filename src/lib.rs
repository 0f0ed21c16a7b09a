//! The server: APIs compiled from the contracts in `openapi/`, over one database.

pub mod config;
pub mod effects;

pub mod db;

pub mod user_sessions;
