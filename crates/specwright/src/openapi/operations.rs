//! Operations and their callbacks.

use super::documents::At;
use super::fields::{Kind, extensions, is_extension};
use super::parameters::Parameters;
use super::paths::{Item, same};
use super::references::Referable;
use super::{Lowering, template};
use crate::model::{Dialect, Method, Operation, Requirement, Response, Rules, StatusSet};
use crate::source::Span;

const OPERATION: Kind = Kind {
    name: "Operation Object",
    keys: &[
        "tags",
        "summary",
        "description",
        "externalDocs",
        "operationId",
        "parameters",
        "requestBody",
        "responses",
        "callbacks",
        "deprecated",
        "security",
        "servers",
    ],
    keys_31: &[],
};

/// Callbacks of callbacks may be chained by reference, beyond the depth of the document.
const MAX_OPEN_CALLBACKS: usize = 16;

impl<'a> Lowering<'a, '_> {
    /// OAS 3.1, Operation Object. `key` is the method in the path item.
    pub(super) fn operation(
        &mut self,
        method: Method,
        item: &Item<'_>,
        at: At<'a>,
        key: Span,
    ) -> Option<Operation> {
        let members = self.object(&at, &OPERATION)?;
        self.external_docs(&at);
        self.ignored_servers(&at);
        let tags = self.texts(&at, "tags");
        let parameters = self.operation_parameters(item, &at);
        if item.served {
            self.check_template(&item.path, &parameters, key);
        }
        let deprecated = self.flag(&at, "deprecated").unwrap_or_default();
        let operation = Operation {
            id: self.operation_id(&at),
            method,
            path: item.path.clone(),
            tags: tags.iter().map(|(tag, _)| (*tag).to_owned()).collect(),
            summary: self.prose(&at, "summary"),
            description: self.prose(&at, "description"),
            deprecated,
            lifecycle: self.lifecycle(&at, deprecated),
            parameters: parameters.read,
            body: at.get("requestBody").and_then(|body| self.body(body)),
            responses: self.operation_responses(&at),
            security: match self.own_security(&at) {
                Some(own) => own,
                None => item.security.to_vec(),
            },
            rules: Rules::default(),
            extensions: extensions(members),
            span: key,
            pointer: at.pointer.clone(),
        };
        if item.served {
            self.served.push(at.clone());
        }
        self.callbacks(&at, item);
        Some(operation)
    }

    fn operation_parameters(&mut self, item: &Item<'_>, at: &At<'a>) -> Parameters {
        let own = self.parameters(at);
        let Parameters {
            read: mut parameters,
            mut faulty,
        } = item.parameters.clone();
        faulty.extend(own.faulty);
        for parameter in own.read {
            if item.served {
                self.check_in_template(&item.path, &parameter);
            }
            match parameters.iter_mut().find(|known| same(known, &parameter)) {
                Some(known) => *known = parameter,
                None => parameters.push(parameter),
            }
        }
        Parameters {
            read: parameters,
            faulty,
        }
    }

    fn operation_id(&mut self, at: &At<'a>) -> Option<String> {
        let id = self.text(at, "operationId")?;
        let span = at
            .node
            .get("operationId")
            .map_or(at.node.span, |node| node.span);
        let first = *self.operation_ids.entry(id).or_insert(span);
        if first == span && !self.is_repeated(at) {
            return Some(id.to_owned());
        }
        // One operation behind two paths by `$ref` cannot have two ids, so only the first keeps it.
        if first != span {
            let message = format!("the operationId `{id}` is given twice");
            self.diagnostics
                .error("duplicate-operation-id", span, message)
                .related(first, "first given here")
                .help("give each operation an id of its own");
        }
        None
    }

    /// Whether the operation was already read, as part of another path. The region of the present
    /// reading is the last one.
    fn is_repeated(&self, at: &At<'a>) -> bool {
        if self.documents.is_tree() {
            return false;
        }
        let read = self
            .regions
            .iter()
            .filter(|region| region.operation == at.node.span);
        read.count() > 1
    }

    fn operation_responses(&mut self, at: &At<'a>) -> Vec<Response> {
        let mut responses = match self.map(at, "responses") {
            Some(map) => {
                let responses = self.responses(&map);
                if map.members().all(|(key, _)| is_extension(key)) {
                    // OAS 3.1, Responses Object: at least one response code, which is not always
                    // heeded where a response is open.
                    self.diagnostics
                        .warning("no-responses", map.key_span, "`responses` declares no response")
                        .help("add the response of a successful call, such as `204: {description: Done}`");
                }
                responses
            }
            None => {
                if self.dialect == Dialect::OpenApi30 && at.node.get("responses").is_none() {
                    self.missing(at, "responses");
                }
                Vec::new()
            }
        };
        if responses.is_empty() {
            responses.push(Response {
                status: StatusSet::Default,
                description: String::new(),
                headers: Vec::new(),
                contents: Vec::new(),
                span: at.key_span,
            });
        }
        responses
    }

    /// OAS 3.1, Callback Object: expression → path item. Callbacks of callbacks nest at most as
    /// deep as the document, unless a reference leads back, which is where this stops.
    fn callbacks(&mut self, at: &At<'a>, item: &Item<'_>) {
        let callbacks = self.map(at, "callbacks");
        for (_, callback) in callbacks.into_iter().flat_map(|map| map.members()) {
            self.callback(callback, item.security);
        }
    }

    pub(super) fn callback(&mut self, at: At<'a>, security: &[Vec<Requirement>]) {
        let Some(callback) = self.follow(at, Referable::Callback) else {
            return;
        };
        if callback.node.as_mapping().is_none() {
            self.wrong_type(&callback, "the Callback Object", "an object");
            return;
        }
        for (expression, target) in callback.members() {
            let known = self.outgoing.iter().any(|operation| {
                operation
                    .pointer
                    .strip_prefix(target.pointer.as_str())
                    .is_some_and(|rest| rest.starts_with('/'))
            });
            if is_extension(expression) || known || self.is_open(&target) {
                continue;
            }
            if self.open_callbacks.len() >= MAX_OPEN_CALLBACKS {
                let message =
                    format!("callbacks of callbacks go on for {MAX_OPEN_CALLBACKS} levels");
                self.diagnostics
                    .error("too-deep", target.key_span, message)
                    .help("leave out the callbacks of the innermost ones");
                continue;
            }
            let path = template::literal(expression);
            self.open_callbacks.push(target.address());
            let operations = self.path_item(path, target, security, false);
            self.open_callbacks.pop();
            self.outgoing.extend(operations);
        }
    }

    fn is_open(&self, target: &At<'a>) -> bool {
        self.open_callbacks.contains(&target.address())
    }
}
