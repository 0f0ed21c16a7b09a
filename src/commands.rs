//! Data that are read in on the command line.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};

use crate::config::Config;
use crate::effects::Effects;
use crate::import::{File, ImportError, Plan, Target};
use crate::systems::Systems;

/// Reads CSV files into the databases of the exam sessions: all of them, or nothing.
///
/// # Errors
/// A file cannot be read, rows are wrong, or a database cannot be used.
pub async fn import_exam_sessions(config: &Config, files: &[PathBuf]) -> anyhow::Result<()> {
    let mut texts = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(path).map_err(|source| ImportError::Unreadable {
            path: path.clone(),
            source,
        })?;
        texts.push((path.display().to_string(), text));
    }
    let files: Vec<File<'_>> = texts
        .iter()
        .map(|(name, text)| File { name, text })
        .collect();
    let plan = Plan::read(&files)?;
    let rows = plan.rows();
    let systems = Systems::new(config, &Effects::real());
    let databases = [
        (
            Target::Meps,
            systems.meps.get().await.context("MEPS cannot be used")?,
        ),
        (
            Target::Oeps,
            systems.oeps.get().await.context("OEPS cannot be used")?,
        ),
        (
            Target::Cams,
            systems.cams.get().await.context("CAMS cannot be used")?,
        ),
    ];
    let bar = progress(rows);
    let stored = {
        let bar = bar.clone();
        plan.store(&databases, move || bar.inc(1)).await
    };
    bar.finish_and_clear();
    systems.close().await;
    stored?;
    writeln!(std::io::stdout(), "{rows} rows are stored.")?;
    Ok(())
}

/// A bar on a terminal, and nothing anywhere else.
fn progress(rows: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(u64::try_from(rows).unwrap_or(u64::MAX));
    match ProgressStyle::with_template("{bar:40} {pos} of {len} rows, {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
