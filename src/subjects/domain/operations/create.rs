//! A new subject.

use super::super::backfill::Post;
use super::super::checks::{Checks, Edited, Item};
use super::super::ranges::Ranges;
use super::super::subject::{Content, Overlay, SubjectId};
use super::super::timeline::Timeline;
use super::super::violations::Relation;
use super::change::{Changed, before, carry_out};
use super::edit::names;
use super::{Container, Outcome, Refusal, Settings, Unit};

/// Creates a container with one template.
#[derive(Clone, Debug, Default)]
pub struct Create {
    /// The type, such as `Standard`.
    pub subject_type: String,
    /// The code of the first term.
    pub from: String,
    /// The code of the last term, or `999999`.
    pub thru: String,
    /// What the template says: its code, number and title, and what else is given.
    pub template: Overlay,
    /// Equivalencies.
    pub equivalent_subjects: Vec<Item>,
    /// Scheduling relationships.
    pub subject_relationships: Vec<Item>,
}

impl Create {
    /// Carries it out.
    ///
    /// # Errors
    /// The request is wrong, or the catalogue failed.
    pub async fn carry_out<U: Unit>(
        self,
        unit: &mut U,
        settings: Settings,
    ) -> Result<Outcome, Refusal<U::Error>> {
        let blank = Content::new(SubjectId::new("", ""), "");
        let content = self.template.over(&blank);
        let lists = [&self.equivalent_subjects, &self.subject_relationships];
        let known = unit.known(&names(&content, lists)).await?;
        let terms = self.terms(&known).map_err(Refusal::Invalid)?;
        let edited = Edited {
            container: None,
            terms,
            activity: Ranges::from(terms),
        };
        let mut checks = Checks::new(&known);
        checks.template(&edited, &self.template, &content);
        let equivalencies = checks.relations(Relation::Equivalency, &edited, lists[0]);
        let scheduling = checks.relations(Relation::Scheduling, &edited, lists[1]);
        checks.home_subject(content.home_subject.as_ref());
        checks.finish(()).map_err(Refusal::Invalid)?;

        let timeline = Timeline::create(terms, content);
        let id = unit
            .create(&self.subject_type, timeline.last_active_term)
            .await?;
        let container = Container {
            id,
            subject_type: self.subject_type,
            timeline,
        };
        let before = before(unit, &container, settings).await?;
        let changed = Changed {
            equivalencies,
            scheduling,
            mandate: Some(known.modes),
            ..Changed::new(container, Post::Create, vec![(None, terms)])
        };
        carry_out(unit, &before, true, changed).await
    }
}
