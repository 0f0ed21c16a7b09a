//! HTTP/1.1 and HTTP/2 over pooled connections.

use std::error::Error;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Request, Uri, Version};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::transport::{Failure, Sending, Transport, TransportError};
use crate::stream::ByteStream;

#[cfg(feature = "client-tls")]
type Connector = hyper_rustls::HttpsConnector<HttpConnector>;
#[cfg(not(feature = "client-tls"))]
type Connector = HttpConnector;

/// How long a connection may be idle before it is closed: less than servers commonly allow, so
/// that a request rarely meets a connection that is closing.
const IDLE: Duration = Duration::from_secs(30);

/// HTTP/1.1 and, where TLS agrees on it, HTTP/2, over pooled connections.
#[derive(Clone)]
pub struct Http {
    scheme: Scheme,
    authority: Authority,
    prefix: String,
    client: Client<Connector, Outgoing>,
}

impl Http {
    /// Connects to an origin: `https://api.example.com`. A path is put in front of every path.
    ///
    /// With the feature `client-tls`, certificates are checked against those that the operating
    /// system trusts.
    ///
    /// # Errors
    ///
    /// The address is no origin, or asks for TLS where there is none.
    pub fn new(origin: &str) -> Result<Self, InvalidOrigin> {
        let origin = Origin::parse(origin)?;
        let connector = origin.connector()?;
        Ok(Self::over(origin, connector, false))
    }

    /// The same by HTTP/2 from the first byte, as both sides know beforehand that they speak it
    /// (RFC 9113, section 3.3).
    ///
    /// # Errors
    ///
    /// As of [`Http::new`].
    pub fn http2(origin: &str) -> Result<Self, InvalidOrigin> {
        let origin = Origin::parse(origin)?;
        let connector = origin.connector()?;
        Ok(Self::over(origin, connector, true))
    }

    /// The same with TLS set up by the caller: other roots, or a certificate of its own.
    ///
    /// # Errors
    ///
    /// As of [`Http::new`].
    #[cfg(feature = "client-tls")]
    pub fn with_tls(origin: &str, tls: rustls::ClientConfig) -> Result<Self, InvalidOrigin> {
        let origin = Origin::parse(origin)?;
        Ok(Self::over(origin, secured(tls), false))
    }

    fn over(origin: Origin, connector: Connector, http2: bool) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .http2_only(http2)
            .build(connector);
        Self {
            scheme: origin.scheme,
            authority: origin.authority,
            prefix: origin.prefix,
            client,
        }
    }

    fn uri(&self, path: &Uri) -> Result<Uri, http::Error> {
        let path = path.path_and_query().map_or("/", PathAndQuery::as_str);
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(format!("{}{path}", self.prefix))
            .build()
    }
}

fn plain() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    // Requests go out whole, so that there is nothing to wait for.
    connector.set_nodelay(true);
    connector
}

#[cfg(feature = "client-tls")]
fn secured(tls: rustls::ClientConfig) -> Connector {
    hyper_rustls::HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .enable_http2()
        .wrap_connector(plain())
}

/// What an address says.
struct Origin {
    scheme: Scheme,
    authority: Authority,
    prefix: String,
}

