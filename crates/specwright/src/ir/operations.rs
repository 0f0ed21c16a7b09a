//! Operations → requests, responses, security.

use super::direction::Direction;
use super::lower::Lowering;
use super::names::{Scope, pascal, stem};
use super::{
    Body, Content, HeaderField, Lifecycle, Operation, Parameter, Presence, Request, Requirement,
    ResponseType, ResponseVariant, Scalar, Scheme, Shape, Value, made,
};
use crate::model::{self, Day, MediaForm, SecurityKind, StatusSet};

/// How the responses of an operation are seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// As the contract declares them.
    Typed,
    /// The same, where nobody needs their types.
    Untyped,
    /// As the service gives them, without what the runtime makes.
    Served,
}

impl Lowering<'_> {
    /// Every served operation, in document order.
    pub(super) fn operations(&mut self) -> Vec<Operation> {
        self.schemes_in_use();
        let api = self.api;
        api.operations
            .iter()
            .map(|operation| self.operation(operation))
            .collect()
    }

    fn operation(&mut self, operation: &model::Operation) -> Operation {
        let id = operation
            .id
            .clone()
            .unwrap_or_else(|| made_up_id(operation));
        let method_name = self.trait_scope.snake(&stem(&id));
        let client_method = self.client_scope.snake(&stem(&id));
        let name = method_name.trim_end_matches('_').to_owned();
        let constant = self.constant_scope.screaming(&name);
        let request = self.request(operation, &name, &constant);
        let (response, served) = self.responses(operation, &name, &constant);
        let rules = self.rules(operation, &constant);
        let security = operation
            .security
            .iter()
            .map(|all| all.iter().filter_map(|one| self.requirement(one)).collect())
            .collect();
        let texts = [operation.summary.trim(), operation.description.trim()];
        let mut docs: Vec<&str> = texts.into_iter().filter(|text| !text.is_empty()).collect();
        docs.dedup();
        Operation {
            id,
            method_name,
            client_method,
            constant,
            method: operation.method,
            path: operation.path.raw.clone(),
            tags: operation.tags.clone(),
            docs: docs.join("\n\n"),
            deprecated: operation.deprecated,
            lifecycle: self.lifecycle(operation, &name),
            idempotent: idempotent(operation),
            request,
            response,
            served,
            rules,
            security,
        }
    }

    fn lifecycle(&mut self, operation: &model::Operation, name: &str) -> Option<Lifecycle> {
        let model::Lifecycle { since, sunset } = operation.lifecycle;
        if since.is_none() && sunset.is_none() {
            return None;
        }
        Some(Lifecycle {
            constant: self.constant_scope.screaming(&format!("{name} lifecycle")),
            // RFC 9745, section 2.1: a date of structured fields, in seconds.
            deprecation: since.map(|day| format!("@{}", day.seconds())),
            sunset: sunset.map(Day::http_date),
        })
    }

    fn request(
        &mut self,
        operation: &model::Operation,
        name: &str,
        constant: &str,
    ) -> Option<Request> {
        if operation.parameters.is_empty() && operation.body.is_none() {
            return None;
        }
        let ty_name = self.type_scope.pascal(&format!("{name} request"));
        let mut scope = Scope::default();
        let names = &operation.parameters;
        let shared = |name: &str| {
            names
                .iter()
                .filter(|other| other.name.eq_ignore_ascii_case(name))
                .count()
                > 1
        };
        let mut parameters = Vec::new();
        for parameter in &operation.parameters {
            let wanted = if shared(&parameter.name) {
                format!("{} {}", parameter.location.name(), parameter.name)
            } else {
                parameter.name.clone()
            };
            parameters.push(self.parameter(parameter, &mut scope, &wanted, name, constant));
        }
        let body = operation
            .body
            .as_ref()
            .map(|body| self.body(body, &mut scope, name, constant));
        Some(Request {
            name: ty_name,
            parameters,
            body,
        })
    }

    fn parameter(
        &mut self,
        parameter: &model::Parameter,
        scope: &mut Scope,
        wanted: &str,
        operation: &str,
        constant: &str,
    ) -> Parameter {
        let hint = format!("{operation} {wanted}");
        self.order_keys(parameter, &hint);
        self.ignores_case = self.api.ignore_case;
        let shape = self.shape(parameter.schema, Direction::Input, &hint);
        self.ignores_case = false;
        let value = self.value(parameter.schema, Direction::Input, &hint);
        let schema = self.effective(parameter.schema).schema;
        let presence = match &schema.default {
            _ if parameter.required => Presence::Required,
            Some(default) => Presence::Default(self.literal(default, &value.ty)),
            None => Presence::Optional,
        };
        let docs = [
            &parameter.description,
            schema.description.as_ref().unwrap_or(&String::new()),
        ]
        .into_iter()
        .find(|text| !text.is_empty())
        .cloned()
        .unwrap_or_default();
        Parameter {
            field: scope.snake(wanted),
            constant: self
                .constant_scope
                .screaming(&format!("{constant} {wanted}")),
            name: parameter.name.clone(),
            docs,
            deprecated: parameter.deprecated,
            location: parameter.location,
            style: parameter.style,
            explode: parameter.explode,
            allow_empty_value: parameter.allow_empty_value,
            allow_reserved: parameter.allow_reserved,
            shape,
            check: self.check(parameter.schema, Direction::Input, &hint),
            presence,
            value,
        }
    }

    fn body(&mut self, body: &model::Body, scope: &mut Scope, name: &str, constant: &str) -> Body {
        let several = body.contents.len() > 1;
        let choice = several.then(|| self.type_scope.pascal(&format!("{name} body")));
        let mut variants = Scope::default();
        let mut contents = Vec::new();
        for content in &body.contents {
            let variant = variants.pascal(&media_name(&content.media_type));
            let hint = if several {
                format!("{name} {variant} body")
            } else {
                format!("{name} body")
            };
            contents.push(self.content(content, variant, &hint, constant));
        }
        Body {
            field: scope.snake("body"),
            constant: self.constant_scope.screaming(&format!("{constant} body")),
            docs: body.description.clone(),
            required: body.required,
            undeclared: body.undeclared,
            choice,
            contents,
        }
    }

    fn content(
        &mut self,
        content: &model::Content,
        variant: String,
        hint: &str,
        constant: &str,
    ) -> Content {
        let (value, shape, check) = match (content.form, content.schema) {
            (MediaForm::Json, Some(schema)) => {
                let value = self.value(schema, Direction::Input, hint);
                (
                    value,
                    Shape::Json,
                    Some(self.check(schema, Direction::Input, hint)),
                )
            }
            (MediaForm::Json | MediaForm::Form, None) => {
                (Value::scalar(Scalar::Json), Shape::Json, None)
            }
            (MediaForm::Form | MediaForm::Text, Some(schema)) => {
                let value = self.value(schema, Direction::Input, hint);
                let shape = self.shape(schema, Direction::Input, hint);
                (
                    value,
                    shape,
                    Some(self.check(schema, Direction::Input, hint)),
                )
            }
            (MediaForm::Text, None) => (Value::scalar(Scalar::String), Shape::String, None),
            _ => (Value::scalar(Scalar::ByteStream), Shape::String, None),
        };
        Content {
            constant: self
                .constant_scope
                .screaming(&format!("{constant} body {variant}")),
            variant,
            media_type: content.media_type.clone(),
            form: content.form,
            value,
            shape,
            encoding: content.encoding.clone(),
            check,
        }
    }

    pub(super) fn response(
        &mut self,
        operation: &model::Operation,
        name: &str,
        constant: &str,
        view: View,
    ) -> ResponseType {
        let ty_name = match view {
            View::Untyped => String::new(),
            View::Served if self.sides.client => self.type_scope.pascal(&format!("{name} reply")),
            View::Typed | View::Served => self.type_scope.pascal(&format!("{name} response")),
        };
        let mut scope = Scope::default();
        let mut variants = Vec::new();
        // RFC 9110, section 9.3.2: nothing is read of such answers.
        let bare = operation.method == model::Method::Head
            && operation
                .responses
                .iter()
                .any(|response| !response.contents.is_empty());
        for response in &operation.responses {
            let mut response = response.clone();
            if view == View::Served && !made::leave_to_service(&operation.rules, &mut response) {
                continue;
            }
            let wanted = status_name(response.status);
            let variant = scope.pascal(&wanted);
            let (names, rules) = ((name, constant), &operation.rules);
            variants.push(self.response_variant(&response, variant, names, bare, (view, rules)));
        }
        ResponseType {
            name: ty_name,
            variants,
        }
    }

    fn response_variant(
        &mut self,
        response: &model::Response,
        variant: String,
        (name, constant): (&str, &str),
        bare: bool,
        (view, rules): (View, &model::Rules),
    ) -> ResponseVariant {
        let several = response.contents.len() > 1;
        let typed = view != View::Untyped;
        let shaped = self.sides.client && !bare;
        let choice =
            (several && typed).then(|| self.type_scope.pascal(&format!("{name} {variant} body")));
        let mut fields = Scope::with(&["status", "body"]);
        let mut headers = Vec::new();
        for header in &response.headers {
            let hint = format!("{name} {variant} {}", header.name);
            headers.push(HeaderField {
                field: fields.snake(&header.name),
                name: header.name.clone(),
                docs: header.description.clone(),
                explode: header.explode,
                required: header.required,
                value: match typed {
                    true => self.value(header.schema, Direction::Output, &hint),
                    false => Value::scalar(Scalar::Json),
                },
                shape: match shaped {
                    true => self.shape(header.schema, Direction::Output, &hint),
                    false => Shape::String,
                },
            });
        }
        let mut variants = Scope::default();
        let mut contents = Vec::new();
        for content in &response.contents {
            let media = variants.pascal(&media_name(&content.media_type));
            let hint = if several {
                format!("{name} {variant} {media} body")
            } else {
                format!("{name} {variant} body")
            };
            let served = view == View::Served && response.status == StatusSet::Status(200);
            contents.push(match &rules.hal {
                Some(hal) if served => self.made_content(content, media, hal, &hint),
                _ => self.response_content(content, media, &hint, (typed, shaped)),
            });
        }
        let key = format!("{constant} {}", status_key(response.status));
        ResponseVariant {
            constant: match view {
                View::Served => String::new(),
                _ => self.constant_scope.screaming(&key),
            },
            name: variant,
            docs: response.description.clone(),
            status: response.status,
            headers,
            choice,
            contents,
        }
    }

    /// The schemes that served operations name; the others stay in the served document.
    fn schemes_in_use(&mut self) {
        let api = self.api;
        for scheme in &api.security_schemes {
            let used = api
                .operations
                .iter()
                .flat_map(|operation| operation.security.iter().flatten());
            if !used
                .into_iter()
                .any(|requirement| requirement.scheme == scheme.name)
            {
                continue;
            }
            let placed_in_path = matches!(
                scheme.kind,
                SecurityKind::ApiKey {
                    location: model::Location::Path,
                    ..
                }
            );
            debug_assert!(
                !placed_in_path,
                "the front end refuses API keys in the path"
            );
            self.schemes.push(Scheme {
                name: scheme.name.clone(),
                constant: self
                    .constant_scope
                    .screaming(&format!("scheme {}", scheme.name)),
                method_name: self
                    .trait_scope
                    .snake(&format!("authenticate {}", scheme.name)),
                client_method: self.client_scope.snake(&format!("with {}", scheme.name)),
                docs: scheme.description.clone(),
                kind: scheme.kind.clone(),
            });
        }
    }

    fn requirement(&mut self, requirement: &model::Requirement) -> Option<usize> {
        let scheme = self
            .schemes
            .iter()
            .position(|scheme| scheme.name == requirement.scheme)?;
        let known = self
            .requirements
            .iter()
            .position(|known| known.scheme == scheme && known.scopes == requirement.scopes);
        if let Some(known) = known {
            return Some(known);
        }
        let wanted = format!(
            "requires {} {}",
            requirement.scheme,
            requirement.scopes.join(" ")
        );
        let constant = self.constant_scope.screaming(&wanted);
        self.requirements.push(Requirement {
            constant,
            scheme,
            scopes: requirement.scopes.clone(),
        });
        Some(self.requirements.len() - 1)
    }
}

