//! Nodes as plain values.

use crate::model::Json;
use crate::yaml::{Node, Value};

/// A node as a value.
pub(super) fn json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(text) => Json::Number(text.clone()),
        Value::String(text) => Json::String(text.clone()),
        Value::Sequence(items) => Json::Array(items.iter().map(json).collect()),
        Value::Mapping(members) => {
            let members = members.iter();
            let members = members.map(|entry| (entry.key.clone(), json(&entry.value)));
            Json::Object(members.collect())
        }
    }
}

/// Whether two nodes are the same value.
pub(super) fn equal(one: &Node, other: &Node) -> bool {
    json(one).equals(&json(other))
}
