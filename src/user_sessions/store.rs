//! The sessions in the database: one domain act a method, atomic inside.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use crate::db::{Db, DbError, Statement, Value, from_text};

/// How many sessions one statement closes when they have expired: few enough that no other write
/// waits long.
const EXPIRED_AT_ONCE: i64 = 500;

/// A session as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// What identifies it.
    pub id: String,
    /// Whose it is.
    pub user_id: Option<String>,
    /// The user's name.
    pub user_name: Option<String>,
    /// Whether it is open.
    pub active: bool,
    /// When it was opened.
    pub open_time: DateTime<Utc>,
    /// When it was last changed.
    pub request_time: DateTime<Utc>,
    /// When it was closed; `None` while it never was.
    pub close_time: Option<DateTime<Utc>>,
    /// Where the client calls from.
    pub address: Option<String>,
    /// The application.
    pub client: Option<String>,
    /// What is known about the user, a JSON text; never in a list.
    pub user: Option<String>,
    /// What the application remembers, a JSON text; never in a list.
    pub data: Option<String>,
}

/// Which sessions a list holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// This one only.
    pub id: Option<String>,
    /// Those of this user.
    pub user_id: Option<String>,
    /// Open or closed ones.
    pub active: Option<bool>,
    /// Those changed at or after this time.
    pub from_time: Option<DateTime<Utc>>,
    /// Those changed before this time.
    pub to_time: Option<DateTime<Utc>>,
}

/// Keeps sessions; clones share the database.
#[derive(Clone, Debug)]
pub struct Store {
    db: Db,
}

const COLUMNS: &str = "id, user_id, user_name, active, open_time_ms, request_time_ms, \
                       close_time_ms, address, client, user_json, data_json";

const LISTED: &str = "id, user_id, user_name, active, open_time_ms, request_time_ms, \
                      close_time_ms, address, client";

const OPEN: &str = "INSERT INTO sessions (id, user_id, user_name, active, open_time_ms, \
                    request_time_ms, address, client, user_json, data_json) \
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

impl Store {
    /// Sessions in this database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// Stores a new session durably.
    ///
    /// # Errors
    /// The database failed, or has a session with the same id.
    pub async fn open(&self, session: &Session) -> Result<(), DbError> {
        self.db.write::<()>(insert(OPEN, session)).await.map(drop)
    }

    /// Stores a session unless there is one with its id.
    ///
    /// # Errors
    /// The database failed.
    pub async fn open_unless_known(&self, session: &Session) -> Result<(), DbError> {
        let statement = insert(OPEN, session).then(" ON CONFLICT (id) DO NOTHING");
        self.db.write::<()>(statement).await.map(drop)
    }

