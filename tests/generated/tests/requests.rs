//! What mounted APIs make of requests: texts that can be values of several types, words in headers,
//! bodies of any media type.

use poem::http::Method;
use poem::{Endpoint as _, Request};
use serde_json::Value;
use specwright_generated_tests::bodies::any_media_type as any;
use specwright_generated_tests::documents::same_path;
use specwright_generated_tests::parameters::unions;
use specwright_runtime::{Context, Fault, Mount, mount};
use std::sync::{Arc, Mutex};

/// A service that writes down the last request.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<String>>);

impl Seen {
    fn note(&self, request: &impl std::fmt::Debug) {
        *self.0.lock().expect("no test panicked") = format!("{request:?}");
    }
}

impl unions::Unions for Seen {
    async fn thing(
        &self,
        request: unions::ThingRequest,
        _context: &Context,
    ) -> Result<unions::ThingResponse, Fault> {
        self.note(&request);
        Ok(unions::ThingResponse::NoContent)
    }

    async fn search(
        &self,
        request: unions::SearchRequest,
        _context: &Context,
    ) -> Result<unions::SearchResponse, Fault> {
        self.note(&request);
        Ok(unions::SearchResponse::NoContent)
    }

    async fn form(
        &self,
        request: unions::FormRequest,
        _context: &Context,
    ) -> Result<unions::FormResponse, Fault> {
        self.note(&request);
        Ok(unions::FormResponse::NoContent)
    }
}

/// A mounted API, and what it saw.
struct World {
    api: Mount,
    seen: Seen,
}

impl World {
    fn unions() -> Self {
        let seen = Seen::default();
        Self {
            api: mount(unions::UnionsApi(seen.clone())),
            seen,
        }
    }

    /// Sends a request that is accepted, and gives what the service saw.
    async fn sees(&self, request: Request) -> String {
        let asked = format!("{request:?}");
        let response = self.api.get_response(request).await;
        let status = response.status().as_u16();
        let body = response.into_body().into_string().await.expect("a text");
        assert_eq!(status, 204, "{asked}: {body}");
        self.seen.0.lock().expect("no test panicked").clone()
    }

    /// Sends a request that is refused, and gives the pointers of what is wrong.
    async fn refuses(&self, request: Request) -> Vec<String> {
        let asked = format!("{request:?}");
        let response = self.api.get_response(request).await;
        let status = response.status().as_u16();
        let body = response.into_body().into_string().await.expect("a text");
        assert_eq!(status, 400, "{asked}: {body}");
        let problem: Value = serde_json::from_str(&body).expect("JSON");
        let errors = problem["errors"].as_array().expect("errors");
        let pointer = |error: &Value| error["pointer"].as_str().unwrap_or_default().to_owned();
        errors.iter().map(pointer).collect()
    }
}

fn get(target: &str) -> Request {
    Request::builder()
        .uri(target.parse().expect("an address"))
        .finish()
}

fn header(name: &str, value: &str) -> Request {
    let request = Request::builder().uri("/search".parse().expect("an address"));
    request.header(name, value).finish()
}

fn form(body: &str) -> Request {
    Request::builder()
        .method(Method::POST)
        .uri("/form".parse().expect("an address"))
        .content_type("application/x-www-form-urlencoded")
        .body(body.to_owned())
}

#[tokio::test]
async fn a_path_takes_an_integer_or_a_string() {
    let world = World::unions();
    for number in ["7", "99999999999", "5e9"] {
        let seen = world.sees(get(&format!("/things/{number}"))).await;
        assert!(seen.contains("id: Number("), "{number}: {seen}");
    }
    for text in ["1.5", "abc", "true", "01"] {
        let seen = world.sees(get(&format!("/things/{text}"))).await;
        assert!(seen.contains(&format!("id: String({text:?})")), "{seen}");
    }
}

