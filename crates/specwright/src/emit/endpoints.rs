//! The mounted type and one endpoint function an operation.

use super::Emitter;
use super::layout::literal;
use crate::ir::Operation;
use crate::model::SecurityKind;

impl Emitter<'_> {
    pub(super) fn endpoints(&mut self) {
        let module = self.module;
        let (api, service) = (&module.api, &module.service);
        self.out.blank();
        self.out.doc_line(0, "The API over its service, ready to be mounted.");
        self.out.line(0, &format!("pub struct {api}<S>(pub S);"));
        self.out.blank();
        self.out.line(0, &format!("impl<S: {service}> rt::Contract for {api}<S> {{"));
        self.out.line(1, "const API: &'static rt::Api = &API;");
        self.out.line(0, "}");
        self.out.blank();
        self.out.line(0, &format!("impl<S: {service}> rt::OpenApi for {api}<S> {{"));
        self.out.line(1, "fn meta() -> Vec<rt::MetaApi> {");
        self.out.line(2, "rt::meta(&API)");
        self.out.line(1, "}");
        self.out.blank();
        self.out.line(1, "fn register(_registry: &mut rt::Registry) {}");
        self.out.blank();
        self.out.line(1, "fn add_routes(self, table: &mut rt::RouteTable) {");
        let binding = if module.operations.is_empty() { "routes" } else { "mut routes" };
        self.out.line(2, &format!("let {binding} = rt::Routes::new(self.0, &API);"));
        for operation in &module.operations {
            let constant = format!("&{}", operation.constant);
            let endpoint = format!("{}::<S>", endpoint_name(operation));
            self.out.call(2, "routes.add", &[&constant, &endpoint], ";");
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
        let head = format!("fn {}<S: {service}>", endpoint_name(operation));
        self.out.signature(0, &head, &["service: &S", "call: rt::Call"], " -> rt::Pending<'_> {");
        self.out.line(1, "Box::pin(async move {");
        if !operation.security.is_empty() {
            self.out.line(2, "let call = call.authorize(service, authenticate::<S>).await?;");
        }
        let method = &operation.method_name;
        match &operation.request {
            None => {
                self.out.line(2, "let input = call.input().await?;");
                self.answer(&format!("let response = service.{method}(input.context()).await?;"), method, None);
            }
            Some(request) => {
                self.out.line(2, "let mut input = call.input().await?;");
                self.out.line(2, &format!("let Ok(request) = {}::read(&mut input) else {{", request.name));
                self.out.line(3, "return Err(input.explain());");
                self.out.line(2, "};");
                let line = format!("let response = service.{method}(request, input.context()).await?;");
                self.answer(&line, method, Some("request"));
            }
        }
        self.out.line(2, "Ok(input.reply(response))");
        self.out.line(1, "})");
        self.out.line(0, "}");
    }

    fn answer(&mut self, line: &str, method: &str, request: Option<&str>) {
        if super::layout::fits(2, &[line]) {
            return self.out.line(2, line);
        }
        let args = request.map_or("input.context()".to_owned(), |request| format!("{request}, input.context()"));
        self.out.line(2, &format!("let response = service.{method}({args})"));
        self.out.line(3, ".await?;");
    }

    fn authenticate(&mut self) {
        let module = self.module;
        self.import("Denied");
        self.out.blank();
        self.out.line(0, &format!("fn authenticate<'a, S: {}>(", module.service));
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
            self.out.line(3, &format!("{} => {{", literal(&scheme.name)));
            self.out.line(4, &format!("let credentials = credentials.{kind}()?;"));
            self.out.line(4, &format!("service.{}(credentials, context).await", scheme.method_name));
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
