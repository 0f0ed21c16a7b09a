//! How this API words a rejection: as the original did, so that its clients understand.

use serde::Serialize;
use serde_json::Value;
use specwright_runtime::private::{Operation, Reply};
use specwright_runtime::{Json, Kind, Rejection, RequestInfo, Violation, Wording};

/// The types that clients of the original may accept; all of them get JSON.
const ACCEPTS: &str =
    "Server accepts: application/json,text/plain,application/octet-stream,application/javascript";

/// The wording of the original.
pub struct Original;

impl Wording for Original {
    fn word(&self, rejection: &Rejection, request: &RequestInfo<'_>) -> Reply {
        match rejection {
            Rejection::Invalid(violations) => invalid(violations, request.operation),
            rejection => framework(rejection, request),
        }
    }
}

/// What the original's framework answered with: a code and a message.
#[derive(Serialize)]
struct Framework<'a> {
    code: &'a str,
    message: String,
}

/// What the original's validation answered with.
#[derive(Serialize)]
struct Validation<'a> {
    code: &'a str,
    status: u16,
    name: &'a str,
    category: &'a str,
    message: String,
    details: Details,
}

#[derive(Serialize)]
struct Details {
    results: Vec<ValidationResult>,
}

#[derive(Serialize)]
struct ValidationResult {
    path: String,
    code: &'static str,
    message: String,
}

fn framework(rejection: &Rejection, request: &RequestInfo<'_>) -> Reply {
    let (code, message) = described(rejection, request);
    let mut reply = reply(rejection.status(), &Framework { code, message });
    match rejection {
        Rejection::MethodNotAllowed { allow } => reply.header("Allow", &commands(allow)),
        Rejection::UnsupportedEncoding { .. } => reply.header("Accept-Encoding", "gzip, br"),
        _ => {}
    }
    reply
}

/// The methods of a path without `OPTIONS`, which the original did not name.
fn commands(allow: &str) -> String {
    let methods = allow.split(", ").filter(|method| *method != "OPTIONS");
    methods.collect::<Vec<_>>().join(", ")
}

fn described(rejection: &Rejection, request: &RequestInfo<'_>) -> (&'static str, String) {
    match rejection {
        Rejection::NotFound => (
            "ResourceNotFound",
            format!("{} does not exist", request.path),
        ),
        Rejection::MethodNotAllowed { .. } => (
            "MethodNotAllowed",
            format!("{} is not allowed", request.method),
        ),
        Rejection::NotAcceptable { .. } => ("NotAcceptable", ACCEPTS.to_owned()),
        Rejection::UnsupportedMediaType { .. } => (
            "UnsupportedMediaType",
            "content type not supported".to_owned(),
        ),
        Rejection::UnsupportedEncoding { what, .. } => (
            "UnsupportedMediaType",
            format!("{} not supported", what.to_lowercase()),
        ),
        Rejection::BadDigest => ("BadDigest", rejection.detail()),
        Rejection::TooLarge { limit } => (
            "PayloadTooLarge",
            format!("Request body size exceeds {limit}"),
        ),
        Rejection::Malformed(at) => (
            "InvalidContent",
            format!(
                "Invalid JSON: {} at line {}, column {}",
                at.reason, at.line, at.column
            ),
        ),
        Rejection::Timeout | Rejection::Unavailable(_) => {
            ("ServiceUnavailable", rejection.detail())
        }
        Rejection::Repeated { .. } => ("InvalidHeader", rejection.detail()),
        Rejection::RequestTimeout => ("RequestTimeout", rejection.detail()),
        Rejection::UriTooLong { .. } => ("UriTooLong", rejection.detail()),
        Rejection::HeadersTooLarge { .. } => ("RequestHeaderFieldsTooLarge", rejection.detail()),
        _ => ("InternalError", rejection.detail()),
    }
}

fn invalid(violations: &[Violation], operation: Option<&'static Operation>) -> Reply {
    let mut results = Vec::new();
    for violation in violations {
        // A body that is missing or no object is taken for an empty object.
        match (violation.pointer.as_str(), operation) {
            ("/body", Some(operation)) => {
                results.extend(operation.violations_of_body(b"{}").iter().map(result));
            }
            _ => results.push(result(violation)),
        }
    }
    let messages: Vec<&str> = results
        .iter()
        .map(|result| result.message.as_str())
        .collect();
    let validation = Validation {
        code: "INVALID_DATA",
        status: 400,
        name: "INVALID_DATA",
        category: "BadRequest",
        message: format!("Validation failed: {}", messages.join(", ")),
        details: Details { results },
    };
    reply(400, &validation)
}

fn result(violation: &Violation) -> ValidationResult {
    let pointer = &violation.pointer;
    let path = pointer.strip_prefix("/body/").or(pointer.strip_prefix('/'));
    let path = path.unwrap_or(pointer).replace('/', ".");
    let absent = violation.keyword == "required" || violation.found == Kind::Null;
    let (code, message) = match (absent, violation.keyword.as_str()) {
        (true, _) => ("VALUE_IS_NULL", format!("{path} must not be null")),
        (false, "type") if path == "filter" => {
            ("VALUE_ISNOT_MAP", format!("{path} type must be Map"))
        }
        (false, "type") => ("TYPE_MISMATCH", mismatch(&path, violation)),
        (false, _) => ("INVALID", format!("{path} {}", violation.message)),
    };
    ValidationResult {
        path,
        code,
        message,
    }
}

fn mismatch(path: &str, violation: &Violation) -> String {
    let expected = original_type(allowed(violation));
    let found = match violation.found {
        Kind::Null => "null",
        Kind::Boolean => "boolean",
        Kind::Number => "long",
        Kind::String => "string",
        Kind::Array => "array",
        Kind::Object => "map",
    };
    format!("{path} type must be {expected} but found {found}")
}

/// The first allowed type besides `null`, in JSON Schema's words.
fn allowed(violation: &Violation) -> &str {
    let name = match &violation.expected {
        Some(Value::String(name)) => Some(name.as_str()),
        Some(Value::Array(names)) => {
            let mut names = names.iter().filter_map(Value::as_str);
            names.find(|name| *name != "null")
        }
        _ => None,
    };
    name.unwrap_or_default()
}

/// JSON Schema's types in the original's words.
fn original_type(name: &str) -> &str {
    match name {
        "integer" | "number" => "long",
        "object" => "map",
        name => name,
    }
}

fn reply(status: u16, value: &impl Serialize) -> Reply {
    // Plain structures of texts and numbers always become JSON.
    let text = serde_json::to_string(value).unwrap_or_default();
    let body = Json::parse(&text).unwrap_or_default();
    let mut reply = Reply::new();
    reply.json(status, "application/json", &body);
    reply
}
