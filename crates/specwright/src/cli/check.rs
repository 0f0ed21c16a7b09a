//! `specwright check`

use crate::diag::{self, Diagnostics};
use crate::openapi;
use crate::source::Sources;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

/// Says everything that is wrong with contracts.
#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// Root documents of contracts.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Check {
    pub(super) fn run(self) -> ExitCode {
        let mut failed = false;
        for file in &self.files {
            let mut sources = Sources::new();
            let mut diagnostics = Diagnostics::new();
            match sources.load(file) {
                Ok(root) => {
                    let t = std::time::Instant::now();
                    let api = openapi::lower(root, &mut sources, &mut diagnostics);
                    eprintln!(
                        "{} {:?} ops {:?} schemas {:?}",
                        file.display(),
                        t.elapsed(),
                        api.as_ref().map(|a| a.operations.len()),
                        api.as_ref().map(|a| a.schemas.len())
                    );
                }
                Err(e) => {
                    eprintln!("{e}");
                    failed = true;
                    continue;
                }
            }
            eprint!(
                "{}",
                diag::render(&diagnostics, &sources, std::io::stderr().is_terminal())
            );
            eprintln!("{}", diag::summary(&diagnostics));
            failed |= diagnostics.has_errors();
        }
        if failed {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }
}
