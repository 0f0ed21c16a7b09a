//! What carries requests and answers.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

use http::{Request, Response};

use crate::stream::ByteStream;

/// The head of an answer to be; its body follows as a stream.
pub type Sending =
    Pin<Box<dyn Future<Output = Result<Response<ByteStream>, TransportError>> + Send>>;

/// Carries requests to an API.
pub trait Transport: Send + Sync + 'static {
    /// Sends a request whose address is a path with a query. Dropping the future takes it back as
    /// far as that is possible.
    fn send(&self, request: Request<ByteStream>) -> Sending;

    /// Who is at the other end, for error messages; it holds no secret.
    fn peer(&self) -> String;
}

/// What went wrong between the two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// There is no connection: refused, no such host, no agreement on TLS.
    Unreachable,
    /// The connection ended before the answer did.
    Broken,
    /// What came is no HTTP.
    Garbled,
}

/// Why there is no answer, or not all of it.
#[derive(Debug)]
pub struct TransportError {
    failure: Failure,
    cause: Box<dyn Error + Send + Sync>,
}

impl TransportError {
    /// A failure and its cause.
    pub fn new(failure: Failure, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            failure,
            cause: cause.into(),
        }
    }

    /// What went wrong.
    pub fn failure(&self) -> Failure {
        self.failure
    }

    /// Whether the connection failed, so that another one may help.
    pub fn is_connection(&self) -> bool {
        self.failure != Failure::Garbled
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.failure {
            Failure::Unreachable => "it cannot be reached",
            Failure::Broken => "the connection broke before the answer was complete",
            Failure::Garbled => "what came back is no HTTP",
        })
    }
}

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.cause)
    }
}
