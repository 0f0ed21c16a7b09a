//! What has to be right before anything else of a request is looked at: its container and its term.
//! Both are told together, and with what is wrong with the form of the request.

use super::super::checks::Known;
use super::super::ranges::EffectiveTerms;
use super::super::subject::ContainerId;
use super::super::term::Term;
use super::super::timeline::edited_range;
use super::super::violations::Violation;
use super::{Container, Create, Edit, Names, Operation, Refusal, Unit, invalid};

/// What is known of a request that cannot be carried out as it is.
#[derive(Clone, Debug)]
pub enum Asked {
    /// Its container alone.
    Container(ContainerId),
    /// Its term, and its container where that is known: what it would do is not.
    Term(Option<ContainerId>, String),
    /// What it would do.
    Operation(Operation),
}

impl Asked {
    /// Why it would be impossible whatever else it asks for, as far as can be seen without changing
    /// anything.
    ///
    /// # Errors
    /// The catalogue failed.
    pub async fn impossible<U: Unit>(&self, unit: &mut U) -> Result<Vec<Violation>, U::Error> {
        let begun = match self {
            Asked::Container(id) => found(unit, *id).await.map(drop),
            Asked::Term(Some(id), code) => found_at(unit, *id, code).await.map(drop),
            Asked::Term(None, code) => term(unit, code).await,
            Asked::Operation(operation) => operation.begin(unit).await,
        };
        match begun {
            Ok(()) | Err(Refusal::Unconfigured(_)) => Ok(Vec::new()),
            Err(Refusal::Invalid(found)) => Ok(found),
            Err(Refusal::Failed(error)) => Err(error),
        }
    }
}

impl Operation {
    async fn begin<U: Unit>(&self, unit: &mut U) -> Result<(), Refusal<U::Error>> {
        match self {
            Operation::Create(create) => create.begin(unit).await.map(drop),
            Operation::Edit(edit) => edit.begin(unit).await.map(drop),
            Operation::EditRequisites(edit) => edit.begin(unit).await.map(drop),
            Operation::Deactivate(end) => end.begin(unit).await.map(drop),
            Operation::Reactivate(start) => start.begin(unit).await.map(drop),
            Operation::Backdate(start) => start.begin(unit).await.map(drop),
            Operation::Enroll(enroll) => enroll.begin(unit).await.map(drop),
            Operation::PlanTerms(plan) => plan.begin(unit).await.map(drop),
            Operation::ShowYear(show) => show.begin(unit).await.map(drop),
        }
    }
}

/// The value, or the violation among the others.
fn kept<T>(found: &mut Vec<Violation>, checked: Result<T, Violation>) -> Option<T> {
    checked.map_err(|violation| found.push(violation)).ok()
}

async fn located<U: Unit>(
    unit: &mut U,
    id: ContainerId,
) -> Result<Result<Container, Violation>, U::Error> {
    let container = unit.container(id).await?;
    Ok(container.ok_or(Violation::NoContainer(id)))
}

/// The container of that id.
pub(super) async fn found<U: Unit>(
    unit: &mut U,
    id: ContainerId,
) -> Result<Container, Refusal<U::Error>> {
    located(unit, id).await?.map_err(invalid)
}

/// The container of that id, and the term of that code, with the calendar that has it.
pub(super) async fn found_at<U: Unit>(
    unit: &mut U,
    id: ContainerId,
    code: &str,
) -> Result<(Container, Known, Term), Refusal<U::Error>> {
    let mut found = Vec::new();
    let container = kept(&mut found, located(unit, id).await?);
    let known = unit.known(&Names::default()).await?;
    let term = kept(&mut found, known.term(code));
    let both = container.zip(term);
    let (container, term) = both.ok_or(Refusal::Invalid(found))?;
    Ok((container, known, term))
}

/// Whether there is a term of that code.
async fn term<U: Unit>(unit: &mut U, code: &str) -> Result<(), Refusal<U::Error>> {
    let known = unit.known(&Names::default()).await?;
    known.term(code).map(drop).map_err(invalid)
}

impl Create {
    async fn begin<U: Unit>(&self, unit: &mut U) -> Result<EffectiveTerms, Refusal<U::Error>> {
        let known = unit.known(&Names::default()).await?;
        self.terms(&known).map_err(Refusal::Invalid)
    }

    /// The first and the last term of the subject.
    pub(super) fn terms(&self, known: &Known) -> Result<EffectiveTerms, Vec<Violation>> {
        let mut found = Vec::new();
        let from = kept(&mut found, known.term(&self.from));
        let thru = kept(&mut found, known.thru(&self.thru));
        let (from, thru) = from.zip(thru).ok_or(found)?;
        let terms = EffectiveTerms::new(from, thru);
        terms.ok_or_else(|| vec![Violation::FromAfterThru { from, thru }])
    }
}

impl Edit {
    /// The container, and the first of the edited terms.
    pub(super) async fn begin<U: Unit>(
        &self,
        unit: &mut U,
    ) -> Result<(Container, Term, EffectiveTerms), Refusal<U::Error>> {
        let mut found = Vec::new();
        let container = kept(&mut found, located(unit, self.container).await?);
        let calendar = unit.known(&Names::default()).await?;
        let from = kept(&mut found, calendar.term(&self.from));
        let thru = self.thru.as_deref().map(|thru| calendar.thru(thru));
        let thru = thru.transpose();
        let asked = thru.as_ref().ok().copied().flatten();
        let terms = container.as_ref().zip(from).and_then(|(container, from)| {
            let range = edited_range(&container.timeline, from, asked);
            kept(&mut found, range)
        });
        kept(&mut found, thru);
        match (container, from, terms) {
            (Some(container), Some(from), Some(terms)) if found.is_empty() => {
                Ok((container, from, terms))
            }
            _ => Err(Refusal::Invalid(found)),
        }
    }
}
