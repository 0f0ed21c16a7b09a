//! Facets that limit values, of the right kind and never wider than what is inherited.

use super::expression::{Expression, Form};
use super::kinds::Kind;
use super::shape::Shape;
use super::values::equal;
use crate::model::decimal;
use crate::raml::fields::{annotation_name, plain};
use crate::raml::{Lowering, build};
use crate::source::Span;
use crate::suggest;
use crate::yaml::{Mapping, Node, Value};
use std::cmp::Ordering;
use std::rc::Rc;

/// Pairs of which the first may not be above the second.
const PAIRS: [(&str, &str); 4] = [
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
    ("minimum", "maximum"),
];

/// RAML 1.0, Number: the formats, narrow ones of integers first.
const INTEGER_FORMATS: [&str; 6] = ["int8", "int16", "int32", "int", "int64", "long"];
const NUMBER_FORMATS: [&str; 8] = [
    "int8", "int16", "int32", "int", "int64", "long", "float", "double",
];

/// How narrow a format is; equal ones mean the same.
fn rank(format: &str) -> u8 {
    match format {
        "int8" => 0,
        "int16" => 1,
        "int32" | "int" => 2,
        "int64" | "long" => 3,
        "float" => 4,
        _ => 5,
    }
}

impl Lowering<'_> {
    /// A facet with one value, of which the narrowest counts.
    pub(super) fn bound(
        &mut self,
        shape: &mut Shape,
        inherited: &Rc<Shape>,
        key: &'static str,
        value: &Node,
    ) {
        if !self.is_of_facet(shape.kind, key, value) {
            return;
        }
        if let Some(before) = inherited.facet(key)
            && let Some(true) = is_wider(key, value, before)
        {
            let before = before.span;
            return self.wider(value.span, before, key);
        }
        if key == "multipleOf"
            && let Some(before) = inherited.facet(key)
            && !divides(before, value)
        {
            shape.divisors.push(before.clone());
        }
        shape.set(key, value.clone());
    }

    /// Whether the value of a facet is of the facet's kind; reported when it is not.
    fn is_of_facet(&mut self, kind: Kind, key: &str, value: &Node) -> bool {
        let what = format!("`{key}`");
        match key {
            "uniqueItems" => {
                let fine = matches!(value.value, Value::Bool(_));
                if !fine {
                    self.wrong_type(value, &what, "true or false");
                }
                fine
            }
            "format" => self.is_format(kind, value),
            "minimum" | "maximum" | "multipleOf" => {
                let Value::Number(text) = &value.value else {
                    self.wrong_type(value, &what, "a number");
                    return false;
                };
                if key == "multipleOf" && !decimal::is_positive(text) {
                    let message = format!("`multipleOf` must be above zero, and this is {text}");
                    self.diagnostics
                        .error("wrong-type", value.span, message)
                        .help("write a number such as `1` or `0.01`");
                    return false;
                }
                true
            }
            _ => match &value.value {
                Value::Number(text)
                    if decimal::is_integer(text) && decimal::compare(text, "0").is_ge() =>
                {
                    true
                }
                Value::Number(text) => {
                    let message =
                        format!("{what} must be a whole number from zero on, and this is {text}");
                    self.diagnostics
                        .error("wrong-type", value.span, message)
                        .help("write a number such as `10`");
                    false
                }
                _ => {
                    self.wrong_type(value, &what, "a whole number from zero on");
                    false
                }
            },
        }
    }

    fn is_format(&mut self, kind: Kind, value: &Node) -> bool {
        let Some(format) = value.as_str() else {
            self.wrong_type(value, "`format`", "a string");
            return false;
        };
        let known: &[&str] = match kind {
            Kind::Integer => &INTEGER_FORMATS,
            Kind::DateTime => &["rfc3339", "rfc2616"],
            _ => &NUMBER_FORMATS,
        };
        if known.contains(&format) {
            return true;
        }
        let message = format!("the type `{}` has no format `{format}`", kind.name());
        let help = match suggest::closest(format, known.iter().copied()) {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("it is one of {}", known.join(", ")),
        };
        self.diagnostics
            .error("unknown-value", value.span, message)
            .help(help);
        false
    }

    /// Reports a facet that allows more than what is inherited.
    pub(super) fn wider(&mut self, place: Span, before: Span, key: &str) {
        let message = format!("`{key}` allows more than the type above does");
        self.diagnostics
            .error("wider-facet", place, message)
            .related(before, "what it inherits")
            .help("a type may only narrow the one that it inherits from (RAML 1.0, Inheritance)");
    }

    /// Whether some value can be within all limits.
    pub(super) fn check_bounds(&mut self, shape: &mut Shape) {
        for (low, high) in PAIRS {
            let (Some(least), Some(most)) = (shape.facet(low), shape.facet(high)) else {
                continue;
            };
            let (Value::Number(from), Value::Number(to)) = (&least.value, &most.value) else {
                continue;
            };
            if decimal::compare(from, to).is_gt() {
                let message = format!("no value is valid: `{low}` is {from} and `{high}` is {to}");
                let (place, related) = (least.span, most.span);
                self.diagnostics
                    .error("conflicting-facets", place, message)
                    .related(related, format!("`{high}`"))
                    .help("exchange or correct the two limits");
                shape.faulty = true;
            }
        }
    }

    /// `enum`: no more than the parent's.
    pub(super) fn enumeration(&mut self, shape: &mut Shape, inherited: &Rc<Shape>, node: &Node) {
        let Some(items) = node.as_sequence() else {
            self.wrong_type(node, "`enum`", "an array of values");
            return;
        };
        if items.is_empty() {
            self.diagnostics
                .error(
                    "conflicting-facets",
                    node.span,
                    "`enum` lists no value, so nothing is valid",
                )
                .help("list at least one value, or remove `enum`");
            return;
        }
        if shape.kind == Kind::File {
            self.diagnostics
                .error("unknown-facet", node.span, "`enum` cannot list files")
                .help("limit files by `fileTypes`, `minLength` and `maxLength`");
            return;
        }
        for item in items {
            let listed = inherited.enumeration.as_ref().and_then(Node::as_sequence);
            if let (Some(listed), Some(before)) = (listed, &inherited.enumeration)
                && !listed.iter().any(|one| equal(one, item))
            {
                let before = before.span;
                self.wider(item.span, before, "enum");
            }
        }
        shape.enumeration = Some(node.clone());
    }

    /// Notes that what `enum` lists has to be of the type that lists it. Its facets may stand behind
    /// `enum`, and the types that its values are made of may not be worked out yet.
    pub(super) fn note_enumeration(&mut self, shape: &Shape) {
        let Some(values) = shape.enumeration.clone().filter(|_| !shape.faulty) else {
            return;
        };
        let item = Shape {
            enumeration: None,
            ..shape.clone()
        };
        self.types.enumerations.push((Rc::new(item), values));
    }

    /// Has every `enum` checked against the type that lists it.
    pub(super) fn check_enumerations(&mut self) {
        for (item, values) in std::mem::take(&mut self.types.enumerations) {
            let item = Expression::new(values.span, Form::Known(item));
            let list = Expression::new(values.span, Form::Array(Rc::new(item)));
            self.check_later(&list, &values, "`enum`");
        }
        // A type within one of these was noted where it stands.
        self.types.enumerations.clear();
    }

    pub(super) fn pattern(&mut self, shape: &mut Shape, node: &Node) {
        let Some(pattern) = node.as_str() else {
            self.wrong_type(node, "`pattern`", "a string");
            return;
        };
        if let Some(fault) = crate::values::patterns::fault(pattern) {
            let message =
                format!("the pattern `{pattern}` is no regular expression of ECMA-262: {fault}");
            self.diagnostics
                .error("invalid-pattern", node.span, message)
                .help(crate::values::patterns::HELP);
            return;
        }
        if !shape
            .patterns
            .iter()
            .any(|known| known.as_str() == Some(pattern))
        {
            shape.patterns.push(node.clone());
        }
    }

    /// RAML 1.0, File: a list of media types, `*/*` for any.
    pub(super) fn file_types(&mut self, shape: &mut Shape, inherited: &Rc<Shape>, node: &Node) {
        let items = node.as_sequence().unwrap_or(std::slice::from_ref(node));
        for item in items {
            match item.as_str() {
                Some(text) if text.contains('/') => {}
                Some(text) => {
                    let message = format!("`{text}` is no media type");
                    self.diagnostics
                        .error("invalid-media-type", item.span, message)
                        .help("write a type such as `image/png`, or `*/*` for any");
                }
                None => self.wrong_type(item, "an item of `fileTypes`", "a string"),
            }
            if let Some(before) = inherited.facet("fileTypes")
                && let Some(known) = before.as_sequence()
                && !known.iter().any(|one| covers(one, item))
            {
                self.wider(item.span, before.span, "fileTypes");
            }
        }
        shape.set("fileTypes", build::list(node.span, items.to_vec()));
    }

    /// The `xml` facet, which OpenAPI has in the same form.
    pub(super) fn xml(&mut self, node: &Node) -> Option<Node> {
        let members = self.mapping(node, "`xml`")?.clone();
        let mut kept = Mapping::default();
        for entry in members.into_entries() {
            let value = plain(&entry.value);
            let expected = match entry.key.as_str() {
                "attribute" | "wrapped" => "true or false",
                "name" | "namespace" | "prefix" => "a string",
                key if annotation_name(key).is_some() => continue,
                key => {
                    let message = format!("`{key}` is no facet of `xml`");
                    let known = ["attribute", "wrapped", "name", "namespace", "prefix"];
                    let help = match suggest::closest(key, known) {
                        Some(close) => format!("did you mean `{close}`?"),
                        None => format!("it is one of {}", known.join(", ")),
                    };
                    self.diagnostics
                        .error("unknown-facet", entry.key_span, message)
                        .help(help);
                    continue;
                }
            };
            let fine = match expected {
                "a string" => value.as_str().is_some(),
                _ => matches!(value.value, Value::Bool(_)),
            };
            match fine {
                true => kept.put(crate::yaml::Entry {
                    value: value.clone(),
                    ..entry
                }),
                false => self.wrong_type(value, &format!("`{}`", entry.key), expected),
            }
        }
        Some(build::node(node.span, Value::Mapping(kept)))
    }

    /// RAML 1.0, XML Serialization of Type Instances: only scalars can be attributes, anything but
    /// scalars can be wrapped, and nothing is both.
    pub(super) fn check_xml(&mut self, shape: &Shape) {
        let flag = |name| {
            let node = shape.xml.as_ref()?.get(name)?;
            matches!(node.value, Value::Bool(true)).then_some(node)
        };
        let (attribute, wrapped) = (flag("attribute"), flag("wrapped"));
        if let (Some(attribute), Some(wrapped)) = (attribute, wrapped) {
            self.diagnostics
                .error(
                    "exclusive-facets",
                    wrapped.span,
                    "a value is either an attribute or wrapped in an element of its own",
                )
                .related(attribute.span, "the other one")
                .help("remove one of the two");
            return;
        }
        let Some(said) = attribute.or(wrapped) else {
            return;
        };
        let known = Expression::new(shape.span, Form::Known(Rc::new(shape.clone())));
        let kinds = self.kinds(&known);
        if attribute.is_some()
            && kinds
                .iter()
                .any(|kind| matches!(kind, Kind::Object | Kind::Array))
        {
            self.diagnostics
                .error(
                    "conflicting-facets",
                    said.span,
                    "objects and arrays cannot be attributes",
                )
                .help("remove `attribute`, or make it a scalar type");
        }
        if wrapped.is_some() && !kinds.is_empty() && kinds.iter().all(|kind| kind.is_scalar()) {
            self.diagnostics
                .error(
                    "conflicting-facets",
                    said.span,
                    "scalars cannot be wrapped in elements of their own",
                )
                .help("remove `wrapped`, or make it an object or an array");
        }
    }
}

