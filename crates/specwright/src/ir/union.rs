//! `oneOf`, `anyOf` and type lists → enums over types.
//!
//! The enum is exact where the JSON kind, a discriminator, or trying every branch of a `oneOf`
//! tells the variant. An `anyOf` whose branches overlap widens: a value may satisfy several, and
//! picking one would lose what only another one describes.

use super::direction::Direction;
use super::lower::Lowering;
use super::names::Scope;
use super::schema::{constrains_nothing, docs};
use super::{Choice, Rest, Scalar, Type, TypeDef, TypeKind, Union, Value, Variant};
use crate::model::Type as JsonType;
use crate::model::{Json, Schema, SchemaId, TypeSet};

impl Lowering<'_> {
    /// The value of a schema with `oneOf` or `anyOf`, and whether it accepts exactly its values.
    pub(super) fn union(
        &mut self,
        id: SchemaId,
        schema: &Schema,
        types: Option<TypeSet>,
        direction: Direction,
        name: &str,
    ) -> (Value, bool) {
        let both = !schema.one_of.is_empty() && !schema.any_of.is_empty();
        let siblings = Schema {
            one_of: Vec::new(),
            any_of: Vec::new(),
            discriminator: None,
            types: None,
            ..schema.clone()
        };
        if both || !constrains_nothing(&siblings) {
            return self.beside_a_choice(id, schema, types, direction, name);
        }
        let exclusive = !schema.one_of.is_empty();
        let all = if exclusive {
            &schema.one_of
        } else {
            &schema.any_of
        };
        let mut branches = Vec::new();
        let mut nulls = 0;
        for branch in all {
            if self.effective(*branch).schema.is_only_null() {
                nulls += 1
            } else {
                branches.push(*branch)
            }
        }
        let kinds: Vec<TypeSet> = branches
            .iter()
            .map(|branch| self.kinds(*branch, 0))
            .collect();
        let null_overlaps =
            nulls > 1 || nulls == 1 && kinds.iter().any(|kinds| kinds.contains(JsonType::Null));
        let typed = types.is_none_or(|types| {
            kinds
                .iter()
                .all(|kinds| kinds.iter().all(|kind| allows(types, kind)))
        });
        let (value, exact) = match branches.as_slice() {
            [] => (Value::scalar(Scalar::Json), false),
            [only] => (self.value(*only, direction, name), true),
            _ => self.choose(id, schema, &branches, &kinds, exclusive, direction, name),
        };
        let exact = exact && typed && !(exclusive && null_overlaps);
        if nulls > 0 && types.is_none() {
            return (self.nullable(value, name), exact);
        }
        (value, exact && nulls == 0)
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one call site, and a struct for it would name nothing"
    )]
    fn choose(
        &mut self,
        id: SchemaId,
        schema: &Schema,
        branches: &[SchemaId],
        kinds: &[TypeSet],
        exclusive: bool,
        direction: Direction,
        name: &str,
    ) -> (Value, bool) {
        if let Some(found) = &schema.discriminator
            && !found.mapping.is_empty()
        {
            let mapping = found.mapping.clone();
            return (
                self.discriminated(id, schema, &found.property, &mapping, direction, name),
                true,
            );
        }
        if disjoint(kinds) {
            let branches: Vec<(SchemaId, TypeSet)> = branches
                .iter()
                .copied()
                .zip(kinds.iter().copied())
                .collect();
            return (self.by_kind(id, schema, &branches, direction, name), true);
        }
        if exclusive {
            let ty = self.union_type(id, schema, direction, name);
            let variants = self.variants(branches, direction, name);
            return (self.finish(ty, variants, Choice::Trying), true);
        }
        let strings = TypeSet::NONE.with(JsonType::String);
        let all_strings = kinds.iter().all(|kinds| *kinds == strings);
        (
            Value::scalar(if all_strings {
                Scalar::String
            } else {
                Scalar::Json
            }),
            false,
        )
    }

    fn discriminated(
        &mut self,
        id: SchemaId,
        schema: &Schema,
        property: &str,
        mapping: &[(String, SchemaId)],
        direction: Direction,
        name: &str,
    ) -> Value {
        let ty = self.union_type(id, schema, direction, name);
        let mut targets: Vec<SchemaId> = Vec::new();
        let mut cases = Vec::new();
        for (value, target) in mapping {
            let at = targets
                .iter()
                .position(|known| known == target)
                .unwrap_or_else(|| {
                    targets.push(*target);
                    targets.len() - 1
                });
            cases.push((value.clone(), at));
        }
        let variants = self.variants(&targets, direction, name);
        self.finish(
            ty,
            variants,
            Choice::Discriminator(property.to_owned(), cases),
        )
    }

    fn by_kind(
        &mut self,
        id: SchemaId,
        schema: &Schema,
        branches: &[(SchemaId, TypeSet)],
        direction: Direction,
        name: &str,
    ) -> Value {
        let ty = self.union_type(id, schema, direction, name);
        let ids: Vec<SchemaId> = branches.iter().map(|(id, _)| *id).collect();
        let variants = self.variants(&ids, direction, name);
        let cases = branches
            .iter()
            .enumerate()
            .flat_map(|(at, (_, kinds))| kind_names(*kinds).into_iter().map(move |kind| (kind, at)))
            .collect();
        self.finish(ty, variants, Choice::Kind(cases))
    }

    /// `type: [string, integer]`: one variant a type, each with the keywords that bind it.
    pub(super) fn by_type(
        &mut self,
        id: SchemaId,
        schema: &Schema,
        types: TypeSet,
        direction: Direction,
        name: &str,
    ) -> (Value, bool) {
        let integer_is_number = types.contains(JsonType::Number);
        let types = if integer_is_number {
            types.without(JsonType::Integer)
        } else {
            types
        };
        let branches: Vec<(SchemaId, TypeSet)> = types
            .iter()
            .map(|ty| {
                let only = TypeSet::NONE.with(ty);
                let part = Schema {
                    types: Some(only),
                    title: None,
                    description: None,
                    ..schema.clone()
                };
                (self.add_schema(part, &[id]), only)
            })
            .collect();
        (self.by_kind(id, schema, &branches, direction, name), true)
    }

    /// Other keywords beside a choice: known members are typed, the rest is kept, and the
    /// residual check decides.
    fn beside_a_choice(
        &mut self,
        id: SchemaId,
        schema: &Schema,
        types: Option<TypeSet>,
        direction: Direction,
        name: &str,
    ) -> (Value, bool) {
        let object = types.and_then(TypeSet::single) == Some(JsonType::Object);
        if !object || schema.properties.is_empty() {
            return (Value::scalar(Scalar::Json), false);
        }
        let own = Schema {
            one_of: Vec::new(),
            any_of: Vec::new(),
            discriminator: None,
            ..schema.clone()
        };
        let (value, _) = self.of_type(id, &own, JsonType::Object, direction, name);
        if let Type::Named(ty) = &value.ty
            && let TypeKind::Struct(object) = &mut self.types[ty.0].kind
            && matches!(object.rest, Rest::Ignored)
        {
            let names: Vec<&str> = object
                .fields
                .iter()
                .map(|field| field.name.as_str())
                .collect();
            let field = Scope::with(&names).snake("additional properties");
            object.rest = Rest::Kept(field, Value::scalar(Scalar::Json));
        }
        (value, false)
    }

    fn union_type(
        &mut self,
        id: SchemaId,
        schema: &Schema,
        direction: Direction,
        name: &str,
    ) -> Value {
        let ty_name = self.type_name(id, direction, name);
        let kind = TypeKind::Union(Union {
            variants: Vec::new(),
            choice: Choice::Trying,
        });
        let definition = TypeDef {
            name: ty_name,
            docs: docs(schema),
            kind,
            residual: None,
            read: false,
            write: false,
        };
        let value = Value::own(Type::Named(self.add_type(definition)));
        self.remember(id, direction, schema, &value);
        value
    }

    fn variants(
        &mut self,
        branches: &[SchemaId],
        direction: Direction,
        name: &str,
    ) -> Vec<Variant> {
        let mut scope = Scope::with(&["Self"]);
        let mut variants = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            let wanted = self.variant_name(*branch, index);
            let value = self.value(*branch, direction, &format!("{name} {wanted}"));
            variants.push(Variant {
                name: scope.pascal(&wanted),
                value,
            });
        }
        variants
    }

    fn variant_name(&mut self, branch: SchemaId, index: usize) -> String {
        let target = self.schemas[branch.index()].reference.unwrap_or(branch);
        if let Some(name) = self.component_name(target) {
            return name;
        }
        let schema = self.effective(branch).schema;
        if let Some(title) = schema.title.filter(|title| title.len() <= 40) {
            return title;
        }
        match self.kinds(branch, 0).single() {
            Some(kind) => kind.name().to_owned(),
            None => format!("variant {}", index + 1),
        }
    }

    fn finish(&mut self, value: Value, variants: Vec<Variant>, choice: Choice) -> Value {
        if let Type::Named(ty) = &value.ty {
            self.types[ty.0].kind = TypeKind::Union(Union { variants, choice });
        }
        value
    }

    /// The JSON types that a schema's values can have; `integer` counts as `number`.
    fn kinds(&mut self, id: SchemaId, depth: usize) -> TypeSet {
        let all = Type::all_kinds();
        if depth > 16 {
            return all;
        }
        let schema = self.effective(id).schema;
        let mut kinds = match schema.types {
            Some(types) if types.contains(JsonType::Integer) => {
                types.without(JsonType::Integer).with(JsonType::Number)
            }
            Some(types) => types,
            None => all,
        };
        if let Some(values) = &schema.enumeration {
            kinds = kinds.intersection(
                values
                    .iter()
                    .map(kind_of)
                    .fold(TypeSet::NONE, TypeSet::with),
            );
        }
        if let Some(value) = &schema.constant {
            kinds = kinds.intersection(TypeSet::NONE.with(kind_of(value)));
        }
        for list in [&schema.one_of, &schema.any_of] {
            if !list.is_empty() {
                let union = list
                    .iter()
                    .flat_map(|branch| self.kinds(*branch, depth + 1).iter().collect::<Vec<_>>())
                    .fold(TypeSet::NONE, TypeSet::with);
                kinds = kinds.intersection(union);
            }
        }
        kinds
    }
}

