//! The database: SQLite in the process, or PostgreSQL beside it, with one SQL text for both.
//!
//! A store writes its statements once, with `$1` placeholders, and this module carries them to the
//! engine at hand. An act (one or several statements that hold together) is answered after its
//! commit is durable. On SQLite one `writer` commits what is waiting with one sync; on
//! PostgreSQL the engine does the same among the connections of a pool.

mod exclusive;
pub mod migrations;
mod placeholders;
mod remote;
mod rows;
mod slow;
mod statement;
mod transaction;
mod writer;

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{Connection, FromRow, SqliteConnection};

use crate::faults::Outage;

pub use exclusive::Server;
pub use remote::Remote;
pub use rows::Columns;
pub use statement::{Statement, Value, from_text};
pub use transaction::{Pending, Transaction};
pub use writer::{Writer, WriterCounts};

/// How long a process waits for another one's lock on a SQLite file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// How long it is until a file that another process held is tried again.
const BUSY_PAUSE: Duration = Duration::from_millis(10);

/// SQLite, Result and Error Codes: the primary code, in the lowest byte.
const SQLITE_BUSY: i32 = 5;

/// How long a connection to PostgreSQL that was found alive is taken to be so.
const FRESH: Duration = Duration::from_millis(500);

/// How much of a SQLite file each reader keeps in memory at most: the inner pages of its indexes.
/// Readers are many, and the system keeps the file for all of them.
const READER_CACHE_BYTES: u64 = 512 << 10;

/// Which database to use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file, made when it is not there.
    Sqlite(PathBuf),
    /// A PostgreSQL connection string.
    Postgres(String),
}

impl Location {
    /// Where another database of the same server is by default: a SQLite file beside the file, or
    /// a schema in the PostgreSQL database.
    pub fn beside(&self, name: &str) -> Self {
        match self {
            Location::Sqlite(path) => {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                let extension = path.extension().unwrap_or("db".as_ref());
                let file = format!("{stem}-{name}.{}", extension.to_string_lossy());
                Location::Sqlite(path.with_file_name(file))
            }
            Location::Postgres(url) => {
                let mark = if url.contains('?') { '&' } else { '?' };
                Location::Postgres(format!("{url}{mark}options=-csearch_path%3D{name}"))
            }
        }
    }
}

impl FromStr for Location {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            if path.is_empty() || path.contains(":memory:") {
                return Err("`sqlite:` needs the path of a file, as in `sqlite:data.db`".into());
            }
            return Ok(Location::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            PgConnectOptions::from_str(text).map_err(|error| error.to_string())?;
            return Ok(Location::Postgres(text.to_owned()));
        }
        Err(format!(
            "`{text}` is neither `sqlite:PATH` nor `postgres://USER@HOST/DATABASE`"
        ))
    }
}

/// How to open a database.
#[derive(Clone, Debug)]
pub struct Options {
    /// Connections to PostgreSQL, or readers of a SQLite file, at most.
    pub connections: u32,
    /// How long a request waits for a connection.
    pub acquire_timeout: Duration,
    /// The most acts that share one commit on SQLite; 1 commits each by itself.
    pub acts_per_commit: usize,
    /// How long work under a lock waits for its turn on PostgreSQL, and how long each of its
    /// statements may take; `None` as long as it takes.
    pub patience: Option<Duration>,
    /// How much of a SQLite file the writer keeps in memory at most. What is written in one
    /// transaction beyond that goes to the disk more than once.
    pub writer_cache_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connections: 16,
            acquire_timeout: Duration::from_secs(5),
            acts_per_commit: 512,
            patience: Some(Duration::from_secs(30)),
            writer_cache_bytes: 2 << 20,
        }
    }
}

/// An open database; clones share it.
#[derive(Clone, Debug)]
pub enum Db {
    /// A file, with one writer and many readers.
    Sqlite {
        /// Commits what is waiting with one sync.
        writer: Writer,
        /// Read-only connections.
        readers: SqlitePool,
    },
    /// A server.
    Postgres(Server),
}

/// A row that can be read from both engines.
pub trait Row:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static
{
}

impl<T> Row for T where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static
{
}

