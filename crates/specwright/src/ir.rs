//! The Rust program to be written, as data: every name final, legal and unique in its scope;
//! presence decided; cycles boxed; for every schema its exact Rust type, or a wider one with an
//! exact residual check.
//!
//! [`lower()`] makes it from a resolved contract; [`emit`](crate::emit) only prints it.

mod checks;
mod contents;
mod cycles;
mod direction;
mod lower;
mod made;
mod merge;
mod names;
mod numbers;
mod objects;
mod operations;
mod scalars;
mod schema;
mod shapes;
mod union;
mod value;

pub use lower::lower;

use crate::model;

/// Which sides of an API are generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sides {
    /// The service trait and the endpoints over it.
    pub server: bool,
    /// The client.
    pub client: bool,
}

impl Sides {
    /// The server alone.
    pub const SERVER: Self = Self {
        server: true,
        client: false,
    };
    /// The client alone.
    pub const CLIENT: Self = Self {
        server: false,
        client: true,
    };
    /// Both, with one set of types.
    pub const BOTH: Self = Self {
        server: true,
        client: true,
    };
}

/// One generated file.
#[derive(Clone, Debug)]
pub struct Module {
    /// The API's name in kebab case, also the stem of its sidecar files.
    pub name: String,
    /// The contract's path, as the header names it.
    pub source: String,
    /// `info.title`
    pub title: String,
    /// `info.version`
    pub version: String,
    /// The service trait's name.
    pub service: String,
    /// The mounted type's name.
    pub api: String,
    /// The client's name; empty where there is none.
    pub client: String,
    /// Which sides are generated.
    pub sides: Sides,
    /// The service trait's documentation, CommonMark.
    pub docs: String,
    /// Whether paths are matched without regard to case.
    pub ignore_case: bool,
    /// The path parts of the servers, without trailing slashes, no two alike.
    pub bases: Vec<String>,
    /// Every served operation, in document order.
    pub operations: Vec<Operation>,
    /// The types of the schemas, in the order of their first use.
    pub types: Vec<TypeDef>,
    /// Read functions of schemas that have no type of their own, in the order of their first use.
    pub readers: Vec<Reader>,
    /// The security schemes that served operations use.
    pub schemes: Vec<Scheme>,
    /// The requirements that served operations state, no two alike.
    pub requirements: Vec<Requirement>,
    /// The patterns that readers check: constant name and ECMA-262 text.
    pub patterns: Vec<(String, String)>,
    /// The compiled checks: constant name and `$defs` key.
    pub checks: Vec<(String, String)>,
    /// The shapes that have a name because other shapes refer to them.
    pub shapes: Vec<(String, Shape)>,
    /// The `$defs` document that the checks point into.
    pub check_document: model::Json,
    /// The paths of the contract's own files, which are carried when the served document is not in
    /// their dialect; the root first.
    pub sources: Vec<String>,
}

/// An index into [`Module::types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub usize);

/// An index into [`Module::readers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReaderId(pub usize);

/// An index into [`Module::checks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckId(pub usize);

/// A Rust type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// A runtime or standard type without parameters.
    Scalar(Scalar),
    /// A type of this module.
    Named(TypeId),
    /// `Vec<T>`
    Vec(Box<Type>),
    /// `Map<T>`, keys in the order they came.
    Map(Box<Type>),
    /// `Nullable<T>`
    Nullable(Box<Type>),
    /// `ObjectOr<T>`: an object of type `T`, or anything that is no object.
    ObjectOr(Box<Type>),
    /// `Box<T>`, where a value would otherwise hold itself.
    Boxed(Box<Type>),
    /// `Order<T>`: a key to sort by, and which way.
    Order(Box<Type>),
    /// `Page<T>`: a page of a list, as a service gives it.
    Page(Box<Type>),
}

/// A type that every generated file shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// `bool`
    Bool,
    /// `String`
    String,
    /// `i32`
    I32,
    /// `i64`
    I64,
    /// `f32`
    F32,
    /// `f64`
    F64,
    /// An integer of any size.
    Integer,
    /// A number with all its digits.
    Number,
    /// Any JSON value.
    Json,
    /// A calendar date.
    Date,
    /// A date and time with its offset.
    DateTime,
    /// A UUID.
    Uuid,
    /// Bytes that travel as base64.
    Base64,
    /// A stream of bytes; only bodies have it.
    ByteStream,
}

/// A type and how it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// The Rust type.
    pub ty: Type,
    /// The function that reads it.
    pub read: Read,
}

