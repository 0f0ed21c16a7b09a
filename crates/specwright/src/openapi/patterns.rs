//! Patterns are regular expressions of ECMA-262 (OAS 3.1, Schema Object).

use regress::{Flags, Regex};

/// Says what is wrong with a pattern; `None` when it compiles.
///
/// JSON Schema recommends the `u` flag (2020-12, section 6.4); patterns written for the time before
/// it, which escape what needs no escape, are taken without.
pub(super) fn fault(pattern: &str) -> Option<String> {
    let unicode = Flags {
        unicode: true,
        ..Flags::default()
    };
    let error = Regex::with_flags(pattern, unicode).err()?;
    Regex::with_flags(pattern, Flags::default()).err()?;
    Some(error.to_string())
}
