//! The operations on the catalogue, from a request to what it wrote.
//!
//! All go the same way: look, refuse what is wrong, change the templates, then the relations, ask
//! the mandate, and compose the records from the catalogue before and after.

mod change;
mod possible;
mod unit;

mod create;
mod edit;
mod end;
mod enroll;
mod year;

pub use create::Create;
pub use edit::{Edit, EditRequisites};
pub use end::{Backdate, Deactivate, Reactivate};
pub use enroll::Enroll;
pub use possible::Asked;
pub use unit::{Container, Names, Unit};
pub use year::{PlanTerms, ShowYear};

use super::log::Component;
use super::subject::{ContainerId, TemplateId};
use super::violations::Violation;
use possible::{found, found_at};

/// One request to change the catalogue.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each is what its struct says")]
pub enum Operation {
    Create(Box<Create>),
    Edit(Box<Edit>),
    EditRequisites(Box<EditRequisites>),
    Deactivate(Deactivate),
    Reactivate(Box<Reactivate>),
    Backdate(Backdate),
    Enroll(Enroll),
    PlanTerms(PlanTerms),
    ShowYear(ShowYear),
}

impl Operation {
    /// Carries it out; its unit of work is to be committed afterwards.
    ///
    /// # Errors
    /// The request is wrong, or the catalogue failed; the unit of work is to be given up.
    pub async fn carry_out<U: Unit>(
        self,
        unit: &mut U,
        settings: Settings,
    ) -> Result<Outcome, Refusal<U::Error>> {
        match self {
            Operation::Create(create) => create.carry_out(unit, settings).await,
            Operation::Edit(edit) => edit.carry_out(unit, settings).await,
            Operation::EditRequisites(edit) => edit.carry_out(unit, settings).await,
            Operation::Deactivate(deactivate) => deactivate.carry_out(unit, settings).await,
            Operation::Reactivate(reactivate) => reactivate.carry_out(unit, settings).await,
            Operation::Backdate(backdate) => backdate.carry_out(unit, settings).await,
            Operation::Enroll(enroll) => enroll.carry_out(unit, settings).await,
            Operation::PlanTerms(plan) => plan.carry_out(unit, settings).await,
            Operation::ShowYear(show) => show.carry_out(unit, settings).await,
        }
    }
}

macro_rules! operations {
    ($($boxed:ident),*; $($plain:ident),*) => {
        $(impl From<$boxed> for Operation {
            fn from(operation: $boxed) -> Self {
                Operation::$boxed(Box::new(operation))
            }
        })*
        $(impl From<$plain> for Operation {
            fn from(operation: $plain) -> Self {
                Operation::$plain(operation)
            }
        })*
    };
}

operations!(Create, Edit, EditRequisites, Reactivate; Deactivate, Backdate, Enroll, PlanTerms, ShowYear);

/// What operations are told besides the request.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// For how many years before the gate records tell what has ended.
    pub retention_years: u16,
}

/// What an operation did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The container.
    pub container: ContainerId,
    /// The templates that resulted from the edited range, in order.
    pub templates: Vec<TemplateId>,
    /// The records in the queue, in order.
    pub queued: Vec<i64>,
    /// The notifications that are ready to be sent.
    pub notifications: Vec<i64>,
    /// What changed, for the log.
    pub components: Vec<Component>,
    /// What the mandate procedure said of all templates, joined.
    pub mandate_output: Option<String>,
    /// Why outputs of the mandate procedure were ignored, for the log.
    pub warnings: Vec<String>,
}

/// Why an operation was not carried out; nothing of it may last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal<E> {
    /// The request is wrong.
    Invalid(Vec<Violation>),
    /// A management configuration is missing.
    Unconfigured(&'static str),
    /// The catalogue failed.
    Failed(E),
}

impl<E> From<E> for Refusal<E> {
    fn from(error: E) -> Self {
        Refusal::Failed(error)
    }
}

fn invalid<E>(violation: Violation) -> Refusal<E> {
    Refusal::Invalid(vec![violation])
}
