//! Why a request is not carried out, and the hook by which an API words that itself.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::endpoint::Reply;
use crate::explain::Violation;
use crate::fault::{Fault, FaultKind};
use crate::operation::Operation;
use crate::security::Denied;

/// Why a request is not carried out.
#[derive(Debug)]
pub enum Rejection {
    /// No operation has this path: 404.
    NotFound,
    /// The path has other methods: 405.
    MethodNotAllowed {
        /// The value of the header `Allow`, sorted.
        allow: String,
    },
    /// The client accepts nothing that the operation sends: 406.
    NotAcceptable {
        /// What the operation sends.
        offered: Vec<&'static str>,
    },
    /// The body has a media type that the operation does not read: 415.
    UnsupportedMediaType {
        /// What the operation reads.
        declared: Vec<&'static str>,
        /// What came.
        got: Option<String>,
    },
    /// The body has a content encoding or charset that cannot be read: 415.
    UnsupportedEncoding {
        /// `content encoding` or `charset`.
        what: &'static str,
        /// What came.
        got: String,
    },
    /// The body is not the one whose digest the header `Content-MD5` holds: 400.
    BadDigest,
    /// The body is too large: 413.
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The address of the request is too long: 414.
    UriTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// The headers are too large: 431.
    HeadersTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// A header that may come once came several times: 400.
    Repeated {
        /// Its name.
        header: &'static str,
    },
    /// The body did not come whole in time: 408.
    RequestTimeout,
    /// The body is not what its media type promises: 400.
    Malformed(Malformed),
    /// The request breaks the contract: 400. Every violation is here.
    Invalid(Vec<Violation>),
    /// There are no credentials, or wrong ones: 401.
    Unauthorized {
        /// The values of the headers `WWW-Authenticate`.
        challenges: Vec<String>,
        /// Whether the first credentials of some alternative were there.
        presented: bool,
    },
    /// The credentials do not suffice: 403.
    Forbidden {
        /// The values of the headers `WWW-Authenticate`: what a bearer token would need.
        challenges: Vec<String>,
        /// The scopes that are missing.
        missing: Vec<&'static str>,
        /// Whose credentials they are, if that is known.
        client: Option<String>,
    },
    /// The operation did not finish in time: 503.
    Timeout,
    /// Something that the service needs is out of reach: 503.
    Unavailable(Fault),
    /// The service failed: 500.
    Fault(Fault),
    /// The operation is still to be written: 501.
    NotImplemented,
}

/// Where and why a body stops being what its media type promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// In bytes from the start.
    pub offset: usize,
    /// From one.
    pub line: usize,
    /// In characters from one.
    pub column: usize,
    /// What is wrong, as a sentence part.
    pub reason: &'static str,
}

impl Malformed {
    /// A fault at this offset of `body`.
    pub fn at(body: &[u8], offset: usize, reason: &'static str) -> Self {
        let before = body.get(..offset).unwrap_or(body);
        let line_start = before
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |at| at + 1);
        let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
        let rest = before.get(line_start..).unwrap_or_default();
        // Continuation bytes are no characters of their own.
        let column = rest.iter().filter(|&&byte| byte & 0xc0 != 0x80).count() + 1;
        Self {
            offset,
            line,
            column,
            reason,
        }
    }
}

