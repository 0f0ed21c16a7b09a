//! The strict one-pass JSON reader (RFC 8259) that generated types read themselves from.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::check::Check;
use crate::scan::scan_number;

mod names;
mod strings;

pub use crate::whole::{from_text, try_read};

/// How deeply arrays and objects may nest.
pub const MAX_DEPTH: usize = 128;

/// Objects with more members than this look for duplicate keys in a hash set.
const LINEAR_KEYS: usize = 16;

/// The value does not fit. It carries nothing: what is wrong is found out by a second, slower walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid;

/// A type that can be read from JSON.
pub trait Read: Sized {
    /// Reads one value, checking it on the way.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when the text is no JSON or the value does not fit the type.
    fn read(reader: &mut Reader<'_>) -> Result<Self, Invalid>;
}

/// The kind of a JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// Any number.
    Number,
    /// Any string.
    String,
    /// Any array.
    Array,
    /// Any object.
    Object,
}

/// Where and why the text stops being JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyntaxFault {
    /// In bytes from the start of the text.
    pub offset: usize,
    /// What is wrong, as a sentence part.
    pub reason: &'static str,
}

/// A place in the text, remembered for a later [`Reader::residual`].
#[derive(Clone, Copy, Debug)]
pub struct Mark(usize);

/// An array or object that has been entered and not left.
#[derive(Clone, Copy)]
struct Frame {
    first: bool,
    /// How many keys the objects around it had when it was entered.
    keys_from: usize,
    /// Whether one of its keys is written with an escape.
    escapes: bool,
    /// Which of the foreseen names it has, a bit each, from the lowest on.
    seen: u64,
    /// The place of the foreseen name that most likely is next.
    next: usize,
}

/// The decoded keys of an object that has many, or has some with escapes.
struct Many<'a> {
    depth: usize,
    keys: HashSet<Cow<'a, str>>,
}

