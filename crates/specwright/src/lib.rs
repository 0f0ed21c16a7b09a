//! Compiles API contracts into typed poem-openapi endpoints.
//!
//! From a build script:
//!
//! ```no_run
//! fn main() -> Result<(), specwright::Failure> {
//!     specwright::compile("openapi/museum.yaml")
//! }
//! ```
//!
//! and in the crate, `include!(concat!(env!("OUT_DIR"), "/museum.rs"));` in a module of its own.
//!
//! [`Compiler`] makes a client too, or a client alone.
//!
//! | in the contract | in Rust |
//! |---|---|
//! | operation | method of the service trait, endpoint function; method of the client |
//! | parameters and body of an operation | struct `…Request` |
//! | declared response | variant of the enum `…Response` |
//! | body of text in a response | the type of its schema where that is one value, a `String` otherwise |
//! | object with properties | struct |
//! | optional property | `Option<T>`, or `T` where the schema has a `default` |
//! | `nullable`, `type: [T, "null"]` | `Nullable<T>` |
//! | object without properties | `Map<T>` |
//! | enumeration of strings | enum |
//! | `oneOf`, `anyOf`, several types | enum over types |
//! | `allOf` | one struct |
//! | `integer`: int32, int64, bounded | `i32`, `i64`, `i64`; otherwise `Integer` |
//! | `number`: float, double | `f32`, `f64`; otherwise `Number` |
//! | `string`: date, date-time, uuid, byte | `Date`, `DateTime`, `Uuid`, `Base64` |
//! | anything else | `Json`, checked against the schema |
//! | security scheme | method `authenticate_…` of the service trait, method `with_…` of the client |
//!
//! What OpenAPI does not say, extensions do. Each is checked against what it speaks of, stays in the
//! served document, and is shown beside its operation or parameter on the documentation page.
//!
//! | extension | stands in | what it brings |
//! |---|---|---|
//! | `x-specwright-ignore-case: true` | OpenAPI Object | paths, names of query parameters and the values that parameters list are matched without regard to case; the service sees, and links have, the contract's |
//! | `x-specwright-unknown-parameters: refuse` | OpenAPI Object, Operation Object | a query parameter that the operation does not have is a violation, which names the nearest one that it has |
//! | `x-specwright-encoded-commas: true` | Parameter Object | in a list with `explode: false`, `%2C` separates items like `,` |
//! | `x-specwright-fields: Thing` | Parameter Object | the parameter names properties of the schema `Thing`, and the answer's things have those alone, in the contract's order; `Vec` of an enum in the request |
//! | `x-specwright-order-by: Thing` | Parameter Object | the parameter names properties of `Thing` to sort by, with `-` in front downwards; `Vec<Order<…>>` in the request |
//! | `x-specwright-hal: {self: get_thing}` | Operation Object | the 200's `_links.self` is made: the path of `get_thing`, filled in from properties |
//! | `x-specwright-hal: {items: thing, self: get_thing, page: Page, pageSize: PageSize, state: AsOf}` | Operation Object | the 200 is a page: the service gives `Page<Thing>`, and `_links` (`self`, `next`, `prev`, `first`, `last`), `total`, `_embedded.thing` and each thing's `_links.self` are made. Links keep the query, and carry the page's state in the parameter of `state`. Of several JSON media types the runtime chooses by `Accept` |
//! | `x-specwright-conditional: private` | Operation Object | a 200 has a strong `ETag` and this `Cache-Control`, and `If-None-Match` is answered with 304 |
//! | `x-specwright-undeclared-media-types: ignore` | Request Body Object | a body of another media type is taken for absent |
//! | `x-specwright-deprecated-since: "2026-01-01"` | OpenAPI Object, Operation Object | every answer has the header `Deprecation` (RFC 9745), and the documentation a banner; in an operation beside `deprecated: true`, in a document for all of its operations |
//! | `x-specwright-sunset: "2026-12-31"` | OpenAPI Object, Operation Object | the same with the header `Sunset` (RFC 8594); not before the deprecation |
//!
//! What the runtime makes is not in the types of the service.
//!
//! A RAML 1.0 contract becomes an OpenAPI 3.1 document first, which is what is served:
//!
//! | in RAML | in OpenAPI |
//! |---|---|
//! | type | entry of `components/schemas` |
//! | resource with methods, everything inherited written out | path item |
//! | path such as `/{id}{ext}`, whose `ext` has an `enum` | a path for each of the values |
//! | paths that match the same requests | one path item, that of the first, with a warning |
//! | method | operation; its id is the `displayName` when that is one word, else made of method and path |
//! | `displayName` of more words | `summary` |
//! | `queryString` | one object parameter in the style `form` |
//! | `documentation` | sections of `info/description` |
//! | `baseUri`, `baseUriParameters`, `protocols` | `servers`, one a protocol |
//! | Basic Authentication, OAuth 2.0 | `http` and `oauth2` |
//! | Pass Through, `x-…` | one `apiKey` for each header and query parameter that `describedBy` requires, all needed |
//! | Digest Authentication, OAuth 1.0, `x-…` that describes nothing | `apiKey` in `Authorization`, which the service checks |
//! | annotation `(name)` | `x-name` |
//! | body of XML, or of `multipart` | text or bytes, passed on unchecked, with a warning |

mod compile;
mod parts;
mod suggest;

pub mod source;

pub mod diag;

pub mod yaml;

pub mod dialect;

pub mod model;

pub mod values;

pub mod openapi;

pub mod raml;

pub mod ir;

pub mod emit;

pub mod output;

pub mod diff;

pub mod freeze;

#[cfg(feature = "cli")]
pub mod cli;

pub use compile::{Compiled, Compiler, Failure, Generated, analyse, compile, generate, lower};
pub use ir::Sides;
