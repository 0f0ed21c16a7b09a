//! The sessions a first run shows.

use chrono::{DateTime, Duration, Utc};

use super::store::{Session, Store};
use crate::db::DbError;

/// Stores the demo sessions that are not there yet, as if they had been opened a little before
/// `now`.
///
/// # Errors
/// The database failed.
pub async fn fill(store: &Store, now: DateTime<Utc>) -> Result<(), DbError> {
    for session in sessions(now) {
        store.open_unless_known(&session).await?;
    }
    Ok(())
}

fn sessions(now: DateTime<Utc>) -> [Session; 3] {
    [
        session(
            1,
            "Ada Byron",
            now - Duration::minutes(50),
            r#"{"cart":[17,4]}"#,
        ),
        session(
            2,
            "Grace Hopper",
            now - Duration::minutes(20),
            r#"{"theme":"dark"}"#,
        ),
        session(3, "Emmy Noether", now - Duration::minutes(5), "null"),
    ]
}

fn session(number: u128, name: &str, time: DateTime<Utc>, data: &str) -> Session {
    Session {
        // These ids are those of the demo, so that a second start finds them again.
        id: format!("de300000000000000000{number:012x}"),
        user_id: Some(format!("demo-{number}")),
        user_name: Some(name.to_owned()),
        active: true,
        open_time: time,
        request_time: time,
        close_time: None,
        address: Some("198.51.100.7".to_owned()),
        client: Some("web".to_owned()),
        user: Some(r#"{"roles":["editor"]}"#.to_owned()),
        data: Some(data.to_owned()),
    }
}
