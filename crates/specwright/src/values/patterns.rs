//! Patterns are regular expressions of ECMA-262 (OAS 3.1, Schema Object).

use crate::model::pattern::{Apart, apart, served};
use regress::{Flags, Regex};
use std::ops::RangeInclusive;

/// A pattern, ready to be held against strings.
pub(crate) struct Engine {
    expression: Expression,
    /// How long the strings may be that match, in Unicode scalar values.
    length: RangeInclusive<u64>,
}

enum Expression {
    /// As the runtime matches it: in linear time, or in a bounded number of steps.
    Served(Box<fancy_regex::Regex>),
    /// What the runtime cannot serve, which is reported.
    Other(Regex),
}

impl Engine {
    /// Compiles a pattern; `None` when it is no regular expression.
    pub(crate) fn new(pattern: &str) -> Option<Self> {
        let Apart {
            pattern,
            least,
            most,
        } = apart(pattern);
        let expression = match engine(&pattern) {
            Ok(regex) => Expression::Served(Box::new(regex)),
            Err(_) => Expression::Other(compile(&pattern).ok()?),
        };
        let length = least..=most.unwrap_or(u64::MAX);
        Some(Self { expression, length })
    }

    /// Whether the pattern matches somewhere in `text`; `None` when it takes too many steps to say.
    pub(crate) fn is_match(&self, text: &str) -> Option<bool> {
        let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
        if !self.length.contains(&length) {
            return Some(false);
        }
        match &self.expression {
            Expression::Served(regex) => regex.is_match(text).ok(),
            Expression::Other(regex) => Some(regex.find(text).is_some()),
        }
    }
}

/// Compiles a pattern.
///
/// JSON Schema recommends the `u` flag (2020-12, section 6.4); patterns written for the time before
/// it, which escape what needs no escape, are taken without.
///
/// # Errors
/// Says what is wrong with it.
fn compile(pattern: &str) -> Result<Regex, String> {
    let unicode = Flags {
        unicode: true,
        ..Flags::default()
    };
    Regex::with_flags(pattern, unicode).or_else(|error| {
        let plain = Regex::with_flags(pattern, Flags::default());
        plain.map_err(|_| error.to_string())
    })
}

/// How large an expression may become when the runtime compiles it: its own limit.
const SIZE_LIMIT_BYTES: usize = 128 << 20;

/// Says why the engine of the runtime cannot serve a pattern; `None` when it can.
pub(crate) fn unserved(pattern: &str) -> Option<String> {
    engine(pattern).err()
}

/// The expression as the runtime compiles it.
///
/// # Errors
/// Says why it does not compile.
pub(crate) fn engine(pattern: &str) -> Result<fancy_regex::Regex, String> {
    let served = served(pattern);
    let Ok(translated) = jsonschema_regex::to_rust_regex(&served) else {
        return Err("it has an escape or a group that the engine does not know".to_owned());
    };
    let built = fancy_regex::RegexBuilder::new(&translated)
        .delegate_size_limit(SIZE_LIMIT_BYTES)
        .build();
    built.map_err(|fault| {
        let fault = fault.to_string();
        // Only counts make an expression that can be read too large to be built.
        let is_size = ["size limit", "building NFA"]
            .iter()
            .any(|text| fault.contains(text));
        match is_size {
            true => "what it counts becomes too large".to_owned(),
            false => fault,
        }
    })
}

/// What to do about a pattern that does not compile.
pub(crate) const HELP: &str = "write a backslash before a character that stands for itself";

/// Says what is wrong with a pattern; `None` when it compiles.
pub(crate) fn fault(pattern: &str) -> Option<String> {
    compile(pattern).err()
}
