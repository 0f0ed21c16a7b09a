//! Changes in the database, one at a time, each with its entry in the audit trail.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::FromRow;

use super::{Answer, Change, Entry, Filter, Made, Refusal, Repeat};
use crate::db::{Db, DbError, Pending, Statement, Transaction, Value, from_text};

/// The lock of PostgreSQL under which changes are made. Any number will do as long as every
/// version of the program uses the same.
const LOCK: i64 = 0x4368_616e_6765_7301;

/// How long a repetition is recognised.
const REPEATED_WITHIN: TimeDelta = TimeDelta::hours(24);

const OTHER_REQUEST: &str = "This Idempotency-Key was used for another request.";
const NOT_KEPT: &str = "The request with this Idempotency-Key was carried out. Its answer showed a \
                        secret and was not kept.";

/// Makes a change: recognises a repetition, lets `work` check and write, and records the outcome,
/// all in one transaction. `work` writes only what it does not refuse.
///
/// # Errors
/// The database failed; nothing has changed then.
pub async fn make<T, F>(db: &Db, change: Change, work: F) -> Result<Result<T, Refusal>, DbError>
where
    T: Answer,
    F: for<'t, 'c> FnOnce(&'t mut Transaction<'c>) -> Pending<'t, Result<Made<T>, Refusal>>
        + Send
        + 'static,
{
    let made = db.exclusively(LOCK, move |mut transaction| {
        Box::pin(async move {
            let transaction = &mut transaction;
            let outcome = match recall(transaction, &change).await? {
                Recalled::Answer(value) => return Ok(Ok(value)),
                Recalled::Refused(refusal) => Err(refusal),
                Recalled::New => work(transaction).await?,
            };
            let (status, target) = match &outcome {
                Ok(made) => (made.status, made.target.clone()),
                Err(refusal) => (refusal.status(), None),
            };
            record(transaction, &change, target, status).await?;
            if let (Ok(made), Some(repeat)) = (&outcome, &change.repeat) {
                let answer = kept(&made.value);
                remember(transaction, &change, repeat, answer).await?;
            }
            Ok(outcome.map(|made| made.value))
        })
    });
    made.await
}

/// Records that a change was refused with this status, before there was anything to look at.
///
/// # Errors
/// The database failed.
pub async fn refuse(db: &Db, change: Change, status: u16) -> Result<(), DbError> {
    let work = db.exclusively(LOCK, move |mut transaction| {
        Box::pin(async move { record(&mut transaction, &change, None, status).await })
    });
    work.await
}

/// The next number of a kind, from 1 without gaps; inside a change.
///
/// # Errors
/// The database failed.
pub async fn next_number(
    transaction: &mut Transaction<'_>,
    kind: &'static str,
) -> Result<i64, DbError> {
    let statement = Statement::new(
        "INSERT INTO numbers (kind, last) VALUES ($1, 1) \
         ON CONFLICT (kind) DO UPDATE SET last = numbers.last + 1 RETURNING last",
    )
    .bind(Value::any_text(kind));
    let row: Option<(i64,)> = transaction.row(statement).await?;
    row.map(|(number,)| number).ok_or(DbError::Inconsistent {
        table: "numbers",
        column: "last",
        row: kind.to_owned(),
    })
}

/// Whether the record of this change's `Idempotency-Key` is there.
///
/// # Errors
/// The database failed.
pub async fn is_repeated(db: &Db, change: &Change) -> Result<bool, DbError> {
    let Some(repeat) = &change.repeat else {
        return Ok(false);
    };
    let known = db.read_one::<(String, Option<String>)>(record_of(change, repeat));
    Ok(known.await?.is_some())
}

fn record_of(change: &Change, repeat: &Repeat) -> Statement {
    Statement::new(
        "SELECT fingerprint, answer_json FROM idempotency_keys \
         WHERE client_id = $1 AND operation = $2 AND idempotency_key = $3",
    )
    .bind(Value::any_text(&change.client_id))
    .bind(Value::any_text(&change.operation))
    .bind(Value::any_text(&repeat.key))
}

enum Recalled<T> {
    New,
    Answer(T),
    Refused(Refusal),
}

async fn recall<T: Answer>(
    transaction: &mut Transaction<'_>,
    change: &Change,
) -> Result<Recalled<T>, DbError> {
    let Some(repeat) = &change.repeat else {
        return Ok(Recalled::New);
    };
    let forgotten = Statement::new("DELETE FROM idempotency_keys WHERE created_ms < $1")
        .bind(time(change.at - REPEATED_WITHIN));
    transaction.run(forgotten).await?;
    let known: Option<(String, Option<String>)> =
        transaction.row(record_of(change, repeat)).await?;
    Ok(match known {
        None => Recalled::New,
        Some((fingerprint, _)) if fingerprint != repeat.fingerprint => {
            Recalled::Refused(Refusal::KeyUsed(OTHER_REQUEST))
        }
        Some((_, None)) => Recalled::Refused(Refusal::KeyUsed(NOT_KEPT)),
        Some((_, Some(answer))) => {
            let answer = serde_json::from_str(&answer);
            Recalled::Answer(answer.map_err(|_| DbError::Inconsistent {
                table: "idempotency_keys",
                column: "answer_json",
                row: repeat.key.clone(),
            })?)
        }
    })
}

