//! The lock as a file: YAML that people read and version control compares line by line.

use super::{LOCK, Refusal, sha256};
use crate::diag::{Diagnostics, render};
use crate::diff::{self, Difference};
use crate::model::{Api, Json};
use crate::source::Sources;
use crate::yaml::{self, Node};
use std::io::ErrorKind;
use std::path::Path;

const HEADER: &str = "\
# Contracts in production. The build refuses any of them that says something else than its snapshot.
# `specwright freeze` writes this file; what it holds is reviewed, never edited.
";

/// The contracts of one folder that are frozen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lock {
    entries: Vec<Entry>,
}

/// One frozen contract.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The name of the root document, in the folder of the lock.
    pub contract: String,
    /// `info.version`, for people.
    pub version: String,
    /// Where the contract is kept as it is frozen, from the folder of the lock.
    pub snapshot: String,
    /// SHA-256 of the snapshot's text, in lower-case hexadecimal digits.
    pub digest: String,
    /// What was changed since, in order.
    pub fixes: Vec<Fix>,
}

/// A change of a frozen contract that does not break its clients.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// Why it had to be.
    pub reason: String,
    /// What it changed, a line for each difference.
    pub changes: Vec<String>,
}

impl Entry {
    pub(super) fn new(contract: &str, api: &Api) -> Entry {
        Entry {
            contract: contract.to_owned(),
            version: api.info.version.clone(),
            snapshot: snapshot_of(contract),
            digest: sha256::of(&api.document.to_yaml_text()),
            fixes: Vec::new(),
        }
    }
}

/// Where a contract is kept, from the folder of the lock.
pub(super) fn snapshot_of(contract: &str) -> String {
    match contract.ends_with(".yaml") {
        true => format!("frozen/{contract}"),
        false => format!("frozen/{contract}.yaml"),
    }
}

impl Lock {
    /// The lock of a folder; `None` when it has none.
    ///
    /// # Errors
    /// When it cannot be read or is no lock.
    pub fn read(folder: &Path) -> Result<Option<Lock>, Refusal> {
        let path = folder.join(LOCK);
        let mut sources = Sources::new();
        let file = match sources.load(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                let text = format!("error: cannot read {}: {error}\n", path.display());
                return Err(Refusal::new(text));
            }
        };
        let mut diagnostics = Diagnostics::new();
        let root = yaml::parse(file, &sources, &mut diagnostics);
        let root = root.filter(|_| !diagnostics.has_errors());
        let root = root.ok_or_else(|| Refusal::new(render(&diagnostics, &sources, false)))?;
        let lock = lock(&root).ok_or_else(|| {
            Refusal::new(format!(
                "error: {} is not what `specwright freeze` writes\n  help: bring it back from version control\n",
                path.display()
            ))
        });
        lock.map(Some)
    }

    /// Every frozen contract, by name.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of a contract.
    pub fn entry(&self, contract: &str) -> Option<&Entry> {
        self.entries.iter().find(|one| one.contract == contract)
    }

    /// The text of the file; the same for the same entries.
    pub fn to_text(&self) -> String {
        let text = |text: &str| Json::String(text.to_owned());
        let object = |members: Vec<(&str, Json)>| {
            let members = members.into_iter();
            Json::Object(
                members
                    .map(|(key, value)| (key.to_owned(), value))
                    .collect(),
            )
        };
        let entries = self.entries.iter().map(|entry| {
            let mut members = vec![
                ("version", text(&entry.version)),
                ("snapshot", text(&entry.snapshot)),
                ("sha256", text(&entry.digest)),
            ];
            let fixes = entry.fixes.iter().map(|fix| {
                let changes = fix.changes.iter().map(|change| text(change));
                object(vec![
                    ("reason", text(&fix.reason)),
                    ("changes", Json::Array(changes.collect())),
                ])
            });
            if !entry.fixes.is_empty() {
                members.push(("fixes", Json::Array(fixes.collect())));
            }
            (entry.contract.clone(), object(members))
        });
        format!("{HEADER}{}", Json::Object(entries.collect()).to_yaml_text())
    }

    pub(super) fn add(&mut self, entry: Entry) {
        self.entries.push(entry);
        self.entries
            .sort_by(|one, other| one.contract.cmp(&other.contract));
    }

    pub(super) fn fix(&mut self, contract: &str, api: &Api, reason: &str, found: &[Difference]) {
        let entry = self.entries.iter_mut().find(|one| one.contract == contract);
        if let Some(entry) = entry {
            let mut fixes = std::mem::take(&mut entry.fixes);
            fixes.push(Fix {
                reason: reason.to_owned(),
                changes: found.iter().map(diff::line).collect(),
            });
            *entry = Entry {
                fixes,
                ..Entry::new(contract, api)
            };
        }
    }

    /// A contract that is frozen does not go away.
    pub(super) fn check_presence(&self, folder: &Path) -> Result<(), Refusal> {
        let mut sources = Sources::new();
        for entry in &self.entries {
            let path = folder.join(&entry.contract);
            if let Err(error) = sources.load(&path) {
                let path = path.display();
                let text = format!(
                    "error: {path} is frozen, and cannot be read: {error}\n  help: what is in production does not go away; bring the file back\n"
                );
                return Err(Refusal::new(text));
            }
        }
        Ok(())
    }
}

fn lock(root: &Node) -> Option<Lock> {
    let entries = root.as_mapping()?.iter().map(|member| {
        Some(Entry {
            contract: member.key.clone(),
            version: text(&member.value, "version")?,
            snapshot: text(&member.value, "snapshot")?,
            digest: text(&member.value, "sha256")?,
            fixes: match member.value.get("fixes") {
                None => Vec::new(),
                Some(list) => list.as_sequence()?.iter().map(fix).collect::<Option<_>>()?,
            },
        })
    });
    Some(Lock {
        entries: entries.collect::<Option<_>>()?,
    })
}

fn fix(node: &Node) -> Option<Fix> {
    let changes = node.get("changes")?.as_sequence()?.iter();
    Some(Fix {
        reason: text(node, "reason")?,
        changes: changes
            .map(|one| one.as_str().map(str::to_owned))
            .collect::<Option<_>>()?,
    })
}

fn text(node: &Node, key: &str) -> Option<String> {
    node.get(key)?.as_str().map(str::to_owned)
}
