use std::borrow::Cow;

use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArguments, PgRow, Postgres};
use sqlx::query::{Query, QueryAs};
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, FromRow};

use super::placeholders::for_sqlite;
use super::slow::Watch;

/// The most values of a statement that connections keep prepared. Of longer ones, lists and rows
/// whose number differs from one request to the next, hardly any text comes twice.
const KEPT_VALUES: usize = 500;

/// One SQL text with `$1` placeholders, and the values that go into them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    sql: Cow<'static, str>,
    values: Vec<Value>,
    table: Option<Table>,
}

/// Rows that stand in a text as those of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Table {
    /// Where in the text, in bytes.
    at: usize,
    rows: Vec<Vec<Value>>,
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
            table: None,
        }
    }

    /// Tells when what is done with it takes long.
    pub(super) fn watch(&self) -> Watch {
        Watch::new(&self.sql)
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
        if let Some(table) = &mut self.table {
            table.at += sql.len();
        }
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

    /// The same with rows at its end that are read like those of `VALUES`, as many as there are. They
    /// are not empty and equally long, each column has values of one kind, and they are the only
    /// values of the statement.
    ///
    /// PostgreSQL takes them by columns, so that the text is the same however many rows there are,
    /// and none of the values has a place in it that would have to be parsed.
    #[must_use]
    pub fn with_table(mut self, rows: Vec<Vec<Value>>) -> Self {
        let at = self.sql.len();
        self.table = Some(Table { at, rows });
        self
    }

    /// The same with `($1, $2, …)` at its end.
    #[must_use]
    pub fn bound_list(self, values: impl IntoIterator<Item = Value>) -> Self {
        self.bound_rows([values.into_iter().collect()])
    }
}

