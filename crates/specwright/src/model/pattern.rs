//! Regular expressions of ECMA-262, as the engine that serves them reads them.

mod counts;

pub use counts::{Apart, apart};

/// Every character, and none.
const ANYTHING: &str = "(?s:.)";
const NOTHING: &str = r"[^\x{0}-\x{10ffff}]";

/// ECMA-262, CharacterClassEscape, without a flag that changes it.
const DIGIT: &str = "0-9";
const NO_DIGIT: &str = r"\x{0}-\x{2f}\x{3a}-\x{10ffff}";
const WORD: &str = "A-Za-z0-9_";
const NO_WORD: &str = r"\x{0}-\x{2f}\x{3a}-\x{40}\x{5b}-\x{5e}\x{60}\x{7b}-\x{10ffff}";
/// ECMA-262, WhiteSpace and LineTerminator.
const SPACE: &str = r"\x{9}-\x{d}\x{20}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}";
const NO_SPACE: &str = r"\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}";

/// The expression with the same meaning for the engine. Most are left as they are: what the engine
/// reads in another way is written out, and in expressions that look around or refer back, which
/// nobody else translates, also the classes `\d`, `\w` and `\s` and their opposites.
pub fn served(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let with_classes = goes_back(source);
    let mut in_class = false;
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let (token, after) = rest.split_at(length(rest, first));
        let (token, after) = match token {
            "[" if !in_class && after.starts_with("^]") => (ANYTHING, skip(after, 2)),
            "[" if !in_class && with_classes && is_all(after) => (ANYTHING, skip(after, 5)),
            "[" if !in_class && after.starts_with(']') => (NOTHING, skip(after, 1)),
            "{" if !in_class && !is_count(rest) => (r"\{", after),
            // A class escape is no end of a range (ECMA-262, Annex B): the hyphen stands for itself.
            "-" if in_class && class_escape(skip(after, 0)).is_some() => (r"\-", after),
            r"\<" => ("<", after),
            r"\>" => (">", after),
            r"\0" => (r"\x00", after),
            r"\b" if in_class => (r"\x08", after),
            _ => (token, after),
        };
        in_class = match token {
            "[" => true,
            "]" => false,
            _ => in_class,
        };
        rest = after;
        let Some(set) = class_escape(token) else {
            out.push_str(token);
            continue;
        };
        match (with_classes, in_class) {
            (true, true) => out.push_str(set),
            (true, false) => out.extend(["[", set, "]"]),
            (false, _) => out.push_str(token),
        }
        // Nor its start.
        if in_class && rest.starts_with('-') && !rest.starts_with("-]") {
            out.push_str(r"\-");
            rest = skip(rest, 1);
        }
    }
    out
}

/// Whether the expression looks around or refers back.
fn goes_back(source: &str) -> bool {
    let mut in_class = false;
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let (token, after) = rest.split_at(length(rest, first));
        match token {
            "[" => in_class = true,
            "]" => in_class = false,
            "(" if !in_class => {
                let looks = ["?=", "?!", "?<=", "?<!"];
                if looks.iter().any(|look| after.starts_with(look)) {
                    return true;
                }
            }
            r"\k" => return true,
            _ => {
                let refers = token.strip_prefix('\\').is_some_and(|rest| {
                    rest.starts_with(|digit: char| ('1'..='9').contains(&digit))
                });
                if refers && !in_class {
                    return true;
                }
            }
        }
        rest = after;
    }
    false
}

/// How many bytes the first character or escape has.
fn length(text: &str, first: char) -> usize {
    if first != '\\' {
        return first.len_utf8();
    }
    let escaped = skip(text, 1);
    let braced = ["p{", "P{", "u{"]
        .iter()
        .any(|start| escaped.starts_with(start));
    match escaped.find('}') {
        Some(end) if braced => end + 2,
        _ => 1 + escaped.chars().next().map_or(0, char::len_utf8),
    }
}

fn skip(text: &str, bytes: usize) -> &str {
    text.get(bytes..).unwrap_or_default()
}

/// The members of the class that a text begins with.
fn class_escape(text: &str) -> Option<&'static str> {
    let mut chars = text.chars();
    if chars.next() != Some('\\') {
        return None;
    }
    Some(match chars.next()? {
        'd' => DIGIT,
        'D' => NO_DIGIT,
        'w' => WORD,
        'W' => NO_WORD,
        's' => SPACE,
        'S' => NO_SPACE,
        _ => return None,
    })
}

/// Whether a class that goes on like this has a class escape and its opposite, and nothing else.
fn is_all(text: &str) -> bool {
    [r"\s\S]", r"\S\s]", r"\d\D]", r"\D\d]", r"\w\W]", r"\W\w]"]
        .iter()
        .any(|class| text.starts_with(class))
}

/// Whether a text begins with `{n}`, `{n,}` or `{n,m}`; any other brace stands for itself.
fn is_count(text: &str) -> bool {
    let Some(inner) = text
        .strip_prefix('{')
        .and_then(|text| text.split_once('}'))
        .map(|(inner, _)| inner)
    else {
        return false;
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match inner.split_once(',') {
        None => is_number(inner),
        Some((least, most)) => is_number(least) && (most.is_empty() || is_number(most)),
    }
}

#[cfg(test)]
mod tests {
    use super::served;

    #[test]
    fn what_needs_no_translation_is_left() {
        for source in [
            r"^[a-z\d-]{1,3}$",
            r"^\w+\s*$",
            r"^\p{Lu}\u{1F600}[\p{L}]{2}$",
            r"^\(\d{3}\) \[x\]$",
            r"^(a|b)+?[^\]]$",
        ] {
            assert_eq!(served(source), source);
        }
    }

    #[test]
    fn classes_are_written_out_where_nobody_else_does() {
        assert_eq!(served(r"^(?!0)\d+$"), "^(?!0)[0-9]+$");
        assert_eq!(served(r"^(\w)[\d.]\1$"), "^([A-Za-z0-9_])[0-9.]\\1$");
        assert_eq!(served(r"^(?=\\d)$"), r"^(?=\\d)$");
        assert_eq!(served(r"(?=[\s\S]*x)[\d\D]"), "(?=(?s:.)*x)(?s:.)");
        assert_eq!(served(r"[(?=]\d"), r"[(?=]\d");
    }

    #[test]
    fn what_the_engine_reads_in_another_way_is_written_out() {
        assert_eq!(served(r"^{\<a\>}\0[\b]x{2,}$"), r"^\{<a>}\x00[\x08]x{2,}$");
        assert_eq!(served("[^][]"), r"(?s:.)[^\x{0}-\x{10ffff}]");
        assert_eq!(served(r"[\w-.][+-\d]"), r"[\w\-.][+\-\d]");
        assert_eq!(served(r"(?=a)[\w-.][\d-]"), r"(?=a)[A-Za-z0-9_\-.][0-9-]");
    }
}
