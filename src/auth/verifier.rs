//! Whether a token is good, and what it covers.

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use specwright_runtime::{Denied, Grant};

use super::foreign::{ForeignClaims, ForeignKeys};
use super::keys::KeyRing;
use super::store::Store;
use super::token::{Claims, LONGEST};
use super::{AuthError, scopes};
use crate::db::DbError;
use crate::effects::Effects;
use crate::faults::fault;

/// Verifies tokens of this server, and of a configured one; clones share the keys.
#[derive(Clone)]
pub struct Verifier {
    keys: KeyRing,
    store: Store,
    foreign: Option<ForeignKeys>,
    effects: Effects,
}

/// Why a token is refused, for the log; the client learns that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is no JWT.
    Malformed,
    /// Nobody here knows its key.
    UnknownKey,
    /// The signature, the algorithm, the audience or the issuer is wrong.
    Invalid,
    /// It has expired, or is not good yet.
    Untimely,
    /// Its client is gone, is disabled, or has new credentials since.
    Revoked,
}

/// A token that is good, by its signature and times.
struct Verified {
    subject: String,
    scopes: Vec<String>,
}

enum Trouble {
    Token(Reason),
    Server(AuthError),
}

impl From<Reason> for Trouble {
    fn from(reason: Reason) -> Self {
        Trouble::Token(reason)
    }
}

impl From<AuthError> for Trouble {
    fn from(error: AuthError) -> Self {
        Trouble::Server(error)
    }
}

impl From<DbError> for Trouble {
    fn from(error: DbError) -> Self {
        Trouble::Server(error.into())
    }
}

impl Verifier {
    /// Verifies against the server's own keys, then against those of another server.
    pub fn new(
        keys: KeyRing,
        store: Store,
        foreign: Option<ForeignKeys>,
        effects: Effects,
    ) -> Self {
        Self {
            keys,
            store,
            foreign,
            effects,
        }
    }

    /// What a token covers in the API with this audience.
    ///
    /// # Errors
    /// The token is wrong, or the server cannot tell.
    pub async fn grant(&self, token: &str, audience: &str) -> Result<Grant, Denied> {
        match self.verify(token, audience).await {
            Ok(verified) => Ok(Grant::new(verified.subject).with_scopes(implied(verified.scopes))),
            Err(Trouble::Token(reason)) => {
                tracing::debug!(?reason, "a token is refused");
                Err(Denied::unauthorized())
            }
            Err(Trouble::Server(error)) => Err(Denied::fault(fault(error))),
        }
    }

    async fn verify(&self, token: &str, audience: &str) -> Result<Verified, Trouble> {
        if token.len() > LONGEST {
            return Err(Reason::Malformed.into());
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| Reason::Malformed)?;
        let Some(key_id) = header.kid.as_deref() else {
            return Err(Reason::UnknownKey.into());
        };
        if !is_access_token(header.typ.as_deref()) {
            return Err(Reason::Invalid.into());
        }
        let mut keys = self.keys.keys().await?;
        if keys.find(key_id).is_none() {
            if let Some(foreign) = &self.foreign
                && let Some(key) = foreign.find(key_id).await
            {
                return self.others(foreign, token, key, audience);
            }
            // Another process may have made a key since.
            keys = self.keys.reload().await?;
        }
        let key = keys.find(key_id).ok_or(Reason::UnknownKey)?;
        let claims: Claims = read(token, &key.decoding, Algorithm::EdDSA, audience, None)?;
        self.own(claims).await
    }

    async fn own(&self, claims: Claims) -> Result<Verified, Trouble> {
        if claims.exp <= self.effects.now().timestamp() {
            return Err(Reason::Untimely.into());
        }
        let client = self.store.client(&claims.sub).await?;
        let current =
            client.filter(|client| !client.disabled && client.generation == claims.generation);
        let client = current.ok_or(Reason::Revoked)?;
        // A client that may have less than before has less at once.
        let mut scopes = scopes::parse(&claims.scope);
        scopes.retain(|scope| client.scopes.contains(scope));
        Ok(Verified {
            subject: claims.sub,
            scopes,
        })
    }

    fn others(
        &self,
        foreign: &ForeignKeys,
        token: &str,
        (key, algorithm): (DecodingKey, Algorithm),
        audience: &str,
    ) -> Result<Verified, Trouble> {
        let claims: ForeignClaims = read(token, &key, algorithm, audience, foreign.issuer())?;
        if !claims.is_timely(self.effects.now().timestamp()) {
            return Err(Reason::Untimely.into());
        }
        Ok(Verified {
            scopes: claims.scopes(),
            subject: claims.subject(),
        })
    }
}

/// Whether a token of this type gives access. RFC 9068, section 4 has `at+jwt` or the same with
/// `application/`; servers that are older than it say `JWT` (RFC 7519, section 5.1) or nothing.
/// Anything else, such as `logout+jwt` or `dpop+jwt`, is a token for something else.
fn is_access_token(typ: Option<&str>) -> bool {
    let known = ["at+jwt", "application/at+jwt", "JWT"];
    typ.is_none_or(|typ| known.iter().any(|known| known.eq_ignore_ascii_case(typ)))
}

/// Checks everything but the times, which the effects' clock decides. The algorithm is the key's,
/// never the token's word.
fn read<T: serde::de::DeserializeOwned + Clone>(
    token: &str,
    key: &DecodingKey,
    algorithm: Algorithm,
    audience: &str,
    issuer: Option<&str>,
) -> Result<T, Reason> {
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.set_audience(&[audience]);
    validation.set_required_spec_claims(&["exp", "aud"]);
    if let Some(issuer) = issuer {
        validation.set_issuer(&[issuer]);
        validation.set_required_spec_claims(&["exp", "aud", "iss"]);
    }
    let data = jsonwebtoken::decode::<T>(token, key, &validation);
    data.map(|data| data.claims).map_err(|_| Reason::Invalid)
}

/// Full access to the Admin API includes reading.
fn implied(mut scopes: Vec<String>) -> Vec<String> {
    let has = |scopes: &[String], wanted: &str| scopes.iter().any(|scope| scope == wanted);
    if has(&scopes, scopes::FULL_ACCESS) && !has(&scopes, scopes::READONLY) {
        scopes.push(scopes::READONLY.to_owned());
    }
    scopes
}
