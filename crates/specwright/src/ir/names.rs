//! The one place that invents identifiers.
//!
//! A name that comes from a contract is any text at all; what leaves this module is a legal Rust
//! identifier of at most [`LONGEST`] characters, no keyword, and unique in its [`Scope`].

use std::collections::HashSet;

/// Longer names end at a word before this, so that generated lines stay readable.
const LONGEST: usize = 48;

/// The part of a name that stems from an operation: suffixes such as `Response` still fit.
const LONGEST_STEM: usize = 38;

/// Words that cannot be used as identifiers, in any edition, and `self` in its spellings.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "union", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Type names that generated code uses itself.
pub(super) const TYPES_IN_USE: &[&str] = &[
    "API",
    "ApiKey",
    "Base64",
    "Basic",
    "Bearer",
    "Box",
    "ByteStream",
    "Clone",
    "Context",
    "Copy",
    "Date",
    "DateTime",
    "Debug",
    "Default",
    "Denied",
    "Drop",
    "Err",
    "Fault",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "Future",
    "Grant",
    "Integer",
    "Into",
    "Iterator",
    "Json",
    "Map",
    "None",
    "Nullable",
    "Number",
    "ObjectOr",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Self",
    "Send",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "Uuid",
    "Vec",
];

/// Type names that generated clients use besides.
pub(super) const CLIENT_TYPES_IN_USE: &[&str] =
    &["AnswerHead", "CallOptions", "Client", "ClientError"];

/// Type names that only some extensions bring into generated code.
pub(super) const RULES_TYPES_IN_USE: &[&str] = &["Order", "Page"];

/// The names in use in one place of the generated code.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    taken: HashSet<String>,
}

impl Scope {
    /// A scope in which `names` are taken.
    pub(super) fn with(names: &[&str]) -> Self {
        Self {
            taken: names.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    /// Takes `names` besides.
    pub(super) fn reserve(&mut self, names: &[&str]) {
        self.taken
            .extend(names.iter().map(|name| (*name).to_owned()));
    }

    /// `snake_case`, for fields, functions and methods.
    pub(super) fn snake(&mut self, text: &str) -> String {
        let mut name = join(&words(text), "_");
        if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
            name.insert(0, 'n');
        }
        if KEYWORDS.contains(&name.as_str()) {
            name.push('_');
        }
        self.claim(name, "_")
    }

    /// `PascalCase`, for types and variants.
    pub(super) fn pascal(&mut self, text: &str) -> String {
        let mut name = pascal(text);
        if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
            name.insert(0, 'N');
        }
        let in_use = [TYPES_IN_USE, CLIENT_TYPES_IN_USE, RULES_TYPES_IN_USE];
        let in_use = in_use.iter().any(|names| names.contains(&name.as_str()));
        if self.taken.contains(&name) && in_use || name == "Self" {
            name.push_str("Model");
        }
        self.claim(name, "")
    }

    /// `SCREAMING_CASE`, for statics and constants.
    pub(super) fn screaming(&mut self, text: &str) -> String {
        let mut name = join(&words(text), "_").to_ascii_uppercase();
        if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
            name.insert(0, 'N');
        }
        self.claim(name, "_")
    }

    fn claim(&mut self, mut name: String, separator: &str) -> String {
        if self.taken.insert(name.clone()) {
            return name;
        }
        if name.ends_with(|last: char| last.is_ascii_digit()) || name.ends_with('_') {
            name.truncate(name.trim_end_matches('_').len());
        }
        let separator = if name.ends_with(|last: char| last.is_ascii_digit()) {
            "N"
        } else {
            separator
        };
        let separator = if name.to_ascii_lowercase() == name {
            separator.to_ascii_lowercase()
        } else {
            separator.to_owned()
        };
        (2..)
            .map(|number: u32| format!("{name}{separator}{number}"))
            .find(|candidate| self.taken.insert(candidate.clone()))
            .unwrap_or(name)
    }
}

/// `kebab-case`, for the API's name and its files.
pub(super) fn kebab(text: &str) -> String {
    let name = join(&words(text), "-");
    if name.is_empty() {
        "api".to_owned()
    } else {
        name
    }
}

/// `PascalCase` without a claim.
pub(super) fn pascal(text: &str) -> String {
    let mut name = String::new();
    for word in cut(words(text), LONGEST) {
        // Two numbers must not run together: `1_2` and `12` are different names.
        let both_digits = name.ends_with(|last: char| last.is_ascii_digit())
            && word.starts_with(|first: char| first.is_ascii_digit());
        if both_digits {
            name.push('N');
        }
        name.push_str(&word[..1].to_ascii_uppercase());
        name.push_str(&word[1..]);
    }
    name
}

