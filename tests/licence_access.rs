//! Who may read licences, and where the links of a list lead.

mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poem::{Endpoint as _, Request};
use serde_json::{Value, json};
use specwright_server::auth::foreign::{Foreign, Source};
use specwright_server::licences::demo::licences as demo;
use specwright_server::licences::store::Store;
use support::effects::START_MS;
use support::files::Folder;
use support::play::{Engine, Engines, Stage};

/// A key of another identity service, and the public half of it.
fn foreign_key() -> (Vec<u8>, String) {
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a key");
    let private = pair.to_pkcs8().expect("a document").as_ref().to_vec();
    (private, URL_SAFE_NO_PAD.encode(pair.public_key().as_ref()))
}

fn sign(claims: &Value, private: &[u8]) -> String {
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::EdDSA);
    header.kid = Some("theirs".to_owned());
    let key = jsonwebtoken::EncodingKey::from_ed_der(private);
    jsonwebtoken::encode(&header, claims, &key).expect("it can be signed")
}

/// A stage with the licences of the demo, which trusts another identity service.
async fn stage(engines: &Engines, folder: &Folder, name: &str) -> (Stage, Vec<u8>) {
    let file = folder.path().join("keys.json");
    let (private, x) = foreign_key();
    let set = json!({"keys": [
        {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "theirs", "alg": "EdDSA", "use": "sig"},
    ]});
    std::fs::write(&file, set.to_string()).expect("a file can be written");
    let mut stage = engines.stage(Engine::Sqlite, name).await;
    stage.trust(Foreign {
        source: Source::File(file),
        issuer: Some("https://login.example".to_owned()),
    });
    let stored = Store::new(stage.register()).put(demo(), START_MS).await;
    stored.expect("the licences can be stored");
    (stage, private)
}

fn claims() -> Value {
    json!({
        "iss": "https://login.example", "sub": "reader", "aud": "licences",
        "exp": START_MS / 1000 + 600, "scope": "licence.read",
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_a_configured_issuer_read_licences() {
    let (engines, folder) = (Engines::sqlite(), Folder::new("licence-jwks"));
    let (stage, private) = stage(&engines, &folder, "issuer").await;
    let app = stage.shared();
    let ask = async |target: &str, change: (&str, Value)| {
        let mut claims = claims();
        claims[change.0] = change.1;
        let request = Request::builder()
            .uri(target.parse().expect("an address"))
            .header(
                "authorization",
                format!("Bearer {}", sign(&claims, &private)),
            )
            .finish();
        app.get_response(request).await.status().as_u16()
    };
    for target in [
        "/licence/v1.1/licence",
        "/licence/v1.1/licence/PAL-0000001",
        "/licence/v1.2/licence/summary",
    ] {
        assert_eq!(ask(target, ("sub", "reader".into())).await, 200, "{target}");
        let scopes = "other licence.read";
        assert_eq!(ask(target, ("scope", scopes.into())).await, 200, "{target}");
        assert_eq!(
            ask(target, ("scope", "other".into())).await,
            403,
            "{target}"
        );
        for (claim, value) in [
            ("iss", json!("https://evil.example")),
            ("aud", json!("edfi_admin_api")),
            ("exp", json!(START_MS / 1000 - 600)),
        ] {
            assert_eq!(ask(target, (claim, value)).await, 401, "{target} {claim}");
        }
    }
    stage.close().await;
}

/// Asks for a page the way a proxy does, and answers the links of the page.
fn links(address: &str, token: &str) -> Value {
    let host = address.strip_prefix("http://").expect("a plain address");
    let mut stream = TcpStream::connect(host).expect("it listens");
    let request = format!(
        "GET /licence/v1.1/licence?PageSize=20&Page=2 HTTP/1.1\r\nHost: inner.example\r\n\
         X-Forwarded-Host: api.example\r\nX-Forwarded-Proto: https\r\n\
         Authorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    let sent = stream.write_all(request.as_bytes());
    sent.expect("it takes requests");
    let mut answer = String::new();
    let read = stream.read_to_string(&mut answer);
    read.expect("it answers");
    let body = answer.split_once("\r\n\r\n").expect("a body").1;
    let body: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"));
    body["_links"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn links_lead_to_where_a_trusted_proxy_was_asked() {
    let (engines, folder) = (Engines::sqlite(), Folder::new("licence-proxies"));
    let (mut stage, private) = stage(&engines, &folder, "proxies").await;
    for (proxies, origin) in [
        ("127.0.0.0/8", "https://api.example"),
        ("10.0.0.0/8", "http://inner.example"),
    ] {
        let address = stage.serve_behind("licences-v1-1", proxies).await;
        let token = sign(&claims(), &private);
        let links = tokio::task::spawn_blocking(move || links(&address, &token)).await;
        let links = links.expect("it is asked");
        for name in ["self", "next", "prev", "first", "last"] {
            let href = links[name]["href"].as_str().expect(name);
            let start = format!("{origin}/licence/v1.1/licence?");
            assert!(href.starts_with(&start), "{proxies} {name}: {href}");
        }
    }
    stage.close().await;
}
