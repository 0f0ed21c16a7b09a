//! `oneOf`, `anyOf`, `not`, conditions, and what decides a branch.

use super::disjoint::are_disjoint;
use super::{Pair, Schemas};
use crate::diff::rules::{Change, Place};
use crate::diff::view::{Choice, Condition, View, target};
use crate::model::{Api, SchemaId};

impl Schemas<'_> {
    pub(super) fn choices(&mut self, pair: &mut Pair) {
        let (old, new) = (pair.old.choices.clone(), pair.new.choices.clone());
        for at in 0..old.len().max(new.len()) {
            match (old.get(at), new.get(at)) {
                (Some(old), Some(new)) => self.choice(pair, old, new),
                (None, _) => pair.find(Change::ChoiceSet, "one of several schemas has to fit"),
                (_, None) => pair.find(Change::ChoiceUnset, "no one of several schemas has to fit"),
            }
        }
        self.nots(pair);
        self.conditions(pair);
        self.decision(pair);
    }

    fn choice(&mut self, pair: &mut Pair, old: &Choice, new: &Choice) {
        match (old.exclusive, new.exclusive) {
            (true, false) => pair.find(Change::ChoiceLoosened, "`oneOf` is `anyOf` now"),
            (false, true) => pair.find(Change::ChoiceTightened, "`anyOf` is `oneOf` now"),
            _ => {}
        }
        let (mut gone, mut come) = (old.branches.clone(), new.branches.clone());
        let (before, after) = (self.old, self.new);
        // Branches are first known by their names, then by what they say.
        let mut kept = meet(&mut gone, &mut come, |one, other| {
            let name = name_of(before, one);
            name.is_some() && name == name_of(after, other)
        });
        let place = pair.place;
        kept.extend(meet(&mut gone, &mut come, |one, other| {
            self.same(&[one], &[other], place)
        }));
        // A changed branch without a name is known by its types.
        let types = |api: &Api, id: SchemaId| {
            let unnamed = name_of(api, id).is_none();
            unnamed.then(|| View::of(api, &[id]).types).flatten()
        };
        kept.extend(meet(&mut gone, &mut come, |one, other| {
            let types_before = types(before, one);
            types_before.is_some() && types_before == types(after, other)
        }));
        // A branch without a name that stands alone on both sides is the same one, changed.
        if let ([one], [other]) = (gone.as_slice(), come.as_slice())
            && name_of(before, *one).is_none()
            && name_of(after, *other).is_none()
        {
            kept.push((*one, *other));
            (gone, come) = (Vec::new(), Vec::new());
        }
        for (one, other) in &kept {
            self.go_on(pair, String::new(), &[*one], &[*other]);
        }
        let (left, right): (Vec<_>, Vec<_>) = kept.into_iter().unzip();
        for one in gone {
            let change = match matters(&pair.old, old) && overlaps(before, one, &left, place) {
                true => Change::BranchRemovedOverlapping,
                false => Change::BranchRemoved,
            };
            let message = format!("the branch {} is gone", called(before, one));
            pair.find(change, format!("{message}{}", remark(change)));
        }
        for other in come {
            let change = match matters(&pair.new, new) && overlaps(after, other, &right, place) {
                true => Change::BranchAddedOverlapping,
                false => Change::BranchAdded,
            };
            let message = format!("the branch {} is new", called(after, other));
            pair.find(change, format!("{message}{}", remark(change)));
        }
    }

    /// Whether one schema became a branch of several, or the other way round; the two are then not
    /// compared any further.
    pub(super) fn wrapped(&mut self, pair: &mut Pair, joints: (&[SchemaId], &[SchemaId])) -> bool {
        let (before, after) = (self.old, self.new);
        let place = pair.place;
        match (pair.old.choices.as_slice(), pair.new.choices.as_slice()) {
            ([], [choice]) => {
                let names = joints.0.iter().filter_map(|id| name_of(before, *id));
                let names = names.collect::<Vec<_>>();
                let wrapped = choice.branches.clone().into_iter().find(|branch| {
                    name_of(after, *branch).is_some_and(|name| names.contains(&name))
                        || self.same(joints.0, &[*branch], place)
                });
                let Some(branch) = wrapped else {
                    return false;
                };
                let change = match matters(&pair.new, choice)
                    && overlaps(after, branch, &choice.branches, place)
                {
                    true => Change::WrappedInOverlappingChoice,
                    false => Change::WrappedInChoice,
                };
                let message = format!("it is one of several schemas now{}", remark(change));
                pair.find(change, message);
                self.decision(pair);
                self.go_on(pair, String::new(), joints.0, &[branch]);
                true
            }
            ([choice], []) => {
                let names = joints.1.iter().filter_map(|id| name_of(after, *id));
                let names = names.collect::<Vec<_>>();
                let unwrapped = choice.branches.clone().into_iter().find(|branch| {
                    name_of(before, *branch).is_some_and(|name| names.contains(&name))
                        || self.same(&[*branch], joints.1, place)
                });
                let Some(branch) = unwrapped else {
                    return false;
                };
                let change = match matters(&pair.old, choice)
                    && overlaps(before, branch, &choice.branches, place)
                {
                    true => Change::UnwrappedFromOverlappingChoice,
                    false => Change::UnwrappedFromChoice,
                };
                let message = format!("only one of several schemas is left{}", remark(change));
                pair.find(change, message);
                self.decision(pair);
                self.go_on(pair, String::new(), &[branch], joints.1);
                true
            }
            _ => false,
        }
    }

    fn nots(&mut self, pair: &mut Pair) {
        let (old, new) = (pair.old.nots.clone(), pair.new.nots.clone());
        match (old.is_empty(), new.is_empty()) {
            (true, true) => {}
            (true, false) => pair.find(Change::NotSet, "values of a `not` are refused now"),
            (false, true) => pair.find(Change::NotUnset, "no values of a `not` are refused"),
            (false, false) => {
                if !self.same(&old, &new, pair.place) {
                    pair.find(Change::NotChanged, "a `not` refuses other values");
                }
            }
        }
    }

    fn conditions(&mut self, pair: &mut Pair) {
        let (old, new) = (pair.old.conditions.clone(), pair.new.conditions.clone());
        for at in 0..old.len().max(new.len()) {
            match (old.get(at), new.get(at)) {
                (Some(old), Some(new)) => self.condition(pair, old, new),
                (None, _) => pair.find(Change::ConditionSet, "an `if` asks for more"),
                (_, None) => pair.find(Change::ConditionUnset, "an `if` is gone"),
            }
        }
    }

    fn condition(&mut self, pair: &mut Pair, old: &Condition, new: &Condition) {
        if !self.same(&[old.test], &[new.test], pair.place) {
            pair.find(Change::ConditionChanged, "an `if` asks for something else");
            return;
        }
        let parts = [
            (
                old.then,
                new.then,
                Change::ThenSet,
                Change::ThenUnset,
                "then",
            ),
            (
                old.otherwise,
                new.otherwise,
                Change::ElseSet,
                Change::ElseUnset,
                "else",
            ),
        ];
        for (old, new, set, unset, keyword) in parts {
            match (old, new) {
                (Some(old), Some(new)) => self.go_on(pair, String::new(), &[old], &[new]),
                (None, Some(_)) => pair.find(set, format!("an `if` has `{keyword}` now")),
                (Some(_), None) => pair.find(unset, format!("an `if` had `{keyword}`")),
                (None, None) => {}
            }
        }
    }

    fn decision(&self, pair: &mut Pair) {
        let (old, new) = (pair.old.decision.clone(), pair.new.decision.clone());
        let (old, new) = match (old, new) {
            (None, None) => return,
            (None, Some(new)) => {
                let message = format!("the property `{}` decides the branch", new.property);
                return pair.find(Change::DiscriminatorSet, message);
            }
            (Some(old), None) => {
                let message = format!("the property `{}` decided the branch", old.property);
                return pair.find(Change::DiscriminatorUnset, message);
            }
            (Some(old), Some(new)) => (old, new),
        };
        if old.property != new.property {
            let message = format!(
                "the property `{}` decides the branch, `{}` did",
                new.property, old.property
            );
            pair.find(Change::DiscriminatorPropertyChanged, message);
        }
        for (value, branch) in &old.values {
            let found = new.values.iter().find(|(known, _)| known == value);
            match found {
                None => {
                    let message = format!("`{value}` does not decide for a branch any more");
                    pair.find(Change::DiscriminatorValueRemoved, message);
                }
                Some((_, other)) if name_of(self.old, *branch) != name_of(self.new, *other) => {
                    let message = format!(
                        "`{value}` decides for {}, did for {}",
                        called(self.new, *other),
                        called(self.old, *branch)
                    );
                    pair.find(Change::DiscriminatorValueChanged, message);
                }
                Some(_) => {}
            }
        }
        for (value, branch) in &new.values {
            if !old.values.iter().any(|(known, _)| known == value) {
                let message = format!("`{value}` decides for {}", called(self.new, *branch));
                pair.find(Change::DiscriminatorValueAdded, message);
            }
        }
    }
}

