//! The one writer of a SQLite file, which commits what is waiting with one sync.
//!
//! A commit costs a sync of the disk, however little it holds. So acts that arrive while one
//! commit is under way are carried out together in the next one, and each is answered only after
//! that commit. An act that fails takes back its own statements and nobody else's.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Executor};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::exclusive::settled;
use super::slow::Watch;
use super::{DbError, Pending, Statement, Transaction};

/// How long a commit waits for the acts that, going by the last one, are on their way. It is a
/// fraction of what a sync costs, and nothing when the last commit held a single act.
const GATHERING: Duration = Duration::from_micros(800);

/// The rows of each statement of an act.
type Rows = Vec<Vec<SqliteRow>>;

/// A handle on the writer; clones share it.
#[derive(Clone, Debug)]
pub struct Writer {
    queue: mpsc::Sender<Message>,
    counters: Arc<Counters>,
    task: Arc<Mutex<Option<JoinHandle<()>>>>,
}

/// What a writer has done so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriterCounts {
    /// Acts that were acknowledged.
    pub acts: u64,
    /// Commits, each of which is one sync.
    pub commits: u64,
}

#[derive(Debug, Default)]
struct Counters {
    acts: AtomicU64,
    commits: AtomicU64,
}

enum Message {
    Act(Act),
    /// Empty the log into the file, and close it if that went well.
    Leave(oneshot::Sender<Result<(), DbError>>),
    Close,
}

/// What one asker wants done, all or nothing.
enum Act {
    Statements {
        statements: Vec<Statement>,
        answer: oneshot::Sender<Result<Rows, DbError>>,
    },
    Work(Work),
}

/// Work that decides between its statements.
type Work = Box<
    dyn for<'c> FnOnce(&'c mut SqliteConnection) -> Pin<Box<dyn Future<Output = Done> + Send + 'c>>
        + Send,
>;

/// An act that has been carried out and waits for its commit.
struct Done {
    succeeded: bool,
    answer: Answer,
}

/// Tells the asker, once it is known what became of the commit.
enum Answer {
    Rows(
        Result<Rows, DbError>,
        oneshot::Sender<Result<Rows, DbError>>,
    ),
    Work(Box<dyn FnOnce(Result<(), DbError>) + Send>),
}

impl Answer {
    // Whoever asked may have gone; the act stands all the same.
    fn send(self, committed: Result<(), DbError>) {
        match self {
            Answer::Rows(outcome, answer) => drop(answer.send(committed.and(outcome))),
            Answer::Work(answer) => answer(committed),
        }
    }
}

impl Writer {
    /// Takes over the connection.
    pub(super) fn start(connection: SqliteConnection, acts_per_commit: usize) -> Self {
        let acts_per_commit = acts_per_commit.max(1);
        let (queue, messages) = mpsc::channel(acts_per_commit.max(64) * 2);
        let counters = Arc::new(Counters::default());
        let worker = Worker {
            connection,
            messages,
            counters: Arc::clone(&counters),
            acts_per_commit,
            expected: 1,
            next: None,
        };
        Self {
            queue,
            counters,
            task: Arc::new(Mutex::new(Some(tokio::spawn(worker.run())))),
        }
    }

    /// Carries out the statements, all or none, and answers when they are stored durably.
    ///
    /// # Errors
    /// A statement was refused, the commit failed, or the writer is closed.
    pub async fn act(&self, statements: Vec<Statement>) -> Result<Rows, DbError> {
        let (answer, answered) = oneshot::channel();
        self.ask(Act::Statements { statements, answer }).await?;
        answered.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Carries out work, all or nothing, and answers when it is stored durably.
    ///
    /// # Errors
    /// The work failed or panicked, the commit failed, or the writer is closed.
    pub(super) async fn work<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(Transaction<'c>) -> Pending<'c, T> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |connection| {
            Box::pin(async move {
                // A panic must not end the writer: nobody could write any more.
                let outcome = settled(work, Transaction::sqlite(connection)).await;
                let succeeded = outcome.is_ok();
                let answer = Answer::Work(Box::new(move |committed: Result<(), DbError>| {
                    drop(answer.send(committed.and(outcome)));
                }));
                Done { succeeded, answer }
            })
        });
        self.ask(Act::Work(work)).await?;
        answered.await.unwrap_or_else(|_| Err(gone()))
    }

