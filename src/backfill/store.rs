//! The queue of records, which is never changed here, and beside it who works at which record.
//!
//! A lease is taken by one statement, so that two workers never get the same record: PostgreSQL
//! skips rows that others are taking, SQLite has one writer.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::domain::{Filter, Kind, Lease, Record, State, Taken, UsedKey, Wanted, Whole};
use crate::db::{Db, DbError, Statement, Value, from_text};

/// Reads and hands out records; clones share the database.
#[derive(Clone, Debug)]
pub struct Store {
    db: Db,
}

const RECORDS: &str = "SELECT q.queue_id, q.api_ref_id, q.container_id, q.template_id, \
                       q.backfill_process_type, q.created_at, l.attempt, l.worker, \
                       l.leased_until_ms, l.acknowledged_ms \
                       FROM subject_backfill_queue q \
                       JOIN subject_backfill_lease l ON l.queue_id = q.queue_id";

impl Store {
    /// The queue in this database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// The records that meet the filter, by their numbers, at most `filter.limit`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn list(&self, filter: &Filter, now: DateTime<Utc>) -> Result<Vec<Record>, DbError> {
        let rows = self.db.read::<RecordRow>(listing(filter, now)).await?;
        rows.into_iter().map(|row| row.record(now)).collect()
    }

    /// A record with what it says; `None` where there is none of that number.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find(&self, queue_id: i64, now: DateTime<Utc>) -> Result<Option<Whole>, DbError> {
        let Some(record) = self.record(queue_id, now).await? else {
            return Ok(None);
        };
        let data = Statement::new(
            "SELECT previous_data, new_data FROM subject_backfill_queue WHERE queue_id = $1",
        );
        let data = self
            .db
            .read_one::<(Option<String>, String)>(data.bind(number(queue_id)))
            .await?;
        let Some((previous, new)) = data else {
            return Ok(None);
        };
        let keys = Statement::new(
            "SELECT subject_code, subject_number, relationship_type \
             FROM subject_backfill_queue_usedkey WHERE queue_id = $1",
        );
        let keys = self.db.read::<KeyRow>(keys.bind(number(queue_id))).await?;
        let mut used_keys = keys
            .into_iter()
            .map(|key| key.used_key(queue_id))
            .collect::<Result<Vec<_>, _>>()?;
        used_keys.sort();
        Ok(Some(Whole {
            record,
            previous: previous.map(from_text),
            new: from_text(new),
            used_keys,
        }))
    }

    async fn record(&self, queue_id: i64, now: DateTime<Utc>) -> Result<Option<Record>, DbError> {
        let statement = Statement::new(format!("{RECORDS} WHERE q.queue_id = $1"));
        let row = self
            .db
            .read_one::<RecordRow>(statement.bind(number(queue_id)));
        row.await?.map(|row| row.record(now)).transpose()
    }

    /// Leases the oldest record that is wanted and may be handed out: nobody works at it, and no
    /// record of its container waits before it. `None` where there is none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn lease(
        &self,
        wanted: &Wanted,
        lease: Lease,
        now: DateTime<Utc>,
    ) -> Result<Option<Whole>, DbError> {
        let skip = matches!(self.db, Db::Postgres(_));
        let taken = self.db.write::<(i64,)>(taking(wanted, &lease, now, skip));
        match taken.await?.first() {
            Some((queue_id,)) => self.find(*queue_id, now).await,
            None => Ok(None),
        }
    }

    /// Acknowledges the record of a lease; a second time changes nothing.
    ///
    /// # Errors
    /// The database failed.
    pub async fn acknowledge(&self, lease_id: &str, now: DateTime<Utc>) -> Result<Taken, DbError> {
        let statement = Statement::new(
            "UPDATE subject_backfill_lease \
             SET acknowledged_ms = COALESCE(acknowledged_ms, $2), leased_until_ms = NULL \
             WHERE lease_id = $1 RETURNING queue_id",
        );
        let statement = statement
            .bind(Value::any_text(lease_id))
            .bind(number(now.timestamp_millis()));
        self.changed(statement, lease_id, now).await
    }

    /// Lets a lease end at another time, also when it has expired and nobody else has the record.
    ///
    /// # Errors
    /// The database failed.
    pub async fn renew(
        &self,
        lease_id: &str,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Taken, DbError> {
        let statement = Statement::new(
            "UPDATE subject_backfill_lease SET leased_until_ms = $2 \
             WHERE lease_id = $1 AND acknowledged_ms IS NULL RETURNING queue_id",
        );
        let statement = statement
            .bind(Value::any_text(lease_id))
            .bind(number(until.timestamp_millis()));
        self.changed(statement, lease_id, now).await
    }

    /// Ends a lease; the record waits again.
    ///
    /// # Errors
    /// The database failed.
    pub async fn give_back(&self, lease_id: &str, now: DateTime<Utc>) -> Result<Taken, DbError> {
        let statement = Statement::new(
            "UPDATE subject_backfill_lease \
             SET lease_id = NULL, worker = NULL, leased_until_ms = NULL \
             WHERE lease_id = $1 AND acknowledged_ms IS NULL RETURNING queue_id",
        );
        let statement = statement.bind(Value::any_text(lease_id));
        self.changed(statement, lease_id, now).await
    }

    /// What became of a lease whose record a statement was to change.
    async fn changed(
        &self,
        statement: Statement,
        lease_id: &str,
        now: DateTime<Utc>,
    ) -> Result<Taken, DbError> {
        if let Some((queue_id,)) = self.db.write::<(i64,)>(statement).await?.first() {
            let record = self.record(*queue_id, now).await?;
            return Ok(record.map_or(Taken::Lost, Taken::Held));
        }
        let known =
            Statement::new("SELECT queue_id FROM subject_backfill_lease WHERE lease_id = $1");
        let known = known.bind(Value::any_text(lease_id));
        Ok(match self.db.read_one::<(i64,)>(known).await? {
            Some(_) => Taken::Acknowledged,
            None => Taken::Lost,
        })
    }
}

