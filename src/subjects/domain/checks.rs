//! What is checked of a request once its operation is known to be possible, in the order in which
//! callers read it: version, main id, cross-listed ids, attributes, grading modes, equivalencies,
//! scheduling relationships, the rest. One message an item: its first failing check.

use std::collections::{BTreeMap, BTreeSet};

use super::ranges::{EffectiveTerms, Ranges};
use super::relations::Wanted;
use super::requisites::Requisites;
use super::subject::{ContainerId, Content, GradingModes, HomeSubject, Overlay, SubjectId};
use super::term::{Term, Thru, Year};
use super::violations::{Relation, RelationProblem, Violation};

/// The longest subject number, in characters.
const NUMBER_LENGTH: usize = 4;

/// What there is: the reference tables, and of the catalogue what the request names.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The terms of the academic calendar.
    pub terms: BTreeSet<Term>,
    /// Subject codes.
    pub codes: BTreeSet<String>,
    /// Codes of attributes.
    pub attributes: BTreeSet<String>,
    /// Grading modes.
    pub modes: GradingModes,
    /// Institutions and their schools.
    pub home_units: BTreeSet<(String, String)>,
    /// The options of display controls, by code and option, and the terms they are valid in.
    pub display_options: BTreeMap<(String, String), Ranges>,
    /// Where the requested subject ids are in use: the container, and the terms of its templates
    /// in effect that carry the id.
    pub carriers: BTreeMap<SubjectId, Vec<(ContainerId, Ranges)>>,
    /// The requested containers, and when they are active.
    pub activity: BTreeMap<ContainerId, Ranges>,
}

impl Known {
    /// The term of that code.
    ///
    /// # Errors
    /// The calendar has none.
    pub fn term(&self, code: &str) -> Result<Term, Violation> {
        let term = code.parse().ok().filter(|term| self.terms.contains(term));
        term.ok_or_else(|| Violation::NoTerm(code.to_owned()))
    }

    /// Whether the calendar has a term of that year.
    pub fn has_year(&self, year: Year) -> bool {
        year.terms().iter().any(|term| self.terms.contains(term))
    }

    /// The thru term of that code: a term, or the open end.
    ///
    /// # Errors
    /// The calendar has no such term.
    pub fn thru(&self, code: &str) -> Result<Thru, Violation> {
        match code.parse() {
            Ok(Thru::Open) => Ok(Thru::Open),
            _ => self.term(code).map(Thru::Term),
        }
    }

    /// The terms from one to the other.
    ///
    /// # Errors
    /// A term is none, or they are in the wrong order.
    pub fn effective_terms(&self, from: &str, thru: &str) -> Result<EffectiveTerms, Violation> {
        let (from, thru) = (self.term(from)?, self.thru(thru)?);
        EffectiveTerms::new(from, thru).ok_or(Violation::FromAfterThru { from, thru })
    }

    /// Whether another container has the subject id in some of the terms.
    fn is_taken(&self, id: &SubjectId, by: Option<ContainerId>, terms: EffectiveTerms) -> bool {
        let carriers = self.carriers.get(id).into_iter().flatten();
        let mut others = carriers.filter(|(carrier, _)| Some(*carrier) != by);
        others.any(|(_, ranges)| ranges.overlaps(terms))
    }
}

/// One item of a relation list as a request has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The other container.
    pub container: ContainerId,
    /// The codes of the first and last term; `None` to remove the container.
    pub terms: Option<(String, String)>,
}

/// The edited container as a check sees it.
#[derive(Clone, Debug)]
pub struct Edited {
    /// Its id; `None` while it is being created.
    pub container: Option<ContainerId>,
    /// The terms in which the request's template is in effect.
    pub terms: EffectiveTerms,
    /// When the container is active once the request is carried out.
    pub activity: Ranges,
}

/// Collects what is wrong with one request.
#[derive(Clone, Debug)]
pub struct Checks<'a> {
    known: &'a Known,
    found: Vec<Violation>,
}

impl<'a> Checks<'a> {
    /// Checks against what is known.
    pub fn new(known: &'a Known) -> Self {
        Self {
            known,
            found: Vec::new(),
        }
    }

    /// What was found, in the order of the checks made.
    pub fn violations(&self) -> &[Violation] {
        &self.found
    }

    /// The value, when nothing is wrong.
    ///
    /// # Errors
    /// Everything that was found.
    pub fn finish<T>(self, value: T) -> Result<T, Vec<Violation>> {
        match self.found.is_empty() {
            true => Ok(value),
            false => Err(self.found),
        }
    }

