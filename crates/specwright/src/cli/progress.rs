//! What is going on, for people who wait.

use std::io::{IsTerminal, Write};
use std::path::Path;

/// Smaller contracts are done before anyone could read a word. In bytes.
const LARGE: u64 = 1 << 20;

/// A line on stderr that names the present stage, and goes away at the end. Silent for small files
/// and where stderr is no terminal.
pub(super) struct Progress {
    subject: Option<String>,
}

impl Progress {
    /// The progress of one contract.
    pub(super) fn of(file: &Path) -> Progress {
        let size = std::fs::metadata(file).map_or(0, |data| data.len());
        let shown = size >= LARGE && std::io::stderr().is_terminal();
        let megabytes = size as f64 / f64::from(1 << 20);
        Progress {
            subject: shown.then(|| format!("{} ({megabytes:.1} MiB)", file.display())),
        }
    }

    /// Begins a stage.
    pub(super) fn stage(&mut self, name: &str) {
        if let Some(subject) = &self.subject {
            // Nothing depends on whether the line can be shown.
            let _ = write!(std::io::stderr(), "\r\x1b[K{name} {subject} …");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.subject.is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
