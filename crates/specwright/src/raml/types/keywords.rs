//! Facets of scalar types as keywords of schemas.

use super::kinds::Kind;
use super::shape::Shape;
use crate::model::Type;
use crate::raml::build::{self, Object};
use crate::source::Span;
use crate::yaml::{Node, Value};

/// RAML 1.0, Number: a format of integers makes a number an integer.
pub(super) fn number(shape: &Shape, span: Span, out: &mut Object) {
    let format = shape.facet("format");
    let (ty, said) = match format.and_then(Node::as_str) {
        Some("int" | "int32") => (Type::Integer, Some("int32")),
        Some("long" | "int64") => (Type::Integer, Some("int64")),
        Some("int8") => (Type::Integer, Some("int8")),
        Some("int16") => (Type::Integer, Some("int16")),
        Some("float") => (Type::Number, Some("float")),
        Some("double") => (Type::Number, Some("double")),
        _ if shape.kind == Kind::Integer => (Type::Integer, None),
        _ => (Type::Number, None),
    };
    out.set("type", build::text(span, ty.name()));
    if let (Some(said), Some(node)) = (said, format) {
        out.put("format", node.span, build::text(node.span, said));
    }
    let range = match said {
        Some("int8") => ("-128", "127"),
        Some("int16") => ("-32768", "32767"),
        _ => return,
    };
    // OpenAPI's tools do not know these formats, so that their range is said as well.
    for (key, limit) in [("minimum", range.0), ("maximum", range.1)] {
        out.set(key, build::node(span, Value::Number(limit.to_owned())));
    }
}

/// RAML 1.0, File: in JSON its content is a string in base64, four characters for three bytes.
pub(super) fn file(shape: &Shape, span: Span, out: &mut Object) {
    out.set("type", build::text(span, "string"));
    out.set("contentEncoding", build::text(span, "base64"));
    let types = shape.facet("fileTypes");
    if let Some([only]) = types.and_then(Node::as_sequence)
        && only.as_str().is_some_and(|text| !text.contains('*'))
    {
        out.put("contentMediaType", only.span, only.clone());
    }
    if let Some(types) = types {
        out.put("x-fileTypes", types.span, types.clone());
    }
    for key in ["minLength", "maxLength"] {
        let Some(node) = shape.facet(key) else {
            continue;
        };
        let Value::Number(text) = &node.value else {
            continue;
        };
        if let Ok(bytes) = text.parse::<u64>() {
            let characters = bytes.div_ceil(3).saturating_mul(4);
            let value = build::node(node.span, Value::Number(characters.to_string()));
            out.put(key, node.span, value);
        }
    }
}

/// The facets that are keywords as they are.
pub(super) fn limits(shape: &Shape, out: &mut Object) {
    let here = |facet: &str| match facet {
        "format" | "fileTypes" => false,
        "minLength" | "maxLength" => shape.kind == Kind::String,
        _ => true,
    };
    for (key, value) in shape.facets.iter().filter(|(key, _)| here(key)) {
        let narrower = out
            .get(key)
            .is_some_and(|known| super::bounds::is_wider(key, value, known) == Some(true));
        if !narrower {
            out.put(*key, value.span, value.clone());
        }
    }
    let divisors = shape.divisors.iter().map(|divisor| {
        let mut one = Object::new(divisor.span);
        one.set("multipleOf", divisor.clone());
        one.finish()
    });
    also(out, divisors.collect());
}

pub(super) fn patterns(shape: &Shape, out: &mut Object) {
    let Some((first, others)) = shape.patterns.split_first() else {
        return;
    };
    let whole = |node: &Node| {
        let pattern = super::patterns::whole(node.as_str().unwrap_or_default());
        build::text(node.span, pattern)
    };
    out.put("pattern", first.span, whole(first));
    let others = others.iter().map(|pattern| {
        let mut one = Object::new(pattern.span);
        one.set("pattern", whole(pattern));
        one.finish()
    });
    also(out, others.collect());
}

/// Adds schemas that a value has to fit as well.
fn also(out: &mut Object, schemas: Vec<Node>) {
    let Some(span) = schemas.first().map(|first| first.span) else {
        return;
    };
    let mut all = out
        .get("allOf")
        .and_then(Node::as_sequence)
        .unwrap_or_default()
        .to_vec();
    all.extend(schemas);
    out.set("allOf", build::list(span, all));
}
