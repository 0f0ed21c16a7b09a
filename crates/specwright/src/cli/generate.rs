//! `specwright generate`

use super::progress::Progress;
use std::path::PathBuf;
use std::process::ExitCode;

/// Writes the Rust code of a contract.
///
/// Beside FILE.rs come the three files that it includes: the contract as it is served, as JSON and
/// YAML, and the schemas that are checked while serving. A build script does the same by
/// `specwright::compile("openapi/api.yaml")`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Generate {
    /// The root document of the contract.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Where the Rust code goes.
    #[arg(long, value_name = "FILE.rs")]
    out: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  specwright generate openapi/museum.yaml --out src/museum.rs
";

impl Generate {
    pub(super) fn run(self) -> ExitCode {
        let mut progress = Progress::of(&self.file);
        progress.stage("compiling");
        let outcome = crate::generate(&self.file);
        drop(progress);
        let generated = match outcome {
            Ok(generated) => generated,
            Err(failure) => {
                eprint!("{failure}");
                return ExitCode::FAILURE;
            }
        };
        eprint!("{}", generated.warnings);
        match generated.write(&self.out) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: cannot write {}: {error}", self.out.display());
                ExitCode::FAILURE
            }
        }
    }
}
