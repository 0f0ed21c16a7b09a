//! The routes that the server adds by itself.

mod support;

use specwright_server::db::Statement;
use support::play::{Engine, Engines, Stage};
use support::story::Step;

async fn get(stage: &mut Stage, path: &str) -> String {
    ask(stage, "GET", path).await
}

async fn ask(stage: &mut Stage, method: &str, path: &str) -> String {
    ask_with(stage, method, path, &[]).await
}

async fn ask_with(stage: &mut Stage, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
    let headers = headers.iter();
    let headers = headers.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let step = Step {
        title: String::new(),
        directions: Vec::new(),
        line: format!("{method} {path}"),
        headers: headers.collect(),
        body: String::new(),
    };
    stage.ask(&step, String::new()).await
}

async fn stage(name: &str) -> (Engines, Stage) {
    let engines = Engines::sqlite();
    let stage = engines.stage(Engine::Sqlite, name).await;
    (engines, stage)
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_follows_the_database_and_the_stop() {
    let (_engines, mut stage) = stage("ready").await;
    assert!(get(&mut stage, "/health/ready").await.starts_with("200"));
    let newer = "INSERT INTO specwright_migrations VALUES (1000, '1000_later', 0)";
    stage
        .db
        .write::<()>(Statement::new(newer))
        .await
        .expect("it can be written");
    let differ = get(&mut stage, "/health/ready").await;
    assert!(
        differ.starts_with("503") && differ.contains("migrations differ"),
        "{differ}"
    );
    stage.db.close().await;
    let gone = get(&mut stage, "/health/ready").await;
    assert!(
        gone.starts_with("503") && gone.contains("database unreachable"),
        "{gone}"
    );
    stage.app().readiness().stop();
    let stopping = get(&mut stage, "/health/ready").await;
    assert!(
        stopping.starts_with("503") && stopping.contains("stopping"),
        "{stopping}"
    );
    assert!(get(&mut stage, "/health/live").await.starts_with("200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_count_by_operation_and_status() {
    let (_engines, mut stage) = stage("metrics").await;
    get(&mut stage, "/heartbeat").await;
    get(&mut stage, "/v1/sessions/open_session").await;
    let metrics = get(&mut stage, "/metrics").await;
    let heartbeat = r#"operation="heartbeat",method="GET",status="200"} 1"#;
    assert!(metrics.contains(heartbeat), "{metrics}");
    assert!(
        metrics.contains(r#"operation="",method="GET",status="405"} 1"#),
        "{metrics}"
    );
    assert!(
        metrics.contains("specwright_request_duration_seconds_bucket"),
        "{metrics}"
    );
    assert!(metrics.contains("specwright_database_commits"), "{metrics}");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documentation_comes_out_of_the_program() {
    let (_engines, mut stage) = stage("docs").await;
    let page = get(&mut stage, "/docs/").await;
    assert!(
        page.contains("content-security-policy: default-src 'none'"),
        "{page}"
    );
    assert!(
        !page.contains("http://") && !page.contains("https://"),
        "{page}"
    );
    let start = get(&mut stage, "/docs/swagger-initializer.js").await;
    assert!(start.contains("/openapi/user-sessions.json"), "{start}");
    assert!(page.contains("<script src=\"./lifecycle.js\">"), "{page}");
    let banner = get(&mut stage, "/docs/lifecycle.js").await;
    assert!(banner.contains("content-type: text/javascript"), "{banner}");
    assert!(get(&mut stage, "/docs").await.contains("location: /docs/"));
    assert!(get(&mut stage, "/docs/nothing.js").await.starts_with("404"));
    let document = get(&mut stage, "/openapi/user-sessions.json").await;
    let (_, body) = document.split_once("\n\n").expect("a head and a body");
    let document: serde_json::Value = serde_json::from_str(body).expect("a document is JSON");
    assert_eq!(document["openapi"], "3.0.3");
    let yaml = get(&mut stage, "/openapi/user-sessions.yaml").await;
    let contract = get(&mut stage, "/v1/sessions/swagger").await;
    assert_eq!(
        yaml.split_once("\n\n").map(|(_, body)| body),
        contract.split_once("\n\n").map(|(_, body)| body)
    );
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_documents_are_compressed_and_sent_once() {
    let (_engines, mut stage) = stage("compressed").await;
    let paths = [
        "/docs/",
        "/docs/swagger-ui.css",
        "/openapi/admin.json",
        "/openapi/admin.yaml",
        "/openapi/eps.raml",
        "/openapi/server.json",
    ];
    for path in paths {
        let plain = get(&mut stage, path).await;
        assert!(plain.contains("cache-control: no-cache"), "{path}");
        for coding in ["gzip", "br"] {
            let accept = [("Accept-Encoding", coding)];
            // A page that is short stays as it is.
            let packed = ask_with(&mut stage, "HEAD", path, &accept).await;
            let encoding = format!("content-encoding: {coding}\n");
            let is_long = plain.len() > 2000;
            assert_eq!(packed.contains(&encoding), is_long, "{path}: {packed}");
            assert_eq!(packed.contains("vary: Accept-Encoding"), is_long, "{path}");
            let tag = packed.lines().find_map(|line| line.strip_prefix("etag: "));
            let tag = tag.expect("every page has a tag").to_owned();
            let known = [accept[0], ("If-None-Match", tag.as_str())];
            let known = ask_with(&mut stage, "GET", path, &known).await;
            assert!(known.starts_with("304"), "{path}: {known}");
        }
    }
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_methods_are_told_which_there_are() {
    let (_engines, mut stage) = stage("methods").await;
    let post = ask(&mut stage, "POST", "/health/live").await;
    assert!(
        post.starts_with("405") && post.contains("allow: GET, HEAD, OPTIONS"),
        "{post}"
    );
    assert!(
        ask(&mut stage, "OPTIONS", "/metrics")
            .await
            .starts_with("204")
    );
    let head = ask(&mut stage, "HEAD", "/").await;
    assert!(head.starts_with("200") && !head.contains("apis"), "{head}");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_can_be_had_as_it_was_written() {
    let (_engines, mut stage) = stage("sources").await;
    let root = get(&mut stage, "/openapi/exam-sessions.raml").await;
    assert!(root.starts_with("200"), "{root}");
    assert!(
        root.contains("content-type: application/raml+yaml"),
        "{root}"
    );
    assert!(root.contains("#%RAML 1.0\n"), "{root}");
    // What it refers to is where it says.
    assert!(root.contains("house: exam-sessions/house.raml"), "{root}");
    let library = get(&mut stage, "/openapi/exam-sessions/house.raml").await;
    assert!(
        library.starts_with("200") && library.contains("#%RAML 1.0 Library"),
        "{library}"
    );
    let none = get(&mut stage, "/openapi/exam-sessions/../lib.raml").await;
    assert!(none.starts_with("404"), "{none}");
    let catalogue = get(&mut stage, "/").await;
    assert!(
        catalogue.contains(r#""source":"/openapi/eps.raml""#),
        "{catalogue}"
    );
}