/// What the contract says of sending an operation twice, by the extension `x-idempotent`.
fn idempotent(operation: &model::Operation) -> Option<bool> {
    operation
        .extensions
        .iter()
        .find_map(|(name, value)| match (name.as_str(), value) {
            ("x-idempotent", model::Json::Bool(idempotent)) => Some(*idempotent),
            _ => None,
        })
}

fn made_up_id(operation: &model::Operation) -> String {
    let path = operation.path.raw.replace(['{', '}'], "");
    let path = pascal(&path);
    format!(
        "{}{}",
        operation.method.name().to_ascii_lowercase(),
        if path.is_empty() { "Root" } else { &path }
    )
}

/// A short name for a media type.
fn media_name(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    match essence {
        "application/json" => "Json".to_owned(),
        "application/x-www-form-urlencoded" => "Form".to_owned(),
        "application/octet-stream" => "Bytes".to_owned(),
        "text/plain" => "Text".to_owned(),
        "*/*" => "Any".to_owned(),
        other => other
            .strip_prefix("application/")
            .unwrap_or(other)
            .to_owned(),
    }
}

fn status_key(status: StatusSet) -> String {
    match status {
        StatusSet::Status(status) => status.to_string(),
        StatusSet::Range(digit) => format!("{digit}XX"),
        StatusSet::Default => "default".to_owned(),
    }
}

