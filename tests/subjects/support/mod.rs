//! What several tests need: short ways to write terms and subjects, and a catalogue in memory.

pub mod table;
pub mod world;

use proptest::test_runner::{Config, FileFailurePersistence, RngSeed};
use specwright_server::subjects::domain::ranges::{EffectiveTerms, Ranges};
use specwright_server::subjects::domain::subject::ContainerId;
use specwright_server::subjects::domain::term::{Term, Thru};

/// The term of that code.
pub fn term(code: &str) -> Term {
    code.parse().expect("a term code")
}

/// The range written `2017FA-2018SU`, or `2017FA-` when it is open.
pub fn range(text: &str) -> EffectiveTerms {
    let (from, thru) = text.split_once('-').expect("two terms");
    let thru = match thru {
        "" => Thru::Open,
        thru => thru.parse().expect("a thru term"),
    };
    EffectiveTerms::new(term(from), thru).expect("terms in order")
}

/// The ranges written one after the other, parted by spaces.
pub fn ranges(text: &str) -> Ranges {
    text.split_whitespace().map(range).collect()
}

/// The container of that number.
pub fn container(number: i64) -> ContainerId {
    ContainerId(number)
}

/// How many histories a property is tried on: `SPECWRIGHT_HISTORIES`, or 2,000.
pub fn histories() -> u32 {
    let asked = std::env::var("SPECWRIGHT_HISTORIES").ok();
    asked.map_or(2_000, |count| count.parse().expect("a number of histories"))
}

/// What properties are tried on follows from: the same in every run, so that a change is answerable
/// for what fails after it; another number, or any, where `SPECWRIGHT_SEED` says it, or `random`.
fn seed() -> RngSeed {
    match std::env::var("SPECWRIGHT_SEED").ok().as_deref() {
        None => RngSeed::Fixed(1),
        Some("random") => RngSeed::Random,
        Some(seed) => RngSeed::Fixed(seed.parse().expect("a number, or `random`")),
    }
}

/// How properties are tried, on one history of `share`: what fails once is kept beside the tests,
/// and tried first from then on.
pub fn configuration(regressions: &'static str, share: u32) -> Config {
    Config {
        cases: histories() / share,
        rng_seed: seed(),
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(regressions))),
        ..Config::default()
    }
}
