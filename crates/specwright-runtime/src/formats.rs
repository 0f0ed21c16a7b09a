//! The formats that are asserted (JSON Schema 2020-12 validation, section 7; `OpenAPI` format
//! registry). Readers and schemas check with the same functions.

use base64::Engine;
use chrono::{NaiveDate, NaiveTime, TimeDelta, Timelike};

use crate::read::Invalid;
use crate::types::{Date, DateTime};

/// A `format` of strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// RFC 3339, `full-date`.
    Date,
    /// RFC 3339, `date-time`.
    DateTime,
    /// RFC 3339, `full-time`.
    Time,
    /// RFC 9562, section 4.
    Uuid,
    /// RFC 5321, `Mailbox`.
    Email,
    /// RFC 3986, `URI`.
    Uri,
    /// RFC 4648, section 4.
    Byte,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 7] = [
        Self::Date,
        Self::DateTime,
        Self::Time,
        Self::Uuid,
        Self::Email,
        Self::Uri,
        Self::Byte,
    ];

    /// The name that schemas use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::DateTime => "date-time",
            Self::Time => "time",
            Self::Uuid => "uuid",
            Self::Email => "email",
            Self::Uri => "uri",
            Self::Byte => "byte",
        }
    }

    /// Whether `text` is of this format.
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Self::Date => parse_date(text).is_some(),
            Self::DateTime => parse_date_time(text).is_some(),
            Self::Time => is_time(text),
            Self::Uuid => is_uuid(text),
            Self::Email => crate::address::is_email(text),
            Self::Uri => crate::uri::is_uri(text),
            Self::Byte => parse_bytes(text).is_some(),
        }
    }
}

/// Checks a string against a format.
///
/// # Errors
///
/// [`Invalid`] when it is not of the format.
pub fn format(text: &str, format: Format) -> Result<(), Invalid> {
    if format.accepts(text) {
        Ok(())
    } else {
        Err(Invalid)
    }
}

/// Text that is consumed from the left.
struct Scan<'a>(&'a [u8]);

impl Scan<'_> {
    /// A number of exactly `count` digits.
    fn digits(&mut self, count: usize) -> Option<u32> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        let mut value = 0;
        for digit in digits {
            value = value * 10 + char::from(*digit).to_digit(10)?;
        }
        self.0 = rest;
        Some(value)
    }

    fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(byte)
    }

    fn expect(&mut self, expected: u8) -> Option<()> {
        (self.byte()? == expected).then_some(())
    }

    fn date(&mut self) -> Option<NaiveDate> {
        let year = self.digits(4)?;
        self.expect(b'-')?;
        let month = self.digits(2)?;
        self.expect(b'-')?;
        let day = self.digits(2)?;
        NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
    }

    /// A time of day; second 60 is returned as the 59th with more than 10⁹ nanoseconds.
    fn time(&mut self) -> Option<NaiveTime> {
        let hour = self.digits(2)?;
        self.expect(b':')?;
        let minute = self.digits(2)?;
        self.expect(b':')?;
        let second = self.digits(2)?;
        let nanoseconds = self.fraction()?;
        match second {
            60 => NaiveTime::from_hms_nano_opt(hour, minute, 59, 1_000_000_000 + nanoseconds),
            _ => NaiveTime::from_hms_nano_opt(hour, minute, second, nanoseconds),
        }
    }

    /// A fraction of a second in nanoseconds; further digits are cut off.
    fn fraction(&mut self) -> Option<u32> {
        if self.0.first() != Some(&b'.') {
            return Some(0);
        }
        self.byte();
        let mut scale = 100_000_000;
        let mut value = self.digits(1)? * scale;
        while let Some(digit @ b'0'..=b'9') = self.0.first() {
            scale /= 10;
            value += u32::from(digit - b'0') * scale;
            self.byte();
        }
        Some(value)
    }

    /// The offset from UTC in seconds, at the end of the text.
    fn offset(&mut self) -> Option<i32> {
        let sign = match self.byte()? {
            b'Z' | b'z' => return self.0.is_empty().then_some(0),
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let hours = self.digits(2)?;
        self.expect(b':')?;
        let minutes = self.digits(2)?;
        if hours > 23 || minutes > 59 || !self.0.is_empty() {
            return None;
        }
        Some(sign * i32::try_from(hours * 3600 + minutes * 60).ok()?)
    }
}

/// Leap seconds are inserted at the end of a day in UTC only.
fn leap_is_allowed(time: NaiveTime, offset: i32) -> bool {
    if time.nanosecond() < 1_000_000_000 {
        return true;
    }
    let seconds = i64::from(time.num_seconds_from_midnight()) - i64::from(offset);
    seconds.rem_euclid(86_400) == 86_399
}

/// Reads a `full-date` (RFC 3339, section 5.6).
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    let mut scan = Scan(text.as_bytes());
    let date = scan.date()?;
    scan.0.is_empty().then_some(date)
}

/// Reads a `date-time` (RFC 3339, section 5.6), with its leap seconds.
pub(crate) fn parse_date_time(text: &str) -> Option<DateTime> {
    let mut scan = Scan(text.as_bytes());
    let date = scan.date()?;
    let (b'T' | b't') = scan.byte()? else {
        return None;
    };
    let time = scan.time()?;
    let offset = scan.offset()?;
    if !leap_is_allowed(time, offset) {
        return None;
    }
    let zone = chrono::FixedOffset::east_opt(offset)?;
    // Computing with a leap second would move it, so its nanoseconds are put back afterwards.
    let utc = date
        .and_time(time.with_nanosecond(0)?)
        .checked_sub_signed(TimeDelta::seconds(i64::from(offset)))?
        .with_nanosecond(time.nanosecond())?;
    Some(DateTime::from_naive_utc_and_offset(utc, zone))
}

/// Whether `text` is a `full-time` (RFC 3339, section 5.6).
fn is_time(text: &str) -> bool {
    let mut scan = Scan(text.as_bytes());
    match (scan.time(), scan.offset()) {
        (Some(time), Some(offset)) => leap_is_allowed(time, offset),
        _ => false,
    }
}

/// Whether `text` is a UUID in its form of 36 characters.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Reads Base64 with its padding and nothing else.
pub(crate) fn parse_bytes(text: &str) -> Option<Vec<u8>> {
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

#[cfg(test)]
#[path = "formats_tests.rs"]
mod tests;
