//! Types, values, numbers and texts.

use super::{Pair, quoted};
use crate::diff::rules::Change;
use crate::diff::view::{Limit, View};
use crate::model::{Json, Type, TypeSet, decimal};
use std::cmp::Ordering;

/// The four things that may happen to a bound.
pub(super) struct Bound {
    pub(super) keyword: &'static str,
    pub(super) set: Change,
    pub(super) unset: Change,
    pub(super) raised: Change,
    pub(super) lowered: Change,
}

const MINIMUM: Bound = Bound {
    keyword: "minimum",
    set: Change::MinimumSet,
    unset: Change::MinimumUnset,
    raised: Change::MinimumRaised,
    lowered: Change::MinimumLowered,
};

const EXCLUSIVE_MINIMUM: Bound = Bound {
    keyword: "exclusiveMinimum",
    set: Change::ExclusiveMinimumSet,
    unset: Change::ExclusiveMinimumUnset,
    raised: Change::ExclusiveMinimumRaised,
    lowered: Change::ExclusiveMinimumLowered,
};

const MAXIMUM: Bound = Bound {
    keyword: "maximum",
    set: Change::MaximumSet,
    unset: Change::MaximumUnset,
    raised: Change::MaximumRaised,
    lowered: Change::MaximumLowered,
};

const EXCLUSIVE_MAXIMUM: Bound = Bound {
    keyword: "exclusiveMaximum",
    set: Change::ExclusiveMaximumSet,
    unset: Change::ExclusiveMaximumUnset,
    raised: Change::ExclusiveMaximumRaised,
    lowered: Change::ExclusiveMaximumLowered,
};

/// Formats that allow fewer values than others: the narrower one first.
const WITHIN: &[(&str, &str)] = &[("int32", "int64"), ("float", "double")];

/// Compares the types; answers whether the rest can be compared, which it cannot when the types
/// have nothing to do with each other.
pub(super) fn types(pair: &mut Pair) -> bool {
    let is_text = pair.place.is_text();
    let (old, new) = (kinds(&pair.old, is_text), kinds(&pair.new, is_text));
    let common = old.intersection(new);
    let message = format!("the type is {}, was {}", named(&pair.new), named(&pair.old));
    let comparable = match (common == old, common == new) {
        (true, true) => true,
        (true, false) => {
            pair.find(Change::TypeWidened, message);
            true
        }
        (false, true) => {
            pair.find(Change::TypeNarrowed, message);
            true
        }
        (false, false) => {
            pair.find(Change::TypeChanged, message);
            !common.is_empty()
        }
    };
    match (pair.old.null, pair.new.null) {
        (true, false) => pair.find(Change::NullRefused, "`null` is not allowed any more"),
        (false, true) => pair.find(Change::NullAllowed, "`null` is allowed now"),
        _ => {}
    }
    comparable
}

/// The types that a value can have on the wire. A parameter of any text may hold a number too.
pub(super) fn kinds(view: &View, is_text: bool) -> TypeSet {
    let all = Type::ALL.into_iter().filter(|ty| *ty != Type::Null);
    let kinds = all.filter(|ty| view.allows(*ty));
    let kinds = kinds.fold(TypeSet::NONE, TypeSet::with);
    let is_any_text = kinds.contains(Type::String)
        && view.enumeration.is_none()
        && view.constant.is_none()
        && view.formats.is_empty()
        && view.patterns.is_empty();
    if is_text && is_any_text {
        let scalars = [Type::Boolean, Type::Integer, Type::Number];
        return scalars.into_iter().fold(kinds, TypeSet::with);
    }
    kinds
}

fn named(view: &View) -> String {
    let Some(types) = view.types else {
        return "any".to_owned();
    };
    let number = types.contains(Type::Number);
    let names = types.iter().filter(|ty| *ty != Type::Integer || !number);
    let names = names.map(|ty| format!("`{}`", ty.name()));
    match names.collect::<Vec<_>>().join(" or ") {
        none if none.is_empty() => "none".to_owned(),
        names => names,
    }
}

/// `enum`, `const`, `default` and `format`.
pub(super) fn values(pair: &mut Pair) {
    allowed(pair);
    let (old, new) = (pair.old.default.clone(), pair.new.default.clone());
    let changes = (
        Change::DefaultSet,
        Change::DefaultUnset,
        Change::DefaultChanged,
    );
    value(pair, "default", (old, new), changes);
    format_of(pair);
}

