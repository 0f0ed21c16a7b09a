//! Databases that the server can start without.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OnceCell;

use super::migrations::{self, Migration, MigrationError};
use super::{Db, DbError, Location, Options};
use crate::effects::Effects;

/// How long the first request waits for a database that was away until then.
const OPENING: Duration = Duration::from_secs(5);

/// A database that may be away: it is opened, and brought up to date, when it is first needed, and
/// again with each request until that succeeds. Clones share it.
#[derive(Clone, Debug)]
pub struct Remote(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    location: Location,
    options: Options,
    steps: &'static [Migration],
    effects: Effects,
    opened: OnceCell<Db>,
}

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
            opened: OnceCell::new(),
        }))
    }

    /// The database.
    ///
    /// # Errors
    /// It is away, or cannot be brought up to date.
    pub async fn get(&self) -> Result<&Db, DbError> {
        let Inner {
            location, opened, ..
        } = &*self.0;
        if let (Location::Sqlite(path), true) = (location, opened.initialized())
            && !path.exists()
        {
            // The connections would go on with a file that nobody else can see any more.
            let gone = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(DbError::Unavailable(sqlx::Error::Io(gone)));
        }
        let opening = opened.get_or_try_init(|| self.open());
        match tokio::time::timeout(OPENING, opening).await {
            Ok(opened) => opened,
            Err(_) => Err(DbError::Unavailable(sqlx::Error::PoolTimedOut)),
        }
    }

    async fn open(&self) -> Result<Db, DbError> {
        let Inner {
            location,
            options,
            steps,
            effects,
            ..
        } = &*self.0;
        let now_ms = effects.now().timestamp_millis();
        let opened = migrations::open(location, options, steps, now_ms).await;
        // Whatever keeps it from being opened now may be gone with the next request.
        opened.map_err(|error| match error {
            MigrationError::Db(DbError::Failed(error)) => DbError::Unavailable(error),
            MigrationError::Db(error) => error,
            error => DbError::Unusable(Box::new(error)),
        })
    }

    /// Lets go of the database; it is not opened again.
    pub async fn close(&self) {
        if let Some(db) = self.0.opened.get() {
            db.close().await;
        }
    }
}
