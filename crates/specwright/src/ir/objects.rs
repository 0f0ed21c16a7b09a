//! Objects → structs and maps.

use super::direction::Direction;
use super::lower::Lowering;
use super::names::Scope;
use super::schema::{docs, has_uncovered};
use super::{Field, Presence, Rest, Scalar, Struct, Type, TypeDef, TypeKind, Value};
use crate::model::Type as JsonType;
use crate::model::{Schema, SchemaId};

impl Lowering<'_> {
    pub(super) fn object(
        &mut self,
        id: SchemaId,
        schema: &Schema,
        direction: Direction,
        name: &str,
    ) -> (Value, bool) {
        let covered = schema.pattern_properties.is_empty()
            && schema.property_names.is_none()
            && schema.min_properties.is_none()
            && schema.max_properties.is_none()
            && schema.dependent_required.is_empty()
            && schema.dependent_schemas.is_empty()
            && schema.unevaluated_properties.is_none();
        let closed = schema
            .additional_properties
            .is_some_and(|rest| self.schemas[rest.index()].boolean == Some(false));
        let map =
            schema.properties.is_empty() && (!closed || !schema.pattern_properties.is_empty());
        if map {
            let member = match schema.additional_properties {
                Some(rest) if !closed => self.value(rest, direction, &format!("{name} value")),
                _ => Value::scalar(Scalar::Json),
            };
            let free = schema.required.is_empty();
            return (self.map_of(member, name), covered && free);
        }
        let ty_name = self.type_name(id, direction, name);
        let kind = TypeKind::Struct(Struct {
            fields: Vec::new(),
            refused: Vec::new(),
            rest: Rest::Ignored,
        });
        let docs = docs(schema);
        let ty = self.add_type(TypeDef {
            name: ty_name,
            docs,
            kind,
            residual: None,
            read: false,
            write: false,
        });
        let value = Value::own(Type::Named(ty));
        // A recursive schema finds its own type here instead of going round for ever.
        self.remember(id, direction, schema, &value);
        let object = self.struct_of(schema, direction, name, closed);
        self.types[ty.0].kind = TypeKind::Struct(object);
        (value, covered)
    }

    /// Lets references from inside find the type, except where it will be wrapped.
    pub(super) fn remember(
        &mut self,
        id: SchemaId,
        direction: Direction,
        schema: &Schema,
        value: &Value,
    ) {
        let direction = self.direction_of(id, direction);
        let nullable = schema
            .types
            .is_some_and(|types| types.contains(JsonType::Null));
        let value = match (&value.ty, nullable, schema.types) {
            (ty, true, _) => Value::own(Type::Nullable(Box::new(ty.clone()))),
            (Type::Named(_), false, None)
                if schema.one_of.is_empty() && schema.any_of.is_empty() =>
            {
                Value::own(Type::ObjectOr(Box::new(value.ty.clone())))
            }
            _ => value.clone(),
        };
        self.values.insert((id, direction), value);
    }

    fn struct_of(
        &mut self,
        schema: &Schema,
        direction: Direction,
        name: &str,
        closed: bool,
    ) -> Struct {
        let mut scope = Scope::default();
        let mut object = Struct {
            fields: Vec::new(),
            refused: Vec::new(),
            rest: Rest::Ignored,
        };
        for (key, id) in &schema.properties {
            if self.is_unsendable(*id, direction) {
                if direction == Direction::Input {
                    object.refused.push(key.clone());
                }
                continue;
            }
            let value = self.value(*id, direction, &format!("{name} {key}"));
            let property = self.schemas[id.index()].clone();
            let target = property
                .reference
                .map(|target| self.schemas[target.index()].clone());
            object.fields.push(Field {
                name: scope.snake(key),
                key: key.clone(),
                docs: property
                    .description
                    .clone()
                    .or(property.title.clone())
                    .unwrap_or_default(),
                presence: self.presence(schema, key, &property, target.as_ref(), &value),
                deprecated: property.deprecated,
                value,
            });
        }
        for key in &schema.required {
            let known = schema.properties.iter().any(|(name, _)| name == key);
            if !known {
                object.fields.push(Field {
                    name: scope.snake(key),
                    key: key.clone(),
                    docs: String::new(),
                    value: Value::scalar(Scalar::Json),
                    presence: Presence::Required,
                    deprecated: false,
                });
            }
        }
        object.rest = self.rest(schema, direction, name, closed, &mut scope);
        object
    }

    fn presence(
        &self,
        schema: &Schema,
        key: &String,
        property: &Schema,
        target: Option<&Schema>,
        value: &Value,
    ) -> Presence {
        if schema.required.contains(key) {
            return Presence::Required;
        }
        let default = property
            .default
            .as_ref()
            .or_else(|| target.and_then(|target| target.default.as_ref()));
        default.map_or(Presence::Optional, |default| {
            Presence::Default(self.literal(default, &value.ty))
        })
    }

    fn rest(
        &mut self,
        schema: &Schema,
        direction: Direction,
        name: &str,
        closed: bool,
        scope: &mut Scope,
    ) -> Rest {
        if !schema.pattern_properties.is_empty() {
            return Rest::Kept(
                scope.snake("additional properties"),
                Value::scalar(Scalar::Json),
            );
        }
        match schema.additional_properties {
            _ if closed => Rest::Refused,
            None if looks_at_other_members(schema) => Rest::Kept(
                scope.snake("additional properties"),
                Value::scalar(Scalar::Json),
            ),
            None => Rest::Ignored,
            Some(rest) => {
                let value = self.value(rest, direction, &format!("{name} value"));
                Rest::Kept(scope.snake("additional properties"), value)
            }
        }
    }
}

/// Whether keywords look at members that `properties` does not name: those are then kept, because
/// without them the value would no longer be what was accepted.
fn looks_at_other_members(schema: &Schema) -> bool {
    schema.unevaluated_properties.is_some()
        || schema.min_properties.is_some()
        || schema.property_names.is_some()
        || !schema.dependent_required.is_empty()
        || !schema.dependent_schemas.is_empty()
        || has_uncovered(schema)
}
