//! From what a schema validator finds to what people are told.

use std::collections::HashSet;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use crate::around::Around;
use crate::check::READ_ONLY;
use crate::order;
use crate::read::Kind;
use crate::words;

/// One thing that is wrong with a request, or with a response.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// Where, as a JSON Pointer (RFC 6901) below the part of the message: `/body/user/name`,
    /// `/query/limit`. When a member is missing, or should not be there, it is the member's.
    pub pointer: String,
    /// The keyword of JSON Schema that is broken, or `readOnly`.
    pub keyword: String,
    /// What is wrong, to be read after the name of the place: "must be at least 1".
    pub message: String,
    /// What the keyword asks for: the limit, the allowed values, the types.
    pub expected: Option<Value>,
    /// The kind of the value that is there; of the object, when a member is missing.
    pub found: Kind,
    /// The value that is there, when it is a plain one: neither an object nor an array.
    pub value: Option<Value>,
    /// The name of the member that is missing.
    pub missing: Option<String>,
    /// The value that came, as text; of parameters in the path and the query only.
    pub sent: Option<String>,
}

impl Violation {
    /// A violation whose message says it all.
    pub fn new(pointer: &str, keyword: &str, message: impl Into<String>, found: Kind) -> Self {
        Self {
            pointer: pointer.to_owned(),
            keyword: keyword.to_owned(),
            message: message.into(),
            expected: None,
            found,
            value: None,
            missing: None,
            sent: None,
        }
    }

    /// The value that is meant, as text, of the value that stands at a pointer.
    pub(crate) fn sent_in(&self, json: &Value, pointer: &str) -> Option<String> {
        let below = self.pointer.strip_prefix(pointer)?;
        Some(match json.pointer(below)? {
            Value::String(text) => text.clone(),
            Value::Array(items) => {
                let items = items.iter().map(|item| match item {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                });
                items.collect::<Vec<_>>().join(",")
            }
            other => other.to_string(),
        })
    }

    /// A member or parameter that must be there; `pointer` is its own.
    pub fn missing(pointer: &str, name: &str) -> Self {
        Self {
            missing: Some(name.to_owned()),
            ..Self::new(pointer, "required", "is required", Kind::Object)
        }
    }
}

/// The value, when it is neither an object nor an array.
fn plain(value: &Value) -> Option<Value> {
    let is_plain = !value.is_object() && !value.is_array();
    is_plain.then(|| value.clone())
}

/// The kind of a value.
pub(crate) fn kind_of(value: &Value) -> Kind {
    match value {
        Value::Null => Kind::Null,
        Value::Bool(_) => Kind::Boolean,
        Value::Number(_) => Kind::Number,
        Value::String(_) => Kind::String,
        Value::Array(_) => Kind::Array,
        Value::Object(_) => Kind::Object,
    }
}

/// A member's pointer.
pub(crate) fn member(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The violation of text that is no JSON at all.
pub(crate) fn no_json(pointer: &str) -> Violation {
    Violation::new(pointer, "type", "must be JSON", Kind::String)
}

/// The violation of a value whose schema cannot be compiled.
pub(crate) fn unchecked(pointer: &str, value: &Value) -> Violation {
    Violation::new(pointer, "$ref", "cannot be checked", kind_of(value))
}

/// The violation that stands for all that are not listed.
pub(crate) fn unlisted(pointer: &str, value: &Value) -> Violation {
    let message = "breaks the contract in more places than are listed here";
    Violation::new(pointer, "more", message, kind_of(value))
}

/// The violation of a value whose alternatives nest too deeply.
pub(crate) fn entangled(pointer: &str, found: Kind) -> Violation {
    let message = "has alternatives that nest too deeply to be told apart";
    Violation::new(pointer, "oneOf", message, found)
}

/// Finds the schema of an error.
type FindAround<'f, 'a> = &'f dyn Fn(&ValidationError<'_>) -> Option<Around<'a>>;

