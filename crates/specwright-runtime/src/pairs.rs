//! Names and values: queries, cookies and forms, in every style that spreads a value over pairs.

use std::borrow::Cow;

use http::HeaderMap;
use indexmap::IndexMap;

use crate::operation::{Encoding, Location, Parameter, Style};
use crate::params::{Garbled, Token, cookies, decode};
use crate::shape::Shape;
use crate::write::{Write, Writer};
use tree::{Grown, Tree, write_members};

mod tree;

/// The pairs of a query, of cookies or of a form: names decoded, values as they came.
#[derive(Debug, Default)]
pub struct Pairs<'a> {
    pairs: Vec<(Cow<'a, str>, &'a str)>,
    plus: bool,
    /// Whether names are matched without regard to case (`x-specwright-ignore-case`).
    ignore_case: bool,
}

/// What is looked for among pairs.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    name: &'a str,
    style: Style,
    explode: bool,
    allow_empty: bool,
    shape: &'a Shape,
}

impl From<&'static Parameter> for Wanted<'static> {
    fn from(parameter: &'static Parameter) -> Self {
        Self {
            name: parameter.name,
            style: parameter.style,
            explode: parameter.explode,
            allow_empty: parameter.allow_empty_value,
            shape: &parameter.shape,
        }
    }
}

/// The names that belong to others, so that an object without a name of its own leaves them.
pub struct Claims {
    own: &'static str,
    location: Location,
    others: &'static [&'static Parameter],
}

impl Claims {
    /// What the other parameters of an operation claim.
    pub fn of(parameter: &Parameter, all: &'static [&'static Parameter]) -> Self {
        Self {
            own: parameter.name,
            location: parameter.location,
            others: all,
        }
    }

    fn holds(&self, name: &str) -> bool {
        let mut others = self
            .others
            .iter()
            .filter(|other| other.location == self.location);
        others.any(|other| {
            let deep = other.style == Style::DeepObject
                && name
                    .strip_prefix(other.name)
                    .is_some_and(|rest| rest.starts_with('['));
            other.name != self.own && (other.name == name || deep)
        })
    }
}

fn decoded_name(name: &str, is_encoded: bool) -> Cow<'_, str> {
    if !is_encoded {
        return Cow::Borrowed(name);
    }
    // A name that cannot be decoded is no name that a contract could have.
    decode(name, true).unwrap_or(Cow::Borrowed(name))
}

impl<'a> Pairs<'a> {
    /// The pairs of a query or a form.
    pub fn of_query(query: &'a str) -> Self {
        let mut pairs = Vec::with_capacity(8);
        let mut start = 0;
        let mut equals = None;
        let mut is_encoded = false;
        let end = std::iter::once((query.len(), b'&'));
        for (at, byte) in query.bytes().enumerate().chain(end) {
            match byte {
                b'&' => {
                    let name = query.get(start..equals.unwrap_or(at)).unwrap_or_default();
                    let value = equals.and_then(|equals| query.get(equals + 1..at));
                    if at > start {
                        pairs.push((decoded_name(name, is_encoded), value.unwrap_or_default()));
                    }
                    (start, equals, is_encoded) = (at + 1, None, false);
                }
                b'=' if equals.is_none() => equals = Some(at),
                b'%' | b'+' if equals.is_none() => is_encoded = true,
                _ => {}
            }
        }
        Self {
            pairs,
            plus: true,
            ignore_case: false,
        }
    }

    /// The cookies of a request.
    pub fn of_cookies(headers: &'a HeaderMap) -> Self {
        let pairs = cookies(headers).map(|(name, value)| (Cow::Borrowed(name), value));
        Self {
            pairs: pairs.collect(),
            plus: false,
            ignore_case: false,
        }
    }

    /// Matches names without regard to case from now on.
    pub fn ignore_case(&mut self) {
        self.ignore_case = true;
    }

    /// Whether a name that came is this one.
    pub fn is_named(&self, came: &str, name: &str) -> bool {
        came == name || self.ignore_case && came.eq_ignore_ascii_case(name)
    }

