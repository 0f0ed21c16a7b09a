//! The bodies of responses, one for each media type.

use super::direction::Direction;
use super::lower::Lowering;
use super::{Made, ResponseContent, Scalar, Shape, Value};
use crate::model::{self, MediaForm, SchemaId, Type};

impl Lowering<'_> {
    /// One media type of a response. `typed` says whether its value has the type of the schema,
    /// and `shaped` whether a client reads it from text.
    pub(super) fn response_content(
        &mut self,
        content: &model::Content,
        variant: String,
        hint: &str,
        (typed, shaped): (bool, bool),
    ) -> ResponseContent {
        let mut shape = Shape::String;
        let (value, check) = match (content.form, content.schema) {
            (MediaForm::Json, Some(schema)) if !typed => {
                let check = self.check(schema, Direction::Output, hint);
                (Value::scalar(Scalar::Json), Some(check))
            }
            (MediaForm::Json, Some(schema)) => {
                let value = self.value(schema, Direction::Output, hint);
                (value, Some(self.check(schema, Direction::Output, hint)))
            }
            (MediaForm::Json, None) => (Value::scalar(Scalar::Json), None),
            (MediaForm::Text, Some(schema)) if typed && self.is_one_value(schema) => {
                let value = self.value(schema, Direction::Output, hint);
                match value == Value::scalar(Scalar::String) {
                    // Every text fits.
                    true => (value, None),
                    false => {
                        if shaped {
                            shape = self.shape(schema, Direction::Output, hint);
                        }
                        (value, Some(self.check(schema, Direction::Output, hint)))
                    }
                }
            }
            (MediaForm::Text, _) => (Value::scalar(Scalar::String), None),
            _ => (Value::scalar(Scalar::ByteStream), None),
        };
        ResponseContent {
            variant,
            media_type: content.media_type.clone(),
            form: content.form,
            value,
            shape,
            check,
            made: Made::Nothing,
        }
    }

    /// Whether a schema is of one value that a text can stand for. Nothing says how a text tells the
    /// parts of others apart.
    fn is_one_value(&mut self, schema: SchemaId) -> bool {
        let schema = self.effective(schema).schema;
        let ty = schema.types.and_then(|types| types.single());
        let is_scalar = matches!(
            ty,
            Some(Type::String | Type::Integer | Type::Number | Type::Boolean)
        );
        let is_choice = !schema.one_of.is_empty() || !schema.any_of.is_empty();
        is_scalar && !is_choice && schema.format.as_deref() != Some("binary")
    }
}
