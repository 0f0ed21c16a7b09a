//! Numbers that lose no digit, and the reading and writing of those that Rust has.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use crate::decimal::Decimal;
use crate::read::{Invalid, Read, Reader};
use crate::scan::scan_number;
use crate::write::{Write, Writer};

/// Integers with up to this many trailing zeros are written out in full.
const ZEROS_IN_FULL: i64 = 64;

/// The largest number of `format: float`, and the smallest when negated.
const FLOAT_MAX: &str = "3.4028234663852886e38";
/// The largest number of `format: double`, and the smallest when negated.
const DOUBLE_MAX: &str = "1.7976931348623157e308";

/// Any JSON number, in the digits it was written with.
///
/// Numbers compare by value: `1`, `1.0` and `10e-1` are equal.
#[derive(Clone)]
pub struct Number(Text);

/// Short texts are held in place, so that reading an ordinary number allocates nothing.
#[derive(Clone)]
enum Text {
    Short { length: u8, bytes: [u8; 22] },
    Long(Box<str>),
}

impl Number {
    /// Takes text that has been scanned as a JSON number.
    fn of_text(text: &str) -> Self {
        let mut bytes = [0; 22];
        match (bytes.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(text.as_bytes());
                Self(Text::Short { length, bytes })
            }
            _ => Self(Text::Long(text.into())),
        }
    }

    /// The digits as they were written.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Short { length, bytes } => {
                let bytes = bytes.get(..usize::from(*length)).unwrap_or_default();
                std::str::from_utf8(bytes).unwrap_or("0")
            }
            Text::Long(text) => text,
        }
    }

    /// The nearest floating point number; infinite when the number is larger than any.
    pub fn to_f64(&self) -> f64 {
        self.as_str().parse().unwrap_or(f64::NAN)
    }

    /// The value as an integer of 64 bits, when it is one: `5.0` is 5.
    pub fn to_i64(&self) -> Option<i64> {
        self.decimal().to_i64()
    }

    fn decimal(&self) -> Decimal<'_> {
        Decimal::new(self.as_str())
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.decimal().compare(&other.decimal())
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Default for Number {
    fn default() -> Self {
        Self::of_text("0")
    }
}

impl FromStr for Number {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match scan_number(text.as_bytes(), 0) {
            Ok(end) if end == text.len() => Ok(Self::of_text(text)),
            _ => Err(Invalid),
        }
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self::of_text(itoa::Buffer::new().format(value))
    }
}

impl From<i32> for Number {
    fn from(value: i32) -> Self {
        Self::from(i64::from(value))
    }
}

impl TryFrom<f64> for Number {
    type Error = Invalid;

    /// The shortest digits that read back as `value`, which must be finite.
    fn try_from(value: f64) -> Result<Self, Invalid> {
        if value.is_finite() {
            Ok(Self::of_text(&format!("{value:?}")))
        } else {
            Err(Invalid)
        }
    }
}

/// An integer of any size.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Integer(Size);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Size {
    Small(i64),
    /// Canonical text of an integer that `i64` cannot hold.
    Big(Box<str>),
}

impl Integer {
    fn of_decimal(decimal: &Decimal<'_>) -> Option<Self> {
        if let Some(small) = decimal.to_i64() {
            return Some(Self(Size::Small(small)));
        }
        if !decimal.is_integer() {
            return None;
        }
        let mut text = String::new();
        if decimal.negative {
            text.push('-');
        }
        text.extend(decimal.digits().map(char::from));
        // A short text can mean more digits than memory holds, as 1e999999999 does.
        match decimal.exponent() {
            zeros @ 0..=ZEROS_IN_FULL => text.extend((0..zeros).map(|_| '0')),
            exponent => text.push_str(&format!("e{exponent}")),
        }
        Some(Self(Size::Big(text.into())))
    }

    /// The value, when 64 bits hold it.
    pub fn to_i64(&self) -> Option<i64> {
        match self.0 {
            Size::Small(value) => Some(value),
            Size::Big(_) => None,
        }
    }

    fn with_decimal<T>(&self, use_it: impl FnOnce(&Decimal<'_>) -> T) -> T {
        match &self.0 {
            Size::Small(value) => use_it(&Decimal::new(itoa::Buffer::new().format(*value))),
            Size::Big(text) => use_it(&Decimal::new(text)),
        }
    }
}

impl PartialOrd for Integer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Integer {
    fn cmp(&self, other: &Self) -> Ordering {
        self.with_decimal(|left| other.with_decimal(|right| left.compare(right)))
    }
}

impl fmt::Display for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Size::Small(value) => value.fmt(f),
            Size::Big(text) => f.write_str(text),
        }
    }
}

impl fmt::Debug for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Default for Integer {
    fn default() -> Self {
        Self::from(0_i64)
    }
}

impl FromStr for Integer {
    type Err = Invalid;

    /// Reads an integer as JSON writes it, `5.0` and `1e2` included.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        to_integer(&text.parse()?)
    }
}

macro_rules! integer_from {
    ($($type:ty),*) => {$(
        impl From<$type> for Integer {
            fn from(value: $type) -> Self {
                Self(Size::Small(i64::from(value)))
            }
        }
    )*};
}

integer_from!(i8, i16, i32, i64, u8, u16, u32);

impl From<u64> for Integer {
    fn from(value: u64) -> Self {
        match i64::try_from(value) {
            Ok(small) => Self(Size::Small(small)),
            Err(_) => Self(Size::Big(value.to_string().into())),
        }
    }
}

/// The number as an integer: `5.0` and `1e2` are integers.
///
/// # Errors
///
/// [`Invalid`] when it has a fraction.
pub fn to_integer(number: &Number) -> Result<Integer, Invalid> {
    Integer::of_decimal(&number.decimal()).ok_or(Invalid)
}

