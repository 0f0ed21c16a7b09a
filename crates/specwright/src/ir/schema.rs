//! Schema → Rust type and read function.

use super::direction::Direction;
use super::lower::Lowering;
use super::merge::{Effective, is_only_null};
use super::names::Scope;
use super::{
    Base, Check, Field, Presence, Read, Rest, Scalar, Struct, Type, TypeDef, TypeKind, Value,
    numbers,
};
use crate::model::Type as JsonType;
use crate::model::{Json, Schema, SchemaId, TypeSet};

/// Formats that are checked on a `String`.
const CHECKED_FORMATS: &[&str] = &["time", "email", "uri"];

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

    fn string(&mut self, schema: &Schema, name: &str) -> (Value, bool) {
        let unchecked =
            schema.min_length.is_none() && schema.max_length.is_none() && schema.pattern.is_none();
        let format = schema.format.as_deref().unwrap_or_default();
        let own_type = match format {
            "date" => Some(Scalar::Date),
            "date-time" => Some(Scalar::DateTime),
            "uuid" => Some(Scalar::Uuid),
            "byte" => Some(Scalar::Base64),
            _ => None,
        };
        if let Some(scalar) = own_type {
            return (Value::scalar(scalar), unchecked);
        }
        let mut checks = Vec::new();
        checks.extend(
            schema
                .min_length
                .filter(|length| *length > 0)
                .map(Check::MinLength),
        );
        checks.extend(schema.max_length.map(Check::MaxLength));
        if let Some(pattern) = &schema.pattern {
            checks.push(Check::Pattern(self.pattern(pattern)));
        }
        checks.extend(
            CHECKED_FORMATS
                .iter()
                .find(|known| **known == format)
                .map(|known| Check::Format(known)),
        );
        if checks.is_empty() {
            return (Value::scalar(Scalar::String), true);
        }
        let ty = Type::Scalar(Scalar::String);
        let base = Base::Value(Value::scalar(Scalar::String));
        (self.read_by(name, ty, base, checks), true)
    }

    fn integer(&mut self, schema: &Schema, name: &str) -> (Value, bool) {
        let exact = schema.multiple_of.is_none();
        let (low, high) = integer_bounds(schema);
        let fits = |bound: Option<i128>| bound.is_some_and(|bound| i64::try_from(bound).is_ok());
        let scalar = match schema.format.as_deref() {
            Some("int32") => Scalar::I32,
            Some("int64") => Scalar::I64,
            _ if fits(low) && fits(high) => Scalar::I64,
            _ => Scalar::Integer,
        };
        if scalar == Scalar::Integer {
            let (value, covered) = self.by_digits(schema, scalar, name);
            return (value, covered && exact);
        }
        let (least, most) = match scalar {
            Scalar::I32 => (i64::from(i32::MIN), i64::from(i32::MAX)),
            _ => (i64::MIN, i64::MAX),
        };
        let clamp = |bound: i128| {
            i64::try_from(bound).unwrap_or(if bound < 0 { i64::MIN } else { i64::MAX })
        };
        let mut checks = Vec::new();
        checks.extend(
            low.map(clamp)
                .filter(|low| *low > least)
                .map(Check::Minimum),
        );
        checks.extend(
            high.map(clamp)
                .filter(|high| *high < most)
                .map(Check::Maximum),
        );
        let representable = low.is_none_or(|low| low <= i128::from(i64::MAX))
            && high.is_none_or(|high| high >= i128::from(i64::MIN));
        let bounded = bounds_are_known(schema);
        if checks.is_empty() {
            return (Value::scalar(scalar), exact && representable && bounded);
        }
        let base = Base::Value(Value::scalar(scalar));
        (
            self.read_by(name, Type::Scalar(scalar), base, checks),
            exact && representable && bounded,
        )
    }

    fn number(&mut self, schema: &Schema, name: &str) -> (Value, bool) {
        let scalar = match schema.format.as_deref() {
            Some("double") => Scalar::F64,
            Some("float") => Scalar::F32,
            Some("int32") => Scalar::I32,
            Some("int64") => Scalar::I64,
            _ => Scalar::Number,
        };
        if matches!(scalar, Scalar::I32 | Scalar::I64) {
            // `type: number` with an integer format: its range binds, a fraction stays allowed.
            let (value, _) = self.by_digits(schema, Scalar::Number, name);
            return (value, false);
        }
        self.by_digits(schema, scalar, name)
    }

    /// A number whose bounds are compared digit by digit.
    fn by_digits(&mut self, schema: &Schema, scalar: Scalar, name: &str) -> (Value, bool) {
        let checks: Vec<Check> = [
            ("number_minimum", &schema.minimum),
            ("number_maximum", &schema.maximum),
            ("number_exclusive_minimum", &schema.exclusive_minimum),
            ("number_exclusive_maximum", &schema.exclusive_maximum),
            ("number_multiple_of", &schema.multiple_of),
        ]
        .into_iter()
        .filter_map(|(check, bound)| bound.clone().map(|bound| Check::Number(check, bound)))
        .collect();
        if checks.is_empty() {
            return (Value::scalar(scalar), true);
        }
        (
            self.read_by(name, Type::Scalar(scalar), Base::Number, checks),
            true,
        )
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

    fn object(
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
        if texts.is_empty() || !allowed || is_only_null(schema) {
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

/// The inclusive bounds of an integer schema, as far as they are written.
fn integer_bounds(schema: &Schema) -> (Option<i128>, Option<i128>) {
    let inclusive_low = schema.minimum.as_deref().and_then(numbers::ceiling);
    let exclusive_low = schema
        .exclusive_minimum
        .as_deref()
        .and_then(numbers::floor)
        .map(|bound| bound + 1);
    let inclusive_high = schema.maximum.as_deref().and_then(numbers::floor);
    let exclusive_high = schema
        .exclusive_maximum
        .as_deref()
        .and_then(numbers::ceiling)
        .map(|bound| bound - 1);
    (
        inclusive_low.max(exclusive_low),
        [inclusive_high, exclusive_high].into_iter().flatten().min(),
    )
}

/// Whether every written bound was understood.
fn bounds_are_known(schema: &Schema) -> bool {
    let lows = [&schema.minimum, &schema.exclusive_minimum];
    let highs = [&schema.maximum, &schema.exclusive_maximum];
    let unread = |bounds: [&Option<String>; 2]| {
        bounds
            .into_iter()
            .flatten()
            .any(|bound| numbers::ceiling(bound).is_none())
    };
    !unread(lows) && !unread(highs)
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

/// Keywords that no reader covers, whatever the type.
fn has_uncovered(schema: &Schema) -> bool {
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
