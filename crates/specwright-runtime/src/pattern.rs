//! `pattern`: ECMA-262 regular expressions, compiled once; the simple ones become byte matchers.

use std::sync::OnceLock;

use crate::read::Invalid;
use crate::simple_pattern::Simple;

/// How large an expression may become when it is compiled. `^.{0,65535}$` needs 100 MiB; the compiler
/// refuses contracts with larger ones.
pub(crate) const SIZE_LIMIT_BYTES: usize = 128 << 20;

/// A regular expression of a schema (ECMA-262, with the `u` flag), compiled at its first use.
#[derive(Debug)]
pub struct Pattern {
    source: &'static str,
    engine: OnceLock<Engine>,
}

#[derive(Debug)]
enum Engine {
    Simple(Simple),
    Regex(Box<fancy_regex::Regex>),
    /// The expression cannot be compiled, so it fits nothing.
    Broken,
}

impl Pattern {
    /// A pattern with this source.
    pub const fn new(source: &'static str) -> Self {
        Self {
            source,
            engine: OnceLock::new(),
        }
    }

    /// The source.
    pub fn as_str(&self) -> &'static str {
        self.source
    }

    /// Whether the expression matches somewhere in `text`.
    pub fn is_match(&self, text: &str) -> bool {
        match self.engine.get_or_init(|| compile(self.source)) {
            Engine::Simple(simple) => simple.is_match(text.as_bytes()),
            // An expression that gives up after too many steps has not matched.
            Engine::Regex(regex) => regex.is_match(text).unwrap_or(false),
            Engine::Broken => false,
        }
    }
}

fn compile(source: &str) -> Engine {
    if let Some(simple) = Simple::parse(source) {
        return Engine::Simple(simple);
    }
    match regex(source) {
        Some(regex) => Engine::Regex(Box::new(regex)),
        None => {
            tracing::error!(
                pattern = source,
                "the pattern of a schema cannot be compiled"
            );
            Engine::Broken
        }
    }
}

/// The same translation and engine as the schema validators use, so that both agree.
pub(crate) fn regex(source: &str) -> Option<fancy_regex::Regex> {
    let translated = jsonschema_regex::to_rust_regex(source).ok()?;
    fancy_regex::RegexBuilder::new(&translated)
        .delegate_size_limit(SIZE_LIMIT_BYTES)
        .build()
        .ok()
}

/// Checks a string against a pattern.
///
/// # Errors
///
/// [`Invalid`] when the pattern does not match.
pub fn pattern(text: &str, pattern: &Pattern) -> Result<(), Invalid> {
    if pattern.is_match(text) {
        Ok(())
    } else {
        Err(Invalid)
    }
}

#[cfg(test)]
#[path = "pattern_tests.rs"]
mod tests;
