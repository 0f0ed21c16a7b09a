//! What subject management is about, free of HTTP and SQL: no clock, no ids of its own, nothing
//! read from anywhere.
//!
//! The rules are numbered in `tests/subjects/rules.tsv`; a function names those it follows.
//!
//! | module | what it holds |
//! |---|---|
//! | [`term`], [`ranges`] | terms, effective terms, sets of terms |
//! | [`subject`], [`requisites`] | what a template says |
//! | [`template`], [`timeline`] | the templates of a container: create, edit, deactivate, reactivate, backdate |
//! | [`year`] | term plans, display controls and links of an academic year |
//! | [`relations`] | equivalencies and scheduling relationships |
//! | [`mandate`] | experimental grading modes |
//! | [`violations`], [`checks`] | what is refused, in which words and order |
//! | [`backfill`] | the queue's records |
//! | [`notifications`], [`log`] | what is to be mailed, what the log tells |

pub mod ranges;
pub mod term;

pub mod requisites;
pub mod subject;

pub mod template;
pub mod timeline;
pub mod violations;

pub mod checks;

pub mod mandate;
pub mod relations;
pub mod year;

pub mod backfill;

pub mod log;
pub mod notifications;

pub mod operations;
