//! What a service may know of a request beyond its contract.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::uri::Scheme;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Uri};

use crate::operation::{Method, Operation};
use crate::security::Grant;
use crate::{negotiate, params};

/// The circumstances of a request.
#[derive(Debug)]
pub struct Context {
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) extensions: Extensions,
    pub(crate) request_id: Arc<str>,
    pub(crate) operation: &'static Operation,
    pub(crate) deadline: Option<Instant>,
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) scheme: Scheme,
    pub(crate) grants: Vec<(&'static str, Grant)>,
}

static UNKNOWN: Operation = Operation {
    id: "test",
    method: Method::Get,
    path: "/",
    tags: &[],
    deprecated: false,
    parameters: &[],
    body: None,
    responses: &[],
    security: &[],
};

impl Context {
    /// A context for tests of a service: no headers, no deadline, the request id `test`.
    pub fn for_test() -> Self {
        Self {
            uri: Uri::default(),
            headers: HeaderMap::new(),
            extensions: Extensions::new(),
            request_id: "test".into(),
            operation: &UNKNOWN,
            deadline: None,
            peer: None,
            scheme: Scheme::HTTP,
            grants: Vec::new(),
        }
    }

    /// The same with a header; one that cannot be sent is left out.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(value),
        ) {
            self.headers.append(name, value);
        }
        self
    }

    /// The same with a grant, as if the credentials of this scheme had been accepted.
    pub fn with_grant(mut self, scheme: &'static str, grant: Grant) -> Self {
        self.grants.push((scheme, grant));
        self
    }

    /// The same with data, to be had by [`Context::data`].
    pub fn with_data<T: Clone + Send + Sync + 'static>(mut self, data: T) -> Self {
        self.extensions.insert(data);
        self
    }

    /// The id by which logs name this request.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The operation.
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// The address of the request as it was sent.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The first header of this name, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// When the answer is due.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// How much time is left until then; zero when it has passed.
    pub fn remaining(&self) -> Option<Duration> {
        self.deadline
            .map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// What the credentials of a security scheme granted.
    pub fn grant(&self, scheme: &str) -> Option<&Grant> {
        self.grants
            .iter()
            .find(|(name, _)| *name == scheme)
            .map(|(_, grant)| grant)
    }

    /// The address of the other end of the connection.
    pub fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// Whether the client takes this media type.
    pub fn accepts(&self, media_type: &str) -> bool {
        negotiate::accepts(&self.headers, media_type)
    }

    /// Data that something in front of the API left with the request.
    pub fn data<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.extensions.get()
    }

    pub(crate) fn query_value(&self, name: &str) -> Option<String> {
        params::query_value(self.uri.query()?, name)
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        params::cookies(&self.headers)
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
    }
}
