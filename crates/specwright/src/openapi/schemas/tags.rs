//! Discriminators against what their branches say.
//!
//! OAS 3.1, Discriminator Object: it helps to find the branch that is meant, and never changes what
//! is valid. Where a branch allows the property other values than the discriminator has for it, the
//! branch is right.

use super::super::Lowering;
use crate::model::{Dialect, Discriminator, Json, Schema, SchemaId, Type};

/// How deep branches are looked into; what lies deeper tells nothing.
const DEEPEST: usize = 16;

/// What becomes of a discriminator.
enum Settled {
    /// Its branches allow what it says.
    AsWritten,
    /// These values tell its branches apart.
    Mapping(Vec<(String, SchemaId)>),
    /// Its property does not tell them apart.
    Useless,
}

impl Lowering<'_, '_> {
    /// Settles by which values the branches of each discriminator are told apart, once all schemas
    /// are read. In RAML it is the values of the types that tell, whatever the property says.
    pub(in super::super) fn settle_discriminators(&mut self) {
        if self.dialect == Dialect::Raml10 {
            return;
        }
        for index in 0..self.schemas.len() {
            let schema = &self.schemas[index];
            let Some(found) = &schema.discriminator else {
                continue;
            };
            let (mapping, message, help) = match settle(&self.schemas, schema, found) {
                Settled::AsWritten => continue,
                Settled::Mapping(mapping) => (
                    mapping,
                    format!(
                        "the branches allow `{}` other values than the discriminator has for them",
                        found.property
                    ),
                    "add a `mapping` from each value that a branch allows to its schema",
                ),
                Settled::Useless => (
                    Vec::new(),
                    format!(
                        "`{}` does not tell the branches apart, and every branch is tried",
                        found.property
                    ),
                    "give each branch strings of its own for the property, or make each a `$ref` and leave the strings open",
                ),
            };
            let span = found.span;
            if let Some(found) = &mut self.schemas[index].discriminator {
                found.mapping = mapping;
            }
            self.diagnostics
                .warning("discriminator-values", span, message)
                .help(help);
        }
    }
}

fn settle(schemas: &[Schema], schema: &Schema, found: &Discriminator) -> Settled {
    let mut mapping = found.mapping.clone();
    for branch in schema.one_of.iter().chain(&schema.any_of) {
        let branch = target(schemas, *branch);
        if schemas[branch.index()].is_only_null() {
            continue;
        }
        if is_never_text(schemas, branch, &found.property) {
            return Settled::Useless;
        }
        let is_mapped = |entry: &(String, SchemaId)| target(schemas, entry.1) == branch;
        let Some(allowed) = values(schemas, branch, &found.property, 0) else {
            match mapping.iter().any(is_mapped) {
                true => continue,
                false => return Settled::Useless,
            }
        };
        let is_allowed = |name: &str| allowed.iter().any(|value| value.as_str() == Some(name));
        if mapping
            .iter()
            .any(|entry| is_mapped(entry) && is_allowed(&entry.0))
        {
            continue;
        }
        mapping.retain(|entry| !is_mapped(entry));
        for value in &allowed {
            let Some(name) = value.as_str() else {
                return Settled::Useless;
            };
            mapping.push((name.to_owned(), branch));
        }
    }
    if mapping == found.mapping {
        return Settled::AsWritten;
    }
    let is_told_twice = mapping.iter().enumerate().any(|(index, (name, branch))| {
        let known = &mapping[..index];
        known
            .iter()
            .any(|(other, id)| other == name && id != branch)
    });
    match is_told_twice {
        true => Settled::Useless,
        false => Settled::Mapping(mapping),
    }
}

/// The values that a schema allows a property; `None` when they are not listed.
fn values(schemas: &[Schema], id: SchemaId, property: &str, depth: usize) -> Option<Vec<Json>> {
    if depth > DEEPEST {
        return None;
    }
    let schema = &schemas[target(schemas, id).index()];
    let own = schema.properties.iter().find(|(name, _)| name == property);
    let own = own.and_then(|(_, id)| listed(schemas, *id, depth));
    let inherited = schema
        .all_of
        .iter()
        .filter_map(|part| values(schemas, *part, property, depth + 1));
    let chosen = chosen(schemas, schema, property, depth);
    own.into_iter()
        .chain(inherited)
        .chain(chosen)
        .reduce(|all, more| all.into_iter().filter(|one| more.contains(one)).collect())
}

/// Whether a schema says itself that a property is no string.
fn is_never_text(schemas: &[Schema], id: SchemaId, property: &str) -> bool {
    let properties = &schemas[id.index()].properties;
    let own = properties.iter().find(|(name, _)| name == property);
    let own = own.map(|(_, id)| &schemas[target(schemas, *id).index()]);
    let types = own.and_then(|schema| schema.types);
    types.is_some_and(|types| !types.contains(Type::String))
}

/// The values that the branches of a choice allow a property, all together.
fn chosen(schemas: &[Schema], schema: &Schema, property: &str, depth: usize) -> Option<Vec<Json>> {
    let mut all = Vec::new();
    for branch in schema.one_of.iter().chain(&schema.any_of) {
        let allowed = values(schemas, *branch, property, depth + 1).or_else(|| {
            let found = schema.discriminator.as_ref();
            let found = found.filter(|found| found.property == property)?;
            let branch = target(schemas, *branch);
            let names = found.mapping.iter();
            let names = names.filter(|(_, id)| target(schemas, *id) == branch);
            let names: Vec<_> = names.map(|(name, _)| Json::String(name.clone())).collect();
            (!names.is_empty()).then_some(names)
        })?;
        all.extend(allowed);
    }
    (!all.is_empty()).then_some(all)
}

/// The values that a schema lists.
fn listed(schemas: &[Schema], id: SchemaId, depth: usize) -> Option<Vec<Json>> {
    if depth > DEEPEST {
        return None;
    }
    let schema = &schemas[target(schemas, id).index()];
    if let Some(value) = &schema.constant {
        return Some(vec![value.clone()]);
    }
    let parts = schema.all_of.iter();
    let mut parts = parts.filter_map(|part| listed(schemas, *part, depth + 1));
    schema.enumeration.clone().or_else(|| parts.next())
}

/// The schema that a chain of references leads to.
fn target(schemas: &[Schema], id: SchemaId) -> SchemaId {
    let mut id = id;
    for _ in 0..DEEPEST {
        match schemas[id.index()].reference {
            Some(next) => id = next,
            None => break,
        }
    }
    id
}
