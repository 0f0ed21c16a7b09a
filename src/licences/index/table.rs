//! Rows in columns. Nothing in a table changes once it is made, so that requests share it.
//!
//! Rows stand in the order of their licence numbers, and their place is their slot. Each column
//! keeps its distinct values once, sorted, and for every slot the place of its value among them:
//! comparing two slots is comparing two numbers. The slots of a value, in their order, follow those
//! of the value before, so that a list sorted by the column is read off.

use std::collections::HashMap;
use std::hash::Hash;

use crate::licences::domain::{Cell, Column, Row};

/// Rows in columns.
#[derive(Debug)]
pub struct Table {
    /// The rows' ids, by slot.
    pub row_ids: Vec<i64>,
    /// The slots, in the order of their rows' ids.
    by_id: Vec<u32>,
    /// The licence numbers, by slot.
    pub numbers: Texts,
    /// The bits of the grades, by slot.
    pub grades: Vec<u8>,
    /// 1 for the newest licence of its holder, by slot.
    pub current: Vec<u8>,
    /// The first state with the row, by slot.
    pub added: Vec<i64>,
    /// The last of these.
    pub last_added: i64,
    /// Slots of rows that have ended, with the first state without them.
    pub ended: Vec<(u32, i64)>,
    columns: Vec<Coded>,
}

/// A column.
#[derive(Debug)]
pub struct Coded {
    /// The distinct values, sorted.
    pub values: Values,
    /// By slot, the place of its value.
    pub codes: Vec<u32>,
    /// The slots, by value and then by slot.
    pub order: Vec<u32>,
    /// For each value where its slots begin in `order`, and at last where they all end.
    pub starts: Vec<u32>,
}

/// Distinct values, sorted.
#[derive(Debug)]
pub enum Values {
    /// By code points.
    Texts(Texts),
    /// In milliseconds since 1970.
    Times(Vec<i64>),
}

/// Many texts in one.
#[derive(Debug, Default)]
pub struct Texts {
    text: String,
    ends: Vec<u32>,
}

impl Texts {
    fn with_capacity(count: usize) -> Self {
        Self {
            text: String::new(),
            ends: Vec::with_capacity(count),
        }
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(narrow(self.text.len()));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text at a place; empty beyond the last.
    pub fn get(&self, at: usize) -> &str {
        let end = |at: usize| self.ends.get(at).copied().unwrap_or_default() as usize;
        let start = at.checked_sub(1).map_or(0, end);
        self.text.get(start..end(at)).unwrap_or_default()
    }
}

impl Values {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Texts(texts) => texts.len(),
            Self::Times(times) => times.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value at a place.
    pub fn get(&self, at: usize) -> Cell<'_> {
        match self {
            Self::Texts(texts) => Cell::Text(texts.get(at)),
            Self::Times(times) => Cell::Time(times.get(at).copied().unwrap_or_default()),
        }
    }

    /// How many values are smaller than this one.
    pub fn below(&self, value: Cell<'_>) -> usize {
        partition(self.len(), |at| self.get(at) < value)
    }

    /// The place of this value.
    pub fn find(&self, value: Cell<'_>) -> Option<u32> {
        let at = self.below(value);
        (at < self.len() && self.get(at) == value).then(|| narrow(at))
    }
}

/// The first of `0..count` for which `before` does not hold, which holds for all before it.
pub fn partition(count: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// Tables hold fewer rows, and fewer bytes of text in a column, than 32 bits count.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl Table {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.row_ids.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.row_ids.is_empty()
    }

    /// The slot of a row.
    pub fn slot_of(&self, row_id: i64) -> Option<u32> {
        let id = |slot: &u32| self.row_ids[*slot as usize];
        let at = self.by_id.binary_search_by_key(&row_id, id).ok()?;
        self.by_id.get(at).copied()
    }

    /// A column.
    pub fn column(&self, column: Column) -> &Coded {
        // Columns are made in the order of their declaration.
        &self.columns[column as usize]
    }
}

/// A table in the making: rows come in any order.
#[derive(Debug)]
pub struct Builder {
    row_ids: Vec<i64>,
    numbers: Vec<Box<str>>,
    grades: Vec<u8>,
    current: Vec<u8>,
    added: Vec<i64>,
    ended: Vec<(u32, i64)>,
    columns: Vec<Gathered>,
}

/// A column in the making: for each row the place of its value among those that came.
#[derive(Debug)]
enum Gathered {
    Texts(Distinct<Box<str>>),
    Times(Distinct<i64>),
}

#[derive(Debug)]
struct Distinct<V> {
    places: HashMap<V, u32>,
    rows: Vec<u32>,
}

impl<V: Eq + Hash + Ord> Distinct<V> {
    fn new() -> Self {
        Self {
            places: HashMap::new(),
            rows: Vec::new(),
        }
    }

