//! What is told about requests when they are over: metrics and the log.

use std::time::Duration;

use http::Method;

/// A request that is over.
#[derive(Clone, Debug)]
pub struct Observation {
    /// The API; empty when no API knows the path.
    pub api: &'static str,
    /// The operation, if there is one at this path with this method.
    pub operation: Option<&'static str>,
    /// The method.
    pub method: Method,
    /// The status of the answer.
    pub status: u16,
    /// The time from the head of the request to the head of the answer.
    pub duration: Duration,
}

/// Somebody who counts requests.
pub trait Observer: Send + Sync {
    /// A request is over.
    fn observed(&self, observation: &Observation);
}
