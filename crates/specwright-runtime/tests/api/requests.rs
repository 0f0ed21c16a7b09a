//! What of a request is read, and what is said of one that breaks the contract.

use crate::shop::{self, Answer, call, request, send, send_body, shop};
use poem::http::Method;

const JSON: &str = "application/json";

async fn put(target: &str, body: &str) -> Answer {
    send_body(&shop(), request(Method::PUT, target), JSON, body).await
}

#[tokio::test]
async fn parameters_of_every_place_arrive() {
    let target = "/orders/5?tags=a&tags=b%2Cc&ids=1,2,3&filter[name]=deep&filter[age]=4&other=1";
    let builder = request(Method::PUT, target)
        .header("X-Level", "2")
        .header("Cookie", "crumb=x");
    let answer = send_body(&shop(), builder, JSON, r#"{"name":"n","count":5.0}"#).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("x-count"), "6");
    let expected = r#"{"id":"5","name":"n","count":5,"tags":["a","b,c","deep","x"]}"#;
    assert_eq!(answer.text(), expected);
    assert_eq!(
        put("/orders/5?dry=true", r#"{"name":"n"}"#).await.status,
        204
    );
}

#[tokio::test]
async fn one_answer_holds_all_violations() {
    let target = "/orders/5000000000?dry=maybe&tags=a&tags=toolong&ids=1,x&filter[age]=0";
    let builder = request(Method::PUT, target)
        .header("X-Level", "0")
        .header("Cookie", "crumb=7");
    let body = r#"{"id":"mine","count":-1,"tags":"none"}"#;
    let answer = send_body(&shop(), builder, JSON, body).await;
    assert_eq!(answer.status, 400);
    let mut violations = answer.violations();
    violations.sort();
    let expected = [
        "/body/count minimum",
        "/body/id readOnly",
        "/body/name required",
        "/body/tags type",
        "/cookie/crumb pattern",
        "/header/X-Level minimum",
        "/path/id maximum",
        "/query/dry type",
        "/query/filter/age minimum",
        "/query/ids/1 type",
        "/query/tags/1 maxLength",
    ];
    assert_eq!(violations, expected);
}

#[tokio::test]
async fn absent_and_garbled_parameters() {
    assert_eq!(
        call(&shop(), Method::GET, "/trouble").await.violations(),
        ["/query/kind required"]
    );
    let twice = call(&shop(), Method::GET, "/trouble?kind=a&kind=b").await;
    assert_eq!(twice.violations(), ["/query/kind repeated"]);
    for target in ["/trouble?kind=%zz", "/trouble?kind=%ff"] {
        let answer = call(&shop(), Method::GET, target).await;
        assert_eq!(answer.violations(), ["/query/kind encoding"]);
    }
    assert_eq!(put("/orders/1", "").await.violations(), ["/body required"]);
}

#[tokio::test]
async fn text_that_is_no_json_is_located() {
    let answer = put("/orders/1", "{\n  \"name\": x}").await;
    assert_eq!(answer.status, 400);
    assert!(
        answer.text().contains("line 2, column 11"),
        "{}",
        answer.text()
    );
    for body in [
        "{\"name\":\"a\",\"name\":\"b\"}",
        "{\"name\":\"a\"} {}",
        "{\"name\":01}",
    ] {
        let answer = put("/orders/1", body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.violations().is_empty(), "{body}");
    }
}

#[tokio::test]
async fn integers_are_integers() {
    let count = |count: &'static str| async move {
        let body = format!("{{\"name\":\"n\",\"count\":{count}}}");
        put("/orders/1", &body).await.status.as_u16()
    };
    for fits in ["5.0", "1e2", "0", "-0", "2147483647"] {
        assert_eq!(count(fits).await, 200, "{fits}");
    }
    for refused in ["5.5", "1e-2", "2147483648", "1e400", "\"5\""] {
        assert_eq!(count(refused).await, 400, "{refused}");
    }
    // JSON Schema 2020-12, section 6.1.1: any number with a zero fractional part is one, wherever
    // it stands.
    let ids = |ids: &'static str| async move {
        put(&format!("/orders/1?ids={ids}"), "{\"name\":\"n\"}").await
    };
    assert_eq!(ids("5,5.0,1e1,-0").await.status, 200);
    assert_eq!(
        ids("1,1.5,1e-1").await.violations(),
        ["/query/ids/1 type", "/query/ids/2 type"]
    );
}

#[tokio::test]
async fn credentials_come_first() {
    // A body that would be refused shows that it is not looked at.
    let post = |name: &'static str, value: &'static str| async move {
        let builder = request(Method::POST, "/secret").header(name, value);
        send_body(&shop(), builder, JSON, "{not json").await
    };
    let none = post("X-None", "1").await;
    assert_eq!(none.status, 401);
    let challenges: Vec<_> = none.headers.get_all("www-authenticate").iter().collect();
    assert_eq!(challenges.len(), 2, "{challenges:?}");
    assert_eq!(challenges[0], "Bearer realm=\"Shop\", scope=\"write\"");
    let wrong = post("Authorization", "Bearer nobody").await;
    assert_eq!(wrong.status, 401);
    assert_eq!(
        wrong.headers["www-authenticate"],
        "Bearer realm=\"Shop\", error=\"invalid_token\", scope=\"write\""
    );
    let reader = post("Authorization", "Bearer reader").await;
    assert_eq!(reader.status, 403);
    assert_eq!(
        reader.headers["www-authenticate"],
        "Bearer realm=\"Shop\", error=\"insufficient_scope\", scope=\"write\""
    );
    assert!(reader.text().contains("write"));
    assert_eq!(post("Authorization", "Bearer writer").await.status, 400);
    let builder = request(Method::POST, "/secret").header("X-Key", "k");
    assert_eq!(
        send_body(&shop(), builder, JSON, "\"x\"").await.text(),
        "key holder"
    );
}

/// Whoever writes the operations before the check of credentials sees what is wrong with a request,
/// and begins nothing for somebody who might be anybody.
#[tokio::test]
async fn a_check_of_credentials_that_is_not_written_lets_nobody_in() {
    let post = |body: &'static str| async move {
        let builder = request(Method::POST, "/secret").header("Authorization", "Bearer unwritten");
        send_body(&shop(), builder, JSON, body).await
    };
    assert_eq!(post("\"x\"").await.status, 501);
    let broken = post("5").await;
    assert_eq!(broken.status, 400);
    assert!(broken.text().contains("/body"), "{}", broken.text());
    assert_eq!(post("{not json").await.status, 400);
}

#[tokio::test]
async fn an_api_is_one_of_poem_openapi_too() {
    use poem::Endpoint;
    let service =
        poem_openapi::OpenApiService::new(shop::contract::ShopApi(shop::Service), "Shop", "1");
    let routes = poem::Route::new().nest("/", service);
    let get = |target: &'static str| {
        let request = request(Method::GET, target).finish();
        routes.get_response(request)
    };
    assert_eq!(get("/v1/orders/1").await.status(), 200);
    assert_eq!(
        get("/orders/7.json")
            .await
            .into_body()
            .into_string()
            .await
            .ok()
            .as_deref(),
        Some("7")
    );
    assert_eq!(get("/orders/latest").await.status(), 200);
    assert_eq!(get("/trouble").await.status(), 400);
    let _ = send(&shop(), request(Method::GET, "/orders/1").finish()).await;
}
