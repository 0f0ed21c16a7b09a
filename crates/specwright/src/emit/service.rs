//! The service trait.

use super::Emitter;
use super::layout::fits;
use crate::ir::{Operation, Scheme};
use crate::model::SecurityKind;

impl Emitter<'_> {
    pub(super) fn service(&mut self) {
        let module = self.module;
        self.module_docs();
        if module.operations.is_empty() {
            return self.out.line(
                0,
                &format!("pub trait {}: Send + Sync + 'static {{}}", module.service),
            );
        }
        self.import("Context");
        self.out.line(
            0,
            &format!("pub trait {}: Send + Sync + 'static {{", module.service),
        );
        let mut first = true;
        for operation in &module.operations {
            if !std::mem::replace(&mut first, false) {
                self.out.blank();
            }
            self.method(operation);
        }
        for scheme in &module.schemes {
            if !std::mem::replace(&mut first, false) {
                self.out.blank();
            }
            self.authenticator(scheme);
        }
        self.out.line(0, "}");
    }

    /// What the contract says of itself, or its title, or its name.
    pub(super) fn module_docs(&mut self) {
        let module = self.module;
        let name = format!("The API {}.", code(&module.name));
        let title = match module.title.trim() {
            "" => name.as_str(),
            title => title,
        };
        self.out.docs_or(0, &module.docs, title);
    }

    fn method(&mut self, operation: &Operation) {
        self.import("Fault");
        self.out.docs(1, &operation.docs);
        if !operation.docs.is_empty() {
            self.out.doc_line(1, "");
        }
        self.out.doc_line(1, &route(operation));
        if operation.deprecated {
            self.out.doc_line(1, "");
            self.out.doc_line(1, "Deprecated by the contract.");
        }
        if ["from_", "into_"]
            .iter()
            .any(|prefix| operation.method_name.starts_with(prefix))
        {
            self.out.line(1, "#[allow(clippy::wrong_self_convention)]");
        }
        let request = operation
            .request
            .as_ref()
            .map(|request| format!("request: {}", request.name));
        let mut args = vec!["&self"];
        args.extend(request.as_deref());
        args.push("context: &Context");
        let tail = format!(
            " -> impl Future<Output = Result<{}, Fault>> + Send;",
            operation.answer().name
        );
        self.out
            .signature(1, &format!("fn {}", operation.method_name), &args, &tail);
    }

    fn authenticator(&mut self, scheme: &Scheme) {
        let credentials = match scheme.kind {
            SecurityKind::ApiKey { .. } => "ApiKey",
            SecurityKind::Basic => "Basic",
            SecurityKind::Bearer { .. }
            | SecurityKind::OAuth2 { .. }
            | SecurityKind::OpenIdConnect { .. } => "Bearer",
        };
        self.import(credentials);
        self.import("Grant");
        self.import("Denied");
        self.out.docs(1, &scheme.docs);
        if !scheme.docs.is_empty() {
            self.out.doc_line(1, "");
        }
        self.out.doc_line(
            1,
            &format!(
                "Checks the credentials of the security scheme {}.",
                code(&scheme.name)
            ),
        );
        let credentials = format!("credentials: &{credentials}");
        let args = ["&self", &credentials, "context: &Context"];
        let tail = " -> impl Future<Output = Result<Grant, Denied>> + Send;";
        debug_assert!(fits(1, &[tail]), "the return type has a fixed length");
        self.out
            .signature(1, &format!("fn {}", scheme.method_name), &args, tail);
    }
}

/// `` `POST /pets` ``
pub(super) fn route(operation: &Operation) -> String {
    code(&format!("{} {}", operation.method.name(), operation.path))
}

/// A code span that its content cannot leave.
pub(super) fn code(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|one| if one == '`' { '\'' } else { one })
        .filter(|one| !one.is_control())
        .collect();
    format!("`{clean}`")
}
