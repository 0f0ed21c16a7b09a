//! A table in the making: out of nothing, or out of the last one and what came since.

use std::sync::Arc;

use super::builder::Builder;
use super::merge::Since;
use super::snapshot::Snapshot;
use super::table::Table;
use crate::licences::domain::Row;

/// A table in the making.
#[derive(Debug)]
pub struct Making {
    /// What it is made out of.
    last: Option<Arc<Table>>,
    /// The rows that the last one does not have.
    came: Builder,
    /// Slots of the last one whose rows have ended since, with the first state without them.
    ended: Vec<(u32, i64)>,
    /// The oldest state that is looked at.
    first: i64,
    /// The largest id of a row that is there.
    largest: i64,
}

impl Making {
    /// A table out of nothing, for states from this one on.
    pub fn new(first: i64) -> Self {
        Self {
            last: None,
            came: Builder::default(),
            ended: Vec::new(),
            first,
            largest: i64::MIN,
        }
    }

    /// A table out of what a snapshot has.
    pub fn after(snapshot: &Snapshot, first: i64) -> Self {
        let row_ids = &snapshot.table.row_ids;
        let row_ids = (0..row_ids.len()).map(|slot| row_ids.get(slot));
        let mut making = Self {
            largest: row_ids.max().unwrap_or(i64::MIN),
            last: Some(Arc::clone(&snapshot.table)),
            ended: snapshot.ended.clone(),
            ..Self::new(first)
        };
        snapshot.late.iter().for_each(|row| making.push(row));
        making
    }

    /// The largest id of a row that is there; the smallest number where there is none.
    pub fn largest_id(&self) -> i64 {
        self.largest
    }

    /// Adds a row. Of one that is there already only its end is news.
    pub fn push(&mut self, row: &Row) {
        self.largest = self.largest.max(row.row_id);
        let number = &row.licence.licence_number;
        let last = self.last.as_ref();
        match last.and_then(|last| last.slot_of(number, row.row_id)) {
            Some(slot) => self.ended.extend(row.ended.map(|ended| (slot, ended))),
            None if row.ended.is_some_and(|ended| ended <= self.first) => {}
            None => self.came.push(row),
        }
    }

    /// The table.
    pub fn finish(self) -> Table {
        let came = self.came.finish();
        match self.last {
            None => came,
            Some(last) => last.after(Since {
                came,
                ended: self.ended,
                first: self.first,
            }),
        }
    }
}
