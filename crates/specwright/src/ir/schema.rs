//! Schema → Rust type and read function.

use super::direction::Direction;
use super::lower::Lowering;
use super::merge::Effective;
use super::names::Scope;
use super::{Base, Check, Read, Scalar, Type, TypeDef, TypeKind, Value};
use crate::model::Type as JsonType;
use crate::model::{Json, Schema, SchemaId, TypeSet};

impl Lowering<'_> {
    /// The value of a schema. `hint` names what has no name of its own.
    pub(super) fn value(&mut self, id: SchemaId, direction: Direction, hint: &str) -> Value {
        let direction = self.direction_of(id, direction);
        if let Some(known) = self.values.get(&(id, direction)) {
            return known.clone();
        }
        if let Some(target) = self.plain_target(id) {
            let value = self.value(target, direction, hint);
            self.values.insert((id, direction), value.clone());
            return value;
        }
        let name = match self.component_name(id) {
            Some(name) if direction == Direction::Input && self.differs[id.index()] => {
                format!("{name} input")
            }
            Some(name) => name,
            None => hint.to_owned(),
        };
        let value = self.define(id, direction, &name);
        let value = self.named_alias(id, direction, value, &name);
        self.values.insert((id, direction), value.clone());
        value
    }

    /// The schema that another one only points at: `$ref`, or an `allOf` of one, with nothing
    /// beside it but words.
    pub(super) fn plain_target(&self, id: SchemaId) -> Option<SchemaId> {
        let schema = &self.schemas[id.index()];
        let target = match (schema.reference, schema.all_of.as_slice()) {
            (Some(target), []) => target,
            (None, [target]) if self.component_name(id).is_none() => *target,
            _ => return None,
        };
        let bare = Schema {
            reference: None,
            all_of: Vec::new(),
            ..schema.clone()
        };
        constrains_nothing(&bare).then_some(target)
    }

    fn define(&mut self, id: SchemaId, direction: Direction, name: &str) -> Value {
        let effective = self.effective(id);
        if effective.schema.boolean.is_none()
            && constrains_nothing(&effective.schema)
            && effective.exact
        {
            return Value::scalar(Scalar::Json);
        }
        let nullable = effective
            .schema
            .types
            .is_some_and(|types| types.contains(JsonType::Null));
        let types = effective
            .schema
            .types
            .map(|types| types.without(JsonType::Null));
        if self.recursive[id.index()] && self.is_list_like(&effective.schema, types) {
            return self.newtype(id, effective, direction, name, nullable);
        }
        let (value, exact) = self.typed(id, &effective, types, direction, name);
        let value = if nullable && !matches!(types, Some(TypeSet::NONE)) {
            self.nullable(value, name)
        } else {
            value
        };
        if exact {
            return value;
        }
        self.residual(id, value, direction, name)
    }

    /// Attaches the residual check: to the type itself when it is one of the module's objects.
    fn residual(&mut self, id: SchemaId, value: Value, direction: Direction, name: &str) -> Value {
        let check = self.check(id, direction, name);
        if let (Type::Named(ty), Read::Own) = (&value.ty, value.read) {
            let definition = &mut self.types[ty.0];
            if definition.residual.is_none()
                && matches!(definition.kind, TypeKind::Struct(_) | TypeKind::Union(_))
            {
                definition.residual = Some(check);
                return value;
            }
        }
        self.with_residual(value, check, name)
    }

    /// The type without `null`, and whether reading it accepts exactly the schema's values.
    fn typed(
        &mut self,
        id: SchemaId,
        effective: &Effective,
        types: Option<TypeSet>,
        direction: Direction,
        name: &str,
    ) -> (Value, bool) {
        let schema = &effective.schema;
        let exact = effective.exact && !has_uncovered(schema);
        if schema.boolean.is_some() {
            return (Value::scalar(Scalar::Json), schema.boolean == Some(true));
        }
        if let Some((value, covered)) = self.string_enum(id, schema, direction, name) {
            return (value, covered && exact);
        }
        if !schema.one_of.is_empty() || !schema.any_of.is_empty() {
            let (value, covered) = self.union(id, schema, types, direction, name);
            return (
                value,
                covered && exact && schema.enumeration.is_none() && schema.constant.is_none(),
            );
        }
        let exact = exact && schema.enumeration.is_none() && schema.constant.is_none();
        let Some(types) = types else {
            let (value, covered) = self.untyped(id, schema, direction, name);
            return (value, covered && exact);
        };
        let both_numbers = TypeSet::NONE.with(JsonType::Integer).with(JsonType::Number);
        let single = if types == both_numbers {
            Some(JsonType::Number)
        } else {
            types.single()
        };
        match single {
            Some(ty) => {
                let (value, covered) = self.of_type(id, schema, ty, direction, name);
                (value, covered && exact)
            }
            None if types.is_empty() => (Value::scalar(Scalar::Json), false),
            None => {
                let (value, covered) = self.by_type(id, schema, types, direction, name);
                (value, covered && exact)
            }
        }
    }

    /// A schema without `type`: its object keywords bind objects only.
    fn untyped(
        &mut self,
        id: SchemaId,
        schema: &Schema,
        direction: Direction,
        name: &str,
    ) -> (Value, bool) {
        let object_only = !schema.properties.is_empty() && {
            let rest = Schema {
                properties: Vec::new(),
                required: Vec::new(),
                additional_properties: None,
                enumeration: None,
                constant: None,
                ..schema.clone()
            };
            constrains_nothing(&rest)
        };
        if !object_only {
            return (Value::scalar(Scalar::Json), false);
        }
        let (object, exact) = self.object(id, schema, direction, name);
        let ty = Type::ObjectOr(Box::new(object.ty.clone()));
        if object.read == Read::Own {
            return (Value::own(ty), exact);
        }
        (
            self.read_by(name, ty, Base::ObjectOr(object), Vec::new()),
            exact,
        )
    }

    pub(super) fn of_type(
        &mut self,
        id: SchemaId,
        schema: &Schema,
        ty: JsonType,
        direction: Direction,
        name: &str,
    ) -> (Value, bool) {
        match ty {
            JsonType::Boolean => (Value::scalar(Scalar::Bool), true),
            JsonType::String => self.string(schema, name),
            JsonType::Integer => self.integer(schema, name),
            JsonType::Number => self.number(schema, name),
            JsonType::Array => self.array(schema, direction, name),
            JsonType::Object => self.object(id, schema, direction, name),
            JsonType::Null => (Value::scalar(Scalar::Json), false),
        }
    }

    fn array(&mut self, schema: &Schema, direction: Direction, name: &str) -> (Value, bool) {
        let covered = !schema.unique_items
            && schema.prefix_items.is_empty()
            && schema.contains.is_none()
            && schema.min_contains.is_none()
            && schema.max_contains.is_none()
            && schema.unevaluated_items.is_none();
        let item = match schema.items {
            Some(item) if schema.prefix_items.is_empty() => {
                self.value(item, direction, &format!("{name} item"))
            }
            _ => Value::scalar(Scalar::Json),
        };
        let mut checks = Vec::new();
        checks.extend(
            schema
                .min_items
                .filter(|count| *count > 0)
                .map(Check::MinItems),
        );
        checks.extend(schema.max_items.map(Check::MaxItems));
        (self.array_of(item, checks, name), covered)
    }

    /// An enumeration of strings, when that is what the schema is.
    fn string_enum(
        &mut self,
        id: SchemaId,
        schema: &Schema,
        direction: Direction,
        name: &str,
    ) -> Option<(Value, bool)> {
        let values = match (&schema.enumeration, &schema.constant) {
            (Some(values), None) => values.clone(),
            (None, Some(value)) => vec![value.clone()],
            (Some(values), Some(value)) if values.contains(value) => vec![value.clone()],
            _ => return None,
        };
        let mut texts: Vec<String> = Vec::new();
        for value in &values {
            match value {
                Json::String(text) if !texts.contains(text) => texts.push(text.clone()),
                Json::String(_) | Json::Null => {}
                _ => return None,
            }
        }
        let allowed = schema
            .types
            .is_none_or(|types| types.contains(JsonType::String));
        if texts.is_empty() || !allowed || schema.is_only_null() {
            return None;
        }
        let null_listed = values.contains(&Json::Null);
        let null_typed = schema
            .types
            .is_some_and(|types| types.contains(JsonType::Null));
        let unconstrained = schema.min_length.is_none()
            && schema.max_length.is_none()
            && schema.pattern.is_none()
            && schema.one_of.is_empty()
            && schema.any_of.is_empty();
        let mut scope = Scope::default();
        let variants = texts
            .into_iter()
            .map(|text| (scope.pascal(&text), text))
            .collect();
        let ty_name = self.type_name(id, direction, name);
        let kind = TypeKind::Enum(variants);
        let ty = self.add_type(TypeDef {
            name: ty_name,
            docs: docs(schema),
            kind,
            residual: None,
            read: false,
            write: false,
        });
        let value = Value::own(Type::Named(ty));
        if null_listed && schema.types.is_none() {
            return Some((self.nullable(value, name), unconstrained));
        }
        // `nullable` without `null` among the values does not let `null` in.
        Some((value, unconstrained && null_listed == null_typed))
    }

    fn is_list_like(&self, schema: &Schema, types: Option<TypeSet>) -> bool {
        let ty = types.and_then(TypeSet::single);
        let plain = schema.one_of.is_empty() && schema.any_of.is_empty();
        plain
            && (ty == Some(JsonType::Array)
                || ty == Some(JsonType::Object) && schema.properties.is_empty())
    }

    /// A list or map that contains itself needs a name of its own.
    fn newtype(
        &mut self,
        id: SchemaId,
        effective: Effective,
        direction: Direction,
        name: &str,
        nullable: bool,
    ) -> Value {
        let ty_name = self.type_name(id, direction, name);
        let placeholder = TypeKind::Newtype(Value::scalar(Scalar::Json));
        let docs = docs(&effective.schema);
        let ty = self.add_type(TypeDef {
            name: ty_name,
            docs,
            kind: placeholder,
            residual: None,
            read: false,
            write: false,
        });
        let named = Value::own(Type::Named(ty));
        self.remember(id, direction, &effective.schema, &named);
        let ty_of = effective
            .schema
            .types
            .map(|types| types.without(JsonType::Null));
        let (inner, exact) = self.typed(id, &effective, ty_of, direction, &format!("{name} inner"));
        self.types[ty.0].kind = TypeKind::Newtype(inner);
        if !exact {
            let check = self.check(id, direction, name);
            self.types[ty.0].residual = Some(check);
        }
        if nullable {
            self.nullable(named, name)
        } else {
            named
        }
    }

    /// An alias for a named schema that needs no type of its own.
    fn named_alias(
        &mut self,
        id: SchemaId,
        direction: Direction,
        value: Value,
        name: &str,
    ) -> Value {
        let worthy = !matches!(value.ty, Type::Named(_)) && value.ty != Type::Scalar(Scalar::Json);
        if !worthy || self.recursive[id.index()] || !self.name_is_free(id, direction) {
            return value;
        }
        let schema = self.schemas[id.index()].clone();
        let ty_name = self.type_name(id, direction, name);
        let read = value.read;
        let kind = TypeKind::Alias(value);
        let ty = self.add_type(TypeDef {
            name: ty_name,
            docs: docs(&schema),
            kind,
            residual: None,
            read: false,
            write: false,
        });
        Value {
            ty: Type::Named(ty),
            read,
        }
    }
}

