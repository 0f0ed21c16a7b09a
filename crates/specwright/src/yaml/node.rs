use super::UNREADABLE;
use crate::source::Span;
use std::collections::HashMap;

/// A value of the document.
#[derive(Clone, Debug)]
pub struct Node {
    /// From its first byte to one past its last; a block collection's may reach to the next token.
    pub span: Span,
    /// What it holds.
    pub value: Value,
    /// A local tag such as `!include`, with its exclamation mark.
    pub tag: Option<Box<str>>,
}

/// What a [`Node`] holds: the data model of JSON.
#[derive(Clone, Debug)]
pub enum Value {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true` or `false`
    Bool(bool),
    /// The number's text, in JSON's grammar.
    Number(String),
    /// A string.
    String(String),
    /// A sequence.
    Sequence(Vec<Node>),
    /// A mapping.
    Mapping(Mapping),
}

impl Node {
    /// Whether it stands for a value that could not be read, which has been reported.
    pub(crate) fn is_unreadable(&self) -> bool {
        self.tag.as_deref() == Some(UNREADABLE)
    }

    /// The text, when this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The members, when this is a mapping.
    pub fn as_mapping(&self) -> Option<&Mapping> {
        match &self.value {
            Value::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    /// The items, when this is a sequence.
    pub fn as_sequence(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The value under `key`, when this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_mapping()?.get(key).map(|entry| &entry.value)
    }

    /// What it is, for messages: `a string`, `an object`.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Sequence(_) => "an array",
            Value::Mapping(_) => "an object",
        }
    }
}

/// One member of a mapping.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key; an integer key such as `200` as its text.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// The members of a mapping in document order, with unique keys.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    entries: Vec<Entry>,
    /// Only kept for mappings in which a scan would be slow. Boxed, because there is one in every
    /// node, and few are used.
    #[expect(clippy::box_collection)]
    index: Option<Box<HashMap<String, usize>>>,
}

/// Up to this many entries a scan is faster than hashing.
const SCANNED: usize = 16;

impl Mapping {
    /// The members in document order.
    pub fn iter(&self) -> std::slice::Iter<'_, Entry> {
        self.entries.iter()
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The member under `key`.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        match &self.index {
            Some(index) => self.entries.get(*index.get(key)?),
            None => self.entries.iter().find(|entry| entry.key == key),
        }
    }

    /// The member under `key`, to be changed.
    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Entry> {
        match &self.index {
            Some(index) => self.entries.get_mut(*index.get(key)?),
            None => self.entries.iter_mut().find(|entry| entry.key == key),
        }
    }

    /// Adds a member, or puts it in the place of the one with its key.
    pub(crate) fn put(&mut self, entry: Entry) {
        match self.get_mut(&entry.key) {
            Some(known) => *known = entry,
            None => self.push(entry),
        }
    }

    /// The members, in document order.
    pub(crate) fn into_entries(self) -> Vec<Entry> {
        self.entries
    }

    /// Adds a member whose key is not there yet.
    pub(super) fn push(&mut self, entry: Entry) {
        if let Some(index) = &mut self.index {
            index.insert(entry.key.clone(), self.entries.len());
        }
        self.entries.push(entry);
        if self.index.is_none() && self.entries.len() > SCANNED {
            let keys = self.entries.iter().enumerate();
            let keys = keys.map(|(at, entry)| (entry.key.clone(), at));
            self.index = Some(Box::new(keys.collect()));
        }
    }
}