/// How a value is read from JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// By its type's own `Read`.
    Own,
    /// By a function of this module.
    By(ReaderId),
}

/// A read function: what it reads first, and what must then hold.
#[derive(Clone, Debug)]
pub struct Reader {
    /// The function's name.
    pub name: String,
    /// What it returns.
    pub ty: Type,
    /// How the value is read.
    pub base: Base,
    /// What must hold of it, in the order it is checked.
    pub checks: Vec<Check>,
    /// The schema that the value's text must satisfy besides.
    pub residual: Option<CheckId>,
    /// Whether something that is read can bring it; others are not printed.
    pub read: bool,
}

/// How a read function starts.
#[derive(Clone, Debug)]
pub enum Base {
    /// As another value.
    Value(Value),
    /// A number whose digits the checks see, then made into the type.
    Number,
    /// An array of items.
    Array(Value),
    /// An object of members.
    Map(Value),
    /// `null` or the value.
    Nullable(Value),
    /// An object, or anything that is no object.
    ObjectOr(Value),
    /// The value, boxed.
    Boxed(Value),
}

/// One check of a read function.
#[derive(Clone, Debug)]
pub enum Check {
    /// In Unicode scalar values.
    MinLength(u64),
    /// In Unicode scalar values.
    MaxLength(u64),
    /// An index into [`Module::patterns`].
    Pattern(usize),
    /// A format that has no type of its own.
    Format(&'static str),
    /// On an integer type.
    Minimum(i64),
    /// On an integer type.
    Maximum(i64),
    /// On a number's digits: the runtime's function and the bound's text.
    Number(&'static str, String),
    /// Array items.
    MinItems(u64),
    /// Array items.
    MaxItems(u64),
}

/// A type of the module.
#[derive(Clone, Debug)]
pub struct TypeDef {
    /// Its name.
    pub name: String,
    /// CommonMark.
    pub docs: String,
    /// What it is.
    pub kind: TypeKind,
    /// The schema that a value's text must satisfy besides, when it is read.
    pub residual: Option<CheckId>,
    /// Whether it is read: by servers from requests, by clients from responses.
    pub read: bool,
    /// Whether it is written: by servers into responses, by clients into requests.
    pub write: bool,
}

/// What a type of the module is.
#[derive(Clone, Debug)]
pub enum TypeKind {
    /// An object with known members.
    Struct(Struct),
    /// One of several strings: variant name and text.
    Enum(Vec<(String, String)>),
    /// One of several types.
    Union(Union),
    /// Another name for a type.
    Alias(Value),
    /// A type that holds itself through a list or map.
    Newtype(Value),
}

/// An object with known members.
#[derive(Clone, Debug)]
pub struct Struct {
    /// In document order.
    pub fields: Vec<Field>,
    /// Members that must not be sent (`readOnly`).
    pub refused: Vec<String>,
    /// What happens to the members that no field names.
    pub rest: Rest,
}

/// One member of an object.
#[derive(Clone, Debug)]
pub struct Field {
    /// The field's name.
    pub name: String,
    /// The member's key.
    pub key: String,
    /// CommonMark.
    pub docs: String,
    /// The member's value.
    pub value: Value,
    /// Whether it may be absent.
    pub presence: Presence,
    /// `deprecated: true`
    pub deprecated: bool,
}

/// Whether something may be absent, and what it is then.
#[derive(Clone, Debug, PartialEq)]
pub enum Presence {
    /// It is always there.
    Required,
    /// `Option<T>`
    Optional,
    /// The expression that stands for an absent value.
    Default(Literal),
}

/// A default value as an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `true` or `false`
    Bool(bool),
    /// A number of the target type.
    Number(String),
    /// A number that becomes an `Integer`.
    Integer(String),
    /// A string that becomes a `String`.
    String(String),
    /// A variant of a string enum.
    Variant(TypeId, String),
    /// JSON text, read at run time by the value's own function.
    Json(String),
}

/// What happens to the members of an object that no field names.
#[derive(Clone, Debug)]
pub enum Rest {
    /// Checked for being JSON, then left.
    Ignored,
    /// An error.
    Refused,
    /// Kept in a map: field name and value.
    Kept(String, Value),
}

/// One of several types.
#[derive(Clone, Debug)]
pub struct Union {
    /// In document order.
    pub variants: Vec<Variant>,
    /// How the variant is found.
    pub choice: Choice,
}

/// One variant of a union.
#[derive(Clone, Debug)]
pub struct Variant {
    /// The variant's name.
    pub name: String,
    /// What it holds.
    pub value: Value,
}

/// How the variant of a union is found.
#[derive(Clone, Debug)]
pub enum Choice {
    /// By a member: its key; the value of each variant, variants by index.
    Discriminator(String, Vec<(String, usize)>),
    /// By the kind of JSON value; variants by index.
    Kind(Vec<(&'static str, usize)>),
    /// Exactly one variant must read.
    Trying,
}

/// One operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The contract's `operationId`, or a name made from method and path.
    pub id: String,
    /// The trait method's and the endpoint function's name.
    pub method_name: String,
    /// The client method's name.
    pub client_method: String,
    /// The static's name.
    pub constant: String,
    /// The method.
    pub method: model::Method,
    /// The path template as written.
    pub path: String,
    /// Tags, as written.
    pub tags: Vec<String>,
    /// CommonMark.
    pub docs: String,
    /// `deprecated: true`
    pub deprecated: bool,
    /// What its answers say of its end.
    pub lifecycle: Option<Lifecycle>,
    /// `x-idempotent`: whether sending it twice is the same as once; by its method when `None`.
    pub idempotent: Option<bool>,
    /// The request type; `None` when there is nothing to send.
    pub request: Option<Request>,
    /// The response type.
    pub response: ResponseType,
    /// What the service answers with, where the runtime makes parts of the response: they are left
    /// out. Without it, the service answers with the response type.
    pub served: Option<ResponseType>,
    /// What the contract asks for beyond OpenAPI, where it asks for anything.
    pub rules: Option<Rules>,
    /// Alternatives of conjunctions, indices into [`Module::requirements`].
    pub security: Vec<Vec<usize>>,
}

/// What every answer of an operation says of its end.
#[derive(Clone, Debug)]
pub struct Lifecycle {
    /// The static's name.
    pub constant: String,
    /// The header `Deprecation`.
    pub deprecation: Option<String>,
    /// The header `Sunset`.
    pub sunset: Option<String>,
}

/// What a contract asks of an operation beyond OpenAPI. Parameters are indices into those of the
/// request.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The static's name.
    pub constant: String,
    /// Whether names of query parameters are matched without regard to case.
    pub ignore_case: bool,
    /// Whether parameters that the operation does not have are refused.
    pub refuse_unknown: bool,
    /// The parameter that selects members, the members, and the way to the items.
    pub fields: Option<(usize, Vec<String>, Vec<String>)>,
    /// The path of an item, and how a list is divided.
    pub links: Option<(String, Option<Paging>)>,
    /// The header `Cache-Control` of conditional answers.
    pub cache_control: Option<String>,
}

/// How a list is divided into pages. Parameters are indices into those of the request.
#[derive(Clone, Debug)]
pub struct Paging {
    /// The number of the page.
    pub number: usize,
    /// The number of items on a page.
    pub size: usize,
    /// The number of items where the parameter is absent.
    pub default_size: u64,
    /// The state that links keep to.
    pub state: Option<usize>,
    /// The name of the items.
    pub relation: String,
    /// Whether `total` is a string.
    pub total_is_text: bool,
}

impl Operation {
    /// What the service answers with.
    pub fn answer(&self) -> &ResponseType {
        self.served.as_ref().unwrap_or(&self.response)
    }