/// Why the database did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The engine refused, or what it gave cannot be read.
    #[error("the database failed")]
    Failed(#[source] sqlx::Error),
    /// The database cannot be reached.
    #[error("the database cannot be reached")]
    Unavailable(#[source] sqlx::Error),
    /// The work decided against itself; whoever handed it in knows why.
    #[error("the work was given up")]
    GivenUp,
    /// It is there, and cannot be brought up to date.
    #[error(transparent)]
    Unusable(Box<migrations::MigrationError>),
    /// The work panicked, with these words; nothing of it is stored.
    #[error("the work panicked: {0}")]
    Panicked(String),
    /// Whoever asked gave up before the end.
    #[error("nothing is stored, because whoever asked gave up")]
    Abandoned,
    /// A row holds what the program never stores.
    #[error("inconsistent data: column `{column}` of row `{row}` in table `{table}`")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's key.
        row: String,
    },
}

impl Outage for DbError {
    fn is_unavailable(&self) -> bool {
        matches!(self, DbError::Unavailable(_) | DbError::Unusable(_))
    }
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => DbError::Unavailable(error),
            sqlx::Error::Database(ref cause)
                if cause.code().is_some_and(|code| may_pass(&code)) =>
            {
                DbError::Unavailable(error)
            }
            error => DbError::Failed(error),
        }
    }
}

/// PostgreSQL, appendix A: class 08 is a connection that failed, 57P a server that is shutting down
/// or starting, 53 one that is out of resources; 55P03 is a lock that was not to be had in time,
/// 57014 a statement that took too long.
fn may_pass(code: &str) -> bool {
    let classes = ["08", "57P", "53", "55P03", "57014"];
    classes.iter().any(|class| code.starts_with(class))
}

impl Db {
    /// Opens the database, without looking at its tables.
    ///
    /// # Errors
    /// The file cannot be made or read, or the server cannot be reached.
    pub async fn open(location: &Location, options: &Options) -> Result<Self, DbError> {
        match location {
            Location::Sqlite(path) => open_sqlite(path, options).await,
            Location::Postgres(url) => {
                let pool = PgPoolOptions::new()
                    .max_connections(options.connections)
                    .acquire_timeout(options.acquire_timeout)
                    // A connection is tried when it comes back; one that was away for a moment only
                    // is not tried again.
                    .test_before_acquire(false)
                    .before_acquire(|connection, met| {
                        Box::pin(async move {
                            if met.idle_for > FRESH {
                                connection.ping().await?;
                            }
                            Ok(true)
                        })
                    })
                    .connect_with(slow::quiet(PgConnectOptions::from_str(url)?))
                    .await?;
                Ok(Db::Postgres(Server::new(pool, options.patience)))
            }
        }
    }

    /// Reads every row a statement finds.
    ///
    /// # Errors
    /// The engine refused the statement, or cannot be reached.
    pub async fn read<T: Row>(&self, statement: Statement) -> Result<Vec<T>, DbError> {
        let _watch = statement.watch();
        let rows = match self {
            Db::Sqlite { readers, .. } => statement.sqlite_as::<T>().fetch_all(readers).await,
            Db::Postgres(server) => statement.postgres_as::<T>().fetch_all(server.pool()).await,
        };
        Ok(rows?)
    }

    /// Reads the row a statement finds; `None` when there is none.
    ///
    /// # Errors
    /// The engine refused the statement, or cannot be reached.
    pub async fn read_one<T: Row>(&self, statement: Statement) -> Result<Option<T>, DbError> {
        let _watch = statement.watch();
        let row = match self {
            Db::Sqlite { readers, .. } => statement.sqlite_as::<T>().fetch_optional(readers).await,
            Db::Postgres(server) => {
                statement
                    .postgres_as::<T>()
                    .fetch_optional(server.pool())
                    .await
            }
        };
        Ok(row?)
    }

    /// Carries out one statement that writes, and gives the rows it returns (`RETURNING`) once
    /// they are stored durably.
    ///
    /// # Errors
    /// The engine refused the statement, or cannot be reached.
    pub async fn write<T: Row>(&self, statement: Statement) -> Result<Vec<T>, DbError> {
        match self {
            Db::Sqlite { writer, .. } => {
                let rows = writer.act(vec![statement]).await?;
                let rows = rows.iter().flatten().map(T::from_row);
                Ok(rows.collect::<Result<_, _>>()?)
            }
            Db::Postgres(server) => {
                let _watch = statement.watch();
                let rows = statement.postgres_as::<T>().fetch_all(server.pool());
                Ok(rows.await?)
            }
        }
    }

    /// Carries out several statements, all or none.
    ///
    /// # Errors
    /// The engine refused one of them, or cannot be reached; none has had an effect then.
    pub async fn write_all(&self, statements: Vec<Statement>) -> Result<(), DbError> {
        match self {
            Db::Sqlite { writer, .. } => {
                writer.act(statements).await?;
            }
            Db::Postgres(server) => {
                let mut transaction = server.pool().begin().await?;
                for statement in statements {
                    let _watch = statement.watch();
                    statement.postgres().execute(&mut *transaction).await?;
                }
                transaction.commit().await?;
            }
        }
        Ok(())
    }

