//! Responses.

use super::Lowering;
use super::documents::At;
use super::fields::{Kind, is_extension};
use super::references::Referable;
use crate::model::{Content, Header, Response, StatusSet};

const RESPONSE: Kind = Kind {
    name: "Response Object",
    keys: &["description", "headers", "content", "links"],
    keys_31: &[],
};

/// A response without its status.
pub(super) struct Parts {
    description: String,
    headers: Vec<Header>,
    contents: Vec<Content>,
}

impl<'a> Lowering<'a, '_> {
    /// OAS 3.1, Responses Object.
    pub(super) fn responses(&mut self, map: &At<'a>) -> Vec<Response> {
        let mut responses = Vec::new();
        for (key, at) in map.members() {
            if is_extension(key) {
                continue;
            }
            let span = at.key_span;
            let parts = self.response_parts(at);
            let Some(status) = status(key) else {
                self.report_status(key, span);
                continue;
            };
            let Some(parts) = parts else { continue };
            responses.push(Response {
                status,
                description: parts.description,
                headers: parts.headers,
                contents: parts.contents,
                span,
            });
        }
        responses
    }

    fn report_status(&mut self, key: &str, span: crate::source::Span) {
        let message = format!("`{key}` is no status of a response");
        let upper = key.to_ascii_uppercase();
        let help = match status(&upper) {
            Some(_) => format!("did you mean `{upper}`?"),
            None => "write a status such as `200`, a range such as `4XX`, or `default`".to_owned(),
        };
        self.diagnostics
            .error("invalid-status", span, message)
            .help(help);
    }

    /// OAS 3.1, Response Object.
    pub(super) fn response_parts(&mut self, at: At<'a>) -> Option<Parts> {
        let (at, description) = self.follow_described(at, Referable::Response)?;
        self.object(&at, &RESPONSE)?;
        self.links(&at);
        if at.node.get("description").is_none() {
            self.missing(&at, "description");
        }
        let contents = match self.map(&at, "content") {
            Some(content) => self.contents(&content),
            None => Vec::new(),
        };
        Some(Parts {
            description,
            headers: self.headers(&at),
            contents,
        })
    }
}

/// OAS 3.1, Responses Object: a status, a range with upper-case `X`, or `default`.
fn status(key: &str) -> Option<StatusSet> {
    if key == "default" {
        return Some(StatusSet::Default);
    }
    match key.as_bytes() {
        [class @ b'1'..=b'5', b'X', b'X'] => Some(StatusSet::Range(class - b'0')),
        [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9'] => key.parse().ok().map(StatusSet::Status),
        _ => None,
    }
}
