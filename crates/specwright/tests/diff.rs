//! Pairs of contracts as data: each file under `tests/cases/diff` holds what stood in the old
//! contract and what stands in the new one, and its snapshot what the rules say of it in both
//! directions.

use specwright::diag::{self, Diagnostics};
use specwright::diff::rules::{Change, Place, Rule, Spot};
use specwright::diff::{self, Class, Difference, Options};
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
    /// The same, where the server calls.
    Webhook,
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
            Area::Webhook => {
                let operation = indented(piece, 6);
                format!("{head}webhooks:\n  called:\n    post:\n{operation}")
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
        notice_days: if name.contains("notice") { 30 } else { 0 },
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

/// What the two sides of a case differ in, there and back; the outcome has it under these headings.
fn compared(
    text: &str,
    kind: &Area,
    name: &str,
    headings: [&str; 2],
    outcome: &mut String,
) -> Vec<Difference> {
    let (old, new) = text.split_once("\n---\n").expect("a case has two sides");
    let old = understood(&kind.document(old), name);
    let new = understood(&kind.document(new), name);
    let options = options(name);
    assert!(diff::compare(&old, &old, &options).is_empty(), "{name}");
    let mut told = Vec::new();
    for ((old, new), heading) in [(&old, &new), (&new, &old)].into_iter().zip(headings) {
        let found = diff::compare(old, new, &options);
        outcome.push_str(&format!("\n==== {heading}\n\n{}", lines(&found)));
        told.extend(found);
    }
    told
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
            let (mut told, mut outcome) = (Vec::new(), text.clone());
            told.extend(compared(
                &text,
                &kind,
                &name,
                ["there", "and back"],
                &mut outcome,
            ));
            if let Area::Operation = kind {
                let called = ["there, in a webhook", "and back, in a webhook"];
                told.extend(compared(&text, &Area::Webhook, &name, called, &mut outcome));
            }
            found.extend(told.iter().map(|one| one.rule));
            if snapshots {
                settings.bind(|| insta::assert_snapshot!(name.as_ref(), outcome.trim_end()));
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
    let found = played(false).into_iter().map(Rule::id);
    let found = found.collect::<BTreeSet<String>>();
    let missing = Rule::all().map(Rule::id);
    let missing = missing
        .filter(|rule| !found.contains(rule))
        .collect::<Vec<_>>();
    assert!(missing.is_empty(), "no case for {missing:#?}");
}

/// The repository's own contract in two versions: the changelog that its users read.
#[test]
fn the_changelog_of_the_licences_breaks_nothing() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let version = |name: &str| {
        let path = repository.join("openapi").join(name);
        specwright::analyse(&path)
            .expect("the contract is sound")
            .api
    };
    let (old, new) = (version("licences.v1.1.yaml"), version("licences.v1.2.yaml"));
    let options = Options {
        across_versions: true,
        today: Day::parse("2026-06-30"),
        ..Options::default()
    };
    let differences = diff::compare(&old, &new, &options);
    let breaking = differences
        .iter()
        .filter(|one| one.class() == Class::Breaking);
    let breaking = breaking.map(diff::line).collect::<Vec<_>>();
    assert!(breaking.is_empty(), "{breaking:#?}");
    let versions = (old.info.version.as_str(), new.info.version.as_str());
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path(repository.join("snapshots/diff/changelogs"));
    let changelog = diff::markdown(&differences, versions, &new.info.title);
    settings.bind(|| insta::assert_snapshot!("licences", changelog));
}

/// What oasdiff checks, with our rules for it.
const CHECKS: &str = include_str!("../src/diff/oasdiff.md");

/// A text with braces, for each of the alternatives in them.
fn expanded(text: &str) -> Vec<String> {
    let Some((before, rest)) = text.split_once('{') else {
        return vec![text.to_owned()];
    };
    let (inside, after) = rest.split_once('}').expect("a brace is closed");
    let parts = inside.split(',');
    parts
        .flat_map(|part| expanded(&format!("{before}{part}{after}")))
        .collect()
}

#[test]
fn no_check_is_without_a_rule() {
    let known = Rule::all().map(Rule::id).collect::<BTreeSet<String>>();
    let places = Spot::ALL.map(|spot| {
        let rule = Rule::Schema(
            Place {
                spot,
                outgoing: false,
            },
            Change::ALL[0],
        );
        let id = rule.id();
        id.split_once('.').expect("a place").0.to_owned()
    });
    let mut checks = BTreeSet::new();
    let rows = CHECKS.lines().filter(|line| line.starts_with("| "));
    for row in rows.skip(1) {
        let cells = row.trim_matches('|').split('|').map(str::trim);
        let [check, rules, remark] = cells.collect::<Vec<_>>()[..] else {
            panic!("three cells: {row}");
        };
        for check in expanded(check) {
            assert!(checks.insert(check.clone()), "{check} comes twice");
        }
        let reason = remark.strip_prefix("not applicable: ").unwrap_or_default();
        assert_eq!(rules.is_empty(), !reason.is_empty(), "{row}");
        for rule in rules.split(", ").filter(|rule| !rule.is_empty()) {
            let rule = rule.trim_matches('`');
            let named = match rule.strip_prefix("*.") {
                Some(change) => places.iter().map(|it| format!("{it}.{change}")).collect(),
                None => vec![rule.to_owned()],
            };
            for rule in named {
                assert!(known.contains(&rule), "there is no rule {rule}");
            }
        }
    }
    assert!(checks.len() > 200, "{}", checks.len());
}
