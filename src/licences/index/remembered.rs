//! The rows that met filters, remembered from the last time: a walk over a list looks at its pages
//! with one and the same filter.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::snapshot::Matches;
use crate::licences::domain::Filter;

/// How much room all that is remembered takes, in bytes.
const ROOM: usize = 8 << 20;

/// So many are remembered whatever room they take.
const FEWEST: usize = 8;

/// What is remembered of one state of the register or another, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Remembered(Mutex<Vec<(Filter, i64, Arc<Matches>)>>);

impl Remembered {
    fn lock(&self) -> MutexGuard<'_, Vec<(Filter, i64, Arc<Matches>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rows that met a filter in a state.
    pub(super) fn find(&self, filter: &Filter, state: i64) -> Option<Arc<Matches>> {
        let mut all = self.lock();
        let mut known = all.iter();
        let at = known.position(|(known, of, _)| *of == state && known == filter)?;
        // The last one to be forgotten is the one that was asked for last.
        all[at..].rotate_left(1);
        all.last().map(|(_, _, matches)| Arc::clone(matches))
    }

    /// Remembers the rows that meet a filter in a state, and forgets others that take too much
    /// room beside them.
    pub(super) fn keep(&self, filter: Filter, state: i64, matches: Arc<Matches>) {
        let mut all = self.lock();
        all.push((filter, state, matches));
        let mut room: usize = all.iter().map(|(_, _, matches)| matches.bytes()).sum();
        let most = all.len().saturating_sub(FEWEST);
        let forgotten = all.iter().take(most).take_while(|(_, _, matches)| {
            let is_forgotten = room > ROOM;
            room = room.saturating_sub(matches.bytes());
            is_forgotten
        });
        let forgotten = forgotten.count();
        all.drain(..forgotten);
    }
}

#[cfg(test)]
mod tests {
    use super::super::matches::Bits;
    use super::*;

    fn matches(slots: usize) -> Arc<Matches> {
        Arc::new(Matches {
            slots: Bits::none(slots),
            late: Vec::new(),
            total: slots,
            ways: Mutex::default(),
        })
    }

    #[test]
    fn what_takes_much_room_is_forgotten_when_it_was_not_asked_for_lately() {
        let remembered = Remembered::default();
        let keep = |state, bytes: usize| {
            remembered.keep(Filter::default(), state, matches(bytes * 8));
        };
        let is_known = |state| remembered.find(&Filter::default(), state).is_some();
        (0..100).for_each(|state| keep(state, ROOM / 200));
        assert!((0..100).all(is_known), "they take half of the room");
        assert!(is_known(0) && !is_known(100));
        keep(100, ROOM);
        let known: Vec<i64> = (0..=100).filter(|state| is_known(*state)).collect();
        let mut last: Vec<i64> = (94..=100).collect();
        last.insert(0, 0);
        assert_eq!(
            known, last,
            "the last ones stay, and the one that was asked for"
        );
    }
}
