//! Reading the members of an object with the types that the specification gives them.

use super::Lowering;
use super::documents::At;
use super::lifecycle;
use crate::model::{Dialect, Json};
use crate::suggest;
use crate::values::of_node;
use crate::yaml::{Mapping, Node, Value, advice};

/// An object of the specification and the keys it may have.
pub(super) struct Kind {
    /// As the specification names it: `Operation Object`.
    pub name: &'static str,
    /// The keys of both versions.
    pub keys: &'static [&'static str],
    /// The keys that came with 3.1.
    pub keys_31: &'static [&'static str],
}

/// The extensions of specwright, each with the objects that it belongs to.
const OURS: &[(&str, &str)] = &[
    (super::bodies::UNDECLARED, "Request Body Object"),
    (lifecycle::SINCE, "OpenAPI Object"),
    (lifecycle::SINCE, "Operation Object"),
    (lifecycle::SUNSET, "OpenAPI Object"),
    (lifecycle::SUNSET, "Operation Object"),
    (super::rules::IGNORE_CASE, "OpenAPI Object"),
    (super::rules::UNKNOWN, "OpenAPI Object"),
    (super::rules::UNKNOWN, "Operation Object"),
    (super::rules::CONDITIONAL, "Operation Object"),
    (super::hal::HAL, "Operation Object"),
    (super::naming::ENCODED_COMMAS, "Parameter Object"),
    (super::naming::FIELDS, "Parameter Object"),
    (super::naming::ORDER_BY, "Parameter Object"),
];

