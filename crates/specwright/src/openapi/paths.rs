//! `paths` and `webhooks`: path items and the operations in them.

use super::documents::At;
use super::fields::{Kind, is_extension};
use super::parameters::Parameters;
use super::references::Referable;
use super::{Lowering, affected, template};
use crate::model::{Method, Operation, Parameter, PathPart, PathTemplate, Requirement};
use crate::source::Span;
use std::collections::HashMap;

const PATH_ITEM: Kind = Kind {
    name: "Path Item Object",
    keys: &[
        "$ref",
        "summary",
        "description",
        "get",
        "put",
        "post",
        "delete",
        "options",
        "head",
        "patch",
        "trace",
        "servers",
        "parameters",
    ],
    keys_31: &[],
};

/// How many path items may refer to each other in a row.
const MAX_LAYERS: usize = 40;

/// A path item as its operations see it.
pub(super) struct Item<'s> {
    pub path: PathTemplate,
    /// Whether its operations are served: a webhook's or callback's are not.
    pub served: bool,
    pub parameters: Parameters,
    pub security: &'s [Vec<Requirement>],
}

/// A path whose operations are known.
struct Served<'s> {
    path: &'s str,
    key: Span,
    methods: Vec<Method>,
}

/// The method a key of a path item stands for.
pub(super) fn method(key: &str) -> Option<Method> {
    Some(match key {
        "get" => Method::Get,
        "put" => Method::Put,
        "post" => Method::Post,
        "delete" => Method::Delete,
        "options" => Method::Options,
        "head" => Method::Head,
        "patch" => Method::Patch,
        "trace" => Method::Trace,
        _ => return None,
    })
}

