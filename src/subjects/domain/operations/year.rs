//! Term plans, display controls and links of an academic year.

use std::collections::{BTreeMap, BTreeSet};

use super::super::backfill::Post;
use super::super::checks::{Checks, Known};
use super::super::notifications::{Notification, notifications};
use super::super::ranges::EffectiveTerms;
use super::super::subject::ContainerId;
use super::super::template::{Offering, Template};
use super::super::term::Year;
use super::super::violations::{Relation, Violation};
use super::super::year::{Display, TermPlan};
use super::change::{Changed, before, carry_out};
use super::{Container, Names, Outcome, Refusal, Settings, Unit, found, invalid};

/// Replaces listed terms of a year's plan.
#[derive(Clone, Debug)]
pub struct PlanTerms {
    /// The container.
    pub container: ContainerId,
    /// The academic year.
    pub year: Year,
    /// When it is offered next; `None` leaves what was said.
    pub next_offered: Option<Option<Year>>,
    /// Codes of terms, each with what is said of it.
    pub offerings: Vec<(String, Offering)>,
}

impl PlanTerms {
    pub(super) async fn begin<U: Unit>(
        &self,
        unit: &mut U,
    ) -> Result<(Container, Known, InYear), Refusal<U::Error>> {
        in_year(unit, self.container, self.year).await
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
        let (mut container, known, edited) = self.begin(unit).await?;
        let mut checks = Checks::new(&known);
        let codes: Vec<_> = self
            .offerings
            .iter()
            .map(|(code, _)| code.as_str())
            .collect();
        let terms = checks.plan_terms(self.year, &codes, &container.timeline.activity());
        checks.finish(()).map_err(Refusal::Invalid)?;

        let before = before(unit, &container, settings).await?;
        let was = container.clone();
        let offerings = self.offerings.into_iter().map(|(_, offering)| offering);
        let plan = TermPlan {
            next_offered: self.next_offered,
            offerings: terms.into_iter().zip(offerings).collect(),
        };
        container
            .timeline
            .plan_year(self.year, &plan)
            .map_err(invalid)?;
        let notified = notified(unit, &was, &container, self.year).await?;
        let changed = Changed {
            mandate: Some(known.modes),
            ..Changed::new(container, Post::TermPlan(self.year), edited)
        };
        let mut outcome = carry_out(unit, &before, false, changed).await?;
        outcome.notifications = unit.notify(was.id, &notified).await?;
        Ok(outcome)
    }
}

/// Replaces the display controls or the links of a year, or both.
#[derive(Clone, Debug)]
pub struct ShowYear {
    /// The container.
    pub container: ContainerId,
    /// The academic year.
    pub year: Year,
    /// Codes and options of display controls; `None` leaves those there are.
    pub controls: Option<Vec<(String, String)>>,
    /// Types and addresses of links; `None` leaves those there are.
    pub urls: Option<Vec<(String, String)>>,
}

impl ShowYear {
    pub(super) async fn begin<U: Unit>(
        &self,
        unit: &mut U,
    ) -> Result<(Container, Known, InYear), Refusal<U::Error>> {
        in_year(unit, self.container, self.year).await
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
        let (mut container, known, edited) = self.begin(unit).await?;
        let mut checks = Checks::new(&known);
        checks.display_options(self.year, self.controls.as_deref().unwrap_or_default());
        checks.urls(self.urls.as_deref().unwrap_or_default());
        checks.finish(()).map_err(Refusal::Invalid)?;

        let before = before(unit, &container, settings).await?;
        let was = container.clone();
        let display = Display {
            controls: self.controls.map(BTreeMap::from_iter),
            urls: self.urls.map(BTreeMap::from_iter),
        };
        container
            .timeline
            .display_year(self.year, &display)
            .map_err(invalid)?;
        let notified = notified(unit, &was, &container, self.year).await?;
        let changed = Changed::new(container, Post::DisplayControls, edited);
        let mut outcome = carry_out(unit, &before, false, changed).await?;
        outcome.notifications = unit.notify(was.id, &notified).await?;
        Ok(outcome)
    }
}

/// The templates of a year, each an edited range of its own.
type InYear = Vec<(Option<Template>, EffectiveTerms)>;

/// The container, and its templates in a year of the academic calendar: a template whose end is open
/// is in effect in every year that there is, and in no other one.
async fn in_year<U: Unit>(
    unit: &mut U,
    id: ContainerId,
    year: Year,
) -> Result<(Container, Known, InYear), Refusal<U::Error>> {
    let container = found(unit, id).await?;
    let known = unit.known(&Names::default()).await?;
    let templates = overlapping(&container, year);
    match known.has_year(year) && !templates.is_empty() {
        true => Ok((container, known, templates)),
        false => Err(invalid(Violation::NoTemplateInYear(year))),
    }
}

fn overlapping(container: &Container, year: Year) -> InYear {
    let templates = container
        .timeline
        .overlapping(EffectiveTerms::of_year(year));
    templates
        .map(|template| (Some(template.clone()), template.terms))
        .collect()
}

async fn notified<U: Unit>(
    unit: &mut U,
    before: &Container,
    after: &Container,
    year: Year,
) -> Result<Vec<Notification>, U::Error> {
    let star = unit.star(Relation::Scheduling, after.id).await?;
    let in_year = star
        .iter()
        .filter(|(_, ranges)| ranges.overlaps(EffectiveTerms::of_year(year)));
    let scheduled: BTreeSet<_> = in_year.map(|(other, _)| *other).collect();
    let concerned = unit.concerned(year, &scheduled).await?;
    Ok(notifications(
        &before.timeline,
        &after.timeline,
        year,
        &concerned,
    ))
}
