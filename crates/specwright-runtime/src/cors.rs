//! Which pages of other origins may call an API (Fetch Standard, CORS protocol).

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use poem::Response;

/// Which pages of other origins may call an API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cors {
    /// None.
    #[default]
    Off,
    /// Those of these origins: `https://example.com`.
    Origins(Vec<String>),
    /// All.
    Any,
}

/// What a page may read beside what it may always read (Fetch Standard, CORS-safelisted
/// response-header name): the headers that APIs answer with by their contracts, or this runtime does.
const EXPOSED: &str =
    "Allow, Deprecation, ETag, Link, Location, Retry-After, Sunset, WWW-Authenticate";

/// How long browsers may remember a permission, in seconds.
const MAX_AGE_S: &str = "600";

impl Cors {
    fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(header::ORIGIN)?;
        match self {
            Self::Off => None,
            Self::Any => Some(HeaderValue::from_static("*")),
            Self::Origins(origins) => {
                let known = origins
                    .iter()
                    .any(|known| known.as_bytes() == origin.as_bytes());
                known.then(|| origin.clone())
            }
        }
    }

    /// What an answer must say so that the page may see it.
    pub(crate) fn of(&self, method: &Method, headers: &HeaderMap) -> Option<Permission> {
        if *self == Self::Off {
            return None;
        }
        Some(Permission {
            origin: self.allowed(headers),
            varies: matches!(self, Self::Origins(_)),
            preflight: preflight(method, headers).is_some(),
            headers: headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned(),
        })
    }
}

/// The method for which a preflight asks for leave; `None` when the request is none.
pub(crate) fn preflight<'h>(method: &Method, headers: &'h HeaderMap) -> Option<&'h str> {
    if method != Method::OPTIONS || !headers.contains_key(header::ORIGIN) {
        return None;
    }
    let wanted = headers.get(header::ACCESS_CONTROL_REQUEST_METHOD)?;
    wanted.to_str().ok()
}

/// The headers that a page may read, that with the request's id among them.
fn exposed(id: Option<&HeaderName>) -> HeaderValue {
    let with_id = id.and_then(|id| HeaderValue::from_str(&format!("{EXPOSED}, {id}")).ok());
    with_id.unwrap_or_else(|| HeaderValue::from_static(EXPOSED))
}

/// What a page may do.
pub(crate) struct Permission {
    origin: Option<HeaderValue>,
    varies: bool,
    preflight: bool,
    headers: Option<HeaderValue>,
}

impl Permission {
    /// Whether the request asks for leave only.
    pub(crate) fn is_preflight(&self) -> bool {
        self.preflight
    }

    /// Adds the permission to an answer; to one with `Allow`, that of its methods too. `id` is the
    /// header with the request's id.
    pub(crate) fn grant(self, response: &mut Response, id: Option<&HeaderName>) {
        let headers = response.headers_mut();
        if self.varies {
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
        }
        let Some(origin) = self.origin else {
            return;
        };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if !self.preflight {
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed(id));
            return;
        }
        if let Some(methods) = headers.get(header::ALLOW).cloned() {
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
        }
        if let Some(requested) = self.headers {
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, requested);
        }
        headers.insert(
            header::ACCESS_CONTROL_MAX_AGE,
            HeaderValue::from_static(MAX_AGE_S),
        );
    }
}
