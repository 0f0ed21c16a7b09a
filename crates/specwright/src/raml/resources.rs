//! Resources to path items.

use super::Lowering;
use super::annotations::Target;
use super::apply::{Expanded, Method};
use super::build::{self, Object};
use super::documents::without;
use super::fields::Facets;
use super::methods::Optional;
use super::same_requests::Items;
use super::types::Untyped;
use crate::source::Span;
use crate::yaml::{Entry, Node, Value};
use std::collections::HashMap;

pub(super) const RESOURCE: Facets = Facets {
    name: "a resource",
    keys: &[
        "displayName",
        "description",
        "get",
        "patch",
        "put",
        "post",
        "delete",
        "options",
        "head",
        "is",
        "type",
        "securedBy",
        "uriParameters",
    ],
    resources: true,
    fragment: None,
};

/// What a resource takes over from those that it is nested in.
#[derive(Clone, Default)]
pub(super) struct Around {
    pub path: String,
    /// Declared path parameters, outermost first.
    pub parameters: Vec<Entry>,
    /// Whether the path is one of several, in which the values of a parameter are written out.
    pub is_written_out: bool,
}

/// What is made of all resources.
#[derive(Default)]
struct Paths {
    items: Items,
    /// Every path, with the place that gives it.
    known: HashMap<String, Span>,
}

