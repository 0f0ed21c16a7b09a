//! Patterns against what JavaScript says of them.

use crate::model::Json;
use crate::source::Sources;
use crate::values::of_node;
use crate::values::patterns::{Engine, engine};
use crate::yaml;

const ANSWERS: &str = include_str!("../../../../../tests/cases/patterns/ecma-262.json");

/// The texts, and each pattern with what JavaScript says of it, an `x` for each text that it
/// matches.
fn answers() -> (Vec<String>, Vec<(String, String)>) {
    let mut sources = Sources::new();
    let file = sources.add("ecma-262.json", ANSWERS);
    let root = yaml::parse_json(file, ANSWERS).expect("the answers are JSON");
    let Json::Object(members) = of_node(&root) else {
        panic!("the answers are an object");
    };
    let mut texts = Vec::new();
    let mut patterns = Vec::new();
    for (key, value) in members {
        match value {
            Json::Array(items) => texts.extend(items.iter().map(text)),
            Json::Object(entries) => {
                patterns.extend(
                    entries
                        .iter()
                        .map(|(name, item)| (name.clone(), text(item))),
                );
            }
            _ => panic!("`{key}` is neither"),
        }
    }
    (texts, patterns)
}

fn text(value: &Json) -> String {
    value.as_str().expect("it is a text").to_owned()
}

/// Holds what is said of each pattern against JavaScript's answers.
fn compare(told: impl Fn(&str) -> Option<Box<dyn Fn(&str) -> bool>>) {
    let (texts, patterns) = answers();
    let mut compared = 0;
    let mut wrong = Vec::new();
    for (pattern, answers) in &patterns {
        let Some(is_match) = told(pattern) else {
            continue;
        };
        compared += 1;
        for (text, answer) in texts.iter().zip(answers.chars()) {
            if is_match(text) != (answer == 'x') {
                wrong.push(format!("{pattern} on {text:?}: JavaScript says `{answer}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        compared >= 200,
        "only {compared} patterns of {}",
        patterns.len()
    );
}

#[test]
fn served_patterns_match_what_javascript_matches() {
    compare(|pattern| {
        // ECMA-262, Annex B: only without the `u` flag may an assertion be repeated.
        let is_odd = pattern == "^(?=a)*";
        let engine = engine(pattern);
        assert_eq!(engine.is_err(), is_odd, "{pattern}: {engine:?}");
        let engine = engine.ok()?;
        Some(Box::new(move |text| {
            engine.is_match(text).expect("it ends")
        }))
    });
}

#[test]
fn examples_are_held_against_what_javascript_matches() {
    compare(|pattern| {
        let engine = Engine::new(pattern).expect("JavaScript compiles it");
        Some(Box::new(move |text| {
            engine.is_match(text).expect("it ends")
        }))
    });
}
