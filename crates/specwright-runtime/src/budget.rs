//! How much work alternatives may make.
//!
//! Of alternatives without a discriminator each one is tried. Where alternatives hold alternatives
//! again, every level of nesting multiplies the work, so that a body of a hundred bytes could keep
//! a processor busy for years. A budget in proportion to the text, and generous for small ones,
//! ends that: when it is spent nothing is tried any more, and whoever opened it refuses the text.
//!
//! Reading goes from the start of a text to its end without waiting, so that the budget belongs to
//! the thread for so long.

use std::cell::Cell;

/// For reading a text of this many bytes, in bytes that are read again.
pub(crate) fn for_reading(length: usize) -> usize {
    // The second part lets 128 levels through, each of which is read once more as one type.
    (4 << 20) + length.saturating_mul(128)
}

/// For finding out what is wrong with a value of this many parts, in parts that are looked at.
pub(crate) fn for_explaining(parts: usize) -> usize {
    100_000 + parts.saturating_mul(16)
}

#[derive(Clone, Copy, Default)]
struct Budget {
    left: usize,
    /// How many alternatives are being tried within each other.
    depth: usize,
    /// The address of the outermost value that has alternatives.
    outermost: usize,
    /// That address when the budget was spent.
    spent: Option<usize>,
}

thread_local! {
    static OPEN: Cell<Option<Budget>> = const { Cell::new(None) };
}

/// Closes the budget also when the work under it panics.
struct Close;

impl Drop for Close {
    fn drop(&mut self) {
        OPEN.set(None);
    }
}

/// Works under a budget, or under the one that is open already. Says whether the budget was
/// spent: then by the address of the outermost value with alternatives, and the outcome is void.
pub(crate) fn within<T>(budget: usize, work: impl FnOnce() -> T) -> (T, Option<usize>) {
    if OPEN.get().is_some() {
        return (work(), None);
    }
    OPEN.set(Some(Budget {
        left: budget,
        ..Budget::default()
    }));
    let close = Close;
    let outcome = work();
    let spent = OPEN.get().and_then(|budget| budget.spent);
    drop(close);
    (outcome, spent)
}

/// Takes from the budget that is open; `false` when it is spent.
pub(crate) fn take(cost: usize) -> bool {
    let Some(mut budget) = OPEN.get() else {
        return true;
    };
    budget.left = budget.left.saturating_sub(cost);
    if budget.left == 0 && budget.spent.is_none() {
        budget.spent = Some(budget.outermost);
    }
    OPEN.set(Some(budget));
    budget.spent.is_none()
}

/// Tries one alternative for `raw`, unless the budget is spent. The work says how many bytes it
/// read.
pub(crate) fn attempt<T>(raw: &str, work: impl FnOnce() -> (Option<T>, usize)) -> Option<T> {
    if !take(0) {
        return None;
    }
    nest(|budget| {
        if budget.depth == 0 {
            budget.outermost = raw.as_ptr() as usize;
        }
        budget.depth += 1;
    });
    let (value, length) = work();
    let is_left = take(length);
    nest(|budget| budget.depth = budget.depth.saturating_sub(1));
    value.filter(|_| is_left)
}

fn nest(change: impl FnOnce(&mut Budget)) {
    if let Some(mut budget) = OPEN.get() {
        change(&mut budget);
        OPEN.set(Some(budget));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_budget_nothing_is_counted() {
        assert!(take(usize::MAX));
    }

    #[test]
    fn a_budget_is_shared_and_closed_again() {
        let (inner, spent) = within(10, || {
            assert!(take(4));
            within(1000, || take(5))
        });
        assert_eq!((inner, spent), ((true, None), None));
        let (_, spent) = within(10, || (take(10), take(1)));
        assert!(spent.is_some());
        assert_eq!(within(1, || take(0)), (true, None));
    }

    #[test]
    fn a_panic_closes_the_budget() {
        let caught = std::panic::catch_unwind(|| within(1, || panic!("on purpose")));
        assert!(caught.is_err());
        assert!(OPEN.get().is_none());
    }
}
