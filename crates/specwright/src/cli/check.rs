//! `specwright check`

use super::contract;
use super::report::{self, Finding};
use crate::diag;
use crate::freeze;
use crate::model::Api;
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
        let contract = match contract::read(file) {
            Ok(contract) => contract,
            Err(error) => {
                let message = format!("the file cannot be read: {error}");
                match self.format {
                    Format::Human => eprintln!("error: {}: {message}", file.display()),
                    Format::Json => findings.push(Finding::unreadable(file, message)),
                }
                return true;
            }
        };
        match self.format {
            Format::Human => {
                contract::print(&contract.diagnostics, &contract.sources);
                let operations = contract.api.as_ref();
                let operations = operations.map_or(0, |api| api.operations.len());
                let found = match diag::summary(&contract.diagnostics) {
                    nothing if nothing.is_empty() => "no findings".to_owned(),
                    found => found,
                };
                let noun = if operations == 1 {
                    "operation"
                } else {
                    "operations"
                };
                eprintln!("{}: {operations} {noun}, {found}", file.display());
            }
            Format::Json => {
                findings.extend(report::findings(&contract.diagnostics, &contract.sources))
            }
        }
        let thawed = self.thawed(file, contract.api.as_ref(), findings);
        contract.diagnostics.has_errors() || thawed
    }

    /// Whether the contract is frozen, and differs from what was frozen.
    fn thawed(&self, file: &Path, api: Option<&Api>, findings: &mut Vec<Finding>) -> bool {
        let Some(Err(refusal)) = api.map(|api| freeze::check(file, api)) else {
            return false;
        };
        match self.format {
            Format::Human => eprint!("{refusal}"),
            Format::Json => findings.push(Finding::thawed(file, refusal.to_string())),
        }
        true
    }
}
