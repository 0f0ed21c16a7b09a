//! Values around a schema: many fit, many nearly do.

#[path = "strings.rs"]
mod strings;

use serde_json::{Map, Value, json};
use strings::Strings;

/// A deterministic source of values.
pub struct Instances<'a> {
    document: &'a Value,
    strings: Strings,
    state: u64,
}

impl<'a> Instances<'a> {
    /// Values for the schemas of one document.
    pub fn new(document: &'a Value, seed: u64) -> Self {
        Self {
            document,
            strings: Strings::new(),
            state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
        }
    }

    /// A value that fits the schema more or less.
    pub fn near(&mut self, schema: &Value) -> Value {
        self.value(schema, 0)
    }

    fn value(&mut self, schema: &Value, depth: usize) -> Value {
        if self.one_in(12) || depth > 6 {
            return self.anything(depth);
        }
        if let Some(target) = schema["$ref"].as_str() {
            let target = self
                .document
                .pointer(target.trim_start_matches('#'))
                .unwrap_or(&Value::Null);
            return self.value(target, depth + 1);
        }
        if let Some(value) = schema.get("const") {
            return value.clone();
        }
        if let Some(values) = schema["enum"]
            .as_array()
            .filter(|values| !values.is_empty())
        {
            return values[self.below(values.len())].clone();
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(branches) = schema[key].as_array() {
                let branch = &branches[self.below(branches.len())];
                let merged = merge(schema, branch, key);
                return self.value(&merged, depth + 1);
            }
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let mut all = schema.clone();
            for part in parts {
                let part = match part["$ref"].as_str() {
                    Some(target) => self
                        .document
                        .pointer(target.trim_start_matches('#'))
                        .unwrap_or(part),
                    None => part,
                };
                all = merge(&all, part, "allOf");
            }
            return self.value(&all, depth + 1);
        }
        self.of_type(schema, depth)
    }

    fn of_type(&mut self, schema: &Value, depth: usize) -> Value {
        let listed = match &schema["type"] {
            Value::Array(types) => types[self.below(types.len())].as_str().map(str::to_owned),
            Value::String(ty) => Some(ty.clone()),
            _ => None,
        };
        let guessed = if schema.get("properties").is_some() {
            "object"
        } else {
            "any"
        };
        match listed.as_deref().unwrap_or(guessed) {
            "null" => Value::Null,
            "boolean" => Value::Bool(self.one_in(2)),
            "integer" => self.number(schema, true),
            "number" => self.number(schema, false),
            "string" => self.string(schema),
            "array" => self.array(schema, depth),
            "object" => self.object(schema, depth),
            _ => self.anything(depth),
        }
    }

    fn number(&mut self, schema: &Value, whole: bool) -> Value {
        let bounds = [
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
        ];
        let near: Vec<f64> = bounds
            .iter()
            .filter_map(|key| schema[*key].as_f64())
            .collect();
        let base = if near.is_empty() || self.one_in(4) {
            0.0
        } else {
            near[self.below(near.len())]
        };
        let step = [0.0, 1.0, -1.0, 0.5, 2.0, 10.0, -7.0, 100.0][self.below(8)];
        let value = base + step;
        let large = [
            "2147483648",
            "-2147483649",
            "9223372036854775808",
            "1e2",
            "5.0",
            "0.1",
            "-0",
        ];
        if self.one_in(6) {
            return serde_json::from_str(large[self.below(large.len())]).unwrap_or_default();
        }
        if whole && value.fract() == 0.0 && value.abs() < 1e15 {
            json!(value as i64)
        } else {
            json!(value)
        }
    }

