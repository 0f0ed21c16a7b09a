//! Contracts of others, which lie outside of the repository: `SPECWRIGHT_CORPUS` names the folder.

use specwright::diag::{self, Diagnostics};
use specwright::source::Sources;
use std::path::{Path, PathBuf};

/// The folders whose every OpenAPI 3.0 and 3.1 document is accepted.
const ACCEPTED: [&str; 5] = [
    "openapi/oai-examples/v3.0",
    "openapi/oai-examples/v3.1",
    "openapi/museum",
    "openapi/oxide",
    "openapi/twilio",
];

fn documents(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the corpus has this folder");
    let mut paths = entries
        .map(|entry| entry.expect("a folder can be read").path())
        .filter(|path| {
            let extension = path.extension().unwrap_or_default();
            extension == "yaml" || extension == "json"
        })
        .collect::<Vec<_>>();
    paths.sort();
    paths
}

#[test]
fn real_contracts_are_accepted() {
    let Some(corpus) = std::env::var_os("SPECWRIGHT_CORPUS") else {
        eprintln!("SKIPPED: SPECWRIGHT_CORPUS does not name a folder of contracts");
        return;
    };
    for folder in ACCEPTED {
        for path in documents(&Path::new(&corpus).join(folder)) {
            let mut sources = Sources::new();
            let mut diagnostics = Diagnostics::new();
            let root = sources.load(&path).expect("a document can be read");
            let api = specwright::lower(root, &mut sources, &mut diagnostics);
            let found = diag::render(&diagnostics, &sources, false);
            assert!(!diagnostics.has_errors(), "{}\n{found}", path.display());
            let api = api.expect("a contract without errors has a model");
            println!("{}: {} operations", path.display(), api.operations.len());
        }
    }
}