    /// The session with this id.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find(&self, id: &str) -> Result<Option<Session>, DbError> {
        let statement = Statement::new(format!("SELECT {COLUMNS} FROM sessions WHERE id = $1"))
            .bind(Value::any_text(id));
        let row = self.db.read_one::<SessionRow>(statement).await?;
        row.map(SessionRow::session).transpose()
    }

    /// The sessions that meet the filter, newest `request_time` first, then by id: `take` of them
    /// after the first `skip`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn list(
        &self,
        filter: &Filter,
        skip: i64,
        take: i64,
    ) -> Result<Vec<Session>, DbError> {
        let rows = self
            .db
            .read::<ListedRow>(listing(filter, skip, take))
            .await?;
        rows.into_iter().map(ListedRow::session).collect()
    }

    /// How many sessions meet the filter.
    ///
    /// # Errors
    /// The database failed.
    pub async fn count(&self, filter: &Filter) -> Result<i64, DbError> {
        let count = self.db.read_one::<(i64,)>(counting(filter)).await?;
        Ok(count.map_or(0, |(count,)| count))
    }

    /// Sets the data of a session and gives it as it is then; `None` when there is none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn store_data(
        &self,
        id: &str,
        data: String,
        now: DateTime<Utc>,
    ) -> Result<Option<Session>, DbError> {
        const SET: &str = "UPDATE sessions SET data_json = $1, request_time_ms = $2 WHERE id = $3";
        self.set(SET, id, data, now).await
    }

    /// Sets what is known about the user of a session and gives the session as it is then; `None`
    /// when there is none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn update_user(
        &self,
        id: &str,
        user: String,
        now: DateTime<Utc>,
    ) -> Result<Option<Session>, DbError> {
        const SET: &str = "UPDATE sessions SET user_json = $1, request_time_ms = $2 WHERE id = $3";
        self.set(SET, id, user, now).await
    }

    /// Closes a session, open or not, and gives it as it is then; `None` when there is none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn close(&self, id: &str, now: DateTime<Utc>) -> Result<Option<Session>, DbError> {
        let statement = Statement::new(
            "UPDATE sessions SET active = $1, request_time_ms = $2, close_time_ms = $3, \
             user_json = NULL, data_json = NULL WHERE id = $4",
        )
        .bind(Value::Boolean(false))
        .bind(time(now))
        .bind(time(now))
        .bind(Value::any_text(id));
        self.changed(statement).await
    }

    /// Removes a session and gives it as it was; `None` when there is none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete(&self, id: &str) -> Result<Option<Session>, DbError> {
        let statement =
            Statement::new("DELETE FROM sessions WHERE id = $1").bind(Value::any_text(id));
        self.changed(statement).await
    }

    /// Closes the open sessions that were last changed before `limit`, each once however many
    /// processes do this at the same time, and gives their ids.
    ///
    /// # Errors
    /// The database failed; what was closed until then stays closed.
    pub async fn close_expired(
        &self,
        limit: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<String>, DbError> {
        let mut closed = Vec::new();
        loop {
            let ids = self.db.write::<(String,)>(expiry(limit, now)).await?;
            if ids.is_empty() {
                return Ok(closed);
            }
            closed.extend(ids.into_iter().map(|(id,)| from_text(id)));
        }
    }

    async fn set(
        &self,
        sql: &'static str,
        id: &str,
        json: String,
        now: DateTime<Utc>,
    ) -> Result<Option<Session>, DbError> {
        let statement = Statement::new(sql)
            .bind(Value::Text(Some(json)))
            .bind(time(now))
            .bind(Value::any_text(id));
        self.changed(statement).await
    }

    async fn changed(&self, statement: Statement) -> Result<Option<Session>, DbError> {
        let statement = statement.then(" RETURNING ").then(COLUMNS);
        let rows = self.db.write::<SessionRow>(statement).await?;
        rows.into_iter().next().map(SessionRow::session).transpose()
    }
}

fn insert(sql: &'static str, session: &Session) -> Statement {
    Statement::new(sql)
        .bind(Value::any_text(&session.id))
        .bind(Value::any_optional_text(session.user_id.as_deref()))
        .bind(Value::any_optional_text(session.user_name.as_deref()))
        .bind(Value::Boolean(session.active))
        .bind(time(session.open_time))
        .bind(time(session.request_time))
        .bind(Value::any_optional_text(session.address.as_deref()))
        .bind(Value::any_optional_text(session.client.as_deref()))
        .bind(Value::Text(session.user.clone()))
        .bind(Value::Text(session.data.clone()))
}

/// Closes some of the expired sessions. The conditions stand twice on purpose: when another
/// process closes a chosen session first, PostgreSQL looks at the outer ones again before it
/// changes the row, and leaves it alone.
fn expiry(limit: DateTime<Utc>, now: DateTime<Utc>) -> Statement {
    Statement::new(
        "UPDATE sessions SET active = $1, request_time_ms = $2, close_time_ms = $3, \
         user_json = NULL, data_json = NULL \
         WHERE active = $4 AND request_time_ms < $5 AND id IN (\
         SELECT id FROM sessions WHERE active = $6 AND request_time_ms < $7 \
         ORDER BY request_time_ms LIMIT $8) RETURNING id",
    )
    .bind(Value::Boolean(false))
    .bind(time(now))
    .bind(time(now))
    .bind(Value::Boolean(true))
    .bind(time(limit))
    .bind(Value::Boolean(true))
    .bind(time(limit))
    .bind(Value::Integer(Some(EXPIRED_AT_ONCE)))
}

