//! Whether the database behind a layer answers, and how fast.

use std::fmt;
use std::future::Future;
use std::time::{Duration, Instant};

use specwright_runtime::Context;

use crate::effects::Effects;

/// How long a database may take to show that it is up.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is said of a database that does not answer.
pub const UNREACHABLE: &str = "The database cannot be reached.";

/// Asks a database something; `None` when it is down or silent, else the milliseconds that its
/// answer took.
pub async fn probe<T, E: fmt::Display>(
    system: &str,
    answer: impl Future<Output = Result<T, E>>,
    effects: &Effects,
    context: &Context,
) -> Option<i64> {
    let asked = Instant::now();
    let request_id = context.request_id();
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(Ok(_)) => {
            let latency = effects.clock.since(asked).as_millis();
            Some(i64::try_from(latency).unwrap_or(i64::MAX))
        }
        Ok(Err(error)) => {
            tracing::warn!(request_id, system, %error, "it is down");
            None
        }
        Err(_) => {
            tracing::warn!(request_id, system, "it is silent");
            None
        }
    }
}
