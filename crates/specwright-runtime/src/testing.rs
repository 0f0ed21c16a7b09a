//! Random values for tests, the same in every run.

use std::time::{Duration, Instant};

/// A generator of pseudo-random numbers (splitmix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).expect("below a usize")
    }

    pub(crate) fn choose<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// When a random test stops: `SPECWRIGHT_FUZZ_SECONDS` lengthens it.
pub(crate) struct Deadline(Instant);

pub(crate) fn deadline() -> Deadline {
    let seconds = std::env::var("SPECWRIGHT_FUZZ_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok());
    Deadline(Instant::now() + Duration::from_secs(seconds.unwrap_or(2)))
}

impl Deadline {
    pub(crate) fn passed(&self) -> bool {
        Instant::now() >= self.0
    }
}
