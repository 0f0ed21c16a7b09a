//! Pages of other origins (Fetch Standard, CORS protocol).

use crate::shop::{Answer, request, send, shop};
use poem::http::Method;
use specwright_runtime::{Cors, Host, RequestIds};

/// What pages may read.
const EXPOSED: &str = "Allow, Deprecation, ETag, Link, Location, Retry-After, Sunset, \
                       WWW-Authenticate, x-request-id";

fn known() -> Cors {
    Cors::Origins(vec!["https://a.example".to_owned()])
}

#[tokio::test]
async fn other_origins_are_let_in_when_told_to() {
    let preflight = || {
        request(Method::OPTIONS, "/orders/1")
            .header("Origin", "https://a.example")
            .header("Access-Control-Request-Method", "PUT")
            .header("Access-Control-Request-Headers", "x-level")
            .finish()
    };
    let closed = send(&shop(), preflight()).await;
    assert_eq!(closed.header("access-control-allow-origin"), "");
    let origins = Cors::Origins(vec!["https://a.example".to_owned()]);
    let open = send(&shop().cors(origins.clone()), preflight()).await;
    assert_eq!(
        open.header("access-control-allow-origin"),
        "https://a.example"
    );
    assert_eq!(
        open.header("access-control-allow-methods"),
        "GET, HEAD, OPTIONS, PUT"
    );
    assert_eq!(open.header("access-control-allow-headers"), "x-level");
    let stranger = request(Method::GET, "/orders/1").header("Origin", "https://b.example");
    let answer = send(&shop().cors(origins), stranger.finish()).await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
    assert_eq!(answer.header("vary"), "Origin");
}

#[tokio::test]
async fn a_page_may_see_an_ordinary_answer() {
    let get = |cors: Cors, origin: &'static str| async move {
        let request = request(Method::GET, "/orders/1").header("Origin", origin);
        send(&shop().cors(cors), request.finish()).await
    };
    let answer = get(known(), "https://a.example").await;
    assert_eq!(answer.status, 200);
    let origin = answer.header("access-control-allow-origin");
    assert_eq!(origin, "https://a.example");
    let exposed = answer.header("access-control-expose-headers");
    assert_eq!(exposed, EXPOSED);
    assert_eq!(answer.header("access-control-allow-methods"), "");
    assert_eq!(answer.header("vary"), "Origin");
    let any = get(Cors::Any, "https://c.example").await;
    assert_eq!(any.header("access-control-allow-origin"), "*");
    assert_eq!(any.header("access-control-expose-headers"), EXPOSED);
    assert_eq!(any.header("vary"), "");
}

/// What the answers of an API say in headers is of use to a page only if it may read them: a tag to
/// send back, where something is, when to try again, how to prove oneself.
#[tokio::test]
async fn a_page_may_read_the_headers_of_answers_that_it_may_see() {
    let missing = request(Method::DELETE, "/orders/1").header("Origin", "https://a.example");
    let refused = send(&shop().cors(known()), missing.finish()).await;
    assert_eq!(refused.status, 405);
    assert_ne!(refused.header("allow"), "");
    assert_eq!(refused.header("access-control-expose-headers"), EXPOSED);
    let unnamed = shop()
        .cors(known())
        .request_ids(RequestIds::default().with_echo(None));
    let get = |origin| request(Method::GET, "/orders/1").header("Origin", origin);
    let answer = send(&unnamed, get("https://a.example").finish()).await;
    let exposed = answer.header("access-control-expose-headers");
    assert_eq!(format!("{exposed}, x-request-id"), EXPOSED);
    let answer = send(&unnamed, get("https://b.example").finish()).await;
    assert_eq!(answer.header("access-control-expose-headers"), "");
    is_leave(
        &send(&unnamed, preflight("https://a.example")).await,
        "https://a.example",
    );
    let leave = send(&unnamed, preflight("https://a.example")).await;
    assert_eq!(leave.header("access-control-expose-headers"), "");
}

/// A preflight for `/secret`, whose `OPTIONS` is an operation that asks for credentials.
fn preflight(origin: &str) -> poem::Request {
    request(Method::OPTIONS, "/secret")
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "authorization")
        .finish()
}

fn is_leave(answer: &Answer, origin: &str) {
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), origin);
    assert_eq!(
        answer.header("access-control-allow-methods"),
        "OPTIONS, POST"
    );
    assert_eq!(
        answer.header("access-control-allow-headers"),
        "authorization"
    );
    assert_eq!(answer.header("access-control-max-age"), "600");
}

#[tokio::test]
async fn a_preflight_goes_before_an_operation_for_options() {
    is_leave(
        &send(&shop().cors(Cors::Any), preflight("https://a.example")).await,
        "*",
    );
    let origin = "https://a.example";
    is_leave(
        &send(&shop().cors(known()), preflight(origin)).await,
        origin,
    );
    let stranger = send(&shop().cors(known()), preflight("https://b.example")).await;
    assert_eq!(stranger.status, 204);
    assert_eq!(stranger.header("access-control-allow-origin"), "");
    // Without CORS, and without the headers of a preflight, the operation is meant.
    assert_eq!(send(&shop(), preflight(origin)).await.status, 401);
    let options = || request(Method::OPTIONS, "/secret");
    let asked = send(
        &shop().cors(known()),
        options().header("Origin", origin).finish(),
    )
    .await;
    assert_eq!(asked.status, 401);
    let asked = options().header("X-Key", "k").finish();
    assert_eq!(send(&shop().cors(known()), asked).await.status, 204);
}

#[tokio::test]
async fn a_preflight_is_answered_by_the_api_that_is_meant() {
    // The first API knows the path too, and lets no other origin in.
    let host = Host::new().add(shop()).add(shop().cors(Cors::Any));
    let response = host.respond(preflight("https://a.example")).await;
    assert_eq!(response.status(), 204);
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
}
