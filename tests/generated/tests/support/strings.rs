//! Strings that fit a pattern and bounds of length, or just miss them.

use proptest::prelude::Strategy;
use proptest::strategy::ValueTree;
use proptest::string::{RegexGeneratorStrategy, string_regex};
use proptest::test_runner::TestRunner;
use serde_json::Value;
use std::collections::HashMap;

/// How often a string is made anew because its length is out of bounds.
const TRIES: usize = 20;

/// A deterministic source of strings that fit patterns.
pub struct Strings {
    runner: TestRunner,
    known: HashMap<String, Option<RegexGeneratorStrategy<String>>>,
}

impl Strings {
    /// The same strings in every run.
    pub fn new() -> Self {
        Self {
            runner: TestRunner::deterministic(),
            known: HashMap::new(),
        }
    }

    /// A string that fits `pattern` and, where that can be had, the bounds of length in `schema`;
    /// `None` for a schema without a pattern, and for patterns that look around.
    pub fn fitting(&mut self, schema: &Value) -> Option<String> {
        let pattern = schema["pattern"].as_str()?;
        let strategy = self
            .known
            .entry(pattern.to_owned())
            .or_insert_with(|| string_regex(bare(pattern)).ok())
            .as_ref()?;
        let least = schema["minLength"].as_u64().unwrap_or(0);
        let most = schema["maxLength"].as_u64().unwrap_or(u64::MAX);
        let mut text = String::new();
        for _ in 0..TRIES {
            text = strategy.new_tree(&mut self.runner).ok()?.current();
            let length = text.chars().count() as u64;
            if (least..=most).contains(&length) {
                break;
            }
        }
        Some(text)
    }
}

/// The pattern without the anchors around it, which say nothing of the text between them.
fn bare(pattern: &str) -> &str {
    let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
    pattern.strip_suffix('$').unwrap_or(pattern)
}
