//! Keywords whose values are other schemas, or names of members.

use super::super::Lowering;
use super::super::documents::At;
use super::super::fields::Kind;
use crate::model::{Schema, SchemaId};
use crate::yaml::Value;

impl<'a> Lowering<'a, '_> {
    pub(super) fn items(&mut self, at: &At<'a>, key: &str) -> Option<SchemaId> {
        let items = at.get(key)?;
        if items.node.as_sequence().is_some() {
            self.diagnostics
                .error(
                    "wrong-type",
                    items.node.span,
                    "`items` must be one schema, and this is an array",
                )
                .help("OpenAPI 3.1 writes a schema for each position under `prefixItems`");
            for item in items.items() {
                self.schema(item);
            }
            return None;
        }
        Some(self.schema(items))
    }

    pub(super) fn subschema(&mut self, at: &At<'a>, key: &str) -> Option<SchemaId> {
        Some(self.schema(at.get(key)?))
    }

    /// OAS 3.0 has boolean schemas here and nowhere else.
    pub(super) fn additional(&mut self, at: &At<'a>, key: &str) -> Option<SchemaId> {
        let value = at.get(key)?;
        let Value::Bool(boolean) = value.node.value else {
            return Some(self.schema(value));
        };
        if let Some(known) = self.schema_ids.get(&value.address()) {
            return Some(*known);
        }
        let id = SchemaId(self.schemas.len() as u32);
        self.schemas.push(Schema {
            span: value.node.span,
            pointer: value.pointer.clone(),
            boolean: Some(boolean),
            ..Schema::default()
        });
        self.schema_ids.insert(value.address(), id);
        Some(id)
    }

    pub(super) fn subschemas(&mut self, at: &At<'a>, key: &str) -> Vec<SchemaId> {
        let Some(list) = self.list(at, key) else {
            return Vec::new();
        };
        if list.items().next().is_none() {
            let message = format!("`{key}` lists no schema");
            self.diagnostics
                .error("impossible-schema", list.key_span, message)
                .help("list at least one schema, or remove the keyword");
        }
        list.items().map(|item| self.schema(item)).collect()
    }

    pub(super) fn named(&mut self, at: &At<'a>, key: &str) -> Vec<(String, SchemaId)> {
        let map = self.map(at, key);
        let members = map.into_iter().flat_map(|map| map.members());
        members
            .map(|(name, at)| (name.to_owned(), self.schema(at)))
            .collect()
    }

    pub(super) fn by_pattern(&mut self, at: &At<'a>, key: &str) -> Vec<(String, SchemaId)> {
        let map = self.map(at, key);
        let mut out = Vec::new();
        for (pattern, at) in map.into_iter().flat_map(|map| map.members()) {
            let key = at.key_span;
            let schema = self.schema(at);
            if self.check_pattern(pattern, key) {
                out.push((pattern.to_owned(), schema));
            }
        }
        out
    }

    pub(super) fn required(&mut self, at: &At<'a>, key: &str) -> Vec<String> {
        if let Some(node) = at.node.get(key)
            && let Value::Bool(_) = node.value
        {
            self.diagnostics
                .error(
                    "wrong-type",
                    node.span,
                    "`required` must be an array, and this is a boolean",
                )
                .help("list the required properties in the `required` of the object that has them");
            return Vec::new();
        }
        let mut out: Vec<String> = Vec::new();
        for (name, item) in self.texts(at, key) {
            if out.iter().any(|known| known == name) {
                let message = format!("`{name}` is listed twice");
                self.diagnostics
                    .warning("duplicate-required", item.node.span, message)
                    .help("remove one of the two");
                continue;
            }
            out.push(name.to_owned());
        }
        out
    }

    pub(super) fn dependent_required(
        &mut self,
        at: &At<'a>,
        key: &str,
    ) -> Vec<(String, Vec<String>)> {
        let Some(map) = self.map(at, key) else {
            return Vec::new();
        };
        let names = map.members().map(|(name, _)| name).collect::<Vec<_>>();
        let mut out = Vec::new();
        for name in names {
            let texts = self.texts(&map, name);
            let texts = texts.iter().map(|(text, _)| (*text).to_owned());
            out.push((name.to_owned(), texts.collect()));
        }
        out
    }

    pub(super) fn xml(&mut self, at: &At<'a>) {
        const XML: Kind = Kind {
            name: "XML Object",
            keys: &["name", "namespace", "prefix", "attribute", "wrapped"],
            keys_31: &[],
        };
        if let Some(xml) = at.get("xml")
            && self.object(&xml, &XML).is_some()
        {
            self.plain_texts(&xml, &["name", "namespace", "prefix"]);
            self.flag(&xml, "attribute");
            self.flag(&xml, "wrapped");
        }
    }
}
