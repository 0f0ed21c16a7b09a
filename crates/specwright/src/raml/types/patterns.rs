//! Regular expressions of patterns and pattern properties.

use crate::values::patterns::Engine;

/// Whether a pattern matches somewhere in a text.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    Engine::new(pattern).is_some_and(|engine| engine.is_match(text) == Some(true))
}

/// The pattern of a whole text: RAML's patterns match all of it, unless they say with `^` or `$`
/// where they begin or end.
pub(super) fn whole(pattern: &str) -> String {
    let anchored = pattern.starts_with('^') || pattern.ends_with('$') && !pattern.ends_with("\\$");
    match anchored {
        true => pattern.to_owned(),
        false => format!("^(?:{pattern})$"),
    }
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
    fn patterns_without_anchors_match_whole_texts() {
        assert_eq!(whole("[a-z]+"), "^(?:[a-z]+)$");
        assert_eq!(whole("^[a-z]+"), "^[a-z]+");
        assert_eq!(whole("[0-9]$"), "[0-9]$");
        assert_eq!(whole("a|b\\$"), "^(?:a|b\\$)$");
    }

    #[test]
    fn declared_names_and_earlier_patterns_are_left_out() {
        let pattern = excluding("^a", &["ab", "a.c"], &["d$"]);
        for name in ["a", "abc", "axc"] {
            assert!(matches(&pattern, name), "{name}");
        }
        for name in ["ab", "a.c", "aad", "ba"] {
            assert!(!matches(&pattern, name), "{name}");
        }
    }
}
