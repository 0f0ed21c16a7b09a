//! Exact comparison and division of numbers in the digits they were written with.

use std::cmp::Ordering;

use num_bigint::BigUint;

/// Exponents are held within this, far from overflow and beyond any number that is meant.
const EXPONENT_LIMIT: i64 = 1 << 60;

/// A number as JSON writes it, taken apart: `0.d₁d₂d₃… × 10^scale` with `d₁` and the last digit
/// not zero, or nothing at all for zero.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decimal<'a> {
    pub(crate) negative: bool,
    /// The significant digits before the point, then those after it.
    whole: &'a [u8],
    fraction: &'a [u8],
    scale: i64,
}

impl<'a> Decimal<'a> {
    /// Takes a JSON number apart; anything else gives some other number.
    pub(crate) fn new(text: &'a str) -> Self {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent_of(exponent)),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let whole = trim_start(whole.as_bytes());
        let mut fraction = trim_end(fraction.as_bytes());
        let mut scale = exponent + length(whole);
        let mut digits = whole;
        if whole.is_empty() {
            let significant = trim_start(fraction);
            scale -= length(fraction) - length(significant);
            fraction = significant;
        } else if fraction.is_empty() {
            digits = trim_end(whole);
        }
        Self {
            negative,
            whole: digits,
            fraction,
            scale,
        }
    }

    /// Whether the number is zero, of either sign.
    pub(crate) fn is_zero(&self) -> bool {
        self.whole.is_empty() && self.fraction.is_empty()
    }

    /// How many significant digits there are.
    fn count(&self) -> i64 {
        length(self.whole) + length(self.fraction)
    }

    /// The power of ten that the significant digits, read as an integer, are multiplied by.
    pub(crate) fn exponent(&self) -> i64 {
        self.scale - self.count()
    }

    /// Whether the number has no fraction: `5.0` and `1e2` have none.
    pub(crate) fn is_integer(&self) -> bool {
        self.is_zero() || self.exponent() >= 0
    }

    /// The significant digits, from the first that is not zero to the last that is not zero.
    pub(crate) fn digits(&self) -> impl Iterator<Item = u8> + 'a {
        self.whole.iter().chain(self.fraction).copied()
    }

    /// The value as an integer of 64 bits, when it is one.
    pub(crate) fn to_i64(self) -> Option<i64> {
        if self.is_zero() {
            return Some(0);
        }
        if !self.is_integer() || self.scale > 19 {
            return None;
        }
        let mut value: i128 = 0;
        for digit in self.digits() {
            value = value * 10 + i128::from(digit - b'0');
        }
        for _ in 0..self.exponent() {
            value *= 10;
        }
        i64::try_from(if self.negative { -value } else { value }).ok()
    }

    /// Compares by value.
    pub(crate) fn compare(&self, other: &Decimal<'_>) -> Ordering {
        match (self.sign(), other.sign()) {
            (0, 0) => Ordering::Equal,
            (1, 1) => self.compare_magnitude(other),
            (-1, -1) => other.compare_magnitude(self),
            (left, right) => left.cmp(&right),
        }
    }

    fn sign(&self) -> i8 {
        match (self.is_zero(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    fn compare_magnitude(&self, other: &Decimal<'_>) -> Ordering {
        // Both are 0.d₁… with d₁ > 0, so the scale decides first, and digits that end sooner are
        // followed by zeros only.
        self.scale
            .cmp(&other.scale)
            .then_with(|| self.digits().cmp(other.digits()))
    }

    /// Whether the number is an integer times `divisor`; nothing is a multiple of zero but zero.
    pub(crate) fn is_multiple_of(&self, divisor: &Decimal<'_>) -> bool {
        if self.is_zero() {
            return true;
        }
        if divisor.is_zero() {
            return false;
        }
        let shift = self.exponent() - divisor.exponent();
        // The last digit is not zero, so no power of ten divides the digits.
        let Ok(shift) = u64::try_from(shift) else {
            return false;
        };
        match divisor.small() {
            Some(modulus) => self.remainder_is_zero(modulus, shift),
            None => self.remainder_is_zero_of_big(&divisor.big(), shift),
        }
    }

    fn small(&self) -> Option<u64> {
        self.digits().try_fold(0_u64, |value, digit| {
            value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
        })
    }

    fn big(&self) -> BigUint {
        let digits: Vec<u8> = self.digits().collect();
        BigUint::parse_bytes(&digits, 10).unwrap_or_default()
    }

    fn remainder_is_zero(&self, modulus: u64, shift: u64) -> bool {
        let modulus = u128::from(modulus);
        let mut rest = 0;
        for digit in self.digits() {
            rest = (rest * 10 + u128::from(digit - b'0')) % modulus;
        }
        (rest * power_of_ten(shift, modulus)).is_multiple_of(modulus)
    }

    fn remainder_is_zero_of_big(&self, modulus: &BigUint, shift: u64) -> bool {
        let mut rest = BigUint::ZERO;
        for digit in self.digits() {
            rest = (rest * 10_u32 + u32::from(digit - b'0')) % modulus;
        }
        let power = BigUint::from(10_u32).modpow(&BigUint::from(shift), modulus);
        (rest * power) % modulus == BigUint::ZERO
    }
}

/// `10^exponent mod modulus`, for a modulus of at most 64 bits.
fn power_of_ten(mut exponent: u64, modulus: u128) -> u128 {
    let mut base = 10 % modulus;
    let mut power = 1 % modulus;
    while exponent > 0 {
        if exponent & 1 == 1 {
            power = power * base % modulus;
        }
        base = base * base % modulus;
        exponent >>= 1;
    }
    power
}

fn exponent_of(text: &str) -> i64 {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let magnitude = digits.bytes().fold(0_i64, |value, digit| {
        let digit = i64::from(digit.wrapping_sub(b'0'));
        value
            .saturating_mul(10)
            .saturating_add(digit)
            .min(EXPONENT_LIMIT)
    });
    if negative { -magnitude } else { magnitude }
}

/// Lengths of slices are far below `i64::MAX`.
fn length(digits: &[u8]) -> i64 {
    i64::try_from(digits.len()).unwrap_or(EXPONENT_LIMIT)
}

fn trim_start(mut digits: &[u8]) -> &[u8] {
    while let Some((b'0', rest)) = digits.split_first() {
        digits = rest;
    }
    digits
}

fn trim_end(mut digits: &[u8]) -> &[u8] {
    while let Some((b'0', rest)) = digits.split_last() {
        digits = rest;
    }
    digits
}

#[cfg(test)]
#[path = "decimal_tests.rs"]
mod tests;
