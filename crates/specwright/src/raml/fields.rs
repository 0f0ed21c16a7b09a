//! Reading the facets of a node with the types that RAML gives them.

use super::Lowering;
use super::documents::Header;
use crate::source::Span;
use crate::suggest;
use crate::yaml::{Entry, Mapping, Node, Value, advice};

/// A kind of node and the facets it may have. Annotations may stand on every kind.
pub(super) struct Facets {
    /// As messages call it: `a method`.
    pub name: &'static str,
    /// The facets.
    pub keys: &'static [&'static str],
    /// Whether keys that begin with a slash are nested resources.
    pub resources: bool,
    /// The typed fragment that may stand here whole.
    pub fragment: Option<Header>,
}

/// An annotation's key: `(name)`.
pub(super) fn annotation_name(key: &str) -> Option<&str> {
    key.strip_prefix('(')?.strip_suffix(')')
}

/// Whether a text has a parameter of a resource type or trait in it.
pub(super) fn has_parameter(text: &str) -> bool {
    text.find("<<").is_some_and(|at| text[at..].contains(">>"))
}

/// The value of a node that may be written with annotations, as `{value: …, (annotation): …}`
/// (RAML 1.0, Annotating Scalar-valued Nodes).
pub(super) fn plain(node: &Node) -> &Node {
    match node.as_mapping() {
        Some(members) if is_annotated(members) => {
            members.get("value").map_or(node, |entry| &entry.value)
        }
        _ => node,
    }
}

fn is_annotated(members: &Mapping) -> bool {
    members.get("value").is_some()
        && members
            .iter()
            .all(|entry| entry.key == "value" || annotation_name(&entry.key).is_some())
}

impl Lowering<'_> {
    /// The facets of a node: `None` when it is empty, or no object, which is reported, as unknown
    /// facets are.
    pub(super) fn facets<'n>(&mut self, node: &'n Node, kind: &Facets) -> Option<&'n Mapping> {
        self.check_fragment(node, kind);
        let members = self.mapping(node, kind.name)?;
        for entry in members.iter() {
            let key = entry.key.as_str();
            let known = kind.keys.contains(&key)
                || annotation_name(key).is_some()
                || kind.resources && key.starts_with('/');
            if !known {
                self.unknown_facet(entry, kind);
            }
        }
        Some(members)
    }

    /// Reports a facet that the kind of node does not have.
    pub(super) fn unknown_facet(&mut self, entry: &Entry, kind: &Facets) {
        let key = &entry.key;
        let message = format!("`{key}` is no facet of {}", kind.name);
        let help = match suggest::closest(key, kind.keys.iter().copied()) {
            Some(close) => format!("did you mean `{close}`?"),
            None if key.starts_with('/') => {
                "nested resources stand in resources alone, not in resource types".to_owned()
            }
            None => format!("remove it, or declare an annotation and write `({key})`"),
        };
        self.diagnostics
            .error("unknown-facet", entry.key_span, message)
            .help(help);
    }

    /// Reports a typed fragment that stands where another kind is asked for.
    pub(super) fn check_fragment(&mut self, node: &Node, kind: &Facets) {
        let Some(found) = self.documents.fragment(node) else {
            return;
        };
        let whole = matches!(found, Header::Api | Header::Overlay | Header::Extension);
        if kind.fragment == Some(found) || whole {
            return;
        }
        let message = format!("{} cannot be a {} fragment", kind.name, found.name());
        let diagnostic = self
            .diagnostics
            .error("misplaced-fragment", node.span, message);
        if let Some(expected) = kind.fragment {
            diagnostic.help(format!(
                "a file that stands here begins with `#%RAML 1.0 {}`",
                expected.name()
            ));
        }
    }

    /// A string: `None` when absent; anything else is reported. Numbers and booleans are taken for
    /// the text that was written.
    pub(super) fn text(&mut self, members: &Mapping, key: &str) -> Option<(String, Span)> {
        let node = &members.get(key)?.value;
        self.text_of(node, &format!("`{key}`"))
    }

    /// The string that a node is.
    pub(super) fn text_of(&mut self, node: &Node, what: &str) -> Option<(String, Span)> {
        let node = plain(node);
        let text = match &node.value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => {
                let source = &self.sources.get(node.span.file).text;
                let written = source.get(node.span.start as usize..node.span.end as usize);
                written.unwrap_or_default().trim().to_owned()
            }
            _ => {
                self.wrong_type(node, what, "a string");
                return None;
            }
        };
        Some((text, node.span))
    }

    /// The items of a list of strings; a single one may stand without brackets.
    pub(super) fn texts(&mut self, members: &Mapping, key: &str) -> Vec<(String, Span)> {
        let Some(entry) = members.get(key) else {
            return Vec::new();
        };
        let node = plain(&entry.value);
        let items = node.as_sequence().unwrap_or(std::slice::from_ref(node));
        let what = format!("an item of `{key}`");
        items
            .iter()
            .filter_map(|item| self.text_of(item, &what))
            .collect()
    }

    /// A boolean: `None` when absent; anything else is reported.
    pub(super) fn flag(&mut self, members: &Mapping, key: &str) -> Option<bool> {
        let node = plain(&members.get(key)?.value);
        match node.value {
            Value::Bool(value) => Some(value),
            _ => {
                self.wrong_type(node, &format!("`{key}`"), "true or false");
                None
            }
        }
    }

    /// Reports a value of the wrong type.
    pub(super) fn wrong_type(&mut self, node: &Node, what: &str, expected: &str) {
        if node.is_unreadable() {
            return;
        }
        let message = format!("{what} must be {expected}, and this is {}", node.kind());
        let mut members = node.as_mapping().into_iter().flat_map(Mapping::iter);
        let is_annotated = members.any(|entry| annotation_name(&entry.key).is_some());
        let help = match is_annotated && expected != "an object" {
            true => "write the value under `value`, beside the annotations".to_owned(),
            false => advice(node, expected),
        };
        self.diagnostics
            .error("wrong-type", node.span, message)
            .help(help);
    }

    /// Reports a facet that must be there. `at` is the node that misses it.
    pub(super) fn missing(&mut self, at: Span, key: &str, of: &str) {
        let message = format!("{of} must have `{key}`");
        self.diagnostics
            .error("missing-key", at, message)
            .help(format!("add `{key}`"));
    }
}
