//! RAML types to JSON Schema 2020-12.

use super::scope::{Declared, Kind};
use super::{Lowering, build};
use crate::source::Span;
use crate::yaml::{Entry, Node, Value};
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

/// The declared types, by what they are called in the OpenAPI document.
#[derive(Default)]
pub(super) struct Types {
    /// Component names by where a type's name is declared.
    names: HashMap<Span, String>,
    declared: Vec<(String, Rc<Declared>)>,
}

impl Lowering<'_> {
    /// Settles what every type of every scope is called; its own name unless that is taken.
    pub(super) fn declare_types(&mut self) {
        for scope in self.scopes.ids() {
            for declared in self.scopes.declared(scope, Kind::Type) {
                let mut name = declared.name.clone();
                let taken = |name: &str| self.types.declared.iter().any(|(known, _)| known == name);
                let mut number = 2;
                while taken(&name) {
                    name = format!("{}_{number}", declared.name);
                    number += 1;
                }
                self.types.names.insert(declared.name_span, name.clone());
                self.types.declared.push((name, declared));
            }
        }
    }

    /// Checks every declared type, used or not.
    pub(super) fn check_types(&mut self) {}

    /// The schema of a type declaration or expression.
    pub(super) fn schema(&mut self, declaration: &Node, untyped: Untyped) -> Node {
        let span = declaration.span;
        let mut object = build::Object::new(span);
        let name = declaration.get("type").unwrap_or(declaration);
        match &name.value {
            Value::String(text) => match self.find(Kind::Type, name, text) {
                Some(declared) => {
                    let component = self.types.names.get(&declared.name_span).cloned();
                    return build::schema_reference(span, &component.unwrap_or_default());
                }
                None => object.set("type", build::text(name.span, text.clone())),
            },
            _ if untyped == Untyped::String => object.set("type", build::text(span, "string")),
            _ => {}
        }
        object.finish()
    }

    /// The declared types as `components/schemas`.
    pub(super) fn components(&mut self) -> Vec<Entry> {
        let declared = self.types.declared.clone();
        let entries = declared.into_iter().map(|(name, declared)| Entry {
            key: name,
            key_span: declared.name_span,
            value: self.schema(&declared.node, Untyped::String),
        });
        entries.collect()
    }

    /// Checks the value of an annotation against its type.
    pub(super) fn check_value(&mut self, _annotation_type: &Rc<Declared>, _value: &Node) {}
}
