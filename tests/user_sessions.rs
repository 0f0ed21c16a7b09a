//! User sessions, where a story cannot say it: long bodies, many sessions, compressed bytes, the log.

mod support;

use std::fs::File;

use async_compression::tokio::bufread::{GzipDecoder, GzipEncoder};
use poem::http::{Method, StatusCode, header};
use poem::{Endpoint as _, Request, Response};
use serde_json::{Value, json};
use support::files::Folder;
use support::http::Client;
use support::play::{Engine, Engines, Stage};
use support::server::Server;
use tokio::io::{AsyncReadExt as _, BufReader};

const OPEN: &str = "/v1/sessions/open_session";
const READ: &str = "/v1/sessions/get_session_by_id";
const LIST: &str = "/v1/sessions/get_sessions";

/// The longest body that is read, in bytes.
const LIMIT: usize = 2 * 1024 * 1024;

async fn stage(name: &str) -> (Engines, Stage) {
    let engines = Engines::sqlite();
    let stage = engines.stage(Engine::Sqlite, name).await;
    (engines, stage)
}

async fn post(stage: &Stage, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Response {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri_str(path)
        .content_type("application/json")
        .header(header::CONTENT_LENGTH, body.len());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    stage.app().get_response(request.body(body)).await
}

async fn json(response: Response) -> Value {
    assert_eq!(response.status(), StatusCode::OK);
    let body = response.into_body().into_vec().await;
    serde_json::from_slice(&body.expect("a body can be read")).expect("an answer is JSON")
}

async fn ask(stage: &Stage, path: &str, body: &Value) -> Value {
    json(post(stage, path, &[], body.to_string().into_bytes()).await).await
}

#[tokio::test]
async fn a_body_may_be_as_long_as_the_limit() {
    let (_engines, stage) = stage("long").await;
    let around = json!({"user_id": "u", "data": ""}).to_string().len();
    for (length, status) in [
        (LIMIT, StatusCode::OK),
        (LIMIT + 1, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let data = "x".repeat(length - around);
        let body = json!({"user_id": "u", "data": data}).to_string();
        assert_eq!(body.len(), length);
        let answer = post(&stage, OPEN, &[], body.into_bytes()).await;
        assert_eq!(answer.status(), status, "{length} bytes");
        if status == StatusCode::OK {
            let opened = json(answer).await;
            let read = ask(&stage, READ, &json!({"session_id": opened["id"]})).await;
            assert!(read["data"] == data.as_str(), "nothing is cut off");
        }
    }
    stage.close().await;
}

async fn packed(text: &str) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut encoder = GzipEncoder::new(BufReader::new(text.as_bytes()));
    encoder
        .read_to_end(&mut packed)
        .await
        .expect("it is packed");
    packed
}

#[tokio::test]
async fn bodies_are_compressed_both_ways() {
    let (_engines, stage) = stage("gzip").await;
    let data = "again and again ".repeat(400);
    let body = json!({"user_id": "u", "data": data}).to_string();
    let mut short = packed(&body).await;
    let headers = [("content-encoding", "gzip"), ("accept-encoding", "gzip")];
    let answer = post(&stage, OPEN, &headers, short.clone()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    let bytes = answer
        .into_body()
        .into_vec()
        .await
        .expect("a body can be read");
    assert!(bytes.len() < body.len() / 4, "{} bytes", bytes.len());
    let mut text = String::new();
    let mut decoder = GzipDecoder::new(BufReader::new(bytes.as_slice()));
    decoder
        .read_to_string(&mut text)
        .await
        .expect("it is unpacked");
    let opened: Value = serde_json::from_str(&text).expect("an answer is JSON");
    assert_eq!(opened["data"], data);

    // What is unpacked counts, and what cannot be unpacked is no JSON.
    let long = format!("{}{}", " ".repeat(LIMIT), body);
    let answer = post(&stage, OPEN, &headers[..1], packed(&long).await).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    short.truncate(short.len() / 2);
    let answer = post(&stage, OPEN, &headers[..1], short).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    stage.close().await;
}

#[tokio::test]
async fn a_list_has_a_hundred_sessions_at_most() {
    let (_engines, stage) = stage("many").await;
    for number in 0..103 {
        ask(&stage, OPEN, &json!({"user_id": "u", "data": number})).await;
    }
    for paging in [
        json!(null),
        json!({}),
        json!({"take": 0}),
        json!({"take": 101}),
        json!({"take": 1e300}),
    ] {
        let list = ask(&stage, LIST, &json!({"paging": paging})).await;
        assert_eq!(list["data"].as_array().map(Vec::len), Some(100), "{paging}");
        assert_eq!(list["total"], Value::Null, "{paging}");
    }
    let rest = json!({"paging": {"skip": 100, "take": 100, "total": true}});
    let list = ask(&stage, LIST, &rest).await;
    assert_eq!(list["data"].as_array().map(Vec::len), Some(3));
    assert_eq!(list["total"], 103);
    stage.close().await;
}

#[tokio::test]
async fn bounds_between_milliseconds_are_between_sessions() {
    let engines = Engines::new();
    for engine in engines.list() {
        let stage = engines.stage(*engine, "bounds").await;
        let opened = ask(&stage, OPEN, &json!({"user_id": "u"})).await;
        let time = opened["request_time"].as_str().expect("it has a time");
        let exact = time.trim_end_matches('Z');
        for (name, bound, count) in [
            ("from_time", format!("{exact}Z"), 1),
            ("from_time", format!("{exact}001Z"), 0),
            ("to_time", format!("{exact}Z"), 0),
            ("to_time", format!("{exact}001Z"), 1),
        ] {
            let filter = json!({"user_id": "u", name: bound});
            let list = ask(&stage, LIST, &json!({"filter": filter})).await;
            let found = list["data"].as_array().map(Vec::len);
            assert_eq!(
                found,
                Some(count),
                "{engine:?}: {name} {bound}, opened {time}"
            );
        }
        stage.close().await;
    }
}

#[test]
fn every_line_of_the_log_has_the_correlation_id() {
    let folder = Folder::new("correlation");
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    let log = folder.path().join("log");
    let flags: &[&str] = &[];
    let mut server = Server::told(
        support::server::ANYWHERE,
        &database,
        flags,
        File::create(&log).expect("the log can be made"),
    );
    let mut client = Client::new(server.address).expect("it listens");
    let body = r#"{"user_id":"u"}"#;
    let json = ("Content-Type", "application/json");
    let by_query = format!("POST {OPEN}?correlation_id=by-query-1");
    let (status, answer) = client.send(&by_query, &[json], body).expect("an answer");
    assert_eq!(status, 200, "{answer}");
    assert!(!answer.contains("by-query-1"), "{answer}");
    let by_header = [json, ("correlation_id", "by-header-2")];
    let post = format!("POST {OPEN}");
    let (status, _) = client.send(&post, &by_header, body).expect("an answer");
    assert_eq!(status, 200);
    let (status, answer) = client.send(&post, &by_header, "{").expect("an answer");
    assert_eq!(status, 400);
    assert!(!answer.contains("by-header-2"), "{answer}");
    server.kill();
    let text = std::fs::read_to_string(&log).expect("there is a log");
    let lines = text
        .lines()
        .filter(|line| line.contains(r#""api":"user-sessions""#));
    let ids: Vec<Value> = lines
        .map(|line| serde_json::from_str::<Value>(line).expect("a line is JSON"))
        .map(|line| line["request_id"].clone())
        .collect();
    assert_eq!(ids, ["by-query-1", "by-header-2", "by-header-2"], "{text}");
}
