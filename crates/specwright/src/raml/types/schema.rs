//! Shapes as schemas.

use super::expression::{Expression, Form};
use super::hierarchy::Role;
use super::keywords::{file, limits, number, patterns};
use super::kinds::Kind;
use super::shape::Shape;
use super::{declaration, reference};
use crate::model::Type;
use crate::raml::Lowering;
use crate::raml::annotations::Target;
use crate::raml::build::{self, Object};
use crate::raml::scope::Declared;
use crate::source::Span;
use crate::yaml::{Entry, Mapping, Node, Value};
use std::rc::Rc;

/// RFC 3339, section 5.6: `partial-time`.
const TIME: &str = r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?";

/// RFC 3339, section 5.6: `full-date`, leap years known.
const DATE: &str = concat!(
    r"(?:\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)",
    r"|02-(?:0[1-9]|1\d|2[0-8]))",
    r"|(?:(?:[02468][048]|[13579][26])00|\d\d(?:0[48]|[2468][048]|[13579][26]))-02-29)",
);

/// RFC 2616, section 3.3.1: `rfc1123-date`.
const HTTP_DATE: &str = concat!(
    r"^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?:0[1-9]|[12]\d|3[01]) ",
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} ",
    r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60) GMT$",
);

impl Lowering<'_> {
    /// One declared type as a component, and what its hierarchy adds.
    pub(super) fn component(&mut self, name: &str, declared: &Rc<Declared>) -> Vec<Entry> {
        let entry = |key: &str, value: Node| Entry {
            key: key.to_owned(),
            key_span: declared.name_span,
            value,
        };
        let own = self.own_schema(declared);
        match self.types.hierarchies.role(declared.name_span) {
            Some(Role { base, .. }) if base != name => {
                let any = self.hierarchy_schema(declared, &own);
                vec![entry(name, any), entry(&base, own)]
            }
            _ => vec![entry(name, own)],
        }
    }

    /// The schema of a declared type itself, its descendants left out.
    fn own_schema(&mut self, declared: &Rc<Declared>) -> Node {
        let expression = self.expression(&declared.node, super::Untyped::String);
        // RAML 1.0, Using Discriminator: a type below another one has a value of its own, also when
        // it adds nothing, so that it cannot stand for any object of the hierarchy.
        let is_told_apart = self.types.hierarchies.role(declared.name_span).is_some();
        match &expression.form {
            Form::Declaration(node, _) => {
                let shape = self.declared_shape(declared, declared.name_span);
                let parent = match is_told_apart {
                    true => None,
                    false => self.wrapped(node, &shape),
                };
                self.declared_schema(node, &shape, parent)
            }
            _ if is_told_apart => {
                let shape = self.declared_shape(declared, declared.name_span);
                self.shape_schema(&shape, declared.node.span)
            }
            Form::All(_) => {
                let shape = self.declared_shape(declared, declared.name_span);
                self.shape_schema(&shape, declared.node.span)
            }
            _ => self.schema_of(&expression),
        }
    }

    /// The schema of a type as it is written somewhere.
    pub(super) fn schema_of(&mut self, expression: &Expression) -> Node {
        let span = expression.span;
        match &expression.form {
            Form::Name(name) => match self.declared_type(span, name) {
                Some(declared) => {
                    let component = self.types.names.get(&declared.name_span).cloned();
                    component.map_or_else(|| anything(span), |name| reference(span, &name))
                }
                None => {
                    let shape = self.shape(expression);
                    self.shape_schema(&shape, span)
                }
            },
            Form::Declaration(node, _) => {
                let shape = self.shape(expression);
                let parent = self.wrapped(node, &shape);
                self.declared_schema(node, &shape, parent)
            }
            Form::Refined(base, node) => {
                let shape = self.shape(expression);
                let silent = node.as_mapping().is_some_and(declaration::is_wrapper);
                let parent = match base.form {
                    Form::Name(_) if silent && !shape.faulty => Some(self.schema_of(base)),
                    _ => None,
                };
                self.declared_schema(node, &shape, parent)
            }
            Form::Known(shape) if self.types.names.contains_key(&shape.span) => {
                let name = self.types.names.get(&shape.span);
                name.map_or_else(|| anything(span), |name| reference(span, name))
            }
            Form::All(parts) => {
                let mut seen = std::collections::HashSet::new();
                let mut parts = parts.clone();
                parts.retain(|part| seen.insert(self.key_of(part)));
                if let [only] = parts.as_slice() {
                    return self.schema_of(only);
                }
                let shape = self.shape(expression);
                match shape.kind {
                    Kind::Object if !shape.faulty => self.joined_component(&parts, &shape, span),
                    _ => self.shape_schema(&shape, span),
                }
            }
            _ => {
                let shape = self.shape(expression);
                self.shape_schema(&shape, span)
            }
        }
    }

    /// A component for what fits several types: such types may contain themselves.
    fn joined_component(&mut self, parts: &[Expression], shape: &Rc<Shape>, span: Span) -> Node {
        let key = self.joined_key(parts);
        if let Some(known) = self.types.known_definitions.get(&key) {
            return reference(span, known);
        }
        let names = parts.iter().filter_map(|part| {
            let declared = match &part.form {
                Form::Name(name) => self.declared_type(part.span, name)?.name_span,
                Form::Known(shape) => shape.span,
                _ => return None,
            };
            self.types.names.get(&declared).map(String::as_str)
        });
        let names = names.collect::<Vec<_>>().join("-");
        let name = match names.is_empty() {
            true => "Joined".to_owned(),
            false => names,
        };
        let name = self.definition_name(&name);
        self.types.known_definitions.insert(key, name.clone());
        let value = self.shape_schema(shape, span);
        self.types.definitions.push(Entry {
            key: name.clone(),
            key_span: span,
            value,
        });
        reference(span, &name)
    }

    /// What tells a list of types from others, in whichever order they stand.
    pub(super) fn joined_key(&self, parts: &[Expression]) -> String {
        let parts = parts.iter().map(|part| self.key_of(part));
        let mut parts = parts.collect::<Vec<_>>();
        parts.sort();
        format!("all of {}", parts.join(", "))
    }

    /// Declared types by where their names stand, everything else by where it stands.
    fn key_of(&self, expression: &Expression) -> String {
        let place = |span: Span| format!("{span:?}");
        match &expression.form {
            Form::Name(name) => match self.declared_type(expression.span, name) {
                Some(declared) => place(declared.name_span),
                None => name.clone(),
            },
            Form::Array(item) => format!("[{}]", self.key_of(item)),
            Form::Union(members) => {
                let members = members.iter().map(|member| self.key_of(member));
                format!("({})", members.collect::<Vec<_>>().join(" | "))
            }
            Form::All(parts) => self.joined_key(parts),
            Form::Narrowed(base, facets) => {
                format!("{} with {}", self.key_of(base), place(facets.span))
            }
            Form::Refined(base, facets) => {
                format!("{} refined by {}", self.key_of(base), place(facets.span))
            }
            Form::Known(shape) => place(shape.span),
            Form::Declaration(node, _) | Form::External(node) => place(node.span),
            Form::Faulty => place(expression.span),
        }
    }

    /// The named type that a declaration only wraps, by reference.
    fn wrapped(&mut self, node: &Node, shape: &Shape) -> Option<Node> {
        let members = node.as_mapping()?;
        if !declaration::is_wrapper(members) || shape.faulty {
            return None;
        }
        let parent = self.quietly(|this| this.parent(node, members, super::Untyped::String));
        match &parent.form {
            Form::Name(name) => {
                let declared = self.declared_type(parent.span, name)?;
                let name = self.types.names.get(&declared.name_span)?;
                Some(reference(parent.span, name))
            }
            Form::External(_) => Some(self.schema_of(&parent)),
            _ => None,
        }
    }

    /// Does something again that has been done before, without a second word about it.
    pub(super) fn quietly<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let mut findings = crate::diag::Diagnostics::new();
        std::mem::swap(self.diagnostics, &mut findings);
        let found = run(self);
        std::mem::swap(self.diagnostics, &mut findings);
        found
    }

    /// A declaration: its shape, or what it wraps, and everything that it says for people.
    fn declared_schema(&mut self, node: &Node, shape: &Rc<Shape>, wrapped: Option<Node>) -> Node {
        let members = node.as_mapping().cloned().unwrap_or_default();
        let mut out = Object::new(node.span);
        if let Some((text, span)) = self.text(&members, "displayName") {
            out.set("title", build::text(span, text));
        }
        if let Some((text, span)) = self.text(&members, "description") {
            out.set("description", build::text(span, text));
        }
        let schema = match wrapped {
            Some(schema) => schema,
            None => self.shape_schema(shape, node.span),
        };
        for entry in into_entries(schema) {
            out.put(entry.key, entry.key_span, entry.value);
        }
        let own = members.get("default").map(|entry| &entry.value);
        if let Some(default) = own.or(shape.default.as_ref()) {
            let default = crate::raml::fields::plain(default);
            out.set("default", self.typed_value(default, shape));
        }
        if let Some(examples) = self.examples(&members, shape) {
            out.put("examples", examples.span, examples);
        }
        for entry in self.annotations(&members, &[Target::TypeDeclaration]) {
            out.put(entry.key, entry.key_span, entry.value);
        }
        out.finish()
    }

    /// A shape alone.
    pub(super) fn shape_schema(&mut self, shape: &Rc<Shape>, span: Span) -> Node {
        if shape.faulty {
            return anything(span);
        }
        if let Some(external) = &shape.external {
            return external.schema(span);
        }
        let mut out = Object::new(span);
        match shape.kind {
            Kind::Union => self.union_schema(shape, span, &mut out),
            Kind::Object => self.object_schema(shape, span, &mut out),
            Kind::Array => self.array_schema(shape, span, &mut out),
            Kind::DateOnly => string(&mut out, span, "date"),
            Kind::DateTime => self.date_time(shape, span, &mut out),
            Kind::TimeOnly => {
                string(&mut out, span, "time-only");
                out.set("pattern", build::text(span, format!("^{TIME}$")));
            }
            Kind::DateTimeOnly => {
                string(&mut out, span, "datetime-only");
                out.set("pattern", build::text(span, format!("^{DATE}T{TIME}$")));
            }
            Kind::File => file(shape, span, &mut out),
            Kind::Number | Kind::Integer => number(shape, span, &mut out),
            kind => {
                if let Some(ty) = kind.json() {
                    out.set("type", build::text(span, ty.name()));
                }
            }
        }
        limits(shape, &mut out);
        patterns(shape, &mut out);
        if let Some(values) = &shape.enumeration {
            out.put("enum", values.span, values.clone());
        }
        if let Some(xml) = &shape.xml {
            out.put("xml", xml.span, xml.clone());
        }
        for (name, value) in &shape.user_values {
            out.put(format!("x-facet-{name}"), value.span, value.clone());
        }
        out.finish()
    }

    fn array_schema(&mut self, shape: &Rc<Shape>, span: Span, out: &mut Object) {
        out.set("type", build::text(span, "array"));
        let items = match shape.items.as_slice() {
            [] => return,
            [one] => self.schema_of(one),
            several => {
                let both = Form::All(several.to_vec());
                self.schema_of(&Expression::new(span, both))
            }
        };
        out.put("items", items.span, items);
    }

    /// RAML 1.0, Union Type: a value that fits at least one of the types.
    fn union_schema(&mut self, shape: &Rc<Shape>, span: Span, out: &mut Object) {
        let nil = |member: &Expression| matches!(&member.form, Form::Name(name) if name == "nil");
        let (nils, others): (Vec<_>, Vec<_>) = shape.members.iter().cloned().partition(nil);
        let mut branches = others
            .iter()
            .map(|member| self.schema_of(member))
            .collect::<Vec<_>>();
        if let Some(nil) = nils.first() {
            if let [only] = branches.as_mut_slice()
                && let Some(nullable) = with_null(only, nil.span)
            {
                for entry in into_entries(nullable) {
                    out.put(entry.key, entry.key_span, entry.value);
                }
                return;
            }
            let mut null = Object::new(nil.span);
            null.set("type", build::text(nil.span, Type::Null.name()));
            branches.push(null.finish());
        } else if let Some(chosen) = self.discriminated_union(&others, span) {
            for entry in into_entries(chosen) {
                out.put(entry.key, entry.key_span, entry.value);
            }
            return;
        }
        out.set("anyOf", build::list(span, branches));
    }

    fn date_time(&mut self, shape: &Rc<Shape>, span: Span, out: &mut Object) {
        match shape.facet("format").and_then(Node::as_str) {
            Some("rfc2616") => {
                string(out, span, "rfc2616");
                out.set("pattern", build::text(span, HTTP_DATE));
            }
            _ => string(out, span, "date-time"),
        }
    }
}

/// A schema that anything fits.
fn anything(span: Span) -> Node {
    Object::new(span).finish()
}

/// The members of a schema that is an object.
pub(super) fn into_entries(schema: Node) -> Vec<Entry> {
    match schema.value {
        Value::Mapping(members) => members.into_entries(),
        _ => Vec::new(),
    }
}

fn string(out: &mut Object, span: Span, format: &str) {
    out.set("type", build::text(span, "string"));
    out.set("format", build::text(span, format));
}

/// The same schema with null among its types; `None` when its type is not just one word.
fn with_null(schema: &Node, span: Span) -> Option<Node> {
    let members = schema.as_mapping()?;
    let ty = &members.get("type")?.value;
    let null = || build::text(span, Type::Null.name());
    if ty.as_str() == Some(Type::Null.name()) || members.get("enum").is_some() {
        return None;
    }
    ty.as_str()?;
    let mut out = Mapping::default();
    for entry in members.iter().cloned() {
        let value = match entry.key.as_str() {
            "type" => build::list(ty.span, vec![ty.clone(), null()]),
            _ => entry.value,
        };
        out.put(Entry { value, ..entry });
    }
    Some(build::node(schema.span, Value::Mapping(out)))
}
