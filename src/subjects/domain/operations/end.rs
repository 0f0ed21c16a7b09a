//! Where a subject begins and ends.

use super::super::backfill::Post;
use super::super::checks::{Checks, Edited, Item, Known};
use super::super::ranges::EffectiveTerms;
use super::super::relations::ended_before;
use super::super::subject::{ContainerId, Overlay};
use super::super::template::Template;
use super::super::term::Term;
use super::super::timeline::Timeline;
use super::super::violations::{Relation, Violation};
use super::change::{Changed, before, carry_out};
use super::edit::names;
use super::{Container, Outcome, Refusal, Settings, Unit, found_at, invalid};

/// A container whose templates have a new beginning or end in memory.
pub(super) struct Begun<T> {
    was: Container,
    container: Container,
    calendar: Known,
    from: Term,
    done: T,
}

async fn begun<U: Unit, T>(
    unit: &mut U,
    id: ContainerId,
    code: &str,
    begin: impl FnOnce(&mut Timeline, Term) -> Result<T, Violation>,
) -> Result<Begun<T>, Refusal<U::Error>> {
    let (was, calendar, from) = found_at(unit, id, code).await?;
    let mut container = was.clone();
    let done = begin(&mut container.timeline, from).map_err(invalid)?;
    Ok(Begun {
        was,
        container,
        calendar,
        from,
        done,
    })
}

/// Ends a subject before a term.
#[derive(Clone, Debug)]
pub struct Deactivate {
    /// The container.
    pub container: ContainerId,
    /// The code of the first term without it.
    pub from: String,
}

impl Deactivate {
    pub(super) async fn begin<U: Unit>(
        &self,
        unit: &mut U,
    ) -> Result<Begun<bool>, Refusal<U::Error>> {
        let begin = |timeline: &mut Timeline, from| timeline.deactivate(from);
        begun(unit, self.container, &self.from, begin).await
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
        let Begun {
            was,
            container,
            from,
            done: whole,
            ..
        } = self.begin(unit).await?;

        let before = before(unit, &was, settings).await?;
        let later = || was.timeline.overlapping(EffectiveTerms::open(from)).next();
        let previous = was.timeline.covering(from).or_else(later).cloned();
        let left = container
            .timeline
            .active()
            .next_back()
            .map(|last| last.terms);
        let shown = previous.clone().filter(|_| whole);
        let terms = left.or(previous.as_ref().map(|template| template.terms));
        let terms = terms.ok_or_else(|| invalid(Violation::AlreadyInactive(from)))?;
        let post = Post::Deactivate { whole };
        let changed = Changed {
            scheduling: ended_before(before.star(Relation::Scheduling), from),
            shown,
            ..Changed::new(container, post, vec![(previous, terms)])
        };
        carry_out(unit, &before, false, changed).await
    }
}

/// Lets an ended subject be active again from a term on.
#[derive(Clone, Debug)]
pub struct Reactivate {
    /// The container.
    pub container: ContainerId,
    /// The code of the first term.
    pub from: String,
    /// What differs from the latest template.
    pub template: Overlay,
    /// Equivalencies.
    pub equivalent_subjects: Vec<Item>,
    /// Scheduling relationships; those that ended are not restored.
    pub subject_relationships: Vec<Item>,
}

impl Reactivate {
    pub(super) async fn begin<U: Unit>(
        &self,
        unit: &mut U,
    ) -> Result<Begun<EffectiveTerms>, Refusal<U::Error>> {
        let begin = |timeline: &mut Timeline, from| timeline.reactivate(from, &self.template);
        begun(unit, self.container, &self.from, begin).await
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
        let Begun {
            was,
            container,
            from,
            done: terms,
            ..
        } = self.begin(unit).await?;
        let covering = container.timeline.covering(from);
        let content = covering.map(|template| template.content.clone());
        let content = content.ok_or_else(|| invalid(Violation::NoEffectiveTemplate(from)))?;

        let lists = [&self.equivalent_subjects, &self.subject_relationships];
        let known = unit.known(&names(&content, lists)).await?;
        let edited = Edited {
            container: Some(container.id),
            terms,
            activity: container.timeline.activity(),
        };
        let mut checks = Checks::new(&known);
        checks.template(&edited, &self.template, &content);
        let equivalencies = checks.relations(Relation::Equivalency, &edited, lists[0]);
        let scheduling = checks.relations(Relation::Scheduling, &edited, lists[1]);
        checks.home_subject(self.template.home_subject.as_ref().and_then(Option::as_ref));
        checks.finish(()).map_err(Refusal::Invalid)?;

        let before = before(unit, &was, settings).await?;
        let previous = was.timeline.latest().cloned();
        let changed = Changed {
            equivalencies,
            scheduling,
            mandate: Some(known.modes),
            ..Changed::new(container, Post::Reactivate, vec![(previous, terms)])
        };
        carry_out(unit, &before, false, changed).await
    }
}

/// Lets a subject begin earlier.
#[derive(Clone, Debug)]
pub struct Backdate {
    /// The container.
    pub container: ContainerId,
    /// The code of its new first term.
    pub from: String,
}

impl Backdate {
    pub(super) async fn begin<U: Unit>(
        &self,
        unit: &mut U,
    ) -> Result<Begun<(EffectiveTerms, EffectiveTerms)>, Refusal<U::Error>> {
        let begin = |timeline: &mut Timeline, from| timeline.backdate(from);
        begun(unit, self.container, &self.from, begin).await
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
        let Begun {
            was,
            container,
            calendar,
            from,
            done: (earlier, terms),
        } = self.begin(unit).await?;
        let previous = first(&was.timeline);
        let added = earlier.from().pred();
        let added = added.and_then(|last| EffectiveTerms::new(from, last));
        if let (Some(template), Some(added)) = (&previous, added) {
            let content = &template.content;
            let known = unit
                .known(&names(content, [&Vec::new(), &Vec::new()]))
                .await?;
            let edited = Edited {
                container: Some(container.id),
                terms: added,
                activity: container.timeline.activity(),
            };
            let mut checks = Checks::new(&known);
            checks.template(&edited, &Overlay::default(), content);
            checks.finish(()).map_err(Refusal::Invalid)?;
        }

        let before = before(unit, &was, settings).await?;
        let changed = Changed {
            mandate: Some(calendar.modes),
            ..Changed::new(container, Post::Backdate, vec![(previous, terms)])
        };
        carry_out(unit, &before, false, changed).await
    }
}

fn first(timeline: &Timeline) -> Option<Template> {
    timeline.active().next().cloned()
}
