//! What is only read: each question is answered from one state of the catalogue.

mod containers;
mod subjects;
mod tables;

use std::future::Future;

pub use containers::{
    Enrollable, EnrollableSubjects, NumberOf, Numbers, OptionValues, Shown, TemplateOf, Templates,
    WithRequisites, YearShown,
};
pub use subjects::{
    ByHomeSubject, ByHomeSubjectInTerm, ByNumber, ByNumberInTerm, Found, OneTemplate, Related,
};
pub use tables::{
    Attributes, Codes, Configurations, Described, HomeUnits, Modes, NextYears, Types,
};

use super::reference;
use super::unit::{ContainerRow, row};
use super::values::text;
use crate::db::{DbError, Statement, Transaction};
use crate::subjects::domain::subject::ContainerId;
use crate::subjects::domain::term::Term;
use crate::subjects::domain::violations::Violation;

/// The configuration of the term that is current.
const CURRENT: &str = "currentTermCode";

/// Something that can be asked.
pub trait Question: Send + 'static {
    /// What is answered.
    type Answer: Send + 'static;

    /// Answers it.
    ///
    /// # Errors
    /// There is no answer, or the database failed.
    fn answer(
        self,
        transaction: &mut Transaction<'_>,
    ) -> impl Future<Output = Result<Self::Answer, Unanswered>> + Send;
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// Nothing matches, or the question is wrong.
    #[error("{0}")]
    Wrong(Violation),
    /// A management configuration is missing.
    #[error("the management configuration {0} is missing")]
    Unconfigured(&'static str),
    /// The database failed.
    #[error(transparent)]
    Failed(#[from] DbError),
}

impl From<Violation> for Unanswered {
    fn from(violation: Violation) -> Self {
        Unanswered::Wrong(violation)
    }
}

/// The term that is current.
async fn current_term(transaction: &mut Transaction<'_>) -> Result<Term, Unanswered> {
    let current = reference::configuration(transaction, CURRENT).await?;
    let current = current.and_then(|code| code.parse().ok());
    current.ok_or(Unanswered::Unconfigured(CURRENT))
}

/// The term of that code.
async fn term(transaction: &mut Transaction<'_>, code: &str) -> Result<Term, Unanswered> {
    let no_term = || Violation::NoTerm(code.to_owned());
    let term = code.parse().map_err(|_| no_term())?;
    let statement = Statement::new("SELECT term_code FROM academic_term WHERE term_code = $1");
    let known: Option<(String,)> = transaction.row(statement.bind(text(code))).await?;
    Ok(known.map(|_| term).ok_or_else(no_term)?)
}

/// The own row of a container.
async fn container(
    transaction: &mut Transaction<'_>,
    id: ContainerId,
) -> Result<ContainerRow, Unanswered> {
    let found = row(transaction, id).await?;
    Ok(found.ok_or(Violation::NoContainer(id))?)
}
