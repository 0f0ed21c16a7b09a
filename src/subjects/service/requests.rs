//! From the bodies of the contract to the operations of the domain.

use specwright_runtime::Nullable;

use super::super::contract::{
    self, EndOrReturn, NewBeginning, NewRequisites, NewSubject, NewSubjectSubjectType, NewTemplate,
    Reactivation, RelationItem, Relations, RequisiteTrees, SameTerms, SubjectEdit, TemplateParts,
    YearDisplay, YearPlan,
};
use super::super::domain::checks::Item;
use super::super::domain::operations::{
    Asked, Backdate, Create, Deactivate, Edit, EditRequisites, Operation, PlanTerms, Reactivate,
    ShowYear,
};
use super::super::domain::requisites::{Operator, Requisite, Requisites};
use super::super::domain::subject::{
    ContainerId, GradeRule, GradingMode, HomeSubject, Level, Overlay, SubjectId, Units,
};
use super::super::domain::template::Offering;
use super::super::domain::term::Year;
use super::super::domain::violations::Violation;
use super::process::{Request, Wrong};

/// The thru term of an open end.
pub const OPEN: &str = "999999";

pub fn create(body: NewSubject) -> Request {
    let subject_type = match body.subject_type {
        NewSubjectSubjectType::Standard => "Standard",
        NewSubjectSubjectType::Administrative => "Administrative",
        NewSubjectSubjectType::CrossRegistration => "Cross-Registration",
    };
    let terms = body.subject_template.effective_terms.clone();
    let operation = Create {
        subject_type: subject_type.to_owned(),
        from: terms.effective_from_term,
        thru: terms.effective_thru_term.unwrap_or_else(|| OPEN.to_owned()),
        template: whole(body.subject_template),
        equivalent_subjects: items(body.equivalent_subjects),
        subject_relationships: items(body.subject_relationships),
    };
    Request {
        container: None,
        operation: Ok(operation.into()),
        updated_by: body.updated_by,
    }
}

pub fn edit(container: ContainerId, from: String, body: SubjectEdit) -> Request {
    let template = body.subject_template;
    let terms = template
        .as_ref()
        .and_then(|template| template.effective_terms.clone());
    let (thru, wrong) = same_from(terms, &from);
    let version = body.version_number.map(i64::from);
    let operation = Edit {
        container,
        from,
        thru,
        version: version.and_then(|version| u32::try_from(version).ok()),
        template: template.map(parts).unwrap_or_default(),
        equivalent_subjects: items(body.equivalent_subjects),
        subject_relationships: items(body.subject_relationships),
    };
    Request {
        container: Some(container),
        operation: unless(wrong, operation.into()),
        updated_by: body.updated_by,
    }
}

/// The operation, unless something is wrong with the request.
fn unless(wrong: Vec<Violation>, operation: Operation) -> Result<Operation, Wrong> {
    match wrong.is_empty() {
        true => Ok(operation),
        false => Err(Wrong {
            body: wrong,
            asked: Some(Asked::Operation(operation)),
            ..Wrong::default()
        }),
    }
}

/// The last term that a request names, and what is wrong when it names another first term than
/// that of the operation.
fn same_from(terms: Option<SameTerms>, from: &str) -> (Option<String>, Vec<Violation>) {
    let Some(terms) = terms else {
        return (None, Vec::new());
    };
    let given = terms.effective_from_term;
    let wrong = given.and_then(|given| other_from(given, from));
    (terms.effective_thru_term, wrong.into_iter().collect())
}

/// What is wrong with a first term that is another one than that of the operation.
pub fn other_from(given: String, from: &str) -> Option<Violation> {
    (given != from).then(|| Violation::Rule {
        field: "effective from term".to_owned(),
        value: given,
        rule: format!("the term {from} of the operation"),
    })
}

/// What is wrong with a last term of a return: what returns has an open end.
pub fn other_end(given: String) -> Option<Violation> {
    (given != OPEN).then(|| Violation::Rule {
        field: "effective thru term".to_owned(),
        value: given,
        rule: "the open end of a reactivated subject, 999999".to_owned(),
    })
}

