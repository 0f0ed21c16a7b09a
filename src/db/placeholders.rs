//! Placeholders as SQLite finds them fast.
//!
//! SQLite keeps the names of a statement's parameters in a list that it searches from its start for
//! each `$1` it reads, and again for each value that is bound: a statement with n of them costs n².
//! A `?` has no name, and a `?1` says by itself which value it is.

use std::borrow::Cow;
use std::ops::Range;

/// A `$1` in a text: where it is, and its number.
type Placeholder = (Range<usize>, usize);

/// The same statement with `?` where every placeholder occurs once and they come in their order,
/// and with `?1` otherwise. A text that has parameters of another kind stays as it is.
pub fn for_sqlite(sql: Cow<'static, str>) -> Cow<'static, str> {
    let Some(found) = placeholders(&sql) else {
        return sql;
    };
    if found.is_empty() {
        return sql;
    }
    let mut places = found.iter().enumerate();
    let in_order = places.all(|(place, (_, number))| *number == place + 1);
    let mut text = String::with_capacity(sql.len());
    let mut end = 0;
    for (range, number) in found {
        text.push_str(&sql[end..range.start]);
        text.push('?');
        if !in_order {
            text.push_str(&number.to_string());
        }
        end = range.end;
    }
    text.push_str(&sql[end..]);
    Cow::Owned(text)
}

/// The placeholders outside of quoted texts, names and comments; `None` where there are parameters
/// of another kind, whose places must not change.
fn placeholders(sql: &str) -> Option<Vec<Placeholder>> {
    let bytes = sql.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let rest = &bytes[at..];
        at += match byte {
            // A doubled quote within is the end of one text and the beginning of the next.
            b'\'' | b'"' | b'`' => 1 + length_through(&rest[1..], &[byte]),
            b'[' => 1 + length_through(&rest[1..], b"]"),
            b'-' if rest.starts_with(b"--") => 2 + length_through(&rest[2..], b"\n"),
            b'/' if rest.starts_with(b"/*") => 2 + length_through(&rest[2..], b"*/"),
            b'$' => {
                let length = 1 + word_length(&rest[1..]);
                let number = sql[at + 1..at + length].parse().ok();
                found.push((at..at + length, number.filter(|number| *number > 0)?));
                length
            }
            b'?' | b':' | b'@' | b'#' => return None,
            // A `$` within a name belongs to it.
            byte if is_word(byte) => word_length(rest),
            _ => 1,
        };
    }
    Some(found)
}

/// How many bytes there are up to an end and with it; all of them where it does not come.
fn length_through(bytes: &[u8], end: &[u8]) -> usize {
    let place = bytes.windows(end.len()).position(|bytes| bytes == end);
    place.map_or(bytes.len(), |place| place + end.len())
}

fn word_length(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| is_word(**byte)).count()
}

/// As SQLite's `IdChar`: letters, digits, `_`, `$` and whatever is not ASCII.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn becomes(sql: &'static str, expected: &str) {
        assert_eq!(for_sqlite(sql.into()), expected);
    }

    #[test]
    fn placeholders_in_order_lose_their_numbers() {
        becomes("SELECT 1", "SELECT 1");
        becomes("SELECT $1", "SELECT ?");
        becomes(
            "INSERT INTO t (a, b) VALUES ($1, $2), ($3,$4)",
            "INSERT INTO t (a, b) VALUES (?, ?), (?,?)",
        );
        let numbers: Vec<_> = (1..=12).map(|number| format!("${number}")).collect();
        let sql = format!("SELECT {}", numbers.join(", "));
        let expected = format!("SELECT {}", ["?"; 12].join(", "));
        assert_eq!(for_sqlite(sql.into()), expected);
    }

    #[test]
    fn repeated_numbers_and_others_out_of_order_are_kept() {
        becomes("SELECT $1 + $1", "SELECT ?1 + ?1");
        becomes("SELECT $2 - $1", "SELECT ?2 - ?1");
        becomes("SELECT $2", "SELECT ?2");
        becomes("SELECT $1, $3", "SELECT ?1, ?3");
        becomes("SELECT $1, $2, $10", "SELECT ?1, ?2, ?10");
        becomes("SELECT $1, $2, $1", "SELECT ?1, ?2, ?1");
    }

    #[test]
    fn what_is_quoted_stays() {
        becomes("SELECT '$1', $1", "SELECT '$1', ?");
        becomes("SELECT 'it''s $9', $1", "SELECT 'it''s $9', ?");
        becomes("SELECT ''$1''", "SELECT ''?''");
        becomes(r#"SELECT "$1", "a""$2", $1"#, r#"SELECT "$1", "a""$2", ?"#);
        becomes("SELECT `$1`, [$1'], $1", "SELECT `$1`, [$1'], ?");
        becomes("SELECT 'ä $1', $1, 'ü'", "SELECT 'ä $1', ?, 'ü'");
        becomes("SELECT $1, '$2", "SELECT ?, '$2");
        becomes("SELECT 'what?', $1", "SELECT 'what?', ?");
    }

    #[test]
    fn comments_and_names_stay() {
        becomes(
            "SELECT $1 -- not $2, isn't it?\n, $2",
            "SELECT ? -- not $2, isn't it?\n, ?",
        );
        becomes("SELECT $1 /* $2 ' */ , $2", "SELECT ? /* $2 ' */ , ?");
        becomes("SELECT $1 /* $2", "SELECT ? /* $2");
        becomes("SELECT 3 - $1 / $2", "SELECT 3 - ? / ?");
        becomes("SELECT a$1, ä$1, $1", "SELECT a$1, ä$1, ?");
    }

    #[test]
    fn parameters_of_another_kind_are_left_alone() {
        for sql in [
            "SELECT $1, ?",
            "SELECT :a, $1",
            "SELECT @a, $1",
            "SELECT $a",
            "SELECT $1a, $1",
            "SELECT $0",
            "SELECT $",
            "SELECT $99999999999999999999999",
        ] {
            becomes(sql, sql);
        }
    }
}
