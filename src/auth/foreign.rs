//! The keys of another authorization server: a JSON Web Key Set (RFC 7517) in a file or behind a
//! URL, whose tokens are accepted like the server's own.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::Uri;
use hyper::body::Bytes;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use jsonwebtoken::jwk::{Jwk, JwkSet, KeyAlgorithm};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use tokio::sync::RwLock;

use super::scopes;
use crate::effects::Effects;

/// How long a copy of the key set is used.
const COPY_FOR: TimeDelta = TimeDelta::minutes(5);

/// How long an unknown key does not make anybody look again.
const PAUSE: TimeDelta = TimeDelta::seconds(30);

/// The largest key set that is read, in bytes.
const LARGEST: usize = 1 << 20;

/// How long the other server may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How much the clocks of two servers may differ, in seconds.
const LEEWAY: i64 = 60;

/// Where the keys of another server are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// The key set.
    pub source: Source,
    /// The `iss` that tokens must have, if only one is good.
    pub issuer: Option<String>,
}

/// Where a key set is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// An address, `https` or `http`.
    Url(Uri),
}

/// Why a key set cannot be had.
#[derive(Debug, thiserror::Error)]
enum Unavailable {
    #[error("a file cannot be read: {0}")]
    File(#[from] std::io::Error),
    #[error("the server cannot be asked: {0}")]
    Request(#[from] hyper_util::client::legacy::Error),
    #[error("the answer cannot be read: {0}")]
    Body(Box<dyn std::error::Error + Send + Sync>),
    #[error("the server answers {0}")]
    Status(hyper::StatusCode),
    #[error("the server did not answer in time")]
    Late,
    #[error("it is no JSON Web Key Set: {0}")]
    Malformed(#[from] serde_json::Error),
}

/// The keys of another server; clones share a copy of them.
#[derive(Clone)]
pub struct ForeignKeys {
    foreign: Foreign,
    effects: Effects,
    copy: Arc<RwLock<Copy>>,
}

#[derive(Default)]
struct Copy {
    asked: Option<DateTime<Utc>>,
    keys: Vec<(String, DecodingKey, Algorithm)>,
}

impl ForeignKeys {
    /// The keys at this place; nothing is read yet.
    pub fn new(foreign: Foreign, effects: Effects) -> Self {
        Self {
            foreign,
            effects,
            copy: Arc::default(),
        }
    }

    /// The `iss` that tokens must have.
    pub fn issuer(&self) -> Option<&str> {
        self.foreign.issuer.as_deref()
    }

    /// The key with this name, and what it signs with. A set that cannot be had leaves the last
    /// copy in use.
    pub async fn find(&self, id: &str) -> Option<(DecodingKey, Algorithm)> {
        let now = self.effects.now();
        let found = self.copy.read().await.find(id);
        if !self.copy.read().await.is_due(now, found.is_none()) {
            return found;
        }
        let mut copy = self.copy.write().await;
        if copy.is_due(now, found.is_none()) {
            copy.asked = Some(now);
            match self.load().await {
                Ok(set) => copy.keys = set.keys.iter().filter_map(usable).collect(),
                Err(error) => {
                    tracing::warn!(source = ?self.foreign.source, %error, "a key set cannot be had");
                }
            }
        }
        copy.find(id)
    }

    async fn load(&self) -> Result<JwkSet, Unavailable> {
        let bytes = match &self.foreign.source {
            Source::File(path) => tokio::fs::read(path).await?.into(),
            Source::Url(uri) => tokio::time::timeout(PATIENCE, self.get(uri.clone()))
                .await
                .map_err(|_| Unavailable::Late)??,
        };
        Ok(serde_json::from_slice(&bytes)?)
    }

    async fn get(&self, uri: Uri) -> Result<Bytes, Unavailable> {
        // The roots of the system may change while the server runs, and a set is rarely read.
        let connector = HttpsConnectorBuilder::new().with_native_roots()?;
        let connector = connector.https_or_http().enable_http1().build();
        let client = Client::builder(TokioExecutor::new()).build::<_, Empty<Bytes>>(connector);
        let response = client.get(uri).await?;
        if !response.status().is_success() {
            return Err(Unavailable::Status(response.status()));
        }
        let body = Limited::new(response.into_body(), LARGEST).collect().await;
        Ok(body.map_err(Unavailable::Body)?.to_bytes())
    }
}

impl Copy {
    fn is_due(&self, now: DateTime<Utc>, unknown: bool) -> bool {
        let pause = if unknown { PAUSE } else { COPY_FOR };
        self.asked.is_none_or(|asked| asked + pause <= now)
    }

    fn find(&self, id: &str) -> Option<(DecodingKey, Algorithm)> {
        let found = self.keys.iter().find(|(known, ..)| known == id)?;
        Some((found.1.clone(), found.2))
    }
}

/// A key that can verify: it has a name, and signs with an asymmetric algorithm.
fn usable(jwk: &Jwk) -> Option<(String, DecodingKey, Algorithm)> {
    let algorithm = match jwk.common.key_algorithm? {
        KeyAlgorithm::EdDSA => Algorithm::EdDSA,
        KeyAlgorithm::ES256 => Algorithm::ES256,
        KeyAlgorithm::ES384 => Algorithm::ES384,
        KeyAlgorithm::RS256 => Algorithm::RS256,
        KeyAlgorithm::RS384 => Algorithm::RS384,
        KeyAlgorithm::RS512 => Algorithm::RS512,
        KeyAlgorithm::PS256 => Algorithm::PS256,
        KeyAlgorithm::PS384 => Algorithm::PS384,
        KeyAlgorithm::PS512 => Algorithm::PS512,
        // A symmetric key in a published set would let everybody sign.
        _ => return None,
    };
    let key = DecodingKey::from_jwk(jwk).ok()?;
    Some((jwk.common.key_id.clone()?, key, algorithm))
}

/// What a token of another server says.
#[derive(Clone, Debug, Deserialize)]
pub struct ForeignClaims {
    sub: Option<String>,
    client_id: Option<String>,
    exp: i64,
    nbf: Option<i64>,
    scope: Option<String>,
}

impl ForeignClaims {
    /// Whether it is good at this time, in seconds since 1970.
    pub fn is_timely(&self, now: i64) -> bool {
        now < self.exp.saturating_add(LEEWAY)
            && self.nbf.is_none_or(|nbf| nbf <= now.saturating_add(LEEWAY))
    }

    /// What it covers.
    pub fn scopes(&self) -> Vec<String> {
        self.scope.as_deref().map(scopes::parse).unwrap_or_default()
    }

    /// Whose it is.
    pub fn subject(self) -> String {
        self.client_id.or(self.sub).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

    use poem::listener::{Acceptor as _, Listener as _, TcpListener};
    use poem::{IntoResponse as _, Response, Server, endpoint};

    use super::*;
    use crate::effects::Clock;

    #[derive(Default)]
    struct Seconds(AtomicI64);

    impl Clock for Seconds {
        fn now(&self) -> DateTime<Utc> {
            DateTime::from_timestamp(self.0.load(Ordering::SeqCst), 0).unwrap_or_default()
        }
    }

    /// A server with a key set that changes, and how often it was asked.
    #[derive(Clone, Default)]
    struct Issuer {
        answer: Arc<Mutex<(u16, String)>>,
        asked: Arc<AtomicUsize>,
    }

    impl Issuer {
        async fn start(&self) -> Uri {
            let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await;
            let acceptor = acceptor.expect("there is a free port");
            let address = acceptor.local_addr().remove(0);
            let address = *address.as_socket_addr().expect("a port");
            let issuer = self.clone();
            let keys = endpoint::make_sync(move |_| issuer.answer());
            tokio::spawn(Server::new_with_acceptor(acceptor).run(keys));
            format!("http://{address}/keys").parse().expect("a URL")
        }

        fn answer(&self) -> Response {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let (status, body) = self.answer.lock().expect("nobody panicked").clone();
            let status = poem::http::StatusCode::from_u16(status).expect("a status");
            body.with_status(status).into_response()
        }

        fn says(&self, status: u16, body: impl Into<String>) {
            *self.answer.lock().expect("nobody panicked") = (status, body.into());
        }
    }

    fn set(ids: &[&str]) -> String {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let keys = ids.iter().map(|id| {
            serde_json::json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": id, "alg": "EdDSA"})
        });
        serde_json::json!({ "keys": keys.collect::<Vec<_>>() }).to_string()
    }

    #[tokio::test]
    async fn a_key_set_behind_a_url_is_read_again_when_it_is_old_or_lacks_a_key() {
        let issuer = Issuer::default();
        let source = Source::Url(issuer.start().await);
        let clock = Arc::new(Seconds::default());
        let effects = Effects {
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            ..Effects::real()
        };
        let foreign = Foreign {
            source,
            issuer: None,
        };
        let keys = ForeignKeys::new(foreign, effects);
        let at = |seconds| clock.0.store(seconds, Ordering::SeqCst);
        let asked = || issuer.asked.load(Ordering::SeqCst);

        issuer.says(200, set(&["one"]));
        assert!(keys.find("one").await.is_some());
        assert!(keys.find("one").await.is_some());
        assert_eq!(asked(), 1);

        // A key that nobody knows makes the server ask again, but not at every request.
        issuer.says(200, set(&["one", "two"]));
        assert!(keys.find("two").await.is_none());
        assert_eq!(asked(), 1);
        at(30);
        assert!(keys.find("two").await.is_some());
        assert_eq!(asked(), 2);

        // What was published last holds while the issuer is in trouble.
        let huge = " ".repeat(LARGEST + 1);
        for (status, body) in [(500, set(&[])), (200, "not a set".to_owned()), (200, huge)] {
            issuer.says(status, body);
            let before = asked();
            at(clock.now().timestamp() + 300);
            assert!(keys.find("two").await.is_some(), "{status}");
            assert_eq!(asked(), before + 1);
        }

        // A key that is no longer published is no longer good.
        issuer.says(200, set(&["two"]));
        at(clock.now().timestamp() + 300);
        assert!(keys.find("one").await.is_none());
        assert!(keys.find("two").await.is_some());
    }
}
