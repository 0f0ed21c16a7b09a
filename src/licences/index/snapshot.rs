//! The register in one state: a table, and the few rows that came after it.

use std::cmp::Ordering;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::matches::{self, Bits};
use super::table::{Table, Values, partition};
use crate::licences::domain::{Cell, Column, Direction, Filter, Grades, Row, Sort, SortKey};

/// How many filters a snapshot remembers the rows of: a walk over a list looks at its pages with
/// one and the same filter.
const REMEMBERED: usize = 32;

/// The register in one state. Nothing in it changes, so that requests share it.
#[derive(Debug)]
pub struct Snapshot {
    table: Arc<Table>,
    /// Rows that came after the table, in the order of their ids.
    late: Vec<Arc<Row>>,
    /// Slots whose rows have ended since, with the first state without them.
    ended: Vec<(u32, i64)>,
    state: i64,
    remembered: Mutex<Vec<(Filter, i64, Arc<Matches>)>>,
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
const FEW: u64 = if cfg!(test) { 5 } else { 2_048 };

/// How many slots a walk may pass before it is worth to know the way.
const FAR: usize = if cfg!(test) { 8 } else { 32_768 };

/// How many slots lie between two marks.
const STRIDE: usize = if cfg!(test) { 4 } else { 1_024 };

/// The rows that meet a filter.
#[derive(Debug)]
struct Matches {
    slots: Bits,
    /// Places in `late`.
    late: Vec<usize>,
    total: u64,
    /// What is known of the orders in which they were asked for.
    ways: Mutex<Vec<(Key, Arc<Way>)>>,
}

/// The rows that meet a filter in one order.
#[derive(Debug, Default)]
struct Way {
    /// The late ones in their order, each with the number of slots before it.
    late: Vec<(usize, Item)>,
    /// How many of the slots before each mark meet the filter; made when a walk would be long.
    marks: OnceLock<Vec<u32>>,
}

/// What a list is sorted by, where that is one thing.
type Key = (SortKey, Direction);

/// A row of the table, or a late one.
#[derive(Clone, Copy, Debug)]
enum Item {
    Slot(u32),
    Late(usize),
}

/// What came after a snapshot.
#[derive(Debug, Default)]
pub struct Changes {
    /// The state after them.
    pub state: i64,
    /// New rows, in the order of their ids.
    pub added: Vec<Row>,
    /// Ids of rows that have ended, with the first state without them.
    pub ended: Vec<(i64, i64)>,
}

impl Snapshot {
    /// The register as a table holds it.
    pub fn new(table: Table, state: i64) -> Self {
        Self {
            table: Arc::new(table),
            late: Vec::new(),
            ended: Vec::new(),
            state,
            remembered: Mutex::default(),
        }
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
        for (row_id, end) in changes.ended {
            if let Some(slot) = self.table.slot_of(row_id) {
                ended.push((slot, end));
            } else if let Ok(at) = late.binary_search_by_key(&row_id, |row| row.row_id) {
                let row = Row::clone(&late[at]);
                late[at] = Arc::new(Row {
                    ended: Some(end),
                    ..row
                });
            }
        }
        Self {
            table: Arc::clone(&self.table),
            late,
            ended,
            state: changes.state,
            remembered: Mutex::default(),
        }
    }

