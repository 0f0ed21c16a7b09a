//! Changes of what a subject says from a term on.

use super::super::backfill::Post;
use super::super::checks::{Checks, Edited, Item, Known};
use super::super::requisites::Requisites;
use super::super::subject::{ContainerId, Content, Overlay};
use super::super::term::Term;
use super::super::timeline::edited_range;
use super::super::violations::{Relation, Violation};
use super::change::{Changed, before, carry_out};
use super::{Container, Names, Outcome, Refusal, Settings, Unit, found_at, invalid};

/// Edits what holds from a term on, and relations.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The container.
    pub container: ContainerId,
    /// The code of the term from which the edit has effect.
    pub from: String,
    /// The code of the last term, when the request names it.
    pub thru: Option<String>,
    /// The version of the covering template, when the request names it.
    pub version: Option<u32>,
    /// What the template is to say.
    pub template: Overlay,
    /// Equivalencies.
    pub equivalent_subjects: Vec<Item>,
    /// Scheduling relationships.
    pub subject_relationships: Vec<Item>,
}

impl Edit {
    /// Carries it out.
    ///
    /// # Errors
    /// The request is wrong, or the catalogue failed.
    pub async fn carry_out<U: Unit>(
        self,
        unit: &mut U,
        settings: Settings,
    ) -> Result<Outcome, Refusal<U::Error>> {
        let (mut container, from, terms) = self.begin(unit).await?;
        let previous = container.timeline.covering(from).cloned();
        let previous = previous.ok_or_else(|| invalid(Violation::NoEffectiveTemplate(from)))?;
        let content = self.template.over(&previous.content);

        let lists = [&self.equivalent_subjects, &self.subject_relationships];
        let known = unit.known(&names(&content, lists)).await?;
        let edited = Edited {
            container: Some(container.id),
            terms,
            activity: container.timeline.activity(),
        };
        let mut checks = Checks::new(&known);
        checks.version(self.version, previous.version);
        checks.template(&edited, &self.template, &content);
        let equivalencies = checks.relations(Relation::Equivalency, &edited, lists[0]);
        let scheduling = checks.relations(Relation::Scheduling, &edited, lists[1]);
        checks.home_subject(self.template.home_subject.as_ref().and_then(Option::as_ref));
        checks.finish(()).map_err(Refusal::Invalid)?;

        let before = before(unit, &container, settings).await?;
        let terms = container
            .timeline
            .edit(from, &self.template)
            .map_err(invalid)?;
        let changed = Changed {
            equivalencies,
            scheduling,
            mandate: Some(known.modes),
            ..Changed::new(container, Post::Edit, vec![(Some(previous), terms)])
        };
        carry_out(unit, &before, false, changed).await
    }
}

/// The subject ids and containers that a request with such a template names.
pub(super) fn names(content: &Content, lists: [&Vec<Item>; 2]) -> Names {
    let items = lists.into_iter().flatten();
    Names {
        ids: content.ids().cloned().collect(),
        containers: items.map(|item| item.container).collect(),
    }
}

/// Replaces the pre- and corequisites from a term on.
#[derive(Clone, Debug)]
pub struct EditRequisites {
    /// The container.
    pub container: ContainerId,
    /// The code of the term from which they hold.
    pub from: String,
    /// What is required.
    pub requisites: Requisites,
    /// Operators in the request's trees that there are not, in document order.
    pub unknown_operators: Vec<String>,
}

impl EditRequisites {
    pub(super) async fn begin<U: Unit>(
        &self,
        unit: &mut U,
    ) -> Result<(Container, Known, Term), Refusal<U::Error>> {
        let (container, known, from) = found_at(unit, self.container, &self.from).await?;
        edited_range(&container.timeline, from, None).map_err(invalid)?;
        Ok((container, known, from))
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
        let (mut container, known, from) = self.begin(unit).await?;
        let mut checks = Checks::new(&known);
        checks.operators(&self.unknown_operators);
        checks.requisites(&self.requisites);
        checks.finish(()).map_err(Refusal::Invalid)?;

        let before = before(unit, &container, settings).await?;
        let previous = container.timeline.covering(from).cloned();
        let overlay = Overlay {
            requisites: Some(self.requisites),
            ..Overlay::default()
        };
        let terms = container.timeline.edit(from, &overlay).map_err(invalid)?;
        let changed = Changed::new(container, Post::Requisites, vec![(previous, terms)]);
        carry_out(unit, &before, false, changed).await
    }
}
