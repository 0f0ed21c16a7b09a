//! Clients: how they are registered, disabled and given new secrets.

use super::secret::Secret;
use super::store::Registrar;
use super::{Auth, AuthError, Client, Holders, Registered};
use crate::changes::{Broken, Change, Refusal};

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
    /// What it may have; everything, when that is not said.
    pub scopes: Option<Vec<String>>,
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
        others: &impl Holders,
    ) -> Result<Result<(Registered, Secret), Refusal>, AuthError> {
        if registrar == Registrar::Nobody && self.is_closed_to(&change).await? {
            return Ok(Err(Refusal::Unauthorized));
        }
        let broken = self.broken(&new, others).await?;
        if !broken.is_empty() {
            let refusal = Refusal::Invalid(broken);
            if registrar == Registrar::Trusted {
                self.store.refuse(change, refusal.status()).await?;
            }
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
            scopes: new.scopes.unwrap_or_else(every_scope),
            generation: 1,
            disabled: false,
            created: change.at,
        };
        let registered = self.store.register(change, registrar, client).await?;
        Ok(registered.map(|registered| (registered, secret)))
    }

    /// What is wrong with a client to be, whoever registers it. An id that is taken by another
    /// client alone is found out in the transaction, after a repetition is recognised.
    async fn broken(
        &self,
        new: &NewClient,
        others: &impl Holders,
    ) -> Result<Vec<Broken>, AuthError> {
        let mut broken = Vec::from_iter(new.scopes.as_deref().and_then(scopes_refused));
        if let Some(id) = &new.client_id {
            // A client would be found in place of the other holder, whose secret were no good then.
            let is_taken = others.find(id).await?.is_some()
                || !broken.is_empty() && self.store.client(id).await?.is_some();
            broken.extend(is_taken.then(taken));
        }
        Ok(broken)
    }

    /// Whether somebody without credentials is refused in any case. That is found out by reading,
    /// so that strangers cost neither a hash nor a turn among the changes, and leave no trace in
    /// the audit trail, which they could fill. Whether a client came meanwhile is asked again in
    /// the transaction.
    async fn is_closed_to(&self, change: &Change) -> Result<bool, AuthError> {
        // The one who registered the first client learns that the request was carried out.
        Ok(self.store.has_clients().await? && !self.store.is_repeated(change).await?)
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

    /// Enables a client; the tokens from before it was disabled stay worthless. `None` when there is
    /// none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn enable(&self, change: Change, id: &str) -> Result<Option<Client>, AuthError> {
        Ok(self.store.enable(change, id).await?)
    }

    /// Gives a client a new secret and makes its earlier tokens worthless; one that is disabled
    /// stays so. `None` when there is none.
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

/// What is wrong with scopes that a client is to have: there is none, or no such one.
pub fn scopes_refused(scopes: &[String]) -> Option<Broken> {
    if scopes.is_empty() {
        // Whoever names nothing does not mean everything, and a client without scopes is no use.
        let message = "'Scope' must not be empty. Leave it out for everything that there is.";
        return Some(("Scope", message.to_owned()));
    }
    let unknown = super::scopes::unknown(scopes)?;
    let known: Vec<&str> = super::scopes::KNOWN
        .iter()
        .map(|(scope, _)| *scope)
        .collect();
    let message = format!(
        "'Scope' has `{unknown}`, which there is not. There are {}.",
        known.join(", ")
    );
    Some(("Scope", message))
}

/// What is wrong with the id of a client: somebody has it.
pub(super) fn taken() -> Broken {
    let message = "'Client Id' is taken. Please choose another one.";
    ("ClientId", message.to_owned())
}
