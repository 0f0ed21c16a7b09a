//! The process log, for people.

mod store;

use std::fmt::Write as _;

use chrono::{DateTime, Utc};

pub use store::entries;

/// Which entries are asked for; the conditions combine.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Those of this request.
    pub api_ref_id: Option<i64>,
    /// Those of this container.
    pub container_id: Option<i64>,
    /// Those from this time on.
    pub from: Option<DateTime<Utc>>,
    /// Those up to this time.
    pub to: Option<DateTime<Utc>>,
    /// At most so many.
    pub limit: i64,
}

/// An entry as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The request.
    pub api_ref_id: i64,
    /// The container, once it was known.
    pub container_id: Option<i64>,
    /// The operation.
    pub process_name: String,
    /// What is told.
    pub log_type: String,
    /// What was changed, and what was done to it.
    pub component: Option<(String, String)>,
    /// The rest.
    pub message: String,
    /// When, ISO 8601 in UTC.
    pub at: String,
}

/// One line an entry.
pub fn lines(entries: &[Entry]) -> String {
    if entries.is_empty() {
        return "The log has no such entries.\n".to_owned();
    }
    let mut text = String::new();
    for entry in entries {
        let container = entry.container_id.map(|id| id.to_string());
        let component = entry.component.as_ref();
        let component = component.map(|(component, action)| format!("{component} {action} "));
        let _ = writeln!(
            text,
            "{}  request {:<5} container {:<5} {:<26} {:<10} {}{}",
            entry.at,
            entry.api_ref_id,
            container.as_deref().unwrap_or("-"),
            entry.process_name,
            entry.log_type,
            component.unwrap_or_default(),
            entry.message.replace(['\r', '\n'], " ").trim_end(),
        );
    }
    text
}
