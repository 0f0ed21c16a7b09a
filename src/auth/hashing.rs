//! Argon2id hashes of secrets (RFC 9106), off the threads that serve requests.
//!
//! A hash is slow on purpose. So at most as many run as there are cores, they wait in the order in
//! which they came, and a queue that is too long is refused at once instead of growing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use super::secret::Secret;

/// How many hashes may wait; more than that would not be done within the time of a request.
const MOST_WAITING: usize = 512;

/// How many of them may be for ids that nobody has. Whoever makes ids up could fill the queue
/// otherwise, and keep everybody else out. Who comes when this share is used up is turned away,
/// and could tell by that that there is no such id: ids are no secrets (RFC 6749, section 2.2).
const MOST_STRANGERS: usize = 32;

/// What a hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Default for Cost {
    /// 19 MiB and two passes on one lane: the OWASP Password Storage Cheat Sheet's figure for
    /// Argon2id, about 20 ms of one core.
    fn default() -> Self {
        Self {
            memory_kib: 19 * 1024,
            passes: 2,
        }
    }
}

/// Why there is no hash.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Too many wait already.
    #[error("too many secrets wait to be hashed")]
    Busy,
    /// The library refused, or the task did not end.
    #[error("a secret cannot be hashed: {0}")]
    Failed(String),
}

/// Hashes and compares; clones share the queue.
#[derive(Clone, Debug)]
pub struct Hasher {
    cost: Cost,
    turns: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    strangers: Arc<AtomicUsize>,
    begun: Arc<AtomicU64>,
}

