//! The formats that are asserted.

/// The inclusive range of a numeric format (OAS 3.1, Data Types).
pub(super) fn range(format: &str) -> Option<(&'static str, &'static str)> {
    Some(match format {
        "int8" => ("-128", "127"),
        "int16" => ("-32768", "32767"),
        "int32" => ("-2147483648", "2147483647"),
        "int64" => ("-9223372036854775808", "9223372036854775807"),
        "float" => ("-3.4028234663852886e38", "3.4028234663852886e38"),
        "double" => ("-1.7976931348623157e308", "1.7976931348623157e308"),
        _ => return None,
    })
}

/// Whether `text` is of a format; every text is of a format that is not asserted.
pub(crate) fn is_valid(format: &str, text: &str) -> bool {
    let bytes = text.as_bytes();
    match format {
        "date" => bytes.len() == 10 && date(bytes).is_some(),
        "date-time" => date_time(bytes).is_some(),
        "time" => time(bytes).is_some(),
        "uuid" => is_uuid(bytes),
        "byte" => is_base64(bytes),
        "time-only" => local_time(bytes).is_some_and(<[u8]>::is_empty),
        "datetime-only" => local_date_time(bytes).is_some(),
        "rfc2616" => http_date(text).is_some(),
        _ => true,
    }
}

/// What a format asks for, in words.
pub(super) fn described(format: &str) -> String {
    match format {
        "date" => "a date such as `2024-05-31`".to_owned(),
        "date-time" => "a date and time such as `2024-05-31T13:45:00Z`".to_owned(),
        "time" => "a time with its offset such as `13:45:00Z`".to_owned(),
        "uuid" => "a UUID".to_owned(),
        "byte" => "base64".to_owned(),
        "time-only" => "a time without an offset such as `13:45:00`".to_owned(),
        "datetime-only" => {
            "a date and time without an offset such as `2024-05-31T13:45:00`".to_owned()
        }
        "rfc2616" => "a date and time such as `Fri, 31 May 2024 13:45:00 GMT`".to_owned(),
        other => format!("of the format `{other}`"),
    }
}

/// Digits of a fixed count, as their value, and what follows.
fn digits(bytes: &[u8], count: usize) -> Option<(u32, &[u8])> {
    let (digits, rest) = bytes.split_at_checked(count)?;
    let mut value = 0;
    for digit in digits {
        value = value * 10 + char::from(*digit).to_digit(10)?;
    }
    Some((value, rest))
}

/// RFC 3339, section 5.6: `full-date`. Answers what follows.
fn date(bytes: &[u8]) -> Option<&[u8]> {
    let (year, rest) = digits(bytes, 4)?;
    let (month, rest) = digits(rest.strip_prefix(b"-")?, 2)?;
    let (day, rest) = digits(rest.strip_prefix(b"-")?, 2)?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (1..=days).contains(&day).then_some(rest)
}

/// RFC 3339, section 5.6: `full-time`, at the end of the text.
fn time(bytes: &[u8]) -> Option<()> {
    let offset = offset(local_time(bytes)?)?;
    let (hour, rest) = digits(bytes, 2)?;
    let (minute, rest) = digits(&rest[1..], 2)?;
    let (second, _) = digits(&rest[1..], 2)?;
    let utc = (hour * 60 + minute) as i32 - offset;
    // Leap seconds are inserted at the end of a day in UTC only.
    let leap = second == 60 && utc.rem_euclid(24 * 60) == 23 * 60 + 59;
    (second <= 59 || leap).then_some(())
}

/// RFC 3339, section 5.6: `time-offset`, at the end of the text, in minutes.
fn offset(bytes: &[u8]) -> Option<i32> {
    let (sign, rest) = match bytes.split_first()? {
        (b'Z' | b'z', rest) => return rest.is_empty().then_some(0),
        (b'+', rest) => (1, rest),
        (b'-', rest) => (-1, rest),
        _ => return None,
    };
    let (hours, rest) = digits(rest, 2)?;
    let (minutes, rest) = digits(rest.strip_prefix(b":")?, 2)?;
    let offset = sign * (hours * 60 + minutes) as i32;
    (hours <= 23 && minutes <= 59 && rest.is_empty()).then_some(offset)
}

