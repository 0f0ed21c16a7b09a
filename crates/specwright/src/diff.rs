//! What two contracts differ in, and what each difference means for those who use them.
//!
//! Contracts are compared as they are understood, so that neither their dialect nor the files that
//! they are spread over matter, and each difference is classified by direction: a request that
//! allows less breaks clients, a response that allows more does. The rules are in [`rules`]; `oasdiff.md`
//! beside this file goes through the checks of oasdiff and names the rule for each.

mod api;
mod class;
mod contents;
mod credentials;
mod lifecycle;
mod messages;
mod operations;
mod places;
mod render;
mod report;
pub mod rules;
mod schemas;
mod texts;
mod versions;
mod view;

pub use class::Class;
pub use render::{human, line, markdown, summary};
pub use report::Difference;

use crate::model::{Api, Day};
use report::{Comparison, Use};
use rules::Part;

/// How to compare.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whether paths are the same that differ in a segment such as `v1` and `v1.2` alone: for two
    /// versions that run side by side.
    pub across_versions: bool,
    /// The present day: an operation whose sunset is past may go. Without it none is.
    pub today: Option<Day>,
    /// How many days a sunset that is set or moved has to lie ahead of the present day.
    pub notice_days: u64,
}

/// Everything that two contracts differ in, the breaking differences first.
pub fn compare(old: &Api, new: &Api, options: &Options) -> Vec<Difference> {
    let mut comparison = Comparison::new(old, new, options);
    comparison.info();
    comparison.servers();
    comparison.served();
    comparison.outgoing();
    comparison.security_schemes();
    comparison.named_schemas();
    comparison.texts();
    comparison.version();
    // The order counts here: members are written in that of the contract.
    if !comparison.any() && old.document != new.document {
        let message = "the contract says the same in another way".to_owned();
        comparison.part(Part::Rewritten, &Use::api(), message, (None, None));
    }
    comparison.finish()
}
