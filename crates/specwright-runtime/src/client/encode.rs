//! Parameters: from typed values to the text of paths, queries, headers and cookies (OAS 3.1,
//! Style Values).
//!
//! What was written is read again by the functions that the server reads it with: a value that
//! would arrive as another one is refused before anything is sent.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::tree::{Node, Tree};
use crate::json::value_of;
use crate::operation::{Location, Parameter, Style};
use crate::pairs::Pairs;
use crate::params::{self, Garbled, Sources};
use crate::shape::Shape;
use crate::write::Writer;

/// Where written parameters go.
#[derive(Debug, Default)]
pub struct Written {
    /// The values of path parameters, percent-encoded.
    pub path: Vec<(&'static str, String)>,
    /// `name=value` pairs with `&` between them, percent-encoded.
    pub query: String,
    /// Headers.
    pub headers: HeaderMap,
    /// `name=value` pairs with `; ` between them, percent-encoded.
    pub cookies: String,
}

/// Why a value is not written.
pub enum Unwritten {
    /// Nothing stands for it in its style: it is as if it were absent.
    Hollow,
    /// It would be read as another value.
    Garbled,
    /// It cannot stand in a header.
    Header,
    /// It cannot be empty.
    Empty,
}

impl From<Garbled> for Unwritten {
    fn from(_: Garbled) -> Self {
        Self::Garbled
    }
}

impl Unwritten {
    /// Why, as a sentence part.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Hollow => "it is required, and nothing stands for an empty value in its style",
            Self::Garbled => {
                "the server would read it as another value, in the style of the contract"
            }
            Self::Header => "it cannot stand in a header",
            Self::Empty => "a path parameter must not be empty",
        }
    }
}

/// How a value spreads over text.
#[derive(Clone, Copy)]
pub struct Spread<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its style.
    pub style: Style,
    /// Whether parts stand on their own.
    pub explode: bool,
    /// What a reader takes it for.
    pub shape: &'a Shape,
    /// Which characters stay as they are.
    pub keep: Keep,
}

/// Which characters stay as they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// All of them: headers are not percent-encoded.
    All,
    /// The unreserved ones (RFC 3986, section 2.3).
    Unreserved,
    /// The unreserved ones without the dot, which separates in the style `label`.
    NoDot,
    /// Reserved ones too, as far as a query stays one (OAS 3.1, `allowReserved`).
    Reserved,
}

impl Keep {
    fn keeps(self, byte: u8) -> bool {
        let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        match self {
            Self::All => true,
            Self::Unreserved => unreserved,
            Self::NoDot => unreserved && byte != b'.',
            Self::Reserved => unreserved || b":/?@!$'()*,;=".contains(&byte),
        }
    }

    /// Percent-encodes what does not stay (RFC 3986, section 2.1).
    pub fn encode(self, text: &str) -> Cow<'_, str> {
        if text.bytes().all(|byte| self.keeps(byte)) {
            return Cow::Borrowed(text);
        }
        let mut encoded = String::with_capacity(text.len() + 8);
        for byte in text.bytes() {
            if self.keeps(byte) {
                encoded.push(char::from(byte));
            } else {
                // Writing to a string cannot fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
        Cow::Owned(encoded)
    }
}

/// Writes a parameter.
///
/// # Errors
///
/// When nothing in its style stands for the value.
pub fn parameter(
    parameter: &'static Parameter,
    all: &'static [&'static Parameter],
    reserved: bool,
    json: &str,
    written: &mut Written,
) -> Result<(), Unwritten> {
    let tree = Tree::parse(json).map_err(|_| Unwritten::Garbled)?;
    let spread = Spread {
        name: parameter.name,
        style: parameter.style,
        explode: parameter.explode,
        shape: &parameter.shape,
        keep: match (parameter.location, parameter.style) {
            (Location::Header, _) => Keep::All,
            (_, Style::Label) => Keep::NoDot,
            (Location::Query, _) if reserved => Keep::Reserved,
            _ => Keep::Unreserved,
        },
    };
    let mut own = Written::default();
    match parameter.location {
        Location::Path => own.path.push((parameter.name, path_text(&spread, &tree)?)),
        Location::Header => {
            let name = HeaderName::from_bytes(parameter.name.as_bytes());
            let value = HeaderValue::from_bytes(text(&spread, &tree)?.as_bytes());
            match (name, value) {
                (Ok(name), Ok(value)) => own.headers.insert(name, value),
                _ => return Err(Unwritten::Header),
            };
        }
        Location::Query => own.query = joined(&spread.pairs(&tree)?, "&")?,
        Location::Cookie => own.cookies = joined(&spread.pairs(&tree)?, "; ")?,
    }
    own.verify(parameter, all, json)?;
    written.add(own);
    Ok(())
}

