//! Many rows for one table, stored in the way that each engine is fastest at.

use sqlx::{AssertSqlSafe, PgConnection, SqliteConnection};

use super::statement::{Value, sqlite_arguments};
use super::transaction::Connection;
use super::{DbError, Transaction};

/// Where rows go: a table and some of its columns, by names that are written in the program.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    /// The table.
    pub table: &'static str,
    /// The columns, separated by commas.
    pub names: &'static str,
}

/// How many rows one statement stores at most on SQLite. Others store half of that, a quarter and
/// so on, so that any number of rows is stored by few texts, which stay prepared.
const ROWS: usize = 256;

/// SQLite takes no more values in one statement.
const VALUES: usize = 32_766;

impl Transaction<'_> {
    /// Stores rows, each of which has a value for each of the columns. When that fails some of
    /// them may be stored: the work has to fail too, which takes them back.
    ///
    /// # Errors
    /// The engine refused a row, or cannot be reached.
    pub async fn insert<const N: usize>(
        &mut self,
        columns: Columns,
        rows: impl ExactSizeIterator<Item = [Value; N]> + Send,
    ) -> Result<(), DbError> {
        match &mut self.0 {
            Connection::Sqlite(connection) => insert(connection, columns, rows).await,
            Connection::Postgres(connection) => copy(connection, columns, rows).await,
        }
    }
}

/// Several statements, each of which is made while the database is at the one before.
async fn insert<const N: usize>(
    connection: &mut SqliteConnection,
    columns: Columns,
    mut rows: impl ExactSizeIterator<Item = [Value; N]>,
) -> Result<(), DbError> {
    let most = ROWS.min(VALUES / N.max(1));
    let mut next = || {
        let count = 1 << rows.len().min(most).checked_ilog2()?;
        let mut values = Vec::with_capacity(count * N);
        rows.by_ref().take(count).for_each(|row| values.extend(row));
        Some((text(columns, (count, N)), sqlite_arguments(values)))
    };
    let mut due = next();
    while let Some((text, arguments)) = due {
        let query = sqlx::query_with(AssertSqlSafe(text), arguments).persistent(true);
        let (stored, made) =
            tokio::join!(biased; query.execute(&mut *connection), async { next() });
        stored?;
        due = made;
    }
    Ok(())
}

/// SQLite, conflict resolution: a statement that ends by `ABORT`, as it does by default, takes back
/// what it has done, for which each page that it changes is copied first. One that ends by `FAIL`
/// does not.
fn text(Columns { table, names }: Columns, (rows, values): (usize, usize)) -> String {
    let row = format!("(?{}),", ",?".repeat(values.saturating_sub(1)));
    let mut text = format!("INSERT OR FAIL INTO {table} ({names}) VALUES ");
    text.push_str(&row.repeat(rows));
    text.pop();
    text
}

/// PostgreSQL reads rows as fast as they come.
async fn copy<const N: usize>(
    connection: &mut PgConnection,
    Columns { table, names }: Columns,
    rows: impl Iterator<Item = [Value; N]>,
) -> Result<(), DbError> {
    let text = copied(rows);
    let statement = format!("COPY {table} ({names}) FROM STDIN");
    let mut copy = connection.copy_in_raw(&statement).await?;
    copy.send(text.into_bytes()).await?;
    copy.finish().await?;
    Ok(())
}

/// PostgreSQL, COPY, text format: values are separated by tabs and rows end with a new line; what
/// would be read otherwise gets a backslash.
fn copied<const N: usize>(rows: impl Iterator<Item = [Value; N]>) -> String {
    let mut text = String::new();
    for row in rows {
        for value in row {
            match value {
                Value::Text(Some(value)) => escape(&mut text, &value),
                Value::Integer(Some(value)) => text.push_str(&value.to_string()),
                Value::Boolean(value) => text.push(if value { 't' } else { 'f' }),
                Value::Text(None) | Value::Integer(None) => text.push_str("\\N"),
            }
            text.push('\t');
        }
        text.pop();
        text.push('\n');
    }
    text
}

fn escape(text: &mut String, value: &str) {
    for part in value.split_inclusive(['\\', '\t', '\n', '\r']) {
        let mut characters = part.chars();
        let escaped = match characters.next_back() {
            Some('\\') => "\\\\",
            Some('\t') => "\\t",
            Some('\n') => "\\n",
            Some('\r') => "\\r",
            _ => {
                text.push_str(part);
                continue;
            }
        };
        text.push_str(characters.as_str());
        text.push_str(escaped);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: Columns = Columns {
        table: "things",
        names: "a, b",
    };

    #[test]
    fn a_statement_has_a_place_for_each_value() {
        assert_eq!(
            text(COLUMNS, (3, 2)),
            "INSERT OR FAIL INTO things (a, b) VALUES (?,?),(?,?),(?,?)"
        );
    }

    #[test]
    fn values_are_copied_as_they_are() {
        let word = |word: &str| Value::Text(Some(word.to_owned()));
        let rows = [
            [word("a\tb\\N\n"), Value::Integer(Some(-7))],
            [Value::Text(None), Value::Boolean(true)],
            [word("\r\\"), word("")],
            [word("ä\\ö"), Value::Integer(None)],
        ];
        assert_eq!(
            copied(rows.into_iter()),
            "a\\tb\\\\N\\n\t-7\n\\N\tt\n\\r\\\\\t\nä\\\\ö\t\\N\n"
        );
    }
}
