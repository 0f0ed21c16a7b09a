//! Patterns are regular expressions of ECMA-262 (OAS 3.1, Schema Object).

use crate::model::pattern::served;
use regress::{Flags, Regex};

/// A pattern, ready to be held against strings.
pub(crate) enum Engine {
    /// As the runtime matches it: in linear time, or in a bounded number of steps.
    Served(Box<fancy_regex::Regex>),
    /// What the runtime cannot serve, which is reported.
    Other(Regex),
}

impl Engine {
    /// Compiles a pattern; `None` when it is no regular expression.
    pub(crate) fn new(pattern: &str) -> Option<Self> {
        if let Ok(regex) = engine(pattern) {
            return Some(Self::Served(Box::new(regex)));
        }
        compile(pattern).ok().map(Self::Other)
    }

    /// Whether the pattern matches somewhere in `text`; `None` when it takes too many steps to say.
    pub(crate) fn is_match(&self, text: &str) -> Option<bool> {
        match self {
            Self::Served(regex) => regex.is_match(text).ok(),
            Self::Other(regex) => Some(regex.find(text).is_some()),
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
