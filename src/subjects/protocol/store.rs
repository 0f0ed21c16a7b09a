//! Reads the process log.

use chrono::SecondsFormat;

use super::{Asked, Entry};
use crate::db::{Db, DbError, Statement, Value, from_text};

/// A row: request, container, operation, type, component, action, message, time.
type Row = (
    i64,
    Option<i64>,
    String,
    String,
    Option<String>,
    Option<String>,
    String,
    String,
);

/// The entries that are asked for, the oldest first.
///
/// # Errors
/// The database failed.
pub async fn entries(db: &Db, asked: &Asked) -> Result<Vec<Entry>, DbError> {
    let mut statement = Statement::new(
        "SELECT api_ref_id, container_id, process_name, log_type, component, action, message, \
         created_at FROM subject_api_process_log WHERE TRUE",
    );
    let numbers = [
        ("api_ref_id", asked.api_ref_id),
        ("container_id", asked.container_id),
    ];
    for (column, wanted) in numbers {
        if let Some(wanted) = wanted {
            let condition = format!(" AND {column} = ");
            statement = statement
                .then(&condition)
                .bound(Value::Integer(Some(wanted)));
        }
    }
    // Times are texts that sort as the times do.
    for (condition, time) in [
        (" AND created_at >= ", asked.from),
        (" AND created_at <= ", asked.to),
    ] {
        if let Some(time) = time {
            let time = time.to_rfc3339_opts(SecondsFormat::Millis, true);
            statement = statement.then(condition).bound(Value::Text(Some(time)));
        }
    }
    let statement = statement
        .then(" ORDER BY log_id LIMIT ")
        .bound(Value::Integer(Some(asked.limit)));
    let rows = db.read::<Row>(statement).await?;
    let entry = |row: Row| {
        let (api_ref_id, container_id, process_name, log_type, component, action, message, at) =
            row;
        Entry {
            api_ref_id,
            container_id,
            process_name: from_text(process_name),
            log_type,
            component: component.zip(action),
            message: from_text(message),
            at,
        }
    };
    Ok(rows.into_iter().map(entry).collect())
}