impl<'a> Lowering<'a, '_> {
    /// OAS 3.1, Paths Object.
    pub(super) fn paths(&mut self, root: &At<'a>, security: &[Vec<Requirement>]) -> Vec<Operation> {
        let mut operations = Vec::new();
        let mut shapes: HashMap<String, Vec<Served>> = HashMap::new();
        let paths = self.map(root, "paths");
        for (raw, at) in paths.into_iter().flat_map(|paths| paths.members()) {
            if is_extension(raw) {
                continue;
            }
            let Some(path) = self.template(raw, at.key_span) else {
                self.path_item(template::literal(raw), at, security, false);
                continue;
            };
            let mut shape = template::shape(&path);
            if self.ignore_case {
                shape.make_ascii_lowercase();
            }
            let key = at.key_span;
            let mut own = self.path_item(path, at, security, true);
            let others = shapes.entry(shape).or_default();
            self.same_requests(raw, key, &mut own, others);
            others.push(Served {
                path: raw,
                key,
                methods: own.iter().map(|operation| operation.method).collect(),
            });
            operations.extend(own);
        }
        operations
    }

    /// Templates of the same shape are identical (OAS 3.1, Paths Object), but documents in use tell
    /// the parameter of one method by another name than that of the next. Operations whose methods
    /// differ can be told apart, so they are kept; the same method twice cannot.
    fn same_requests(
        &mut self,
        raw: &str,
        key: Span,
        own: &mut Vec<Operation>,
        others: &[Served<'_>],
    ) {
        let Some(first) = others.first() else {
            return;
        };
        let mut twice: Vec<(Method, &Served<'_>)> = Vec::new();
        own.retain(|operation| {
            let known = others
                .iter()
                .find(|other| other.methods.contains(&operation.method));
            twice.extend(known.map(|other| (operation.method, other)));
            known.is_none()
        });
        for &(method, other) in &twice {
            let (method, other_path) = (method.name(), other.path);
            let message =
                format!("`{method} {raw}` matches the same requests as `{method} {other_path}`");
            self.diagnostics
                .error("duplicate-path", key, message)
                .related(other.key, "the other one")
                .help("merge the two, or tell them apart by a literal segment");
        }
        if twice.is_empty() {
            let message = format!(
                "the path `{raw}` matches the same requests as `{}`: OpenAPI takes the two for one path written twice",
                first.path
            );
            self.diagnostics
                .warning("same-path", key, message)
                .related(first.key, "the other one")
                .help("their methods are served side by side; describe them under one path, with one name for each parameter");
        }
    }

    /// OAS 3.1, OpenAPI Object: `webhooks`.
    pub(super) fn webhooks(&mut self, root: &At<'a>, security: &[Vec<Requirement>]) {
        let webhooks = self.map(root, "webhooks");
        for (name, at) in webhooks.into_iter().flat_map(|webhooks| webhooks.members()) {
            if is_extension(name) {
                continue;
            }
            let operations = self.path_item(template::literal(name), at, security, false);
            self.outgoing.extend(operations);
        }
    }

    /// OAS 3.1, Path Item Object. What stands beside its `$ref` wins over what it refers to.
    pub(super) fn path_item(
        &mut self,
        path: PathTemplate,
        at: At<'a>,
        security: &[Vec<Requirement>],
        served: bool,
    ) -> Vec<Operation> {
        let layers = self.layers(at);
        let mut parameters = Parameters::default();
        if layers
            .last()
            .is_some_and(|last| last.node.get("$ref").is_some())
        {
            // It leads nowhere, and what it should have led to may have parameters.
            parameters.faulty.push(None);
        }
        let mut methods: Vec<(Method, At<'a>)> = Vec::new();
        for layer in &layers {
            if self.object(layer, &PATH_ITEM).is_none() {
                parameters.faulty.push(None);
                continue;
            }
            self.text(layer, "summary");
            self.text(layer, "description");
            self.ignored_servers(layer);
            let inherited = self.parameters(layer);
            merge(&mut parameters.read, inherited.read);
            parameters.faulty.extend(inherited.faulty);
            for (key, operation) in layer.members() {
                if let Some(method) = method(key)
                    && !methods.iter().any(|(known, _)| *known == method)
                {
                    methods.push((method, operation));
                }
            }
        }
        self.check_path_parameters(&path, &parameters.read, layers.first(), served);
        let item = Item {
            path,
            served,
            parameters,
            security,
        };
        let mut operations = Vec::new();
        for (method, at) in methods {
            let name = format!("{} {}", method.name(), item.path.raw);
            let within = layers.first().map_or(at.node.span, |layer| layer.node.span);
            let key = at.key_span;
            let Some(at) = self.follow(at, Referable::Operation) else {
                continue;
            };
            self.regions.push(affected::Region {
                name,
                operation: at.node.span,
                item: within,
            });
            operations.extend(self.operation(method, &item, at, key));
        }
        operations
    }

    /// The item and the items that it refers to, nearest first.
    fn layers(&mut self, at: At<'a>) -> Vec<At<'a>> {
        let mut layers = vec![at];
        while let Some(last) = layers.last()
            && let Some(reference) = last.node.get("$ref")
        {
            let object = last.node;
            let Some(next) = self.resolve(reference, Some(object), Referable::PathItem) else {
                break;
            };
            if layers.iter().any(|layer| layer.address() == next.address()) {
                self.diagnostics
                    .error(
                        "reference-cycle",
                        reference.span,
                        "these references lead in a circle",
                    )
                    .help("let one of them stand for an object of its own");
                break;
            }
            if layers.len() >= MAX_LAYERS {
                let message =
                    format!("more than {MAX_LAYERS} references lead from one to the next");
                self.diagnostics
                    .error("too-deep", reference.span, message)
                    .help("refer to the last one directly");
                break;
            }
            layers.push(next);
        }
        layers
    }

    /// OAS 3.1, Parameter Object: the name of a path parameter stands in the path's template.
    fn check_path_parameters(
        &mut self,
        path: &PathTemplate,
        parameters: &[Parameter],
        item: Option<&At<'a>>,
        served: bool,
    ) {
        if !served || item.is_none() {
            return;
        }
        for parameter in parameters {
            self.check_in_template(path, parameter);
        }
    }

    /// Reports a path parameter that the path does not have.
    pub(super) fn check_in_template(&mut self, path: &PathTemplate, parameter: &Parameter) {
        if parameter.location != crate::model::Location::Path
            || template::names(path).any(|name| name == parameter.name)
        {
            return;
        }
        let message = format!("the path `{}` has no `{{{}}}`", path.raw, parameter.name);
        let close = crate::suggest::closest(&parameter.name, template::names(path));
        let help = match close {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!(
                "put `{{{}}}` into the path, or remove the parameter",
                parameter.name
            ),
        };
        self.diagnostics
            .error("undeclared-path-parameter", parameter.span, message)
            .help(help);
    }

    /// Reports the template's parameters that nothing declares.
    pub(super) fn check_template(
        &mut self,
        path: &PathTemplate,
        parameters: &Parameters,
        span: Span,
    ) {
        let parts = path.segments.iter().flat_map(|segment| &segment.parts);
        for part in parts {
            let PathPart::Parameter(name) = part else {
                continue;
            };
            let declared = parameters.read.iter().any(|parameter| {
                parameter.location == crate::model::Location::Path && parameter.name == *name
            });
            if !declared && !parameters.may_name(name) {
                let message = format!(
                    "the path `{}` has `{{{name}}}`, which no parameter declares",
                    path.raw
                );
                self.diagnostics
                    .error("missing-path-parameter", span, message)
                    .help(format!("add `- {{name: {name}, in: path, required: true, schema: {{type: string}}}}` to `parameters`"));
            }
        }
    }
}

/// OAS 3.1, Operation Object: a parameter is known by its name and location.
pub(super) fn merge(into: &mut Vec<Parameter>, parameters: Vec<Parameter>) {
    for parameter in parameters {
        if !into.iter().any(|known| same(known, &parameter)) {
            into.push(parameter);
        }
    }
}

/// Whether two parameters are the same by name and location; header names have no case.
pub(super) fn same(one: &Parameter, other: &Parameter) -> bool {
    one.location == other.location
        && match one.location {
            crate::model::Location::Header => one.name.eq_ignore_ascii_case(&other.name),
            _ => one.name == other.name,
        }
}
