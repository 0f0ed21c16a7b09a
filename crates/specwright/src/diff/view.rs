//! Schemas as they are compared: references followed, `allOf` merged, `null` told apart.
//!
//! What is compared is never one schema but several that must all hold, a [`Joint`]: so a property
//! that two members of an `allOf` describe stays what it is, and a contract that moves a part of a
//! schema into a component says the same as before.

use crate::model::{Api, Json, Schema, SchemaId, Type, TypeSet, decimal};
use std::cmp::Ordering;
use std::collections::HashSet;

/// Schemas that must all hold, in order and without repetitions; empty where anything is allowed.
pub(super) type Joint = Vec<SchemaId>;

/// A bound of numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Limit {
    /// The number's text.
    pub(super) number: String,
    /// Whether the number itself is out.
    pub(super) exclusive: bool,
}

/// One `oneOf` or `anyOf`, without the branches that are only `null`.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) exclusive: bool,
    pub(super) branches: Vec<SchemaId>,
}

/// One `if` with what follows.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) test: SchemaId,
    pub(super) then: Option<SchemaId>,
    pub(super) otherwise: Option<SchemaId>,
}

/// What decides the branch: the property, and its values with the branch that each stands for.
#[derive(Clone, Debug)]
pub(super) struct Decision {
    pub(super) property: String,
    pub(super) values: Vec<(String, SchemaId)>,
}

/// What a joint of schemas asks for.
#[derive(Clone, Debug, Default)]
pub(super) struct View {
    /// Whether no value is allowed at all.
    pub(super) never: bool,
    /// Without `null`; `None` allows every type.
    pub(super) types: Option<TypeSet>,
    /// Whether `null` is allowed.
    pub(super) null: bool,
    pub(super) formats: Vec<String>,
    /// Without `null`.
    pub(super) enumeration: Option<Vec<Json>>,
    pub(super) constant: Option<Json>,
    pub(super) default: Option<Json>,
    pub(super) multiples: Vec<String>,
    pub(super) lower: Option<Limit>,
    pub(super) upper: Option<Limit>,
    pub(super) min_length: Option<u64>,
    pub(super) max_length: Option<u64>,
    pub(super) patterns: Vec<String>,
    pub(super) content_encoding: Option<String>,
    pub(super) content_media_type: Option<String>,
    pub(super) content_schema: Joint,
    pub(super) items: Joint,
    pub(super) prefix_items: Vec<Joint>,
    pub(super) min_items: Option<u64>,
    pub(super) max_items: Option<u64>,
    pub(super) unique_items: bool,
    pub(super) contains: Joint,
    pub(super) min_contains: Option<u64>,
    pub(super) max_contains: Option<u64>,
    pub(super) unevaluated_items: Joint,
    pub(super) properties: Vec<(String, Joint)>,
    pub(super) required: Vec<String>,
    pub(super) pattern_properties: Vec<(String, Joint)>,
    pub(super) additional_properties: Joint,
    pub(super) property_names: Joint,
    pub(super) min_properties: Option<u64>,
    pub(super) max_properties: Option<u64>,
    pub(super) dependent_required: Vec<(String, Vec<String>)>,
    pub(super) dependent_schemas: Vec<(String, Joint)>,
    pub(super) unevaluated_properties: Joint,
    pub(super) choices: Vec<Choice>,
    pub(super) nots: Joint,
    pub(super) conditions: Vec<Condition>,
    pub(super) decision: Option<Decision>,
    pub(super) deprecated: bool,
}

impl View {
    /// What the schemas of a joint ask for together.
    pub(super) fn of(api: &Api, joint: &[SchemaId]) -> View {
        let mut view = View {
            null: joint
                .iter()
                .all(|id| allows_null(api, *id, &mut Vec::new())),
            ..View::default()
        };
        let mut seen = HashSet::new();
        let mut waiting = joint.iter().rev().copied().collect::<Vec<_>>();
        while let Some(id) = waiting.pop() {
            if seen.insert(id) {
                view.narrow(api, api.schema(id), &mut waiting);
            }
        }
        if let Some(values) = &mut view.enumeration {
            values.retain(|value| *value != Json::Null);
        }
        view
    }

    /// Whether a type is among those allowed; an `integer` is a `number`.
    pub(super) fn allows(&self, ty: Type) -> bool {
        self.types.is_none_or(|types| types.contains(ty))
    }

    /// Whether the object names every property that it may have.
    pub(super) fn is_closed(&self, api: &Api) -> bool {
        let refuses = |joint: &Joint| joint.iter().any(|id| is_never(api, *id));
        refuses(&self.additional_properties) || refuses(&self.unevaluated_properties)
    }