    /// A part of a list.
    pub fn select(&self, part: &Part) -> Selection {
        let matches = self.matches(&part.filter, part.state);
        let total = matches.total;
        let take = part.take.min(total.saturating_sub(part.skip));
        if take == 0 {
            return Selection {
                row_ids: Vec::new(),
                total,
            };
        }
        let items = match part.sort.as_slice() {
            _ if total <= FEW => self.sorted(&matches, &part.sort, part.skip, take),
            [] => {
                let key = (SortKey::LicenceNumber, Direction::Up);
                self.read_off(&matches, key, part.skip, take)
            }
            [key] => self.read_off(&matches, *key, part.skip, take),
            _ => self.sorted(&matches, &part.sort, part.skip, take),
        };
        Selection {
            row_ids: items.into_iter().map(|item| self.row_id(item)).collect(),
            total,
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
            statuses[column.codes[slot] as usize] += 1;
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
        let lock = || {
            self.remembered
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        let mut remembered = lock();
        let known = remembered
            .iter()
            .position(|(known, of, _)| *of == state && known == filter);
        if let Some(at) = known {
            let entry = remembered.remove(at);
            let matches = Arc::clone(&entry.2);
            remembered.push(entry);
            return matches;
        }
        // Others are not kept waiting while the columns are looked at.
        drop(remembered);
        let slots = matches::in_table(&self.table, &self.ended, filter, state);
        let late = self.late.iter().enumerate();
        let late = late.filter(|(_, row)| matches::meets(row, row.ended, filter, state));
        let late: Vec<usize> = late.map(|(at, _)| at).collect();
        let matches = Arc::new(Matches {
            total: (slots.count() + late.len()) as u64,
            slots,
            late,
            ways: Mutex::default(),
        });
        let mut remembered = lock();
        if remembered.len() >= REMEMBERED {
            remembered.remove(0);
        }
        remembered.push((filter.clone(), state, Arc::clone(&matches)));
        matches
    }

    fn row_id(&self, item: Item) -> i64 {
        match item {
            Item::Slot(slot) => self.table.row_ids[slot as usize],
            Item::Late(at) => self.late[at].row_id,
        }
    }

    fn number(&self, item: Item) -> &str {
        match item {
            Item::Slot(slot) => self.table.numbers.get(slot as usize),
            Item::Late(at) => &self.late[at].licence.licence_number,
        }
    }

    fn cell(&self, item: Item, column: Column) -> Cell<'_> {
        match item {
            Item::Slot(slot) => {
                let column = self.table.column(column);
                column.values.get(column.codes[slot as usize] as usize)
            }
            Item::Late(at) => column.of(&self.late[at].licence),
        }
    }

    fn compare(&self, one: Item, other: Item, sort: &[Key]) -> Ordering {
        for (key, direction) in sort {
            let order = match (key, one, other) {
                (SortKey::LicenceNumber, ..) => self.number(one).cmp(self.number(other)),
                (SortKey::Column(column), Item::Slot(one), Item::Slot(other)) => {
                    let codes = &self.table.column(*column).codes;
                    codes[one as usize].cmp(&codes[other as usize])
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
        self.number(one).cmp(self.number(other))
    }

    /// A part of the matches sorted by several keys: those of the part are found without sorting
    /// the others.
    fn sorted(&self, matches: &Matches, sort: &Sort, skip: u64, take: u64) -> Vec<Item> {
        let late = matches.late.iter().map(|at| Item::Late(*at));
        let mut items: Vec<Item> = matches.slots.slots().map(Item::Slot).chain(late).collect();
        let (skip, take) = (narrow(skip), narrow(take));
        let compare = |one: &Item, other: &Item| self.compare(*one, *other, sort);
        if skip > 0 && skip < items.len() {
            items.select_nth_unstable_by(skip, compare);
        }
        let mut part = items.split_off(skip.min(items.len()));
        if take < part.len() {
            part.select_nth_unstable_by(take, compare);
            part.truncate(take);
        }
        part.sort_unstable_by(compare);
        part
    }

    /// A part of the matches sorted by one key, read off the table's order: from the nearer end,
    /// or from a mark when that is far.
    fn read_off(&self, matches: &Matches, key: Key, skip: u64, take: u64) -> Vec<Item> {
        let way = self.way(matches, key);
        let rest = matches.total - skip - take;
        let (skip, rest, take) = (narrow(skip), narrow(rest), narrow(take));
        let from_end = match way.marks.get() {
            // A walk that was long once is so again.
            Some(_) => None,
            None if skip <= rest => self.walk(matches, (key, &way), (skip, take), Walk::Up),
            None => self.walk(matches, (key, &way), (rest, take), Walk::Back),
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
                    (key, &way),
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
        (key, way): (Key, &Way),
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
        let mut part = Collected {
            passed,
            take,
            items: Vec::with_capacity(take),
        };
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
                part.take(Item::Slot(slot));
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
        let late = matches.late.iter();
        let late = late.map(|at| (self.place(*at, key), Item::Late(*at)));
        let mut late: Vec<(usize, Item)> = late.collect();
        late.sort_by(|(_, one), (_, other)| self.compare(*one, *other, &[key]));
        let way = Arc::new(Way {
            late,
            marks: OnceLock::new(),
        });
        lock().push((key, Arc::clone(&way)));
        way
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
        let SortKey::Column(column) = key else {
            for at in start..count {
                // A table has fewer rows than 32 bits count.
                if visit(if up { at } else { count - 1 - at } as u32) {
                    return;
                }
            }
            return;
        };
        let column = self.table.column(column);
        let values = column.values.len();
        let bounds = |at: usize| {
            let value = if up { at } else { values - 1 - at };
            column.starts[value] as usize..column.starts[value + 1] as usize
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
            let group = &column.order[bounds(at)];
            // Within a value the slots follow each other by their numbers, whichever way it goes.
            let done = match back {
                true => group.iter().rev().any(|slot| visit(*slot)),
                false => group.iter().skip(skipped).any(|slot| visit(*slot)),
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
        let SortKey::Column(column) = key else {
            let numbers = &self.table.numbers;
            return match direction {
                Direction::Up => partition(count, |slot| numbers.get(slot) < number),
                Direction::Down => count - partition(count, |slot| numbers.get(slot) <= number),
            };
        };
        let value = column.of(licence);
        let column = self.table.column(column);
        let below = column.values.below(value);
        let known = has(&column.values, below, value);
        let start = column.starts[below] as usize;
        let end = match known {
            true => column.starts[below + 1] as usize,
            false => start,
        };
        let group = &column.order[start..end];
        let smaller = |at: usize| self.table.numbers.get(group[at] as usize) < number;
        let within = partition(group.len(), smaller);
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

fn has(values: &Values, at: usize, value: Cell<'_>) -> bool {
    at < values.len() && values.get(at) == value
}

/// Parts of lists are shorter than what memory can hold.
fn narrow(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The items after some that are passed over.
struct Collected {
    passed: usize,
    take: usize,
    items: Vec<Item>,
}

impl Collected {
    fn take(&mut self, item: Item) {
        if self.passed > 0 {
            self.passed -= 1;
        } else if !self.is_full() {
            self.items.push(item);
        }
    }

    fn is_full(&self) -> bool {
        self.items.len() >= self.take
    }
}
