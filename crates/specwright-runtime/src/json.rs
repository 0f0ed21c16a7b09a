//! Any JSON value, kept as its text so that no number loses a digit.

use std::fmt;

use serde_json::Value;

use crate::read::{Invalid, Kind, Read, Reader};
use crate::write::{Write, Writer, to_text};

/// Any JSON value: valid, without insignificant whitespace, otherwise exactly as it was written.
///
/// Two values are equal when their texts are.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Json(Box<str>);

impl Json {
    /// `null`
    pub fn null() -> Self {
        Self("null".into())
    }

    /// Checks a text and keeps it.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when it is no JSON text as [`Reader`] accepts it.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        crate::read::from_text(text, Self::read)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text.
    pub fn into_string(self) -> String {
        self.0.into_string()
    }

    /// Whether the value is `null`.
    pub fn is_null(&self) -> bool {
        &*self.0 == "null"
    }

    /// The JSON text of anything that can be written.
    pub fn of<T: Write + ?Sized>(value: &T) -> Self {
        Self(to_text(value).into())
    }

    /// The value as a tree.
    pub fn to_value(&self) -> Value {
        value_of(&self.0).unwrap_or(Value::Null)
    }

    /// Reads the value as another type.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when it does not fit.
    pub fn to<T: Read>(&self) -> Result<T, Invalid> {
        crate::read::from_text(&self.0, T::read)
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Default for Json {
    fn default() -> Self {
        Self::null()
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        Self(value.to_string().into())
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        Self::from(&value)
    }
}

impl From<&str> for Json {
    /// The string as a JSON string.
    fn from(value: &str) -> Self {
        Self::of(value)
    }
}

impl Read for Json {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Invalid> {
        reader.raw().map(|text| Self(compact(text)))
    }
}

impl Write for Json {
    fn write(&self, writer: &mut Writer) {
        writer.raw(&self.0);
    }
}

/// Drops whitespace outside strings.
fn compact(text: &str) -> Box<str> {
    if !text.bytes().any(|byte| byte.is_ascii_whitespace()) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    let mut escaped = false;
    for character in text.chars() {
        if inside {
            inside = escaped || character != '"';
            escaped = !escaped && character == '\\';
        } else if matches!(character, ' ' | '\t' | '\n' | '\r') {
            continue;
        } else {
            inside = character == '"';
        }
        out.push(character);
    }
    out.into()
}

/// The tree of a text, or `None` when the reader refuses the text.
///
/// The reader builds it, because the parser of `serde_json` reads a certain object as a number and
/// lets duplicate names pass.
pub(crate) fn value_of(text: &str) -> Option<Value> {
    crate::read::from_text(text, read_value).ok()
}

fn read_value(reader: &mut Reader<'_>) -> Result<Value, Invalid> {
    Ok(match reader.kind()? {
        Kind::Null => {
            reader.null()?;
            Value::Null
        }
        Kind::Boolean => Value::Bool(reader.boolean()?),
        Kind::Number => Value::Number(reader.number()?.parse().map_err(|_| Invalid)?),
        Kind::String => Value::String(reader.string()?.into_owned()),
        Kind::Array => Value::Array(crate::types::read_array(reader, read_value)?),
        Kind::Object => {
            let mut members = serde_json::Map::new();
            reader.begin_object()?;
            while let Some(key) = reader.key()? {
                let value = read_value(reader)?;
                members.insert(key.into_owned(), value);
            }
            Value::Object(members)
        }
    })
}