    /// Asks for one schema more. Schemas that it merges with are put to `waiting`.
    fn narrow(&mut self, api: &Api, schema: &Schema, waiting: &mut Vec<SchemaId>) {
        self.never |= schema.boolean == Some(false);
        self.narrow_types(schema.types);
        self.narrow_values(schema);
        self.narrow_scalars(schema);
        self.narrow_arrays(schema);
        self.narrow_objects(schema);
        self.add_choice(api, true, &schema.one_of, waiting);
        self.add_choice(api, false, &schema.any_of, waiting);
        self.nots.extend(schema.not);
        self.conditions.extend(schema.if_.map(|test| Condition {
            test,
            then: schema.then,
            otherwise: schema.else_,
        }));
        if let (None, Some(found)) = (&self.decision, &schema.discriminator) {
            self.decision = Some(Decision {
                property: found.property.clone(),
                values: found.mapping.clone(),
            });
        }
        self.deprecated |= schema.deprecated;
        waiting.extend(schema.all_of.iter().rev());
        waiting.extend(schema.reference);
    }

    fn narrow_types(&mut self, types: Option<TypeSet>) {
        let Some(types) = types else {
            return;
        };
        let types = match types.contains(Type::Number) {
            true => types.with(Type::Integer),
            false => types,
        };
        let types = types.without(Type::Null);
        self.types = Some(match self.types {
            Some(known) => known.intersection(types),
            None => types,
        });
    }

    fn narrow_values(&mut self, schema: &Schema) {
        if let Some(values) = &schema.enumeration {
            match &mut self.enumeration {
                Some(known) => known.retain(|one| values.iter().any(|other| one.equals(other))),
                None => self.enumeration = Some(values.clone()),
            }
        }
        fill(&mut self.constant, &schema.constant);
        fill(&mut self.default, &schema.default);
    }

    fn narrow_scalars(&mut self, schema: &Schema) {
        self.formats.extend(schema.format.clone());
        self.multiples.extend(schema.multiple_of.clone());
        let limits = [
            (&schema.minimum, false, Ordering::Greater),
            (&schema.exclusive_minimum, true, Ordering::Greater),
        ];
        for (number, exclusive, tighter) in limits {
            tighten(&mut self.lower, number.as_deref(), exclusive, tighter);
        }
        let limits = [
            (&schema.maximum, false, Ordering::Less),
            (&schema.exclusive_maximum, true, Ordering::Less),
        ];
        for (number, exclusive, tighter) in limits {
            tighten(&mut self.upper, number.as_deref(), exclusive, tighter);
        }
        raise(&mut self.min_length, schema.min_length);
        lower(&mut self.max_length, schema.max_length);
        let pattern = schema.pattern.as_deref();
        let pattern = pattern.filter(|text| !matches!(*text, "" | ".*" | "^.*$" | "^"));
        self.patterns.extend(pattern.map(str::to_owned));
        fill(&mut self.content_encoding, &schema.content_encoding);
        fill(&mut self.content_media_type, &schema.content_media_type);
        self.content_schema.extend(schema.content_schema);
    }

    fn narrow_arrays(&mut self, schema: &Schema) {
        self.items.extend(schema.items);
        for (at, id) in schema.prefix_items.iter().enumerate() {
            match self.prefix_items.get_mut(at) {
                Some(joint) => joint.push(*id),
                None => self.prefix_items.push(vec![*id]),
            }
        }
        raise(&mut self.min_items, schema.min_items);
        lower(&mut self.max_items, schema.max_items);
        self.unique_items |= schema.unique_items;
        self.contains.extend(schema.contains);
        raise(&mut self.min_contains, schema.min_contains);
        lower(&mut self.max_contains, schema.max_contains);
        self.unevaluated_items.extend(schema.unevaluated_items);
    }

    fn narrow_objects(&mut self, schema: &Schema) {
        join(&mut self.properties, &schema.properties);
        join(&mut self.pattern_properties, &schema.pattern_properties);
        join(&mut self.dependent_schemas, &schema.dependent_schemas);
        for name in &schema.required {
            if !self.required.contains(name) {
                self.required.push(name.clone());
            }
        }
        self.additional_properties
            .extend(schema.additional_properties);
        self.property_names.extend(schema.property_names);
        raise(&mut self.min_properties, schema.min_properties);
        lower(&mut self.max_properties, schema.max_properties);
        self.dependent_required
            .extend(schema.dependent_required.iter().cloned());
        self.unevaluated_properties
            .extend(schema.unevaluated_properties);
    }

    /// A choice between one branch and `null` is that branch; whether `null` is allowed is told apart.
    fn add_choice(
        &mut self,
        api: &Api,
        exclusive: bool,
        all: &[SchemaId],
        waiting: &mut Vec<SchemaId>,
    ) {
        let branches = all
            .iter()
            .copied()
            .filter(|id| !api.schema(*id).is_only_null());
        let branches = branches.collect::<Vec<_>>();
        match branches.as_slice() {
            [] => {}
            [only] => waiting.push(*only),
            _ => self.choices.push(Choice {
                exclusive,
                branches,
            }),
        }
    }
}

/// The schema that another one stands for, which says nothing of its own: so that a component is
/// looked at once, however many refer to it.
pub(super) fn target(api: &Api, mut id: SchemaId) -> SchemaId {
    // Schemas that refer to each other in a circle are refused before; the bound is for safety.
    for _ in 0..api.schemas.len() {
        match stands_for(api.schema(id)) {
            Some(next) => id = next,
            None => break,
        }
    }
    id
}

