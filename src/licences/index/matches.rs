//! Which rows meet a filter: a bit for each slot of the table, made 64 at a time.

use super::codes::{Code as _, Codes, each};
use super::table::{Coded, Table};
use crate::licences::domain::{Cell, Column, Filter, Licence, Period, Row};

/// A bit for each slot.
#[derive(Clone, Debug)]
pub struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// Zeros for all slots.
    pub fn none(count: usize) -> Self {
        Self {
            words: vec![0; count.div_ceil(64)],
        }
    }

    /// Ones for all slots.
    pub fn all(count: usize) -> Self {
        let mut words = vec![u64::MAX; count.div_ceil(64)];
        let rest = count % 64;
        if let (Some(last), true) = (words.last_mut(), rest > 0) {
            *last = (1 << rest) - 1;
        }
        Self { words }
    }

    /// How much room they take, in bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(self.words.as_slice())
    }

    /// Whether a slot's bit is one.
    pub fn has(&self, slot: u32) -> bool {
        let word = self.words.get(slot as usize / 64).copied();
        word.unwrap_or_default() >> (slot % 64) & 1 == 1
    }

    /// Makes a slot's bit one.
    pub fn set(&mut self, slot: u32) {
        if let Some(word) = self.words.get_mut(slot as usize / 64) {
            *word |= 1 << (slot % 64);
        }
    }

    /// Makes a slot's bit zero.
    pub fn clear(&mut self, slot: u32) {
        if let Some(word) = self.words.get_mut(slot as usize / 64) {
            *word &= !(1 << (slot % 64));
        }
    }

    /// How many bits are ones.
    pub fn count(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    /// The slots whose bits are ones, in their order.
    pub fn slots(&self) -> impl Iterator<Item = u32> + Clone {
        let words = self.words.iter().zip(0_u32..);
        words.flat_map(|(word, at)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros();
                if bit == 64 {
                    return None;
                }
                left &= left - 1;
                Some(at * 64 + bit)
            })
        })
    }

    /// Leaves the ones of slots whose number does.
    fn keep_codes(&mut self, codes: &Codes, fits: impl Fn(u32) -> bool) {
        each!(codes, codes => self.keep(codes, |code| fits(code.wide())));
    }

    /// Leaves the ones of slots whose value does. The values of 64 slots at a time make one word,
    /// without a branch, so that the processor compares many of them at once.
    fn keep<T: Copy>(&mut self, values: &[T], fits: impl Fn(T) -> bool) {
        for (word, values) in self.words.iter_mut().zip(values.chunks(64)) {
            let mut bits = 0_u64;
            for (at, value) in values.iter().enumerate() {
                bits |= u64::from(fits(*value)) << at;
            }
            *word &= bits;
        }
    }
}

/// The slots of a table that meet a filter in a state of the register. `ended` are those whose rows
/// have ended since the table was made.
pub fn in_table(table: &Table, ended: &[(u32, i64)], filter: &Filter, state: i64) -> Bits {
    let mut bits = Bits::all(table.len());
    let until = table.states_until(state);
    if until < table.added.values.len() {
        bits.keep_codes(&table.added.codes, |added| (added as usize) < until);
    }
    for (slot, ended) in table.ended.iter().chain(ended) {
        if *ended <= state {
            bits.clear(*slot);
        }
    }
    if filter.only_current {
        bits.keep(&table.current, |current| current == 1);
    }
    if filter.grades.bits() != 0 {
        let wanted = filter.grades.bits();
        bits.keep(&table.grades, |grades| grades & wanted != 0);
    }
    for (column, period) in periods(filter) {
        keep_period(&mut bits, table.column(column), period);
    }
    for (column, text) in texts(filter) {
        let column = table.column(column);
        match column.values.find(Cell::Text(text)) {
            Some(wanted) => bits.keep_codes(&column.codes, |code| code == wanted),
            None => bits.words.fill(0),
        }
    }
    if !filter.instructors.is_empty() {
        let column = table.column(Column::Instructor);
        let find = |number: &String| column.values.find(Cell::Text(number));
        keep_any(
            &mut bits,
            column,
            filter.instructors.iter().filter_map(find),
        );
    }
    bits
}

fn keep_period(bits: &mut Bits, column: &Coded, period: Period) {
    if !period.is_limited() {
        return;
    }
    let below = |time| column.values.below(Cell::Time(time));
    let first = period.from_ms.map_or(0, below);
    let end = match period.to_ms {
        Some(to) => to.checked_add(1).map_or(column.values.len(), below),
        None => column.values.len(),
    };
    bits.keep_codes(&column.codes, |code| {
        let code = code as usize;
        first <= code && code < end
    });
}

fn keep_any(bits: &mut Bits, column: &Coded, wanted: impl Iterator<Item = u32>) {
    let mut is_wanted = vec![false; column.values.len()];
    for code in wanted {
        is_wanted[code as usize] = true;
    }
    bits.keep_codes(&column.codes, |code| is_wanted[code as usize]);
}

/// Whether a row meets a filter in a state of the register, where `ended` is when it ended.
pub fn meets(row: &Row, ended: Option<i64>, filter: &Filter, state: i64) -> bool {
    let licence = &row.licence;
    row.added <= state
        && ended.is_none_or(|ended| ended > state)
        && (!filter.only_current || row.is_current)
        && (filter.grades.bits() == 0 || filter.grades.bits() & licence.grades.bits() != 0)
        && periods(filter)
            .iter()
            .all(|(column, period)| within(licence, *column, *period))
        && texts(filter).all(|(column, text)| column.of(licence) == Cell::Text(text))
        && (filter.instructors.is_empty() || filter.instructors.contains(&licence.instructor))
}

fn within(licence: &Licence, column: Column, period: Period) -> bool {
    let Cell::Time(time) = column.of(licence) else {
        return false;
    };
    period.from_ms.is_none_or(|from| from <= time) && period.to_ms.is_none_or(|to| time <= to)
}

fn periods(filter: &Filter) -> [(Column, Period); 4] {
    [
        (Column::DateIssued, filter.issued),
        (Column::ApplicationDate, filter.application),
        (Column::CourseDate, filter.course),
        (Column::DistributionStatusDate, filter.distribution),
    ]
}

/// The columns of which one text is asked for.
fn texts(filter: &Filter) -> impl Iterator<Item = (Column, &str)> {
    let status = filter.licence_status.map(|status| status.name());
    let distribution = filter.distribution_status.map(|status| status.name());
    let wanted = [
        (Column::LicenceStatus, status),
        (Column::DistributionStatus, distribution),
        (Column::TrainingCentre, filter.training_centre.as_deref()),
    ];
    let wanted = wanted.into_iter();
    wanted.filter_map(|(column, text)| Some((column, text?)))
}
