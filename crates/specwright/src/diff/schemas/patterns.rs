//! Whether every text that fits one pattern fits another one.
//!
//! It is known of patterns that are a row of characters and classes, each with how often it may
//! come, and of alternatives of such rows: `^[A-Z]{2}\d+$`, `^(asc|desc)$`. Groups inside of rows,
//! look-arounds and references to groups are more than this knows.

/// Every code point.
const ANY: (u32, u32) = (0, 0x0010_FFFF);

/// One character of a set, so many times.
#[derive(Clone, Debug, PartialEq)]
struct Item {
    /// Ranges of code points, both ends included, in order and apart from each other.
    set: Vec<(u32, u32)>,
    least: u64,
    most: Option<u64>,
}

/// Whether every text that fits `one` fits `other`, as far as that is simple to tell; `false`
/// where it is not.
pub(super) fn is_within(one: &str, other: &str) -> bool {
    let (Some(one), Some(other)) = (rows(one), rows(other)) else {
        return false;
    };
    let within = |row: &Vec<Item>| other.iter().any(|wider| row_is_within(row, wider));
    one.iter().all(within)
}

/// Whether the items of one row can be dealt out, in order, to those of the other.
fn row_is_within(row: &[Item], wider: &[Item]) -> bool {
    // `fits[at]`: the row from `at` on fits what was looked at of the wider one, from its end on.
    let mut fits = vec![false; row.len() + 1];
    fits[row.len()] = true;
    for item in wider.iter().rev() {
        let last = fits;
        fits = (0..=row.len())
            .map(|start| {
                let mut ends = (start..=row.len()).take_while(|end| {
                    let mut taken = row[start..*end].iter();
                    taken.all(|one| is_subset(&one.set, &item.set))
                });
                ends.any(|end| last[end] && counts_fit(&row[start..end], item))
            })
            .collect();
    }
    fits[0]
}

fn counts_fit(row: &[Item], item: &Item) -> bool {
    let sum = |total: u64, count: u64| total.saturating_add(count);
    let least = row.iter().map(|one| one.least).fold(0, sum);
    let most = row
        .iter()
        .try_fold(0, |total, one| Some(sum(total, one.most?)));
    let below = match (most, item.most) {
        (_, None) => true,
        (Some(most), Some(limit)) => most <= limit,
        (None, Some(_)) => false,
    };
    least >= item.least && below
}

fn is_subset(one: &[(u32, u32)], other: &[(u32, u32)]) -> bool {
    one.iter().all(|(from, to)| {
        let mut ranges = other.iter();
        ranges.any(|(least, most)| least <= from && to <= most)
    })
}

/// The alternatives of a pattern; `None` where it is more than this knows.
fn rows(pattern: &str) -> Option<Vec<Vec<Item>>> {
    let mut rows = Vec::new();
    for part in alternatives(pattern) {
        let (begins, part) = match part.strip_prefix('^') {
            Some(part) => (true, part),
            None => (false, part),
        };
        let (ends, part) = match part.strip_suffix('$') {
            Some(rest) if !is_escaped(rest) => (true, rest),
            _ => (false, part),
        };
        for inner in alternatives(whole_group(part).unwrap_or(part)) {
            let mut row = Vec::new();
            row.extend(Some(anything()).filter(|_| !begins));
            row.extend(items(inner)?);
            row.extend(Some(anything()).filter(|_| !ends));
            rows.push(row);
        }
    }
    Some(rows)
}

/// What a pattern that is not tied to an end of the text leaves open there.
fn anything() -> Item {
    Item {
        set: vec![ANY],
        least: 0,
        most: None,
    }
}

/// Whether what follows a text is escaped.
fn is_escaped(text: &str) -> bool {
    let slashes = text.bytes().rev().take_while(|byte| *byte == b'\\');
    slashes.count() % 2 == 1
}

