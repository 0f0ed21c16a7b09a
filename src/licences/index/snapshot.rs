//! The register in one state: a table, and the few rows that came after it.

use std::cmp::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use super::item::{Item, Place};
use super::matches::{self, Bits};
use super::remembered::Remembered;
use super::table::Table;
use super::ways::Way;
use crate::licences::domain::{Cell, Column, Direction, Ended, Filter, Grades, Row, Sort, SortKey};

/// The register in one state. Nothing in it changes, so that requests share it.
#[derive(Debug)]
pub struct Snapshot {
    pub(super) table: Arc<Table>,
    /// Rows that came after the table, in the order of their ids.
    pub(super) late: Vec<Arc<Row>>,
    /// Slots whose rows have ended since, with the first state without them.
    pub(super) ended: Vec<(u32, i64)>,
    state: i64,
    /// When the state was made, by which the register is known.
    made_ms: Option<i64>,
    remembered: Remembered,
}

/// Which part of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What the list holds.
    pub filter: Filter,
    /// What it is sorted by.
    pub sort: Sort,
    /// The state of the register.
    pub state: i64,
    /// How many licences are left out at the start.
    pub skip: u64,
    /// How many follow at most.
    pub take: u64,
}

/// A part of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The rows, in their order.
    pub row_ids: Vec<i64>,
    /// How many the list holds as a whole.
    pub total: u64,
}

/// How many licences there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// By the name of their status.
    pub by_status: Vec<(String, u64)>,
    /// By their set of grades.
    pub by_grades: Vec<(Grades, u64)>,
}

/// So few rows are sorted where they are wanted.
pub(super) const FEW: usize = if cfg!(test) { 5 } else { 2_048 };

/// The rows that meet a filter.
#[derive(Debug)]
pub(super) struct Matches {
    pub(super) slots: Bits,
    /// Places in the late rows.
    pub(super) late: Vec<usize>,
    pub(super) total: usize,
    /// What is known of the orders in which they were asked for.
    pub(super) ways: Mutex<Vec<(Key, Arc<Way>)>>,
}

impl Matches {
    /// All of them, those of the table in the order of their numbers, and then the late ones.
    pub(super) fn items(&self) -> impl Iterator<Item = Item> {
        let late = self.late.iter().map(|at| Item::late(*at));
        self.slots.slots().map(Item::slot).chain(late)
    }

    /// How much room they take, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        let ways: usize = ways.iter().map(|(_, way)| way.bytes()).sum();
        self.slots.bytes() + size_of_val(self.late.as_slice()) + ways
    }
}

/// What a list is sorted by, where that is one thing.
pub(super) type Key = (SortKey, Direction);

/// What came after a snapshot.
#[derive(Debug, Default)]
pub struct Changes {
    /// The state after them.
    pub state: i64,
    /// New rows, in the order of their ids.
    pub added: Vec<Row>,
    /// Rows that have ended.
    pub ended: Vec<Ended>,
}

impl Snapshot {
    /// The register as a table holds it.
    pub fn new(table: Table, state: i64) -> Self {
        Self {
            table: Arc::new(table),
            late: Vec::new(),
            ended: Vec::new(),
            state,
            made_ms: None,
            remembered: Remembered::default(),
        }
    }

    /// The same, with the time at which its state was made.
    #[must_use]
    pub fn made(self, made_ms: Option<i64>) -> Self {
        Self { made_ms, ..self }
    }

    /// When its state was made, if that is known. Two registers hardly have the same state, made at
    /// the same time.
    pub fn made_ms(&self) -> Option<i64> {
        self.made_ms
    }

    /// The state.
    pub fn state(&self) -> i64 {
        self.state
    }

    /// How many changes are kept beside the table: each costs every request a little.
    pub fn changes(&self) -> usize {
        self.late.len() + self.ended.len()
    }

    /// The snapshot after these changes.
    pub fn after(&self, changes: Changes) -> Self {
        let mut late = self.late.clone();
        late.extend(changes.added.into_iter().map(Arc::new));
        let mut ended = self.ended.clone();
        for end in changes.ended {
            if let Some(slot) = self.table.slot_of(&end.number, end.row_id) {
                ended.push((slot, end.ended));
            } else if let Ok(at) = late.binary_search_by_key(&end.row_id, |row| row.row_id) {
                let row = Row::clone(&late[at]);
                late[at] = Arc::new(Row {
                    ended: Some(end.ended),
                    ..row
                });
            }
        }
        Self {
            table: Arc::clone(&self.table),
            late,
            ended,
            state: changes.state,
            made_ms: None,
            remembered: Remembered::default(),
        }
    }

    /// A part of a list.
    pub fn select(&self, part: &Part) -> Selection {
        let matches = self.matches(&part.filter, part.state);
        let (skip, total) = (narrow(part.skip), matches.total);
        let take = narrow(part.take).min(total.saturating_sub(skip));
        let items = match part.sort.as_slice() {
            _ if take == 0 => Vec::new(),
            sort if total <= FEW => self.sorted(&matches, sort, (skip, take)),
            [] => {
                let key = (SortKey::LicenceNumber, Direction::Up);
                self.read_off(&matches, key, (skip, take))
            }
            // No two licences have one number, so that nothing after it matters.
            [key] | [key @ (SortKey::LicenceNumber, _), ..] => {
                self.read_off(&matches, *key, (skip, take))
            }
            sort => self.sorted(&matches, sort, (skip, take)),
        };
        Selection {
            row_ids: items.into_iter().map(|item| self.row_id(item)).collect(),
            total: total as u64,
        }
    }

