//! The service that is yet to be written.

use crate::ir::{Module, Operation, Scheme};
use crate::model::SecurityKind;

/// The source of `src/service.rs`.
pub(super) fn service(module: &Module) -> String {
    let mut out = String::from("//! What the API does: yours to write.\n\nuse crate::contract;\n");
    out.push_str(&imports(module));
    out.push_str("\n/// The API's behaviour.\npub struct Service;\n\n");
    let head = format!("impl contract::{} for Service {{", module.service);
    out.push_str(&head);
    if module.operations.is_empty() {
        out.push_str("}\n");
        return out;
    }
    let operations = module.operations.iter().map(method);
    let schemes = module.schemes.iter().map(authenticator);
    let methods = operations.chain(schemes).collect::<Vec<_>>();
    out.push('\n');
    out.push_str(&methods.join("\n"));
    out.push_str("}\n");
    out
}

fn imports(module: &Module) -> String {
    if module.operations.is_empty() {
        return String::new();
    }
    let mut names = vec!["Context", "Fault"];
    if !module.schemes.is_empty() {
        names.extend(["Denied", "Grant"]);
        names.extend(module.schemes.iter().map(credentials));
    }
    names.sort_unstable();
    names.dedup();
    format!("use specwright_runtime::{{{}}};\n", names.join(", "))
}

fn method(operation: &Operation) -> String {
    let request = operation.request.as_ref();
    let request = request.map(|request| format!("_request: contract::{}", request.name));
    let mut arguments = vec!["&self".to_owned()];
    arguments.extend(request);
    arguments.push("_context: &Context".to_owned());
    let result = format!("Result<contract::{}, Fault>", operation.response.name);
    let signature = signature(&operation.method_name, &arguments, &result);
    format!("{signature}        Err(Fault::not_implemented())\n    }}\n")
}

fn authenticator(scheme: &Scheme) -> String {
    let credentials = format!("_credentials: &{}", credentials(scheme));
    let arguments = [
        "&self".to_owned(),
        credentials,
        "_context: &Context".to_owned(),
    ];
    let signature = signature(&scheme.method_name, &arguments, "Result<Grant, Denied>");
    format!("{signature}        Err(Denied::fault(Fault::not_implemented()))\n    }}\n")
}

fn credentials(scheme: &Scheme) -> &'static str {
    match scheme.kind {
        SecurityKind::ApiKey { .. } => "ApiKey",
        SecurityKind::Basic => "Basic",
        SecurityKind::Bearer { .. }
        | SecurityKind::OAuth2 { .. }
        | SecurityKind::OpenIdConnect { .. } => "Bearer",
    }
}

/// The head of a method, laid out as rustfmt would.
fn signature(name: &str, arguments: &[String], result: &str) -> String {
    let line = format!(
        "    async fn {name}({}) -> {result} {{\n",
        arguments.join(", ")
    );
    // The line break does not count.
    if line.chars().count() <= 101 {
        return line;
    }
    let mut out = format!("    async fn {name}(\n");
    for argument in arguments {
        out.push_str(&format!("        {argument},\n"));
    }
    out.push_str(&format!("    ) -> {result} {{\n"));
    out
}