    fn push(&mut self, value: V) {
        let fresh = narrow(self.places.len());
        self.rows.push(*self.places.entry(value).or_insert(fresh));
    }

    /// The values sorted, and by slot the place of each slot's value.
    fn finish(self, slots: &[u32]) -> (Vec<V>, Vec<u32>) {
        let mut values: Vec<(V, u32)> = self.places.into_iter().collect();
        values.sort_unstable();
        let mut places = vec![0_u32; values.len()];
        for (place, (_, came)) in values.iter().enumerate() {
            places[*came as usize] = narrow(place);
        }
        let codes = slots
            .iter()
            .map(|row| places[self.rows[*row as usize] as usize]);
        let codes = codes.collect();
        (values.into_iter().map(|(value, _)| value).collect(), codes)
    }
}

impl Default for Builder {
    fn default() -> Self {
        let is_text = |column: &Column| {
            !matches!(
                column,
                Column::DistributionStatusDate
                    | Column::ApplicationDate
                    | Column::CourseDate
                    | Column::DateIssued
                    | Column::DateExpires
            )
        };
        let columns = Column::ALL.iter().map(|column| match is_text(column) {
            true => Gathered::Texts(Distinct::new()),
            false => Gathered::Times(Distinct::new()),
        });
        Self {
            row_ids: Vec::new(),
            numbers: Vec::new(),
            grades: Vec::new(),
            current: Vec::new(),
            added: Vec::new(),
            ended: Vec::new(),
            columns: columns.collect(),
        }
    }
}

impl Builder {
    /// Adds a row.
    pub fn push(&mut self, row: Row) {
        let at = narrow(self.row_ids.len());
        for (column, gathered) in Column::ALL.iter().zip(&mut self.columns) {
            match (column.of(&row.licence), gathered) {
                (Cell::Text(text), Gathered::Texts(texts)) => texts.push(text.into()),
                (Cell::Time(time), Gathered::Times(times)) => times.push(time),
                // The kinds of the columns are those that they were made with.
                _ => {}
            }
        }
        self.row_ids.push(row.row_id);
        self.grades.push(row.licence.grades.bits());
        self.numbers.push(row.licence.licence_number.into());
        self.current.push(u8::from(row.is_current));
        self.added.push(row.added);
        self.ended.extend(row.ended.map(|ended| (at, ended)));
    }

    /// The table.
    pub fn finish(self) -> Table {
        let mut slots: Vec<u32> = (0..narrow(self.row_ids.len())).collect();
        let key = |row: &u32| (&self.numbers[*row as usize], self.added[*row as usize]);
        slots.sort_unstable_by(|one, other| key(one).cmp(&key(other)));
        let mut numbers = Texts::with_capacity(slots.len());
        for row in &slots {
            numbers.push(&self.numbers[*row as usize]);
        }
        drop(self.numbers);
        let mut slot_of = vec![0_u32; slots.len()];
        for (slot, row) in slots.iter().enumerate() {
            slot_of[*row as usize] = narrow(slot);
        }
        let mut ended: Vec<_> = self.ended;
        for (slot, _) in &mut ended {
            *slot = slot_of[*slot as usize];
        }
        drop(slot_of);
        let columns = self.columns.into_iter().map(|column| column.finish(&slots));
        let columns = columns.collect();
        let row_ids = in_slots(&self.row_ids, &slots);
        let mut by_id: Vec<u32> = (0..narrow(row_ids.len())).collect();
        by_id.sort_unstable_by_key(|slot| row_ids[*slot as usize]);
        Table {
            row_ids,
            by_id,
            numbers,
            grades: in_slots(&self.grades, &slots),
            current: in_slots(&self.current, &slots),
            last_added: self.added.iter().copied().max().unwrap_or_default(),
            added: in_slots(&self.added, &slots),
            ended,
            columns,
        }
    }
}

fn in_slots<T: Copy>(rows: &[T], slots: &[u32]) -> Vec<T> {
    slots.iter().map(|row| rows[*row as usize]).collect()
}

impl Gathered {
    fn finish(self, slots: &[u32]) -> Coded {
        let (values, codes) = match self {
            Self::Texts(texts) => {
                let (values, codes) = texts.finish(slots);
                let mut texts = Texts::with_capacity(values.len());
                values.iter().for_each(|value| texts.push(value));
                (Values::Texts(texts), codes)
            }
            Self::Times(times) => {
                let (values, codes) = times.finish(slots);
                (Values::Times(values), codes)
            }
        };
        let mut starts = vec![0_u32; values.len() + 1];
        for code in &codes {
            starts[*code as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut order = vec![0_u32; codes.len()];
        for (slot, code) in codes.iter().enumerate() {
            let place = &mut next[*code as usize];
            order[*place as usize] = narrow(slot);
            *place += 1;
        }
        Coded {
            values,
            codes,
            order,
            starts,
        }
    }
}
