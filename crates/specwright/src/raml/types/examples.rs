//! `example` and `examples`: read, and kept in the schema, where they are checked against it.

use super::kinds::Kind;
use super::shape::Shape;
use crate::raml::annotations::Target;
use crate::raml::documents::{Header, included_text};
use crate::raml::fields::annotation_name;
use crate::raml::{Lowering, build};
use crate::source::Span;
use crate::yaml::{self, Entry, Mapping, Node, UNCHECKED, Value};

impl Lowering<'_> {
    /// The examples of a declaration as a list; `None` when it has none.
    pub(super) fn examples(&mut self, members: &Mapping, shape: &Shape) -> Option<Node> {
        let one = members.get("example");
        let several = members.get("examples");
        if let (Some(one), Some(several)) = (one, several) {
            self.diagnostics
                .error(
                    "exclusive-facets",
                    several.key_span,
                    "a declaration has either `example` or `examples`",
                )
                .related(one.key_span, "the other one")
                .help("move the single example into `examples`, with a name");
        }
        let mut out = Vec::new();
        if let Some(entry) = one {
            out.push(self.example(&entry.value, shape));
        }
        if let Some(entry) = several {
            self.examples_by_name(entry, shape, &mut out);
        }
        let span = one.or(several)?.key_span;
        Some(build::list(span, out))
    }

    /// RAML 1.0, Multiple Examples: a map of names, or a fragment that holds one.
    fn examples_by_name(&mut self, entry: &Entry, shape: &Shape, out: &mut Vec<Node>) {
        let Some(examples) = entry.value.as_mapping() else {
            if !matches!(entry.value.value, Value::Null) {
                self.wrong_type(&entry.value, "`examples`", "an object of examples by name");
                self.last_help("give each example a name, or write `example` for a single one");
            }
            return;
        };
        for example in examples.clone().iter() {
            if annotation_name(&example.key).is_none() {
                out.push(self.example(&example.value, shape));
            }
        }
    }

    /// One example: a value, or an object that holds the value and what is said of it.
    fn example(&mut self, node: &Node, shape: &Shape) -> Node {
        if self.documents.fragment(node) == Some(Header::NamedExample)
            && let Some(members) = node.as_mapping()
            && explicit(members, shape).is_none()
            && members.len() == 1
            && let Some(only) = members.iter().next()
        {
            // RAML 1.0, NamedExample: the fragment holds the name too.
            return self.example(&only.value.clone(), shape);
        }
        let Some(members) = node
            .as_mapping()
            .filter(|members| explicit(members, shape).is_some())
        else {
            return self.typed_value(node, shape);
        };
        let members = members.clone();
        let strict = self.flag(&members, "strict");
        self.text(&members, "displayName");
        self.text(&members, "description");
        self.annotations(&members, &[Target::Example]);
        let value = members.get("value").map(|entry| entry.value.clone());
        let mut value = match value {
            Some(value) => self.typed_value(&value, shape),
            None => build::node(node.span, Value::Null),
        };
        if strict == Some(false) {
            value.tag = Some(UNCHECKED.into());
        }
        value
    }

    /// A value as the type means it: text that is JSON where the type is no string, and XML left
    /// unchecked.
    pub(super) fn typed_value(&mut self, node: &Node, shape: &Shape) -> Node {
        let included = included_text(node).is_some();
        let bare = build::node(node.span, node.value.clone());
        let Some(text) = node.as_str() else {
            return bare;
        };
        if shape.kind.is_scalar() && shape.kind != Kind::Nil {
            return match included && shape.kind.json() != Some(crate::model::Type::String) {
                true => yaml::parse_json_value(node.span.file, text).map_or(bare, |parsed| Node {
                    span: node.span,
                    ..parsed
                }),
                false => bare,
            };
        }
        let start = text.trim_start();
        if start.starts_with('<') {
            return Node {
                tag: Some(UNCHECKED.into()),
                ..bare
            };
        }
        let object = matches!(shape.kind, Kind::Object | Kind::Array);
        if !included && !start.starts_with(['{', '[']) {
            return bare;
        }
        match self.parsed(node, text) {
            Some(parsed) => parsed,
            None if object => {
                self.diagnostics
                    .error("invalid-example", node.span, "this text is no JSON")
                    .help("correct it, or write the value in YAML");
                Node {
                    tag: Some(UNCHECKED.into()),
                    ..bare
                }
            }
            None => bare,
        }
    }

    /// A text as JSON. Its parts stand where they do in an included file, and where the text begins
    /// otherwise.
    pub(super) fn parsed(&self, node: &Node, text: &str) -> Option<Node> {
        let whole = self.sources.get(node.span.file).text == text;
        let parsed = yaml::parse_json(node.span.file, text)?;
        Some(match whole {
            true => parsed,
            false => moved(parsed, node.span),
        })
    }
}

/// The members of an example that holds its value under `value`. A type may have a property that is
/// called so: an instance of it is told by its value, which is then no object (RAML 1.0, Defining
/// Examples).
fn explicit<'m>(members: &'m Mapping, shape: &Shape) -> Option<&'m Mapping> {
    let known = |key: &str| matches!(key, "value" | "strict" | "displayName" | "description");
    let plain = members
        .iter()
        .all(|entry| known(&entry.key) || annotation_name(&entry.key).is_some());
    let is_property = shape
        .properties
        .iter()
        .any(|property| !property.is_pattern && property.name == "value");
    let value = members.get("value")?;
    let is_instance = is_property && members.len() == 1 && value.value.as_mapping().is_none();
    (plain && !is_instance).then_some(members)
}

/// The same tree with every part at one place.
fn moved(node: Node, span: Span) -> Node {
    let value = match node.value {
        Value::Sequence(items) => {
            Value::Sequence(items.into_iter().map(|item| moved(item, span)).collect())
        }
        Value::Mapping(members) => {
            let mut out = Mapping::default();
            for entry in members.into_entries() {
                out.put(Entry {
                    key: entry.key,
                    key_span: span,
                    value: moved(entry.value, span),
                });
            }
            Value::Mapping(out)
        }
        other => other,
    };
    build::node(span, value)
}
