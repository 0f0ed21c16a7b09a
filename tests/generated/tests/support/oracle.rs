//! What a contract's schema says of values, decided by the `jsonschema` crate.

use fancy_regex::Regex;
use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Base64 with its padding (RFC 4648, section 4).
static BASE64: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$")
        .expect("a pattern")
});

/// The contract's own word on its schema `Value`.
pub struct Oracle {
    /// A document of JSON Schema with the contract's schemas under `$defs`; formats of numbers are
    /// left as they are.
    pub document: Value,
    validator: jsonschema::Validator,
}

impl Oracle {
    /// The oracle over values that clients send, or that they are sent.
    pub fn new(document: &Value, is_sent: bool) -> Self {
        // JSON Schema looks for definitions elsewhere than OpenAPI.
        let text = document.to_string();
        let text = text.replace("#/components/schemas/", "#/$defs/");
        let contract: Value = serde_json::from_str(&text).expect("a document is JSON");
        let schemas = &contract["components"]["schemas"];
        let mut definitions = schemas.clone();
        visit(&mut definitions, &|members| {
            write_out_direction(members, is_sent);
            write_out_discriminator(members, schemas);
        });
        let document = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$ref": "#/$defs/Value",
            "$defs": definitions,
        });
        let mut judged = document.clone();
        visit(&mut judged["$defs"], &write_out_format);
        let validator = jsonschema::options()
            .with_format("byte", |text: &str| {
                BASE64.is_match(text).unwrap_or_default()
            })
            .should_validate_formats(true)
            .build(&judged)
            .expect("the schema is one");
        Self {
            document,
            validator,
        }
    }

    /// Whether a value fits.
    pub fn is_valid(&self, value: &Value) -> bool {
        self.validator.is_valid(value)
    }

    /// The pointers of what is wrong with a value; of a missing member, the pointer it would have.
    pub fn places(&self, value: &Value) -> BTreeSet<String> {
        let errors = self.validator.iter_errors(value);
        let places = errors.map(|error| {
            let parent = format!("/body{}", error.instance_path());
            match error.kind() {
                ValidationErrorKind::Required { property } => {
                    let name = property.as_str().unwrap_or_default();
                    format!("{parent}/{}", name.replace('~', "~0").replace('/', "~1"))
                }
                _ => parent,
            }
        });
        places.collect()
    }
}

/// Lets every object say in words of JSON Schema what OpenAPI adds to it.
fn visit(schema: &mut Value, write_out: &dyn Fn(&mut Map<String, Value>)) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(|item| visit(item, write_out)),
        Value::Object(members) => {
            members
                .values_mut()
                .for_each(|member| visit(member, write_out));
            write_out(members);
        }
        _ => {}
    }
}

/// The ranges of OpenAPI's numeric formats: JSON Schema takes them for notes.
fn write_out_format(members: &mut Map<String, Value>) {
    let range = match members.get("format").and_then(Value::as_str) {
        Some("int32") => json!({"minimum": i32::MIN, "maximum": i32::MAX}),
        Some("int64") => json!({"minimum": i64::MIN, "maximum": i64::MAX}),
        _ => return,
    };
    let rest = members.remove("allOf").unwrap_or(json!([{}]));
    members.insert("allOf".to_owned(), json!([range, {"allOf": rest}]));
}

/// OAS 3.1, Schema Object of 3.0: what is `readOnly` is not sent, what is `writeOnly` is not
/// answered, and `required` binds the other direction only.
fn write_out_direction(members: &mut Map<String, Value>, is_sent: bool) {
    let mark = if is_sent { "readOnly" } else { "writeOnly" };
    let Some(properties) = members.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    let mut barred = Vec::new();
    for (name, property) in properties {
        if property[mark] == true {
            barred.push(name.clone());
            *property = Value::Bool(false);
        }
    }
    if let Some(required) = members.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|name| !barred.iter().any(|barred| name == barred));
    }
}

/// OAS 3.1, Discriminator Object: each branch is for the values that are mapped to it, and for its
/// own name. `null` has no discriminator. A branch that says itself what its values are needs none.
fn write_out_discriminator(members: &mut Map<String, Value>, schemas: &Value) {
    let Some(discriminator) = members.get("discriminator").cloned() else {
        return;
    };
    let Some(name) = discriminator["propertyName"].as_str() else {
        return;
    };
    let key = if members.contains_key("oneOf") {
        "oneOf"
    } else {
        "anyOf"
    };
    let Some(Value::Array(branches)) = members.get_mut(key) else {
        return;
    };
    let mut mapped: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mapping = discriminator["mapping"].as_object();
    for (value, target) in mapping.into_iter().flatten() {
        let target = target.as_str().unwrap_or_default();
        let target = target.rsplit('/').next().unwrap_or_default();
        mapped.entry(target).or_default().push(value);
    }
    for branch in branches {
        let Some(target) = branch["$ref"].as_str().map(str::to_owned) else {
            continue;
        };
        let own = target.rsplit('/').next().unwrap_or_default();
        let says = |schema: &Value| {
            let property = &schema["properties"][name];
            let is_listed = property.get("const").or(property.get("enum")).is_some();
            is_listed || property.get("type").is_some_and(|ty| ty != "string")
        };
        if says(&schemas[own]) || schemas[own].get("oneOf").is_some() {
            continue;
        }
        let mut values = mapped.get(own).cloned().unwrap_or_default();
        values.push(own);
        *branch = json!({"allOf": [
            {"$ref": target},
            {"type": "object", "required": [name], "properties": {name: {"enum": values}}},
        ]});
    }
}
