//! Patterns are regular expressions of ECMA-262 (OAS 3.1, Schema Object).

use regress::{Flags, Regex};

/// Compiles a pattern.
///
/// JSON Schema recommends the `u` flag (2020-12, section 6.4); patterns written for the time before
/// it, which escape what needs no escape, are taken without.
///
/// # Errors
/// Says what is wrong with it.
pub(crate) fn compile(pattern: &str) -> Result<Regex, String> {
    let unicode = Flags {
        unicode: true,
        ..Flags::default()
    };
    Regex::with_flags(pattern, unicode).or_else(|error| {
        let plain = Regex::with_flags(pattern, Flags::default());
        plain.map_err(|_| error.to_string())
    })
}

/// Says what is wrong with a pattern; `None` when it compiles.
pub(crate) fn fault(pattern: &str) -> Option<String> {
    compile(pattern).err()
}
