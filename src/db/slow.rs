//! What the log tells of statements that take long.

use std::time::Duration;

use sqlx::ConnectOptions;
use tokio::time::Instant;

/// From when on it matters how long a statement takes: questions are answered in milliseconds, and
/// the largest changes in tenths of a second.
const SLOW: Duration = Duration::from_secs(1);

/// How much of a statement's text is told, in characters: what it is, and not its thousand rows.
const TOLD: usize = 200;

/// Connections that tell statements, slow ones too, only to whoever asks for all of them
/// (`RUST_LOG=sqlx=debug`): they tell them with their whole texts.
pub fn quiet<O: ConnectOptions>(options: O) -> O {
    match "debug".parse() {
        Ok(level) => options.log_slow_statements(level, SLOW),
        Err(_) => options.disable_statement_logging(),
    }
}

/// Tells, when it goes, that what was begun took long, also when nobody waits for it any more.
pub struct Watch {
    statement: String,
    begun: Instant,
}

impl Watch {
    /// From now on.
    pub fn new(sql: &str) -> Self {
        let statement = match sql.char_indices().nth(TOLD) {
            Some((end, _)) => format!("{}…", &sql[..end]),
            None => sql.to_owned(),
        };
        Self {
            statement,
            begun: Instant::now(),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let took = self.begun.elapsed();
        if took >= SLOW {
            let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            tracing::warn!(took_ms, statement = self.statement, "slow statement");
        }
    }
}
