//! The document of check schemas: JSON Schema 2020-12 with everything that OpenAPI adds to it
//! written out, so that a plain validator decides what the contract means.

use super::direction::Direction;
use super::lower::Lowering;
use super::names::{Scope, pascal};
use super::scalars::Asked;
use crate::model::pattern::served;
use crate::model::{Discriminator, Json, Schema, SchemaId, Type};
use std::collections::HashMap;

/// The checks made so far.
#[derive(Debug, Default)]
pub(super) struct Checks {
    keys: HashMap<(SchemaId, Direction), String>,
    scope: Scope,
    definitions: Vec<(String, Json)>,
}

impl Checks {
    /// The finished document.
    pub(super) fn document(self) -> Json {
        let mut definitions = self.definitions;
        definitions.sort_by(|(left, _), (right, _)| left.cmp(right));
        Json::Object(vec![
            (
                "$schema".to_owned(),
                text("https://json-schema.org/draft/2020-12/schema"),
            ),
            ("$defs".to_owned(), Json::Object(definitions)),
        ])
    }
}

impl Lowering<'_> {
    /// The `$defs` key under which a schema's check stands, made when it is not there yet.
    pub(super) fn check_key(&mut self, id: SchemaId, direction: Direction, hint: &str) -> String {
        let direction = self.direction_of(id, direction);
        if let Some(key) = self.checks.keys.get(&(id, direction)) {
            return key.clone();
        }
        let name = self
            .component_name(id)
            .map_or_else(|| pascal(hint), |name| pascal(&name));
        let name = if direction == Direction::Input && self.differs[id.index()] {
            format!("{name}Input")
        } else {
            name
        };
        let key = self.checks.scope.pascal(&name);
        self.checks.keys.insert((id, direction), key.clone());
        let schema = self.check_schema(id, direction);
        self.checks.definitions.push((key.clone(), schema));
        key
    }

    /// A schema as it stands inside a check: by reference when it has a name or is recursive.
    fn check_child(&mut self, id: SchemaId, direction: Direction) -> Json {
        if self.component_name(id).is_some() || self.recursive[id.index()] {
            let hint = self.schemas[id.index()].pointer.clone();
            let key = self.check_key(id, direction, &hint);
            return object([("$ref", text(&format!("#/$defs/{key}")))]);
        }
        self.check_schema(id, direction)
    }

    fn check_schema(&mut self, id: SchemaId, direction: Direction) -> Json {
        let schema = self.schemas[id.index()].clone();
        if let Some(value) = schema.boolean {
            return Json::Bool(value);
        }
        let mut out: Vec<(String, Json)> = Vec::new();
        if let Some(target) = schema.reference {
            let Json::Object(members) = self.check_child(target, direction) else {
                return self.check_child(target, direction);
            };
            out.extend(members);
        }
        write_type(&schema, &mut out);
        write_scalars(&schema, &mut out);
        self.write_arrays(&schema, direction, &mut out);
        self.write_objects(&schema, direction, &mut out);
        self.write_composition(&schema, direction, &mut out);
        write_format(&schema, &mut out);
        merge_repeated(out)
    }

    fn write_arrays(
        &mut self,
        schema: &Schema,
        direction: Direction,
        out: &mut Vec<(String, Json)>,
    ) {
        if !schema.prefix_items.is_empty() {
            let items = schema
                .prefix_items
                .iter()
                .map(|id| self.check_child(*id, direction))
                .collect();
            push(out, "prefixItems", Json::Array(items));
        }
        for (key, child) in [
            ("items", schema.items),
            ("contains", schema.contains),
            ("unevaluatedItems", schema.unevaluated_items),
        ] {
            if let Some(child) = child {
                push(out, key, self.check_child(child, direction));
            }
        }
        push_count(out, "minItems", schema.min_items);
        push_count(out, "maxItems", schema.max_items);
        push_count(out, "minContains", schema.min_contains);
        push_count(out, "maxContains", schema.max_contains);
        if schema.unique_items {
            push(out, "uniqueItems", Json::Bool(true));
        }
    }

    fn write_objects(
        &mut self,
        schema: &Schema,
        direction: Direction,
        out: &mut Vec<(String, Json)>,
    ) {
        let mut unsendable = Vec::new();
        if !schema.properties.is_empty() {
            let mut properties = Vec::new();
            for (name, id) in &schema.properties {
                let child = if self.is_unsendable(*id, direction) {
                    unsendable.push(name.clone());
                    object([("x-specwright-read-only", Json::Bool(true))])
                } else {
                    self.check_child(*id, direction)
                };
                properties.push((name.clone(), child));
            }
            push(out, "properties", Json::Object(properties));
        }
        let required = self.required_names(schema, direction, &unsendable);
        if !required.is_empty() {
            push(
                out,
                "required",
                Json::Array(required.iter().map(|name| text(name)).collect()),
            );
        }
        let by_pattern = schema.pattern_properties.iter();
        let by_pattern: Vec<_> = by_pattern.map(|(it, id)| (served(it), *id)).collect();
        for (key, list) in [
            ("patternProperties", &by_pattern),
            ("dependentSchemas", &schema.dependent_schemas),
        ] {
            if !list.is_empty() {
                let members = list
                    .iter()
                    .map(|(name, id)| (name.clone(), self.check_child(*id, direction)))
                    .collect();
                push(out, key, Json::Object(members));
            }
        }
        for (key, child) in [
            ("additionalProperties", schema.additional_properties),
            ("propertyNames", schema.property_names),
            ("unevaluatedProperties", schema.unevaluated_properties),
        ] {
            if let Some(child) = child {
                push(out, key, self.check_child(child, direction));
            }
        }
        push_count(out, "minProperties", schema.min_properties);
        push_count(out, "maxProperties", schema.max_properties);
        if !schema.dependent_required.is_empty() {
            let members = schema.dependent_required.iter().map(|(name, needed)| {
                (
                    name.clone(),
                    Json::Array(needed.iter().map(|name| text(name)).collect()),
                )
            });
            push(out, "dependentRequired", Json::Object(members.collect()));
        }
    }

    /// `required` without the properties that cannot travel this way: a `readOnly` property is
    /// only required of a response (OAS 3.1, Schema Object), wherever in the schema's `allOf`
    /// it is declared.
    fn required_names(
        &self,
        schema: &Schema,
        direction: Direction,
        unsendable: &[String],
    ) -> Vec<String> {
        let free = |name: &&String| {
            !unsendable.contains(name) && !self.inherits_unsendable(schema, name, direction, 0)
        };
        schema.required.iter().filter(free).cloned().collect()
    }

    fn inherits_unsendable(
        &self,
        schema: &Schema,
        name: &str,
        direction: Direction,
        depth: usize,
    ) -> bool {
        if depth > 16 {
            return false;
        }
        let parents = schema.reference.iter().chain(&schema.all_of);
        parents.into_iter().any(|parent| {
            let parent = &self.schemas[parent.index()];
            parent
                .properties
                .iter()
                .any(|(key, id)| key == name && self.is_unsendable(*id, direction))
                || self.inherits_unsendable(parent, name, direction, depth + 1)
        })
    }

    fn write_composition(
        &mut self,
        schema: &Schema,
        direction: Direction,
        out: &mut Vec<(String, Json)>,
    ) {
        let discriminator = schema
            .discriminator
            .as_ref()
            .filter(|found| has_choice(schema) && !found.mapping.is_empty());
        if let Some(discriminator) = discriminator {
            let chosen = self.discriminated_check(discriminator, direction);
            if self.has_null_branch(schema) {
                let null = object([("type", text("null"))]);
                let chosen = object([("allOf", Json::Array(chosen))]);
                push(out, "anyOf", Json::Array(vec![null, chosen]));
            } else {
                push(out, "allOf", Json::Array(chosen));
            }
        } else {
            self.write_list("oneOf", &schema.one_of, direction, out);
            self.write_list("anyOf", &schema.any_of, direction, out);
        }
        self.write_list("allOf", &schema.all_of, direction, out);
        let conditions = [
            ("not", schema.not),
            ("if", schema.if_),
            ("then", schema.then),
            ("else", schema.else_),
        ];
        for (key, child) in conditions {
            if let Some(child) = child {
                push(out, key, self.check_child(child, direction));
            }
        }
    }

    fn write_list(
        &mut self,
        key: &str,
        list: &[SchemaId],
        direction: Direction,
        out: &mut Vec<(String, Json)>,
    ) {
        if !list.is_empty() {
            let members = list
                .iter()
                .map(|id| self.check_child(*id, direction))
                .collect();
            push(out, key, Json::Array(members));
        }
    }

    /// The discriminator decides: one `if`/`then` a value, so that an error is found at its place
    /// in the chosen branch, and an enumeration of the values that choose one.
    fn discriminated_check(&mut self, found: &Discriminator, direction: Direction) -> Vec<Json> {
        let property = text(&found.property);
        let values = found.mapping.iter().map(|(value, _)| text(value)).collect();
        let known = object([("enum", Json::Array(values))]);
        let tag = object([
            ("type", text("object")),
            ("required", Json::Array(vec![property])),
            (
                "properties",
                Json::Object(vec![(found.property.clone(), known)]),
            ),
        ]);
        let mut all = vec![tag];
        for (value, id) in &found.mapping {
            let matches = object([("const", text(value))]);
            let condition = object([
                ("type", text("object")),
                ("required", Json::Array(vec![text(&found.property)])),
                (
                    "properties",
                    Json::Object(vec![(found.property.clone(), matches)]),
                ),
            ]);
            all.push(object([
                ("if", condition),
                ("then", self.check_child(*id, direction)),
            ]));
        }
        all
    }

    /// Whether `null`, which has no discriminator, is accepted by a branch for nothing else; of a
    /// `oneOf`, by exactly one.
    fn has_null_branch(&mut self, schema: &Schema) -> bool {
        let mut count = |list: &[SchemaId]| {
            let of_null = |id: &&SchemaId| self.effective(**id).schema.is_only_null();
            list.iter().filter(of_null).count()
        };
        count(&schema.one_of) == 1 || count(&schema.any_of) > 0
    }
}