#[tokio::test]
async fn a_query_takes_the_first_type_that_the_schema_allows() {
    let world = World::unions();
    let is = async |query: &str, what: &str| {
        let seen = world.sees(get(&format!("/search?{query}"))).await;
        assert!(seen.contains(what), "{query}: {seen}");
    };
    is("small=7", "small: Some(Number(7))").await;
    for text in ["1.5", "5e9", "99999999999", "abc"] {
        let what = format!("small: Some(String({text:?}))");
        is(&format!("small={text}"), &what).await;
    }
    is("types=1.5", r#"types: Some(String("1.5"))"#).await;
    is("types=7", "types: Some(Number(").await;
    is("any=1.5", "any: Some(Number(").await;
    for listed in ["1", "2", "true"] {
        is(&format!("mixed={listed}"), "mixed: Some(").await;
    }
    is(
        "each=10&each=x",
        r#"each: Some([String("10"), String("x")])"#,
    )
    .await;
    is("each=7&each=10", "each: Some([Number(").await;
    assert_eq!(
        world.refuses(get("/search?mixed=3")).await,
        ["/query/mixed"]
    );
}

#[tokio::test]
async fn a_lone_value_is_a_value_or_a_list_of_one() {
    let world = World::unions();
    let is = async |query: &str, what: &str| {
        let seen = world.sees(get(&format!("/search?{query}"))).await;
        assert!(seen.contains(what), "{query}: {seen}");
    };
    is("listed=5", "listed: Some(Number(").await;
    is("listed=5,6", "listed: Some(Array([").await;
    is("deep[key]=5", "key: Some(Number(").await;
    is("deep[key][]=5&deep[key][]=6", "key: Some(Array([").await;
    for query in ["all=all", "all=a", "all=a&all=b"] {
        is(query, "all: Some(").await;
    }
    assert_eq!(
        world.refuses(get("/search?listed=x")).await,
        ["/query/listed"]
    );
    assert_eq!(world.refuses(get("/search?all=c")).await, ["/query/all"]);
}

#[tokio::test]
async fn a_form_takes_the_first_type_that_the_schema_allows() {
    let world = World::unions();
    let seen = world.sees(form("first=7&second=7")).await;
    assert!(seen.contains("first: Some(Number("), "{seen}");
    assert!(seen.contains("second: Some(Number("), "{seen}");
    let seen = world.sees(form("first=10&second=1.55&other=1.5")).await;
    for what in [
        r#"first: Some(String("10"))"#,
        r#"second: Some(String("1.55"))"#,
        r#"String("1.5")"#,
    ] {
        assert!(seen.contains(what), "{seen}");
    }
    assert_eq!(world.refuses(form("second=1.5")).await, ["/body/second"]);
}

#[tokio::test]
async fn a_header_takes_its_words_alone() {
    let world = World::unions();
    world.sees(header("X-Kind", "north")).await;
    assert_eq!(
        world.refuses(header("X-Kind", "east")).await,
        ["/header/X-Kind"]
    );
    let seen = world.sees(header("X-Mixed", "true")).await;
    assert!(!seen.contains(r#"String("true")"#), "{seen}");
    let seen = world.sees(header("X-Mixed", "false")).await;
    assert!(seen.contains(r#"String("false")"#), "{seen}");
}

impl any::AnyMediaType for Seen {
    async fn put_file(
        &self,
        request: any::PutFileRequest,
        _context: &Context,
    ) -> Result<any::PutFileResponse, Fault> {
        let bytes = request.body.bytes().await.expect("a body");
        self.note(&bytes);
        Ok(any::PutFileResponse::NoContent)
    }

    async fn put_mixed(
        &self,
        request: any::PutMixedRequest,
        _context: &Context,
    ) -> Result<any::PutMixedResponse, Fault> {
        self.note(&request);
        Ok(any::PutMixedResponse::NoContent)
    }
}

fn put(target: &str, media_type: Option<&str>, body: &'static str) -> Request {
    let mut request = Request::builder()
        .method(Method::PUT)
        .uri(target.parse().expect("an address"));
    if let Some(media_type) = media_type {
        request = request.content_type(media_type);
    }
    request.header("content-length", body.len()).body(body)
}

#[tokio::test]
async fn a_body_of_any_media_type_is_taken() {
    let seen = Seen::default();
    let world = World {
        api: mount(any::AnyMediaTypeApi(seen.clone())),
        seen,
    };
    for media_type in [
        Some("image/png"),
        Some("application/json"),
        Some("x/y; z=1"),
        None,
    ] {
        let seen = world.sees(put("/files", media_type, "{\n")).await;
        assert!(seen.contains("{\\n"), "{media_type:?}: {seen}");
    }
    assert_eq!(world.refuses(put_nothing("/files")).await, ["/body"]);
    // What is declared by its own name is read as that.
    let json = Some("application/json");
    assert_eq!(world.refuses(put("/mixed", json, "{}")).await, ["/body/a"]);
    let seen = world.sees(put("/mixed", json, r#"{"a":1}"#)).await;
    assert!(seen.contains("a: "), "{seen}");
    world.sees(put("/mixed", Some("text/plain"), "{}")).await;
}

fn put_nothing(target: &str) -> Request {
    Request::builder()
        .method(Method::PUT)
        .uri(target.parse().expect("an address"))
        .finish()
}

impl same_path::SamePath for Seen {
    async fn show_pet(
        &self,
        request: same_path::ShowPetRequest,
        _context: &Context,
    ) -> Result<same_path::ShowPetResponse, Fault> {
        self.note(&request);
        Ok(same_path::ShowPetResponse::NoContent)
    }

    async fn put_pet(
        &self,
        request: same_path::PutPetRequest,
        _context: &Context,
    ) -> Result<same_path::PutPetResponse, Fault> {
        self.note(&request);
        Ok(same_path::PutPetResponse::NoContent)
    }
}

#[tokio::test]
async fn methods_of_one_path_may_call_its_parameter_differently() {
    let seen = Seen::default();
    let world = World {
        api: mount(same_path::SamePathApi(seen.clone())),
        seen,
    };
    let seen = world.sees(get("/pets/7")).await;
    assert!(seen.contains("id: 7"), "{seen}");
    let seen = world.sees(put_nothing("/pets/ada")).await;
    assert!(seen.contains(r#"name: "ada""#), "{seen}");
    assert_eq!(world.refuses(get("/pets/ada")).await, ["/path/id"]);
    assert_eq!(
        world.refuses(put_nothing("/pets/lovelace")).await,
        ["/path/name"]
    );
    let delete = Request::builder()
        .method(Method::DELETE)
        .uri("/pets/7".parse().expect("an address"));
    let refused = world.api.get_response(delete.finish()).await;
    assert_eq!(refused.status().as_u16(), 405);
    assert_eq!(refused.headers()["allow"], "GET, HEAD, OPTIONS, PUT");
}