/// The floating point number nearest to `number`.
///
/// # Errors
///
/// [`Invalid`] beyond the range of `format: double`.
pub fn to_f64(number: &Number) -> Result<f64, Invalid> {
    double(number.as_str())
}

/// The floating point number of 32 bits nearest to `number`.
///
/// # Errors
///
/// [`Invalid`] beyond the range of `format: float`.
pub fn to_f32(number: &Number) -> Result<f32, Invalid> {
    float(number.as_str())
}

fn double(text: &str) -> Result<f64, Invalid> {
    let value: f64 = text.parse().map_err(|_| Invalid)?;
    // Near the edge a number may round into the range from outside.
    if value.abs() < f64::MAX || within(text, DOUBLE_MAX) {
        Ok(value)
    } else {
        Err(Invalid)
    }
}

fn float(text: &str) -> Result<f32, Invalid> {
    let value: f32 = text.parse().map_err(|_| Invalid)?;
    if value.abs() < f32::MAX {
        Ok(value)
    } else if within(text, FLOAT_MAX) {
        // The written bound lies a little above the largest float, and may round to infinity.
        Ok(value.clamp(f32::MIN, f32::MAX))
    } else {
        Err(Invalid)
    }
}

fn within(text: &str, limit: &str) -> bool {
    let magnitude = text.strip_prefix('-').unwrap_or(text);
    Decimal::new(magnitude).compare(&Decimal::new(limit)) != Ordering::Greater
}

/// A JSON number as an integer of 64 bits.
fn small(text: &str) -> Result<i64, Invalid> {
    match text.parse() {
        Ok(value) => Ok(value),
        Err(_) => Decimal::new(text).to_i64().ok_or(Invalid),
    }
}

impl Read for i64 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Invalid> {
        small(reader.number()?)
    }
}

impl Read for i32 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Invalid> {
        i32::try_from(small(reader.number()?)?).map_err(|_| Invalid)
    }
}

impl Read for f64 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Invalid> {
        double(reader.number()?)
    }
}

impl Read for f32 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Invalid> {
        float(reader.number()?)
    }
}

impl Read for Number {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Invalid> {
        reader.number().map(Self::of_text)
    }
}

impl Read for Integer {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Invalid> {
        let text = reader.number()?;
        match text.parse() {
            Ok(value) => Ok(Self(Size::Small(value))),
            Err(_) => Self::of_decimal(&Decimal::new(text)).ok_or(Invalid),
        }
    }
}

impl Write for i64 {
    fn write(&self, writer: &mut Writer) {
        match u16::try_from(*self) {
            Ok(value @ ..=9_999) => write_below_ten_thousand(value, writer),
            _ => writer.raw(itoa::Buffer::new().format(*self)),
        }
    }
}

impl Write for i32 {
    fn write(&self, writer: &mut Writer) {
        i64::from(*self).write(writer);
    }
}

/// The numbers below one hundred in two digits.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut number = 0;
    while number < 100 {
        // A quotient and a remainder of ten, of numbers below one hundred, are digits.
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
};

/// The last two digits of a number.
#[inline]
fn pair(number: u16) -> [u8; 2] {
    PAIRS[usize::from(number % 100)]
}

/// Counts, pages and most ids are as small as this, and cost a third of what any number costs.
#[inline]
fn write_below_ten_thousand(value: u16, writer: &mut Writer) {
    let [c, d] = pair(value);
    match value {
        0..=9 => writer.bytes([d]),
        10..=99 => writer.bytes([c, d]),
        100..=999 => writer.bytes([pair(value / 100)[1], c, d]),
        _ => {
            let [a, b] = pair(value / 100);
            writer.bytes([a, b, c, d]);
        }
    }
}

impl Write for f64 {
    /// The shortest digits that read back as the value; JSON has no infinities, they are `null`.
    fn write(&self, writer: &mut Writer) {
        if let Some(hundredths) = hundredths(*self) {
            write_hundredths(hundredths, writer);
        } else if self.is_finite() {
            writer.raw(zmij::Buffer::new().format_finite(*self));
        } else {
            writer.raw("null");
        }
    }
}

/// The value in hundredths, where that is exactly what it reads as. Prices and ratings mostly are,
/// and no text of so few digits is another one of the same value, so that it is the shortest.
fn hundredths(value: f64) -> Option<u32> {
    // A conversion stays within the bounds of its type (and makes none of what is no number).
    let hundredths = (value * 100.0 + 0.5) as u32;
    (value.is_sign_positive() && f64::from(hundredths) / 100.0 == value).then_some(hundredths)
}

fn write_hundredths(hundredths: u32, writer: &mut Writer) {
    i64::from(hundredths / 100).write(writer);
    // A remainder of one hundred fits.
    let [tens, ones] = pair((hundredths % 100) as u16);
    if ones == b'0' {
        writer.bytes([b'.', tens]);
    } else {
        writer.bytes([b'.', tens, ones]);
    }
}

impl Write for f32 {
    /// As for `f64`.
    fn write(&self, writer: &mut Writer) {
        if self.is_finite() {
            writer.raw(zmij::Buffer::new().format_finite(*self));
        } else {
            writer.raw("null");
        }
    }
}

impl Write for Number {
    fn write(&self, writer: &mut Writer) {
        writer.raw(self.as_str());
    }
}

impl Write for Integer {
    fn write(&self, writer: &mut Writer) {
        match &self.0 {
            Size::Small(value) => value.write(writer),
            Size::Big(text) => writer.raw(text),
        }
    }
}

#[cfg(test)]
#[path = "number_tests.rs"]
mod tests;
