//! What the accepted contracts compile to: one snapshot a contract, laid out as rustfmt would.

use specwright::{Compiler, Generated, Sides};
use std::path::{Path, PathBuf};
use std::process::Command;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The accepted contracts, as paths relative to the repository.
fn cases() -> Vec<PathBuf> {
    std::env::set_current_dir(repository()).expect("the repository is there");
    let mut cases = Vec::new();
    for area in std::fs::read_dir("tests/cases/accept").expect("the cases are there") {
        let area = area.expect("a folder can be read").path();
        for case in std::fs::read_dir(area).expect("an area can be read") {
            let case = case.expect("a folder can be read").path();
            if case.is_file() {
                cases.push(case);
            }
        }
    }
    cases.sort();
    cases
}

fn generate(case: &Path) -> Generated {
    generate_sides(case, Sides::SERVER)
}

fn generate_sides(case: &Path, sides: Sides) -> Generated {
    Compiler::new(case)
        .sides(sides)
        .generate()
        .unwrap_or_else(|failure| panic!("{}: {failure}", case.display()))
}

#[test]
fn generated_files_are_as_approved() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for case in cases() {
        let generated = generate(&case);
        let source = std::fs::read_to_string(&case).expect("a case can be read");
        let area = case.parent().and_then(Path::file_name).unwrap_or_default();
        let name = case
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        settings.set_snapshot_path(repository().join("snapshots/compile/accept").join(area));
        let text = format!(
            "{source}\n----\n\n{}\n----\n\n{}",
            generated.rust, generated.checks
        );
        settings.bind(|| insta::assert_snapshot!(name, text));
    }
}

/// The cases whose clients are approved too: every style of parameters, every kind of body and
/// response, security, and a method without bodies.
const CLIENTS: &[&str] = &[
    "bodies/several",
    "bodies/form",
    "bodies/text-and-binary",
    "documents/methods",
    "parameters/headers-and-cookies",
    "parameters/path-templates",
    "parameters/query",
    "responses/headers",
    "responses/media-types",
    "responses/statuses",
    "schemas/read-write",
    "security/schemes",
];

#[test]
fn generated_clients_are_as_approved() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut found = 0;
    for case in cases() {
        let name = case.strip_prefix("tests/cases/accept").expect("a case");
        let name = name.with_extension("").to_string_lossy().into_owned();
        if !CLIENTS.contains(&name.as_str()) {
            continue;
        }
        found += 1;
        let (area, name) = name.split_once('/').expect("a case is in an area");
        let generated = generate_sides(&case, Sides::CLIENT);
        settings.set_snapshot_path(repository().join("snapshots/compile/client").join(area));
        settings.bind(|| insta::assert_snapshot!(name, generated.rust));
    }
    assert_eq!(found, CLIENTS.len());
}

#[test]
fn a_server_is_the_same_whether_clients_can_be_made_or_not() {
    for case in cases() {
        let server = generate(&case).rust;
        for item in ["rt::Answer)", "rt::Draft", "default_base"] {
            assert!(!server.contains(item), "{}: {item}", case.display());
        }
    }
}

#[test]
fn the_apis_of_the_server_are_as_approved() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for contract in contracts() {
        let generated = generate(&contract);
        settings.set_snapshot_path(repository().join("snapshots/apis"));
        settings.bind(|| insta::assert_snapshot!(generated.name.as_str(), generated.rust));
        settings.set_snapshot_path(repository().join("snapshots/documents"));
        settings.bind(|| insta::assert_snapshot!(generated.name.as_str(), generated.document_yaml));
    }
}

/// The root documents of the server's own APIs.
fn contracts() -> Vec<PathBuf> {
    std::env::set_current_dir(repository()).expect("the repository is there");
    let mut contracts: Vec<PathBuf> = std::fs::read_dir("openapi")
        .expect("the contracts are there")
        .map(|entry| entry.expect("a folder can be read").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml" || extension == "raml")
        })
        .collect();
    contracts.sort();
    contracts
}

#[test]
fn generated_files_are_formatted() {
    if Command::new("rustfmt").arg("--version").output().is_err() {
        eprintln!("SKIPPED: rustfmt is not installed, so the layout is not compared with its own");
        return;
    }
    // The start of the program takes longer than its work, so that it is given all files at once.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("formatted");
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    let mut files = Vec::new();
    for case in cases().into_iter().chain(contracts()) {
        for sides in [Sides::SERVER, Sides::CLIENT, Sides::BOTH] {
            let rust = generate_sides(&case, sides).rust;
            let path = folder.join(format!("{}.rs", files.len()));
            std::fs::write(&path, &rust).expect("a file can be written");
            files.push((path, rust, format!("{}, {sides:?}", case.display())));
        }
    }
    rustfmt(files.iter().map(|(path, _, _)| path.as_path()));
    for (path, rust, what) in &files {
        let formatted = std::fs::read_to_string(path).expect("rustfmt leaves the file");
        assert!(
            formatted == *rust,
            "rustfmt would change {what}:\n{}",
            first_difference(rust, &formatted)
        );
    }
    std::fs::remove_dir_all(&folder).expect("the folder is there");
}

#[test]
fn generating_twice_gives_the_same() {
    for case in cases() {
        let (first, second) = (generate(&case), generate(&case));
        assert_eq!(first.rust, second.rust);
        assert_eq!(first.checks, second.checks);
        assert_eq!(first.document_yaml, second.document_yaml);
    }
}

#[test]
fn no_snapshot_outlives_its_contract() {
    std::env::set_current_dir(repository()).expect("the repository is there");
    for (outcome, cases) in [
        ("accept", "accept"),
        ("reject", "reject"),
        ("client", "accept"),
    ] {
        let snapshots = Path::new("snapshots/compile").join(outcome);
        for area in std::fs::read_dir(&snapshots).expect("the snapshots are there") {
            let area = area.expect("a folder can be read").path();
            let cases = Path::new("tests/cases")
                .join(cases)
                .join(area.file_name().unwrap_or_default());
            for snapshot in std::fs::read_dir(&area).expect("an area can be read") {
                let snapshot = snapshot.expect("a folder can be read").path();
                let case = cases.join(snapshot.file_stem().unwrap_or_default());
                let lives = ["yaml", "json", "raml"]
                    .iter()
                    .any(|extension| case.with_extension(extension).is_file());
                assert!(lives, "{} belongs to no case", snapshot.display());
            }
        }
    }
}

fn rustfmt<'a>(files: impl Iterator<Item = &'a Path>) {
    let formatted = Command::new("rustfmt")
        .args(["--edition", "2024", "--config", "max_width=100"])
        .args(files)
        .output()
        .expect("rustfmt starts");
    let told = String::from_utf8_lossy(&formatted.stderr);
    assert!(formatted.status.success(), "{told}");
}

fn first_difference(ours: &str, theirs: &str) -> String {
    let at = ours
        .lines()
        .zip(theirs.lines())
        .take_while(|(left, right)| left == right)
        .count();
    let excerpt = |text: &str| text.lines().skip(at).take(4).collect::<Vec<_>>().join("\n");
    format!(
        "line {}\nours:\n{}\nrustfmt:\n{}",
        at + 1,
        excerpt(ours),
        excerpt(theirs)
    )
}
