//! What the program takes from the world besides its inputs: the time, and identifiers nobody has.
//!
//! Both are handed in, so that a test can hold the clock still and foresee every identifier.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};
use uuid::Uuid;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The time in UTC.
    fn now(&self) -> DateTime<Utc>;
}

/// Gives identifiers.
pub trait Ids: Send + Sync + 'static {
    /// An identifier that was not given before, by this process or any other.
    fn next(&self) -> Uuid;
}

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
}

impl Effects {
    /// The wall clock and random identifiers.
    pub fn real() -> Self {
        Self {
            clock: Arc::new(WallClock),
            ids: Arc::new(RandomIds),
            request_ids: Arc::new(RandomIds),
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

    /// A name for a request that came without one.
    pub fn new_request_id(&self) -> String {
        self.request_ids.next().simple().to_string()
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
