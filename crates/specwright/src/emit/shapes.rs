//! How text becomes JSON, as the runtime is told.

use super::Emitter;
use super::layout::{ARRAY_WIDTH, fits, literal};
use crate::ir::{CheckId, Shape};

impl Emitter<'_> {
    pub(super) fn named_shape(&mut self, constant: &str, shape: &Shape) {
        self.out.blank();
        match shape {
            Shape::Object(members, rest) => {
                self.out.line(
                    0,
                    &format!("const {constant}: rt::Shape = rt::Shape::Object {{"),
                );
                let members: Vec<(String, String)> = members
                    .iter()
                    .map(|(name, shape)| (literal(name), self.shape(shape)))
                    .collect();
                self.out.pairs(1, "properties: &", &members);
                self.out
                    .line(1, &format!("additional: &{},", self.shape(rest)));
                self.out.line(0, "};");
            }
            Shape::Words(words) => {
                let words: Vec<String> = words.iter().map(|word| literal(word)).collect();
                let head = format!("const {constant}: rt::Shape = rt::Shape::Words");
                let flat = words.join(", ");
                if flat.len() <= ARRAY_WIDTH {
                    return self.one_line_or_next(&head, &format!("&[{flat}]"));
                }
                self.out.array(0, &format!("{head}(&"), &words, ");");
            }
            Shape::OneOf(shapes, check) => self.choice_of_shapes(constant, shapes, *check),
            other => {
                let shape = self.shape(other);
                self.out
                    .assignment(0, &format!("const {constant}: rt::Shape = {shape}"), ";");
            }
        }
    }

    fn choice_of_shapes(&mut self, constant: &str, shapes: &[Shape], check: Option<CheckId>) {
        let head = format!("const {constant}: rt::Shape = rt::Shape::OneOf {{");
        self.out.line(0, &head);
        let shapes: Vec<String> = shapes.iter().map(|shape| self.shape(shape)).collect();
        self.out.array(1, "shapes: &", &shapes, ",");
        match check {
            Some(check) => {
                let check = &self.module.checks[check.0].0;
                let takes = format!("|json| {check}.accepts(json)");
                // A longer closure has a body of its own lines.
                if fits(1, &["takes: ", &takes, ","]) {
                    self.out.line(1, &format!("takes: {takes},"));
                } else {
                    self.out.line(1, "takes: |json| {");
                    self.out.line(2, &format!("{check}.accepts(json)"));
                    self.out.line(1, "},");
                }
            }
            None => self.out.line(1, "takes: |_| true,"),
        }
        self.out.line(0, "};");
    }

    pub(super) fn shape(&self, shape: &Shape) -> String {
        match shape {
            Shape::String => "rt::Shape::String".to_owned(),
            Shape::Number => "rt::Shape::Number".to_owned(),
            Shape::Boolean => "rt::Shape::Boolean".to_owned(),
            Shape::Null => "rt::Shape::Null".to_owned(),
            Shape::Json | Shape::Object(..) => "rt::Shape::Json".to_owned(),
            // Words and choices always have a constant of their own.
            Shape::Words(_) | Shape::OneOf(..) => "rt::Shape::String".to_owned(),
            Shape::Array(item) => format!("rt::Shape::Array(&{})", self.shape(item)),
            Shape::Named(index) => self.module.shapes[*index].0.clone(),
        }
    }
}
