//! Keywords of any value, of numbers and of strings.

use super::{Run, counted, formats, shortened};
use crate::model::{Json, Schema, Type, TypeSet, decimal};
use std::cmp::Ordering;

/// More allowed values than this are not all told.
const MANY_VALUES: usize = 8;

impl<'a> Run<'_, 'a> {
    /// `type`, `enum` and `const`.
    pub(super) fn general(&mut self, schema: &'a Schema, value: &Json) {
        if let Some(types) = schema.types
            && !types.iter().any(|ty| value.has_type(ty))
        {
            self.violate("type", || wrong_type(types, value));
            return;
        }
        if let Some(values) = &schema.enumeration
            && !values.iter().any(|one| one.equals(value))
        {
            self.violate("enum", || one_of(values));
        }
        if let Some(constant) = &schema.constant
            && !constant.equals(value)
        {
            self.violate("const", || format!("must be {}", shortened(constant)));
        }
    }

    pub(super) fn number(&mut self, schema: &'a Schema, text: &str) {
        let bounds = [
            (&schema.minimum, "minimum", "at least", Ordering::Less, true),
            (
                &schema.maximum,
                "maximum",
                "at most",
                Ordering::Greater,
                true,
            ),
            (
                &schema.exclusive_minimum,
                "exclusiveMinimum",
                "more than",
                Ordering::Less,
                false,
            ),
            (
                &schema.exclusive_maximum,
                "exclusiveMaximum",
                "less than",
                Ordering::Greater,
                false,
            ),
        ];
        for (bound, keyword, words, wrong, inclusive) in bounds {
            let Some(bound) = bound else { continue };
            let order = decimal::compare(text, bound);
            if order == wrong || order == Ordering::Equal && !inclusive {
                self.violate(keyword, || format!("must be {words} {bound}"));
            }
        }
        if let Some(divisor) = &schema.multiple_of
            && !decimal::is_multiple_of(text, divisor)
        {
            self.violate("multipleOf", || format!("must be a multiple of {divisor}"));
        }
        if let Some(format) = &schema.format
            && let Some((least, most)) = formats::range(format)
            && schema.types.is_some_and(is_numeric)
            && (decimal::compare(text, least).is_lt() || decimal::compare(text, most).is_gt())
        {
            self.violate("format", || {
                format!("must be within {least} and {most}, as `{format}` is")
            });
        }
    }

    pub(super) fn string(&mut self, schema: &'a Schema, text: &str) {
        if schema.min_length.is_some() || schema.max_length.is_some() {
            let length = text.chars().count() as u64;
            if let Some(least) = schema.min_length.filter(|least| length < *least) {
                self.violate("minLength", || {
                    format!("must have at least {}", counted(least, "character"))
                });
            }
            if let Some(most) = schema.max_length.filter(|most| length > *most) {
                self.violate("maxLength", || {
                    format!("must have at most {}", counted(most, "character"))
                });
            }
        }
        // The words for a format are better than a pattern that says the same.
        if let Some(format) = &schema.format
            && schema
                .types
                .is_none_or(|types| types.contains(Type::String))
            && !formats::is_valid(format, text)
        {
            self.violate("format", || {
                format!("must be {}", formats::described(format))
            });
        } else if let Some(pattern) = &schema.pattern
            && !self.matches(pattern, text)
        {
            self.violate("pattern", || format!("must match the pattern `{pattern}`"));
        }
    }
}

fn is_numeric(types: TypeSet) -> bool {
    types.contains(Type::Integer) || types.contains(Type::Number)
}

pub(super) fn wrong_type(types: TypeSet, value: &Json) -> String {
    // Whoever wrote a value wants to know first what else than null it may be.
    let mut wanted = types.iter().map(article).collect::<Vec<_>>();
    wanted.sort_by_key(|one| *one == "null");
    let wanted = wanted.join(" or ");
    match value {
        Json::Number(_) if types.contains(Type::Integer) => {
            format!("must be {wanted}, but has a fraction")
        }
        _ => format!("must be {wanted}, but is {}", value.kind()),
    }
}

fn article(ty: Type) -> &'static str {
    match ty {
        Type::Null => "null",
        Type::Boolean => "a boolean",
        Type::Integer => "an integer",
        Type::Number => "a number",
        Type::String => "a string",
        Type::Array => "an array",
        Type::Object => "an object",
    }
}

fn one_of(values: &[Json]) -> String {
    let mut words = values
        .iter()
        .take(MANY_VALUES)
        .map(shortened)
        .collect::<Vec<_>>();
    if values.len() > MANY_VALUES {
        words.push(format!("{} others", values.len() - MANY_VALUES));
    }
    match words.as_slice() {
        [one] => format!("must be {one}"),
        _ => format!("must be one of {}", words.join(", ")),
    }
}
