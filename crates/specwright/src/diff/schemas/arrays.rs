//! Items and how many.

use super::scalars::{Bound, count};
use super::{Pair, Schemas};
use crate::diff::rules::Change;
use crate::diff::view::View;
use crate::model::Type;

const MIN_ITEMS: Bound = Bound {
    keyword: "minItems",
    set: Change::MinItemsSet,
    unset: Change::MinItemsUnset,
    raised: Change::MinItemsRaised,
    lowered: Change::MinItemsLowered,
};

const MAX_ITEMS: Bound = Bound {
    keyword: "maxItems",
    set: Change::MaxItemsSet,
    unset: Change::MaxItemsUnset,
    raised: Change::MaxItemsRaised,
    lowered: Change::MaxItemsLowered,
};

/// `minContains` is 1 where it is not written, so that it is never set nor unset.
const MIN_CONTAINS: Bound = Bound {
    keyword: "minContains",
    set: Change::MinContainsRaised,
    unset: Change::MinContainsLowered,
    raised: Change::MinContainsRaised,
    lowered: Change::MinContainsLowered,
};

const MAX_CONTAINS: Bound = Bound {
    keyword: "maxContains",
    set: Change::MaxContainsSet,
    unset: Change::MaxContainsUnset,
    raised: Change::MaxContainsRaised,
    lowered: Change::MaxContainsLowered,
};

impl Schemas<'_> {
    /// What arrays have to be, where both contracts allow them.
    pub(super) fn arrays(&mut self, pair: &mut Pair) {
        if !pair.old.allows(Type::Array) || !pair.new.allows(Type::Array) {
            return;
        }
        let least = |view: &View| view.min_items.filter(|least| *least > 0);
        let (old, new) = (least(&pair.old), least(&pair.new));
        count(pair, &MIN_ITEMS, old, new);
        let (old, new) = (pair.old.max_items, pair.new.max_items);
        count(pair, &MAX_ITEMS, old, new);
        match (pair.old.unique_items, pair.new.unique_items) {
            (false, true) => pair.find(Change::UniqueItemsSet, "items have to differ now"),
            (true, false) => pair.find(Change::UniqueItemsUnset, "items may repeat now"),
            _ => {}
        }
        self.items(pair);
        self.contains(pair);
        let rest = (
            pair.old.unevaluated_items.clone(),
            pair.new.unevaluated_items.clone(),
        );
        let changes = (Change::UnevaluatedItemsSet, Change::UnevaluatedItemsUnset);
        let what = ("/*", "`unevaluatedItems`");
        self.go_on_or(pair, what, (&rest.0, &rest.1), changes);
    }

    /// JSON Schema 2020-12, section 10.3.1: `items` is for those that `prefixItems` leaves.
    fn items(&mut self, pair: &mut Pair) {
        let (old, new) = (pair.old.items.clone(), pair.new.items.clone());
        let prefixes = pair.old.prefix_items.len().max(pair.new.prefix_items.len());
        for at in 0..prefixes {
            let old = pair.old.prefix_items.get(at).cloned();
            let new = pair.new.prefix_items.get(at).cloned();
            let what = format!("the item at {at}");
            let changes = (Change::PrefixItemSet, Change::PrefixItemUnset);
            let old = old.unwrap_or_else(|| pair.old.items.clone());
            let new = new.unwrap_or_else(|| pair.new.items.clone());
            self.go_on_or(pair, (&format!("/{at}"), &what), (&old, &new), changes);
        }
        let changes = (Change::ItemsSet, Change::ItemsUnset);
        self.go_on_or(pair, ("/*", "each item"), (&old, &new), changes);
    }

    fn contains(&mut self, pair: &mut Pair) {
        let (old, new) = (pair.old.contains.clone(), pair.new.contains.clone());
        let changes = (Change::ContainsSet, Change::ContainsUnset);
        self.go_on_or(pair, ("/*", "`contains`"), (&old, &new), changes);
        if old.is_empty() || new.is_empty() {
            return;
        }
        let (old, new) = (pair.old.min_contains, pair.new.min_contains);
        count(pair, &MIN_CONTAINS, old.or(Some(1)), new.or(Some(1)));
        let (old, new) = (pair.old.max_contains, pair.new.max_contains);
        count(pair, &MAX_CONTAINS, old, new);
    }
}
