//! The RAML 1.0 compatibility kit, which lies outside of the repository: `SPECWRIGHT_CORPUS` names
//! the folder that holds it.

use specwright::diag::{Diagnostics, Severity};
use specwright::source::Sources;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Files that are decided otherwise than their names say, each with the reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "Annotations/complex-08/invalid-undefined-property.raml",
        "RAML 1.0, Additional Properties: a type that does not exclude them allows them",
    ),
    (
        "Annotations/target-locations/valid-response.raml",
        "the annotation is for methods alone, and stands on a response",
    ),
    (
        "Fragments/namedexample-01/examples/invalid-one-example.raml",
        "a fragment of examples is sound by itself; it is the type they are said of that they do not fit",
    ),
    (
        "Methods/all-request-body-types/valid.raml",
        "RFC 6838: `mime` is no top-level media type, any more than those of the refused files are",
    ),
    (
        "Overlays/double-displayname-override/valid.raml",
        "the API under it names an undeclared security scheme, and its `protocols` is no array",
    ),
    (
        "Overlays/override-default/invalid.raml",
        "RAML 1.0, Overlays: the merged tree does not differ from the master tree",
    ),
    (
        "Responses/all-supported-content-types/valid.raml",
        "RFC 6838: `mime` is no top-level media type, any more than those of the refused files are",
    ),
    (
        "Root/include-02/valid-https.raml",
        "the file is on another machine, which the compiler never asks",
    ),
    (
        "spec-examples/Instagram1.0/api.raml",
        "one of its examples has null where its schema asks for an object",
    ),
    (
        "Types/Facets/redefine-built-in/valid.raml",
        "RAML 1.0, User-defined Facets: `format` is a facet of `datetime` already",
    ),
    (
        "Types/xsdscheme/inherit-xsd-type-01/invalid-unknown-property.raml",
        OPAQUE,
    ),
    (
        "Types/xsdscheme/inherit-xsd-type-02/invalid-unknown-property.raml",
        OPAQUE,
    ),
    (
        "Types/xsdscheme/no-anchor-01/invalid-unknown-property.raml",
        OPAQUE,
    ),
    (
        "Types/xsdscheme/req-body-type-01/invalid-unknown-property.raml",
        OPAQUE,
    ),
    (
        "Types/xsdscheme/req-body-type-02/invalid-unknown-property.raml",
        OPAQUE,
    ),
];

const OPAQUE: &str = "XML and its schemas are opaque, so the example is not looked into";

struct Verdict {
    refused: bool,
    /// Codes and messages of the errors, without the names in them.
    reasons: BTreeSet<String>,
    api: bool,
}

fn check(path: &Path) -> Verdict {
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let root = sources.load(path).expect("a file of the kit can be read");
    specwright::lower(root, &mut sources, &mut diagnostics);
    let text = &sources.get(root).text;
    let errors = diagnostics
        .iter()
        .filter(|one| one.severity == Severity::Error);
    Verdict {
        refused: diagnostics.has_errors(),
        reasons: errors
            .map(|one| format!("{}: {}", one.code, without_names(&one.message)))
            .collect(),
        api: text
            .lines()
            .next()
            .is_some_and(|line| line.trim_end() == "#%RAML 1.0"),
    }
}

/// A message without what it quotes, so that nothing of the kit gets into a snapshot.
fn without_names(message: &str) -> String {
    let parts = message.split('`').enumerate();
    let parts = parts.map(|(index, part)| if index % 2 == 0 { part } else { "`…`" });
    parts.collect()
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).expect("a folder of the kit can be read");
    for entry in entries {
        let path = entry.expect("a folder of the kit can be read").path();
        match path.is_dir() {
            true => files(&path, out),
            false => out.push(path),
        }
    }
    out.sort();
}

fn kit() -> Option<PathBuf> {
    let corpus = std::env::var_os("SPECWRIGHT_CORPUS");
    if corpus.is_none() {
        eprintln!("SKIPPED: SPECWRIGHT_CORPUS does not name a folder with the compatibility kit");
    }
    Some(Path::new(&corpus?).join("raml-tck"))
}

/// Whether a file must be refused, by its name; `None` for what others refer to.
fn expected(name: &str, api: bool) -> Option<bool> {
    let file = name.rsplit('/').next().unwrap_or(name);
    if file.contains("invalid") {
        return Some(true);
    }
    // The examples of the specification are sound unless they say otherwise.
    let example = api && name.starts_with("spec-examples/");
    (file.contains("valid") || example).then_some(false)
}

#[test]
fn every_file_is_decided_right() {
    let Some(kit) = kit() else { return };
    let mut paths = Vec::new();
    files(&kit, &mut paths);
    let mut wrong = Vec::new();
    let mut unneeded = EXCEPTIONS
        .iter()
        .map(|(name, _)| *name)
        .collect::<BTreeSet<_>>();
    let mut reasons = String::new();
    let mut decided = 0;
    for path in paths
        .iter()
        .filter(|path| path.extension().is_some_and(|one| one == "raml"))
    {
        let name = path.strip_prefix(&kit).expect("a file of the kit is in it");
        let name = name.to_string_lossy().replace('\\', "/");
        let verdict = check(path);
        let Some(refused) = expected(&name, verdict.api) else {
            continue;
        };
        decided += 1;
        if refused {
            writeln!(reasons, "{name}").expect("a string takes text");
            for reason in &verdict.reasons {
                writeln!(reasons, "    {reason}").expect("a string takes text");
            }
        }
        let right = verdict.refused == refused;
        let excepted = EXCEPTIONS.iter().any(|(known, _)| *known == name);
        if !right && excepted {
            unneeded.remove(name.as_str());
        } else if !right {
            wrong.push(format!("{name}: {:?}", verdict.reasons));
        }
    }
    println!("{decided} files decided, {} exceptions", EXCEPTIONS.len());
    assert!(wrong.is_empty(), "decided wrong:\n{}", wrong.join("\n"));
    assert!(unneeded.is_empty(), "exceptions without need: {unneeded:?}");
    assert!(decided >= 400, "only {decided} files are there");
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let snapshots = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../snapshots/compile/raml-kit");
    settings.set_snapshot_path(snapshots);
    settings.bind(|| insta::assert_snapshot!("refused", reasons));
}