/// RFC 3339, section 5.6: `date-time`.
fn date_time(bytes: &[u8]) -> Option<()> {
    let (b'T' | b't', rest) = date(bytes)?.split_first()? else {
        return None;
    };
    time(rest)
}

/// RFC 3339, section 5.6: `partial-time` (RAML 1.0, `time-only`). Answers what follows.
fn local_time(bytes: &[u8]) -> Option<&[u8]> {
    let (hour, rest) = digits(bytes, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(b":")?, 2)?;
    let (second, rest) = digits(rest.strip_prefix(b":")?, 2)?;
    let fits = hour <= 23 && minute <= 59 && second <= 60;
    let Some(fraction) = rest.strip_prefix(b".") else {
        return fits.then_some(rest);
    };
    let is_digit = |byte: &&u8| byte.is_ascii_digit();
    let length = fraction.iter().take_while(is_digit).count();
    (fits && length > 0).then(|| &fraction[length..])
}

/// RAML 1.0, `datetime-only`.
fn local_date_time(bytes: &[u8]) -> Option<()> {
    let rest = date(bytes)?.strip_prefix(b"T")?;
    local_time(rest)?.is_empty().then_some(())
}

/// RFC 2616, section 3.3.1: `rfc1123-date`.
fn http_date(text: &str) -> Option<()> {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (day, rest) = text.split_once(", ")?;
    let mut words = rest.split(' ');
    let (number, month, year) = (words.next()?, words.next()?, words.next()?);
    let (time, zone) = (words.next()?, words.next()?);
    let (number, after) = digits(number.as_bytes(), 2)?;
    let (_, after_year) = digits(year.as_bytes(), 4)?;
    let fine = DAYS.contains(&day)
        && (1..=31).contains(&number)
        && after.is_empty()
        && MONTHS.contains(&month)
        && after_year.is_empty()
        && time.len() == 8
        && zone == "GMT"
        && words.next().is_none();
    (fine && local_time(time.as_bytes())?.is_empty()).then_some(())
}

/// RFC 9562, section 4.
fn is_uuid(bytes: &[u8]) -> bool {
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// RFC 4648, section 4, with its padding.
fn is_base64(bytes: &[u8]) -> bool {
    let padding = bytes.iter().rev().take_while(|byte| **byte == b'=').count();
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    bytes.len().is_multiple_of(4)
        && padding <= 2
        && bytes[..bytes.len() - padding].iter().all(plain)
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn formats_are_told_from_what_looks_like_them() {
        for (format, text) in [
            ("date", "2024-02-29"),
            ("date-time", "1990-12-31T23:59:60Z"),
            ("date-time", "2024-05-31t13:45:00.125+02:00"),
            ("time", "13:45:00Z"),
            ("uuid", "2EB8AA08-AA98-11EA-B4AA-73B441D16380"),
            ("byte", "aGVsbG8="),
            ("byte", ""),
            ("time-only", "23:59:60.5"),
            ("datetime-only", "2024-02-29T00:00:00"),
            ("rfc2616", "Sun, 28 Feb 2016 16:41:41 GMT"),
            ("email", "anything"),
        ] {
            assert!(is_valid(format, text), "{format} {text}");
        }
        for (format, text) in [
            ("date", "2023-02-29"),
            ("date", "2024-5-31"),
            ("date", "2024-05-31 "),
            ("date-time", "2024-05-31T13:45:00"),
            ("date-time", "2024-05-31 13:45:00Z"),
            ("date-time", "1990-12-31T22:59:60Z"),
            ("date-time", "2024-05-31T13:45:00.Z"),
            ("time", "24:00:00Z"),
            ("uuid", "2eb8aa08aa9811eab4aa73b441d16380"),
            ("byte", "aGVsbG8"),
            ("byte", "a==="),
            ("time-only", "13:45:00Z"),
            ("time-only", "13:45"),
            ("datetime-only", "2023-02-29T00:00:00"),
            ("rfc2616", "Sun, 28 Feb 2016 16:41:41 CET"),
            ("rfc2616", "Sunday, 28-Feb-16 16:41:41 GMT"),
        ] {
            assert!(!is_valid(format, text), "{format} {text}");
        }
    }
}
