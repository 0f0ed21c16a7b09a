//! Exact arithmetic on decimal texts: comparison and division of numbers of any length.

use std::cmp::Ordering;

/// A number in JSON's grammar, taken apart: sign, digits without leading or trailing zeros, and the
/// power of ten that stands after them.
struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

fn parse(text: &str) -> Decimal {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, power) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], rest[at + 1..].trim_start_matches('+')),
        None => (rest, "0"),
    };
    // An exponent beyond 64 bits is as far away as one at their end.
    let limit = if power.starts_with('-') {
        i64::MIN / 4
    } else {
        i64::MAX / 4
    };
    let power = power
        .parse::<i64>()
        .unwrap_or(limit)
        .clamp(i64::MIN / 4, i64::MAX / 4);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = whole.bytes().chain(fraction.bytes()).collect::<Vec<_>>();
    let mut exponent = power - fraction.len() as i64;
    while digits.last() == Some(&b'0') {
        digits.pop();
        exponent += 1;
    }
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    digits.drain(..zeros);
    Decimal {
        negative: negative && !digits.is_empty(),
        exponent: if digits.is_empty() { 0 } else { exponent },
        digits,
    }
}

/// Orders two numbers by their value.
pub(crate) fn compare(one: &str, other: &str) -> Ordering {
    let (one, other) = (parse(one), parse(other));
    match (one.negative, other.negative) {
        (false, true) => Ordering::Greater,
        (true, false) => Ordering::Less,
        (false, false) => magnitude(&one, &other),
        (true, true) => magnitude(&other, &one),
    }
}

fn magnitude(one: &Decimal, other: &Decimal) -> Ordering {
    match (one.digits.is_empty(), other.digits.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Less,
        (false, true) => return Ordering::Greater,
        (false, false) => {}
    }
    let scale = |number: &Decimal| number.exponent + number.digits.len() as i64;
    // Without trailing zeros, a longer run of equal digits is the larger number.
    scale(one)
        .cmp(&scale(other))
        .then_with(|| one.digits.cmp(&other.digits))
}

/// Whether the number has no fraction, as `5.0` and `1e3` have none.
pub(crate) fn is_integer(text: &str) -> bool {
    parse(text).exponent >= 0
}

/// Whether the number is above zero.
pub(crate) fn is_positive(text: &str) -> bool {
    compare(text, "0") == Ordering::Greater
}

/// Whether the number is an integer times `divisor`, which is above zero.
pub(crate) fn is_multiple_of(text: &str, divisor: &str) -> bool {
    let (number, divisor) = (parse(text), parse(divisor));
    if number.digits.is_empty() {
        return true;
    }
    let shift = number.exponent - divisor.exponent;
    if shift < 0 || divisor.digits.is_empty() {
        // The last digit of the number is not zero, so no power of ten divides it.
        return false;
    }
    // A divisor of n digits has fewer than 4n factors of two and of five: more zeros change nothing.
    let zeros = shift.min(4 * divisor.digits.len() as i64) as usize;
    let zeros = std::iter::repeat_n(b'0', zeros);
    let mut rest = Vec::with_capacity(divisor.digits.len() + 1);
    for digit in number.digits.into_iter().chain(zeros) {
        if !rest.is_empty() || digit != b'0' {
            rest.push(digit);
        }
        while !is_below(&rest, &divisor.digits) {
            subtract(&mut rest, &divisor.digits);
        }
    }
    rest.is_empty()
}

/// Whether one run of digits without leading zeros is a smaller integer than another.
fn is_below(one: &[u8], other: &[u8]) -> bool {
    one.len().cmp(&other.len()).then_with(|| one.cmp(other)) == Ordering::Less
}

/// Takes a smaller or equal integer away.
fn subtract(from: &mut Vec<u8>, other: &[u8]) {
    let mut borrow = 0;
    for at in 0..from.len() {
        let place = from.len() - 1 - at;
        let taken = match at < other.len() {
            true => other[other.len() - 1 - at] - b'0' + borrow,
            false => borrow,
        };
        let digit = from[place] - b'0';
        borrow = u8::from(digit < taken);
        from[place] = b'0' + digit + 10 * borrow - taken;
    }
    let zeros = from.iter().take_while(|digit| **digit == b'0').count();
    from.drain(..zeros);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_compare_by_value() {
        for (one, other, order) in [
            ("1", "1.0", Ordering::Equal),
            ("100", "1e2", Ordering::Equal),
            ("-0", "0", Ordering::Equal),
            ("0.1", "0.10001", Ordering::Less),
            ("-2", "-1", Ordering::Less),
            ("9", "10", Ordering::Less),
            ("1e400", "9e399", Ordering::Greater),
            (
                "12345678901234567890123",
                "12345678901234567890124",
                Ordering::Less,
            ),
        ] {
            assert_eq!(compare(one, other), order, "{one} {other}");
        }
        assert!(is_integer("5.0") && is_integer("1e3") && is_integer("1.5e1") && is_integer("0.0"));
        assert!(!is_integer("5.5") && !is_integer("1e-3"));
        assert!(is_positive("0.001") && !is_positive("0e5") && !is_positive("-1"));
    }
    #[test]
    fn division_is_exact() {
        for (number, divisor) in [
            ("0", "7"),
            ("10", "2.5"),
            ("0.0075", "0.0001"),
            ("-9", "3"),
            ("1e308", "0.5"),
            ("1e999999999999", "1024"),
            ("12345678901234567890124", "4"),
            ("24691357802469135780246", "12345678901234567890123"),
        ] {
            assert!(is_multiple_of(number, divisor), "{number} {divisor}");
        }
        for (number, divisor) in [
            ("0.00751", "0.0001"),
            ("35", "1.5"),
            ("1e999999999999", "3"),
            ("24691357802469135780247", "12345678901234567890123"),
            ("1", "1e999999999999"),
        ] {
            assert!(!is_multiple_of(number, divisor), "{number} {divisor}");
        }
    }
}