/// The values that are allowed: a `const` is an `enum` of one where the other contract lists them.
fn allowed(pair: &mut Pair) {
    let listed = |view: &View| match &view.constant {
        Some(Json::Null) => Some(Vec::new()),
        Some(one) => Some(vec![one.clone()]),
        None => view.enumeration.clone(),
    };
    let constants = (pair.old.constant.clone(), pair.new.constant.clone());
    let values = (listed(&pair.old), listed(&pair.new));
    match (&constants, &values) {
        ((None, None), _) | ((None, Some(_)), (Some(_), _)) | ((Some(_), None), (_, Some(_))) => {
            enumeration(pair, values);
        }
        _ => {
            let changes = (Change::ConstSet, Change::ConstUnset, Change::ConstChanged);
            value(pair, "only value", constants, changes);
        }
    }
}

fn enumeration(pair: &mut Pair, (old, new): (Option<Vec<Json>>, Option<Vec<Json>>)) {
    match (old, new) {
        (None, None) => {}
        (None, Some(new)) => {
            let message = format!("only {} are allowed", list(&new));
            pair.find(Change::EnumSet, message);
        }
        (Some(old), None) => {
            let message = format!("only {} were allowed", list(&old));
            pair.find(Change::EnumUnset, message);
        }
        (Some(old), Some(new)) => {
            let lacks = |list: &[Json], one: &Json| !list.iter().any(|other| one.equals(other));
            for value in old.iter().filter(|value| lacks(&new, value)) {
                let message = format!("{} is not allowed any more", quoted(value));
                pair.find(Change::EnumValueRemoved, message);
            }
            for value in new.iter().filter(|value| lacks(&old, value)) {
                pair.find(
                    Change::EnumValueAdded,
                    format!("{} is allowed now", quoted(value)),
                );
            }
        }
    }
}

fn list(values: &[Json]) -> String {
    const SHOWN: usize = 6;
    let mut shown = values.iter().take(SHOWN).map(quoted).collect::<Vec<_>>();
    if values.len() > SHOWN {
        shown.push(format!("{} more", values.len() - SHOWN));
    }
    shown.join(", ")
}

fn value(
    pair: &mut Pair,
    what: &str,
    (old, new): (Option<Json>, Option<Json>),
    (set, unset, changed): (Change, Change, Change),
) {
    match (old, new) {
        (None, Some(new)) => pair.find(set, format!("the {what} is {}", quoted(&new))),
        (Some(old), None) => pair.find(unset, format!("the {what} was {}", quoted(&old))),
        (Some(old), Some(new)) if !old.equals(&new) => {
            let message = format!("the {what} is {}, was {}", quoted(&new), quoted(&old));
            pair.find(changed, message);
        }
        _ => {}
    }
}

fn format_of(pair: &mut Pair) {
    let (old, new) = (pair.old.formats.clone(), pair.new.formats.clone());
    match (old.as_slice(), new.as_slice()) {
        (old, new) if old == new => {}
        ([], new) => pair.find(
            Change::FormatSet,
            format!("the format is `{}`", new.join("`, `")),
        ),
        (old, []) => {
            let message = format!("the format was `{}`", old.join("`, `"));
            pair.find(Change::FormatUnset, message);
        }
        (old, new) => {
            let message = format!(
                "the format is `{}`, was `{}`",
                new.join("`, `"),
                old.join("`, `")
            );
            let within = |one: &[String], other: &[String]| matches!((one, other), ([one], [other]) if WITHIN.contains(&(one, other)));
            let change = match (within(old, new), within(new, old)) {
                (true, _) => Change::FormatWidened,
                (_, true) => Change::FormatNarrowed,
                _ => Change::FormatChanged,
            };
            pair.find(change, message);
        }
    }
}

/// Bounds and `multipleOf`, where both contracts allow numbers.
pub(super) fn numbers(pair: &mut Pair) {
    let numeric = |view: &View| view.allows(Type::Integer) || view.allows(Type::Number);
    if !numeric(&pair.old) || !numeric(&pair.new) {
        return;
    }
    let (old, new) = (pair.old.lower.clone(), pair.new.lower.clone());
    limit(
        pair,
        (old, new),
        (&MINIMUM, &EXCLUSIVE_MINIMUM),
        Ordering::Greater,
    );
    let (old, new) = (pair.old.upper.clone(), pair.new.upper.clone());
    limit(
        pair,
        (old, new),
        (&MAXIMUM, &EXCLUSIVE_MAXIMUM),
        Ordering::Less,
    );
    multiples(pair);
}

