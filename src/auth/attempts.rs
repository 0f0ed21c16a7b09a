//! At most so many failed attempts a minute for each client id.
//!
//! The attempts of one client are made one after the other, so that they are counted exactly and
//! one client never has more than one secret in the queue of the hashes. Those that come when the
//! limit is reached are refused before anything is hashed or read. Failures are stored, so that
//! they count for every process over the database; attempts that several processes make at the
//! same moment may exceed the limit by one for each further process.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OwnedMutexGuard};

/// How many attempts may fail within the window.
pub const LIMIT: usize = 10;

/// For how long a failure counts, in milliseconds.
pub const WINDOW_MS: i64 = 60_000;

/// How many ids are remembered at least before those that count no more are looked for.
const REMEMBERED: usize = 1024;

/// The attempts of every client; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Attempts {
    known: Arc<Mutex<Known>>,
}

#[derive(Debug)]
struct Known {
    clients: HashMap<String, Arc<Client>>,
    /// How many ids there may be before those that count no more are looked for.
    sweep_above: usize,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            clients: HashMap::new(),
            sweep_above: REMEMBERED,
        }
    }
}

#[derive(Debug, Default)]
struct Client {
    turn: Arc<tokio::sync::Mutex<()>>,
    /// Wakes everybody who waits for a turn, when the limit is reached.
    reached: Notify,
    /// When attempts failed, oldest first.
    failures: Mutex<VecDeque<i64>>,
}

/// Too many attempts have failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany {
    /// When the next one may be made, in seconds.
    pub retry_after_s: i64,
}

/// The right to try once, held by nobody else for this client until it is dropped.
#[derive(Debug)]
pub struct Turn {
    client: Arc<Client>,
    _turn: OwnedMutexGuard<()>,
}

impl Attempts {
    /// Waits for the client's turn; `now_ms` tells the time before and after.
    ///
    /// # Errors
    /// Too many attempts have failed.
    pub async fn turn(&self, id: &str, now_ms: impl Fn() -> i64) -> Result<Turn, TooMany> {
        let client = self.client(id, now_ms());
        let turn = {
            let mut reached = std::pin::pin!(client.reached.notified());
            // Whoever looks at the count after this line is woken when it changes.
            reached.as_mut().enable();
            client.check(now_ms())?;
            // Without the second branch a crowd would be let go one by one.
            tokio::select! {
                turn = Arc::clone(&client.turn).lock_owned() => turn,
                () = reached => {
                    client.check(now_ms())?;
                    Arc::clone(&client.turn).lock_owned().await
                }
            }
        };
        client.check(now_ms())?;
        Ok(Turn {
            client,
            _turn: turn,
        })
    }

    fn client(&self, id: &str, now_ms: i64) -> Arc<Client> {
        let mut known = unpoisoned(&self.known);
        if known.clients.len() > known.sweep_above {
            let counts =
                |client: &Arc<Client>| Arc::strong_count(client) > 1 || client.counts(now_ms) > 0;
            known.clients.retain(|_, client| counts(client));
            // The next sweep comes when as many have been added, so that each costs little.
            known.sweep_above = REMEMBERED.max(known.clients.len() * 2);
        }
        Arc::clone(known.clients.entry(id.to_owned()).or_default())
    }
}

impl Client {
    fn check(&self, now_ms: i64) -> Result<(), TooMany> {
        let mut failures = unpoisoned(&self.failures);
        forget(&mut failures, now_ms);
        if failures.len() < LIMIT {
            return Ok(());
        }
        // The oldest of the last ten is the first to count no more.
        let first = failures.len().checked_sub(LIMIT);
        let oldest = first.and_then(|first| failures.get(first)).copied();
        let left_ms = oldest.map_or(WINDOW_MS, |oldest| oldest + WINDOW_MS - now_ms);
        Err(TooMany {
            retry_after_s: left_ms.div_euclid(1000) + 1,
        })
    }

    /// Wakes those who wait in vain.
    fn tell(&self) {
        if unpoisoned(&self.failures).len() >= LIMIT {
            self.reached.notify_waiters();
        }
    }

    fn counts(&self, now_ms: i64) -> usize {
        let mut failures = unpoisoned(&self.failures);
        forget(&mut failures, now_ms);
        failures.len()
    }
}

impl Turn {
    /// Takes over the failures that are stored, of this process and others, oldest first.
    ///
    /// # Errors
    /// They are too many.
    pub fn recall(&self, stored: Vec<i64>, now_ms: i64) -> Result<(), TooMany> {
        *unpoisoned(&self.client.failures) = stored.into();
        self.client.tell();
        self.client.check(now_ms)
    }

    /// The attempt has failed.
    pub fn failed(self, now_ms: i64) {
        unpoisoned(&self.client.failures).push_back(now_ms);
        self.client.tell();
    }
}

fn forget(failures: &mut VecDeque<i64>, now_ms: i64) {
    while failures
        .front()
        .is_some_and(|failed_ms| failed_ms + WINDOW_MS <= now_ms)
    {
        failures.pop_front();
    }
}

/// What a panic left behind is still a list of times.
fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    async fn fail(attempts: &Attempts, id: &str, now_ms: i64) -> Result<(), TooMany> {
        attempts.turn(id, || now_ms).await?.failed(now_ms);
        Ok(())
    }

    #[tokio::test]
    async fn the_eleventh_failure_within_a_minute_is_refused_and_others_are_not() {
        let attempts = Attempts::default();
        for second in 0..10 {
            fail(&attempts, "a", second * 1000)
                .await
                .expect("the limit is ten");
        }
        let refused = fail(&attempts, "a", 10_000).await;
        assert_eq!(refused, Err(TooMany { retry_after_s: 51 }));
        fail(&attempts, "b", 10_000).await.expect("another client");
        fail(&attempts, "a", 60_000)
            .await
            .expect("the first counts no more");
        assert!(fail(&attempts, "a", 60_500).await.is_err());
        fail(&attempts, "a", 61_000)
            .await
            .expect("nor does the second");
    }

    #[tokio::test]
    async fn successes_do_not_count() {
        let attempts = Attempts::default();
        for _ in 0..100 {
            attempts.turn("a", || 0).await.expect("nothing failed");
        }
    }

    #[tokio::test]
    async fn failures_of_other_processes_count() {
        let attempts = Attempts::default();
        let turn = attempts.turn("a", || 5000).await.expect("none failed here");
        let refused = turn.recall((0..10).collect(), 5000);
        assert_eq!(refused, Err(TooMany { retry_after_s: 56 }));
        drop(turn);
        assert!(attempts.turn("a", || 5000).await.is_err());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn parallel_attempts_are_counted_exactly() {
        let attempts = Attempts::default();
        let admitted = Arc::new(AtomicUsize::new(0));
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..5000 {
            let (attempts, admitted) = (attempts.clone(), Arc::clone(&admitted));
            tasks.spawn(async move {
                if let Ok(turn) = attempts.turn("a", || 0).await {
                    admitted.fetch_add(1, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                    turn.failed(0);
                }
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.expect("it ends");
        }
        assert_eq!(admitted.load(Ordering::SeqCst), LIMIT);
    }

    #[tokio::test]
    async fn ids_that_count_no_more_are_forgotten() {
        let attempts = Attempts::default();
        for id in 0..3000 {
            fail(&attempts, &id.to_string(), id * 1000)
                .await
                .expect("each fails once");
        }
        assert!(unpoisoned(&attempts.known).clients.len() <= REMEMBERED + 1);
    }
}
