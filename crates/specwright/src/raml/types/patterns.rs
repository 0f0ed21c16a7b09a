//! Regular expressions of patterns and pattern properties.

use regress::{Flags, Regex};

/// Says what is wrong with a pattern; `None` when it compiles, with or without the `u` flag.
pub(super) fn fault(pattern: &str) -> Option<String> {
    compile(pattern).err()
}

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

/// Whether a pattern matches somewhere in a text.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    compile(pattern).is_ok_and(|regex| regex.find(text).is_some())
}

/// Whether a pattern matches every name.
pub(super) fn matches_all(pattern: &str) -> bool {
    matches!(pattern, "" | ".*" | "^.*$" | "^.*" | ".*$" | "^" | "$")
}

/// The pattern of names that match `pattern` and none of `names` and `before`: a declared property
/// and the patterns before go first (RAML 1.0, Additional Properties).
pub(super) fn excluding(pattern: &str, names: &[&str], before: &[&str]) -> String {
    let mut out = String::from("^");
    if !names.is_empty() {
        let names = names.iter().map(|name| escape(name)).collect::<Vec<_>>();
        out.push_str(&format!("(?!(?:{})$)", names.join("|")));
    }
    for before in before {
        out.push_str(&format!("(?![\\s\\S]*?(?:{before}))"));
    }
    out.push_str(&format!("(?=[\\s\\S]*?(?:{pattern}))"));
    out
}

/// A text as the pattern of itself.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        if "^$\\.*+?()[]{}|/".contains(character) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_names_and_earlier_patterns_are_left_out() {
        let pattern = excluding("^a", &["ab", "a.c"], &["d$"]);
        for name in ["a", "abc", "axc"] {
            assert!(matches(&pattern, name), "{name}");
        }
        for name in ["ab", "a.c", "aad", "ba"] {
            assert!(!matches(&pattern, name), "{name}");
        }
        assert!(fault("(").is_some() && fault("\\d{3}-\\w{12}").is_none());
    }
}
