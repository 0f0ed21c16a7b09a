//! Which specification a document is written in.

use crate::diag::Diagnostics;
use crate::model::Dialect;
use crate::source::Span;
use crate::yaml::{Node, Value};

/// Whether a document is RAML, of whatever version: its first line says so (RAML 1.0, Markup
/// Language).
pub fn is_raml(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').starts_with("#%RAML")
}

/// Tells which OpenAPI a root document is, or reports why there is none that compiles.
pub fn detect(root: &Node, text: &str, diagnostics: &mut Diagnostics) -> Option<Dialect> {
    let Some(members) = root.as_mapping() else {
        let message = format!(
            "a contract is an object, and this document is {}",
            root.kind()
        );
        diagnostics
            .error("not-a-contract", root.span, message)
            .help("begin it with `openapi: 3.1.0`, or with `#%RAML 1.0`");
        return None;
    };
    if let Some(entry) = members.get("openapi") {
        return openapi(&entry.value, diagnostics);
    }
    if let Some(entry) = members.get("swagger") {
        diagnostics
            .error(
                "unsupported-dialect",
                entry.value.span,
                "specwright does not compile Swagger 2.0",
            )
            .help("convert the contract to OpenAPI 3.0 or 3.1");
        return None;
    }
    diagnostics
        .error("not-a-contract", first_line(root, text), "the document does not say that it is OpenAPI or RAML")
        .help("begin it with `openapi: 3.1.0`, or with `#%RAML 1.0`; a fragment of a contract is named by the document that refers to it");
    None
}

/// OAS 3.1, OpenAPI Object: the version of the specification, `3.0.x` or `3.1.x`.
fn openapi(version: &Node, diagnostics: &mut Diagnostics) -> Option<Dialect> {
    let text = match &version.value {
        Value::String(text) => text,
        Value::Number(text) => {
            diagnostics
                .error(
                    "wrong-type",
                    version.span,
                    "`openapi` must be a string, and this is a number",
                )
                .help(format!(
                    "put quotes around it and write all three parts: `\"{text}.0\"`"
                ));
            return None;
        }
        _ => {
            let message = format!("`openapi` must be a string, and this is {}", version.kind());
            diagnostics
                .error("wrong-type", version.span, message)
                .help("write a version such as `3.1.0`");
            return None;
        }
    };
    let mut parts = text.splitn(3, '.');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("3"), Some("0"), Some(_)) => Some(Dialect::OpenApi30),
        (Some("3"), Some("1"), Some(_)) => Some(Dialect::OpenApi31),
        _ => {
            let message = format!("specwright does not compile OpenAPI `{text}`");
            diagnostics
                .error("unsupported-dialect", version.span, message)
                .help("it compiles 3.0.x and 3.1.x");
            None
        }
    }
}

fn first_line(root: &Node, text: &str) -> Span {
    Span {
        file: root.span.file,
        start: 0,
        end: text.lines().next().map_or(0, str::len) as u32,
    }
}
