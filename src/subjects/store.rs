//! The catalogue in the database.
//!
//! A change is one transaction under one lock: what it has read holds until it is durable, so that
//! rules over several tables need no second try. The log is written in transactions of its own.
//!
//!
//! | module | what it keeps |
//! |---|---|
//! | `templates`, `relations`, `queue` | the catalogue and what is told of it |
//! | `reference` | what subjects refer to |
//! | `unit` | all of these as one unit of work |
//! | `mandate` | who says which experimental grading modes there are |
//! | `log` | reference numbers and the process log |
//! | `questions` | what is only read |

mod log;
mod mandate;
mod notices;
pub mod questions;
mod queue;
mod reference;
mod relations;
mod templates;
mod unit;
mod values;

use std::error::Error as _;

pub use log::{Entry, LogType, next_reference};
pub use mandate::Mandate;
pub use notices::{Delivery, Notice};
pub use questions::{Question, Unanswered};

use crate::db::{Db, DbError};
use crate::subjects::domain::operations::{Asked, Operation, Outcome, Refusal, Settings};
use crate::subjects::domain::violations::Violation;
use unit::Work;

/// The lock of PostgreSQL under which the catalogue is changed. Any number will do as long as
/// every version of the program uses the same.
pub const LOCK: i64 = 0x5375_626a_6563_7401;

/// The catalogue in a database; clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    db: Db,
    mandate: Mandate,
    settings: Settings,
}

/// What rows tell of the request that wrote them.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// Its reference number.
    pub api_ref_id: i64,
    /// When it came, ISO 8601 in UTC.
    pub at: String,
    /// Who wants the change.
    pub updated_by: Option<String>,
}

/// Why a change was not made, though nothing failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The request is wrong.
    Invalid(Vec<Violation>),
    /// A management configuration is missing.
    Unconfigured(&'static str),
}

impl Store {
    /// The catalogue in this database.
    pub fn new(db: Db, mandate: Mandate, settings: Settings) -> Self {
        Self {
            db,
            mandate,
            settings,
        }
    }

    /// Draws the next reference number; it is used up whatever comes of the request.
    ///
    /// # Errors
    /// The database failed.
    pub async fn next_reference(&self) -> Result<i64, DbError> {
        log::next_reference(&self.db).await
    }

    /// Carries out an operation with its records in the queue: all of it, or nothing.
    ///
    /// # Errors
    /// The database failed.
    pub async fn carry_out(
        &self,
        operation: Operation,
        circumstances: Circumstances,
    ) -> Result<Result<Outcome, Refused>, DbError> {
        let (mandate, settings) = (self.mandate, self.settings);
        let done = self.db.exclusively_unless(LOCK, move |transaction| {
            Box::pin(async move {
                let mut work = Work::new(transaction, circumstances, mandate);
                match operation.carry_out(&mut work, settings).await {
                    Ok(outcome) => Ok(Ok(outcome)),
                    Err(Refusal::Invalid(found)) => Ok(Err(Refused::Invalid(found))),
                    Err(Refusal::Unconfigured(code)) => Ok(Err(Refused::Unconfigured(code))),
                    Err(Refusal::Failed(error)) => Err(error),
                }
            })
        });
        done.await
    }

    /// Why a request cannot be carried out whatever else it asks for; nothing is changed.
    ///
    /// # Errors
    /// The database failed.
    pub async fn impossible(
        &self,
        asked: Asked,
        circumstances: Circumstances,
    ) -> Result<Vec<Violation>, DbError> {
        let mandate = self.mandate;
        let looked = self.db.view(move |transaction| {
            Box::pin(async move {
                let mut work = Work::new(transaction, circumstances, mandate);
                asked.impossible(&mut work).await
            })
        });
        looked.await
    }

    /// Writes entries of the log, all or none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn log(&self, entries: &[Entry]) -> Result<(), DbError> {
        log::write(&self.db, entries).await
    }

    /// Answers a question from one state of the catalogue.
    ///
    /// # Errors
    /// There is no answer, or the database failed.
    pub async fn ask<Q: Question>(&self, question: Q) -> Result<Q::Answer, Unanswered> {
        let answered = self.db.view(move |mut transaction| {
            Box::pin(async move {
                match question.answer(&mut transaction).await {
                    Err(Unanswered::Failed(error)) => Err(error),
                    answered => Ok(answered),
                }
            })
        });
        answered.await?
    }
}

/// The error and its causes in one line, for the log.
pub fn chain(error: &DbError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
