//! The core schema of YAML 1.2 (YAML 1.2.2, section 10.3.2).

use super::Value;

/// What an unquoted scalar means.
pub(super) enum Plain {
    /// A value of JSON's data model.
    Value(Value),
    /// `.inf` or `.nan`, which JSON does not have.
    NotFinite,
    /// A hexadecimal or octal number of more than 128 bits.
    TooLarge,
}

/// Resolves an unquoted scalar.
pub(super) fn resolve(text: &str) -> Plain {
    let Some(first) = text.bytes().next() else {
        return Plain::Value(Value::Null);
    };
    // Nothing but a number or one of a few words is ever resolved, so most text stops here.
    match first {
        b'~' | b'n' | b'N' if matches!(text, "~" | "null" | "Null" | "NULL") => {
            Plain::Value(Value::Null)
        }
        b't' | b'T' if matches!(text, "true" | "True" | "TRUE") => Plain::Value(Value::Bool(true)),
        b'f' | b'F' if matches!(text, "false" | "False" | "FALSE") => {
            Plain::Value(Value::Bool(false))
        }
        b'0'..=b'9' | b'+' | b'-' | b'.' => number(text),
        _ => string(text),
    }
}

fn string(text: &str) -> Plain {
    Plain::Value(Value::String(text.to_owned()))
}

fn number(text: &str) -> Plain {
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(text, digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(text, digits, 8);
    }
    let (negative, rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if matches!(rest, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Plain::NotFinite;
    }
    match decimal(rest) {
        Some(number) if negative => Plain::Value(Value::Number(format!("-{number}"))),
        Some(number) => Plain::Value(Value::Number(number)),
        None => string(text),
    }
}

fn radix(text: &str, digits: &str, radix: u32) -> Plain {
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return string(text);
    }
    match u128::from_str_radix(digits, radix) {
        Ok(number) => Plain::Value(Value::Number(number.to_string())),
        Err(_) => Plain::TooLarge,
    }
}

/// `text` without a sign as JSON writes it: no leading zeros, digits on both sides of the point.
fn decimal(text: &str) -> Option<String> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at..])),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !fraction.is_none_or(digits) {
        return None;
    }
    if whole.is_empty() && fraction.is_none_or(str::is_empty) {
        return None;
    }
    if let Some(exponent) = exponent {
        let power = exponent.get(1..).unwrap_or_default();
        let power = power.strip_prefix(['+', '-']).unwrap_or(power);
        if power.is_empty() || !digits(power) {
            return None;
        }
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        significant => significant,
    };
    let mut out = String::with_capacity(text.len() + 2);
    out.push_str(whole);
    match fraction {
        Some("") => out.push_str(".0"),
        Some(fraction) => {
            out.push('.');
            out.push_str(fraction);
        }
        None => {}
    }
    out.push_str(exponent.unwrap_or_default());
    Some(out)
}
