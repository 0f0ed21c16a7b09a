//! The names that requests have in logs.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use poem::Request;

use crate::params;

/// The longest id that is taken over from a request, in bytes.
const MAX_ID: usize = 128;

/// Where the id of a request comes from.
#[derive(Clone)]
pub struct RequestIds {
    headers: Vec<String>,
    queries: Vec<String>,
    echo: Option<String>,
    fresh: Arc<dyn Fn() -> String + Send + Sync>,
}

/// The numbers as 32 hexadecimal digits. Every request needs one, and formatting costs ten times
/// as much.
fn hex(numbers: [u64; 2]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let mut text = String::with_capacity(32);
    for number in numbers {
        for shift in (0..64).step_by(4).rev() {
            text.push(DIGITS[(number >> shift) as usize % 16]);
        }
    }
    text
}

impl Default for RequestIds {
    /// The header `X-Request-Id`, else a fresh one; the answer has it in the same header.
    fn default() -> Self {
        let counter = AtomicU64::new(0);
        let keys = [RandomState::new(), RandomState::new()];
        let fresh = move || {
            let number = counter.fetch_add(1, Ordering::Relaxed);
            let [high, low] = &keys;
            hex([high.hash_one(number), low.hash_one(number)])
        };
        Self {
            headers: vec!["x-request-id".to_owned()],
            queries: Vec::new(),
            echo: Some("x-request-id".to_owned()),
            fresh: Arc::new(fresh),
        }
    }
}

impl fmt::Debug for RequestIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut ids = f.debug_struct("RequestIds");
        ids.field("headers", &self.headers)
            .field("queries", &self.queries);
        ids.field("echo", &self.echo).finish_non_exhaustive()
    }
}

impl RequestIds {
    /// With another source of fresh ids.
    pub fn with_fresh(mut self, fresh: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.fresh = Arc::new(fresh);
        self
    }

    /// Looks into this parameter of the query first; several are tried in order.
    pub fn with_query(mut self, name: &str) -> Self {
        self.queries.push(name.to_owned());
        self
    }

    /// Looks into this header after those of the query, and before `X-Request-Id`.
    pub fn with_header(mut self, name: &str) -> Self {
        let last = self.headers.len().saturating_sub(1);
        self.headers.insert(last, name.to_owned());
        self
    }

    /// Answers with the id in this header; in none, when it is `None`.
    pub fn with_echo(mut self, name: Option<&str>) -> Self {
        self.echo = name.map(ToOwned::to_owned);
        self
    }

    pub(crate) fn echo(&self) -> Option<&str> {
        self.echo.as_deref()
    }

    pub(crate) fn of(&self, request: &Request) -> Arc<str> {
        let query = request.uri().query().unwrap_or_default();
        let queries = self.queries.iter();
        let from_query = queries.filter_map(|name| params::query_value(query, name));
        if let Some(id) = from_query.filter(|id| is_sane(id)).map(Arc::from).next() {
            return id;
        }
        let headers = self.headers.iter().filter_map(|name| request.header(name));
        match headers.filter(|id| is_sane(id)).map(Arc::from).next() {
            Some(id) => id,
            None => (self.fresh)().into(),
        }
    }
}

/// Whether an id can stand in logs and headers as it is.
fn is_sane(id: &str) -> bool {
    !id.is_empty() && id.len() <= MAX_ID && id.bytes().all(|byte| byte.is_ascii_graphic())
}