    async fn ask(&self, act: Act) -> Result<(), DbError> {
        let sent = self.queue.send(Message::Act(act)).await;
        sent.map_err(|_| gone())
    }

    /// Whether the writer takes acts.
    pub fn is_running(&self) -> bool {
        !self.queue.is_closed()
    }

    /// What has been done so far.
    pub fn counts(&self) -> WriterCounts {
        WriterCounts {
            acts: self.counters.acts.load(Ordering::Relaxed),
            commits: self.counters.commits.load(Ordering::Relaxed),
        }
    }

    /// Carries out what is waiting, and closes the file.
    pub async fn close(&self) {
        // A queue that is gone means that somebody else has closed it.
        let _ = self.queue.send(Message::Close).await;
        self.ended().await;
    }

    /// Carries out what is waiting, puts all that is in the log into the file, and closes it.
    ///
    /// # Errors
    /// Somebody else reads from the log, or the file cannot be written; it stays open.
    pub(super) async fn leave(&self) -> Result<(), DbError> {
        let (answer, answered) = oneshot::channel();
        if self.queue.send(Message::Leave(answer)).await.is_ok() {
            answered.await.unwrap_or_else(|_| Err(gone()))?;
        }
        self.ended().await;
        Ok(())
    }

    async fn ended(&self) {
        if let Some(task) = self.task.lock().await.take()
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the writer of the database stopped");
        }
    }
}

fn gone() -> DbError {
    DbError::Unavailable(sqlx::Error::PoolClosed)
}

/// The task behind a [`Writer`].
struct Worker {
    connection: SqliteConnection,
    messages: mpsc::Receiver<Message>,
    counters: Arc<Counters>,
    acts_per_commit: usize,
    /// How many acts the last commit held.
    expected: usize,
    /// What came while acts were gathered, and is none.
    next: Option<Message>,
}

impl Worker {
    async fn run(mut self) {
        while let Some(message) = self.message().await {
            match message {
                Message::Act(act) => self.batch(act).await,
                Message::Leave(answer) => {
                    let emptied = self.empty_log().await;
                    let is_over = emptied.is_ok();
                    drop(answer.send(emptied));
                    if is_over {
                        break;
                    }
                }
                Message::Close => break,
            }
        }
        self.messages.close();
        if let Err(error) = self.connection.close().await {
            tracing::error!(%error, "the database could not be closed");
        }
    }

    async fn message(&mut self) -> Option<Message> {
        match self.next.take() {
            Some(message) => Some(message),
            None => self.messages.recv().await,
        }
    }

