//! Clients that prove themselves with an id and a secret on every request.
//!
//! Their secrets are long and random, so that a keyed digest is stored in place of a slow hash:
//! every request has one checked, in every layer.

pub mod store;

use std::fmt::Write as _;
use std::sync::Arc;

use aws_lc_rs::{constant_time, digest, hmac};
use chrono::{DateTime, Utc};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use crate::auth::secret::Secret;
use crate::changes::Change;
use crate::db::{Db, DbError};
use crate::effects::{Effects, NoRandomness};
use crate::faults::Outage;
use store::{Store, Stored};

/// The length of a secret, in characters: 280 bits.
const SECRET_LENGTH: usize = 48;

/// The length of a digest, in bytes.
const DIGEST_LENGTH: usize = 32;

/// The length of the key of the digests, in bytes: that of a digest (RFC 2104, section 3).
const KEY_LENGTH: usize = DIGEST_LENGTH;

/// What is kept of a secret, and made of one that is shown. All are of one length.
type Digest = [u8; DIGEST_LENGTH];

/// What a client may do, where an API tells reading from writing.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// It may read.
    Read,
    /// It may read and write.
    Write,
}

impl Role {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Read => "read",
            Role::Write => "write",
        }
    }

    /// The names of all that it may do.
    pub fn scopes(self) -> &'static [&'static str] {
        match self {
            Role::Read => &["read"],
            Role::Write => &["read", "write"],
        }
    }
}

/// A client, as far as it may be shown.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Client {
    /// The API that it may call.
    pub api: String,
    /// What identifies it there.
    pub client_id: String,
    /// What it may do.
    pub role: Role,
    /// Whether it is turned away.
    pub disabled: bool,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// Why a client cannot be made, found or checked.
#[derive(Debug, thiserror::Error)]
pub enum ClientsError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// There is no randomness.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The id is taken.
    #[error(
        "the API `{api}` has a client `{client_id}` already; choose another name, or give it a \
         new secret with `client rotate`"
    )]
    Taken {
        /// The API.
        api: String,
        /// The id.
        client_id: String,
    },
    /// There is no such client.
    #[error("the API `{api}` has no client `{client_id}`; `client list` shows those there are")]
    Unknown {
        /// The API.
        api: String,
        /// The id.
        client_id: String,
    },
    /// The id cannot stand in a header.
    #[error("`{0}` cannot be an id: use 1 to 64 letters, digits, `.`, `_` and `-`")]
    InvalidId(String),
}

impl Outage for ClientsError {
    fn is_unavailable(&self) -> bool {
        matches!(self, ClientsError::Db(error) if error.is_unavailable())
    }
}

/// The clients in one database, and those that this process knows by itself; clones share them.
#[derive(Clone)]
pub struct Clients {
    store: Store,
    effects: Effects,
    key: Arc<OnceCell<hmac::Key>>,
    own: Arc<Vec<Own>>,
}

/// A client that is in no database.
#[derive(Clone)]
struct Own {
    api: &'static str,
    client_id: String,
    digest: Digest,
}

impl Clients {
    /// The clients in this database.
    pub fn new(db: Db, effects: Effects) -> Self {
        Self {
            store: Store::new(db),
            effects,
            key: Arc::new(OnceCell::new()),
            own: Arc::new(Vec::new()),
        }
    }

    /// The same, and one that is in no database: that of the demo, or a layer of this process.
    pub fn with_own(mut self, api: &'static str, client_id: &str, secret: &Secret) -> Self {
        let own = Own {
            api,
            client_id: client_id.to_owned(),
            digest: plain_digest(secret.as_str()),
        };
        Arc::make_mut(&mut self.own).push(own);
        self
    }

    /// What the client may do, when the secret is its own; `None` for everybody else.
    ///
    /// Whoever asks has the secret digested and compared as often as anybody else, an unknown client
    /// with nobody's: so the time of a refusal tells neither a secret, nor a part of one, nor who is
    /// a client.
    ///
    /// # Errors
    /// The database failed.
    pub async fn check(
        &self,
        api: &str,
        client_id: &str,
        secret: &str,
    ) -> Result<Option<Role>, ClientsError> {
        if self.is_own(api, client_id, secret) {
            return Ok(Some(Role::Write));
        }
        let given = self.digest(api, client_id, secret).await?;
        let stored = self.store.find(api, client_id).await?;
        let client = stored.unwrap_or_else(Stored::nobody);
        let same = is_same(&given, &client.digest);
        Ok((same && !client.disabled).then_some(client.role))
    }

    fn is_own(&self, api: &str, client_id: &str, secret: &str) -> bool {
        if self.own.is_empty() {
            return false;
        }
        let given = plain_digest(secret);
        self.own.iter().fold(false, |found, own| {
            let same = is_same(&given, &own.digest);
            found | (same & (own.api == api) & (own.client_id == client_id))
        })
    }

