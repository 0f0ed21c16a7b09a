//! Schemas that nothing can satisfy, and defaults that contradict their schema.

use super::documents::At;
use super::{Lowering, decimal};
use crate::model::{Json, Schema, Type};
use std::cmp::Ordering;

impl<'a> Lowering<'a, '_> {
    /// Looks at one schema by itself, without what it refers to.
    pub(super) fn check_schema(&mut self, schema: &Schema, at: &At<'a>) {
        self.check_counts(schema, at);
        self.check_bounds(schema, at);
        self.check_default(schema, at);
    }

    fn check_counts(&mut self, schema: &Schema, at: &At<'a>) {
        for (low, high, least, most) in [
            (
                "minLength",
                "maxLength",
                schema.min_length,
                schema.max_length,
            ),
            ("minItems", "maxItems", schema.min_items, schema.max_items),
            (
                "minProperties",
                "maxProperties",
                schema.min_properties,
                schema.max_properties,
            ),
            (
                "minContains",
                "maxContains",
                schema.min_contains,
                schema.max_contains,
            ),
        ] {
            if let (Some(least), Some(most)) = (least, most)
                && least > most
            {
                self.impossible(at, low, high, &least.to_string(), &most.to_string());
            }
        }
    }

    fn check_bounds(&mut self, schema: &Schema, at: &At<'a>) {
        let lower = [
            ("minimum", &schema.minimum, false),
            ("exclusiveMinimum", &schema.exclusive_minimum, true),
        ];
        let upper = [
            ("maximum", &schema.maximum, false),
            ("exclusiveMaximum", &schema.exclusive_maximum, true),
        ];
        for (low, least, above) in lower {
            for (high, most, below) in upper {
                let (Some(least), Some(most)) = (least, most) else {
                    continue;
                };
                let order = decimal::compare(least, most);
                if order == Ordering::Greater || order == Ordering::Equal && (above || below) {
                    self.impossible(at, low, high, least, most);
                    return;
                }
            }
        }
    }

    fn impossible(&mut self, at: &At<'a>, low: &str, high: &str, least: &str, most: &str) {
        let mapping = at.node.as_mapping();
        let span = |key: &str| {
            mapping
                .and_then(|mapping| mapping.get(key))
                .map(|entry| entry.value.span)
        };
        let message = format!("no value is valid: `{low}` is {least} and `{high}` is {most}");
        let place = span(low).unwrap_or(at.node.span);
        let diagnostic = self.diagnostics.error("impossible-schema", place, message);
        if let Some(other) = span(high) {
            diagnostic.related(other, format!("`{high}`"));
        }
        diagnostic.help("exchange or correct the two limits");
    }

    fn check_default(&mut self, schema: &Schema, at: &At<'a>) {
        let Some(default) = &schema.default else {
            return;
        };
        let Some(reason) = mismatch(schema, default) else {
            return;
        };
        let span = at
            .node
            .get("default")
            .map_or(at.node.span, |node| node.span);
        let message = format!("the default {} is not valid: {reason}", shortened(default));
        self.diagnostics
            .error("invalid-default", span, message)
            .help("correct the default or the schema");
    }
}

fn shortened(value: &Json) -> String {
    let text = value.to_text();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}

/// Why a value contradicts the schema's own `type`, `enum` or `const`.
fn mismatch(schema: &Schema, value: &Json) -> Option<String> {
    if let Some(types) = schema.types
        && !types.iter().any(|ty| has_type(value, ty))
    {
        let names = types
            .iter()
            .map(Type::name)
            .collect::<Vec<_>>()
            .join(" or ");
        return Some(format!("`type` is {names}"));
    }
    if let Some(values) = &schema.enumeration
        && !values.iter().any(|one| equal(one, value))
    {
        return Some("`enum` does not list it".to_owned());
    }
    match &schema.constant {
        Some(constant) if !equal(constant, value) => Some("`const` is another value".to_owned()),
        _ => None,
    }
}

fn has_type(value: &Json, ty: Type) -> bool {
    match (value, ty) {
        (Json::Null, Type::Null)
        | (Json::Bool(_), Type::Boolean)
        | (Json::Number(_), Type::Number)
        | (Json::String(_), Type::String)
        | (Json::Array(_), Type::Array)
        | (Json::Object(_), Type::Object) => true,
        // JSON Schema 2020-12, section 4.2.3: 1.0 is an integer.
        (Json::Number(text), Type::Integer) => decimal::is_integer(text),
        _ => false,
    }
}

/// Equality of JSON values: numbers by value, objects without order.
fn equal(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => decimal::compare(one, other).is_eq(),
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Json::Object(one), Json::Object(members)) => {
            one.len() == members.len()
                && one
                    .iter()
                    .all(|(key, value)| other.get(key).is_some_and(|found| equal(value, found)))
        }
        _ => one == other,
    }
}
