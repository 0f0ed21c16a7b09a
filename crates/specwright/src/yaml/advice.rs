//! What to write in place of a value of the wrong type.

use super::{Node, Value};

/// What someone can do who wrote `node` where something else belongs, which is named as messages
/// name it: `a string`, `an object`.
pub(crate) fn advice(node: &Node, expected: &str) -> String {
    let value = &node.value;
    match expected {
        "a string" => in_place_of_text(node),
        "true or false" => in_place_of_flag(value),
        "a number" | "a whole number from zero on" => in_place_of_number(value),
        "an array" => in_place_of_list(value),
        "an object" => in_place_of_object(value),
        other => format!("write {other}"),
    }
}

fn in_place_of_text(node: &Node) -> String {
    match &node.value {
        Value::Number(text) => format!("put quotes around it: `\"{text}\"`"),
        Value::Bool(value) => format!("put quotes around it: `\"{value}\"`"),
        // OAS 3.1, Reference Object: it stands where the specification says so.
        Value::Mapping(members) if members.get("$ref").is_some() => {
            "a `$ref` cannot stand for a text: write the text itself".to_owned()
        }
        Value::Null => "write a text, or remove the key".to_owned(),
        _ => "write one text".to_owned(),
    }
}

fn in_place_of_flag(value: &Value) -> String {
    let word = match value {
        Value::String(text) => text.to_ascii_lowercase(),
        _ => String::new(),
    };
    match word.as_str() {
        "true" | "false" => format!("remove the quotes: `{word}`"),
        "yes" | "y" | "on" => "YAML 1.2 writes `true`".to_owned(),
        "no" | "n" | "off" => "YAML 1.2 writes `false`".to_owned(),
        _ => "write `true` or `false`".to_owned(),
    }
}

fn in_place_of_number(value: &Value) -> String {
    match value {
        Value::String(text) if text.parse::<f64>().is_ok_and(f64::is_finite) => {
            format!("remove the quotes: `{text}`")
        }
        _ => "write a number such as `10`".to_owned(),
    }
}

fn in_place_of_list(value: &Value) -> String {
    match value {
        Value::Null => "write `[]` for an empty list, or remove the key".to_owned(),
        Value::Mapping(_) => "begin each item with `-`".to_owned(),
        _ => "put it into brackets".to_owned(),
    }
}

fn in_place_of_object(value: &Value) -> String {
    match value {
        Value::String(text) if is_reference(text) => {
            format!("refer to it by `{{$ref: \"{text}\"}}`")
        }
        Value::Null => "indent its members further than its key, or remove the key".to_owned(),
        Value::Sequence(_) => "write members, `name: value`, in place of items".to_owned(),
        _ => "write its members, `name: value`".to_owned(),
    }
}

/// Whether a text looks as if it were meant as a reference.
fn is_reference(text: &str) -> bool {
    let file = text.split('#').next().unwrap_or_default();
    let is_file = [".yaml", ".yml", ".json"]
        .iter()
        .any(|end| file.ends_with(end));
    !text.contains(char::is_whitespace) && (is_file || text.starts_with("#/"))
}
