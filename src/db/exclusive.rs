//! Work that nobody else under the same lock does at the same time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

use super::slow::Watch;
use super::{Db, DbError, Pending, Transaction};
use crate::faults::caught;

/// A PostgreSQL server; clones share its connections and the turns that work under a lock takes.
#[derive(Clone, Debug)]
pub struct Server {
    pool: PgPool,
    patience: Option<Duration>,
    /// Who of this process is at work under each lock, and who waits.
    turns: Arc<Mutex<HashMap<i64, Arc<Turn<()>>>>>,
}

impl Server {
    pub(super) fn new(pool: PgPool, patience: Option<Duration>) -> Self {
        Self {
            pool,
            patience,
            turns: Arc::default(),
        }
    }

    pub(super) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Waits among the work of this process without a connection, so that what waits takes none
    /// from what goes on.
    async fn turn(&self, lock: i64) -> Result<OwnedMutexGuard<()>, DbError> {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(turns.entry(lock).or_default())
        };
        let Some(patience) = self.patience else {
            return Ok(turn.lock_owned().await);
        };
        let waited = tokio::time::timeout(patience, turn.lock_owned()).await;
        waited.map_err(|_| DbError::Unavailable(sqlx::Error::PoolTimedOut))
    }

    /// Takes the lock for the transaction, in which no statement takes longer than there is
    /// patience for: the server itself ends it, so that what is told to have failed has failed.
    async fn lock(&self, transaction: &mut PgConnection, lock: i64) -> Result<(), DbError> {
        if let Some(patience) = self.patience {
            // 0 is no limit.
            let ms = patience.as_millis().clamp(1, i32::MAX as u128);
            let limits =
                format!("SET LOCAL lock_timeout = {ms}; SET LOCAL statement_timeout = {ms}");
            sqlx::raw_sql(AssertSqlSafe(limits))
                .execute(&mut *transaction)
                .await?;
        }
        let locking = "SELECT pg_advisory_xact_lock($1)";
        let _watch = Watch::new(locking);
        sqlx::query(locking).bind(lock).execute(transaction).await?;
        Ok(())
    }

    async fn work<T, F>(&self, lock: i64, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(Transaction<'c>) -> Pending<'c, T> + Send + 'static,
    {
        let _turn = self.turn(lock).await?;
        let mut transaction = self.pool.begin().await?;
        let outcome = match self.lock(&mut transaction, lock).await {
            Ok(()) => settled(work, Transaction::postgres(&mut transaction)).await,
            Err(error) => Err(error),
        };
        ended(transaction, outcome).await
    }

    /// Carries out work, all or nothing, that may wait for something else than its transaction: it
    /// keeps a connection so long.
    ///
    /// # Errors
    /// What the work fails with, or the database cannot be reached.
    pub async fn at_leisure<T, F>(&self, work: F) -> Result<T, DbError>
    where
        F: for<'c> FnOnce(Transaction<'c>) -> Pending<'c, T>,
    {
        let mut transaction = self.pool.begin().await?;
        let outcome = settled(work, Transaction::postgres(&mut transaction)).await;
        ended(transaction, outcome).await
    }
}

/// Commits what went well, and takes everything else back.
async fn ended<T>(
    transaction: sqlx::Transaction<'_, Postgres>,
    outcome: Result<T, DbError>,
) -> Result<T, DbError> {
    match outcome {
        Ok(value) => {
            let _watch = Watch::new("COMMIT");
            transaction.commit().await?;
            Ok(value)
        }
        Err(error) => {
            // A connection that is lost takes its transaction with it.
            let _ = transaction.rollback().await;
            Err(error)
        }
    }
}

/// What work comes to; its panic is a failure of this work and of nothing else.
pub(super) async fn settled<'c, T, F>(work: F, transaction: Transaction<'c>) -> Result<T, DbError>
where
    F: FnOnce(Transaction<'c>) -> Pending<'c, T>,
{
    let outcome = caught(async move { work(transaction).await }).await;
    outcome.unwrap_or_else(|words| Err(DbError::Panicked(words)))
}

impl Db {
    /// Carries out work that reads, decides and writes, all or nothing, while no other work under
    /// the same lock goes on: what the work reads holds until its writes are durable. An error
    /// takes everything back, and so does a panic. The work must wait for nothing but its
    /// transaction.
    ///
    /// On SQLite there is one writer anyway; on PostgreSQL the lock is an advisory one, so that a
    /// rule over several rows or tables needs no isolation level and no second try.
    ///
    /// # Errors
    /// What the work fails with, it took too long (see [`Options::patience`](super::Options)), or
    /// the database cannot be reached.
    pub async fn exclusively<T, F>(&self, lock: i64, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(Transaction<'c>) -> Pending<'c, T> + Send + 'static,
    {
        match self {
            Db::Sqlite { writer, .. } => writer.work(work).await,
            Db::Postgres(server) => server.work(lock, work).await,
        }
    }

    /// As [`Db::exclusively`], for work that may also decide against itself: nothing of it lasts
    /// then, and what it gave up with is handed on.
    ///
    /// # Errors
    /// What the work fails with, or the database cannot be reached.
    pub async fn exclusively_unless<T, E, F>(
        &self,
        lock: i64,
        work: F,
    ) -> Result<Result<T, E>, DbError>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: for<'c> FnOnce(Transaction<'c>) -> Pending<'c, Result<T, E>> + Send + 'static,
    {
        let reason = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&reason);
        let outcome = self.exclusively(lock, move |transaction| {
            Box::pin(async move {
                let given_up = match work(transaction).await? {
                    Ok(value) => return Ok(value),
                    Err(given_up) => given_up,
                };
                *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(given_up);
                Err(DbError::GivenUp)
            })
        });
        match outcome.await {
            Ok(value) => Ok(Ok(value)),
            Err(DbError::GivenUp) => {
                let mut reason = reason.lock().unwrap_or_else(PoisonError::into_inner);
                reason.take().map(Err).ok_or(DbError::GivenUp)
            }
            Err(error) => Err(error),
        }
    }
}