    /// Makes a client, and gives its secret, which is nowhere else.
    ///
    /// # Errors
    /// The id is taken or cannot be one, the database failed, or there is no randomness.
    pub async fn create(
        &self,
        change: Change,
        api: &str,
        client_id: &str,
        role: Role,
    ) -> Result<Secret, ClientsError> {
        let secret = Secret::generate(&self.effects, SECRET_LENGTH)?;
        self.store_client(Some(change), api, client_id, role, &secret)
            .await?;
        Ok(secret)
    }

    /// Stores a client with this secret, which nobody has asked for: it leaves no trace.
    ///
    /// # Errors
    /// As of [`Clients::create`].
    pub async fn register(
        &self,
        api: &str,
        client_id: &str,
        role: Role,
        secret: &Secret,
    ) -> Result<(), ClientsError> {
        self.store_client(None, api, client_id, role, secret).await
    }

    async fn store_client(
        &self,
        change: Option<Change>,
        api: &str,
        client_id: &str,
        role: Role,
        secret: &Secret,
    ) -> Result<(), ClientsError> {
        if !is_id(client_id) {
            return Err(ClientsError::InvalidId(client_id.to_owned()));
        }
        let stored = Stored {
            client_id: client_id.to_owned(),
            digest: self.digest(api, client_id, secret.as_str()).await?,
            role,
            disabled: false,
            created: self.effects.now(),
        };
        match self.store.insert(change, api, stored).await? {
            true => Ok(()),
            false => Err(ClientsError::Taken {
                api: api.to_owned(),
                client_id: client_id.to_owned(),
            }),
        }
    }

    /// Every client of an API, or of all of them, by API and id.
    ///
    /// # Errors
    /// The database failed.
    pub async fn list(&self, api: Option<&str>) -> Result<Vec<Client>, ClientsError> {
        Ok(self.store.list(api).await?)
    }

    /// Turns a client away from now on.
    ///
    /// # Errors
    /// There is none, or the database failed.
    pub async fn disable(
        &self,
        change: Change,
        api: &str,
        client_id: &str,
    ) -> Result<(), ClientsError> {
        self.set_disabled(change, api, client_id, true).await
    }

    /// Lets a client in again, with the secret that it has.
    ///
    /// # Errors
    /// There is none, or the database failed.
    pub async fn enable(
        &self,
        change: Change,
        api: &str,
        client_id: &str,
    ) -> Result<(), ClientsError> {
        self.set_disabled(change, api, client_id, false).await
    }

    async fn set_disabled(
        &self,
        change: Change,
        api: &str,
        client_id: &str,
        disabled: bool,
    ) -> Result<(), ClientsError> {
        let store = &self.store;
        match store.set_disabled(change, api, client_id, disabled).await? {
            true => Ok(()),
            false => Err(unknown(api, client_id)),
        }
    }

    /// Gives a client a new secret in place of the one it has; one that is turned away stays so.
    ///
    /// # Errors
    /// There is none, the database failed, or there is no randomness.
    pub async fn rotate(
        &self,
        change: Change,
        api: &str,
        client_id: &str,
    ) -> Result<(Client, Secret), ClientsError> {
        let secret = Secret::generate(&self.effects, SECRET_LENGTH)?;
        let digest = self.digest(api, client_id, secret.as_str()).await?;
        let client = self.store.replace(change, api, client_id, &digest).await?;
        match client {
            Some(client) => Ok((client, secret)),
            None => Err(unknown(api, client_id)),
        }
    }

    async fn digest(
        &self,
        api: &str,
        client_id: &str,
        secret: &str,
    ) -> Result<Digest, ClientsError> {
        let key = self.key.get_or_try_init(|| self.load_key()).await?;
        let mut context = hmac::Context::with_key(key);
        // Neither a header nor the name of an API has a zero byte in it.
        for part in [api, "\0", client_id, "\0", secret] {
            context.update(part.as_bytes());
        }
        Ok(fixed(context.sign().as_ref()))
    }

    async fn load_key(&self) -> Result<hmac::Key, ClientsError> {
        let fresh = Zeroizing::new(self.effects.random::<KEY_LENGTH>()?);
        let fresh = Zeroizing::new(hexadecimal(&*fresh));
        let key = self.store.key(&fresh).await?;
        Ok(hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()))
    }
}

fn unknown(api: &str, client_id: &str) -> ClientsError {
    ClientsError::Unknown {
        api: api.to_owned(),
        client_id: client_id.to_owned(),
    }
}

/// Whether a text can be the id of a client: it stands in headers and in tables for people.
fn is_id(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}

