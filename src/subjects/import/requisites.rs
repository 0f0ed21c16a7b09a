//! Requisite trees in the fields of a row, as JSON.

use serde_json::{Map, Value};

use crate::import::Fields;
use crate::subjects::domain::requisites::{Operator, Requisite};

/// How deep a tree may be.
const DEPTH: usize = 20;

/// The tree in a column, where there is one.
pub fn tree(fields: &Fields<'_>, column: &str) -> Option<Requisite> {
    let text = fields.optional(column, 10_000)?;
    let read = match serde_json::from_str(text) {
        Ok(value) => node(&value, DEPTH),
        Err(error) => Err(format!("no JSON: {error}")),
    };
    match read {
        Ok(tree) => Some(tree),
        Err(reason) => {
            fields.refuse(column, reason);
            None
        }
    }
}

fn node(value: &Value, depth: usize) -> Result<Requisite, String> {
    let object = value
        .as_object()
        .ok_or_else(|| format!("`{value}` is no JSON object"))?;
    if depth == 0 {
        return Err(format!("the tree is deeper than {DEPTH}"));
    }
    let text = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
    let only = |count| object.len() == count;
    if let (Some(subject_id), true) = (text("subjectId"), only(1)) {
        return Ok(Requisite::Subject { subject_id });
    }
    if let (Some(attribute_code), true) = (text("attributeCode"), only(1)) {
        return Ok(Requisite::Attribute { attribute_code });
    }
    if let (Some(text), true) = (text("text"), only(1)) {
        return Ok(Requisite::Text { text });
    }
    joined(object, depth)
}

fn joined(object: &Map<String, Value>, depth: usize) -> Result<Requisite, String> {
    let operands = object.get("operands").and_then(Value::as_array);
    let (Some(operator), Some(operands), 2) = (object.get("operator"), operands, object.len())
    else {
        return Err(
            "a node has subjectId, attributeCode, text, or operator and operands".to_owned(),
        );
    };
    let operator = match operator.as_str() {
        Some("AND") => Operator::And,
        Some("OR") => Operator::Or,
        _ => return Err(format!("operator {operator} does not exist")),
    };
    if operands.len() < 2 {
        return Err("an operator joins two operands or more".to_owned());
    }
    let operands = operands.iter().map(|operand| node(operand, depth - 1));
    Ok(Requisite::Joined {
        operator,
        operands: operands.collect::<Result<_, _>>()?,
    })
}
