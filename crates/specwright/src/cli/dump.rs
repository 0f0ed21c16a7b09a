//! `specwright dump`

use super::contract;
use std::path::PathBuf;
use std::process::ExitCode;

/// Prints what the compiler makes of a contract at one of its stages.
///
/// For people who work on the compiler, or wonder why it decided as it did.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Dump {
    /// The root document of the contract.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The stage.
    #[arg(long)]
    stage: Stage,
}

const EXAMPLES: &str = "\
Examples:
  specwright dump --stage model api.yaml | less
";

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Stage {
    /// The contract with every reference resolved and no trace of its dialect.
    Model,
}

impl Dump {
    pub(super) fn run(self) -> ExitCode {
        let (api, _) = match contract::sound(&self.file) {
            Ok(sound) => sound,
            Err(code) => return code,
        };
        match self.stage {
            Stage::Model => contract::put(&format!("{api:#?}\n")),
        }
    }
}
