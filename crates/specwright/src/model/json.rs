use super::{Type, decimal};

/// A JSON value as the contract wrote it: keys in document order, numbers as their digits.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// The number's text, in JSON's grammar.
    Number(String),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object; keys are unique.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// The value under `key`, when this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => members
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text, when this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// Equality of values: numbers by their value, objects without order.
    pub fn equals(&self, other: &Json) -> bool {
        match (self, other) {
            (Json::Number(one), Json::Number(other)) => decimal::compare(one, other).is_eq(),
            (Json::Array(one), Json::Array(other)) => {
                one.len() == other.len()
                    && one.iter().zip(other).all(|(one, other)| one.equals(other))
            }
            (Json::Object(one), Json::Object(members)) => {
                one.len() == members.len()
                    && one
                        .iter()
                        .all(|(key, value)| other.get(key).is_some_and(|found| value.equals(found)))
            }
            _ => self == other,
        }
    }

    /// Whether the value is of a type.
    pub fn has_type(&self, ty: Type) -> bool {
        match (self, ty) {
            (Json::Null, Type::Null)
            | (Json::Bool(_), Type::Boolean)
            | (Json::Number(_), Type::Number)
            | (Json::String(_), Type::String)
            | (Json::Array(_), Type::Array)
            | (Json::Object(_), Type::Object) => true,
            // JSON Schema 2020-12, section 4.2.3: 1.0 is an integer.
            (Json::Number(text), Type::Integer) => decimal::is_integer(text),
            _ => false,
        }
    }

    /// What it is, for messages: `a string`, `an object`.
    pub fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::String(_) => "a string",
            Json::Array(_) => "an array",
            Json::Object(_) => "an object",
        }
    }

    /// Compact JSON text.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, None);
        out
    }

    /// JSON text, two spaces a level, with a final newline.
    pub fn to_pretty_text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, Some(0));
        out.push('\n');
        out
    }

    fn write(&self, out: &mut String, indent: Option<usize>) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Json::Number(text) => out.push_str(text),
            Json::String(text) => write_string(text, out),
            Json::Array(items) => {
                write_list(out, indent, ('[', ']'), items, |item, out, indent| {
                    item.write(out, indent)
                });
            }
            Json::Object(members) => {
                write_list(
                    out,
                    indent,
                    ('{', '}'),
                    members,
                    |(key, value), out, indent| {
                        write_string(key, out);
                        out.push_str(if indent.is_some() { ": " } else { ":" });
                        value.write(out, indent);
                    },
                );
            }
        }
    }
}

fn write_list<T>(
    out: &mut String,
    indent: Option<usize>,
    (open, close): (char, char),
    items: &[T],
    mut write: impl FnMut(&T, &mut String, Option<usize>),
) {
    out.push(open);
    let inner = indent.map(|depth| depth + 1);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        new_line(out, inner);
        write(item, out, inner);
    }
    if !items.is_empty() {
        new_line(out, indent);
    }
    out.push(close);
}

fn new_line(out: &mut String, indent: Option<usize>) {
    if let Some(depth) = indent {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    }
}

/// Writes `text` as a JSON string, quotes included (RFC 8259, section 7).
pub(crate) fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if (control as u32) < 0x20 => {
                out.push_str(&format!("\\u{:04x}", control as u32))
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
