use std::fmt;

/// A day of the Gregorian calendar, as RFC 3339 writes it: `2026-12-31`. Days are in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// From Thursday, which the first of January 1970 was.
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

impl Day {
    /// The day that a text says, from the year 1970 on.
    pub fn parse(text: &str) -> Option<Day> {
        let mut parts = text.split('-');
        let mut number = |digits: usize| {
            let part = parts.next().filter(|part| part.len() == digits)?;
            let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<u16>().ok().filter(|_| is_number)
        };
        let (year, month, day) = (number(4)?, number(2)?, number(2)?);
        let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
        let fits =
            year >= 1970 && (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
        (fits && parts.next().is_none()).then_some(Day { year, month, day })
    }

    /// The day at a time, in seconds since the beginning of 1970 in UTC.
    pub fn of_seconds(seconds: u64) -> Day {
        let mut days = seconds / 86_400;
        let mut year = 1970;
        while days >= days_of_year(year) {
            days -= days_of_year(year);
            year += 1;
        }
        let mut month = 1;
        while days >= u64::from(days_of(year, month)) {
            days -= u64::from(days_of(year, month));
            month += 1;
        }
        // Less than a month is left, so that it fits.
        let day = u8::try_from(days).unwrap_or_default() + 1;
        Day { year, month, day }
    }

    /// Its beginning in UTC, in seconds since that of 1970.
    pub fn seconds(self) -> u64 {
        self.days() * 86_400
    }

    /// Its beginning as HTTP writes times (RFC 9110, section 5.6.7).
    pub fn http_date(self) -> String {
        let weekday = WEEKDAYS[(self.days() % 7) as usize];
        let month = MONTHS[usize::from(self.month) - 1];
        format!(
            "{weekday}, {:02} {month} {} 00:00:00 GMT",
            self.day, self.year
        )
    }

    /// How many days later another day is; negative for an earlier one.
    pub fn days_until(self, other: Day) -> i64 {
        other.days() as i64 - self.days() as i64
    }

    fn days(self) -> u64 {
        let years = (1970..self.year).map(days_of_year).sum::<u64>();
        let months = (1..self.month).map(|month| u64::from(days_of(self.year, month)));
        years + months.sum::<u64>() + u64::from(self.day) - 1
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:04}-{:02}-{:02}",
            self.year, self.month, self.day
        )
    }
}

fn days_of_year(year: u16) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_of(year: u16, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}

#[cfg(test)]
mod tests {
    use super::Day;

    #[test]
    fn days_are_read_and_written() {
        for (text, seconds, http) in [
            ("1970-01-01", 0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            ("2000-02-29", 951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            ("2023-07-01", 1_688_169_600, "Sat, 01 Jul 2023 00:00:00 GMT"),
            ("2026-12-31", 1_798_675_200, "Thu, 31 Dec 2026 00:00:00 GMT"),
            ("2100-03-01", 4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        ] {
            let day = Day::parse(text).expect(text);
            assert_eq!(day.to_string(), text);
            assert_eq!(day.seconds(), seconds, "{text}");
            assert_eq!(day.http_date(), http);
            assert_eq!(Day::of_seconds(seconds), day);
            assert_eq!(Day::of_seconds(seconds + 86_399), day);
        }
        for text in [
            "2026-02-29",
            "2100-02-29",
            "2026-13-01",
            "2026-00-01",
            "2026-01-00",
            "2026-1-01",
            "26-01-01",
            "2026-01-01T00:00:00Z",
            "1969-12-31",
            "+026-01-01",
            "2026-01",
            "",
        ] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }
}
