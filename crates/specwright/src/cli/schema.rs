//! `specwright schema`

use super::{contract, diff, report};
use std::process::ExitCode;

/// Prints the JSON Schema of what `check --format json` or `diff --format json` prints.
#[derive(Debug, clap::Args)]
pub(super) struct Schema {
    /// The command.
    #[arg(long, default_value = "check")]
    of: Of,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Of {
    Check,
    Diff,
}

impl Schema {
    pub(super) fn run(self) -> ExitCode {
        let schema = match self.of {
            Of::Check => schemars::schema_for!(report::Report),
            Of::Diff => schemars::schema_for!(diff::Report),
        };
        match serde_json::to_string_pretty(&schema) {
            Ok(text) => contract::put(&format!("{text}\n")),
            Err(error) => {
                eprintln!("error: the schema cannot be printed: {error}");
                ExitCode::FAILURE
            }
        }
    }
}
