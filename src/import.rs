//! Data that come in as CSV files: read and checked whole before anything is stored.

mod fields;
mod records;

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use fields::{Fields, Wrong};
pub use records::records;

use crate::db::{Db, DbError, Pending, Statement, Transaction};
use crate::faults::Outage;
use crate::{cams, eps};

/// How many of the rows that are wrong are shown.
const SHOWN: usize = 20;

/// Why data are not stored.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file cannot be read.
    #[error("`{path}` cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Rows are wrong; each line says where and why.
    #[error("nothing is stored, because of {}:\n{lines}", counted(*.count))]
    Wrong {
        /// How many there are.
        count: usize,
        /// The first of them.
        lines: String,
    },
    /// What is read in only at the beginning is there already.
    #[error("nothing is stored, because there are {0} already")]
    NotEmpty(&'static str),
    /// A row refers to what is neither in the files nor in the database.
    #[error(
        "nothing is stored, because the database refuses {place}: what it refers to is neither in \
         the files nor in the database, or a value is out of range"
    )]
    Refused {
        /// The file and the line.
        place: String,
        /// What the database says.
        #[source]
        source: DbError,
    },
    /// A row does not go together with what is stored.
    #[error("nothing is stored, because of {place}: {reason}")]
    Misplaced {
        /// The file and the line.
        place: String,
        /// What is in its way.
        reason: &'static str,
    },
    /// A database did not commit when others had done so.
    #[error(transparent)]
    Halfway(#[from] Halfway),
    /// A database failed.
    #[error("nothing is stored")]
    Db(#[from] DbError),
}

/// Every row was accepted, and then a database did not commit.
#[derive(Debug, thiserror::Error)]
pub struct Halfway {
    /// Those that had committed before.
    pub stored: Vec<Target>,
    /// The one that did not.
    pub failed: Target,
    /// Those that were to commit after it, and have taken everything back.
    pub left: Vec<Target>,
    /// What it says.
    #[source]
    pub source: DbError,
}

impl fmt::Display for Halfway {
    /// What is stored and what is not, a sentence for each database, and what to do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed = self.failed;
        for target in &self.stored {
            write!(f, "the rows for {target} are stored; ")?;
        }
        match self.source.is_unavailable() {
            // The answer to the commit may be all that was lost.
            true => write!(
                f,
                "it is not known whether the rows for {failed} are stored; "
            )?,
            false => write!(f, "the rows for {failed} are not, as it did not commit; ")?,
        }
        for target in &self.left {
            write!(f, "those for {target} are not; ")?;
        }
        f.write_str("read the same files in again: a row that is stored is replaced by itself")
    }
}

fn counted(mistakes: usize) -> String {
    match mistakes {
        1 => "1 mistake".to_owned(),
        many => format!("{many} mistakes"),
    }
}

impl ImportError {
    /// What was wrong with rows; the first of the mistakes are shown.
    pub fn wrong(mistakes: &[String]) -> Self {
        let mut lines = String::new();
        for mistake in mistakes.iter().take(SHOWN) {
            let _ = writeln!(lines, "  {mistake}");
        }
        if let Some(more) = mistakes.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            let _ = writeln!(lines, "  and {more} more");
        }
        ImportError::Wrong {
            count: mistakes.len(),
            lines: lines.trim_end().to_owned(),
        }
    }
}

/// Which database a row goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// MEPS.
    Meps,
    /// OEPS.
    Oeps,
    /// CAMS.
    Cams,
}

impl Target {
    /// The lock of PostgreSQL under which its data are stored. Each has its own: they may be schemas
    /// of one database, and are locked one inside the other.
    fn lock(self) -> i64 {
        match self {
            Target::Meps => 0x496d_706f_7274_0001,
            Target::Oeps => 0x496d_706f_7274_0002,
            Target::Cams => 0x496d_706f_7274_0003,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Target::Meps => "MEPS",
            Target::Oeps => "OEPS",
            Target::Cams => "CAMS",
        })
    }
}

/// What stores one row.
#[derive(Debug)]
pub struct Row {
    /// Where it goes.
    pub target: Target,
    /// Rows of a higher rank refer to those of a lower one, and are stored later.
    pub rank: usize,
    /// What it is about, for people: rows of one import that are about the same say the same.
    pub subject: String,
    /// What stores it; a second time, too.
    pub statements: Vec<Statement>,
    /// Why the last of them may store nothing, which it shows by returning no row.
    pub unless: Option<&'static str>,
}

