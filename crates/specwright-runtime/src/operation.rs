//! What a contract says of its operations: the static data of generated code.

use crate::check::Check;
use crate::explain::Violation;
use crate::shape::Shape;

/// An API as its contract describes it.
#[derive(Debug)]
pub struct Api {
    /// Its name in paths and metrics.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// The version of the contract.
    pub version: &'static str,
    /// The path parts of its servers; every operation answers below each of them.
    pub bases: &'static [&'static str],
    /// Its operations, in the order of the contract.
    pub operations: &'static [&'static Operation],
    /// The contract as it is served, as JSON.
    pub document_json: &'static str,
    /// The contract as it is served, as YAML.
    pub document_yaml: &'static str,
}

/// One operation of an API.
#[derive(Debug)]
pub struct Operation {
    /// Its name in logs and metrics.
    pub id: &'static str,
    /// Its method.
    pub method: Method,
    /// Its path template below the bases of the API.
    pub path: &'static str,
    /// Its tags.
    pub tags: &'static [&'static str],
    /// Whether the contract discourages its use.
    pub deprecated: bool,
    /// Its parameters, in the order of the contract.
    pub parameters: &'static [&'static Parameter],
    /// The body of its requests, if they have one.
    pub body: Option<&'static RequestBody>,
    /// Its declared responses.
    pub responses: &'static [&'static Response],
    /// Alternatives, each of which is a set of schemes that must all be met. An empty set lets
    /// anybody in; no alternative at all asks for nothing.
    pub security: &'static [&'static [Requirement]],
}

impl Operation {
    /// What the contract has against this JSON body: for wordings that explain a body other than
    /// the one that came.
    pub fn violations_of_body(&self, json: &[u8]) -> Vec<Violation> {
        let check = self.body.and_then(|body| {
            body.content
                .iter()
                .find(|content| content.form == MediaForm::Json)?
                .check
        });
        match (check, std::str::from_utf8(json)) {
            (Some(check), Ok(json)) => check.violations(json, "/body"),
            _ => Vec::new(),
        }
    }

    /// Whether some declared response has this status, a range such as `4XX` aside.
    pub fn declares(&self, status: &str) -> bool {
        self.responses
            .iter()
            .any(|response| response.status == status)
    }
}

/// What every answer of an operation says of its end.
#[derive(Debug)]
pub struct Lifecycle {
    /// The operation.
    pub operation: &'static Operation,
    /// Since when it is deprecated: the header `Deprecation` (RFC 9745).
    pub deprecation: Option<&'static str>,
    /// Until when it answers: the header `Sunset` (RFC 8594).
    pub sunset: Option<&'static str>,
}

/// The methods that OpenAPI knows (OAS 3.1, Path Item Object).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// `DELETE`
    Delete,
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `OPTIONS`
    Options,
    /// `PATCH`
    Patch,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `TRACE`
    Trace,
}

impl Method {
    /// As it stands in a request.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Trace => "TRACE",
        }
    }

    pub(crate) fn to_http(self) -> http::Method {
        use http::Method as Http;
        match self {
            Self::Delete => Http::DELETE,
            Self::Get => Http::GET,
            Self::Head => Http::HEAD,
            Self::Options => Http::OPTIONS,
            Self::Patch => Http::PATCH,
            Self::Post => Http::POST,
            Self::Put => Http::PUT,
            Self::Trace => Http::TRACE,
        }
    }
}

/// A parameter (OAS 3.1, Parameter Object).
#[derive(Debug)]
pub struct Parameter {
    /// Its name; in headers without regard to case.
    pub name: &'static str,
    /// Where it travels.
    pub location: Location,
    /// Whether a request without it is refused.
    pub required: bool,
    /// How its value becomes text.
    pub style: Style,
    /// Whether the parts of an array or object stand on their own.
    pub explode: bool,
    /// Whether the query may name it without a value.
    pub allow_empty_value: bool,
    /// What kind of value its text is turned into.
    pub shape: Shape,
    /// Its schema.
    pub check: &'static Check,
}

/// Where a parameter or an API key travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
    /// In the header `Cookie`.
    Cookie,
}

impl Location {
    /// As it stands in pointers: `/query/limit`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }
}

/// How a value becomes text (OAS 3.1, Style Values).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `;name=value`
    Matrix,
    /// `.value`
    Label,
    /// `value`
    Simple,
    /// `name=value`
    Form,
    /// `name=a,b` or `name=a%2Cb`: a comma separates however it is written
    /// (`x-specwright-encoded-commas`).
    Commas,
    /// `name=a%20b`
    SpaceDelimited,
    /// `name=a|b`
    PipeDelimited,
    /// `name[key]=value`
    DeepObject,
}

/// The body of a request (OAS 3.1, Request Body Object).
#[derive(Debug)]
pub struct RequestBody {
    /// Whether a request without it is refused.
    pub required: bool,
    /// The media types it may have.
    pub content: &'static [&'static Content],
    /// What becomes of a body of another media type.
    pub undeclared: Undeclared,
}

/// What becomes of a body whose media type is not declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undeclared {
    /// 415.
    Refuse,
    /// It is as if there were no body.
    Ignore,
}

/// A body in one media type (OAS 3.1, Media Type Object).
#[derive(Debug)]
pub struct Content {
    /// The media type or range.
    pub media_type: &'static str,
    /// How it is read.
    pub form: MediaForm,
    /// What kind of value its text is turned into.
    pub shape: Shape,
    /// How the fields of a form become text, where the contract says so.
    pub encoding: &'static [Encoding],
    /// Its schema.
    pub check: Option<&'static Check>,
}

/// How a body is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaForm {
    /// As JSON.
    Json,
    /// As a form: `application/x-www-form-urlencoded`.
    Form,
    /// As text.
    Text,
    /// As bytes, streamed.
    Binary,
}

/// How a field of a form becomes text (OAS 3.1, Encoding Object).
#[derive(Debug)]
pub struct Encoding {
    /// The field.
    pub property: &'static str,
    /// The style.
    pub style: Style,
    /// Whether the parts of an array or object stand on their own.
    pub explode: bool,
    /// Whether the field holds JSON.
    pub json: bool,
}

/// A declared response.
#[derive(Debug)]
pub struct Response {
    /// `200`, `4XX` or `default`.
    pub status: &'static str,
    /// The media types it may have, with the schema of the body.
    pub content: &'static [(&'static str, Option<&'static Check>)],
}

/// A scheme that must be met, with scopes that must be granted.
#[derive(Debug)]
pub struct Requirement {
    /// The scheme.
    pub scheme: &'static SecurityScheme,
    /// The scopes.
    pub scopes: &'static [&'static str],
}

/// A way to prove who one is (OAS 3.1, Security Scheme Object).
#[derive(Debug)]
pub struct SecurityScheme {
    /// Its name in the contract.
    pub name: &'static str,
    /// What it asks for.
    pub kind: SecurityKind,
}

/// What a security scheme asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecurityKind {
    /// A user name and a password (RFC 7617).
    Basic,
    /// A token (RFC 6750); OAuth 2.0 and OpenID Connect too.
    Bearer,
    /// A key in a place of its own.
    ApiKey {
        /// Where it travels.
        location: Location,
        /// The name it has there.
        name: &'static str,
    },
}
