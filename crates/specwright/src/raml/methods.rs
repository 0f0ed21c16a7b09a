//! Methods to operations: parameters, bodies, responses.

use super::Lowering;
use super::annotations::Target;
use super::apply::Method;
use super::build::{self, Object};
use super::documents::without;
use super::fields::Facets;
use super::security::Security;
use super::types::{Kind, Untyped};
use super::words;
use crate::source::Span;
use crate::yaml::{Entry, Mapping, Node, Value};

pub(super) const METHOD: Facets = Facets {
    name: "a method",
    keys: &[
        "displayName",
        "description",
        "queryParameters",
        "queryString",
        "headers",
        "responses",
        "body",
        "protocols",
        "is",
        "securedBy",
    ],
    resources: false,
    fragment: None,
};

pub(super) const RESPONSE: Facets = Facets {
    name: "a response",
    keys: &["description", "headers", "body"],
    resources: false,
    fragment: None,
};

/// Whether a parameter's own word on being required counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Optional {
    /// As it is declared.
    Declared,
    /// Never required, whatever is declared.
    Always,
}

impl Lowering<'_> {
    /// One Operation Object. `resource` is the `securedBy` of the resource.
    pub(super) fn operation(
        &mut self,
        method: &Method,
        path: &str,
        resource: Option<&Node>,
    ) -> Node {
        self.facets(&method.node, &METHOD);
        let members = method.node.as_mapping().cloned().unwrap_or_default();
        let own = members.get("securedBy").map(|entry| entry.value.clone());
        let security = own.as_ref().or(resource).map(|node| self.secured_by(node));
        let default = self.security.clone();
        let effective = security.as_ref().or(default.as_ref()).cloned();
        let members = match &effective {
            Some(security) => self.described(&method.node, security),
            None => members,
        };
        let mut operation = Object::new(match method.node.value {
            Value::Null => method.key_span,
            _ => method.node.span,
        });
        self.describe_operation(&mut operation, &members, method, path);
        let parameters = self.operation_parameters(&members, effective.as_ref());
        if !parameters.is_empty() {
            operation.set("parameters", build::list(method.key_span, parameters));
        }
        if let Some(body) = members.get("body") {
            self.request_body(&mut operation, body);
        }
        let responses = self.responses(&members, method.key_span);
        if let Some(responses) = responses {
            operation.put("responses", responses.span, responses);
        }
        if let Some(security) = &security {
            operation.set("security", self.requirements(security));
        }
        self.protocols(&members);
        if let Some(entry) = members.get("protocols") {
            operation.put("x-protocols", entry.key_span, entry.value.clone());
        }
        for entry in self.annotations(&members, &[Target::Method]) {
            operation.put(entry.key, entry.key_span, entry.value);
        }
        operation.finish()
    }

    /// Name, summary and description. RAML has no `operationId`: it is the `displayName` where that
    /// is one word, and otherwise made of the method and the path.
    fn describe_operation(
        &mut self,
        operation: &mut Object,
        members: &Mapping,
        method: &Method,
        path: &str,
    ) {
        let display = self.text(members, "displayName");
        let annotated = ["(operationId)", "(oas-operationId)"]
            .into_iter()
            .find_map(|key| members.get(key));
        let annotated = annotated.and_then(|entry| self.text_of(&entry.value, "an operation's id"));
        let named = display.as_ref().filter(|(text, _)| is_identifier(text));
        let (id, span) = match (annotated, named) {
            (Some((id, span)), _) => (id, span),
            (None, Some((id, span))) => (id.clone(), *span),
            (None, None) => (derived_id(method.name, path), method.key_span),
        };
        let id = self.unique_id(id, span);
        operation.put("operationId", span, build::text(span, id));
        if let Some((text, span)) = display
            && !is_identifier(&text)
        {
            operation.set("summary", build::text(span, text));
        }
        if let Some((text, span)) = self.text(members, "description") {
            operation.set("description", build::text(span, text));
        }
    }

    fn unique_id(&mut self, id: String, span: Span) -> String {
        let mut unique = id.clone();
        let mut number = 2;
        while self.operation_ids.contains_key(&unique) {
            unique = format!("{id}{number}");
            number += 1;
        }
        self.operation_ids.insert(unique.clone(), span);
        unique
    }

    fn operation_parameters(
        &mut self,
        members: &Mapping,
        security: Option<&Security>,
    ) -> Vec<Node> {
        let mut out = Vec::new();
        for (key, place) in [("queryParameters", "query"), ("headers", "header")] {
            let Some(entry) = members.get(key) else {
                continue;
            };
            let Some(declared) = self.mapping(&entry.value, &format!("`{key}`")).cloned() else {
                continue;
            };
            for entry in declared.into_entries() {
                let optional = match security {
                    Some(security) if security.makes_optional(place, &entry) => Optional::Always,
                    _ => Optional::Declared,
                };
                out.push(self.parameter(place, &entry, optional));
            }
        }
        if let Some(entry) = members.get("queryString") {
            if let Some(other) = members.get("queryParameters") {
                self.diagnostics
                    .error(
                        "exclusive-facets",
                        entry.key_span,
                        "a method has either `queryString` or `queryParameters`",
                    )
                    .related(other.key_span, "the other one")
                    .help("move the parameters into the type of `queryString`");
            }
            out.extend(self.query_string(entry));
            self.refuse_schema(&entry.value, Untyped::Any, "`queryString`");
        }
        out
    }

    /// A query string is one object whose members are the parameters: OpenAPI's style `form`.
    fn query_string(&mut self, entry: &Entry) -> Option<Node> {
        if let Value::Null = entry.value.value {
            return None;
        }
        let span = entry.key_span;
        let mut parameter = Object::new(entry.value.span);
        parameter.set("name", build::text(span, "queryString"));
        parameter.set("in", build::text(span, "query"));
        let members = entry.value.as_mapping().cloned().unwrap_or_default();
        if let Some((text, span)) = self.text(&members, "description") {
            parameter.set("description", build::text(span, text));
        }
        let declaration = without(entry.value.clone(), &["description"]);
        parameter.set("style", build::text(span, "form"));
        parameter.set("explode", build::flag(span, true));
        parameter.set("schema", self.schema(&declaration, Untyped::Any));
        self.check_query_string(&declaration);
        Some(parameter.finish())
    }

    /// RAML 1.0, The Query String as a Whole: its type is a scalar or an object, or a union of these.
    fn check_query_string(&mut self, declaration: &Node) {
        let expression = self.expression(declaration, Untyped::Any);
        if self.kinds(&expression).contains(&Kind::Array) {
            self.diagnostics
                .error(
                    "wrong-type",
                    declaration.span,
                    "a query string is a scalar or an object, and this type has arrays among its values",
                )
                .help("declare an object, with a property for each parameter");
        }
    }

    fn request_body(&mut self, operation: &mut Object, entry: &Entry) {
        let Some(content) = self.contents(entry, Target::RequestBody) else {
            return;
        };
        let mut body = Object::new(entry.value.span);
        // RAML 1.0, Bodies: a body that is declared is sent.
        body.set("required", build::flag(entry.key_span, true));
        body.put("content", entry.key_span, content);
        operation.put("requestBody", entry.key_span, body.finish());
    }

    /// The responses by status; `None` when there are none.
    fn responses(&mut self, members: &Mapping, _span: Span) -> Option<Node> {
        let entry = members.get("responses")?;
        let declared = self.mapping(&entry.value, "`responses`")?.clone();
        let mut object = Object::new(entry.value.span);
        for entry in declared.into_entries() {
            if super::fields::annotation_name(&entry.key).is_some() {
                continue;
            }
            if !self.check_status(&entry) {
                continue;
            }
            let response = self.response(&entry);
            object.put(entry.key, entry.key_span, response);
        }
        (!object.is_empty()).then(|| object.finish())
    }

    /// Whether a key of `responses` is a status; anything else is reported.
    pub(super) fn check_status(&mut self, entry: &Entry) -> bool {
        let key = &entry.key;
        let sound = key.len() == 3
            && key
                .parse()
                .is_ok_and(|code: u16| (100..600).contains(&code));
        if !sound {
            let message = format!("`{key}` is no HTTP status code");
            self.diagnostics
                .error("invalid-status", entry.key_span, message)
                .help("write a number from 100 to 599");
        }
        sound
    }

    fn response(&mut self, entry: &Entry) -> Node {
        let mut response = Object::new(match entry.value.value {
            Value::Null => entry.key_span,
            _ => entry.value.span,
        });
        self.facets(&entry.value, &RESPONSE);
        let members = entry.value.as_mapping().cloned().unwrap_or_default();
        let description = self.text(&members, "description");
        // OAS 3.1, Response Object: `description` must be there, and may say nothing.
        let (text, span) = description.unwrap_or((String::new(), entry.key_span));
        response.put("description", span, build::text(span, text));
        if let Some(headers) = members.get("headers") {
            self.response_headers(&mut response, headers);
        }
        if let Some(body) = members.get("body")
            && let Some(content) = self.contents(body, Target::ResponseBody)
        {
            response.put("content", body.key_span, content);
        }
        for entry in self.annotations(&members, &[Target::Response]) {
            response.put(entry.key, entry.key_span, entry.value);
        }
        response.finish()
    }

    fn response_headers(&mut self, response: &mut Object, entry: &Entry) {
        let Some(declared) = self.mapping(&entry.value, "`headers`").cloned() else {
            return;
        };
        let mut headers = Object::new(entry.value.span);
        for entry in declared.iter() {
            let parameter = self.parameter("header", entry, Optional::Declared);
            let (name, _) = self.property(entry);
            let header = without(parameter, &["name", "in"]);
            headers.put(name, entry.key_span, header);
        }
        response.put("headers", entry.key_span, headers.finish());
    }
}

