//! How this API words a rejection: as its refusals and failures, each message in the words that
//! callers know. What is refused of a change is kept account of, under a reference number, before
//! the request has reached its operation; only 401 and 403 are not.

mod words;

use specwright_runtime::private::{Method, Reply};
use specwright_runtime::{Rejection, RequestInfo, Worded, Wording};

use super::contract::{ErrorDetail, Failure, FailureErrorMessage, Refused};
use super::domain::violations::{Cause, Exception, Violation};
use super::service::process::{Process, Processes, Wrong};
use super::service::{Place, Unconfigured, asked};
use crate::db::DbError;

/// After how many seconds a client may try again when the server is busy.
const RETRY_AFTER: i64 = 5;

/// The wording of this API.
pub struct Messages {
    processes: Processes,
}

impl Messages {
    /// The one that keeps account there.
    pub fn new(processes: Processes) -> Self {
        Self { processes }
    }

    /// The answer to a change that was rejected, under a reference number.
    async fn account(&self, rejection: &Rejection, request: &RequestInfo<'_>) -> Reply {
        let name = request.operation.map_or("", |operation| operation.id);
        let status = status(rejection);
        let container = Place::of(request.path).container.map(|id| id.0);
        let mut refused = match self.processes.begin(name, container).await {
            Err(refused) => refused,
            Ok(process) => match wrong_form(rejection, request) {
                Some(wrong) => self.processes.refuse_form(&process, wrong).await,
                None => self.told(&process, told(rejection, request)).await,
            },
        };
        if refused.api_ref_id.as_ref().is_some() && refused.error_code < 500 {
            refused.error_code = status.into();
        }
        let mut reply = Reply::new();
        let status = u16::try_from(refused.error_code).unwrap_or(500);
        reply.json(status, "application/json", &refused);
        add_headers(rejection, &mut reply);
        reply
    }

    async fn told(&self, process: &Process, told: Told) -> Refused {
        match told {
            Told::Violations(violations) => self.processes.refuse(process, &violations).await,
            Told::Failure(cause, words) => self.processes.fail(process, cause, words).await,
        }
    }
}

impl Wording for Messages {
    fn word(&self, rejection: &Rejection, request: &RequestInfo<'_>) -> Reply {
        let messages = match told(rejection, request) {
            Told::Violations(violations) => violations.iter().map(ToString::to_string).collect(),
            Told::Failure(cause, _) => vec![Exception(cause).to_string()],
        };
        let details = messages.into_iter().map(|message| ErrorDetail { message });
        let status = status(rejection);
        let failure = Failure {
            error_code: status.into(),
            error_message: FailureErrorMessage::Error,
            error_details: details.collect(),
        };
        let mut reply = Reply::new();
        reply.json(status, "application/json", &failure);
        add_headers(rejection, &mut reply);
        reply
    }

    fn word_later<'a>(
        &'a self,
        rejection: &'a Rejection,
        request: &'a RequestInfo<'a>,
    ) -> Worded<'a> {
        let changes = request
            .operation
            .is_some_and(|one| one.method == Method::Post);
        let unknown = matches!(
            rejection,
            Rejection::Unauthorized { .. } | Rejection::Forbidden { .. }
        );
        match changes && !unknown {
            true => Box::pin(self.account(rejection, request)),
            false => Box::pin(std::future::ready(self.word(rejection, request))),
        }
    }
}

fn add_headers(rejection: &Rejection, reply: &mut Reply) {
    if matches!(rejection, Rejection::Unavailable(_) | Rejection::Timeout) {
        reply.header("Retry-After", &RETRY_AFTER);
    }
}

/// Every failure of the server is a 500 here, also one that may be over soon.
fn status(rejection: &Rejection) -> u16 {
    match rejection.status() {
        503 => 500,
        status => status,
    }
}

/// What is wrong with the form of a request, with what it asks for as far as that can be read; `None`
/// for a rejection of another kind.
fn wrong_form(rejection: &Rejection, request: &RequestInfo<'_>) -> Option<Wrong> {
    let [mut body, path] = match rejection {
        Rejection::Invalid(found) => words::violations(found, request.body),
        Rejection::Malformed(_) => [vec![Violation::MalformedBody], Vec::new()],
        _ => return None,
    };
    let operation = request.operation.map_or("", |operation| operation.id);
    let (contradictions, asked) = asked(operation, request.path, request.body);
    body.extend(contradictions);
    Some(Wrong { body, path, asked })
}

/// What is said of a rejection.
enum Told {
    /// What is wrong with the request.
    Violations(Vec<Violation>),
    /// What failed, and the words of what failed, for the log.
    Failure(Cause, Option<String>),
}

fn told(rejection: &Rejection, request: &RequestInfo<'_>) -> Told {
    let rule = |field: &str, value: &str, rule: String| Violation::Rule {
        field: field.to_owned(),
        value: value.to_owned(),
        rule,
    };
    let one = match rejection {
        Rejection::Invalid(found) => {
            return Told::Violations(words::violations(found, request.body).concat());
        }
        Rejection::Malformed(_) | Rejection::BadDigest => Violation::MalformedBody,
        Rejection::NotFound => Violation::Unknown {
            what: "path",
            value: request.path.to_owned(),
        },
        Rejection::MethodNotAllowed { allow } => {
            rule("method", request.method.as_str(), format!("one of {allow}"))
        }
        Rejection::NotAcceptable { offered } => rule(
            "accept",
            "the header",
            format!("one that takes {}", offered.join(" or ")),
        ),
        Rejection::UnsupportedMediaType { declared, got } => {
            let got = got.as_deref().unwrap_or("nothing");
            rule("content type", got, declared.join(" or "))
        }
        Rejection::UnsupportedEncoding { what, got } => rule(what, got, "known".to_owned()),
        Rejection::TooLarge { limit } => rule("request", "body", format!("within {limit} bytes")),
        Rejection::UriTooLong { limit } => {
            rule("request", "address", format!("within {limit} bytes"))
        }
        Rejection::HeadersTooLarge { limit } => {
            rule("request", "head", format!("within {limit} bytes"))
        }
        Rejection::Repeated { header } => rule("header", header, "sent once".to_owned()),
        Rejection::RequestTimeout => rule("request", "body", "sent whole in time".to_owned()),
        Rejection::Unauthorized {
            presented: false, ..
        } => Violation::Missing {
            field: "client id".to_owned(),
        },
        Rejection::Unauthorized { .. } => rule("credentials", "client", "known".to_owned()),
        Rejection::Forbidden { missing, .. } => rule(
            "credentials",
            "client",
            format!("allowed to {}", missing.join(" and ")),
        ),
        Rejection::Timeout => {
            let words = "the request was not finished in time".to_owned();
            return Told::Failure(Cause::Internal, Some(words));
        }
        Rejection::Fault(fault) | Rejection::Unavailable(fault) => {
            return Told::Failure(cause(fault), Some(fault.chain()));
        }
        Rejection::NotImplemented => return Told::Failure(Cause::Internal, None),
    };
    Told::Violations(vec![one])
}

fn cause(fault: &specwright_runtime::Fault) -> Cause {
    let cause = fault.cause();
    if let Some(Unconfigured(code)) = cause.downcast_ref() {
        return Cause::Configuration(code);
    }
    // Clients are checked in the same database.
    let is_database = cause.is::<DbError>() || cause.is::<crate::clients::ClientsError>();
    match is_database {
        true => Cause::Database,
        false => Cause::Internal,
    }
}
