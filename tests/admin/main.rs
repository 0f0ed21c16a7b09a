//! The Admin API under attack and under load: tokens that are wrong in every way, texts that mean
//! something elsewhere, changes that race each other.

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use specwright_server::admin::contract::API;
use specwright_server::auth::foreign::{Foreign, Source};
use specwright_server::db::Statement;
use support::files::Folder;
use support::play::{Engine, Engines, Stage};
use support::story::Step;
use tokio::task::JoinSet;

const SECRET: &str = "Story-Secret-0123456789-abcdefghijkl";
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// One answer, in its parts.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }
}

fn step(line: &str, headers: &[(&str, &str)]) -> Step {
    let headers = headers.iter();
    Step {
        title: String::new(),
        directions: Vec::new(),
        line: line.to_owned(),
        headers: headers
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: String::new(),
    }
}

fn parts(answer: &str) -> Answer {
    let (head, body) = answer.split_once("\n\n").unwrap_or((answer, ""));
    Answer {
        status: head[..3].parse().expect("a status"),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

/// A client of a stage; clones ask the same server.
#[derive(Clone)]
struct Client {
    app: Arc<specwright_server::App>,
    token: String,
}

impl Client {
    async fn ask(&self, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let step = step(line, headers);
        parts(&support::story::request(&self.app, &step, body.to_owned()).await)
    }

    async fn with(&self, authorization: &str, line: &str, body: &str) -> Answer {
        let headers = [("Authorization", authorization), ("Content-Type", JSON)];
        self.ask(line, &headers, body).await
    }

    async fn send(&self, line: &str, body: &Value) -> Answer {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.with(&format!("Bearer {}", self.token), line, &body)
            .await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path}"), &Value::Null).await
    }

    async fn token_of(&self, id: &str, secret: &str, scope: &str) -> Answer {
        let body = format!(
            "grant_type=client_credentials&client_id={id}&client_secret={secret}&scope={scope}"
        );
        self.ask(
            "POST /v1/identity/oauth/token",
            &[("Content-Type", FORM)],
            &body,
        )
        .await
    }
}

/// A stage with a first client that may do everything.
async fn stage(engines: &Engines, engine: Engine, name: &str) -> (Stage, Client) {
    let stage = engines.stage(engine, name).await;
    let client = enter(&stage).await;
    (stage, client)
}

async fn enter(stage: &Stage) -> Client {
    let mut client = Client {
        app: stage.shared(),
        token: String::new(),
    };
    let first = json!({"client_id": "admin", "client_secret": SECRET}).to_string();
    let registered = client
        .ask(
            "POST /v1/identity/client",
            &[("Content-Type", JSON)],
            &first,
        )
        .await;
    assert_eq!(registered.status, 201, "{}", registered.body);
    client.token = token(&client, "admin", "").await;
    client
}

async fn token(client: &Client, id: &str, scope: &str) -> String {
    let issued = client.token_of(id, SECRET, scope).await;
    assert_eq!(issued.status, 200, "{}", issued.body);
    let token = issued.json()["access_token"].as_str().map(str::to_owned);
    token.expect("a token")
}

fn vendor(company: &str) -> Value {
    json!({"company": company, "contactName": "Ada", "contactEmailAddress": "ada@a.example"})
}

fn application(name: &str, vendor: i64) -> Value {
    json!({
        "applicationName": name, "vendorId": vendor, "claimSetName": "SIS Vendor",
        "educationOrganizationIds": [1],
    })
}

/// A request for every operation that needs a token: its line and a body that it takes.
fn guarded() -> Vec<(String, String)> {
    let needs = |operation: &&&specwright_runtime::private::Operation| {
        let mut alternatives = operation.security.iter();
        !operation.security.is_empty() && alternatives.all(|all| !all.is_empty())
    };
    let operations = API.operations.iter().filter(needs);
    let requests = operations.map(|operation| {
        let path = operation
            .path
            .replace("{instanceId}", "1")
            .replace("{id}", "1");
        let body = match operation.body {
            Some(_) if path.contains("vendors") => vendor("Summit").to_string(),
            Some(_) if path.contains("applications") => application("A", 1).to_string(),
            Some(_) => {
                json!({"name": "n", "instanceType": "t", "apiUrl": "https://a.example"}).to_string()
            }
            None => String::new(),
        };
        (format!("{} {path}", operation.method.as_str()), body)
    });
    requests.collect()
}

/// The token with another header or other claims, and the signature it had.
fn forged(token: &str, header: Option<&Value>, change: impl FnOnce(&mut Value)) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    let claims = URL_SAFE_NO_PAD.decode(parts[1]).expect("base64url");
    let mut claims: Value = serde_json::from_slice(&claims).expect("claims are JSON");
    change(&mut claims);
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = header.map_or_else(|| parts[0].to_owned(), encode);
    format!("{header}.{}.{}", encode(&claims), parts[2])
}