/// Whether a media type, which may be a range, takes another one in.
fn covers(range: &Node, other: &Node) -> bool {
    let (Some(range), Some(other)) = (range.as_str(), other.as_str()) else {
        return false;
    };
    let whole = range.strip_suffix('*');
    range == other || range == "*/*" || whole.is_some_and(|start| other.starts_with(start))
}

/// Whether a facet allows more than another one; `None` when that cannot be told.
pub(super) fn is_wider(key: &str, own: &Node, before: &Node) -> Option<bool> {
    match (&own.value, &before.value) {
        (Value::Number(own), Value::Number(before)) => {
            let order = decimal::compare(own, before);
            Some(match key {
                "multipleOf" => false,
                _ if key.starts_with("min") => order == Ordering::Less,
                _ => order == Ordering::Greater,
            })
        }
        (Value::Bool(own), Value::Bool(before)) => Some(!own && *before),
        (Value::String(own), Value::String(before)) => Some(match key {
            "format" => rank(own) > rank(before) || own.starts_with("rfc") && own != before,
            _ => false,
        }),
        _ => None,
    }
}

/// Whether every multiple of `value` is one of `before`.
pub(super) fn divides(before: &Node, value: &Node) -> bool {
    match (&before.value, &value.value) {
        (Value::Number(before), Value::Number(value)) => decimal::is_multiple_of(value, before),
        _ => false,
    }
}