impl<'a> Lowering<'a, '_> {
    /// The members of an object, its unknown keys reported.
    pub(super) fn object(&mut self, at: &At<'a>, kind: &Kind) -> Option<&'a Mapping> {
        let Some(mapping) = at.node.as_mapping() else {
            self.wrong_type(at, &format!("the {}", kind.name), "an object");
            return None;
        };
        for entry in mapping.iter() {
            let key = entry.key.as_str();
            let known = kind.keys.contains(&key)
                || self.dialect != Dialect::OpenApi30 && kind.keys_31.contains(&key);
            if known || is_extension(key) {
                self.check_extension(key, kind, entry.key_span);
                continue;
            }
            let message = format!("`{key}` is no key of the {}", kind.name);
            let newer = kind.keys_31.contains(&key);
            let close = suggest::closest(key, kind.keys.iter().copied());
            // An unknown key of a path item is an operation that nobody would serve.
            let diagnostic = match kind.name {
                "Path Item Object" => {
                    self.diagnostics
                        .error("unknown-keyword", entry.key_span, message)
                }
                _ => self
                    .diagnostics
                    .warning("unknown-keyword", entry.key_span, message),
            };
            match close {
                _ if newer => diagnostic.help("it came with OpenAPI 3.1, and this document is 3.0"),
                Some(close) => diagnostic.help(format!("did you mean `{close}`?")),
                None => {
                    diagnostic.help("remove it, or begin its name with `x-` if it is an extension")
                }
            };
        }
        Some(mapping)
    }

    fn check_extension(&mut self, key: &str, kind: &Kind, span: crate::source::Span) {
        if !key.starts_with("x-specwright-") {
            return;
        }
        let places = || OURS.iter().filter(|(known, _)| *known == key);
        if places().next().is_none() {
            let message = format!("specwright has no extension `{key}`");
            let close = suggest::closest(key, OURS.iter().map(|(known, _)| *known));
            let diagnostic = self.diagnostics.warning("unknown-keyword", span, message);
            if let Some(close) = close {
                diagnostic.help(format!("did you mean `{close}`?"));
            }
        } else if !places().any(|(_, place)| *place == kind.name) {
            let places: Vec<_> = places().map(|(_, place)| *place).collect();
            let message = format!("`{key}` has no effect in the {}", kind.name);
            let help = format!("it belongs to the {}", places.join(" or the "));
            self.diagnostics
                .warning("misplaced-extension", span, message)
                .help(help);
        }
    }

    /// A map with free keys: `None` when absent; not being an object is reported.
    pub(super) fn map(&mut self, at: &At<'a>, key: &str) -> Option<At<'a>> {
        let value = at.get(key)?;
        if value.node.as_mapping().is_none() {
            self.wrong_type(&value, &format!("`{key}`"), "an object");
            return None;
        }
        Some(value)
    }

    /// A list: `None` when absent; not being an array is reported.
    pub(super) fn list(&mut self, at: &At<'a>, key: &str) -> Option<At<'a>> {
        let value = at.get(key)?;
        if value.node.as_sequence().is_none() {
            self.wrong_type(&value, &format!("`{key}`"), "an array");
            return None;
        }
        Some(value)
    }

    /// A string: `None` when absent; anything else is reported.
    pub(super) fn text(&mut self, at: &At<'a>, key: &str) -> Option<&'a str> {
        let node = at.node.get(key)?;
        let text = node.as_str();
        if text.is_none() {
            self.wrong_type_of(node, &format!("`{key}`"), "a string");
        }
        text
    }

    /// A string that must be there.
    pub(super) fn required_text(&mut self, at: &At<'a>, key: &str) -> Option<&'a str> {
        if at.node.get(key).is_none() {
            self.missing(at, key);
        }
        self.text(at, key)
    }

    /// Strings that are only for people and clients: their form is checked.
    pub(super) fn plain_texts(&mut self, at: &At<'a>, keys: &[&str]) {
        for key in keys {
            self.text(at, key);
        }
    }

    /// Reports two keys of which an object may have one.
    pub(super) fn either(&mut self, at: &At<'a>, one: &str, other: &str) {
        let (Some(first), Some(second)) = (at.get(one), at.get(other)) else {
            return;
        };
        let message = format!("`{one}` and `{other}` cannot stand side by side");
        self.diagnostics
            .error("exclusive-keys", second.key_span, message)
            .related(first.key_span, format!("`{one}` stands here"))
            .help("remove one of the two");
    }

    /// A string, owned; empty when absent.
    pub(super) fn prose(&mut self, at: &At<'a>, key: &str) -> String {
        self.text(at, key).unwrap_or_default().to_owned()
    }

    /// A boolean: `None` when absent; anything else is reported.
    pub(super) fn flag(&mut self, at: &At<'a>, key: &str) -> Option<bool> {
        let node = at.node.get(key)?;
        match node.value {
            Value::Bool(value) => Some(value),
            _ => {
                self.wrong_type_of(node, &format!("`{key}`"), "true or false");
                None
            }
        }
    }

    /// A list of strings; empty when absent.
    pub(super) fn texts(&mut self, at: &At<'a>, key: &str) -> Vec<(&'a str, At<'a>)> {
        let mut out = Vec::new();
        for item in self.list(at, key).into_iter().flat_map(|list| list.items()) {
            match item.node.as_str() {
                Some(text) => out.push((text, item)),
                None => self.wrong_type(&item, &format!("an item of `{key}`"), "a string"),
            }
        }
        out
    }

    /// Reports a value of the wrong type.
    pub(super) fn wrong_type(&mut self, at: &At<'a>, what: &str, expected: &str) {
        self.wrong_type_of(at.node, what, expected);
    }

    /// Reports a value of the wrong type.
    pub(super) fn wrong_type_of(&mut self, node: &Node, what: &str, expected: &str) {
        if node.is_unreadable() {
            return;
        }
        let message = format!("{what} must be {expected}, and this is {}", node.kind());
        self.diagnostics
            .error("wrong-type", node.span, message)
            .help(advice(node, expected));
    }

    /// Reports a key that the specification asks for.
    pub(super) fn missing(&mut self, at: &At<'a>, key: &str) {
        let message = format!("`{key}` is missing here");
        self.diagnostics
            .error("missing-key", at.key_span, message)
            .help(format!("add `{key}`"));
    }
}

/// OAS 3.1, Specification Extensions.
pub(super) fn is_extension(key: &str) -> bool {
    key.starts_with("x-")
}

/// The `x-` members.
pub(super) fn extensions(mapping: &Mapping) -> Vec<(String, Json)> {
    mapping
        .iter()
        .filter(|entry| is_extension(&entry.key))
        .map(|entry| (entry.key.clone(), of_node(&entry.value)))
        .collect()
}
