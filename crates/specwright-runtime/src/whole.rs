//! Whole texts, read as one type or as one of several.

use crate::budget;
use crate::read::{Invalid, Reader};

/// How a value is read.
type ReadFn<T> = fn(&mut Reader<'_>) -> Result<T, Invalid>;

/// Why a text is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is no JSON, or does not fit.
    Invalid,
    /// The alternatives at this byte nest too deeply to be told apart.
    Entangled { offset: usize },
}

/// What is wrong with a value whose alternatives nest too deeply, as a sentence part.
pub(crate) const ENTANGLED: &str = "its alternatives nest too deeply to be told apart";

impl From<Invalid> for Unread {
    fn from(_: Invalid) -> Self {
        Self::Invalid
    }
}

impl From<Unread> for Invalid {
    fn from(_: Unread) -> Self {
        Self
    }
}

/// Reads a whole text, which must be UTF-8 without a byte order mark.
///
/// # Errors
///
/// The text is no JSON, does not fit, or cannot be told apart.
pub(crate) fn from_bytes<T>(bytes: &[u8], read: ReadFn<T>) -> Result<T, Unread> {
    let reader = Reader::from_bytes(bytes).map_err(|_| Unread::Invalid)?;
    read_whole(reader, bytes, read)
}

/// Reads a whole text with `read`.
///
/// # Errors
///
/// [`Invalid`] when the text is no JSON, holds more than one value, or does not fit.
pub fn from_text<T>(text: &str, read: ReadFn<T>) -> Result<T, Invalid> {
    unentangled(text, read).map_err(Invalid::from)
}

/// The same, which says when alternatives are why it fails.
///
/// # Errors
///
/// The text is no JSON, does not fit, or cannot be told apart.
pub(crate) fn unentangled<T>(text: &str, read: ReadFn<T>) -> Result<T, Unread> {
    match text.as_bytes().first() {
        Some(b'{' | b'[') => read_whole(Reader::new(text), text.as_bytes(), read),
        _ => to_end(&mut Reader::of_scalar(text), read).map_err(Unread::from),
    }
}

/// Reads `raw`, one complete value, as `T`, if it fits.
pub fn try_read<T>(raw: &str, read: ReadFn<T>) -> Option<T> {
    let attempt = || {
        budget::attempt(raw, || {
            let mut reader = match raw.as_bytes().first() {
                Some(b'{' | b'[') => Reader::new(raw),
                _ => Reader::of_scalar(raw),
            };
            let value = to_end(&mut reader, read).ok();
            (value, reader.offset())
        })
    };
    match budget::within(budget::for_reading(raw.len()), attempt) {
        (value, None) => value,
        (_, Some(_)) => None,
    }
}

fn to_end<T>(reader: &mut Reader<'_>, read: ReadFn<T>) -> Result<T, Invalid> {
    let value = read(reader)?;
    reader.end()?;
    Ok(value)
}

fn read_whole<T>(mut reader: Reader<'_>, text: &[u8], read: ReadFn<T>) -> Result<T, Unread> {
    let budget = budget::for_reading(text.len());
    match budget::within(budget, || to_end(&mut reader, read)) {
        (value, None) => value.map_err(Unread::from),
        (_, Some(place)) => Err(Unread::Entangled {
            offset: place.saturating_sub(text.as_ptr() as usize),
        }),
    }
}