/// Counts one that waits, for as long as it lives.
struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    /// One more, unless so many wait already.
    fn join(waiting: &Arc<AtomicUsize>, most: usize) -> Result<Self, HashError> {
        let one = Self(Arc::clone(waiting));
        match waiting.fetch_add(1, Ordering::SeqCst) < most {
            true => Ok(one),
            false => Err(HashError::Busy),
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Hasher {
    /// Hashes that cost this much.
    pub fn new(cost: Cost) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            cost,
            turns: Arc::new(Semaphore::new(cores)),
            waiting: Arc::new(AtomicUsize::new(0)),
            strangers: Arc::default(),
            begun: Arc::default(),
        }
    }

    /// How many secrets have come to be hashed or compared so far.
    pub fn begun(&self) -> u64 {
        self.begun.load(Ordering::SeqCst)
    }

    /// The hash of a secret as a PHC string, which names its algorithm, cost and salt.
    ///
    /// # Errors
    /// The queue is full, or the library refused.
    pub async fn hash(&self, secret: Secret, salt: [u8; 16]) -> Result<String, HashError> {
        let cost = self.cost;
        self.in_turn(move || {
            let argon2 = argon2(cost)?;
            let hash = argon2.hash_password_with_salt(secret.as_str().as_bytes(), &salt);
            let hash: PasswordHash = hash.map_err(failed)?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether this is the secret of that hash; compared in constant time. Without a hash it is
    /// not, and the answer takes as long as with one, so that nobody learns which ids there are.
    ///
    /// # Errors
    /// The queue is full, or the hash cannot be read.
    pub async fn matches(&self, secret: Secret, hash: Option<String>) -> Result<bool, HashError> {
        let known = hash.is_some();
        let stranger = match known {
            true => None,
            false => Some(Waiting::join(&self.strangers, MOST_STRANGERS)?),
        };
        let hash = hash.unwrap_or_else(|| decoy(self.cost));
        self.in_turn(move || {
            let hash = PasswordHash::new(&hash).map_err(failed)?;
            // The cost is that of the hash, not of today.
            let right = Argon2::default().verify_password(secret.as_str().as_bytes(), &hash);
            drop(stranger);
            Ok(right.is_ok() && known)
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let waiting = Waiting::join(&self.waiting, MOST_WAITING)?;
        self.begun.fetch_add(1, Ordering::SeqCst);
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(failed)?;
        drop(waiting);
        let done = tokio::task::spawn_blocking(move || {
            let outcome = work();
            // Whoever asked may have gone; the turn ends when the work does.
            drop(turn);
            outcome
        });
        done.await.map_err(failed)?
    }
}

fn argon2(cost: Cost) -> Result<Argon2<'static>, HashError> {
    let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32)).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// A hash that no secret has, as expensive to compare with as a real one.
fn decoy(cost: Cost) -> String {
    format!(
        "$argon2id$v=19$m={},t={},p=1${}${}",
        cost.memory_kib,
        cost.passes,
        "A".repeat(22),
        "A".repeat(43)
    )
}

fn failed(error: impl std::fmt::Display) -> HashError {
    HashError::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost {
        memory_kib: 64,
        passes: 1,
    };

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn only_the_secret_itself_matches() {
        let hasher = Hasher::new(CHEAP);
        let hash = hasher.hash(secret("right"), [7; 16]).await.expect("a hash");
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
        assert!(!hash.contains("right"));
        let matches = async |text: &str, hash: Option<&str>| {
            let answer = hasher.matches(secret(text), hash.map(str::to_owned)).await;
            answer.expect("an answer")
        };
        assert!(matches("right", Some(&hash)).await);
        assert!(!matches("wrong", Some(&hash)).await);
        assert!(!matches("", Some(&hash)).await);
        assert!(!matches("right", None).await);
    }

    #[tokio::test]
    async fn the_cost_may_change_without_breaking_stored_hashes() {
        let old = Hasher::new(CHEAP);
        let hash = old.hash(secret("right"), [7; 16]).await.expect("a hash");
        let dearer = Hasher::new(Cost {
            memory_kib: 256,
            passes: 2,
        });
        let matches = dearer.matches(secret("right"), Some(hash)).await;
        assert!(matches.expect("an answer"));
    }

    #[tokio::test]
    async fn a_hash_that_cannot_be_read_is_an_error() {
        let answer = Hasher::new(CHEAP)
            .matches(secret("right"), Some("plain text".into()))
            .await;
        assert!(matches!(answer, Err(HashError::Failed(_))));
    }

    #[tokio::test]
    async fn ids_that_nobody_has_leave_room_for_others() {
        let hasher = Hasher::new(CHEAP);
        let hash = hasher.hash(secret("right"), [7; 16]).await.expect("a hash");
        let turns = hasher.turns.available_permits();
        let all = hasher
            .turns
            .acquire_many(u32::try_from(turns).expect("few"))
            .await;
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..MOST_STRANGERS {
            let hasher = hasher.clone();
            waiting.spawn(async move { hasher.matches(secret("s"), None).await });
        }
        while hasher.waiting.load(Ordering::SeqCst) < MOST_STRANGERS {
            tokio::task::yield_now().await;
        }
        let late = hasher.matches(secret("s"), None).await;
        assert!(matches!(late, Err(HashError::Busy)));
        let known = {
            let hasher = hasher.clone();
            tokio::spawn(async move { hasher.matches(secret("right"), Some(hash)).await })
        };
        while hasher.waiting.load(Ordering::SeqCst) <= MOST_STRANGERS {
            tokio::task::yield_now().await;
        }
        drop(all);
        assert!(known.await.expect("it ends").expect("an answer"));
        while let Some(done) = waiting.join_next().await {
            assert!(!done.expect("it ends").expect("an answer"));
        }
        assert_eq!(hasher.strangers.load(Ordering::SeqCst), 0);
        let later = hasher.matches(secret("s"), None).await;
        assert!(!later.expect("there is room again"));
    }

    #[tokio::test]
    async fn the_queue_is_bounded_and_empties() {
        let hasher = Hasher::new(CHEAP);
        let turns = hasher.turns.available_permits();
        let all = hasher
            .turns
            .acquire_many(u32::try_from(turns).expect("few"))
            .await;
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..MOST_WAITING {
            let hasher = hasher.clone();
            waiting.spawn(async move { hasher.hash(secret("s"), [1; 16]).await });
        }
        while hasher.waiting.load(Ordering::SeqCst) < MOST_WAITING {
            tokio::task::yield_now().await;
        }
        let late = hasher.hash(secret("s"), [1; 16]).await;
        assert!(matches!(late, Err(HashError::Busy)));
        drop(all);
        while let Some(done) = waiting.join_next().await {
            done.expect("it ends").expect("a hash");
        }
        assert_eq!(hasher.waiting.load(Ordering::SeqCst), 0);
    }
}
