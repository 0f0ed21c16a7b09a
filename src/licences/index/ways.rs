//! Lists sorted by one thing, read off the order that the table has.

use std::sync::{Arc, OnceLock, PoisonError};

use super::counted::Counted;
use super::item::Item;
use super::snapshot::{Key, Matches, Snapshot};
use super::table::{Coded, Order, narrow, partition};
use crate::licences::domain::{Direction, SortKey};

/// How many slots a walk may pass before it is worth to know the way.
const FAR: usize = if cfg!(test) { 8 } else { 32_768 };

/// How many slots lie between two marks.
const STRIDE: usize = if cfg!(test) { 4 } else { 1_024 };

/// Of how many orders something is known at the same time.
const WAYS: usize = if cfg!(test) { 2 } else { 8 };

/// What is known of the rows that meet a filter in one order.
#[derive(Debug)]
pub(super) enum Way {
    /// Slots stand in this order.
    Walked(Walked),
    /// Slots are counted, because they have few values.
    Counted(Counted),
}

/// The rows that meet a filter in one order.
#[derive(Debug)]
pub(super) struct Walked {
    /// The late ones in their order, each with the number of slots before it.
    late: Vec<(usize, Item)>,
    /// How many of the slots before each mark meet the filter; made when a walk would be long.
    marks: OnceLock<Vec<u32>>,
}

impl Way {
    /// How much room it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Walked(way) => {
                let marks = way.marks.get().map_or(&[][..], Vec::as_slice);
                size_of_val(way.late.as_slice()) + size_of_val(marks)
            }
            Self::Counted(counted) => counted.bytes(),
        }
    }
}

impl Snapshot {
    /// A part of the matches sorted by one key: how many are passed over, and how many taken.
    pub(super) fn read_off(
        &self,
        matches: &Matches,
        key: Key,
        (skip, take): (usize, usize),
    ) -> Vec<Item> {
        match &*self.way(matches, key) {
            Way::Walked(way) => self.walk_to(matches, (key, way), (skip, take)),
            Way::Counted(counted) => self.read_counted(matches, counted, (skip, take)),
        }
    }

    /// A part of the matches, from the nearer end, or from a mark when that is far.
    fn walk_to(
        &self,
        matches: &Matches,
        (key, way): (Key, &Walked),
        (skip, take): (usize, usize),
    ) -> Vec<Item> {
        let rest = matches.total - skip - take;
        let from_end = match way.marks.get() {
            // A walk that was long once is so again.
            Some(_) => None,
            None if skip <= rest => self.walk(matches, (key, way), (skip, take), Walk::Up),
            None => self.walk(matches, (key, way), (rest, take), Walk::Back),
        };
        from_end
            .or_else(|| {
                let marks = way.marks.get_or_init(|| self.marks(matches, key));
                let before = |mark: usize| {
                    let late = way
                        .late
                        .partition_point(|(place, _)| *place < mark * STRIDE);
                    marks[mark] as usize + late
                };
                let mark = partition(marks.len(), |mark| before(mark) <= skip).saturating_sub(1);
                let passed = skip - before(mark);
                self.walk(
                    matches,
                    (key, way),
                    (passed, take),
                    Walk::From(mark * STRIDE),
                )
            })
            .unwrap_or_default()
    }

    /// Passes over some matches and takes those that follow; `None` when that is a long way from
    /// an end.
    fn walk(
        &self,
        matches: &Matches,
        (key, way): (Key, &Walked),
        (passed, take): (usize, usize),
        walk: Walk,
    ) -> Option<Vec<Item>> {
        let count = self.table.len();
        let back = walk == Walk::Back;
        let (start, limit) = match walk {
            Walk::From(start) => (start, count),
            Walk::Up | Walk::Back => (0, FAR),
        };
        let first = way.late.partition_point(|(place, _)| *place < start);
        let mut late = way.late[first..].iter();
        let mut part = Collected::new(passed, take);
        let mut position = start;
        self.each_slot(key, (start, back), |slot| {
            // Late rows stand before the slot that has as many slots before it.
            let is_next = |place: usize| match back {
                true => place >= count - position,
                false => place <= position,
            };
            while let Some(item) = next(&mut late, back, is_next) {
                part.take(item);
            }
            position += 1;
            if matches.slots.has(slot) {
                part.take(Item::slot(slot));
            }
            part.is_full() || position - start >= limit
        });
        if !part.is_full() && position < count {
            return None;
        }
        while let Some(item) = next(&mut late, back, |_| true) {
            part.take(item);
        }
        if back {
            part.items.reverse();
        }
        Some(part.items)
    }

