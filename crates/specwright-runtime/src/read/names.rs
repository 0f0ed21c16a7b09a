//! The names of an object's members: read, compared with what is foreseen, and refused when they come
//! twice.

use std::borrow::Cow;

use super::{Invalid, LINEAR_KEYS, Many, Reader};

/// Why an object is no JSON of ours although it follows the grammar.
const REPEATED: &str = "the object has two members of this name";

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

impl<'a> Reader<'a> {
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
}
