//! The sessions of vocational qualifications, read from the view of CAMS.

use chrono::NaiveDate;
use sqlx::FromRow;

use crate::db::{DbError, Remote, Statement, Value, from_text};

/// A session as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// What identifies it.
    pub session_id: String,
    /// The name for people.
    pub name: String,
    /// How long it lasts.
    pub period: Period,
    /// The family of qualifications that is assessed.
    pub qualification_group: String,
    /// The first day.
    pub start_date: NaiveDate,
    /// The last day.
    pub end_date: NaiveDate,
    /// How far it is.
    pub state: State,
}

/// How long a session lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// A whole year of teaching.
    Annual,
    /// From one day to another.
    Specific,
}

/// How far a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It takes no entries yet.
    Planned,
    /// It takes entries.
    Open,
    /// It takes no entries any more.
    Closed,
    /// Its results are issued.
    Archived,
}

/// Reads sessions; clones share the database.
#[derive(Clone, Debug)]
pub struct Store {
    db: Remote,
}

impl Store {
    /// Sessions in this database.
    pub fn new(db: Remote) -> Self {
        Self { db }
    }

    /// The sessions of a family of qualifications, or of all, by their first day and then by their
    /// number.
    ///
    /// # Errors
    /// The database failed.
    pub async fn list(&self, qualification_group: Option<&str>) -> Result<Vec<Session>, DbError> {
        // The view may be a site's own, and have dates as dates.
        let mut statement = Statement::new(
            "SELECT session_id, name, period_type, qualification_group, \
             CAST(start_date AS TEXT) AS start_date, CAST(end_date AS TEXT) AS end_date, \
             status FROM v_sessions",
        );
        if let Some(group) = qualification_group {
            statement = statement
                .then(" WHERE qualification_group = ")
                .bound(Value::any_text(group));
        }
        let rows: Vec<SessionRow> = self.db.get().await?.read(statement).await?;
        let sessions = rows.into_iter().map(SessionRow::session);
        let mut sessions = sessions.collect::<Result<Vec<_>, _>>()?;
        // Engines differ in how they order texts.
        sessions.sort_by(|one, two| {
            let one = (one.start_date, &one.session_id);
            one.cmp(&(two.start_date, &two.session_id))
        });
        Ok(sessions)
    }

    /// Reads from the view of the sessions, and tells whether there is one.
    ///
    /// # Errors
    /// The database is away, or has no such view.
    pub async fn has_sessions(&self) -> Result<bool, DbError> {
        let db = self.db.get().await?;
        let statement = Statement::new("SELECT session_id FROM v_sessions LIMIT 1");
        Ok(db.read_one::<(String,)>(statement).await?.is_some())
    }
}

#[derive(FromRow)]
struct SessionRow {
    session_id: String,
    name: String,
    period_type: String,
    qualification_group: String,
    start_date: String,
    end_date: String,
    status: String,
}

impl SessionRow {
    fn session(self) -> Result<Session, DbError> {
        let inconsistent = |column| DbError::Inconsistent {
            table: "v_sessions",
            column,
            row: self.session_id.clone(),
        };
        let date = |text: &str, column| text.parse::<NaiveDate>().map_err(|_| inconsistent(column));
        Ok(Session {
            period: match self.period_type.as_str() {
                "Annual" => Period::Annual,
                "SpecificPeriod" => Period::Specific,
                _ => return Err(inconsistent("period_type")),
            },
            state: match self.status.as_str() {
                "Planned" => State::Planned,
                "Open" => State::Open,
                "Closed" => State::Closed,
                "Archived" => State::Archived,
                _ => return Err(inconsistent("status")),
            },
            start_date: date(&self.start_date, "start_date")?,
            end_date: date(&self.end_date, "end_date")?,
            session_id: from_text(self.session_id),
            name: from_text(self.name),
            qualification_group: from_text(self.qualification_group),
        })
    }
}
