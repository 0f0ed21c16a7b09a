//! The keys that tokens are signed with: made at the first start, kept in the database, replaced
//! while tokens signed with the old ones stay good.
//!
//! A key is published for a while before it signs, so that whoever keeps a copy of the key set has
//! it in time, and for as long after its last signature as a token lives. Which key is in which
//! state follows from the times at which they were made, so that every process decides alike.

use std::sync::Arc;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{DecodingKey, EncodingKey};
use tokio::sync::RwLock;
use zeroize::Zeroizing;

use super::AuthError;
use super::sealing::{Sealing, is_sealed};
use super::store::{Store, StoredKey};
use super::token::LIFETIME;
use crate::effects::Effects;

/// How long a key is published before it signs.
const PUBLISHED_AHEAD: TimeDelta = TimeDelta::minutes(10);

/// What is added to the lifetime of a token before its key is forgotten, for clocks that differ.
const MARGIN: TimeDelta = TimeDelta::minutes(5);

/// How long a process uses its copy of the keys.
const COPY_FOR: TimeDelta = TimeDelta::minutes(1);

/// A key that signs, or has signed.
pub struct SigningKey {
    /// Its name: the thumbprint of RFC 7638.
    pub id: String,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// The public key, base64url.
    pub x: String,
    /// The private key.
    pub encoding: EncodingKey,
    /// The public key.
    pub decoding: DecodingKey,
}

/// Every key there is, newest first.
pub struct Keys {
    loaded: DateTime<Utc>,
    keys: Vec<SigningKey>,
}

impl Keys {
    /// The key to sign with: the newest that everybody knows by now.
    pub fn signer(&self, now: DateTime<Utc>) -> Option<&SigningKey> {
        let known = |key: &&SigningKey| key.created + PUBLISHED_AHEAD <= now;
        self.keys.iter().find(known).or(self.keys.last())
    }

    /// The key with this name.
    pub fn find(&self, id: &str) -> Option<&SigningKey> {
        self.keys.iter().find(|key| key.id == id)
    }

    /// Every key, newest first.
    pub fn all(&self) -> &[SigningKey] {
        &self.keys
    }
}

/// The keys in a database; clones share a copy of them.
#[derive(Clone)]
pub struct KeyRing {
    store: Store,
    effects: Effects,
    lifetime: TimeDelta,
    sealing: Option<Sealing>,
    copy: Arc<RwLock<Option<Arc<Keys>>>>,
}

impl KeyRing {
    /// The keys in this database, each used for `lifetime`, and sealed if there is what with.
    pub fn new(
        store: Store,
        effects: Effects,
        lifetime: TimeDelta,
        sealing: Option<Sealing>,
    ) -> Self {
        Self {
            store,
            effects,
            lifetime,
            sealing,
            copy: Arc::default(),
        }
    }

    /// Makes a key when there is none or the newest is old, seals those that are in clear or under
    /// an earlier key, and forgets those whose tokens have expired. Several processes may do this
    /// at the same time.
    ///
    /// A key that was in clear until now may be in somebody's copy of the database, so that another
    /// one takes over.
    ///
    /// # Errors
    /// The database failed, or there is no randomness.
    pub async fn renew(&self) -> Result<(), AuthError> {
        let now = self.effects.now();
        let stored = self.store.keys().await?;
        let newest = stored.first();
        let was_open = |key: &StoredKey| self.sealing.is_some() && !is_sealed(&key.seed);
        let is_due =
            newest.is_none_or(|newest| newest.created + self.lifetime <= now || was_open(newest));
        let fresh = if is_due { Some(self.fresh(now)?) } else { None };
        self.seal(&stored).await?;
        let gone: Vec<String> = obsolete(&stored, now).map(|key| key.id.clone()).collect();
        if fresh.is_none() && gone.is_empty() {
            return Ok(());
        }
        let newest = newest.map(|newest| newest.id.clone());
        self.store.renew_keys(newest, fresh, gone).await?;
        *self.copy.write().await = None;
        Ok(())
    }

    fn fresh(&self, now: DateTime<Utc>) -> Result<StoredKey, AuthError> {
        let seed = Zeroizing::new(self.effects.random::<32>()?);
        let pair = pair(seed.as_slice())?;
        let id = thumbprint(&public(&pair));
        let seed = Zeroizing::new(URL_SAFE_NO_PAD.encode(seed.as_slice()));
        Ok(StoredKey {
            seed: match &self.sealing {
                Some(sealing) => Zeroizing::new(sealing.seal(&self.effects, &id, &seed)?),
                None => seed,
            },
            id,
            created: now,
        })
    }

    /// Seals what is not sealed with today's key.
    async fn seal(&self, stored: &[StoredKey]) -> Result<(), AuthError> {
        for key in stored {
            let (seed, is_current) = self.open(key)?;
            if let Some(sealing) = self.sealing.as_ref().filter(|_| !is_current) {
                let sealed = sealing.seal(&self.effects, &key.id, &seed)?;
                self.store.replace_seed(key, &sealed).await?;
                tracing::info!(key = key.id, "a signing key is sealed");
            }
        }
        Ok(())
    }

