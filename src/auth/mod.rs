//! Who may call: clients, their secrets and their tokens, for every API of the server.
//!
//! Nothing here knows HTTP or an API. An API asks [`Auth::grant`] what a token covers, and the API
//! with the token endpoint asks [`Auth::token`] for one.

pub mod secret;

pub mod attempts;
pub mod hashing;

pub mod keys;
pub mod scopes;
pub mod sealing;
pub mod token;

pub mod foreign;
pub mod verifier;

pub mod clients;
pub mod store;

use std::fmt;
use std::future::Future;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use specwright_runtime::{Denied, Grant};

use crate::config::AuthConfig;
use crate::db::{Db, DbError};
use crate::effects::{Effects, NoRandomness};
use crate::faults::Outage;
use attempts::{Attempts, LIMIT, TooMany, Turn, WINDOW_MS};
use foreign::ForeignKeys;
use hashing::{HashError, Hasher};
use keys::KeyRing;
use secret::Secret;
use store::Store;
use token::{Claims, LIFETIME};
use verifier::Verifier;

/// A client as it is stored.
#[derive(Clone, Deserialize, PartialEq, Eq, Serialize)]
pub struct Client {
    /// What identifies it.
    pub client_id: String,
    /// The Argon2id hash of its secret, a PHC string; never shown.
    #[serde(skip)]
    pub secret_hash: String,
    /// What it may have.
    pub scopes: Vec<String>,
    /// How often its tokens were made worthless.
    pub generation: i64,
    /// Whether it gets no tokens, and those it has are worthless.
    pub disabled: bool,
    /// When it was registered.
    pub created: DateTime<Utc>,
}

/// A client that was registered.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Registered {
    /// What identifies it.
    pub client_id: String,
    /// What it may have, with spaces between the scopes.
    pub scope: String,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The hash is left out: whoever has it can try secrets at leisure.
        let mut client = f.debug_struct("Client");
        client
            .field("client_id", &self.client_id)
            .field("scopes", &self.scopes)
            .field("generation", &self.generation)
            .field("disabled", &self.disabled);
        client.finish_non_exhaustive()
    }
}

/// Whoever has a secret to get tokens with.
#[derive(Clone)]
pub struct Holder {
    /// The hash of the secret; `None` when there is no secret yet, or none counts.
    pub secret_hash: Option<String>,
    /// What the holder may have.
    pub scopes: Vec<String>,
    /// How often the holder's tokens were made worthless.
    pub generation: i64,
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut holder = f.debug_struct("Holder");
        holder
            .field("scopes", &self.scopes)
            .field("generation", &self.generation);
        holder.finish_non_exhaustive()
    }
}

/// Where holders are looked for that are no clients of this server.
pub trait Holders: Sync {
    /// The holder with this id.
    fn find(&self, id: &str) -> impl Future<Output = Result<Option<Holder>, DbError>> + Send;
}

/// A request for a token.
#[derive(Debug)]
pub struct Asked {
    /// Who asks.
    pub id: String,
    /// The secret; another reading of it follows, where its encoding leaves room for two.
    pub secrets: Vec<Secret>,
    /// The scopes that are asked for, all that there are when it is `None`.
    pub scope: Option<String>,
    /// The address of this server, which tokens name as their issuer.
    pub issuer: String,
}

/// A token that was issued.
#[derive(Debug)]
pub struct Issued {
    /// The token.
    pub token: String,
    /// How long it is good, in seconds.
    pub expires_in: i64,
    /// What it covers, with spaces between the scopes.
    pub scope: String,
}

/// Why there is no token.
#[derive(Debug)]
pub enum TokenRefusal {
    /// There is no such id, or this is not its secret.
    WrongCredentials,
    /// The holder may not have this scope, or nobody can.
    WrongScope(String),
    /// Too many attempts have failed.
    TooMany(TooMany),
    /// The server failed.
    Failed(AuthError),
}

/// Why the server cannot tell.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A secret could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// There is no randomness.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// A signing key cannot be used.
    #[error("the signing key `{0}` cannot be used")]
    Key(String),
    /// A signing key is sealed with a key that is not at hand.
    #[error(
        "the signing key `{0}` is sealed; give the key that it was sealed with by \
         `--key-encryption-key-file`, after the present one if that is another"
    )]
    Sealed(String),
    /// A task did not end.
    #[error("an attempt did not end")]
    Interrupted,
}

impl Outage for AuthError {
    fn is_unavailable(&self) -> bool {
        match self {
            AuthError::Db(error) => error.is_unavailable(),
            AuthError::Hash(HashError::Busy) => true,
            _ => false,
        }
    }
}

impl From<AuthError> for TokenRefusal {
    fn from(error: AuthError) -> Self {
        TokenRefusal::Failed(error)
    }
}

/// Clients, keys and tokens over one database; clones share them.
#[derive(Clone)]
pub struct Auth {
    store: Store,
    effects: Effects,
    hasher: Hasher,
    attempts: Attempts,
    keys: KeyRing,
    verifier: Verifier,
}

