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
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use tokio::sync::{Mutex, RwLock};

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
    /// Held by the request that asks for the set.
    asking: Arc<Mutex<()>>,
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
            asking: Arc::default(),
        }
    }

    /// The `iss` that tokens must have.
    pub fn issuer(&self) -> Option<&str> {
        self.foreign.issuer.as_deref()
    }

    /// The key with this name, and what it signs with. A set that cannot be had leaves the last
    /// copy in use.
    ///
    /// The set is asked for by one request at a time. Meanwhile the others are answered from the
    /// copy, but for those whose key is not in it, which wait: it may be in the set that comes.
    pub async fn find(&self, id: &str) -> Option<(DecodingKey, Algorithm)> {
        let now = self.effects.now();
        let (found, is_due) = self.copied(id, now).await;
        if found.is_some() && !is_due {
            return found;
        }
        let asking = match self.asking.try_lock() {
            Ok(_) if !is_due => return found,
            Ok(asking) => asking,
            Err(_) if found.is_some() => return found,
            Err(_) => self.asking.lock().await,
        };
        // Another request may have asked in the meantime.
        let (found, is_due) = self.copied(id, now).await;
        if !is_due {
            return found;
        }
        self.copy.write().await.asked = Some(now);
        match self.load().await {
            Ok(set) => {
                let keys = set.keys.iter().filter_map(usable).collect();
                self.copy.write().await.keys = keys;
            }
            Err(error) => {
                tracing::warn!(source = ?self.foreign.source, %error, "a key set cannot be had");
            }
        }
        drop(asking);
        self.copy.read().await.find(id)
    }

    /// What the copy has, and whether the set is to be asked for.
    async fn copied(
        &self,
        id: &str,
        now: DateTime<Utc>,
    ) -> (Option<(DecodingKey, Algorithm)>, bool) {
        let copy = self.copy.read().await;
        let found = copy.find(id);
        let is_due = copy.is_due(now, found.is_none());
        (found, is_due)
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

/// A key that can verify: it has a name, is there for signatures, and signs with an asymmetric
/// algorithm. What is left out of a set is told, so that nobody has to guess why a token is refused.
fn usable(jwk: &Jwk) -> Option<(String, DecodingKey, Algorithm)> {
    let left_out = |reason: &str| {
        tracing::warn!(
            key = jwk.common.key_id,
            reason,
            "a key of the set is left out"
        );
    };
    let Some(id) = jwk.common.key_id.clone() else {
        left_out("it has no name");
        return None;
    };
    if !is_for_signatures(jwk) {
        left_out("it is not there for signatures");
        return None;
    }
    let Some(algorithm) = algorithm(jwk) else {
        left_out("its algorithm cannot be used");
        return None;
    };
    match DecodingKey::from_jwk(jwk) {
        Ok(key) => Some((id, key, algorithm)),
        Err(_) => {
            left_out("it cannot be read");
            None
        }
    }
}

/// RFC 7517, sections 4.2 and 4.3: `use` and `key_ops` may be absent.
fn is_for_signatures(jwk: &Jwk) -> bool {
    let key_use = jwk.common.public_key_use.as_ref();
    let operations = jwk.common.key_operations.as_ref();
    key_use.is_none_or(|key_use| *key_use == PublicKeyUse::Signature)
        && operations.is_none_or(|all| all.contains(&KeyOperations::Verify))
}

/// What a key signs with. RFC 7517, section 4.4: `alg` may be absent; the kind of key decides then,
/// for an RSA key RS256, which RFC 9068, section 4 has every server support.
fn algorithm(jwk: &Jwk) -> Option<Algorithm> {
    let Some(named) = jwk.common.key_algorithm else {
        return match &jwk.algorithm {
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
                Some(Algorithm::EdDSA)
            }
            AlgorithmParameters::EllipticCurve(key) => match key.curve {
                EllipticCurve::P256 => Some(Algorithm::ES256),
                EllipticCurve::P384 => Some(Algorithm::ES384),
                _ => None,
            },
            AlgorithmParameters::RSA(_) => Some(Algorithm::RS256),
            _ => None,
        };
    };
    Some(match named {
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
    })
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
mod tests;