/// What is kept of an answer: nothing, when it shows a secret.
fn kept<T: Answer>(value: &T) -> Option<String> {
    // Plain structures of texts and numbers always become JSON.
    (!T::SHOWS_SECRET).then(|| serde_json::to_string(value).unwrap_or_default())
}

async fn remember(
    transaction: &mut Transaction<'_>,
    change: &Change,
    repeat: &Repeat,
    answer: Option<String>,
) -> Result<(), DbError> {
    let statement = Statement::new(
        "INSERT INTO idempotency_keys \
         (client_id, operation, idempotency_key, fingerprint, answer_json, created_ms) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(Value::any_text(&change.client_id))
    .bind(Value::any_text(&change.operation))
    .bind(Value::any_text(&repeat.key))
    .bind(Value::any_text(&repeat.fingerprint))
    .bind(Value::Text(answer))
    .bind(time(change.at));
    transaction.run(statement).await
}

async fn record(
    transaction: &mut Transaction<'_>,
    change: &Change,
    target: Option<String>,
    status: u16,
) -> Result<(), DbError> {
    let number = next_number(transaction, "audit entry").await?;
    let statement = Statement::new(
        "INSERT INTO audit_entries \
         (number, at_ms, client_id, operation, target, outcome, request_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(Value::Integer(Some(number)))
    .bind(time(change.at))
    .bind(Value::any_text(&change.client_id))
    .bind(Value::any_text(&change.operation))
    .bind(Value::any_text(
        &target.unwrap_or_else(|| change.target.clone()),
    ))
    .bind(Value::Integer(Some(status.into())))
    .bind(Value::any_text(&change.request_id));
    transaction.run(statement).await
}

/// The entries of the audit trail that meet the filter, the newest `take` of them, newest first.
///
/// # Errors
/// The database failed.
pub async fn entries(db: &Db, filter: &Filter, take: i64) -> Result<Vec<Entry>, DbError> {
    let text = |text: &Option<String>| text.as_deref().map(Value::any_text);
    let conditions = [
        ("client_id = ", text(&filter.client_id)),
        ("operation = ", text(&filter.operation)),
        (
            "outcome = ",
            filter.outcome.map(|outcome| Value::Integer(Some(outcome))),
        ),
        ("at_ms >= ", filter.since.map(time)),
        ("at_ms < ", filter.until.map(time)),
    ];
    let mut statement = Statement::new(
        "SELECT number, at_ms, client_id, operation, target, outcome, request_id \
         FROM audit_entries WHERE 1 = 1",
    );
    for (condition, value) in conditions {
        if let Some(value) = value {
            statement = statement.then(" AND ").then(condition).bound(value);
        }
    }
    if let Some(target) = &filter.target {
        // A prefix by length: `LIKE` would read `_` and `%` in it, and ignore case on SQLite.
        let length = i64::try_from(target.chars().count()).unwrap_or(i64::MAX);
        statement = statement.then(" AND SUBSTR(target, 1, CAST(");
        // PostgreSQL takes no large number for a length.
        statement = statement.bound(Value::Integer(Some(length)));
        statement = statement.then(" AS INTEGER)) = ");
        statement = statement.bound(Value::any_text(target));
    }
    let statement = statement.then(" ORDER BY number DESC LIMIT ");
    let statement = statement.bound(Value::Integer(Some(take)));
    let rows = db.read::<EntryRow>(statement).await?;
    rows.into_iter().map(EntryRow::entry).collect()
}

#[derive(FromRow)]
struct EntryRow {
    number: i64,
    at_ms: i64,
    client_id: String,
    operation: String,
    target: String,
    outcome: i64,
    request_id: String,
}

impl EntryRow {
    fn entry(self) -> Result<Entry, DbError> {
        let at = DateTime::from_timestamp_millis(self.at_ms);
        Ok(Entry {
            at: at.ok_or_else(|| DbError::Inconsistent {
                table: "audit_entries",
                column: "at_ms",
                row: self.number.to_string(),
            })?,
            number: self.number,
            client_id: from_text(self.client_id),
            operation: from_text(self.operation),
            target: from_text(self.target),
            outcome: self.outcome,
            request_id: from_text(self.request_id),
        })
    }
}

fn time(time: DateTime<Utc>) -> Value {
    Value::Integer(Some(time.timestamp_millis()))
}
