//! What an operator does with the queue on the command line, beside a running server or without
//! one.

mod print;
mod work;

use std::time::Duration;

use anyhow::bail;
use clap::{Args, Subcommand};

use super::domain::{Filter, Kind, Lease, State, Taken, Wanted};
use super::service::parts;
use super::store::Store;
use crate::effects::Effects;
use crate::operate::Format;
use print::Outcome;
pub use work::WorkArguments;

/// Reads the backfill queue and works it off.
#[derive(Clone, Debug, Args)]
pub struct BackfillArguments {
    /// What to do.
    #[command(subcommand)]
    pub command: BackfillCommand,
    /// How the result is printed.
    #[arg(long, global = true, value_enum, default_value = "text")]
    pub format: Format,
}

/// What can be done with the queue.
#[derive(Clone, Debug, Subcommand)]
pub enum BackfillCommand {
    /// Lists records, the oldest first; the conditions combine.
    List {
        /// Only those that this request left.
        #[arg(long, value_name = "NUMBER")]
        api_ref: Option<i64>,
        /// Only those of this container.
        #[arg(long, value_name = "ID")]
        container: Option<i64>,
        /// Only those that concern this subject id, as in 6.AA1.
        #[arg(long, value_name = "SUBJECT")]
        subject: Option<String>,
        /// Only those of this type; NONE for plain changes.
        #[arg(long = "type", value_name = "TYPE")]
        kind: Option<OfKind>,
        /// Only those that are in this state.
        #[arg(long, value_enum, value_name = "STATE", ignore_case = true)]
        state: Option<State>,
        /// Only those with a number above this one.
        #[arg(long, value_name = "NUMBER", default_value_t = 0)]
        after: i64,
        /// How many to list at most.
        #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
    },
    /// Shows a record with what it says.
    Show {
        /// Its number.
        queue_id: i64,
    },
    /// Leases the next record: nobody else gets it until the lease expires.
    Lease {
        /// Which records, and for how long.
        #[command(flatten)]
        wish: Wish,
    },
    /// Acknowledges a record: it is done, and handed out no more.
    Acknowledge {
        /// Its lease.
        lease_id: String,
    },
    /// Lets a lease last longer.
    Renew {
        /// The lease.
        lease_id: String,
        /// How long from now on.
        #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3600))]
        seconds: u32,
    },
    /// Returns a record: it is handed out again at once.
    Return {
        /// Its lease.
        lease_id: String,
    },
    /// Works records off with a program, which gets each as JSON on its standard input.
    ///
    /// A record is acknowledged when the program ends well. The lease is renewed while it runs. When
    /// it fails, the record is returned and the work ends; what is done stays done.
    Work(WorkArguments),
}

/// Which record is wanted, by whom, and for how long.
#[derive(Clone, Debug, Args)]
pub struct Wish {
    /// What the worker calls itself.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    pub worker: String,
    /// How long the lease lasts.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub seconds: u32,
    /// Only records of this container.
    #[arg(long, value_name = "ID")]
    pub container: Option<i64>,
    /// Only records of this type; NONE for plain changes.
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Option<OfKind>,
}

/// A type of records, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfKind(pub Option<Kind>);

impl std::str::FromStr for OfKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, Kind::named(text)) {
            ("NONE", _) => Ok(Self(None)),
            (_, Some(kind)) => Ok(Self(Some(kind))),
            _ => Err("the types are NONE, SR, SD, BD, RQ and TP".to_owned()),
        }
    }
}

/// Carries out what is to be done with the queue.
///
/// # Errors
/// The database failed, or the request is refused.
pub async fn run(
    store: &Store,
    effects: &Effects,
    arguments: BackfillArguments,
) -> anyhow::Result<()> {
    let format = arguments.format;
    let outcome = match arguments.command {
        BackfillCommand::Work(arguments) => {
            Outcome::Worked(work::work(store, effects, arguments).await?)
        }
        command => carry_out(store, effects, command).await?,
    };
    print::print(format, outcome)
}

async fn carry_out(
    store: &Store,
    effects: &Effects,
    command: BackfillCommand,
) -> anyhow::Result<Outcome> {
    let now = effects.now();
    Ok(match command {
        BackfillCommand::List {
            api_ref,
            container,
            subject,
            kind,
            state,
            after,
            limit,
        } => {
            let filter = Filter {
                api_ref_id: api_ref,
                container_id: container,
                subject: subject.as_deref().map(subject_id).transpose()?,
                kind: kind.map(|OfKind(kind)| kind),
                state,
                after,
                limit,
            };
            Outcome::Records(store.list(&filter, now).await?)
        }
        BackfillCommand::Show { queue_id } => match store.find(queue_id, now).await? {
            Some(whole) => Outcome::Whole(Box::new(whole)),
            None => bail!("there is no record {queue_id}; `backfill list` shows those there are"),
        },
        BackfillCommand::Lease { wish } => {
            let lease = wish.lease(effects)?;
            let lease_id = lease.id.clone();
            match store.lease(&wish.wanted(), lease, now).await? {
                Some(whole) => Outcome::Leased(lease_id, Box::new(whole)),
                None => Outcome::Nothing,
            }
        }
        BackfillCommand::Acknowledge { lease_id } => {
            held(store.acknowledge(&lease_id, now).await?, &lease_id)?
        }
        BackfillCommand::Renew { lease_id, seconds } => {
            let until = now + Duration::from_secs(seconds.into());
            held(store.renew(&lease_id, until, now).await?, &lease_id)?
        }
        BackfillCommand::Return { lease_id } => {
            held(store.give_back(&lease_id, now).await?, &lease_id)?
        }
        BackfillCommand::Work(_) => bail!("work is done elsewhere"),
    })
}

fn subject_id(text: &str) -> anyhow::Result<(String, String)> {
    match parts(text) {
        Some(parts) => Ok(parts),
        None => bail!("`{text}` is no subject id such as 6.AA1"),
    }
}

fn held(taken: Taken, lease_id: &str) -> anyhow::Result<Outcome> {
    match taken {
        Taken::Held(record) => Ok(Outcome::Records(vec![record])),
        Taken::Acknowledged => bail!("the record of lease `{lease_id}` is acknowledged already"),
        Taken::Lost => bail!(
            "there is no lease `{lease_id}` any more; `backfill list --state LEASED` shows who has \
             which record"
        ),
    }
}

impl Wish {
    fn wanted(&self) -> Wanted {
        Wanted {
            container_id: self.container,
            kind: self.kind.map(|OfKind(kind)| kind),
        }
    }

    /// A new lease for this worker.
    fn lease(&self, effects: &Effects) -> anyhow::Result<Lease> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if !(1..=64).contains(&self.worker.len()) || !self.worker.bytes().all(plain) {
            bail!(
                "`{}` cannot be the name of a worker: use 1 to 64 letters, digits, `.`, `_` and `-`",
                self.worker
            );
        }
        Ok(Lease {
            id: effects.new_id(),
            worker: self.worker.clone(),
            until: effects.now() + Duration::from_secs(self.seconds.into()),
        })
    }
}
