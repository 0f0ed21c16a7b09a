//! What a record says of a subject; written as JSON in this order.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::super::ranges::EffectiveTerms;
use super::super::requisites::Requisites;
use super::super::subject::{
    ContainerId, GradeRule, GradingMode, HomeSubject, Level, SubjectId, Units,
};
use super::super::template;
use super::super::term::{Term, Year};
use super::keys::KeyType;
use super::related::Entry;

/// One side of a record.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Data {
    /// Of a change to a template.
    Regular(Box<Regular>),
    /// Of the scheduling relationships.
    Scheduling(Box<Scheduling>),
}

/// The whole subject.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    missing_docs,
    reason = "each member is what it is called in the catalogue"
)]
pub struct Regular {
    pub container_id: ContainerId,
    pub subject_type: String,
    pub last_active_term: Option<Term>,
    pub subject_template: Template,
    /// Links of the years that overlap the edited range; other display controls are not told.
    ///
    pub urls: Vec<Url>,
    pub equivalent_subjects: Vec<Equivalent>,
    pub subject_relationships: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub past_subject_data: Option<Past>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub term_plans: Option<Vec<TermPlan>>,
}

/// What a template says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    missing_docs,
    reason = "each member is what it is called in the catalogue"
)]
pub struct Template {
    pub effective_terms: EffectiveTerms,
    #[serde(flatten)]
    pub main: SubjectId,
    pub title: String,
    pub description: Option<String>,
    pub level: Option<Level>,
    pub units: Units,
    pub grade_rule: Option<GradeRule>,
    pub attributes: BTreeSet<String>,
    pub grading_modes: BTreeSet<GradingMode>,
    /// The main id, then the others.
    pub cross_list_subjects: Vec<SubjectId>,
    pub home_subject: Option<HomeSubject>,
    pub requisites: Requisites,
}

impl Template {
    pub(super) fn of(template: &template::Template) -> Self {
        let content = template.content.clone();
        Self {
            effective_terms: template.terms,
            cross_list_subjects: template.content.ids().cloned().collect(),
            main: content.main,
            title: content.title,
            description: content.description,
            level: content.level,
            units: content.units,
            grade_rule: content.grade_rule,
            attributes: content.attributes,
            grading_modes: content.grading_modes,
            home_subject: content.home_subject,
            requisites: content.requisites,
        }
    }
}

/// A link of an academic year.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    missing_docs,
    reason = "each member is what it is called in the catalogue"
)]
pub struct Url {
    pub academic_year: Year,
    pub url_type: String,
    pub url: String,
}

/// The links of all pieces for the years that overlap the range, so that every piece's record has
/// the same.
pub(super) fn urls(pieces: &[&template::Template], terms: EffectiveTerms) -> Vec<Url> {
    let all = pieces.iter().rev().flat_map(|piece| &piece.plans.urls);
    let all = all.filter(|((year, _), _)| EffectiveTerms::of_year(*year).overlaps(terms));
    let whole: BTreeMap<_, _> = all.collect();
    let url = |((year, ty), url): (&(Year, String), &String)| Url {
        academic_year: *year,
        url_type: ty.clone(),
        url: url.clone(),
    };
    whole.into_iter().map(url).collect()
}

/// Whether a subject is offered in a term.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    missing_docs,
    reason = "each member is what it is called in the catalogue"
)]
pub struct TermPlan {
    pub term_code: Term,
    pub is_offered: bool,
    pub instructors: Option<String>,
}

/// What a template says of the terms of a year.
pub(super) fn term_plans(template: &template::Template, year: Year) -> Vec<TermPlan> {
    let rows = template.plans.offerings.iter();
    let rows = rows.filter(|(term, _)| term.year() == year && template.terms.covers(**term));
    let plan = |(term, offering): (&Term, &template::Offering)| TermPlan {
        term_code: *term,
        is_offered: offering.is_offered,
        instructors: offering.instructors.clone(),
    };
    rows.map(plan).collect()
}

