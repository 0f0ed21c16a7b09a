//! YAML 1.2 and JSON texts to trees in which every key and value knows where it stands.
//!
//! The one place that knows the YAML crate. Scalars are resolved here by the core schema of YAML
//! 1.2, with numbers kept as their digits, so that JSON and YAML mean the same.

mod advice;
mod build;
mod json;
mod node;
mod scalar;

pub(crate) use advice::advice;
pub use node::{Entry, Mapping, Node, Value};

use crate::diag::Diagnostics;
use crate::source::{FileId, Sources};

/// How deep collections may nest, aliases resolved; every later stage may recurse this deep.
pub const MAX_DEPTH: usize = 200;

/// How many nodes aliases may add to a document.
pub const MAX_ALIASED_NODES: usize = 1_000_000;

/// The largest text that is read, in bytes.
pub const MAX_BYTES: usize = 64 << 20;

/// The tag by which a front end marks a value that need not fit its schema (RAML 1.0,
/// `strict: false`).
pub(crate) const UNCHECKED: &str = "!unchecked";

/// The tag of a value that could not be read, which has been reported: whatever it was meant to be,
/// nothing else is wrong with it. No document can write it.
pub(crate) const UNREADABLE: &str = "!unreadable";

/// Reads a text as a JSON object or array, its positions counted from its begin; `None` when it is
/// something else or has a fault.
pub(crate) fn parse_json(file: FileId, text: &str) -> Option<Node> {
    json::read(file, text)
}

/// Reads a text as any JSON value, as [`parse_json`] does.
pub(crate) fn parse_json_value(file: FileId, text: &str) -> Option<Node> {
    json::read_value(file, text)
}

/// Reads the text of `file` as one YAML or JSON document.
///
/// `None` means that there is no tree at all; a tree may come with errors beside it, such as
/// duplicate keys, of which the first one stands in the tree.
pub fn parse(file: FileId, sources: &Sources, diagnostics: &mut Diagnostics) -> Option<Node> {
    let text = &sources.get(file).text;
    let short_cut = (text.len() <= MAX_BYTES)
        .then(|| json::read(file, text))
        .flatten();
    short_cut.or_else(|| build::build(file, text, diagnostics))
}

#[cfg(test)]
mod tests;
