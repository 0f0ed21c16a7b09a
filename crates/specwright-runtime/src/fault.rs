//! What a service returns when it cannot do what was asked: the log learns why, the client does not.

use std::error::Error;
use std::fmt;

/// A failure of the service itself.
///
/// It comes from any error by `?`. The client sees its status and nothing else; the log gets the
/// whole chain of causes, once, with the id of the request.
pub struct Fault(Box<Inner>);

struct Inner {
    kind: FaultKind,
    cause: Box<dyn Error + Send + Sync>,
}

/// How a fault is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// 500
    Internal,
    /// 503
    Unavailable,
    /// 501
    NotImplemented,
}

impl Fault {
    fn of(kind: FaultKind, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Box::new(Inner {
            kind,
            cause: cause.into(),
        }))
    }

    /// The service fails: 500. What `?` does with any error.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::of(FaultKind::Internal, cause)
    }

    /// Something that the service needs is out of reach, and may be back soon: 503.
    pub fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::of(FaultKind::Unavailable, cause)
    }

    /// The operation is still to be written: 501.
    pub fn not_implemented() -> Self {
        Self::of(
            FaultKind::NotImplemented,
            "the operation is not implemented",
        )
    }

    /// How it is answered.
    pub fn kind(&self) -> FaultKind {
        self.0.kind
    }

    /// What went wrong.
    pub fn cause(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.0.cause
    }

    /// The cause and its causes in one line, for the log.
    pub fn chain(&self) -> String {
        let mut text = self.0.cause.to_string();
        let mut next = self.0.cause.source();
        while let Some(cause) = next {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            next = cause.source();
        }
        text
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fault({:?}: {})", self.0.kind, self.chain())
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for Fault {
    fn from(cause: E) -> Self {
        Self::internal(cause)
    }
}
