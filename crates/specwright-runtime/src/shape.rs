//! What kind of JSON the text of a parameter or form field stands for.

use crate::params::Token;
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
    /// The first of several shapes whose text this can be and whose JSON the schema takes: beside
    /// an integer `1.5` is a string.
    OneOf {
        /// The shapes, those that tell their texts before those that every text fits.
        shapes: &'static [Shape],
        /// Whether the schema takes a JSON text.
        takes: fn(&str) -> bool,
    },
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
            Self::OneOf { shapes, .. } => shapes
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
            Self::OneOf { shapes, .. } => shapes.iter().find_map(Self::items),
            _ => None,
        }
    }

    /// Whether an object is meant.
    pub fn is_object(&self) -> bool {
        match self {
            Self::Object { .. } => true,
            Self::OneOf { shapes, .. } => shapes.iter().any(Self::is_object),
            _ => false,
        }
    }

    /// Whether an object of this shape knows a member of this name.
    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::Object { properties, .. } => {
                properties.iter().any(|(property, _)| *property == name)
            }
            Self::OneOf { shapes, .. } => shapes.iter().any(|shape| shape.has(name)),
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
            Self::OneOf { shapes, .. } => {
                let mut words = shapes.iter().map(|shape| shape.word(text));
                words.find(|word| *word != text).unwrap_or(text)
            }
            _ => text,
        }
    }

    /// Appends one undivided text as JSON.
    pub fn write(&self, text: &str, writer: &mut Writer) {
        match self {
            Self::OneOf { shapes, takes } => match meant(shapes, *takes, text) {
                Some(json) => writer.raw(&json),
                None => writer.string(text),
            },
            shape if shape.write_token(text, writer) => {}
            _ => writer.string(text),
        }
    }

    /// Appends a list that a text was divided into, or the text as one value, where only that is
    /// what the schema takes: `a,b` beside a list of numbers is a string.
    pub(crate) fn write_divided(&self, list: &Writer, text: &str, writer: &mut Writer) {
        let list = std::str::from_utf8(list.as_bytes()).unwrap_or_default();
        let whole = match self {
            Self::OneOf { shapes, takes } if !takes(list) => {
                meant(shapes, *takes, text).filter(|json| takes(json))
            }
            _ => None,
        };
        writer.raw(whole.as_deref().unwrap_or(list));
    }

    /// The text as JSON of this shape alone, where it can be that.
    fn reading(&self, text: &str) -> Option<String> {
        let mut writer = Writer::with_capacity(text.len() + 2);
        match self {
            Self::String => writer.string(text),
            Self::Array(items) => {
                writer.begin_array();
                if !text.is_empty() {
                    writer.element(&Token(items, text));
                }
                writer.end_array();
            }
            shape if shape.write_token(text, &mut writer) => {}
            _ => return None,
        }
        String::from_utf8(writer.into_bytes()).ok()
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
            Self::Words(words) => {
                let mut words = words.iter();
                let Some(word) = words.find(|word| word.eq_ignore_ascii_case(text)) else {
                    return false;
                };
                writer.string(word);
                return true;
            }
            // An array or object that did not come in parts is what a schema refuses, as a string.
            Self::String | Self::OneOf { .. } | Self::Array(_) | Self::Object { .. } => false,
        };
        if fits {
            writer.raw(text);
        }
        fits
    }
}

/// What a text means among several shapes: the first reading that the schema takes. Where it takes
/// none, the first there is that is no list, so that what is wrong is told of what was sent.
fn meant(shapes: &[Shape], takes: fn(&str) -> bool, text: &str) -> Option<String> {
    let mut first = None;
    for shape in shapes {
        let Some(json) = shape.reading(text) else {
            continue;
        };
        if takes(&json) {
            return Some(json);
        }
        if !matches!(shape, Shape::Array(_)) {
            first.get_or_insert(json);
        }
    }
    first
}

#[cfg(test)]
#[path = "shape_tests.rs"]
mod tests;
