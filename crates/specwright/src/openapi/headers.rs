//! Response headers.

use super::Lowering;
use super::documents::At;
use super::fields::Kind;
use super::references::Referable;
use crate::model::Header;
use crate::source::Span;

const HEADER: Kind = Kind {
    name: "Header Object",
    keys: &[
        "description",
        "required",
        "deprecated",
        "allowEmptyValue",
        "style",
        "explode",
        "allowReserved",
        "schema",
        "example",
        "examples",
        "content",
    ],
    keys_31: &[],
};

impl<'a> Lowering<'a, '_> {
    /// OAS 3.1, Response Object: a header called `Content-Type` is ignored.
    pub(super) fn headers(&mut self, at: &At<'a>) -> Vec<Header> {
        let map = self.map(at, "headers");
        let mut headers: Vec<Header> = Vec::new();
        for (name, at) in map.into_iter().flat_map(|map| map.members()) {
            if name.eq_ignore_ascii_case("content-type") {
                self.ignored_header(at);
                continue;
            }
            let key = at.key_span;
            let header = self.header(name, at);
            if !self.is_header_name(name, key) {
                continue;
            }
            if let Some(first) = headers
                .iter()
                .find(|known| known.name.eq_ignore_ascii_case(name))
            {
                let message = format!("the header `{name}` is declared twice");
                self.diagnostics
                    .error("duplicate-header", key, message)
                    .related(
                        first.span,
                        "first declared here, header names having no case",
                    )
                    .help("remove one of the two");
                continue;
            }
            headers.extend(header);
        }
        headers
    }

    /// What it is made of is checked all the same.
    fn ignored_header(&mut self, at: At<'a>) {
        if let Some(at) = self.follow(at, Referable::Header)
            && self.object(&at, &HEADER).is_some()
        {
            self.unused_value(&at);
        }
    }

    /// Whether a header can have this name (RFC 9110, section 5.6.2); reports it when not.
    pub(super) fn is_header_name(&mut self, name: &str, place: Span) -> bool {
        let is_token = is_token(name);
        if !is_token {
            let message = format!("`{name}` cannot be the name of a header");
            self.diagnostics
                .error("invalid-header-name", place, message)
                .help("use letters, digits and `-`");
        }
        is_token
    }

    /// OAS 3.1, Header Object.
    pub(super) fn header(&mut self, name: &str, at: At<'a>) -> Option<Header> {
        let span = at.key_span;
        let (at, description) = self.follow_described(at, Referable::Header)?;
        self.object(&at, &HEADER)?;
        self.flag(&at, "deprecated");
        self.flag(&at, "allowEmptyValue");
        if let Some(style) = self.text(&at, "style")
            && style != "simple"
        {
            self.not_one_of(&at, "style", style, &["simple"]);
        }
        let required = self.flag(&at, "required").unwrap_or_default();
        let explode = self.flag(&at, "explode").unwrap_or_default();
        self.flag(&at, "allowReserved");
        let (schema, media_type) = self.value_schema(&at, &format!("the header `{name}`"))?;
        Some(Header {
            name: name.to_owned(),
            description,
            required,
            explode,
            schema,
            media_type,
            span,
        })
    }
}

/// RFC 9110, section 5.6.2: a token.
pub(super) fn is_token(name: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(token)
}
