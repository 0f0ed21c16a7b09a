//! The templates of one container, and what each operation makes of them.

use super::ranges::{EffectiveTerms, Ranges};
use super::subject::{Content, Overlay};
use super::template::{Plans, Template};
use super::term::{Term, Thru, Year};
use super::violations::Violation;

/// The templates of one container: in order of their first terms, those in effect disjoint.
/// (R-004, P-05)
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// The last term in which the container is active; `None` while its end is open.
    pub last_active_term: Option<Term>,
    templates: Vec<Template>,
}

impl Timeline {
    /// The timeline of a container as it is stored.
    pub fn stored(last_active_term: Option<Term>, templates: Vec<Template>) -> Self {
        let mut timeline = Self {
            last_active_term,
            templates,
        };
        timeline.sort();
        timeline
    }

    /// The timeline of a new container.
    pub fn create(terms: EffectiveTerms, content: Content) -> Self {
        Self {
            last_active_term: terms.thru().term(),
            templates: vec![Template::new(terms, content, Plans::default())],
        }
    }

    /// All templates, the deleted ones too.
    pub fn all(&self) -> &[Template] {
        &self.templates
    }

    /// All templates, for who stores them and has their ids.
    pub fn all_mut(&mut self) -> &mut [Template] {
        &mut self.templates
    }

    /// The templates in effect, in order.
    pub fn active(&self) -> impl DoubleEndedIterator<Item = &Template> {
        self.templates
            .iter()
            .filter(|template| template.is_active())
    }

    /// The template in effect that covers the term.
    pub fn covering(&self, term: Term) -> Option<&Template> {
        self.active().find(|template| template.terms.covers(term))
    }

    /// The templates in effect that have a term in the range.
    pub fn overlapping(&self, terms: EffectiveTerms) -> impl DoubleEndedIterator<Item = &Template> {
        self.active()
            .filter(move |template| template.terms.overlaps(terms))
    }

    /// The terms in which the container is active.
    pub fn activity(&self) -> Ranges {
        self.active().map(|template| template.terms).collect()
    }

    /// The creation term: the first term of the first template in effect.
    pub fn creation_term(&self) -> Option<Term> {
        self.active().map(|template| template.terms.from()).next()
    }

    /// Whether the container is active as of the current term.
    pub fn is_active_as_of(&self, current: Term) -> bool {
        self.last_active_term.is_none_or(|last| last >= current)
    }

    /// Counts a change of every template in effect that was there before the request: one of the
    /// container's relations has changed.
    pub fn touch(&mut self) {
        let active = self
            .templates
            .iter_mut()
            .filter(|template| template.is_active());
        active.for_each(Template::touch);
    }

    /// Counts a change of the template that covers the term, and gives its terms.
    ///
    /// # Errors
    /// No template covers the term.
    pub fn touch_covering(&mut self, term: Term) -> Result<EffectiveTerms, Violation> {
        let at = self.index_covering(term)?;
        self.templates[at].touch();
        Ok(self.templates[at].terms)
    }

    /// Changes what holds from a term on to the end of the template that covers it, and no later
    /// template. The template is changed in place when it begins there, and split otherwise.
    /// Gives the edited range.
    ///
    /// # Errors
    /// No template covers the term.
    pub fn edit(&mut self, from: Term, overlay: &Overlay) -> Result<EffectiveTerms, Violation> {
        let at = self.split(from)?;
        let template = &mut self.templates[at];
        template.content = overlay.over(&template.content);
        Ok(template.terms)
    }

    /// `split(T, E)`: makes a template begin at the term, and gives its place. The earlier piece
    /// keeps the id; the later one is a new template that says the same. (R-007, R-008, P-17)
    fn split(&mut self, from: Term) -> Result<usize, Violation> {
        let at = self.index_covering(from)?;
        let template = &mut self.templates[at];
        template.touch();
        let whole = template.terms;
        let pieces = from.pred().and_then(|last| {
            let earlier = EffectiveTerms::new(whole.from(), last)?;
            Some((earlier, EffectiveTerms::new(from, whole.thru())?))
        });
        let Some((earlier, later)) = pieces else {
            return Ok(at);
        };
        let plans = template.plans.within(later);
        let piece = Template::new(later, template.content.clone(), plans);
        template.plans = template.plans.within(earlier);
        template.terms = earlier;
        self.templates.insert(at + 1, piece);
        Ok(at + 1)
    }

    /// Ends the container before the term. Gives whether nothing is left of it: the term is its
    /// creation term.
    ///
    /// # Errors
    /// The term is earlier than the creation term, or the container has ended before it.
    pub fn deactivate(&mut self, from: Term) -> Result<bool, Violation> {
        let ended = self.last_active_term.is_some_and(|last| last < from);
        let creation = self.creation_term().filter(|_| !ended);
        let creation = creation.ok_or(Violation::AlreadyInactive(from))?;
        if from < creation {
            return Err(Violation::BeforeCreation {
                term: from,
                creation,
            });
        }
        let last = from
            .pred()
            .ok_or_else(|| Violation::NoTerm(from.to_string()))?;
        let mut end = None;
        for template in self.templates.iter_mut().filter(|one| one.is_active()) {
            match EffectiveTerms::new(
                template.terms.from(),
                template.terms.thru().min(last.into()),
            ) {
                None => {
                    template.delete();
                }
                Some(left) => {
                    if left != template.terms {
                        template.terms = left;
                        // A plan for a term belongs to the template that covers it: to none now.
                        template.plans = template.plans.within(left);
                        template.touch();
                    }
                    end = end.max(left.thru().term());
                }
            }
        }
        self.last_active_term = Some(end.unwrap_or(last));
        Ok(from == creation)
    }