    /// A supplied version is the covering template's.
    pub fn version(&mut self, given: Option<u32>, current: u32) {
        if let Some(given) = given.filter(|given| *given != current) {
            self.found.push(Violation::OtherVersion { given, current });
        }
    }

    /// The ids, attributes and modes of a template: those the request carries are right, and its
    /// ids are free in all its terms, whoever set them. `content` is the template's content once
    /// the request is carried out.
    pub fn template(&mut self, edited: &Edited, overlay: &Overlay, content: &Content) {
        let main = self.main_id(edited, overlay, content).err();
        self.found.extend(main);
        self.cross_listed_ids(edited, overlay, content);
        for attribute in overlay.attributes.iter().flatten() {
            self.attribute(attribute);
        }
        for mode in overlay.grading_modes.iter().flatten() {
            if !self.known.modes.allows(mode) {
                self.found.push(Violation::NoGradingMode(mode.clone()));
            }
        }
    }

    fn main_id(
        &self,
        edited: &Edited,
        overlay: &Overlay,
        content: &Content,
    ) -> Result<(), Violation> {
        let SubjectId { code, number } = &content.main;
        if overlay.code.is_some() && !self.known.codes.contains(code) {
            return Err(Violation::NoSubjectCode(code.clone()));
        }
        if overlay.number.is_some() && !is_number(number) {
            return Err(Violation::SubjectNumber(number.clone()));
        }
        match self
            .known
            .is_taken(&content.main, edited.container, edited.terms)
        {
            true => Err(Violation::MainExists(content.main.clone())),
            false => Ok(()),
        }
    }

    /// In the order of the request; where it carries none, in the order of the template's.
    fn cross_listed_ids(&mut self, edited: &Edited, overlay: &Overlay, content: &Content) {
        let requested = overlay.cross_listed.as_deref();
        let kept = || content.cross_listed.iter().collect();
        let ids: Vec<&SubjectId> = requested.map_or_else(kept, |ids| ids.iter().collect());
        let mut earlier = BTreeSet::from([&content.main]);
        for id in ids {
            let problem = if requested.is_some() && !self.known.codes.contains(&id.code) {
                Some(Violation::NoCrossListCode(id.code.clone()))
            } else if requested.is_some() && !is_number(&id.number) {
                Some(Violation::CrossListNumber(id.number.clone()))
            } else if self.known.is_taken(id, edited.container, edited.terms) {
                Some(Violation::CrossListExists(id.clone()))
            } else if earlier.contains(id) {
                Some(Violation::CrossListDuplicated(id.clone()))
            } else {
                None
            };
            self.found.extend(problem);
            earlier.insert(id);
        }
    }

    fn attribute(&mut self, code: &str) {
        if !self.known.attributes.contains(code) {
            self.found.push(Violation::NoAttribute(code.to_owned()));
        }
    }

    /// The items of one relation list, each container with all its ranges. The order of the items
    /// decides the order of what is found, and nothing else. (R-030, R-034, R-035, R-036, P-21)
    pub fn relations(&mut self, relation: Relation, edited: &Edited, items: &[Item]) -> Wanted {
        let mut wanted = Wanted::new();
        let mut earlier: BTreeMap<ContainerId, Vec<Option<EffectiveTerms>>> = BTreeMap::new();
        for item in items {
            let before = earlier.entry(item.container).or_default();
            match self.item(relation, edited, item, before) {
                Ok(terms) => {
                    before.push(terms);
                    let ranges = wanted.entry(item.container).or_default();
                    *ranges = ranges.iter().chain(terms).collect();
                }
                Err(violation) => self.found.push(violation),
            }
        }
        wanted
    }

    fn item(
        &self,
        relation: Relation,
        edited: &Edited,
        item: &Item,
        earlier: &[Option<EffectiveTerms>],
    ) -> Result<Option<EffectiveTerms>, Violation> {
        let container = item.container;
        let wrong = |problem| Violation::Relation { relation, problem };
        if edited.container == Some(container) {
            return Err(wrong(RelationProblem::Same(container)));
        }
        let activity = self.known.activity.get(&container);
        let activity = activity.ok_or(wrong(RelationProblem::NoContainer(container)))?;
        let terms = match &item.terms {
            Some((from, thru)) => Some(self.known.effective_terms(from, thru)?),
            None => None,
        };
        // A removal wants no terms at all, so that it goes with no other item of its container.
        let clashes = |before: &Option<EffectiveTerms>| match (terms, *before) {
            (Some(terms), Some(before)) => terms.overlaps(before),
            (Some(_), None) | (None, Some(_)) => true,
            (None, None) => false,
        };
        if earlier.iter().any(clashes) {
            return Err(wrong(RelationProblem::Overlapping(container)));
        }
        let both_active = |terms| activity.contains(terms) && edited.activity.contains(terms);
        match terms.filter(|terms| relation == Relation::Scheduling && !both_active(*terms)) {
            Some(terms) => Err(wrong(RelationProblem::NotActive { container, terms })),
            None => Ok(terms),
        }
    }

