//! Regular expressions of ECMA-262, as the engine that serves them reads them.

mod counts;
mod escapes;
mod groups;
mod sets;

pub use counts::{Apart, apart};
use groups::Groups;
use sets::{ANYTHING, DOT, NOTHING, class_escape};

/// The expression with the same meaning for the engine. Most are left as they are: what the engine
/// reads in another way is written out, and in expressions that look around or refer back, which
/// nobody else translates, also the classes `\d`, `\w` and `\s` and their opposites.
pub fn served(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let groups = Groups::of(source);
    let with_classes = groups.goes_back;
    let mut in_class = false;
    let mut has_conditions = false;
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        if first == '\\'
            && let at = source.len() - rest.len()
            && let Some((escape, bytes)) = escapes::escape(rest, in_class, &groups, at)
        {
            has_conditions |= escape.starts_with("(?(");
            out.push_str(&escape);
            rest = skip(rest, bytes);
            continue;
        }
        let (token, after) = rest.split_at(length(rest, first));
        let (token, after) = match token {
            "[" if !in_class && after.starts_with("^]") => (ANYTHING, skip(after, 2)),
            "[" if !in_class && with_classes && is_all(after) => (ANYTHING, skip(after, 5)),
            "[" if !in_class && after.starts_with(']') => (NOTHING, skip(after, 1)),
            "{" if !in_class && !is_count(rest) => (r"\{", after),
            "." if !in_class => (DOT, after),
            // A class escape is no end of a range (ECMA-262, Annex B): the hyphen stands for itself.
            "-" if in_class && class_escape(after).is_some() => (r"\-", after),
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
    // The translation that follows leaves what looks around as it is, and knows no conditions.
    match has_conditions {
        true => format!("(?=){out}"),
        false => out,
    }
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
        assert_eq!(served(r"^(\w)[\d.]\1$"), r"^([A-Za-z0-9_])[0-9.](?:\1)$");
        assert_eq!(served(r"^(?=\\d)$"), r"^(?=\\d)$");
        assert_eq!(served(r"(?=[\s\S]*x)[\d\D]"), "(?=(?s:.)*x)(?s:.)");
        assert_eq!(served(r"[(?=]\d"), r"[(?=]\d");
    }

    #[test]
    fn escapes_of_letters_and_digits_are_written_out() {
        assert_eq!(served(r"^\Aa\é\pL\x1\u12$"), "^AaépLx1u12$");
        assert_eq!(served(r"\cJ[\ca]\c1"), r"\x{a}[\x{1}]\\c1");
        assert_eq!(
            served(r"\uD83D\uDE00[\uD83D\uDE00]"),
            r"\x{1f600}[\x{1f600}]"
        );
        assert_eq!(served(r"a\uD83D"), r"a[^\x{0}-\x{10ffff}]");
        assert_eq!(served(r"\07\18[\7]\8"), r"\x{7}\x{1}8[\x{7}]8");
        assert_eq!(
            served(r"\p{L}\u{e9}\u00e9\xe9\n\/"),
            r"\p{L}\u{e9}\u00e9\xe9\n\/"
        );
    }

    #[test]
    fn references_to_groups_that_took_no_part_match_nothing() {
        assert_eq!(served(r"^(?:(a)|b)\1$"), r"(?=)^(?:(a)|b)(?(1)\1|)$");
        assert_eq!(served(r"^\1(a\1)$"), "^(?:)(a(?:))$");
        assert_eq!(served(r"(?<x>a)\k<x>1"), r"(?<x>a)(?:\1)1");
        assert_eq!(served(r"\(?(a|b)\d"), r"\(?(a|b)\d");
    }

    #[test]
    fn what_the_engine_reads_in_another_way_is_written_out() {
        assert_eq!(served("^.[.]$"), r"^[^\n\r\x{2028}\x{2029}][.]$");
        assert_eq!(served(r"^{\<a\>}\0[\b]x{2,}$"), r"^\{<a>}\x{0}[\x08]x{2,}$");
        assert_eq!(served("[^][]"), r"(?s:.)[^\x{0}-\x{10ffff}]");
        assert_eq!(served(r"[\w-.][+-\d]"), r"[\w\-.][+\-\d]");
        assert_eq!(served(r"(?=a)[\w-.][\d-]"), r"(?=a)[A-Za-z0-9_\-.][0-9-]");
    }
}