    async fn empty_log(&mut self) -> Result<(), DbError> {
        let emptied = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)");
        let (is_busy, _, _): (i64, i64, i64) = emptied.fetch_one(&mut self.connection).await?;
        match is_busy {
            0 => Ok(()),
            _ => Err(DbError::Unavailable(sqlx::Error::PoolTimedOut)),
        }
    }

    /// One transaction: the first act, and those that come until it is committed.
    async fn batch(&mut self, act: Act) {
        if let Err(error) = self.connection.execute("BEGIN IMMEDIATE").await {
            match act {
                Act::Statements { answer, .. } => drop(answer.send(Err(error.into()))),
                // Work that is dropped closes the channel it would have answered on.
                Act::Work(work) => drop(work),
            }
            return;
        }
        let mut done = Vec::with_capacity(self.expected);
        done.push(carry_out(&mut self.connection, act).await);
        let deadline = Instant::now() + GATHERING;
        while done.len() < self.acts_per_commit {
            match self.gathered(done.len(), deadline).await {
                Some(Message::Act(act)) => done.push(carry_out(&mut self.connection, act).await),
                other => {
                    self.next = other;
                    break;
                }
            }
        }
        self.expected = done.len();
        self.commit(done).await;
    }

    /// What is waiting, or what comes in the little time worth waiting for it.
    async fn gathered(&mut self, gathered: usize, deadline: Instant) -> Option<Message> {
        if let Ok(message) = self.messages.try_recv() {
            return Some(message);
        }
        if gathered >= self.expected {
            return None;
        }
        tokio::time::timeout_at(deadline, self.messages.recv())
            .await
            .ok()
            .flatten()
    }

    async fn commit(&mut self, done: Vec<Done>) {
        let watch = Watch::new("COMMIT");
        let committed = self.connection.execute("COMMIT").await;
        drop(watch);
        let Err(error) = committed else {
            self.counters.commits.fetch_add(1, Ordering::Relaxed);
            for Done { succeeded, answer } in done {
                self.counters
                    .acts
                    .fetch_add(succeeded.into(), Ordering::Relaxed);
                answer.send(Ok(()));
            }
            return;
        };
        tracing::error!(%error, acts = done.len(), "a commit failed");
        // There is nothing to roll back when the engine has done so by itself.
        let _ = self.connection.execute("ROLLBACK").await;
        let reason = error.to_string();
        for Done { answer, .. } in done {
            answer.send(Err(sqlx::Error::Protocol(reason.clone()).into()));
        }
    }
}

/// Carries out one act inside the open transaction. A single statement takes itself back when it
/// fails; anything more needs a savepoint for that.
async fn carry_out(connection: &mut SqliteConnection, act: Act) -> Done {
    match act {
        Act::Statements { statements, answer } => {
            let outcome = statements_of_act(connection, statements).await;
            Done {
                succeeded: outcome.is_ok(),
                answer: Answer::Rows(outcome, answer),
            }
        }
        Act::Work(work) => work_of_act(connection, work).await,
    }
}

async fn statements_of_act(
    connection: &mut SqliteConnection,
    statements: Vec<Statement>,
) -> Result<Rows, DbError> {
    if statements.len() == 1 {
        return run(connection, statements).await;
    }
    connection.execute("SAVEPOINT act").await?;
    let outcome = run(connection, statements).await;
    if outcome.is_err() {
        connection.execute("ROLLBACK TO act").await?;
    }
    connection.execute("RELEASE act").await?;
    outcome
}

async fn work_of_act(connection: &mut SqliteConnection, work: Work) -> Done {
    if let Err(error) = connection.execute("SAVEPOINT act").await {
        drop(work);
        tracing::error!(%error, "work could not begin");
        return Done {
            succeeded: false,
            answer: Answer::Work(Box::new(drop)),
        };
    }
    let done = work(&mut *connection).await;
    let mut settled = Ok(());
    if !done.succeeded {
        settled = connection.execute("ROLLBACK TO act").await.map(drop);
    }
    if settled.is_ok() {
        settled = connection.execute("RELEASE act").await.map(drop);
    }
    match settled {
        Ok(()) => done,
        Err(error) => {
            let answer = done.answer;
            Done {
                succeeded: false,
                answer: Answer::Work(Box::new(move |committed| {
                    answer.send(committed.and(Err(error.into())));
                })),
            }
        }
    }
}

async fn run(
    connection: &mut SqliteConnection,
    statements: Vec<Statement>,
) -> Result<Rows, DbError> {
    let mut rows = Vec::with_capacity(statements.len());
    for statement in statements {
        let _watch = statement.watch();
        rows.push(statement.sqlite().fetch_all(&mut *connection).await?);
    }
    Ok(rows)
}
