//! The runtime's names, in one place.

/// The runtime's public face.
pub(super) const RUNTIME: &str = "specwright_runtime";

/// The machinery that generated code calls.
pub(super) const USE_MACHINERY: &str = "use specwright_runtime::private as rt;";

/// What the trait's methods return.
pub(super) const USE_FUTURE: &str = "use std::future::Future;";

/// Reads a value by its type.
pub(super) const READ: &str = "rt::Read::read";

/// The parameter that every read function has.
pub(super) const READER: &str = "reader: &mut rt::Reader<'_>";
