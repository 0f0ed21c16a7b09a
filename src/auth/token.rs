//! Access tokens: signed JWTs (RFC 9068).

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, Header};
use serde::{Deserialize, Serialize};

use super::keys::SigningKey;
use super::{AuthError, scopes};

/// How long a token is good, in seconds.
pub const LIFETIME: i64 = 3600;

/// The longest token that is looked at, in bytes.
pub const LONGEST: usize = 8 * 1024;

/// What a token says (RFC 9068, section 2.2).
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Claims {
    /// Who issued it.
    pub iss: String,
    /// Whose it is.
    pub sub: String,
    /// The client that asked for it; the same, as clients act for themselves.
    pub client_id: String,
    /// The APIs it is meant for.
    pub aud: Vec<String>,
    /// When it expires, in seconds since 1970.
    pub exp: i64,
    /// When it was issued, in seconds since 1970.
    pub iat: i64,
    /// What identifies it.
    pub jti: String,
    /// What it covers.
    pub scope: String,
    /// The client's generation when it was issued.
    #[serde(rename = "gen")]
    pub generation: i64,
}

impl Claims {
    /// What a token for these scopes says.
    pub fn new(
        issuer: String,
        client_id: &str,
        generation: i64,
        granted: &[String],
        id: String,
        now: DateTime<Utc>,
    ) -> Self {
        let issued = now.timestamp();
        Self {
            iss: issuer,
            sub: client_id.to_owned(),
            client_id: client_id.to_owned(),
            aud: scopes::audiences(granted),
            exp: issued + LIFETIME,
            iat: issued,
            jti: id,
            scope: granted.join(" "),
            generation,
        }
    }

    /// The token.
    ///
    /// # Errors
    /// The key cannot be used.
    pub fn sign(&self, key: &SigningKey) -> Result<String, AuthError> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(key.id.clone());
        let token = jsonwebtoken::encode(&header, self, &key.encoding);
        token.map_err(|_| AuthError::Key(key.id.clone()))
    }
}
