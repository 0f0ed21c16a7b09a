//! Several APIs on one server, wordings of their own, metrics.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::archive::{Archive, ArchiveApi, DeleteNotesResponse};
use crate::shop::{Service, request, send, shop};
use poem::Body;
use poem::http::Method;
use specwright_runtime::{
    Context, Fault, Host, Observation, Observer, Rejection, Reply, RequestIds, RequestInfo,
    Wording, mount,
};

/// The service of an API that knows one of the shop's paths.
struct Attic;

impl Archive for Attic {
    async fn delete_notes(&self, _context: &Context) -> Result<DeleteNotesResponse, Fault> {
        Ok(DeleteNotesResponse::NoContent)
    }
}

/// Says the status and the path, as text.
struct Terse;

impl Wording for Terse {
    fn word(&self, rejection: &Rejection, request: &RequestInfo<'_>) -> Reply {
        let mut reply = Reply::new();
        let status = rejection.status();
        let text = format!("{status} {} {}", request.path, request.request_id);
        reply.text(status, "text/plain", text);
        reply
    }
}

#[derive(Default)]
struct Log(Mutex<Vec<String>>);

impl Observer for Log {
    fn observed(&self, seen: &Observation) {
        let line = format!("{} {:?} {}", seen.api, seen.operation, seen.status);
        if let Ok(mut lines) = self.0.lock() {
            lines.push(line);
        }
    }
}

async fn get(host: &Host, target: &str) -> (u16, String) {
    let request = request(Method::GET, target)
        .header("X-Request-Id", "r")
        .finish();
    let response = host.respond(request).await;
    let status = response.status().as_u16();
    (
        status,
        response.into_body().into_string().await.unwrap_or_default(),
    )
}

#[tokio::test]
async fn a_slash_at_the_end_makes_no_difference_where_that_is_wished() {
    let strict = Host::new().add(shop());
    assert_eq!(get(&strict, "/v1/orders/latest/").await.0, 404);
    let lenient = Host::new().add(shop().trailing_slash(true));
    let latest = get(&lenient, "/v1/orders/latest").await;
    assert_eq!(get(&lenient, "/v1/orders/latest/").await, latest);
    assert_eq!(get(&lenient, "/v1/orders/latest//").await.0, 404);
    assert_eq!(get(&lenient, "/v1/notes/").await.0, 405);
    assert_eq!(get(&lenient, "/").await.0, 404);
}