/// The two engines differ in types and in how they write placeholders and rows, so both get the same
/// functions.
macro_rules! engine {
    (
        $database:ty, $arguments:ty, $row:ty, $text:expr,
        $plain:ident, $typed:ident, $filled:ident, $add:ident, $table:ident
    ) => {
        impl Statement {
            pub(super) fn $plain(self) -> Query<'static, $database, $arguments> {
                let (text, arguments, is_kept) = self.$filled();
                sqlx::query_with(AssertSqlSafe(text), arguments).persistent(is_kept)
            }

            pub(super) fn $typed<T>(self) -> QueryAs<'static, $database, T, $arguments>
            where
                T: for<'r> FromRow<'r, $row>,
            {
                let (text, arguments, is_kept) = self.$filled();
                sqlx::query_as_with(AssertSqlSafe(text), arguments).persistent(is_kept)
            }

            /// The text, what fills it, and whether connections keep it prepared.
            fn $filled(self) -> (String, $arguments, bool) {
                let mut arguments = <$arguments>::default();
                if let Some(Table { at, rows }) = self.table {
                    let (start, end) = self.sql.split_at(at);
                    let (rows, is_kept) = $table(rows, &mut arguments);
                    return (format!("{start}{rows}{end}"), arguments, is_kept);
                }
                let is_kept = self.values.len() <= KEPT_VALUES;
                for value in self.values {
                    $add(&mut arguments, value);
                }
                ($text(self.sql).into_owned(), arguments, is_kept)
            }
        }

        fn $add(arguments: &mut $arguments, value: Value) {
            use sqlx::Arguments as _;
            added(match value {
                Value::Text(text) => arguments.add(text),
                Value::Integer(integer) => arguments.add(integer),
                Value::Boolean(boolean) => arguments.add(boolean),
            });
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
    sqlite_filled,
    add_to_sqlite,
    sqlite_table
);
engine!(
    Postgres,
    PgArguments,
    PgRow,
    std::convert::identity::<Cow<'static, str>>,
    postgres,
    postgres_as,
    postgres_filled,
    add_to_postgres,
    postgres_table
);

/// Encoding fails only for values too long for the protocol, which the limit on bodies keeps out;
/// the engine then reports the missing argument.
fn added(outcome: Result<(), BoxDynError>) {
    if let Err(error) = outcome {
        tracing::error!(%error, "a value cannot be encoded");
    }
}

/// What fills a text of SQLite's.
pub(super) fn sqlite_arguments(values: Vec<Value>) -> SqliteArguments {
    use sqlx::Arguments as _;
    let mut arguments = SqliteArguments::default();
    arguments.reserve(values.len(), 0);
    for value in values {
        add_to_sqlite(&mut arguments, value);
    }
    arguments
}

fn sqlite_table(rows: Vec<Vec<Value>>, arguments: &mut SqliteArguments) -> (String, bool) {
    let width = rows.first().map_or(0, Vec::len);
    let is_kept = rows.len() * width <= KEPT_VALUES;
    let row = format!("({})", vec!["?"; width].join(", "));
    let text = format!("VALUES {}", vec![row; rows.len()].join(", "));
    for value in rows.into_iter().flatten() {
        add_to_sqlite(arguments, value);
    }
    (text, is_kept)
}

/// As `UNNEST` of an array for each column.
fn postgres_table(rows: Vec<Vec<Value>>, arguments: &mut PgArguments) -> (String, bool) {
    let first = rows.first().cloned().unwrap_or_default();
    let mut columns: Vec<Vec<Value>> = first.iter().map(|_| Vec::new()).collect();
    for row in rows {
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    let mut arrays = Vec::with_capacity(columns.len());
    for (at, (column, kind)) in columns.into_iter().zip(first).enumerate() {
        let values = column.into_iter();
        let (ty, outcome) = match kind {
            Value::Text(_) => {
                let texts = values.map(|value| match value {
                    Value::Text(text) => Ok(text),
                    other => Err(format!("{other:?} is no text")),
                });
                ("TEXT", add_array(arguments, texts))
            }
            Value::Integer(_) => {
                let integers = values.map(|value| match value {
                    Value::Integer(integer) => Ok(integer),
                    other => Err(format!("{other:?} is no whole number")),
                });
                ("BIGINT", add_array(arguments, integers))
            }
            Value::Boolean(_) => {
                let booleans = values.map(|value| match value {
                    Value::Boolean(boolean) => Ok(boolean),
                    other => Err(format!("{other:?} is no truth value")),
                });
                ("BOOLEAN", add_array(arguments, booleans))
            }
        };
        added(outcome);
        arrays.push(format!("${}::{ty}[]", at + 1));
    }
    (format!("SELECT * FROM UNNEST({})", arrays.join(", ")), true)
}

fn add_array<T>(
    arguments: &mut PgArguments,
    values: impl Iterator<Item = Result<T, String>>,
) -> Result<(), BoxDynError>
where
    Vec<T>: for<'q> sqlx::Encode<'q, Postgres> + sqlx::Type<Postgres>,
{
    use sqlx::Arguments as _;
    let values: Vec<T> = values.collect::<Result<_, _>>()?;
    arguments.add(values)
}

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

    #[test]
    fn rows_stand_where_they_were_put() {
        let row = |number: i64, text: Option<&str>| {
            vec![
                Value::Integer(Some(number)),
                Value::any_optional_text(text),
                Value::Boolean(number > 1),
            ]
        };
        let statement = Statement::new("SELECT 'é' FROM (")
            .with_table(vec![row(1, Some("a")), row(2, None)])
            .then(") t")
            .after("EXPLAIN ");
        let (text, arguments, is_kept) = statement.clone().sqlite_filled();
        assert_eq!(
            text,
            "EXPLAIN SELECT 'é' FROM (VALUES (?, ?, ?), (?, ?, ?)) t"
        );
        assert_eq!((sqlx::Arguments::len(&arguments), is_kept), (6, true));
        let (text, arguments, is_kept) = statement.postgres_filled();
        assert_eq!(
            text,
            "EXPLAIN SELECT 'é' FROM (SELECT * FROM \
             UNNEST($1::BIGINT[], $2::TEXT[], $3::BOOLEAN[])) t"
        );
        assert_eq!((sqlx::Arguments::len(&arguments), is_kept), (3, true));
    }

    #[test]
    fn long_tables_are_kept_prepared_where_their_text_is_short() {
        let rows: Vec<_> = (0..501).map(|n| vec![Value::Integer(Some(n))]).collect();
        let statement = Statement::new("INSERT INTO t (a) ").with_table(rows);
        assert!(!statement.clone().sqlite_filled().2);
        assert!(statement.postgres_filled().2);
    }
}
