//! OpenAPI 3.0 and 3.1 documents to the resolved model.
//!
//! Every object is read against the list of keys that the specification gives it; a key that is on
//! no list is reported, an `x-` key is kept. References are followed here and nowhere else.

mod affected;
mod bodies;
mod bundle;
mod components;
mod documents;
mod fields;
mod hal;
mod headers;
mod info;
mod lifecycle;
mod links;
mod naming;
mod operations;
mod parameters;
mod paths;
mod references;
mod responses;
mod rules;
mod samples;
mod schema_checks;
mod schema_cycles;
mod schemas;
mod security;
mod template;

use crate::diag::Diagnostics;
use crate::dialect;
use crate::model::{Api, Dialect, Lifecycle, Operation, Schema, SecurityScheme};
use crate::source::{FileId, Sources, Span};
use crate::yaml::Node;
use documents::{At, Documents};
use references::Reference;
use std::collections::{HashMap, HashSet};

/// Lowers the contract whose root document is `root`.
///
/// Files that it refers to are read into `sources`. `None` means that nothing could be made of the
/// document; an answer may still come with errors, and is then not fit for the next stage.
pub fn lower(root: FileId, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<Api> {
    let documents = Documents::load(root, sources, diagnostics)?;
    let text = &sources.get(root).text;
    let dialect = dialect::detect(documents.root(), text, diagnostics)?;
    lower_documents(&documents, dialect, diagnostics)
}

/// Lowers an OpenAPI 3.1 document that was made of a contract in another dialect.
///
/// Its nodes may stand in any of that contract's sources; its references lead to the document
/// itself. Beside it come the values that have to fit schemas which no part of it has.
pub fn lower_tree(
    (document, values): (Node, Vec<Value>),
    dialect: Dialect,
    diagnostics: &mut Diagnostics,
) -> Option<Api> {
    let documents = Documents::tree(document, values);
    lower_documents(&documents, dialect, diagnostics)
}

fn lower_documents(
    documents: &Documents,
    dialect: Dialect,
    diagnostics: &mut Diagnostics,
) -> Option<Api> {
    let mut lowering = Lowering::new(documents, dialect, diagnostics);
    let api = lowering.api();
    let regions = std::mem::take(&mut lowering.regions);
    let references = std::mem::take(&mut lowering.references);
    documents.report_used(diagnostics);
    diagnostics.remove_repetitions();
    affected::name_operations(diagnostics, &regions, &references);
    api
}

/// A value that a contract writes down outside of examples, and the schema that it has to fit.
#[derive(Debug)]
pub struct Value {
    /// The schema.
    pub schema: Node,
    /// The value; without one, the schema alone is checked.
    pub value: Option<Node>,
    /// As messages call it: ``the annotation `label` ``.
    pub what: String,
}

/// The state of one lowering. `'a` is the lifetime of the parsed documents.
struct Lowering<'a, 'd> {
    documents: &'a Documents,
    dialect: Dialect,
    diagnostics: &'d mut Diagnostics,
    /// The arena; grows while the queue of `pending` schemas is worked off.
    schemas: Vec<Schema>,
    /// Schemas by the address of their node, which does not move while the documents live.
    schema_ids: HashMap<usize, crate::model::SchemaId>,
    pending: Vec<(crate::model::SchemaId, At<'a>)>,
    /// Schemas whose `type` could not be read, so that nothing is said of what type they are.
    untyped: HashSet<crate::model::SchemaId>,
    references: Vec<Reference<'a>>,
    /// Every example and default, to be checked when all schemas are known.
    samples: Vec<samples::Sample<'a>>,
    security_schemes: Vec<SecurityScheme>,
    base_paths: Vec<String>,
    /// What the document says of the end of all its operations.
    document_lifecycle: Lifecycle,
    /// Where each `operationId` was first given.
    operation_ids: HashMap<&'a str, Span>,
    /// The ids that links name.
    linked: Vec<&'a Node>,
    outgoing: Vec<Operation>,
    /// The callbacks that are being read, by address: a reference may lead back into one.
    open_callbacks: Vec<usize>,
    /// Whether case is ignored (`x-specwright-ignore-case`).
    ignore_case: bool,
    /// Why each pattern that was met cannot be served, if so: it takes a while to find out.
    patterns: HashMap<String, Option<String>>,
    /// The operations that are served, by pointer: what is asked of them beyond OpenAPI is read
    /// when all schemas are known.
    served: Vec<At<'a>>,
    /// Each operation's name and the place it covers, to name the affected ones.
    regions: Vec<affected::Region>,
}

impl<'a, 'd> Lowering<'a, 'd> {
    fn new(documents: &'a Documents, dialect: Dialect, diagnostics: &'d mut Diagnostics) -> Self {
        Self {
            documents,
            dialect,
            diagnostics,
            schemas: Vec::new(),
            schema_ids: HashMap::new(),
            pending: Vec::new(),
            untyped: HashSet::new(),
            references: Vec::new(),
            samples: Vec::new(),
            security_schemes: Vec::new(),
            base_paths: Vec::new(),
            document_lifecycle: Lifecycle::default(),
            operation_ids: HashMap::new(),
            linked: Vec::new(),
            outgoing: Vec::new(),
            patterns: HashMap::new(),
            open_callbacks: Vec::new(),
            ignore_case: false,
            served: Vec::new(),
            regions: Vec::new(),
        }
    }

    /// OAS 3.1, OpenAPI Object.
    fn api(&mut self) -> Option<Api> {
        let root = At::root(self.documents.root());
        let members = self.object(&root, &info::OPENAPI)?;
        self.json_schema_dialect(&root);
        let info = self.info(&root);
        let servers = self.servers(&root);
        let tags = self.tags(&root);
        self.external_docs(&root);
        let named_schemas = self.components(&root);
        let security = self.security(&root);
        self.document_lifecycle = self.document_lifecycle(&root);
        self.ignore_case = self.ignores_case(&root);
        let mut operations = self.paths(&root, &security);
        self.webhooks(&root, &security);
        self.unused_components(&root, &security);
        self.check_links();
        // OAS 3.1, OpenAPI Object: one of the three; 3.0 asks for `paths`.
        let any: &[&str] = match self.dialect {
            Dialect::OpenApi30 => &["paths"],
            _ => &["paths", "components", "webhooks"],
        };
        if any.iter().all(|key| members.get(key).is_none()) {
            self.missing(&root, "paths");
        }
        self.finish_schemas();
        self.settle_discriminators();
        self.settle_rules(&root, &mut operations);
        let count = self.schemas.len();
        self.values();
        if self.check_schema_cycles() {
            self.check_samples();
        }
        self.schemas.truncate(count);
        let suggested_names = self.suggested_names();
        let document = bundle::bundle(self.documents, &self.references, self.branch_names());
        Some(Api {
            dialect: self.dialect,
            info: info?,
            servers,
            tags,
            operations,
            ignore_case: self.ignore_case,
            outgoing: std::mem::take(&mut self.outgoing),
            schemas: std::mem::take(&mut self.schemas),
            named_schemas,
            suggested_names,
            security_schemes: std::mem::take(&mut self.security_schemes),
            document,
        })
    }
}
