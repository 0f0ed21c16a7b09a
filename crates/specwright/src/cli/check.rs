//! `specwright check`

use super::report::{self, Finding};
use crate::diag::{self, Diagnostics};
use crate::openapi;
use crate::source::Sources;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Says everything that is wrong with contracts.
///
/// Exits with 0 when every contract compiles, warnings or not, with 1 when one does not, and with 2
/// when the command line itself is wrong.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Check {
    /// Root documents of contracts; the files that they refer to are found by themselves.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// For people, with excerpts, on stderr; or for programs, as JSON, on stdout.
    #[arg(long, default_value = "human")]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  specwright check api.yaml
  specwright check --format json api.yaml | jq '.findings[].message'
";

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    Human,
    Json,
}

impl Check {
    pub(super) fn run(self) -> ExitCode {
        let mut failed = false;
        let mut findings = Vec::new();
        for file in &self.files {
            failed |= self.check(file, &mut findings);
        }
        if let Format::Json = self.format {
            report::print(findings);
        }
        match failed {
            true => ExitCode::FAILURE,
            false => ExitCode::SUCCESS,
        }
    }

    /// Whether the contract does not compile.
    fn check(&self, file: &Path, findings: &mut Vec<Finding>) -> bool {
        let mut sources = Sources::new();
        let mut diagnostics = Diagnostics::new();
        let root = match sources.load(file) {
            Ok(root) => root,
            Err(error) => {
                let message = format!("the file cannot be read: {error}");
                match self.format {
                    Format::Human => eprintln!("error: {}: {message}", file.display()),
                    Format::Json => findings.push(Finding::unreadable(file, message)),
                }
                return true;
            }
        };
        let api = openapi::lower(root, &mut sources, &mut diagnostics);
        match self.format {
            Format::Human => {
                let color = std::io::stderr().is_terminal();
                eprint!("{}", diag::render(&diagnostics, &sources, color));
                let operations = api.map_or(0, |api| api.operations.len());
                match diag::summary(&diagnostics).as_str() {
                    "" => eprintln!("{}: {operations} operations, no findings", file.display()),
                    found => eprintln!("{}: {operations} operations, {found}", file.display()),
                }
            }
            Format::Json => findings.extend(report::findings(&diagnostics, &sources)),
        }
        diagnostics.has_errors()
    }
}