pub fn end_or_return(container: ContainerId, body: EndOrReturn) -> Request {
    match body {
        EndOrReturn::Deactivation(body) => {
            let operation = Operation::Deactivate(Deactivate {
                container,
                from: body.effective_term,
            });
            Request::of(container, operation, body.updated_by)
        }
        EndOrReturn::Reactivation(body) => reactivate(container, body),
    }
}

fn reactivate(container: ContainerId, body: Reactivation) -> Request {
    let template = body.subject_template;
    let terms = template
        .as_ref()
        .and_then(|template| template.effective_terms.clone());
    let (thru, mut wrong) = same_from(terms, &body.effective_term);
    wrong.extend(thru.and_then(other_end));
    let operation = Reactivate {
        container,
        from: body.effective_term,
        template: template.map(parts).unwrap_or_default(),
        equivalent_subjects: items(body.equivalent_subjects),
        subject_relationships: items(body.subject_relationships),
    };
    Request {
        container: Some(container),
        operation: unless(wrong, operation.into()),
        updated_by: body.updated_by,
    }
}

pub fn backdate(container: ContainerId, body: NewBeginning) -> Request {
    let operation = Operation::Backdate(Backdate {
        container,
        from: body.effective_from_term,
    });
    Request::of(container, operation, body.updated_by)
}

pub fn requisites(container: ContainerId, body: NewRequisites) -> Request {
    let mut unknown_operators = Vec::new();
    let requisites = trees(body.requisites, &mut unknown_operators);
    let operation = EditRequisites {
        container,
        from: body.effective_term,
        requisites,
        unknown_operators,
    };
    Request::of(container, operation.into(), body.updated_by)
}

pub fn year_plan(container: ContainerId, body: YearPlan) -> Request {
    let planned = body.term_plans.into_iter().map(|planned| {
        let offering = Offering {
            is_offered: planned.is_offered,
            instructors: planned.instructors.and_then(Nullable::into_option),
        };
        (planned.term_code, offering)
    });
    let operation = year(body.academic_year).map(|of| {
        let next = body.next_offered_year.map(Nullable::into_option);
        Operation::PlanTerms(PlanTerms {
            container,
            year: of,
            next_offered: next.map(|next| next.and_then(|next| year(next).ok())),
            offerings: planned.collect(),
        })
    });
    Request {
        container: Some(container),
        operation,
        updated_by: body.updated_by,
    }
}

pub fn year_display(container: ContainerId, body: YearDisplay) -> Request {
    let controls = body.display_controls.map(|controls| {
        let controls = controls.into_iter();
        controls
            .map(|own| (own.control_code, own.option_value))
            .collect()
    });
    let urls = body.urls.map(|urls| {
        let urls = urls.into_iter();
        urls.map(|own| (own.url_type, own.url)).collect()
    });
    let operation = year(body.academic_year).map(|year| {
        Operation::ShowYear(ShowYear {
            container,
            year,
            controls,
            urls,
        })
    });
    Request {
        container: Some(container),
        operation,
        updated_by: body.updated_by,
    }
}

/// The contract bounds the number, so that it always names a year.
fn year(number: i32) -> Result<Year, Wrong> {
    let year = u16::try_from(number).ok().and_then(Year::new);
    year.ok_or_else(|| Wrong {
        body: vec![Violation::Unknown {
            what: "academic year",
            value: number.to_string(),
        }],
        ..Wrong::default()
    })
}

fn items(relations: Option<Relations>) -> Vec<Item> {
    let items = relations.unwrap_or_default().into_iter();
    let item = |item| match item {
        RelationItem::RelatedDuring(related) => {
            let terms = related.effective_terms;
            let thru = terms.effective_thru_term.unwrap_or_else(|| OPEN.to_owned());
            Item {
                container: ContainerId(related.container_id),
                terms: Some((terms.effective_from_term, thru)),
            }
        }
        RelationItem::Unrelated(unrelated) => Item {
            container: ContainerId(unrelated.container_id),
            terms: None,
        },
    };
    items.map(item).collect()
}

