//! Databases that the server can start without.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Mutex;

use super::migrations::{self, Migration, MigrationError};
use super::{Db, DbError, Location, Options};
use crate::effects::Effects;

/// How long the first request waits for a database that was away until then.
const OPENING: Duration = Duration::from_secs(5);

/// A database that may be away: it is opened, and brought up to date, when it is first needed, and
/// again with each request until that succeeds. A SQLite file that is replaced by another one is
/// left for that one. Clones share it.
#[derive(Clone, Debug)]
pub struct Remote(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    location: Location,
    options: Options,
    steps: &'static [Migration],
    effects: Effects,
    opened: RwLock<Option<Opened>>,
    /// Whether it has been let go of, opened or not.
    is_closed: AtomicBool,
    /// Whoever holds it opens the database; the others wait for that.
    turn: Mutex<()>,
}

#[derive(Clone, Debug)]
struct Opened {
    db: Db,
    /// The file, for as long as it matters which one it is.
    file: Option<File>,
}

/// Which file it is, by whatever name: its device, and its number there.
type File = (u64, u64);

impl Remote {
    /// A database with these migrations, not opened yet.
    pub fn new(
        location: Location,
        options: Options,
        steps: &'static [Migration],
        effects: Effects,
    ) -> Self {
        Self(Arc::new(Inner {
            location,
            options,
            steps,
            effects,
            opened: RwLock::new(None),
            is_closed: AtomicBool::new(false),
            turn: Mutex::new(()),
        }))
    }

    /// The database.
    ///
    /// # Errors
    /// It is away, or cannot be brought up to date.
    pub async fn get(&self) -> Result<Db, DbError> {
        if let Some(db) = self.0.current()? {
            return Ok(db);
        }
        match tokio::time::timeout(OPENING, self.0.renew()).await {
            Ok(opened) => opened,
            Err(_) => Err(DbError::Unavailable(sqlx::Error::PoolTimedOut)),
        }
    }

    /// Lets go of the database; it is not opened again.
    pub async fn close(&self) {
        self.0.is_closed.store(true, Ordering::Release);
        let opened = {
            let opened = self.0.opened.write();
            let mut opened = opened.unwrap_or_else(PoisonError::into_inner);
            opened.as_mut().map(|opened| {
                opened.file = None;
                opened.db.clone()
            })
        };
        if let Some(db) = opened {
            db.close().await;
        }
    }
}

impl Inner {
    fn opened(&self) -> Option<Opened> {
        let opened = self.opened.read();
        opened.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The open database; `None` when it is not open yet, or its file is another one by now.
    fn current(&self) -> Result<Option<Db>, DbError> {
        let Some(Opened { db, file }) = self.opened() else {
            return Ok(None);
        };
        match (&self.location, file) {
            (Location::Sqlite(path), Some(file)) => match identity(path) {
                Some(found) => Ok((found == file).then_some(db)),
                // The connections would go on with a file that nobody else can see any more.
                None => Err(gone()),
            },
            _ => Ok(Some(db)),
        }
    }

    /// Opens the database, in place of a file that is not at its path any more.
    async fn renew(&self) -> Result<Db, DbError> {
        let _turn = self.turn.lock().await;
        if let Some(db) = self.current()? {
            return Ok(db);
        }
        self.refuse_when_closed()?;
        if let Some(former) = self.opened() {
            tracing::warn!(location = ?self.location, "another file is there, and is opened");
            former.db.leave().await?;
        }
        let fresh = self.open().await?;
        let db = fresh.db.clone();
        *self.opened.write().unwrap_or_else(PoisonError::into_inner) = Some(fresh);
        if let Err(closed) = self.refuse_when_closed() {
            // It was let go of while it was being opened.
            db.close().await;
            return Err(closed);
        }
        Ok(db)
    }

    fn refuse_when_closed(&self) -> Result<(), DbError> {
        match self.is_closed.load(Ordering::Acquire) {
            true => Err(DbError::Unavailable(sqlx::Error::PoolClosed)),
            false => Ok(()),
        }
    }

    async fn open(&self) -> Result<Opened, DbError> {
        let file = || match &self.location {
            Location::Sqlite(path) => identity(path),
            Location::Postgres(_) => None,
        };
        let before = file();
        let now_ms = self.effects.now().timestamp_millis();
        let opened = migrations::open(&self.location, &self.options, self.steps, now_ms).await;
        // Whatever keeps it from being opened now may be gone with the next request.
        let db = opened.map_err(|error| match error {
            MigrationError::Db(DbError::Failed(error)) => DbError::Unavailable(error),
            MigrationError::Db(error) => error,
            error => DbError::Unusable(Box::new(error)),
        })?;
        let after = file();
        if before.is_some() && before != after {
            // It was replaced just now, and nobody knows which of the two was opened.
            return Err(gone());
        }
        Ok(Opened { db, file: after })
    }
}

fn identity(path: &Path) -> Option<File> {
    let file = std::fs::metadata(path).ok()?;
    Some((file.dev(), file.ino()))
}

fn gone() -> DbError {
    let gone = std::io::Error::from(std::io::ErrorKind::NotFound);
    DbError::Unavailable(sqlx::Error::Io(gone))
}
