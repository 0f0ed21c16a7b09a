//! RAML types to JSON Schema 2020-12.
//!
//! An expression ([`expression`]) is what stands somewhere in a document; a shape ([`shape`]) is what
//! it means with everything that it inherits; a schema ([`schema`]) is how that is written in the
//! OpenAPI document. Every declared type becomes a component that holds its parents' properties too,
//! parents first, and one schema over all descendants where a discriminator tells them apart.

mod bounds;
mod declaration;
mod examples;
mod expression;
mod external;
mod hierarchy;
mod inherit;
mod keywords;
mod kinds;
mod objects;
mod patterns;
mod properties;
mod schema;
mod shape;
mod unions;
mod user_facets;
mod values;

use super::scope::{self, Declared};
use super::{Lowering, build};
use crate::source::Span;
use crate::yaml::{Entry, Node};
use expression::Expression;
pub(super) use external::External;
pub(super) use kinds::Kind;
use shape::Shape;
use std::collections::HashMap;
use std::rc::Rc;

/// What a declaration is that says neither `type` nor `properties` (RAML 1.0, Determine Default
/// Types).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Untyped {
    /// Everywhere but in bodies.
    String,
    /// In bodies.
    Any,
}

impl Untyped {
    fn name(self) -> &'static str {
        match self {
            Untyped::String => "string",
            Untyped::Any => "any",
        }
    }
}

/// The declared types, by what they are called in the OpenAPI document.
#[derive(Default)]
pub(super) struct Types {
    /// Component names by where a type's name is declared.
    names: HashMap<Span, String>,
    declared: Vec<(String, Rc<Declared>)>,
    /// What was worked out, by where a type's name is declared.
    shapes: HashMap<Span, Rc<Shape>>,
    /// How often types were joined or narrowed.
    combined: usize,
    /// The types that are being worked out, outermost first.
    open: Vec<Span>,
    /// What they are as texts and as they are written, by where a type's name is declared.
    discriminator_values: HashMap<Span, (String, Node)>,
    /// The hierarchies that discriminators tell apart, once every type is worked out.
    hierarchies: hierarchy::Hierarchies,
    /// The types of the facets that types declare.
    facet_types: Vec<Expression>,
    /// What each `enum` lists, and the type, without its `enum`, that it has to be of.
    enumerations: Vec<(Rc<Shape>, Node)>,
    /// Components that schemas of other languages bring along.
    definitions: Vec<Entry>,
    /// Where those stand, by file and fragment, or by text.
    known_definitions: HashMap<String, String>,
    /// Values outside of examples, to be checked when the schemas are lowered.
    pub(super) values: Vec<Value>,
}

/// A value that a contract writes down, and the schema that it has to fit.
#[derive(Debug)]
pub struct Value {
    /// The schema.
    pub schema: Node,
    /// The value; without one, the schema alone is checked.
    pub value: Option<Node>,
    /// As messages call it: ``the annotation `label` ``.
    pub what: String,
}

