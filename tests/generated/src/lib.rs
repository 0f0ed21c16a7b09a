//! Drives the code generated from the accepted cases.

#![deny(warnings)]

include!(concat!(env!("OUT_DIR"), "/cases.rs"));
