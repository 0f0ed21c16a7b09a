//! `specwright bundle`

use super::contract;
use std::path::PathBuf;
use std::process::ExitCode;

/// Prints a contract as one document, as it is served.
///
/// What other files hold moves into `components`; everything else stays as it was written, in its
/// order.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Bundle {
    /// The root document of the contract.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// How to write it.
    #[arg(long, default_value = "yaml")]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  specwright bundle api.yaml > bundled.yaml
  specwright bundle --format json api.yaml | jq .info
";

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    Json,
    Yaml,
}

impl Bundle {
    pub(super) fn run(self) -> ExitCode {
        let api = match contract::sound(&self.file) {
            Ok((api, _)) => api,
            Err(code) => return code,
        };
        contract::put(&match self.format {
            Format::Json => api.document.to_pretty_text(),
            Format::Yaml => api.document.to_yaml_text(),
        })
    }
}