/// A bound of numbers; `tighter` is the side on which it allows less.
fn limit(
    pair: &mut Pair,
    (old, new): (Option<Limit>, Option<Limit>),
    (inclusive, exclusive): (&Bound, &Bound),
    tighter: Ordering,
) {
    let bound = |limit: &Limit| match limit.exclusive {
        true => exclusive,
        false => inclusive,
    };
    match (old, new) {
        (None, None) => {}
        (None, Some(new)) => {
            let bound = bound(&new);
            let message = format!("`{}` is {}, was not set", bound.keyword, new.number);
            pair.find(bound.set, message);
        }
        (Some(old), None) => {
            let bound = bound(&old);
            pair.find(
                bound.unset,
                format!("`{}` was {}", bound.keyword, old.number),
            );
        }
        (Some(old), Some(new)) => {
            let order = decimal::compare(&new.number, &old.number);
            let change = match (order, old.exclusive, new.exclusive) {
                (Ordering::Greater, ..) => bound(&new).raised,
                (Ordering::Less, ..) => bound(&new).lowered,
                (Ordering::Equal, false, true) => exclusive.set,
                (Ordering::Equal, true, false) => exclusive.unset,
                (Ordering::Equal, ..) => return,
            };
            // From `minimum: 1` to `exclusiveMinimum: 0` both keywords changed, and for integers
            // nothing did.
            if whole(pair, &old, tighter) == whole(pair, &new, tighter)
                && whole(pair, &old, tighter).is_some()
            {
                return;
            }
            let (is, was) = (bound(&new).keyword, bound(&old).keyword);
            let message = match is == was {
                true => format!("`{is}` is {}, was {}", new.number, old.number),
                false => format!("`{is}` is {}, `{was}` was {}", new.number, old.number),
            };
            pair.find(change, message);
        }
    }
}

/// The outermost integer that a bound allows, where only integers are allowed in both contracts.
fn whole(pair: &Pair, limit: &Limit, tighter: Ordering) -> Option<i64> {
    let integral = |view: &View| !view.allows(Type::Number);
    if !integral(&pair.old) || !integral(&pair.new) {
        return None;
    }
    let number = limit.number.parse::<i64>().ok()?;
    match (limit.exclusive, tighter) {
        (false, _) => Some(number),
        (true, Ordering::Greater) => number.checked_add(1),
        (true, _) => number.checked_sub(1),
    }
}

fn multiples(pair: &mut Pair) {
    let (old, new) = (pair.old.multiples.clone(), pair.new.multiples.clone());
    match (old.as_slice(), new.as_slice()) {
        ([], []) => {}
        ([], new) => {
            let message = format!("`multipleOf` is {}, was not set", new.join(", "));
            pair.find(Change::MultipleOfSet, message);
        }
        (old, []) => {
            let message = format!("`multipleOf` was {}", old.join(", "));
            pair.find(Change::MultipleOfUnset, message);
        }
        (old, new) => {
            // Every number that the one asks for is asked for by the other.
            let covers = |one: &[String], other: &[String]| {
                other.iter().all(|divisor| {
                    one.iter()
                        .any(|number| decimal::is_multiple_of(number, divisor))
                })
            };
            let change = match (covers(old, new), covers(new, old)) {
                (true, true) => return,
                (true, false) => Change::MultipleOfWidened,
                (false, true) => Change::MultipleOfNarrowed,
                (false, false) => Change::MultipleOfChanged,
            };
            let message = format!("`multipleOf` is {}, was {}", new.join(", "), old.join(", "));
            pair.find(change, message);
        }
    }
}

/// A bound that counts something.
pub(super) fn count(pair: &mut Pair, bound: &Bound, old: Option<u64>, new: Option<u64>) {
    let keyword = bound.keyword;
    match (old, new) {
        (None, Some(new)) => pair.find(bound.set, format!("`{keyword}` is {new}, was not set")),
        (Some(old), None) => pair.find(bound.unset, format!("`{keyword}` was {old}")),
        (Some(old), Some(new)) if new > old => {
            pair.find(bound.raised, format!("`{keyword}` is {new}, was {old}"));
        }
        (Some(old), Some(new)) if new < old => {
            pair.find(bound.lowered, format!("`{keyword}` is {new}, was {old}"));
        }
        _ => {}
    }
}

/// What is only a remark.
pub(super) fn annotations(pair: &mut Pair) {
    match (pair.old.deprecated, pair.new.deprecated) {
        (false, true) => pair.find(Change::SchemaDeprecated, "deprecated now"),
        (true, false) => pair.find(Change::SchemaReactivated, "not deprecated any more"),
        _ => {}
    }
}