impl Rejection {
    /// Its status.
    pub fn status(&self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::MethodNotAllowed { .. } => 405,
            Self::NotAcceptable { .. } => 406,
            Self::UnsupportedMediaType { .. } | Self::UnsupportedEncoding { .. } => 415,
            Self::BadDigest | Self::Malformed(_) | Self::Invalid(_) | Self::Repeated { .. } => 400,
            Self::RequestTimeout => 408,
            Self::TooLarge { .. } => 413,
            Self::UriTooLong { .. } => 414,
            Self::HeadersTooLarge { .. } => 431,
            Self::Unauthorized { .. } => 401,
            Self::Forbidden { .. } => 403,
            Self::Timeout | Self::Unavailable(_) => 503,
            Self::Fault(_) => 500,
            Self::NotImplemented => 501,
        }
    }

    /// What happened, in a sentence for the client.
    pub fn detail(&self) -> String {
        match self {
            Self::NotFound => "There is nothing at this path.".to_owned(),
            Self::MethodNotAllowed { allow } => format!("This path answers to {allow}."),
            Self::NotAcceptable { offered } => {
                format!("The answer can be had as {}.", offered.join(", "))
            }
            Self::UnsupportedMediaType { declared, got } => match got {
                Some(got) => format!("The body is {got}; send {}.", declared.join(" or ")),
                None => format!(
                    "The body has no Content-Type; send {}.",
                    declared.join(" or ")
                ),
            },
            Self::UnsupportedEncoding { what, got } => {
                format!("The {what} {got} of the body cannot be read.")
            }
            Self::BadDigest => "Content-MD5 is not the digest of this body.".to_owned(),
            Self::TooLarge { limit } => format!("A body may have {limit} bytes."),
            Self::UriTooLong { limit } => format!("An address may have {limit} bytes."),
            Self::HeadersTooLarge { limit } => format!("Headers may have {limit} bytes."),
            Self::Repeated { header } => format!("The header {header} may come once."),
            Self::RequestTimeout => "The body did not come whole in time.".to_owned(),
            Self::Malformed(at) => {
                format!(
                    "The body cannot be read at line {}, column {}: {}.",
                    at.line, at.column, at.reason
                )
            }
            Self::Invalid(violations) => match violations.len() {
                1 => "The request breaks the contract in one place.".to_owned(),
                count => format!("The request breaks the contract in {count} places."),
            },
            Self::Unauthorized { .. } => "Valid credentials are needed.".to_owned(),
            Self::Forbidden { missing, .. } if missing.is_empty() => {
                "The credentials do not allow this.".to_owned()
            }
            Self::Forbidden { missing, .. } => {
                format!("The credentials lack the scopes {}.", missing.join(", "))
            }
            Self::Timeout => "The service did not finish in time; try again later.".to_owned(),
            Self::Unavailable(_) => "The service is not available; try again later.".to_owned(),
            Self::Fault(_) => "The service failed; its log says why.".to_owned(),
            Self::NotImplemented => "This operation is not implemented yet.".to_owned(),
        }
    }
}

impl From<Fault> for Rejection {
    fn from(fault: Fault) -> Self {
        if let Some(rejection) = crate::body::broken_off(fault.cause()) {
            return rejection;
        }
        match fault.kind() {
            FaultKind::Internal => Self::Fault(fault),
            FaultKind::Unavailable => Self::Unavailable(fault),
            FaultKind::NotImplemented => Self::NotImplemented,
        }
    }
}

impl From<Denied> for Rejection {
    fn from(denied: Denied) -> Self {
        denied.into_rejection(Vec::new())
    }
}

/// What a wording knows of the request.
pub struct RequestInfo<'a> {
    /// The method.
    pub method: &'a http::Method,
    /// The path as it was sent.
    pub path: &'a str,
    /// The operation, once it is known.
    pub operation: Option<&'static Operation>,
    /// The id of the request.
    pub request_id: &'a str,
    /// Who asks, where the credentials are right, also when they do not suffice.
    pub client: Option<&'a str>,
    /// The body as JSON, of a request that breaks the contract and has such a body.
    pub body: Option<&'a str>,
}

// What a log shows must not let its readers in: a body may have secrets.
impl fmt::Debug for RequestInfo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut info = f.debug_struct("RequestInfo");
        info.field("method", &self.method)
            .field("path", &self.path)
            .field("operation", &self.operation.map(|operation| operation.id))
            .field("request_id", &self.request_id)
            .field("client", &self.client);
        info.finish_non_exhaustive()
    }
}

/// The words for a rejection, once they are found.
pub type Worded<'a> = Pin<Box<dyn Future<Output = Reply> + Send + 'a>>;

/// How an API words its rejections.
///
/// Headers that a status asks for (`Allow`, `Connection`, `WWW-Authenticate`) are added to whatever
/// is said here, unless it has them already. The status need not be that of the rejection.
pub trait Wording: Send + Sync {
    /// Words one rejection.
    fn word(&self, rejection: &Rejection, request: &RequestInfo<'_>) -> Reply;

    /// The same for an API that has to wait for something first, such as the number under which it
    /// keeps the rejection. The time limit of the operation is over by then.
    fn word_later<'a>(
        &'a self,
        rejection: &'a Rejection,
        request: &'a RequestInfo<'a>,
    ) -> Worded<'a> {
        Box::pin(std::future::ready(self.word(rejection, request)))
    }
}
