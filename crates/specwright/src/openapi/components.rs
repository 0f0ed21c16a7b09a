//! `components`: read whether or not an operation uses them, so that their faults are told.

use super::Lowering;
use super::documents::At;
use super::fields::{Kind, is_extension};
use super::template;
use crate::model::{Dialect, Requirement, SchemaId};

const COMPONENTS: Kind = Kind {
    name: "Components Object",
    keys: &[
        "schemas",
        "responses",
        "parameters",
        "examples",
        "requestBodies",
        "headers",
        "securitySchemes",
        "links",
        "callbacks",
    ],
    keys_31: &["pathItems"],
};

impl<'a> Lowering<'a, '_> {
    /// OAS 3.1, Components Object. Answers the named schemas.
    pub(super) fn components(&mut self, root: &At<'a>) -> Vec<(String, SchemaId)> {
        let Some(at) = root.get("components") else {
            return Vec::new();
        };
        if self.object(&at, &COMPONENTS).is_none() {
            return Vec::new();
        }
        let mut schemas = Vec::new();
        for (name, schema) in self.component(&at, "schemas") {
            schemas.push((name.to_owned(), self.schema(schema)));
        }
        for (name, scheme) in self.component(&at, "securitySchemes") {
            self.security_scheme(name, scheme);
        }
        for (_, parameter) in self.component(&at, "parameters") {
            // Its faults have been told, and nothing is made of it here.
            let _ = self.parameter(parameter);
        }
        for (_, header) in self.component(&at, "headers") {
            self.header("", header);
        }
        for (_, body) in self.component(&at, "requestBodies") {
            self.body(body);
        }
        for (_, response) in self.component(&at, "responses") {
            self.response_parts(response);
        }
        for (_, example) in self.component(&at, "examples") {
            self.example(example);
        }
        for (_, link) in self.component(&at, "links") {
            self.link(link);
        }
        schemas
    }

    /// Callbacks and path items that no operation has: they are read for their faults alone.
    pub(super) fn unused_components(&mut self, root: &At<'a>, security: &[Vec<Requirement>]) {
        let Some(at) = root.get("components") else {
            return;
        };
        // Nothing is made of them, so that their ids may be those of others; links may name them.
        let ids = std::mem::take(&mut self.operation_ids);
        let (outgoing, regions) = (self.outgoing.len(), self.regions.len());
        for (_, callback) in self.component(&at, "callbacks") {
            if !self.is_referred_to(&callback) {
                self.callback(callback, security);
            }
        }
        // OAS 3.1, Components Object: `pathItems` came with it.
        if self.dialect != Dialect::OpenApi30 {
            for (name, item) in self.component(&at, "pathItems") {
                if !self.is_referred_to(&item) {
                    self.path_item(template::literal(name), item, security, false);
                }
            }
        }
        self.outgoing.truncate(outgoing);
        self.regions.truncate(regions);
        let unused = std::mem::replace(&mut self.operation_ids, ids);
        for (id, span) in unused {
            self.operation_ids.entry(id).or_insert(span);
        }
    }

    fn component(&mut self, at: &At<'a>, key: &str) -> Vec<(&'a str, At<'a>)> {
        let map = self.map(at, key);
        let entries = map.into_iter().flat_map(|map| map.members());
        let entries = entries
            .filter(|(name, _)| !is_extension(name))
            .collect::<Vec<_>>();
        for (name, entry) in &entries {
            // OAS 3.1, Components Object: the keys match ^[a-zA-Z0-9\.\-_]+$.
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
            if name.is_empty() || !name.bytes().all(plain) {
                let message = format!(
                    "the name `{name}` has other characters than letters, digits, `.`, `-` and `_`"
                );
                self.diagnostics
                    .warning("component-name", entry.key_span, message)
                    .help("other tools may refuse it");
            }
        }
        entries
    }
}
