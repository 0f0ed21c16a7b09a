//! What the API does, the same in every version: licences are listed by the index and read from the
//! store.

use std::sync::Arc;

use specwright_runtime::Fault;
use tokio::sync::Semaphore;

use super::domain::{Filter, Grade, Licence, LicenceStatus, Sort};
use super::index::snapshot::{Counts, Part};
use super::index::{Index, Unread};
use super::store::Store;
use crate::auth::Auth;
use crate::faults::fault;

/// How many lists are sorted by several keys at the same time: each takes memory for all the rows
/// that it looks at.
const SORTED_AT_ONCE: usize = 2;

/// The behaviour; clones share the register.
#[derive(Clone)]
pub struct Service {
    store: Store,
    index: Index,
    /// Room for lists that are sorted by several keys.
    sorting: Arc<Semaphore>,
    /// Whose tokens are good.
    pub(super) auth: Auth,
}

/// What a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// What it holds.
    pub filter: Filter,
    /// What it is sorted by.
    pub sort: Sort,
    /// Which page, from 1.
    pub page: u64,
    /// How many licences a page holds.
    pub page_size: u64,
    /// The state of the register; the present one without.
    pub as_of: Option<i64>,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The licences of the page.
    pub licences: Vec<Licence>,
    /// How many there are on all pages.
    pub total: u64,
    /// The state of the register.
    pub state: i64,
}

/// The state that was asked for cannot be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchState {
    /// The state.
    pub state: i64,
    /// The oldest that can.
    pub first: i64,
    /// The newest that can.
    pub last: i64,
}

/// How many licences there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// In all.
    pub total: u64,
    /// With each status, none left out but those without any.
    pub by_status: Vec<(LicenceStatus, u64)>,
    /// For each grade, none left out but those without any.
    pub by_grade: Vec<(Grade, u64)>,
}

impl Service {
    /// The behaviour over this store.
    pub fn new(store: Store, auth: Auth) -> Self {
        Self::with_index(Index::new(store.clone()), store, auth)
    }

    /// The behaviour over this store, with an index over it.
    pub fn with_index(index: Index, store: Store, auth: Auth) -> Self {
        Self {
            index,
            store,
            sorting: Arc::new(Semaphore::new(SORTED_AT_ONCE)),
            auth,
        }
    }

    /// A page of a list.
    ///
    /// # Errors
    /// The database failed.
    pub async fn list(&self, query: Query) -> Result<Result<Listed, NoSuchState>, Fault> {
        let (snapshot, states) = self.index.at_present().await.map_err(fault)?;
        let state = match query.as_of {
            Some(state) if !(states.first..=states.last).contains(&state) => {
                return Ok(Err(NoSuchState {
                    state,
                    first: states.first,
                    last: states.last,
                }));
            }
            Some(state) => state,
            None => snapshot.state(),
        };
        if state > snapshot.state() || state < states.first {
            // Very many licences came at once, and their table is being made.
            return Err(Fault::unavailable("the index is behind the register"));
        }
        let part = Part {
            filter: query.filter,
            sort: query.sort,
            state,
            skip: (query.page.saturating_sub(1)).saturating_mul(query.page_size),
            take: query.page_size,
        };
        let selection = match part.sort.len() {
            0 | 1 => snapshot.select(&part),
            // Sorting by several keys takes long enough for others to be kept waiting.
            _ => {
                let turn = Arc::clone(&self.sorting).acquire_owned().await?;
                let sorted = tokio::task::spawn_blocking(move || {
                    let selection = snapshot.select(&part);
                    drop(turn);
                    selection
                });
                sorted.await?
            }
        };
        let licences = self
            .store
            .licences(&selection.row_ids)
            .await
            .map_err(fault)?;
        Ok(Ok(Listed {
            licences,
            total: selection.total,
            state,
        }))
    }

    /// The licence with this number.
    ///
    /// # Errors
    /// The database failed.
    pub async fn show(&self, number: &str) -> Result<Option<Licence>, Fault> {
        self.store.find(number).await.map_err(fault)
    }

    /// How many licences meet a filter now.
    ///
    /// # Errors
    /// The database failed.
    pub async fn count(&self, filter: &Filter) -> Result<Counted, Fault> {
        let (snapshot, states) = self.index.at_present().await.map_err(fault)?;
        if snapshot.state() < states.first {
            return Err(Fault::unavailable("the index is behind the register"));
        }
        let Counts {
            by_status: statuses,
            by_grades: grades,
        } = snapshot.count(filter, snapshot.state());
        let of_status = |status: LicenceStatus| {
            let mut statuses = statuses.iter();
            let found = statuses.find(|(name, _)| *name == status.name());
            found.map_or(0, |(_, count)| *count)
        };
        let of_grade = |grade: Grade| {
            let with = grades
                .iter()
                .filter(|(set, _)| set.iter().any(|one| one == grade));
            with.map(|(_, count)| count).sum::<u64>()
        };
        let by_status = LicenceStatus::ALL.iter();
        let by_status = by_status.map(|status| (*status, of_status(*status)));
        let by_grade = Grade::ALL.iter().map(|grade| (*grade, of_grade(*grade)));
        Ok(Counted {
            total: statuses.iter().map(|(_, count)| count).sum(),
            by_status: by_status.filter(|(_, count)| *count > 0).collect(),
            by_grade: by_grade.filter(|(_, count)| *count > 0).collect(),
        })
    }

    /// Reads the register into memory unless that is done, and forgets states that were made
    /// before a time.
    ///
    /// # Errors
    /// The database failed.
    pub async fn keep(&self, before_ms: i64) -> Result<(), Unread> {
        self.index.at_present().await?;
        Ok(self.store.forget(before_ms).await?)
    }
}