/// The one comparison of what was made of secrets. It takes the same time for any two digests, and
/// their type says that they are of one length.
fn is_same(given: &Digest, expected: &Digest) -> bool {
    #[cfg(test)]
    tests::COMPARED.with_borrow_mut(|compared| compared.push(*expected));
    constant_time::verify_slices_are_equal(given, expected).is_ok()
}

/// The digest of a secret that this process knows by itself, which needs no key.
fn plain_digest(secret: &str) -> Digest {
    fixed(digest::digest(&digest::SHA256, secret.as_bytes()).as_ref())
}

/// The bytes of a digest of SHA-256, or of HMAC under it.
fn fixed(bytes: &[u8]) -> Digest {
    let mut digest = [0; DIGEST_LENGTH];
    for (to, from) in digest.iter_mut().zip(bytes) {
        *to = *from;
    }
    digest
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::db::{Location, Options, migrations};

    #[test]
    fn ids_can_stand_in_headers_and_tables() {
        for id in ["a", "teach-cambridge", "emod_2.1", &"x".repeat(64)] {
            assert!(is_id(id), "{id}");
        }
        for id in ["", "a b", "a\tb", "é", "a:b", &"x".repeat(65)] {
            assert!(!is_id(id), "{id}");
        }
    }

    thread_local! {
        /// What the secrets of this thread were compared with.
        pub(super) static COMPARED: RefCell<Vec<Digest>> = const { RefCell::new(Vec::new()) };
    }

    /// What a check says, and with what it compared.
    async fn compared(clients: &Clients, id: &str, secret: &str) -> (bool, Vec<Digest>) {
        COMPARED.take();
        let known = clients.check("eps", id, secret).await;
        let known = known.expect("the database is there").is_some();
        (known, COMPARED.take())
    }

    fn change(effects: &Effects, operation: &str) -> Change {
        Change {
            client_id: crate::changes::OPERATOR.to_owned(),
            operation: operation.to_owned(),
            target: "clients".to_owned(),
            request_id: "a request".to_owned(),
            at: effects.now(),
            repeat: None,
        }
    }

    /// The first or the last character is another one.
    fn wrong_at(secret: &str, at: usize) -> String {
        let mut bytes = secret.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
        String::from_utf8(bytes).expect("a secret is ASCII")
    }

    /// Every way to a refusal is the same: one digest of the secret for the clients of the process
    /// and one for those of the database, and each is compared in constant time, never by its bytes.
    #[tokio::test]
    async fn every_refusal_compares_as_often() {
        let folder =
            std::env::temp_dir().join(format!("specwright-secrets-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        let location = Location::Sqlite(folder.join("test.db"));
        let db = migrations::open(&location, &Options::default(), migrations::SERVER, 0).await;
        let db = db.expect("an empty database can be migrated");
        let own = Secret::new("known-to-this-process".to_owned());
        let effects = Effects::real();
        let change = |operation| change(&effects, operation);
        let clients = Clients::new(db.clone(), effects.clone());
        let clients = clients.with_own("eps", "front", &own);
        let secret = clients
            .create(change("create"), "eps", "emod", Role::Read)
            .await;
        let secret = secret.expect("it can be stored");
        let disabled = clients
            .create(change("create"), "eps", "former", Role::Read)
            .await;
        let disabled = disabled.expect("it can be stored");
        let done = clients.disable(change("disable"), "eps", "former").await;
        done.expect("it is there");
        let right = secret.as_str();
        let last = right.len() - 1;
        let of_own = plain_digest(own.as_str());
        let mut seen = Vec::new();
        for (id, secret) in [
            ("emod", wrong_at(right, 0)),
            ("emod", wrong_at(right, last)),
            ("emod", String::new()),
            ("emod", "x".repeat(4096)),
            ("nobody", right.to_owned()),
            ("former", disabled.as_str().to_owned()),
            ("front", wrong_at(own.as_str(), 0)),
            ("front", right.to_owned()),
            ("emod", own.as_str().to_owned()),
        ] {
            let (known, with) = compared(&clients, id, &secret).await;
            assert!(!known, "{id} {secret}");
            let [first, second] = with[..] else {
                panic!("{id} {secret}: compared with {with:?}");
            };
            assert_eq!(first, of_own);
            seen.push((id, second));
        }
        // Whoever is unknown is compared with nobody, and whoever is known with itself.
        for (id, digest) in seen {
            let stored = clients.store.find("eps", id).await;
            let stored = stored.expect("the database is there");
            let stored = stored.unwrap_or_else(Stored::nobody);
            assert_eq!(digest, stored.digest, "{id}");
        }
        assert!(compared(&clients, "emod", right).await.0);
        assert!(compared(&clients, "front", own.as_str()).await.0);
        db.close().await;
        let _ = std::fs::remove_dir_all(&folder);
    }
}
