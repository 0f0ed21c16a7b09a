//! The Admin API under attack and under load: tokens that are wrong in every way, texts that mean
//! something elsewhere, changes that race each other.

#[path = "../support/mod.rs"]
mod support;

mod client;

mod audit;
mod isolation;
mod registration;
mod sealing;
mod tokens;

mod texts;

mod flood;
mod race;

mod foreign;