fn whole(template: NewTemplate) -> Overlay {
    parts(TemplateParts {
        subject_code: Some(template.subject_code),
        subject_number: Some(template.subject_number),
        title: Some(template.title),
        description: template.description,
        level: template.level,
        units: template.units,
        grade_rule: template.grade_rule,
        attributes: template.attributes,
        grading_modes: template.grading_modes,
        cross_list_subjects: template.cross_list_subjects,
        home_subject: template.home_subject,
        effective_terms: None,
    })
}

fn parts(template: TemplateParts) -> Overlay {
    let ids = |ids: Vec<contract::CrossListSubject>| {
        let ids = ids.into_iter();
        ids.map(|id| SubjectId::new(id.subject_code, id.subject_number))
            .collect()
    };
    let modes = |modes: Vec<contract::GradingMode>| {
        let modes = modes.into_iter();
        modes
            .map(|mode| GradingMode::new(mode.grading_mode_code, mode.grading_mode_type))
            .collect()
    };
    let home = |home: contract::HomeSubject| HomeSubject {
        home_institution_id: home.home_institution_id,
        home_school_id: home.home_school_id,
        home_subject_id: home.home_subject_id,
    };
    Overlay {
        code: template.subject_code,
        number: template.subject_number,
        cross_listed: template.cross_list_subjects.map(ids),
        title: template.title,
        description: template.description.map(Nullable::into_option),
        level: template
            .level
            .map(|level| level.into_option().map(Level::from)),
        units: template.units.map(Units::from),
        grade_rule: template
            .grade_rule
            .map(|rule| rule.into_option().map(GradeRule::from)),
        attributes: template.attributes,
        grading_modes: template.grading_modes.map(modes),
        home_subject: template.home_subject.map(|own| own.into_option().map(home)),
        requisites: None,
    }
}

impl From<contract::Level> for Level {
    fn from(level: contract::Level) -> Self {
        match level {
            contract::Level::U => Level::U,
            contract::Level::G => Level::G,
        }
    }
}

impl From<contract::GradeRule> for GradeRule {
    fn from(rule: contract::GradeRule) -> Self {
        match rule {
            contract::GradeRule::J => GradeRule::J,
            contract::GradeRule::N => GradeRule::N,
            contract::GradeRule::R => GradeRule::R,
            contract::GradeRule::T => GradeRule::T,
        }
    }
}

impl From<contract::Units> for Units {
    fn from(units: contract::Units) -> Self {
        // The contract has no negative hours.
        let hours = |hours: i32| u32::try_from(hours).unwrap_or_default();
        Units {
            lecture: hours(units.lecture),
            lab: hours(units.lab),
            preparation: hours(units.preparation),
        }
    }
}

/// The trees, and the operators in them that there are not.
fn trees(trees: RequisiteTrees, unknown: &mut Vec<String>) -> Requisites {
    let prerequisites = trees.prerequisites.into_option();
    Requisites {
        prerequisites: prerequisites.map(|node| requisite(node, unknown)),
        corequisites: trees
            .corequisites
            .into_option()
            .map(|node| requisite(node, unknown)),
    }
}

fn requisite(node: contract::Requisite, unknown: &mut Vec<String>) -> Requisite {
    match node {
        contract::Requisite::RequiredSubject(own) => Requisite::Subject {
            subject_id: own.subject_id,
        },
        contract::Requisite::RequiredAttribute(own) => Requisite::Attribute {
            attribute_code: own.attribute_code,
        },
        contract::Requisite::RequiredText(own) => Requisite::Text { text: own.text },
        contract::Requisite::JoinedRequisites(joined) => {
            let operator = match joined.operator.as_str() {
                "AND" => Operator::And,
                "OR" => Operator::Or,
                _ => {
                    unknown.push(joined.operator);
                    Operator::And
                }
            };
            let operands = joined.operands.0.into_iter();
            Requisite::Joined {
                operator,
                operands: operands.map(|node| requisite(node, unknown)).collect(),
            }
        }
    }
}
