//! Keywords of objects.

use super::{Evaluated, Run, Step, Verdict, counted};
use crate::model::{Json, Schema, SchemaId};

type Members = [(String, Json)];

impl<'a> Run<'_, 'a> {
    pub(super) fn object(
        &mut self,
        schema: &'a Schema,
        members: &Members,
        evaluated: &mut Evaluated,
    ) {
        self.count(schema, members);
        self.required(schema, members);
        for (index, (key, value)) in members.iter().enumerate() {
            if self.member(schema, key, value) {
                evaluated.mark(index);
            }
            if let Some(id) = schema.property_names {
                self.name(id, key);
            }
        }
        self.dependent(schema, members);
    }

    fn count(&mut self, schema: &'a Schema, members: &Members) {
        let count = members.len() as u64;
        if let Some(least) = schema.min_properties.filter(|least| count < *least) {
            self.violate("minProperties", || {
                format!("must have at least {}", counted(least, "member"))
            });
        }
        if let Some(most) = schema.max_properties.filter(|most| count > *most) {
            self.violate("maxProperties", || {
                format!("must have at most {}", counted(most, "member"))
            });
        }
    }

    fn required(&mut self, schema: &'a Schema, members: &Members) {
        for name in &schema.required {
            if !has(members, name) && !self.travels_one_way(schema, name, 0) {
                self.violate("required", || format!("must have the member `{name}`"));
            }
        }
    }

    /// OAS 3.1, Schema Object: a `readOnly` property is not part of requests, a `writeOnly` one
    /// not of responses, so a value that lacks it may be right.
    fn travels_one_way(&self, schema: &Schema, name: &str, depth: u32) -> bool {
        let declared = schema.properties.iter().find(|(key, _)| key == name);
        if let Some((_, id)) = declared
            && self.is_one_way(*id, 0)
        {
            return true;
        }
        let parents = schema.reference.iter().chain(&schema.all_of);
        depth < 16
            && parents.into_iter().any(|id| {
                let parent = &self.checker.schemas[id.index()];
                self.travels_one_way(parent, name, depth + 1)
            })
    }

    fn is_one_way(&self, id: SchemaId, depth: u32) -> bool {
        let schema = &self.checker.schemas[id.index()];
        schema.read_only
            || schema.write_only
            || depth < 16
                && schema
                    .reference
                    .is_some_and(|target| self.is_one_way(target, depth + 1))
    }

    /// One member; answers whether a keyword of this schema looks at its value.
    fn member(&mut self, schema: &'a Schema, key: &str, value: &Json) -> bool {
        let mut known = false;
        if let Some((_, id)) = schema.properties.iter().find(|(name, _)| name == key) {
            self.apply_at(|| Step::Key(key.to_owned()), *id, value);
            known = true;
        }
        for (pattern, id) in &schema.pattern_properties {
            if self.matches(pattern, key) {
                self.apply_at(|| Step::Key(key.to_owned()), *id, value);
                known = true;
            }
        }
        let Some(rest) = schema.additional_properties.filter(|_| !known) else {
            return known;
        };
        self.rest("additionalProperties", rest, key, value);
        true
    }

    /// A member that no property names: refused, or checked like any other.
    fn rest(&mut self, keyword: &'static str, id: SchemaId, key: &str, value: &Json) {
        if self.checker.schemas[id.index()].boolean == Some(false) {
            self.violate_at(Step::Key(key.to_owned()), keyword, || {
                "is not allowed here".to_owned()
            });
        } else {
            self.apply_at(|| Step::Key(key.to_owned()), id, value);
        }
    }

    fn name(&mut self, id: SchemaId, key: &str) {
        let name = Json::String(key.to_owned());
        if self.fits(id, &name, &mut Evaluated::default()) {
            return;
        }
        let reason = match self.checker.check(id, &name) {
            Verdict::Invalid(violations) => violations
                .into_iter()
                .next()
                .map(|violation| violation.message),
            _ => None,
        };
        self.violate_at(Step::Key(key.to_owned()), "propertyNames", || {
            let reason = reason.unwrap_or_else(|| "is not allowed".to_owned());
            format!("has a name that {reason}")
        });
    }

    fn dependent(&mut self, schema: &'a Schema, members: &Members) {
        for (trigger, needed) in &schema.dependent_required {
            if !has(members, trigger) {
                continue;
            }
            for name in needed.iter().filter(|name| !has(members, name)) {
                self.violate("dependentRequired", || {
                    format!("must have the member `{name}`, because it has `{trigger}`")
                });
            }
        }
    }

    pub(super) fn unevaluated_properties(
        &mut self,
        schema: &'a Schema,
        members: &Members,
        evaluated: &mut Evaluated,
    ) {
        let Some(id) = schema.unevaluated_properties else {
            return;
        };
        for (index, (key, value)) in members.iter().enumerate() {
            if !evaluated.has(index) {
                self.rest("unevaluatedProperties", id, key, value);
                evaluated.mark(index);
            }
        }
    }
}

fn has(members: &Members, name: &str) -> bool {
    members.iter().any(|(key, _)| key == name)
}
