//! Licences that are read in from files, and licences that are made up.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, IsTerminal as _, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, bail};
use tokio::sync::mpsc::Sender;

use super::progress::Progress;
use crate::config::Config;
use crate::effects::Effects;
use crate::licences::files::{self, Form, Line, Lines};
use crate::licences::store::{BATCH, Batch, Imported, Store};

/// How many batches are read ahead of the database.
const AHEAD: usize = 4;

/// How many lines are read between two looks at the progress.
const LOOK_EVERY: u64 = 1_000;

/// Reads files of licences into the register: each whole, or nothing of it.
///
/// # Errors
/// Nothing of some file is stored: it cannot be read, or lines of it are wrong; or the database
/// cannot be used.
pub async fn import(config: &Config, files: &[PathBuf], form: Option<Form>) -> anyhow::Result<()> {
    let effects = Effects::real();
    let register = crate::register(config, &effects);
    let store = Store::new(register.clone());
    let mut refused = Vec::new();
    for path in files {
        let form = form.unwrap_or_else(|| Form::of(path));
        match import_file(&store, path, form, &effects).await {
            Ok(done) => writeln!(io::stdout(), "{done}")?,
            Err(error) => {
                writeln!(io::stderr(), "error: {error:#}")?;
                refused.push(path.display().to_string());
            }
        }
    }
    register.close().await;
    match refused.is_empty() {
        true => Ok(()),
        false => bail!("nothing of {} is stored", refused.join(", ")),
    }
}

/// Reads one file in a thread of its own while the database stores what came before; answers what
/// became of it.
async fn import_file(
    store: &Store,
    path: &Path,
    form: Form,
    effects: &Effects,
) -> anyhow::Result<String> {
    let name = path.display().to_string();
    let unreadable = || format!("`{name}` cannot be read");
    let file = File::open(path).with_context(unreadable)?;
    let size = file.metadata().with_context(unreadable)?.len();
    let (sender, batches) = tokio::sync::mpsc::channel(AHEAD);
    let progress = Progress::of(name.clone(), size);
    let reading = tokio::task::spawn_blocking({
        let name = name.clone();
        move || Reading::new(name, progress, sender).run(file, form)
    });
    let now_ms = effects.now().timestamp_millis();
    let stored = store.import(batches, now_ms).await;
    let progress = reading.await.context("reading stopped")?;
    // What is wrong with the file is why nothing came to the database.
    let elapsed = progress?.elapsed().as_secs_f64();
    let Imported {
        new,
        changed,
        unchanged,
    } = stored.context("the database refused the licences")?;
    let rate = (new + changed + unchanged) as f64 / elapsed.max(1e-3);
    Ok(format!(
        "{name}: {new} new, {changed} changed, {unchanged} as they were; {elapsed:.1} s, {rate:.0} a second"
    ))
}

/// The reading of one file.
struct Reading {
    name: String,
    progress: Progress,
    batches: Sender<Batch>,
    batch: Vec<crate::licences::domain::Licence>,
    lines: u64,
    wrong_lines: u64,
}

impl Reading {
    fn new(name: String, progress: Progress, batches: Sender<Batch>) -> Self {
        Self {
            name,
            progress,
            batches,
            batch: Vec::with_capacity(BATCH),
            lines: 0,
            wrong_lines: 0,
        }
    }

    /// Reads the file to its end, whatever is wrong with it, and tells every line that is.
    fn run(mut self, file: File, form: Form) -> anyhow::Result<Progress> {
        let read = Arc::new(AtomicU64::new(0));
        let counted = Counted {
            file,
            read: Arc::clone(&read),
        };
        let name = self.name.clone();
        let lines =
            Lines::new(counted, form).map_err(|wrong| anyhow::anyhow!("{name}, {wrong}"))?;
        for line in lines {
            let line = line.with_context(|| format!("`{name}` cannot be read"))?;
            self.lines += 1;
            if self.lines.is_multiple_of(LOOK_EVERY) {
                self.progress.tell(read.load(Ordering::Relaxed), self.lines);
            }
            if !self.take(line) {
                // The database is gone, and says why.
                return Ok(self.progress);
            }
        }
        if self.wrong_lines > 0 {
            let noun = if self.wrong_lines == 1 {
                "line is"
            } else {
                "lines are"
            };
            bail!("{}: {} {noun} wrong", self.name, self.wrong_lines);
        }
        let _ = self.send() && self.batches.blocking_send(Batch::End).is_ok();
        Ok(self.progress)
    }

    /// Takes one line; whether the database still wants more.
    fn take(&mut self, line: Line) -> bool {
        match line.licence {
            Ok(licence) if self.wrong_lines == 0 => {
                self.batch.push(licence);
                self.batch.len() < BATCH || self.send()
            }
            // Nothing of the file will be stored, but the rest of it is looked at.
            Ok(_) => true,
            Err(wrong) => {
                self.wrong_lines += 1;
                for one in wrong {
                    let (name, number) = (&self.name, line.number);
                    let text = format!("{name}, line {number}, {}: {}", one.field, one.reason);
                    self.progress.line(&text);
                }
                true
            }
        }
    }

    fn send(&mut self) -> bool {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        let batch = Batch::Licences(batch);
        self.batches.blocking_send(batch).is_ok()
    }
}

/// A file that counts the bytes that were read of it.
struct Counted {
    file: File,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Writes made-up licences to stdout.
///
/// # Errors
/// They cannot be written. A reader that has gone away is no failure.
pub fn generate(count: u64, seed: u64, form: Form) -> anyhow::Result<()> {
    let stdout = io::stdout();
    let is_shown = io::stderr().is_terminal() && !stdout.is_terminal();
    let mut progress = is_shown.then(|| Progress::of("licences", count));
    let mut out = BufWriter::with_capacity(1 << 16, stdout.lock());
    let mut written = 0;
    let outcome = files::generate(&mut out, (count, seed), form, || {
        written += 1;
        if let Some(progress) = progress.as_mut().filter(|_| written % LOOK_EVERY == 0) {
            progress.tell(written, written);
        }
    });
    match outcome {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome.context("the licences cannot be written"),
    }
}
