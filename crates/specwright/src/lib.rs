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

#[cfg(feature = "cli")]
pub mod cli;

pub use compile::{Compiled, Compiler, Failure, Generated, analyse, compile, generate, lower};
pub use ir::Sides;
