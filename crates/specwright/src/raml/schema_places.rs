//! Where types that are defined by an XML or JSON Schema may not stand (RAML 1.0, Using XML and JSON
//! Schema).

use super::Lowering;
use super::types::Untyped;
use crate::yaml::Node;

/// The language that defines a type, other than RAML.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Language {
    Xml,
    Json,
}

impl Language {
    /// As messages call its schemas.
    fn name(self) -> &'static str {
        match self {
            Language::Xml => "an XML schema",
            Language::Json => "a JSON Schema",
        }
    }

    /// The language of bodies of this media type, where it is one of the two.
    fn of_media_type(media_type: &str) -> Option<Language> {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        let (_, subtype) = essence.split_once('/')?;
        let subtype = subtype.to_ascii_lowercase();
        match subtype.rsplit('+').next()? {
            "xml" => Some(Language::Xml),
            "json" => Some(Language::Json),
            _ => None,
        }
    }
}

impl Lowering<'_> {
    /// Reports the type of a parameter or header that a schema defines. The declaration has been
    /// lowered before.
    pub(super) fn refuse_schema(&mut self, declaration: &Node, untyped: Untyped, what: &str) {
        if let Some(language) = self.schema_language(declaration, untyped) {
            let message = format!("the type of {what} cannot be {}", language.name());
            self.diagnostics
                .error("external-type", declaration.span, message)
                .help("describe it as a RAML type");
        }
    }

    /// Reports a body of one language whose type is a schema of the other. The declaration has been
    /// lowered before.
    pub(super) fn check_schema_of_body(&mut self, declaration: &Node, media_type: &str) {
        let Some(language) = Language::of_media_type(media_type) else {
            return;
        };
        let schema = self.schema_language(declaration, Untyped::Any);
        if let Some(schema) = schema.filter(|schema| *schema != language) {
            let message = format!("the type of `{media_type}` cannot be {}", schema.name());
            self.diagnostics
                .error("external-type", declaration.span, message)
                .help("describe it as a RAML type, or put it under a media type that the schema is of");
        }
    }

    /// The language of a type that a schema defines. What is wrong with it was said before.
    fn schema_language(&mut self, declaration: &Node, untyped: Untyped) -> Option<Language> {
        let mut findings = crate::diag::Diagnostics::new();
        std::mem::swap(self.diagnostics, &mut findings);
        let expression = self.expression(declaration, untyped);
        let shape = self.shape(&expression);
        std::mem::swap(self.diagnostics, &mut findings);
        let external = shape.external.as_ref().filter(|_| !shape.faulty)?;
        let schema = external.schema(declaration.span);
        let content = schema.get("contentMediaType").and_then(Node::as_str);
        Some(match content {
            Some("application/xml") => Language::Xml,
            _ => Language::Json,
        })
    }
}
