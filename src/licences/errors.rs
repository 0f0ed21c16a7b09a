//! How this API words a rejection: problem details (RFC 9457) that name each parameter, the value
//! that came, and what would do.

use specwright_runtime::private::{Reply, Write, Writer};
use specwright_runtime::{Rejection, RequestInfo, Violation, Wording};

use super::service::NoSuchState;

/// After how many seconds a client may try again when the server is busy.
const RETRY_AFTER: i64 = 5;

/// What a request with wrong values is told.
const INVALID: &str = "The request has parameters that cannot be used.";

/// Why a request was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The status.
    pub status: u16,
    /// The name of the status.
    pub title: &'static str,
    /// What happened, in a sentence.
    pub detail: String,
    /// The id by which the log finds the request.
    pub request_id: String,
    /// What is wrong with each parameter.
    pub errors: Vec<ParameterError>,
}

/// What is wrong with a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterError {
    /// Its name.
    pub parameter: String,
    /// What came.
    pub value: Option<String>,
    /// What is wrong and what would do, to be read after the name.
    pub message: String,
}

impl Problem {
    fn new(status: u16, detail: impl Into<String>, request_id: &str) -> Self {
        Self {
            status,
            title: title(status),
            detail: detail.into(),
            request_id: request_id.to_owned(),
            errors: Vec::new(),
        }
    }
}

/// There is no licence with the number that was asked for.
pub fn no_such_licence(request_id: &str) -> Problem {
    Problem::new(404, "There is no licence with this number.", request_id)
}

/// The state of the register that was asked for is forgotten, or still to come.
pub fn no_such_state(asked: NoSuchState, request_id: &str) -> Problem {
    let NoSuchState { state, first, last } = asked;
    let message = format!(
        "must be a state of the register that is still kept, {first} to {last}; without it, the \
         list begins anew"
    );
    Problem {
        errors: vec![ParameterError {
            parameter: "AsOf".to_owned(),
            value: Some(state.to_string()),
            message,
        }],
        ..Problem::new(400, INVALID, request_id)
    }
}

/// The wording of this API.
pub struct ByParameter;

impl Wording for ByParameter {
    fn word(&self, rejection: &Rejection, request: &RequestInfo<'_>) -> Reply {
        let status = rejection.status();
        let problem = match rejection {
            Rejection::Invalid(violations) => Problem {
                errors: violations.iter().map(error).collect(),
                ..Problem::new(status, INVALID, request.request_id)
            },
            rejection => Problem::new(status, rejection.detail(), request.request_id),
        };
        let mut reply = Reply::new();
        reply.json(status, "application/problem+json", &problem);
        match rejection {
            Rejection::Unavailable(_) | Rejection::Timeout => {
                reply.header("Retry-After", &RETRY_AFTER);
            }
            // RFC 6750, section 3.1: the client learns which scope would do.
            Rejection::Forbidden { missing } => {
                let scope = missing.join(" ");
                let challenge = format!(
                    "Bearer realm=\"Licences\", error=\"insufficient_scope\", scope=\"{scope}\""
                );
                reply.header("WWW-Authenticate", challenge.as_str());
            }
            _ => {}
        }
        reply
    }
}

/// What is wrong with a parameter: the first part of a pointer says where it travels, the second
/// is its name, and more lead to an item.
fn error(violation: &Violation) -> ParameterError {
    let name = violation.pointer.split('/').nth(2).unwrap_or_default();
    ParameterError {
        parameter: name.replace("~1", "/").replace("~0", "~"),
        value: violation.value.clone(),
        message: violation.message.clone(),
    }
}

/// The name of a status (RFC 9110, section 15).
fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        414 => "URI Too Long",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

impl Write for Problem {
    fn write(&self, writer: &mut Writer) {
        writer.begin_object();
        writer.field("\"type\":", "about:blank");
        writer.field("\"title\":", self.title);
        writer.field("\"status\":", &i64::from(self.status));
        writer.field("\"detail\":", &self.detail);
        writer.field("\"request_id\":", &self.request_id);
        if !self.errors.is_empty() {
            writer.field("\"errors\":", &self.errors);
        }
        writer.end_object();
    }
}

impl Write for ParameterError {
    fn write(&self, writer: &mut Writer) {
        writer.begin_object();
        writer.field("\"parameter\":", &self.parameter);
        writer.optional("\"value\":", &self.value);
        writer.field("\"message\":", &self.message);
        writer.end_object();
    }
}
