//! Large contracts: their source is laid out in parts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// A contract of so many operations, each with a body of its own.
fn contract(operations: usize) -> String {
    let mut text = String::from(
        "openapi: 3.1.0\ninfo: {title: Large, version: '1'}\npaths:\n  /first:\n    get:\n      \
         operationId: first\n      parameters:\n        - {name: a, in: query, schema: {type: integer}}\n      \
         responses: {'204': {description: Done.}}\n",
    );
    for number in 0..operations {
        let _ = write!(
            text,
            "  /things{number}/{{id}}:\n    put:\n      operationId: put{number}\n      parameters:\n        \
             - {{name: id, in: path, required: true, schema: {{type: string, maxLength: 9}}}}\n      \
             requestBody:\n        required: true\n        content:\n          application/json:\n            \
             schema:\n              type: object\n              required: [a, b]\n              properties:\n                \
             a: {{type: integer, minimum: {number}}}\n                b: {{type: string, enum: [x, y]}}\n      \
             responses: {{'204': {{description: Done.}}}}\n"
        );
    }
    text
}

/// Generates the contract into the folder, and gives every file of Rust below it.
fn generate(folder: &Path, contract: &str) -> BTreeMap<PathBuf, String> {
    let file = folder.join("large.yaml");
    fs::write(&file, contract).expect("the folder is ours");
    let generated = specwright::generate(&file).expect("it compiles");
    let out = folder.join("api.rs");
    generated.write(&out).expect("the folder is ours");
    let mut files = BTreeMap::new();
    let parts = fs::read_dir(folder.join("api.parts")).into_iter().flatten();
    let parts = parts.map(|entry| entry.expect("it can be listed").path());
    for path in parts.chain([out]) {
        let text = fs::read_to_string(&path).expect("it is text");
        files.insert(path, text);
    }
    files
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the target folder is ours");
    folder
}

#[test]
fn an_edit_of_one_operation_changes_few_files() {
    let folder = folder("parts-edit");
    let before = generate(&folder, &contract(400));
    assert!(before.len() > 5, "it is laid out in parts");
    let service = &before[&folder.join("api.parts/service.rs")];
    assert!(service.contains("pub trait Large:"));
    let edited = contract(400).replace("{name: a, in", "{name: shade, in");
    let after = generate(&folder, &edited);
    assert_eq!(before.len(), after.len());
    let changed: Vec<_> = after
        .iter()
        .filter(|(path, text)| before.get(*path) != Some(text))
        .collect();
    assert!((1..=3).contains(&changed.len()), "{changed:#?}");
}

#[test]
fn parts_that_are_not_needed_any_more_are_removed() {
    let folder = folder("parts-stale");
    generate(&folder, &contract(400));
    let own = folder.join("api.parts/own.rs");
    fs::write(&own, "// Somebody's own.\n").expect("the folder is ours");
    let files = generate(&folder, &contract(2));
    let files: Vec<&PathBuf> = files.keys().collect();
    assert_eq!(files, [&own, &folder.join("api.rs")]);
    fs::remove_file(&own).expect("it is there");
    generate(&folder, &contract(400));
    generate(&folder, &contract(2));
    assert!(!folder.join("api.parts").exists());
}
