//! The default wording: problem details (RFC 9457).

use crate::endpoint::Reply;
use crate::explain::Violation;
use crate::rejection::{Rejection, RequestInfo, Wording};
use crate::write::{Write, Writer};

/// The media type of problem details.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Problem details with two members of their own: `request_id` and `errors`.
#[derive(Debug)]
pub struct ProblemDetails<'a> {
    /// The status of the answer.
    pub status: u16,
    /// What happened this time.
    pub detail: &'a str,
    /// The id of the request, by which the log finds it.
    pub request_id: &'a str,
    /// Every violation of the contract.
    pub errors: &'a [Violation],
}

impl Write for ProblemDetails<'_> {
    fn write(&self, writer: &mut Writer) {
        let status = http::StatusCode::from_u16(self.status).ok();
        let title = status
            .and_then(|status| status.canonical_reason())
            .unwrap_or("Error");
        writer.begin_object();
        writer.field("\"type\":", "about:blank");
        writer.field("\"title\":", title);
        writer.field("\"status\":", &Digits(self.status));
        writer.field("\"detail\":", self.detail);
        writer.field("\"request_id\":", self.request_id);
        if !self.errors.is_empty() {
            writer.field("\"errors\":", &Errors(self.errors));
        }
        writer.end_object();
    }
}

struct Digits(u16);

impl Write for Digits {
    fn write(&self, writer: &mut Writer) {
        writer.raw(&self.0.to_string());
    }
}

struct Errors<'a>(&'a [Violation]);

impl Write for Errors<'_> {
    fn write(&self, writer: &mut Writer) {
        writer.begin_array();
        for violation in self.0 {
            writer.element(&Entry(violation));
        }
        writer.end_array();
    }
}

struct Entry<'a>(&'a Violation);

impl Write for Entry<'_> {
    fn write(&self, writer: &mut Writer) {
        writer.begin_object();
        writer.field("\"pointer\":", &self.0.pointer);
        writer.field("\"keyword\":", &self.0.keyword);
        writer.optional("\"value\":", &self.0.value);
        writer.field("\"message\":", &self.0.message);
        writer.end_object();
    }
}

/// Words every rejection as problem details.
#[derive(Clone, Copy, Debug, Default)]
pub struct Problems;

impl Wording for Problems {
    fn word(&self, rejection: &Rejection, request: &RequestInfo<'_>) -> Reply {
        let errors = match rejection {
            Rejection::Invalid(violations) => violations.as_slice(),
            _ => &[],
        };
        let detail = rejection.detail();
        let problem = ProblemDetails {
            status: rejection.status(),
            detail: &detail,
            request_id: request.request_id,
            errors,
        };
        let mut reply = Reply::new();
        reply.json(rejection.status(), MEDIA_TYPE, &problem);
        reply
    }
}
