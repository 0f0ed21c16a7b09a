//! `allOf` and references beside other keywords, merged into one schema.

use super::lower::Lowering;
use crate::model::{Schema, SchemaId, Type, TypeSet};

/// Deeper nesting of `allOf` than this is left to the residual check.
const DEEPEST: usize = 32;

/// A schema without `$ref` and `allOf`.
#[derive(Clone, Debug)]
pub(super) struct Effective {
    /// Accepts at least what the original does.
    pub(super) schema: Schema,
    /// Whether it accepts exactly that.
    pub(super) exact: bool,
}

impl Lowering<'_> {
    /// Merges a schema with what it refers to and all members of its `allOf`.
    pub(super) fn effective(&mut self, id: SchemaId) -> Effective {
        self.effective_within(id, 0)
    }

    fn effective_within(&mut self, id: SchemaId, depth: usize) -> Effective {
        let mut own = self.schemas[id.index()].clone();
        let parts: Vec<SchemaId> = own
            .reference
            .take()
            .into_iter()
            .chain(std::mem::take(&mut own.all_of))
            .collect();
        let mut merged = Effective {
            schema: own,
            exact: depth < DEEPEST,
        };
        if depth >= DEEPEST {
            return merged;
        }
        for part in parts {
            let part = self.effective_within(part, depth + 1);
            merged.exact &= part.exact;
            merged.exact &= self.combine(&mut merged.schema, part.schema);
        }
        merged
    }

    /// Narrows `base` by `part`; answers whether nothing was lost.
    fn combine(&mut self, base: &mut Schema, part: Schema) -> bool {
        let mut exact = part.boolean != Some(false) && base.boolean != Some(false);
        if part.boolean.is_some() {
            return exact;
        }
        exact &= combine_types(base, &part);
        exact &= combine_values(base, &part);
        exact &= combine_scalars(base, &part);
        exact &= self.combine_objects(base, &part);
        exact &= self.combine_arrays(base, &part);
        exact & combine_composition(base, part)
    }

    fn combine_objects(&mut self, base: &mut Schema, part: &Schema) -> bool {
        let closed = |schema: &Schema, schemas: &[Schema]| {
            schema
                .additional_properties
                .is_some_and(|id| schemas[id.index()].boolean != Some(true))
        };
        let base_is_empty = base.properties.is_empty() && base.additional_properties.is_none();
        let part_is_empty = part.properties.is_empty() && part.additional_properties.is_none();
        let mut exact = true;
        if base_is_empty {
            base.additional_properties = part.additional_properties;
        } else if !part_is_empty && (closed(base, &self.schemas) || closed(part, &self.schemas)) {
            // Each `additionalProperties` sees only the properties beside it.
            base.additional_properties = None;
            exact = false;
        }
        for (name, id) in &part.properties {
            match base.properties.iter().position(|(known, _)| known == name) {
                None => base.properties.push((name.clone(), *id)),
                Some(at) if base.properties[at].1 == *id => {}
                Some(at) => base.properties[at].1 = self.both(base.properties[at].1, *id),
            }
        }
        for name in &part.required {
            if !base.required.contains(name) {
                base.required.push(name.clone());
            }
        }
        base.pattern_properties
            .extend(part.pattern_properties.iter().cloned());
        base.dependent_required
            .extend(part.dependent_required.iter().cloned());
        base.dependent_schemas
            .extend(part.dependent_schemas.iter().cloned());
        exact &= adopt(&mut base.property_names, part.property_names);
        exact &= adopt(
            &mut base.unevaluated_properties,
            part.unevaluated_properties,
        );
        exact &= adopt(&mut base.min_properties, part.min_properties);
        exact & adopt(&mut base.max_properties, part.max_properties)
    }

    fn combine_arrays(&mut self, base: &mut Schema, part: &Schema) -> bool {
        base.items = match (base.items, part.items) {
            (Some(left), Some(right)) if left != right => Some(self.both(left, right)),
            (left, right) => left.or(right),
        };
        base.unique_items |= part.unique_items;
        let mut exact = base.prefix_items.is_empty() || part.prefix_items.is_empty();
        if base.prefix_items.is_empty() {
            base.prefix_items.clone_from(&part.prefix_items);
        }
        exact &= adopt(&mut base.contains, part.contains);
        exact &= adopt(&mut base.min_contains, part.min_contains);
        exact &= adopt(&mut base.max_contains, part.max_contains);
        exact &= adopt(&mut base.unevaluated_items, part.unevaluated_items);
        exact &= adopt(&mut base.min_items, part.min_items);
        exact & adopt(&mut base.max_items, part.max_items)
    }

    /// A new schema that asks for both.
    fn both(&mut self, left: SchemaId, right: SchemaId) -> SchemaId {
        let marked = |id: SchemaId, mark: fn(&Schema) -> bool| mark(&self.schemas[id.index()]);
        let schema = Schema {
            span: self.schemas[right.index()].span,
            pointer: self.schemas[right.index()].pointer.clone(),
            all_of: vec![left, right],
            description: self.schemas[right.index()].description.clone(),
            default: self.schemas[right.index()]
                .default
                .clone()
                .or_else(|| self.schemas[left.index()].default.clone()),
            read_only: marked(left, |it| it.read_only) || marked(right, |it| it.read_only),
            write_only: marked(left, |it| it.write_only) || marked(right, |it| it.write_only),
            ..Schema::default()
        };
        self.add_schema(schema, &[left, right])
    }
}

