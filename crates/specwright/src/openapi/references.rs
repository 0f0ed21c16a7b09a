//! Following `$ref`.

use super::Lowering;
use super::bundle::base_name;
use super::documents::At;
use crate::model::{Dialect, SchemaId};
use crate::yaml::Node;
use std::collections::HashSet;

/// One reference that was followed.
pub(super) struct Reference<'a> {
    /// The string that refers.
    pub text: &'a Node,
    /// The object that the string stands in, when the object stands for its target as a whole.
    pub object: Option<&'a Node>,
    /// What it refers to.
    pub target: At<'a>,
    /// What stands there.
    pub kind: Referable,
}

/// What a reference may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Referable {
    Schema,
    Response,
    Parameter,
    Example,
    RequestBody,
    Header,
    SecurityScheme,
    Link,
    Callback,
    PathItem,
    /// Not in the specification, and common in documents that are split into files.
    Operation,
}

impl Referable {
    /// The map under `components` that keeps this kind.
    pub fn components(self) -> Option<&'static str> {
        Some(match self {
            Referable::Schema => "schemas",
            Referable::Response => "responses",
            Referable::Parameter => "parameters",
            Referable::Example => "examples",
            Referable::RequestBody => "requestBodies",
            Referable::Header => "headers",
            Referable::SecurityScheme => "securitySchemes",
            Referable::Link => "links",
            Referable::Callback => "callbacks",
            Referable::PathItem | Referable::Operation => return None,
        })
    }

    /// The keys beside a `$ref` that stand for those of its target.
    ///
    /// OAS 3.1, Reference Object: `summary` and `description`, where the target may have them. In
    /// 3.0 whatever stands beside it is ignored.
    fn overridden(self, dialect: Dialect) -> &'static [&'static str] {
        match self {
            _ if dialect == Dialect::OpenApi30 => &[],
            Referable::Example => &["summary", "description"],
            kind if kind.has_description() => &["description"],
            _ => &[],
        }
    }

    /// Whether an object of the kind has a description that references can replace.
    fn has_description(self) -> bool {
        match self {
            Referable::Response
            | Referable::Parameter
            | Referable::Example
            | Referable::RequestBody
            | Referable::Header
            | Referable::SecurityScheme
            | Referable::Link => true,
            Referable::Schema
            | Referable::Callback
            | Referable::PathItem
            | Referable::Operation => false,
        }
    }
}

