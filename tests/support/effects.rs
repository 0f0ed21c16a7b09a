//! A clock that stands still unless it is moved, and identifiers that count.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use specwright_server::effects::{Clock, Effects, Ids, NoRandomness, Randomness};
use uuid::Uuid;

/// The time each story begins at: 2026-01-01T00:00:00.000Z.
pub const START_MS: i64 = 1_767_225_600_000;

/// A clock for tests: each look moves it by one millisecond, so that times tell what came first.
#[derive(Default)]
pub struct TestClock {
    elapsed_ms: AtomicI64,
    broken: AtomicBool,
    still: AtomicBool,
}

impl TestClock {
    /// Moves the clock.
    pub fn advance_ms(&self, ms: i64) {
        self.elapsed_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// Lets looks at the clock move it no more.
    pub fn hold(&self) {
        self.still.store(true, Ordering::SeqCst);
    }

    /// Makes the clock panic, or heals it.
    pub fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn since(&self, _start: Instant) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> DateTime<Utc> {
        assert!(!self.broken.load(Ordering::SeqCst), "the clock is broken");
        let step = i64::from(!self.still.load(Ordering::SeqCst));
        let elapsed_ms = self.elapsed_ms.fetch_add(step, Ordering::SeqCst);
        DateTime::from_timestamp_millis(START_MS + elapsed_ms).expect("a time near 2026")
    }
}

/// Identifiers that count from 1.
#[derive(Default)]
pub struct TestIds(AtomicU64);

impl Ids for TestIds {
    fn next(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::SeqCst) + 1))
    }
}

/// Bytes that look random and are the same in every run (splitmix64).
#[derive(Default)]
pub struct TestRandomness(AtomicU64);

impl Randomness for TestRandomness {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        for chunk in bytes.chunks_mut(8) {
            let step = 0x9e37_79b9_7f4a_7c15_u64;
            let mut z = self.0.fetch_add(step, Ordering::SeqCst).wrapping_add(step);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let random = (z ^ (z >> 31)).to_le_bytes();
            chunk.copy_from_slice(&random[..chunk.len()]);
        }
        Ok(())
    }
}

/// Effects for one story, and the clock to move.
pub fn effects() -> (Effects, Arc<TestClock>) {
    let clock = Arc::new(TestClock::default());
    let effects = Effects {
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        ids: Arc::new(TestIds::default()),
        request_ids: Arc::new(TestIds::default()),
        randomness: Arc::new(TestRandomness::default()),
    };
    (effects, clock)
}
