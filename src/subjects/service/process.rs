//! The account that is kept of every request to change something: it draws a reference number,
//! the change is made or not, and the log tells which.
//!
//! | what came of it | the catalogue | the log | the answer |
//! |---|---|---|---|
//! | done | as changed | components, warnings, a result | 200 or 201 |
//! | refused | as before | a row for each violation | 400 |
//! | failed | as before | an exception | 500 |
//! | done or not, and the log fails | as it is | nothing | the same, and that the log failed |

use chrono::{DateTime, SecondsFormat, Utc};
use specwright_runtime::{Context, Fault};

use super::super::contract::{Changed, ChangedYear, ErrorDetail, Refused, RefusedErrorMessage};
use super::super::domain::log::Component;
use super::super::domain::operations::{Asked, Operation, Outcome};
use super::super::domain::subject::ContainerId;
use super::super::domain::violations::{Cause, Exception, Violation};
use super::super::store::{self, Circumstances, Entry, LogType, Store, chain};
use crate::db::DbError;
use crate::effects::Effects;
use crate::faults::caught;

/// A request to change something.
pub struct Request {
    /// The container, when it has one already.
    pub container: Option<ContainerId>,
    /// What is to be done.
    pub operation: Result<Operation, Wrong>,
    /// Who wants it.
    pub updated_by: Option<String>,
}

impl Request {
    /// A request that can be carried out as far as can be seen.
    pub fn of(container: ContainerId, operation: Operation, updated_by: Option<String>) -> Self {
        Self {
            container: Some(container),
            operation: Ok(operation),
            updated_by,
        }
    }
}

/// A request whose form is wrong. Whether its container and its term are right is told with it.
///
#[derive(Default)]
pub struct Wrong {
    /// What is wrong with what the body says.
    pub body: Vec<Violation>,
    /// What is wrong with what the path says.
    pub path: Vec<Violation>,
    /// What is asked for, as far as it can be read.
    pub asked: Option<Asked>,
}

impl Wrong {
    /// All that is wrong, once it is known what makes the operation impossible: the form, then the
    /// container, then the term, each message once.
    fn told(self, impossible: Vec<Violation>) -> Vec<Violation> {
        let is_container = |found: &Violation| matches!(found, Violation::NoContainer(_));
        let (containers, terms): (Vec<_>, Vec<_>) = impossible.into_iter().partition(is_container);
        let mut told: Vec<Violation> = Vec::new();
        let all = [self.body, containers, self.path, terms];
        for violation in all.into_iter().flatten() {
            let text = violation.to_string();
            if !told.iter().any(|known| known.to_string() == text) {
                told.push(violation);
            }
        }
        told
    }
}

/// Keeps the account; clones share it.
#[derive(Clone)]
pub struct Processes {
    store: Store,
    effects: Effects,
}

/// A request under its reference number.
#[derive(Clone, Debug)]
pub struct Process {
    /// The reference number.
    pub api_ref_id: i64,
    /// The operation, by the name that the contract gives it.
    pub name: &'static str,
    /// The container, once it is known.
    pub container: Option<i64>,
    /// When the request came.
    pub at: DateTime<Utc>,
}