#[tokio::test]
async fn paths_belong_to_apis() {
    let log = Arc::new(Log::default());
    let mount = shop().wording(Terse).claims("/v1").metrics(log.clone());
    let host = Host::new()
        .page("/hello", "text/plain", "hi")
        .add(mount)
        .metrics(log.clone());
    assert_eq!(get(&host, "/hello").await, (200, "hi".to_owned()));
    assert_eq!(get(&host, "/v1/orders/latest").await, (200, "r".to_owned()));
    assert_eq!(
        get(&host, "/v1/none").await,
        (404, "404 /v1/none r".to_owned())
    );
    assert_eq!(
        get(&host, "/v1/notes").await,
        (405, "405 /v1/notes r".to_owned())
    );
    let (status, text) = get(&host, "/v10/none").await;
    assert_eq!(status, 404);
    assert!(text.contains("about:blank"));
    let lines = log.0.lock().map(|lines| lines.clone()).unwrap_or_default();
    let expected = [
        "shop Some(\"get_latest\") 200",
        "shop None 404",
        "shop None 405",
        " None 404",
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn pages_are_compressed_and_not_sent_twice() {
    let text: &str = Box::leak("a page of some length, ".repeat(100).into_boxed_str());
    let host = Host::new()
        .page("/long", "text/plain", text)
        .page("/short", "text/plain", "hi");
    let ask = async |method: Method, path: &str, name: &str, value: &str| {
        let request = request(method, path).header(name, value).finish();
        let (parts, body) = host.respond(request).await.into_parts();
        (parts, body.into_vec().await.unwrap_or_default())
    };
    let mut tags = Vec::new();
    for coding in ["identity", "gzip", "br"] {
        let (head, body) = ask(Method::GET, "/long", "Accept-Encoding", coding).await;
        assert_eq!(head.headers["vary"], "Accept-Encoding");
        let encoding = head.headers.get("content-encoding");
        assert_eq!(
            encoding.map_or("identity".as_bytes(), |name| name.as_bytes()),
            coding.as_bytes()
        );
        assert_eq!(
            body.len() < text.len() / 4,
            coding != "identity",
            "{coding}"
        );
        let length = body.len().to_string();
        let (head_only, nothing) = ask(Method::HEAD, "/long", "Accept-Encoding", coding).await;
        assert_eq!(head_only.headers["content-length"], length.as_str());
        assert!(nothing.is_empty());
        tags.push(head.headers["etag"].to_str().unwrap_or_default().to_owned());
    }
    tags.dedup();
    assert_eq!(tags.len(), 3, "{tags:?}");
    let (known, body) = ask(Method::GET, "/long", "If-None-Match", &tags[0]).await;
    assert_eq!((known.status.as_u16(), body.len()), (304, 0));
    assert_eq!(known.headers["vary"], "Accept-Encoding");
    // The client has another form of it.
    let (other, body) = ask(Method::GET, "/long", "If-None-Match", &tags[1]).await;
    assert_eq!((other.status.as_u16(), body.len()), (200, text.len()));
    let (short, body) = ask(Method::GET, "/short", "Accept-Encoding", "gzip").await;
    assert!(!short.headers.contains_key("content-encoding") && !short.headers.contains_key("vary"));
    assert_eq!(body, b"hi");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_told_in_the_words_of_its_api() {
    let mount = shop().wording(Terse).timeout(Duration::from_millis(20));
    let (_open, body) = tokio::io::duplex(8);
    let request = request(Method::POST, "/notes")
        .header("X-Request-Id", "r")
        .header("Content-Type", "text/plain")
        .body(Body::from_async_read(body));
    let answer = send(&mount, request).await;
    assert_eq!(answer.text(), "408 /notes r");
    assert_eq!(answer.header("connection"), "close");
}

/// The status of an answer, its `Allow`, and its body.
async fn ask(host: &Host, method: Method, target: &str) -> (u16, String, String) {
    let response = host.respond(request(method, target).finish()).await;
    let allow = response.headers().get("allow");
    let allow = allow.and_then(|allow| allow.to_str().ok());
    (
        response.status().as_u16(),
        allow.unwrap_or_default().to_owned(),
        response.into_body().into_string().await.unwrap_or_default(),
    )
}

#[tokio::test]
async fn a_page_says_what_it_answers_to() {
    let host = Host::new()
        .page("/hello", "text/plain", "hi")
        .page("/notes", "text/plain", "notes")
        .add(shop());
    for method in [Method::POST, Method::DELETE] {
        let (status, allow, text) = ask(&host, method, "/hello").await;
        assert_eq!((status, &*allow), (405, "GET, HEAD, OPTIONS"));
        assert!(text.contains("about:blank"), "{text}");
    }
    let (status, allow, _) = ask(&host, Method::OPTIONS, "/hello").await;
    assert_eq!((status, &*allow), (204, "GET, HEAD, OPTIONS"));
    assert_eq!(ask(&host, Method::HEAD, "/hello").await.0, 200);
    // An API may have the other methods of the path.
    assert_eq!(ask(&host, Method::GET, "/notes").await.2, "notes");
    assert_eq!(ask(&host, Method::POST, "/notes").await.2, "nothing");
    let (status, allow, _) = ask(&host, Method::PUT, "/notes").await;
    assert_eq!((status, &*allow), (405, "GET, HEAD, OPTIONS, POST"));
}

#[tokio::test]
async fn apis_that_share_a_path_answer_for_each_other() {
    let host = Host::new().add(mount(ArchiveApi(Attic))).add(shop());
    for (method, expected) in [(Method::PATCH, 405), (Method::OPTIONS, 204)] {
        let (status, allow, _) = ask(&host, method, "/notes").await;
        assert_eq!((status, &*allow), (expected, "DELETE, OPTIONS, POST"),);
    }
    assert_eq!(ask(&host, Method::DELETE, "/notes").await.0, 204);
    assert_eq!(ask(&host, Method::POST, "/notes").await.2, "nothing");
}

#[tokio::test]
async fn a_claim_may_leave_a_segment_open() {
    let mount = shop().wording(Terse).claims("/{version}/orders");
    let host = Host::new().add(mount);
    for path in ["/v7/orders", "/v7/orders/latest"] {
        assert_eq!(get(&host, path).await, (404, format!("404 {path} r")));
    }
    for path in ["/v7/order", "/v7", "/orders", "/a/b/orders"] {
        let (status, text) = get(&host, path).await;
        assert!(
            status == 404 && text.contains("about:blank"),
            "{path}: {text}"
        );
    }
}

#[tokio::test]
async fn ids_come_from_where_an_api_says() {
    let ids = RequestIds::default()
        .with_query("correlation_id")
        .with_header("correlation_id")
        .with_fresh(|| "fresh".to_owned())
        .with_echo(None);
    let host = Host::new().add(shop().request_ids(ids));
    let id = |target: &'static str, header: &'static str| {
        let host = &host;
        async move {
            let request = request(Method::GET, target).header(header, "h").finish();
            let response = host.respond(request).await;
            assert!(response.header("x-request-id").is_none());
            response.into_body().into_string().await.unwrap_or_default()
        }
    };
    assert_eq!(
        id("/orders/latest?correlation_id=q", "correlation_id").await,
        "q"
    );
    assert_eq!(id("/orders/latest", "correlation_id").await, "h");
    assert_eq!(id("/orders/latest", "x-other").await, "fresh");
}

#[tokio::test]
async fn services_are_tested_without_http() -> Result<(), Fault> {
    use crate::shop::contract::{GetLatestResponse, Shop};
    let context = Context::for_test().with_header("Accept", "text/plain");
    assert!(context.accepts("text/plain") && !context.accepts("text/html"));
    assert_eq!(
        Service.get_latest(&context).await?,
        GetLatestResponse::Ok("test".to_owned())
    );
    Ok(())
}

#[test]
fn an_api_names_its_paths() {
    let paths = shop().paths();
    assert!(paths.contains(&"/v1/orders/{id}.json".to_owned()));
    assert_eq!(paths.len(), 20);
}
