//! The process log: reference numbers, and what became of each request.

use super::values::{batches, number, optional, text};
use crate::db::{Db, DbError, Statement, Value};

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The reference number of the request.
    pub api_ref_id: i64,
    /// The container, once it is known.
    pub container_id: Option<i64>,
    /// The operation, by the name that the contract gives it.
    pub process_name: &'static str,
    /// What is told.
    pub log_type: LogType,
    /// What was changed: `TEMPLATE`, `EQ`, `SR` or `NOTIFICATION`.
    pub component: Option<&'static str>,
    /// What was done to it.
    pub action: Option<&'static str>,
    /// The rest.
    pub message: String,
    /// When, ISO 8601 in UTC.
    pub at: String,
}

/// What an entry tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogType {
    /// What is wrong with a request.
    Validation,
    /// What failed.
    Exception,
    /// What failed without stopping the request.
    Warning,
    /// What was changed.
    Component,
    /// What came of the request.
    Result,
}

impl LogType {
    fn name(self) -> &'static str {
        match self {
            LogType::Validation => "VALIDATION",
            LogType::Exception => "EXCEPTION",
            LogType::Warning => "WARNING",
            LogType::Component => "COMPONENT",
            LogType::Result => "RESULT",
        }
    }
}

/// Draws the next reference number, in a transaction of its own: numbers increase, and those of
/// requests that failed are used up too. (R-097, P-14)
///
/// # Errors
/// The database failed.
pub async fn next_reference(db: &Db) -> Result<i64, DbError> {
    const NAME: &str = "subject_api_process_log_id_seq";
    let row: Option<(i64,)> = match db {
        Db::Sqlite { .. } => {
            let sql = "UPDATE api_sequence SET value = value + 1 WHERE name = $1 RETURNING value";
            let drawn = db.write(Statement::new(sql).bind(text(NAME))).await?;
            drawn.into_iter().next()
        }
        // A sequence is never rolled back, and nobody waits for it.
        Db::Postgres(_) => {
            let sql = format!("SELECT nextval('{NAME}')");
            db.read_one(Statement::new(sql)).await?
        }
    };
    let place = ("api_sequence", "value");
    row.map(|(number,)| number)
        .ok_or_else(|| super::values::inconsistent(place, NAME))
}

/// Writes entries, all or none, in a transaction of their own.
///
/// # Errors
/// The database failed.
pub async fn write(db: &Db, entries: &[Entry]) -> Result<(), DbError> {
    let rows = entries.iter().map(|entry| -> Vec<Value> {
        vec![
            number(entry.api_ref_id),
            Value::Integer(entry.container_id),
            text(entry.process_name),
            text(entry.log_type.name()),
            optional(entry.component),
            optional(entry.action),
            text(&entry.message),
            text(&entry.at),
        ]
    });
    let start = "INSERT INTO subject_api_process_log (api_ref_id, container_id, process_name, \
                 log_type, component, action, message, created_at) ";
    db.write_all(batches(start, rows.collect(), "")).await
}
