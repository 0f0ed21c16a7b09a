//! Requests handed to a mounted API, without a socket.

use std::fmt;
use std::sync::Arc;

use http::{HeaderValue, Request, Response, Version, header};
use poem::endpoint::{BoxEndpoint, EndpointExt};
use poem::{Endpoint, IntoResponse};

use super::transport::{Sending, Transport};
use crate::stream::ByteStream;

/// Hands requests to an endpoint in the same process: a mounted API, a
/// [`Host`](crate::Host), or either behind an [`Arc`].
///
/// The endpoint sees what it would see of a connection, and checks everything again.
#[derive(Clone)]
pub struct InProcess {
    endpoint: Arc<BoxEndpoint<'static>>,
}

impl InProcess {
    /// Hands requests to this endpoint.
    pub fn new<E>(endpoint: E) -> Self
    where
        E: Endpoint + 'static,
        E::Output: IntoResponse,
    {
        Self {
            endpoint: Arc::new(endpoint.map_to_response().boxed()),
        }
    }
}

impl Transport for InProcess {
    fn send(&self, request: Request<ByteStream>) -> Sending {
        let endpoint = Arc::clone(&self.endpoint);
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let mut request = poem::Request::builder()
                .method(parts.method)
                .uri(parts.uri)
                .version(Version::HTTP_11)
                .finish();
            let announced = body.in_memory().is_some();
            *request.headers_mut() = parts.headers;
            if !announced {
                let chunked = HeaderValue::from_static("chunked");
                let headers = request.headers_mut();
                headers.insert(header::TRANSFER_ENCODING, chunked);
            }
            request.set_body(body.into_body());
            let response = endpoint.get_response(request).await;
            Ok(received(response))
        })
    }

    fn peer(&self) -> String {
        "this process".to_owned()
    }
}

fn received(response: poem::Response) -> Response<ByteStream> {
    let (parts, body) = response.into_parts();
    let mut received = Response::new(ByteStream::new(body.into_bytes_stream()));
    *received.status_mut() = parts.status;
    *received.headers_mut() = parts.headers;
    received
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}
