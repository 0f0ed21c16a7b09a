//! That every text of an error is shown by a story.

use std::path::Path;

/// The texts, in the order of the checks; what a request makes of them stands where `…` is.
const TEXTS: &str = include_str!("texts.txt");

/// Whether a line has the parts of a text, in order, and ends as it does.
fn is(line: &str, text: &str) -> bool {
    let mut parts = text.split('…');
    let Some(mut rest) = parts.next().and_then(|first| line.split_once(first)) else {
        return false;
    };
    for part in parts {
        match rest.1.split_once(part) {
            // What stands for a value is one word.
            Some(found) if !found.0.is_empty() && !found.0.contains(' ') => rest = found,
            _ => return false,
        }
    }
    rest.1.starts_with(['"', '|', ':'])
}

/// each error text is in an answer that is approved on both engines, or in the log.
#[test]
fn every_text_has_a_story() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/contracts");
    let mut told = String::new();
    for entry in std::fs::read_dir(folder).expect("there are stories") {
        let path = entry.expect("a folder can be read").path();
        let name = path.file_name().and_then(|name| name.to_str());
        if name.is_some_and(|name| name.starts_with("subjects__")) {
            told += &std::fs::read_to_string(path).expect("a story can be read");
        }
    }
    let messages: Vec<_> = told.split("Error: ").skip(1).collect();
    let missing: Vec<_> = TEXTS
        .lines()
        .filter(|text| !messages.iter().any(|message| is(message, text)))
        .collect();
    assert_eq!(missing, Vec::<&str>::new(), "no story shows these");
    assert!(!is(
        "Invalid title : value \"",
        "Invalid title : value is required "
    ));
    assert!(is("Invalid url : x is y \"", "Invalid url : … is y "));
    assert!(!is("Invalid url : x y is y \"", "Invalid url : … is y "));
}