/// The IANA name of a status, or what a range stands for (RFC 9110, section 15).
fn status_name(status: StatusSet) -> String {
    let name = match status {
        StatusSet::Default => "default",
        StatusSet::Range(1) => "informational",
        StatusSet::Range(2) => "success",
        StatusSet::Range(3) => "redirection",
        StatusSet::Range(4) => "client error",
        StatusSet::Range(_) => "server error",
        StatusSet::Status(code) => match code {
            200 => "ok",
            201 => "created",
            202 => "accepted",
            203 => "non authoritative information",
            204 => "no content",
            205 => "reset content",
            206 => "partial content",
            207 => "multi status",
            300 => "multiple choices",
            301 => "moved permanently",
            302 => "found",
            303 => "see other",
            304 => "not modified",
            307 => "temporary redirect",
            308 => "permanent redirect",
            400 => "bad request",
            401 => "unauthorized",
            402 => "payment required",
            403 => "forbidden",
            404 => "not found",
            405 => "method not allowed",
            406 => "not acceptable",
            408 => "request timeout",
            409 => "conflict",
            410 => "gone",
            411 => "length required",
            412 => "precondition failed",
            413 => "content too large",
            414 => "uri too long",
            415 => "unsupported media type",
            416 => "range not satisfiable",
            422 => "unprocessable content",
            423 => "locked",
            424 => "failed dependency",
            428 => "precondition required",
            429 => "too many requests",
            500 => "internal server error",
            501 => "not implemented",
            502 => "bad gateway",
            503 => "service unavailable",
            504 => "gateway timeout",
            other => return format!("status {other}"),
        },
    };
    name.to_owned()
}
