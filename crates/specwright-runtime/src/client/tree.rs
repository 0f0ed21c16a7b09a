//! A JSON text taken apart, so that its parts can be written in the styles of parameters.

use std::borrow::Cow;

use crate::params::Garbled;
use crate::read::{Invalid, Kind, Reader};
use crate::shape::Shape;
use crate::write::Writer;

/// A JSON value with the text of each part.
#[derive(Debug)]
pub struct Tree<'a> {
    /// The JSON text.
    pub raw: &'a str,
    /// What it is.
    pub node: Node<'a>,
}

/// What a JSON value is.
#[derive(Debug)]
pub enum Node<'a> {
    /// `null`, `true`, `false` or a number.
    Word,
    /// A string.
    Text(Cow<'a, str>),
    /// Items.
    Array(Vec<Tree<'a>>),
    /// Members.
    Object(Vec<(Cow<'a, str>, Tree<'a>)>),
}

impl<'a> Tree<'a> {
    /// Takes a JSON text apart.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when it is none.
    pub fn parse(raw: &'a str) -> Result<Self, Invalid> {
        let mut reader = Reader::new(raw);
        let node = match reader.kind()? {
            Kind::Null | Kind::Boolean | Kind::Number => Node::Word,
            Kind::String => Node::Text(reader.string()?),
            Kind::Array => {
                let mut items = Vec::new();
                reader.begin_array()?;
                while reader.element()? {
                    items.push(Self::parse(reader.raw()?)?);
                }
                Node::Array(items)
            }
            Kind::Object => {
                let mut members = Vec::new();
                reader.begin_object()?;
                while let Some(key) = reader.key()? {
                    members.push((key, Self::parse(reader.raw()?)?));
                }
                Node::Object(members)
            }
        };
        Ok(Self { raw, node })
    }

    /// The undivided text that a reader of this shape takes for the value.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn token(&self, shape: &Shape) -> Result<&str, Garbled> {
        let text = match &self.node {
            Node::Text(text) => text,
            _ => self.raw,
        };
        [text, self.raw]
            .into_iter()
            .find(|text| self.is_read_back(shape, text))
            .ok_or(Garbled::STYLE)
    }

    fn is_read_back(&self, shape: &Shape, text: &str) -> bool {
        let mut read = Writer::default();
        shape.write(text, &mut read);
        if read.as_bytes() == self.raw.as_bytes() {
            return true;
        }
        // The same string may be escaped in other ways.
        let Node::Text(own) = &self.node else {
            return false;
        };
        let mut written = Writer::default();
        written.string(own);
        read.as_bytes() == written.as_bytes()
    }
}
