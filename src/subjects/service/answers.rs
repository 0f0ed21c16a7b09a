//! From what the store found to the answers of the contract.

use std::collections::{BTreeMap, BTreeSet};

use specwright_runtime::{Fault, Nullable};

use super::super::contract::{
    AttributeEntries, AttributeEntry, AttributeEntryCategory, CodeEntry, DisplayControl,
    DisplayControlsAndUrls, EffectiveTerms, EnrollableSubject, EnrollableSubjects, Failure,
    FailureErrorMessage, FoundSubjects, GradeRule, GradingMode, HomeOrganizationUnit,
    HomeOrganizationUnits, HomeSubject, JoinedRequisites, JoinedRequisitesOperands, Level, Link,
    ManagementConfiguration, ManagementConfigurations, ModeEntries, ModeEntry, ModeTypeEntries,
    ModeTypeEntry, NextOfferedYears, NumberedContainer, NumberedSubject, OptionValues, Relation,
    RequiredAttribute, RequiredSubject, RequiredText, Requisite, RequisiteTrees, Status, Subject,
    SubjectNumbers, SubjectType, Template, TemplateRequisites, TemplateSummary,
    TemplateTemplateStatus, Templates, Units,
};
use super::super::domain::ranges;
use super::super::domain::requisites::{self, Operator};
use super::super::domain::subject::{self, ContainerId, SubjectId};
use super::super::domain::template;
use super::super::domain::term::{Term, Year};
use super::super::domain::violations::Violation;
use super::super::store::Unanswered;
use super::super::store::questions::{Described, Found, NumberOf, Related, Shown, TemplateOf};

