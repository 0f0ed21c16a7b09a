//! HTTP over a generated API: methods, paths, media types, sizes, failures.

use std::time::Duration;

use crate::shop::{call, request, send, send_body, shop};
use poem::http::Method;
use specwright_runtime::Limits;

#[tokio::test]
async fn a_path_that_is_not_there() {
    let answer = call(&shop(), Method::GET, "/v1/nothing").await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.json()["title"], "Not Found");
}

#[tokio::test]
async fn every_base_answers() {
    for path in ["/v1/orders/latest", "/orders/latest"] {
        assert_eq!(call(&shop(), Method::GET, path).await.status, 200);
    }
}

#[tokio::test]
async fn another_method_is_told_which_there_are() {
    let answer = call(&shop(), Method::PATCH, "/orders/1").await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("allow")),
        (405, "GET, HEAD, OPTIONS, PUT")
    );
    let answer = call(&shop(), Method::OPTIONS, "/orders/1").await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("allow")),
        (204, "GET, HEAD, OPTIONS, PUT")
    );
}

#[tokio::test]
async fn paths_are_told_apart() {
    let latest = call(&shop(), Method::GET, "/orders/latest").await;
    assert_eq!(latest.text(), latest.header("x-request-id"));
    assert_eq!(
        call(&shop(), Method::GET, "/orders/7.json").await.text(),
        "7"
    );
    assert_eq!(
        call(&shop(), Method::GET, "/orders/a%2Fb%20c.json")
            .await
            .text(),
        "a/b c"
    );
    assert_eq!(call(&shop(), Method::GET, "/orders/1/").await.status, 404);
    assert_eq!(
        call(&shop(), Method::GET, "/orders/l%61test").await.status,
        200
    );
    for path in ["/drawings/1%C3%A4", "/v1/drawings/1%c3%a4"] {
        assert_eq!(call(&shop(), Method::GET, path).await.text(), "1", "{path}");
    }
    assert_eq!(
        call(&shop(), Method::GET, "/drawings/1%C3").await.status,
        404
    );
    let bad = call(&shop(), Method::GET, "/orders/%ff.json").await;
    assert_eq!(bad.violations(), ["/path/id encoding"]);
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let get = call(&shop(), Method::GET, "/orders/1").await;
    let head = call(&shop(), Method::HEAD, "/orders/1").await;
    assert_eq!(head.status, 200);
    assert!(head.bytes.is_empty());
    assert_eq!(head.header("content-type"), get.header("content-type"));
    assert_eq!(head.header("content-length"), get.bytes.len().to_string());
    // RFC 9110, section 8.6: where there is no content there is no length of it.
    let none = call(&shop(), Method::HEAD, "/trouble?kind=none").await;
    assert_eq!(none.status, 204);
    assert!(!none.headers.contains_key("content-length"));
}

#[tokio::test]
async fn a_client_says_what_it_accepts() {
    let get = |accept: &'static str| async move {
        let request = request(Method::GET, "/orders/1")
            .header("Accept", accept)
            .finish();
        send(&shop(), request).await.status.as_u16()
    };
    assert_eq!(get("application/json").await, 200);
    assert_eq!(get("application/*;q=0.1, text/html").await, 200);
    assert_eq!(get("text/html").await, 406);
    assert_eq!(get("*/*, application/json;q=0").await, 406);
    let lenient = shop().also_accepted(&["text/html"]);
    let request = request(Method::GET, "/orders/1")
        .header("Accept", "text/html")
        .finish();
    let answer = send(&lenient, request).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (200, "application/json")
    );
}