    /// The template that a reactivation copies: the latest in effect, else the latest deleted one.
    pub fn latest(&self) -> Option<&Template> {
        let deleted = || self.templates.iter().next_back();
        self.active().next_back().or_else(deleted)
    }

    /// Lets an ended container be active again, with a copy of its latest template under what the
    /// request says, and an open end. Gives the terms of the copy.
    ///
    /// # Errors
    /// The container has not ended, or not before the term.
    pub fn reactivate(
        &mut self,
        from: Term,
        overlay: &Overlay,
    ) -> Result<EffectiveTerms, Violation> {
        let latest = self.last_active_term.zip(self.latest());
        let (last, latest) = latest.ok_or(Violation::NotDeactivated(from))?;
        if from <= last {
            return Err(Violation::NotAfterLastActive { term: from, last });
        }
        let terms = EffectiveTerms::open(from);
        let copy = Template::new(
            terms,
            overlay.over(&latest.content),
            latest.plans.within(terms),
        );
        self.templates.push(copy);
        self.sort();
        self.last_active_term = None;
        Ok(terms)
    }

    /// Lets the earliest template begin earlier, and gives its terms before and after.
    ///
    /// # Errors
    /// There is no template, or it does not begin later.
    pub fn backdate(&mut self, from: Term) -> Result<(EffectiveTerms, EffectiveTerms), Violation> {
        let first = self
            .templates
            .iter_mut()
            .find(|template| template.is_active());
        let template = first.ok_or(Violation::NothingToBackdate(from))?;
        let before = template.terms;
        if from >= before.from() {
            return Err(Violation::NotEarlier {
                term: from,
                from: before.from(),
            });
        }
        let after = EffectiveTerms::new(from, before.thru());
        template.terms = after.unwrap_or(before);
        template.touch();
        let after = template.terms;
        self.sort();
        Ok((before, after))
    }

    /// Puts pieces in the place of a template in effect. They must partition its terms; the first
    /// one keeps its id, the others are copies with the content given. (R-008, R-044, P-16)
    pub(super) fn replace(
        &mut self,
        terms: EffectiveTerms,
        pieces: Vec<(EffectiveTerms, Content)>,
    ) {
        let place = |template: &Template| template.is_active() && template.terms == terms;
        let Some(at) = self.templates.iter().position(place) else {
            return;
        };
        let plans = self.templates[at].plans.clone();
        let mut pieces = pieces.into_iter();
        if let Some((terms, content)) = pieces.next() {
            let template = &mut self.templates[at];
            if (template.terms, &template.content) != (terms, &content) {
                template.touch();
                template.plans = plans.within(terms);
                (template.terms, template.content) = (terms, content);
            }
        }
        let copies =
            pieces.map(|(terms, content)| Template::new(terms, content, plans.within(terms)));
        self.templates
            .splice(at + 1..at + 1, copies.collect::<Vec<_>>());
    }

    /// Changes every template in effect that overlaps an academic year.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn change_year(
        &mut self,
        year: Year,
        mut change: impl FnMut(&mut Template),
    ) -> Result<Vec<EffectiveTerms>, Violation> {
        let whole = EffectiveTerms::of_year(year);
        let mut changed = Vec::new();
        for template in &mut self.templates {
            if template.is_active() && template.terms.overlaps(whole) {
                template.touch();
                change(template);
                changed.push(template.terms);
            }
        }
        match changed.is_empty() {
            true => Err(Violation::NoTemplateInYear(year)),
            false => Ok(changed),
        }
    }

    fn index_covering(&self, term: Term) -> Result<usize, Violation> {
        let covers = |template: &Template| template.is_active() && template.terms.covers(term);
        let found = self.templates.iter().position(covers);
        found.ok_or(Violation::NoEffectiveTemplate(term))
    }

    /// By first term; a deleted template before one that is in effect from the same term on.
    fn sort(&mut self) {
        self.templates
            .sort_by_key(|template| (template.terms.from(), template.is_active(), template.id));
    }
}

/// The range in which an edit at the term has effect, when the caller named its last term.
///
/// # Errors
/// No template covers the term, or the one that does ends with another term.
pub fn edited_range(
    timeline: &Timeline,
    from: Term,
    thru: Option<Thru>,
) -> Result<EffectiveTerms, Violation> {
    let template = timeline.covering(from);
    let template = template.ok_or(Violation::NoEffectiveTemplate(from))?;
    let own = template.terms.thru();
    if let Some(given) = thru.filter(|given| *given != own) {
        return Err(Violation::OtherThru { given, thru: own });
    }
    EffectiveTerms::new(from, own).ok_or(Violation::NoEffectiveTemplate(from))
}
