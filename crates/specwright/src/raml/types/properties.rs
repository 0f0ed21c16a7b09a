//! Property declarations of object types.

use super::Untyped;
use super::expression::{Expression, Form};
use super::kinds::Kind;
use super::shape::{Property, Shape};
use crate::raml::Lowering;
use crate::raml::fields::plain;
use crate::yaml::{Entry, Node, Value};
use std::rc::Rc;

impl Lowering<'_> {
    pub(super) fn properties(&mut self, shape: &mut Shape, inherited: &Rc<Shape>, node: &Node) {
        let Some(members) = self.mapping(node, "`properties`").cloned() else {
            return;
        };
        for entry in members.iter() {
            let mut property = self.property_of(entry);
            self.check_pattern_property(shape, inherited, &property);
            let own = |known: &Property| {
                known.name == property.name && known.is_pattern == property.is_pattern
            };
            let Some(at) = shape.properties.iter().position(own) else {
                shape.properties.push(property);
                continue;
            };
            let before = shape.properties[at].clone();
            if inherited.properties.len() <= at {
                let message = format!("the property `{}` is declared twice", property.name);
                self.diagnostics
                    .error("duplicate-property", property.span, message)
                    .related(before.span, "the first one")
                    .help("remove or rename one of the two");
                continue;
            }
            self.refine(&before, &mut property);
            self.check_override(&before, &property);
            property.required |= before.required;
            shape.properties[at] = property;
        }
    }

    /// RAML 1.0, Union Type: a property that says no type has that of the one that it replaces, as
    /// `daysAllowed` of the example there; one that may be anything becomes a string all the same.
    fn refine(&mut self, before: &Property, property: &mut Property) {
        let Form::Declaration(node, Untyped::String) = &property.ty.form else {
            return;
        };
        let says_type = ["type", "schema", "properties"]
            .iter()
            .any(|key| node.get(key).is_some());
        if says_type {
            return;
        }
        let inherited = self.shape(&before.ty);
        if inherited.faulty || matches!(inherited.kind, Kind::Any | Kind::External) {
            return;
        }
        let form = Form::Refined(Rc::new(before.ty.clone()), Rc::clone(node));
        property.ty = Expression::new(property.ty.span, form);
    }

    /// A property as it is written: `name`, `name?`, `/pattern/`.
    pub(super) fn property_of(&mut self, entry: &Entry) -> Property {
        let said = entry
            .value
            .as_mapping()
            .and_then(|members| members.get("required"));
        let said = said.and_then(|required| {
            let node = plain(&required.value);
            let Value::Bool(value) = node.value else {
                self.wrong_type(node, "`required`", "true or false");
                return None;
            };
            Some(value)
        });
        let key = entry.key.as_str();
        let ty = self.expression(&entry.value, Untyped::String);
        let pattern = key
            .strip_prefix('/')
            .and_then(|rest| rest.strip_suffix('/'));
        if let Some(pattern) = pattern {
            return Property {
                name: pattern.to_owned(),
                span: entry.key_span,
                required: false,
                is_pattern: true,
                ty,
            };
        }
        // RAML 1.0, Property Declarations: with `required`, a question mark is part of the name.
        let (name, required) = match (said, key.strip_suffix('?')) {
            (Some(required), _) => (key, required),
            (None, Some(name)) => (name, false),
            (None, None) => (key, true),
        };
        Property {
            name: name.to_owned(),
            span: entry.key_span,
            required,
            is_pattern: false,
            ty,
        }
    }

    /// RAML 1.0, Additional Properties: patterns need additional properties to be allowed.
    pub(super) fn check_pattern_property(
        &mut self,
        shape: &Shape,
        inherited: &Shape,
        property: &Property,
    ) {
        if !property.is_pattern {
            return;
        }
        if let Some(fault) = crate::values::patterns::fault(&property.name) {
            let message = format!(
                "the pattern `{}` is no regular expression of ECMA-262: {fault}",
                property.name
            );
            self.diagnostics
                .error("invalid-pattern", property.span, message)
                .help(crate::values::patterns::HELP);
        }
        let closed = [shape.additional.as_ref(), inherited.additional.as_ref()];
        if let Some(node) = closed.into_iter().flatten().next() {
            self.diagnostics
                .error(
                    "pattern-property-of-closed-type",
                    property.span,
                    "a type without additional properties cannot have pattern properties",
                )
                .related(node.span, "`additionalProperties` is false")
                .help("remove one of the two (RAML 1.0, Additional Properties)");
        }
    }
}
