//! How the text of parameters and form fields becomes JSON.

use super::Shape;
use super::lower::Lowering;
use crate::model::{Json, Schema, SchemaId, Type, TypeSet};

/// Deeper objects travel as JSON text.
const DEEPEST: usize = 4;

impl Lowering<'_> {
    /// The shape of a schema's text.
    pub(super) fn shape(&mut self, id: SchemaId, hint: &str) -> Shape {
        self.shape_within(id, hint, 0)
    }

    fn shape_within(&mut self, id: SchemaId, hint: &str, depth: usize) -> Shape {
        let schema = self.effective(id).schema;
        let mut shapes: Vec<Shape> = Vec::new();
        let branches: Vec<SchemaId> = schema
            .one_of
            .iter()
            .chain(&schema.any_of)
            .copied()
            .collect();
        if !branches.is_empty() && schema.properties.is_empty() {
            for branch in branches.into_iter().filter(|_| depth < DEEPEST) {
                match self.shape_within(branch, hint, depth + 1) {
                    Shape::OneOf(inner) => shapes.extend(inner),
                    shape => shapes.push(shape),
                }
            }
        } else {
            for ty in types_of(&schema).iter() {
                shapes.push(self.shape_of_type(&schema, ty, hint, depth));
            }
        }
        one_of(shapes)
    }

    fn shape_of_type(&mut self, schema: &Schema, ty: Type, hint: &str, depth: usize) -> Shape {
        match ty {
            Type::Null => Shape::Null,
            Type::Boolean => Shape::Boolean,
            Type::Integer | Type::Number => Shape::Number,
            Type::String => self.text_shape(schema, hint),
            Type::Array | Type::Object if depth >= DEEPEST => Shape::Json,
            Type::Array => {
                let item = match schema.items {
                    Some(item) => self.shape_within(item, hint, depth + 1),
                    None => Shape::String,
                };
                Shape::Array(Box::new(self.named_shape(item, hint)))
            }
            Type::Object => self.object_shape(schema, hint, depth),
        }
    }

    /// A string, or one of several where a parameter ignores their case.
    fn text_shape(&mut self, schema: &Schema, hint: &str) -> Shape {
        let listed = schema.enumeration.iter().flatten().chain(&schema.constant);
        let words = listed.filter_map(|value| match value {
            Json::String(text) => Some(text.clone()),
            _ => None,
        });
        let words: Vec<String> = words.filter(|_| self.ignores_case).collect();
        match words.is_empty() {
            true => Shape::String,
            false => self.named_shape(Shape::Words(words), hint),
        }
    }

    fn object_shape(&mut self, schema: &Schema, hint: &str, depth: usize) -> Shape {
        let mut members = Vec::new();
        for (name, id) in &schema.properties {
            members.push((
                name.clone(),
                self.shape_within(*id, &format!("{hint} {name}"), depth + 1),
            ));
        }
        let rest = match schema.additional_properties {
            Some(rest) => self.shape_within(rest, hint, depth + 1),
            None => Shape::String,
        };
        let rest = self.named_shape(rest, hint);
        self.named_shape(Shape::Object(members, Box::new(rest)), hint)
    }

    /// Gives shapes that hold others a constant, so that each is printed flat.
    fn named_shape(&mut self, shape: Shape, hint: &str) -> Shape {
        let holds = matches!(
            shape,
            Shape::Object(..) | Shape::OneOf(_) | Shape::Array(_) | Shape::Words(_)
        );
        if !holds {
            return shape;
        }
        if let Some(known) = self.shapes.iter().position(|(_, known)| *known == shape) {
            return Shape::Named(known);
        }
        let constant = self.constant_scope.screaming(&format!("shape {hint}"));
        self.shapes.push((constant, shape));
        Shape::Named(self.shapes.len() - 1)
    }
}

fn types_of(schema: &Schema) -> TypeSet {
    let listed = schema.enumeration.iter().flatten().chain(&schema.constant);
    let by_values = listed.map(type_of).fold(TypeSet::NONE, TypeSet::with);
    match schema.types {
        Some(types) => types,
        None if !by_values.is_empty() => by_values,
        None if !schema.properties.is_empty() => TypeSet::NONE.with(Type::Object),
        None if schema.items.is_some() => TypeSet::NONE.with(Type::Array),
        None => TypeSet::NONE
            .with(Type::Null)
            .with(Type::Boolean)
            .with(Type::Number)
            .with(Type::String),
    }
}

fn type_of(value: &Json) -> Type {
    match value {
        Json::Null => Type::Null,
        Json::Bool(_) => Type::Boolean,
        Json::Number(_) => Type::Number,
        Json::String(_) => Type::String,
        Json::Array(_) => Type::Array,
        Json::Object(_) => Type::Object,
    }
}

/// One shape of several, without repetitions; strings last, because every text is one, and
/// `null` only where nothing else is meant.
fn one_of(shapes: Vec<Shape>) -> Shape {
    let mut unique: Vec<Shape> = Vec::new();
    for shape in shapes {
        if !unique.contains(&shape) {
            unique.push(shape);
        }
    }
    if unique.len() > 1 {
        unique.retain(|shape| *shape != Shape::Null);
    }
    unique.sort_by_key(|shape| match shape {
        Shape::String => 2,
        Shape::Array(_) | Shape::Object(..) | Shape::Named(_) => 0,
        _ => 1,
    });
    match unique.len() {
        0 => Shape::String,
        1 => unique.swap_remove(0),
        _ => Shape::OneOf(unique),
    }
}
