//! Data that are read in on the command line.

pub mod licences;
mod progress;

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};

use crate::config::Config;
use crate::db::Db;
use crate::effects::Effects;
use crate::import::{File, ImportError, Plan};
use crate::operate;
use crate::subjects::import::{Files, Stored};
use crate::systems::Systems;

/// Reads CSV files into the databases of the exam sessions that they have rows for: all of them, or
/// nothing.
///
/// # Errors
/// A file cannot be read, rows are wrong, or a database cannot be used.
pub async fn import_exam_sessions(config: &Config, files: &[PathBuf]) -> anyhow::Result<()> {
    let texts = texts(files)?;
    let plan = Plan::read(&named(&texts))?;
    let rows = plan.rows();
    let systems = Systems::new(config, &Effects::real());
    let mut databases = Vec::new();
    for (target, remote) in systems.all() {
        if plan.concerns(target) {
            let db = remote.get().await;
            let db = db.with_context(|| format!("{target} cannot be used"))?;
            databases.push((target, db));
        }
    }
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

/// Reads CSV or JSON lines into the catalogue of subjects: all of them, or nothing.
///
/// # Errors
/// A file cannot be read, rows are wrong, or the database cannot be used.
pub async fn import_subjects(config: &Config, files: &[PathBuf]) -> anyhow::Result<()> {
    let texts = texts(files)?;
    let read = Files::read(&named(&texts))?;
    drop(texts);
    let effects = Effects::real();
    let db = operate::open(config, &effects).await?;
    let stored = store_subjects(&db, &effects, read).await;
    db.close().await;
    let Stored {
        reference,
        containers,
        templates,
        relations,
    } = stored?;
    writeln!(
        std::io::stdout(),
        "{reference} reference rows, {containers} containers, {templates} templates and \
         {relations} relations are stored."
    )?;
    Ok(())
}

async fn store_subjects(db: &Db, effects: &Effects, files: Files) -> Result<Stored, ImportError> {
    let plan = files.check(db).await?;
    let bar = progress(plan.rows());
    let stored = {
        let bar = bar.clone();
        let more = move |rows| bar.inc(u64::try_from(rows).unwrap_or(0));
        plan.store(db, effects, more).await
    };
    bar.finish_and_clear();
    stored
}

/// Names and contents of files.
fn texts(files: &[PathBuf]) -> Result<Vec<(String, String)>, ImportError> {
    let text = |path: &PathBuf| match std::fs::read_to_string(path) {
        Ok(text) => Ok((path.display().to_string(), text)),
        Err(source) => Err(ImportError::Unreadable {
            path: path.clone(),
            source,
        }),
    };
    files.iter().map(text).collect()
}

fn named(texts: &[(String, String)]) -> Vec<File<'_>> {
    let texts = texts.iter();
    texts.map(|(name, text)| File { name, text }).collect()
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
