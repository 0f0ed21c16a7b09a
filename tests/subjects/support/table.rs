//! A relation in memory.

use std::collections::BTreeMap;

use specwright_server::subjects::domain::ranges::{EffectiveTerms, Ranges};
use specwright_server::subjects::domain::relations::{
    Action, Change, Star, Wanted, changes, gaining, touched,
};
use specwright_server::subjects::domain::subject::ContainerId;
use specwright_server::subjects::domain::term::{Term, Thru};

use super::{container, ranges};

/// A relation as it is stored, both directions, and what it cost to change it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Rows by their pair, then by their first terms.
    pub rows: BTreeMap<(ContainerId, ContainerId), BTreeMap<Term, Thru>>,
    /// Rows read so far.
    pub read: usize,
    /// Rows written so far.
    pub written: usize,
}

impl Table {
    /// The ranges of a pair.
    pub fn of(&mut self, one: ContainerId, other: ContainerId) -> Ranges {
        let rows = self.rows.get(&(one, other)).into_iter().flatten();
        let rows = rows.map(|(from, thru)| EffectiveTerms::new(*from, *thru).expect("a range"));
        let rows: Vec<_> = rows.collect();
        self.read += rows.len();
        rows.into_iter().collect()
    }

    /// The ranges of all pairs with a container.
    pub fn star(&mut self, of: ContainerId) -> Star {
        let related = self.rows.keys().filter(|(one, _)| *one == of);
        let related: Vec<_> = related.map(|(_, other)| *other).collect();
        let star = related.into_iter().map(|other| (other, self.of(of, other)));
        star.filter(|(_, ranges)| !ranges.is_empty()).collect()
    }

    /// What a request does, as the service goes about it.
    pub fn request(&mut self, of: ContainerId, wanted: &Wanted) -> Vec<Change> {
        let star = self.star(of);
        let stars = gaining(&star, wanted);
        let stars = stars
            .into_iter()
            .map(|other| (other, self.star(other)))
            .collect();
        let touched = touched(of, &star, wanted, &stars);
        let unread: Vec<_> = touched.unread().collect();
        let read = unread
            .into_iter()
            .map(|pair| (pair, self.of(pair.low(), pair.high())));
        let changes = changes(&touched, &read.collect());
        for change in &changes {
            self.apply(change);
        }
        changes
    }

    /// Writes a change in both directions, and refuses one that does not fit.
    pub fn apply(&mut self, change: &Change) {
        for direction in change.pair.directed() {
            let rows = self.rows.entry(direction).or_default();
            let (from, thru) = (change.terms.from(), change.terms.thru());
            let was = match change.action {
                Action::Delete => rows.remove(&from),
                _ => rows.insert(from, thru),
            };
            match change.action {
                Action::Add => assert_eq!(was, None, "{change} is there"),
                Action::Delete => assert_eq!(was, Some(thru), "{change} is another"),
                Action::Update => assert!(was < Some(thru), "{change} ends no later"),
                Action::Bookend => assert!(was > Some(thru), "{change} ends no earlier"),
            }
            self.written += 1;
        }
    }

    /// All pairs with their ranges, the lower id first.
    pub fn pairs(&self) -> BTreeMap<(i64, i64), Ranges> {
        let mut copy = self.clone();
        let keys = self.rows.iter().filter(|(_, rows)| !rows.is_empty());
        let keys = keys.filter(|((one, other), _)| one < other);
        keys.map(|((one, other), _)| ((one.0, other.0), copy.of(*one, *other)))
            .collect()
    }
}

/// Lets pairs be related without the propagation: what a test begins with.
pub fn stored(pairs: &[(i64, i64, &str)]) -> Table {
    let mut stored = Table::default();
    for (one, other, terms) in pairs {
        for (one, other) in [(one, other), (other, one)] {
            let rows = ranges(terms);
            let rows = rows
                .iter()
                .map(|range| (range.from(), range.thru()))
                .collect();
            let key = (container(*one), container(*other));
            stored.rows.insert(key, rows);
        }
    }
    stored
}
