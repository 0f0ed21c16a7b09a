//! What the program takes from the world besides its inputs: the time, identifiers nobody has, and
//! secrets nobody can guess.
//!
//! All are handed in, so that a test can hold the clock still and foresee every identifier.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound, Utc};
use uuid::Uuid;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The time in UTC.
    fn now(&self) -> DateTime<Utc>;

    /// How much time has passed.
    fn since(&self, start: Instant) -> Duration {
        start.elapsed()
    }
}

/// Gives identifiers.
pub trait Ids: Send + Sync + 'static {
    /// An identifier that was not given before, by this process or any other.
    fn next(&self) -> Uuid;
}

/// Gives bytes that nobody can foresee, fit for secrets and keys.
pub trait Randomness: Send + Sync + 'static {
    /// Fills the bytes.
    ///
    /// # Errors
    /// The system has no randomness to give.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness>;
}

/// The system has no randomness to give.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the system has no randomness to give")]
pub struct NoRandomness;

/// The effects a running server uses.
#[derive(Clone)]
pub struct Effects {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives identifiers.
    pub ids: Arc<dyn Ids>,
    /// Names the requests that come without a name, for the log; apart from `ids`, so that what
    /// is stored does not depend on how many requests came before.
    pub request_ids: Arc<dyn Ids>,
    /// Gives what secrets and keys are made of.
    pub randomness: Arc<dyn Randomness>,
}

impl Effects {
    /// The wall clock and random identifiers.
    pub fn real() -> Self {
        Self {
            clock: Arc::new(WallClock),
            ids: Arc::new(RandomIds),
            request_ids: Arc::new(RandomIds),
            randomness: Arc::new(SystemRandomness),
        }
    }

    /// The time in UTC, in whole milliseconds: what is stored is what was answered.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now().trunc_subsecs(3)
    }

    /// A new identifier: 32 lower-case hexadecimal digits.
    pub fn new_id(&self) -> String {
        self.ids.next().simple().to_string()
    }

    /// Bytes that nobody can foresee.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn random<const N: usize>(&self) -> Result<[u8; N], NoRandomness> {
        let mut bytes = [0; N];
        self.randomness.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// A name for a request that came without one.
    pub fn new_request_id(&self) -> String {
        self.request_ids.next().simple().to_string()
    }

    /// A name for a transaction that came without one, as UUIDs are written (RFC 9562, section 4).
    pub fn new_transaction_id(&self) -> String {
        self.request_ids.next().hyphenated().to_string()
    }
}

impl fmt::Debug for Effects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Effects")
    }
}

/// The system's clock.
struct WallClock;

impl Clock for WallClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the clock"
    )]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// Version 4 identifiers (RFC 9562).
struct RandomIds;

impl Ids for RandomIds {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that makes identifiers"
    )]
    fn next(&self) -> Uuid {
        Uuid::new_v4()
    }
}

/// The generator of the system's cryptographic library.
struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        aws_lc_rs::rand::fill(bytes).map_err(|_| NoRandomness)
    }
}