/// One word that a program could use: `listSessions`, `list_sessions`, `list-sessions`.
fn is_identifier(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(plain)
        && !super::apply::METHODS.contains(&text.to_lowercase().as_str())
}

/// `getUsersByUserId` for `GET /users/{userId}`.
fn derived_id(method: &str, path: &str) -> String {
    let mut id = method.to_owned();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let mut rest = part;
        while let Some((literal, after)) = rest.split_once('{') {
            id.push_str(&words::upper_camel_case(literal));
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            id.push_str("By");
            id.push_str(&words::upper_camel_case(name));
            rest = after;
        }
        id.push_str(&words::upper_camel_case(rest));
    }
    id
}

#[cfg(test)]
mod tests {
    use super::{derived_id, is_identifier};

    #[test]
    fn operations_are_named_after_their_paths() {
        assert_eq!(derived_id("get", "/"), "get");
        assert_eq!(derived_id("get", "/users/{userId}"), "getUsersByUserId");
        assert_eq!(
            derived_id("post", "/vocational-qualifications/{id}.json"),
            "postVocationalQualificationsByIdJson"
        );
    }

    #[test]
    fn a_display_name_of_one_word_is_an_id() {
        assert!(is_identifier("listSessions"));
        assert!(!is_identifier("List the sessions"));
        assert!(!is_identifier("get"));
        assert!(!is_identifier("1st"));
    }
}
