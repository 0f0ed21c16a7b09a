//! A table in the making. Rows that come in the order of their numbers are put where they stay.
//!
//! Memory is held in few and large pieces, so that what is given up goes back to the system: texts
//! lie behind each other, and a text that is known already is not kept again.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

use super::codes::{Codes, RowIds, in_order};
use super::table::{Coded, Table, Values, narrow, partition};
use super::texts::Texts;
use crate::licences::domain::{Cell, Column, Row};

/// A table in the making: rows come in any order, and cheapest in that of their numbers.
#[derive(Debug)]
pub struct Builder {
    row_ids: Vec<i64>,
    numbers: Texts,
    /// How many of the first rows follow each other by their numbers.
    sorted: usize,
    /// The places of the rows after these, by their ids.
    unsorted: HashMap<i64, u32>,
    grades: Vec<u8>,
    current: Vec<u8>,
    added: Distinct,
    ended: HashMap<u32, i64>,
    columns: Vec<Distinct>,
}

/// Distinct values in the order in which they came, and for each row the place of its value.
#[derive(Debug)]
struct Distinct {
    values: Values,
    rows: Codes,
    /// The places of the values, each at its hash or at the next free place after it.
    hashed: Vec<u32>,
    hasher: RandomState,
}

/// No value is at this place.
const FREE: u32 = u32::MAX;

impl Distinct {
    fn new(values: Values) -> Self {
        Self {
            values,
            rows: Codes::default(),
            hashed: Vec::new(),
            hasher: RandomState::new(),
        }
    }

    fn push(&mut self, value: Cell<'_>) {
        // Half of the places stay free, so that one is near.
        if self.values.len() * 2 >= self.hashed.len() {
            self.grow();
        }
        let place = self.place(value);
        if self.hashed[place] == FREE {
            self.hashed[place] = narrow(self.values.len());
            self.values.push(value);
        }
        self.rows.push(self.hashed[place]);
    }

    /// The place of a value among the hashed, or the free place where it belongs.
    fn place(&self, value: Cell<'_>) -> usize {
        let last = self.hashed.len() - 1;
        // The lower bits are as good as any others.
        let mut place = self.hasher.hash_one(value) as usize & last;
        while self.hashed[place] != FREE && self.values.get(self.hashed[place] as usize) != value {
            place = (place + 1) & last;
        }
        place
    }

    fn grow(&mut self) {
        let room = (self.hashed.len() * 2).max(64);
        self.hashed = Vec::new();
        self.hashed.resize(room, FREE);
        for at in 0..self.values.len() {
            let place = self.place(self.values.get(at));
            self.hashed[place] = narrow(at);
        }
    }

    /// The values sorted, and by slot the place of each slot's value.
    fn finish(mut self, slots: Option<&[u32]>) -> Coded {
        let mut came: Vec<u32> = (0..narrow(self.values.len())).collect();
        let value = |came: &u32| self.values.get(*came as usize);
        came.sort_unstable_by(|one, other| value(one).cmp(&value(other)));
        let values = self.values.in_order(&came);
        drop(self.values);
        let mut places = vec![0_u32; came.len()];
        for (place, came) in came.into_iter().enumerate() {
            places[came as usize] = narrow(place);
        }
        self.rows.replace(&places);
        match slots {
            Some(slots) => self.rows = self.rows.in_order(slots),
            None => self.rows.shrink(),
        }
        Coded::new(values, self.rows)
    }
}

impl Default for Builder {
    fn default() -> Self {
        let columns = Column::ALL.iter().map(|column| {
            Distinct::new(match column.is_time() {
                true => Values::Times(Vec::new()),
                false => Values::Texts(Texts::default()),
            })
        });
        Self {
            row_ids: Vec::new(),
            numbers: Texts::default(),
            sorted: 0,
            unsorted: HashMap::new(),
            grades: Vec::new(),
            current: Vec::new(),
            added: Distinct::new(Values::Times(Vec::new())),
            ended: HashMap::new(),
            columns: columns.collect(),
        }
    }
}

