//! Request bodies and media types.

use super::Lowering;
use super::documents::At;
use super::fields::{Kind, is_extension};
use super::headers::is_token;
use super::parameters;
use super::references::Referable;
use crate::model::{Body, Content, Encoding, MediaForm, Style, Undeclared};
use crate::yaml::{Node, Value};

const BODY: Kind = Kind {
    name: "Request Body Object",
    keys: &["description", "content", "required"],
    keys_31: &[],
};

const MEDIA_TYPE: Kind = Kind {
    name: "Media Type Object",
    keys: &["schema", "example", "examples", "encoding"],
    keys_31: &[],
};

const ENCODING: Kind = Kind {
    name: "Encoding Object",
    keys: &[
        "contentType",
        "headers",
        "style",
        "explode",
        "allowReserved",
    ],
    keys_31: &[],
};

pub(super) const UNDECLARED: &str = "x-specwright-undeclared-media-types";

impl<'a> Lowering<'a, '_> {
    /// OAS 3.1, Request Body Object.
    pub(super) fn body(&mut self, at: At<'a>) -> Option<Body> {
        let span = at.key_span;
        let (at, description) = self.follow_described(at, Referable::RequestBody)?;
        self.object(&at, &BODY)?;
        let required = self.flag(&at, "required").unwrap_or_default();
        let undeclared = self.undeclared(&at);
        let Some(content) = self.map(&at, "content") else {
            if at.node.get("content").is_none() {
                self.missing(&at, "content");
            }
            return None;
        };
        if content.node.as_mapping().is_some_and(|map| map.is_empty()) {
            self.diagnostics
                .error(
                    "missing-key",
                    content.key_span,
                    "`content` names no media type",
                )
                .help("add a media type such as `application/json`, or remove the body");
        }
        let contents = self.contents(&content);
        if contents.is_empty() {
            return None;
        }
        Some(Body {
            description,
            required,
            contents,
            undeclared,
            span,
        })
    }

    fn undeclared(&mut self, at: &At<'a>) -> Undeclared {
        if at.node.get(UNDECLARED).is_none() {
            return Undeclared::default();
        }
        match self.text(at, UNDECLARED) {
            Some("refuse") => Undeclared::Refuse,
            Some("ignore") => Undeclared::Ignore,
            Some(other) => {
                self.not_one_of(at, UNDECLARED, other, &["refuse", "ignore"]);
                Undeclared::default()
            }
            None => Undeclared::default(),
        }
    }

    /// The media types of a body or response.
    pub(super) fn contents(&mut self, map: &At<'a>) -> Vec<Content> {
        let mut contents = Vec::new();
        for (media_type, at) in map.members() {
            if is_extension(media_type) && !media_type.contains('/') {
                continue;
            }
            contents.extend(self.content(media_type, at));
        }
        contents
    }

    /// OAS 3.1, Media Type Object.
    fn content(&mut self, media_type: &str, at: At<'a>) -> Option<Content> {
        let span = at.key_span;
        self.object(&at, &MEDIA_TYPE)?;
        let Some(essence) = essence(media_type) else {
            let message = format!("`{media_type}` is no media type");
            self.diagnostics
                .error("invalid-media-type", span, message)
                .help("write a type such as `application/json`, `text/*` or `*/*`");
            self.unused_value(&at);
            self.encodings(&at);
            return None;
        };
        let schema = at.get("schema");
        let form = self.form(&essence, schema.as_ref().map(|at| at.node));
        let form = match form {
            // A body that is described as opaque is passed on as it is.
            MediaForm::Xml if is_opaque(schema.as_ref()) => MediaForm::Text,
            MediaForm::Multipart if is_opaque(schema.as_ref()) => MediaForm::Binary,
            form => form,
        };
        if let Some(what) = unsupported(form) {
            let message =
                format!("specwright does not serve {what} yet, and this is `{media_type}`");
            self.diagnostics
                .error("unsupported-media-type", span, message)
                .help("leave this media type out");
        }
        if form == MediaForm::Binary
            && schema
                .as_ref()
                .is_some_and(|at| self.is_structured(at.node))
        {
            let message =
                format!("`{media_type}` is not JSON: bodies are passed on as bytes, unchecked");
            self.diagnostics
                .warning("opaque-media-type", span, message)
                .help("write and read them in the service, or offer `application/json` beside it");
        }
        let encoding = self.encodings(&at);
        let schema = schema.map(|at| self.schema(at));
        self.examples(&at, schema.filter(|_| form == MediaForm::Json));
        Some(Content {
            media_type: media_type.to_owned(),
            form,
            schema,
            encoding: match form {
                MediaForm::Form => encoding,
                _ => Vec::new(),
            },
            span,
        })
    }

    fn encodings(&mut self, at: &At<'a>) -> Vec<Encoding> {
        let map = self.map(at, "encoding");
        let mut encodings = Vec::new();
        for (property, at) in map.into_iter().flat_map(|map| map.members()) {
            if self.object(&at, &ENCODING).is_some() {
                encodings.push(self.encoding(property, &at));
            }
        }
        encodings
    }

    /// OAS 3.1, Encoding Object: the styles are those of query parameters.
    fn encoding(&mut self, property: &str, at: &At<'a>) -> Encoding {
        self.headers(at);
        self.flag(at, "allowReserved");
        let content_type = self.text(at, "contentType").map(str::to_owned);
        let known = ["form", "spaceDelimited", "pipeDelimited", "deepObject"];
        let style = match self.text(at, "style") {
            Some(name) if known.contains(&name) => parameters::style(name).unwrap_or(Style::Form),
            Some(other) => {
                self.not_one_of(at, "style", other, &known);
                Style::Form
            }
            None => Style::Form,
        };
        Encoding {
            property: property.to_owned(),
            style,
            explode: self.flag(at, "explode").unwrap_or(style == Style::Form),
            content_type,
        }
    }

    fn form(&mut self, essence: &str, schema: Option<&'a Node>) -> MediaForm {
        let (kind, subtype) = essence.split_once('/').unwrap_or((essence, ""));
        match (kind, subtype) {
            ("application", "json") => MediaForm::Json,
            (_, subtype) if subtype.ends_with("+json") => MediaForm::Json,
            ("application", "x-www-form-urlencoded") => MediaForm::Form,
            ("multipart", _) => MediaForm::Multipart,
            ("text", "event-stream") => MediaForm::EventStream,
            ("application" | "text", "xml") => MediaForm::Xml,
            (_, subtype) if subtype.ends_with("+xml") => MediaForm::Xml,
            ("text", _) => MediaForm::Text,
            _ if schema.is_some_and(|schema| self.is_structured(schema)) => {
                match has_own_syntax(kind, subtype) {
                    true => MediaForm::Binary,
                    false => MediaForm::Json,
                }
            }
            _ => MediaForm::Binary,
        }
    }

    /// Whether a schema describes more than a plain string, `$ref`s followed.
    fn is_structured(&self, schema: &'a Node) -> bool {
        let mut schema = schema;
        let mut steps = 0;
        while let Some(reference) = schema.get("$ref").and_then(Node::as_str) {
            steps += 1;
            match self.documents.resolve(schema.span.file, reference) {
                Ok(target) if steps < 100 => schema = target.node,
                _ => return false,
            }
        }
        let structured = |word: &str| word != "string" && word != "null";
        match schema.get("type").map(|node| &node.value) {
            Some(Value::String(word)) => structured(word),
            Some(Value::Sequence(words)) => words.iter().filter_map(Node::as_str).any(structured),
            _ => [
                "properties",
                "items",
                "allOf",
                "oneOf",
                "anyOf",
                "additionalProperties",
                "prefixItems",
            ]
            .iter()
            .any(|key| schema.get(key).is_some()),
        }
    }
}

