//! Pairs of contracts as data: each file under `tests/cases/diff` holds what stood in the old
//! contract and what stands in the new one, and its snapshot what the rules say of it in both
//! directions.

use specwright::diag::{self, Diagnostics};
use specwright::diff::rules::{Change, Part, Rule};
use specwright::diff::{self, Difference, Options};
use specwright::model::{Api, Day};
use specwright::source::Sources;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What a case is a piece of.
enum Area {
    /// A schema: put at every place that has one.
    Schema,
    /// An operation, `POST /things`.
    Operation,
    /// A document without `openapi` and `info`.
    Document,
}

/// The schema at every place: a parameter, a body, a property, an answer, a header, a webhook.
const PLACES: &str = "
paths:
  /things:
    post:
      parameters:
        - {name: alone, in: query, schema: {$ref: '#/components/schemas/Case'}}
        - {name: wrapped, in: query, schema: {$ref: '#/components/schemas/Wrapped'}}
      requestBody:
        content:
          application/json: {schema: {$ref: '#/components/schemas/Case'}}
          application/vnd.wrapped+json: {schema: {$ref: '#/components/schemas/Wrapped'}}
      responses:
        '200':
          description: ''
          headers:
            X-Case: {schema: {$ref: '#/components/schemas/Case'}}
          content:
            application/json: {schema: {$ref: '#/components/schemas/Case'}}
            application/vnd.wrapped+json: {schema: {$ref: '#/components/schemas/Wrapped'}}
webhooks:
  called:
    post:
      requestBody:
        content:
          application/json: {schema: {$ref: '#/components/schemas/Case'}}
          application/vnd.wrapped+json: {schema: {$ref: '#/components/schemas/Wrapped'}}
      responses:
        '200':
          description: ''
          content:
            application/json: {schema: {$ref: '#/components/schemas/Case'}}
            application/vnd.wrapped+json: {schema: {$ref: '#/components/schemas/Wrapped'}}
components:
  schemas:
    Wrapped:
      type: object
      properties: {inner: {$ref: '#/components/schemas/Case'}}
";

fn indented(text: &str, by: usize) -> String {
    let lines = text.lines().map(|line| match line {
        "" => "\n".to_owned(),
        line => format!("{}{line}\n", " ".repeat(by)),
    });
    lines.collect()
}

impl Area {
    fn document(&self, piece: &str) -> String {
        let head = "openapi: 3.1.0\ninfo: {title: Case, version: '1'}\n";
        match self {
            Area::Document if piece.contains("info:") => format!("openapi: 3.1.0\n{piece}"),
            Area::Document => format!("{head}{piece}"),
            Area::Operation => {
                let operation = indented(piece, 6);
                format!("{head}paths:\n  /things:\n    post:\n{operation}")
            }
            Area::Schema => {
                // Components that a case declares beside itself stand after `components:`.
                let (schema, others) = piece.split_once("components:\n").unwrap_or((piece, ""));
                let schema = indented(schema, 6);
                let others = indented(others, 2);
                format!("{head}{}    Case:\n{schema}{others}", PLACES.trim_start())
            }
        }
    }
}

fn understood(text: &str, name: &str) -> Api {
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let root = sources.add(name, text);
    let api = specwright::lower(root, &mut sources, &mut diagnostics);
    let rendered = diag::render(&diagnostics, &sources, false);
    assert!(!diagnostics.has_errors(), "{name}: {rendered}\n{text}");
    api.expect("a contract without errors has a model")
}

fn options(name: &str) -> Options {
    Options {
        across_versions: name.contains("across-versions"),
        today: Day::parse("2026-06-30"),
    }
}

/// One line for each difference.
fn lines(differences: &[Difference]) -> String {
    let lines = differences.iter().map(|one| {
        let mut at = one.operations.clone();
        let inside = if one.place.is_empty() {
            &one.pointer
        } else {
            &one.place
        };
        at.extend(Some(inside.clone()).filter(|inside| !inside.is_empty()));
        let class = one.class();
        format!(
            "{class:13} {}: {} ({})\n",
            one.rule,
            one.message,
            at.join(", ")
        )
    });
    let lines = lines.collect::<String>();
    if lines.is_empty() {
        "nothing\n".to_owned()
    } else {
        lines
    }
}

fn cases(folder: &Path) -> Vec<PathBuf> {
    let mut cases = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be read").path())
        .collect::<Vec<_>>();
    cases.sort();
    cases
}

/// Plays every case in both directions and answers which rules were found.
fn played(snapshots: bool) -> BTreeSet<Rule> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut found = BTreeSet::new();
    let areas = [
        ("schemas", Area::Schema),
        ("operations", Area::Operation),
        ("documents", Area::Document),
    ];
    for (area, kind) in areas {
        settings.set_snapshot_path(repository.join("snapshots/diff").join(area));
        for path in cases(&repository.join("tests/cases/diff").join(area)) {
            let name = path
                .file_stem()
                .expect("a case has a name")
                .to_string_lossy();
            let text = std::fs::read_to_string(&path).expect("a case is text");
            let (old, new) = text.split_once("\n---\n").expect("a case has two sides");
            let old = understood(&kind.document(old), &name);
            let new = understood(&kind.document(new), &name);
            let there = diff::compare(&old, &new, &options(&name));
            let back = diff::compare(&new, &old, &options(&name));
            found.extend(there.iter().chain(&back).map(|one| one.rule));
            assert!(
                diff::compare(&old, &old, &options(&name)).is_empty(),
                "{name}"
            );
            let outcome = format!(
                "{text}\n==== there\n\n{}\n==== and back\n\n{}",
                lines(&there),
                lines(&back)
            );
            if snapshots {
                settings.bind(|| insta::assert_snapshot!(name.as_ref(), outcome));
            }
        }
    }
    found
}

#[test]
fn differences_are_told() {
    assert!(played(true).len() > 400);
}

#[test]
fn no_rule_is_without_a_case() {
    let found = played(false);
    let changes: BTreeSet<Change> = found
        .iter()
        .filter_map(|rule| match rule {
            Rule::Schema(_, change) => Some(*change),
            Rule::Part(..) => None,
        })
        .collect();
    let parts: BTreeSet<Part> = found
        .iter()
        .filter_map(|rule| match rule {
            Rule::Part(part, _) => Some(*part),
            Rule::Schema(..) => None,
        })
        .collect();
    let changes = Change::ALL.iter().filter(|one| !changes.contains(one));
    let missing = changes.map(|one| one.id().to_owned());
    let parts = Part::ALL.iter().filter(|one| !parts.contains(one));
    let missing: Vec<String> = missing
        .chain(parts.map(|one| one.id().to_owned()))
        .collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}
