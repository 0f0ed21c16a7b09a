//! The names that requests have in logs.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::HeaderName;
use poem::Request;

use crate::params;

/// The longest id that is taken over from a request, in bytes.
const MAX_ID: usize = 128;

/// Where the id of a request comes from.
#[derive(Clone)]
pub struct RequestIds {
    headers: Vec<HeaderName>,
    queries: Vec<String>,
    echo: Option<HeaderName>,
    fresh: Arc<dyn Fn() -> Arc<str> + Send + Sync>,
}

/// A number as 16 hexadecimal digits. Every request needs one, and formatting costs ten times as
/// much.
fn hex(number: u64) -> [u8; 16] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [b'0'; 16];
    for (pair, byte) in text.chunks_exact_mut(2).zip(number.to_be_bytes()) {
        pair.copy_from_slice(&[
            DIGITS[usize::from(byte >> 4)],
            DIGITS[usize::from(byte & 15)],
        ]);
    }
    text
}

impl Default for RequestIds {
    /// The header `X-Request-Id`, else a fresh one; the answer has it in the same header.
    fn default() -> Self {
        let counter = AtomicU64::new(0);
        let keys = RandomState::new();
        // The first half tells processes apart, the second one the requests of each.
        let mut text = [0; 32];
        text[..16].copy_from_slice(&hex(RandomState::new().hash_one(0)));
        let fresh = move || {
            let number = counter.fetch_add(1, Ordering::Relaxed);
            let mut text = text;
            text[16..].copy_from_slice(&hex(keys.hash_one(number)));
            std::str::from_utf8(&text).unwrap_or_default().into()
        };
        Self {
            headers: vec![HeaderName::from_static("x-request-id")],
            queries: Vec::new(),
            echo: Some(HeaderName::from_static("x-request-id")),
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
        self.fresh = Arc::new(move || fresh().into());
        self
    }

    /// Whether this parameter of the query is looked into.
    pub(crate) fn reads_query(&self, name: &str) -> bool {
        self.queries.iter().any(|known| known == name)
    }

    /// Looks into this parameter of the query first; several are tried in order.
    pub fn with_query(mut self, name: &str) -> Self {
        self.queries.push(name.to_owned());
        self
    }

    /// Looks into this header after those of the query, and before `X-Request-Id`; what is no name
    /// of a header is found in no request.
    pub fn with_header(mut self, name: &str) -> Self {
        if let Ok(name) = name.parse() {
            let last = self.headers.len().saturating_sub(1);
            self.headers.insert(last, name);
        }
        self
    }

    /// Answers with the id in this header; in none, when it is `None`.
    pub fn with_echo(mut self, name: Option<&str>) -> Self {
        self.echo = name.and_then(|name| name.parse().ok());
        self
    }

    pub(crate) fn echo(&self) -> Option<&HeaderName> {
        self.echo.as_ref()
    }

    pub(crate) fn of(&self, request: &Request) -> Arc<str> {
        let query = request.uri().query().unwrap_or_default();
        let queries = self.queries.iter();
        let from_query = queries.filter_map(|name| params::query_value(query, name));
        if let Some(id) = from_query.filter(|id| is_sane(id)).map(Arc::from).next() {
            return id;
        }
        let headers = self.headers.iter();
        let values = headers.filter_map(|name| request.headers().get(name)?.to_str().ok());
        match values.filter(|id| is_sane(id)).map(Arc::from).next() {
            Some(id) => id,
            None => (self.fresh)(),
        }
    }
}

/// Whether an id can stand in logs and headers as it is.
fn is_sane(id: &str) -> bool {
    !id.is_empty() && id.len() <= MAX_ID && id.bytes().all(|byte| byte.is_ascii_graphic())
}
