//! The client: one function an operation, and the reading of its declared responses.

use super::Emitter;
use super::layout::{CALL_WIDTH, literal};
use super::responses::{is_tuple, status_text};
use super::service::{code, route};
use crate::ir::{
    Body, Content, Operation, Parameter, Presence, ResponseContent, ResponseType, ResponseVariant,
    Scalar, Scheme, Type, Value,
};
use crate::model::{MediaForm, SecurityKind, StatusSet};

impl Emitter<'_> {
    pub(super) fn client(&mut self) {
        let module = self.module;
        for name in ["CallOptions", "Client"] {
            self.import(name);
        }
        if module.sides.server {
            self.out.blank();
            self.out
                .doc_line(0, "Calls the API, wherever it is served.");
        } else {
            self.module_docs();
        }
        self.out.line(0, "#[derive(Clone, Debug)]");
        self.out
            .line(0, &format!("pub struct {} {{", module.client));
        self.out.line(1, "client: Client,");
        self.out.line(0, "}");
        self.out.blank();
        self.out.line(0, &format!("impl {} {{", module.client));
        self.constructors();
        for scheme in &module.schemes {
            self.credentials(scheme);
        }
        for operation in &module.operations {
            self.function(operation);
        }
        self.out.line(0, "}");
    }

    fn constructors(&mut self) {
        let base = self.module.bases.first().map_or("", String::as_str);
        let where_to = match base {
            "" => "at the root".to_owned(),
            base => format!("below {}", code(base)),
        };
        self.out.doc_line(
            1,
            &format!("Calls the API {where_to}, unless the client has another base."),
        );
        self.out.line(1, "pub fn new(client: Client) -> Self {");
        self.out.call(
            2,
            "let client = client.default_base",
            &[&literal(base)],
            ";",
        );
        self.out.line(2, "Self { client }");
        self.out.line(1, "}");
        self.out.blank();
        self.out
            .doc_line(1, "The same for calls under these options.");
        self.out
            .line(1, "pub fn with(&self, options: CallOptions) -> Self {");
        self.out.line(2, "let client = self.client.with(options);");
        self.out.line(2, "Self { client }");
        self.out.line(1, "}");
    }

    fn credentials(&mut self, scheme: &Scheme) {
        let credentials = match scheme.kind {
            SecurityKind::ApiKey { .. } => "ApiKey",
            SecurityKind::Basic => "Basic",
            SecurityKind::Bearer { .. }
            | SecurityKind::OAuth2 { .. }
            | SecurityKind::OpenIdConnect { .. } => "Bearer",
        };
        self.import(credentials);
        self.out.blank();
        self.out.doc_line(
            1,
            &format!(
                "The same with credentials for the security scheme {}.",
                code(&scheme.name)
            ),
        );
        let credentials = format!("credentials: {credentials}");
        self.out.signature(
            1,
            &format!("pub fn {}", scheme.client_method),
            &["self", &credentials],
            " -> Self {",
        );
        let name = literal(&scheme.name);
        let arguments: [&str; 2] = [&name, "credentials"];
        let chain = "self.client.credentials".len() + name.len() + "(, credentials)".len();
        if chain <= CALL_WIDTH {
            let head = "let client = self.client.credentials";
            self.out.call(2, head, &arguments, ";");
        } else {
            // A chain that is too long has each of its links on a line.
            self.out.line(2, "let client = self");
            self.out.line(3, ".client");
            self.out.call(3, ".credentials", &arguments, ";");
        }
        self.out.line(2, "Self { client }");
        self.out.line(1, "}");
    }

    fn function(&mut self, operation: &Operation) {
        self.import("ClientError");
        let bare = operation.has_bare_answers();
        let answer = if bare {
            self.import("AnswerHead").to_owned()
        } else {
            operation.response.name.clone()
        };
        self.function_head(operation, &answer);
        let streams = streams(&operation.response.variants);
        let changes = operation.request.is_some()
            || operation.idempotent.is_some()
            || (!streams.is_empty() && !bare);
        let binding = if changes {
            "let mut draft"
        } else {
            "let draft"
        };
        let constant = format!("&{}", operation.constant);
        self.out.call(
            2,
            &format!("{binding} = self.client.draft"),
            &[&constant],
            ";",
        );
        if let Some(idempotent) = operation.idempotent {
            self.out
                .line(2, &format!("draft.idempotent({idempotent});"));
        }
        if let Some(request) = &operation.request {
            for parameter in &request.parameters {
                self.set_parameter(parameter);
            }
            if let Some(body) = &request.body {
                self.set_body(body);
            }
        }
        if !streams.is_empty() && !bare {
            self.streams(&streams);
        }
        self.out.line(2, "let answer = draft.send().await?;");
        if bare {
            self.out.line(2, "Ok(answer.into_head())");
        } else {
            self.out.line(2, &format!("{answer}::receive(answer)"));
        }
        self.out.line(1, "}");
    }

    fn function_head(&mut self, operation: &Operation, answer: &str) {
        self.out.blank();
        self.out.docs(1, &operation.docs);
        if !operation.docs.is_empty() {
            self.out.doc_line(1, "");
        }
        self.out.doc_line(1, &route(operation));
        if operation.deprecated {
            self.out.doc_line(1, "");
            self.out.doc_line(1, "Deprecated by the contract.");
        }
        for line in ["", "# Errors", "", "There is no declared response."] {
            self.out.doc_line(1, line);
        }
        if ["from_", "into_"]
            .iter()
            .any(|prefix| operation.client_method.starts_with(prefix))
        {
            self.out.line(1, "#[allow(clippy::wrong_self_convention)]");
        }
        let request = operation
            .request
            .as_ref()
            .map(|request| format!("request: {}", request.name));
        let mut args = vec!["&self"];
        args.extend(request.as_deref());
        self.out.signature(
            1,
            &format!("pub async fn {}", operation.client_method),
            &args,
            &format!(" -> Result<{answer}, ClientError> {{"),
        );
    }

    fn set_parameter(&mut self, parameter: &Parameter) {
        let method = if parameter.allow_reserved {
            "draft.set_reserved"
        } else {
            "draft.set"
        };
        let constant = format!("&{}", parameter.constant);
        let field = &parameter.field;
        if parameter.presence == Presence::Optional {
            self.out
                .line(2, &format!("if let Some(value) = &request.{field} {{"));
            self.out.call(3, method, &[&constant, "value"], ";");
            return self.out.line(2, "}");
        }
        let value = format!("&request.{field}");
        self.out.call(2, method, &[&constant, &value], ";");
    }

    fn set_body(&mut self, body: &Body) {
        let field = format!("request.{}", body.field);
        let level = if body.required { 2 } else { 3 };
        if !body.required {
            self.out.line(2, &format!("if let Some(body) = {field} {{"));
        }
        let value = if body.required {
            field.as_str()
        } else {
            "body"
        };
        match (&body.choice, body.contents.first()) {
            (Some(_), _) => self.out.line(level, &format!("{value}.write(&mut draft);")),
            (None, Some(content)) => self.set_content(level, content, value, ";"),
            (None, None) => {}
        }
        if !body.required {
            self.out.line(2, "}");
        }
    }

    fn set_content(&mut self, level: usize, content: &Content, value: &str, end: &str) {
        let (method, value) = content_set(content, value);
        let constant = format!("&{}", content.constant);
        self.out
            .call(level, &format!("draft.{method}"), &[&constant, &value], end);
    }

    /// The writing of a body with several media types.
    pub(super) fn write_choice(&mut self, body: &Body) {
        self.out.line(1, "fn write(self, draft: &mut rt::Draft) {");
        self.out.line(2, "match self {");
        for content in &body.contents {
            let (method, value) = content_set(content, "body");
            let pattern = format!("Self::{}(body)", content.variant);
            let args = format!("&{}, {value}", content.constant);
            let call = format!("draft.{method}({args})");
            if args.len() <= 60 && super::layout::fits(3, &[&pattern, " => ", &call, ","]) {
                self.out.line(3, &format!("{pattern} => {call},"));
                continue;
            }
            self.out.line(3, &format!("{pattern} => {{"));
            self.set_content(4, content, "body", "");
            self.out.line(3, "}");
        }
        self.out.line(2, "}");
        self.out.line(1, "}");
    }

    fn streams(&mut self, streams: &[(String, String)]) {
        if let [(status, media_type)] = streams {
            let flat = format!("&[({status}, {media_type})]");
            if flat.len() <= 60 {
                return self.out.line(2, &format!("draft.streams({flat});"));
            }
        }
        let items: Vec<String> = streams
            .iter()
            .map(|(status, media_type)| format!("({status}, {media_type})"))
            .collect();
        self.out.array(2, "draft.streams(&", &items, ");");
    }

    /// How a response is read.
    pub(super) fn receive(&mut self, response: &ResponseType) {
        self.out.blank();
        self.out.line(0, &format!("impl {} {{", response.name));
        self.out.line(
            1,
            "fn receive(answer: rt::Answer) -> Result<Self, ClientError> {",
        );
        if response.variants.is_empty() {
            self.out.line(2, "Err(answer.undeclared())");
        } else {
            self.out.line(2, "match answer.declared() {");
            for (index, variant) in response.variants.iter().enumerate() {
                self.receive_arm(index, variant);
            }
            self.out.line(3, "_ => Err(answer.undeclared()),");
            self.out.line(2, "}");
        }
        self.out.line(1, "}");
        self.out.line(0, "}");
    }

    fn receive_arm(&mut self, index: usize, variant: &ResponseVariant) {
        let name = &variant.name;
        let has_body = !variant.contents.is_empty();
        if is_tuple(variant) && !has_body {
            return self.out.line(3, &format!("{index} => Ok(Self::{name}),"));
        }
        self.out.line(3, &format!("{index} => {{"));
        let mut fields: Vec<String> = Vec::new();
        if !matches!(variant.status, StatusSet::Status(_)) {
            self.out.line(4, "let status = answer.status();");
            fields.push("status".to_owned());
        }
        for header in &variant.headers {
            let local = local(&header.field);
            let method = if header.required {
                "header"
            } else {
                "optional_header"
            };
            let read = self.read_path(&header.value);
            let explode = header.explode.to_string();
            let shape = self.shape(&header.shape);
            self.out.binding(
                4,
                &local,
                &format!("answer.{method}"),
                &[&literal(&header.name), &explode, &shape, &read],
                "?;",
            );
            fields.push(if local == header.field {
                local
            } else {
                format!("{}: {local}", header.field)
            });
        }
        if has_body {
            match (&variant.choice, variant.contents.first()) {
                (Some(choice), _) => self
                    .out
                    .line(4, &format!("let body = {choice}::receive(answer)?;")),
                (None, Some(content)) => self.receive_body(content),
                (None, None) => {}
            }
            fields.push("body".to_owned());
        }
        self.construct_response(variant, &fields);
        self.out.line(3, "}");
    }

    fn receive_body(&mut self, content: &ResponseContent) {
        match content.form {
            MediaForm::Json => {
                let read = self.read_path(&content.value);
                self.out.binding(4, "body", "answer.json", &[&read], "?;");
            }
            MediaForm::Text if content.value == Value::scalar(Scalar::String) => {
                self.out.line(4, "let body = answer.text()?;");
            }
            MediaForm::Text => {
                let shape = self.shape(&content.shape);
                let read = self.read_path(&content.value);
                let args = [shape.as_str(), read.as_str()];
                self.out.binding(4, "body", "answer.text_as", &args, "?;");
            }
            _ => self.out.line(4, "let body = answer.stream();"),
        }
    }

    fn construct_response(&mut self, variant: &ResponseVariant, fields: &[String]) {
        let name = &variant.name;
        if is_tuple(variant) {
            return self.out.line(4, &format!("Ok(Self::{name}(body))"));
        }
        let flat = self.struct_pattern(name, fields);
        if !flat.is_empty() {
            return self.out.line(4, &format!("Ok({flat})"));
        }
        self.out.line(4, &format!("Ok(Self::{name} {{"));
        for field in fields {
            self.out.line(5, &format!("{field},"));
        }
        self.out.line(4, "})");
    }

    /// How a body with several media types is read.
    pub(super) fn receive_choice(&mut self, choice: &str, variant: &ResponseVariant) {
        self.out.blank();
        self.out.line(0, &format!("impl {choice} {{"));
        self.out.line(
            1,
            "fn receive(answer: rt::Answer) -> Result<Self, ClientError> {",
        );
        self.out.line(2, "match answer.content() {");
        for (index, content) in variant.contents.iter().enumerate() {
            self.out.line(3, &format!("{index} => {{"));
            self.receive_body(content);
            self.out
                .line(4, &format!("Ok(Self::{}(body))", content.variant));
            self.out.line(3, "}");
        }
        self.out.line(3, "_ => Err(answer.undeclared()),");
        self.out.line(2, "}");
        self.out.line(1, "}");
        self.out.line(0, "}");
    }
}

/// The draft's method that sends a body of one media type, and the body as its argument.
fn content_set(content: &Content, value: &str) -> (&'static str, String) {
    let is_string = content.value.ty == Type::Scalar(Scalar::String);
    match content.form {
        MediaForm::Json => ("json", format!("&{value}")),
        MediaForm::Form => ("form", format!("&{value}")),
        MediaForm::Text if is_string => ("text", value.to_owned()),
        MediaForm::Text => ("value", format!("&{value}")),
        _ => ("stream", value.to_owned()),
    }
}

/// The status and media type of every body that comes as a stream.
fn streams(variants: &[ResponseVariant]) -> Vec<(String, String)> {
    let mut streams = Vec::new();
    for variant in variants {
        for content in &variant.contents {
            if !matches!(content.form, MediaForm::Json | MediaForm::Text) {
                let status = literal(&status_text(variant.status));
                streams.push((status, literal(&content.media_type)));
            }
        }
    }
    streams
}

/// The local variable that holds a header.
fn local(field: &str) -> String {
    if field == "answer" {
        format!("{field}_")
    } else {
        field.to_owned()
    }
}
