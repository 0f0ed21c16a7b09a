//! Notifications that wait to be sent.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;

use chrono::{DateTime, Utc};

use super::Store;
use super::values::{number, text};
use crate::db::{Db, DbError, Statement, Transaction, from_text};
use crate::faults::caught;
use crate::subjects::domain::subject::ContainerId;

/// A prepared notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its id.
    pub id: i64,
    /// The reference number of the request that made it.
    pub api_ref_id: i64,
    /// The academic year that it is about.
    pub academic_year: i64,
    /// Whom it concerns: `SR`, `XLIST`, `HASS` or `COMM`.
    pub kind: String,
    /// What it says, JSON.
    pub data: String,
}

impl Store {
    /// The notifications of a container among those ids, in order of the ids.
    ///
    /// # Errors
    /// The database failed.
    pub async fn notices(
        &self,
        container: ContainerId,
        ids: &BTreeSet<i64>,
    ) -> Result<Vec<Notice>, DbError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let statement = Statement::new(
            "SELECT notification_id, api_ref_id, academic_year, notification_type, \
             notification_data FROM subject_notification_support WHERE notification_id IN ",
        )
        .bound_list(ids.iter().map(|id| number(*id)))
        .then(" AND container_id = ")
        .bound(number(container))
        .then(" ORDER BY notification_id");
        let rows: Vec<(i64, i64, i64, String, String)> = self.db.read(statement).await?;
        let notice = |(id, api_ref_id, academic_year, kind, data)| Notice {
            id,
            api_ref_id,
            academic_year,
            kind: from_text(kind),
            data: from_text(data),
        };
        Ok(rows.into_iter().map(notice).collect())
    }

    /// The addresses of a kind with one of those qualifiers, each once.
    ///
    /// # Errors
    /// The database failed.
    pub async fn recipients(
        &self,
        kind: &str,
        qualifiers: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>, DbError> {
        if qualifiers.is_empty() {
            return Ok(BTreeSet::new());
        }
        let statement =
            Statement::new("SELECT email FROM notification_recipient WHERE qualifier IN ")
                .bound_list(qualifiers.iter().map(text))
                .then(" AND notification_type = ")
                .bound(text(kind));
        let rows: Vec<(String,)> = self.db.read(statement).await?;
        Ok(rows.into_iter().map(|(email,)| from_text(email)).collect())
    }

    /// Sends a notification and forgets it.
    ///
    /// Of several processes over one database one alone sends it. On PostgreSQL its row is locked
    /// while it is sent. On SQLite nobody but the writer can lock anything, and the writer must not
    /// wait for a mail server: the row says until when somebody claims it, which is how long it
    /// waits when that process has come to its end. On either engine it is sent again when it cannot
    /// be noted that it was sent: as the same mail, by its identity.
    ///
    /// # Errors
    /// The database failed, or the sending panicked; the notification may have been sent.
    pub async fn deliver<E: Send + 'static>(
        &self,
        id: i64,
        now: DateTime<Utc>,
        sending: Sending<E>,
    ) -> Result<Delivery<E>, DbError> {
        match &self.db {
            Db::Sqlite { .. } => self.deliver_claimed(id, now, sending).await,
            Db::Postgres(server) => {
                let delivered = server.at_leisure(move |transaction| {
                    Box::pin(deliver_locked(transaction, id, sending))
                });
                delivered.await
            }
        }
    }

    async fn deliver_claimed<E>(
        &self,
        id: i64,
        now: DateTime<Utc>,
        sending: Sending<E>,
    ) -> Result<Delivery<E>, DbError> {
        let now_ms = now.timestamp_millis();
        let claiming = Statement::new(
            "UPDATE subject_notification_support SET claimed_until_ms = $1 \
             WHERE notification_id = $2 \
             AND (claimed_until_ms IS NULL OR claimed_until_ms <= $3) RETURNING notification_id",
        );
        let until_ms = now_ms.saturating_add(CLAIM_MS);
        let values = [until_ms, id, now_ms].map(number);
        let claiming = values.into_iter().fold(claiming, Statement::bind);
        if self.db.write::<(i64,)>(claiming).await?.is_empty() {
            let found: Option<(i64,)> = self.db.read_one(looking_for(id)).await?;
            return Ok(not_ours(found.is_some()));
        }
        let outcome = caught(sending).await;
        if let Ok(Ok(())) = outcome {
            let forgotten = self.db.write_all(vec![forgetting(id)]).await;
            if forgotten.is_err() {
                // Whoever tries again must not wait; when this fails too, the claim ends by itself.
                let _ = self.db.write_all(vec![leaving(id)]).await;
            }
            forgotten?;
        } else {
            self.db.write_all(vec![leaving(id)]).await?;
        }
        match outcome {
            Ok(Ok(())) => Ok(Delivery::Sent),
            Ok(Err(error)) => Ok(Delivery::Failed(error)),
            Err(words) => Err(DbError::Panicked(words)),
        }
    }
}

/// How long a process claims a notification: longer than a mail server may take.
const CLAIM_MS: i64 = 10 * 60 * 1000;

/// The sending of one notification, which has not begun.
pub type Sending<E> = Pin<Box<dyn Future<Output = Result<(), E>> + Send>>;

/// What became of a notification that was to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery<E> {
    /// It was sent, and is forgotten.
    Sent,
    /// It was not sent, and is kept.
    Failed(E),
    /// Another process is sending it.
    Elsewhere,
    /// Another process has sent it.
    Gone,
}

async fn deliver_locked<E>(
    mut transaction: Transaction<'_>,
    id: i64,
    sending: Sending<E>,
) -> Result<Delivery<E>, DbError> {
    let locked = looking_for(id).then(" FOR UPDATE SKIP LOCKED");
    if transaction.row::<(i64,)>(locked).await?.is_none() {
        let found: Option<(i64,)> = transaction.row(looking_for(id)).await?;
        return Ok(not_ours(found.is_some()));
    }
    match sending.await {
        Ok(()) => {
            transaction.run(forgetting(id)).await?;
            Ok(Delivery::Sent)
        }
        Err(error) => Ok(Delivery::Failed(error)),
    }
}

/// What there is to say of a notification that somebody else had first.
fn not_ours<E>(is_there: bool) -> Delivery<E> {
    match is_there {
        true => Delivery::Elsewhere,
        false => Delivery::Gone,
    }
}

fn looking_for(id: i64) -> Statement {
    let sql = "SELECT notification_id FROM subject_notification_support WHERE notification_id = $1";
    Statement::new(sql).bind(number(id))
}

/// Ends a claim; the notification waits for another try.
fn leaving(id: i64) -> Statement {
    let sql = "UPDATE subject_notification_support SET claimed_until_ms = NULL \
               WHERE notification_id = $1";
    Statement::new(sql).bind(number(id))
}

fn forgetting(id: i64) -> Statement {
    Statement::new("DELETE FROM subject_notification_support WHERE notification_id = $1")
        .bind(number(id))
}