impl Lowering<'_> {
    /// Settles what every type of every scope is called; its own name unless that is taken, and the
    /// library's alias before it when it is.
    pub(super) fn declare_types(&mut self) {
        let scopes = self.scopes.ids().collect::<Vec<_>>();
        for scope in scopes {
            for declared in self.scopes.declared(scope, scope::Kind::Type) {
                if self.is_fine_name(&declared) {
                    self.declare_type(declared);
                }
            }
        }
        for (name, declared) in self.types.declared.clone() {
            self.know_external(&name, &declared);
        }
    }

    fn is_fine_name(&mut self, declared: &Rc<Declared>) -> bool {
        let name = &declared.name;
        if Kind::named(name).is_some() {
            let message = format!("`{name}` is a built-in type, and cannot be declared again");
            self.diagnostics
                .error("invalid-name", declared.name_span, message)
                .help("choose another name");
            return false;
        }
        let first = self
            .types
            .declared
            .iter()
            .find(|(_, known)| known.scope == declared.scope && known.name == *name);
        if let Some((_, first)) = first {
            let related = first.name_span;
            let message = format!("the type `{name}` is declared twice");
            self.diagnostics
                .error("duplicate-name", declared.name_span, message)
                .related(related, "the first one")
                .help("remove or rename one of the two");
            return false;
        }
        let odd = |character: char| character.is_whitespace() || "()[]|?{},".contains(character);
        if name.is_empty() || name.contains(odd) || name.contains('.') {
            let message = format!("`{name}` cannot be the name of a type");
            self.diagnostics
                .error("invalid-name", declared.name_span, message)
                .help("a name has no white space, no dots and none of `( ) [ ] | ? { } ,`");
            return false;
        }
        true
    }

    fn declare_type(&mut self, declared: Rc<Declared>) {
        let taken =
            |types: &Types, name: &str| types.declared.iter().any(|(known, _)| known == name);
        let mut name = declared.name.clone();
        if taken(&self.types, &name)
            && let Some(alias) = self.scopes.alias(scope::ScopeId::ROOT, declared.scope)
        {
            name = format!("{alias}-{name}");
        }
        let plain = name.clone();
        let mut number = 2;
        while taken(&self.types, &name) {
            name = format!("{plain}-{number}");
            number += 1;
        }
        self.types.names.insert(declared.name_span, name.clone());
        self.types.declared.push((name, declared));
    }

    /// Works out every declared type, used or not.
    pub(super) fn check_types(&mut self) {
        for (name, declared) in self.types.declared.clone() {
            self.declared_shape(&declared, declared.name_span);
            let expression = self.quietly(|this| this.expression(&declared.node, Untyped::String));
            if let expression::Form::All(parts) = &expression.form {
                let key = self.joined_key(parts);
                self.types.known_definitions.entry(key).or_insert(name);
            }
        }
        self.find_hierarchies();
    }

    /// The schema of a type declaration or expression.
    pub(super) fn schema(&mut self, declaration: &Node, untyped: Untyped) -> Node {
        let expression = self.expression(declaration, untyped);
        self.schema_of(&expression)
    }

    /// The declared types as `components/schemas`.
    pub(super) fn components(&mut self) -> Vec<Entry> {
        let declared = self.types.declared.clone();
        let mut entries = Vec::new();
        for (name, declared) in declared {
            entries.extend(self.component(&name, &declared));
        }
        self.check_facet_types();
        self.check_enumerations();
        entries.append(&mut self.types.definitions);
        entries
    }

    /// Adds a schema to the components, so that it is checked.
    pub(super) fn keep_component(&mut self, name: &str, schema: Node) {
        self.types.definitions.push(Entry {
            key: name.to_owned(),
            key_span: schema.span,
            value: schema,
        });
    }

    /// Checks the declaration of an annotation type, used or not.
    pub(super) fn check_annotation_type(&mut self, declared: &Rc<Declared>) {
        let node = super::documents::without(declared.node.clone(), &["allowedTargets"]);
        let node = self.without_annotations(node);
        let schema = self.schema(&node, Untyped::String);
        self.types.values.push(Value {
            schema,
            value: None,
            what: String::new(),
        });
    }

    /// The same declaration; its annotations stand on an annotation type, not on a type.
    fn without_annotations(&self, node: Node) -> Node {
        let Some(members) = node.as_mapping() else {
            return node;
        };
        let mut rest = crate::yaml::Mapping::default();
        for entry in members.iter() {
            if super::fields::annotation_name(&entry.key).is_none() {
                rest.put(entry.clone());
            }
        }
        build::node(node.span, crate::yaml::Value::Mapping(rest))
    }

    /// Checks the value of an annotation against its type.
    pub(super) fn check_value(&mut self, annotation_type: &Rc<Declared>, value: &Node) {
        let node = super::documents::without(annotation_type.node.clone(), &["allowedTargets"]);
        let node = self.without_annotations(node);
        let expression = self.expression(&node, Untyped::String);
        let what = format!("the annotation `{}`", annotation_type.name);
        self.check_later(&expression, value, &what);
    }

    /// Notes a value that has to be of a type; `what` it is, for messages.
    fn check_later(&mut self, ty: &Expression, value: &Node, what: &str) {
        if contains_parameter(value) {
            return;
        }
        let schema = self.schema_of(ty);
        self.types.values.push(Value {
            schema,
            value: Some(value.clone()),
            what: what.to_owned(),
        });
    }

    fn closest_type(&self, anchor: &Node, name: &str) -> Option<String> {
        let scope = self.documents.scope(anchor);
        self.scopes.closest(scope, scope::Kind::Type, name)
    }
}

/// Whether a value still has a parameter of a trait or resource type in it.
fn contains_parameter(node: &Node) -> bool {
    match &node.value {
        crate::yaml::Value::String(text) => super::fields::has_parameter(text),
        crate::yaml::Value::Sequence(items) => items.iter().any(contains_parameter),
        crate::yaml::Value::Mapping(members) => {
            members.iter().any(|entry| contains_parameter(&entry.value))
        }
        _ => false,
    }
}

/// A component by reference.
fn reference(span: Span, name: &str) -> Node {
    build::schema_reference(span, name)
}
