//! How the types that contracts are made of are read from JSON and written to it.

use chrono::{NaiveDate, Timelike};
use indexmap::IndexMap;
use uuid::Uuid;

use crate::formats::{is_uuid, parse_bytes, parse_date, parse_date_time};
use crate::json::Json;
use crate::read::{Invalid, Kind, Read, Reader};
use crate::write::{Write, Writer};

/// A full date: `format: date` (RFC 3339, `full-date`).
pub type Date = NaiveDate;
/// A moment with its offset: `format: date-time` (RFC 3339, `date-time`).
pub type DateTime = chrono::DateTime<chrono::FixedOffset>;
/// An object with arbitrary member names, in the order they came.
pub type Map<T> = IndexMap<String, T>;

/// A value that may be `null`, which is not the same as being absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Nullable<T> {
    /// `null`
    Null,
    /// Anything else.
    Value(T),
}

impl<T> Nullable<T> {
    /// The value, unless it is `null`.
    pub fn as_ref(&self) -> Option<&T> {
        match self {
            Self::Null => None,
            Self::Value(value) => Some(value),
        }
    }

    /// The value, unless it is `null`.
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Null => None,
            Self::Value(value) => Some(value),
        }
    }
}

impl<T> From<Option<T>> for Nullable<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Value)
    }
}

impl<T> From<Nullable<T>> for Option<T> {
    fn from(value: Nullable<T>) -> Self {
        value.into_option()
    }
}

/// An object of a known shape, or, where a schema leaves the type open, any other JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum ObjectOr<T> {
    /// The object.
    Object(T),
    /// A value of another kind, to which the schema's members do not apply.
    Other(Json),
}

/// Bytes, which travel as Base64: `format: byte` (RFC 4648, section 4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Base64(pub Vec<u8>);

/// Reads an array whose items `read_item` reads.
///
/// # Errors
///
/// [`Invalid`] when the next value is no array or an item does not fit.
pub fn read_array<T>(
    reader: &mut Reader<'_>,
    read_item: fn(&mut Reader<'_>) -> Result<T, Invalid>,
) -> Result<Vec<T>, Invalid> {
    let mut items = Vec::new();
    reader.begin_array()?;
    while reader.element()? {
        items.push(read_item(reader)?);
    }
    Ok(items)
}

/// Reads an object with arbitrary member names, whose values `read_value` reads.
///
/// # Errors
///
/// [`Invalid`] when the next value is no object or a member does not fit.
pub fn read_map<T>(
    reader: &mut Reader<'_>,
    read_value: fn(&mut Reader<'_>) -> Result<T, Invalid>,
) -> Result<Map<T>, Invalid> {
    let mut members = Map::new();
    reader.begin_object()?;
    while let Some(key) = reader.key()? {
        members.insert(key.into_owned(), read_value(reader)?);
    }
    Ok(members)
}

/// Reads `null`, or whatever `read` reads.
///
/// # Errors
///
/// [`Invalid`] when the next value is neither.
pub fn read_nullable<T>(
    reader: &mut Reader<'_>,
    read: fn(&mut Reader<'_>) -> Result<T, Invalid>,
) -> Result<Nullable<T>, Invalid> {
    if reader.kind()? == Kind::Null {
        reader.null()?;
        Ok(Nullable::Null)
    } else {
        read(reader).map(Nullable::Value)
    }
}

/// Reads an object with `read`, or any other value as it is.
///
/// # Errors
///
/// [`Invalid`] when the object does not fit, or the text is no JSON.
pub fn read_object_or<T>(
    reader: &mut Reader<'_>,
    read: fn(&mut Reader<'_>) -> Result<T, Invalid>,
) -> Result<ObjectOr<T>, Invalid> {
    if reader.kind()? == Kind::Object {
        read(reader).map(ObjectOr::Object)
    } else {
        Json::read(reader).map(ObjectOr::Other)
    }
}

impl<T: Read> Read for Nullable<T> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Invalid> {
        read_nullable(reader, T::read)
    }
}

impl<T: Read> Read for ObjectOr<T> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Invalid> {
        read_object_or(reader, T::read)
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Invalid> {
        read_array(reader, T::read)
    }
}

impl<T: Read> Read for Map<T> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Invalid> {
        read_map(reader, T::read)
    }
}

impl<T: Read> Read for Box<T> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Invalid> {
        T::read(reader).map(Box::new)
    }
}

impl Read for () {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Invalid> {
        reader.null()
    }
}

impl Read for bool {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Invalid> {
        reader.boolean()
    }
}

impl Read for String {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Invalid> {
        reader.string().map(std::borrow::Cow::into_owned)
    }
}

impl Read for Uuid {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Invalid> {
        let text = reader.string()?;
        // The crate would take braces and the `urn:` form too.
        if is_uuid(&text) {
            Uuid::try_parse(&text).map_err(|_| Invalid)
        } else {
            Err(Invalid)
        }
    }
}

impl Read for Date {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Invalid> {
        parse_date(&reader.string()?).ok_or(Invalid)
    }
}

impl Read for DateTime {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Invalid> {
        parse_date_time(&reader.string()?).ok_or(Invalid)
    }
}

impl Read for Base64 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Invalid> {
        parse_bytes(&reader.string()?).map(Base64).ok_or(Invalid)
    }
}