#[tokio::test]
async fn bodies_of_several_media_types() {
    let post = |media_type: &'static str, body: &'static str| async move {
        let builder = request(Method::POST, "/notes");
        send_body(&shop(), builder, media_type, body).await
    };
    let json = post(
        "application/json; charset=UTF-8",
        r#"{"name":"n","extra":1.50}"#,
    )
    .await;
    assert_eq!(json.text(), "json n Some(1.50)");
    let form = post(
        "application/x-www-form-urlencoded",
        "name=a+b%21&count=3&tags=x&tags=y",
    )
    .await;
    assert_eq!(form.text(), r#"form a b! Some(3) Some(["x", "y"])"#);
    assert_eq!(
        post("text/plain; charset=iso-8859-1", "caf\u{e9}")
            .await
            .text(),
        "text cafÃ©"
    );
    assert_eq!(
        post("application/octet-stream", "12345").await.text(),
        "bytes 5"
    );
    assert_eq!(post("image/png", "x").await.status, 415);
    assert_eq!(
        post("application/json; charset=utf-16", "{}").await.status,
        415
    );
    assert_eq!(post("text/plain; charset=klingon", "x").await.status, 415);
    assert_eq!(
        call(&shop(), Method::POST, "/notes").await.text(),
        "nothing"
    );
    let form = post("application/x-www-form-urlencoded", "name=a&name=b").await;
    assert_eq!(form.violations(), ["/body/name repeated"]);
}

#[tokio::test]
async fn media_types_may_differ_in_parameters_only() {
    let post = |media_type: &'static str, body: &'static str| async move {
        send_body(
            &shop(),
            request(Method::POST, "/versions"),
            media_type,
            body,
        )
        .await
    };
    let (one, two) = (r#"{"one":"a"}"#, r#"{"two":"b"}"#);
    assert_eq!(post("application/json;v=1", one).await.text(), "one a");
    assert_eq!(post("application/json; v=2", two).await.text(), "two b");
    let charset = "application/json; charset=utf-8; V=\"2\"";
    assert_eq!(post(charset, two).await.text(), "two b");
    let other = post("application/json;v=2", one).await;
    assert_eq!(other.violations(), ["/body/two required"]);
    // Without a version, or with another one, it is the first.
    assert_eq!(post("application/json", one).await.text(), "one a");
    assert_eq!(post("application/json;v=3", one).await.text(), "one a");
    assert_eq!(post("text/plain;v=1", one).await.status, 415);
}

#[tokio::test]
async fn large_bodies_are_refused() {
    let small = || {
        shop().limits(Limits {
            body_bytes: 20,
            ..Limits::default()
        })
    };
    let builder = || request(Method::POST, "/notes");
    for media_type in ["application/json", "application/octet-stream"] {
        let answer = send_body(&small(), builder(), media_type, vec![b' '; 21]).await;
        assert_eq!(answer.status, 413, "{media_type}");
        let chunked = builder()
            .content_type(media_type)
            .header("Transfer-Encoding", "chunked");
        let answer = send(&small(), chunked.body(vec![b' '; 21])).await;
        assert_eq!(answer.status, 413, "{media_type} without a length");
    }
    let fits = send_body(
        &small(),
        builder(),
        "application/octet-stream",
        vec![b' '; 20],
    )
    .await;
    assert_eq!(fits.text(), "bytes 20");
    let long = format!("/notes?{}", "a".repeat(20_000));
    assert_eq!(call(&shop(), Method::POST, &long).await.status, 414);
    let heavy = builder().header("X-Big", "a".repeat(70_000)).finish();
    assert_eq!(send(&shop(), heavy).await.status, 431);
}

#[tokio::test]
async fn failures_tell_the_client_nothing() {
    let cases = [
        ("panic", 500),
        ("fault", 500),
        ("unavailable", 503),
        ("later", 501),
        ("none", 204),
    ];
    for (kind, status) in cases {
        let answer = call(&shop(), Method::GET, &format!("/trouble?kind={kind}")).await;
        assert_eq!(answer.status, status, "{kind}");
        assert!(!answer.text().contains("secret"));
    }
}

#[tokio::test]
async fn slow_operations_are_given_up() {
    let mount = shop().timeout(Duration::from_millis(20));
    assert_eq!(
        call(&mount, Method::GET, "/trouble?kind=slow").await.status,
        503
    );
}

/// What was begun and is waited for is answered when it ends; a body is not waited for.
#[tokio::test]
async fn unhurried_operations_end_when_they_end() {
    let mount = shop()
        .timeout(Duration::from_millis(20))
        .unhurried(|operation| ["/trouble", "/notes"].contains(&operation.path));
    let path = "/trouble?kind=lingering";
    assert_eq!(call(&mount, Method::GET, path).await.status, 204);
    let hurried = shop().timeout(Duration::from_millis(20));
    assert_eq!(call(&hurried, Method::GET, path).await.status, 503);
    let (_never, body) = tokio::io::duplex(8);
    let request = request(Method::POST, "/notes")
        .header("content-type", "text/plain")
        .body(poem::Body::from_async_read(body));
    assert_eq!(send(&mount, request).await.status, 408);
}

/// Whose fault it is that the time ran out: the client's, as long as its body is waited for.
#[tokio::test]
async fn a_body_that_does_not_come_is_not_the_services_fault() {
    let mount = shop().timeout(Duration::from_millis(20));
    for media_type in ["application/json", "application/octet-stream"] {
        let (_open, body) = tokio::io::duplex(8);
        let request = request(Method::POST, "/notes")
            .header("content-type", media_type)
            .body(poem::Body::from_async_read(body));
        let late = send(&mount, request).await;
        assert_eq!(late.status, 408, "{media_type}");
        assert_eq!(late.header("connection"), "close", "{media_type}");
        let detail = "The body did not come whole in time.";
        assert_eq!(late.json()["detail"], detail, "{media_type}");
    }
    let slow = call(&mount, Method::GET, "/trouble?kind=slow").await;
    assert_eq!((slow.status.as_u16(), slow.header("connection")), (503, ""));
}

/// RFC 9110, section 5.3: a field that is no list comes once.
#[tokio::test]
async fn two_authorizations_are_none() {
    let post = |values: &'static [&'static str]| async move {
        let mut builder = request(Method::POST, "/secret");
        for value in values {
            builder = builder.header("Authorization", *value);
        }
        send_body(&shop(), builder, "application/json", "\"x\"").await
    };
    assert_eq!(post(&["Bearer writer"]).await.status, 200);
    for values in [
        &["Bearer writer", "Bearer nobody"],
        &["Bearer nobody", "Bearer writer"],
        &["Bearer writer", "Bearer writer"],
    ] {
        let answer = post(values).await;
        assert_eq!(answer.status, 400, "{values:?}");
        assert_eq!(
            answer.json()["detail"],
            "The header Authorization may come once."
        );
    }
}

#[tokio::test]
async fn services_know_when_the_answer_is_due() {
    let mount = shop().timeout(Duration::from_secs(60));
    let answer = call(&mount, Method::GET, "/trouble?kind=deadline").await;
    assert_eq!(answer.status, 204);
    let longer = shop().timeout(Duration::from_secs(600));
    let answer = call(&longer, Method::GET, "/trouble?kind=deadline").await;
    assert_eq!(answer.status, 500);
    let endless = shop().timeout(None);
    let answer = call(&endless, Method::GET, "/trouble?kind=deadline").await;
    assert_eq!(answer.status, 500);
}

#[tokio::test]
async fn answers_can_be_checked() {
    let mount = shop().check_responses(true);
    assert_eq!(call(&mount, Method::GET, "/orders/1").await.status, 200);
    assert_eq!(call(&mount, Method::GET, "/orders/3").await.status, 500);
    assert_eq!(call(&mount, Method::GET, "/orders/4").await.status, 410);
}

#[tokio::test]
async fn digests_are_compared() {
    let mount = shop().content_md5(true);
    let post = |digest: &'static str| {
        let builder = request(Method::POST, "/notes").header("Content-MD5", digest);
        send_body(&mount, builder, "text/plain", "hello")
    };
    assert_eq!(post("XUFAKrxLKna5cZ2REBfFkg==").await.status, 200);
    assert_eq!(post("AAAAAAAAAAAAAAAAAAAAAA==").await.status, 400);
}

#[tokio::test]
async fn request_ids_are_taken_over_when_sane() {
    let get = |id: &'static str| async move {
        let request = request(Method::GET, "/orders/latest").header("X-Request-Id", id);
        send(&shop(), request.finish()).await.text()
    };
    assert_eq!(get("abc-1").await, "abc-1");
    assert_ne!(get("a b").await, "a b");
    assert_eq!(get("a b").await.len(), 32);
}
