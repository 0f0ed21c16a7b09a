//! The register in memory, by which lists are made: which rows, in which order, and how many.
//!
//! A database answers a list quickly when an index fits its filter and its order, and there is one
//! page to skip at most. Here any filter goes with any order, any page is as near as the first, and
//! the total is exact, because every value has a small number and every order stands ready. What
//! is shown is then read from the database by the ids of its rows.
//!
//! A value takes one to four bytes, by how many distinct ones a column has, and texts of one length
//! nothing but their bytes; columns of at most 256 values keep no order, because a page of theirs is
//! found by counting. For a million licences as they are made up that adds up to about 70 MB: 11 for
//! the numbers, 3 for the ids, 14 for the holders, 35 for dates, instructors and centres, 7 for all
//! other columns.
//!
//! `cargo run --release -p specwright-benches --bin licences` tells what the rest follows from. With
//! a million licences on SQLite, on two cores that others kept busy, the first table was there after
//! 11 µs a licence, with 149 bytes a licence for the whole process, which never had more than 252,
//! also while a new table was made; the first look at a list took 2 ms in the middle and 11 at most,
//! and any page then 3 ms with 8 clients, nearly all of which is the way there and back.
//!
//! Ten million (`--count 10000000`) were there after 12 µs a licence and took 0.97 GB, 1.73 while a
//! table was made out of the last one, and first looks took 2 to 30 ms, 76 for the middle of an
//! order, with pages of 2 ms then. In proportion a hundred million would take 10 and 18 GB, twenty
//! minutes, and a quarter of a second for a first look, and should be cut by holder into parts that
//! several processes look at: totals add up, and marks do too. A sort by several keys counts by its
//! first key, and sorts only the rows that share their values with the page.
//!
//! Before each list the index asks the database for its state. Few changes are put beside the
//! table; after many of them, a new table is made out of the last one and what came since, while
//! requests go on with the last one. The whole register is read when there is none.

pub mod builder;
pub mod codes;
pub mod counted;
pub mod item;
pub mod making;
pub mod matches;
pub mod merge;
mod remembered;
pub mod snapshot;
pub mod sorted;
pub mod table;
pub mod texts;
pub mod ways;

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::watch;

use super::domain::States;
use super::store::{News, Store};
use crate::db::DbError;
use crate::faults::Outage;
use making::Making;
use snapshot::{Changes, Snapshot};

/// How long it takes at least until a table is made again, when it could not be made.
const PAUSE: Duration = Duration::from_secs(1);

/// How the index follows the register.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// With more changes than that beside the table, it is made anew.
    pub few: usize,
    /// More changes than that are not put beside the table.
    pub many: usize,
    /// How many rows are read at once.
    pub rows_at_once: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            few: 1_000,
            many: 8_000,
            rows_at_once: 4_000,
        }
    }
}

/// The register could not be read; those who waited for it together are told the same.
#[derive(Clone, Debug, thiserror::Error)]
#[error(transparent)]
pub struct Unread(Arc<DbError>);

impl From<DbError> for Unread {
    fn from(error: DbError) -> Self {
        Self(Arc::new(error))
    }
}

impl Outage for Unread {
    fn is_unavailable(&self) -> bool {
        self.0.is_unavailable()
    }
}

/// The register in memory; clones share it.
#[derive(Clone, Debug)]
pub struct Index(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    limits: Limits,
    current: RwLock<Option<Arc<Snapshot>>>,
    /// Held by the one request that brings the index up to date.
    refreshing: tokio::sync::Mutex<()>,
    /// What comes of the table that is being made.
    making: Mutex<Option<watch::Receiver<Outcome>>>,
    /// The state after which very many changes came.
    outrun: AtomicI64,
    /// How many tables have been made.
    made: AtomicU64,
}

/// `None` while a table is being made.
type Outcome = Option<Result<(), Unread>>;

impl Index {
    /// An index over this store; nothing is read yet.
    pub fn new(store: Store) -> Self {
        Self::with_limits(store, Limits::default())
    }

    /// An index over this store that follows it in another way.
    pub fn with_limits(store: Store, limits: Limits) -> Self {
        Self(Arc::new(Inner {
            store,
            limits,
            current: RwLock::default(),
            refreshing: tokio::sync::Mutex::default(),
            making: Mutex::default(),
            outrun: AtomicI64::new(i64::MIN),
            made: AtomicU64::new(0),
        }))
    }