    /// How many licences meet a filter.
    pub fn count(&self, filter: &Filter, state: i64) -> Counts {
        let matches = self.matches(filter, state);
        let column = self.table.column(Column::LicenceStatus);
        let mut statuses = vec![0_u64; column.values.len()];
        let mut grades = vec![0_u64; 256];
        for slot in matches.slots.slots() {
            let slot = slot as usize;
            statuses[column.codes.get(slot) as usize] += 1;
            grades[usize::from(self.table.grades[slot])] += 1;
        }
        let name = |(at, count): (usize, u64)| match column.values.get(at) {
            Cell::Text(name) => (name.to_owned(), count),
            Cell::Time(_) => (String::new(), count),
        };
        let mut statuses: Vec<_> = statuses.into_iter().enumerate().map(name).collect();
        for row in matches.late.iter().map(|at| &self.late[*at]) {
            let status = row.licence.licence_status.name();
            match statuses.iter_mut().find(|(name, _)| name == status) {
                Some((_, count)) => *count += 1,
                None => statuses.push((status.to_owned(), 1)),
            }
            grades[usize::from(row.licence.grades.bits())] += 1;
        }
        let grades = (0..=u8::MAX).zip(grades).filter(|(_, count)| *count > 0);
        let grades = grades.map(|(bits, count)| (Grades::of_bits(bits), count));
        Counts {
            by_status: statuses,
            by_grades: grades.collect(),
        }
    }

    /// The rows that meet a filter in a state, remembered from the last time.
    fn matches(&self, filter: &Filter, state: i64) -> Arc<Matches> {
        if let Some(matches) = self.remembered.find(filter, state) {
            return matches;
        }
        // Others are not kept waiting while the columns are looked at.
        let slots = matches::in_table(&self.table, &self.ended, filter, state);
        let late = self.late.iter().enumerate();
        let late = late.filter(|(_, row)| matches::meets(row, row.ended, filter, state));
        let late: Vec<usize> = late.map(|(at, _)| at).collect();
        let matches = Arc::new(Matches {
            total: slots.count() + late.len(),
            slots,
            late,
            ways: Mutex::default(),
        });
        let kept = Arc::clone(&matches);
        self.remembered.keep(filter.clone(), state, kept);
        matches
    }

    fn row_id(&self, item: Item) -> i64 {
        match item.place() {
            Place::Slot(slot) => self.table.row_ids.get(slot),
            Place::Late(at) => self.late[at].row_id,
        }
    }

    fn number(&self, item: Item) -> &str {
        match item.place() {
            Place::Slot(slot) => self.table.numbers.get(slot),
            Place::Late(at) => &self.late[at].licence.licence_number,
        }
    }

    fn cell(&self, item: Item, column: Column) -> Cell<'_> {
        match item.place() {
            Place::Slot(slot) => {
                let column = self.table.column(column);
                column.values.get(column.codes.get(slot) as usize)
            }
            Place::Late(at) => column.of(&self.late[at].licence),
        }
    }

    /// Which of two rows comes first.
    pub(super) fn compare(&self, one: Item, other: Item, sort: &[Key]) -> Ordering {
        for (key, direction) in sort {
            let order = match (key, one.place(), other.place()) {
                (SortKey::LicenceNumber, ..) => self.number(one).cmp(self.number(other)),
                (SortKey::Column(column), Place::Slot(one), Place::Slot(other)) => {
                    let codes = &self.table.column(*column).codes;
                    codes.get(one).cmp(&codes.get(other))
                }
                (SortKey::Column(column), ..) => {
                    self.cell(one, *column).cmp(&self.cell(other, *column))
                }
            };
            let order = match direction {
                Direction::Up => order,
                Direction::Down => order.reverse(),
            };
            if order.is_ne() {
                return order;
            }
        }
        match (one.place(), other.place()) {
            // Slots are in the order of their numbers.
            (Place::Slot(one), Place::Slot(other)) => one.cmp(&other),
            _ => self.number(one).cmp(self.number(other)),
        }
    }

    /// Where the value of a row stands in a column: those of the table at odd places, and others
    /// between them.
    pub(super) fn rank(&self, item: Item, column: Column) -> usize {
        let coded = self.table.column(column);
        match item.place() {
            Place::Slot(slot) => coded.codes.get(slot) as usize * 2 + 1,
            Place::Late(at) => {
                let value = column.of(&self.late[at].licence);
                let below = coded.values.below(value);
                below * 2 + usize::from(coded.values.has(below, value))
            }
        }
    }

    /// How many slots have smaller licence numbers than a late row.
    pub(super) fn slots_before(&self, at: usize) -> usize {
        let number = self.late[at].licence.licence_number.as_str();
        let numbers = &self.table.numbers;
        super::table::partition(self.table.len(), |slot| numbers.get(slot) < number)
    }
}

/// Parts of lists are shorter than what memory can hold.
fn narrow(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
