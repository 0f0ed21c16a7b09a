//! How many licences there are, as the database itself counts them.

use super::Engine;
use anyhow::{Context, Result, ensure};
use std::process::Command;

/// How many licences of the register as it stands meet a condition; `None` where the engine's shell
/// is not installed.
///
/// # Errors
/// The shell failed.
pub fn count(engine: &Engine, condition: &str) -> Result<Option<u64>> {
    let joint = if condition.is_empty() { "" } else { " AND " };
    let sql = format!("SELECT COUNT(*) FROM licences WHERE ended IS NULL{joint}{condition}");
    let mut shell = match engine {
        Engine::Sqlite(_) => {
            let mut shell = Command::new("sqlite3");
            shell.arg(engine.register_file()?);
            shell
        }
        Engine::Postgres { register, .. } => {
            let mut shell = Command::new("psql");
            shell.args(["--no-align", "--tuples-only", "--dbname", register]);
            shell.arg("--command");
            shell
        }
    };
    let Ok(output) = shell.arg(&sql).output() else {
        return Ok(None);
    };
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{sql}: {errors}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let count = text.trim().parse();
    count.map(Some).with_context(|| format!("{sql}: {text}"))
}
