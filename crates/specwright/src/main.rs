//! The `specwright` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    specwright::cli::run()
}
