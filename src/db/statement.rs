use std::borrow::Cow;

use sqlx::postgres::{PgArguments, PgRow, Postgres};
use sqlx::query::{Query, QueryAs};
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, FromRow};

use super::placeholders::for_sqlite;

/// The most values of a statement that connections keep prepared. Of longer ones, lists and rows
/// whose number differs from one request to the next, hardly any text comes twice.
const KEPT_VALUES: usize = 500;

/// One SQL text with `$1` placeholders, and the values that go into them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    sql: Cow<'static, str>,
    values: Vec<Value>,
}

/// A value that travels into a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text as it is; the caller knows that it has no U+0000.
    Text(Option<String>),
    /// A whole number.
    Integer(Option<i64>),
    /// A truth value.
    Boolean(bool),
}

impl Value {
    /// Any text, U+0000 included, in a form both engines store (see [`from_text`]).
    pub fn any_text(text: &str) -> Self {
        Value::Text(Some(escaped(text)))
    }

    /// As [`Value::any_text`], of a text that nobody else needs.
    pub fn own_text(text: String) -> Self {
        Value::Text(Some(match text.contains(SPECIAL) {
            true => escaped(&text),
            false => text,
        }))
    }

    /// As [`Value::any_text`], or `NULL`.
    pub fn any_optional_text(text: Option<&str>) -> Self {
        Value::Text(text.map(escaped))
    }
}

/// Reads back what [`Value::any_text`] stored.
///
/// PostgreSQL cannot hold U+0000 in text, JSON strings can: it is stored as U+0001 followed by
/// `0`, and U+0001 itself as U+0001 followed by `1`. Equality survives, and so does every text
/// without these two characters.
pub fn from_text(stored: String) -> String {
    if !stored.contains('\u{1}') {
        return stored;
    }
    stored.replace("\u{1}0", "\u{0}").replace("\u{1}1", "\u{1}")
}

/// What no text has once it is escaped.
const SPECIAL: [char; 2] = ['\u{0}', '\u{1}'];

fn escaped(text: &str) -> String {
    if !text.contains(SPECIAL) {
        return text.to_owned();
    }
    text.replace('\u{1}', "\u{1}1").replace('\u{0}', "\u{1}0")
}

impl Statement {
    /// A text without values yet.
    pub fn new(sql: impl Into<Cow<'static, str>>) -> Self {
        Self {
            sql: sql.into(),
            values: Vec::new(),
        }
    }

    /// The same with one more value, for the next placeholder.
    #[must_use]
    pub fn bind(mut self, value: Value) -> Self {
        self.values.push(value);
        self
    }

    /// The same with more text at its end.
    #[must_use]
    pub fn then(mut self, sql: &str) -> Self {
        self.sql.to_mut().push_str(sql);
        self
    }

    /// The same with more text at its start.
    #[must_use]
    pub fn after(mut self, sql: &str) -> Self {
        self.sql.to_mut().insert_str(0, sql);
        self
    }

    /// The same with a placeholder at its end, and the value that fills it.
    #[must_use]
    pub fn bound(self, value: Value) -> Self {
        let placeholder = format!("${}", self.values.len() + 1);
        self.then(&placeholder).bind(value)
    }

    /// The same with `(…), (…)` at its end, a placeholder for each value; the rows are not empty
    /// and equally long.
    #[must_use]
    pub fn bound_rows(self, rows: impl IntoIterator<Item = Vec<Value>>) -> Self {
        let mut statement = self;
        for (row, values) in rows.into_iter().enumerate() {
            statement = statement.then(if row == 0 { "(" } else { ", (" });
            for (column, value) in values.into_iter().enumerate() {
                if column > 0 {
                    statement = statement.then(", ");
                }
                statement = statement.bound(value);
            }
            statement = statement.then(")");
        }
        statement
    }

    /// The same with `($1, $2, …)` at its end.
    #[must_use]
    pub fn bound_list(self, values: impl IntoIterator<Item = Value>) -> Self {
        self.bound_rows([values.into_iter().collect()])
    }
}

/// The two engines differ in types and in how they write placeholders, so both get the same three
/// functions.
macro_rules! engine {
    ($database:ty, $arguments:ty, $row:ty, $text:expr, $plain:ident, $typed:ident, $fill:ident) => {
        impl Statement {
            pub(super) fn $plain(self) -> Query<'static, $database, $arguments> {
                let is_kept = self.values.len() <= KEPT_VALUES;
                let (text, arguments) = ($text(self.sql), $fill(self.values));
                sqlx::query_with(AssertSqlSafe(text.into_owned()), arguments).persistent(is_kept)
            }

            pub(super) fn $typed<T>(self) -> QueryAs<'static, $database, T, $arguments>
            where
                T: for<'r> FromRow<'r, $row>,
            {
                let is_kept = self.values.len() <= KEPT_VALUES;
                let (text, arguments) = ($text(self.sql), $fill(self.values));
                sqlx::query_as_with(AssertSqlSafe(text.into_owned()), arguments).persistent(is_kept)
            }
        }

        pub(super) fn $fill(values: impl IntoIterator<Item = Value>) -> $arguments {
            use sqlx::Arguments as _;
            let values = values.into_iter();
            let mut arguments = <$arguments>::default();
            arguments.reserve(values.size_hint().0, 0);
            for value in values {
                // Encoding fails only for values too long for the protocol, which the limit on
                // bodies keeps out; the engine then reports the missing argument.
                let added = match value {
                    Value::Text(text) => arguments.add(text),
                    Value::Integer(integer) => arguments.add(integer),
                    Value::Boolean(boolean) => arguments.add(boolean),
                };
                if let Err(error) = added {
                    tracing::error!(%error, "a value cannot be encoded");
                }
            }
            arguments
        }
    };
}

engine!(
    Sqlite,
    SqliteArguments,
    SqliteRow,
    for_sqlite,
    sqlite,
    sqlite_as,
    sqlite_arguments
);
engine!(
    Postgres,
    PgArguments,
    PgRow,
    std::convert::identity,
    postgres,
    postgres_as,
    postgres_arguments
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back() {
        for text in ["", "a", "\0", "\u{1}", "\u{1}0", "\0\u{1}1\u{1}\0", "\\0"] {
            let Value::Text(Some(stored)) = Value::any_text(text) else {
                panic!("a text is stored as text");
            };
            assert!(!stored.contains('\0'));
            assert_eq!(Value::own_text(text.to_owned()), Value::any_text(text));
            assert_eq!(from_text(stored), text);
        }
    }
}
