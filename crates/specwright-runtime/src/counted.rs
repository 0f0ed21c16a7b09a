//! Schemas that count what trying their alternatives costs.
//!
//! A validator that lists what is wrong looks into every alternative of `oneOf` and `anyOf`; where
//! a schema is among its own alternatives, that multiplies with every level of nesting. There each
//! alternative is made to begin with a keyword that takes from the budget, and refuses at once when
//! it is spent.

use std::collections::{HashMap, HashSet};

use jsonschema::{Keyword, ValidationError};
use serde_json::{Map, Value, json};

use crate::budget;

/// The keyword that takes from the budget.
pub(crate) const STEP: &str = "x-specwright-step";

/// Takes as much as the value has parts.
pub(crate) struct Step;

impl<'i> Keyword<'i> for Step {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) {
            Ok(())
        } else {
            Err(ValidationError::custom("cannot be told apart"))
        }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        budget::take(parts(instance))
    }
}

/// How many values there are in a value, itself included.
pub(crate) fn parts(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(parts).sum::<usize>() + 1,
        Value::Object(members) => members.values().map(parts).sum::<usize>() + 1,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    }
}

/// Has the alternatives in recursive schemas counted; `false` when there are no such schemas.
/// `reference` makes the reference to a schema under `$defs` from its name.
pub(crate) fn count(document: &mut Value, reference: impl Fn(&str) -> String) -> bool {
    let Some(Value::Object(schemas)) = document.get_mut("$defs") else {
        return false;
    };
    let mut counted = false;
    for name in recursive(schemas, reference) {
        if let Some(schema) = schemas.get_mut(&name) {
            counted |= guard(schema);
        }
    }
    counted
}

/// The schemas that hold themselves, and those between two such.
fn recursive(schemas: &Map<String, Value>, reference: impl Fn(&str) -> String) -> Vec<String> {
    let names: HashMap<String, &str> = schemas
        .keys()
        .map(|name| (reference(name), name.as_str()))
        .collect();
    let mut edges: HashMap<&str, HashSet<&str>> = HashMap::new();
    for (name, schema) in schemas {
        let mut found = HashSet::new();
        references(schema, &names, &mut found);
        edges.insert(name, found);
    }
    loop {
        let before = edges.len();
        let referred: HashSet<&str> = edges.values().flatten().copied().collect();
        edges.retain(|name, _| referred.contains(name));
        let left: HashSet<&str> = edges.keys().copied().collect();
        edges.retain(|_, to| to.iter().any(|name| left.contains(name)));
        if edges.len() == before {
            return edges.into_keys().map(ToOwned::to_owned).collect();
        }
    }
}

fn references<'n>(schema: &Value, names: &HashMap<String, &'n str>, out: &mut HashSet<&'n str>) {
    match schema {
        Value::Object(members) => {
            let to = members.get("$ref").and_then(Value::as_str);
            out.extend(to.and_then(|to| names.get(to)));
            for member in members.values() {
                references(member, names, out);
            }
        }
        Value::Array(items) => {
            for item in items {
                references(item, names, out);
            }
        }
        _ => {}
    }
}

/// Puts the keyword in front of every alternative in a schema; `false` when there are none.
fn guard(schema: &mut Value) -> bool {
    let Value::Object(keywords) = schema else {
        return false;
    };
    let mut guarded = false;
    for (keyword, value) in keywords {
        match (keyword.as_str(), value) {
            // These hold values, not schemas.
            ("enum" | "const" | "default" | "examples", _) => {}
            ("oneOf" | "anyOf", Value::Array(alternatives)) => {
                for alternative in alternatives {
                    guard(alternative);
                    let then = alternative.take();
                    *alternative = json!({ "if": { STEP: true }, "then": then, "else": false });
                }
                guarded = true;
            }
            ("properties" | "patternProperties" | "dependentSchemas", Value::Object(schemas)) => {
                for schema in schemas.values_mut() {
                    guarded |= guard(schema);
                }
            }
            (_, Value::Array(schemas)) => {
                for schema in schemas {
                    guarded |= guard(schema);
                }
            }
            (_, schema) => guarded |= guard(schema),
        }
    }
    guarded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_in_recursive_schemas_are_counted_and_no_others() {
        let mut document = json!({"$defs": {
            "Plain": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
            "Holder": {"properties": {"tree": {"$ref": "#/$defs/Tree"}}, "anyOf": [true]},
            "Tree": {"anyOf": [{"$ref": "#/$defs/Branch"}, {"enum": [{"oneOf": [1]}]}]},
            "Branch": {"properties": {"oneOf": {"$ref": "#/$defs/Tree"}}},
        }});
        let before = document.clone();
        assert!(count(&mut document, |name| format!("#/$defs/{name}")));
        let step = |then: Value| json!({"if": {STEP: true}, "then": then, "else": false});
        let tree = &document["$defs"]["Tree"];
        assert_eq!(tree["anyOf"][0], step(json!({"$ref": "#/$defs/Branch"})));
        assert_eq!(tree["anyOf"][1], step(json!({"enum": [{"oneOf": [1]}]})));
        for name in ["Plain", "Holder", "Branch"] {
            assert_eq!(document["$defs"][name], before["$defs"][name], "{name}");
        }
        let mut flat = json!({"$defs": {"Plain": before["$defs"]["Plain"].clone()}});
        assert!(!count(&mut flat, |name| format!("#/$defs/{name}")));
    }

    #[test]
    fn a_value_has_parts() {
        assert_eq!(parts(&json!({"a": [1, 2, {"b": null}], "c": "x"})), 7);
    }
}
