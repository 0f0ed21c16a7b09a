//! Statements that hold together, with decisions between them.

use std::future::Future;
use std::pin::Pin;

use sqlx::{PgConnection, SqliteConnection};

use super::rows::Engine;
use super::{DbError, Row, Statement};

/// A transaction, as a store sees it: it ends well when the work that holds it does.
pub struct Transaction<'c>(Connection<'c>);

enum Connection<'c> {
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

    pub(super) fn engine(&mut self) -> Engine<'_> {
        match &mut self.0 {
            Connection::Sqlite(connection) => Engine::Sqlite(connection),
            Connection::Postgres(connection) => Engine::Postgres(connection),
        }
    }

    /// Has the statements from now on look for rows by indexes. PostgreSQL plans a statement once,
    /// and what it plans for a table that is small is slow when the same transaction has made it
    /// large.
    ///
    /// # Errors
    /// The engine cannot be reached.
    pub async fn look_by_index(&mut self) -> Result<(), DbError> {
        if let Connection::Postgres(connection) = &mut self.0 {
            let off = sqlx::query("SET LOCAL enable_seqscan = off");
            off.execute(&mut **connection).await?;
        }
        Ok(())
    }

    /// Carries out one statement, and gives every row it finds or returns.
    ///
    /// # Errors
    /// The engine refused the statement, or cannot be reached.
    pub async fn rows<T: Row>(&mut self, statement: Statement) -> Result<Vec<T>, DbError> {
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
}
