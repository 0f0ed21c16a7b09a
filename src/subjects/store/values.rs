//! Values on their way into statements, and what rows hold read back.

use std::fmt::Display;
use std::str::FromStr;

use crate::db::{DbError, Statement, Value};
use crate::subjects::domain::ranges::EffectiveTerms;
use crate::subjects::domain::subject::{ContainerId, TemplateId};
use crate::subjects::domain::term::{Term, Thru, Year};

/// How many rows one statement carries at most: SQLite takes 32,766 values, and no row here has more
/// than eight.
const ROWS: usize = 4_000;

/// Text from anybody.
pub fn text(text: impl AsRef<str>) -> Value {
    Value::any_text(text.as_ref())
}

/// Text from anybody, or `NULL`.
pub fn optional(text: Option<&str>) -> Value {
    Value::any_optional_text(text)
}

/// A whole number.
pub fn number(number: impl Into<i64>) -> Value {
    Value::Integer(Some(number.into()))
}

/// `Y` or `N`.
pub fn flag(is: bool) -> Value {
    text(if is { "Y" } else { "N" })
}

impl From<ContainerId> for i64 {
    fn from(id: ContainerId) -> Self {
        id.0
    }
}

impl From<TemplateId> for i64 {
    fn from(id: TemplateId) -> Self {
        id.0
    }
}

/// The statements that carry rows between a `start` and an `end`, as few as there can be; none
/// where there are no rows.
pub fn batches(start: &str, rows: Vec<Vec<Value>>, end: &str) -> Vec<Statement> {
    let mut statements = Vec::new();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some = rows.by_ref().take(ROWS).collect();
        let statement = Statement::new(start.to_owned()).with_table(some);
        statements.push(statement.then(end));
    }
    statements
}

/// A text, and after it numbers as a list that `IN` takes; one at least, and there are no other
/// values.
pub fn among(start: &'static str, numbers: impl IntoIterator<Item = impl Into<i64>>) -> Statement {
    let rows = numbers.into_iter().map(|one| vec![number(one)]).collect();
    Statement::new(start).then("(").with_table(rows).then(")")
}

/// What a column holds, parsed.
///
/// # Errors
/// It is none of those.
pub fn parsed<T: FromStr>(
    stored: &str,
    (table, column): (&'static str, &'static str),
    row: impl Display,
) -> Result<T, DbError> {
    stored
        .parse()
        .map_err(|_| inconsistent((table, column), row))
}

/// A row that holds what the program never stores.
pub fn inconsistent((table, column): (&'static str, &'static str), row: impl Display) -> DbError {
    DbError::Inconsistent {
        table,
        column,
        row: row.to_string(),
    }
}

/// The range between two columns.
///
/// # Errors
/// They are no terms, or in the wrong order.
pub fn range(
    (from, thru): (&str, &str),
    table: &'static str,
    row: impl Display,
) -> Result<EffectiveTerms, DbError> {
    let first: Option<Term> = from.parse().ok();
    let last: Option<Thru> = thru.parse().ok();
    let range = first.zip(last);
    let range = range.and_then(|(first, last)| EffectiveTerms::new(first, last));
    range.ok_or_else(|| inconsistent((table, "from and thru term"), row))
}

/// An academic year.
///
/// # Errors
/// The number names none.
pub fn year(
    number: i64,
    place: (&'static str, &'static str),
    row: impl Display,
) -> Result<Year, DbError> {
    let year = u16::try_from(number).ok().and_then(Year::new);
    year.ok_or_else(|| inconsistent(place, row))
}