/// A row and where it came from.
struct Placed {
    row: Row,
    place: String,
}

/// A text in the form of a CSV file.
pub struct File<'a> {
    /// Its name, for messages.
    pub name: &'a str,
    /// What is in it.
    pub text: &'a str,
}

/// Rows that are right by themselves, ready to be stored.
pub struct Plan(Vec<Placed>);

/// How data become statements: by the columns of a file.
type Reading = fn(&Fields<'_>) -> Result<Row, Vec<Wrong>>;

impl Plan {
    /// Reads files, and finds everything that is wrong with their rows.
    ///
    /// # Errors
    /// Rows are wrong.
    pub fn read(files: &[File<'_>]) -> Result<Self, ImportError> {
        let (mut rows, mut mistakes) = (Vec::new(), Vec::new());
        for file in files {
            read(file, &mut rows, &mut mistakes);
        }
        contradictions(&rows, &mut mistakes);
        if mistakes.is_empty() {
            rows.sort_by_key(|placed| placed.row.rank);
            return Ok(Self(rows));
        }
        Err(ImportError::wrong(&mistakes))
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.0.len()
    }

    /// The rows for one of these databases.
    #[must_use]
    pub fn only(mut self, targets: &[Target]) -> Self {
        self.0.retain(|placed| targets.contains(&placed.row.target));
        self
    }

    /// Whether there are rows for this database.
    pub fn concerns(&self, target: Target) -> bool {
        self.0.iter().any(|placed| placed.row.target == target)
    }

    /// Stores every row, or none: all databases have their transactions open at the same time, one
    /// inside the other, and commit when all rows are stored. `stored` is called after each row.
    ///
    /// # Errors
    /// A database failed or refused a row. Only when it fails at its commit may others have
    /// committed, and the error says which.
    pub async fn store(
        self,
        databases: &[(Target, Db)],
        stored: impl Fn() + Send + Sync + 'static,
    ) -> Result<(), ImportError> {
        let mut rows = self.0;
        let mut acts = Vec::new();
        for (target, db) in databases {
            let (own, others): (Vec<_>, Vec<_>) = rows
                .into_iter()
                .partition(|placed| placed.row.target == *target);
            rows = others;
            // Whoever has nothing to commit cannot fail at it.
            if !own.is_empty() {
                acts.push((*target, db.clone(), own));
            }
        }
        let targets: Vec<Target> = acts.iter().map(|(target, ..)| *target).collect();
        let work = Arc::new(Work {
            stored: Box::new(stored),
            progress: Mutex::default(),
        });
        let done = nested(Arc::clone(&work), acts).await;
        done.map_err(|error| work.progress().failed(&targets, error))
    }
}

/// Carries out the last act, and the others inside it.
fn nested(
    work: Arc<Work>,
    mut acts: Vec<(Target, Db, Vec<Placed>)>,
) -> Pin<Box<dyn Future<Output = Result<(), DbError>> + Send>> {
    Box::pin(async move {
        let Some((target, db, rows)) = acts.pop() else {
            work.progress().is_carried_out = true;
            return Ok(());
        };
        let inside = Arc::clone(&work);
        let act = db.exclusively(target.lock(), move |mut transaction| -> Pending<'_, ()> {
            Box::pin(async move {
                inside.carry_out(&mut transaction, rows).await?;
                nested(inside, acts).await
            })
        });
        act.await?;
        work.progress().committed.push(target);
        Ok(())
    })
}

/// What the transactions share.
struct Work {
    stored: Box<dyn Fn() + Send + Sync>,
    progress: Mutex<Progress>,
}

/// How far an import is.
#[derive(Default)]
struct Progress {
    /// Where the row is that was refused, and why, if not by the engine.
    refused: Option<(String, Option<&'static str>)>,
    /// Whether every row is written, so that only commits are left.
    is_carried_out: bool,
    /// The databases that have committed, in this order.
    committed: Vec<Target>,
}

impl Progress {
    /// What a failure comes to, with these databases in the order of their commits.
    fn failed(&mut self, targets: &[Target], source: DbError) -> ImportError {
        if let Some((place, reason)) = self.refused.take() {
            return match reason {
                Some(reason) => ImportError::Misplaced { place, reason },
                None if source.is_unavailable() => source.into(),
                None => ImportError::Refused { place, source },
            };
        }
        let (stored, others) = targets.split_at(self.committed.len().min(targets.len()));
        match others {
            [failed, left @ ..] if self.is_carried_out => ImportError::Halfway(Halfway {
                stored: stored.to_vec(),
                failed: *failed,
                left: left.to_vec(),
                source,
            }),
            _ => source.into(),
        }
    }
}

impl Work {
    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn carry_out(
        &self,
        transaction: &mut Transaction<'_>,
        rows: Vec<Placed>,
    ) -> Result<(), DbError> {
        for Placed { row, place } in rows {
            let mut returned = Ok(Vec::new());
            for statement in row.statements {
                returned = transaction.rows::<(String,)>(statement).await;
                if returned.is_err() {
                    break;
                }
            }
            let reason = row.unless;
            match returned {
                Ok(rows) if reason.is_none() || !rows.is_empty() => (self.stored)(),
                Ok(_) => {
                    self.progress().refused = Some((place, reason));
                    return Err(DbError::GivenUp);
                }
                Err(error) => {
                    self.progress().refused = Some((place, None));
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

fn read(file: &File<'_>, rows: &mut Vec<Placed>, mistakes: &mut Vec<String>) {
    let name = &file.name;
    let text = file.text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let columns: Vec<String> = match reader.headers() {
        Ok(headers) => headers.iter().map(str::to_owned).collect(),
        Err(error) => return mistakes.push(format!("{name}: {error}")),
    };
    let Some(reading) = reading(&columns) else {
        let message = format!(
            "{name}: the columns {} are not those of any table; `import exam-sessions --help` \
             lists them",
            columns.join(", ")
        );
        return mistakes.push(message);
    };
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                mistakes.push(format!("{name}: {error}"));
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let place = format!("{name}, line {line}");
        match reading(&Fields::new(&columns, &record)) {
            Ok(row) => rows.push(Placed { row, place }),
            Err(wrong) => mistakes.extend(wrong.into_iter().map(|wrong| {
                let Wrong { column, reason } = wrong;
                format!("{place}, {column}: {reason}")
            })),
        }
    }
}

/// Finds rows that say something else of what an earlier row is about: which of them counted would
/// depend on their order.
fn contradictions(rows: &[Placed], mistakes: &mut Vec<String>) {
    let mut first: HashMap<(Target, &str), &Placed> = HashMap::new();
    for placed in rows {
        let row = &placed.row;
        let first = first.entry((row.target, &row.subject)).or_insert(placed);
        if first.row.statements != row.statements {
            let (place, before) = (&placed.place, &first.place);
            let subject = &row.subject;
            mistakes.push(format!(
                "{place}: {before} says something else of {subject}"
            ));
        }
    }
}

/// What is in a file with these columns, in any order.
fn reading(columns: &[String]) -> Option<Reading> {
    let tables = eps::import::TABLES.iter().chain(cams::import::TABLES);
    let mut fitting = tables.filter(|(names, _)| {
        names.len() == columns.len() && names.iter().all(|name| columns.iter().any(|c| c == name))
    });
    fitting.next().map(|(_, reading)| *reading)
}

/// The columns of a file, and how its rows are read.
pub type Table = (&'static [&'static str], Reading);

#[cfg(test)]
mod tests {
    use super::*;

    fn told(committed: Vec<Target>, is_carried_out: bool, source: sqlx::Error) -> String {
        let mut progress = Progress {
            is_carried_out,
            committed,
            ..Progress::default()
        };
        let targets = [Target::Meps, Target::Oeps, Target::Cams];
        progress.failed(&targets, source.into()).to_string()
    }

    #[test]
    fn what_a_failure_leaves_is_told_as_far_as_it_is_known() {
        let refused = || sqlx::Error::Protocol("constraint".to_owned());
        let lost = || sqlx::Error::PoolClosed;
        assert_eq!(told(vec![], false, lost()), "nothing is stored");
        let again = "read the same files in again: a row that is stored is replaced by itself";
        assert_eq!(
            told(vec![Target::Meps], true, refused()),
            format!(
                "the rows for MEPS are stored; the rows for OEPS are not, as it did not commit; \
                 those for CAMS are not; {again}"
            )
        );
        assert_eq!(
            told(vec![], true, lost()),
            format!(
                "it is not known whether the rows for MEPS are stored; those for OEPS are not; those for CAMS \
                 are not; {again}"
            )
        );
    }
}