impl<T: Write> Write for Nullable<T> {
    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Null => writer.raw("null"),
            Self::Value(value) => value.write(writer),
        }
    }
}

impl<T: Write> Write for ObjectOr<T> {
    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Object(value) => value.write(writer),
            Self::Other(value) => value.write(writer),
        }
    }
}

impl<T: Write> Write for Vec<T> {
    fn write(&self, writer: &mut Writer) {
        self.as_slice().write(writer);
    }
}

impl<T: Write> Write for [T] {
    fn write(&self, writer: &mut Writer) {
        writer.begin_array();
        let mut items = self.iter();
        if let Some(first) = items.next() {
            first.write(writer);
        }
        for item in items {
            writer.raw(",");
            item.write(writer);
        }
        writer.end_array();
    }
}

impl<T: Write> Write for Map<T> {
    fn write(&self, writer: &mut Writer) {
        writer.begin_object();
        writer.members(self);
        writer.end_object();
    }
}

impl<T: Write + ?Sized> Write for Box<T> {
    fn write(&self, writer: &mut Writer) {
        (**self).write(writer);
    }
}

impl<T: Write + ?Sized> Write for &T {
    fn write(&self, writer: &mut Writer) {
        (**self).write(writer);
    }
}

impl Write for () {
    fn write(&self, writer: &mut Writer) {
        writer.raw("null");
    }
}

impl Write for bool {
    fn write(&self, writer: &mut Writer) {
        if *self {
            writer.raw("true");
        } else {
            writer.raw("false");
        }
    }
}

impl Write for String {
    fn write(&self, writer: &mut Writer) {
        writer.string(self);
    }
}

impl Write for str {
    fn write(&self, writer: &mut Writer) {
        writer.string(self);
    }
}

impl Write for Uuid {
    fn write(&self, writer: &mut Writer) {
        let mut buffer = Uuid::encode_buffer();
        writer.string(self.hyphenated().encode_lower(&mut buffer));
    }
}

impl Write for Date {
    fn write(&self, writer: &mut Writer) {
        writer.string(&self.format("%Y-%m-%d").to_string());
    }
}

impl Write for DateTime {
    fn write(&self, writer: &mut Writer) {
        // RFC 3339 allows a fraction of any length: as many digits as are needed, at least three.
        let nanoseconds = self.nanosecond() % 1_000_000_000;
        let digits = if nanoseconds.is_multiple_of(1_000_000) {
            chrono::SecondsFormat::Millis
        } else if nanoseconds.is_multiple_of(1_000) {
            chrono::SecondsFormat::Micros
        } else {
            chrono::SecondsFormat::Nanos
        };
        writer.string(&self.to_rfc3339_opts(digits, true));
    }
}

impl Write for Base64 {
    fn write(&self, writer: &mut Writer) {
        use base64::Engine;
        writer.string(&base64::engine::general_purpose::STANDARD.encode(&self.0));
    }
}

#[cfg(test)]
#[path = "types_tests.rs"]
mod tests;
