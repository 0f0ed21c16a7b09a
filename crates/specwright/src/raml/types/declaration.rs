//! Type declarations: a map of facets, and the type that it narrows.

use super::Untyped;
use super::expression::{Expression, Form};
use super::kinds::Kind;
use super::shape::{Discriminator, Shape};
use crate::raml::Lowering;
use crate::raml::fields::{annotation_name, plain};
use crate::raml::scope::Declared;
use crate::suggest;
use crate::yaml::{Entry, Mapping, Node, Value};
use std::rc::Rc;

/// Facets that say nothing about values, or are read elsewhere.
const ELSEWHERE: [&str; 11] = [
    "type",
    "schema",
    "displayName",
    "description",
    "usage",
    "example",
    "examples",
    "required",
    "facets",
    "allowedTargets",
    "uses",
];

impl Lowering<'_> {
    /// The shape of a declaration; `named` when it stands under `types`.
    pub(super) fn declaration_shape(
        &mut self,
        node: &Node,
        untyped: Untyped,
        named: Option<&Rc<Declared>>,
    ) -> Shape {
        let Some(members) = node.as_mapping() else {
            return Shape::faulty(node.span);
        };
        let parent = self.parent(node, members, untyped);
        self.shape_under(&parent, node, named)
    }

    /// The shape of a declaration under a type that it may not say itself.
    pub(super) fn shape_under(
        &mut self,
        parent: &Expression,
        node: &Node,
        named: Option<&Rc<Declared>>,
    ) -> Shape {
        let Some(members) = node.as_mapping() else {
            return Shape::faulty(node.span);
        };
        let inherited = self.shape(parent);
        let mut shape = Shape::clone(&inherited);
        shape.span = node.span;
        self.inherit_name(&mut shape, parent);
        if named.is_some() || !is_wrapper(members) {
            let needed = inherited.user_facets.clone();
            self.own_facets(&mut shape, &inherited, members, named);
            let place = named.map_or(node.span, |declared| declared.name_span);
            // A type that declares facets itself is for others to inherit from, which set them all.
            if members.get("facets").is_none() {
                self.check_required_facets(&shape, &needed, place);
            }
            self.declare_facets(&mut shape, members);
        } else {
            self.own_facets(&mut shape, &inherited, members, named);
        }
        shape
    }

    /// A shape with facets that were written for a union that it is part of.
    pub(super) fn narrowed(&mut self, base: &Rc<Shape>, facets: &Node) -> Shape {
        let mut shape = Shape::clone(base);
        let members = facets.as_mapping().cloned().unwrap_or_default();
        let mut own = Mapping::default();
        for entry in members.into_entries() {
            if base.kind.has(&entry.key) || base.kind == Kind::Union {
                own.put(entry);
            }
        }
        self.own_facets(&mut shape, base, &own, None);
        shape
    }

    /// The type that a declaration says it is, or the one that its facets tell (RAML 1.0,
    /// Determine Default Types).
    pub(crate) fn parent(
        &mut self,
        node: &Node,
        members: &Mapping,
        untyped: Untyped,
    ) -> Expression {
        if let (Some(first), Some(second)) = (members.get("type"), members.get("schema")) {
            self.diagnostics
                .error(
                    "exclusive-facets",
                    second.key_span,
                    "a declaration has either `type` or `schema`",
                )
                .related(first.key_span, "the other one")
                .help("keep `type`; `schema` is its older name");
        }
        let written = members.get("type").or_else(|| members.get("schema"));
        if let Some(entry) = written {
            let ty = plain(&entry.value);
            if !matches!(ty.value, Value::Null) {
                return self.expression(ty, Untyped::String);
            }
        }
        let name = match members.get("properties") {
            Some(_) => "object",
            None => untyped.name(),
        };
        Expression::new(node.span, Form::Name(name.to_owned()))
    }

    fn own_facets(
        &mut self,
        shape: &mut Shape,
        inherited: &Rc<Shape>,
        members: &Mapping,
        named: Option<&Rc<Declared>>,
    ) {
        let mut for_members = Mapping::default();
        for entry in members.iter() {
            let key = entry.key.as_str();
            if annotation_name(key).is_some() || ELSEWHERE.contains(&key) {
                continue;
            }
            if shape.kind == Kind::External && self.refuse_on_external(inherited, entry) {
                continue;
            }
            if let Some(user) = inherited.user_facets.iter().find(|user| user.name == key) {
                self.set_user_facet(shape, user, entry);
                continue;
            }
            if shape.kind == Kind::Union && !matches!(key, "default" | "xml" | "enum") {
                if self.union_has(shape, key) {
                    for_members.put(entry.clone());
                    continue;
                }
            } else if shape.kind.has(key) {
                self.own_facet(shape, inherited, entry, named);
                continue;
            }
            if !shape.faulty {
                self.unknown_type_facet(shape, entry);
            }
        }
        if !for_members.is_empty() {
            self.narrow_members(shape, for_members);
        }
        if !shape.faulty {
            self.check_bounds(shape);
        }
        if members.get("enum").is_some() {
            self.note_enumeration(shape);
        }
    }

    fn union_has(&mut self, shape: &Shape, facet: &str) -> bool {
        let discriminating = matches!(facet, "discriminator" | "discriminatorValue");
        let members = shape.members.clone();
        !discriminating
            && members.iter().any(|member| {
                let inner = self.shape(member);
                inner.faulty
                    || inner.kind.facets().contains(&facet)
                    || inner.kind == Kind::Union && self.union_has(&inner, facet)
            })
    }

    pub(super) fn refuse_on_external(&mut self, inherited: &Shape, entry: &Entry) -> bool {
        if matches!(entry.key.as_str(), "default" | "xml") {
            return false;
        }
        let message = format!(
            "`{}` cannot be said of a type that is defined by a schema",
            entry.key
        );
        self.diagnostics
            .error("external-type", entry.key_span, message)
            .related(inherited.span, "its schema")
            .help("say it in the schema (RAML 1.0, Using XML and JSON Schema)");
        true
    }

    fn unknown_type_facet(&mut self, shape: &Shape, entry: &Entry) {
        let key = entry.key.as_str();
        let mut known = shape.kind.all_facets().collect::<Vec<&str>>();
        known.extend(shape.user_facets.iter().map(|user| user.name.as_str()));
        let close = suggest::closest(key, known).map(str::to_owned);
        let message = match shape.kind {
            Kind::Union => format!("`{key}` is no facet of any type of this union"),
            kind => format!("`{key}` is no facet of the type `{}`", kind.name()),
        };
        let owner = super::kinds::BUILT_IN
            .iter()
            .find(|(_, kind)| kind.facets().contains(&key));
        let help = match (close, owner) {
            (Some(close), _) => format!("did you mean `{close}`?"),
            (None, Some((name, _))) if *name == "object" || *name == "array" => {
                format!("it is one of the type `{name}`: add `type: {name}`")
            }
            (None, Some((name, _))) => format!("it is one of the type `{name}`"),
            (None, None) if key == "repeat" => "write `type: array` (RAML 1.0)".to_owned(),
            (None, None) => {
                format!("declare it under `facets` of a type above, or as an annotation `({key})`")
            }
        };
        self.diagnostics
            .error("unknown-facet", entry.key_span, message)
            .help(help);
    }

    fn own_facet(
        &mut self,
        shape: &mut Shape,
        inherited: &Rc<Shape>,
        entry: &Entry,
        named: Option<&Rc<Declared>>,
    ) {
        let value = plain(&entry.value);
        match entry.key.as_str() {
            "default" => shape.default = Some(value.clone()),
            "xml" => {
                shape.xml = self.xml(&entry.value);
                self.check_xml(shape);
            }
            "enum" => self.enumeration(shape, inherited, value),
            "properties" => self.properties(shape, inherited, &entry.value),
            "additionalProperties" => self.additional(shape, inherited, value),
            "items" => self.items(shape, inherited, &entry.value),
            "discriminator" => self.discriminator(shape, entry, named),
            "discriminatorValue" => self.discriminator_value(shape, entry, named),
            "pattern" => self.pattern(shape, value),
            "fileTypes" => self.file_types(shape, inherited, value),
            key => {
                let known = shape.kind.facets().iter().find(|known| **known == key);
                if let Some(key) = known {
                    self.bound(shape, inherited, key, value);
                }
            }
        }
    }

    fn additional(&mut self, shape: &mut Shape, inherited: &Shape, value: &Node) {
        match (&value.value, &inherited.additional) {
            (Value::Bool(false), _) => {
                shape.additional = Some(value.clone());
                let patterns = shape.properties.clone();
                for property in patterns.iter().filter(|property| property.is_pattern) {
                    self.check_pattern_property(shape, inherited, property);
                }
            }
            (Value::Bool(true), None) => {}
            (Value::Bool(true), Some(before)) => {
                let before = before.span;
                self.wider(value.span, before, "additionalProperties");
            }
            _ => {
                self.wrong_type(value, "`additionalProperties`", "true or false");
                if value.as_mapping().is_some() || value.as_str().is_some() {
                    self.last_help("write a pattern property, `//: type`, for the type of every other property");
                }
            }
        }
    }

    fn items(&mut self, shape: &mut Shape, inherited: &Rc<Shape>, node: &Node) {
        if let Value::Sequence(_) = node.value {
            self.wrong_type(node, "`items`", "one type");
            self.last_help("write a union such as `A | B`, or the name of a type");
            return;
        }
        let items = self.expression(node, Untyped::String);
        for before in &inherited.items {
            self.check_narrower(&items, before, "items");
        }
        shape.items = vec![items];
    }

    fn discriminator(&mut self, shape: &mut Shape, entry: &Entry, named: Option<&Rc<Declared>>) {
        if named.is_none() {
            return self.inline_discriminator(entry);
        }
        let Some((property, span)) = self.text_of(&entry.value, "`discriminator`") else {
            return;
        };
        if let Some(before) = &shape.discriminator
            && before.property != property
        {
            let message = format!(
                "a type above has the discriminator `{}` already",
                before.property
            );
            let related = before.span;
            self.diagnostics
                .error("conflicting-facets", span, message)
                .related(related, "the other one")
                .help("keep one of the two");
        }
        shape.discriminator = Some(Discriminator { property, span });
    }

    fn discriminator_value(
        &mut self,
        shape: &mut Shape,
        entry: &Entry,
        named: Option<&Rc<Declared>>,
    ) {
        let Some(declared) = named else {
            return self.inline_discriminator(entry);
        };
        let Some((value, span)) = self.text_of(&entry.value, "`discriminatorValue`") else {
            return;
        };
        if shape.discriminator.is_none() {
            // The facet that it needs may stand behind it.
            let own = declared.node.get("discriminator");
            if own.is_none() {
                self.diagnostics
                    .error(
                        "discriminator-value-without-discriminator",
                        span,
                        "no type above says which property is the discriminator",
                    )
                    .help("add `discriminator` to the type that the hierarchy begins with");
                return;
            }
        }
        self.types
            .discriminator_values
            .insert(declared.name_span, (value, plain(&entry.value).clone()));
    }

    /// RAML 1.0, Using Discriminator: inline declarations cannot have one.
    fn inline_discriminator(&mut self, entry: &Entry) {
        let message = format!("an inline type declaration cannot have `{}`", entry.key);
        self.diagnostics
            .error("inline-discriminator", entry.key_span, message)
            .help("declare the type under `types`");
    }

    /// Adds what to do to the finding that was just reported.
    pub(super) fn last_help(&mut self, help: &str) {
        if let Some(last) = self.diagnostics.last_mut() {
            last.help(help);
        }
    }
}

/// Whether a declaration only wraps a type: nothing that it says narrows it.
pub(crate) fn is_wrapper(members: &Mapping) -> bool {
    let silent = [
        "type",
        "schema",
        "displayName",
        "description",
        "usage",
        "example",
        "examples",
        "required",
        "default",
        "xml",
    ];
    members
        .iter()
        .all(|entry| silent.contains(&entry.key.as_str()) || annotation_name(&entry.key).is_some())
}