/// Whether a schema is of text in a format of its own, which nothing looks into (JSON Schema
/// 2020-12 Validation, section 8.4): `{type: string, contentMediaType: application/xml}`.
fn is_opaque(schema: Option<&At<'_>>) -> bool {
    schema.is_some_and(|at| {
        let text = at.node.get("type").and_then(Node::as_str) == Some("string");
        text && at.node.get("contentMediaType").is_some()
    })
}

fn unsupported(form: MediaForm) -> Option<&'static str> {
    match form {
        MediaForm::Multipart => Some("multipart bodies"),
        MediaForm::EventStream => Some("server-sent events"),
        MediaForm::Xml => Some("XML"),
        MediaForm::Json | MediaForm::Form | MediaForm::Text | MediaForm::Binary => None,
    }
}

/// The type and subtype in lower case, without parameters (RFC 9110, section 8.3.1).
fn essence(media_type: &str) -> Option<String> {
    let essence = media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let (kind, subtype) = essence.split_once('/')?;
    (is_token(kind) && is_token(subtype)).then_some(essence.clone())
}

/// Whether a media type that is not said to be JSON is known to be something else, whatever schema
/// describes what its bodies mean.
fn has_own_syntax(kind: &str, subtype: &str) -> bool {
    const SYNTAXES: [&str; 12] = [
        "yaml",
        "cbor",
        "cbor-seq",
        "msgpack",
        "protobuf",
        "avro",
        "ndjson",
        "jsonl",
        "jsonlines",
        "json-seq",
        "csv",
        "bson",
    ];
    let name = subtype
        .rsplit_once('+')
        .map_or(subtype, |(_, suffix)| suffix);
    let name = name.strip_prefix("x-").unwrap_or(name);
    let name = name.strip_prefix("vnd.").unwrap_or(name);
    ["image", "audio", "video", "font"].contains(&kind) || SYNTAXES.contains(&name)
}