/// An equivalent subject.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Equivalent {
    /// Its id.
    #[serde(flatten)]
    pub subject: SubjectId,
    /// Whether it is equivalent itself, or by way of one that is.
    #[serde(rename = "equivalencyType")]
    pub ty: EquivalencyType,
    /// When it is.
    #[serde(rename = "effectiveTerms")]
    pub terms: EffectiveTerms,
}

/// How a subject is equivalent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum EquivalencyType {
    /// Directly.
    D,
    /// Indirectly.
    I,
}

/// The direct entries, then the indirect ones.
pub(super) fn equivalents(direct: Vec<Entry>, indirect: Vec<Entry>) -> Vec<Equivalent> {
    let of = |ty| move |Entry { subject, terms }| Equivalent { subject, ty, terms };
    let direct = direct.into_iter().map(of(EquivalencyType::D));
    let indirect = indirect.into_iter().map(of(EquivalencyType::I));
    direct.chain(indirect).collect()
}

/// Ids that a component had in other terms.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    missing_docs,
    reason = "each member is what it is called in the catalogue"
)]
pub struct Past {
    pub cross_list_subjects: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equivalent_subjects: Option<Vec<Entry>>,
    pub subject_relationships: Vec<Entry>,
}

/// What a record of scheduling relationships says: no more than they need.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    missing_docs,
    reason = "each member is what it is called in the catalogue"
)]
pub struct Scheduling {
    pub container_id: ContainerId,
    pub subject_template: SchedulingTemplate,
    pub subject_relationships: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub past_subject_data: Option<Past>,
}

/// What such a record says of the template.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    missing_docs,
    reason = "each member is what it is called in the catalogue"
)]
pub struct SchedulingTemplate {
    #[serde(flatten)]
    pub main: SubjectId,
    /// The whole edited range, whatever its pieces are.
    pub effective_terms: EffectiveTerms,
    pub cross_list_subjects: Vec<SubjectId>,
}

impl SchedulingTemplate {
    pub(super) fn of(template: &template::Template, terms: EffectiveTerms) -> Self {
        Self {
            main: template.content.main.clone(),
            effective_terms: terms,
            cross_list_subjects: template.content.ids().cloned().collect(),
        }
    }
}

impl Data {
    /// The main id.
    pub fn main(&self) -> &SubjectId {
        match self {
            Data::Regular(regular) => &regular.subject_template.main,
            Data::Scheduling(scheduling) => &scheduling.subject_template.main,
        }
    }

    /// Every id in it that gets a key, with what it is there.
    pub(super) fn ids(&self) -> Vec<(&SubjectId, KeyType)> {
        let (cross_listed, equivalent, scheduled, past) = match self {
            Data::Regular(data) => (
                &data.subject_template.cross_list_subjects,
                data.equivalent_subjects.as_slice(),
                &data.subject_relationships,
                &data.past_subject_data,
            ),
            Data::Scheduling(data) => (
                &data.subject_template.cross_list_subjects,
                [].as_slice(),
                &data.subject_relationships,
                &data.past_subject_data,
            ),
        };
        let mut ids: Vec<_> = Vec::new();
        ids.extend(cross_listed.iter().map(|id| (id, KeyType::CrossListed)));
        ids.extend(
            equivalent
                .iter()
                .map(|own| (&own.subject, KeyType::Equivalent)),
        );
        ids.extend(of(scheduled, KeyType::Scheduled));
        if let Some(past) = past {
            ids.extend(of(&past.cross_list_subjects, KeyType::CrossListed));
            let equivalent = past.equivalent_subjects.as_deref().unwrap_or_default();
            ids.extend(of(equivalent, KeyType::Equivalent));
            ids.extend(of(&past.subject_relationships, KeyType::Scheduled));
        }
        ids
    }
}

fn of(entries: &[Entry], ty: KeyType) -> impl Iterator<Item = (&SubjectId, KeyType)> {
    entries.iter().map(move |entry| (&entry.subject, ty))
}
