//! Which schemas are not the same in a request as in a response.
//!
//! OAS 3.1, Schema Object: `readOnly` properties belong to responses, `writeOnly` ones to
//! requests. A schema differs when it reaches such a property.

use crate::model::{Api, Schema, SchemaId};

/// Which way a value travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Direction {
    /// From the client.
    Input,
    /// To the client, or either way when the schema does not differ.
    Output,
}

/// For each schema, whether it differs by direction.
pub(super) fn differing(api: &Api) -> Vec<bool> {
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); api.schemas.len()];
    let mut differs = vec![false; api.schemas.len()];
    let mut queue = Vec::new();
    for (index, schema) in api.schemas.iter().enumerate() {
        for child in children(schema) {
            users[child.index()].push(index);
        }
        let marked = schema.properties.iter().any(|(_, id)| {
            let property = api.schema(*id);
            property.read_only || property.write_only || refers_to_marked(api, *id)
        });
        if marked {
            differs[index] = true;
            queue.push(index);
        }
    }
    while let Some(index) = queue.pop() {
        for &user in &users[index] {
            if !std::mem::replace(&mut differs[user], true) {
                queue.push(user);
            }
        }
    }
    differs
}

fn refers_to_marked(api: &Api, id: SchemaId) -> bool {
    let target = api.schema(id).reference.map(|target| api.schema(target));
    target.is_some_and(|target| target.read_only || target.write_only)
}

/// Every schema that stands directly in another one.
pub(super) fn children(schema: &Schema) -> Vec<SchemaId> {
    let single = [
        schema.reference,
        schema.items,
        schema.contains,
        schema.unevaluated_items,
        schema.additional_properties,
        schema.property_names,
        schema.unevaluated_properties,
        schema.not,
        schema.if_,
        schema.then,
        schema.else_,
    ];
    let named = [
        &schema.properties,
        &schema.pattern_properties,
        &schema.dependent_schemas,
    ];
    let lists = [
        &schema.prefix_items,
        &schema.all_of,
        &schema.one_of,
        &schema.any_of,
    ];
    let mapping = schema
        .discriminator
        .iter()
        .flat_map(|it| it.mapping.iter().map(|(_, id)| *id));
    single
        .into_iter()
        .flatten()
        .chain(named.into_iter().flatten().map(|(_, id)| *id))
        .chain(lists.into_iter().flatten().copied())
        .chain(mapping)
        .collect()
}
