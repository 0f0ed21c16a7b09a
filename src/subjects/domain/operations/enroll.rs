//! Under which ids students may enroll.

use std::collections::BTreeMap;

use super::super::backfill::Post;
use super::super::checks::Checks;
use super::super::subject::{ContainerId, SubjectId};
use super::super::violations::Violation;
use super::change::{Changed, before, carry_out};
use super::{Names, Outcome, Refusal, Settings, Unit, found, invalid};

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
    /// Carries it out.
    ///
    /// # Errors
    /// The request is wrong, or the catalogue failed.
    pub async fn carry_out<U: Unit>(
        self,
        unit: &mut U,
        settings: Settings,
    ) -> Result<Outcome, Refusal<U::Error>> {
        let mut container = found(unit, self.container).await?;
        let known = unit.known(&Names::default()).await?;
        let term = known.term(&self.term).map_err(invalid)?;
        let covering = container.timeline.covering(term).cloned();
        let covering = covering.ok_or_else(|| invalid(Violation::NoEffectiveTemplate(term)))?;
        let mut checks = Checks::new(&known);
        for (id, _) in &self.subjects {
            checks.enrollable(id, &covering.content);
        }
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
