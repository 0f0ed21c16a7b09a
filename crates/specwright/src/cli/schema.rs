//! `specwright schema`

use super::{contract, report};
use std::process::ExitCode;

/// Prints the JSON Schema of what `check --format json` prints.
#[derive(Debug, clap::Args)]
pub(super) struct Schema;

impl Schema {
    pub(super) fn run(self) -> ExitCode {
        let schema = schemars::schema_for!(report::Report);
        match serde_json::to_string_pretty(&schema) {
            Ok(text) => contract::put(&format!("{text}\n")),
            Err(error) => {
                eprintln!("error: the schema cannot be printed: {error}");
                ExitCode::FAILURE
            }
        }
    }
}