impl Process {
    /// The time as rows have it.
    pub fn time(&self) -> String {
        self.at.to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// An entry of the log.
    pub fn entry(&self, log_type: LogType, message: String) -> Entry {
        Entry {
            api_ref_id: self.api_ref_id,
            container_id: self.container,
            process_name: self.name,
            log_type,
            component: None,
            action: None,
            message,
            at: self.time(),
        }
    }

    /// The entry of a changed component.
    pub fn component(&self, component: Component) -> Entry {
        Entry {
            component: Some(component.component),
            action: Some(component.action),
            ..self.entry(LogType::Component, component.message)
        }
    }
}

/// What a change did, and what else there is to say.
#[derive(Debug)]
pub struct Done {
    api_ref_id: i64,
    outcome: Outcome,
    details: Vec<ErrorDetail>,
}

impl Processes {
    /// In this store.
    pub fn new(store: Store, effects: Effects) -> Self {
        Self { store, effects }
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What time it is.
    pub fn now(&self) -> DateTime<Utc> {
        self.effects.now()
    }

    /// Draws a reference number; without one nothing is done, and nothing can be logged.
    ///
    /// # Errors
    /// What the caller is told when there is none to be had.
    pub async fn begin(
        &self,
        name: &'static str,
        container: Option<i64>,
    ) -> Result<Process, Refused> {
        let at = self.effects.now();
        match self.store.next_reference().await {
            Ok(api_ref_id) => Ok(Process {
                api_ref_id,
                name,
                container,
                at,
            }),
            Err(error) => {
                tracing::error!(cause = chain(&error), "no reference number can be drawn");
                Err(refused(500, None, vec![exception(Cause::Database)]))
            }
        }
    }

    /// Makes a change and keeps account of it. It goes on when the caller is gone: what was begun
    /// is logged.
    ///
    /// # Errors
    /// The change could not be followed to its end.
    pub async fn change(
        &self,
        request: Request,
        context: &Context,
    ) -> Result<Result<Done, Refused>, Fault> {
        let (processes, name) = (self.clone(), context.operation().id);
        let client = context.grant("client_secret");
        let client = client.map(|client| client.subject().to_owned());
        let following = tokio::spawn(async move {
            let container = request.container.map(|id| id.0);
            let process = processes.begin(name, container).await?;
            let mut own = process.clone();
            let outcome = caught(processes.carry_out(&mut own, request, client)).await;
            processes.survived(&process, outcome).await
        });
        Ok(following.await?)
    }

    /// What came of a request under its number, or that it panicked, which is told under the same
    /// number.
    ///
    /// # Errors
    /// It was refused or failed.
    pub async fn survived<T>(
        &self,
        process: &Process,
        outcome: Result<Result<T, Refused>, String>,
    ) -> Result<T, Refused> {
        match outcome {
            Ok(outcome) => outcome,
            Err(words) => Err(self.panicked(process, words).await),
        }
    }

    async fn panicked(&self, process: &Process, words: String) -> Refused {
        tracing::error!(
            api_ref_id = process.api_ref_id,
            cause = words,
            "a request panicked"
        );
        let words = format!("the work panicked: {words}");
        self.fail(process, Cause::Internal, Some(words)).await
    }

    async fn carry_out(
        &self,
        process: &mut Process,
        request: Request,
        client: Option<String>,
    ) -> Result<Done, Refused> {
        let circumstances = Circumstances {
            api_ref_id: process.api_ref_id,
            at: process.time(),
            updated_by: request.updated_by.or(client),
        };
        let operation = match request.operation {
            Ok(operation) => operation,
            Err(wrong) => return Err(self.refuse_form(process, wrong).await),
        };
        match self.store.carry_out(operation, circumstances).await {
            Ok(Ok(outcome)) => Ok(self.record(process, outcome).await),
            Ok(Err(store::Refused::Invalid(violations))) => {
                Err(self.refuse(process, &violations).await)
            }
            Ok(Err(store::Refused::Unconfigured(code))) => {
                Err(self.fail(process, Cause::Configuration(code), None).await)
            }
            Err(error) => Err(self.fail_of(process, &error).await),
        }
    }

    /// Logs what was done.
    async fn record(&self, process: &mut Process, outcome: Outcome) -> Done {
        process.container = Some(outcome.container.0);
        let components = outcome.components.iter().cloned();
        let mut entries: Vec<_> = components.map(|one| process.component(one)).collect();
        let warnings = outcome.warnings.iter().cloned();
        entries.extend(warnings.map(|text| process.entry(LogType::Warning, text)));
        let ids = |ids: &[i64]| {
            ids.iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(",")
        };
        let templates: Vec<_> = outcome.templates.iter().map(|id| id.0).collect();
        let mut result = format!(
            "templates {} queue {}",
            ids(&templates),
            ids(&outcome.queued)
        );
        if !outcome.notifications.is_empty() {
            result.push_str(&format!(" notifications {}", ids(&outcome.notifications)));
        }
        if let Some(output) = &outcome.mandate_output {
            result.push_str(&format!(" mandate {output}"));
        }
        entries.push(process.entry(LogType::Result, result));
        Done {
            api_ref_id: process.api_ref_id,
            details: self.log(&entries).await.into_iter().collect(),
            outcome,
        }
    }

    /// Logs what is wrong with the form of a request, and with its container and its term, and says
    /// so.
    pub async fn refuse_form(&self, process: &Process, mut wrong: Wrong) -> Refused {
        let circumstances = Circumstances {
            api_ref_id: process.api_ref_id,
            at: process.time(),
            updated_by: None,
        };
        let impossible = match wrong.asked.take() {
            Some(asked) => self.store.impossible(asked, circumstances).await,
            None => Ok(Vec::new()),
        };
        match impossible {
            Ok(impossible) => self.refuse(process, &wrong.told(impossible)).await,
            Err(error) => self.fail_of(process, &error).await,
        }
    }

    /// Logs what is wrong with a request, and says so.
    pub async fn refuse(&self, process: &Process, violations: &[Violation]) -> Refused {
        let entry =
            |violation: &Violation| process.entry(LogType::Validation, violation.to_string());
        let entries: Vec<_> = violations.iter().map(entry).collect();
        let mut details: Vec<_> = violations.iter().map(detail).collect();
        details.extend(self.log(&entries).await);
        refused(400, Some(process.api_ref_id), details)
    }

    /// Logs a failure of the database or in its transaction, and says that there was one.
    async fn fail_of(&self, process: &Process, error: &DbError) -> Refused {
        let words = chain(error);
        tracing::error!(
            api_ref_id = process.api_ref_id,
            cause = words,
            "a change failed"
        );
        self.fail(process, cause(error), Some(words)).await
    }

    /// Logs a failure, with the words of what failed, and says that there was one.
    pub async fn fail(&self, process: &Process, cause: Cause, words: Option<String>) -> Refused {
        let mut details = vec![exception(cause.clone())];
        let entry = process.entry(LogType::Exception, told(&cause, words));
        details.extend(self.log(&[entry]).await);
        refused(500, Some(process.api_ref_id), details)
    }

    /// Writes entries; when that fails, only the answer tells.
    pub async fn log(&self, entries: &[Entry]) -> Option<ErrorDetail> {
        let error = self.store.log(entries).await.err()?;
        tracing::error!(cause = chain(&error), "the process log cannot be written");
        let cause = Cause::ProcessLog(Box::new(Cause::Database));
        Some(exception(cause))
    }
}

/// What callers are told of a failure in the database: a panic there is none of its own.
pub fn cause(error: &DbError) -> Cause {
    match error {
        DbError::Panicked(_) => Cause::Internal,
        _ => Cause::Database,
    }
}

/// What the log tells of a failure: the caller's sentence, and the words of what failed.
pub fn told(cause: &Cause, words: Option<String>) -> String {
    match words {
        Some(words) => format!("Error: Exception : {cause} : {words} "),
        None => Exception(cause.clone()).to_string(),
    }
}

/// A violation as an answer tells it.
pub fn detail(violation: &Violation) -> ErrorDetail {
    ErrorDetail {
        message: violation.to_string(),
    }
}

/// A failure as an answer tells it.
pub fn exception(cause: Cause) -> ErrorDetail {
    ErrorDetail {
        message: Exception(cause).to_string(),
    }
}

/// Why a change was not made, as an answer.
pub fn refused(
    error_code: i32,
    api_ref_id: Option<i64>,
    error_details: Vec<ErrorDetail>,
) -> Refused {
    Refused {
        error_code,
        error_message: RefusedErrorMessage::Error,
        error_details,
        api_ref_id: api_ref_id.into(),
    }
}

impl From<Done> for Changed {
    fn from(done: Done) -> Self {
        Self {
            api_ref_id: done.api_ref_id,
            container_id: done.outcome.container.0,
            template_ids: done.outcome.templates.into_iter().map(|id| id.0).collect(),
            queue_ids: done.outcome.queued,
            error_details: done.details,
        }
    }
}

impl From<Done> for ChangedYear {
    fn from(done: Done) -> Self {
        let notification_ids = done.outcome.notifications.clone();
        let changed = Changed::from(done);
        Self {
            api_ref_id: changed.api_ref_id,
            container_id: changed.container_id,
            template_ids: changed.template_ids,
            queue_ids: changed.queue_ids,
            notification_ids,
            error_details: changed.error_details,
        }
    }
}