/// A setting without which there is no answer.
#[derive(Debug, thiserror::Error)]
#[error("the management configuration {0} is missing")]
pub struct Unconfigured(pub &'static str);

/// Why there is no answer, as an answer.
pub fn wrong(violation: &Violation) -> Failure {
    Failure {
        error_code: 400,
        error_message: FailureErrorMessage::Error,
        error_details: vec![super::process::detail(violation)],
    }
}

/// Why a question that nothing can be wrong with has no answer.
pub fn fault(unanswered: Unanswered) -> Fault {
    match unanswered {
        Unanswered::Unconfigured(code) => Unconfigured(code).into(),
        Unanswered::Failed(error) => error.into(),
        wrong @ Unanswered::Wrong(_) => wrong.into(),
    }
}

pub fn subjects(found: Vec<Found>) -> FoundSubjects {
    FoundSubjects {
        subjects: found.into_iter().map(subject).collect(),
    }
}

pub fn subject(found: Found) -> Subject {
    whole(found, false)
}

pub fn subject_with_status(found: Found) -> Subject {
    whole(found, true)
}

fn whole(found: Found, with_status: bool) -> Subject {
    let status = match found.template.is_active() {
        true => TemplateTemplateStatus::A,
        false => TemplateTemplateStatus::D,
    };
    let relations = |related: Vec<Related>| related.into_iter().map(relation).collect();
    Subject {
        container_id: found.container.0,
        subject_type: match found.own.subject_type.as_str() {
            "Administrative" => SubjectType::Administrative,
            "Cross-Registration" => SubjectType::CrossRegistration,
            _ => SubjectType::Standard,
        },
        status: status_of(found.is_active),
        last_active_term: last(found.own.last_active_term),
        subject_template: Template {
            template_status: with_status.then_some(status),
            ..template(found.template)
        },
        equivalent_subjects: relations(found.equivalent),
        subject_relationships: relations(found.scheduled),
    }
}

fn status_of(is_active: bool) -> Status {
    match is_active {
        true => Status::Active,
        false => Status::Inactive,
    }
}

fn last(term: Option<Term>) -> Nullable<String> {
    term.map(|term| term.to_string()).into()
}

fn terms(terms: ranges::EffectiveTerms) -> EffectiveTerms {
    EffectiveTerms {
        effective_from_term: terms.from().to_string(),
        effective_thru_term: terms.thru().to_string(),
    }
}

fn relation(related: Related) -> Relation {
    Relation {
        container_id: related.container.0,
        subject_id: related.subject.to_string(),
        effective_terms: terms(related.terms),
    }
}

/// Versions count requests, and hours are bounded: both are far from the end of these numbers.
fn number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn template(template: template::Template) -> Template {
    let content = template.content;
    let cross_listed = content.cross_listed.into_iter().map(|id| NumberedSubject {
        subject_id: id.to_string(),
        subject_code: id.code,
        subject_number: id.number,
    });
    let modes = content.grading_modes.into_iter().map(|mode| GradingMode {
        grading_mode_code: mode.code,
        grading_mode_type: mode.ty,
    });
    let home = content.home_subject.map(|home| HomeSubject {
        home_institution_id: home.home_institution_id,
        home_school_id: home.home_school_id,
        home_subject_id: home.home_subject_id,
    });
    Template {
        template_id: template.id.map_or(0, |id| id.0),
        version_number: number(template.version),
        template_status: None,
        effective_terms: terms(template.terms),
        subject_id: content.main.to_string(),
        subject_code: content.main.code,
        subject_number: content.main.number,
        title: content.title,
        description: content.description.into(),
        level: content.level.map(level).into(),
        units: Units {
            lecture: number(content.units.lecture),
            lab: number(content.units.lab),
            preparation: number(content.units.preparation),
        },
        grade_rule: content.grade_rule.map(grade_rule).into(),
        attributes: content.attributes.into_iter().collect(),
        grading_modes: modes.collect(),
        cross_list_subjects: cross_listed.collect(),
        home_subject: home.into(),
        requisites: RequisiteTrees {
            prerequisites: content.requisites.prerequisites.map(node).into(),
            corequisites: content.requisites.corequisites.map(node).into(),
        },
    }
}

fn level(level: subject::Level) -> Level {
    match level {
        subject::Level::U => Level::U,
        subject::Level::G => Level::G,
    }
}

fn grade_rule(rule: subject::GradeRule) -> GradeRule {
    match rule {
        subject::GradeRule::J => GradeRule::J,
        subject::GradeRule::N => GradeRule::N,
        subject::GradeRule::R => GradeRule::R,
        subject::GradeRule::T => GradeRule::T,
    }
}

fn node(requisite: requisites::Requisite) -> Requisite {
    match requisite {
        requisites::Requisite::Subject { subject_id } => {
            Requisite::RequiredSubject(RequiredSubject { subject_id })
        }
        requisites::Requisite::Attribute { attribute_code } => {
            Requisite::RequiredAttribute(RequiredAttribute { attribute_code })
        }
        requisites::Requisite::Text { text } => Requisite::RequiredText(RequiredText { text }),
        requisites::Requisite::Joined { operator, operands } => {
            let operator = match operator {
                Operator::And => "AND",
                Operator::Or => "OR",
            };
            Requisite::JoinedRequisites(JoinedRequisites {
                operator: operator.to_owned(),
                operands: JoinedRequisitesOperands(operands.into_iter().map(node).collect()),
            })
        }
    }
}

pub fn numbers(found: Vec<NumberOf>) -> SubjectNumbers {
    let numbers = found.into_iter().map(|found| NumberedContainer {
        subject_id: found.subject.to_string(),
        subject_number: found.subject.number,
        container_id: found.container.0,
        status: status_of(found.is_active),
        last_active_term: last(found.own.last_active_term),
    });
    SubjectNumbers {
        subject_numbers: numbers.collect(),
    }
}

pub fn templates(container: ContainerId, found: Vec<template::Template>) -> Templates {
    let templates = found.into_iter().map(|template| TemplateSummary {
        template_id: template.id.map_or(0, |id| id.0),
        version_number: number(template.version),
        subject_id: template.content.main.to_string(),
        effective_terms: terms(template.terms),
    });
    Templates {
        container_id: container.0,
        templates: templates.collect(),
    }
}

pub fn requisites(found: TemplateOf) -> TemplateRequisites {
    let requisites = found.template.content.requisites;
    TemplateRequisites {
        template_id: found.template.id.map_or(0, |id| id.0),
        display_text: requisites.display_text(&found.descriptions),
        prerequisites: requisites.prerequisites.map(node).into(),
        corequisites: requisites.corequisites.map(node).into(),
    }
}

pub fn enrollable(found: Vec<(SubjectId, bool)>) -> EnrollableSubjects {
    let subjects = found
        .into_iter()
        .map(|(id, is_enrollable)| EnrollableSubject {
            subject_id: id.to_string(),
            is_enrollable,
        });
    EnrollableSubjects {
        enrollable_subjects: subjects.collect(),
    }
}

pub fn shown(container: ContainerId, shown: Shown) -> DisplayControlsAndUrls {
    let links = |links: BTreeMap<String, String>| {
        let links = links.into_iter();
        links
            .map(|(url_type, url)| Link { url_type, url })
            .collect()
    };
    DisplayControlsAndUrls {
        container_id: container.0,
        template_id: shown.template.0,
        academic_year: shown.year.number().into(),
        display_controls: controls(shown.controls),
        urls: links(shown.urls),
    }
}

fn controls(pairs: impl IntoIterator<Item = (String, String)>) -> Vec<DisplayControl> {
    let control = |(control_code, option_value)| DisplayControl {
        control_code,
        option_value,
    };
    pairs.into_iter().map(control).collect()
}

pub fn options(found: BTreeSet<(String, String)>) -> OptionValues {
    OptionValues {
        option_values: controls(found),
    }
}

pub fn years(years: Vec<Year>) -> NextOfferedYears {
    NextOfferedYears {
        next_offered_years: years.into_iter().map(|year| year.number().into()).collect(),
    }
}

pub fn units(found: Vec<Described>) -> HomeOrganizationUnits {
    let units = found.into_iter().map(|found| HomeOrganizationUnit {
        home_school_id: found.code,
        name: found.description,
    });
    HomeOrganizationUnits {
        home_organization_units: units.collect(),
    }
}

pub fn configurations(found: Vec<Described>) -> ManagementConfigurations {
    let configurations = found.into_iter().map(|found| ManagementConfiguration {
        config_code: found.code,
        config_value: found.more,
        description: found.description,
    });
    ManagementConfigurations {
        management_configurations: configurations.collect(),
    }
}

/// The answer about the only one that was found.
pub fn one<T>(found: Vec<Described>, answer: fn(Described) -> T) -> T {
    let nothing = || Described {
        code: String::new(),
        description: String::new(),
        more: String::new(),
    };
    answer(found.into_iter().next().unwrap_or_else(nothing))
}

pub fn code(found: Described) -> CodeEntry {
    CodeEntry {
        subject_code: found.code,
        description: found.description,
        department_code: found.more,
    }
}

pub fn attributes(found: Vec<Described>) -> AttributeEntries {
    AttributeEntries {
        subject_attributes: found.into_iter().map(attribute).collect(),
    }
}

pub fn attribute(found: Described) -> AttributeEntry {
    AttributeEntry {
        attribute_code: found.code,
        description: found.description,
        category: match found.more.as_str() {
            "GIR" => AttributeEntryCategory::Gir,
            "HASS" => AttributeEntryCategory::Hass,
            "COMM" => AttributeEntryCategory::Comm,
            _ => AttributeEntryCategory::Other,
        },
    }
}

pub fn modes(found: Vec<Described>) -> ModeEntries {
    ModeEntries {
        grading_modes: found.into_iter().map(mode).collect(),
    }
}

pub fn mode(found: Described) -> ModeEntry {
    ModeEntry {
        grading_mode_code: found.code,
        description: found.description,
    }
}

pub fn types(found: Vec<Described>) -> ModeTypeEntries {
    ModeTypeEntries {
        grading_mode_types: found.into_iter().map(ty).collect(),
    }
}

pub fn ty(found: Described) -> ModeTypeEntry {
    ModeTypeEntry {
        type_code: found.code,
        description: found.description,
    }
}
