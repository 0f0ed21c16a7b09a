//! What generated clients call, and what their users see of it.
//!
//! A generated client is made over a [`Client`], and a [`Client`] over a [`Transport`]: [`Http`],
//! or `InProcess`, which hands requests to a mounted API without opening a socket. What is set on
//! a [`Client`] holds for every call; [`CallOptions`] hold for the calls of one incoming request.
//!
//! A call ends at its deadline, whatever the other side does. When the connection fails, a call
//! that is idempotent is tried again, up to the allowed number of attempts, after a pause that
//! grows and is jittered; the first try is not an attempt. A call is not tried again once a part
//! of its answer has reached the caller, nor when its body is a stream.

mod answer;
mod draft;
mod encode;
mod error;
mod form;
mod http_transport;
#[cfg(feature = "server")]
mod in_process;
mod options;
mod pacing;
mod path;
mod problem;
mod send;
mod transport;
mod tree;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;

use crate::credentials::Credentials;
use crate::operation::Operation;

pub use answer::{Answer, AnswerHead};
pub use draft::Draft;
pub use error::{ClientError, ErrorKind};
pub use http_transport::{Http, InvalidOrigin};
#[cfg(feature = "server")]
pub use in_process::InProcess;
pub use options::{CallOptions, InvalidHeader};
pub use pacing::{Pacing, RealPacing};
pub use problem::{Problem, ProblemEntry};
pub use transport::{Failure, Sending, Transport, TransportError};

/// How an API is called.
///
/// It is cheap to clone; clones share the transport and its connections.
#[derive(Clone)]
pub struct Client {
    settings: Arc<Settings>,
    options: Arc<CallOptions>,
}

#[derive(Clone)]
struct Settings {
    transport: Arc<dyn Transport>,
    base: Option<String>,
    timeout: Option<Duration>,
    attempts: u32,
    backoff: Duration,
    answer_bytes: usize,
    headers: HeaderMap,
    credentials: Vec<(String, Credentials)>,
    pacing: Arc<dyn Pacing>,
}

impl Client {
    /// A client over a transport: calls end after 30 seconds, connections are tried again up to
    /// twice, first after about 50 ms, and answers that are read whole have up to 8 MiB.
    pub fn new(transport: impl Transport) -> Self {
        Self {
            settings: Arc::new(Settings {
                transport: Arc::new(transport),
                base: None,
                timeout: Some(Duration::from_secs(30)),
                attempts: 2,
                backoff: Duration::from_millis(50),
                answer_bytes: 8 << 20,
                headers: HeaderMap::new(),
                credentials: Vec::new(),
                pacing: Arc::new(RealPacing::default()),
            }),
            options: Arc::new(CallOptions::new()),
        }
    }

    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }

    /// Puts this in front of every path, instead of the path of the contract's first server.
    pub fn base(self, base: impl Into<String>) -> Self {
        let base = base.into();
        self.set(|settings| settings.base = Some(base))
    }

    /// The same, unless a base is set already: what generated clients do.
    #[doc(hidden)]
    pub fn default_base(self, base: &str) -> Self {
        match self.settings.base {
            Some(_) => self,
            None => self.base(base),
        }
    }

    /// Gives up on a call after this time, attempts and pauses included; never, when it is `None`.
    pub fn timeout(self, timeout: impl Into<Option<Duration>>) -> Self {
        let timeout = timeout.into();
        self.set(|settings| settings.timeout = timeout)
    }

    /// How often a failed connection is tried again; the first try is not an attempt.
    pub fn attempts(self, most: u32) -> Self {
        self.set(|settings| settings.attempts = most)
    }

    /// How long to wait before the first attempt. Each further pause is twice as long, up to two
    /// seconds; of each, between a half and the whole is waited.
    pub fn backoff(self, first: Duration) -> Self {
        self.set(|settings| settings.backoff = first)
    }

    /// Refuses answers that are larger than this, in bytes. Answers that come as streams are not
    /// held in memory, and not limited.
    pub fn answer_bytes(self, most: usize) -> Self {
        self.set(|settings| settings.answer_bytes = most)
    }

    /// Sends a header with every call; a header parameter of the contract goes before it.
    ///
    /// # Errors
    ///
    /// The name or the value cannot be sent.
    pub fn header(self, name: &str, value: &str) -> Result<Self, InvalidHeader> {
        let (name, value) = options::header(name, value)?;
        Ok(self.set(|settings| {
            settings.headers.insert(name, value);
        }))
    }

    /// Proves who calls, where the contract asks for the security scheme of this name.
    pub fn credentials(
        self,
        scheme: impl Into<String>,
        credentials: impl Into<Credentials>,
    ) -> Self {
        let (scheme, credentials) = (scheme.into(), credentials.into());
        self.set(|settings| {
            settings.credentials.retain(|(known, _)| *known != scheme);
            settings.credentials.push((scheme, credentials));
        })
    }

    /// Tells the time, waits and jitters this way.
    pub fn pacing(self, pacing: impl Pacing) -> Self {
        self.set(|settings| settings.pacing = Arc::new(pacing))
    }

    /// The same client for calls under these options, which replace those it had.
    pub fn with(&self, options: CallOptions) -> Self {
        Self {
            settings: Arc::clone(&self.settings),
            options: Arc::new(options),
        }
    }

    /// A request in the making.
    #[doc(hidden)]
    pub fn draft(&self, operation: &'static Operation) -> Draft {
        Draft::new(self.clone(), operation)
    }

    /// The credentials for a scheme: those of the call before those of the client.
    fn credentials_for(&self, scheme: &str) -> Option<&Credentials> {
        let all = self.options.credentials.iter();
        let mut all = all.chain(&self.settings.credentials);
        all.find(|(name, _)| name == scheme)
            .map(|(_, credentials)| credentials)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers may hold secrets, so that only their names are shown.
        let headers: Vec<&str> = self
            .settings
            .headers
            .keys()
            .map(|name| name.as_str())
            .collect();
        f.debug_struct("Client")
            .field("peer", &self.settings.transport.peer())
            .field("base", &self.settings.base)
            .field("timeout", &self.settings.timeout)
            .field("attempts", &self.settings.attempts)
            .field("headers", &headers)
            .finish_non_exhaustive()
    }
}
