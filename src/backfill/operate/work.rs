//! Works the queue off with a program of somebody else's.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};

use super::Wish;
use super::print::record_json;
use crate::backfill::domain::{Taken, Whole};
use crate::backfill::store::Store;
use crate::effects::Effects;

/// How long to wait before looking for new records.
const PAUSE: Duration = Duration::from_millis(500);

/// Which records to work off, and how.
#[derive(Clone, Debug, Args)]
pub struct WorkArguments {
    /// Which records, and for how long.
    #[command(flatten)]
    pub wish: Wish,
    /// Whether to wait for further records when there are none.
    #[arg(long)]
    pub follow: bool,
    /// The program and what it is called with.
    #[arg(last = true, required = true, value_name = "PROGRAM")]
    pub program: Vec<String>,
}

/// Works records off until there are none, or for ever when more are waited for, and gives how many
/// were acknowledged.
///
/// # Errors
/// The database failed, or the program did; the record that it had is returned then.
pub async fn work(
    store: &Store,
    effects: &Effects,
    arguments: WorkArguments,
) -> anyhow::Result<i64> {
    let mut worked = 0;
    loop {
        let lease = arguments.wish.lease(effects)?;
        let lease_id = lease.id.clone();
        let wanted = arguments.wish.wanted();
        match store.lease(&wanted, lease, effects.now()).await? {
            Some(whole) => {
                let worker = Worker {
                    store,
                    effects,
                    arguments: &arguments,
                    lease_id,
                };
                worked += i64::from(worker.record(whole).await?);
            }
            None if arguments.follow => tokio::time::sleep(PAUSE).await,
            None => return Ok(worked),
        }
    }
}

/// One record and what is done with it.
struct Worker<'a> {
    store: &'a Store,
    effects: &'a Effects,
    arguments: &'a WorkArguments,
    lease_id: String,
}

impl Worker<'_> {
    /// Works a record off; `false` when somebody else had got it in the meantime.
    async fn record(&self, whole: Whole) -> anyhow::Result<bool> {
        let queue_id = whole.record.queue_id;
        let ended = match self.start(whole).await {
            Ok(program) => self.wait(program).await,
            Err(error) => Err(error),
        };
        match ended {
            Ok(None) => {
                tracing::warn!(queue_id, "the lease was lost while the program ran");
                Ok(false)
            }
            Ok(Some(status)) if status.success() => {
                let done = self.store.acknowledge(&self.lease_id, self.effects.now());
                Ok(matches!(done.await?, Taken::Held(_)))
            }
            Ok(Some(status)) => {
                self.give_back().await?;
                bail!("the program failed at record {queue_id} ({status}); the record is returned")
            }
            Err(error) => {
                self.give_back().await?;
                Err(error.context(format!("record {queue_id} is returned")))
            }
        }
    }

    async fn give_back(&self) -> anyhow::Result<()> {
        let returned = self.store.give_back(&self.lease_id, self.effects.now());
        returned.await?;
        Ok(())
    }

    /// Starts the program and hands it the record.
    async fn start(&self, whole: Whole) -> anyhow::Result<Child> {
        let [program, arguments @ ..] = &self.arguments.program[..] else {
            bail!("there is no program to work with");
        };
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("`{program}` cannot be started"))?;
        if let Some(mut input) = child.stdin.take() {
            let text = format!("{}\n", record_json(whole));
            // A program that does not read to the end may have its reasons; its status decides.
            let _ = input.write_all(text.as_bytes()).await;
        }
        Ok(child)
    }

    /// Waits for the program's end, and renews the lease until then. Gives `None` when the lease is
    /// lost; the program is ended then.
    async fn wait(&self, mut program: Child) -> anyhow::Result<Option<ExitStatus>> {
        let lease = Duration::from_secs(self.arguments.wish.seconds.into());
        let mut ticks = tokio::time::interval(lease / 3);
        ticks.tick().await;
        loop {
            tokio::select! {
                status = program.wait() => return Ok(Some(status?)),
                _ = ticks.tick() => {
                    let now = self.effects.now();
                    let renewed = self.store.renew(&self.lease_id, now + lease, now).await?;
                    if !matches!(renewed, Taken::Held(_)) {
                        return Ok(None);
                    }
                }
            }
        }
    }
}
