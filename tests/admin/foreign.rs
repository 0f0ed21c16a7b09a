//! Tokens of another authorization server.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use specwright_server::auth::foreign::{Foreign, Source};
use specwright_server::db::Statement;

use crate::client::{Client, vendor};
use crate::support;
use crate::support::files::Folder;
use crate::support::play::{Engine, Engines};
use crate::tokens::{foreign_key, sign};

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
