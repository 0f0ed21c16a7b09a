//! Subject management: containers, templates, relations, the mandate and the backfill queue.
//!
//! The domain stands; nothing serves it yet.

pub mod domain;