impl Origin {
    fn parse(text: &str) -> Result<Self, InvalidOrigin> {
        let invalid = |reason| InvalidOrigin { reason };
        let uri: Uri = text
            .parse()
            .map_err(|_| invalid("it is no address such as `https://api.example.com`"))?;
        let parts = uri.into_parts();
        let scheme = parts
            .scheme
            .filter(|scheme| scheme == &Scheme::HTTP || scheme == &Scheme::HTTPS);
        let scheme =
            scheme.ok_or_else(|| invalid("it begins with neither http:// nor https://"))?;
        let authority = parts.authority.ok_or_else(|| invalid("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(invalid(
                "it holds credentials; give them by `Client::credentials`",
            ));
        }
        let path = parts.path_and_query;
        if path.as_ref().is_some_and(|path| path.query().is_some()) {
            return Err(invalid("it has a query"));
        }
        let prefix = path.as_ref().map_or("", PathAndQuery::path);
        Ok(Self {
            scheme,
            authority,
            prefix: prefix.trim_end_matches('/').to_owned(),
        })
    }

    #[cfg(feature = "client-tls")]
    fn connector(&self) -> Result<Connector, InvalidOrigin> {
        use hyper_rustls::ConfigBuilderExt as _;
        let invalid = |reason| InvalidOrigin { reason };
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let builder = rustls::ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .map_err(|_| invalid("TLS cannot be set up"))?;
        let tls = if self.scheme == Scheme::HTTPS {
            builder
                .with_native_roots()
                .map_err(|_| invalid("the operating system trusts no certificates"))?
                .with_no_client_auth()
        } else {
            builder
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth()
        };
        Ok(secured(tls))
    }

    #[cfg(not(feature = "client-tls"))]
    fn connector(&self) -> Result<Connector, InvalidOrigin> {
        if self.scheme == Scheme::HTTPS {
            return Err(InvalidOrigin {
                reason: "https needs the feature `client-tls` of specwright-runtime",
            });
        }
        Ok(plain())
    }
}

impl Transport for Http {
    fn send(&self, request: Request<ByteStream>) -> Sending {
        let uri = self.uri(request.uri());
        let (mut parts, body) = request.into_parts();
        let client = self.client.clone();
        Box::pin(async move {
            parts.uri = uri.map_err(|error| TransportError::new(Failure::Unreachable, error))?;
            parts.version = Version::HTTP_11;
            let request = Request::from_parts(parts, Outgoing(Some(body)));
            let response = client.request(request).await.map_err(failed)?;
            Ok(response.map(|body| ByteStream::new(Pieces(body))))
        })
    }

    fn peer(&self) -> String {
        format!("{}://{}{}", self.scheme, self.authority, self.prefix)
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Http").field(&self.peer()).finish()
    }
}

fn failed(error: legacy::Error) -> TransportError {
    if error.is_connect() {
        return TransportError::new(Failure::Unreachable, error);
    }
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(cause) = next {
        if cause.downcast_ref().is_some_and(hyper::Error::is_parse) {
            return TransportError::new(Failure::Garbled, error);
        }
        next = cause.source();
    }
    TransportError::new(Failure::Broken, error)
}

/// A body on its way out; none once a stream has failed.
struct Outgoing(Option<ByteStream>);

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut TaskContext<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let Some(stream) = &mut self.0 else {
            return Poll::Ready(None);
        };
        Pin::new(stream)
            .poll_next(context)
            .map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        let bytes = self.0.as_ref().and_then(ByteStream::in_memory);
        bytes.is_some_and(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        match self.0.as_ref().and_then(ByteStream::in_memory) {
            Some(bytes) => SizeHint::with_exact(u64::try_from(bytes.len()).unwrap_or(u64::MAX)),
            None => SizeHint::default(),
        }
    }
}

/// A body on its way in, piece by piece.
struct Pieces(Incoming);

impl Stream for Pieces {
    type Item = io::Result<Bytes>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut TaskContext<'_>,
    ) -> Poll<Option<Self::Item>> {
        loop {
            let frame = match Pin::new(&mut self.0).poll_frame(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Some(Err(io::Error::other(error))));
                }
                Poll::Ready(Some(Ok(frame))) => frame,
            };
            // Trailers say nothing that a contract could declare.
            if let Ok(data) = frame.into_data() {
                return Poll::Ready(Some(Ok(data)));
            }
        }
    }
}

/// An address that is no origin. It does not show the address, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidOrigin {
    reason: &'static str,
}

impl fmt::Display for InvalidOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the address cannot be called: {}", self.reason)
    }
}

impl Error for InvalidOrigin {}
