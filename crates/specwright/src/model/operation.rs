use crate::model::{Day, Json, SchemaId};
use crate::source::Span;

/// One operation: a method on a path (OAS 3.1, Operation Object).
#[derive(Clone, Debug)]
pub struct Operation {
    /// `operationId`, when written; unique then.
    pub id: Option<String>,
    /// The HTTP method.
    pub method: Method,
    /// The path, relative to the servers' base paths. For a webhook or callback: its name or
    /// runtime expression as one literal segment.
    pub path: PathTemplate,
    /// Tags, in document order.
    pub tags: Vec<String>,
    /// Plain text, empty when absent.
    pub summary: String,
    /// CommonMark, empty when absent.
    pub description: String,
    /// `deprecated: true`
    pub deprecated: bool,
    /// Since when it is deprecated and until when it answers, by its own word or the document's.
    pub lifecycle: Lifecycle,
    /// Path-level and operation-level parameters, the latter winning; document order.
    pub parameters: Vec<Parameter>,
    /// `requestBody`
    pub body: Option<Body>,
    /// Declared responses, in document order, at least one.
    pub responses: Vec<Response>,
    /// Alternatives, each a list of schemes that must all hold; empty when none is asked for. An
    /// empty alternative means anonymous access is allowed too. The API's own list is inherited.
    pub security: Vec<Vec<Requirement>>,
    /// What is asked for beyond OpenAPI.
    pub rules: Rules,
    /// `x-…` keys.
    pub extensions: Vec<(String, Json)>,
    /// The operation's key (its method) in the document.
    pub span: Span,
    /// How a person finds it: `#/paths/~1pets/get`.
    pub pointer: String,
}

/// Since when something is deprecated, and until when it is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// `x-specwright-deprecated-since`
    pub since: Option<Day>,
    /// `x-specwright-sunset`, not before `since`.
    pub sunset: Option<Day>,
}

/// What an operation is asked for beyond OpenAPI; each part fits the operation it stands in.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Whether query parameters that the operation does not have are refused
    /// (`x-specwright-unknown-parameters`).
    pub refuse_unknown: bool,
    /// Which members of an answer's items can be left out (`x-specwright-fields`).
    pub fields: Option<Fields>,
    /// Which links an answer has (`x-specwright-hal`).
    pub hal: Option<Hal>,
    /// The header `Cache-Control` of answers that can be asked for by their state
    /// (`x-specwright-conditional`).
    pub cache_control: Option<String>,
}

/// Which members of an answer's items can be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields {
    /// The query parameter that names those that are asked for.
    pub parameter: String,
    /// The members that it can name, in the order of the contract.
    pub names: Vec<String>,
    /// The members that lead from the body to the items, through arrays on the way.
    pub place: Vec<String>,
}

/// Which links an answer has (draft-kelly-json-hal-11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hal {
    /// The path of the operation that shows one item.
    pub item_path: String,
    /// The schema of an item, which has `_links`.
    pub item: SchemaId,
    /// How a list is divided; `None` where the answer is one item.
    pub paging: Option<Paging>,
}

/// How a list is divided into pages. Parameters are query parameters, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging {
    /// The number of the page, from 1.
    pub number: String,
    /// The number of items on a page.
    pub size: String,
    /// The number of items on a page where the parameter is absent.
    pub default_size: u64,
    /// The state of the data that links keep to.
    pub state: Option<String>,
    /// The name of the items in `_embedded`.
    pub relation: String,
    /// Whether `total` is a string.
    pub total_is_text: bool,
}

/// The methods an operation can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// `GET`
    Get,
    /// `PUT`
    Put,
    /// `POST`
    Post,
    /// `DELETE`
    Delete,
    /// `OPTIONS`
    Options,
    /// `HEAD`
    Head,
    /// `PATCH`
    Patch,
    /// `TRACE`
    Trace,
}

impl Method {
    /// As HTTP writes it.
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Put => "PUT",
            Method::Post => "POST",
            Method::Delete => "DELETE",
            Method::Options => "OPTIONS",
            Method::Head => "HEAD",
            Method::Patch => "PATCH",
            Method::Trace => "TRACE",
        }
    }
}

