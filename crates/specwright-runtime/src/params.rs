//! Parameters: from the text of paths, queries, headers and cookies to JSON (OAS 3.1, Style Values).

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use http::{HeaderMap, header};

use crate::explain::Violation;
use crate::operation::{Location, Parameter, Style};
use crate::pairs::{Claims, Pairs};
use crate::read::Kind;
use crate::shape::Shape;
use crate::write::{Write, Writer};

/// Why the text of a parameter stands for no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Garbled {
    /// The keyword of the violation.
    pub keyword: &'static str,
    /// What is wrong, as a sentence part.
    pub message: &'static str,
}

impl Garbled {
    /// `%` without two hexadecimal digits, or bytes that are no UTF-8.
    pub const ENCODING: Self = Self {
        keyword: "encoding",
        message: "must be percent-encoded UTF-8",
    };
    /// One value is expected, and several came.
    pub const REPEATED: Self = Self {
        keyword: "repeated",
        message: "must be given only once",
    };
    /// Names and values that do not pair up, or a prefix that is missing.
    pub const STYLE: Self = Self {
        keyword: "style",
        message: "must be written in the style of the contract",
    };
    /// Bytes in a header that are no text.
    pub const HEADER: Self = Self {
        keyword: "encoding",
        message: "must be UTF-8",
    };

    /// The violation of a parameter or field.
    pub fn at(self, pointer: &str) -> Violation {
        Violation::new(pointer, self.keyword, self.message, Kind::String)
    }
}

/// Where the values of parameters are.
pub struct Sources<'a> {
    /// The path as it was sent.
    pub path: &'a str,
    /// Where in it the values of its parameters are, by name.
    pub values: &'a [(&'static str, Range<usize>)],
    /// The pairs of the query.
    pub query: &'a Pairs<'a>,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// All parameters of the operation: what one of them claims is not left for another.
    pub all: &'static [&'static Parameter],
}

/// Appends the value of a parameter as JSON; `false` when the request has none.
///
/// # Errors
///
/// When the text stands for no value.
pub fn write(
    parameter: &'static Parameter,
    sources: &Sources<'_>,
    writer: &mut Writer,
) -> Result<bool, Garbled> {
    match parameter.location {
        Location::Path => {
            let mut values = sources.values.iter();
            let found = values.find(|(name, _)| *name == parameter.name);
            let Some(raw) = found.and_then(|(_, range)| sources.path.get(range.clone())) else {
                return Ok(false);
            };
            write_text(parameter, raw, true, writer).map(|()| true)
        }
        Location::Header => write_header(parameter, sources.headers, writer),
        Location::Query => {
            let claims = Claims::of(parameter, sources.all);
            sources.query.write(parameter.into(), &claims, writer)
        }
        Location::Cookie => {
            let claims = Claims::of(parameter, sources.all);
            let pairs = Pairs::of_cookies(sources.headers);
            pairs.write(parameter.into(), &claims, writer)
        }
    }
}

/// Appends the value of a header as JSON; `false` when there is none.
///
/// # Errors
///
/// When the text stands for no value.
pub fn write_header(
    parameter: &Parameter,
    headers: &HeaderMap,
    writer: &mut Writer,
) -> Result<bool, Garbled> {
    let mut values = headers.get_all(parameter.name).iter();
    let Some(first) = values.next() else {
        return Ok(false);
    };
    let first = std::str::from_utf8(first.as_bytes()).map_err(|_| Garbled::HEADER)?;
    let mut text = Cow::Borrowed(first.trim());
    for value in values {
        if parameter.shape.items().is_none() && !parameter.shape.is_object() {
            return Err(Garbled::REPEATED);
        }
        // RFC 9110, section 5.3: several lines are one list.
        let value = std::str::from_utf8(value.as_bytes()).map_err(|_| Garbled::HEADER)?;
        let text = text.to_mut();
        text.push(',');
        text.push_str(value);
    }
    write_text(parameter, &text, false, writer).map(|()| true)
}

/// How one text is taken apart.
struct Cut<'a> {
    text: &'a str,
    /// Between items, or between members.
    separator: char,
    /// Whether members are `key=value`; otherwise key and value follow one another.
    keyed: bool,
    encoded: bool,
}

fn write_text(
    parameter: &Parameter,
    raw: &str,
    encoded: bool,
    writer: &mut Writer,
) -> Result<(), Garbled> {
    let shape = &parameter.shape;
    let cut = cut(parameter, raw, encoded)?;
    if shape.is_object() && (cut.keyed || cut.text.contains(cut.separator)) {
        return cut.write_object(shape, writer);
    }
    match shape.items() {
        // Of several possible shapes an undivided text is the simple one.
        Some(items) if matches!(shape, Shape::Array(_)) || cut.text.contains(cut.separator) => {
            // Here every item has its name before it.
            if parameter.style == Style::Matrix && parameter.explode {
                return cut.write_array(parameter, items, writer);
            }
            let mut list = Writer::with_capacity(raw.len() + 2);
            cut.write_array(parameter, items, &mut list)?;
            shape.write_divided(&list, &cut.decode(cut.text)?, writer);
            Ok(())
        }
        _ => {
            let text = match parameter.style {
                Style::Matrix => matrix_value(cut.text, parameter.name).ok_or(Garbled::STYLE)?,
                _ => cut.text,
            };
            shape.write(&cut.decode(text)?, writer);
            Ok(())
        }
    }
}

