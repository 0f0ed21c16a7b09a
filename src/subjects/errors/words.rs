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

/// What an item of a relation list must have, to be read after "is not".
const RELATION_ITEM: &str = "an item with either effectiveTerms or remove";

/// What a requisite must have, to be read after "is not".
const REQUISITE: &str =
    "an object with either subjectId, attributeCode, text, or operator and operands";

/// The violations of the body, as they come in it, and those of the path; of each, every message
/// once. `sent` is the body, if it is JSON.
pub fn violations(found: &[Broken], sent: Option<&str>) -> [Vec<Violation>; 2] {
    let sent = sent.and_then(|sent| serde_json::from_str(sent).ok());
    let sent = sent.unwrap_or(Value::Null);
    let (body, others): (Vec<_>, Vec<_>) = found
        .iter()
        .partition(|broken| broken.pointer.starts_with("/body"));
    [body, others].map(|broken| {
        let mut told: Vec<Violation> = Vec::new();
        for violation in broken.into_iter().map(|broken| violation(broken, &sent)) {
            if !told.contains(&violation) {
                told.push(violation);
            }
        }
        told
    })
}

fn violation(broken: &Broken, sent: &Value) -> Violation {
    let place = Place::of(&broken.pointer);
    let is_empty = broken.value == Some(Value::String(String::new()));
    let is_missing = broken.keyword == "required" && broken.missing.is_some();
    if is_missing || is_empty || (broken.found == Kind::Null && broken.value == Some(Value::Null)) {
        return Violation::Missing {
            field: place.field(),
        };
    }
    if let Some(violation) = no_alternative(&place, broken, sent) {
        return violation;
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

/// What a value must have that cannot be told which alternative it is meant to be.
fn no_alternative(place: &Place<'_>, broken: &Broken, sent: &Value) -> Option<Violation> {
    let rule = match (broken.keyword.as_str(), place.name) {
        ("oneOf", "equivalentSubjects" | "subjectRelationships") => RELATION_ITEM,
        ("oneOf", "prerequisites" | "corequisites" | "operands") => REQUISITE,
        _ => return None,
    };
    let value = sent.pointer(broken.pointer.strip_prefix("/body")?);
    Some(Violation::Rule {
        field: place.field(),
        value: value.map_or_else(|| place.kind(), |value| shortened(plain(value))),
        rule: rule.to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subjects::contract::API;

    /// What is told of a body of that operation.
    fn told(operation: &str, body: &str) -> Vec<String> {
        let mut operations = API.operations.iter();
        let operation = operations.find(|known| known.id == operation);
        let broken = operation.map(|known| known.violations_of_body(body.as_bytes()));
        let told = violations(&broken.unwrap_or_default(), Some(body));
        told.concat().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_item_of_a_relation_is_told_by_its_members() {
        let told = |item: &str| {
            told(
                "edit_subject",
                &format!("{{\"equivalentSubjects\":[{item}]}}"),
            )
        };
        let terms = r#"{"effectiveFromTerm":"2018FA"}"#;
        assert_eq!(
            told(&format!(
                r#"{{"containerId":"a","effectiveTerms":{terms}}}"#
            )),
            ["Error: Invalid container id : a is not an integer of at least 1 "]
        );
        assert_eq!(
            told(r#"{"containerId":1,"effectiveTerms":{}}"#),
            ["Error: Invalid effective from term : value is required "]
        );
        assert_eq!(
            told(r#"{"containerId":0,"remove":true}"#),
            ["Error: Invalid container id : 0 is not at least 1 "]
        );
        for item in [
            r#"{"containerId":1}"#.to_owned(),
            format!(r#"{{"containerId":1,"effectiveTerms":{terms},"remove":true}}"#),
            "7".to_owned(),
        ] {
            let message = format!(
                "Error: Invalid equivalent subject : {item} is not an item with either \
                 effectiveTerms or remove "
            );
            assert_eq!(told(&item), [message]);
        }
        assert!(told(r#"{"containerId":1,"remove":true}"#).is_empty());
    }

    #[test]
    fn a_requisite_is_told_by_its_members() {
        let told = |node: &str| {
            let body = format!(
                "{{\"effectiveTerm\":\"2019FA\",\"requisites\":{{\"prerequisites\":{node},\
                 \"corequisites\":null}}}}"
            );
            told("change_requisites", &body)
        };
        assert_eq!(
            told(r#"{"operator":"OR","operands":[{"text":"x"}]}"#),
            ["Error: Invalid requisite : value is not a list of at least 2 items "]
        );
        assert_eq!(
            told(r#"{"text":""}"#),
            ["Error: Invalid text : value is required "]
        );
        for (node, field, value) in [
            ("{}", "prerequisites", "{}"),
            ("7", "prerequisites", "7"),
            (
                r#"{"operator":"OR","operands":[{"text":"x"},{"what":1}]}"#,
                "requisite",
                r#"{"what":1}"#,
            ),
        ] {
            let message = format!(
                "Error: Invalid {field} : {value} is not an object with either subjectId, \
                 attributeCode, text, or operator and operands "
            );
            assert_eq!(told(node), [message]);
        }
        assert!(told(r#"{"text":"x"}"#).is_empty());
    }
}
