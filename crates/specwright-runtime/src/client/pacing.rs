//! Time and chance, handed in.

use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What a client takes from the world besides answers.
pub trait Pacing: Send + Sync + 'static {
    /// The time.
    fn now(&self) -> Instant;

    /// Ends after this time.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;

    /// Any number.
    fn random(&self) -> u64;
}

/// The clock of the machine, and numbers that differ from process to process.
#[derive(Debug, Default)]
pub struct RealPacing {
    keys: RandomState,
    count: AtomicU64,
}

impl Pacing for RealPacing {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn random(&self) -> u64 {
        self.keys
            .hash_one(self.count.fetch_add(1, Ordering::Relaxed))
    }
}

/// The longest pause before an attempt.
const LONGEST: Duration = Duration::from_secs(2);

/// The pause before an attempt, counted from 0: between a half and the whole of a time that
/// doubles, so that clients that failed together do not come back together.
pub(super) fn pause(first: Duration, attempt: u32, random: u64) -> Duration {
    let factor = 1_u32.checked_shl(attempt).unwrap_or(u32::MAX);
    let whole = first.saturating_mul(factor).min(LONGEST);
    let half = whole / 2;
    // Parts of a thousand are fine enough.
    let part = u32::try_from(random % 1001).unwrap_or_default();
    half + half * part / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_are_jittered() {
        let first = Duration::from_millis(50);
        assert_eq!(pause(first, 0, 0), Duration::from_millis(25));
        assert_eq!(pause(first, 0, 1000), Duration::from_millis(50));
        assert_eq!(pause(first, 1, 0), Duration::from_millis(50));
        assert_eq!(pause(first, 2, 1000), Duration::from_millis(200));
        assert_eq!(pause(first, 40, 1000), LONGEST);
        let pacing = RealPacing::default();
        let pauses: Vec<_> = (0..20).map(|_| pause(first, 0, pacing.random())).collect();
        let all = Duration::from_millis(25)..=Duration::from_millis(50);
        assert!(pauses.iter().all(|pause| all.contains(pause)));
        assert!(pauses.iter().any(|pause| *pause != pauses[0]), "{pauses:?}");
    }
}
