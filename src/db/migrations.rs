//! Brings a database to the shape this program expects.
//!
//! Several processes may start at once: one migrates, the others wait and find nothing to do. A
//! database that a newer program has migrated is left alone.

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use super::{Db, DbError, Location, Options, Statement, Value};

/// One step, with the same name for both engines.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Counts from 1 without gaps.
    pub number: i64,
    /// What it brings.
    pub name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

/// The text of a step for both engines, and its name from the file's.
macro_rules! migration {
    ($database:literal, $number:literal, $name:literal) => {
        Migration {
            number: $number,
            name: $name,
            sqlite: include_str!(concat!(
                "../../migrations/sqlite/",
                $database,
                "/",
                $name,
                ".sql"
            )),
            postgres: include_str!(concat!(
                "../../migrations/postgres/",
                $database,
                "/",
                $name,
                ".sql"
            )),
        }
    };
}

/// The steps of the server's own database.
pub const SERVER: &[Migration] = &[
    migration!("server", 1, "0001_sessions"),
    migration!("server", 2, "0002_auth"),
    migration!("server", 3, "0003_admin"),
    migration!("server", 4, "0004_api_clients"),
    migration!("server", 5, "0005_subjects"),
    migration!("server", 6, "0006_backfill"),
    migration!("server", 7, "0007_log_of_relations"),
    migration!("server", 8, "0008_room_for_versions"),
    migration!("server", 9, "0009_claims"),
];

/// The steps of a database of EPS: MEPS and OEPS are two of them.
pub const EPS: &[Migration] = &[migration!("eps", 1, "0001_eps")];

/// The steps of the database of CAMS.
pub const CAMS: &[Migration] = &[migration!("cams", 1, "0001_cams")];

/// The steps of the database of the licences.
pub const LICENCES: &[Migration] = &[
    migration!("licences", 1, "0001_licences"),
    migration!("licences", 2, "0002_looked_for"),
];

/// The lock that processes over one PostgreSQL database take in turn while they migrate. Any
/// number will do as long as every version of the program uses the same.
const POSTGRES_LOCK: i64 = 0x5370_6563_7772_6974;

const RECORD: &str = "CREATE TABLE IF NOT EXISTS specwright_migrations (
    number BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    applied_ms BIGINT NOT NULL
)";

/// Makes the schema that a connection string names, when it is the first time that it does. There
/// is no current schema while none on the search path exists.
const SCHEMA: &str = "DO $$ BEGIN
    IF current_schema() IS NULL THEN
        EXECUTE format('CREATE SCHEMA %I', trim(split_part(current_setting('search_path'), ',', 1), '\" '));
    END IF;
END $$";

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The database cannot be opened or read.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A newer program has been here.
    #[error(
        "the database is newer than this program: it has migration `{found}`, and the last one \
         known here is number {known}. Start the newer program, or name another database with \
         `--database`."
    )]
    Newer {
        /// The newest migration in the database.
        found: String,
        /// The last number this program knows.
        known: i64,
    },
    /// Somebody else's migrations are in the database.
    #[error(
        "the database has the migration `{found}` as number {number}, where this program has \
         `{expected}`. It belongs to another program; name another database with `--database`."
    )]
    Foreign {
        /// Its number.
        number: i64,
        /// Its name in the database.
        found: String,
        /// Its name here.
        expected: &'static str,
    },
    /// A step failed; the database is as it was before.
    #[error("the migration `{name}` failed")]
    Step {
        /// The step.
        name: &'static str,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
}

impl From<sqlx::Error> for MigrationError {
    fn from(error: sqlx::Error) -> Self {
        MigrationError::Db(error.into())
    }
}

