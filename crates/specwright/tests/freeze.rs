//! Frozen contracts: what a build says of each change, and what may be recorded.

use specwright::diff::Class;
use specwright::freeze::{self, Frozen, LOCK, Lock};
use specwright::model::Api;
use specwright::{Compiler, analyse};
use std::path::{Path, PathBuf};

const CONTRACT: &str = "\
openapi: 3.1.0
info: {title: Pets, version: '1.1'}
paths:
  /pets:
    get:
      summary: Lists pets.
      parameters:
        - {name: limit, in: query, schema: {type: integer, maximum: 100}}
      responses:
        '200':
          description: The pets.
          content:
            application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}}
components:
  schemas:
    Pet: {type: object, required: [name], properties: {name: {type: string}, age: {type: integer}}}
";

/// A folder of this test's own, with the contract in it.
fn contract(test: &str, text: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("freeze")
        .join(test);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("the folder can be emptied");
    }
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let path = folder.join("pets.v1.1.yaml");
    std::fs::write(&path, text).expect("the contract can be written");
    path
}

fn api(path: &Path) -> Api {
    analyse(path).expect("the contract is sound").api
}

fn lock(path: &Path) -> Lock {
    let folder = path.parent().expect("it is in a folder");
    Lock::read(folder)
        .expect("it can be read")
        .expect("it is there")
}

fn change(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).expect("it can be read");
    assert!(text.contains(from), "{from}");
    std::fs::write(path, text.replace(from, to)).expect("it can be written");
}

/// What a build says.
fn build(path: &Path) -> Result<(), String> {
    let generated = Compiler::new(path).generate();
    generated.map(|_| ()).map_err(|failure| failure.to_string())
}

#[test]
fn what_is_frozen_compiles_as_it_is_however_it_is_written() {
    let path = contract("same", CONTRACT);
    assert!(matches!(
        freeze::freeze(&path, &api(&path), None),
        Ok(Frozen::New)
    ));
    assert_eq!(build(&path), Ok(()));
    // Neither comments nor quotes are part of what a contract says.
    change(
        &path,
        "summary: Lists pets.",
        "summary: 'Lists pets.' # all of them",
    );
    assert_eq!(build(&path), Ok(()));
    let again = freeze::freeze(&path, &api(&path), None);
    assert!(matches!(again, Ok(Frozen::Unchanged)), "{again:?}");
    let read = Compiler::new(&path).generate().expect("it compiles").read;
    assert!(read.iter().any(|file| file.ends_with(LOCK)), "{read:?}");
    assert!(
        read.iter()
            .any(|file| file.ends_with("frozen/pets.v1.1.yaml"))
    );
}

#[test]
fn a_build_names_every_change() {
    for (test, from, to, told, help) in [
        (
            "breaking",
            "maximum: 100",
            "maximum: 50",
            "breaking: GET /pets: query parameter `limit`: `maximum` is 50, was 100 [parameter.maximum-lowered]",
            "a new version of the contract",
        ),
        (
            "compatible",
            "maximum: 100",
            "maximum: 200",
            "compatible: GET /pets: query parameter `limit`: `maximum` is 200, was 100 [parameter.maximum-raised]",
            "specwright freeze --fix",
        ),
        (
            "documentation",
            "Lists pets.",
            "Lists all pets.",
            "documentation: GET /pets: #/paths/~1pets/get/summary: `summary` says something else [text.summary-changed]",
            "specwright freeze --fix",
        ),
        (
            "rewritten",
            "{$ref: '#/components/schemas/Pet'}",
            "{allOf: [{$ref: '#/components/schemas/Pet'}]}",
            "documentation: the contract says the same in another way [document.rewritten]",
            "specwright freeze --fix",
        ),
        // Members are written in the order of the contract.
        (
            "reordered",
            "{name: {type: string}, age: {type: integer}}",
            "{age: {type: integer}, name: {type: string}}",
            "documentation: the contract says the same in another way [document.rewritten]",
            "specwright freeze --fix",
        ),
    ] {
        let path = contract(test, CONTRACT);
        freeze::freeze(&path, &api(&path), None).expect("it can be frozen");
        change(&path, from, to);
        let text = build(&path).expect_err(test);
        assert!(
            text.contains("is frozen, and is not what was frozen"),
            "{text}"
        );
        assert!(text.contains(told), "{text}");
        assert!(text.contains(help), "{text}");
        // Freezing again is no way around it.
        assert!(freeze::freeze(&path, &api(&path), None).is_err());
        assert!(build(&path).is_err());
    }
}

