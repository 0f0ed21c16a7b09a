//! Changes that leave a trace: who did what to which resource, and with what outcome.
//!
//! Every API that people answer for makes its changes here. One change is made at a time, so that
//! the rules it checks hold until it is durable; its entry in the audit trail and the record of its
//! `Idempotency-Key` are part of the same transaction.

pub mod store;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Who is named in the audit trail for a change made without a client's credentials.
pub const NOBODY: &str = "(nobody)";

/// Who is named in the audit trail for a change made on the command line.
pub const OPERATOR: &str = "(operator)";

/// A change that is asked for.
#[derive(Clone, Debug)]
pub struct Change {
    /// Who asks: a client's id, [`NOBODY`] or [`OPERATOR`].
    pub client_id: String,
    /// The operation, by the name that its contract gives it.
    pub operation: String,
    /// The path of the resource; of the collection, when the resource is new.
    pub target: String,
    /// The id of the request in the log.
    pub request_id: String,
    /// When it was asked for.
    pub at: DateTime<Utc>,
    /// How a repetition is recognised, if the client wants that.
    pub repeat: Option<Repeat>,
}

/// How the repetition of a request is recognised.
#[derive(Clone, Debug)]
pub struct Repeat {
    /// The `Idempotency-Key`.
    pub key: String,
    /// What tells this request from others.
    pub fingerprint: String,
}

impl Repeat {
    /// A request with this key for this resource, with this content.
    pub fn new(key: String, target: &str, content: &impl Serialize) -> Self {
        // Plain structures of texts and numbers always become JSON.
        let content = serde_json::to_vec(content).unwrap_or_default();
        let mut bytes = target.as_bytes().to_vec();
        bytes.push(0);
        bytes.extend(content);
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes);
        let fingerprint = digest.as_ref().iter();
        Self {
            key,
            fingerprint: fingerprint.map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

/// A change that was made.
#[derive(Clone, Debug)]
pub struct Made<T> {
    /// What the client is told.
    pub value: T,
    /// The status of the answer.
    pub status: u16,
    /// The path of the resource, where it is known only now.
    pub target: Option<String>,
}

impl<T> Made<T> {
    /// A change of the resource that was named.
    pub fn new(status: u16, value: T) -> Self {
        Self {
            value,
            status,
            target: None,
        }
    }

    /// A change that brought forth this resource.
    pub fn created(target: String, value: T) -> Self {
        Self {
            value,
            status: 201,
            target: Some(target),
        }
    }
}

/// What a client is told of a change, and is told again when it repeats the request.
pub trait Answer: Serialize + DeserializeOwned + Send + 'static {
    /// Whether it shows a secret, so that it may not be kept.
    const SHOWS_SECRET: bool = false;
}

/// A rule that a value breaks: its field, and what is said of it.
pub type Broken = (&'static str, String);

/// Why a change is not made. Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such resource: 404.
    NotFound {
        /// What kind of resource.
        kind: &'static str,
        /// Its number.
        id: i64,
    },
    /// Values break rules: 400. Field and message of each.
    Invalid(Vec<Broken>),
    /// It is not to be done here, or now: 400.
    NotAllowed(&'static str),
    /// The resource has changed since the client looked: 412.
    Stale,
    /// The `Idempotency-Key` stands for another request, or its answer was not kept: 409.
    KeyUsed(&'static str),
    /// There are no credentials where some are needed: 401.
    Unauthorized,
    /// The credentials do not suffice: 403.
    Forbidden,
}

impl Refusal {
    /// One value that breaks a rule.
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Refusal::Invalid(vec![(field, message.into())])
    }

    /// The status of the answer.
    pub fn status(&self) -> u16 {
        match self {
            Refusal::NotFound { .. } => 404,
            Refusal::Invalid(_) | Refusal::NotAllowed(_) => 400,
            Refusal::Stale => 412,
            Refusal::KeyUsed(_) => 409,
            Refusal::Unauthorized => 401,
            Refusal::Forbidden => 403,
        }
    }
}

/// An entry of the audit trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Counts from 1, in the order of the changes.
    pub number: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub client_id: String,
    /// What.
    pub operation: String,
    /// To which resource.
    pub target: String,
    /// The status of the answer.
    pub outcome: i64,
    /// The id of the request in the log.
    pub request_id: String,
}

/// Which entries of the audit trail to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those of this client.
    pub client_id: Option<String>,
    /// Those of this operation.
    pub operation: Option<String>,
    /// Those of resources whose path begins so.
    pub target: Option<String>,
    /// Those with this outcome.
    pub outcome: Option<i64>,
    /// Those at or after this time.
    pub since: Option<DateTime<Utc>>,
    /// Those before this time.
    pub until: Option<DateTime<Utc>>,
}
