//! What an operator asks of the subjects on the command line.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use clap::{ArgGroup, Args, Subcommand};

use super::domain::subject::{ContainerId, SubjectId};
use super::history::{HistoryError, Moment, containers_of, picture, svg, table};
use super::protocol::{Asked, entries, lines};
use crate::db::Db;

/// Looks at subjects and at what became of requests.
#[derive(Clone, Debug, Args)]
pub struct SubjectsArguments {
    /// What to look at.
    #[command(subcommand)]
    pub command: SubjectsCommand,
}

/// What can be looked at.
#[derive(Clone, Debug, Subcommand)]
pub enum SubjectsCommand {
    /// Shows the templates and relations of a container over the terms.
    ///
    /// What a container was around a request is replayed from the process log: the terms of every
    /// template, whether it was deleted, and the ranges of every relation are exactly those that the
    /// log tells. Subject ids and titles are those of the records in the backfill queue; versions of
    /// earlier moments are not kept, and not shown. Related containers have the names that they have
    /// now. When the log does not lead to what is stored, because it could not be written or
    /// something was changed beside the program, that is said below.
    History {
        /// A container by its id, or a subject id as in 6.AA1.
        #[arg(value_name = "SUBJECT|CONTAINER")]
        subject: String,
        /// As it was when this request came, by its apiRefId.
        #[arg(long, value_name = "NUMBER", conflicts_with = "after")]
        before: Option<i64>,
        /// As this request left it.
        #[arg(long, value_name = "NUMBER")]
        after: Option<i64>,
        /// Draws it too, into this file: terms across, templates and relations as bars.
        #[arg(long, value_name = "FILE")]
        svg: Option<PathBuf>,
    },
    /// Lists what the process log has of a request, or of a container, the oldest first.
    #[command(group(ArgGroup::new("whose").required(true).multiple(true)))]
    Log {
        /// Of this request, by its apiRefId.
        #[arg(long, value_name = "NUMBER", group = "whose")]
        api_ref: Option<i64>,
        /// Of this container.
        #[arg(long, value_name = "ID", group = "whose")]
        container: Option<i64>,
        /// From this time on, as in 2026-01-31T12:00:00Z.
        #[arg(long, value_name = "TIME")]
        from: Option<DateTime<Utc>>,
        /// Up to this time.
        #[arg(long, value_name = "TIME")]
        to: Option<DateTime<Utc>>,
        /// How many entries to list at most.
        #[arg(long, value_name = "NUMBER", default_value_t = 1000, value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
    },
}

/// Carries out what is asked.
///
/// # Errors
/// There is nothing of that name, a file cannot be written, or the database failed.
pub async fn run(db: &Db, command: SubjectsCommand) -> anyhow::Result<()> {
    let text = match command {
        SubjectsCommand::History {
            subject,
            before,
            after,
            svg,
        } => {
            let moment = match (before, after) {
                (Some(request), _) => Moment::Before(request),
                (None, Some(request)) => Moment::After(request),
                (None, None) => Moment::Now,
            };
            history(db, &subject, moment, svg.as_deref()).await?
        }
        SubjectsCommand::Log {
            api_ref,
            container,
            from,
            to,
            limit,
        } => {
            let asked = Asked {
                api_ref_id: api_ref,
                container_id: container,
                from,
                to,
                limit,
            };
            lines(&entries(db, &asked).await?)
        }
    };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

async fn history(
    db: &Db,
    subject: &str,
    moment: Moment,
    file: Option<&Path>,
) -> anyhow::Result<String> {
    let container = container(db, subject).await?;
    let picture = picture(db, container, moment).await?;
    if let Some(file) = file {
        let written = std::fs::write(file, svg(&picture));
        written.with_context(|| format!("`{}` cannot be written", file.display()))?;
    }
    Ok(table(&picture))
}

/// The container of that id, or the one that has the subject id.
async fn container(db: &Db, text: &str) -> anyhow::Result<ContainerId> {
    if let Ok(id) = text.parse() {
        return Ok(ContainerId(id));
    }
    let Some(id) = SubjectId::parse(text) else {
        bail!("`{text}` is neither a container such as 3 nor a subject id such as 6.AA1");
    };
    let containers = containers_of(db, &id).await?;
    match containers[..] {
        [] => Err(HistoryError::NoSubject(id).into()),
        [container] => Ok(container),
        _ => {
            let containers: Vec<_> = containers.iter().map(ContainerId::to_string).collect();
            bail!(
                "{id} has belonged to several containers; name one of {}",
                containers.join(", ")
            )
        }
    }
}
