//! Lists sorted by several things: only the rows whose values are those of the page are sorted.

use super::item::Item;
use super::snapshot::{FEW, Key, Matches, Snapshot};
use crate::licences::domain::{Column, Direction, SortKey};

/// The rows that a part of a list may hold.
struct Touched {
    items: Vec<Item>,
    /// How many others come before them.
    before: usize,
    /// Whether all have one value.
    is_one_value: bool,
}

impl Snapshot {
    /// A part of the matches: how many are passed over, and how many taken.
    pub(super) fn sorted(
        &self,
        matches: &Matches,
        sort: &[Key],
        (mut skip, take): (usize, usize),
    ) -> Vec<Item> {
        let mut items: Option<Vec<Item>> = None;
        for (key, direction) in sort {
            let SortKey::Column(column) = key else { break };
            let by = (*column, *direction);
            let touched = match &items {
                None if matches.total <= FEW => break,
                None => self.touched(|| matches.items(), by, (skip, take)),
                Some(items) => self.touched(|| items.iter().copied(), by, (skip, take)),
            };
            skip -= touched.before;
            let is_done = !touched.is_one_value || touched.items.len() <= FEW;
            items = Some(touched.items);
            if is_done {
                break;
            }
        }
        let items = items.unwrap_or_else(|| matches.items().collect());
        self.cut(items, sort, (skip, take))
    }

    /// Those of the items whose values in a column the part has: they are found by counting.
    fn touched<I: Iterator<Item = Item>>(
        &self,
        items: impl Fn() -> I,
        (column, direction): (Column, Direction),
        (skip, take): (usize, usize),
    ) -> Touched {
        let mut counts = vec![0_u32; self.table.column(column).values.len() * 2 + 1];
        for item in items() {
            counts[self.rank(item, column)] += 1;
        }
        let last = counts.len() - 1;
        let (mut before, mut count) = (0, 0);
        let (mut low, mut high) = (usize::MAX, 0);
        for at in 0..counts.len() {
            let rank = match direction {
                Direction::Up => at,
                Direction::Down => last - at,
            };
            let own = counts[rank] as usize;
            if before + own <= skip && count == 0 {
                before += own;
            } else if own > 0 {
                count += own;
                (low, high) = (low.min(rank), high.max(rank));
            }
            if before + count >= skip.saturating_add(take) {
                break;
            }
        }
        let mut touched = Vec::with_capacity(count);
        touched.extend(items().filter(|item| (low..=high).contains(&self.rank(*item, column))));
        Touched {
            items: touched,
            before,
            // Values that late rows alone have share a rank where nothing is between them.
            is_one_value: low == high && low % 2 == 1,
        }
    }

    /// A part of the items, which are sorted no further than it takes.
    fn cut(&self, mut items: Vec<Item>, sort: &[Key], (skip, take): (usize, usize)) -> Vec<Item> {
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
}
