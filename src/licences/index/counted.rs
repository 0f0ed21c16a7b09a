//! Lists sorted by a column of few values. Their slots are counted by value, block by block, so that
//! a page is found by adding up, and only the blocks that it touches are looked at.

use super::item::Item;
use super::snapshot::{Matches, Snapshot};
use super::table::{Coded, narrow};
use super::ways::Collected;
use crate::licences::domain::{Column, Direction, SortKey};

/// How many slots are counted together: few enough for 16 bits.
const BLOCK: usize = if cfg!(test) { 4 } else { 8_192 };

/// The rows that meet a filter, counted by the values of a column.
#[derive(Debug)]
pub(super) struct Counted {
    column: Column,
    /// In the order of the list.
    groups: Vec<Group>,
    /// For each value, and within it for each block of slots, how many of them meet the filter.
    blocks: Vec<u16>,
}

/// The rows with one value.
#[derive(Debug)]
struct Group {
    /// Where its blocks begin; `None` when late rows alone have the value.
    blocks: Option<usize>,
    code: u32,
    /// The late ones in their order, each with the number of slots whose numbers are smaller.
    late: Vec<(usize, Item)>,
    total: usize,
}

impl Counted {
    /// How much room it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let late = |group: &Group| size_of_val(group.late.as_slice());
        let groups: usize = self.groups.iter().map(late).sum();
        size_of_val(self.blocks.as_slice()) + size_of_val(self.groups.as_slice()) + groups
    }
}

impl Snapshot {
    /// The column whose values are counted for lists sorted by a key.
    pub(super) fn counted_by(&self, key: SortKey) -> Option<Column> {
        match key {
            SortKey::Column(column) if self.table.column(column).order.is_none() => Some(column),
            _ => None,
        }
    }

    /// How many blocks there are: the last one is not full.
    fn width(&self) -> usize {
        self.table.len() / BLOCK + 1
    }

    pub(super) fn counted(
        &self,
        matches: &Matches,
        (column, direction): (Column, Direction),
    ) -> Counted {
        let (coded, width) = (self.table.column(column), self.width());
        let mut blocks = vec![0_u16; coded.values.len() * width];
        for slot in matches.slots.slots() {
            let slot = slot as usize;
            blocks[coded.codes.get(slot) as usize * width + slot / BLOCK] += 1;
        }
        let total = |value: usize| {
            let own = &blocks[value * width..(value + 1) * width];
            own.iter().map(|count| usize::from(*count)).sum()
        };
        let mut groups: Vec<(usize, Group)> = (0..coded.values.len())
            .map(|value| {
                let group = Group {
                    blocks: Some(value * width),
                    code: narrow(value),
                    late: Vec::new(),
                    total: total(value),
                };
                (value * 2 + 1, group)
            })
            .collect();
        self.add_late(matches, (column, direction), &mut groups);
        Counted {
            column,
            groups: groups.into_iter().map(|(_, group)| group).collect(),
            blocks,
        }
    }

    /// Puts late rows into the groups of their values, or into groups of their own, and all groups
    /// in the order of the list.
    fn add_late(
        &self,
        matches: &Matches,
        (column, direction): (Column, Direction),
        groups: &mut Vec<(usize, Group)>,
    ) {
        let mut late: Vec<Item> = matches.late.iter().map(|at| Item::late(*at)).collect();
        let key = (SortKey::Column(column), direction);
        late.sort_by(|one, other| self.compare(*one, *other, &[key]));
        for item in late {
            let rank = self.rank(item, column);
            let before = match item.place() {
                super::item::Place::Late(at) => self.slots_before(at),
                super::item::Place::Slot(slot) => slot,
            };
            // An odd rank is that of a value of the table, whose groups are the first.
            let own = match rank % 2 {
                1 => groups.get_mut(rank / 2),
                _ => None,
            };
            if let Some((_, group)) = own {
                group.late.push((before, item));
                group.total += 1;
                continue;
            }
            let group = Group {
                blocks: None,
                code: 0,
                late: vec![(0, item)],
                total: 1,
            };
            groups.push((rank, group));
        }
        // Those of one rank stay in the order in which they came.
        match direction {
            Direction::Up => groups.sort_by_key(|(rank, _)| *rank),
            Direction::Down => groups.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank)),
        }
    }

    /// A part of the matches: how many are passed over, and how many taken.
    pub(super) fn read_counted(
        &self,
        matches: &Matches,
        counted: &Counted,
        (skip, take): (usize, usize),
    ) -> Vec<Item> {
        let column = self.table.column(counted.column);
        let mut part = Collected::new(skip, take);
        for group in &counted.groups {
            if part.passed >= group.total {
                part.passed -= group.total;
                continue;
            }
            match group.blocks {
                None => group.late.iter().for_each(|(_, item)| part.take(*item)),
                Some(first) => {
                    let blocks = &counted.blocks[first..first + self.width()];
                    self.read_group((matches, column), (group, blocks), &mut part);
                }
            }
            if part.is_full() {
                break;
            }
        }
        part.items
    }

    fn read_group(
        &self,
        (matches, column): (&Matches, &Coded),
        (group, blocks): (&Group, &[u16]),
        part: &mut Collected,
    ) {
        let mut late = group.late.as_slice();
        for (start, count) in (0..).step_by(BLOCK).zip(blocks) {
            let end = start + BLOCK;
            // Late rows stand before the slot that has as many slots before it.
            let (mut own, others) = late.split_at(late.partition_point(|(at, _)| *at < end));
            late = others;
            let count = usize::from(*count) + own.len();
            if part.passed >= count {
                part.passed -= count;
                continue;
            }
            for slot in start..end.min(self.table.len()) {
                while let Some(((_, item), more)) =
                    own.split_first().filter(|(one, _)| one.0 <= slot)
                {
                    part.take(*item);
                    own = more;
                }
                if matches.slots.has(narrow(slot)) && column.codes.get(slot) == group.code {
                    part.take(Item::slot(narrow(slot)));
                }
                if part.is_full() {
                    return;
                }
            }
            own.iter().for_each(|(_, item)| part.take(*item));
        }
    }
}
