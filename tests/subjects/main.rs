//! The domain of subject management, rule by rule. `rules.tsv` lists the rules; a test names those
//! it holds in the comment right above it.
//!
//! Properties are tried on 2,000 random histories, those of whole operations on 500, and over HTTP on
//! 20, on every engine. For more:
//! `SPECWRIGHT_HISTORIES=100000 cargo test --release -p specwright-server --test subjects`.
//! What fails is made small and kept beside the tests, in `*.regressions`.

#[path = "../support/mod.rs"]
mod harness;
mod support;

mod histories;
mod mandates;
mod order;
mod permutations;
mod records;
mod refusals;
mod relations;
mod rules;
mod scenarios;
mod service;
mod terms;
mod texts;
mod timelines;
