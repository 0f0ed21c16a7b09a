//! Data that come in as CSV files: read and checked whole before anything is stored.

mod fields;
mod records;

use std::fmt::Write as _;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

pub use fields::{Fields, Wrong};
pub use records::records;

use crate::db::{Db, DbError, Pending, Statement, Transaction};
use crate::faults::Outage;
use crate::{cams, eps};

/// How many of the rows that are wrong are shown.
const SHOWN: usize = 20;

/// The locks of PostgreSQL under which data are stored, one a database: they may be schemas of one
/// database, and are locked one inside the other.
const LOCKS: [i64; 3] = [
    0x496d_706f_7274_0001,
    0x496d_706f_7274_0002,
    0x496d_706f_7274_0003,
];

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
    #[error("nothing is stored, because of {count} mistakes:\n{lines}")]
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
    /// A database failed.
    #[error("nothing is stored")]
    Db(#[from] DbError),
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// MEPS.
    Meps,
    /// OEPS.
    Oeps,
    /// CAMS.
    Cams,
}

/// What stores one row.
#[derive(Debug)]
pub struct Row {
    /// Where it goes.
    pub target: Target,
    /// Rows of a higher rank refer to those of a lower one, and are stored later.
    pub rank: usize,
    /// What stores it; a second time, too.
    pub statements: Vec<Statement>,
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

    /// Stores every row, or none: all databases have their transactions open at the same time, one
    /// inside the other, and commit when all rows are stored. `stored` is called after each row.
    ///
    /// # Errors
    /// A database failed or refused a row.
    pub async fn store(
        self,
        databases: &[(Target, &Db)],
        stored: impl Fn() + Send + Sync + 'static,
    ) -> Result<(), ImportError> {
        let mut rows = self.0;
        let mut acts = Vec::new();
        for ((target, db), lock) in databases.iter().zip(LOCKS) {
            let (own, others): (Vec<_>, Vec<_>) = rows
                .into_iter()
                .partition(|placed| placed.row.target == *target);
            rows = others;
            acts.push((lock, (*db).clone(), own));
        }
        let work = Arc::new(Work {
            stored: Box::new(stored),
            refused: Mutex::new(None),
        });
        let done = nested(Arc::clone(&work), acts).await;
        let refused = work.refused.lock().ok().and_then(|mut place| place.take());
        match (done, refused) {
            (Ok(()), _) => Ok(()),
            (Err(source), Some(place)) if !source.is_unavailable() => {
                Err(ImportError::Refused { place, source })
            }
            (Err(error), _) => Err(error.into()),
        }
    }
}

/// Carries out the last act, and the others inside it.
fn nested(
    work: Arc<Work>,
    mut acts: Vec<(i64, Db, Vec<Placed>)>,
) -> Pin<Box<dyn Future<Output = Result<(), DbError>> + Send>> {
    Box::pin(async move {
        let Some((lock, db, rows)) = acts.pop() else {
            return Ok(());
        };
        let act = db.exclusively(lock, move |mut transaction| -> Pending<'_, ()> {
            Box::pin(async move {
                work.carry_out(&mut transaction, rows).await?;
                nested(work, acts).await
            })
        });
        act.await
    })
}

/// What the transactions share.
struct Work {
    stored: Box<dyn Fn() + Send + Sync>,
    refused: Mutex<Option<String>>,
}

impl Work {
    async fn carry_out(
        &self,
        transaction: &mut Transaction<'_>,
        rows: Vec<Placed>,
    ) -> Result<(), DbError> {
        for Placed { row, place } in rows {
            for statement in row.statements {
                if let Err(error) = transaction.run(statement).await {
                    if let Ok(mut refused) = self.refused.lock() {
                        refused.get_or_insert(place);
                    }
                    return Err(error);
                }
            }
            (self.stored)();
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