    /// The pairs in their order: names decoded, values as they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.pairs.iter().map(|(name, value)| (&**name, *value))
    }

    fn decode(&self, value: &'a str) -> Result<Cow<'a, str>, Garbled> {
        decode(value, self.plus)
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.pairs
            .iter()
            .filter(move |(key, _)| self.is_named(key, name))
            .map(|&(_, value)| value)
    }

    /// The values of a name as they came, with commas between several.
    pub fn raw(&self, name: &str) -> String {
        self.values(name).collect::<Vec<_>>().join(",")
    }

    /// The only value of this name.
    fn single(&self, name: &str) -> Result<Option<&'a str>, Garbled> {
        let mut values = self.values(name);
        let first = values.next();
        if values.next().is_some() {
            Err(Garbled::REPEATED)
        } else {
            Ok(first)
        }
    }

    /// Appends the value as JSON; `false` when there is none.
    ///
    /// # Errors
    ///
    /// When the text stands for no value.
    pub fn write(
        &self,
        wanted: Wanted<'_>,
        claims: &Claims,
        writer: &mut Writer,
    ) -> Result<bool, Garbled> {
        if wanted.shape.is_object() {
            return match (wanted.style, wanted.explode) {
                (Style::DeepObject, _) => self.write_deep(wanted, writer),
                (_, true) => self.write_spread(wanted.shape, &|name| claims.holds(name), writer),
                (_, false) => self.write_listed(wanted, writer),
            };
        }
        match wanted.shape.items() {
            Some(items) => self.write_array(wanted, items, writer),
            None => self.write_scalar(wanted, writer),
        }
    }

    fn write_scalar(&self, wanted: Wanted<'_>, writer: &mut Writer) -> Result<bool, Garbled> {
        let Some(value) = self.single(wanted.name)? else {
            return Ok(false);
        };
        if value.is_empty() && wanted.allow_empty && !matches!(wanted.shape, Shape::String) {
            return Ok(false);
        }
        wanted.shape.write(&self.decode(value)?, writer);
        Ok(true)
    }

    fn write_array(
        &self,
        wanted: Wanted<'_>,
        items: &Shape,
        writer: &mut Writer,
    ) -> Result<bool, Garbled> {
        let name = wanted.name;
        if wanted.explode {
            let mut values = self.values(name).peekable();
            if values.peek().is_none() {
                return Ok(false);
            }
            // Of several possible shapes a lone text is the simple one.
            if !matches!(wanted.shape, Shape::Array(_)) && self.values(name).count() == 1 {
                return self.write_scalar(wanted, writer);
            }
            writer.begin_array();
            for value in values {
                writer.element(&Token(items, &self.decode(value)?));
            }
            writer.end_array();
            return Ok(true);
        }
        let Some(value) = self.single(name)? else {
            return Ok(false);
        };
        let parts = split(value, wanted.style);
        // Here too.
        if !matches!(wanted.shape, Shape::Array(_)) && parts.len() < 2 {
            return self.write_scalar(wanted, writer);
        }
        let mut list = Writer::with_capacity(value.len() + 2);
        list.begin_array();
        for part in parts {
            list.element(&Token(items, &self.decode(part)?));
        }
        list.end_array();
        wanted
            .shape
            .write_divided(&list, &self.decode(value)?, writer);
        Ok(true)
    }

    /// `name=key,value,key,value`
    fn write_listed(&self, wanted: Wanted<'_>, writer: &mut Writer) -> Result<bool, Garbled> {
        let Some(value) = self.single(wanted.name)? else {
            return Ok(false);
        };
        let mut members: IndexMap<Cow<'_, str>, Cow<'_, str>> = IndexMap::new();
        let mut parts = split(value, wanted.style).into_iter();
        while let Some(key) = parts.next() {
            let value = parts.next().ok_or(Garbled::STYLE)?;
            if members
                .insert(self.decode(key)?, self.decode(value)?)
                .is_some()
            {
                return Err(Garbled::REPEATED);
            }
        }
        writer.begin_object();
        for (key, value) in &members {
            writer.member(key, &Token(wanted.shape.member(key), value));
        }
        writer.end_object();
        Ok(true)
    }

    /// `key=value&key=value`, where names that others claim are left alone.
    fn write_spread(
        &self,
        shape: &Shape,
        claimed: &dyn Fn(&str) -> bool,
        writer: &mut Writer,
    ) -> Result<bool, Garbled> {
        let mut members: IndexMap<&str, Tree<'_>> = IndexMap::new();
        for (key, value) in &self.pairs {
            if !claimed(key) {
                let leaf = members.entry(&**key).or_insert_with(Tree::leaf);
                leaf.push(self.decode(value)?)?;
            }
        }
        if members.is_empty() {
            return Ok(false);
        }
        write_members(&members, shape, writer)?;
        Ok(true)
    }

    /// `name[key]=value`, to any depth; `name[key][]` and `name[key][0]` are items of an array.
    fn write_deep(&self, wanted: Wanted<'_>, writer: &mut Writer) -> Result<bool, Garbled> {
        let mut root = Tree::Branch(IndexMap::new());
        let mut any = false;
        for (key, value) in &self.pairs {
            let Some(path) = key
                .strip_prefix(wanted.name)
                .filter(|rest| rest.starts_with('['))
            else {
                continue;
            };
            any = true;
            root.insert(path, self.decode(value)?)?;
        }
        if any {
            Grown {
                tree: &root,
                shape: wanted.shape,
            }
            .check()?;
            Grown {
                tree: &root,
                shape: wanted.shape,
            }
            .write(writer);
        }
        Ok(any)
    }

    /// Appends a whole form as one object (OAS 3.1, Encoding Object).
    ///
    /// # Errors
    ///
    /// The field that stands for no value, and why.
    pub fn write_form(
        &self,
        shape: &Shape,
        encodings: &'static [Encoding],
        writer: &mut Writer,
    ) -> Result<(), (String, Garbled)> {
        let properties = match shape {
            Shape::Object { properties, .. } => *properties,
            _ => &[],
        };
        writer.begin_object();
        for (name, field) in properties {
            let encoding = encodings.iter().find(|encoding| encoding.property == *name);
            self.write_field(name, field, encoding, writer)
                .map_err(|garbled| ((*name).to_owned(), garbled))?;
        }
        let rest = Rest {
            pairs: self,
            shape,
            properties,
        };
        rest.write(writer)
            .map_err(|garbled| (String::new(), garbled))?;
        writer.end_object();
        Ok(())
    }

    fn write_field(
        &self,
        name: &'static str,
        shape: &Shape,
        encoding: Option<&Encoding>,
        writer: &mut Writer,
    ) -> Result<(), Garbled> {
        const JSON: Shape = Shape::Json;
        let bracketed = self.pairs.iter().any(|(key, _)| {
            key.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with('['))
        });
        let (style, explode) = match encoding {
            Some(encoding) => (encoding.style, encoding.explode),
            None if bracketed && shape.is_object() => (Style::DeepObject, true),
            None => (Style::Form, true),
        };
        // An object without an encoding of its own travels as JSON.
        let json = encoding.map_or(shape.is_object() && !bracketed, |encoding| encoding.json);
        let shape = if json { &JSON } else { shape };
        let wanted = Wanted {
            name,
            style,
            explode,
            allow_empty: false,
            shape,
        };
        let claims = Claims {
            own: name,
            location: Location::Query,
            others: &[],
        };
        let mut field = Writer::new();
        let spread = wanted.shape.is_object() && explode && style != Style::DeepObject;
        let found = if spread {
            let known = |key: &str| !wanted.shape.has(key);
            self.write_spread(wanted.shape, &known, &mut field)?
        } else {
            self.write(wanted, &claims, &mut field)?
        };
        if found {
            writer.member(name, &Text(field.as_bytes()));
        }
        Ok(())
    }
}

