//! Subject management: containers, templates, relations, the mandate and the backfill queue.
//!
//! The domain stands; nothing serves it yet.

pub mod domain;

pub mod notifications;

pub mod demo;
pub mod import;

pub mod history;
pub mod protocol;

pub mod operate;
