//! `specwright freeze`

use super::contract;
use crate::diff;
use crate::freeze::{self, Frozen};
use std::path::PathBuf;
use std::process::ExitCode;

/// Makes a contract one that stays as it is.
///
/// What is in production does not change: from then on neither `specwright generate` nor a build
/// script compiles the contract when it says anything else than now. `frozen.lock` beside the
/// contract lists what is frozen, and the folder `frozen` keeps each contract as it was; both
/// belong into version control.
///
/// A change that does not break clients is recorded with `--fix` and a reason. What breaks needs a
/// version of the contract of its own.
///
/// Exits with 0 when the contract is frozen as it is, with 1 when it is refused.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Freeze {
    /// The root document of the contract.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Records what changed since the contract was frozen, and why it had to.
    #[arg(long, value_name = "REASON")]
    fix: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  specwright freeze openapi/licences.v1.1.yaml
  specwright freeze --fix \"The limit was never 500\" openapi/licences.v1.1.yaml
";

impl Freeze {
    pub(super) fn run(self) -> ExitCode {
        let api = match contract::sound(&self.file) {
            Ok((api, _)) => api,
            Err(code) => return code,
        };
        let path = self.file.display();
        match freeze::freeze(&self.file, &api, self.fix.as_deref()) {
            Ok(Frozen::New) => eprintln!("{path} is frozen"),
            Ok(Frozen::Unchanged) => eprintln!("{path} is as it was frozen"),
            Ok(Frozen::Fixed(differences)) => {
                let lines = differences
                    .iter()
                    .map(|one| format!("  {}\n", diff::line(one)));
                eprint!("{path} is fixed:\n{}", lines.collect::<String>());
            }
            Err(refusal) => {
                eprint!("{refusal}");
                return ExitCode::FAILURE;
            }
        }
        ExitCode::SUCCESS
    }
}
