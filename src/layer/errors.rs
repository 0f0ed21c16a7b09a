//! The one error handler: every rejection and every failure in one shape.

use std::marker::PhantomData;

use specwright_runtime::private::{Reply, Write};
use specwright_runtime::{Rejection, RequestInfo, Violation, Wording};

/// How the challenge of a 401 reads.
const CHALLENGE: &str = "Client-ID-Enforcement";

/// An error, before it is one of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong, for programs.
    pub code: String,
    /// What went wrong, for people.
    pub message: String,
    /// The status of the answer.
    pub status: u16,
    /// Pointer and message of every violation of the contract.
    pub details: Vec<(String, String)>,
    /// The transaction.
    pub transaction_id: String,
}

impl Failure {
    fn new(status: u16, code: impl Into<String>, message: &str, transaction_id: &str) -> Self {
        Self {
            code: code.into(),
            message: message.to_owned(),
            status,
            details: Vec::new(),
            transaction_id: transaction_id.to_owned(),
        }
    }

    /// There is no such session or business stream.
    pub fn not_found(what: &str, transaction_id: &str) -> Self {
        let message = format!("There is no such {what}");
        Self::new(404, "SESSIONS:NOT_FOUND", &message, transaction_id)
    }

    /// Something that this part needs, or the part itself, cannot be reached.
    pub fn connectivity(part: &str, transaction_id: &str) -> Self {
        let message = format!("{part} cannot be reached; try again later");
        Self::new(
            503,
            format!("{part}:CONNECTIVITY"),
            &message,
            transaction_id,
        )
    }

    /// There was no answer in time.
    pub fn timeout(transaction_id: &str) -> Self {
        let message = "There was no answer in time; try again later";
        Self::new(504, "SESSIONS:TIMEOUT", message, transaction_id)
    }

    /// A layer further down finds the request wrong, by pointer and message of each violation.
    pub fn rejected(details: Vec<(String, String)>, transaction_id: &str) -> Self {
        Self {
            details,
            ..Self::new(400, "APIKIT:BAD_REQUEST", "Bad request", transaction_id)
        }
    }

    /// What a rejection comes to in this part.
    pub fn of(rejection: &Rejection, part: &str, transaction_id: &str) -> Self {
        let kit = |name: &str, message: &str| {
            let status = rejection.status();
            Self::new(status, format!("APIKIT:{name}"), message, transaction_id)
        };
        match rejection {
            Rejection::NotFound => kit("NOT_FOUND", "Resource not found"),
            Rejection::MethodNotAllowed { .. } => kit("METHOD_NOT_ALLOWED", "Method not allowed"),
            Rejection::NotAcceptable { .. } => kit("NOT_ACCEPTABLE", "Not acceptable"),
            Rejection::UnsupportedMediaType { .. } | Rejection::UnsupportedEncoding { .. } => {
                kit("UNSUPPORTED_MEDIA_TYPE", "Unsupported media type")
            }
            Rejection::Invalid(violations) => Self {
                details: violations.iter().map(detail).collect(),
                ..kit("BAD_REQUEST", "Bad request")
            },
            Rejection::BadDigest | Rejection::Malformed(_) | Rejection::Repeated { .. } => {
                kit("BAD_REQUEST", "Bad request")
            }
            Rejection::RequestTimeout => kit("REQUEST_TIMEOUT", "Request timeout"),
            Rejection::TooLarge { .. } => kit("PAYLOAD_TOO_LARGE", "Payload too large"),
            Rejection::UriTooLong { .. } => kit("URI_TOO_LONG", "URI too long"),
            Rejection::HeadersTooLarge { .. } => kit("HEADERS_TOO_LARGE", "Headers too large"),
            Rejection::Unauthorized { .. } => kit("UNAUTHORIZED", "Unauthorized"),
            Rejection::Forbidden { .. } => kit("FORBIDDEN", "Forbidden"),
            Rejection::NotImplemented => kit("NOT_IMPLEMENTED", "Not implemented"),
            Rejection::Timeout => Self::timeout(transaction_id),
            Rejection::Unavailable(_) => Self::connectivity(part, transaction_id),
            Rejection::Fault(_) => {
                let code = format!("{part}:INTERNAL");
                Self::new(500, code, "The service failed", transaction_id)
            }
        }
    }
}

fn detail(violation: &Violation) -> (String, String) {
    (violation.pointer.clone(), violation.message.clone())
}

/// The errors of a contract: how a failure reads there, and how turned away clients do.
pub trait Worded: Send + Sync + 'static {
    /// The part that fails, as in `EPS:CONNECTIVITY`.
    const PART: &'static str;
    /// A failure.
    type Error: From<Failure> + Write;
    /// Why a client is turned away.
    type Refusal: Write;
    /// What a client without an id is told, and what one with wrong credentials.
    fn refusal(presented: bool) -> Self::Refusal;
}

/// The error handler of a contract.
pub struct Handler<W>(PhantomData<W>);

impl<W: Worded> Handler<W> {
    /// The one for these errors.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<W: Worded> Default for Handler<W> {
    fn default() -> Self {
        Self::new()
    }
}

impl<W: Worded> Wording for Handler<W> {
    fn word(&self, rejection: &Rejection, request: &RequestInfo<'_>) -> Reply {
        let mut reply = Reply::new();
        if let Rejection::Unauthorized { presented, .. } = rejection {
            reply.header("WWW-Authenticate", CHALLENGE);
            reply.json(401, "application/json", &W::refusal(*presented));
            return reply;
        }
        let failure = Failure::of(rejection, W::PART, request.request_id);
        let status = failure.status;
        reply.json(status, "application/json", &W::Error::from(failure));
        reply
    }
}

/// Makes the generated types of the `contract` in scope those of its errors.
macro_rules! worded {
    ($name:ident, $part:literal) => {
        /// The errors of this contract.
        pub struct $name;

        const _: () = {
            impl From<$crate::layer::errors::Failure> for contract::Error {
                fn from(failure: $crate::layer::errors::Failure) -> Self {
                    let details = failure.details.into_iter();
                    let details: Vec<_> = details
                        .map(|(pointer, message)| contract::ErrorDetail { pointer, message })
                        .collect();
                    Self {
                        code: failure.code,
                        message: failure.message,
                        status: failure.status.into(),
                        details: Some(details).filter(|details| !details.is_empty()),
                        transaction_id: failure.transaction_id,
                    }
                }
            }

            impl $crate::layer::errors::Worded for $name {
                const PART: &'static str = $part;
                type Error = contract::Error;
                type Refusal = contract::CredentialsError;

                fn refusal(presented: bool) -> contract::CredentialsError {
                    use contract::CredentialsErrorError as Why;
                    contract::CredentialsError {
                        error: match presented {
                            false => Why::ClientIdIsNotPresent,
                            true => Why::InvalidClient,
                        },
                    }
                }
            }
        };
    };
}

pub(crate) use worded;
