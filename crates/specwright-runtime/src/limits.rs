//! What requests may cost.

use poem::Request;

use crate::rejection::Rejection;

/// Limits of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest body, in bytes after decoding: 2 MiB unless set.
    pub body_bytes: usize,
    /// The longest path with its query, in bytes: 16 KiB unless set.
    pub uri_bytes: usize,
    /// The largest sum of the names and values of headers, in bytes: 64 KiB unless set.
    pub header_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 2 << 20,
            uri_bytes: 16 << 10,
            header_bytes: 64 << 10,
        }
    }
}

impl Limits {
    /// Refuses a head that is too large.
    pub(crate) fn check(&self, request: &Request) -> Result<(), Rejection> {
        let uri = request.uri();
        if uri.path().len() + uri.query().map_or(0, str::len) > self.uri_bytes {
            return Err(Rejection::UriTooLong {
                limit: self.uri_bytes,
            });
        }
        let headers = request.headers().iter();
        let bytes: usize = headers
            .map(|(name, value)| name.as_str().len() + value.len())
            .sum();
        if bytes > self.header_bytes {
            return Err(Rejection::HeadersTooLarge {
                limit: self.header_bytes,
            });
        }
        Ok(())
    }
}