    /// The seed of a key, and whether it is kept as it should be.
    fn open(&self, key: &StoredKey) -> Result<(Zeroizing<String>, bool), AuthError> {
        if !is_sealed(&key.seed) {
            return Ok((key.seed.clone(), self.sealing.is_none()));
        }
        let sealing = self.sealing.as_ref();
        let opened = sealing.and_then(|sealing| sealing.open(&key.id, &key.seed));
        opened.ok_or_else(|| AuthError::Sealed(key.id.clone()))
    }

    /// The keys, from a copy that is not old.
    ///
    /// # Errors
    /// The database failed, or a stored key cannot be used.
    pub async fn keys(&self) -> Result<Arc<Keys>, AuthError> {
        let now = self.effects.now();
        if let Some(keys) = &*self.copy.read().await
            && now - keys.loaded < COPY_FOR
        {
            return Ok(Arc::clone(keys));
        }
        self.load(now).await
    }

    /// The keys as they are in the database now, for a name that the copy does not have.
    ///
    /// # Errors
    /// The database failed, or a stored key cannot be used.
    pub async fn reload(&self) -> Result<Arc<Keys>, AuthError> {
        self.load(self.effects.now()).await
    }

    async fn load(&self, now: DateTime<Utc>) -> Result<Arc<Keys>, AuthError> {
        let stored = self.store.keys().await?;
        let usable = |key: &StoredKey| usable(key, &self.open(key)?.0);
        let keys = stored.iter().map(usable).collect::<Result<_, _>>()?;
        let keys = Arc::new(Keys { loaded: now, keys });
        *self.copy.write().await = Some(Arc::clone(&keys));
        Ok(keys)
    }
}

/// The keys whose successor has signed for longer than a token lives.
fn obsolete(newest_first: &[StoredKey], now: DateTime<Utc>) -> impl Iterator<Item = &StoredKey> {
    let lifetime = TimeDelta::seconds(LIFETIME);
    let successors = newest_first.iter().zip(newest_first.iter().skip(1));
    successors.filter_map(move |(successor, key)| {
        let last_token = successor.created + PUBLISHED_AHEAD + lifetime;
        (last_token + MARGIN <= now).then_some(key)
    })
}

fn usable(stored: &StoredKey, seed: &str) -> Result<SigningKey, AuthError> {
    let unreadable = || AuthError::Key(stored.id.clone());
    let seed = URL_SAFE_NO_PAD.decode(seed);
    let seed = Zeroizing::new(seed.map_err(|_| unreadable())?);
    let pair = pair(&seed)?;
    let x = public(&pair);
    let private = pair.to_pkcs8().map_err(|_| unreadable())?;
    Ok(SigningKey {
        id: stored.id.clone(),
        created: stored.created,
        encoding: EncodingKey::from_ed_der(private.as_ref()),
        decoding: DecodingKey::from_ed_components(&x).map_err(|_| unreadable())?,
        x,
    })
}

fn pair(seed: &[u8]) -> Result<Ed25519KeyPair, AuthError> {
    Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| AuthError::Key("(new)".to_owned()))
}

fn public(pair: &Ed25519KeyPair) -> String {
    URL_SAFE_NO_PAD.encode(pair.public_key().as_ref())
}

/// RFC 7638, section 3, with the members that RFC 8037, section 2 names.
fn thumbprint(x: &str) -> String {
    let json = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, json.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbprint_is_that_of_the_standard() {
        // RFC 8037, appendix A.3.
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        assert_eq!(thumbprint(x), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    fn stored(id: &str, created: i64) -> StoredKey {
        StoredKey {
            id: id.to_owned(),
            seed: Zeroizing::new(URL_SAFE_NO_PAD.encode([7; 32])),
            created: at(created),
        }
    }

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn keys(stored: &[StoredKey]) -> Keys {
        let usable = |stored: &StoredKey| usable(stored, &stored.seed).expect("a key");
        let keys = stored.iter().map(usable);
        Keys {
            loaded: at(0),
            keys: keys.collect(),
        }
    }

    #[test]
    fn a_key_signs_when_everybody_can_know_it() {
        let first = keys(&[stored("a", 100)]);
        assert_eq!(first.signer(at(100)).expect("a key").id, "a");
        let both = keys(&[stored("b", 200), stored("a", 100)]);
        assert_eq!(both.signer(at(209)).expect("a key").id, "a");
        assert_eq!(both.signer(at(210)).expect("a key").id, "b");
        assert!(keys(&[]).signer(at(0)).is_none());
    }

    #[test]
    fn a_key_goes_when_its_last_token_has_expired() {
        let both = [stored("b", 200), stored("a", 100)];
        let gone = |now| {
            obsolete(&both, at(now))
                .map(|key| key.id.clone())
                .collect::<Vec<_>>()
        };
        assert!(gone(200 + 10 + 60 + 4).is_empty());
        assert_eq!(gone(200 + 10 + 60 + 5), ["a"]);
        assert_eq!(
            obsolete(&both[1..], at(100_000)).count(),
            0,
            "the newest stays"
        );
    }
}
