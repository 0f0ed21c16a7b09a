//! User sessions: `openapi/user-sessions.yaml`.

pub mod store;
