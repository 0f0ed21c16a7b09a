//! The domain of subject management, rule by rule. `rules.tsv` lists the rules; a test names those
//! it holds in its first comment.

mod support;

mod histories;
mod relations;
mod scenarios;
