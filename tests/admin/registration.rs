//! What registering a client costs, and whom.

use serde_json::json;
use specwright_server::admin::store::Store;
use specwright_server::auth::clients::NewClient;
use specwright_server::auth::store::Registrar;
use specwright_server::changes::store::entries;
use specwright_server::changes::{Change, Filter, NOBODY, Refusal, Repeat};

use crate::client::{Answer, Client, FORM, JSON, SECRET, stage};
use crate::support::play::{Engine, Engines, Stage};

fn anonymous(stage: &Stage, key: Option<&str>) -> Change {
    let target = "/v1/identity/client";
    Change {
        client_id: NOBODY.to_owned(),
        operation: "register_client".to_owned(),
        target: target.to_owned(),
        request_id: "r".to_owned(),
        at: stage.effects.now(),
        repeat: key.map(|key| Repeat::new(key.to_owned(), target, &"content")),
    }
}

async fn trail(stage: &Stage) -> usize {
    let all = entries(&stage.db, &Filter::default(), 1000).await;
    all.expect("it answers").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_who_may_not_register_cost_no_hash_and_leave_no_trace() {
    let engines = Engines::new();
    for engine in engines.list() {
        let stage = engines.stage(*engine, "closed").await;
        let auth = stage.auth();
        let store = Store::new(stage.db.clone());
        let first = auth.register(
            anonymous(&stage, Some("first")),
            Registrar::Nobody,
            NewClient::default(),
            &store,
        );
        let first = first.await.expect("the database answers");
        assert!(first.is_ok(), "the first one is let in");
        assert_eq!((auth.hasher().begun(), trail(&stage).await), (1, 1));
        for key in [None, Some("another")] {
            let change = anonymous(&stage, key);
            let refused = auth.register(change, Registrar::Nobody, NewClient::default(), &store);
            let refused = refused.await.expect("the database answers");
            assert_eq!(refused.map(|_| ()), Err(Refusal::Unauthorized));
        }
        assert_eq!((auth.hasher().begun(), trail(&stage).await), (1, 1));
        let again = auth.register(
            anonymous(&stage, Some("first")),
            Registrar::Nobody,
            NewClient::default(),
            &store,
        );
        let again = again.await.expect("the database answers");
        let again = again.expect_err("it was carried out");
        assert_eq!(again.status(), 409, "{again:?}");
        stage.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_nobody_can_have_are_not_remembered() {
    let engines = Engines::new();
    for engine in engines.list() {
        let (stage, client) = stage(&engines, *engine, "long").await;
        let long = "i".repeat(10_000);
        let token = "POST /v1/identity/oauth/token";
        let form = format!("grant_type=client_credentials&client_id={long}&client_secret=s");
        let answer = client.ask(token, &[("Content-Type", FORM)], &form).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert_eq!(answer.json()["error"], "invalid_request");
        assert!(answer.body.len() < 300, "the id is not repeated");
        let body = json!({
            "grant_type": "client_credentials", "client_id": "a", "client_secret": long,
            "scope": long,
        });
        let headers = [("Content-Type", JSON)];
        let answer = client.ask(token, &headers, &body.to_string()).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        for word in ["client_secret", "scope"] {
            assert!(answer.body.contains(word), "{}", answer.body);
        }
        for length in [101, 5000] {
            let basic = basic(&"i".repeat(length));
            let headers = [("Authorization", basic.as_str()), ("Content-Type", FORM)];
            for _ in 0..12 {
                let grant = "grant_type=client_credentials";
                let answer = client.ask(token, &headers, grant).await;
                assert_eq!(answer.status, 401, "never 429: {}", answer.body);
                assert!(answer.head.contains("www-authenticate: Basic "));
            }
        }
        let stored = "SELECT client_id FROM auth_failures";
        let stored = specwright_server::db::Statement::new(stored);
        let stored: Vec<(String,)> = stage.db.read(stored).await.expect("it answers");
        assert!(stored.is_empty(), "{}", stored.len());
        // The longest id there can be is one, and its failures count.
        let basic = basic(&"i".repeat(100));
        let headers = [("Authorization", basic.as_str()), ("Content-Type", FORM)];
        let mut last = 0;
        for _ in 0..11 {
            let grant = "grant_type=client_credentials";
            last = client.ask(token, &headers, grant).await.status;
        }
        assert_eq!(last, 429);
        assert_eq!(client.token_of("admin", SECRET, "").await.status, 200);
        stage.close().await;
    }
}

/// Whoever names no scope does not mean every scope.
#[tokio::test(flavor = "multi_thread")]
async fn a_blank_scope_is_not_everything() {
    let engines = Engines::sqlite();
    let (stage, client) = stage(&engines, Engine::Sqlite, "blank").await;
    let register = "POST /v1/identity/client";
    for scope in ["", " ", "\t \n"] {
        let answer = client
            .send(register, &json!({"client_id": "c", "scope": scope}))
            .await;
        assert_eq!(answer.status, 400, "{scope:?}: {}", answer.body);
        let message = "'Scope' must not be empty. Leave it out for everything that there is.";
        assert_eq!(answer.json()["errors"]["Scope"], json!([message]));
    }
    // It is told beside what the contract says.
    let body = json!({"client_id": "a b", "scope": ""});
    let answer = client.send(register, &body).await;
    let errors = answer.json()["errors"].clone();
    assert!(errors["ClientId"].is_array() && errors["Scope"].is_array());
    let answer = client.send(register, &json!({"client_id": "c"})).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let scope = answer.json()["scope"].to_string();
    assert!(scope.contains("full_access") && scope.contains("licence.read"));
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_with_a_plus_comes_by_the_header_in_both_ways() {
    let engines = Engines::sqlite();
    let (stage, client) = stage(&engines, Engine::Sqlite, "plus").await;
    let body = json!({"client_id": "a+b", "client_secret": SECRET});
    let answer = client.send("POST /v1/identity/client", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    for (id, status) in [
        ("a+b", 200),
        ("a%2Bb", 200),
        ("a%20b", 401),
        ("a b", 401),
        ("ab", 401),
    ] {
        let answer = by_header(&client, &encoded(&format!("{id}:{SECRET}"))).await;
        assert_eq!(answer.status, status, "{id}: {}", answer.body);
    }
    stage.close().await;
}

/// RFC 6749, section 5.2: the challenge is of the scheme by which the client came.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_challenged_by_the_scheme_that_it_used() {
    let engines = Engines::sqlite();
    let (stage, client) = stage(&engines, Engine::Sqlite, "schemes").await;
    let no_colon = encoded("admin");
    for (header, scheme) in [
        ("Basic !!!", "Basic"),
        ("basic", "Basic"),
        (no_colon.as_str(), "Basic"),
        ("Basically x", "Bearer"),
        ("Bearer x", "Bearer"),
    ] {
        let answer = by_header(&client, header).await;
        assert_eq!(answer.status, 401, "{header}: {}", answer.body);
        let challenge = format!("www-authenticate: {scheme} realm=\"Admin\"");
        assert!(
            answer.head.contains(&challenge),
            "{header}: {}",
            answer.head
        );
    }
    let answer = client.token_of("admin", "wrong", "").await;
    assert!(answer.head.contains("www-authenticate: Bearer "));
    stage.close().await;
}

async fn by_header(client: &Client, authorization: &str) -> Answer {
    let headers = [("Authorization", authorization), ("Content-Type", FORM)];
    let token = "POST /v1/identity/oauth/token";
    client
        .ask(token, &headers, "grant_type=client_credentials")
        .await
}

fn basic(id: &str) -> String {
    encoded(&format!("{id}:secret"))
}

/// The value of the header with these credentials.
fn encoded(credentials: &str) -> String {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::STANDARD.encode(credentials);
    format!("Basic {encoded}")
}