impl Auth {
    /// Clients and keys in this database.
    pub fn new(config: &AuthConfig, db: Db, effects: Effects) -> Self {
        let store = Store::new(db);
        let lifetime = TimeDelta::from_std(config.key_lifetime).unwrap_or(TimeDelta::MAX);
        let sealing = config.sealing.clone();
        let keys = KeyRing::new(store.clone(), effects.clone(), lifetime, sealing);
        let foreign = config.foreign.clone();
        let foreign = foreign.map(|foreign| ForeignKeys::new(foreign, effects.clone()));
        let verifier = Verifier::new(keys.clone(), store.clone(), foreign, effects.clone());
        Self {
            hasher: Hasher::new(config.hash_cost),
            attempts: Attempts::default(),
            store,
            effects,
            keys,
            verifier,
        }
    }

    /// Makes what is missing and forgets what is over: at the start, and from time to time.
    ///
    /// # Errors
    /// The database failed, or there is no randomness.
    pub async fn renew(&self) -> Result<(), AuthError> {
        self.keys.renew().await
    }

    /// What a token covers in the API with this audience.
    ///
    /// # Errors
    /// The token is wrong, or the server cannot tell.
    pub async fn grant(&self, token: &str, audience: &str) -> Result<Grant, Denied> {
        self.verifier.grant(token, audience).await
    }

    /// The keys that tokens are signed with, or may have been.
    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// Hashes secrets.
    pub fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    /// Issues a token (RFC 6749, section 4.4) to a client of this server or another holder.
    ///
    /// # Errors
    /// The credentials or scopes are wrong, too many attempts have failed, or the server failed.
    pub async fn token(&self, asked: Asked, others: &impl Holders) -> Result<Issued, TokenRefusal> {
        let now_ms = || self.effects.now().timestamp_millis();
        let turn = self.attempts.turn(&asked.id, now_ms).await;
        let turn = turn.map_err(TokenRefusal::TooMany)?;
        let now_ms = now_ms();
        let stored = self
            .store
            .failures(&asked.id, now_ms - WINDOW_MS, LIMIT)
            .await
            .map_err(AuthError::from)?;
        turn.recall(stored, now_ms).map_err(TokenRefusal::TooMany)?;
        let holder = self
            .holder(&asked.id, others)
            .await
            .map_err(AuthError::from)?;
        let hash = holder
            .as_ref()
            .and_then(|holder| holder.secret_hash.clone());
        let right = self
            .attempt(turn, asked.id.clone(), asked.secrets, hash, now_ms)
            .await?;
        match holder.filter(|_| right) {
            Some(holder) => {
                self.issue(&asked.id, &holder, asked.scope, asked.issuer)
                    .await
            }
            None => Err(TokenRefusal::WrongCredentials),
        }
    }

    async fn holder(&self, id: &str, others: &impl Holders) -> Result<Option<Holder>, DbError> {
        match self.store.client(id).await? {
            Some(client) => Ok(Some(Holder {
                secret_hash: Some(client.secret_hash).filter(|_| !client.disabled),
                scopes: client.scopes,
                generation: client.generation,
            })),
            None => others.find(id).await,
        }
    }

    /// Compares the secrets and stores a failure, also when whoever asked has gone meanwhile: an
    /// attempt that was made counts.
    async fn attempt(
        &self,
        turn: Turn,
        id: String,
        secrets: Vec<Secret>,
        hash: Option<String>,
        now_ms: i64,
    ) -> Result<bool, AuthError> {
        let (hasher, store) = (self.hasher.clone(), self.store.clone());
        let attempt = tokio::spawn(async move {
            for secret in secrets {
                if hasher.matches(secret, hash.clone()).await? {
                    return Ok(true);
                }
            }
            store.failed(&id, now_ms, now_ms - WINDOW_MS).await?;
            turn.failed(now_ms);
            Ok(false)
        });
        attempt.await.map_err(|_| AuthError::Interrupted)?
    }

    async fn issue(
        &self,
        id: &str,
        holder: &Holder,
        scope: Option<String>,
        issuer: String,
    ) -> Result<Issued, TokenRefusal> {
        let asked = scope.as_deref().map(scopes::parse).unwrap_or_default();
        let granted = if asked.is_empty() {
            &holder.scopes
        } else {
            &asked
        };
        if let Some(wrong) = granted.iter().find(|scope| !holder.scopes.contains(scope)) {
            return Err(TokenRefusal::WrongScope(wrong.clone()));
        }
        let now = self.effects.now();
        let keys = self.keys.keys().await?;
        let key = keys
            .signer(now)
            .ok_or_else(|| AuthError::Key("(none)".to_owned()))?;
        let token_id = self.effects.new_id();
        let claims = Claims::new(issuer, id, holder.generation, granted, token_id, now);
        Ok(Issued {
            token: claims.sign(key)?,
            expires_in: LIFETIME,
            scope: claims.scope,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_log_shows_a_hash() {
        let hash = "$argon2id$v=19$hash";
        let client = Client {
            client_id: "office".to_owned(),
            secret_hash: hash.to_owned(),
            scopes: Vec::new(),
            generation: 1,
            disabled: false,
            created: DateTime::UNIX_EPOCH,
        };
        let holder = Holder {
            secret_hash: Some(hash.to_owned()),
            scopes: Vec::new(),
            generation: 1,
        };
        let shown = format!("{client:?} {holder:?}");
        assert!(
            shown.contains("office") && !shown.contains("argon2id"),
            "{shown}"
        );
    }
}