/// A path with its parameters told apart from its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathTemplate {
    /// As written.
    pub raw: String,
    /// Between slashes; `/` has one empty segment.
    pub segments: Vec<PathSegment>,
}

/// What stands between two slashes; no two parameters are adjacent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathSegment {
    /// In order; empty for an empty segment.
    pub parts: Vec<PathPart>,
}

/// A piece of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathPart {
    /// Text that must stand there, percent-decoded.
    Literal(String),
    /// The name of a path parameter.
    Parameter(String),
}

/// One parameter (OAS 3.1, Parameter Object).
#[derive(Clone, Debug)]
pub struct Parameter {
    /// As written; header names keep their case.
    pub name: String,
    /// Where it travels.
    pub location: Location,
    /// CommonMark, empty when absent.
    pub description: String,
    /// A path parameter is always required.
    pub required: bool,
    /// `deprecated: true`
    pub deprecated: bool,
    /// The style, the location's default when not written.
    pub style: Style,
    /// `explode`, the style's default when not written.
    pub explode: bool,
    /// `allowEmptyValue: true`
    pub allow_empty_value: bool,
    /// `allowReserved`
    pub allow_reserved: bool,
    /// The schema of the value.
    pub schema: SchemaId,
    /// The media type that the value is written in, where `content` describes it instead of a
    /// style: in the model, refused by the front end for now.
    pub media_type: Option<String>,
    /// What the items of the value name, where they name properties of a schema.
    pub naming: Option<Naming>,
    /// `x-…` keys.
    pub extensions: Vec<(String, Json)>,
    /// Where it is declared.
    pub span: Span,
}

/// A parameter whose items name properties of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Naming {
    /// What the properties are named for.
    pub purpose: Purpose,
    /// The schema with the properties.
    pub of: SchemaId,
    /// Where this is said.
    pub span: Span,
}

/// What properties are named for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be in the answer (`x-specwright-fields`).
    Fields,
    /// To sort by (`x-specwright-order-by`): the names without their minus are the schema's values.
    OrderBy {
        /// The enumeration of the names; `None` until it is made.
        keys: Option<SchemaId>,
    },
}

/// Where a parameter travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// In the path.
    Path,
    /// In the query string.
    Query,
    /// In a header.
    Header,
    /// In the `Cookie` header.
    Cookie,
}

impl Location {
    /// As OpenAPI writes it.
    pub fn name(self) -> &'static str {
        match self {
            Location::Path => "path",
            Location::Query => "query",
            Location::Header => "header",
            Location::Cookie => "cookie",
        }
    }
}

/// How a value is written as text (OAS 3.1, Style Values).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `;color=blue` (path)
    Matrix,
    /// `.blue` (path)
    Label,
    /// `blue,black` (path, header)
    Simple,
    /// `color=blue,black` (query, cookie)
    Form,
    /// `color=blue,black` or `color=blue%2Cblack` (query): a comma separates however it is written
    /// (`x-specwright-encoded-commas`).
    Commas,
    /// `blue%20black` (query)
    SpaceDelimited,
    /// `blue|black` (query)
    PipeDelimited,
    /// `color[R]=100` (query)
    DeepObject,
}

/// A request body.
#[derive(Clone, Debug)]
pub struct Body {
    /// CommonMark, empty when absent.
    pub description: String,
    /// Whether a request without a body is refused.
    pub required: bool,
    /// The media types, in document order, at least one.
    pub contents: Vec<Content>,
    /// What happens to a body of a media type that is not declared
    /// (`x-specwright-undeclared-media-types`).
    pub undeclared: Undeclared,
    /// Where it stands.
    pub span: Span,
}

/// What happens to a request body whose media type the contract does not declare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Undeclared {
    /// 415.
    #[default]
    Refuse,
    /// The body is taken for absent, except that any `+json` type is read as JSON.
    Ignore,
}

