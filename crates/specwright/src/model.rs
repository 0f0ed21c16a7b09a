//! The resolved contract, free of dialect: what both front ends lower to.
//!
//! When you hold an [`Api`], every reference is an arena index, every include, path-item
//! reference and dialect spelling is gone (OpenAPI 3.0's `nullable` is a type, its boolean
//! `exclusiveMinimum` a number), and lists stand in document order. Nothing is named for Rust
//! yet and nothing is merged: `allOf` is still a list.

mod day;
pub(crate) mod decimal;
mod json;
mod operation;
pub(crate) mod pattern;
mod schema;
mod yaml_text;

pub use day::Day;
pub use json::Json;
pub(crate) use json::write_string as write_json_string;
pub use operation::{
    Body, Content, Encoding, Fields, Flow, Hal, Header, Lifecycle, Location, MediaForm, Method,
    Naming, Operation, Paging, Parameter, PathPart, PathSegment, PathTemplate, Purpose,
    Requirement, Response, Rules, SecurityKind, SecurityScheme, StatusSet, Style, Undeclared,
};
pub use schema::{Discriminator, Schema, SchemaId, Type, TypeSet};

use crate::source::Span;

/// One contract, resolved.
#[derive(Clone, Debug)]
pub struct Api {
    /// The specification the contract was written in.
    pub dialect: Dialect,
    /// `info`, at least the title and the version.
    pub info: Info,
    /// `servers`, with the path part of each URL; never empty (the default server is `/`).
    pub servers: Vec<Server>,
    /// Declared tags, in document order; a tag only used by an operation is not listed.
    pub tags: Vec<Tag>,
    /// Every served operation, in document order.
    pub operations: Vec<Operation>,
    /// Whether paths, names of query parameters and the values that parameters list are matched
    /// without regard to case (`x-specwright-ignore-case`).
    pub ignore_case: bool,
    /// Webhooks and callbacks: documented, never served.
    pub outgoing: Vec<Operation>,
    /// The arena that every [`SchemaId`] points into.
    pub schemas: Vec<Schema>,
    /// The named schemas (`components/schemas`), in document order, used or not.
    pub named_schemas: Vec<(String, SchemaId)>,
    /// Schemas of other files that are referred to, each with the name that its place suggests, in
    /// the order of the references. A name may stand here twice, and among those of the contract.
    pub suggested_names: Vec<(String, SchemaId)>,
    /// `components/securitySchemes`, in document order, used or not.
    pub security_schemes: Vec<SecurityScheme>,
    /// The contract as one document, as it is served: references into other files moved into
    /// `components`, everything else as written, order kept.
    pub document: Json,
}

impl Api {
    /// The schema behind an id.
    pub fn schema(&self, id: SchemaId) -> &Schema {
        &self.schemas[id.index()]
    }
}

/// The specification a contract was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// OpenAPI 3.0.x.
    OpenApi30,
    /// OpenAPI 3.1.x.
    OpenApi31,
    /// RAML 1.0.
    Raml10,
}

/// `info` (OAS 3.1, Info Object).
#[derive(Clone, Debug)]
pub struct Info {
    /// The API's name, as written.
    pub title: String,
    /// The contract's version, any text.
    pub version: String,
    /// CommonMark, empty when absent.
    pub description: String,
}

/// One server (OAS 3.1, Server Object).
#[derive(Clone, Debug)]
pub struct Server {
    /// As written, template variables replaced by their defaults.
    pub url: String,
    /// The path part of `url`, without a trailing slash; empty for the root.
    pub base_path: String,
}

/// One declared tag (OAS 3.1, Tag Object).
#[derive(Clone, Debug)]
pub struct Tag {
    /// As written.
    pub name: String,
    /// CommonMark, empty when absent.
    pub description: String,
    /// Where it is declared.
    pub span: Span,
}