impl Builder {
    /// Adds a row. Of one that is there already only its end is news.
    pub fn push(&mut self, row: &Row) {
        let number = row.licence.licence_number.as_str();
        let count = self.row_ids.len();
        let is_next = count == self.sorted && (count == 0 || self.numbers.get(count - 1) < number);
        let known = match is_next {
            true => None,
            false => self.known(number, row.row_id),
        };
        let at = known.unwrap_or(narrow(count));
        if let Some(ended) = row.ended {
            self.ended.insert(at, ended);
        }
        match known {
            Some(_) => return,
            None if is_next => self.sorted += 1,
            None => {
                self.unsorted.insert(row.row_id, at);
            }
        }
        for (column, distinct) in Column::ALL.iter().zip(&mut self.columns) {
            distinct.push(column.of(&row.licence));
        }
        self.row_ids.push(row.row_id);
        self.numbers.push(number);
        self.grades.push(row.licence.grades.bits());
        self.current.push(u8::from(row.is_current));
        self.added.push(Cell::Time(row.added));
    }

    /// The place of a row that came before.
    fn known(&self, number: &str, row_id: i64) -> Option<u32> {
        let at = partition(self.sorted, |at| self.numbers.get(at) < number);
        if at < self.sorted && self.row_ids[at] == row_id {
            return Some(narrow(at));
        }
        self.unsorted.get(&row_id).copied()
    }

    /// The table. It is made part by part, and each part of what came is given up for its own.
    pub fn finish(mut self) -> Table {
        let slots = self.slots();
        let slots = slots.as_deref();
        self.unsorted = HashMap::new();
        for distinct in self.columns.iter_mut().chain([&mut self.added]) {
            distinct.hashed = Vec::new();
        }
        let count = self.row_ids.len();
        let row_ids = match slots {
            Some(slots) => {
                let row_ids = slots.iter().map(|row| self.row_ids[*row as usize]);
                RowIds::new(count, row_ids)
            }
            None => RowIds::new(count, self.row_ids.iter().copied()),
        };
        drop(self.row_ids);
        let numbers = match slots {
            Some(slots) => self.numbers.in_order(slots),
            None => {
                self.numbers.shrink();
                self.numbers
            }
        };
        let columns = self.columns.into_iter();
        let columns = columns.map(|column| column.finish(slots).ordered());
        Table {
            row_ids,
            numbers,
            grades: sorted(self.grades, slots),
            current: sorted(self.current, slots),
            added: self.added.finish(slots),
            ended: in_slots(self.ended, slots),
            columns: columns.collect(),
        }
    }

    /// The rows in the order of their numbers, unless they came in it.
    fn slots(&self) -> Option<Vec<u32>> {
        if self.sorted == self.row_ids.len() {
            return None;
        }
        let mut slots: Vec<u32> = (0..narrow(self.row_ids.len())).collect();
        let key = |row: &u32| {
            let row = *row as usize;
            (self.numbers.get(row), self.row_ids[row])
        };
        // Most of them are in order, of which this sort makes use.
        slots.sort_by(|one, other| key(one).cmp(&key(other)));
        Some(slots)
    }
}

fn sorted<T: Copy>(mut values: Vec<T>, slots: Option<&[u32]>) -> Vec<T> {
    match slots {
        Some(slots) => in_order(&values, slots),
        None => {
            values.shrink_to_fit();
            values
        }
    }
}

/// What is known of rows by their places, by their slots instead.
fn in_slots(ended: HashMap<u32, i64>, slots: Option<&[u32]>) -> Vec<(u32, i64)> {
    let mut of: Vec<(u32, i64)> = match slots {
        None => ended.into_iter().collect(),
        Some(slots) => {
            let slots = slots.iter().zip(0_u32..);
            let found = slots.filter_map(|(row, slot)| Some((slot, *ended.get(row)?)));
            found.collect()
        }
    };
    of.sort_unstable();
    of
}