#[test]
fn a_fix_is_recorded_with_its_reason() {
    let path = contract("fix", CONTRACT);
    freeze::freeze(&path, &api(&path), None).expect("it can be frozen");
    change(&path, "maximum: 100", "maximum: 200");
    for reason in ["", " \n"] {
        let refusal = freeze::freeze(&path, &api(&path), Some(reason)).expect_err("no reason");
        assert!(refusal.to_string().contains("needs a reason"), "{refusal}");
    }
    let fixed = freeze::freeze(&path, &api(&path), Some("It was never 100")).expect("it is one");
    let Frozen::Fixed(differences) = fixed else {
        panic!("{fixed:?}");
    };
    assert_eq!(differences.len(), 1);
    assert_eq!(build(&path), Ok(()));
    change(&path, "Lists pets.", "Lists all pets.");
    freeze::freeze(&path, &api(&path), Some("All of them")).expect("it is one");
    let lock = lock(&path);
    let entry = lock.entry("pets.v1.1.yaml").expect("it is listed");
    let reasons: Vec<&str> = entry.fixes.iter().map(|fix| fix.reason.as_str()).collect();
    assert_eq!(reasons, ["It was never 100", "All of them"]);
    assert_eq!(
        entry.fixes[0].changes,
        [
            "compatible: GET /pets: query parameter `limit`: `maximum` is 200, was 100 [parameter.maximum-raised]"
        ]
    );
    // There is nothing left to fix.
    assert!(freeze::freeze(&path, &api(&path), Some("Again")).is_err());
}

#[test]
fn no_fix_breaks() {
    let path = contract("no-fix", CONTRACT);
    let unfrozen = freeze::freeze(&path, &api(&path), Some("Early")).expect_err("not frozen");
    assert!(unfrozen.to_string().contains("is not frozen"), "{unfrozen}");
    freeze::freeze(&path, &api(&path), None).expect("it can be frozen");
    let before = lock(&path);
    change(&path, "maximum: 100", "maximum: 50");
    change(&path, "Lists pets.", "Lists all pets.");
    let refusal = freeze::freeze(&path, &api(&path), Some("Please")).expect_err("it breaks");
    assert!(refusal.to_string().contains("and no fix does"), "{refusal}");
    assert_eq!(refusal.differences.len(), 1);
    assert_eq!(refusal.differences[0].class(), Class::Breaking);
    assert_eq!(lock(&path), before);
    assert!(build(&path).is_err());
}

#[test]
fn what_is_frozen_stays_with_its_snapshot() {
    let path = contract("kept", CONTRACT);
    let other = path.with_file_name("other.yaml");
    std::fs::write(&other, CONTRACT).expect("it can be written");
    for path in [&path, &other] {
        freeze::freeze(path, &api(path), None).expect("it can be frozen");
    }
    // A contract that is frozen does not go away, whichever one is compiled.
    std::fs::remove_file(&other).expect("it can be removed");
    let text = build(&path).expect_err("another one is gone");
    assert!(
        text.contains("other.yaml is frozen, and cannot be read"),
        "{text}"
    );
    std::fs::write(&other, CONTRACT).expect("it can be written");
    assert_eq!(build(&path), Ok(()));
    // The snapshot is what the lock says.
    let snapshot = path.with_file_name("frozen").join("pets.v1.1.yaml");
    let kept = std::fs::read_to_string(&snapshot).expect("it is there");
    change(&snapshot, "100", "50");
    change(&path, "maximum: 100", "maximum: 50");
    let text = build(&path).expect_err("both were changed");
    assert!(text.contains("is not what frozen.lock says"), "{text}");
    std::fs::remove_file(&snapshot).expect("it can be removed");
    let text = build(&path).expect_err("it is gone");
    assert!(text.contains("as it was frozen"), "{text}");
    std::fs::write(&snapshot, kept).expect("it can be written");
    assert!(build(&path).is_err());
    change(&path, "maximum: 50", "maximum: 100");
    assert_eq!(build(&path), Ok(()));
}

#[test]
fn a_lock_is_read_as_it_is_written_and_nothing_else_is() {
    let path = contract("lock", CONTRACT);
    let other = path.with_file_name("a.yaml");
    std::fs::write(&other, CONTRACT).expect("it can be written");
    for path in [&path, &other] {
        freeze::freeze(path, &api(path), None).expect("it can be frozen");
    }
    let file = path.with_file_name(LOCK);
    let text = std::fs::read_to_string(&file).expect("it is there");
    let lock = lock(&path);
    assert_eq!(lock.to_text(), text);
    let names = lock.entries().iter().map(|one| one.contract.as_str());
    assert_eq!(names.collect::<Vec<_>>(), ["a.yaml", "pets.v1.1.yaml"]);
    for wrong in [
        "- a\n",
        "pets.v1.1.yaml: {}\n",
        "pets.v1.1.yaml: {version: 1, snapshot: x, sha256: y}\n",
        "{",
    ] {
        std::fs::write(&file, wrong).expect("it can be written");
        assert!(build(&path).is_err(), "{wrong}");
    }
}

#[test]
fn a_raml_contract_is_frozen_as_it_is_served() {
    let path = contract("raml", CONTRACT).with_file_name("pets.raml");
    let raml = "#%RAML 1.0\ntitle: Pets\nversion: v1\n/pets:\n  get:\n    queryParameters:\n      limit: {type: integer, maximum: 100, required: false}\n    responses:\n      200:\n        body:\n          application/json: {type: array, items: string}\n";
    std::fs::write(&path, raml).expect("it can be written");
    freeze::freeze(&path, &api(&path), None).expect("it can be frozen");
    assert_eq!(build(&path), Ok(()));
    change(&path, "maximum: 100", "maximum: 10");
    let text = build(&path).expect_err("it breaks");
    assert!(text.contains("`maximum` is 10, was 100"), "{text}");
}