impl Type {
    fn all_kinds() -> TypeSet {
        JsonType::ALL
            .into_iter()
            .fold(TypeSet::NONE, TypeSet::with)
            .without(JsonType::Integer)
    }
}

fn allows(types: TypeSet, kind: JsonType) -> bool {
    types.contains(kind)
}

fn disjoint(kinds: &[TypeSet]) -> bool {
    let mut seen = TypeSet::NONE;
    for set in kinds {
        if !seen.intersection(*set).is_empty() || set.is_empty() {
            return false;
        }
        seen = set.iter().fold(seen, TypeSet::with);
    }
    true
}

fn kind_of(value: &Json) -> JsonType {
    match value {
        Json::Null => JsonType::Null,
        Json::Bool(_) => JsonType::Boolean,
        Json::Number(_) => JsonType::Number,
        Json::String(_) => JsonType::String,
        Json::Array(_) => JsonType::Array,
        Json::Object(_) => JsonType::Object,
    }
}

/// The runtime's names of JSON kinds.
fn kind_names(kinds: TypeSet) -> Vec<&'static str> {
    let mut names = Vec::new();
    for kind in kinds.iter() {
        let name = match kind {
            JsonType::Null => "Null",
            JsonType::Boolean => "Boolean",
            JsonType::Integer | JsonType::Number => "Number",
            JsonType::String => "String",
            JsonType::Array => "Array",
            JsonType::Object => "Object",
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