fn has_choice(schema: &Schema) -> bool {
    !schema.one_of.is_empty() || !schema.any_of.is_empty()
}

fn write_type(schema: &Schema, out: &mut Vec<(String, Json)>) {
    let Some(types) = schema.types else { return };
    let value = match types.single() {
        Some(ty) => text(ty.name()),
        None => Json::Array(types.iter().map(|ty| text(ty.name())).collect()),
    };
    push(out, "type", value);
}

fn write_scalars(schema: &Schema, out: &mut Vec<(String, Json)>) {
    if let Some(values) = &schema.enumeration {
        push(out, "enum", Json::Array(values.clone()));
    }
    if let Some(value) = &schema.constant {
        push(out, "const", value.clone());
    }
    for (key, bound) in [
        ("multipleOf", &schema.multiple_of),
        ("minimum", &schema.minimum),
        ("maximum", &schema.maximum),
        ("exclusiveMinimum", &schema.exclusive_minimum),
        ("exclusiveMaximum", &schema.exclusive_maximum),
    ] {
        if let Some(bound) = bound {
            push(out, key, Json::Number(bound.clone()));
        }
    }
    let asked = Asked::of(schema);
    push_count(out, "minLength", asked.min_length);
    push_count(out, "maxLength", asked.max_length);
    if let (Some(served), Some(pattern)) = (&asked.pattern, &schema.pattern) {
        push(out, "pattern", text(served));
        // Violations tell of the pattern as the contract writes it.
        if served != pattern {
            push(out, "x-specwright-pattern", text(pattern));
        }
    }
}

