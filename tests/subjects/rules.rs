//! That every rule is held by a test.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const RULES: &str = include_str!("rules.tsv");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where each rule has to be held: in the `domain`, by the `service`, or nowhere (`out`).
fn rules() -> BTreeMap<&'static str, &'static str> {
    let mut rules = BTreeMap::new();
    for line in RULES.lines() {
        let columns: Vec<_> = line.split('\t').collect();
        let [number, place, text] = columns[..] else {
            panic!("a rule has a number, a place and a text: {line}");
        };
        assert!(["domain", "service", "out"].contains(&place), "{line}");
        assert!(text.ends_with('.') && text.len() <= 100, "{line}");
        assert_eq!(
            rules.insert(number, place),
            None,
            "{number} is listed twice"
        );
    }
    rules
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let entries = entries.map(|entry| entry.expect("a folder can be read").path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// The numbers in a text, such as `R-001` and `P-01`.
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words.filter(|word| {
        let digits = word.strip_prefix("R-").or_else(|| word.strip_prefix("P-"));
        digits
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit()))
    })
}

/// The rules that a test of a Rust file names: in the comment right above it.
fn named_by_tests(source: &str) -> BTreeSet<String> {
    let (mut named, mut above) = (BTreeSet::new(), Vec::new());
    for line in source.lines().map(str::trim) {
        match line.strip_prefix("///") {
            Some(comment) => above.extend(numbers(comment).map(str::to_owned)),
            None if line == "#[test]" || line.starts_with("#[tokio::test") => {
                named.extend(std::mem::take(&mut above));
            }
            None => above.clear(),
        }
    }
    named
}

/// The rules that tests and stories name.
fn named() -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for path in files(&root().join("tests")) {
        let text = || std::fs::read_to_string(&path).expect("it is text");
        let below = |folder: &str| path.starts_with(root().join("tests").join(folder));
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("rs") if below("subjects") => named.extend(named_by_tests(&text())),
            Some("http") if below("contracts/subjects") => {
                let text = text();
                let comments = text.lines().filter(|line| line.starts_with('#'));
                named.extend(comments.flat_map(numbers).map(str::to_owned));
            }
            _ => {}
        }
    }
    named
}

/// Rules of the service are due as soon as there is a contract to serve.
#[test]
fn every_rule_is_named_by_a_test() {
    let served = root().join("openapi/subjects.yaml").exists();
    let (rules, named) = (rules(), named());
    let due = |place: &str| place == "domain" || (place == "service" && served);
    let unnamed = rules
        .iter()
        .filter(|(number, place)| due(place) && !named.contains(**number));
    let unnamed: Vec<_> = unnamed.map(|(number, _)| *number).collect();
    assert!(unnamed.is_empty(), "no test names {unnamed:?}");
    let unknown = named.iter().filter(|number| {
        rules
            .get(number.as_str())
            .is_none_or(|place| *place == "out")
    });
    let unknown: Vec<_> = unknown.collect();
    assert!(
        unknown.is_empty(),
        "tests name {unknown:?}, which are no rules of ours"
    );
}

#[test]
fn a_rule_counts_only_right_above_a_test() {
    let source = "/// R-001, P-02: held.\n#[test]\nfn one() {}\n\n/// R-003: no test.\nfn other() {}\n\
                  /// R-004\nlet x;\n#[test]\nfn third() {}\n// R-005\n#[test]\nfn fourth() {}";
    assert_eq!(
        named_by_tests(source),
        BTreeSet::from(["P-02", "R-001"].map(str::to_owned))
    );
}
