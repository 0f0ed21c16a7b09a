//! Tokens that are wrong in every way, and those that were right once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use specwright_server::admin::contract::API;
use specwright_server::db::Statement;

use crate::client::{Client, SECRET, application, stage, token, vendor};
use crate::support::play::{Engine, Engines, Stage};

/// A request for every operation that takes a token: its line and a body that it takes. All but one
/// need it; to register a client is open until there is one.
fn guarded() -> Vec<(String, String)> {
    let needs = |operation: &&&specwright_runtime::private::Operation| {
        let mut all = operation.security.iter().copied().flatten();
        all.any(|requirement| requirement.scheme.name == "oauth")
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
            Some(_) if path.contains("identity") => "{}".to_owned(),
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

pub fn sign(algorithm: jsonwebtoken::Algorithm, kid: &str, claims: &Value, key: &[u8]) -> String {
    let mut header = jsonwebtoken::Header::new(algorithm);
    header.kid = Some(kid.to_owned());
    let key = match algorithm {
        jsonwebtoken::Algorithm::HS256 => jsonwebtoken::EncodingKey::from_secret(key),
        _ => jsonwebtoken::EncodingKey::from_ed_der(key),
    };
    jsonwebtoken::encode(&header, claims, &key).expect("it can be signed")
}

pub fn foreign_key() -> (Vec<u8>, String) {
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
    let cases = [
        ("none at all", String::new()),
        ("an empty one", "Bearer ".to_owned()),
        ("no JWT", "Bearer nonsense".to_owned()),
        ("another scheme", format!("Basic {good}")),
        (
            "with a later end than was signed",
            format!(
                "Bearer {}",
                forged(&good, None, |claims| claims["exp"] = i64::MAX.into())
            ),
        ),
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
    assert_eq!(requests.len(), 18);
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
    assert_eq!(clients(&stage).await, 1);
    stage.close().await;
}

async fn clients(stage: &Stage) -> usize {
    let clients = stage.auth().clients().await;
    clients.expect("it answers").len()
}

/// A real token, and the server's clock an hour later.
#[tokio::test(flavor = "multi_thread")]
async fn every_operation_refuses_a_token_that_has_expired() {
    let engines = Engines::sqlite();
    let (mut stage, client) = stage(&engines, Engine::Sqlite, "expired").await;
    let good = format!("Bearer {}", client.token);
    let reads = |line: &&(String, String)| line.0.starts_with("GET ");
    let requests = guarded();
    for (line, body) in requests.iter().filter(reads) {
        let answer = client.with(&good, line, body).await;
        assert!(
            [200, 404].contains(&answer.status),
            "{line}: {}",
            answer.body
        );
    }
    stage.direct("advance", "3600000").await;
    for (line, body) in &requests {
        let answer = client.with(&good, line, body).await;
        assert_eq!(answer.status, 401, "{line}: {}", answer.body);
        let challenge = "www-authenticate: Bearer realm=\"Admin\", error=\"invalid_token\"";
        assert!(answer.head.contains(challenge), "{line}: {}", answer.head);
    }
    let mut client = client.clone();
    client.token = token(&client, "admin", "").await;
    assert_eq!(client.get("/v1/admin/vendors").await.body, "[]");
    assert_eq!(clients(&stage).await, 1);
    stage.close().await;
}

/// RFC 9068, section 4: a token of another type gives no access, whoever signed it.
#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_another_type_are_refused() {
    let engines = Engines::sqlite();
    let mut stage = engines.stage(Engine::Sqlite, "types").await;
    let folder = crate::support::files::Folder::new("types");
    let file = folder.path().join("keys.json");
    let (private, x) = foreign_key();
    let set = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "theirs"}]});
    std::fs::write(&file, set.to_string()).expect("a file can be written");
    stage.trust(specwright_server::auth::foreign::Foreign {
        source: specwright_server::auth::foreign::Source::File(file),
        issuer: None,
    });
    let client = crate::client::enter(&stage).await;
    let claims = json!({
        "sub": "operator", "aud": "edfi_admin_api", "scope": "edfi_admin_api/full_access",
        "exp": crate::support::effects::START_MS / 1000 + 600,
    });
    for (typ, status) in [
        (Some("at+jwt"), 200),
        (Some("application/AT+JWT"), 200),
        (Some("JWT"), 200),
        (None, 200),
        (Some("logout+jwt"), 401),
        (Some("dpop+jwt"), 401),
        (Some("id_token"), 401),
        (Some(""), 401),
    ] {
        let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::EdDSA);
        header.kid = Some("theirs".to_owned());
        header.typ = typ.map(str::to_owned);
        let key = jsonwebtoken::EncodingKey::from_ed_der(&private);
        let token = jsonwebtoken::encode(&header, &claims, &key).expect("it can be signed");
        let bearer = format!("Bearer {token}");
        let answer = client.with(&bearer, "GET /v1/admin/vendors", "").await;
        assert_eq!(answer.status, status, "{typ:?}: {}", answer.body);
    }
    // Beside another server's keys, one that another process has made is found as well.
    stage.direct("advance", "7776000000").await;
    let other = stage.auth();
    other.renew().await.expect("keys can be renewed");
    stage.direct("advance", "610000").await;
    let keys = other.keys().reload().await.expect("there are keys");
    let now = stage.effects.now();
    let newest = keys.signer(now).expect("a key");
    let claims = specwright_server::auth::token::Claims::new(
        "https://a.example".to_owned(),
        "admin",
        1,
        &["edfi_admin_api/full_access".to_owned()],
        "id".to_owned(),
        now,
    );
    let bearer = format!("Bearer {}", claims.sign(newest).expect("a token"));
    let answer = client.with(&bearer, "GET /v1/admin/vendors", "").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
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
