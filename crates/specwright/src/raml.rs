//! RAML 1.0 documents to an OpenAPI 3.1 document, which the `openapi` front end then reads.
//!
//! The answer is a tree whose nodes keep the spans of the RAML sources, so that what is found in it
//! later still points at what the author wrote. Everything that RAML alone has is gone from it:
//! includes, libraries, resource types, traits, overlays, inheritance of types.

mod annotations;
mod apply;
mod bodies;
mod build;
mod documents;
mod fields;
mod fragments;
mod inherited;
mod merge;
mod methods;
mod overlays;
mod resources;
mod root;
mod same_requests;
mod schema_places;
mod scope;
mod security;
mod suffixes;
mod templates;
mod trail;
mod types;
mod words;

use crate::diag::Diagnostics;
use crate::source::{FileId, Sources, Span};
use crate::yaml::Node;
use documents::{Documents, Header};
use scope::{ScopeId, Scopes};
use security::{Scheme, Security};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
pub use trail::Trail;
use types::Types;
pub use types::Value;

/// A RAML contract as an OpenAPI document.
#[derive(Debug)]
pub struct Lowered {
    /// The OpenAPI 3.1 document.
    pub document: Node,
    /// How its parts came to stand where they stand.
    pub trail: Trail,
    /// Values that stand in no schema, and have to fit one: those of annotations and facets.
    pub values: Vec<Value>,
}

/// Lowers the RAML 1.0 API whose root document is `root` to an OpenAPI 3.1 document.
///
/// Files that it refers to are read into `sources`. `None` means that nothing could be made of the
/// document; an answer may still come with errors, and is then not fit for the next stage.
pub fn lower(
    root: FileId,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Lowered> {
    let mut lowering = Lowering::new(sources, diagnostics);
    let header = lowering.header(root).ok()??;
    let scope = lowering.scopes.add(None);
    let document = lowering.load_file(root, header, scope)?;
    lowering.header = header;
    let document = lowering.document(document, header)?;
    Some(Lowered {
        document,
        values: std::mem::take(&mut lowering.types.values),
        trail: std::mem::take(&mut lowering.trail),
    })
}

/// The kind of a document that is part of an API and none itself, by its first line.
pub fn fragment_kind(text: &str) -> Option<&'static str> {
    let line = text.trim_start_matches('\u{feff}').lines().next()?;
    let word = line.strip_prefix("#%RAML 1.0 ")?.trim();
    let known = documents::FRAGMENTS.iter().find(|(name, _)| *name == word);
    known
        .filter(|(_, header)| !matches!(header, Header::Overlay | Header::Extension))
        .map(|(name, _)| *name)
}

/// The state of one lowering.
struct Lowering<'s> {
    sources: &'s mut Sources,
    diagnostics: &'s mut Diagnostics,
    /// What the root document is.
    header: Header,
    documents: Documents,
    scopes: Scopes,
    types: Types,
    trail: Trail,
    /// The media types of bodies that name none.
    media_types: Vec<(String, Span)>,
    /// The security of methods that say nothing of it.
    security: Option<Security>,
    /// Schemes that were read, by where their names are declared.
    schemes: HashMap<Span, Rc<Scheme>>,
    /// Those that stand in the OpenAPI document, in its order.
    used_schemes: Vec<Rc<Scheme>>,
    scheme_names: HashSet<String>,
    /// How many nodes came from values of parameters.
    filled_nodes: usize,
    /// For each text that was made of parameters: the scope that last gave them.
    given: HashMap<Span, ScopeId>,
    /// Where each `operationId` comes from.
    operation_ids: HashMap<String, Span>,
}

impl<'s> Lowering<'s> {
    fn new(sources: &'s mut Sources, diagnostics: &'s mut Diagnostics) -> Self {
        Self {
            sources,
            diagnostics,
            header: Header::Api,
            documents: Documents::default(),
            scopes: Scopes::default(),
            types: Types::default(),
            trail: Trail::default(),
            media_types: Vec::new(),
            security: None,
            schemes: HashMap::new(),
            used_schemes: Vec::new(),
            scheme_names: HashSet::new(),
            filled_nodes: 0,
            given: HashMap::new(),
            operation_ids: HashMap::new(),
        }
    }

    /// The OpenAPI document of a root document of any kind.
    fn document(&mut self, document: Node, header: Header) -> Option<Node> {
        let document = match header {
            Header::Overlay | Header::Extension => {
                self.facets(&document, &root::EXTENSION);
                self.extended(document, header)?
            }
            _ => {
                self.open_libraries(ScopeId::ROOT, &document);
                document
            }
        };
        if matches!(
            header,
            Header::Api | Header::Overlay | Header::Extension | Header::Library
        ) {
            self.declare(ScopeId::ROOT, &document);
        } else {
            self.declare_fragment(&document, header);
        }
        self.declare_types();
        self.check_types();
        match header {
            Header::Api | Header::Overlay | Header::Extension => {
                self.facets(&document, &root::API);
                Some(self.api(&document))
            }
            _ => Some(self.fragment(&document, header)),
        }
    }

    /// What an annotation at the root stands on.
    fn root_targets(&self) -> &'static [annotations::Target] {
        use annotations::Target;
        match self.header {
            Header::Overlay => &[Target::Overlay, Target::Api],
            Header::Extension => &[Target::Extension, Target::Api],
            Header::Library => &[Target::Library],
            _ => &[Target::Api],
        }
    }
}
