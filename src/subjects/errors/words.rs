//! Violations of the contract's schemas in the words that callers know.

use serde_json::Value;
use specwright_runtime::{Kind, Violation as Broken};

use super::super::domain::violations::{Violation, shortened};

/// Names that stand for something else than what they say.
const FIELDS: [(&str, &str); 14] = [
    ("body", "request"),
    ("attributes", "subject attribute"),
    ("gradingModes", "grading mode"),
    ("gradingModeCode", "grading mode"),
    ("gradingModeType", "grading mode type"),
    ("crossListSubjects", "cross list subject"),
    ("equivalentSubjects", "equivalent subject"),
    ("subjectRelationships", "subject relationship"),
    ("enrollableSubjects", "enrollable subject"),
    ("notificationIds", "notification id"),
    ("displayControls", "display control"),
    ("urls", "url"),
    ("termPlans", "term plan"),
    ("operands", "requisite"),
];

/// The violations of the body, as they come in it, and those of the path; of each, every message
/// once.
pub fn violations(found: &[Broken]) -> [Vec<Violation>; 2] {
    let (body, others): (Vec<_>, Vec<_>) = found
        .iter()
        .partition(|broken| broken.pointer.starts_with("/body"));
    [body, others].map(|broken| {
        let mut told: Vec<Violation> = Vec::new();
        for violation in broken.into_iter().map(violation) {
            if !told.contains(&violation) {
                told.push(violation);
            }
        }
        told
    })
}

fn violation(broken: &Broken) -> Violation {
    let place = Place::of(&broken.pointer);
    let is_empty = broken.value == Some(Value::String(String::new()));
    let is_missing = broken.keyword == "required" && broken.missing.is_some();
    if is_missing || is_empty || (broken.found == Kind::Null && broken.value == Some(Value::Null)) {
        return Violation::Missing {
            field: place.field(),
        };
    }
    let value = broken.value.as_ref().map(plain);
    value
        .clone()
        .and_then(|value| own_words(&place, broken, value))
        .unwrap_or_else(|| Violation::Rule {
            field: place.field(),
            value: value.map_or_else(|| place.kind(), shortened),
            rule: rule(broken),
        })
}

/// What the service would say of the value.
fn own_words(place: &Place<'_>, broken: &Broken, value: String) -> Option<Violation> {
    let is_text = broken.found == Kind::String;
    let cross_listed = place.within("crossListSubjects");
    let unknown = |what| Violation::Unknown {
        what,
        value: shortened(value.clone()),
    };
    Some(match place.name {
        "operation" => Violation::UnknownOperation(shortened(value)),
        "subjectNumber" if is_text && cross_listed => Violation::CrossListNumber(shortened(value)),
        "subjectNumber" if is_text => Violation::SubjectNumber(shortened(value)),
        "subjectCode" if is_text && cross_listed => Violation::NoCrossListCode(shortened(value)),
        "subjectCode" if is_text => Violation::NoSubjectCode(shortened(value)),
        "termCode" | "effectiveTerm" | "effectiveFromTerm" | "effectiveThruTerm" if is_text => {
            Violation::NoTerm(shortened(value))
        }
        "attributes" | "attributeCode" if is_text => Violation::NoAttribute(shortened(value)),
        "url" if is_text => Violation::Url(shortened(value)),
        "containerId" if place.part == "path" => unknown("container id"),
        "templateId" if place.part == "path" => unknown("template id"),
        "notificationIds" if broken.found == Kind::Number => unknown("notification id"),
        _ => return None,
    })
}

/// Where a violation is.
struct Place<'a> {
    /// `body` or `path`.
    part: &'a str,
    /// The names on the way, the places in lists left out.
    names: Vec<&'a str>,
    /// The last name.
    name: &'a str,
    /// Whether the last part of the way is a place in a list.
    is_item: bool,
}

impl<'a> Place<'a> {
    fn of(pointer: &'a str) -> Self {
        let parts: Vec<_> = pointer.split('/').skip(1).collect();
        let is_number = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
        let names: Vec<_> = parts
            .iter()
            .copied()
            .filter(|part| !is_number(part))
            .collect();
        Self {
            part: parts.first().copied().unwrap_or_default(),
            name: names.last().copied().unwrap_or("body"),
            names,
            is_item: parts.last().is_some_and(is_number),
        }
    }

    fn within(&self, name: &str) -> bool {
        self.names.contains(&name)
    }

    /// The name as messages have it: `effectiveThruTerm` is `effective thru term`.
    fn field(&self) -> String {
        let cross_listed = self.within("crossListSubjects") && self.name.starts_with("subject");
        let known = FIELDS.iter().find(|(name, _)| *name == self.name);
        match known {
            Some((_, field)) => (*field).to_owned(),
            None if cross_listed => format!("cross list {}", words(self.name)),
            None => words(self.name),
        }
    }

    /// What stands for a value that is too large to be told.
    fn kind(&self) -> String {
        let name = match (self.is_item, self.name) {
            (true, _) => "item",
            (false, "body") => "body",
            (false, _) => "value",
        };
        name.to_owned()
    }
}

/// The words of a name in camel case.
fn words(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_uppercase() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    words
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What the value is not, to be read after "is not".
fn rule(broken: &Broken) -> String {
    let limit = broken
        .expected
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    match broken.keyword.as_str() {
        "maxLength" => format!("within {limit} characters"),
        "minLength" => format!("at least {limit} characters long"),
        "maxItems" => format!("within {limit} items"),
        "minItems" => format!("a list of at least {limit} items"),
        "oneOf" | "anyOf" => "one of those that it can be".to_owned(),
        _ => {
            let message = broken.message.split(", but ").next().unwrap_or_default();
            let message = message.strip_prefix("must be ").unwrap_or(message);
            message.strip_prefix("one of ").map_or_else(
                || message.to_owned(),
                |values| values.replace('"', "").replace(", ", " or "),
            )
        }
    }
}
