//! Drives the code generated from the accepted cases.
