//! One licence as it comes in a file, checked field by field.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate};

use crate::licences::domain::{DistributionStatus, Grade, Grades, Licence, LicenceStatus};

/// The fields of a licence, in the order of the contract.
pub const FIELDS: [&str; 14] = [
    "licenceNumber",
    "holderNumber",
    "surname",
    "forename",
    "grade",
    "licenceStatus",
    "distributionStatus",
    "distributionStatusDate",
    "applicationDate",
    "courseDate",
    "dateIssued",
    "dateExpires",
    "instructor",
    "trainingCentre",
];

/// The place of `grade` among the fields; the one that is a list.
pub const GRADE: usize = 4;

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The field.
    pub field: &'static str,
    /// Why, and what would do.
    pub reason: String,
}

/// The texts of one line, by the place of the field in [`FIELDS`]; `None` where there is none.
pub type Texts<'a> = [Option<Cow<'a, str>>; FIELDS.len()];

/// Reads the licence of one line.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(texts: &Texts<'_>) -> Result<Licence, Vec<Wrong>> {
    let mut fields = Reading {
        texts,
        wrong: Vec::new(),
    };
    let licence = Licence {
        licence_number: fields.code(0),
        holder_number: fields.code(1),
        surname: fields.name(2),
        forename: fields.name(3),
        grades: fields.grades(GRADE),
        licence_status: fields.licence_status(5),
        distribution_status: fields.distribution_status(6),
        distribution_status_ms: fields.time(7),
        application_ms: fields.time(8),
        course_ms: fields.time(9),
        issued_ms: fields.time(10),
        expires_ms: fields.time(11),
        instructor: fields.code(12),
        training_centre: fields.code(13),
    };
    if licence.expires_ms < licence.issued_ms && fields.wrong.is_empty() {
        let (expires, issued) = (fields.text(11), fields.text(10));
        fields.refuse(
            11,
            format!("`{expires}` is before `{issued}`, `dateIssued`"),
        );
    }
    match fields.wrong.is_empty() {
        true => Ok(licence),
        false => Err(fields.wrong),
    }
}

/// How many characters a number or a name may have.
const LONGEST: usize = 100;

/// How many characters a code may have.
const LONGEST_CODE: usize = 40;

struct Reading<'a> {
    texts: &'a Texts<'a>,
    wrong: Vec<Wrong>,
}

impl<'a> Reading<'a> {
    fn text(&self, field: usize) -> &'a str {
        self.texts[field].as_deref().unwrap_or_default()
    }

    fn refuse(&mut self, field: usize, reason: impl Into<String>) {
        self.wrong.push(Wrong {
            field: FIELDS[field],
            reason: reason.into(),
        });
    }

    /// The text of a field that must be there.
    fn given(&mut self, field: usize) -> Option<&'a str> {
        let text = self.text(field);
        if text.is_empty() {
            self.refuse(field, "is missing");
            return None;
        }
        Some(text)
    }

    /// A code of letters, digits and a few other characters.
    fn code(&mut self, field: usize) -> String {
        let Some(text) = self.given(field) else {
            return String::new();
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
        if text.len() > LONGEST_CODE || !text.bytes().all(plain) {
            let reason = format!(
                "`{}` is not 1 to {LONGEST_CODE} letters, digits and characters of - _ . /",
                shown(text)
            );
            self.refuse(field, reason);
        }
        text.to_owned()
    }

    fn name(&mut self, field: usize) -> String {
        let Some(text) = self.given(field) else {
            return String::new();
        };
        let is_long = text.len() > LONGEST && text.chars().count() > LONGEST;
        if is_long || text.contains(char::is_control) {
            let reason = format!("`{}` has not 1 to {LONGEST} characters", shown(text));
            self.refuse(field, reason);
        }
        text.to_owned()
    }

    fn licence_status(&mut self, field: usize) -> LicenceStatus {
        let text = self.given(field);
        let found = text.and_then(LicenceStatus::of_name);
        let names = LicenceStatus::ALL.iter().map(|one| one.name());
        self.word(field, text, found.is_none(), names);
        found.unwrap_or(LicenceStatus::Active)
    }

    fn distribution_status(&mut self, field: usize) -> DistributionStatus {
        let text = self.given(field);
        let found = text.and_then(DistributionStatus::of_name);
        let names = DistributionStatus::ALL.iter().map(|one| one.name());
        self.word(field, text, found.is_none(), names);
        found.unwrap_or(DistributionStatus::Pending)
    }

    fn grades(&mut self, field: usize) -> Grades {
        let texts = self.given(field).into_iter();
        let texts = texts.flat_map(|text| text.split(',')).map(str::trim);
        let mut grades = Vec::new();
        for text in texts {
            let found = Grade::of_name(text);
            let names = Grade::ALL.iter().map(|one| one.name());
            self.word(field, Some(text), found.is_none(), names);
            grades.extend(found);
        }
        grades.into_iter().collect()
    }

    /// Refuses a text that is not among those that are known.
    fn word(
        &mut self,
        field: usize,
        text: Option<&str>,
        is_unknown: bool,
        known: impl Iterator<Item = &'static str>,
    ) {
        if let Some(text) = text.filter(|_| is_unknown) {
            let known = known.collect::<Vec<_>>().join(", ");
            self.refuse(field, format!("`{}` is not one of {known}", shown(text)));
        }
    }

    fn time(&mut self, field: usize) -> i64 {
        let Some(text) = self.given(field) else {
            return 0;
        };
        moment(text).unwrap_or_else(|| {
            let reason = format!(
                "`{}` is no date such as 2026-04-20 and no time such as 2026-04-20T09:30:00Z",
                shown(text)
            );
            self.refuse(field, reason);
            0
        })
    }
}

/// The time that a text says: a date, at its beginning in UTC, or a time with an offset (RFC 3339).
fn moment(text: &str) -> Option<i64> {
    if text.len() == 10 {
        let digits = |range: std::ops::Range<usize>| {
            let part = text.get(range)?;
            let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| part.parse::<u32>().ok()).flatten()
        };
        let separated = text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
        let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
        let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
        let midnight = date.and_hms_opt(0, 0, 0)?.and_utc();
        return separated.then(|| midnight.timestamp_millis());
    }
    let time = DateTime::parse_from_rfc3339(text).ok()?;
    Some(time.timestamp_millis())
}

/// A text short enough to be shown.
fn shown(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(60) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}
