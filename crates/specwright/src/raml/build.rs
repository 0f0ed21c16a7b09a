//! Making the nodes of the OpenAPI document.

use crate::source::Span;
use crate::yaml::{Entry, Mapping, Node, Value};

/// A node that stands for the place `span` of the RAML sources.
pub(super) fn node(span: Span, value: Value) -> Node {
    Node {
        span,
        value,
        tag: None,
    }
}

/// A string.
pub(super) fn text(span: Span, text: impl Into<String>) -> Node {
    node(span, Value::String(text.into()))
}

/// A boolean.
pub(super) fn flag(span: Span, value: bool) -> Node {
    node(span, Value::Bool(value))
}

/// A list.
pub(super) fn list(span: Span, items: Vec<Node>) -> Node {
    node(span, Value::Sequence(items))
}

/// `{$ref: '#/components/schemas/<name>'}`
pub(super) fn schema_reference(span: Span, name: &str) -> Node {
    let pointer = name.replace('~', "~0").replace('/', "~1");
    let mut object = Object::new(span);
    object.put(
        "$ref",
        span,
        text(span, format!("#/components/schemas/{pointer}")),
    );
    object.finish()
}

/// An object that is being made, its members in the order they are put.
pub(super) struct Object {
    span: Span,
    members: Mapping,
}

impl Object {
    /// An empty object that stands for the place `span`.
    pub fn new(span: Span) -> Self {
        Self {
            span,
            members: Mapping::default(),
        }
    }

    /// Adds a member, or gives one that is there another value.
    pub fn put(&mut self, key: impl Into<String>, key_span: Span, value: Node) {
        self.members.put(Entry {
            key: key.into(),
            key_span,
            value,
        });
    }

    /// Adds a member whose key stands where its value does, or gives it another value.
    pub fn set(&mut self, key: &str, value: Node) {
        self.put(key, value.span, value);
    }

    /// Whether there is a member under `key`.
    pub fn has(&self, key: &str) -> bool {
        self.members.get(key).is_some()
    }

    /// Whether nothing was put.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The member under `key`.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.members.get(key).map(|entry| &entry.value)
    }

    /// The node.
    pub fn finish(self) -> Node {
        node(self.span, Value::Mapping(self.members))
    }
}
