//! Rows in columns. Nothing in a table changes once it is made, so that requests share it.
//!
//! Rows stand in the order of their licence numbers, and their place is their slot. Each column
//! keeps its distinct values once, sorted, and for every slot the place of its value among them:
//! comparing two slots is comparing two numbers. The slots of a value, in their order, follow those
//! of the value before, so that a list sorted by the column is read off. That order is not kept for
//! columns of few values: there the places of a page are found by counting.

use super::codes::{Codes, RowIds, in_order};
use super::texts::Texts;
use crate::licences::domain::{Cell, Column};

/// Rows in columns.
#[derive(Debug)]
pub struct Table {
    /// The rows' ids, by slot.
    pub row_ids: RowIds,
    /// The licence numbers, by slot.
    pub numbers: Texts,
    /// The bits of the grades, by slot.
    pub grades: Vec<u8>,
    /// 1 for the newest licence of its holder, by slot.
    pub current: Vec<u8>,
    /// The first state with the row.
    pub(super) added: Coded,
    /// Slots of rows that have ended, with the first state without them.
    pub ended: Vec<(u32, i64)>,
    /// In the order of their declaration.
    pub(super) columns: Vec<Coded>,
}

/// A column.
#[derive(Debug)]
pub struct Coded {
    /// The distinct values, sorted.
    pub values: Values,
    /// By slot, the place of its value.
    pub codes: Codes,
    /// The slots in the order of their values, unless the values are few.
    pub order: Option<Order>,
}

/// The slots of a column in the order of its values.
#[derive(Debug)]
pub struct Order {
    /// The slots, by value and then by slot.
    pub slots: Codes,
    /// For each value where its slots begin, and at last where they all end.
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

impl Values {
    /// No values of this kind yet, and room for so many, or for so many bytes of text.
    pub fn with_room(&self, count: usize, bytes: usize) -> Self {
        match self {
            Self::Texts(_) => Self::Texts(Texts::with_room(bytes)),
            Self::Times(_) => Self::Times(Vec::with_capacity(count)),
        }
    }

    /// How many bytes of text there are.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Texts(texts) => texts.bytes(),
            Self::Times(_) => 0,
        }
    }

    /// Leaves no room for more.
    pub fn shrink(&mut self) {
        match self {
            Self::Texts(texts) => texts.shrink(),
            Self::Times(times) => times.shrink_to_fit(),
        }
    }

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

    /// Whether this value is at a place.
    pub fn has(&self, at: usize, value: Cell<'_>) -> bool {
        at < self.len() && self.get(at) == value
    }

    /// The place of this value.
    pub fn find(&self, value: Cell<'_>) -> Option<u32> {
        let at = self.below(value);
        self.has(at, value).then(|| narrow(at))
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
pub fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// So many values are few: their slots are counted, and not kept in order.
const FEW: usize = if cfg!(test) { 4 } else { 1 << 8 };

impl Coded {
    /// A column without the order of its slots.
    pub fn new(values: Values, codes: Codes) -> Self {
        Self {
            values,
            codes,
            order: None,
        }
    }

    /// The same with the order of its slots, unless its values are few.
    #[must_use]
    pub fn ordered(mut self) -> Self {
        if self.values.len() > FEW {
            self.order = Some(Order::of(&self.codes, self.values.len()));
        }
        self
    }
}

impl Order {
    /// The order of slots by their values, of which there are so many: how many slots have each
    /// value tells where it begins.
    fn of(codes: &Codes, values: usize) -> Self {
        let count = codes.len();
        let mut starts = vec![0_u32; values + 1];
        for slot in 0..count {
            starts[codes.get(slot) as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut slots = Codes::zeros(count, narrow(count.saturating_sub(1)));
        // Each start moves to where its value ends, which is where the next one starts.
        for slot in 0..count {
            let start = &mut starts[codes.get(slot) as usize];
            slots.set(*start as usize, narrow(slot));
            *start += 1;
        }
        starts.rotate_right(1);
        // What came to the front is how many there are, which is where the last value ends.
        starts[0] = 0;
        Self { slots, starts }
    }
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

    /// The slot of a row, which has this licence number.
    pub fn slot_of(&self, number: &str, row_id: i64) -> Option<u32> {
        let first = partition(self.len(), |slot| self.numbers.get(slot) < number);
        let rows = (first..self.len()).take_while(|slot| self.numbers.get(*slot) == number);
        let mut rows = rows.filter(|slot| self.row_ids.get(*slot) == row_id);
        rows.next().map(narrow)
    }

    /// How many of the states with which rows came are not after this one.
    pub fn states_until(&self, state: i64) -> usize {
        let states = &self.added.values;
        partition(states.len(), |at| states.get(at) <= Cell::Time(state))
    }

    /// A column.
    pub fn column(&self, column: Column) -> &Coded {
        // Columns are made in the order of their declaration.
        &self.columns[column as usize]
    }
}

impl Values {
    /// Adds a value of the same kind; one of the other kind is none.
    pub fn push(&mut self, value: Cell<'_>) {
        match (self, value) {
            (Self::Texts(texts), Cell::Text(text)) => texts.push(text),
            (Self::Times(times), Cell::Time(time)) => times.push(time),
            (Self::Texts(_), Cell::Time(_)) | (Self::Times(_), Cell::Text(_)) => {}
        }
    }

    /// The values at these places, in this order.
    pub fn in_order(&self, places: &[u32]) -> Self {
        match self {
            Self::Texts(texts) => Self::Texts(texts.in_order(places)),
            Self::Times(times) => Self::Times(in_order(times, places)),
        }
    }
}
