//! What is kept for others: the records of the queue, and notifications that are still to be sent.

use super::Circumstances;
use super::values::{batches, inconsistent, number, optional, text};
use crate::db::{DbError, Statement, Transaction};
use crate::subjects::domain::backfill::{Data, Record};
use crate::subjects::domain::notifications::Notification;
use crate::subjects::domain::subject::ContainerId;

const QUEUE: &str = "subject_backfill_queue";

/// Puts records into the queue, in order, each with its keys, and gives their ids.
///
/// # Errors
/// The database failed.
pub async fn enqueue(
    transaction: &mut Transaction<'_>,
    circumstances: &Circumstances,
    container: ContainerId,
    records: &[Record],
) -> Result<Vec<i64>, DbError> {
    let (mut ids, mut keys) = (Vec::new(), Vec::new());
    for record in records {
        let template = record.template;
        let template = template.ok_or_else(|| inconsistent((QUEUE, "template_id"), container))?;
        let statement = Statement::new(
            "INSERT INTO subject_backfill_queue (api_ref_id, container_id, template_id, \
             backfill_process_type, previous_data, new_data, created_at) VALUES ",
        )
        .bound_list([
            number(circumstances.api_ref_id),
            number(container),
            number(template),
            optional(record.process_type.map(|ty| ty.name())),
            optional(record.previous.as_ref().map(json).as_deref()),
            text(json(&record.new)),
            text(&circumstances.at),
        ])
        .then(" RETURNING queue_id");
        let id = id_of(transaction, statement, (QUEUE, "queue_id")).await?;
        keys.extend(record.used_keys.iter().map(|(subject, ty)| {
            let key = [text(&subject.code), text(&subject.number), text(ty.name())];
            [vec![number(id)], key.to_vec()].concat()
        }));
        ids.push(id);
    }
    let start = "INSERT INTO subject_backfill_queue_usedkey \
                 (queue_id, subject_code, subject_number, relationship_type) ";
    for statement in batches(start, keys, "") {
        transaction.run(statement).await?;
    }
    Ok(ids)
}

/// One side of a record as it is stored. Plain structures of texts and numbers always become JSON.
fn json(data: &Data) -> String {
    serde_json::to_string(data).unwrap_or_default()
}

/// Keeps notifications until they are asked for, and gives their ids.
///
/// # Errors
/// The database failed.
pub async fn notify(
    transaction: &mut Transaction<'_>,
    circumstances: &Circumstances,
    container: ContainerId,
    notifications: &[Notification],
) -> Result<Vec<i64>, DbError> {
    let mut ids = Vec::new();
    for notification in notifications {
        let data = serde_json::to_string(notification).unwrap_or_default();
        let statement = Statement::new(
            "INSERT INTO subject_notification_support (api_ref_id, container_id, academic_year, \
             notification_type, notification_data, created_at) VALUES ",
        )
        .bound_list([
            number(circumstances.api_ref_id),
            number(container),
            number(notification.academic_year.number()),
            text(notification.kind.name()),
            text(data),
            text(&circumstances.at),
        ])
        .then(" RETURNING notification_id");
        let place = ("subject_notification_support", "notification_id");
        ids.push(id_of(transaction, statement, place).await?);
    }
    Ok(ids)
}

async fn id_of(
    transaction: &mut Transaction<'_>,
    statement: Statement,
    place: (&'static str, &'static str),
) -> Result<i64, DbError> {
    let row: Option<(i64,)> = transaction.row(statement).await?;
    row.map(|(id,)| id)
        .ok_or_else(|| inconsistent(place, "new"))
}
