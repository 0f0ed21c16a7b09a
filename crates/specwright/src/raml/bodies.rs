//! Bodies and media types.

use super::Lowering;
use super::annotations::Target;
use super::build::{self, Object};
use super::fields::annotation_name;
use super::types::Untyped;
use crate::source::Span;
use crate::yaml::{Entry, Node, Value};

/// The top-level media types that are registered (RFC 6838, section 4.2.7; the registry as of 2024).
const TOP_LEVEL: [&str; 11] = [
    "application",
    "audio",
    "example",
    "font",
    "haptics",
    "image",
    "message",
    "model",
    "multipart",
    "text",
    "video",
];

impl Lowering<'_> {
    /// The `content` of a body: media type → schema. `None` when the body says nothing.
    pub(super) fn contents(&mut self, body: &Entry, target: Target) -> Option<Node> {
        let node = &body.value;
        let mut content = Object::new(match node.value {
            Value::Null => body.key_span,
            _ => node.span,
        });
        match node.as_mapping() {
            Some(members) if members.iter().any(|entry| entry.key.contains('/')) => {
                let members = members.clone();
                for entry in members.iter() {
                    if entry.key.contains('/') {
                        self.check_media_type(&entry.key, entry.key_span);
                        let value = self.media_type(&entry.key, entry, target);
                        content.put(entry.key.clone(), entry.key_span, value);
                    } else if annotation_name(&entry.key).is_none() {
                        self.mixed_body(entry);
                    }
                }
                self.annotations(&members, &[target]);
            }
            None if matches!(node.value, Value::Null) && self.media_types.is_empty() => {
                return None;
            }
            _ => {
                let media_types = self.media_types.clone();
                if media_types.is_empty() {
                    self.no_media_type(body);
                }
                for (media_type, span) in media_types {
                    let value = self.media_type(&media_type, body, target);
                    content.put(media_type, span, value);
                }
            }
        }
        (!content.is_empty()).then(|| content.finish())
    }

    fn mixed_body(&mut self, entry: &Entry) {
        let message = format!("`{}` stands beside media types", entry.key);
        self.diagnostics
            .error("unknown-facet", entry.key_span, message)
            .help("move it into the media type that it is said of, or write a media type such as `application/json`");
    }

    fn no_media_type(&mut self, body: &Entry) {
        self.diagnostics
            .error("missing-media-type", body.key_span, "nothing says which media type this body has")
            .help("write `mediaType: application/json` at the root of the API, or put the body under a media type");
    }

    fn media_type(&mut self, media_type: &str, entry: &Entry, target: Target) -> Node {
        let declaration = &entry.value;
        let span = match declaration.value {
            Value::Null => entry.key_span,
            _ => declaration.span,
        };
        let schema = self.body_schema(declaration, target);
        self.check_schema_of_body(declaration, media_type);
        let mut object = Object::new(span);
        if is_opaque(media_type) {
            let message = format!(
                "bodies of `{media_type}` are passed on as they are, and not checked against their type"
            );
            self.diagnostics
                .warning("opaque-media-type", entry.key_span, message)
                .help("describe a JSON body as well, if clients can send one");
            let mut opaque = Object::new(span);
            opaque.set("type", build::text(span, "string"));
            opaque.set("contentMediaType", build::text(span, media_type));
            object.put("schema", span, opaque.finish());
        } else if !matches!(declaration.value, Value::Null) {
            object.put("schema", span, schema);
        }
        object.finish()
    }

    /// Annotations on a body are said of the body, so that its type does not have them.
    fn body_schema(&mut self, declaration: &Node, target: Target) -> Node {
        let Some(members) = declaration.as_mapping().cloned() else {
            return self.schema(declaration, Untyped::Any);
        };
        let mut rest = crate::yaml::Mapping::default();
        for entry in members
            .iter()
            .filter(|entry| annotation_name(&entry.key).is_none())
        {
            rest.put(entry.clone());
        }
        let kept = self.annotations(&members, &[target, Target::TypeDeclaration]);
        let bare = build::node(declaration.span, Value::Mapping(rest));
        let mut schema = self.schema(&bare, Untyped::Any);
        if let Value::Mapping(members) = &mut schema.value {
            for entry in kept {
                members.put(entry);
            }
        }
        schema
    }

    /// RFC 6838: a registered top-level type, and a name behind it.
    pub(super) fn check_media_type(&mut self, media_type: &str, span: Span) {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        let (top, name) = essence.split_once('/').unwrap_or((essence, ""));
        let token = |text: &str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+*".contains(&byte);
            !text.is_empty() && text.bytes().all(plain)
        };
        let lower = top.to_ascii_lowercase();
        let registered =
            TOP_LEVEL.contains(&lower.as_str()) || lower.starts_with("x-") || lower == "*";
        if token(name) && registered {
            return;
        }
        let message = format!("`{media_type}` is no media type");
        let close = crate::suggest::closest(&lower, TOP_LEVEL);
        let diagnostic = self.diagnostics.error("invalid-media-type", span, message);
        match (close, token(name)) {
            (Some(close), true) if !registered => {
                diagnostic.help(format!("did you mean `{close}/{name}`?"))
            }
            _ => diagnostic.help("write a type such as `application/json` or `text/plain`"),
        };
    }
}

/// What is not looked into: XML, and every `multipart` type.
fn is_opaque(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    let xml =
        matches!(essence.as_str(), "application/xml" | "text/xml") || essence.ends_with("+xml");
    xml || essence.starts_with("multipart/")
}