    /// How many tables have been made.
    pub fn tables_made(&self) -> u64 {
        self.0.made.load(Ordering::Acquire)
    }

    /// The register as it is, and the states of it that can be looked at. While a table is made
    /// after very many changes, it is the register as it was before them.
    ///
    /// # Errors
    /// The database failed.
    pub async fn at_present(&self) -> Result<(Arc<Snapshot>, States), Unread> {
        let (states, usable) = self.usable().await?;
        if usable.is_none() {
            self.table().await?;
        }
        let snapshot = self.refreshed(states).await?;
        // Another request may have seen a later state than this one.
        let last = states.last.max(snapshot.state());
        Ok((snapshot, States { last, ..states }))
    }

    /// The states of the register, and the current snapshot if it is one of them. What ended
    /// before the first state may be forgotten, and cannot be heard of any more; and a register
    /// that was put in the place of another one has other states, or made them at other times.
    async fn usable(&self) -> Result<(States, Option<Arc<Snapshot>>), DbError> {
        let current = self.current();
        let state = current.as_ref().map_or(0, |snapshot| snapshot.state());
        let (states, made_ms) = self.0.store.states_with(state).await?;
        let is_usable = |snapshot: &Arc<Snapshot>| {
            snapshot.state() >= states.first && made_ms.is_some() && snapshot.made_ms() == made_ms
        };
        Ok((states, current.filter(is_usable)))
    }

