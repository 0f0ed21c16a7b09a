//! What is said of an academic year: term plans, display controls, links. A change goes to every
//! template that overlaps the year, and cuts none of them.

use std::collections::BTreeMap;

use super::ranges::EffectiveTerms;
use super::template::{Offering, Plans};
use super::term::{Term, Year};
use super::timeline::Timeline;
use super::violations::Violation;

/// The term plan of an academic year as a request has it: listed terms are replaced, others kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TermPlan {
    /// When the subject is offered next; `None` leaves what was said.
    pub next_offered: Option<Option<Year>>,
    /// The listed terms.
    pub offerings: BTreeMap<Term, Offering>,
}

/// Display controls and links of an academic year as a request has them: a list that is present
/// replaces the year's rows on each template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Display {
    /// The option of each control, by code.
    pub controls: Option<BTreeMap<String, String>>,
    /// The links, by type.
    pub urls: Option<BTreeMap<String, String>>,
}

impl Timeline {
    /// Writes a term plan: each term to the template that covers it, the year's row to all of
    /// them. Gives the terms of the changed templates.
    ///
    /// # Errors
    /// No template overlaps the year.
    pub fn plan_year(
        &mut self,
        year: Year,
        plan: &TermPlan,
    ) -> Result<Vec<EffectiveTerms>, Violation> {
        self.change_year(year, |template| {
            let own = plan.offerings.iter();
            let own = own.filter(|(term, _)| template.terms.covers(**term));
            let own = own.map(|(term, offering)| (*term, offering.clone()));
            template.plans.offerings.extend(own);
            if let Some(next) = plan.next_offered {
                template.plans.next_offered.insert(year, next);
            }
        })
    }

    /// Writes the display controls and links of a year to every template that overlaps it. Gives
    /// the terms of the changed templates.
    ///
    /// # Errors
    /// No template overlaps the year.
    pub fn display_year(
        &mut self,
        year: Year,
        display: &Display,
    ) -> Result<Vec<EffectiveTerms>, Violation> {
        self.change_year(year, |template| {
            let Plans { displays, urls, .. } = &mut template.plans;
            for (rows, given) in [(displays, &display.controls), (urls, &display.urls)] {
                let Some(given) = given else { continue };
                rows.retain(|(of, _), _| *of != year);
                let given = given.iter();
                rows.extend(given.map(|(key, value)| ((year, key.clone()), value.clone())));
            }
        })
    }

    /// What is said of a year all over its templates: each term as its template has it, the rest
    /// as the first template that says something.
    pub fn year(&self, year: Year) -> Plans {
        let mut whole = Plans::default();
        for template in self.overlapping(EffectiveTerms::of_year(year)).rev() {
            let own = template.plans.within(EffectiveTerms::of_year(year));
            let covered = own.offerings.into_iter();
            let covered = covered.filter(|(term, _)| template.terms.covers(*term));
            whole.offerings.extend(covered);
            whole.next_offered.extend(own.next_offered);
            whole.displays.extend(own.displays);
            whole.urls.extend(own.urls);
        }
        whole
    }
}
