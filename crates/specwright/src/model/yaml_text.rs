//! JSON values as YAML text, in block style, that reads back as the same value.

use super::Json;

/// Longer keys need YAML's explicit form (YAML 1.2.2, section 7.4.2: 1024 characters), in bytes.
const LONG_KEY: usize = 1000;

impl Json {
    /// The value as a YAML document, with a final newline.
    pub fn to_yaml_text(&self) -> String {
        let mut out = String::new();
        match self {
            Json::Object(members) if !members.is_empty() => mapping(members, 0, &mut out),
            Json::Array(items) if !items.is_empty() => sequence(items, 0, &mut out),
            other => scalar(other, 0, &mut out),
        }
        if !out.ends_with('\n') {
            out.push('\n');
        }
        out
    }
}

/// Members, the first one where the text stands, the others on lines of their own.
fn mapping(members: &[(String, Json)], indent: usize, out: &mut String) {
    for (index, (key, value)) in members.iter().enumerate() {
        if index > 0 {
            new_line(indent, out);
        }
        if key.len() > LONG_KEY {
            out.push_str("? ");
            inline(key, out);
            new_line(indent, out);
        } else {
            inline(key, out);
        }
        out.push(':');
        match value {
            Json::Object(members) if !members.is_empty() => {
                new_line(indent + 1, out);
                mapping(members, indent + 1, out);
            }
            Json::Array(items) if !items.is_empty() => {
                new_line(indent + 1, out);
                sequence(items, indent + 1, out);
            }
            other => {
                out.push(' ');
                scalar(other, indent + 1, out);
            }
        }
    }
}

fn sequence(items: &[Json], indent: usize, out: &mut String) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            new_line(indent, out);
        }
        out.push_str("- ");
        match item {
            Json::Object(members) if !members.is_empty() => mapping(members, indent + 1, out),
            Json::Array(items) if !items.is_empty() => sequence(items, indent + 1, out),
            other => scalar(other, indent + 1, out),
        }
    }
}

fn new_line(indent: usize, out: &mut String) {
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out.extend(std::iter::repeat_n("  ", indent));
}

/// A scalar or an empty collection.
fn scalar(value: &Json, indent: usize, out: &mut String) {
    match value {
        Json::String(text) if is_block(text) => block(text, indent, out),
        Json::String(text) => inline(text, out),
        other => out.push_str(&other.to_text()),
    }
}

/// Whether a text can stand as a literal block: several lines, of printable characters, the first
/// one not indented, none with trailing blanks that an editor would take away.
fn is_block(text: &str) -> bool {
    let body = text.trim_end_matches('\n');
    body.contains('\n')
        && !body.starts_with([' ', '\t', '\n'])
        && text
            .chars()
            .all(|character| character == '\n' || is_printable(character))
        && body.split('\n').all(|line| !line.ends_with([' ', '\t']))
}

fn block(text: &str, indent: usize, out: &mut String) {
    let body = text.trim_end_matches('\n');
    let ends = text.len() - body.len();
    out.push_str(match ends {
        0 => "|-",
        1 => "|",
        _ => "|+",
    });
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.extend(std::iter::repeat_n("  ", indent));
            out.push_str(line);
        }
    }
    out.extend(std::iter::repeat_n('\n', ends));
}

/// A text on one line: without quotes where no reader of YAML 1.1 or 1.2 takes it for anything
/// else, in double quotes elsewhere.
fn inline(text: &str, out: &mut String) {
    match is_plain(text) {
        true => out.push_str(text),
        false => quoted(text, out),
    }
}

fn is_plain(text: &str) -> bool {
    let begins =
        |character: char| character.is_ascii_alphabetic() || matches!(character, '/' | '$' | '_');
    let holds = |character: char| character.is_alphanumeric() || " _-./$()+,;".contains(character);
    text.starts_with(begins)
        && text
            .chars()
            .all(|character| holds(character) && is_printable(character))
        && !text.ends_with(' ')
        && !is_word(text)
}

/// The words that YAML 1.1 or 1.2 resolves.
fn is_word(text: &str) -> bool {
    let words = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn is_printable(character: char) -> bool {
    !character.is_control()
        && !matches!(
            character,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

fn quoted(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            other if is_printable(other) => out.push(other),
            other => out.push_str(&format!("\\u{:04x}", other as u32)),
        }
    }
    out.push('"');
}
