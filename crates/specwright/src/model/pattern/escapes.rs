//! Escapes: the letters and digits that follow a backslash.

use super::groups::Groups;
use super::sets::{BOUNDARY, NO_BOUNDARY, NOTHING};

/// What an escape means for the engine, and how many bytes it has in the source. `text` begins
/// with a backslash, `at` says where it stands. `None` leaves it as it is.
pub(super) fn escape(
    text: &str,
    in_class: bool,
    groups: &Groups<'_>,
    at: usize,
) -> Option<(String, usize)> {
    let rest = text.get(1..)?;
    let first = rest.chars().next()?;
    let own = |text: &str| Some((text.to_owned(), 2));
    match first {
        '<' | '>' => own(&first.to_string()),
        'b' if in_class => own(r"\x08"),
        'b' => own(BOUNDARY),
        'B' if !in_class => own(NO_BOUNDARY),
        'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'f' | 'n' | 'r' | 't' | 'v' => None,
        '0'..='9' => Some(number(rest, in_class, groups, at)),
        'c' => Some(control(rest)),
        'k' if !in_class && groups.has_names() => named(rest, groups, at),
        'x' if hex(rest, 2).is_some() => None,
        'u' if rest.starts_with("u{") => None,
        'u' if hex(rest, 4).is_some() => unit(rest, in_class),
        'p' | 'P' if rest[1..].starts_with('{') => None,
        // ECMA-262, Annex B, IdentityEscape: without the `u` flag other letters stand for themselves.
        other if other.is_alphanumeric() || !other.is_ascii() => {
            Some((other.to_string(), 1 + other.len_utf8()))
        }
        _ => None,
    }
}

/// A reference to a group; without such a group an octal number (ECMA-262, Annex B,
/// LegacyOctalEscapeSequence).
fn number(rest: &str, in_class: bool, groups: &Groups<'_>, at: usize) -> (String, usize) {
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let number = rest[..digits].parse().unwrap_or(usize::MAX);
    if !in_class && groups.has(number) {
        return (groups.reference(number, at), 1 + digits);
    }
    let is_octal = |byte: &u8| (b'0'..=b'7').contains(byte);
    let most = if rest.starts_with(['0', '1', '2', '3']) {
        3
    } else {
        2
    };
    match rest.bytes().take(most).take_while(is_octal).count() {
        0 => (rest[..1].to_owned(), 2),
        count => {
            let octal = rest[..count]
                .bytes()
                .fold(0u32, |sum, byte| sum * 8 + u32::from(byte - b'0'));
            (format!(r"\x{{{octal:x}}}"), 1 + count)
        }
    }
}

/// `\cJ` is a control character; any other `\c` is a backslash and a letter.
fn control(rest: &str) -> (String, usize) {
    match rest.as_bytes().get(1) {
        Some(letter) if letter.is_ascii_alphabetic() => (format!(r"\x{{{:x}}}", letter % 32), 3),
        _ => (r"\\c".to_owned(), 2),
    }
}

fn named(rest: &str, groups: &Groups<'_>, at: usize) -> Option<(String, usize)> {
    let (name, _) = rest.strip_prefix("k<")?.split_once('>')?;
    let number = groups.named(name)?;
    Some((groups.reference(number, at), 1 + 3 + name.len()))
}

/// A UTF-16 code unit: two make a character, and a half is in no text. One that is a character is
/// left as it is, and so are halves in a class, which the engine refuses.
fn unit(rest: &str, in_class: bool) -> Option<(String, usize)> {
    let high = hex(rest, 4)?;
    let low = rest.get(5..).and_then(|rest| rest.strip_prefix('\\'));
    let low = low
        .filter(|rest| rest.starts_with('u'))
        .and_then(|rest| hex(rest, 4));
    match (high, low) {
        (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) => {
            let character = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            Some((format!(r"\x{{{character:x}}}"), 12))
        }
        (0xd800..=0xdfff, _) if !in_class => Some((NOTHING.to_owned(), 6)),
        _ => None,
    }
}

/// The number that so many hexadecimal digits after the first letter make.
fn hex(rest: &str, digits: usize) -> Option<u32> {
    let digits = rest.get(1..=digits)?;
    let are_digits = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    are_digits
        .then(|| u32::from_str_radix(digits, 16).ok())
        .flatten()
}