/// The schema that another one points at by `$ref`, with nothing beside it but words.
pub(super) fn bare_reference(schema: &Schema) -> Option<SchemaId> {
    let bare = Schema {
        reference: None,
        ..schema.clone()
    };
    schema.reference.filter(|_| constrains_nothing(&bare))
}

/// Keywords that no reader covers, whatever the type.
pub(super) fn has_uncovered(schema: &Schema) -> bool {
    schema.not.is_some() || schema.if_.is_some()
}

/// Whether a schema accepts every value.
pub(super) fn constrains_nothing(schema: &Schema) -> bool {
    let Schema {
        boolean,
        reference,
        types,
        format,
        enumeration,
        constant,
        multiple_of,
        minimum,
        maximum,
        exclusive_minimum,
        exclusive_maximum,
        min_length,
        max_length,
        pattern,
        items,
        prefix_items,
        min_items,
        max_items,
        unique_items,
        contains,
        min_contains,
        max_contains,
        unevaluated_items,
        properties,
        required,
        pattern_properties,
        additional_properties,
        property_names,
        min_properties,
        max_properties,
        dependent_required,
        dependent_schemas,
        unevaluated_properties,
        all_of,
        one_of,
        any_of,
        not,
        if_,
        then: _,
        else_: _,
        span: _,
        pointer: _,
        title: _,
        description: _,
        default: _,
        examples: _,
        deprecated: _,
        read_only: _,
        write_only: _,
        content_encoding: _,
        content_media_type: _,
        content_schema: _,
        discriminator: _,
        extensions: _,
    } = schema;
    boolean.is_none_or(|value| value)
        && reference.is_none()
        && types.is_none()
        && format.is_none()
        && enumeration.is_none()
        && constant.is_none()
        && [
            multiple_of,
            minimum,
            maximum,
            exclusive_minimum,
            exclusive_maximum,
            pattern,
        ]
        .into_iter()
        .all(Option::is_none)
        && [
            min_length,
            max_length,
            min_items,
            max_items,
            min_contains,
            max_contains,
            min_properties,
            max_properties,
        ]
        .into_iter()
        .all(Option::is_none)
        && [
            items,
            contains,
            unevaluated_items,
            additional_properties,
            property_names,
            unevaluated_properties,
            not,
            if_,
        ]
        .into_iter()
        .all(Option::is_none)
        && [prefix_items, all_of, one_of, any_of]
            .into_iter()
            .all(Vec::is_empty)
        && [properties, pattern_properties, dependent_schemas]
            .into_iter()
            .all(Vec::is_empty)
        && required.is_empty()
        && dependent_required.is_empty()
        && !unique_items
}

/// What a schema says of itself.
pub(super) fn docs(schema: &Schema) -> String {
    schema
        .description
        .clone()
        .or_else(|| schema.title.clone())
        .unwrap_or_default()
}
