//! What the map says of who may know whom, and that nothing is left over.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.expect("a folder can be read").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn relative(path: &Path) -> String {
    let path = path
        .strip_prefix(root())
        .expect("the file is in the repository");
    path.to_string_lossy().into_owned()
}

/// The lines of a module that are no comments, up to its tests.
fn code(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).expect("a source file is text");
    let lines = text.lines().map(str::trim_start);
    let lines = lines.take_while(|line| !line.starts_with("#[cfg(test)]"));
    lines
        .filter(|line| !line.starts_with("//"))
        .map(str::to_owned)
        .collect()
}

/// Which modules may not name which crates or modules: the start of a path, and the words.
const TABLE: &[(&str, &[&str])] = &[
    (
        "crates/specwright/src/source",
        &[
            "crate::diag",
            "crate::yaml",
            "crate::model",
            "crate::ir",
            "crate::emit",
        ],
    ),
    (
        "crates/specwright/src/yaml",
        &["crate::model", "crate::openapi", "crate::ir", "crate::emit"],
    ),
    (
        "crates/specwright/src/model",
        &[
            "granit_parser",
            "crate::yaml",
            "crate::values",
            "crate::openapi",
            "crate::ir",
            "crate::emit",
            "crate::diag",
        ],
    ),
    (
        "crates/specwright/src/values",
        &[
            "granit_parser",
            "crate::source",
            "crate::diag",
            "crate::openapi",
            "crate::raml",
            "crate::ir",
            "crate::emit",
        ],
    ),
    (
        "crates/specwright/src/openapi",
        &["granit_parser", "crate::ir", "crate::emit", "crate::raml"],
    ),
    (
        "crates/specwright/src/raml",
        &[
            "granit_parser",
            "crate::openapi",
            "crate::model::Api",
            "crate::model::Schema",
            "crate::ir",
            "crate::emit",
        ],
    ),
    (
        "crates/specwright/src/ir",
        &[
            "granit_parser",
            "crate::yaml",
            "crate::openapi",
            "crate::emit",
        ],
    ),
    (
        "crates/specwright/src/emit",
        &[
            "granit_parser",
            "crate::yaml",
            "crate::openapi",
            "crate::source",
        ],
    ),
    (
        "crates/specwright/src/diff",
        &[
            "granit_parser",
            "crate::yaml",
            "crate::openapi",
            "crate::raml",
            "crate::ir",
            "crate::emit",
            "crate::freeze",
            "std::fs",
        ],
    ),
    (
        "crates/specwright/src/freeze",
        &[
            "granit_parser",
            "crate::openapi",
            "crate::raml",
            "crate::ir",
            "crate::emit",
            "std::fs",
        ],
    ),
    ("crates/specwright-runtime/src", &["specwright::"]),
    (
        "crates/specwright-runtime/src/client",
        &[
            "poem_openapi",
            "hyper::server",
            "crate::mount",
            "crate::host",
            "crate::input",
            "crate::endpoint",
            "crate::router",
            "crate::security",
        ],
    ),
    (
        "src/subjects/domain",
        &[
            "poem",
            "poem_openapi",
            "specwright_runtime",
            "sqlx",
            "tokio",
            "chrono",
            "uuid",
            "crate::config",
            "crate::db",
            "crate::effects",
        ],
    ),
    ("src/subjects/service", &["poem", "sqlx"]),
    ("src/subjects/errors", &["poem", "sqlx"]),
    (
        "src/subjects/store",
        &[
            "poem",
            "specwright_runtime",
            "super::contract",
            "crate::subjects::contract",
        ],
    ),
    (
        "src/subjects",
        &[
            "crate::user_sessions",
            "crate::admin",
            "crate::eps",
            "crate::cams",
            "crate::exam_sessions",
        ],
    ),
    ("src/user_sessions/service", &["poem", "sqlx"]),
    ("src/user_sessions/query", &["poem", "sqlx"]),
    (
        "src/user_sessions/store",
        &["poem", "specwright_runtime", "super::contract"],
    ),
    ("src/admin/service", &["poem", "sqlx", "crate::db"]),
    ("src/admin/identity", &["poem", "sqlx", "crate::db"]),
    (
        "src/admin/store",
        &["poem", "specwright_runtime", "super::contract"],
    ),
    (
        "src/admin/domain",
        &["poem", "sqlx", "specwright_runtime", "crate::db"],
    ),
    ("src/admin", &["crate::user_sessions"]),
    ("src/user_sessions", &["crate::admin", "crate::auth"]),
    (
        "src/auth",
        &[
            "poem",
            "crate::admin",
            "crate::user_sessions",
            "crate::routes",
        ],
    ),
    ("src/eps/service", &["poem", "sqlx", "crate::db::Db"]),
    (
        "src/eps/store",
        &["poem", "specwright_runtime", "super::contract"],
    ),
    ("src/eps/import", &["poem", "sqlx", "specwright_runtime"]),
    (
        "src/eps",
        &[
            "crate::cams",
            "crate::exam_sessions",
            "crate::user_sessions",
            "crate::admin",
        ],
    ),
    ("src/cams/service", &["poem", "sqlx", "crate::db::Db"]),
    (
        "src/cams/store",
        &["poem", "specwright_runtime", "super::contract"],
    ),
    ("src/cams/import", &["poem", "sqlx", "specwright_runtime"]),
    (
        "src/cams",
        &[
            "crate::eps",
            "crate::exam_sessions",
            "crate::user_sessions",
            "crate::admin",
        ],
    ),
    // The exam sessions see the system APIs as their contracts show them, and have no data.
    (
        "src/exam_sessions",
        &[
            "poem",
            "sqlx",
            "crate::db",
            "crate::eps::service",
            "crate::eps::store",
            "crate::eps::errors",
            "crate::eps::import",
            "crate::cams::service",
            "crate::cams::store",
            "crate::cams::errors",
            "crate::cams::import",
            "crate::user_sessions",
            "crate::admin",
        ],
    ),
    ("src/faults", &["poem", "sqlx", "crate::"]),
    (
        "src/layer",
        &[
            "poem",
            "sqlx",
            "crate::db",
            "crate::eps",
            "crate::cams",
            "crate::exam_sessions",
        ],
    ),
    (
        "src/clients",
        &[
            "poem",
            "specwright_runtime",
            "crate::eps",
            "crate::cams",
            "crate::exam_sessions",
            "crate::user_sessions",
            "crate::admin",
        ],
    ),
    (
        "src/licences",
        &[
            "poem",
            "crate::user_sessions",
            "crate::admin",
            "crate::eps",
            "crate::cams",
            "crate::exam_sessions",
        ],
    ),
    ("src/licences/service", &["sqlx", "crate::db::Db"]),
    ("src/licences/versions", &["sqlx", "crate::db"]),
    (
        "src/licences/domain",
        &["sqlx", "specwright_runtime", "crate::db", "chrono"],
    ),
    ("src/licences/index", &["sqlx", "specwright_runtime"]),
    (
        "src/licences/files",
        &["poem", "sqlx", "specwright_runtime", "crate::db"],
    ),
    (
        "src/licences/store",
        &["specwright_runtime", "super::contract"],
    ),
    ("src/import", &["poem", "sqlx", "specwright_runtime"]),
    ("src/backfill/service", &["poem", "sqlx", "crate::db::Db"]),
    ("src/backfill/domain", &["poem", "sqlx", "crate::db"]),
    (
        "src/backfill/store",
        &["poem", "specwright_runtime", "super::contract"],
    ),
    (
        "src/backfill",
        &[
            "crate::subjects",
            "crate::eps",
            "crate::cams",
            "crate::exam_sessions",
            "crate::user_sessions",
            "crate::admin",
        ],
    ),
    (
        "src/subjects/import",
        &["poem", "specwright_runtime", "crate::config"],
    ),
    ("src/subjects/history", &["poem", "specwright_runtime"]),
    ("src/subjects/protocol", &["poem", "specwright_runtime"]),
    (
        "src/subjects/notifications",
        &["poem", "sqlx", "specwright_runtime", "crate::db"],
    ),
    ("src/subjects", &["crate::backfill"]),
    ("src/auth/store", &["specwright_runtime"]),
    (
        "src/changes",
        &["poem", "specwright_runtime", "crate::admin", "crate::auth"],
    ),
    (
        "src/db",
        &[
            "poem",
            "specwright_runtime",
            "crate::user_sessions",
            "crate::admin",
            "crate::auth",
            "crate::changes",
            "crate::clients",
            "crate::eps",
            "crate::cams",
            "crate::exam_sessions",
        ],
    ),
    ("src/config", &["poem", "sqlx", "specwright_runtime"]),
    ("src/effects", &["poem", "sqlx", "specwright_runtime"]),
];

