//! Root documents that are no API, and the declarations of resource types and traits.

use super::Lowering;
use super::annotations::Target;
use super::apply::method;
use super::build::{self, Object};
use super::documents::{Header, without};
use super::fields::{Facets, annotation_name, has_parameter};
use super::methods::METHOD;
use super::resources::RESOURCE;
use super::scope::{Declared, Kind, ScopeId};
use super::types::Untyped;
use crate::source::Span;
use crate::yaml::{Entry, Mapping, Node, Value};
use std::rc::Rc;

const LIBRARY: Facets = Facets {
    name: "a library",
    keys: &[
        "types",
        "schemas",
        "resourceTypes",
        "traits",
        "securitySchemes",
        "annotationTypes",
        "uses",
        "usage",
    ],
    resources: false,
    fragment: Some(Header::Library),
};

const TRAIT: Facets = Facets {
    name: "a trait",
    keys: METHOD.keys,
    resources: false,
    fragment: Some(Header::Trait),
};

const RESOURCE_TYPE: Facets = Facets {
    name: "a resource type",
    keys: RESOURCE.keys,
    resources: false,
    fragment: Some(Header::ResourceType),
};

impl Lowering<'_> {
    /// A document that is no API: what it declares is checked, and nothing is served.
    pub(super) fn fragment(&mut self, document: &Node, header: Header) -> Node {
        let span = document.span;
        match header {
            Header::Library => self.library_document(document),
            Header::DataType => {
                let schema = without(document.clone(), &["uses"]);
                let schema = self.schema(&schema, Untyped::Any);
                self.keep_component("DataType", schema);
            }
            Header::AnnotationTypeDeclaration => {
                let declaration = without(document.clone(), &["uses", "allowedTargets"]);
                self.schema(&declaration, Untyped::String);
            }
            Header::NamedExample => self.named_examples(document),
            Header::DocumentationItem => {
                self.documentation_item(&without(document.clone(), &["uses"]));
            }
            _ => {}
        }
        self.check_declarations();
        let mut root = Object::new(span);
        let start = Span {
            end: span.start,
            ..span
        };
        let mut info = Object::new(start);
        info.set("title", build::text(start, header.name()));
        info.set("version", build::text(start, "unversioned"));
        root.set("openapi", build::text(start, "3.1.0"));
        root.set("info", info.finish());
        root.set("paths", Object::new(start).finish());
        let mut components = Object::new(span);
        let mut schemas = Object::new(span);
        for entry in self.components() {
            schemas.put(entry.key, entry.key_span, entry.value);
        }
        components.set("schemas", schemas.finish());
        root.set("components", components.finish());
        root.finish()
    }

    /// Fragments that hold one declaration, which is checked as if it had a name.
    pub(super) fn declare_fragment(&mut self, document: &Node, header: Header) {
        let kind = match header {
            Header::Trait => Kind::Trait,
            Header::ResourceType => Kind::ResourceType,
            Header::SecurityScheme => Kind::SecurityScheme,
            Header::AnnotationTypeDeclaration => Kind::AnnotationType,
            _ => return,
        };
        let declared = Declared {
            name: "fragment".to_owned(),
            name_span: document.span,
            node: without(document.clone(), &["uses"]),
            scope: ScopeId::ROOT,
        };
        self.scopes.declare(kind, declared);
    }

    fn library_document(&mut self, document: &Node) {
        self.facets(document, &LIBRARY);
        if let Some(members) = document.as_mapping().cloned() {
            self.text(&members, "usage");
            self.annotations(&members, &[Target::Library]);
        }
    }

    /// RAML 1.0, Typed Fragments: the value of an `examples` facet.
    fn named_examples(&mut self, document: &Node) {
        if document.as_mapping().is_none() {
            self.wrong_type(document, "a NamedExample fragment", "an object of examples");
        }
    }

    /// Checks what every scope declares, used or not, as far as that can be told before it is used.
    pub(super) fn check_declarations(&mut self) {
        self.check_annotation_types();
        self.check_schemes();
        for scope in self.scopes.ids() {
            for declared in self.scopes.declared(scope, Kind::Trait) {
                self.check_trait(&declared);
            }
            for declared in self.scopes.declared(scope, Kind::ResourceType) {
                self.check_resource_type(&declared);
            }
        }
    }

    fn check_trait(&mut self, declared: &Rc<Declared>) {
        let Some(members) = self.template(&declared.node, &TRAIT) else {
            return;
        };
        self.annotations(&members, &[Target::Trait]);
        self.check_method_template(&members);
    }

    fn check_resource_type(&mut self, declared: &Rc<Declared>) {
        let Some(members) = self.template(&declared.node, &RESOURCE_TYPE) else {
            return;
        };
        self.annotations(&members, &[Target::ResourceType]);
        for key in ["uriParameters", "queryParameters", "headers"] {
            self.template_map(&members, key);
        }
        for entry in members.iter() {
            if method(&entry.key).is_none() {
                continue;
            }
            if let Some(members) = self.template(&entry.value, &METHOD) {
                self.annotations(&members, &[Target::Method]);
                self.check_method_template(&members);
            }
        }
    }

    /// The members of a declaration whose parameters have no values yet. Where one stands, anything
    /// may come to stand.
    fn template(&mut self, node: &Node, kind: &Facets) -> Option<Mapping> {
        let members = self.template_members(node, kind.name)?;
        self.check_fragment(node, kind);
        for entry in members.iter() {
            let key = entry.key.as_str();
            let known = kind.keys.contains(&key)
                || key == "usage" && kind.fragment.is_some()
                || annotation_name(key).is_some()
                || has_parameter(key)
                || kind.fragment == Some(Header::ResourceType) && method(key).is_some();
            if !known {
                self.unknown_facet(entry, kind);
            }
        }
        Some(members)
    }

    fn template_members(&mut self, node: &Node, what: &str) -> Option<Mapping> {
        match &node.value {
            Value::Null => None,
            Value::String(text) if has_parameter(text) => None,
            _ => self.mapping(node, what).cloned(),
        }
    }

    fn template_map(&mut self, members: &Mapping, key: &str) -> Vec<Entry> {
        let Some(entry) = members.get(key) else {
            return Vec::new();
        };
        let map = self.template_members(&entry.value, &format!("`{key}`"));
        map.unwrap_or_default().into_entries()
    }

    fn check_method_template(&mut self, members: &Mapping) {
        for key in ["queryParameters", "headers"] {
            self.template_map(members, key);
        }
        for response in self.template_map(members, "responses") {
            let key = response.key.as_str();
            if !has_parameter(key) && annotation_name(key).is_none() {
                self.check_status(&response);
            }
            if let Some(members) = self.template_members(&response.value, "a response") {
                self.template_map(&members, "headers");
            }
        }
    }
}
