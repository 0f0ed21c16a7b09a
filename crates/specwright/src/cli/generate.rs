//! `specwright generate`

use super::progress::Progress;
use crate::{Compiler, Sides};
use std::path::PathBuf;
use std::process::ExitCode;

/// Writes the Rust code of a contract.
///
/// The server is written unless `--client` asks for the client. Beside FILE.rs come the files that
/// it includes: for a server the contract as it is served, as JSON and YAML; for both sides the
/// schemas that are checked at run time. A source of over 20,000 lines is laid out in parts, in a
/// folder FILE.parts, so that few lines move with an edit. A build script does the same by
/// `specwright::compile("openapi/api.yaml")`, and `specwright::Compiler` has the sides.
///
/// The code needs the crate `specwright-runtime`: a client alone with `default-features = false`
/// and the feature `client`, or `client-tls` for https.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Generate {
    /// The root document of the contract.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Where the Rust code goes.
    #[arg(long, value_name = "FILE.rs")]
    out: PathBuf,

    /// Writes the client: the types, and one function an operation.
    #[arg(long)]
    client: bool,

    /// Writes the server; with `--client`, both in one file, with one set of types.
    #[arg(long)]
    server: bool,
}

const EXAMPLES: &str = "\
Examples:
  specwright generate openapi/museum.yaml --out src/museum.rs
  specwright generate openapi/museum.yaml --client --out src/museum_client.rs
";

impl Generate {
    pub(super) fn run(self) -> ExitCode {
        let mut progress = Progress::of(&self.file);
        progress.stage("compiling");
        let sides = match (self.server, self.client) {
            (true, true) => Sides::BOTH,
            (false, true) => Sides::CLIENT,
            (_, false) => Sides::SERVER,
        };
        let outcome = Compiler::new(&self.file).sides(sides).generate();
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
