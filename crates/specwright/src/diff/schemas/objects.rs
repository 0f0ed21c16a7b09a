//! Properties, named and not.

use super::scalars::{Bound, count};
use super::{Pair, Schemas};
use crate::diff::rules::Change;
use crate::diff::view::{Joint, View, marks};
use crate::model::Type;

/// Schemas that stand under a name.
type Named = (String, Joint);

const MIN_PROPERTIES: Bound = Bound {
    keyword: "minProperties",
    set: Change::MinPropertiesSet,
    unset: Change::MinPropertiesUnset,
    raised: Change::MinPropertiesRaised,
    lowered: Change::MinPropertiesLowered,
};

const MAX_PROPERTIES: Bound = Bound {
    keyword: "maxProperties",
    set: Change::MaxPropertiesSet,
    unset: Change::MaxPropertiesUnset,
    raised: Change::MaxPropertiesRaised,
    lowered: Change::MaxPropertiesLowered,
};

impl Schemas<'_> {
    /// What objects have to be, where both contracts allow them.
    pub(super) fn objects(&mut self, pair: &mut Pair) {
        if !pair.old.allows(Type::Object) || !pair.new.allows(Type::Object) {
            return;
        }
        self.named(pair);
        self.patterns(pair);
        self.others(pair);
        let least = |view: &View| view.min_properties.filter(|least| *least > 0);
        let (old, new) = (least(&pair.old), least(&pair.new));
        count(pair, &MIN_PROPERTIES, old, new);
        let (old, new) = (pair.old.max_properties, pair.new.max_properties);
        count(pair, &MAX_PROPERTIES, old, new);
        self.dependencies(pair);
    }

    fn named(&mut self, pair: &mut Pair) {
        let closed = pair.old.is_closed(self.old);
        for (name, old) in pair.old.properties.clone() {
            match pair.new.properties.iter().find(|(known, _)| *known == name) {
                Some((_, new)) => {
                    let new = new.clone();
                    self.kept(pair, &name, &old, &new);
                }
                None if hidden(marks(self.old, &old), pair) => {}
                None => {
                    let (change, word) = match pair.old.required.contains(&name) {
                        true => (Change::RequiredPropertyRemoved, "required"),
                        false => (Change::OptionalPropertyRemoved, "optional"),
                    };
                    pair.find(change, format!("the {word} property `{name}` is gone"));
                }
            }
        }
        for (name, new) in pair.new.properties.clone() {
            let known = pair.old.properties.iter().any(|(known, _)| *known == name);
            if known || hidden(marks(self.new, &new), pair) {
                continue;
            }
            let required = pair.new.required.contains(&name);
            let change = match (required, closed) {
                (true, _) if pair.place.is_sent_by_client() => Change::RequiredPropertyAdded,
                (_, true) => Change::PropertyAddedToClosed,
                (true, false) => Change::RequiredPropertyAdded,
                (false, false) => Change::OptionalPropertyAdded,
            };
            let word = if required { "required" } else { "optional" };
            pair.find(change, format!("the {word} property `{name}` is new"));
        }
        unnamed_requirements(pair);
    }

    /// A property that both contracts name.
    fn kept(&mut self, pair: &mut Pair, name: &str, old: &Joint, new: &Joint) {
        let (was, is) = (marks(self.old, old), marks(self.new, new));
        self.marked(pair, name, was, is);
        if hidden(was, pair) || hidden(is, pair) {
            return;
        }
        required(pair, name);
        self.go_on(pair, format!("/{name}"), old, new);
    }

    /// OAS 3.1, Schema Object: `readOnly` properties belong to responses, `writeOnly` ones to
    /// requests.
    fn marked(&self, pair: &mut Pair, name: &str, was: (bool, bool), is: (bool, bool)) {
        let needed = pair.new.required.iter().any(|known| known == name);
        let was_needed = pair.old.required.iter().any(|known| known == name);
        match (was.0, is.0) {
            (false, true) => {
                let message = format!("the property `{name}` belongs to responses alone");
                pair.find(Change::BecameReadOnly, message);
            }
            (true, false) => {
                let change = match needed {
                    true => Change::NoLongerReadOnlyRequired,
                    false => Change::NoLongerReadOnlyOptional,
                };
                pair.find(change, format!("the property `{name}` may be sent too"));
            }
            _ => {}
        }
        match (was.1, is.1) {
            (false, true) => {
                let change = match was_needed {
                    true => Change::BecameWriteOnlyRequired,
                    false => Change::BecameWriteOnlyOptional,
                };
                let message = format!("the property `{name}` belongs to requests alone");
                pair.find(change, message);
            }
            (true, false) => {
                let message = format!("the property `{name}` is answered too");
                pair.find(Change::NoLongerWriteOnly, message);
            }
            _ => {}
        }
    }

    fn patterns(&mut self, pair: &mut Pair) {
        let (old, new) = (
            pair.old.pattern_properties.clone(),
            pair.new.pattern_properties.clone(),
        );
        let changes = (Change::PatternPropertySet, Change::PatternPropertyUnset);
        self.by_name(pair, (&old, &new), "properties of the pattern", changes);
    }

    /// Goes on with schemas that stand under names.
    fn by_name(
        &mut self,
        pair: &mut Pair,
        (old, new): (&[Named], &[Named]),
        what: &str,
        changes: (Change, Change),
    ) {
        let none = Joint::new();
        let find = |list: &[Named], name: &str| {
            let found = list.iter().find(|(known, _)| known == name);
            found.map(|(_, joint)| joint.clone())
        };
        for (name, joint) in old {
            let new = find(new, name).unwrap_or_else(|| none.clone());
            let what = format!("{what} `{name}`");
            self.go_on_or(pair, (&format!("/{name}"), &what), (joint, &new), changes);
        }
        for (name, joint) in new.iter().filter(|(name, _)| find(old, name).is_none()) {
            let what = format!("{what} `{name}`");
            self.go_on_or(pair, (&format!("/{name}"), &what), (&none, joint), changes);
        }
    }

    /// `additionalProperties`, `unevaluatedProperties` and `propertyNames`.
    fn others(&mut self, pair: &mut Pair) {
        match (pair.old.is_closed(self.old), pair.new.is_closed(self.new)) {
            (false, true) => pair.find(
                Change::AdditionalPropertiesRefused,
                "properties that are not named are refused now",
            ),
            (true, false) => pair.find(
                Change::AdditionalPropertiesAllowed,
                "properties that are not named are allowed now",
            ),
            (true, true) => {}
            (false, false) => self.open(pair),
        }
        let (old, new) = (
            pair.old.property_names.clone(),
            pair.new.property_names.clone(),
        );
        let changes = (Change::PropertyNamesSet, Change::PropertyNamesUnset);
        let what = ("/(name)", "each name of a property");
        self.go_on_or(pair, what, (&old, &new), changes);
    }

    fn open(&mut self, pair: &mut Pair) {
        // `true` asks for nothing, as the absent keyword does.
        let asked = |api: &crate::model::Api, joint: &Joint| {
            let asks = |id: &&crate::model::SchemaId| api.schema(**id).boolean != Some(true);
            joint.iter().filter(asks).copied().collect::<Joint>()
        };
        let additional = (
            asked(self.old, &pair.old.additional_properties),
            asked(self.new, &pair.new.additional_properties),
        );
        let changes = (
            Change::AdditionalPropertiesSet,
            Change::AdditionalPropertiesUnset,
        );
        let what = ("/*", "each property that is not named");
        self.go_on_or(pair, what, (&additional.0, &additional.1), changes);
        let unevaluated = (
            asked(self.old, &pair.old.unevaluated_properties),
            asked(self.new, &pair.new.unevaluated_properties),
        );
        let changes = (
            Change::UnevaluatedPropertiesSet,
            Change::UnevaluatedPropertiesUnset,
        );
        let what = ("/*", "`unevaluatedProperties`");
        self.go_on_or(pair, what, (&unevaluated.0, &unevaluated.1), changes);
    }

    /// `dependentRequired` and `dependentSchemas`.
    fn dependencies(&mut self, pair: &mut Pair) {
        let flat = |view: &View| {
            let pairs = view.dependent_required.iter();
            let pairs = pairs.flat_map(|(name, all)| all.iter().map(move |one| (name, one)));
            pairs
                .map(|(name, other)| (name.clone(), other.clone()))
                .collect::<Vec<_>>()
        };
        let (old, new) = (flat(&pair.old), flat(&pair.new));
        for (name, other) in new.iter().filter(|one| !old.contains(one)) {
            let message = format!("the property `{name}` asks for `{other}` now");
            pair.find(Change::DependentRequiredSet, message);
        }
        for (name, other) in old.iter().filter(|one| !new.contains(one)) {
            let message = format!("the property `{name}` asked for `{other}`");
            pair.find(Change::DependentRequiredUnset, message);
        }
        let (old, new) = (
            pair.old.dependent_schemas.clone(),
            pair.new.dependent_schemas.clone(),
        );
        let changes = (Change::DependentSchemaSet, Change::DependentSchemaUnset);
        self.by_name(pair, (&old, &new), "an object with the property", changes);
    }
}

