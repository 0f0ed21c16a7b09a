//! `specwright dump`

use super::contract;
use crate::ir;
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
  specwright dump --stage ir api.yaml | less
";

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Stage {
    /// The contract with every reference resolved and no trace of its dialect.
    Model,
    /// The Rust program to be written, with every name and type decided.
    Ir,
}

impl Dump {
    pub(super) fn run(self) -> ExitCode {
        let (api, _) = match contract::sound(&self.file) {
            Ok(sound) => sound,
            Err(code) => return code,
        };
        match self.stage {
            Stage::Model => contract::put(&format!("{api:#?}\n")),
            Stage::Ir => {
                let name = self.file.file_stem().unwrap_or_default().to_string_lossy();
                let module =
                    ir::lower(&api, &self.file.to_string_lossy(), &name, ir::Sides::SERVER);
                contract::put(&format!("{module:#?}\n"))
            }
        }
    }
}