    fn current(&self) -> Option<Arc<Snapshot>> {
        let current = self.0.current.read();
        current.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, snapshot: &Arc<Snapshot>) {
        let current = self.0.current.write();
        *current.unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(snapshot));
    }

    /// The current snapshot, if there is nothing to be done about it: nothing came after it, or so
    /// much that it waits for a new table.
    fn settled(&self, states: States) -> Option<Arc<Snapshot>> {
        let waits = |state: i64| {
            self.0.outrun.load(Ordering::Acquire) == state && self.lock_making().is_some()
        };
        self.current().filter(|snapshot| {
            let state = snapshot.state();
            state >= states.last || waits(state)
        })
    }

    /// The snapshot after the changes since, unless they are very many.
    async fn refreshed(&self, states: States) -> Result<Arc<Snapshot>, Unread> {
        if let Some(snapshot) = self.settled(states) {
            return Ok(snapshot);
        }
        let _turn = self.0.refreshing.lock().await;
        // Whoever had the lock before may have done it.
        if let Some(snapshot) = self.settled(states) {
            return Ok(snapshot);
        }
        let Some(snapshot) = self.current() else {
            return Err(DbError::Abandoned.into());
        };
        let Limits { few, many, .. } = self.0.limits;
        let limit = many.saturating_sub(snapshot.changes());
        let changes = self.changes(snapshot.state(), states.last, limit).await?;
        let Some(changes) = changes else {
            self.0.outrun.store(snapshot.state(), Ordering::Release);
            drop(self.make());
            return Ok(snapshot);
        };
        let (_, made_ms) = self.0.store.states_with(states.last).await?;
        let refreshed = Arc::new(snapshot.after(changes).made(made_ms));
        self.put(&refreshed);
        if refreshed.changes() > few {
            drop(self.make());
        }
        Ok(refreshed)
    }

    /// What changed from one state to another; `None` when it is more than the limit.
    async fn changes(&self, from: i64, to: i64, limit: usize) -> Result<Option<Changes>, DbError> {
        let rows = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let store = &self.0.store;
        let added = store.added((from, to), rows).await?;
        if added.len() > limit {
            return Ok(None);
        }
        let ended = store.ended((from, to), rows).await?;
        let few = added.len() + ended.len() <= limit;
        Ok(few.then_some(Changes {
            state: to,
            added,
            ended,
        }))
    }

    fn lock_making(&self) -> MutexGuard<'_, Option<watch::Receiver<Outcome>>> {
        let making = self.0.making.lock();
        making.unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a table.
    async fn table(&self) -> Result<(), Unread> {
        let mut outcome = self.make();
        let outcome = outcome.wait_for(Option::is_some).await;
        match outcome.as_deref() {
            Ok(Some(Err(unread))) => Err(unread.clone()),
            Ok(_) => Ok(()),
            // Whoever made it is gone.
            Err(_) => Err(DbError::Abandoned.into()),
        }
    }

    /// Makes a new table, beside the requests and whether or not they wait for it; one at a time.
    fn make(&self) -> watch::Receiver<Outcome> {
        let mut making = self.lock_making();
        let under_way = making.as_ref();
        if let Some(outcome) = under_way.filter(|outcome| outcome.has_changed().is_ok()) {
            return outcome.clone();
        }
        let (sender, receiver) = watch::channel(None);
        *making = Some(receiver.clone());
        let index = self.clone();
        tokio::spawn(async move {
            let loaded = index.load().await;
            let failed = loaded.is_err();
            match &loaded {
                Ok(snapshot) => index.take(snapshot).await,
                Err(error) => tracing::warn!(%error, "the index could not be made"),
            }
            sender.send_replace(Some(loaded.map(drop).map_err(Unread::from)));
            if failed {
                tokio::time::sleep(PAUSE).await;
            }
            *index.lock_making() = None;
        });
        receiver
    }

    /// Shows a new table. Whatever changed meanwhile is put beside it by the next request.
    async fn take(&self, snapshot: &Arc<Snapshot>) {
        let _turn = self.0.refreshing.lock().await;
        self.put(snapshot);
        self.0.made.fetch_add(1, Ordering::AcqRel);
    }

    /// Makes a table out of the last one and what came since, or reads the whole register where
    /// there is none to go on from; and then reads what came meanwhile, until that is little.
    async fn load(&self) -> Result<Arc<Snapshot>, DbError> {
        let (States { first, last }, usable) = self.usable().await?;
        let (mut making, mut state) = match usable {
            Some(snapshot) => (Making::after(&snapshot, first), snapshot.state()),
            None => {
                let mut making = Making::new(first);
                self.read_standing(&mut making, last).await?;
                // A row that ended meanwhile was met standing, or is met here.
                self.read(&mut making, News::Ended, (first, last)).await?;
                (making, last)
            }
        };
        let mut before = usize::MAX;
        loop {
            let last = self.0.store.states().await?.last;
            if state == last {
                break;
            }
            let came = self.read(&mut making, News::Came, (state, last)).await?;
            let ended = self.read(&mut making, News::Ended, (state, last)).await?;
            state = last;
            let count = came + ended;
            // Where changes come faster than they are read, it ends too.
            if count <= self.0.limits.few || count >= before {
                break;
            }
            before = count;
        }
        let (_, made_ms) = self.0.store.states_with(state).await?;
        let make = move || Snapshot::new(making.finish(), state).made(made_ms);
        let made = tokio::task::spawn_blocking(make);
        made.await.map(Arc::new).map_err(|_| DbError::Abandoned)
    }

    async fn read_standing(&self, making: &mut Making, until: i64) -> Result<(), DbError> {
        let mut last = String::new();
        loop {
            let limit = self.0.limits.rows_at_once;
            let rows = self.0.store.standing(&last, until, limit).await?;
            rows.iter().for_each(|row| making.push(row));
            match rows.into_iter().next_back() {
                Some(row) => last = row.licence.licence_number,
                None => return Ok(()),
            }
        }
    }

    /// Reads what is news after a state about rows that came until another one; answers how many
    /// rows that were.
    async fn read(
        &self,
        making: &mut Making,
        news: News,
        (from, until): (i64, i64),
    ) -> Result<usize, DbError> {
        let mut last = match news {
            // Rows that come have larger ids than those that are there.
            News::Came => (from, making.largest_id()),
            News::Ended => (from, i64::MAX),
        };
        let mut count = 0;
        loop {
            let limit = self.0.limits.rows_at_once;
            let rows = self.0.store.news(news, last, until, limit).await?;
            let Some(row) = rows.last() else {
                return Ok(count);
            };
            last = match news {
                News::Came => (from, row.row_id),
                News::Ended => (row.ended.unwrap_or(from), row.row_id),
            };
            count += rows.len();
            rows.iter().for_each(|row| making.push(row));
        }
    }
}