    fn string(&mut self, schema: &Value) -> Value {
        if !self.one_in(4)
            && let Some(text) = self.strings.fitting(schema)
        {
            return Value::String(text);
        }
        let samples: &[&str] = match schema["format"].as_str() {
            Some("date") => &["2024-02-29", "2023-02-29", "2024-2-1", "2024-12-31"],
            Some("date-time") => &[
                "2024-02-29T12:00:00Z",
                "2024-02-29T12:00:00.123+01:00",
                "2024-02-29 12:00",
                "2024-02-29T25:00:00Z",
            ],
            Some("time") => &["12:00:00Z", "12:00:00+02:00", "12:00", "24:00:00Z"],
            Some("uuid") => &[
                "123e4567-e89b-12d3-a456-426614174000",
                "123e4567e89b12d3a456426614174000",
                "nope",
            ],
            Some("email") => &["ada@example.com", "ada", "a@b@c", "ada@example"],
            Some("uri") => &[
                "https://example.com/a?b#c",
                "urn:a:b",
                "/relative",
                "not a uri",
            ],
            Some("byte") => &["aGVsbG8=", "aGVsbG8", "****", ""],
            _ => &[
                "",
                "a",
                "ab",
                "abc",
                "x",
                "xy",
                "xyz1",
                "A-1",
                "AB",
                "ABC",
                "CODE",
                "OK",
                "XYZ",
                "QR",
                "red-dark",
                "ä€😀",
                "12",
                "a b",
                "red",
                "b",
            ],
        };
        // Of a format the first sample fits.
        let fits = schema["format"].is_string() && !self.one_in(4);
        let chosen = if fits { 0 } else { self.below(samples.len()) };
        Value::String(samples[chosen].to_owned())
    }

    fn array(&mut self, schema: &Value, depth: usize) -> Value {
        let most = schema["maxItems"].as_u64().unwrap_or(3) as usize + 2;
        let count = self.below(most.min(6));
        let prefix = schema["prefixItems"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let items = (0..count).map(|index| {
            let item = prefix.get(index).unwrap_or(&schema["items"]);
            self.value(item, depth + 1)
        });
        Value::Array(items.collect())
    }

    fn object(&mut self, schema: &Value, depth: usize) -> Value {
        let mut members = Map::new();
        let required: Vec<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if let Some(properties) = schema["properties"].as_object() {
            for (name, property) in properties {
                let wanted = required.contains(&name.as_str());
                if if wanted {
                    !self.one_in(16)
                } else {
                    self.one_in(2)
                } {
                    members.insert(name.clone(), self.value(property, depth + 1));
                }
            }
        }
        for name in required {
            if !members.contains_key(name) && !self.one_in(8) {
                members.insert(name.to_owned(), self.anything(depth));
            }
        }
        let names = ["extra", "x-y", "a", "b", "kind", "S_1", "other"];
        while self.one_in(3) && members.len() < 8 {
            let name = names[self.below(names.len())];
            if !members.contains_key(name) {
                let value = self.value(&schema["additionalProperties"], depth + 1);
                members.insert(name.to_owned(), value);
            }
        }
        Value::Object(members)
    }

    fn anything(&mut self, depth: usize) -> Value {
        match self.below(if depth > 5 { 8 } else { 10 }) {
            0 => Value::Null,
            1 => Value::Bool(true),
            2 => json!(3),
            3 => json!(-1.5),
            4 => json!("a"),
            5 => json!("2024-02-29"),
            6 => json!([]),
            7 => json!({}),
            8 => json!(["a", 1]),
            _ => json!({"a": 1, "kind": "x"}),
        }
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn below(&mut self, limit: usize) -> usize {
        // xorshift64*: enough for values that only have to differ.
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let mixed = self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        mixed as usize % limit.max(1)
    }
}

/// Both schemas' keywords in one object; enough to make values near both.
fn merge(base: &Value, part: &Value, without: &str) -> Value {
    let mut merged = base.as_object().cloned().unwrap_or_default();
    merged.remove(without);
    for (key, value) in part.as_object().into_iter().flatten() {
        match (merged.get_mut(key), value) {
            (Some(Value::Object(known)), Value::Object(more)) => known.extend(more.clone()),
            (Some(Value::Array(known)), Value::Array(more)) if key == "required" => {
                known.extend(more.clone())
            }
            (_, value) => {
                merged.insert(key.clone(), value.clone());
            }
        }
    }
    Value::Object(merged)
}