    /// Whether its declared bodies never come: RFC 9110, section 9.3.2.
    pub fn has_bare_answers(&self) -> bool {
        let mut variants = self.response.variants.iter();
        self.method == model::Method::Head && variants.any(|variant| !variant.contents.is_empty())
    }
}

/// The request type of an operation.
#[derive(Clone, Debug)]
pub struct Request {
    /// The type's name.
    pub name: String,
    /// In document order.
    pub parameters: Vec<Parameter>,
    /// The body.
    pub body: Option<Body>,
}

/// One parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The field's name.
    pub field: String,
    /// The static's name.
    pub constant: String,
    /// The contract's parameter.
    pub name: String,
    /// CommonMark.
    pub docs: String,
    /// `deprecated: true`
    pub deprecated: bool,
    /// Where it travels.
    pub location: model::Location,
    /// How it is written.
    pub style: model::Style,
    /// `explode`
    pub explode: bool,
    /// `allowEmptyValue`
    pub allow_empty_value: bool,
    /// `allowReserved`
    pub allow_reserved: bool,
    /// Its value.
    pub value: Value,
    /// Whether it may be absent.
    pub presence: Presence,
    /// How its text becomes JSON.
    pub shape: Shape,
    /// Its schema.
    pub check: CheckId,
}

/// A request body.
#[derive(Clone, Debug)]
pub struct Body {
    /// The field's name.
    pub field: String,
    /// The static's name.
    pub constant: String,
    /// CommonMark.
    pub docs: String,
    /// Whether a request without one is refused.
    pub required: bool,
    /// What happens to other media types.
    pub undeclared: model::Undeclared,
    /// The enum over several media types; `None` for a single one.
    pub choice: Option<String>,
    /// At least one.
    pub contents: Vec<Content>,
}