/// Whether properties of these marks are not part of the message.
fn hidden((read_only, write_only): (bool, bool), pair: &Pair) -> bool {
    match pair.place.in_request() {
        true => read_only,
        false => write_only,
    }
}

fn required(pair: &mut Pair, name: &str) {
    let lists = |view: &View| view.required.iter().any(|known| known == name);
    match (lists(&pair.old), lists(&pair.new)) {
        (false, true) => {
            let message = format!("the property `{name}` is required now");
            pair.find(Change::BecameRequired, message);
        }
        (true, false) => {
            let message = format!("the property `{name}` is not required any more");
            pair.find(Change::BecameOptional, message);
        }
        _ => {}
    }
}

/// `required` may list properties that `properties` does not.
fn unnamed_requirements(pair: &mut Pair) {
    let names = |view: &View| {
        let named = |name: &&String| !view.properties.iter().any(|(known, _)| known == *name);
        let names = view.required.iter().filter(named);
        names.cloned().collect::<Vec<_>>()
    };
    let mut all = names(&pair.old);
    all.extend(names(&pair.new));
    all.sort_unstable();
    all.dedup();
    let named = |view: &View, name: &str| view.properties.iter().any(|(known, _)| known == name);
    for name in all {
        if !named(&pair.old, &name) && !named(&pair.new, &name) {
            required(pair, &name);
        }
    }
}
