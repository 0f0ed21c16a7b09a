//! Schemas that nothing can satisfy.

use super::Lowering;
use super::documents::At;
use crate::model::{Schema, decimal};
use std::cmp::Ordering;

impl<'a> Lowering<'a, '_> {
    /// Looks at one schema by itself, without what it refers to.
    pub(super) fn check_schema(&mut self, schema: &Schema, at: &At<'a>) {
        self.check_counts(schema, at);
        self.check_bounds(schema, at);
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
}
