//! Strings and their escapes (RFC 8259, section 7).

use std::borrow::Cow;

use super::{Invalid, Kind, Reader};
use crate::scan::{hex4, plain_until};

impl<'a> Reader<'a> {
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
    pub(super) fn quoted(&mut self) -> Result<Cow<'a, str>, Invalid> {
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
}
