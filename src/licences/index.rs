//! The register in memory, by which lists are made: which rows, in which order, and how many.
//!
//! A database answers a list quickly when an index fits its filter and its order, and there is one
//! page to skip at most. Here any filter goes with any order, any page is as near as the first, and
//! the total is exact, because every value has a small number and every order stands ready. What
//! is shown is then read from the database by the ids of its rows.
//!
//! What that costs, measured on two shared cores:
//!
//! | licences | memory | making a table | first look at a filter | first far page | any page then |
//! |---|---|---|---|---|---|
//! | 1,000,000 | 162 MB | 9 s | 1 to 5 ms | 10 ms | 0.02 to 0.12 ms |
//! | 10,000,000 | 1.45 GB | 100 s | 2 to 48 ms | not measured | 0.02 to 0.13 ms |
//!
//! Reading the rows comes on top of making a table, and while one is made anew there are two. A
//! sort by several keys looks at all that meets the filter, up to 130 ms a million. In proportion a
//! hundred million would take 15 GB and half a second for the first look, and should be cut by
//! holder into parts that several processes look at: totals add up, and marks do too.
//!
//! Before each list the index asks the database for its state. Few changes are put beside the
//! table; after many of them, the table is made anew while requests go on with the last one.

pub mod matches;
pub mod snapshot;
pub mod table;

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Mutex;

use super::domain::States;
use super::store::Store;
use crate::db::DbError;
use snapshot::{Changes, Snapshot};
use table::Builder;

/// So many changes beside the table, and it is made anew.
const FEW: usize = 1_000;

/// So many changes at once are not put beside the table.
const MANY: usize = 8_000;

/// How many rows are read at once.
const ROWS_AT_ONCE: i64 = 10_000;

/// The register in memory; clones share it.
#[derive(Clone, Debug)]
pub struct Index(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    current: RwLock<Option<Arc<Snapshot>>>,
    /// Held by the one request that brings the index up to date.
    refreshing: Mutex<()>,
    rebuilding: AtomicBool,
}

impl Index {
    /// An index over this store; nothing is read yet.
    pub fn new(store: Store) -> Self {
        Self(Arc::new(Inner {
            store,
            current: RwLock::default(),
            refreshing: Mutex::default(),
            rebuilding: AtomicBool::new(false),
        }))
    }

    /// The register as it is, and the states of it that can be looked at. While a table is made
    /// after very many changes, it is the register as it was before them.
    ///
    /// # Errors
    /// The database failed.
    pub async fn at_present(&self) -> Result<(Arc<Snapshot>, States), DbError> {
        let states = self.0.store.states().await?;
        if let Some(snapshot) = self.fresh(states) {
            return Ok((snapshot, states));
        }
        let turn = self.0.refreshing.lock().await;
        // Whoever had the lock before may have done it.
        if let Some(snapshot) = self.fresh(states) {
            return Ok((snapshot, states));
        }
        let snapshot = match self.current() {
            Some(snapshot) => self.refreshed(&snapshot, states).await?,
            None => {
                let snapshot = Arc::new(self.load(states).await?);
                self.put(&snapshot);
                snapshot
            }
        };
        drop(turn);
        Ok((snapshot, states))
    }

    fn current(&self) -> Option<Arc<Snapshot>> {
        let current = self.0.current.read();
        current.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn fresh(&self, states: States) -> Option<Arc<Snapshot>> {
        self.current()
            .filter(|snapshot| snapshot.state() >= states.last)
    }

    fn put(&self, snapshot: &Arc<Snapshot>) {
        let current = self.0.current.write();
        *current.unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(snapshot));
    }

    /// The snapshot after the changes since, unless they are very many.
    async fn refreshed(
        &self,
        snapshot: &Arc<Snapshot>,
        states: States,
    ) -> Result<Arc<Snapshot>, DbError> {
        let limit = MANY.saturating_sub(snapshot.changes());
        let changes = self.changes(snapshot.state(), states.last, limit).await?;
        let refreshed = changes.map(|changes| Arc::new(snapshot.after(changes)));
        if let Some(refreshed) = &refreshed {
            self.put(refreshed);
        }
        let changes = refreshed.as_ref().map(|snapshot| snapshot.changes());
        if changes.is_none_or(|changes| changes > FEW) {
            self.rebuild(states);
        }
        Ok(refreshed.unwrap_or_else(|| Arc::clone(snapshot)))
    }

    /// What changed from one state to another; `None` when it is more than the limit.
    async fn changes(&self, from: i64, to: i64, limit: usize) -> Result<Option<Changes>, DbError> {
        let rows = i64::try_from(limit).unwrap_or(i64::MAX);
        let store = &self.0.store;
        let added = store.added(from, to, rows.saturating_add(1)).await?;
        let ended = store.ended(from, to, rows.saturating_add(1)).await?;
        let few = added.len() + ended.len() <= limit;
        Ok(few.then_some(Changes {
            state: to,
            added,
            ended,
        }))
    }

    /// Makes a new table, beside the requests; one at a time.
    fn rebuild(&self, states: States) {
        if self.0.rebuilding.swap(true, Ordering::AcqRel) {
            return;
        }
        let index = self.clone();
        tokio::spawn(async move {
            let loaded = index.load(states).await;
            // Whatever changed meanwhile is put beside the new table by the next request.
            let turn = index.0.refreshing.lock().await;
            match loaded {
                Ok(snapshot) => index.put(&Arc::new(snapshot)),
                Err(error) => tracing::warn!(%error, "the index could not be made anew"),
            }
            drop(turn);
            index.0.rebuilding.store(false, Ordering::Release);
        });
    }

    /// Reads the whole register as it is in a state.
    async fn load(&self, states: States) -> Result<Snapshot, DbError> {
        let mut builder = Builder::default();
        let mut last = 0;
        loop {
            let rows = self.0.store.rows_after(last, states, ROWS_AT_ONCE).await?;
            let Some(row) = rows.last() else { break };
            last = row.row_id;
            rows.into_iter().for_each(|row| builder.push(row));
        }
        let state = states.last;
        let made = tokio::task::spawn_blocking(move || Snapshot::new(builder.finish(), state));
        made.await.map_err(|_| DbError::Inconsistent {
            table: "licences",
            column: "row_id",
            row: last.to_string(),
        })
    }
}
