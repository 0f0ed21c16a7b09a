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
//! A RAML 1.0 contract becomes an OpenAPI 3.1 document first, which is what is served:
//!
//! | in RAML | in OpenAPI |
//! |---|---|
//! | type | entry of `components/schemas` |
//! | resource with methods, everything inherited written out | path item |
//! | method | operation; its id is the `displayName` when that is one word, else made of method and path |
//! | `displayName` of more words | `summary` |
//! | `queryString` | one object parameter in the style `form` |
//! | `documentation` | sections of `info/description` |
//! | `baseUri`, `baseUriParameters`, `protocols` | `servers`, one a protocol |
//! | Basic Authentication, OAuth 2.0 | `http` and `oauth2` |
//! | Pass Through, `x-…` | one `apiKey` for each header and query parameter that `describedBy` requires, all needed |
//! | Digest Authentication, OAuth 1.0, `x-…` that describes nothing | `apiKey` in `Authorization`, which the service checks |
//! | annotation `(name)` | `x-name` |
//! | body of XML, or of `multipart` other than forms | text or bytes, passed on unchecked, with a warning |

mod compile;
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
