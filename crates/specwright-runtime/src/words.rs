//! The wording of violations.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

use crate::around::Around;
use crate::explain::{self, kind_of};
use crate::read::Kind;

/// More allowed values than this are not all told.
const MANY_VALUES: usize = 30;

/// More alternatives than this are not all told.
const MANY_ALTERNATIVES: usize = 5;

/// What is wrong with `instance`; more can be said where the schema is known.
pub(crate) fn message(
    kind: &ValidationErrorKind,
    instance: &Value,
    around: Option<Around<'_>>,
) -> String {
    use ValidationErrorKind as Is;
    match kind {
        Is::Type { kind } => wrong_type(&types(kind), instance, around),
        Is::Enum { options } => one_of(options),
        Is::Constant { expected_value } => format!("must be {expected_value}"),
        Is::Minimum { limit } => format!("must be at least {limit}"),
        Is::Maximum { limit } => format!("must be at most {limit}"),
        Is::ExclusiveMinimum { limit } => format!("must be more than {limit}"),
        Is::ExclusiveMaximum { limit } => format!("must be less than {limit}"),
        Is::MultipleOf { multiple_of } => format!("must be a multiple of {multiple_of}"),
        Is::MinLength { limit } => format!("must have at least {}", counted(*limit, "character")),
        Is::MaxLength { limit } => format!("must have at most {}", counted(*limit, "character")),
        Is::MinItems { limit } => {
            let items = around.and_then(|around| around.items()).map(listed);
            let each = items.map(|items| format!(", each one of {items}"));
            let items = counted(*limit, "item");
            format!("must have at least {items}{}", each.unwrap_or_default())
        }
        Is::MaxItems { limit } => format!("must have at most {}", counted(*limit, "item")),
        Is::AdditionalItems { limit } => {
            let limit = u64::try_from(*limit).unwrap_or(u64::MAX);
            format!("must have at most {}", counted(limit, "item"))
        }
        Is::MinProperties { limit } => format!("must have at least {}", counted(*limit, "member")),
        Is::MaxProperties { limit } => format!("must have at most {}", counted(*limit, "member")),
        Is::Pattern { pattern } => {
            let written = around.and_then(|around| around.written_pattern());
            format!("must match the pattern {}", written.unwrap_or(pattern))
        }
        Is::Format { format } => format_of(format),
        Is::PropertyNames { error } => format!(
            "has a member whose name, {}, {}",
            error.instance(),
            message(error.kind(), error.instance(), None)
        ),
        Is::Not { schema } => forbidden(schema),
        Is::OneOfMultipleValid { .. } => {
            "fits more than one of the alternatives, and must fit exactly one".to_owned()
        }
        Is::AnyOf { .. } | Is::OneOfNotValid { .. } => "fits none of the alternatives".to_owned(),
        Is::UniqueItems => "must not hold the same item twice".to_owned(),
        Is::Contains => "does not hold the items that it must contain".to_owned(),
        Is::UnevaluatedItems { .. } => "has items that are not allowed".to_owned(),
        Is::FalseSchema | Is::AdditionalProperties { .. } | Is::UnevaluatedProperties { .. } => {
            "is not allowed here".to_owned()
        }
        Is::Required { .. } => "is required".to_owned(),
        Is::Custom { message, .. } => message.clone(),
        Is::BacktrackLimitExceeded { .. } | Is::RegexEngineFailure { .. } => {
            "takes too long to match the pattern".to_owned()
        }
        Is::ContentEncoding { .. } | Is::ContentMediaType { .. } | Is::FromUtf8 { .. } => {
            "does not hold the content that it must".to_owned()
        }
        Is::Referencing(_) => "cannot be checked".to_owned(),
    }
}