fn number(number: i64) -> Value {
    Value::Integer(Some(number))
}

fn listing(filter: &Filter, now: DateTime<Utc>) -> Statement {
    let mut statement =
        Statement::new(format!("{RECORDS} WHERE q.queue_id > ")).bound(number(filter.after));
    let numbers = [
        ("q.api_ref_id", filter.api_ref_id),
        ("q.container_id", filter.container_id),
    ];
    for (column, wanted) in numbers {
        if let Some(wanted) = wanted {
            let condition = format!(" AND {column} = ");
            statement = statement.then(&condition).bound(number(wanted));
        }
    }
    if let Some((code, subject_number)) = &filter.subject {
        statement = statement
            .then(
                " AND q.queue_id IN (SELECT k.queue_id FROM subject_backfill_queue_usedkey k \
                 WHERE k.subject_code = ",
            )
            .bound(Value::any_text(code))
            .then(" AND k.subject_number = ")
            .bound(Value::any_text(subject_number))
            .then(")");
    }
    if let Some(kind) = filter.kind {
        statement = of_kind(statement.then(" AND "), kind);
    }
    if let Some(state) = filter.state {
        let open = " AND l.acknowledged_ms IS NULL AND ";
        let now = number(now.timestamp_millis());
        statement = match state {
            State::Acknowledged => statement.then(" AND l.acknowledged_ms IS NOT NULL"),
            State::Leased => statement.then(open).then("l.leased_until_ms > ").bound(now),
            State::Waiting => statement
                .then(open)
                .then("(l.leased_until_ms IS NULL OR l.leased_until_ms <= ")
                .bound(now)
                .then(")"),
        };
    }
    statement
        .then(" ORDER BY q.queue_id LIMIT ")
        .bound(number(filter.limit))
}

fn of_kind(statement: Statement, kind: Option<Kind>) -> Statement {
    match kind {
        Some(kind) => statement
            .then("q.backfill_process_type = ")
            .bound(Value::any_text(kind.name())),
        None => statement.then("q.backfill_process_type IS NULL"),
    }
}

