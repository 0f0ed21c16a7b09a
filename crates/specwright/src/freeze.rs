//! Contracts in production, which stay as they are.
//!
//! `frozen.lock` beside the contracts lists those that are frozen, and the folder `frozen` keeps
//! each as it was: one document, as it is served. Whoever compiles a contract that is listed and
//! says anything else is told what differs. What does not break may be recorded as a fix, with a
//! reason; what breaks needs a version of its own.

mod lock;
mod sha256;

pub use lock::{Entry, Fix, Lock};

use crate::diag::{Diagnostics, render};
use crate::diff::{self, Class, Difference, Options};
use crate::model::Api;
use crate::source::Sources;
use crate::{compile, output};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// The name of the lock.
pub const LOCK: &str = "frozen.lock";

/// Why a contract may not be what it is, or cannot be frozen, as text for people.
#[derive(Debug)]
pub struct Refusal {
    text: String,
    /// What it differs in from what was frozen, where that is the reason.
    pub differences: Vec<Difference>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl std::error::Error for Refusal {}

impl Refusal {
    fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            differences: Vec::new(),
        }
    }
}

/// What became of a contract that was to be frozen.
#[derive(Debug)]
pub enum Frozen {
    /// It was not, and is now.
    New,
    /// It was, and is the same.
    Unchanged,
    /// It was, and what differs is recorded.
    Fixed(Vec<Difference>),
}

/// Refuses a contract that is frozen and differs from what was frozen.
///
/// Answers the files that were read, for those who watch them: the lock and the contract's
/// snapshot; none where nothing is frozen.
///
/// # Errors
/// What differs; or why the lock or the snapshot cannot be used; or that a contract of the same
/// lock is gone.
pub fn check(contract: &Path, api: &Api) -> Result<Vec<PathBuf>, Refusal> {
    let folder = folder(contract);
    let Some(lock) = Lock::read(&folder)? else {
        return Ok(Vec::new());
    };
    let mut read = vec![folder.join(LOCK)];
    lock.check_presence(&folder)?;
    let Some(entry) = lock.entry(&name(contract)) else {
        return Ok(read);
    };
    read.push(folder.join(&entry.snapshot));
    match differences(&folder, entry, api)? {
        none if none.is_empty() => Ok(read),
        found => Err(refused(contract, found)),
    }
}

/// Freezes a contract; with a reason, records what differs from what was frozen as a fix.
///
/// # Errors
/// When the contract differs from what was frozen and no reason is given, or what differs breaks;
/// when a reason is given and there is nothing to fix; when a file cannot be read or written.
pub fn freeze(contract: &Path, api: &Api, reason: Option<&str>) -> Result<Frozen, Refusal> {
    let folder = folder(contract);
    let mut lock = Lock::read(&folder)?.unwrap_or_default();
    let name = name(contract);
    let Some(entry) = lock.entry(&name) else {
        if reason.is_some() {
            let text = format!(
                "error: {} is not frozen, so that there is nothing to fix\n  help: leave `--fix` out to freeze it\n",
                contract.display()
            );
            return Err(Refusal::new(text));
        }
        lock.add(Entry::new(&name, api));
        return write(&folder, &lock, &name, api).map(|()| Frozen::New);
    };
    let found = differences(&folder, entry, api)?;
    let Some(reason) = reason else {
        return match found.is_empty() {
            true => Ok(Frozen::Unchanged),
            false => Err(refused(contract, found)),
        };
    };
    if found.is_empty() {
        let text = format!(
            "error: {} is as it was frozen, so that there is nothing to fix\n",
            contract.display()
        );
        return Err(Refusal::new(text));
    }
    if reason.trim().is_empty() {
        return Err(Refusal::new(
            "error: a fix needs a reason, and this one is empty\n",
        ));
    }
    if found.iter().any(|one| one.class() == Class::Breaking) {
        return Err(breaking(contract, found));
    }
    lock.fix(&name, api, reason.trim(), &found);
    write(&folder, &lock, &name, api).map(|()| Frozen::Fixed(found))
}

/// What a contract differs in from what was frozen.
fn differences(folder: &Path, entry: &Entry, api: &Api) -> Result<Vec<Difference>, Refusal> {
    let path = folder.join(&entry.snapshot);
    let mut sources = Sources::new();
    let root = sources.load(&path).map_err(|error| {
        let path = path.display();
        Refusal::new(format!("error: cannot read {path}, which keeps {} as it was frozen: {error}\n  help: bring the file back from version control\n", entry.contract))
    })?;
    let text = &sources.get(root).text;
    if sha256::of(text) != entry.digest {
        let path = path.display();
        return Err(Refusal::new(format!(
            "error: {path} is not what {LOCK} says that it is\n  help: nobody edits it; bring it back from version control\n"
        )));
    }
    if *text == api.document.to_yaml_text() {
        return Ok(Vec::new());
    }
    let mut diagnostics = Diagnostics::new();
    let old = compile::lower(root, &mut sources, &mut diagnostics);
    match old {
        Some(old) if !diagnostics.has_errors() => Ok(diff::compare(&old, api, &Options::default())),
        _ => Err(Refusal::new(render(&diagnostics, &sources, false))),
    }
}

fn refused(contract: &Path, found: Vec<Difference>) -> Refusal {
    let path = contract.display();
    let breaks = found.iter().any(|one| one.class() == Class::Breaking);
    let help = match breaks {
        true => "what is in production does not break; put the change into a new version of the contract".to_owned(),
        false => format!("if it has to be, record it: specwright freeze --fix \"REASON\" {path}"),
    };
    Refusal {
        text: format!(
            "error: {path} is frozen, and is not what was frozen: {}\n{}  help: {help}\n",
            diff::summary(&found),
            lines(&found)
        ),
        differences: found,
    }
}

fn breaking(contract: &Path, found: Vec<Difference>) -> Refusal {
    let breaking = found.iter().filter(|one| one.class() == Class::Breaking);
    let breaking = breaking.cloned().collect::<Vec<_>>();
    Refusal {
        text: format!(
            "error: {} breaks its clients, and no fix does\n{}  help: put the change into a new version of the contract\n",
            contract.display(),
            lines(&breaking)
        ),
        differences: breaking,
    }
}

fn lines(differences: &[Difference]) -> String {
    let lines = differences
        .iter()
        .map(|one| format!("  {}\n", diff::line(one)));
    lines.collect()
}

/// Writes the lock and the snapshot of one contract: both or none.
fn write(folder: &Path, lock: &Lock, name: &str, api: &Api) -> Result<(), Refusal> {
    let (text, document) = (lock.to_text(), api.document.to_yaml_text());
    let files = [
        (folder.join(LOCK), text.as_str()),
        (folder.join(lock::snapshot_of(name)), document.as_str()),
    ];
    let failed = |error: io::Error| {
        Refusal::new(format!(
            "error: cannot write to {}: {error}\n",
            folder.display()
        ))
    };
    output::write(&files).map_err(failed)
}

fn folder(contract: &Path) -> PathBuf {
    contract.parent().unwrap_or(Path::new("")).to_path_buf()
}

fn name(contract: &Path) -> String {
    let name = contract.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
