//! What a query for sessions means: a lenient one, because clients have always sent texts for
//! truth values and whatever they had for times.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde_json::Value;
use specwright_runtime::Json;

use super::store::Filter;

/// The longest list, and the one that is meant when none is asked for.
const LONGEST: i64 = 100;

/// A member of a filter as text: strings as they are, other values as JSON writes them; `None`
/// for `null`.
pub fn text(value: &Json) -> Option<String> {
    match value.to_value() {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

/// A truth value in one of the spellings clients use; `None` for anything else.
pub fn truth(value: &Json) -> Option<bool> {
    match text(value)?.to_ascii_lowercase().as_str() {
        "true" | "t" | "1" | "yes" | "y" => Some(true),
        "false" | "f" | "0" | "no" | "n" => Some(false),
        _ => None,
    }
}

/// A time as RFC 3339 writes it, or without an offset (then UTC), or a date alone (its first
/// moment); `None` for anything else.
pub fn moment(value: &Json) -> Option<DateTime<Utc>> {
    let text = text(value)?;
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.with_timezone(&Utc));
    }
    for format in [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
    ] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
            return Some(time.and_utc());
        }
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(date.and_time(chrono::NaiveTime::MIN).and_utc())
}

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many sessions to leave out at the start; never negative.
    pub skip: i64,
    /// How many to list, 0 to 100.
    pub take: i64,
    /// Whether to count all that meet the filter.
    pub total: bool,
}

impl Page {
    /// The part that these numbers, as JSON writes them, ask for.
    pub fn new(skip: Option<&str>, take: Option<&str>, total: Option<bool>) -> Self {
        let take = match take.map_or(0, rounded_up) {
            0 => LONGEST,
            take => take.clamp(0, LONGEST),
        };
        Self {
            skip: skip.map_or(0, rounded_up).max(0),
            take,
            total: total.unwrap_or(false),
        }
    }
}

/// The number rounded up; one beyond any list becomes the largest there is.
#[expect(clippy::cast_possible_truncation, reason = "the cast saturates")]
fn rounded_up(number: &str) -> i64 {
    number
        .parse::<f64>()
        .map_or(0, |number| number.ceil() as i64)
}

/// The conditions, each given as any JSON value.
pub fn filter(
    id: Option<&Json>,
    user_id: Option<&Json>,
    active: Option<&Json>,
    from_time: Option<&Json>,
    to_time: Option<&Json>,
) -> Filter {
    Filter {
        id: id.and_then(text),
        user_id: user_id.and_then(text),
        active: active.and_then(truth),
        from_time: from_time.and_then(moment),
        to_time: to_time.and_then(moment),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::parse(text).expect("a JSON text")
    }

    #[test]
    fn truth_has_many_spellings() {
        for text in [
            "true",
            r#""true""#,
            r#""T""#,
            r#""1""#,
            "1",
            r#""yes""#,
            r#""Y""#,
        ] {
            assert_eq!(truth(&json(text)), Some(true), "{text}");
        }
        for text in ["false", r#""FALSE""#, r#""f""#, "0", r#""no""#, r#""n""#] {
            assert_eq!(truth(&json(text)), Some(false), "{text}");
        }
        for text in ["null", r#""abc""#, r#""""#, "2", "[true]", "{}"] {
            assert_eq!(truth(&json(text)), None, "{text}");
        }
    }

    #[test]
    fn times_come_in_many_forms() {
        let midnight = "2026-01-02T00:00:00Z";
        for text in [
            midnight,
            "2026-01-02",
            "2026-01-02T01:00:00+01:00",
            "2026-01-02T00:00",
        ] {
            let found = moment(&Json::from(text)).expect(text);
            assert_eq!(found.to_rfc3339(), "2026-01-02T00:00:00+00:00", "{text}");
        }
        for text in [r#""garbage""#, "5", "null", "{}", r#""2026-13-01""#] {
            assert_eq!(moment(&json(text)), None, "{text}");
        }
    }

    #[test]
    fn pages_are_forgiving() {
        let page = |skip, take| {
            let page = Page::new(skip, take, None);
            (page.skip, page.take)
        };
        assert_eq!(page(None, None), (0, 100));
        assert_eq!(page(Some("-5"), Some("0")), (0, 100));
        assert_eq!(page(Some("0.2"), Some("1.5")), (1, 2));
        assert_eq!(page(Some("1e300"), Some("-1")), (i64::MAX, 0));
        assert_eq!(page(None, Some("101")), (0, 100));
    }
}