/// `format`, and for the numeric ones the range that it stands for.
fn write_format(schema: &Schema, out: &mut Vec<(String, Json)>) {
    let Some(format) = &schema.format else { return };
    push(out, "format", text(format));
    let range = match format.as_str() {
        "int32" => ("-2147483648", "2147483647"),
        "int64" => ("-9223372036854775808", "9223372036854775807"),
        "float" => ("-3.4028234663852886e38", "3.4028234663852886e38"),
        "double" => ("-1.7976931348623157e308", "1.7976931348623157e308"),
        _ => return,
    };
    let numeric = |types: crate::model::TypeSet| {
        types.contains(Type::Integer) || types.contains(Type::Number)
    };
    if schema.types.is_some_and(numeric) {
        let bounds = object([
            ("minimum", Json::Number(range.0.to_owned())),
            ("maximum", Json::Number(range.1.to_owned())),
        ]);
        push(out, "allOf", Json::Array(vec![bounds]));
    }
}

/// One object of all members; a second `allOf` or `$ref` joins the first.
fn merge_repeated(members: Vec<(String, Json)>) -> Json {
    let mut merged: Vec<(String, Json)> = Vec::new();
    for (key, value) in members {
        let known = merged.iter_mut().find(|(name, _)| *name == key);
        match (known, value) {
            (Some((_, Json::Array(list))), Json::Array(more)) => list.extend(more),
            (Some(_), _) => {}
            (None, value) => merged.push((key, value)),
        }
    }
    Json::Object(merged)
}

fn push(out: &mut Vec<(String, Json)>, key: &str, value: Json) {
    out.push((key.to_owned(), value));
}

fn push_count(out: &mut Vec<(String, Json)>, key: &str, count: Option<u64>) {
    if let Some(count) = count {
        push(out, key, Json::Number(count.to_string()));
    }
}

fn text(text: &str) -> Json {
    Json::String(text.to_owned())
}

fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
    Json::Object(
        members
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}