#[test]
fn modules_know_only_whom_they_may() {
    let mut wrong = Vec::new();
    for path in files(&root().join("src"))
        .into_iter()
        .chain(files(&root().join("crates")))
    {
        let name = relative(&path);
        if !name.ends_with(".rs") || name.ends_with("/tests.rs") {
            continue;
        }
        for (start, words) in TABLE {
            let module = name
                .strip_prefix(start)
                .is_some_and(|rest| rest.starts_with(['.', '/']));
            for (line, word) in code(&path)
                .iter()
                .flat_map(|line| words.iter().map(move |word| (line, word)))
            {
                if module && mentions(line, word) {
                    wrong.push(format!("{name} may not know `{word}`: {line}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a path in the line begins with the word.
fn mentions(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(position, _)| {
        let before = line[..position].chars().next_back();
        let after = line[position + word.len()..].chars().next();
        let inside =
            |neighbour: Option<char>| neighbour.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !inside(before)
            && (word.ends_with(':') || !inside(after))
            && !line.contains(&format!("\"{word}"))
    })
}

#[test]
fn only_the_database_and_the_stores_know_sqlx() {
    for path in files(&root().join("src")) {
        let name = relative(&path);
        let may =
            name.starts_with("src/db") || name.ends_with("/store.rs") || name.contains("/store/");
        let knows = code(&path).iter().any(|line| mentions(line, "sqlx"));
        assert!(may || !knows, "{name} knows sqlx");
    }
}

#[test]
fn migrations_are_twins() {
    let names = |engine: &str| -> BTreeSet<String> {
        let folder = root().join("migrations").join(engine);
        let names = files(&folder).into_iter().map(|path| {
            let path = path
                .strip_prefix(&folder)
                .expect("it is below the folder")
                .to_owned();
            path.to_string_lossy().into_owned()
        });
        names.collect()
    };
    let sqlite = names("sqlite");
    assert_eq!(sqlite, names("postgres"));
    let listed = std::fs::read_to_string(root().join("src/db/migrations.rs")).expect("it is text");
    for name in sqlite {
        let step = name
            .rsplit('/')
            .next()
            .unwrap_or(&name)
            .trim_end_matches(".sql");
        assert!(
            listed.contains(&format!("\"{step}\"")),
            "{name} is not listed"
        );
    }
}

#[test]
fn every_story_has_its_snapshot_and_no_snapshot_is_left_over() {
    let stories = root().join("tests/contracts");
    let expected: BTreeSet<String> = files(&stories)
        .iter()
        .map(|path| {
            path.strip_prefix(&stories)
                .expect("it is below the folder")
                .to_string_lossy()
                .into_owned()
        })
        .map(|name| format!("{}.snap", name.trim_end_matches(".http").replace('/', "__")))
        .collect();
    let found: BTreeSet<String> = files(&root().join("snapshots/contracts"))
        .iter()
        .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
        .filter(|name| !name.ends_with(".new"))
        .collect();
    assert_eq!(found, expected);
}

/// The contracts that clients rely on.
const IN_PRODUCTION: &[&str] = &["licences.v1.1.yaml"];

/// What is in production stays listed: taking an entry out of the lock would let its contract change.
#[test]
fn contracts_in_production_are_frozen() {
    let folder = root().join("openapi");
    let lock = std::fs::read_to_string(folder.join("frozen.lock")).expect("the lock is there");
    for contract in IN_PRODUCTION {
        let (_, entry) = lock
            .split_once(&format!("\n{contract}:\n"))
            .unwrap_or_else(|| panic!("{contract} is not frozen any more"));
        let entry = entry.lines().take_while(|line| line.starts_with(' '));
        let entry = entry.map(str::trim).collect::<Vec<_>>();
        let snapshot = format!("snapshot: frozen/{contract}");
        assert!(entry.contains(&snapshot.as_str()), "{entry:?}");
        assert!(
            entry.iter().any(|line| line.starts_with("sha256: ")),
            "{entry:?}"
        );
        assert!(folder.join("frozen").join(contract).is_file());
    }
}
