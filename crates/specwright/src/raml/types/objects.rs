//! Object types as schemas.

use super::patterns;
use super::shape::{Property, Shape};
use crate::raml::Lowering;
use crate::raml::build::{self, Object};
use crate::source::Span;

use std::rc::Rc;

impl Lowering<'_> {
    pub(super) fn object_schema(&mut self, shape: &Rc<Shape>, span: Span, out: &mut Object) {
        out.set("type", build::text(span, "object"));
        let (by_pattern, named): (Vec<_>, Vec<_>) = shape
            .properties
            .iter()
            .partition(|property| property.is_pattern);
        let required = named.iter().filter(|property| property.required);
        let required = required
            .map(|property| build::text(property.span, property.name.clone()))
            .collect::<Vec<_>>();
        if !required.is_empty() {
            out.set("required", build::list(span, required));
        }
        if !named.is_empty() {
            let mut properties = Object::new(span);
            for property in &named {
                let schema = self.schema_of(&property.ty);
                properties.put(property.name.clone(), property.span, schema);
            }
            out.set("properties", properties.finish());
        }
        self.by_pattern(&by_pattern, &named, span, out);
        if let Some(additional) = &shape.additional {
            out.put("additionalProperties", additional.span, additional.clone());
        }
        if let Some(discriminator) = &shape.discriminator {
            self.check_discriminator(shape, discriminator);
        }
    }

    /// RAML 1.0, Additional Properties: a declared property goes before every pattern, and the first
    /// pattern that matches before all others.
    fn by_pattern(
        &mut self,
        by_pattern: &[&Property],
        named: &[&Property],
        span: Span,
        out: &mut Object,
    ) {
        let mut before: Vec<&str> = Vec::new();
        let mut schemas = Object::new(span);
        for property in by_pattern {
            let schema = self.schema_of(&property.ty);
            let pattern = property.name.as_str();
            if patterns::matches_all(pattern) {
                // What is left is every other property, so nothing after it applies.
                out.put("additionalProperties", property.span, schema);
                break;
            }
            let names = named.iter().map(|property| property.name.as_str());
            let names = names
                .filter(|name| patterns::matches(pattern, name))
                .collect::<Vec<_>>();
            let key = match names.is_empty() && before.is_empty() {
                true => pattern.to_owned(),
                false => patterns::excluding(pattern, &names, &before),
            };
            schemas.put(key, property.span, schema);
            before.push(pattern);
        }
        if !schemas.is_empty() {
            out.set("patternProperties", schemas.finish());
        }
    }

    /// RAML 1.0, Using Discriminator: the property must be there, and be a scalar.
    fn check_discriminator(&mut self, shape: &Shape, discriminator: &super::shape::Discriminator) {
        let named = shape
            .properties
            .iter()
            .filter(|property| !property.is_pattern);
        let found = named
            .clone()
            .find(|property| property.name == discriminator.property);
        let name = &discriminator.property;
        let Some(found) = found.cloned() else {
            let names = named.map(|property| property.name.as_str());
            let close = crate::suggest::closest(name, names).map(str::to_owned);
            let message = format!("the discriminator `{name}` is no property of the type");
            let diagnostic = self
                .diagnostics
                .error("unknown-name", discriminator.span, message);
            match close {
                Some(close) => diagnostic.help(format!("did you mean `{close}`?")),
                None => diagnostic.help(format!("declare the property `{name}: string`")),
            };
            return;
        };
        let ty = self.quietly(|this| this.shape(&found.ty));
        if !ty.faulty && !ty.kind.is_scalar() && ty.kind != super::Kind::Union {
            let message = format!(
                "the discriminator `{name}` is of the type `{}`, and must be a scalar",
                ty.kind.name()
            );
            self.diagnostics
                .error("wrong-type", discriminator.span, message)
                .related(found.span, "declared here")
                .help("make it a `string`");
        }
    }
}