/// The words of an operation's name, short enough for suffixes to follow.
pub(super) fn stem(text: &str) -> String {
    cut(words(text), LONGEST_STEM).join(" ")
}

fn join(words: &[String], separator: &str) -> String {
    cut(words.to_vec(), LONGEST).join(separator)
}

/// As many words as fit; at least one, itself cut when it is too long.
fn cut(mut words: Vec<String>, longest: usize) -> Vec<String> {
    if let Some(first) = words.first_mut() {
        first.truncate(longest);
    }
    let mut length = 0;
    let fitting = words.iter().take_while(|word| {
        length += word.len() + 1;
        length <= longest + 1
    });
    let count = fitting.count();
    words.truncate(count);
    words
}

/// The lower-case ASCII words of a text. Signs that tell names apart become words of their own, and
/// characters outside ASCII their code points, so that different texts rarely fall together.
fn words(text: &str) -> Vec<String> {
    let text = text.trim();
    let mut words = Vec::new();
    let mut word = String::new();
    let characters: Vec<char> = text.chars().take(4 * LONGEST).collect();
    for (index, &character) in characters.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| characters[before]);
        if character.is_ascii_alphanumeric() {
            let next_is_lower = characters
                .get(index + 1)
                .is_some_and(char::is_ascii_lowercase);
            if starts_word(before, character, next_is_lower) {
                flush(&mut word, &mut words);
            }
            word.push(character.to_ascii_lowercase());
            continue;
        }
        flush(&mut word, &mut words);
        let after_word = before.is_some_and(|before| before.is_ascii_alphanumeric());
        if let Some(spoken) = spoken(character, after_word) {
            words.push(spoken);
        }
    }
    flush(&mut word, &mut words);
    words
}

fn starts_word(before: Option<char>, character: char, next_is_lower: bool) -> bool {
    let Some(before) = before else { return false };
    character.is_ascii_uppercase()
        && (before.is_ascii_lowercase()
            || before.is_ascii_digit()
            || (before.is_ascii_uppercase() && next_is_lower))
}

/// What a character that cannot stand in a name is called; `None` for a mere separator.
fn spoken(character: char, after_word: bool) -> Option<String> {
    let name = match character {
        '+' => "plus",
        '-' if after_word => return None,
        '-' => "minus",
        '*' => "star",
        '<' => "less",
        '>' => "greater",
        '=' => "equal",
        '%' => "percent",
        '&' => "and",
        '|' => "or",
        '!' => "not",
        '#' => "hash",
        '@' => "at",
        '$' => "dollar",
        '~' => "tilde",
        '^' => "caret",
        '?' => "question",
        other if other.is_alphanumeric() || !other.is_ascii() => {
            return Some(format!("u{:x}", u32::from(other)));
        }
        _ => return None,
    };
    Some(name.to_owned())
}

fn flush(word: &mut String, words: &mut Vec<String>) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_only_in_punctuation_stay_apart() {
        let mut scope = Scope::default();
        assert_eq!(scope.pascal("reactions-+1"), "ReactionsPlus1");
        assert_eq!(scope.pascal("reactions--1"), "ReactionsMinus1");
        assert_eq!(scope.pascal("reactions-1"), "Reactions1");
    }

    #[test]
    fn keywords_digits_and_empty_names_become_legal() {
        let mut scope = Scope::default();
        assert_eq!(scope.snake("type"), "type_");
        assert_eq!(scope.snake("gen"), "gen_");
        assert_eq!(scope.snake("3d"), "n3d");
        assert_eq!(scope.snake(""), "n");
        assert_eq!(scope.snake("`; drop"), "drop");
        assert_eq!(scope.snake("Drop"), "drop_2");
        assert_eq!(scope.pascal("self"), "SelfModel");
    }

    #[test]
    fn long_names_are_cut_and_still_unique() {
        let mut scope = Scope::default();
        let long = "abcdefgh ".repeat(40);
        let first = scope.pascal(&long);
        let second = scope.pascal(&long);
        assert!(first.len() <= LONGEST && second.len() <= LONGEST + 3 && first != second);
    }

    #[test]
    fn words_follow_case() {
        assert_eq!(words("getHTTPServer2Go"), ["get", "http", "server2", "go"]);
        assert_eq!(words("user_name"), ["user", "name"]);
        assert_eq!(words("😀"), ["u1f600"]);
    }
}