impl<'a> Lowering<'a, '_> {
    /// The object itself, or the one that its `$ref` leads to, however many steps away.
    pub(super) fn follow(&mut self, at: At<'a>, kind: Referable) -> Option<At<'a>> {
        self.follow_described(at, kind).map(|(at, _)| at)
    }

    /// As [`Self::follow`], and the description: that beside the first `$ref` that has one, or the
    /// object's own.
    pub(super) fn follow_described(
        &mut self,
        at: At<'a>,
        kind: Referable,
    ) -> Option<(At<'a>, String)> {
        let mut seen = Vec::new();
        let mut at = at;
        let mut description = None;
        while let Some(reference) = at.node.get("$ref") {
            if seen.contains(&at.address()) {
                self.diagnostics
                    .error(
                        "reference-cycle",
                        reference.span,
                        "these references lead in a circle",
                    )
                    .help("let one of them stand for an object of its own");
                return None;
            }
            seen.push(at.address());
            self.report_siblings(&at, kind);
            for key in kind.overridden(self.dialect) {
                let text = self.text(&at, key);
                if *key == "description" {
                    description = description.or(text);
                }
            }
            at = self.resolve(reference, Some(at.node), kind)?;
        }
        let description = match description {
            Some(text) => text.to_owned(),
            None if kind.has_description() => self.prose(&at, "description"),
            None => String::new(),
        };
        Some((at, description))
    }

    /// Whether a reference that was followed leads here.
    pub(super) fn is_referred_to(&self, at: &At<'a>) -> bool {
        let mut references = self.references.iter();
        references.any(|reference| reference.target.address() == at.address())
    }

    /// The place that a `$ref`'s value names; remembered for the bundle and for messages.
    pub(super) fn resolve(
        &mut self,
        text: &'a Node,
        object: Option<&'a Node>,
        kind: Referable,
    ) -> Option<At<'a>> {
        let Some(reference) = text.as_str() else {
            self.wrong_type_of(text, "`$ref`", "a string");
            return None;
        };
        match self.documents.resolve(text.span.file, reference) {
            Ok(target) => {
                self.references.push(Reference {
                    text,
                    object,
                    target: target.clone(),
                    kind,
                });
                Some(target)
            }
            Err(unresolved) => {
                let diagnostic =
                    self.diagnostics
                        .error(unresolved.code, text.span, unresolved.message);
                if let Some(help) = unresolved.help {
                    diagnostic.help(help);
                }
                None
            }
        }
    }

    /// Schemas of other files that are referred to, with the names that their places suggest.
    pub(super) fn suggested_names(&self) -> Vec<(String, SchemaId)> {
        let mut seen = HashSet::new();
        let mut names = Vec::new();
        for reference in &self.references {
            let target = &reference.target;
            if reference.kind == Referable::Schema
                && !self.documents.in_root(target.node)
                && let Some(id) = self.schema_ids.get(&target.address())
                && seen.insert(*id)
                && is_named(&target.pointer)
            {
                names.push((base_name(&target.pointer), *id));
            }
        }
        names
    }

    /// OAS 3.0, Reference Object: further properties are ignored; 3.1 allows two of them.
    fn report_siblings(&mut self, at: &At<'a>, kind: Referable) {
        if matches!(kind, Referable::PathItem | Referable::Operation) {
            return;
        }
        let allowed = kind.overridden(self.dialect);
        let members = at
            .node
            .as_mapping()
            .into_iter()
            .flat_map(|mapping| mapping.iter());
        for entry in members {
            let key = entry.key.as_str();
            if key == "$ref" || allowed.contains(&key) || super::fields::is_extension(key) {
                continue;
            }
            let message = format!("`{}` beside `$ref` has no effect", entry.key);
            self.diagnostics
                .warning("ignored-sibling", entry.key_span, message)
                .help("move it to the object that is referred to, or remove it");
        }
    }
}

/// Whether a place is a file or a member that someone has named, and no keyword's own.
fn is_named(pointer: &str) -> bool {
    const NAMING: [&str; 5] = [
        "properties",
        "patternProperties",
        "definitions",
        "$defs",
        "schemas",
    ];
    const KEYWORDS: [&str; 12] = [
        "schema",
        "items",
        "contains",
        "additionalProperties",
        "propertyNames",
        "unevaluatedItems",
        "unevaluatedProperties",
        "contentSchema",
        "not",
        "if",
        "then",
        "else",
    ];
    let mut tokens = pointer.split('/').rev();
    let (last, parent) = (tokens.next().unwrap_or_default(), tokens.next());
    let is_index = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    parent.is_some_and(|parent| NAMING.contains(&parent)) || !is_index && !KEYWORDS.contains(&last)
}

#[cfg(test)]
mod tests {
    use super::is_named;

    #[test]
    fn keywords_and_positions_name_nothing() {
        for pointer in [
            "pet.yaml#",
            "parts/pet.yaml#/Pet",
            "a.yaml#/definitions/items",
            "a.yaml#/properties/7",
            "a.yaml#/x/y",
        ] {
            assert!(is_named(pointer), "{pointer}");
        }
        for pointer in [
            "a.yaml#/items",
            "a.yaml#/Pet/allOf/0",
            "a.yaml#/get/schema",
            "a.yaml#/0",
        ] {
            assert!(!is_named(pointer), "{pointer}");
        }
    }
}