/// What the keyword asks for, for programs.
pub(crate) fn expected(kind: &ValidationErrorKind, around: Option<Around<'_>>) -> Option<Value> {
    use ValidationErrorKind as Is;
    Some(match kind {
        Is::Type { kind } => names(&types(kind)),
        Is::Enum { options } => Value::clone(options),
        Is::Constant { expected_value } => Value::clone(expected_value),
        Is::Minimum { limit }
        | Is::Maximum { limit }
        | Is::ExclusiveMinimum { limit }
        | Is::ExclusiveMaximum { limit } => limit.clone(),
        Is::MultipleOf { multiple_of } => multiple_of.clone(),
        Is::MinLength { limit }
        | Is::MaxLength { limit }
        | Is::MinItems { limit }
        | Is::MaxItems { limit }
        | Is::MinProperties { limit }
        | Is::MaxProperties { limit } => Value::from(*limit),
        Is::Pattern { pattern } => {
            let written = around.and_then(|around| around.written_pattern());
            Value::from(written.unwrap_or(pattern))
        }
        Is::Format { format } => Value::from(format.as_str()),
        _ => return None,
    })
}

/// What a value lacks that fits none of several schemas.
pub(crate) fn alternatives(
    place: &str,
    context: &[Vec<ValidationError<'static>>],
    instance: &Value,
) -> String {
    if let Some(types) = types_in(place, context) {
        return wrong_type(&types, instance, None);
    }
    let mut reasons: Vec<String> = Vec::new();
    for errors in context {
        // Another alternative is of the right type, so this one is hardly meant.
        if errors.iter().any(|error| explain::is_type(place, error)) {
            continue;
        }
        let telling = errors
            .iter()
            .find(|error| explain::is_constant(place, error));
        let reason = telling.or(errors.first()).map(|error| reason(place, error));
        if let Some(reason) = reason.filter(|reason| !reasons.contains(reason)) {
            reasons.push(reason);
        }
    }
    if reasons.len() > MANY_ALTERNATIVES {
        reasons.truncate(MANY_ALTERNATIVES);
        reasons.push("and so on".to_owned());
    }
    format!("fits none of the alternatives: {}", reasons.join("; or "))
}

fn reason(place: &str, error: &ValidationError<'_>) -> String {
    let pointer = error.instance_path().as_str();
    let mut below = pointer.strip_prefix(place).unwrap_or(pointer).to_owned();
    if let ValidationErrorKind::Required { property } = error.kind() {
        below = explain::member(&below, property.as_str().unwrap_or_default());
    }
    let message = message(error.kind(), error.instance(), None);
    match below.strip_prefix('/') {
        None => message,
        Some(name) => format!("{name} {message}"),
    }
}

/// The types of all alternatives, for programs, when it is the type that none of them fits.
pub(crate) fn types_of(place: &str, context: &[Vec<ValidationError<'static>>]) -> Option<Value> {
    types_in(place, context).map(|types| names(&types))
}

fn types_in(place: &str, context: &[Vec<ValidationError<'static>>]) -> Option<Vec<JsonType>> {
    let mut all = Vec::new();
    for errors in context {
        let found = errors.iter().find_map(|error| match error.kind() {
            ValidationErrorKind::Type { kind } if error.instance_path().as_str() == place => {
                Some(types(kind))
            }
            _ => None,
        })?;
        for one in found {
            if !all.contains(&one) {
                all.push(one);
            }
        }
    }
    (!all.is_empty()).then_some(all)
}

fn types(kind: &TypeKind) -> Vec<JsonType> {
    match kind {
        TypeKind::Single(one) => vec![*one],
        TypeKind::Multiple(set) => set.iter().collect(),
    }
}

fn names(types: &[JsonType]) -> Value {
    match types {
        [one] => Value::from(one.as_str()),
        many => many.iter().map(|one| one.as_str()).collect(),
    }
}

fn wrong_type(types: &[JsonType], instance: &Value, around: Option<Around<'_>>) -> String {
    let mut types = types.to_vec();
    // Whoever sends a value wants to know first what else it may be.
    types.sort_by_key(|one| *one == JsonType::Null);
    let wanted = types.iter().map(|one| match one {
        JsonType::Integer => format!("an integer{}", within(around)),
        one => article(*one).to_owned(),
    });
    let wanted: Vec<String> = wanted.collect();
    let wanted = either(&wanted.iter().map(String::as_str).collect::<Vec<_>>());
    // Only an integer is asked for, where a number does not do.
    match kind_of(instance) {
        Kind::Number if types.contains(&JsonType::Integer) => {
            format!("must be {wanted}, but has a fraction")
        }
        kind => format!("must be {wanted}, but is {}", article_of(kind)),
    }
}

/// The limits that an integer has beside its type, to be read after it.
fn within(around: Option<Around<'_>>) -> String {
    let limit = |keyword| {
        let limit = around?.get(keyword)?.as_i64()?;
        // What every number of a format keeps to helps nobody.
        let widest = [i32::MIN.into(), i32::MAX.into(), i64::MIN, i64::MAX];
        (!widest.contains(&limit)).then_some(limit)
    };
    match (limit("minimum"), limit("maximum")) {
        (Some(least), Some(most)) => format!(" from {least} to {most}"),
        (Some(least), None) => format!(" of at least {least}"),
        (None, Some(most)) => format!(" of at most {most}"),
        (None, None) => String::new(),
    }
}

fn either(words: &[&str]) -> String {
    match words {
        [] => "nothing".to_owned(),
        [one] => (*one).to_owned(),
        [start @ .., last] => format!("{} or {last}", start.join(", ")),
    }
}

fn article(one: JsonType) -> &'static str {
    match one {
        JsonType::Null => "null",
        JsonType::Boolean => "a boolean",
        JsonType::Integer => "an integer",
        JsonType::Number => "a number",
        JsonType::String => "a string",
        JsonType::Array => "an array",
        JsonType::Object => "an object",
    }
}

fn article_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Null => "null",
        Kind::Boolean => "a boolean",
        Kind::Number => "a number",
        Kind::String => "a string",
        Kind::Array => "an array",
        Kind::Object => "an object",
    }
}