fn joined(pairs: &[(String, String)], between: &str) -> Result<String, Unwritten> {
    if pairs.is_empty() {
        return Err(Unwritten::Hollow);
    }
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    Ok(pairs.join(between))
}

impl Written {
    fn add(&mut self, more: Self) {
        self.path.extend(more.path);
        self.headers.extend(more.headers);
        self.add_query(&more.query);
        add(&mut self.cookies, &more.cookies, "; ");
    }

    /// Adds pairs to the query.
    pub fn add_query(&mut self, pairs: &str) {
        add(&mut self.query, pairs, "&");
    }

    /// Adds pairs to the cookies.
    pub fn add_cookie(&mut self, pair: &str) {
        add(&mut self.cookies, pair, "; ");
    }

    /// Reads a parameter as the server will.
    fn verify(
        &self,
        parameter: &'static Parameter,
        all: &'static [&'static Parameter],
        json: &str,
    ) -> Result<(), Unwritten> {
        let mut path = String::new();
        let values: Vec<(&'static str, Range<usize>)> = self
            .path
            .iter()
            .map(|(name, value)| {
                let start = path.len();
                path.push_str(value);
                (*name, start..path.len())
            })
            .collect();
        let cookies = match self.cookies.as_str() {
            "" => HeaderMap::new(),
            cookies => {
                let value = HeaderValue::from_str(cookies).map_err(|_| Unwritten::Header)?;
                HeaderMap::from_iter([(http::header::COOKIE, value)])
            }
        };
        let headers = if cookies.is_empty() {
            &self.headers
        } else {
            &cookies
        };
        let sources = Sources {
            path: &path,
            values: &values,
            query: &Pairs::of_query(&self.query),
            headers,
            all,
        };
        let mut read = Writer::default();
        let found = params::write(parameter, &sources, &mut read)?;
        if found && is_same(read.as_bytes(), json) {
            Ok(())
        } else {
            Err(Unwritten::Garbled)
        }
    }
}

fn add(text: &mut String, more: &str, between: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push_str(between);
    }
    text.push_str(more);
}

/// Whether two JSON texts say the same.
pub fn is_same(read: &[u8], json: &str) -> bool {
    if read == json.as_bytes() {
        return true;
    }
    let read = std::str::from_utf8(read).ok().and_then(value_of);
    read.is_some() && read == value_of(json).map(without_hollow)
}

/// Members that no style can write are left out where they are.
fn without_hollow(value: Value) -> Value {
    let hollow = |value: &Value| match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .filter(|(_, value)| !hollow(value))
                .map(|(name, value)| (name, without_hollow(value)))
                .collect(),
        ),
        other => other,
    }
}

/// The text of a path parameter.
fn path_text(spread: &Spread<'_>, tree: &Tree<'_>) -> Result<String, Unwritten> {
    let text = text(spread, tree)?;
    match text.as_str() {
        "" => Err(Unwritten::Empty),
        // RFC 3986, section 5.2.4: such a segment would be taken out of the path.
        "." | ".." if spread.style == Style::Simple => Ok(text.replace('.', "%2E")),
        _ => Ok(text),
    }
}

/// One text in the style `simple`, `label` or `matrix`.
fn text(spread: &Spread<'_>, tree: &Tree<'_>) -> Result<String, Unwritten> {
    let Spread {
        name,
        style,
        explode,
        shape,
        keep,
    } = *spread;
    let token = |shape: &Shape, tree: &Tree<'_>| -> Result<String, Unwritten> {
        Ok(keep.encode(tree.token(shape)?).into_owned())
    };
    let named = |value: String| match value.as_str() {
        "" => name.to_owned(),
        value => format!("{name}={value}"),
    };
    let between = match (style, explode) {
        (Style::Label, true) => ".",
        (Style::Matrix, true) => ";",
        _ => ",",
    };
    let start = match style {
        Style::Label => ".",
        Style::Matrix => ";",
        _ => "",
    };
    let body = match (&tree.node, shape.items()) {
        (Node::Array(items), Some(shape)) => {
            let items = items.iter().map(|item| token(shape, item));
            let items: Vec<String> = if style == Style::Matrix && explode {
                items
                    .map(|item| item.map(named))
                    .collect::<Result<_, _>>()?
            } else {
                items.collect::<Result<_, _>>()?
            };
            items.join(between)
        }
        (Node::Object(members), _) if shape.is_object() => {
            let mut parts = Vec::new();
            for (key, value) in members {
                let value = token(shape.member(key), value)?;
                let key = keep.encode(key);
                parts.push(if explode {
                    format!("{key}={value}")
                } else {
                    format!("{key},{value}")
                });
            }
            parts.join(between)
        }
        _ => token(shape, tree)?,
    };
    let divided = matches!(tree.node, Node::Array(_) | Node::Object(_));
    Ok(match style {
        Style::Matrix if !(divided && explode) => format!("{start}{}", named(body)),
        _ => format!("{start}{body}"),
    })
}