/// What [`Store::list`] asks the database; public so that its plan can be looked at.
pub fn listing(filter: &Filter, skip: i64, take: i64) -> Statement {
    let statement = Statement::new(format!("SELECT {LISTED} FROM sessions"));
    let statement = conditions(statement, filter)
        .then(" ORDER BY request_time_ms DESC, id LIMIT ")
        .bound(Value::Integer(Some(take)));
    statement.then(" OFFSET ").bound(Value::Integer(Some(skip)))
}

fn counting(filter: &Filter) -> Statement {
    conditions(Statement::new("SELECT COUNT(*) FROM sessions"), filter)
}

/// Only the conditions that are asked for appear, so that each kind of list finds its index.
fn conditions(statement: Statement, filter: &Filter) -> Statement {
    let conditions = [
        ("id = ", filter.id.as_deref().map(Value::any_text)),
        ("user_id = ", filter.user_id.as_deref().map(Value::any_text)),
        ("active = ", filter.active.map(Value::Boolean)),
        ("request_time_ms >= ", filter.from_time.map(bound)),
        ("request_time_ms < ", filter.to_time.map(bound)),
    ];
    let mut joint = " WHERE ";
    let mut statement = statement;
    for (condition, value) in conditions {
        let Some(value) = value else { continue };
        statement = statement.then(joint).then(condition).bound(value);
        joint = " AND ";
    }
    statement
}

fn time(time: DateTime<Utc>) -> Value {
    Value::Integer(Some(time.timestamp_millis()))
}

/// A bound of a time in whole milliseconds: the first of them that is not before it. A session is
/// at or after the bound, or before it, by its own time exactly when it is so by this one.
fn bound(time: DateTime<Utc>) -> Value {
    let ms = time.timestamp_millis();
    let is_whole = time.timestamp_subsec_nanos().is_multiple_of(1_000_000);
    Value::Integer(Some(ms.saturating_add(i64::from(!is_whole))))
}

#[derive(FromRow)]
struct ListedRow {
    id: String,
    user_id: Option<String>,
    user_name: Option<String>,
    active: bool,
    open_time_ms: i64,
    request_time_ms: i64,
    close_time_ms: Option<i64>,
    address: Option<String>,
    client: Option<String>,
}

#[derive(FromRow)]
struct SessionRow {
    #[sqlx(flatten)]
    listed: ListedRow,
    user_json: Option<String>,
    data_json: Option<String>,
}

impl ListedRow {
    fn session(self) -> Result<Session, DbError> {
        let open_time = read_time(&self.id, "open_time_ms", self.open_time_ms)?;
        let request_time = read_time(&self.id, "request_time_ms", self.request_time_ms)?;
        let close_time = self
            .close_time_ms
            .map(|ms| read_time(&self.id, "close_time_ms", ms))
            .transpose()?;
        Ok(Session {
            id: from_text(self.id),
            user_id: self.user_id.map(from_text),
            user_name: self.user_name.map(from_text),
            active: self.active,
            open_time,
            request_time,
            close_time,
            address: self.address.map(from_text),
            client: self.client.map(from_text),
            user: None,
            data: None,
        })
    }
}

impl SessionRow {
    fn session(self) -> Result<Session, DbError> {
        Ok(Session {
            user: self.user_json,
            data: self.data_json,
            ..self.listed.session()?
        })
    }
}

fn read_time(id: &str, column: &'static str, ms: i64) -> Result<DateTime<Utc>, DbError> {
    DateTime::from_timestamp_millis(ms).ok_or_else(|| DbError::Inconsistent {
        table: "sessions",
        column,
        row: id.to_owned(),
    })
}
