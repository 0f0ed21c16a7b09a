//! Request types: parameters and body of one operation.

use super::Emitter;
use super::layout::literal;
use super::paths;
use super::service::{code, route};
use crate::ir::{
    Body, Content, Literal, Operation, Parameter, Presence, Read, Request, Scalar, Type, Value,
};
use crate::model::MediaForm;

impl Emitter<'_> {
    pub(super) fn request(&mut self, operation: &Operation) {
        let Some(request) = &operation.request else {
            return;
        };
        self.out.blank();
        self.out
            .doc_line(0, &format!("The request of {}.", route(operation)));
        let streams = request.body.as_ref().is_some_and(has_stream);
        self.derives(streams);
        self.out.line(0, &format!("pub struct {} {{", request.name));
        for parameter in &request.parameters {
            self.parameter_field(parameter);
        }
        if let Some(body) = &request.body {
            self.out.docs_or(1, &body.docs, "The body.");
            let ty = self.body_type(body);
            self.out.typed(1, &format!("pub {}", body.field), &ty);
        }
        self.out.line(0, "}");
        if self.module.sides.server {
            self.read_request(request);
        }
        if let Some(body) = &request.body {
            self.body_choice(operation, body);
        }
    }

    pub(super) fn derives(&mut self, streams: bool) {
        let derives = if streams {
            "#[derive(Debug)]"
        } else {
            "#[derive(Clone, Debug, PartialEq)]"
        };
        self.out.line(0, derives);
    }

    fn parameter_field(&mut self, parameter: &Parameter) {
        let fallback = format!(
            "The {} parameter {}.",
            parameter.location.name(),
            code(&parameter.name)
        );
        self.out.docs_or(1, &parameter.docs, &fallback);
        if parameter.deprecated {
            self.out.doc_line(1, "");
            self.out.doc_line(1, "Deprecated by the contract.");
        }
        let ty = self.ty(&parameter.value.ty);
        let ty = if parameter.presence == Presence::Optional {
            format!("Option<{ty}>")
        } else {
            ty
        };
        self.out.typed(1, &format!("pub {}", parameter.field), &ty);
    }

    fn body_type(&mut self, body: &Body) -> String {
        let ty = match (&body.choice, body.contents.first()) {
            (Some(choice), _) => choice.clone(),
            (None, Some(content)) => self.ty(&content.value.ty),
            (None, None) => "()".to_owned(),
        };
        if body.required {
            ty
        } else {
            format!("Option<{ty}>")
        }
    }

    fn read_request(&mut self, request: &Request) {
        self.out.blank();
        self.out.line(0, &format!("impl {} {{", request.name));
        self.out.line(
            1,
            "fn read(input: &mut rt::Input<'_>) -> Result<Self, rt::Invalid> {",
        );
        self.out.line(2, "Ok(Self {");
        for parameter in &request.parameters {
            let read = self.read_path(&parameter.value);
            let constant = format!("&{}", parameter.constant);
            let (method, default) = match &parameter.presence {
                Presence::Required => ("required", None),
                Presence::Optional => ("optional", None),
                Presence::Default(default) if matches!(default, Literal::Json(_)) => {
                    ("or_json", Some(default))
                }
                Presence::Default(default) => ("or", Some(default)),
            };
            let default = default.map(|default| self.literal(default));
            let args: Vec<&str> = [Some(constant.as_str()), default.as_deref(), Some(&read)]
                .into_iter()
                .flatten()
                .collect();
            self.out
                .method(3, &format!("{}: input.{method}", parameter.field), &args);
        }
        if let Some(body) = &request.body {
            self.read_body(body);
        }
        self.out.line(2, "})");
        self.out.line(1, "}");
        self.out.line(0, "}");
    }

    fn read_body(&mut self, body: &Body) {
        let head = format!("{}: ", body.field);
        if let Some(choice) = &body.choice {
            let method = if body.required {
                "read"
            } else {
                "read_optional"
            };
            self.out
                .line(3, &format!("{head}{choice}::{method}(input)?,"));
            return;
        }
        for content in &body.contents {
            let (method, args) = self.content_read(content, body.required);
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            self.out.method(3, &format!("{head}input.{method}"), &args);
        }
    }

    /// The input's method that reads a body of one media type, and its arguments.
    fn content_read(&mut self, content: &Content, required: bool) -> (&'static str, Vec<String>) {
        let plain_text =
            content.form == MediaForm::Text && content.value == Value::scalar(Scalar::String);
        match (content.form, required) {
            (MediaForm::Text, true) if plain_text => ("text", Vec::new()),
            (MediaForm::Text, false) if plain_text => ("optional_text", Vec::new()),
            (MediaForm::Json | MediaForm::Form | MediaForm::Text, true) => {
                ("body", vec![self.read_path(&content.value)])
            }
            (MediaForm::Json | MediaForm::Form | MediaForm::Text, false) => {
                ("optional_body", vec![self.read_path(&content.value)])
            }
            (_, true) => ("stream", Vec::new()),
            (_, false) => ("optional_stream", Vec::new()),
        }
    }

    /// The enum over several media types, and its reading.
    fn body_choice(&mut self, operation: &Operation, body: &Body) {
        let Some(choice) = &body.choice else { return };
        self.out.blank();
        self.out.doc_line(
            0,
            &format!("The body of {}, by media type.", route(operation)),
        );
        self.derives(has_stream(body));
        self.large_variants();
        self.out.line(0, &format!("pub enum {choice} {{"));
        for content in &body.contents {
            self.out.doc_line(1, &code(&content.media_type));
            let ty = self.ty(&content.value.ty);
            self.out.line(1, &format!("{}({ty}),", content.variant));
        }
        self.out.line(0, "}");
        let sides = self.module.sides;
        self.out.blank();
        self.out.line(0, &format!("impl {choice} {{"));
        if sides.server {
            self.read_choice(body);
        }
        if sides.server && sides.client {
            self.out.blank();
        }
        if sides.client {
            self.write_choice(body);
        }
        self.out.line(0, "}");
    }

    fn read_choice(&mut self, body: &Body) {
        let (name, answer, none) = if body.required {
            ("read", "Self", "Err(input.missing_body())")
        } else {
            ("read_optional", "Option<Self>", "Ok(None)")
        };
        self.out.line(
            1,
            &format!("fn {name}(input: &mut rt::Input<'_>) -> Result<{answer}, rt::Invalid> {{"),
        );
        self.out.line(2, "let body = match input.content() {");
        for (index, content) in body.contents.iter().enumerate() {
            let (method, args) = self.content_read(content, true);
            let read = format!("input.{method}({})?", args.join(", "));
            self.out.call(
                3,
                &format!("Some({index}) => Self::{}", content.variant),
                &[&read],
                ",",
            );
        }
        self.out.line(3, &format!("_ => return {none},"));
        self.out.line(2, "};");
        self.out.line(
            2,
            if body.required {
                "Ok(body)"
            } else {
                "Ok(Some(body))"
            },
        );
        self.out.line(1, "}");
    }

    /// Bodies are moved once, so that a large variant costs nothing worth a box.
    pub(super) fn large_variants(&mut self) {
        self.out.line(0, "#[allow(clippy::large_enum_variant)]");
    }

    /// The function that reads a value.
    pub(super) fn read_path(&self, value: &Value) -> String {
        match value.read {
            Read::Own => paths::READ.to_owned(),
            Read::By(reader) => self.module.readers[reader.0].name.clone(),
        }
    }

    /// A default as an expression.
    pub(super) fn literal(&self, default: &Literal) -> String {
        match default {
            Literal::Bool(value) => value.to_string(),
            Literal::Number(text) => text.clone(),
            Literal::Integer(text) => format!("Integer::from({text}_i64)"),
            Literal::String(text) => format!("{}.to_owned()", literal(text)),
            Literal::Variant(ty, variant) => format!("{}::{variant}", self.module.types[ty.0].name),
            Literal::Json(text) => literal(text),
        }
    }
}

fn has_stream(body: &Body) -> bool {
    body.contents
        .iter()
        .any(|content| content.value.ty == Type::Scalar(Scalar::ByteStream))
}