/// One media type of a body or response (OAS 3.1, Media Type Object).
#[derive(Clone, Debug)]
pub struct Content {
    /// As written: `application/json`, `text/*`, `*/*`, parameters included.
    pub media_type: String,
    /// How its bytes are read and written.
    pub form: MediaForm,
    /// `None` when the contract gives no schema.
    pub schema: Option<SchemaId>,
    /// Form fields that do not travel in the default style.
    pub encoding: Vec<Encoding>,
    /// Where it stands.
    pub span: Span,
}

/// How the bytes of a media type are read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaForm {
    /// `application/json`, `…+json`, and vendor types whose schema is not a plain string.
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
    /// `text/…`
    Text,
    /// Everything else, `*/*` included: a stream of bytes.
    Binary,
    /// `multipart/…`: in the model, refused by the front end for now.
    Multipart,
    /// `text/event-stream`: in the model, refused by the front end for now.
    EventStream,
    /// `application/xml`, `…+xml`: in the model, refused by the front end for now.
    Xml,
}

/// How one field of a form travels (OAS 3.1, Encoding Object).
#[derive(Clone, Debug)]
pub struct Encoding {
    /// The property's name.
    pub property: String,
    /// `form` when not written.
    pub style: Style,
    /// The style's default when not written.
    pub explode: bool,
    /// `contentType`, when written.
    pub content_type: Option<String>,
}

/// One declared response.
#[derive(Clone, Debug)]
pub struct Response {
    /// Which statuses it stands for.
    pub status: StatusSet,
    /// CommonMark; OAS requires it, it may be empty.
    pub description: String,
    /// Typed headers, in document order; `Content-Type` is left out (OAS 3.1, Response Object).
    pub headers: Vec<Header>,
    /// The media types; empty for a response without a body.
    pub contents: Vec<Content>,
    /// Where it stands.
    pub span: Span,
}

/// The statuses a response stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatusSet {
    /// One status, 100 to 599.
    Status(u16),
    /// `1XX` to `5XX`: the first digit.
    Range(u8),
    /// `default`
    Default,
}

/// One response header (OAS 3.1, Header Object).
#[derive(Clone, Debug)]
pub struct Header {
    /// As written.
    pub name: String,
    /// CommonMark, empty when absent.
    pub description: String,
    /// `required: true`
    pub required: bool,
    /// `explode: true`; the style is always `simple`.
    pub explode: bool,
    /// The schema of the value.
    pub schema: SchemaId,
    /// The media type that the value is written in, where `content` describes it: in the model,
    /// refused by the front end for now.
    pub media_type: Option<String>,
    /// Where it stands.
    pub span: Span,
}

/// One entry of a security requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The scheme's name; always declared.
    pub scheme: String,
    /// Scopes (oauth2, openIdConnect) or roles.
    pub scopes: Vec<String>,
}

/// One security scheme (OAS 3.1, Security Scheme Object).
#[derive(Clone, Debug)]
pub struct SecurityScheme {
    /// Its key in the document.
    pub name: String,
    /// CommonMark, empty when absent.
    pub description: String,
    /// What it asks for.
    pub kind: SecurityKind,
    /// Where it stands.
    pub span: Span,
}

/// What a security scheme asks for.
#[derive(Clone, Debug)]
pub enum SecurityKind {
    /// A key in a header, query parameter or cookie.
    ApiKey {
        /// Never [`Location::Path`].
        location: Location,
        /// The header's, parameter's or cookie's name.
        name: String,
    },
    /// HTTP basic (RFC 7617).
    Basic,
    /// HTTP bearer (RFC 6750).
    Bearer {
        /// A hint for people, such as `JWT`.
        format: Option<String>,
    },
    /// OAuth 2; its tokens arrive as bearer tokens.
    OAuth2 {
        /// At least one.
        flows: Vec<Flow>,
    },
    /// OpenID Connect; its tokens arrive as bearer tokens.
    OpenIdConnect {
        /// `openIdConnectUrl`
        url: String,
    },
}

/// One OAuth 2 flow.
#[derive(Clone, Debug)]
pub struct Flow {
    /// `implicit`, `password`, `clientCredentials` or `authorizationCode`.
    pub name: String,
    /// Scope → description, in document order.
    pub scopes: Vec<(String, String)>,
}