    /// Carries out work that only reads: all of it sees one state of the database.
    ///
    /// # Errors
    /// What the work fails with, or the database cannot be reached.
    pub async fn view<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(Transaction<'c>) -> Pending<'c, T> + Send + 'static,
    {
        match self {
            Db::Sqlite { readers, .. } => {
                let mut transaction = readers.begin().await?;
                let value = work(Transaction::sqlite(&mut transaction)).await?;
                transaction.commit().await?;
                Ok(value)
            }
            Db::Postgres(server) => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                let mut transaction = server.pool().begin_with(begin).await?;
                let value = work(Transaction::postgres(&mut transaction)).await?;
                transaction.commit().await?;
                Ok(value)
            }
        }
    }

    /// Whether the database answers reads and, where it is ours, takes writes.
    pub async fn answers(&self) -> bool {
        let one = Statement::new("SELECT 1");
        match self {
            Db::Sqlite { writer, readers } => {
                writer.is_running() && one.sqlite().execute(readers).await.is_ok()
            }
            Db::Postgres(server) => one.postgres().execute(server.pool()).await.is_ok(),
        }
    }

    /// What the writer has done so far; `None` where the engine commits by itself.
    pub fn counts(&self) -> Option<WriterCounts> {
        match self {
            Db::Sqlite { writer, .. } => Some(writer.counts()),
            Db::Postgres(_) => None,
        }
    }

    /// Finishes what is waiting and lets go of the database.
    pub async fn close(&self) {
        match self {
            Db::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Db::Postgres(server) => server.pool().close().await,
        }
    }

    /// As [`Db::close`], for a file that has lost its path to another one: its log goes into it
    /// first. The log is found by the path, so that the other file would take it for its own.
    ///
    /// # Errors
    /// The log cannot be emptied, and the file stays open.
    async fn leave(&self) -> Result<(), DbError> {
        match self {
            Db::Sqlite { writer, readers } => {
                readers.close().await;
                writer.leave().await
            }
            Db::Postgres(server) => {
                server.pool().close().await;
                Ok(())
            }
        }
    }
}

async fn open_sqlite(path: &Path, options: &Options) -> Result<Db, DbError> {
    let connection = connect_sqlite(path, options.writer_cache_bytes).await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(options.connections)
        .acquire_timeout(options.acquire_timeout)
        .connect_lazy_with(
            sqlite_file(path)
                .pragma("query_only", "ON")
                .pragma("cache_size", cache_size(READER_CACHE_BYTES)),
        );
    Ok(Db::Sqlite {
        writer: Writer::start(connection, options.acts_per_commit),
        readers,
    })
}

/// A connection to a file, which is made when it is not there.
///
/// A file is given its log by whoever opens it first, and SQLite does not wait for other processes'
/// locks by itself while it does that: each attempt fails at once.
async fn connect_sqlite(path: &Path, cache_bytes: u64) -> Result<SqliteConnection, sqlx::Error> {
    make_private(path)?;
    let file = sqlite_file(path).pragma("cache_size", cache_size(cache_bytes));
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        match SqliteConnection::connect_with(&file).await {
            Err(error) if is_busy(&error) && Instant::now() < deadline => {
                tokio::time::sleep(BUSY_PAUSE).await;
            }
            connected => return connected,
        }
    }
}

/// Whether another connection holds the file (`SQLITE_BUSY`, and what it is refined to).
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    let code = code.and_then(|code| code.parse::<i32>().ok());
    code.is_some_and(|code| code & 0xff == SQLITE_BUSY)
}

/// How large SQLite's cache is: a negative number counts kibibytes.
fn cache_size(bytes: u64) -> String {
    format!("-{}", bytes / 1024)
}

/// Makes the file for its owner alone, unless it is there: it holds secrets. SQLite gives the files
/// beside it, of the log and its index, the permissions of this one.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// How every connection to a SQLite file is opened.
fn sqlite_file(path: &Path) -> SqliteConnectOptions {
    slow::quiet(SqliteConnectOptions::new())
        .filename(path)
        .create_if_missing(true)
        .busy_timeout(BUSY_TIMEOUT)
        .statement_cache_capacity(256)
        .journal_mode(SqliteJournalMode::Wal)
        // FULL syncs the log at each commit: what was acknowledged survives a power cut.
        .synchronous(SqliteSynchronous::Full)
        .pragma("wal_autocheckpoint", "4000")
}