impl Lowering<'_> {
    /// The resources of the root document as OpenAPI's `paths`.
    pub(super) fn paths(&mut self, document: &Node) -> Node {
        let mut paths = Paths::default();
        let members = document.as_mapping().cloned().unwrap_or_default();
        let resources = members.iter().filter(|entry| entry.key.starts_with('/'));
        for resource in resources {
            self.resource(resource, &Around::default(), &mut paths);
        }
        paths.items.finish(document.span)
    }

    /// Recursion is bounded by the depth limit of documents.
    fn resource(&mut self, resource: &Entry, around: &Around, paths: &mut Paths) {
        let path = format!("{}{}", around.path, resource.key);
        let sound = self.check_path(&path, resource.key_span);
        self.facets(&resource.value, &RESOURCE);
        let Expanded { facets, methods } = self.expand(resource, &path);
        let own = self.uri_parameters(&facets, &path, &resource.key);
        let mut around = Around {
            path,
            ..around.clone()
        };
        for parameter in own {
            around.parameters.retain(|known| known.key != parameter.key);
            around.parameters.push(parameter);
        }
        for around in self.written_out(around, &resource.key) {
            self.check_repeated(&around.path, resource, paths);
            let item = self.path_item(resource, &facets, methods.clone(), &around);
            if let Some(item) = item.filter(|_| sound) {
                self.add_item(item, &mut paths.items);
            }
            let members = resource.value.as_mapping().into_iter();
            let nested = members.flat_map(|members| members.iter());
            for entry in nested.filter(|entry| entry.key.starts_with('/')) {
                self.resource(entry, &around, paths);
            }
        }
    }

    /// RAML 1.0, Resources and Nested Resources: absolute URIs must differ.
    fn check_repeated(&mut self, path: &str, resource: &Entry, paths: &mut Paths) {
        if let Some(first) = paths.known.insert(path.to_owned(), resource.key_span) {
            let message = format!("the resource `{path}` is described twice");
            self.diagnostics
                .error("duplicate-path", resource.key_span, message)
                .related(first, "first described here")
                .help("move what both say into one of them");
        }
    }

    /// Whether a path's braces enclose names; anything else is reported.
    fn check_path(&mut self, path: &str, span: Span) -> bool {
        let mut open = false;
        let balanced = path.chars().all(|character| {
            let fits = match character {
                '{' => !open,
                '}' => open,
                _ => true,
            };
            match character {
                '{' => open = true,
                '}' => open = false,
                _ => {}
            }
            fits
        });
        let sound = balanced && !open && !path.contains("{}");
        if !sound {
            let message = format!("the braces in the path `{path}` do not enclose names");
            self.diagnostics
                .error("invalid-path", span, message)
                .help("a URI parameter is written `{name}`");
        }
        sound
    }

    /// The declared URI parameters, each of which the path must have.
    fn uri_parameters(&mut self, facets: &Node, path: &str, own: &str) -> Vec<Entry> {
        let Some(node) = facets.get("uriParameters") else {
            return Vec::new();
        };
        let Some(declared) = self.mapping(node, "`uriParameters`").cloned() else {
            return Vec::new();
        };
        let names = template_names(own);
        let mut out = Vec::new();
        for entry in declared.into_entries() {
            let (name, _) = self.property(&entry);
            if !names.contains(&name) {
                let whole = template_names(path).contains(&name);
                let message = format!("the path `{own}` has no `{{{name}}}`");
                let close = crate::suggest::closest(&name, names.iter().map(String::as_str));
                let diagnostic =
                    self.diagnostics
                        .error("undeclared-path-parameter", entry.key_span, message);
                match close {
                    _ if whole => diagnostic
                        .help("declare it at the resource whose own part of the path has it"),
                    Some(close) => diagnostic.help(format!("did you mean `{close}`?")),
                    None => diagnostic.help(format!(
                        "put `{{{name}}}` into the path, or remove the parameter"
                    )),
                };
                continue;
            }
            self.check_segment(&entry.value, &name);
            out.push(Entry { key: name, ..entry });
        }
        out
    }

    /// An example of a URI parameter is one segment of a path, so it has no slash in it.
    fn check_segment(&mut self, declaration: &Node, name: &str) {
        let Some(example) = declaration.get("example").map(super::fields::plain) else {
            return;
        };
        if example.as_str().is_some_and(|text| text.contains('/')) {
            let message =
                format!("the example of `{name}` has a slash in it, which ends a part of a path");
            self.diagnostics
                .error("invalid-example", example.span, message)
                .help("write an example that is a single part of a path");
        }
    }

    fn path_item(
        &mut self,
        resource: &Entry,
        facets: &Node,
        methods: Vec<Method>,
        around: &Around,
    ) -> Option<Entry> {
        let span = match resource.value.value {
            Value::Null => resource.key_span,
            _ => resource.value.span,
        };
        let mut item = Object::new(span);
        let members = facets.as_mapping().cloned().unwrap_or_default();
        if let Some((text, span)) = self.text(&members, "displayName") {
            item.set("summary", build::text(span, text));
        }
        if let Some((text, span)) = self.text(&members, "description") {
            item.set("description", build::text(span, text));
        }
        let parameters = self.path_parameters(resource.key_span, around);
        if !parameters.is_empty() {
            item.set("parameters", build::list(resource.key_span, parameters));
        }
        let security = facets.get("securedBy").cloned();
        let mut any = false;
        for method in methods {
            any = true;
            let node = self.operation(&method, &around.path, security.as_ref());
            item.put(method.name, method.key_span, node);
        }
        // The order is that of the document: what is said of the resource stands behind its methods.
        for entry in self.annotations(&members, &[Target::Resource]) {
            item.put(entry.key, entry.key_span, entry.value);
        }
        if let (false, Some(security)) = (any, &security) {
            self.secured_by(security);
        }
        // A path without methods serves nothing.
        any.then(|| Entry {
            key: around.path.clone(),
            key_span: resource.key_span,
            value: item.finish(),
        })
    }

    /// The parameters of a path, in its order; an undeclared one is a string (RAML 1.0, Template
    /// URIs and URI Parameters).
    fn path_parameters(&mut self, span: Span, around: &Around) -> Vec<Node> {
        let mut out = Vec::new();
        for name in template_names(&around.path) {
            let declared = around.parameters.iter().find(|entry| entry.key == name);
            out.push(match declared.cloned() {
                Some(entry) => self.parameter("path", &entry, Optional::Declared),
                None => {
                    let mut schema = Object::new(span);
                    schema.set("type", build::text(span, "string"));
                    if matches!(name.as_str(), "ext" | "mediaTypeExtension") {
                        // RAML 1.0, URI Parameters: the extension begins with a dot.
                        schema.set("pattern", build::text(span, r"^\.[A-Za-z0-9]+$"));
                    }
                    let mut parameter = Object::new(span);
                    parameter.set("name", build::text(span, name));
                    parameter.set("in", build::text(span, "path"));
                    parameter.set("required", build::flag(span, true));
                    parameter.set("schema", schema.finish());
                    parameter.finish()
                }
            });
        }
        out
    }

    /// The name of a declared property, and whether a question mark makes it optional (RAML 1.0,
    /// Property Declarations): with a `required` of its own the question mark is part of the name.
    pub(super) fn property(&mut self, entry: &Entry) -> (String, bool) {
        let explicit = entry.value.get("required").is_some();
        match entry.key.strip_suffix('?') {
            Some(name) if !explicit => (name.to_owned(), true),
            _ => (entry.key.clone(), false),
        }
    }

    /// One Parameter Object. `entry` is the property that declares it.
    pub(super) fn parameter(&mut self, place: &str, entry: &Entry, optional: Optional) -> Node {
        let (name, mark) = self.property(entry);
        let span = entry.key_span;
        let required = match entry.value.as_mapping() {
            Some(members) => self.flag(members, "required").unwrap_or(!mark),
            None => !mark,
        };
        if place == "path" && !required {
            let message =
                format!("the URI parameter `{name}` is part of the path and cannot be left out");
            self.diagnostics
                .warning("path-parameter-not-required", span, message)
                .help("describe the resource without it as one of its own");
        }
        let mut parameter = Object::new(match entry.value.value {
            Value::Null => span,
            _ => entry.value.span,
        });
        parameter.set("name", build::text(span, name.clone()));
        parameter.set("in", build::text(span, place));
        let members = entry.value.as_mapping().cloned().unwrap_or_default();
        if let Some((text, span)) = self.text(&members, "description") {
            parameter.set("description", build::text(span, text));
        }
        let required = place == "path" || required && optional == Optional::Declared;
        parameter.set("required", build::flag(span, required));
        let declaration = without(entry.value.clone(), &["required", "description"]);
        parameter.set("schema", self.schema(&declaration, Untyped::String));
        self.refuse_schema(&declaration, Untyped::String, &format!("`{name}`"));
        parameter.finish()
    }
}

/// The names in braces, in order.
pub(super) fn template_names(text: &str) -> Vec<String> {
    let rests = text.split('{').skip(1);
    rests
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name.to_owned())
        .collect()
}
