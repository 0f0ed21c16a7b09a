//! Clients: how they are registered, disabled and given new secrets.

use super::secret::Secret;
use super::store::Registrar;
use super::{Auth, AuthError, Client, Registered};
use crate::changes::{Change, Refusal};

/// The length of an id that is made up, in characters.
const ID_LENGTH: usize = 12;

/// The length of a secret that is made up for a client, in characters: 280 bits.
const SECRET_LENGTH: usize = 48;

/// A client to register. What is `None` is made up.
#[derive(Clone, Debug, Default)]
pub struct NewClient {
    /// What identifies it.
    pub client_id: Option<String>,
    /// Its secret.
    pub secret: Option<Secret>,
    /// What it may have; everything, when it is empty.
    pub scopes: Vec<String>,
}

impl Auth {
    /// Registers a client, and gives its secret, which is nowhere else.
    ///
    /// # Errors
    /// The database failed, the queue of the hashes is full, or there is no randomness.
    pub async fn register(
        &self,
        change: Change,
        registrar: Registrar,
        new: NewClient,
    ) -> Result<Result<(Registered, Secret), Refusal>, AuthError> {
        if let Some(refusal) = refused(&new.scopes) {
            return Ok(Err(refusal));
        }
        let client_id = match new.client_id {
            Some(client_id) => client_id,
            None => Secret::generate(&self.effects, ID_LENGTH)?.reveal(),
        };
        let secret = match new.secret {
            Some(secret) => secret,
            None => Secret::generate(&self.effects, SECRET_LENGTH)?,
        };
        let client = Client {
            client_id,
            secret_hash: self.hash(secret.clone()).await?,
            scopes: if new.scopes.is_empty() {
                every_scope()
            } else {
                new.scopes
            },
            generation: 1,
            disabled: false,
            created: change.at,
        };
        let registered = self.store.register(change, registrar, client).await?;
        Ok(registered.map(|registered| (registered, secret)))
    }

    /// Registers a client with a known id and secret, unless its id is taken: for demo data.
    ///
    /// # Errors
    /// The database failed, or the queue of the hashes is full.
    pub async fn register_unless_known(&self, id: &str, secret: Secret) -> Result<(), AuthError> {
        if self.store.client(id).await?.is_some() {
            return Ok(());
        }
        let client = Client {
            client_id: id.to_owned(),
            secret_hash: self.hash(secret).await?,
            scopes: every_scope(),
            generation: 1,
            disabled: false,
            created: self.effects.now(),
        };
        Ok(self.store.register_unless_known(&client).await?)
    }

    /// Every client, by id.
    ///
    /// # Errors
    /// The database failed.
    pub async fn clients(&self) -> Result<Vec<Client>, AuthError> {
        Ok(self.store.clients().await?)
    }

    /// Disables a client and makes its tokens worthless; `None` when there is none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn disable(&self, change: Change, id: &str) -> Result<Option<Client>, AuthError> {
        Ok(self.store.disable(change, id).await?)
    }

    /// Gives a client a new secret, enables it, and makes its earlier tokens worthless; `None` when
    /// there is none.
    ///
    /// # Errors
    /// The database failed, the queue of the hashes is full, or there is no randomness.
    pub async fn rotate(
        &self,
        change: Change,
        id: &str,
    ) -> Result<Option<(Client, Secret)>, AuthError> {
        let secret = Secret::generate(&self.effects, SECRET_LENGTH)?;
        let hash = self.hash(secret.clone()).await?;
        let client = self.store.rotate(change, id, hash).await?;
        Ok(client.map(|client| (client, secret)))
    }

    /// The hash of a secret that is about to be stored.
    ///
    /// # Errors
    /// The queue of the hashes is full, or there is no randomness.
    pub async fn hash(&self, secret: Secret) -> Result<String, AuthError> {
        let salt = self.effects.random::<16>()?;
        Ok(self.hasher.hash(secret, salt).await?)
    }
}

fn every_scope() -> Vec<String> {
    let known = super::scopes::KNOWN.iter();
    known.map(|(scope, _)| (*scope).to_owned()).collect()
}

fn refused(scopes: &[String]) -> Option<Refusal> {
    let unknown = super::scopes::unknown(scopes)?;
    let known: Vec<&str> = super::scopes::KNOWN
        .iter()
        .map(|(scope, _)| *scope)
        .collect();
    let message = format!(
        "'Scope' has `{unknown}`, which there is not. There are {}.",
        known.join(", ")
    );
    Some(Refusal::invalid("Scope", message))
}