/// Turns the errors of a validator into violations, each told once, in the order of the text.
pub(crate) fn explain(
    errors: &[ValidationError<'_>],
    json: &str,
    pointer: &str,
    around: FindAround<'_, '_>,
) -> Vec<Violation> {
    let mut found = Vec::new();
    for error in errors {
        collect(error, around, &mut found);
    }
    let mut told = HashSet::new();
    found.retain(|found| {
        told.insert((
            found.violation.pointer.clone(),
            found.violation.message.clone(),
        ))
    });
    let offsets = order::offsets(json, found.iter().map(|found| found.place.as_str()));
    found.sort_by_key(|found| offsets.get(found.place.as_str()).copied());
    found
        .into_iter()
        .map(|found| found.below(pointer))
        .collect()
}

/// A violation with a pointer from the root of the value, and the place it is sorted by.
struct Found {
    place: String,
    violation: Violation,
}

impl Found {
    fn below(self, pointer: &str) -> Violation {
        let mut violation = self.violation;
        violation.pointer.insert_str(0, pointer);
        violation
    }
}

fn collect(error: &ValidationError<'_>, around: FindAround<'_, '_>, out: &mut Vec<Found>) {
    use ValidationErrorKind as Is;
    let place = error.instance_path().as_str();
    match error.kind() {
        Is::AnyOf { context } | Is::OneOfNotValid { context } => {
            alternatives(error, context, around, out);
        }
        Is::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let violation = Violation::missing(&member(place, name), name);
            out.push(Found {
                place: place.to_owned(),
                violation,
            });
        }
        Is::AdditionalProperties { unexpected } | Is::UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                let found = error.instance().get(name).map_or(Kind::Null, kind_of);
                let pointer = member(place, name);
                let message = "is not allowed here";
                let violation = Violation::new(&pointer, error.kind().keyword(), message, found);
                out.push(Found {
                    place: pointer,
                    violation,
                });
            }
        }
        kind => {
            let around = around(error);
            let mut violation = Violation::new(
                place,
                keyword(kind),
                words::message(kind, error.instance(), around),
                kind_of(error.instance()),
            );
            violation.expected = words::expected(kind, around);
            violation.value = plain(error.instance());
            out.push(Found {
                place: place.to_owned(),
                violation,
            });
        }
    }
}

fn keyword(kind: &ValidationErrorKind) -> &str {
    match kind.keyword() {
        READ_ONLY => "readOnly",
        keyword => keyword,
    }
}

/// A value that fits none of several schemas: when one of them is clearly meant, its errors are
/// told, and otherwise in short what each of them lacks.
fn alternatives(
    error: &ValidationError<'_>,
    context: &[Vec<ValidationError<'static>>],
    around: FindAround<'_, '_>,
    out: &mut Vec<Found>,
) {
    let place = error.instance_path().as_str();
    if let Some(meant) = meant(place, context) {
        for error in meant {
            collect(error, around, out);
        }
        return;
    }
    let mut violation = Violation::new(
        place,
        error.kind().keyword(),
        words::alternatives(place, context, error.instance()),
        kind_of(error.instance()),
    );
    violation.expected = words::types_of(place, context);
    violation.value = plain(error.instance());
    out.push(Found {
        place: place.to_owned(),
        violation,
    });
}

/// The only alternative of the value's type, or the only one whose constants fit too, or of those
/// the only one that has all members that it asks for.
fn meant<'a>(
    place: &str,
    context: &'a [Vec<ValidationError<'static>>],
) -> Option<&'a [ValidationError<'static>]> {
    let typed = || {
        context
            .iter()
            .filter(|errors| !errors.iter().any(|error| is_type(place, error)))
    };
    let constant =
        || typed().filter(|errors| !errors.iter().any(|error| is_constant(place, error)));
    let whole = || constant().filter(|errors| !errors.iter().any(|error| is_missing(place, error)));
    only(typed())
        .or_else(|| only(constant()))
        .or_else(|| only(whole()))
}

fn only<'a>(
    mut candidates: impl Iterator<Item = &'a Vec<ValidationError<'static>>>,
) -> Option<&'a [ValidationError<'static>]> {
    match (candidates.next(), candidates.next()) {
        (Some(errors), None) => Some(errors),
        _ => None,
    }
}

/// Whether the error is that the value itself is of the wrong type.
pub(crate) fn is_type(place: &str, error: &ValidationError<'_>) -> bool {
    error.instance_path().as_str() == place
        && matches!(error.kind(), ValidationErrorKind::Type { .. })
}

/// Whether a `const` or `enum` fails on the value itself or on one of its members, as those that
/// tell alternatives apart do.
pub(crate) fn is_constant(place: &str, error: &ValidationError<'_>) -> bool {
    let constant = matches!(
        error.kind(),
        ValidationErrorKind::Constant { .. } | ValidationErrorKind::Enum { .. }
    );
    let below = error.instance_path().as_str().strip_prefix(place);
    constant && below.is_some_and(|below| below.matches('/').count() <= 1)
}

/// Whether the error is that the value itself lacks a member.
fn is_missing(place: &str, error: &ValidationError<'_>) -> bool {
    error.instance_path().as_str() == place
        && matches!(error.kind(), ValidationErrorKind::Required { .. })
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;
