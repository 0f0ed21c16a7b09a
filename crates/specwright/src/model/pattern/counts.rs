//! Large counts in patterns. An engine builds what is counted as often as it may come, so that
//! `^.{0,65535}$` takes 100 MiB; the same is said by a smaller pattern and bounds of length.

use super::{is_count, length, skip};

/// Counts up to this one are left to the engine.
const LARGE: u64 = 1000;

/// A pattern without its large count, and the length that its strings have beside it, in Unicode
/// scalar values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    /// The smaller pattern.
    pub pattern: String,
    /// The least length of a string that fits.
    pub least: u64,
    /// The greatest length of a string that fits.
    pub most: Option<u64>,
}

/// Tells the large count of a pattern apart from it. The pattern is left where there is none, or
/// none that can be told apart without a change of what fits.
pub fn apart(source: &str) -> Apart {
    let told = whole(source).or_else(|| tail(source));
    told.unwrap_or_else(|| Apart {
        pattern: source.to_owned(),
        least: 0,
        most: None,
    })
}

/// `^A{m,n}$`, where `A` is one character: every string of so many of them.
fn whole(source: &str) -> Option<Apart> {
    let inner = source.strip_prefix('^')?;
    let (atom, count) = inner.split_at(atom_length(inner)?);
    let count = count.strip_suffix('$')?;
    let (least, most) = bounds(count)?;
    is_large(least, most).then(|| Apart {
        pattern: format!("^{atom}*$"),
        least,
        most,
    })
}

/// `…A{m,n}` with nothing behind it: what comes after the least is not looked at.
fn tail(source: &str) -> Option<Apart> {
    let at = last_count(source)?;
    let (before, count) = source.split_at(at);
    let (least, most) = bounds(count)?;
    (least <= LARGE && is_large(least, most)).then(|| Apart {
        pattern: format!("{before}{{{least}}}"),
        least: 0,
        most: None,
    })
}

fn is_large(least: u64, most: Option<u64>) -> bool {
    least.max(most.unwrap_or(0)) > LARGE
}

/// `{n}`, `{n,}` or `{n,m}`, and nothing behind it.
fn bounds(text: &str) -> Option<(u64, Option<u64>)> {
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    if !is_count(text) {
        return None;
    }
    let (least, most) = match inner.split_once(',') {
        None => (inner, Some(inner)),
        Some((least, "")) => (least, None),
        Some((least, most)) => (least, Some(most)),
    };
    let most = most.map(str::parse).transpose().ok()?;
    Some((least.parse().ok()?, most))
}

/// How many bytes the expression for one character has that a text begins with.
fn atom_length(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    let token = length(text, first);
    match first {
        '[' => class_length(text),
        '(' | ')' | '{' | '}' | '*' | '+' | '?' | '|' | '^' | '$' | ']' => None,
        '\\' => {
            let escaped = skip(text, 1).chars().next()?;
            // `\1` refers back, `\b` is no character, and the others have more than one letter.
            let is_one = "dDwWsSpPtnrvf".contains(escaped) || !escaped.is_ascii_alphanumeric();
            is_one.then_some(token)
        }
        _ => Some(token),
    }
}

/// How many bytes a character class has. In `[]a]` the first bracket closes it already.
fn class_length(text: &str) -> Option<usize> {
    let mut at = 1;
    loop {
        let rest = skip(text, at);
        let first = rest.chars().next()?;
        let token = length(rest, first);
        at += token;
        if first == ']' {
            return Some(at);
        }
    }
}

/// Where the count is that a pattern ends with.
fn last_count(source: &str) -> Option<usize> {
    let mut at = 0;
    let mut last = None;
    while let Some(first) = skip(source, at).chars().next() {
        let rest = skip(source, at);
        let (token, counts) = match first {
            '[' => (class_length(rest)?, false),
            '{' if is_count(rest) => (rest.find('}')? + 1, true),
            _ => (length(rest, first), false),
        };
        last = counts.then_some(at);
        at += token;
    }
    last.filter(|at| *at > 0)
}

#[cfg(test)]
mod tests {
    use super::{Apart, apart};

    fn told(source: &str) -> (String, u64, Option<u64>) {
        let Apart {
            pattern,
            least,
            most,
        } = apart(source);
        (pattern, least, most)
    }

    #[test]
    fn one_character_counted_is_a_length() {
        for (source, pattern, least, most) in [
            ("^.{0,262144}$", "^.*$", 0, Some(262_144)),
            (r"^[\s\S]{1,1024}$", r"^[\s\S]*$", 1, Some(1024)),
            (r"^[^\]a]{2000}$", r"^[^\]a]*$", 2000, Some(2000)),
            (r"^\p{ASCII}{0,8192}$", r"^\p{ASCII}*$", 0, Some(8192)),
            (r"^\S{1001,}$", r"^\S*$", 1001, None),
            (r"^\/{1,2000}$", r"^\/*$", 1, Some(2000)),
            ("^a{1,2000}$", "^a*$", 1, Some(2000)),
        ] {
            let expected = (pattern.to_owned(), least, most);
            assert_eq!(told(source), expected, "{source}");
        }
    }

    #[test]
    fn what_may_follow_at_the_end_need_not() {
        for (source, pattern) in [
            ("^.{1,2097152}", "^.{1}"),
            ("[a-z]{0,4096}", "[a-z]{0}"),
            (r"arn:[^/].{0,1023}", r"arn:[^/].{0}"),
            ("^(ab|c){3,1016}", "^(ab|c){3}"),
            (r"[\S\s]*|[a-z]{1,1024}", r"[\S\s]*|[a-z]{1}"),
        ] {
            assert_eq!(told(source), (pattern.to_owned(), 0, None), "{source}");
        }
    }

    #[test]
    fn everything_else_is_left() {
        for source in [
            "^.{0,1000}$",
            "^.{1,99}",
            "^(ab){0,2000}$",
            "^a.{0,2000}$",
            "^.{0,2000}b$",
            "^(.{0,2000})$",
            r"^\b{2000}$",
            r"^(a)\1{1,2000}$",
            r"^\{1,2000}",
            r"^x\{0,2000}",
            "^[{0,2000}]",
            "^.{0,2000}?",
            "{1,2000}",
            "^.{2000,}",
        ] {
            assert_eq!(told(source), (source.to_owned(), 0, None), "{source}");
        }
    }
}