fn stands_for(schema: &Schema) -> Option<SchemaId> {
    let next = match (schema.reference, schema.all_of.as_slice()) {
        (Some(next), []) => next,
        (None, [next]) => *next,
        _ => return None,
    };
    says_nothing_else(schema).then_some(next)
}

/// Whether nothing that is compared stands beside `$ref` and `allOf`.
fn says_nothing_else(schema: &Schema) -> bool {
    let Schema {
        span: _,
        pointer: _,
        boolean,
        reference: _,
        types,
        format,
        title: _,
        description: _,
        default,
        examples: _,
        deprecated,
        read_only,
        write_only,
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
        content_encoding,
        content_media_type,
        content_schema,
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
        all_of: _,
        one_of,
        any_of,
        not,
        if_,
        then,
        else_,
        discriminator,
        extensions: _,
    } = schema;
    boolean.is_none()
        && types.is_none()
        && format.is_none()
        && default.is_none()
        && !*deprecated
        && !*read_only
        && !*write_only
        && enumeration.is_none()
        && constant.is_none()
        && multiple_of.is_none()
        && minimum.is_none()
        && maximum.is_none()
        && exclusive_minimum.is_none()
        && exclusive_maximum.is_none()
        && min_length.is_none()
        && max_length.is_none()
        && pattern.is_none()
        && content_encoding.is_none()
        && content_media_type.is_none()
        && content_schema.is_none()
        && items.is_none()
        && prefix_items.is_empty()
        && min_items.is_none()
        && max_items.is_none()
        && !*unique_items
        && contains.is_none()
        && min_contains.is_none()
        && max_contains.is_none()
        && unevaluated_items.is_none()
        && properties.is_empty()
        && required.is_empty()
        && pattern_properties.is_empty()
        && additional_properties.is_none()
        && property_names.is_none()
        && min_properties.is_none()
        && max_properties.is_none()
        && dependent_required.is_empty()
        && dependent_schemas.is_empty()
        && unevaluated_properties.is_none()
        && one_of.is_empty()
        && any_of.is_empty()
        && not.is_none()
        && if_.is_none()
        && then.is_none()
        && else_.is_none()
        && discriminator.is_none()
}

/// Whether a schema allows `null`.
fn allows_null(api: &Api, id: SchemaId, open: &mut Vec<SchemaId>) -> bool {
    if open.contains(&id) {
        return true;
    }
    let schema = api.schema(id);
    let listed = |values: &Vec<Json>| values.contains(&Json::Null);
    let own = schema.boolean != Some(false)
        && schema.types.is_none_or(|types| types.contains(Type::Null))
        && schema.enumeration.as_ref().is_none_or(listed)
        && schema.constant.as_ref().is_none_or(|it| *it == Json::Null);
    if !own {
        return false;
    }
    open.push(id);
    let every = schema.reference.iter().chain(&schema.all_of);
    let choices = [&schema.one_of, &schema.any_of];
    let allowed = every.copied().all(|id| allows_null(api, id, open))
        && choices
            .into_iter()
            .all(|list| list.is_empty() || list.iter().any(|id| allows_null(api, *id, open)));
    open.pop();
    allowed
}

/// Whether a schema allows no value at all.
fn is_never(api: &Api, id: SchemaId) -> bool {
    let schema = api.schema(id);
    schema.boolean == Some(false)
        || schema
            .reference
            .is_some_and(|target| api.schema(target).boolean == Some(false))
}

/// Whether properties of these schemas belong to responses alone, and to requests alone.
pub(super) fn marks(api: &Api, joint: &[SchemaId]) -> (bool, bool) {
    let mut seen = HashSet::new();
    let mut waiting = joint.to_vec();
    let mut marks = (false, false);
    while let Some(id) = waiting.pop() {
        if seen.insert(id) {
            let schema = api.schema(id);
            marks.0 |= schema.read_only;
            marks.1 |= schema.write_only;
            waiting.extend(schema.reference);
            waiting.extend(&schema.all_of);
        }
    }
    marks
}

fn fill<T: Clone>(own: &mut Option<T>, other: &Option<T>) {
    if own.is_none() {
        own.clone_from(other);
    }
}

fn raise(own: &mut Option<u64>, other: Option<u64>) {
    *own = (*own).max(other);
}

fn lower(own: &mut Option<u64>, other: Option<u64>) {
    *own = match (*own, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
}

/// Takes over a bound that allows less: above the known one for `Greater`, below it for `Less`.
fn tighten(own: &mut Option<Limit>, number: Option<&str>, exclusive: bool, tighter: Ordering) {
    let Some(number) = number else {
        return;
    };
    let replaces = own.as_ref().is_none_or(|known| {
        let order = decimal::compare(number, &known.number);
        order == tighter || order.is_eq() && exclusive
    });
    if replaces {
        *own = Some(Limit {
            number: number.to_owned(),
            exclusive,
        });
    }
}

fn join(own: &mut Vec<(String, Joint)>, other: &[(String, SchemaId)]) {
    for (name, id) in other {
        match own.iter_mut().find(|(known, _)| known == name) {
            Some((_, joint)) => joint.push(*id),
            None => own.push((name.clone(), vec![*id])),
        }
    }
}
