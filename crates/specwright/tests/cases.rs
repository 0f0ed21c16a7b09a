//! Contracts as data: each file under `tests/cases/reject` is refused with the findings that its
//! snapshot holds, each one under `tests/cases/accept` is understood.

use specwright::diag::{self, Diagnostics, Severity};
use specwright::model::{Api, Dialect};
use specwright::source::Sources;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

struct Outcome {
    source: String,
    api: Option<Api>,
    failed: bool,
    rendered: String,
    /// The findings that do not say what to do.
    helpless: Vec<String>,
}

/// The one function that knows how a contract is compiled.
fn check(path: &Path) -> Outcome {
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let root = sources.load(path).expect("a case can be read");
    let api = specwright::lower(root, &mut sources, &mut diagnostics);
    let helpless = diagnostics.iter().filter(|one| one.help.is_none());
    Outcome {
        source: sources.get(root).text.clone(),
        api,
        failed: diagnostics.has_errors(),
        rendered: diag::render(&diagnostics, &sources, false),
        helpless: helpless
            .map(|one| format!("{}: {}", one.code, one.message))
            .collect(),
    }
}

/// Calls `visit` with the path of each case, relative to the repository, and its name. Folders
/// called `parts` hold what cases refer to.
fn each_case(folder: &str, mut visit: impl FnMut(&Path, &str)) -> usize {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::env::set_current_dir(repository).expect("the repository is there");
    let mut folders = vec![PathBuf::from(folder)];
    let mut cases = Vec::new();
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).expect("a folder can be read") {
            let path = entry.expect("a folder can be read").path();
            match path.is_dir() {
                true if path.ends_with("parts") => {}
                true => folders.push(path),
                false => cases.push(path),
            }
        }
    }
    cases.sort();
    for path in &cases {
        let name = path
            .strip_prefix(folder)
            .expect("a case is in its folder")
            .with_extension("");
        visit(path, &name.to_string_lossy());
    }
    cases.len()
}

#[test]
fn rejected_contracts_are_explained() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let snapshots = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../snapshots/compile/reject");
    let count = each_case("tests/cases/reject", |path, name| {
        let outcome = check(path);
        assert!(
            outcome.failed,
            "{name} is not refused:\n{}",
            outcome.rendered
        );
        assert_eq!(outcome.helpless, Vec::<String>::new(), "{name}");
        let (area, case) = name.split_once('/').expect("a case is in an area");
        settings.set_snapshot_path(snapshots.join(area));
        let text = format!("{}\n----\n\n{}", outcome.source, outcome.rendered);
        settings.bind(|| insta::assert_snapshot!(case, text));
    });
    assert!(count >= 60, "only {count} cases");
}

/// The values that tell the branches of each discriminator apart.
fn branch_names(api: &Api) -> BTreeSet<Vec<&str>> {
    let found = api.schemas.iter().filter_map(|schema| {
        let found = schema.discriminator.as_ref()?;
        let mut names: Vec<_> = found
            .mapping
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        names.sort_unstable();
        Some(names)
    });
    found.collect()
}

#[test]
fn accepted_contracts_are_understood() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let snapshots = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../snapshots/compile/warnings");
    let count = each_case("tests/cases/accept", |path, name| {
        let outcome = check(path);
        assert!(!outcome.failed, "{name} is refused:\n{}", outcome.rendered);
        assert_eq!(outcome.helpless, Vec::<String>::new(), "{name}");
        if !outcome.rendered.is_empty() {
            let (area, case) = name.split_once('/').expect("a case is in an area");
            settings.set_snapshot_path(snapshots.join(area));
            settings.bind(|| insta::assert_snapshot!(case, outcome.rendered));
        }
        let api = outcome.api.expect("a contract without errors has a model");
        // What is served must be understood in turn, and mean the same.
        let mut sources = Sources::new();
        let mut diagnostics = Diagnostics::new();
        let root = sources.add("served.yaml", api.document.to_yaml_text());
        let served = specwright::lower(root, &mut sources, &mut diagnostics);
        assert!(
            !diagnostics.has_errors(),
            "{name}:\n{}",
            diag::render(&diagnostics, &sources, false)
        );
        let served = served.expect("a served document without errors has a model");
        assert_eq!(served.operations.len(), api.operations.len(), "{name}");
        assert_eq!(served.document, api.document, "{name}");
        // In RAML the values of the types tell, and the served document is of another dialect.
        if api.dialect != Dialect::Raml10 {
            assert_eq!(branch_names(&served), branch_names(&api), "{name}");
        }
    });
    assert!(count >= 60, "only {count} cases");
}

