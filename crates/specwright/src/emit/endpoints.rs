//! The mounted type and one endpoint function an operation.

use super::Emitter;
use super::layout::{fits, literal};
use crate::ir::Operation;
use crate::model::SecurityKind;

impl Emitter<'_> {
    pub(super) fn endpoints(&mut self) {
        let module = self.module;
        let (api, service) = (&module.api, &module.service);
        self.out.blank();
        self.out
            .doc_line(0, "The API over its service, ready to be mounted.");
        self.out.line(0, &format!("pub struct {api}<S>(pub S);"));
        self.out.blank();
        self.out.line(
            0,
            &format!("impl<S: {service}> rt::Contract for {api}<S> {{"),
        );
        self.out.line(1, "const API: &'static rt::Api = &API;");
        self.out.line(0, "}");
        self.out.blank();
        self.out.line(
            0,
            &format!("impl<S: {service}> rt::OpenApi for {api}<S> {{"),
        );
        self.out.line(1, "fn meta() -> Vec<rt::MetaApi> {");
        self.out.line(2, "rt::meta(&API)");
        self.out.line(1, "}");
        self.out.blank();
        self.out
            .line(1, "fn register(_registry: &mut rt::Registry) {}");
        self.out.blank();
        self.out
            .line(1, "fn add_routes(self, table: &mut rt::RouteTable) {");
        let plain = module.schemes.is_empty() && !module.ignore_case;
        let binding = if module.operations.is_empty() && plain {
            "routes"
        } else {
            "mut routes"
        };
        self.out.line(
            2,
            &format!("let {binding} = rt::Routes::new(self.0, &API);"),
        );
        if !module.schemes.is_empty() {
            self.out.line(2, "routes.secure(authenticate::<S>);");
        }
        if module.ignore_case {
            self.out.line(2, "routes.ignore_case();");
        }
        for operation in &module.operations {
            let constant = format!("&{}", operation.constant);
            let endpoint = format!("{}::<S>", endpoint_name(operation));
            self.out.call(2, "routes.add", &[&constant, &endpoint], ";");
        }
        let lifecycles = module
            .operations
            .iter()
            .filter_map(|one| one.lifecycle.as_ref());
        for lifecycle in lifecycles {
            let constant = format!("&{}", lifecycle.constant);
            self.out.call(2, "routes.announce", &[&constant], ";");
        }
        self.out.line(2, "routes.finish(table);");
        self.out.line(1, "}");
        self.out.line(0, "}");
        for operation in &module.operations {
            self.endpoint(operation);
        }
        if !module.schemes.is_empty() {
            self.authenticate();
        }
    }

    fn endpoint(&mut self, operation: &Operation) {
        let service = &self.module.service;
        self.out.blank();
        let head = format!("fn {}<'a, S: {service}>", endpoint_name(operation));
        self.out.signature(
            0,
            &head,
            &["service: &'a S", "input: &mut rt::Input<'a>"],
            " -> rt::Answering<'a> {",
        );
        let rules = operation.rules.as_ref();
        let rules = rules.map(|rules| format!("&{}", rules.constant));
        if let Some(rules) = &rules {
            self.out.call(1, "input.follow", &[rules], "?;");
        }
        let mut arguments = vec!["input.context()"];
        if let Some(request) = &operation.request {
            let read = format!("{}::read", request.name);
            self.out.binding(1, "request", &read, &["input"], "?;");
            arguments.insert(0, "request");
        }
        let method = format!("service.{}", operation.method_name);
        self.out.binding(1, "response", &method, &arguments, ";");
        match &rules {
            Some(rules) => self
                .out
                .call(1, "input.answer_under", &[rules, "response"], ""),
            None => self.out.line(1, "input.answer(response)"),
        }
        self.out.line(0, "}");
    }

    /// `head service.call.await tail`, in a column when the chain is long.
    fn awaited(&mut self, level: usize, head: &str, call: &str, question: &str, end: &str) {
        let chain = format!("service.{call}.await{question}");
        if chain.len() + end.len() <= 60 && super::layout::fits(level, &[head, &chain, end]) {
            return self.out.line(level, &format!("{head}{chain}{end}"));
        }
        self.out.line(level, &format!("{head}service"));
        self.out.line(level + 1, &format!(".{call}"));
        self.out.line(level + 1, &format!(".await{question}{end}"));
    }

    fn authenticate(&mut self) {
        let module = self.module;
        self.import("Denied");
        self.out.blank();
        self.out
            .line(0, &format!("fn authenticate<'a, S: {}>(", module.service));
        self.out.line(1, "service: &'a S,");
        self.out.line(1, "scheme: &'static str,");
        self.out.line(1, "credentials: &'a rt::Credentials,");
        self.out.line(1, "context: &'a Context,");
        self.out.line(0, ") -> rt::Authentication<'a> {");
        self.out.line(1, "Box::pin(async move {");
        self.out.line(2, "match scheme {");
        for scheme in &module.schemes {
            let kind = match scheme.kind {
                SecurityKind::ApiKey { .. } => "api_key",
                SecurityKind::Basic => "basic",
                _ => "bearer",
            };
            let name = literal(&scheme.name);
            if fits(3, &[&name, " => {"]) {
                self.out.line(3, &format!("{name} => {{"));
            } else {
                self.out.line(3, &format!("{name} =>"));
                self.out.line(3, "{");
            }
            self.out
                .line(4, &format!("let credentials = credentials.{kind}()?;"));
            self.awaited(
                4,
                "",
                &format!("{}(credentials, context)", scheme.method_name),
                "",
                "",
            );
            self.out.line(3, "}");
        }
        self.out.line(3, "_ => Err(Denied::unauthorized()),");
        self.out.line(2, "}");
        self.out.line(1, "})");
        self.out.line(0, "}");
    }
}

/// Endpoints stand beside the read functions; the method's name is theirs too, unless the module
/// has another use for it.
fn endpoint_name(operation: &Operation) -> String {
    if operation.method_name == "authenticate" || operation.method_name.starts_with("read_") {
        format!("endpoint_{}", operation.method_name)
    } else {
        operation.method_name.clone()
    }
}