/// One media type of a request body.
#[derive(Clone, Debug)]
pub struct Content {
    /// The static's name.
    pub constant: String,
    /// The variant in the enum over several media types.
    pub variant: String,
    /// As written.
    pub media_type: String,
    /// How its bytes are read.
    pub form: model::MediaForm,
    /// Its value; a stream for [`model::MediaForm::Binary`].
    pub value: Value,
    /// How a form's fields become JSON.
    pub shape: Shape,
    /// Form fields that do not travel in the default style.
    pub encoding: Vec<model::Encoding>,
    /// Its schema; `None` for streams.
    pub check: Option<CheckId>,
}

/// The response type of an operation.
#[derive(Clone, Debug)]
pub struct ResponseType {
    /// The enum's name.
    pub name: String,
    /// In document order.
    pub variants: Vec<ResponseVariant>,
}

/// One declared response.
#[derive(Clone, Debug)]
pub struct ResponseVariant {
    /// The variant's name.
    pub name: String,
    /// The static's name.
    pub constant: String,
    /// CommonMark.
    pub docs: String,
    /// Which statuses it stands for.
    pub status: model::StatusSet,
    /// Typed headers.
    pub headers: Vec<HeaderField>,
    /// The enum over several media types; `None` for none or a single one.
    pub choice: Option<String>,
    /// The media types.
    pub contents: Vec<ResponseContent>,
}

/// One response header.
#[derive(Clone, Debug)]
pub struct HeaderField {
    /// The field's name.
    pub field: String,
    /// The header's name.
    pub name: String,
    /// CommonMark.
    pub docs: String,
    /// `explode`
    pub explode: bool,
    /// Whether it is always sent.
    pub required: bool,
    /// Its value.
    pub value: Value,
    /// How its text becomes JSON; settled where there is a client.
    pub shape: Shape,
}

/// One media type of a response.
#[derive(Clone, Debug)]
pub struct ResponseContent {
    /// The variant in the enum over several media types.
    pub variant: String,
    /// As written.
    pub media_type: String,
    /// How its bytes are written.
    pub form: model::MediaForm,
    /// Its value; a stream for bytes.
    pub value: Value,
    /// How a text becomes JSON; settled where there is a client.
    pub shape: Shape,
    /// Its schema; `None` for streams and for media types without a schema.
    pub check: Option<CheckId>,
    /// Which parts of it the runtime makes.
    pub made: Made,
}

/// Which parts of a body the runtime makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Made {
    /// None.
    #[default]
    Nothing,
    /// The links of one item.
    Item,
    /// The links and the frame of a page.
    Page,
}

/// A security scheme that served operations use.
#[derive(Clone, Debug)]
pub struct Scheme {
    /// The scheme's key in the contract.
    pub name: String,
    /// The static's name.
    pub constant: String,
    /// The trait method that checks its credentials.
    pub method_name: String,
    /// The client method that takes credentials.
    pub client_method: String,
    /// CommonMark.
    pub docs: String,
    /// What it asks for.
    pub kind: model::SecurityKind,
}

/// A scheme with the scopes an operation asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The constant's name.
    pub constant: String,
    /// An index into [`Module::schemes`].
    pub scheme: usize,
    /// Scopes or roles.
    pub scopes: Vec<String>,
}

/// How text becomes JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A JSON string.
    String,
    /// A JSON number.
    Number,
    /// `true` or `false`
    Boolean,
    /// `null`
    Null,
    /// JSON text.
    Json,
    /// One of these words, in any case.
    Words(Vec<String>),
    /// The first that fits and that the schema takes; without a check it takes them all.
    OneOf(Vec<Shape>, Option<CheckId>),
    /// Items.
    Array(Box<Shape>),
    /// Members, then what no member names.
    Object(Vec<(String, Shape)>, Box<Shape>),
    /// An index into [`Module::shapes`].
    Named(usize),
}