impl Spread<'_> {
    /// `name=value` pairs in the style `form`, `spaceDelimited`, `pipeDelimited` or `deepObject`.
    ///
    /// # Errors
    ///
    /// When the value has parts that have no text.
    pub fn pairs(&self, tree: &Tree<'_>) -> Result<Vec<(String, String)>, Unwritten> {
        let mut pairs = Vec::new();
        let name = self.encode(self.name);
        match (&tree.node, self.shape.items()) {
            (Node::Object(members), _) if self.shape.is_object() => {
                self.object(members, &name, &mut pairs)?;
            }
            (Node::Array(items), Some(shape)) if self.explode => {
                for item in items {
                    pairs.push((name.clone(), self.value(shape, item)?));
                }
            }
            (Node::Array(items), Some(shape)) => {
                let items = items.iter().map(|item| self.value(shape, item));
                let items: Vec<String> = items.collect::<Result<_, _>>()?;
                pairs.push((name, items.join(self.separator())));
            }
            _ => pairs.push((name, self.value(self.shape, tree)?)),
        }
        Ok(pairs)
    }

    fn separator(&self) -> &'static str {
        match self.style {
            Style::SpaceDelimited => "%20",
            Style::PipeDelimited => "%7C",
            _ => ",",
        }
    }

    /// Names are never written with reserved characters.
    fn encode(&self, name: &str) -> String {
        Keep::Unreserved.encode(name).into_owned()
    }

    fn value(&self, shape: &Shape, tree: &Tree<'_>) -> Result<String, Unwritten> {
        let text = tree.token(shape)?;
        let text = self.keep.encode(text);
        let divides = self.keep == Keep::Reserved && !self.explode;
        Ok(if divides {
            text.replace(',', "%2C")
        } else {
            text.into_owned()
        })
    }

    fn object(
        &self,
        members: &[(Cow<'_, str>, Tree<'_>)],
        name: &str,
        pairs: &mut Vec<(String, String)>,
    ) -> Result<(), Unwritten> {
        if self.style == Style::DeepObject {
            for (key, value) in members {
                let name = format!("{name}%5B{}%5D", self.encode(key));
                self.deep(&name, self.shape.member(key), value, pairs)?;
            }
            return Ok(());
        }
        if self.explode {
            for (key, value) in members {
                let member = self.shape.member(key);
                let name = self.encode(key);
                self.repeated(&name, member, value, pairs)?;
            }
            return Ok(());
        }
        let mut parts = Vec::new();
        for (key, value) in members {
            parts.push(self.encode(key));
            parts.push(self.value(self.shape.member(key), value)?);
        }
        pairs.push((name.to_owned(), parts.join(self.separator())));
        Ok(())
    }

    /// One pair, or one for each item.
    fn repeated(
        &self,
        name: &str,
        shape: &Shape,
        tree: &Tree<'_>,
        pairs: &mut Vec<(String, String)>,
    ) -> Result<(), Unwritten> {
        match (&tree.node, shape.items()) {
            (Node::Array(items), Some(shape)) => {
                for item in items {
                    pairs.push((name.to_owned(), self.value(shape, item)?));
                }
            }
            _ => pairs.push((name.to_owned(), self.value(shape, tree)?)),
        }
        Ok(())
    }

    /// `name[key]=value` to any depth.
    pub fn deep(
        &self,
        name: &str,
        shape: &Shape,
        tree: &Tree<'_>,
        pairs: &mut Vec<(String, String)>,
    ) -> Result<(), Unwritten> {
        match (&tree.node, shape.items()) {
            (Node::Object(members), _) if shape.is_object() => {
                for (key, value) in members {
                    let name = format!("{name}%5B{}%5D", self.encode(key));
                    self.deep(&name, shape.member(key), value, pairs)?;
                }
                Ok(())
            }
            (Node::Array(items), Some(shape)) if shape.is_object() || shape.items().is_some() => {
                for (index, item) in items.iter().enumerate() {
                    self.deep(&format!("{name}%5B{index}%5D"), shape, item, pairs)?;
                }
                Ok(())
            }
            _ => self.repeated(name, shape, tree, pairs),
        }
    }
}
