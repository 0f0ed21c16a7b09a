//! Reading the contract that a command works on.

use super::progress::Progress;
use crate::diag::{self, Diagnostics};
use crate::model::Api;
use crate::source::Sources;
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

/// A contract that was read, and what was found on the way.
pub(super) struct Contract {
    pub sources: Sources,
    pub diagnostics: Diagnostics,
    /// `None` when nothing could be made of the document.
    pub api: Option<Api>,
}

/// Reads a contract, whatever is wrong with it.
///
/// # Errors
/// When the file itself cannot be read.
pub(super) fn read(file: &Path) -> std::io::Result<Contract> {
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let mut progress = Progress::of(file);
    progress.stage("reading");
    let root = sources.load(file)?;
    progress.stage("checking");
    let api = crate::lower(root, &mut sources, &mut diagnostics);
    Ok(Contract {
        sources,
        diagnostics,
        api,
    })
}

/// Reads a contract that must be without errors; otherwise says on stderr what is wrong with it.
///
/// # Errors
/// The exit code.
pub(super) fn sound(file: &Path) -> Result<(Api, Sources), ExitCode> {
    let contract = read(file).map_err(|error| {
        eprintln!(
            "error: {}: the file cannot be read: {error}",
            file.display()
        );
        ExitCode::FAILURE
    })?;
    match contract.api {
        Some(api) if !contract.diagnostics.has_errors() => Ok((api, contract.sources)),
        _ => {
            print(&contract.diagnostics, &contract.sources);
            Err(ExitCode::FAILURE)
        }
    }
}

/// Prints findings on stderr.
pub(super) fn print(diagnostics: &Diagnostics, sources: &Sources) {
    let color = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    eprint!("{}", diag::render(diagnostics, sources, color));
}

/// Writes a result to stdout. A reader that has gone away, such as `head`, is no failure.
pub(super) fn put(text: &str) -> ExitCode {
    use std::io::Write;
    let mut stdout = std::io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: cannot write to stdout: {error}");
            ExitCode::FAILURE
        }
    }
}
