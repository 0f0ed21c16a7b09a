//! Credentials: what a client proves with who it is.

use std::fmt;

use zeroize::Zeroize as _;

/// A user name and a password (RFC 7617).
#[derive(Clone, PartialEq, Eq)]
pub struct Basic {
    /// The user name.
    pub username: String,
    /// The password.
    pub password: String,
}

/// A bearer token (RFC 6750).
#[derive(Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The token.
    pub token: String,
}

/// An API key.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The key.
    pub key: String,
}

// Nobody needs them once the request is over, and memory may be looked at later.
impl Drop for Basic {
    fn drop(&mut self) {
        self.password.zeroize();
    }
}

impl Drop for Bearer {
    fn drop(&mut self) {
        self.token.zeroize();
    }
}

impl Drop for ApiKey {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

// What a log shows must not let its readers in.
impl fmt::Debug for Basic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Basic")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bearer").finish_non_exhaustive()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey").finish_non_exhaustive()
    }
}

/// Credentials of any kind, as they came with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// A user name and a password.
    Basic(Basic),
    /// A bearer token.
    Bearer(Bearer),
    /// An API key.
    ApiKey(ApiKey),
}

impl From<Basic> for Credentials {
    fn from(basic: Basic) -> Self {
        Self::Basic(basic)
    }
}

impl From<Bearer> for Credentials {
    fn from(bearer: Bearer) -> Self {
        Self::Bearer(bearer)
    }
}

impl From<ApiKey> for Credentials {
    fn from(key: ApiKey) -> Self {
        Self::ApiKey(key)
    }
}
