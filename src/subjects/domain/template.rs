//! How a container is offered in one range of terms.

use std::collections::BTreeMap;

use super::ranges::EffectiveTerms;
use super::subject::{Content, TemplateId};
use super::term::{Term, Year};

/// How a container is offered in one range of terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its id; `None` until it is stored.
    pub id: Option<TemplateId>,
    /// When it is in effect.
    pub terms: EffectiveTerms,
    /// Counts its changes from 1, at most one a request.
    pub version: u32,
    /// Whether it is in effect at all.
    pub status: Status,
    /// What it says.
    pub content: Content,
    /// What it says of single terms and years.
    pub plans: Plans,
    /// Whether it differs from what is stored: its version is one higher already.
    changed: bool,
}

/// Whether a template is in effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is: `A`.
    Active,
    /// It is deleted logically: `D`.
    Deleted,
}

/// What a template says of single terms and academic years.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plans {
    /// Whether and by whom it is offered.
    pub offerings: BTreeMap<Term, Offering>,
    /// When it is offered next, by the year in which that was said.
    pub next_offered: BTreeMap<Year, Option<Year>>,
    /// The option of each display control, by year and code.
    pub displays: BTreeMap<(Year, String), String>,
    /// Links, by year and type.
    pub urls: BTreeMap<(Year, String), String>,
}

/// Whether a template is offered in a term, and by whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offering {
    /// Whether it is offered.
    pub is_offered: bool,
    /// By whom.
    pub instructors: Option<String>,
}

impl Plans {
    /// What of it belongs to a template with those terms: the term rows it covers, and the rows of
    /// every year it overlaps. (R-008, P-17)
    pub fn within(&self, terms: EffectiveTerms) -> Self {
        let year = |year: Year| EffectiveTerms::of_year(year).overlaps(terms);
        let mut plans = self.clone();
        plans.offerings.retain(|term, _| terms.covers(*term));
        plans.next_offered.retain(|of, _| year(*of));
        plans.displays.retain(|(of, _), _| year(*of));
        plans.urls.retain(|(of, _), _| year(*of));
        plans
    }
}

impl Template {
    /// A template as it is stored.
    pub fn stored(
        id: TemplateId,
        terms: EffectiveTerms,
        version: u32,
        status: Status,
        content: Content,
        plans: Plans,
    ) -> Self {
        Self {
            id: Some(id),
            terms,
            version,
            status,
            content,
            plans,
            changed: false,
        }
    }

    /// A template that is still to be stored.
    pub(super) fn new(terms: EffectiveTerms, content: Content, plans: Plans) -> Self {
        Self {
            id: None,
            terms,
            version: 1,
            status: Status::Active,
            content,
            plans,
            changed: true,
        }
    }

    /// Whether it differs from what was stored when the request began.
    pub fn is_changed(&self) -> bool {
        self.changed
    }

    /// Whether it is in effect.
    pub fn is_active(&self) -> bool {
        self.status == Status::Active
    }

    /// Counts a change, once a request.
    pub(super) fn touch(&mut self) {
        if !self.changed {
            self.changed = true;
            self.version += 1;
        }
    }

    /// Takes it out of effect.
    pub(super) fn delete(&mut self) {
        self.status = Status::Deleted;
        self.touch();
    }
}
