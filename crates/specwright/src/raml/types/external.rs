//! Types that are defined by a JSON Schema of draft 3 or 4, or by an XML schema.
//!
//! A JSON Schema is rewritten in the words of 2020-12; what it refers to becomes components. XML
//! schemas are opaque: such values are passed on as text.

use super::expression::is_schema_text;
use super::kinds::Kind;
use super::reference;
use super::shape::Shape;
use crate::raml::Lowering;
use crate::raml::build::{self, Object};
use crate::raml::documents::included_text;
use crate::raml::scope::Declared;
use crate::source::{FileId, Span, normal};
use crate::values::patterns;
use crate::yaml::{Entry, Mapping, Node, Value};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A type in the words of another language.
#[derive(Clone, Debug)]
pub(in crate::raml) struct External {
    schema: Rc<Node>,
}

impl External {
    /// The schema, standing at `span`.
    pub fn schema(&self, _span: Span) -> Node {
        Node::clone(&self.schema)
    }
}

/// A JSON Schema document that is being rewritten.
#[derive(Clone)]
struct Document {
    root: Rc<Node>,
    /// Its file, when it has one of its own.
    path: Option<PathBuf>,
    /// What tells it from other documents.
    key: String,
    file: FileId,
}

impl Lowering<'_> {
    /// The shape of a type that is the text of a schema.
    pub(super) fn external_shape(&mut self, node: &Node) -> Shape {
        let span = node.span;
        let mut shape = Shape::plain(span, Kind::External);
        let (text, fragment) = match included_text(node) {
            Some((text, fragment)) => (text, fragment),
            None => (node.as_str().unwrap_or_default(), None),
        };
        let schema = match text.trim_start().starts_with('<') {
            true => Some(self.xml_schema(span)),
            false => self.json_schema(node, text, fragment),
        };
        match schema {
            Some(schema) => {
                shape.external = Some(External {
                    schema: Rc::new(schema),
                })
            }
            None => return Shape::faulty(span),
        }
        shape
    }

    /// Notes that a declared type is a JSON Schema, so that references to that lead to the type.
    pub(super) fn know_external(&mut self, name: &str, declared: &Declared) {
        let node = ["type", "schema"]
            .iter()
            .find_map(|key| declared.node.get(key))
            .unwrap_or(&declared.node);
        let Some(text) = node.as_str().filter(|text| is_schema_text(node, text)) else {
            return;
        };
        let fragment = included_text(node).and_then(|(_, fragment)| fragment);
        let (key, _) = self.document_key(node.span, text);
        let key = format!("{key}#{}", fragment.unwrap_or_default());
        self.types
            .known_definitions
            .entry(key)
            .or_insert_with(|| name.to_owned());
    }

    /// What tells a schema's document from others, and the file that it is the whole of.
    fn document_key(&self, span: Span, text: &str) -> (String, Option<PathBuf>) {
        let source = self.sources.get(span.file);
        let path = (source.text == text).then(|| normal(&source.path));
        let key = path.as_ref().map(|path| path.display().to_string());
        (key.unwrap_or_else(|| text.to_owned()), path)
    }

    fn xml_schema(&mut self, span: Span) -> Node {
        let message = "values of an XML schema are passed on as text, and not checked";
        let place = Span {
            end: span.start,
            ..span
        };
        self.diagnostics
            .warning("opaque-type", place, message)
            .help("describe the type in RAML as well, if it is sent as JSON");
        let mut out = Object::new(span);
        out.set("type", build::text(span, "string"));
        out.set("contentMediaType", build::text(span, "application/xml"));
        out.finish()
    }

    fn json_schema(&mut self, node: &Node, text: &str, fragment: Option<&str>) -> Option<Node> {
        let Some(root) = self.parsed(node, text) else {
            self.diagnostics
                .error(
                    "invalid-schema",
                    node.span,
                    "this text is no JSON Schema: it is no JSON",
                )
                .help("correct it; a type in RAML is written without braces and quotes");
            return None;
        };
        let (key, path) = self.document_key(node.span, text);
        let document = Document {
            key,
            root: Rc::new(root),
            path,
            file: node.span.file,
        };
        let pointer = fragment.unwrap_or_default();
        let target = self.target(&document, pointer, node.span)?;
        Some(self.rewritten(&document, &target))
    }

    /// The place in a document that the fragment of a reference names.
    fn target(&mut self, document: &Document, pointer: &str, from: Span) -> Option<Node> {
        let mut node = Node::clone(&document.root);
        for token in pointer.split('/').filter(|token| !token.is_empty()) {
            let token = token.replace("~1", "/").replace("~0", "~");
            let next = match &node.value {
                Value::Sequence(items) => token.parse().ok().and_then(|at: usize| items.get(at)),
                // A bare name stands for a definition.
                _ => node.get(&token).or_else(|| {
                    let definitions = node.get("definitions")?;
                    definitions
                        .get(&token)
                        .filter(|_| !pointer.starts_with('/'))
                }),
            };
            let Some(next) = next.cloned() else {
                let keys = node.as_mapping().into_iter().flat_map(Mapping::iter);
                let keys = keys.map(|entry| entry.key.as_str()).collect::<Vec<_>>();
                let close = crate::suggest::closest(&token, keys).map(str::to_owned);
                let message =
                    format!("the reference `#{pointer}` leads nowhere: there is no `{token}`");
                let diagnostic = self
                    .diagnostics
                    .error("unresolved-reference", from, message);
                if let Some(close) = close {
                    diagnostic.help(format!("did you mean `{close}`?"));
                }
                return None;
            };
            node = next;
        }
        Some(node)
    }

    /// A schema of draft 3 or 4 in the words of 2020-12. Recursion is bounded by the parser's depth
    /// limit.
    fn rewritten(&mut self, document: &Document, node: &Node) -> Node {
        let Some(members) = node.as_mapping() else {
            return match node.value {
                Value::Bool(_) => node.clone(),
                _ => {
                    self.wrong_type(node, "a schema", "an object");
                    Object::new(node.span).finish()
                }
            };
        };
        if let Some(entry) = members.get("$ref") {
            return self.referred(document, &entry.value);
        }
        let mut out = Object::new(node.span);
        for entry in members.iter() {
            self.keyword(document, members, entry, &mut out);
        }
        out.finish()
    }

    fn keyword(&mut self, document: &Document, members: &Mapping, entry: &Entry, out: &mut Object) {
        let value = &entry.value;
        let key = entry.key.as_str();
        let rewritten = match key {
            "$schema" | "id" | "$id" | "definitions" | "$defs" => return,
            "additionalItems"
                if members
                    .get("items")
                    .is_none_or(|items| items.value.as_sequence().is_none()) =>
            {
                return;
            }
            "type" => return self.types(document, value, out),
            "items" if value.as_sequence().is_some() => {
                return self.put_list(document, "prefixItems", entry, out);
            }
            "additionalItems" => ("items", self.rewritten(document, value)),
            "items"
            | "not"
            | "additionalProperties"
            | "contains"
            | "propertyNames"
            | "if"
            | "then"
            | "else" => (key, self.rewritten(document, value)),
            "allOf" | "anyOf" | "oneOf" => return self.put_list(document, key, entry, out),
            "extends" => {
                let list = match value.as_sequence() {
                    Some(items) => items
                        .iter()
                        .map(|item| self.rewritten(document, item))
                        .collect(),
                    None => vec![self.rewritten(document, value)],
                };
                ("allOf", build::list(value.span, list))
            }
            "disallow" => {
                let mut inner = Object::new(value.span);
                self.types(document, value, &mut inner);
                ("not", inner.finish())
            }
            "divisibleBy" => ("multipleOf", value.clone()),
            "properties" => return self.put_properties(document, entry, out),
            "patternProperties" => {
                let schemas = self.by_name(document, value);
                for (pattern, span, _) in &schemas {
                    if let Some(fault) = patterns::fault(pattern) {
                        let message = format!(
                            "the pattern `{pattern}` is no regular expression of ECMA-262: {fault}"
                        );
                        self.diagnostics
                            .error("invalid-pattern", *span, message)
                            .help(patterns::HELP);
                    }
                }
                (key, object(value.span, schemas))
            }
            "dependencies" => return self.put_dependencies(document, value, out),
            "minimum" | "maximum" => (limit(key, members), value.clone()),
            "exclusiveMinimum" | "exclusiveMaximum" if matches!(value.value, Value::Bool(_)) => {
                return;
            }
            "required" if matches!(value.value, Value::Bool(_)) => return,
            "required" => {
                let mut all = out
                    .get("required")
                    .and_then(Node::as_sequence)
                    .unwrap_or_default()
                    .to_vec();
                all.extend(value.as_sequence().unwrap_or_default().iter().cloned());
                (key, build::list(value.span, all))
            }
            _ => (key, value.clone()),
        };
        out.put(rewritten.0, entry.key_span, rewritten.1);
    }

    fn put_list(&mut self, document: &Document, key: &str, entry: &Entry, out: &mut Object) {
        let items = entry.value.as_sequence().unwrap_or_default();
        let items = items
            .iter()
            .map(|item| self.rewritten(document, item))
            .collect();
        out.put(key, entry.key_span, build::list(entry.value.span, items));
    }

    fn by_name(&mut self, document: &Document, node: &Node) -> Vec<(String, Span, Node)> {
        let members = node.as_mapping().into_iter().flat_map(Mapping::iter);
        members
            .map(|entry| {
                let schema = self.rewritten(document, &entry.value);
                (entry.key.clone(), entry.key_span, schema)
            })
            .collect()
    }

    /// Draft 3 says in a property that it is required.
    fn put_properties(&mut self, document: &Document, entry: &Entry, out: &mut Object) {
        let members = entry.value.as_mapping().into_iter().flat_map(Mapping::iter);
        let required = members
            .filter(|property| {
                let said = property.value.get("required").map(|node| &node.value);
                matches!(said, Some(Value::Bool(true)))
            })
            .map(|property| build::text(property.key_span, property.key.clone()))
            .collect::<Vec<_>>();
        let schemas = self.by_name(document, &entry.value);
        out.put(
            "properties",
            entry.key_span,
            object(entry.value.span, schemas),
        );
        if !required.is_empty() {
            let known = out
                .get("required")
                .and_then(Node::as_sequence)
                .unwrap_or_default();
            let all = known.iter().cloned().chain(required).collect();
            out.set("required", build::list(entry.value.span, all));
        }
    }

    fn put_dependencies(&mut self, document: &Document, node: &Node, out: &mut Object) {
        let (mut names, mut schemas) = (Object::new(node.span), Object::new(node.span));
        for entry in node.as_mapping().into_iter().flat_map(Mapping::iter) {
            match &entry.value.value {
                Value::Sequence(_) => {
                    names.put(entry.key.clone(), entry.key_span, entry.value.clone())
                }
                Value::String(_) => {
                    let list = build::list(entry.value.span, vec![entry.value.clone()]);
                    names.put(entry.key.clone(), entry.key_span, list);
                }
                _ => {
                    let schema = self.rewritten(document, &entry.value);
                    schemas.put(entry.key.clone(), entry.key_span, schema);
                }
            }
        }
        for (key, object) in [("dependentRequired", names), ("dependentSchemas", schemas)] {
            if !object.is_empty() {
                out.set(key, object.finish());
            }
        }
    }

    /// `type`: draft 3 has `any`, and schemas in place of names.
    fn types(&mut self, document: &Document, node: &Node, out: &mut Object) {
        let items = node.as_sequence().unwrap_or(std::slice::from_ref(node));
        let is_any = |item: &Node| item.as_str() == Some("any");
        if items.iter().any(is_any) {
            return;
        }
        if items.iter().all(|item| item.as_str().is_some()) {
            out.set("type", node.clone());
            return;
        }
        let branches = items.iter().map(|item| match item.as_str() {
            Some(_) => {
                let mut one = Object::new(item.span);
                one.set("type", item.clone());
                one.finish()
            }
            None => self.rewritten(document, item),
        });
        let branches = branches.collect();
        out.set("anyOf", build::list(node.span, branches));
    }

    /// A component for what a reference names.
    fn referred(&mut self, document: &Document, node: &Node) -> Node {
        let span = node.span;
        let nothing = || Object::new(span).finish();
        let Some(text) = node.as_str() else {
            self.wrong_type(node, "`$ref`", "a string");
            return nothing();
        };
        let (uri, fragment) = text.split_once('#').unwrap_or((text, ""));
        let target = match uri {
            "" => Some(document.clone()),
            _ => self.other_document(document, uri, node),
        };
        let Some(target) = target else {
            return nothing();
        };
        let key = format!("{}#{fragment}", target.key);
        if let Some(known) = self.types.known_definitions.get(&key) {
            return reference(span, known);
        }
        let Some(schema) = self.target(&target, fragment, span) else {
            return nothing();
        };
        let last = fragment.rsplit('/').find(|token| !token.is_empty());
        let stem = target.path.as_deref().and_then(Path::file_stem);
        let name = match (last, stem) {
            (Some(last), _) => last.to_owned(),
            (None, Some(stem)) => stem.to_string_lossy().into_owned(),
            (None, None) => "Schema".to_owned(),
        };
        let name = self.definition_name(&name);
        self.types.known_definitions.insert(key, name.clone());
        let value = self.rewritten(&target, &schema);
        self.types.definitions.push(Entry {
            key: name.clone(),
            key_span: schema.span,
            value,
        });
        reference(span, &name)
    }

    pub(super) fn definition_name(&self, name: &str) -> String {
        let plain =
            |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
        let name = name.replace(|character| !plain(character), "-");
        let taken = |name: &str| {
            self.types.declared.iter().any(|(known, _)| known == name)
                || self
                    .types
                    .known_definitions
                    .values()
                    .any(|known| known == name)
        };
        let mut free = name.clone();
        let mut number = 2;
        while taken(&free) {
            free = format!("{name}-{number}");
            number += 1;
        }
        free
    }

    /// The document of another file; references are relative to the file that they stand in.
    fn other_document(&mut self, document: &Document, uri: &str, node: &Node) -> Option<Document> {
        if uri.contains("://") || uri.starts_with("//") {
            let message = format!("the reference `{uri}` leads to another machine");
            self.diagnostics
                .error("remote-reference", node.span, message)
                .help("download the schema, keep it beside the contract and refer to the file");
            return None;
        }
        let from = document.path.clone();
        let from = from.unwrap_or_else(|| self.sources.get(document.file).path.clone());
        let path = normal(&from.parent().unwrap_or(Path::new("")).join(uri));
        let file = match self.sources.load(&path) {
            Ok(file) => file,
            Err(error) => {
                let message = format!("the file `{}` cannot be read: {error}", path.display());
                self.diagnostics
                    .error("unreadable-file", node.span, message)
                    .help("paths are relative to the file that refers to them");
                return None;
            }
        };
        let text = &self.sources.get(file).text;
        let Some(root) = crate::yaml::parse_json(file, text) else {
            let message = format!("the file `{}` is no JSON", path.display());
            self.diagnostics
                .error("invalid-schema", node.span, message)
                .help("refer to a file that holds a JSON Schema");
            return None;
        };
        Some(Document {
            root: Rc::new(root),
            key: path.display().to_string(),
            path: Some(path),
            file,
        })
    }
}

/// Draft 4 says beside a limit whether it is excluded.
fn limit<'k>(key: &'k str, members: &Mapping) -> &'k str {
    let (exclusive, word) = match key {
        "minimum" => ("exclusiveMinimum", "exclusiveMinimum"),
        _ => ("exclusiveMaximum", "exclusiveMaximum"),
    };
    let said = members.get(exclusive).map(|entry| &entry.value.value);
    match said {
        Some(Value::Bool(true)) => word,
        _ => key,
    }
}

fn object(span: Span, members: Vec<(String, Span, Node)>) -> Node {
    let mut out = Object::new(span);
    for (key, key_span, value) in members {
        out.put(key, key_span, value);
    }
    out.finish()
}
