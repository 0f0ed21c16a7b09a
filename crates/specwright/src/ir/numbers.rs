//! Bounds of numbers, told from their text without losing a digit.

/// An integer's value, when `text` is a JSON number without a fraction that fits.
pub(super) fn integer(text: &str) -> Option<i128> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let shift = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    if digits == 0 {
        return Some(0);
    }
    if shift >= 0 {
        10_i128
            .checked_pow(u32::try_from(shift).ok()?)?
            .checked_mul(digits)
    } else {
        let divisor = 10_i128.checked_pow(shift.unsigned_abs())?;
        (digits % divisor == 0).then(|| digits / divisor)
    }
}

/// The smallest integer that is not below a number.
pub(super) fn ceiling(text: &str) -> Option<i128> {
    integer(text).or_else(|| {
        let value: f64 = text.parse().ok()?;
        (value.abs() < 1e15).then(|| value.ceil() as i128)
    })
}

/// The largest integer that is not above a number.
pub(super) fn floor(text: &str) -> Option<i128> {
    integer(text).or_else(|| {
        let value: f64 = text.parse().ok()?;
        (value.abs() < 1e15).then(|| value.floor() as i128)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_told_in_every_spelling() {
        assert_eq!(integer("5"), Some(5));
        assert_eq!(integer("5.0"), Some(5));
        assert_eq!(integer("-1e3"), Some(-1000));
        assert_eq!(integer("2.50e1"), Some(25));
        assert_eq!(integer("100e-2"), Some(1));
        assert_eq!(integer("0.5"), None);
        assert_eq!(integer("1e400"), None);
    }

    #[test]
    fn fractions_round_towards_the_allowed_side() {
        assert_eq!(ceiling("0.5"), Some(1));
        assert_eq!(floor("-0.5"), Some(-1));
    }
}