fn counted(limit: u64, noun: &str) -> String {
    if limit == 1 {
        format!("1 {noun}")
    } else {
        format!("{limit} {noun}s")
    }
}

fn one_of(options: &Value) -> String {
    match options.as_array().map(Vec::as_slice) {
        Some([one]) => format!("must be {one}"),
        _ => format!("must be one of {}", listed(options)),
    }
}

/// Values, unless they are very many.
fn listed(options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut told: Vec<String> = options
        .iter()
        .take(MANY_VALUES)
        .map(ToString::to_string)
        .collect();
    if options.len() > MANY_VALUES {
        told.push(format!("… ({} values)", options.len()));
    }
    told.join(", ")
}

fn format_of(format: &str) -> String {
    let words = match format {
        "date" => "a date such as 2024-12-31",
        "date-time" => "a date and time such as 2024-12-31T23:59:59Z",
        "time" => "a time with its offset such as 23:59:59Z",
        "uuid" => "a UUID",
        "email" => "an e-mail address",
        "uri" => "a URI that starts with its scheme",
        "byte" => "Base64",
        other => return format!("must be of the format {other}"),
    };
    format!("must be {words}")
}

/// What `not` excludes, when that can be said in a few words.
fn forbidden(schema: &Value) -> String {
    if let Some(value) = schema.get("const") {
        return format!("must not be {value}");
    }
    if let Some(options) = schema.get("enum").and_then(Value::as_array) {
        let told: Vec<String> = options.iter().map(ToString::to_string).collect();
        return format!("must not be one of {}", told.join(", "));
    }
    let names = |schema: &Value| -> Vec<String> {
        match schema.get("type") {
            Some(Value::String(name)) => vec![name.clone()],
            Some(Value::Array(names)) => names
                .iter()
                .filter_map(|name| name.as_str().map(str::to_owned))
                .collect(),
            _ => Vec::new(),
        }
    };
    let spared = schema.get("not").map(names).unwrap_or_default();
    let types: Vec<JsonType> = names(schema)
        .iter()
        .filter(|name| !spared.contains(name))
        .filter_map(|name| name.parse().ok())
        .collect();
    if types.is_empty() {
        return "is what the schema excludes".to_owned();
    }
    let types: Vec<&str> = types.into_iter().map(article).collect();
    format!("must not be {}", either(&types))
}
