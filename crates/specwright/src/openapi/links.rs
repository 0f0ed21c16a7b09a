//! Links and examples: they stay in the served document, and their form is checked.

use super::Lowering;
use super::documents::{self, At};
use super::fields::Kind;
use super::paths::method;
use super::references::Referable;
use crate::suggest;
use crate::yaml::Node;

const LINK: Kind = Kind {
    name: "Link Object",
    keys: &[
        "operationRef",
        "operationId",
        "parameters",
        "requestBody",
        "description",
        "server",
    ],
    keys_31: &[],
};

const EXAMPLE: Kind = Kind {
    name: "Example Object",
    keys: &["summary", "description", "value", "externalValue"],
    keys_31: &[],
};

impl<'a> Lowering<'a, '_> {
    /// The `links` of a response.
    pub(super) fn links(&mut self, at: &At<'a>) {
        let links = self.map(at, "links");
        for (_, link) in links.into_iter().flat_map(|links| links.members()) {
            self.link(link);
        }
    }

    /// OAS 3.1, Link Object.
    pub(super) fn link(&mut self, at: At<'a>) {
        if let Some(at) = self.follow(at, Referable::Link)
            && self.object(&at, &LINK).is_some()
        {
            self.plain_texts(&at, &["operationRef", "operationId", "description"]);
            self.map(&at, "parameters");
            if let Some(server) = at.get("server") {
                self.server(&server);
            }
            self.either(&at, "operationRef", "operationId");
            self.linked.extend(at.node.get("operationId"));
            if let Some(node) = at.node.get("operationRef") {
                self.operation_reference(node);
            }
            if at.get("operationRef").or(at.get("operationId")).is_none() {
                self.missing(&at, "operationId");
            }
        }
    }

    /// OAS 3.1, Link Object: a reference to an operation of this contract, or of another one, which
    /// is not looked into.
    fn operation_reference(&mut self, node: &'a Node) {
        if node.as_str().is_none_or(documents::is_remote) {
            return;
        }
        let Some(target) = self.resolve(node, None, Referable::Operation) else {
            return;
        };
        let (_, key) = target.pointer.rsplit_once('/').unwrap_or_default();
        if method(key).is_none() {
            let message = format!("`{}` is no operation", target.pointer);
            self.diagnostics
                .error("unresolved-reference", node.span, message)
                .help("end the pointer with a path and a method: `#/paths/~1pets/get`");
        }
    }

    /// OAS 3.1, Link Object: `operationId` names an operation of the contract. To be called when
    /// all operations are read.
    pub(super) fn check_links(&mut self) {
        for node in std::mem::take(&mut self.linked) {
            let Some(id) = node
                .as_str()
                .filter(|id| !self.operation_ids.contains_key(id))
            else {
                continue;
            };
            let message = format!("no operation has the operationId `{id}`");
            let help = match suggest::closest(id, self.operation_ids.keys().copied()) {
                Some(close) => format!("did you mean `{close}`?"),
                None => "name the operationId of an operation of this contract".to_owned(),
            };
            self.diagnostics
                .error("unresolved-reference", node.span, message)
                .help(help);
        }
    }

    /// OAS 3.1, Example Object.
    pub(super) fn example(&mut self, at: At<'a>) -> Option<At<'a>> {
        let at = self.follow(at, Referable::Example)?;
        self.object(&at, &EXAMPLE)?;
        self.plain_texts(&at, &["summary", "description", "externalValue"]);
        self.either(&at, "value", "externalValue");
        Some(at)
    }
}