/// The fields of a form that have no property of their own.
struct Rest<'a> {
    pairs: &'a Pairs<'a>,
    shape: &'a Shape,
    properties: &'static [(&'static str, Shape)],
}

impl Rest<'_> {
    fn is_known(&self, name: &str) -> bool {
        self.properties.iter().any(|(property, shape)| {
            *property == name
                || name
                    .strip_prefix(property)
                    .is_some_and(|rest| rest.starts_with('['))
                || shape.has(name)
        })
    }

    fn write(&self, writer: &mut Writer) -> Result<(), Garbled> {
        // A form may have very many fields: each is looked at once.
        let mut fields: IndexMap<&str, Tree<'_>> = IndexMap::new();
        for (name, value) in &self.pairs.pairs {
            if !self.is_known(name) {
                let leaf = fields.entry(&**name).or_insert_with(Tree::leaf);
                leaf.push(self.pairs.decode(value)?)?;
            }
        }
        for (name, tree) in &fields {
            let field = Grown {
                tree,
                shape: self.shape.member(name),
            };
            field.check()?;
            writer.member(name, &field);
        }
        Ok(())
    }
}

/// Text that is JSON already.
struct Text<'a>(&'a [u8]);

impl Write for Text<'_> {
    fn write(&self, writer: &mut Writer) {
        writer.raw(std::str::from_utf8(self.0).unwrap_or("null"));
    }
}

/// Takes the text of several values apart; an empty text holds none.
pub(crate) fn split(value: &str, style: Style) -> Vec<&str> {
    if value.is_empty() {
        return Vec::new();
    }
    match style {
        Style::SpaceDelimited => value
            .split("%20")
            .flat_map(|part| part.split(['+', ' ']))
            .collect(),
        Style::PipeDelimited => value
            .split('|')
            .flat_map(|part| part.split("%7C").flat_map(|part| part.split("%7c")))
            .collect(),
        Style::Commas => value
            .split(',')
            .flat_map(|part| part.split("%2C").flat_map(|part| part.split("%2c")))
            .collect(),
        _ => value.split(',').collect(),
    }
}
