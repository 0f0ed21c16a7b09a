//! The header `Host`: whom a request is for (RFC 9112, section 3.2).

use http::{HeaderValue, Request, Version, header};
use poem::Response;

use crate::origin::authority;
use crate::problem::{MEDIA_TYPE, ProblemDetails};
use crate::reply::Reply;

/// What is wrong with the `Host` of a request: "A server MUST respond with a 400 (Bad Request) status
/// code to any HTTP/1.1 request message that lacks a Host header field and to any request message
/// that contains more than one Host header field line or a Host header field with an invalid field
/// value."
pub(crate) fn fault<B>(request: &Request<B>) -> Option<&'static str> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let Some(host) = hosts.next() else {
        let needed = request.version() == Version::HTTP_11;
        return needed.then_some("A request needs the header Host.");
    };
    if hosts.next().is_some() {
        return Some("The header Host may come once.");
    }
    let text = host.to_str().ok();
    let fits = text.is_some_and(|text| text.is_empty() || authority(text).is_some());
    (!fits).then_some("The header Host is no host with or without a port.")
}

/// The answer to a request that does not say whom it is for, and so belongs to no API.
pub(crate) fn refused(detail: &str, version: Version, request_id: &str) -> Response {
    let problem = ProblemDetails {
        status: 400,
        detail,
        request_id,
        errors: &[],
    };
    let mut reply = Reply::new();
    reply.json(problem.status, MEDIA_TYPE, &problem);
    let mut response = reply.into_response();
    // Where two programs may read different hosts, they may see different ends of requests too.
    if version < Version::HTTP_2 {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(version: Version, hosts: &[&str]) -> bool {
        let mut request = Request::new(());
        *request.version_mut() = version;
        for host in hosts {
            let host = HeaderValue::from_bytes(host.as_bytes()).expect("a header");
            request.headers_mut().append(header::HOST, host);
        }
        fault(&request).is_some()
    }

    #[test]
    fn one_host_is_named() {
        for fits in [
            "a",
            "",
            "example.org:8080",
            "[::1]:80",
            "127.0.0.1",
            "a_b.test",
        ] {
            assert!(!is_refused(Version::HTTP_11, &[fits]), "{fits}");
        }
        for refused in ["a b", "a/b", "u@a", "http://a", "ä", "[::1"] {
            assert!(is_refused(Version::HTTP_11, &[refused]), "{refused}");
        }
        for version in [Version::HTTP_10, Version::HTTP_11, Version::HTTP_2] {
            assert!(is_refused(version, &["a", "a"]), "{version:?}");
            assert_eq!(
                is_refused(version, &[]),
                version == Version::HTTP_11,
                "{version:?}"
            );
        }
    }
}
