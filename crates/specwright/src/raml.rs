//! RAML 1.0 documents to an OpenAPI 3.1 document, which the `openapi` front end then reads.
//!
//! The answer is a tree whose nodes keep the spans of the RAML sources, so that what is found in it
//! later still points at what the author wrote. Everything that RAML alone has is gone from it:
//! includes, libraries, resource types, traits, overlays, inheritance of types.

mod build;
mod documents;
mod scope;
mod types;

use crate::diag::Diagnostics;
use crate::source::{FileId, Sources};
use crate::yaml::Node;
use documents::Documents;
use scope::Scopes;
use types::Types;

/// Lowers the RAML 1.0 API whose root document is `root` to an OpenAPI 3.1 document.
///
/// Files that it refers to are read into `sources`. `None` means that nothing could be made of the
/// document; an answer may still come with errors, and is then not fit for the next stage.
pub fn lower(root: FileId, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<Node> {
    let mut lowering = Lowering::new(sources, diagnostics);
    let header = lowering.header(root).ok()??;
    let scope = lowering.scopes.add(None);
    let document = lowering.load_file(root, header, scope)?;
    lowering.open_libraries(scope, &document);
    lowering.declare(scope, &document);
    lowering.declare_types();
    lowering.check_types();
    let mut components = build::Object::new(document.span);
    for entry in lowering.components() {
        components.put(entry.key, entry.key_span, entry.value);
    }
    Some(components.finish())
}

/// The state of one lowering.
struct Lowering<'s> {
    sources: &'s mut Sources,
    diagnostics: &'s mut Diagnostics,
    documents: Documents,
    scopes: Scopes,
    types: Types,
}

impl<'s> Lowering<'s> {
    fn new(sources: &'s mut Sources, diagnostics: &'s mut Diagnostics) -> Self {
        Self {
            sources,
            diagnostics,
            documents: Documents::default(),
            scopes: Scopes::default(),
            types: Types::default(),
        }
    }
}
