//! Response types: one variant a declared status.

use super::Emitter;
use super::layout::literal;
use super::service::{code, route};
use crate::ir::{
    Made, Operation, ResponseContent, ResponseType, ResponseVariant, Scalar, Sides, Type,
};
use crate::model::{MediaForm, StatusSet};

/// rustfmt: `struct_lit_width`.
const STRUCT_WIDTH: usize = 18;

impl Emitter<'_> {
    pub(super) fn response(&mut self, operation: &Operation) {
        let sides = self.module.sides;
        let Some(served) = &operation.served else {
            return self.response_type(operation, &operation.response, sides);
        };
        self.response_type(operation, served, Sides::SERVER);
        if sides.client {
            self.response_type(operation, &operation.response, Sides::CLIENT);
        }
    }

    fn response_type(&mut self, operation: &Operation, response: &ResponseType, sides: Sides) {
        self.out.blank();
        self.out.doc_line(
            0,
            &format!("The declared responses of {}.", route(operation)),
        );
        self.derives(response.variants.iter().any(has_stream));
        self.large_variants();
        self.out.line(0, &format!("pub enum {} {{", response.name));
        for variant in &response.variants {
            self.response_variant(variant);
        }
        self.out.line(0, "}");
        if sides.server {
            self.respond(response);
        }
        if sides.client && !operation.has_bare_answers() {
            self.receive(response);
        }
        for variant in &response.variants {
            self.response_choice(operation, variant, sides);
        }
    }

    fn respond(&mut self, response: &ResponseType) {
        self.out.blank();
        self.out
            .line(0, &format!("impl rt::Respond for {} {{", response.name));
        self.out
            .line(1, "fn respond(self, reply: &mut rt::Reply) {");
        self.out.line(2, "match self {");
        for variant in &response.variants {
            self.respond_arm(variant);
        }
        self.out.line(2, "}");
        self.out.line(1, "}");
        self.out.line(0, "}");
    }

    fn response_variant(&mut self, variant: &ResponseVariant) {
        let docs = format!("{}: {}", status_text(variant.status), variant.docs.trim());
        self.out.docs(1, docs.trim_end_matches([':', ' ']));
        let body = self.response_body(variant);
        if is_tuple(variant) {
            match body {
                Some(body) => self.out.line(1, &format!("{}({body}),", variant.name)),
                None => self.out.line(1, &format!("{},", variant.name)),
            }
            return;
        }
        self.out.line(1, &format!("{} {{", variant.name));
        if !matches!(variant.status, StatusSet::Status(_)) {
            self.out.doc_line(2, "The status.");
            self.out.line(2, "status: u16,");
        }
        for header in &variant.headers {
            let fallback = format!("The header {}.", code(&header.name));
            self.out.docs_or(2, &header.docs, &fallback);
            let ty = self.ty(&header.value.ty);
            let ty = if header.required {
                ty
            } else {
                format!("Option<{ty}>")
            };
            self.out.typed(2, &header.field, &ty);
        }
        if let Some(body) = body {
            self.out.doc_line(2, "The body.");
            self.out.typed(2, "body", &body);
        }
        self.out.line(1, "},");
    }

    fn response_body(&mut self, variant: &ResponseVariant) -> Option<String> {
        match (&variant.choice, variant.contents.first()) {
            (Some(choice), _) => Some(choice.clone()),
            (None, Some(content)) => Some(self.ty(&content.value.ty)),
            (None, None) => None,
        }
    }

    fn respond_arm(&mut self, variant: &ResponseVariant) {
        let status = match variant.status {
            StatusSet::Status(status) => status.to_string(),
            StatusSet::Range(_) | StatusSet::Default => "status".to_owned(),
        };
        let call = self.reply_call(variant, &status);
        if is_tuple(variant) {
            let pattern = match variant.contents.is_empty() {
                true => format!("Self::{}", variant.name),
                false => format!("Self::{}(body)", variant.name),
            };
            return self.reply_arm(3, &pattern, &call);
        }
        let mut fields: Vec<String> = Vec::new();
        if !matches!(variant.status, StatusSet::Status(_)) {
            fields.push("status".to_owned());
        }
        fields.extend(variant.headers.iter().map(|header| header.field.clone()));
        if !variant.contents.is_empty() {
            fields.push("body".to_owned());
        }
        let pattern = self.struct_pattern(&variant.name, &fields);
        if variant.headers.is_empty() {
            return self.reply_arm(3, &pattern, &call);
        }
        if pattern.is_empty() {
            self.out.line(3, &format!("Self::{} {{", variant.name));
            for field in &fields {
                self.out.line(4, &format!("{field},"));
            }
            self.out.line(3, "} => {");
        } else {
            self.out.line(3, &format!("{pattern} => {{"));
        }
        for header in &variant.headers {
            let method = if header.explode {
                "header_exploded"
            } else {
                "header"
            };
            let name = literal(&header.name);
            if header.required {
                let value = format!("&{}", header.field);
                self.out
                    .call(4, &format!("reply.{method}"), &[&name, &value], ";");
            } else {
                self.out
                    .line(4, &format!("if let Some(value) = {} {{", header.field));
                self.out
                    .call(5, &format!("reply.{method}"), &[&name, "&value"], ";");
                self.out.line(4, "}");
            }
        }
        let args: Vec<&str> = call.1.iter().map(String::as_str).collect();
        self.out.call(4, &format!("reply.{}", call.0), &args, ";");
        self.out.line(3, "}");
    }

    /// `Self::Name { fields }`, or nothing when it takes several lines.
    pub(super) fn struct_pattern(&self, name: &str, fields: &[String]) -> String {
        let flat = format!("Self::{name} {{ {} }}", fields.join(", "));
        let one_line = fields.join(", ").len() <= STRUCT_WIDTH;
        if one_line { flat } else { String::new() }
    }

    fn reply_arm(
        &mut self,
        level: usize,
        pattern: &str,
        (method, args): &(&'static str, Vec<String>),
    ) {
        let flat = args.join(", ");
        let body = format!("reply.{method}({flat})");
        let one_line =
            flat.len() <= 60 && super::layout::fits(level, &[pattern, " => ", &body, ","]);
        if one_line {
            return self.out.line(level, &format!("{pattern} => {body},"));
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        if flat.len() <= 60 {
            self.out.line(level, &format!("{pattern} => {{"));
            self.out
                .call(level + 1, &format!("reply.{method}"), &args, "");
            self.out.line(level, "}");
            return;
        }
        self.out
            .call(level, &format!("{pattern} => reply.{method}"), &args, ",");
    }

    fn reply_call(&self, variant: &ResponseVariant, status: &str) -> (&'static str, Vec<String>) {
        if variant.choice.is_some() {
            return ("choice", vec![status.to_owned(), "body".to_owned()]);
        }
        match variant.contents.first() {
            None => ("empty", vec![status.to_owned()]),
            Some(content) => {
                let (method, body) = content_call(content);
                (
                    method,
                    vec![
                        status.to_owned(),
                        literal(&content.media_type),
                        body.to_owned(),
                    ],
                )
            }
        }
    }

    /// The enum over several media types of one response.
    fn response_choice(&mut self, operation: &Operation, variant: &ResponseVariant, sides: Sides) {
        let Some(choice) = &variant.choice else {
            return;
        };
        self.out.blank();
        let status = status_text(variant.status);
        self.out.doc_line(
            0,
            &format!(
                "The body of a {status} answer to {}, by media type.",
                route(operation)
            ),
        );
        self.derives(has_stream(variant));
        self.large_variants();
        self.out.line(0, &format!("pub enum {choice} {{"));
        for content in &variant.contents {
            self.out.doc_line(1, &code(&content.media_type));
            let ty = self.ty(&content.value.ty);
            self.out.line(1, &format!("{}({ty}),", content.variant));
        }
        self.out.line(0, "}");
        if sides.server {
            self.respond_choice(choice, variant);
        }
        if sides.client && !operation.has_bare_answers() {
            self.receive_choice(choice, variant);
        }
    }

    fn respond_choice(&mut self, choice: &str, variant: &ResponseVariant) {
        self.out.blank();
        self.out
            .line(0, &format!("impl rt::Choice for {choice} {{"));
        self.out
            .line(1, "fn respond(self, status: u16, reply: &mut rt::Reply) {");
        self.out.line(2, "match self {");
        for content in &variant.contents {
            let (method, body) = content_call(content);
            let args = vec![
                "status".to_owned(),
                literal(&content.media_type),
                body.to_owned(),
            ];
            self.reply_arm(
                3,
                &format!("Self::{}(body)", content.variant),
                &(method, args),
            );
        }
        self.out.line(2, "}");
        self.out.line(1, "}");
        self.out.line(0, "}");
    }
}

fn content_call(content: &ResponseContent) -> (&'static str, &'static str) {
    match content.made {
        Made::Item => return ("resource", "&body"),
        Made::Page => return ("page", "&body"),
        Made::Nothing => {}
    }
    match content.form {
        MediaForm::Json => ("json", "&body"),
        MediaForm::Text if content.value.ty == Type::Scalar(Scalar::String) => ("text", "body"),
        MediaForm::Text => ("text_of", "&body"),
        _ => ("stream", "body"),
    }
}

fn has_stream(variant: &ResponseVariant) -> bool {
    variant
        .contents
        .iter()
        .any(|content| content.value.ty == Type::Scalar(Scalar::ByteStream))
}

/// A fixed status without headers needs no field names.
pub(super) fn is_tuple(variant: &ResponseVariant) -> bool {
    variant.headers.is_empty() && matches!(variant.status, StatusSet::Status(_))
}

/// As the contract writes it.
pub(super) fn status_text(status: StatusSet) -> String {
    match status {
        StatusSet::Status(status) => status.to_string(),
        StatusSet::Range(digit) => format!("{digit}XX"),
        StatusSet::Default => "default".to_owned(),
    }
}