fn cut<'a>(parameter: &Parameter, raw: &'a str, encoded: bool) -> Result<Cut<'a>, Garbled> {
    let explode = parameter.explode;
    let is_object = parameter.shape.is_object();
    let keyed = explode && is_object;
    let (text, separator) = match parameter.style {
        Style::Label => (
            raw.strip_prefix('.').ok_or(Garbled::STYLE)?,
            if explode { '.' } else { ',' },
        ),
        Style::Matrix => {
            let text = raw.strip_prefix(';').ok_or(Garbled::STYLE)?;
            match (explode, is_object || parameter.shape.items().is_some()) {
                (true, true) => (text, ';'),
                (false, true) => (
                    matrix_value(text, parameter.name).ok_or(Garbled::STYLE)?,
                    ',',
                ),
                (_, false) => (text, ';'),
            }
        }
        _ => (raw, ','),
    };
    Ok(Cut {
        text,
        separator,
        keyed,
        encoded,
    })
}

/// What follows `name=`; a bare name has an empty value (RFC 6570, section 3.2.7).
fn matrix_value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    match text.split_once('=') {
        Some((key, value)) => (key == name).then_some(value),
        None => (text == name).then_some(""),
    }
}

impl Cut<'_> {
    fn decode<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, Garbled> {
        if self.encoded {
            decode(text, false)
        } else {
            Ok(Cow::Borrowed(text.trim()))
        }
    }

    fn parts(&self) -> impl Iterator<Item = &str> {
        let text = if self.text.is_empty() {
            None
        } else {
            Some(self.text)
        };
        text.into_iter().flat_map(|text| text.split(self.separator))
    }

    fn write_array(
        &self,
        parameter: &Parameter,
        items: &Shape,
        writer: &mut Writer,
    ) -> Result<(), Garbled> {
        writer.begin_array();
        for part in self.parts() {
            let part = if parameter.style == Style::Matrix && parameter.explode {
                matrix_value(part, parameter.name).ok_or(Garbled::STYLE)?
            } else {
                part
            };
            writer.element(&Token(items, &self.decode(part)?));
        }
        writer.end_array();
        Ok(())
    }

    fn write_object(&self, shape: &Shape, writer: &mut Writer) -> Result<(), Garbled> {
        writer.begin_object();
        let mut parts = self.parts();
        let mut keys: HashSet<String> = HashSet::new();
        while let Some(part) = parts.next() {
            let (key, value) = if self.keyed {
                part.split_once('=').ok_or(Garbled::STYLE)?
            } else {
                (part, parts.next().ok_or(Garbled::STYLE)?)
            };
            let key = self.decode(key)?.into_owned();
            writer.member(&key, &Token(shape.member(&key), &self.decode(value)?));
            if !keys.insert(key) {
                return Err(Garbled::REPEATED);
            }
        }
        writer.end_object();
        Ok(())
    }
}

/// One undivided text of a shape.
pub(crate) struct Token<'a>(pub &'a Shape, pub &'a str);

impl Write for Token<'_> {
    fn write(&self, writer: &mut Writer) {
        self.0.write(self.1, writer);
    }
}

/// Undoes percent-encoding (RFC 3986, section 2.1), and `+` for a blank where forms are.
///
/// # Errors
///
/// When `%` is not followed by two hexadecimal digits, or the bytes are no UTF-8.
pub fn decode(text: &str, plus: bool) -> Result<Cow<'_, str>, Garbled> {
    let special = |&byte: &u8| byte == b'%' || (plus && byte == b'+');
    let Some(first) = text.as_bytes().iter().position(special) else {
        return Ok(Cow::Borrowed(text));
    };
    let (plain, rest) = text.as_bytes().split_at(first);
    let mut bytes = plain.to_vec();
    let mut rest = rest.iter();
    while let Some(&byte) = rest.next() {
        bytes.push(match byte {
            b'+' if plus => b' ',
            b'%' => {
                let mut digit = || char::from(*rest.next()?).to_digit(16);
                let value = digit().and_then(|high| Some(high * 16 + digit()?));
                value
                    .and_then(|value| u8::try_from(value).ok())
                    .ok_or(Garbled::ENCODING)?
            }
            other => other,
        });
    }
    String::from_utf8(bytes)
        .map(Cow::Owned)
        .map_err(|_| Garbled::ENCODING)
}

/// The first value of this name in a query, decoded.
pub fn query_value(query: &str, name: &str) -> Option<String> {
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if decode(key, true).ok()? != name {
            return None;
        }
        decode(value, true).ok().map(Cow::into_owned)
    })
}

/// The cookies of a request (RFC 6265, section 5.4), undecoded.
pub fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let values = headers.get_all(header::COOKIE).iter();
    let values = values.filter_map(|value| std::str::from_utf8(value.as_bytes()).ok());
    values
        .flat_map(|value| value.split(';'))
        .filter_map(|cookie| {
            let (name, value) = cookie.split_once('=')?;
            Some((name.trim(), value.trim()))
        })
}

#[cfg(test)]
#[path = "params_tests.rs"]
mod tests;
