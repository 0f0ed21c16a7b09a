//! Writing JSON straight to bytes, in the contract's order.

use std::fmt;
use std::io::Write as _;

use crate::scan::{is_plain, plain_until};
use crate::types::Map;

/// A type that can be written as JSON.
pub trait Write {
    /// Appends one value.
    fn write(&self, writer: &mut Writer);
}

/// A JSON text in the making. Commas set themselves.
#[derive(Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// An empty text.
    pub fn new() -> Self {
        Self::with_capacity(1024)
    }

    /// An empty text with room for so many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            out: Vec::with_capacity(bytes),
        }
    }

    /// The text.
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    /// The text so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.out
    }

    /// Forgets the text and keeps its memory.
    pub fn clear(&mut self) {
        self.out.clear();
    }

    /// Appends text that is JSON already.
    #[inline]
    pub fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// Appends bytes of text that is JSON already.
    #[inline]
    pub(crate) fn bytes<const COUNT: usize>(&mut self, bytes: [u8; COUNT]) {
        self.out.extend_from_slice(&bytes);
    }

    /// Appends text that is JSON already once it is formatted.
    pub(crate) fn formatted(&mut self, text: fmt::Arguments<'_>) {
        // Writing to a vector cannot fail.
        let _ = self.out.write_fmt(text);
    }

    #[inline]
    fn separate(&mut self, opening: u8) {
        // Only an opening bracket ends in one: a string ends in its quote.
        if self.out.last().is_some_and(|&last| last != opening) {
            self.out.push(b',');
        }
    }

    /// Opens an object.
    #[inline]
    pub fn begin_object(&mut self) {
        self.out.push(b'{');
    }

    /// Closes an object.
    #[inline]
    pub fn end_object(&mut self) {
        self.out.push(b'}');
    }

    /// Opens an array.
    #[inline]
    pub fn begin_array(&mut self) {
        self.out.push(b'[');
    }

    /// Closes an array.
    #[inline]
    pub fn end_array(&mut self) {
        self.out.push(b']');
    }

    /// Appends a member; `key` is its name as JSON with the colon: `"\"name\":"`.
    pub fn field<T: Write + ?Sized>(&mut self, key: &'static str, value: &T) {
        self.separate(b'{');
        self.raw(key);
        value.write(self);
    }

    /// Appends a value behind what always stands before it: `"{\"name\":"` or `",\"name\":"`.
    pub fn prefixed<T: Write + ?Sized>(&mut self, prefix: &'static str, value: &T) {
        self.raw(prefix);
        value.write(self);
    }

    /// Appends a member if there is one; `key` as in [`Writer::field`].
    pub fn optional<T: Write>(&mut self, key: &'static str, value: &Option<T>) {
        if let Some(value) = value {
            self.field(key, value);
        }
    }

    /// Appends a member with a name that is not known beforehand.
    pub fn member<T: Write + ?Sized>(&mut self, name: &str, value: &T) {
        self.separate(b'{');
        self.string(name);
        self.out.push(b':');
        value.write(self);
    }

    /// Appends every entry of `members` as a member.
    pub fn members<T: Write>(&mut self, members: &Map<T>) {
        for (name, value) in members {
            self.member(name, value);
        }
    }

    /// Appends an element of an array.
    pub fn element<T: Write + ?Sized>(&mut self, value: &T) {
        self.separate(b'[');
        value.write(self);
    }

    /// Appends a string with what must be escaped escaped (RFC 8259, section 7).
    pub fn string(&mut self, value: &str) {
        let bytes = value.as_bytes();
        self.out.reserve(bytes.len() + 2);
        self.out.push(b'"');
        if is_plain(bytes) {
            self.out.extend_from_slice(bytes);
        } else {
            self.escaped(bytes);
        }
        self.out.push(b'"');
    }

    #[inline(never)]
    fn escaped(&mut self, bytes: &[u8]) {
        let mut from = 0;
        loop {
            let at = plain_until(bytes, from);
            self.out
                .extend_from_slice(bytes.get(from..at).unwrap_or_default());
            let Some(&byte) = bytes.get(at) else {
                break;
            };
            self.escape(byte);
            from = at + 1;
        }
    }

    fn escape(&mut self, byte: u8) {
        let short = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            8 => "\\b",
            12 => "\\f",
            _ => {
                self.formatted(format_args!("\\u{byte:04x}"));
                return;
            }
        };
        self.raw(short);
    }
}

/// The JSON text of a value.
pub fn to_text<T: Write + ?Sized>(value: &T) -> String {
    let mut writer = Writer::new();
    value.write(&mut writer);
    // Everything a writer is given is text, so the bytes are UTF-8 and nothing is replaced.
    String::from_utf8(writer.into_bytes())
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Json;

    #[test]
    fn strings_are_escaped_where_they_must_be() {
        let text = "plain\u{7f}é😀\u{2028} \"\\/\u{0}\u{1f}\n\r\t\u{8}\u{c} long enough for eight";
        assert_eq!(
            to_text(text),
            "\"plain\u{7f}é😀\u{2028} \\\"\\\\/\\u0000\\u001f\\n\\r\\t\\b\\f long enough for eight\""
        );
        assert_eq!(Json::of(text).to::<String>().as_deref(), Ok(text));
    }

    #[test]
    fn strings_of_every_length_come_out_whole() {
        let text: String = ('a'..='z').chain('A'..='Z').collect();
        for from in 0..3 {
            for to in from..=text.len() {
                let part = &text[from..to];
                assert_eq!(to_text(part), format!("\"{part}\""));
            }
        }
    }

    #[test]
    fn commas_set_themselves() {
        let mut writer = Writer::new();
        writer.begin_object();
        writer.field("\"a\":", &vec![String::from("{"), String::from("[")]);
        writer.optional("\"b\":", &None::<bool>);
        writer.optional("\"c\":", &Some(Vec::<bool>::new()));
        writer.member("d\"", &Map::<bool>::new());
        writer.field("\"e\":", &());
        writer.end_object();
        let text = String::from_utf8(writer.into_bytes()).expect("text");
        assert_eq!(text, r#"{"a":["{","["],"c":[],"d\"":{},"e":null}"#);
    }
}
