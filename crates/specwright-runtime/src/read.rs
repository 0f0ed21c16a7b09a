//! The strict one-pass JSON reader (RFC 8259) that generated types read themselves from.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::check::Check;
use crate::scan::{hex4, plain_until, scan_number};

pub use crate::whole::{from_text, try_read};

/// How deeply arrays and objects may nest.
pub const MAX_DEPTH: usize = 128;

/// Objects with more members than this look for duplicate keys in a hash set.
const LINEAR_KEYS: usize = 16;

/// Why an object is no JSON of ours although it follows the grammar.
const REPEATED: &str = "the object has two members of this name";

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

/// Whether a name stands here, with the quote after it and a colon.
#[inline]
fn stands(name: &str, bytes: &[u8], at: usize) -> bool {
    let end = at + name.len();
    bytes.get(end) == Some(&b'"')
        && bytes.get(end + 1) == Some(&b':')
        && bytes.get(at..end) == Some(name.as_bytes())
}

/// The name that stands here, when it is not the one that was most likely.
#[inline(never)]
fn elsewhere(names: &[&'static str], bytes: &[u8], at: usize) -> Option<(usize, &'static str)> {
    let mut names = names.iter().copied().enumerate();
    names.find(|(_, name)| stands(name, bytes, at))
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

    /// The next member name of the object, or `None` at its end, which is consumed.
    ///
    /// # Errors
    ///
    /// [`Invalid`] on a syntax error and on a name that the object already has.
    pub fn key(&mut self) -> Result<Option<Cow<'a, str>>, Invalid> {
        self.name(&[])
    }

    /// The next member name, which may be one of the foreseen.
    #[inline]
    fn name(&mut self, foreseen: &[&'static str]) -> Result<Option<Cow<'a, str>>, Invalid> {
        let next = self.peek();
        if next == Some(b'}') {
            self.leave();
            return Ok(None);
        }
        if !self.take_first() {
            if next != Some(b',') {
                return Err(self.syntax(self.at, "expected `,` or `}`"));
            }
            self.at += 1;
        }
        if self.peek() != Some(b'"') {
            return Err(self.syntax(self.at, "expected a member name in double quotes"));
        }
        let start = self.at;
        let key = self.quoted()?;
        self.note(start, &key, foreseen)?;
        self.remember(start, &key)?;
        if self.peek() != Some(b':') {
            return Err(self.syntax(self.at, "expected `:` after the member name"));
        }
        self.at += 1;
        Ok(Some(key))
    }

    /// The same for an object that is foreseen to have members of these names, most likely in this
    /// order: they are compared where they stand, before anything else is made of the text. None of
    /// them has a character that JSON would write with an escape.
    ///
    /// # Errors
    ///
    /// As of [`Self::key`].
    pub fn member(&mut self, names: &[&'static str]) -> Result<Option<Cow<'a, str>>, Invalid> {
        // A bit tells of each whether it was there; of many, the first have one.
        let names = names.get(..64).unwrap_or(names);
        if let Some(name) = self.foreseen(names) {
            return Ok(Some(Cow::Borrowed(name)));
        }
        self.name(names)
    }

    /// Notes a foreseen name that was met another way, and refuses one that was met before.
    fn note(&mut self, start: usize, key: &str, names: &[&'static str]) -> Result<(), Invalid> {
        let found = names.iter().position(|name| *name == key);
        let (Some(found), Some(frame)) = (found, self.frames.last_mut()) else {
            return Ok(());
        };
        if frame.seen & 1 << found != 0 {
            return Err(self.syntax(start, REPEATED));
        }
        frame.seen |= 1 << found;
        frame.next = found + 1;
        Ok(())
    }

    /// The next name and its colon, if it is a foreseen one that is new, and stands where names
    /// mostly stand; otherwise nothing is consumed.
    #[inline]
    fn foreseen(&mut self, names: &[&'static str]) -> Option<&'static str> {
        let frame = self.frames.last_mut()?;
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        if !frame.first {
            if bytes.get(at) != Some(&b',') {
                return None;
            }
            at += 1;
        }
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
            at += 1;
        }
        if bytes.get(at) != Some(&b'"') {
            return None;
        }
        at += 1;
        let (found, name) = match names.get(frame.next) {
            Some(name) if stands(name, bytes, at) => (frame.next, *name),
            _ => elsewhere(names, bytes, at)?,
        };
        let bit = 1 << found;
        if frame.seen & bit != 0 {
            return None;
        }
        frame.seen |= bit;
        frame.next = found + 1;
        frame.first = false;
        self.at = at + name.len() + 2;
        Some(name)
    }

    #[inline]
    fn take_first(&mut self) -> bool {
        self.frames
            .last_mut()
            .is_some_and(|frame| std::mem::take(&mut frame.first))
    }

    /// Refuses a name that the object already has; `key` is the name as it was decoded.
    #[expect(clippy::ptr_arg, reason = "whether it had to be decoded matters")]
    fn remember(&mut self, start: usize, key: &Cow<'a, str>) -> Result<(), Invalid> {
        let written = match key {
            Cow::Borrowed(written) => *written,
            Cow::Owned(_) => {
                let written = self.text.get(start + 1..self.at.saturating_sub(1));
                written.unwrap_or_default()
            }
        };
        let Some(frame) = self.frames.last_mut() else {
            return Err(Invalid);
        };
        frame.escapes |= matches!(key, Cow::Owned(_));
        let known = self.keys.get(frame.keys_from..).unwrap_or_default();
        let is_new = if known.len() >= LINEAR_KEYS || frame.escapes {
            self.is_new_of_many(key)
        } else {
            // Names of one length mostly differ in their first byte.
            let first = written.as_bytes().first();
            let same = |known: &&str| {
                known.len() == written.len()
                    && known.as_bytes().first() == first
                    && *known == written
            };
            !known.iter().any(same)
        };
        self.keys.push(written);
        if is_new {
            Ok(())
        } else {
            Err(self.syntax(start, REPEATED))
        }
    }

    /// The same for an object with many names, or with names that need decoding to be compared.
    #[expect(clippy::ptr_arg, reason = "whether it had to be decoded matters")]
    #[inline(never)]
    fn is_new_of_many(&mut self, key: &Cow<'a, str>) -> bool {
        let depth = self.frames.len();
        if self.many.last().is_none_or(|many| many.depth != depth) {
            let from = self.frames.last().map_or(0, |frame| frame.keys_from);
            let known = self.keys.get(from..).unwrap_or_default();
            let keys = known.iter().map(|known| Cow::Borrowed(*known)).collect();
            self.many.push(Many { depth, keys });
        }
        self.many
            .last_mut()
            .is_some_and(|many| many.keys.insert(key.clone()))
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

    /// Reads a string, borrowed when it holds no escape.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when the next value is no string.
    pub fn string(&mut self) -> Result<Cow<'a, str>, Invalid> {
        self.expect_kind(Kind::String)?;
        self.quoted()
    }

    /// Reads the string whose opening quote is next.
    #[inline]
    fn quoted(&mut self) -> Result<Cow<'a, str>, Invalid> {
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        let at = plain_until(bytes, start);
        if bytes.get(at) == Some(&b'"') {
            self.at = at + 1;
            return self.text.get(start..at).map(Cow::Borrowed).ok_or(Invalid);
        }
        self.quoted_further(start, at)
    }

    /// Goes on with a string that is plain up to `at`.
    #[inline(never)]
    fn quoted_further(&mut self, start: usize, at: usize) -> Result<Cow<'a, str>, Invalid> {
        match self.text.as_bytes().get(at) {
            Some(b'\\') => self.escaped(start, at).map(Cow::Owned),
            Some(_) => Err(self.syntax(at, "a control character must be escaped")),
            None => Err(self.syntax(at, "the text ends inside a string")),
        }
    }

    fn escaped(&mut self, start: usize, mut at: usize) -> Result<String, Invalid> {
        let text = self.text;
        let bytes = text.as_bytes();
        let mut value = String::with_capacity(at - start + 16);
        let mut from = start;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'"' => {
                    value.push_str(text.get(from..at).unwrap_or_default());
                    self.at = at + 1;
                    return Ok(value);
                }
                b'\\' => {
                    value.push_str(text.get(from..at).unwrap_or_default());
                    let (character, end) = self.escape(at)?;
                    value.push(character);
                    at = end;
                    from = end;
                }
                0..=0x1f => return Err(self.syntax(at, "a control character must be escaped")),
                _ => at = plain_until(bytes, at),
            }
        }
        Err(self.syntax(at, "the text ends inside a string"))
    }

    /// The character that the escape at `at` stands for, and where the escape ends.
    fn escape(&mut self, at: usize) -> Result<(char, usize), Invalid> {
        let character = match self.text.as_bytes().get(at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(at),
            _ => return Err(self.syntax(at, "no such escape in JSON strings")),
        };
        Ok((character, at + 2))
    }

    fn unicode_escape(&mut self, at: usize) -> Result<(char, usize), Invalid> {
        let bytes = self.text.as_bytes();
        let Some(high) = hex4(bytes, at + 2) else {
            return Err(self.syntax(at, "`\\u` needs four hexadecimal digits"));
        };
        if let Some(character) = char::from_u32(high) {
            return Ok((character, at + 6));
        }
        let low = match (bytes.get(at + 6), bytes.get(at + 7)) {
            (Some(b'\\'), Some(b'u')) if high < 0xdc00 => hex4(bytes, at + 8),
            _ => None,
        };
        if let Some(low @ 0xdc00..=0xdfff) = low
            && let Some(pair) = char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))
        {
            return Ok((pair, at + 12));
        }
        Err(self.syntax(at, "the escape is half of a surrogate pair"))
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
