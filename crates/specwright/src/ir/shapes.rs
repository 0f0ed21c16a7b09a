//! How the text of parameters and form fields becomes JSON.

use super::Shape;
use super::direction::Direction;
use super::lower::Lowering;
use super::schema::constrains_nothing;
use crate::model::{Json, Schema, SchemaId, Type, TypeSet};

/// Deeper objects travel as JSON text.
const DEEPEST: usize = 4;

impl Lowering<'_> {
    /// The shape of a schema's text.
    pub(super) fn shape(&mut self, id: SchemaId, direction: Direction, hint: &str) -> Shape {
        let shape = self.shape_within(id, direction, hint, 0);
        self.choice_shape(shape, hint)
    }

    fn shape_within(
        &mut self,
        id: SchemaId,
        direction: Direction,
        hint: &str,
        depth: usize,
    ) -> Shape {
        let shapes = one_of(self.shapes_within(id, direction, hint, depth));
        match shapes.as_slice() {
            [] => Shape::String,
            [only] => only.clone(),
            several => {
                let decides = is_ambiguous(several) && !takes_the_first(&self.effective(id).schema);
                // The check of what the whole text stands for has the plain name.
                let hint = match depth {
                    0 => hint.to_owned(),
                    _ => format!("{hint} text"),
                };
                let check = decides.then(|| self.check(id, direction, &hint));
                Shape::OneOf(shapes, check)
            }
        }
    }

    /// The shapes of a schema's branches, or of its types.
    fn shapes_within(
        &mut self,
        id: SchemaId,
        direction: Direction,
        hint: &str,
        depth: usize,
    ) -> Vec<Shape> {
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
                shapes.extend(self.shapes_within(branch, direction, hint, depth + 1));
            }
        } else {
            for ty in types_of(&schema).iter() {
                shapes.push(self.shape_of_type(&schema, ty, direction, hint, depth));
            }
        }
        shapes
    }

    fn shape_of_type(
        &mut self,
        schema: &Schema,
        ty: Type,
        direction: Direction,
        hint: &str,
        depth: usize,
    ) -> Shape {
        match ty {
            Type::Null => Shape::Null,
            Type::Boolean => Shape::Boolean,
            Type::Integer | Type::Number => Shape::Number,
            Type::String => self.text_shape(schema, hint),
            Type::Array | Type::Object if depth >= DEEPEST => Shape::Json,
            Type::Array => {
                let item = match schema.items {
                    Some(item) => self.shape_within(item, direction, hint, depth + 1),
                    None => Shape::String,
                };
                Shape::Array(Box::new(self.named_shape(item, hint)))
            }
            Type::Object => self.object_shape(schema, direction, hint, depth),
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

    fn object_shape(
        &mut self,
        schema: &Schema,
        direction: Direction,
        hint: &str,
        depth: usize,
    ) -> Shape {
        let mut members = Vec::new();
        for (name, id) in &schema.properties {
            let hint = format!("{hint} {name}");
            let shape = self.shape_within(*id, direction, &hint, depth + 1);
            members.push((name.clone(), self.choice_shape(shape, &hint)));
        }
        let rest = match schema.additional_properties {
            Some(rest) => self.shape_within(rest, direction, hint, depth + 1),
            None => Shape::String,
        };
        let rest = self.named_shape(rest, hint);
        self.named_shape(Shape::Object(members, Box::new(rest)), hint)
    }

    /// Gives a choice a constant.
    fn choice_shape(&mut self, shape: Shape, hint: &str) -> Shape {
        match shape {
            Shape::OneOf(..) => self.named_shape(shape, hint),
            other => other,
        }
    }

    /// Gives shapes that hold others a constant, so that each is printed flat.
    fn named_shape(&mut self, shape: Shape, hint: &str) -> Shape {
        let holds = matches!(
            shape,
            Shape::Object(..) | Shape::OneOf(..) | Shape::Array(_) | Shape::Words(_)
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

/// Shapes without repetitions; strings behind what tells its texts, because every text is one,
/// lists behind both, because a lone text is its own only item, and `null` only where nothing else
/// is meant.
fn one_of(shapes: Vec<Shape>) -> Vec<Shape> {
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
        Shape::Named(_) | Shape::Object(..) => 0,
        Shape::String => 2,
        Shape::Array(_) => 3,
        _ => 1,
    });
    unique
}

/// Whether one text can have several of these shapes.
fn is_ambiguous(shapes: &[Shape]) -> bool {
    let has_token = shapes.iter().any(|shape| {
        matches!(
            shape,
            Shape::Number | Shape::Boolean | Shape::Json | Shape::Words(_)
        )
    });
    let has_string = shapes.contains(&Shape::String);
    let has_list = shapes.iter().any(|shape| matches!(shape, Shape::Array(_)));
    has_token && has_string || has_list && (has_token || has_string)
}

/// Whether the first of its shapes that a text can have is as good as any: the schema takes
/// everything or nothing, or it names types at most, and every number is one of theirs.
fn takes_the_first(schema: &Schema) -> bool {
    if schema.boolean.is_some() {
        return true;
    }
    let every_number = schema
        .types
        .is_none_or(|types| types.contains(Type::Number) && !types.contains(Type::Array));
    let untyped = Schema {
        types: None,
        ..schema.clone()
    };
    every_number && constrains_nothing(&untyped)
}
