//! What kind of JSON the text of a parameter or form field stands for.

use crate::scan::scan_number;
use crate::write::Writer;

/// What kind of JSON value a text is turned into.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// A string, whatever it says.
    String,
    /// A string that is one of these words in any case, and is then the word.
    Words(&'static [&'static str]),
    /// A number; text that is none stays a string, which the schema then refuses.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `null`, or nothing.
    Null,
    /// JSON text.
    Json,
    /// The first of several shapes whose text this can be; strings take what is left.
    OneOf(&'static [Shape]),
    /// Several values of one shape.
    Array(&'static Shape),
    /// Named values.
    Object {
        /// The values with known names.
        properties: &'static [(&'static str, Shape)],
        /// The shape of all others.
        additional: &'static Shape,
    },
}

impl Shape {
    /// The shape of a member.
    pub fn member(&self, name: &str) -> &Shape {
        const ANY: Shape = Shape::String;
        match self {
            Self::Object {
                properties,
                additional,
            } => properties
                .iter()
                .find(|(property, _)| *property == name)
                .map_or(*additional, |(_, shape)| shape),
            Self::OneOf(shapes) => shapes
                .iter()
                .find(|shape| matches!(shape, Self::Object { .. }))
                .map_or(&ANY, |shape| shape.member(name)),
            _ => &ANY,
        }
    }

    /// The shape of the items, if an array is meant.
    pub fn items(&self) -> Option<&Shape> {
        match self {
            Self::Array(items) => Some(items),
            Self::OneOf(shapes) => shapes.iter().find_map(Self::items),
            _ => None,
        }
    }

    /// Whether an object is meant.
    pub fn is_object(&self) -> bool {
        match self {
            Self::Object { .. } => true,
            Self::OneOf(shapes) => shapes.iter().any(Self::is_object),
            _ => false,
        }
    }

    /// Whether an object of this shape knows a member of this name.
    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::Object { properties, .. } => {
                properties.iter().any(|(property, _)| *property == name)
            }
            Self::OneOf(shapes) => shapes.iter().any(|shape| shape.has(name)),
            _ => false,
        }
    }

    /// The text as the contract writes it, where it is one of its words in another case.
    pub fn word<'t>(&self, text: &'t str) -> &'t str {
        match self {
            Self::Words(words) => {
                let mut words = words.iter();
                let word = words.find(|word| word.eq_ignore_ascii_case(text));
                word.map_or(text, |word| *word)
            }
            Self::OneOf(shapes) => {
                let mut words = shapes.iter().map(|shape| shape.word(text));
                words.find(|word| *word != text).unwrap_or(text)
            }
            _ => text,
        }
    }

    /// Appends one undivided text as JSON.
    pub fn write(&self, text: &str, writer: &mut Writer) {
        if !self.write_token(text, writer) {
            writer.string(text);
        }
    }

    /// Appends the text if it is a token of this shape.
    fn write_token(&self, text: &str, writer: &mut Writer) -> bool {
        let fits = match self {
            Self::Number => scan_number(text.as_bytes(), 0) == Ok(text.len()),
            Self::Boolean => matches!(text, "true" | "false"),
            Self::Null => {
                if matches!(text, "" | "null") {
                    writer.raw("null");
                    return true;
                }
                false
            }
            Self::Json => crate::json::Json::parse(text).is_ok(),
            Self::OneOf(shapes) => {
                return shapes.iter().any(|shape| shape.write_token(text, writer));
            }
            Self::Words(words) => {
                let mut words = words.iter();
                let Some(word) = words.find(|word| word.eq_ignore_ascii_case(text)) else {
                    return false;
                };
                writer.string(word);
                return true;
            }
            // An array or object that did not come in parts is what a schema refuses, as a string.
            Self::String | Self::Array(_) | Self::Object { .. } => false,
        };
        if fits {
            writer.raw(text);
        }
        fits
    }
}
