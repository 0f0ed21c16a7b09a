//! Keywords that apply further schemas to the same value.

use super::{Evaluated, Run, Violation};
use crate::model::{Discriminator, Json, Schema, SchemaId, TypeSet};

impl<'a> Run<'_, 'a> {
    pub(super) fn combinations(
        &mut self,
        schema: &'a Schema,
        value: &Json,
        evaluated: &mut Evaluated,
    ) {
        for id in &schema.all_of {
            self.apply(*id, value, evaluated);
        }
        for (trigger, id) in &schema.dependent_schemas {
            if value.get(trigger).is_some() {
                self.apply(*id, value, evaluated);
            }
        }
        match deciding(schema) {
            // `null` has no discriminator, and may have a branch of its own.
            Some(_) if matches!(value, Json::Null) && self.has_null_branch(schema) => {}
            Some(discriminator) => self.discriminate(discriminator, value, evaluated),
            None => {
                self.any_of(&schema.any_of, value, evaluated);
                self.one_of(&schema.one_of, value, evaluated);
            }
        }
        if let Some(id) = schema.not
            && self.fits(id, value, &mut Evaluated::default())
        {
            self.violate("not", || "must not fit the schema of `not`".to_owned());
        }
        self.condition(schema, value, evaluated);
    }

    fn condition(&mut self, schema: &'a Schema, value: &Json, evaluated: &mut Evaluated) {
        let Some(condition) = schema.if_ else { return };
        let branch = match self.fits(condition, value, evaluated) {
            true => schema.then,
            false => schema.else_,
        };
        if let Some(id) = branch {
            self.apply(id, value, evaluated);
        }
    }

    fn any_of(&mut self, branches: &'a [SchemaId], value: &Json, evaluated: &mut Evaluated) {
        let mut any = branches.is_empty();
        for id in branches {
            any |= self.fits(*id, value, evaluated);
            if any && !self.checker.evaluates {
                return;
            }
        }
        if !any {
            self.none_fits("anyOf", branches, value);
        }
    }

    fn one_of(&mut self, branches: &'a [SchemaId], value: &Json, evaluated: &mut Evaluated) {
        let mut fitting = 0;
        for id in branches {
            fitting += usize::from(self.fits(*id, value, evaluated));
        }
        match fitting {
            0 if !branches.is_empty() => self.none_fits("oneOf", branches, value),
            0 | 1 => {}
            _ => self.violate("oneOf", || {
                format!("fits {fitting} of the alternatives, and must fit exactly one")
            }),
        }
    }

    /// The discriminator decides which schema applies, as it does when requests are checked.
    fn discriminate(
        &mut self,
        discriminator: &'a Discriminator,
        value: &Json,
        evaluated: &mut Evaluated,
    ) {
        let property = &discriminator.property;
        if !matches!(value, Json::Object(_)) {
            return self.violate("discriminator", || {
                format!("must be an object, but is {}", value.kind())
            });
        }
        let Some(found) = value.get(property) else {
            return self.violate("discriminator", || {
                format!("must have the member `{property}`, which tells what it is")
            });
        };
        let mapping = discriminator.mapping.iter();
        let known = mapping
            .clone()
            .find(|(name, _)| found.as_str() == Some(name));
        match known {
            Some((_, id)) => {
                self.apply(*id, value, evaluated);
            }
            None => {
                let names = mapping.map(|(name, _)| format!("`{name}`"));
                let names = names.collect::<Vec<_>>().join(", ");
                let step = super::Step::Key(property.clone());
                self.violate_at(step, "discriminator", || format!("must be one of {names}"));
            }
        }
    }

    /// Whether a branch is for `null` alone; of a `oneOf`, exactly one.
    fn has_null_branch(&self, schema: &Schema) -> bool {
        let schemas = self.checker.schemas;
        let of_null = |id: &&SchemaId| schemas[id.index()].is_only_null();
        let count = |list: &[SchemaId]| list.iter().filter(of_null).count();
        count(&schema.one_of) == 1 || count(&schema.any_of) > 0
    }

    /// Tells why the one branch that is of the right kind does not fit; says that none fits when
    /// it is not plain which was meant.
    fn none_fits(&mut self, keyword: &'static str, branches: &'a [SchemaId], value: &Json) {
        if self.silent > 0 {
            return self.violate(keyword, String::new);
        }
        let mut likely: Vec<Vec<Violation>> = Vec::new();
        for id in branches {
            let violations = self.violations_of(*id, value);
            let here = |one: &Violation| one.path.len() == self.path.len();
            let other_kind = |one: &Violation| matches!(one.keyword, "type" | "const" | "enum");
            if !violations.iter().any(|one| here(one) && other_kind(one)) {
                likely.push(violations);
            }
        }
        let here = self.path.len();
        let reasons = likely.iter().filter_map(|violations| violations.first());
        let reasons = reasons.map(|one| reason(one, here)).collect::<Vec<_>>();
        match (likely.len(), likely.pop()) {
            (1, Some(violations)) => {
                self.broken += violations.len();
                self.violations.extend(violations);
            }
            _ => {
                let types = self.types_of(branches, value);
                self.violate(keyword, || match types {
                    Some(types) => super::scalars::wrong_type(types, value),
                    None => alternatives(branches.len(), reasons),
                });
            }
        }
    }

    /// The types of all branches, when it is the type that none of them fits.
    fn types_of(&self, branches: &[SchemaId], value: &Json) -> Option<TypeSet> {
        let mut all = TypeSet::NONE;
        for id in branches {
            let mut schema = &self.checker.schemas[id.index()];
            let mut steps = 0;
            while let (None, Some(target)) = (schema.types, schema.reference) {
                steps += 1;
                schema = &self.checker.schemas[target.index()];
                if steps > 100 {
                    return None;
                }
            }
            for ty in schema.types?.iter() {
                all = all.with(ty);
            }
        }
        (!all.iter().any(|ty| value.has_type(ty))).then_some(all)
    }

    fn violations_of(&mut self, id: SchemaId, value: &Json) -> Vec<Violation> {
        let before = (self.broken, self.violations.len());
        self.apply(id, value, &mut Evaluated::default());
        self.broken = before.0;
        self.violations.split_off(before.1)
    }
}

/// How many alternatives are told.
const TOLD: usize = 3;

fn alternatives(count: usize, mut reasons: Vec<String>) -> String {
    let mut seen = std::collections::HashSet::new();
    reasons.retain(|reason| seen.insert(reason.clone()));
    if reasons.len() > TOLD {
        reasons.truncate(TOLD);
        reasons.push("and so on".to_owned());
    }
    match reasons.is_empty() {
        true => format!("fits none of the {count} alternatives"),
        false => format!(
            "fits none of the {count} alternatives: {}",
            reasons.join("; or ")
        ),
    }
}

/// What is wrong, as seen from `depth` steps into the value.
fn reason(violation: &Violation, depth: usize) -> String {
    let below = Violation {
        path: violation.path[depth.min(violation.path.len())..].to_vec(),
        ..violation.clone()
    };
    match below.path.is_empty() {
        true => below.message,
        false => format!("`{}` {}", below.pointer(), below.message),
    }
}

/// The discriminator, where it chooses among branches.
fn deciding(schema: &Schema) -> Option<&Discriminator> {
    let choice = !schema.one_of.is_empty() || !schema.any_of.is_empty();
    let found = schema.discriminator.as_ref();
    found.filter(|found| choice && !found.mapping.is_empty())
}
