//! A new table out of an old one and what came since.
//!
//! Nothing is read again and nothing is sorted: rows of both tables stand in the order of their
//! numbers, and the values of both columns in theirs. The new table is made column by column, so
//! that beside the two tables there is never more than what one column takes.

use super::codes::{Codes, RowIds};
use super::matches::Bits;
use super::table::{Coded, Table, Values, narrow};
use super::texts::Texts;
use crate::licences::domain::Column;

/// What came after a table.
#[derive(Debug)]
pub struct Since {
    /// The rows that came.
    pub came: Table,
    /// Slots of the old table whose rows have ended since, with the first state without them.
    pub ended: Vec<(u32, i64)>,
    /// The oldest state that is looked at: rows of the old table that ended before it are left
    /// out.
    pub first: i64,
}

/// The rows of two tables that a new one has.
struct Seam<'a> {
    old: &'a Table,
    new: &'a Table,
    /// Slots of the old table whose rows stay.
    stays: Bits,
    /// Whether all of them do.
    all_stay: bool,
    /// Slots of the table that is made whose rows are those of the new one.
    is_new: Bits,
    count: usize,
}

/// Where a row was.
#[derive(Clone, Copy)]
enum Was {
    /// In a slot of the old table.
    Old(usize),
    /// In a slot of the new one.
    New(usize),
}

/// Values of two columns in one, and by their places in each their places in both.
struct Joint {
    values: Values,
    old: Vec<u32>,
    new: Vec<u32>,
}

impl Table {
    /// The table with what came after it.
    pub fn after(&self, since: Since) -> Self {
        let Since {
            came,
            ended: since,
            first,
        } = since;
        let mut ended: Vec<(u32, i64)> = self.ended.iter().copied().chain(since).collect();
        // A row ends once.
        ended.sort_unstable();
        ended.dedup_by_key(|(slot, _)| *slot);
        let gone = ended.iter().filter(|(_, ended)| *ended <= first);
        let seam = Seam::new(self, &came, gone.map(|(slot, _)| *slot));
        ended.retain(|(slot, _)| seam.stays.has(*slot));
        let columns = Column::ALL.iter().map(|column| {
            let (old, new) = (self.column(*column), came.column(*column));
            seam.column(old, new).ordered()
        });
        Table {
            row_ids: seam.row_ids(),
            numbers: seam.numbers(),
            grades: seam.bytes(&self.grades, &came.grades),
            current: seam.bytes(&self.current, &came.current),
            added: seam.column(&self.added, &came.added),
            ended: seam.ended(&ended, &came.ended),
            columns: columns.collect(),
        }
    }
}

impl<'a> Seam<'a> {
    /// The rows of the old table but those that are gone, and the rows of the new one.
    fn new(old: &'a Table, new: &'a Table, gone: impl Iterator<Item = u32>) -> Self {
        let mut stays = Bits::all(old.len());
        gone.for_each(|slot| stays.clear(slot));
        let staying = stays.count();
        let count = staying + new.len();
        let mut is_new = Bits::none(count);
        let key = |table: &'a Table, slot| (table.numbers.get(slot), table.row_ids.get(slot));
        let (mut next, mut at) = (0, 0);
        for slot in stays.slots() {
            let own = key(old, slot as usize);
            while next < new.len() && key(new, next) < own {
                is_new.set(at);
                (next, at) = (next + 1, at + 1);
            }
            at += 1;
        }
        (at..narrow(count)).for_each(|at| is_new.set(at));
        Self {
            old,
            new,
            all_stay: staying == old.len(),
            stays,
            is_new,
            count,
        }
    }

    /// Where the rows of the table that is made were, in their order.
    fn rows(&self) -> impl Iterator<Item = Was> + Clone {
        let mut old = self.stays.slots();
        let mut new = 0..;
        (0..narrow(self.count)).filter_map(move |slot| match self.is_new.has(slot) {
            true => new.next().map(Was::New),
            false => old.next().map(|slot| Was::Old(slot as usize)),
        })
    }

    fn row_ids(&self) -> RowIds {
        let row_ids = self.rows().map(|row| match row {
            Was::Old(slot) => self.old.row_ids.get(slot),
            Was::New(slot) => self.new.row_ids.get(slot),
        });
        RowIds::new(self.count, row_ids)
    }

    fn numbers(&self) -> Texts {
        let (old, new) = (&self.old.numbers, &self.new.numbers);
        let mut numbers = Texts::with_room(old.bytes() + new.bytes());
        for row in self.rows() {
            numbers.push(match row {
                Was::Old(slot) => old.get(slot),
                Was::New(slot) => new.get(slot),
            });
        }
        numbers.shrink();
        numbers
    }

    fn bytes(&self, old: &[u8], new: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.count);
        bytes.extend(self.rows().map(|row| match row {
            Was::Old(slot) => old[slot],
            Was::New(slot) => new[slot],
        }));
        bytes
    }

    /// Rows that have ended, by their slots in the table that is made.
    fn ended(&self, old: &[(u32, i64)], new: &[(u32, i64)]) -> Vec<(u32, i64)> {
        let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
        let mut ended = Vec::with_capacity(old.len() + new.len());
        for (row, slot) in self.rows().zip(0_u32..) {
            let found = match row {
                Was::Old(was) => old.next_if(|(at, _)| *at as usize == was),
                Was::New(was) => new.next_if(|(at, _)| *at as usize == was),
            };
            ended.extend(found.map(|(_, ended)| (slot, *ended)));
        }
        ended
    }

    fn column(&self, old: &Coded, new: &Coded) -> Coded {
        let joint = Joint::new((old, &self.kept(old)), new);
        let largest = narrow(joint.values.len().saturating_sub(1));
        let codes = self.rows().map(|row| match row {
            Was::Old(slot) => joint.old[old.codes.get(slot) as usize],
            Was::New(slot) => joint.new[new.codes.get(slot) as usize],
        });
        let codes = Codes::collect(self.count, largest, codes);
        Coded::new(joint.values, codes)
    }

    /// Which values of a column of the old table rows still have.
    fn kept(&self, old: &Coded) -> Bits {
        let count = old.values.len();
        if self.all_stay {
            return Bits::all(count);
        }
        let mut kept = Bits::none(count);
        let slots = self.stays.slots();
        slots.for_each(|slot| kept.set(old.codes.get(slot as usize)));
        kept
    }
}

impl Joint {
    /// The values of the old column that are kept, and all those of the new one.
    fn new((old, kept): (&Coded, &Bits), new: &Coded) -> Self {
        let (old, new) = (&old.values, &new.values);
        let mut joint = Self {
            values: old.with_room(old.len() + new.len(), old.bytes() + new.bytes()),
            old: vec![0; old.len()],
            new: vec![0; new.len()],
        };
        let mut next = 0;
        for at in kept.slots() {
            let value = old.get(at as usize);
            while next < new.len() && new.get(next) < value {
                joint.new[next] = joint.push(new, next);
                next += 1;
            }
            let place = joint.push(old, at as usize);
            joint.old[at as usize] = place;
            if new.has(next, value) {
                joint.new[next] = place;
                next += 1;
            }
        }
        for at in next..new.len() {
            joint.new[at] = joint.push(new, at);
        }
        joint.values.shrink();
        joint
    }

    /// Adds the value at a place of others; its place.
    fn push(&mut self, of: &Values, at: usize) -> u32 {
        let place = narrow(self.values.len());
        self.values.push(of.get(at));
        place
    }
}
