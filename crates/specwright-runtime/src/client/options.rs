//! What holds for the calls of one incoming request.

use std::fmt;
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::credentials::Credentials;

/// What holds for some calls only: a deadline, headers, credentials, a label for the log.
#[derive(Clone, Default)]
pub struct CallOptions {
    pub(super) label: Option<String>,
    pub(super) deadline: Option<Instant>,
    pub(super) timeout: Option<Duration>,
    pub(super) headers: HeaderMap,
    pub(super) credentials: Vec<(String, Credentials)>,
}

impl CallOptions {
    /// No option.
    pub fn new() -> Self {
        Self::default()
    }

    /// The calls belong to this request: they end when it must be answered, and the log names it.
    #[cfg(feature = "server")]
    pub fn within(self, context: &crate::context::Context) -> Self {
        let labelled = self.labelled(context.request_id());
        match context.deadline() {
            Some(deadline) => labelled.deadline(deadline),
            None => labelled,
        }
    }

    /// Names the calls in the log, as its field `request_id`: the id of the request that they are
    /// made for. It is not sent.
    pub fn labelled(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The calls end at this time, or earlier.
    pub fn deadline(mut self, deadline: Instant) -> Self {
        self.deadline = Some(self.deadline.map_or(deadline, |known| known.min(deadline)));
        self
    }

    /// Each call ends after this time, or earlier.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(self.timeout.map_or(timeout, |known| known.min(timeout)));
        self
    }

    /// Sends a header, instead of the client's own of this name; a header parameter of the
    /// contract goes before it.
    ///
    /// # Errors
    ///
    /// The name or the value cannot be sent.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, InvalidHeader> {
        let (name, value) = header(name, value)?;
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Proves who calls, instead of the client's own credentials for the scheme of this name.
    pub fn credentials(
        mut self,
        scheme: impl Into<String>,
        credentials: impl Into<Credentials>,
    ) -> Self {
        self.credentials.push((scheme.into(), credentials.into()));
        self
    }
}

impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers may hold secrets, so that only their names are shown.
        let headers: Vec<&str> = self.headers.keys().map(HeaderName::as_str).collect();
        f.debug_struct("CallOptions")
            .field("label", &self.label)
            .field("deadline", &self.deadline)
            .field("timeout", &self.timeout)
            .field("headers", &headers)
            .finish_non_exhaustive()
    }
}

/// A header that cannot be sent. It names the header and never shows its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidHeader {
    name: String,
}

impl fmt::Display for InvalidHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the header {:?} cannot be sent: its name must be a token and its value must be \
             without control characters (RFC 9110, section 5)",
            self.name
        )
    }
}

impl std::error::Error for InvalidHeader {}

pub(super) fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), InvalidHeader> {
    let invalid = || InvalidHeader {
        name: name.to_owned(),
    };
    let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid())?;
    let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| invalid())?;
    Ok((key, value))
}
