//! Statements that hold together, with decisions between them.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use sqlx::{AssertSqlSafe, PgConnection, SqliteConnection};

use super::{DbError, Row, Statement};

/// A transaction, as a store sees it: it ends well when the work that holds it does.
pub struct Transaction<'c>(pub(super) Connection<'c>);

/// What a transaction is on.
pub(super) enum Connection<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

/// What work inside a transaction comes to.
pub type Pending<'t, T> = Pin<Box<dyn Future<Output = Result<T, DbError>> + Send + 't>>;

impl<'c> Transaction<'c> {
    pub(super) fn sqlite(connection: &'c mut SqliteConnection) -> Self {
        Self(Connection::Sqlite(connection))
    }

    pub(super) fn postgres(connection: &'c mut PgConnection) -> Self {
        Self(Connection::Postgres(connection))
    }

    /// Has PostgreSQL look how large a table is by now, and how many values its columns have. It
    /// plans a statement once, and what it plans for a table that is nearly empty is slow when the
    /// same transaction has filled it. SQLite plans without such numbers.
    ///
    /// # Errors
    /// The engine cannot be reached.
    pub async fn look_at(&mut self, table: &'static str) -> Result<(), DbError> {
        if let Connection::Postgres(connection) = &mut self.0 {
            let look = sqlx::query(AssertSqlSafe(format!("ANALYZE {table}")));
            look.execute(&mut **connection).await?;
        }
        Ok(())
    }

    /// Carries out one statement, and gives every row it finds or returns.
    ///
    /// # Errors
    /// The engine refused the statement, or cannot be reached.
    pub async fn rows<T: Row>(&mut self, statement: Statement) -> Result<Vec<T>, DbError> {
        let _watch = statement.watch();
        Ok(match &mut self.0 {
            Connection::Sqlite(connection) => {
                let rows = statement.sqlite().fetch_all(&mut **connection).await?;
                rows.iter().map(T::from_row).collect::<Result<_, _>>()?
            }
            Connection::Postgres(connection) => {
                statement
                    .postgres_as::<T>()
                    .fetch_all(&mut **connection)
                    .await?
            }
        })
    }

    /// Carries out one statement, and gives the first row it finds or returns.
    ///
    /// # Errors
    /// The engine refused the statement, or cannot be reached.
    pub async fn row<T: Row>(&mut self, statement: Statement) -> Result<Option<T>, DbError> {
        Ok(self.rows(statement).await?.into_iter().next())
    }

    /// Carries out one statement for its effect.
    ///
    /// # Errors
    /// The engine refused the statement, or cannot be reached.
    pub async fn run(&mut self, statement: Statement) -> Result<(), DbError> {
        let _watch = statement.watch();
        match &mut self.0 {
            Connection::Sqlite(connection) => {
                statement.sqlite().execute(&mut **connection).await?;
            }
            Connection::Postgres(connection) => {
                statement.postgres().execute(&mut **connection).await?;
            }
        }
        Ok(())
    }

    /// Carries out one statement whose failure the transaction survives: what it did is taken back
    /// then, and nothing else is.
    ///
    /// # Errors
    /// Not that of the statement, but of what is around it: the database cannot be reached.
    pub async fn try_rows<T: Row>(
        &mut self,
        statement: Statement,
    ) -> Result<Result<Vec<T>, DbError>, DbError> {
        self.run(Statement::new("SAVEPOINT tried")).await?;
        let outcome = self.rows(statement).await;
        if outcome.is_err() {
            self.run(Statement::new("ROLLBACK TO SAVEPOINT tried"))
                .await?;
        }
        self.run(Statement::new("RELEASE SAVEPOINT tried")).await?;
        Ok(outcome)
    }

    /// As [`Transaction::try_rows`], for a statement that may take this long: PostgreSQL ends it
    /// then, unless it would sooner anyway. SQLite has nothing that could take longer than its rows
    /// do, and no limit.
    ///
    /// # Errors
    /// Not that of the statement, but of what is around it: the database cannot be reached.
    pub async fn try_rows_within<T: Row>(
        &mut self,
        statement: Statement,
        patience: Duration,
    ) -> Result<Result<Vec<T>, DbError>, DbError> {
        let Connection::Postgres(_) = self.0 else {
            return self.try_rows(statement).await;
        };
        let own_ms = patience.as_millis().clamp(1, i32::MAX as u128) as i64;
        let limit = Statement::new(
            "SELECT CAST(EXTRACT(EPOCH FROM current_setting('statement_timeout')::INTERVAL) * 1000 \
             AS BIGINT)",
        );
        let limit: Option<(i64,)> = self.row(limit).await?;
        // 0 is no limit.
        let limit_ms = limit.map_or(0, |(limit_ms,)| limit_ms);
        if limit_ms > 0 && limit_ms <= own_ms {
            return self.try_rows(statement).await;
        }
        self.limit(own_ms).await?;
        let outcome = self.try_rows(statement).await?;
        self.limit(limit_ms).await?;
        Ok(outcome)
    }

    /// Limits what statements of this transaction may take on PostgreSQL, in milliseconds.
    async fn limit(&mut self, ms: i64) -> Result<(), DbError> {
        let sql = format!("SET LOCAL statement_timeout = {ms}");
        self.run(Statement::new(sql)).await
    }
}