fn header_of(token: &str) -> Value {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().expect("a header"));
    serde_json::from_slice(&header.expect("base64url")).expect("a header is JSON")
}

fn claims_of(token: &str) -> Value {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("claims"));
    serde_json::from_slice(&claims.expect("base64url")).expect("claims are JSON")
}

fn sign(algorithm: jsonwebtoken::Algorithm, kid: &str, claims: &Value, key: &[u8]) -> String {
    let mut header = jsonwebtoken::Header::new(algorithm);
    header.kid = Some(kid.to_owned());
    let key = match algorithm {
        jsonwebtoken::Algorithm::HS256 => jsonwebtoken::EncodingKey::from_secret(key),
        _ => jsonwebtoken::EncodingKey::from_ed_der(key),
    };
    jsonwebtoken::encode(&header, claims, &key).expect("it can be signed")
}

fn foreign_key() -> (Vec<u8>, String) {
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
    let pair = Ed25519KeyPair::from_seed_unchecked(&[42; 32]).expect("a key");
    let private = pair.to_pkcs8().expect("a document").as_ref().to_vec();
    (private, URL_SAFE_NO_PAD.encode(pair.public_key().as_ref()))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_refuses_every_wrong_token() {
    let engines = Engines::sqlite();
    let (stage, client) = stage(&engines, Engine::Sqlite, "tokens").await;
    let good = client.token.clone();
    let (header, claims) = (header_of(&good), claims_of(&good));
    let kid = header["kid"].as_str().expect("a key's name").to_owned();
    let (private, _) = foreign_key();
    let jwks = client
        .ask("GET /.well-known/jwks.json", &[], "")
        .await
        .json();
    let x = jwks["keys"][0]["x"].as_str().expect("a key").to_owned();
    let unsigned = json!({"alg": "none", "kid": kid, "typ": "at+jwt"});
    let none = forged(&good, Some(&unsigned), |_| {});
    let none = format!("{}.", none.rsplit_once('.').expect("a signature").0);
    let expired = {
        let old = token(&client, "admin", "edfi_admin_api/full_access").await;
        forged(&old, None, |claims| claims["exp"] = 1.into())
    };
    let cases = [
        ("none at all", String::new()),
        ("an empty one", "Bearer ".to_owned()),
        ("no JWT", "Bearer nonsense".to_owned()),
        ("another scheme", format!("Basic {good}")),
        ("expired", format!("Bearer {expired}")),
        ("signed by nobody", format!("Bearer {none}")),
        (
            "signed by somebody else under the server's key name",
            format!(
                "Bearer {}",
                sign(jsonwebtoken::Algorithm::EdDSA, &kid, &claims, &private)
            ),
        ),
        (
            "signed by somebody else",
            format!(
                "Bearer {}",
                sign(jsonwebtoken::Algorithm::EdDSA, "other", &claims, &private)
            ),
        ),
        (
            "signed with the public key as if it were a secret",
            format!(
                "Bearer {}",
                sign(jsonwebtoken::Algorithm::HS256, &kid, &claims, x.as_bytes())
            ),
        ),
        (
            "with more than was signed",
            format!(
                "Bearer {}",
                forged(&good, None, |claims| claims["sub"] = "root".into())
            ),
        ),
        ("cut off", format!("Bearer {}", &good[..good.len() - 2])),
        (
            "for another API",
            format!("Bearer {}", token(&client, "admin", "licence.read").await),
        ),
        ("too long", format!("Bearer {good}{}", "A".repeat(10_000))),
    ];
    let requests = guarded();
    assert_eq!(requests.len(), 17);
    for (name, authorization) in &cases {
        for (line, body) in &requests {
            let answer = client.with(authorization, line, body).await;
            assert_eq!(
                answer.status, 401,
                "{line} with a token: {name}: {}",
                answer.body
            );
            assert!(
                answer
                    .head
                    .contains("www-authenticate: Bearer realm=\"Admin\"")
            );
        }
    }
    let narrow = format!(
        "Bearer {}",
        token(&client, "admin", "edfi_admin_api/readonly").await
    );
    for (line, body) in &requests {
        let answer = client.with(&narrow, line, body).await;
        let expected = if line.starts_with("GET") {
            &[200, 404][..]
        } else {
            &[403][..]
        };
        assert!(
            expected.contains(&answer.status),
            "{line}: {} {}",
            answer.status,
            answer.body
        );
    }
    assert_eq!(
        client.get("/v1/admin/vendors").await.body,
        "[]",
        "nothing has changed"
    );
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_with_its_time_and_with_its_client() {
    let engines = Engines::sqlite();
    let (mut stage, client) = stage(&engines, Engine::Sqlite, "revoked").await;
    assert_eq!(client.get("/v1/admin/vendors").await.status, 200);
    let raise = "UPDATE auth_clients SET generation = generation + 1";
    stage
        .db
        .write::<()>(Statement::new(raise))
        .await
        .expect("it can be raised");
    assert_eq!(
        client.get("/v1/admin/vendors").await.status,
        401,
        "new credentials"
    );
    let mut client = client;
    client.token = token(&client, "admin", "").await;
    assert_eq!(client.get("/v1/admin/vendors").await.status, 200);
    let disable = "UPDATE auth_clients SET disabled = TRUE";
    stage
        .db
        .write::<()>(Statement::new(disable))
        .await
        .expect("it can be disabled");
    assert_eq!(
        client.get("/v1/admin/vendors").await.status,
        401,
        "disabled"
    );
    assert_eq!(client.token_of("admin", SECRET, "").await.status, 401);
    let enable = "UPDATE auth_clients SET disabled = FALSE";
    stage
        .db
        .write::<()>(Statement::new(enable))
        .await
        .expect("it can be enabled");
    client.token = token(&client, "admin", "").await;
    stage.direct("advance", "3599000").await;
    assert_eq!(
        client.get("/v1/admin/vendors").await.status,
        200,
        "a second before its end"
    );
    stage.direct("advance", "1000").await;
    assert_eq!(
        client.get("/v1/admin/vendors").await.status,
        401,
        "at its end"
    );
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_change_without_dropping_tokens() {
    let engines = Engines::sqlite();
    let (mut stage, mut client) = stage(&engines, Engine::Sqlite, "rotation").await;
    let kid = |client: &Client| header_of(&client.token)["kid"].to_string();
    let renew = async |stage: &Stage| stage.auth().renew().await.expect("keys can be renewed");
    let published = async |client: &Client| {
        let keys = client
            .ask("GET /.well-known/jwks.json", &[], "")
            .await
            .json();
        keys["keys"].as_array().expect("a list").len()
    };
    let first = kid(&client);
    renew(&stage).await;
    assert_eq!(published(&client).await, 1, "the key is young");
    stage.direct("advance", "7776000000").await;
    renew(&stage).await;
    client.token = token(&client, "admin", "").await;
    assert_eq!(
        kid(&client),
        first,
        "the new key is published before it signs"
    );
    assert_eq!(published(&client).await, 2);
    stage.direct("advance", "600000").await;
    let old = client.clone();
    client.token = token(&client, "admin", "").await;
    assert_ne!(kid(&client), first, "the new key signs");
    assert_eq!(
        old.get("/v1/admin/vendors").await.status,
        200,
        "the old token is good"
    );
    stage.direct("advance", "3000000").await;
    renew(&stage).await;
    assert_eq!(
        published(&client).await,
        2,
        "old tokens may still be in use"
    );
    stage.direct("advance", "900000").await;
    renew(&stage).await;
    assert_eq!(published(&client).await, 1, "the old key is forgotten");
    stage.close().await;
}

/// What a text means elsewhere it must not mean here: it comes back as it was, or is refused.
#[tokio::test(flavor = "multi_thread")]
async fn texts_are_texts() {
    let texts = [
        "'; DROP TABLE admin_vendors; --",
        "\" OR \"1\"=\"1",
        "$1 $2 %s {0} {{7*7}}",
        "line\r\nSet-Cookie: a=b",
        "nul\u{0}byte",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "\u{202e}drowssap",
        "🦀 \u{1}\u{7f}",
    ];
    let engines = Engines::new();
    for engine in engines.list() {
        let (stage, client) = stage(&engines, *engine, "texts").await;
        for text in texts {
            let mut sent = vendor(text);
            sent["contactName"] = text.into();
            let created = client.send("POST /v1/admin/vendors", &sent).await;
            assert_eq!(created.status, 201, "{text:?}: {}", created.body);
            assert!(!created.head.to_lowercase().contains("set-cookie"));
            let id = created.json()["vendorId"].as_i64().expect("a number");
            let read = client.get(&format!("/v1/admin/vendors/{id}")).await.json();
            assert_eq!(
                (&read["company"], &read["contactName"]),
                (&text.into(), &text.into())
            );
            let mut wanted = application("x", id);
            wanted["claimSetName"] = text.into();
            let refused = client
                .send("POST /v1/admin/instances/1/applications", &wanted)
                .await;
            assert_eq!(refused.status, 400, "{text:?}: {}", refused.body);
            let mut named = application(&text.chars().take(50).collect::<String>(), id);
            named["educationOrganizationIds"] = json!([1, 2]);
            let created = client
                .send("POST /v1/admin/instances/1/applications", &named)
                .await;
            assert_eq!(created.json()["applicationName"], named["applicationName"]);
            let change = json!({"name": text, "instanceType": text, "apiUrl": "https://a.example"});
            let changed = client.send("PUT /v1/admin/instances/1", &change).await;
            assert_eq!(changed.json()["name"], text);
            let id = json!({"client_id": text}).to_string();
            let bearer = format!("Bearer {}", client.token);
            let refused = client.with(&bearer, "POST /v1/identity/client", &id).await;
            assert_eq!(refused.status, 400, "{text:?} is no id");
            let encoded: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
            let unknown = client.token_of(&encoded, &encoded, "").await;
            assert_eq!(unknown.status, 401, "{text:?}: {}", unknown.body);
            let scope = client.token_of("admin", SECRET, &encoded).await;
            assert_eq!(scope.status, 400, "{text:?}: {}", scope.body);
            let headers = [("Authorization", bearer.as_str()), ("Content-Type", JSON)];
            let path = format!("GET /v1/admin/vendors/{encoded}");
            assert_eq!(client.ask(&path, &headers, "").await.status, 400);
        }
        let count = client.get("/v1/admin/vendors").await.json();
        assert_eq!(count.as_array().map(Vec::len), Some(texts.len()));
        stage.close().await;
    }
}

/// Creates, deletes and resets in parallel, and looks at what must hold after each round.
#[tokio::test(flavor = "multi_thread")]
async fn changes_that_race_leave_everything_whole() {
    let engines = Engines::new();
    for engine in engines.list() {
        let (mut stage, _) = stage(&engines, *engine, "race").await;
        stage.direct("restart", "multi-instance").await;
        let mut client = enter_again(&stage).await;
        for round in 0..4 {
            client.token = token(&client, "admin", "").await;
            hammer(&client, round).await;
            check(&stage).await;
        }
        stage.close().await;
    }
}

async fn enter_again(stage: &Stage) -> Client {
    let mut client = Client {
        app: stage.shared(),
        token: String::new(),
    };
    client.token = token(&client, "admin", "").await;
    client
}

async fn hammer(client: &Client, round: i64) {
    let mut tasks = JoinSet::new();
    for worker in 0..8_i64 {
        let client = client.clone();
        tasks.spawn(async move {
            let mut seed = u64::try_from(round * 8 + worker).expect("small") + 1;
            for turn in 0..25 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let pick = i64::try_from((seed >> 33) % 6).expect("small") + 1;
                let instance = i64::try_from((seed >> 40) % 3).expect("small") + 1;
                let line = format!("/v1/admin/instances/{instance}");
                let answer = match (seed >> 48) % 8 {
                    0 => client.send("POST /v1/admin/vendors", &vendor("Race")).await,
                    1 => {
                        client
                            .send(&format!("DELETE /v1/admin/vendors/{pick}"), &Value::Null)
                            .await
                    }
                    2 | 3 => {
                        let wanted = application(&format!("{worker}.{turn}"), pick);
                        client
                            .send(&format!("POST {line}/applications"), &wanted)
                            .await
                    }
                    4 => {
                        let path = format!("PUT {line}/applications/{pick}/reset-credential");
                        client.send(&path, &Value::Null).await
                    }
                    5 => {
                        let name = format!("Instance {round} {pick}");
                        let body = json!({
                            "name": name, "instanceType": "t", "apiUrl": "https://a.example",
                        });
                        client.send("POST /v1/admin/instances", &body).await
                    }
                    6 => client.send(&format!("DELETE {line}"), &Value::Null).await,
                    _ => {
                        let path = format!("DELETE {line}/applications/{pick}");
                        client.send(&path, &Value::Null).await
                    }
                };
                assert!(
                    [200, 201, 400, 404].contains(&answer.status),
                    "{} {}",
                    answer.status,
                    answer.body
                );
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("no worker panics");
    }
}

/// What must hold whatever happened.
async fn check(stage: &Stage) {
    let count = async |sql: &'static str| {
        let row: Option<(i64,)> = stage
            .db
            .read_one(Statement::new(sql))
            .await
            .expect("it answers");
        row.expect("a count").0
    };
    for (rule, sql) in [
        (
            "an application has its vendor",
            "SELECT COUNT(*) FROM admin_applications \
             WHERE vendor_id NOT IN (SELECT vendor_id FROM admin_vendors)",
        ),
        (
            "an application has its instance",
            "SELECT COUNT(*) FROM admin_applications \
             WHERE instance_id NOT IN (SELECT instance_id FROM admin_instances)",
        ),
        (
            "names of instances are unique",
            "SELECT COUNT(*) - COUNT(DISTINCT name) FROM admin_instances",
        ),
        (
            "keys are unique",
            "SELECT COUNT(*) - COUNT(DISTINCT application_key) FROM admin_applications",
        ),
        (
            "the audit trail has no gap",
            "SELECT COALESCE(MAX(number), 0) - COUNT(*) FROM audit_entries",
        ),
        (
            "every vendor that is there was created by a recorded change, every other one deleted",
            "SELECT (SELECT COUNT(*) FROM audit_entries \
              WHERE operation = 'create_vendor' AND outcome = 201) \
             - (SELECT COUNT(*) FROM audit_entries \
              WHERE operation = 'delete_vendor' AND outcome = 200) \
             - (SELECT COUNT(*) FROM admin_vendors)",
        ),
    ] {
        assert_eq!(count(sql).await, 0, "{rule}");
    }
    let made = count("SELECT COUNT(*) FROM audit_entries WHERE outcome IN (200, 201)").await;
    assert!(made > 10, "the hammer was no hammer: {made}");
}

/// Wrong secrets against one client are refused fast and do not keep another one waiting.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_wrong_secrets_stops_nobody_else() {
    const FLOOD: usize = 100_000;
    const CONNECTIONS: usize = 100;
    let engines = Engines::sqlite();
    let (mut stage, client) = stage(&engines, Engine::Sqlite, "flood").await;
    // All of it happens within one minute of the server's clock.
    stage.direct("hold", "clock").await;
    let other = json!({"client_id": "victim", "client_secret": SECRET}).to_string();
    let bearer = format!("Bearer {}", client.token);
    let registered = client
        .with(&bearer, "POST /v1/identity/client", &other)
        .await;
    assert_eq!(registered.status, 201);
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let client = client.clone();
        tasks.spawn(async move {
            let mut statuses = Vec::new();
            for _ in 0..FLOOD / CONNECTIONS {
                statuses.push(client.token_of("victim", "wrong", "").await.status);
                // A connection would wait for its next request here.
                tokio::task::yield_now().await;
            }
            statuses
        });
    }
    let mut slowest = Duration::ZERO;
    let mut asked = 0;
    let mut statuses = std::collections::BTreeMap::new();
    while !tasks.is_empty() {
        let before = Instant::now();
        assert_eq!(client.token_of("admin", SECRET, "").await.status, 200);
        slowest = slowest.max(before.elapsed());
        asked += 1;
        while let Some(done) = tasks.try_join_next() {
            for status in done.expect("it ends") {
                *statuses.entry(status).or_insert(0) += 1;
            }
        }
    }
    println!(
        "{FLOOD} wrong secrets in {:?}: {statuses:?}; {asked} tokens for another client, the \
              slowest in {slowest:?}",
        started.elapsed()
    );
    assert_eq!(statuses.get(&401), Some(&10), "{statuses:?}");
    assert_eq!(statuses.get(&429), Some(&(FLOOD - 10)), "{statuses:?}");
    assert!(asked > 1, "the other client was not asked for");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_a_configured_server_are_accepted_by_its_keys_and_issuer() {
    let folder = Folder::new("jwks");
    let file = folder.path().join("keys.json");
    let (private, x) = foreign_key();
    let set = json!({"keys": [
        {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "theirs", "alg": "EdDSA", "use": "sig"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "symmetric", "alg": "HS256"},
        {"kty": "other", "kid": "unknown"},
    ]});
    std::fs::write(&file, set.to_string()).expect("a file can be written");
    let engines = Engines::sqlite();
    let mut stage = engines.stage(Engine::Sqlite, "foreign").await;
    stage.trust(Foreign {
        source: Source::File(file),
        issuer: Some("https://login.example".to_owned()),
    });
    let client = Client {
        app: stage.shared(),
        token: String::new(),
    };
    let now = support::effects::START_MS / 1000;
    let claims = json!({
        "iss": "https://login.example", "sub": "operator", "aud": "edfi_admin_api",
        "exp": now + 600, "scope": "edfi_admin_api/full_access",
    });
    let sign = |change: &dyn Fn(&mut Value), kid: &str| {
        let mut claims = claims.clone();
        change(&mut claims);
        sign(jsonwebtoken::Algorithm::EdDSA, kid, &claims, &private)
    };
    let ask = async |token: String| {
        let authorization = format!("Bearer {token}");
        client
            .with(
                &authorization,
                "POST /v1/admin/vendors",
                &vendor("V").to_string(),
            )
            .await
            .status
    };
    assert_eq!(ask(sign(&|_| {}, "theirs")).await, 201);
    assert_eq!(
        ask(sign(
            &|claims| claims["aud"] = json!(["x", "edfi_admin_api"]),
            "theirs"
        ))
        .await,
        201
    );
    assert_eq!(
        ask(sign(
            &|claims| claims["iss"] = "https://evil.example".into(),
            "theirs"
        ))
        .await,
        401
    );
    assert_eq!(
        ask(sign(&|claims| claims["aud"] = "licences".into(), "theirs")).await,
        401
    );
    assert_eq!(
        ask(sign(&|claims| claims["exp"] = (now - 61).into(), "theirs")).await,
        401
    );
    assert_eq!(
        ask(sign(&|claims| claims["nbf"] = (now + 120).into(), "theirs")).await,
        401
    );
    assert_eq!(
        ask(sign(
            &|claims| claims["scope"] = "edfi_admin_api/readonly".into(),
            "theirs"
        ))
        .await,
        403
    );
    assert_eq!(ask(sign(&|_| {}, "nobody's")).await, 401);
    let symmetric = self::sign(
        jsonwebtoken::Algorithm::HS256,
        "symmetric",
        &claims,
        b"secret",
    );
    assert_eq!(ask(symmetric).await, 401);
    let audit = "SELECT DISTINCT client_id FROM audit_entries";
    let names: Vec<(String,)> = stage
        .db
        .read(Statement::new(audit))
        .await
        .expect("it answers");
    let names: BTreeSet<String> = names.into_iter().map(|(name,)| name).collect();
    assert!(names.contains("operator"), "{names:?}");
    stage.close().await;
}