/// A pull parser over one JSON text.
///
/// It accepts exactly the grammar of RFC 8259, and beyond that refuses duplicate member names,
/// escapes of lone surrogates and nesting deeper than 128 levels.
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    frames: Vec<Frame>,
    /// The keys of all entered objects, as they are written.
    keys: Vec<&'a str>,
    many: Vec<Many<'a>>,
    fault: Option<SyntaxFault>,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `text`.
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            // Room for what most texts need, so that reading them does not grow anything.
            frames: Vec::with_capacity(8),
            keys: Vec::with_capacity(LINEAR_KEYS),
            many: Vec::new(),
            fault: None,
        }
    }

    /// A reader at the start of a text that most likely is one scalar, for which no room is needed.
    pub(crate) fn of_scalar(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            frames: Vec::new(),
            keys: Vec::new(),
            many: Vec::new(),
            fault: None,
        }
    }

    /// A reader at the start of `bytes`, which must be UTF-8 without a byte order mark.
    ///
    /// # Errors
    ///
    /// The place of the first byte that is no UTF-8.
    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self, SyntaxFault> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(text)),
            Err(error) => Err(SyntaxFault {
                offset: error.valid_up_to(),
                reason: "the text is not valid UTF-8",
            }),
        }
    }

    /// The first syntax fault met, if any: none when the text was JSON but did not fit.
    pub fn fault(&self) -> Option<SyntaxFault> {
        self.fault
    }

    #[cold]
    #[inline(never)]
    fn syntax(&mut self, offset: usize, reason: &'static str) -> Invalid {
        self.fault.get_or_insert(SyntaxFault { offset, reason });
        Invalid
    }

    #[inline]
    fn skip_whitespace(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(self.at) {
            self.at += 1;
        }
    }

    /// The next byte that is no whitespace, not consumed.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        match self.text.as_bytes().get(self.at) {
            Some(&byte) if byte > b' ' => Some(byte),
            _ => self.peek_further(),
        }
    }

    #[inline(never)]
    fn peek_further(&mut self) -> Option<u8> {
        self.skip_whitespace();
        self.text.as_bytes().get(self.at).copied()
    }

    /// Refuses the value just read.
    pub fn refuse(&self) -> Invalid {
        Invalid
    }

    /// Unwraps a required member.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when it was absent.
    pub fn present<T>(&self, value: Option<T>) -> Result<T, Invalid> {
        value.ok_or(Invalid)
    }

    /// Where the next value starts, in bytes.
    pub(crate) fn offset(&mut self) -> usize {
        self.skip_whitespace();
        self.at
    }

    /// The place where the next value starts.
    pub fn mark(&mut self) -> Mark {
        self.skip_whitespace();
        Mark(self.at)
    }

    /// Checks everything read since `start` against a schema.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when the schema refuses it.
    pub fn residual(&mut self, start: Mark, check: &Check) -> Result<(), Invalid> {
        let text = self.text.get(start.0..self.at).ok_or(Invalid)?;
        if check.accepts(text) {
            Ok(())
        } else {
            Err(Invalid)
        }
    }

    /// The kind of the next value, which is not consumed.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when no value starts here.
    pub fn kind(&mut self) -> Result<Kind, Invalid> {
        match self.peek() {
            Some(b'"') => Ok(Kind::String),
            Some(b'{') => Ok(Kind::Object),
            Some(b'[') => Ok(Kind::Array),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            Some(b't' | b'f') => Ok(Kind::Boolean),
            Some(b'n') => Ok(Kind::Null),
            Some(_) => Err(self.syntax(self.at, "expected a value")),
            None => Err(self.syntax(self.at, "the text ends where a value is expected")),
        }
    }

    #[inline]
    fn expect_kind(&mut self, kind: Kind) -> Result<(), Invalid> {
        if self.kind()? == kind {
            Ok(())
        } else {
            Err(Invalid)
        }
    }

    /// Ends the text: only whitespace may follow.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when anything else follows.
    pub fn end(&mut self) -> Result<(), Invalid> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.syntax(self.at, "unexpected text after the value")),
        }
    }

    fn enter(&mut self) -> Result<(), Invalid> {
        if self.frames.len() >= MAX_DEPTH {
            return Err(self.syntax(self.at, "the value is nested more than 128 levels deep"));
        }
        self.at += 1;
        self.frames.push(Frame {
            first: true,
            keys_from: self.keys.len(),
            escapes: false,
            seen: 0,
            next: 0,
        });
        Ok(())
    }

    #[inline]
    fn leave(&mut self) {
        self.at += 1;
        self.unwind(self.frames.len().saturating_sub(1));
    }

    /// Forgets the frames deeper than `depth`, and their keys.
    fn unwind(&mut self, depth: usize) {
        if let Some(frame) = self.frames.get(depth) {
            self.keys.truncate(frame.keys_from);
        }
        self.frames.truncate(depth);
        while self.many.last().is_some_and(|many| many.depth > depth) {
            self.many.pop();
        }
    }

    /// Enters an object.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when the next value is no object, or too deep.
    pub fn begin_object(&mut self) -> Result<(), Invalid> {
        self.expect_kind(Kind::Object)?;
        self.enter()
    }

    #[inline]
    fn take_first(&mut self) -> bool {
        self.frames
            .last_mut()
            .is_some_and(|frame| std::mem::take(&mut frame.first))
    }

    /// Enters an array.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when the next value is no array, or too deep.
    pub fn begin_array(&mut self) -> Result<(), Invalid> {
        self.expect_kind(Kind::Array)?;
        self.enter()
    }

    /// Whether another element follows; the end of the array is consumed.
    ///
    /// # Errors
    ///
    /// [`Invalid`] on a syntax error.
    #[inline]
    pub fn element(&mut self) -> Result<bool, Invalid> {
        let next = self.peek();
        let first = self.take_first();
        if next == Some(b']') {
            self.leave();
            return Ok(false);
        }
        if !first {
            if next != Some(b',') {
                return Err(self.syntax(self.at, "expected `,` or `]`"));
            }
            self.at += 1;
        }
        Ok(true)
    }

    /// Reads `null`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when the next value is another one.
    pub fn null(&mut self) -> Result<(), Invalid> {
        self.expect_kind(Kind::Null)?;
        self.word("null")
    }

    /// Reads `true` or `false`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when the next value is another one.
    pub fn boolean(&mut self) -> Result<bool, Invalid> {
        self.expect_kind(Kind::Boolean)?;
        let value = self.text.as_bytes().get(self.at) == Some(&b't');
        self.word(if value { "true" } else { "false" })?;
        Ok(value)
    }

    fn word(&mut self, word: &'static str) -> Result<(), Invalid> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        if rest.starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(())
        } else {
            Err(self.syntax(self.at, "expected a value"))
        }
    }

    /// Reads a number as its text.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when the next value is no number.
    pub fn number(&mut self) -> Result<&'a str, Invalid> {
        self.expect_kind(Kind::Number)?;
        let start = self.at;
        match scan_number(self.text.as_bytes(), start) {
            Ok(end) => {
                self.at = end;
                self.text.get(start..end).ok_or(Invalid)
            }
            Err(end) => Err(self.syntax(end, "the number is not written as JSON writes numbers")),
        }
    }

    /// Reads any value and forgets it.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when it is no JSON.
    pub fn skip(&mut self) -> Result<(), Invalid> {
        match self.kind()? {
            Kind::Null => self.null(),
            Kind::Boolean => self.boolean().map(drop),
            Kind::Number => self.number().map(drop),
            Kind::String => self.quoted().map(drop),
            Kind::Array => {
                self.begin_array()?;
                while self.element()? {
                    self.skip()?;
                }
                Ok(())
            }
            Kind::Object => {
                self.begin_object()?;
                while self.key()?.is_some() {
                    self.skip()?;
                }
                Ok(())
            }
        }
    }

    /// Reads any value as its text.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when it is no JSON.
    pub fn raw(&mut self) -> Result<&'a str, Invalid> {
        self.skip_whitespace();
        let start = self.at;
        self.skip()?;
        self.text.get(start..self.at).ok_or(Invalid)
    }

    /// The string value of a member of the object ahead, which is not consumed; `None` when the
    /// value ahead is no object, or has no such member, or it is no string.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when the object is no JSON up to that member.
    pub fn peek_property(&mut self, name: &str) -> Result<Option<String>, Invalid> {
        if self.kind()? != Kind::Object {
            return Ok(None);
        }
        let start = self.at;
        let depth = self.frames.len();
        let found = self.find_property(name)?;
        self.at = start;
        self.unwind(depth);
        Ok(found)
    }

    fn find_property(&mut self, name: &str) -> Result<Option<String>, Invalid> {
        self.begin_object()?;
        while let Some(key) = self.key()? {
            if key == name {
                return match self.kind()? {
                    Kind::String => self.quoted().map(|value| Some(value.into_owned())),
                    _ => Ok(None),
                };
            }
            self.skip()?;
        }
        Ok(None)
    }
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
