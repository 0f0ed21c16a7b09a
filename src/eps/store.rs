//! The sessions of one database of EPS, read from its views.

use chrono::NaiveDate;
use sqlx::FromRow;

use crate::db::{DbError, Remote, Statement, Value, from_text};

/// A session as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// What identifies it within its business stream.
    pub session_id: String,
    /// The business stream, two digits.
    pub business_stream_id: String,
    /// The name for people.
    pub name: String,
    /// How it is sat.
    pub kind: Kind,
    /// The year in which it begins.
    pub year: i64,
    /// The first day.
    pub start_date: NaiveDate,
    /// The last day.
    pub end_date: NaiveDate,
    /// How far it is.
    pub state: State,
}

/// How a session is sat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// By everybody at once.
    Series,
    /// By anybody on any day.
    OnDemand,
    /// On any day between two dates.
    Window,
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

/// What can be sat in a session.
#[derive(Clone, Debug, FromRow, PartialEq, Eq)]
pub struct Sitting {
    /// The qualification.
    pub qualification_id: String,
    /// Its name.
    pub qualification_name: String,
    /// Its level.
    pub level: String,
    /// The assessment.
    pub assessment_id: String,
    /// The component that it assesses.
    pub component_code: String,
}

/// Which sessions a list holds; the conditions combine.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Those of this business stream.
    pub business_stream_id: String,
    /// Those that begin in this year.
    pub year: i64,
    /// Those in which this qualification can be sat.
    pub qualification_id: Option<String>,
    /// Those in which this assessment can be sat, of that qualification if both are given.
    pub assessment_id: Option<String>,
}

/// Reads sessions; clones share the database.
#[derive(Clone, Debug)]
pub struct Store {
    db: Remote,
}

/// The views may be a site's own, and have dates as dates and years as small numbers.
const COLUMNS: &str = "s.business_stream_id, s.session_id, s.name, s.session_type, \
                       CAST(s.year AS BIGINT) AS year, \
                       CAST(s.start_date AS TEXT) AS start_date, \
                       CAST(s.end_date AS TEXT) AS end_date, s.status";

impl Store {
    /// Sessions in this database.
    pub fn new(db: Remote) -> Self {
        Self { db }
    }

    /// The sessions that meet the filter, by their first day and then by their number.
    ///
    /// # Errors
    /// The database failed.
    pub async fn list(&self, filter: &Filter) -> Result<Vec<Session>, DbError> {
        let db = self.db.get().await?;
        let rows = db.read::<SessionRow>(listing(filter)).await?;
        let sessions = rows.into_iter().map(SessionRow::session);
        let mut sessions = sessions.collect::<Result<Vec<_>, _>>()?;
        // Engines differ in how they order texts.
        sessions.sort_by(|one, two| {
            let one = (one.start_date, one.session_id.len(), &one.session_id);
            one.cmp(&(two.start_date, two.session_id.len(), &two.session_id))
        });
        Ok(sessions)
    }

    /// One session of a business stream.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find(
        &self,
        business_stream_id: &str,
        session_id: &str,
    ) -> Result<Option<Session>, DbError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM v_sessions s \
             WHERE s.business_stream_id = $1 AND s.session_id = $2"
        );
        let statement = Statement::new(sql)
            .bind(Value::any_text(business_stream_id))
            .bind(Value::any_text(session_id));
        let db = self.db.get().await?;
        let row = db.read_one::<SessionRow>(statement).await?;
        row.map(SessionRow::session).transpose()
    }

    /// What can be sat in a session, by qualification and then by assessment.
    ///
    /// # Errors
    /// The database failed.
    pub async fn sittings(
        &self,
        business_stream_id: &str,
        session_id: &str,
    ) -> Result<Vec<Sitting>, DbError> {
        let statement = Statement::new(
            "SELECT qualification_id, qualification_name, level, assessment_id, component_code \
             FROM v_session_details WHERE business_stream_id = $1 AND session_id = $2",
        )
        .bind(Value::any_text(business_stream_id))
        .bind(Value::any_text(session_id));
        let mut sittings: Vec<Sitting> = self.db.get().await?.read(statement).await?;
        sittings.sort_by(|one, two| {
            let one = (&one.qualification_id, &one.assessment_id);
            one.cmp(&(&two.qualification_id, &two.assessment_id))
        });
        Ok(sittings)
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

fn listing(filter: &Filter) -> Statement {
    let sql = format!("SELECT {COLUMNS} FROM v_sessions s WHERE s.business_stream_id = ");
    let mut statement = Statement::new(sql)
        .bound(Value::any_text(&filter.business_stream_id))
        .then(" AND s.year = ")
        .bound(Value::Integer(Some(filter.year)));
    let sat = [
        ("qualification_id", &filter.qualification_id),
        ("assessment_id", &filter.assessment_id),
    ];
    if sat.iter().all(|(_, wanted)| wanted.is_none()) {
        return statement;
    }
    statement = statement.then(
        " AND EXISTS (SELECT 1 FROM v_session_details d \
         WHERE d.business_stream_id = s.business_stream_id AND d.session_id = s.session_id",
    );
    for (column, wanted) in sat {
        if let Some(wanted) = wanted {
            let condition = format!(" AND d.{column} = ");
            statement = statement.then(&condition).bound(Value::any_text(wanted));
        }
    }
    statement.then(")")
}

#[derive(FromRow)]
struct SessionRow {
    business_stream_id: String,
    session_id: String,
    name: String,
    session_type: String,
    year: i64,
    start_date: String,
    end_date: String,
    status: String,
}

impl SessionRow {
    fn session(self) -> Result<Session, DbError> {
        let inconsistent = |column| DbError::Inconsistent {
            table: "v_sessions",
            column,
            row: format!("{} {}", self.business_stream_id, self.session_id),
        };
        let date = |text: &str, column| text.parse::<NaiveDate>().map_err(|_| inconsistent(column));
        Ok(Session {
            kind: match self.session_type.as_str() {
                "Series" => Kind::Series,
                "OnDemand" => Kind::OnDemand,
                "Window" => Kind::Window,
                _ => return Err(inconsistent("session_type")),
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
            year: self.year,
            session_id: from_text(self.session_id),
            business_stream_id: from_text(self.business_stream_id),
            name: from_text(self.name),
        })
    }
}
