//! Broken and unbroken variations of a JSON text.

use super::random::Random;
use serde_json::Value;

/// JSON texts that stand in for a value.
const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1",
    "-1",
    "5.0",
    "5.5",
    "1e2",
    "1E-2",
    "999",
    "1000",
    "999.0",
    "2147483647",
    "2147483648",
    "-2147483649",
    "9223372036854775807",
    "9223372036854775808",
    "1e400",
    "-1e400",
    "100000000",
    "100000001",
    "0.1",
    "1e-400",
    "99999999999999999999999999",
    "\"\"",
    "\"x\"",
    "\"EUR\"",
    "\"eur\"",
    "\"GB\"",
    "\"\\u00e9\\ud83d\\ude00\"",
    "\"\u{1F600}\u{1F600}\"",
    "\"\\u0000\"",
    "\"SW1Y 4JH\"",
    "\"BK-1001-AA\"",
    "\"BK-1001-AA\\n\"",
    "\"+441234567890\"",
    "[]",
    "[null]",
    "[1,\"x\",{}]",
    "{}",
    "{\"a\":{\"b\":[]}}",
];

/// Pieces that break a text, or nearly.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u",
    "\\ud800",
    "\\udc00",
    "\\x",
    "0",
    "-",
    "+",
    ".",
    "e",
    "E+",
    "00",
    "1e",
    " ",
    "\t",
    "\n",
    "\r",
    "\u{b}",
    "\u{a0}",
    "\u{feff}",
    "null",
    "nul",
    "tru",
    "NaN",
    "Infinity",
    "//",
    "\0",
    "\u{7f}",
    "\u{2028}",
    "\"note\":\"again\",",
    "\"extra\":1,",
];

/// A variation of the text: of its values most of the time, else of its bytes.
pub fn vary(text: &str, random: &mut Random) -> Vec<u8> {
    let mut bytes = if random.one_in(3) {
        text.as_bytes().to_vec()
    } else {
        vary_values(text, random).into_bytes()
    };
    if random.one_in(2) {
        for _ in 0..=random.below(3) {
            vary_bytes(&mut bytes, random);
        }
    }
    bytes
}

fn vary_values(text: &str, random: &mut Random) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(text) else {
        return text.to_owned();
    };
    for _ in 0..=random.below(3) {
        let depth = 1 + random.below(5);
        vary_value(&mut value, depth, random);
    }
    value.to_string()
}

fn vary_value(value: &mut Value, depth: usize, random: &mut Random) {
    match value {
        Value::Object(members) if depth > 0 && !members.is_empty() => {
            let at = random.below(members.len());
            let Some(key) = members.keys().nth(at).cloned() else {
                return;
            };
            match random.below(12) {
                0 => drop(members.remove(&key)),
                1 => drop(members.insert(format!("{key}_"), Value::Bool(true))),
                2 => drop(
                    members
                        .remove(&key)
                        .and_then(|member| members.insert(key.to_uppercase(), member)),
                ),
                _ => members
                    .get_mut(&key)
                    .into_iter()
                    .for_each(|member| vary_value(member, depth - 1, random)),
            }
        }
        Value::Array(items) if depth > 0 && !items.is_empty() => {
            let at = random.below(items.len());
            match random.below(8) {
                0 => drop(items.remove(at)),
                1 => items.push(items.get(at).cloned().unwrap_or_default()),
                2 => {
                    *items = std::iter::repeat_n(items.clone(), 1 + random.below(60))
                        .flatten()
                        .collect()
                }
                _ => items
                    .get_mut(at)
                    .into_iter()
                    .for_each(|item| vary_value(item, depth - 1, random)),
            }
        }
        Value::String(text) if random.one_in(2) => vary_text(text, random),
        _ => {
            let replacement = random.pick(VALUES).unwrap_or("null");
            *value = serde_json::from_str(replacement).unwrap_or_default();
        }
    }
}

/// Near misses of patterns and lengths.
fn vary_text(text: &mut String, random: &mut Random) {
    match random.below(6) {
        0 => text.push('\n'),
        1 => drop(text.pop()),
        2 => *text = text.to_lowercase(),
        3 => *text = text.repeat(1 + random.below(30)),
        4 => text.insert(0, '\u{1F600}'),
        _ => *text = text.replace('0', "\u{660}"),
    }
}

fn vary_bytes(bytes: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    let end = (at + random.below(8)).min(bytes.len());
    match random.below(6) {
        0 => drop(bytes.drain(at..end)),
        1 => bytes.truncate(at),
        2 => {
            let piece: Vec<u8> = bytes.get(at..end).unwrap_or_default().to_vec();
            bytes.splice(at..at, piece);
        }
        3 => bytes
            .get_mut(at)
            .into_iter()
            .for_each(|byte| *byte ^= 1 << random.below(8)),
        _ => {
            let piece = random.pick(PIECES).unwrap_or_default();
            bytes.splice(at..at, piece.bytes());
        }
    }
}
