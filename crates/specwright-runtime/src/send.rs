//! The last steps of an answer: headers that belong to the status, compression, CORS, `HEAD`.

use http::{HeaderValue, Method, StatusCode, Version, header};
use poem::{Body, Request, Response};

use crate::body;
use crate::conditional::{self, Known};
use crate::cors::Permission;
use crate::endpoint::Reply;
use crate::mount::Settings;
use crate::negotiate::{self, Coding};
use crate::rejection::Rejection;
use crate::respond::Head;
use crate::stream::ByteStream;

/// Bodies that are smaller than this are not worth compressing, in bytes.
pub(crate) const COMPRESS_FROM: usize = 1024;

/// What an answer takes over from its request.
pub(crate) struct Outgoing {
    coding: Coding,
    /// The answers that the client has.
    known: Known,
    permission: Option<Permission>,
}

impl Outgoing {
    pub(crate) fn of(settings: &Settings, request: &Request) -> Self {
        let headers = request.headers();
        let coding = if settings.compression {
            negotiate::coding(headers)
        } else {
            Coding::Identity
        };
        Self {
            coding,
            known: Known::of(headers),
            permission: settings.cors.of(request.method(), headers),
        }
    }

    /// Whether the request asks whether a page may send another one.
    pub(crate) fn is_preflight(&self) -> bool {
        let permission = self.permission.as_ref();
        permission.is_some_and(Permission::is_preflight)
    }
}

/// Adds the headers that a status asks for, unless the wording has set them.
pub(crate) fn complete(reply: &mut Reply, rejection: &Rejection, version: Version) {
    match rejection {
        // What comes of the body after all must not be taken for the next request. HTTP/2 ends
        // the stream alone, and has no such header (RFC 9113, section 8.2.2).
        Rejection::RequestTimeout
            if version < Version::HTTP_2 && !reply.has_header(&header::CONNECTION) =>
        {
            reply.header("connection", "close");
        }
        Rejection::MethodNotAllowed { allow } if !reply.has_header(&header::ALLOW) => {
            reply.header("allow", allow);
        }
        Rejection::Unauthorized { challenges, .. } | Rejection::Forbidden { challenges, .. }
            if !reply.has_header(&header::WWW_AUTHENTICATE) =>
        {
            for challenge in challenges {
                reply.header("www-authenticate", challenge);
            }
        }
        _ => {}
    }
}

/// Turns an answer into what is sent.
pub(crate) async fn send(settings: &Settings, head: &mut Head, mut reply: Reply) -> Response {
    let media_type = reply
        .media_type
        .as_ref()
        .and_then(|value| value.to_str().ok());
    let shrinks = settings.compression
        && media_type.is_some_and(negotiate::is_compressible)
        && !reply.has_header(&header::CONTENT_ENCODING)
        && reply
            .body
            .in_memory()
            .is_none_or(|bytes| bytes.len() >= COMPRESS_FROM);
    let is_head = head.method == Method::HEAD;
    let is_known = settle_condition(&mut reply, head, shrinks);
    let shrinks = shrinks && !is_known;
    let length = reply.body.in_memory().map(bytes::Bytes::len);
    let mut response = if shrinks {
        shrink(reply, head.outgoing.coding).await
    } else {
        reply.into_response()
    };
    if let Some(echo) = settings.ids.echo()
        && let Ok(id) = HeaderValue::from_str(&head.request_id)
    {
        response.headers_mut().insert(echo.clone(), id);
    }
    announce_end(settings, head, &mut response);
    if let Some(permission) = head.outgoing.permission.take() {
        permission.grant(&mut response, settings.ids.echo());
    }
    if is_head {
        // RFC 9110, section 9.3.2: the headers are those of GET, the body stays away.
        // Section 8.6: 204 has no Content-Length, and that of 304 would be that of the 200.
        let has_length = !matches!(
            response.status(),
            StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
        );
        let headers = response.headers_mut();
        let has_length = has_length && !headers.contains_key(header::CONTENT_ENCODING);
        if let Some(length) = length.filter(|_| has_length) {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        response.set_body(Body::empty());
    }
    response
}

/// Says since when the operation is deprecated, and until when it answers.
fn announce_end(settings: &Settings, head: &Head, response: &mut Response) {
    let Some(operation) = head.operation else {
        return;
    };
    let mut lifecycles = settings.lifecycles.iter();
    let Some(lifecycle) = lifecycles.find(|one| std::ptr::eq(one.operation, operation)) else {
        return;
    };
    let headers = response.headers_mut();
    if let Some(deprecation) = lifecycle.deprecation {
        headers.insert("deprecation", HeaderValue::from_static(deprecation));
    }
    if let Some(sunset) = lifecycle.sunset {
        headers.insert("sunset", HeaderValue::from_static(sunset));
    }
}

/// Tags an answer that can be asked for again, and takes its body away when the client has it
/// already: 304.
fn settle_condition(reply: &mut Reply, head: &Head, shrinks: bool) -> bool {
    let Some(cache_control) = reply.cache_control else {
        return false;
    };
    let coding = head.outgoing.coding.name().filter(|_| shrinks);
    let Some(tag) = conditional::tag(reply, coding) else {
        return false;
    };
    let is_known = head.outgoing.known.has(&tag);
    if is_known {
        reply.empty(304);
    }
    let mut add = |name, value| reply.headers.push((name, value));
    if is_known && shrinks {
        add(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    add(
        header::CACHE_CONTROL,
        HeaderValue::from_static(cache_control),
    );
    add(header::ETAG, tag);
    is_known
}

async fn shrink(mut reply: Reply, coding: Coding) -> Response {
    let name = coding.name();
    let mut sent = None;
    if name.is_some() {
        match reply.body.in_memory() {
            // An encoder takes kilobytes, which an answer that needs none must not carry along.
            Some(bytes) => match Box::pin(body::compress(bytes, coding)).await {
                Ok(bytes) => sent = Some(Body::from_vec(bytes)),
                Err(error) => tracing::error!(%error, "an answer cannot be compressed"),
            },
            None => {
                let stream = std::mem::replace(&mut reply.body, ByteStream::from(""));
                sent = Some(body::compress_stream(stream, coding));
            }
        }
    }
    let mut response = reply.into_response();
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if let (Some(body), Some(name)) = (sent, name) {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        response.set_body(body);
    }
    response
}