    /// The institution and the school of a home subject are known.
    pub fn home_subject(&mut self, home: Option<&HomeSubject>) {
        let Some(home) = home else { return };
        let (institution, school) = (&home.home_institution_id, &home.home_school_id);
        let unit = (institution.clone(), school.clone());
        if !self.known.home_units.contains(&unit) {
            let (institution, school) = unit;
            self.found.push(Violation::NoHomeUnit {
                institution,
                school,
            });
        }
    }

    /// Nodes are joined by `AND` or `OR`.
    pub fn operators(&mut self, unknown: &[String]) {
        let unknown = unknown.iter().cloned();
        self.found.extend(unknown.map(Violation::NoOperator));
    }

    /// The attributes that requisites name are known.
    pub fn requisites(&mut self, requisites: &Requisites) {
        for attribute in requisites.attributes() {
            self.attribute(attribute);
        }
    }

    /// The terms of a term plan are in its academic year, the container is active in each, and each
    /// is listed once. Gives those that are right, in the order given. (R-100, P-21)
    pub fn plan_terms(&mut self, year: Year, codes: &[&str], activity: &Ranges) -> Vec<Term> {
        let mut earlier = BTreeSet::new();
        let checked = codes.iter().map(|code| {
            let term = self.known.term(code)?;
            if term.year() != year {
                return Err(Violation::OutsideYear { term, year });
            }
            if !activity.covers(term) {
                return Err(Violation::NoTemplateInTerm(term));
            }
            match earlier.insert(term) {
                true => Ok(term),
                false => Err(Violation::PlanTermDuplicated(term)),
            }
        });
        let (right, wrong): (Vec<_>, Vec<_>) = checked.partition(Result::is_ok);
        self.found.extend(wrong.into_iter().filter_map(Result::err));
        right.into_iter().filter_map(Result::ok).collect()
    }

    /// The options of display controls are valid in some term of the academic year, and each
    /// control is listed once. (P-21)
    pub fn display_options(&mut self, year: Year, controls: &[(String, String)]) {
        let mut earlier = BTreeSet::new();
        for (control, option) in controls {
            let pair = (control.clone(), option.clone());
            let valid = self.known.display_options.get(&pair);
            let valid = valid.is_some_and(|ranges| ranges.overlaps(EffectiveTerms::of_year(year)));
            if !valid {
                let (control, option) = pair;
                self.found
                    .push(Violation::NoDisplayOption { control, option });
            } else if !earlier.insert(control) {
                self.found
                    .push(Violation::DisplayControlDuplicated(control.clone()));
            }
        }
    }

    /// Links go to the web, and each type of link is listed once. (P-21)
    pub fn urls(&mut self, urls: &[(String, String)]) {
        let mut earlier = BTreeSet::new();
        for (url_type, url) in urls {
            if !is_web_address(url) {
                self.found.push(Violation::Url(url.clone()));
            } else if !earlier.insert(url_type) {
                self.found.push(Violation::UrlDuplicated(url_type.clone()));
            }
        }
    }

    /// Enrollable subjects are ids of the template, each listed once. (P-21)
    pub fn enrollable(&mut self, subjects: &[(String, bool)], content: &Content) {
        let mut earlier = BTreeSet::new();
        for (id, _) in subjects {
            if !content.ids().any(|own| own.to_string() == *id) {
                self.found.push(Violation::NotOfTemplate(id.clone()));
            } else if !earlier.insert(id) {
                self.found.push(Violation::EnrollableDuplicated(id.clone()));
            }
        }
    }
}

fn is_web_address(url: &str) -> bool {
    let rest = ["http://", "https://"].into_iter().find_map(|scheme| {
        let start = url.get(..scheme.len())?;
        start
            .eq_ignore_ascii_case(scheme)
            .then(|| &url[scheme.len()..])
    });
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let is_plain = !url.chars().any(|c| c.is_whitespace() || c.is_control());
    is_plain && host.is_some_and(|host| !host.is_empty())
}

/// 1 to 4 characters of A-Z and 0-9.
fn is_number(text: &str) -> bool {
    let bytes = text.bytes();
    let mut known = bytes.map(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    (1..=NUMBER_LENGTH).contains(&text.len()) && known.all(|known| known)
}