#[test]
fn what_content_describes_has_its_place_in_the_model() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let case = "tests/cases/reject/unsupported/content-parameter.yaml";
    let outcome = check(&repository.join(case));
    assert!(outcome.failed && outcome.rendered.contains("unsupported-parameter-content"));
    let api = outcome
        .api
        .expect("the contract is understood all the same");
    let parameters = api.operations[0].parameters.iter();
    let media_types: Vec<_> = parameters
        .map(|parameter| (parameter.name.as_str(), parameter.media_type.as_deref()))
        .collect();
    assert_eq!(
        media_types,
        [("id", None), ("filter", Some("application/json"))]
    );
}

/// Documents with several faults in one object: the lines that say `# wrong` are those that errors
/// are reported at, as often as they say, and no other line.
#[test]
fn faults_of_one_object_are_told_together() {
    let count = each_case("tests/cases/reject/together", |path, name| {
        let mut sources = Sources::new();
        let mut diagnostics = Diagnostics::new();
        let root = sources.load(path).expect("a case can be read");
        specwright::lower(root, &mut sources, &mut diagnostics);
        let errors = diagnostics
            .iter()
            .filter(|one| one.severity == Severity::Error);
        let mut found: Vec<_> = errors
            .map(|one| diag::place(one.span, &sources).line)
            .collect();
        found.sort_unstable();
        let text = &sources.get(root).text;
        let lines = text.lines().zip(1..).flat_map(|(line, number)| {
            let times = match line.split_once("# wrong") {
                None => 0,
                Some((_, "")) => 1,
                Some((_, ": twice")) => 2,
                Some((_, ": 3 times")) => 3,
                Some((_, ": 4 times")) => 4,
                Some((_, other)) => panic!("{name}: how often is `{other}`?"),
            };
            std::iter::repeat_n(number, times)
        });
        let marked: Vec<usize> = lines.collect();
        let rendered = diag::render(&diagnostics, &sources, false);
        assert_eq!(found, marked, "{name}:\n{rendered}");
    });
    assert!(count >= 18, "only {count} cases");
}

#[test]
fn branches_keep_their_names_in_the_served_document() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let case = "tests/cases/accept/references/renamed-branches.yaml";
    let api = check(&repository.join(case)).api;
    let api = api.expect("the contract is understood");
    let text = api.document.to_pretty_text();
    let (_, mapping) = text.split_once("\"mapping\": {").expect("there is one");
    let (mapping, _) = mapping.split_once('}').expect("it ends");
    let lines: Vec<_> = mapping.lines().map(str::trim).collect();
    assert_eq!(
        lines.join(" ").trim(),
        "\"bird-of-prey\": \"#/components/schemas/Bird\", \
         \"Cat\": \"#/components/schemas/Cat_2\", \
         \"dog\": \"#/components/schemas/Hound\", \
         \"Gold fish\": \"#/components/schemas/Gold_fish\""
    );
    // What keeps its name needs no entry.
    assert!(!mapping.contains("Snake"));
}

#[test]
fn descriptions_beside_references_win_in_3_1_alone() {
    let described = |case: &str| {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let path = format!("tests/cases/accept/references/{case}.yaml");
        let api = check(&repository.join(path)).api;
        let api = api.expect("the contract is understood");
        let operation = &api.operations[0];
        let body = operation.body.as_ref().expect("there is a body");
        let responses = &operation.responses;
        let mut texts = vec![operation.parameters[0].description.clone()];
        texts.push(body.description.clone());
        texts.push(responses[1].headers[0].description.clone());
        texts.extend(responses.iter().map(|one| one.description.clone()));
        texts
    };
    assert_eq!(
        described("descriptions"),
        [
            "The number of the pet.",
            "The pet as it is now.",
            "How many pets there are.",
            "The pet was changed.",
            "The pet is new.",
            "There is no such pet.",
            "Done.",
        ]
    );
    assert_eq!(
        described("descriptions-in-3-0"),
        [
            "A number.",
            "A body.",
            "A count.",
            "Done.",
            "The pet is new.",
            "Done.",
            "Done."
        ]
    );
}
