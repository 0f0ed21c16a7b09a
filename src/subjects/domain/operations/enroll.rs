//! Under which ids students may enroll.

use std::collections::BTreeMap;

use super::super::backfill::Post;
use super::super::checks::{Checks, Known};
use super::super::subject::{ContainerId, SubjectId};
use super::super::template::Template;
use super::super::term::Term;
use super::super::violations::Violation;
use super::change::{Changed, before, carry_out};
use super::{Container, Outcome, Refusal, Settings, Unit, found_at, invalid};

/// Replaces under which ids of the covering template students may enroll in a term.
#[derive(Clone, Debug)]
pub struct Enroll {
    /// The container.
    pub container: ContainerId,
    /// The code of the term.
    pub term: String,
    /// Ids as written, each with whether students may enroll under it.
    pub subjects: Vec<(String, bool)>,
}

impl Enroll {
    pub(super) async fn begin<U: Unit>(
        &self,
        unit: &mut U,
    ) -> Result<(Container, Known, Term, Template), Refusal<U::Error>> {
        let (container, known, term) = found_at(unit, self.container, &self.term).await?;
        let covering = container.timeline.covering(term).cloned();
        let covering = covering.ok_or_else(|| invalid(Violation::NoEffectiveTemplate(term)))?;
        Ok((container, known, term, covering))
    }

    /// Carries it out.
    ///
    /// # Errors
    /// The request is wrong, or the catalogue failed.
    pub async fn carry_out<U: Unit>(
        self,
        unit: &mut U,
        settings: Settings,
    ) -> Result<Outcome, Refusal<U::Error>> {
        let (mut container, known, term, covering) = self.begin(unit).await?;
        let mut checks = Checks::new(&known);
        checks.enrollable(&self.subjects, &covering.content);
        checks.finish(()).map_err(Refusal::Invalid)?;

        let before = before(unit, &container, settings).await?;
        let terms = container.timeline.touch_covering(term).map_err(invalid)?;
        let subjects = self.subjects.iter();
        let subjects: BTreeMap<_, _> = subjects
            .filter_map(|(id, may)| Some((SubjectId::parse(id)?, *may)))
            .collect();
        unit.enroll(container.id, term, &subjects).await?;
        let edited = vec![(Some(covering), terms)];
        let changed = Changed::new(container, Post::EnrollableSubjects, edited);
        carry_out(unit, &before, false, changed).await
    }
}