fn taking(wanted: &Wanted, lease: &Lease, now: DateTime<Utc>, skip: bool) -> Statement {
    let mut statement = Statement::new("UPDATE subject_backfill_lease SET lease_id = ")
        .bound(Value::any_text(&lease.id))
        .then(", worker = ")
        .bound(Value::any_text(&lease.worker))
        .then(", leased_until_ms = ")
        .bound(number(lease.until.timestamp_millis()))
        .then(
            ", attempt = attempt + 1 WHERE queue_id = (SELECT l.queue_id \
             FROM subject_backfill_lease l WHERE l.acknowledged_ms IS NULL \
             AND (l.leased_until_ms IS NULL OR l.leased_until_ms <= ",
        )
        .bound(number(now.timestamp_millis()))
        .then(
            ") AND NOT EXISTS (SELECT 1 FROM subject_backfill_lease e \
             WHERE e.container_id = l.container_id AND e.queue_id < l.queue_id \
             AND e.acknowledged_ms IS NULL)",
        );
    if let Some(container) = wanted.container_id {
        statement = statement
            .then(" AND l.container_id = ")
            .bound(number(container));
    }
    if let Some(kind) = wanted.kind {
        let queue = " AND EXISTS (SELECT 1 FROM subject_backfill_queue q \
                     WHERE q.queue_id = l.queue_id AND ";
        statement = of_kind(statement.then(queue), kind).then(")");
    }
    statement = statement.then(" ORDER BY l.queue_id LIMIT 1");
    if skip {
        statement = statement.then(" FOR UPDATE OF l SKIP LOCKED");
    }
    statement.then(") RETURNING queue_id")
}

#[derive(FromRow)]
struct RecordRow {
    queue_id: i64,
    api_ref_id: i64,
    container_id: i64,
    template_id: i64,
    backfill_process_type: Option<String>,
    created_at: String,
    attempt: i64,
    worker: Option<String>,
    leased_until_ms: Option<i64>,
    acknowledged_ms: Option<i64>,
}

impl RecordRow {
    fn record(self, now: DateTime<Utc>) -> Result<Record, DbError> {
        let inconsistent = |table, column| DbError::Inconsistent {
            table,
            column,
            row: self.queue_id.to_string(),
        };
        let kind =
            match &self.backfill_process_type {
                None => None,
                Some(name) => Some(Kind::named(name).ok_or_else(|| {
                    inconsistent("subject_backfill_queue", "backfill_process_type")
                })?),
            };
        let time = |column, ms: Option<i64>| {
            let time = |ms| DateTime::from_timestamp_millis(ms);
            let wrong = || inconsistent("subject_backfill_lease", column);
            ms.map(|ms| time(ms).ok_or_else(wrong)).transpose()
        };
        let until = time("leased_until_ms", self.leased_until_ms)?;
        let acknowledged = time("acknowledged_ms", self.acknowledged_ms)?;
        let created = self.created_at.parse::<DateTime<Utc>>();
        Ok(Record {
            created: created.map_err(|_| inconsistent("subject_backfill_queue", "created_at"))?,
            state: match (acknowledged, until) {
                (Some(_), _) => State::Acknowledged,
                (None, Some(until)) if until > now => State::Leased,
                (None, _) => State::Waiting,
            },
            queue_id: self.queue_id,
            api_ref_id: self.api_ref_id,
            container_id: self.container_id,
            template_id: self.template_id,
            kind,
            attempt: self.attempt,
            worker: self.worker.map(from_text),
            leased_until: until,
            acknowledged,
        })
    }
}

#[derive(FromRow)]
struct KeyRow {
    subject_code: String,
    subject_number: String,
    relationship_type: String,
}

impl KeyRow {
    fn used_key(self, queue_id: i64) -> Result<UsedKey, DbError> {
        let part = super::domain::Part::named(&self.relationship_type);
        let part = part.ok_or_else(|| DbError::Inconsistent {
            table: "subject_backfill_queue_usedkey",
            column: "relationship_type",
            row: format!("{queue_id} {}.{}", self.subject_code, self.subject_number),
        })?;
        let (code, number) = (from_text(self.subject_code), from_text(self.subject_number));
        Ok(UsedKey {
            subject_id: format!("{code}.{number}"),
            part,
        })
    }
}
