//! The built-in types, and which facets each has.

use crate::model::Type;

/// A built-in type (RAML 1.0, Built-in Types), or what stands in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Any,
    Object,
    Array,
    String,
    Number,
    Integer,
    Boolean,
    DateOnly,
    TimeOnly,
    DateTimeOnly,
    DateTime,
    File,
    Nil,
    /// One of several types.
    Union,
    /// A JSON Schema or an XML schema.
    External,
}

/// The names of the built-in types, in the order of the specification.
pub(crate) const BUILT_IN: [(&str, Kind); 13] = [
    ("any", Kind::Any),
    ("object", Kind::Object),
    ("array", Kind::Array),
    ("string", Kind::String),
    ("number", Kind::Number),
    ("integer", Kind::Integer),
    ("boolean", Kind::Boolean),
    ("date-only", Kind::DateOnly),
    ("time-only", Kind::TimeOnly),
    ("datetime-only", Kind::DateTimeOnly),
    ("datetime", Kind::DateTime),
    ("file", Kind::File),
    ("nil", Kind::Nil),
];

/// What every type declaration may have.
const COMMON: [&str; 12] = [
    "default",
    "type",
    "schema",
    "example",
    "examples",
    "displayName",
    "description",
    "facets",
    "xml",
    "enum",
    "required",
    "usage",
];

impl Kind {
    /// The built-in type of a name.
    pub fn named(name: &str) -> Option<Kind> {
        let found = BUILT_IN.iter().find(|(known, _)| *known == name);
        found.map(|(_, kind)| *kind)
    }

    /// Its name, as messages call it.
    pub fn name(self) -> &'static str {
        let found = BUILT_IN.iter().find(|(_, kind)| *kind == self);
        match (found, self) {
            (Some((name, _)), _) => name,
            (None, Kind::Union) => "union",
            (None, _) => "external type",
        }
    }

    /// The facets of this type alone.
    pub fn facets(self) -> &'static [&'static str] {
        match self {
            Kind::Object => &[
                "properties",
                "minProperties",
                "maxProperties",
                "additionalProperties",
                "discriminator",
                "discriminatorValue",
            ],
            Kind::Array => &["uniqueItems", "items", "minItems", "maxItems"],
            Kind::String => &["pattern", "minLength", "maxLength"],
            Kind::Number | Kind::Integer => &["minimum", "maximum", "format", "multipleOf"],
            Kind::DateTime => &["format"],
            Kind::File => &["fileTypes", "minLength", "maxLength"],
            _ => &[],
        }
    }

    /// Whether a declaration of this type may have a facet.
    pub fn has(self, facet: &str) -> bool {
        COMMON.contains(&facet) || self.facets().contains(&facet)
    }

    /// Every facet that a declaration of this type may have.
    pub fn all_facets(self) -> impl Iterator<Item = &'static str> {
        self.facets().iter().chain(&COMMON).copied()
    }

    /// Whether values are written as one string, number or boolean.
    pub fn is_scalar(self) -> bool {
        !matches!(
            self,
            Kind::Any | Kind::Object | Kind::Array | Kind::Union | Kind::External
        )
    }

    /// The JSON type of its values; `None` when there is no single one.
    pub fn json(self) -> Option<Type> {
        Some(match self {
            Kind::Any | Kind::Union | Kind::External => return None,
            Kind::Object => Type::Object,
            Kind::Array => Type::Array,
            Kind::Number => Type::Number,
            Kind::Integer => Type::Integer,
            Kind::Boolean => Type::Boolean,
            Kind::Nil => Type::Null,
            Kind::String
            | Kind::DateOnly
            | Kind::TimeOnly
            | Kind::DateTimeOnly
            | Kind::DateTime
            | Kind::File => Type::String,
        })
    }
}
