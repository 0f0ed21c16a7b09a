//! How this API words a rejection: as a list of messages, each of which ends with a space.

use specwright_runtime::private::Reply;
use specwright_runtime::{Rejection, RequestInfo, Violation, Wording};

use super::contract::{Error, ErrorErrorDetailsItem, ErrorErrorMessage};

/// The wording of this API.
pub struct Messages;

impl Wording for Messages {
    fn word(&self, rejection: &Rejection, _request: &RequestInfo<'_>) -> Reply {
        let mut reply = Reply::new();
        let error = error(rejection.status(), messages(rejection));
        reply.json(rejection.status(), "application/json", &error);
        if let Rejection::Unauthorized { challenges, .. } = rejection {
            for challenge in challenges {
                reply.header("WWW-Authenticate", challenge.as_str());
            }
        }
        reply
    }
}

/// An error with these messages.
pub fn error(status: u16, messages: Vec<String>) -> Error {
    let detail = |message| ErrorErrorDetailsItem { message };
    Error {
        error_code: status.into(),
        error_message: ErrorErrorMessage::Error,
        error_details: messages.into_iter().map(detail).collect(),
    }
}

/// There is no such thing.
pub fn absent(what: &str, value: &str) -> Vec<String> {
    vec![format!("Error: Invalid {what} : {value} does not exist ")]
}

fn messages(rejection: &Rejection) -> Vec<String> {
    let one = |text: &str| vec![format!("Error: {text} ")];
    match rejection {
        Rejection::Invalid(violations) => violations.iter().map(message).collect(),
        Rejection::Malformed(_) => one("Invalid request : body is not valid JSON"),
        Rejection::Unauthorized {
            presented: false, ..
        } => one("Invalid client : client_id and client_secret are required"),
        Rejection::Unauthorized { .. } => one("Invalid client : the id or the secret is wrong"),
        Rejection::Forbidden { .. } => one("Invalid client : it may only read"),
        Rejection::Fault(_) => one("Exception : the request could not be completed"),
        Rejection::Unavailable(_) => one("Exception : the database cannot be reached"),
        Rejection::Timeout => one("Exception : the request was not completed in time"),
        rejection => one(&format!("Invalid request : {}", rejection.detail())),
    }
}

/// The field is named as in the contract; members and items have their path.
fn message(violation: &Violation) -> String {
    let mut parts = violation.pointer.split('/').skip(2).peekable();
    let field = match parts.peek() {
        Some(_) => parts.collect::<Vec<_>>().join("."),
        None => "request".to_owned(),
    };
    match violation.keyword.as_str() {
        "required" => format!("Error: Invalid {field} : value is required "),
        _ => format!("Error: Invalid {field} : value {} ", violation.message),
    }
}