/// Takes over `part` when `base` has nothing; answers whether nothing was lost.
fn adopt<T: PartialEq>(base: &mut Option<T>, part: Option<T>) -> bool {
    match (&base, part) {
        (_, None) => true,
        (None, part) => {
            *base = part;
            true
        }
        (Some(base), Some(part)) => *base == part,
    }
}

fn combine_types(base: &mut Schema, part: &Schema) -> bool {
    base.types = match (base.types, part.types) {
        (Some(left), Some(right)) => {
            let both = left.intersection(right);
            let integral =
                |types: TypeSet| types.contains(Type::Integer) && !types.contains(Type::Number);
            let wider = |types: TypeSet| types.contains(Type::Number);
            let crossed = integral(left) && wider(right) || integral(right) && wider(left);
            Some(if crossed {
                both.with(Type::Integer)
            } else {
                both
            })
        }
        (left, right) => left.or(right),
    };
    base.types != Some(TypeSet::NONE)
}

fn combine_values(base: &mut Schema, part: &Schema) -> bool {
    if let (Some(left), Some(right)) = (&mut base.enumeration, &part.enumeration) {
        left.retain(|value| right.contains(value));
        return !left.is_empty() && adopt(&mut base.constant, part.constant.clone());
    }
    let exact = adopt(&mut base.enumeration, part.enumeration.clone());
    exact & adopt(&mut base.constant, part.constant.clone())
}

fn combine_scalars(base: &mut Schema, part: &Schema) -> bool {
    let mut exact = adopt(&mut base.format, part.format.clone());
    exact &= adopt(&mut base.multiple_of, part.multiple_of.clone());
    exact &= adopt(&mut base.minimum, part.minimum.clone());
    exact &= adopt(&mut base.maximum, part.maximum.clone());
    exact &= adopt(&mut base.exclusive_minimum, part.exclusive_minimum.clone());
    exact &= adopt(&mut base.exclusive_maximum, part.exclusive_maximum.clone());
    exact &= adopt(&mut base.min_length, part.min_length);
    exact &= adopt(&mut base.max_length, part.max_length);
    exact &= adopt(&mut base.pattern, part.pattern.clone());
    if base.description.is_none() {
        base.description.clone_from(&part.description);
    }
    if base.default.is_none() {
        base.default.clone_from(&part.default);
    }
    base.read_only |= part.read_only;
    base.write_only |= part.write_only;
    base.deprecated |= part.deprecated;
    exact
}

fn combine_composition(base: &mut Schema, part: Schema) -> bool {
    let has_choice = |schema: &Schema| !schema.one_of.is_empty() || !schema.any_of.is_empty();
    let mut exact = true;
    if !has_choice(base) {
        base.one_of = part.one_of;
        base.any_of = part.any_of;
        if has_choice(base) {
            base.discriminator = part.discriminator;
        }
    } else if has_choice(&part) {
        exact = false;
    }
    exact &= adopt(&mut base.not, part.not);
    let has_condition = part.if_.is_some();
    if has_condition && base.if_.is_some() {
        return false;
    }
    if has_condition {
        base.if_ = part.if_;
        base.then = part.then;
        base.else_ = part.else_;
    }
    exact
}