    /// What is known of the matches in the order of a key.
    fn way(&self, matches: &Matches, key: Key) -> Arc<Way> {
        let lock = || matches.ways.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, way)) = lock().iter().find(|(known, _)| *known == key) {
            return Arc::clone(way);
        }
        let way = match self.counted_by(key.0) {
            Some(column) => Way::Counted(self.counted(matches, (column, key.1))),
            None => Way::Walked(self.walked(matches, key)),
        };
        let way = Arc::new(way);
        let mut ways = lock();
        if ways.len() >= WAYS {
            ways.remove(0);
        }
        ways.push((key, Arc::clone(&way)));
        way
    }

    fn walked(&self, matches: &Matches, key: Key) -> Walked {
        let late = matches.late.iter();
        let late = late.map(|at| (self.place(*at, key), Item::late(*at)));
        let mut late: Vec<(usize, Item)> = late.collect();
        late.sort_by(|(_, one), (_, other)| self.compare(*one, *other, &[key]));
        Walked {
            late,
            marks: OnceLock::new(),
        }
    }

    /// The order of a key's slots; `None` where they stand in it.
    fn order(&self, key: SortKey) -> Option<(&Coded, &Order)> {
        let SortKey::Column(column) = key else {
            return None;
        };
        let column = self.table.column(column);
        Some((column, column.order.as_ref()?))
    }

    /// How many of the slots before each mark in the order of a key meet a filter.
    fn marks(&self, matches: &Matches, key: Key) -> Vec<u32> {
        let mut marks = Vec::with_capacity(self.table.len() / STRIDE + 1);
        let (mut position, mut met) = (0_usize, 0_u32);
        self.each_slot(key, (0, false), |slot| {
            if position.is_multiple_of(STRIDE) {
                marks.push(met);
            }
            position += 1;
            met += u32::from(matches.slots.has(slot));
            false
        });
        marks
    }

    /// Calls `visit` with the slots in the order of a key from a position on, or against it from
    /// the end, until it is done.
    fn each_slot(
        &self,
        (key, direction): Key,
        (start, back): (usize, bool),
        mut visit: impl FnMut(u32) -> bool,
    ) {
        let up = (direction == Direction::Up) != back;
        let count = self.table.len();
        let Some((column, order)) = self.order(key) else {
            for at in start..count {
                if visit(narrow(if up { at } else { count - 1 - at })) {
                    return;
                }
            }
            return;
        };
        let values = column.values.len();
        let bounds = |at: usize| {
            let value = if up { at } else { values - 1 - at };
            order.starts[value] as usize..order.starts[value + 1] as usize
        };
        // How many slots come before those of a value, in this order.
        let before = |at: usize| match up {
            true => bounds(at).start,
            false => count - bounds(at).end,
        };
        let first = partition(values, |at| before(at) <= start).saturating_sub(1);
        let mut skipped = if values == 0 {
            0
        } else {
            start - before(first)
        };
        for at in first..values {
            let group = bounds(at);
            let mut visit = |at| visit(order.slots.get(at));
            // Within a value the slots follow each other by their numbers, whichever way it goes.
            let done = match back {
                true => group.rev().any(&mut visit),
                false => group.skip(skipped).any(&mut visit),
            };
            if done {
                return;
            }
            skipped = 0;
        }
    }

    /// How many slots come before a late row in the order of a key.
    fn place(&self, at: usize, (key, direction): Key) -> usize {
        let licence = &self.late[at].licence;
        let count = self.table.len();
        let number = licence.licence_number.as_str();
        let (SortKey::Column(by), Some((column, order))) = (key, self.order(key)) else {
            let before = self.slots_before(at);
            return match direction {
                Direction::Up => before,
                Direction::Down => count - before,
            };
        };
        let value = by.of(licence);
        let below = column.values.below(value);
        let start = order.starts[below] as usize;
        let end = match column.values.has(below, value) {
            true => order.starts[below + 1] as usize,
            false => start,
        };
        let of = |at: usize| order.slots.get(start + at) as usize;
        let within = partition(end - start, |at| self.table.numbers.get(of(at)) < number);
        match direction {
            Direction::Up => start + within,
            Direction::Down => count - end + within,
        }
    }
}

/// Takes the next late row, if its place is reached.
fn next(
    late: &mut std::slice::Iter<'_, (usize, Item)>,
    back: bool,
    is_next: impl Fn(usize) -> bool,
) -> Option<Item> {
    let (place, item) = match back {
        true => late.as_slice().last(),
        false => late.as_slice().first(),
    }?;
    if !is_next(*place) {
        return None;
    }
    if back {
        late.next_back();
    } else {
        late.next();
    }
    Some(*item)
}

/// Which way a list is read off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Walk {
    /// From its start.
    Up,
    /// From its end.
    Back,
    /// From this position on.
    From(usize),
}

/// The items after some that are passed over.
pub(super) struct Collected {
    /// How many are passed over still.
    pub(super) passed: usize,
    take: usize,
    pub(super) items: Vec<Item>,
}

impl Collected {
    pub(super) fn new(passed: usize, take: usize) -> Self {
        Self {
            passed,
            take,
            items: Vec::with_capacity(take),
        }
    }

    pub(super) fn take(&mut self, item: Item) {
        if self.passed > 0 {
            self.passed -= 1;
        } else if !self.is_full() {
            self.items.push(item);
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.items.len() >= self.take
    }
}