/// What stands between the bars of a pattern that are neither escaped nor in a class or group.
fn alternatives(pattern: &str) -> Vec<&str> {
    let (mut parts, mut start) = (Vec::new(), 0);
    let (mut escaped, mut in_class, mut depth) = (false, false, 0_usize);
    for (at, it) in pattern.char_indices() {
        match it {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ']' => in_class = false,
            _ if in_class => {}
            '[' => in_class = true,
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => {
                parts.push(&pattern[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&pattern[start..]);
    parts
}

/// The inside of a group that is all there is.
fn whole_group(part: &str) -> Option<&str> {
    let inner = part.strip_prefix('(')?.strip_suffix(')')?;
    let inner = inner.strip_prefix("?:").unwrap_or(inner);
    let plain = !inner.starts_with('?') && !inner.contains(['(', ')']);
    (plain && !is_escaped(inner)).then_some(inner)
}

/// The row that a part without groups and bars is.
fn items(part: &str) -> Option<Vec<Item>> {
    let mut rest = part.chars().peekable();
    let mut items = Vec::new();
    while let Some(it) = rest.next() {
        let set = match it {
            '\\' => escape(rest.next()?)?,
            '[' => class(&mut rest)?,
            '.' => complement(vec![(0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029)]),
            '(' | ')' | ']' | '{' | '}' | '*' | '+' | '?' | '^' | '$' | '|' => return None,
            it => vec![(u32::from(it), u32::from(it))],
        };
        let (least, most) = quantifier(&mut rest)?;
        items.push(Item { set, least, most });
    }
    Some(items)
}

type Rest<'t> = std::iter::Peekable<std::str::Chars<'t>>;

fn quantifier(rest: &mut Rest) -> Option<(u64, Option<u64>)> {
    let counts = match rest.peek() {
        Some('*') => (0, None),
        Some('+') => (1, None),
        Some('?') => (0, Some(1)),
        Some('{') => {
            let text = rest
                .by_ref()
                .take_while(|it| *it != '}')
                .skip(1)
                .collect::<String>();
            rest.next_if_eq(&'?');
            return counts(&text);
        }
        _ => return Some((1, Some(1))),
    };
    rest.next();
    // That it takes as little as it can changes nothing about what fits.
    rest.next_if_eq(&'?');
    Some(counts)
}

fn counts(text: &str) -> Option<(u64, Option<u64>)> {
    match text.split_once(',') {
        None => text.parse().ok().map(|count| (count, Some(count))),
        Some((least, "")) => Some((least.parse().ok()?, None)),
        Some((least, most)) => Some((least.parse().ok()?, Some(most.parse().ok()?))),
    }
}

fn escape(it: char) -> Option<Vec<(u32, u32)>> {
    let code = |it: char| u32::from(it);
    let digits = vec![(code('0'), code('9'))];
    // ECMA-262, section 22.2.2.9: a word character is one of these without the flag `i`.
    let word = [('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
    let word = word.map(|(from, to)| (code(from), code(to))).to_vec();
    Some(match it {
        'd' => digits,
        'D' => complement(digits),
        'w' => word,
        'W' => complement(word),
        't' => vec![(0x09, 0x09)],
        'n' => vec![(0x0A, 0x0A)],
        'r' => vec![(0x0D, 0x0D)],
        it if it.is_ascii_alphanumeric() => return None,
        it => vec![(code(it), code(it))],
    })
}

/// A class, behind its opening bracket.
fn class(rest: &mut Rest) -> Option<Vec<(u32, u32)>> {
    let negated = rest.next_if_eq(&'^').is_some();
    let mut set = Vec::new();
    loop {
        let from = match rest.next()? {
            ']' => break,
            '\\' => escape(rest.next()?)?,
            it => vec![(u32::from(it), u32::from(it))],
        };
        let mut ahead = rest.clone();
        let is_range = ahead.next() == Some('-') && ahead.next().is_some_and(|it| it != ']');
        if !is_range {
            set.extend(from);
            continue;
        }
        rest.next();
        let to = match rest.next()? {
            '\\' => escape(rest.next()?)?,
            it => vec![(u32::from(it), u32::from(it))],
        };
        let ([(from, least)], [(most, to)]) = (from.as_slice(), to.as_slice()) else {
            return None;
        };
        (from == least && most == to && from <= to).then_some(())?;
        set.push((*from, *to));
    }
    let set = merged(set);
    Some(if negated { complement(set) } else { set })
}

/// The ranges in order, those that touch as one.
fn merged(mut set: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    set.sort_unstable();
    let mut merged: Vec<(u32, u32)> = Vec::new();
    for (from, to) in set {
        match merged.last_mut() {
            Some((_, end)) if from <= *end + 1 => *end = to.max(*end),
            _ => merged.push((from, to)),
        }
    }
    merged
}

/// Every other code point. The ranges are in order.
fn complement(set: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    let mut next = ANY.0;
    let mut rest = Vec::new();
    for (from, to) in set {
        if next < from {
            rest.push((next, from - 1));
        }
        next = to + 1;
    }
    if next <= ANY.1 {
        rest.push((next, ANY.1));
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::is_within;

    #[test]
    fn what_is_within_is_known() {
        for (one, other) in [
            ("^[a-z]+$", "^[a-zA-Z]+$"),
            ("^[a-z]{2,5}$", "^[a-z]{1,10}$"),
            ("^[A-Z]{2}[0-9]{4}$", "^[A-Z]{2}\\d+$"),
            ("^(asc|desc)$", "^(?:asc|desc|none)$"),
            ("^a$|^b$", "^[abc]$"),
            ("^abc$", "^ab"),
            ("^abc$", "b"),
            ("^ab$", "^ax?b$"),
            ("^\\d\\d-\\d\\d$", "^[0-9-]{5}$"),
            ("^a\\$$", "^.+$"),
            ("^[^/]+$", "^[^/]*$"),
            ("^[0-4]$", "^\\w$"),
            ("^a+?$", "^a+$"),
        ] {
            assert!(is_within(one, other), "{one} {other}");
            assert!(!is_within(other, one) || one == "^a+?$", "{other} {one}");
        }
    }

    #[test]
    fn what_is_not_simple_is_not_known() {
        for (one, other) in [
            ("^[a-z]+$", "^[0-9]+$"),
            ("^a{2}$", "^a{3}$"),
            ("^ab$", "^ba$"),
            ("a", "^a$"),
            ("^[a-z]\\n$", "^..$"),
            ("^(a(b|c))$", "^(a(b|c|d))$"),
            ("^(?=a)a$", "^a$"),
            ("^\\p{L}$", "^\\p{L}+$"),
            ("^(a|b)\\1$", "^..$"),
            ("^(a)|(b)$", "^[ab]$"),
            ("^a\\$", "^a$"),
        ] {
            assert!(!is_within(one, other), "{one} {other}");
        }
    }
}
