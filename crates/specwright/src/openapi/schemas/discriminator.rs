//! Discriminators: which schema an object is meant to follow (OAS 3.1, Discriminator Object).

use super::super::Lowering;
use super::super::documents::At;
use super::super::fields::Kind;
use super::super::references::Referable;
use crate::model::{Discriminator, SchemaId};
use crate::yaml::Node;
use std::collections::HashMap;

impl<'a> Lowering<'a, '_> {
    /// OAS 3.1, Discriminator Object.
    pub(super) fn discriminator(&mut self, at: &At<'a>, key: &str) -> Option<Discriminator> {
        const DISCRIMINATOR: Kind = Kind {
            name: "Discriminator Object",
            keys: &["propertyName", "mapping"],
            keys_31: &[],
        };
        let span = at.node.as_mapping()?.get(key)?.key_span;
        let place = at.get(key)?;
        self.object(&place, &DISCRIMINATOR)?;
        let property = self.required_text(&place, "propertyName");
        let mut mapping = Vec::new();
        let entries = self.map(&place, "mapping");
        for (value, target) in entries.into_iter().flat_map(|map| map.members()) {
            if let Some(schema) = self.mapped(&target) {
                mapping.push((value.to_owned(), schema));
            }
        }
        for key in ["oneOf", "anyOf"] {
            for branch in at.get(key).into_iter().flat_map(|list| list.items()) {
                self.implicit_name(&branch, &mut mapping);
            }
        }
        Some(Discriminator {
            property: property?.to_owned(),
            mapping,
            span,
        })
    }

    /// The values that tell the branches of each discriminator apart, by the address of the schema.
    pub(in super::super) fn branch_names(&self) -> HashMap<usize, Vec<String>> {
        let names = self.schema_ids.iter().filter_map(|(address, id)| {
            let found = self.schemas.get(id.index())?.discriminator.as_ref()?;
            let names = found.mapping.iter().map(|(name, _)| name.clone());
            Some((*address, names.collect()))
        });
        names.collect()
    }

    /// The schema that an entry of a discriminator's mapping names: a component or a reference.
    pub(super) fn mapped(&mut self, at: &At<'a>) -> Option<SchemaId> {
        let Some(text) = at.node.as_str() else {
            self.wrong_type(at, "an entry of `mapping`", "a string");
            return None;
        };
        let root = At::root(self.documents.root());
        let schemas = root.get("components").and_then(|at| at.get("schemas"));
        if let Some(named) = schemas.and_then(|at| at.get(text)) {
            return Some(self.schema(named));
        }
        let target = self.resolve(at.node, None, Referable::Schema)?;
        Some(self.schema(target))
    }

    /// OAS 3.1, Discriminator Object: a branch that is a `$ref` is known by its schema's name.
    pub(super) fn implicit_name(&mut self, branch: &At<'a>, mapping: &mut Vec<(String, SchemaId)>) {
        let Some(reference) = branch.node.get("$ref").and_then(Node::as_str) else {
            return;
        };
        let Ok(target) = self.documents.resolve(branch.node.span.file, reference) else {
            return;
        };
        let name = super::super::bundle::base_name(&target.pointer);
        let schema = self.schema(target);
        let covered = mapping
            .iter()
            .any(|(value, known)| *known == schema || *value == name);
        if !covered {
            mapping.push((name, schema));
        }
    }
}