/// Opens the database and brings it up to the last of `steps`; `now_ms` is written beside those
/// that are carried out.
///
/// # Errors
/// The database cannot be reached, a step fails, or the database is newer or somebody else's.
pub async fn open(
    location: &Location,
    options: &Options,
    steps: &[Migration],
    now_ms: i64,
) -> Result<Db, MigrationError> {
    match location {
        Location::Sqlite(path) => {
            let mut connection = super::connect_sqlite(path, options.writer_cache_bytes).await?;
            migrate_sqlite(&mut connection, steps, now_ms).await?;
            connection.close().await?;
        }
        Location::Postgres(url) => {
            let mut connection = PgConnection::connect(url).await?;
            migrate_postgres(&mut connection, steps, now_ms).await?;
            connection.close().await?;
        }
    }
    Ok(Db::open(location, options).await?)
}

/// Whether the database is at the last of `steps`.
///
/// # Errors
/// The database cannot be reached.
pub async fn is_current(db: &Db, steps: &[Migration]) -> Result<bool, DbError> {
    let known = steps.last().map_or(0, |step| step.number);
    let statement = Statement::new("SELECT MAX(number) FROM specwright_migrations");
    let found: Option<(Option<i64>,)> = db.read_one(statement).await?;
    Ok(found.and_then(|(number,)| number).unwrap_or(0) == known)
}

async fn migrate_sqlite(
    connection: &mut SqliteConnection,
    steps: &[Migration],
    now_ms: i64,
) -> Result<(), MigrationError> {
    // An immediate transaction is the lock: a second process waits here, within the busy timeout.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query(RECORD).execute(&mut *transaction).await?;
    let applied: Vec<(i64, String)> =
        sqlx::query_as("SELECT number, name FROM specwright_migrations ORDER BY number")
            .fetch_all(&mut *transaction)
            .await?;
    for step in missing(&applied, steps)? {
        sqlx::raw_sql(AssertSqlSafe(step.sqlite))
            .execute(&mut *transaction)
            .await
            .map_err(|source| MigrationError::Step {
                name: step.name,
                source,
            })?;
        step.record(now_ms)
            .sqlite()
            .execute(&mut *transaction)
            .await?;
    }
    Ok(transaction.commit().await?)
}

async fn migrate_postgres(
    connection: &mut PgConnection,
    steps: &[Migration],
    now_ms: i64,
) -> Result<(), MigrationError> {
    let mut transaction = connection.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(POSTGRES_LOCK)
        .execute(&mut *transaction)
        .await?;
    sqlx::raw_sql(SCHEMA).execute(&mut *transaction).await?;
    sqlx::query(RECORD).execute(&mut *transaction).await?;
    let applied: Vec<(i64, String)> =
        sqlx::query_as("SELECT number, name FROM specwright_migrations ORDER BY number")
            .fetch_all(&mut *transaction)
            .await?;
    for step in missing(&applied, steps)? {
        sqlx::raw_sql(AssertSqlSafe(step.postgres))
            .execute(&mut *transaction)
            .await
            .map_err(|source| MigrationError::Step {
                name: step.name,
                source,
            })?;
        step.record(now_ms)
            .postgres()
            .execute(&mut *transaction)
            .await?;
    }
    Ok(transaction.commit().await?)
}

impl Migration {
    fn record(&self, now_ms: i64) -> Statement {
        Statement::new(
            "INSERT INTO specwright_migrations (number, name, applied_ms) VALUES ($1, $2, $3)",
        )
        .bind(Value::Integer(Some(self.number)))
        .bind(Value::Text(Some(self.name.to_owned())))
        .bind(Value::Integer(Some(now_ms)))
    }
}

/// The steps that the database does not have yet.
fn missing<'a>(
    applied: &[(i64, String)],
    steps: &'a [Migration],
) -> Result<Vec<&'a Migration>, MigrationError> {
    let known = steps.last().map_or(0, |step| step.number);
    if let Some((_, name)) = applied.last().filter(|(number, _)| *number > known) {
        return Err(MigrationError::Newer {
            found: name.clone(),
            known,
        });
    }
    let mut missing = Vec::new();
    for step in steps {
        match applied.iter().find(|(number, _)| *number == step.number) {
            None => missing.push(step),
            Some((_, name)) if name == step.name => {}
            Some((number, name)) => {
                return Err(MigrationError::Foreign {
                    number: *number,
                    found: name.clone(),
                    expected: step.name,
                });
            }
        }
    }
    Ok(missing)
}
