//! Why a call has no declared answer.

use std::error::Error;
use std::fmt;

use super::problem::Problem;
use super::transport::TransportError;
use crate::explain::Violation;
use crate::operation::Operation;

/// How much of an answer an error shows, in characters.
pub(super) const EXCERPT: usize = 200;

/// Why a call has no declared answer.
///
/// Its text names the operation by method and path template and the other end by its origin; it
/// never holds the values of parameters, headers or credentials.
pub struct ClientError(Box<Inner>);

struct Inner {
    operation: &'static Operation,
    peer: String,
    kind: ErrorKind,
}

/// What went wrong with a call.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// What was given cannot be sent; nothing was.
    Unsendable {
        /// Where, as a JSON Pointer: `/query/year`, `/body`; `/security` for credentials.
        pointer: String,
        /// Why, as a sentence part.
        reason: String,
    },
    /// The connection failed, and so did every allowed attempt at another one.
    Connection {
        /// Attempts that were made; the first try is not one.
        attempts: u32,
        /// How the last try failed.
        cause: TransportError,
    },
    /// The answer did not come in time.
    Deadline {
        /// Attempts that were made; the first try is not one.
        attempts: u32,
    },
    /// The server refused the request with problem details that the contract does not declare for
    /// this operation.
    Rejected {
        /// The status.
        status: u16,
        /// The problem details.
        problem: Box<Problem>,
    },
    /// The contract does not declare the status.
    UnexpectedStatus {
        /// The status.
        status: u16,
        /// The media type of the answer.
        media_type: Option<String>,
        /// The start of the body.
        excerpt: String,
    },
    /// The contract declares the status, and not with this media type.
    UnexpectedMediaType {
        /// The status.
        status: u16,
        /// What came.
        media_type: Option<String>,
        /// What the contract declares.
        declared: Vec<&'static str>,
        /// The start of the body.
        excerpt: String,
    },
    /// The body or a header of the answer does not fit the contract.
    Undecodable {
        /// The status.
        status: u16,
        /// Everything that is wrong, with pointers such as `/body/id` and `/header/location`.
        violations: Vec<Violation>,
        /// The start of the body.
        excerpt: String,
    },
    /// The answer is larger than the client allows.
    TooLarge {
        /// The status.
        status: u16,
        /// What the client allows, in bytes.
        limit: usize,
    },
}

impl ClientError {
    pub(super) fn new(operation: &'static Operation, peer: String, kind: ErrorKind) -> Self {
        Self(Box::new(Inner {
            operation,
            peer,
            kind,
        }))
    }

    /// What went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The operation that was called.
    pub fn operation(&self) -> &'static Operation {
        self.0.operation
    }

    /// The status of the answer, if one came.
    pub fn status(&self) -> Option<u16> {
        match self.kind() {
            ErrorKind::Rejected { status, .. }
            | ErrorKind::UnexpectedStatus { status, .. }
            | ErrorKind::UnexpectedMediaType { status, .. }
            | ErrorKind::Undecodable { status, .. }
            | ErrorKind::TooLarge { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The problem details, if the server sent some.
    pub fn problem(&self) -> Option<&Problem> {
        match self.kind() {
            ErrorKind::Rejected { problem, .. } => Some(problem),
            _ => None,
        }
    }

    /// Whether the other side could not be talked to: it may be back soon.
    pub fn is_connection(&self) -> bool {
        matches!(self.kind(), ErrorKind::Connection { .. })
    }

    /// Whether the answer did not come in time.
    pub fn is_deadline(&self) -> bool {
        matches!(self.kind(), ErrorKind::Deadline { .. })
    }
}

impl fmt::Debug for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientError")
            .field("operation", &self.0.operation.id)
            .field("peer", &self.0.peer)
            .field("kind", &self.0.kind)
            .finish()
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.0.operation;
        let method = operation.method.as_str();
        write!(f, "{method} {} at {}: ", operation.path, self.0.peer)?;
        self.0.kind.fmt(f)
    }
}

impl Error for ClientError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self.kind() {
            ErrorKind::Connection { cause, .. } => cause.source(),
            _ => None,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsendable { pointer, reason } => {
                write!(f, "{pointer} cannot be sent: {reason}")
            }
            Self::Connection { attempts, cause } => {
                write!(f, "{cause}{}; is it running?", after(*attempts))
            }
            Self::Deadline { attempts } => write!(
                f,
                "no answer in time{}; allow more time, or find out what it waits for",
                after(*attempts)
            ),
            Self::Rejected { status, problem } => write!(f, "refused with {status}: {problem}"),
            Self::UnexpectedStatus {
                status,
                media_type,
                excerpt,
            } => write!(
                f,
                "it answered {status}, which the contract does not declare, with {}{}; is the \
                 address right, and the contract the server's?",
                named(media_type.as_deref()),
                shown(excerpt)
            ),
            Self::UnexpectedMediaType {
                status,
                media_type,
                declared,
                excerpt,
            } => write!(
                f,
                "it answered {status} with {}{}, where the contract declares {}",
                named(media_type.as_deref()),
                shown(excerpt),
                declared.join(", ")
            ),
            Self::Undecodable {
                status,
                violations,
                excerpt,
            } => {
                write!(f, "the answer {status} breaks the contract: ")?;
                list(f, violations)?;
                f.write_str(&shown(excerpt))
            }
            Self::TooLarge { status, limit } => write!(
                f,
                "the answer {status} is larger than {limit} bytes; raise `Client::answer_bytes` \
                 if that is right"
            ),
        }
    }
}

/// The first violations.
fn list(f: &mut fmt::Formatter<'_>, violations: &[Violation]) -> fmt::Result {
    for (index, violation) in violations.iter().take(3).enumerate() {
        let between = if index == 0 { "" } else { "; " };
        let pointer = shorten(&violation.pointer, EXCERPT);
        write!(
            f,
            "{between}{pointer} {}",
            shorten(&violation.message, EXCERPT)
        )?;
    }
    if violations.len() > 3 {
        write!(f, "; and {} more", violations.len() - 3)?;
    }
    Ok(())
}

fn after(attempts: u32) -> String {
    match attempts {
        0 => String::new(),
        1 => ", nor by another attempt".to_owned(),
        more => format!(", nor by {more} more attempts"),
    }
}

fn named(media_type: Option<&str>) -> String {
    media_type.map_or_else(|| "no media type".to_owned(), |name| shorten(name, EXCERPT))
}

fn shown(excerpt: &str) -> String {
    if excerpt.is_empty() {
        String::new()
    } else {
        format!(" ({excerpt})")
    }
}

/// The start of a body, fit for a line of a log.
pub(super) fn excerpt(body: &[u8]) -> String {
    let start = body.get(..EXCERPT * 4).unwrap_or(body);
    let text = shorten(&String::from_utf8_lossy(start), EXCERPT);
    if text.is_empty() {
        text
    } else {
        format!("\"{text}\"")
    }
}

/// At most so many characters, without control characters.
pub(super) fn shorten(text: &str, most: usize) -> String {
    let mut short: String = text
        .chars()
        .take(most)
        .map(|one| if one.is_control() { ' ' } else { one })
        .collect();
    if text.chars().nth(most).is_some() {
        short.push('…');
    }
    short
}