/// Whether it matters that a value fits two branches: in a `oneOf`, unless a property says which
/// branch is meant.
fn matters(view: &View, choice: &Choice) -> bool {
    choice.exclusive && view.decision.is_none()
}

/// Whether what fits a branch may fit another one too.
fn overlaps(api: &Api, branch: SchemaId, others: &[SchemaId], place: Place) -> bool {
    let mut others = others.iter().filter(|other| **other != branch);
    others.any(|other| !are_disjoint(api, (branch, *other), place.is_text()))
}

/// What a message adds about branches that are not known to be disjoint.
fn remark(change: Change) -> &'static str {
    match change {
        Change::BranchAddedOverlapping
        | Change::BranchRemovedOverlapping
        | Change::WrappedInOverlappingChoice
        | Change::UnwrappedFromOverlappingChoice => {
            ", and what fits it may fit another one of the `oneOf` too"
        }
        _ => "",
    }
}

/// Takes the pairs that meet out of both lists.
fn meet(
    gone: &mut Vec<SchemaId>,
    come: &mut Vec<SchemaId>,
    mut meets: impl FnMut(SchemaId, SchemaId) -> bool,
) -> Vec<(SchemaId, SchemaId)> {
    let mut met = Vec::new();
    gone.retain(|one| {
        let found = come.iter().position(|other| meets(*one, *other));
        met.extend(found.map(|at| (*one, come.remove(at))));
        found.is_none()
    });
    met
}

/// The name of a branch: that of the component that it is or refers to.
fn name_of(api: &Api, id: SchemaId) -> Option<&str> {
    let target = target(api, id);
    let named = api.named_schemas.iter().find(|(_, known)| *known == target);
    named.map(|(name, _)| name.as_str())
}

/// A branch as a message calls it.
fn called(api: &Api, id: SchemaId) -> String {
    match (name_of(api, id), &api.schema(id).title) {
        (Some(name), _) => format!("`{name}`"),
        (None, Some(title)) => format!("`{title}`"),
        (None, None) => format!("at `{}`", api.schema(id).pointer),
    }
}
