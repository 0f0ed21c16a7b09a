//! Templates with all that hangs on them, some containers at a time.

use super::{BY, Writing, insert, log, number, text};
use crate::db::{DbError, Value};
use crate::subjects::domain::ranges::EffectiveTerms;
use crate::subjects::domain::requisites::Requisites;
use crate::subjects::domain::subject::{ContainerId, Content, GradeRule, Level};
use crate::subjects::import::catalogue::Container;

/// The rows of some containers and of their templates, each for a table of its own.
#[derive(Default)]
pub struct Parts {
    containers: Vec<Vec<Value>>,
    templates: Vec<Vec<Value>>,
    ids: Vec<Vec<Value>>,
    attributes: Vec<Vec<Value>>,
    modes: Vec<Vec<Value>>,
    requisites: Vec<Vec<Value>>,
    home_subjects: Vec<Vec<Value>>,
    log: Vec<Vec<Value>>,
}

impl Writing<'_> {
    /// A container and its templates.
    pub(super) fn container(&mut self, parts: &mut Parts, id: ContainerId, container: &Container) {
        parts.containers.push(vec![
            number(id.0),
            text(&container.subject_type),
            Value::Text(container.last_active_term().map(|term| term.to_string())),
            text(&self.at),
            text(BY),
        ]);
        for (terms, content) in &container.templates {
            self.template(parts, id, *terms, content);
        }
    }

    /// A template and what hangs on it.
    fn template(
        &mut self,
        parts: &mut Parts,
        container: ContainerId,
        terms: EffectiveTerms,
        content: &Content,
    ) {
        self.templates += 1;
        let id = number(self.templates);
        parts.templates.push(vec![
            id.clone(),
            number(container.0),
            text(terms.from().to_string()),
            text(terms.thru().to_string()),
            text(&content.title),
            Value::any_optional_text(content.description.as_deref()),
            Value::any_optional_text(content.level.map(level)),
            number(content.units.lecture.into()),
            number(content.units.lab.into()),
            number(content.units.preparation.into()),
            Value::any_optional_text(content.grade_rule.map(grade_rule)),
            number(1),
            text("A"),
        ]);
        for (at, subject) in content.ids().enumerate() {
            let instance = text(if at == 0 { "M" } else { "X" });
            let (code, number) = (text(&subject.code), text(&subject.number));
            parts.ids.push(vec![id.clone(), code, number, instance]);
        }
        let attributes = content.attributes.iter();
        parts
            .attributes
            .extend(attributes.map(|code| vec![id.clone(), text(code)]));
        let modes = content.grading_modes.iter();
        parts
            .modes
            .extend(modes.map(|mode| vec![id.clone(), text(&mode.code), text(&mode.ty)]));
        let Requisites {
            prerequisites,
            corequisites,
        } = &content.requisites;
        for (kind, tree) in [("PRE", prerequisites), ("CO", corequisites)] {
            // A tree of texts always becomes JSON.
            let tree = tree
                .as_ref()
                .map(|tree| serde_json::to_string(tree).unwrap_or_default());
            parts
                .requisites
                .extend(tree.map(|tree| vec![id.clone(), text(kind), text(tree)]));
        }
        parts
            .home_subjects
            .extend(content.home_subject.iter().map(|home| {
                let ids = [
                    &home.home_institution_id,
                    &home.home_school_id,
                    &home.home_subject_id,
                ];
                std::iter::once(id.clone()).chain(ids.map(text)).collect()
            }));
        let message = format!("{} {terms}", self.templates);
        parts
            .log
            .push(self.entry(container, "TEMPLATE", "INSERT", message));
    }

    pub(super) async fn parts(&mut self, parts: Parts) -> Result<(), DbError> {
        let count = parts.containers.len() + parts.templates.len();
        let tables: [(String, Vec<Vec<Value>>); 7] = [
            (
                insert(
                    "subject_container",
                    &[
                        "container_id",
                        "subject_type",
                        "last_active_term",
                        "created_at",
                        "updated_by",
                    ],
                ),
                parts.containers,
            ),
            (
                insert(
                    "subject_tmpl_reg_instance",
                    &[
                        "template_id",
                        "subject_code",
                        "subject_number",
                        "instance_type",
                    ],
                ),
                parts.ids,
            ),
            (
                insert("subject_tmpl_attr", &["template_id", "attribute_code"]),
                parts.attributes,
            ),
            (
                insert(
                    "subject_tmpl_gmod",
                    &["template_id", "gmod_code", "gmod_type"],
                ),
                parts.modes,
            ),
            (
                insert(
                    "subject_tmpl_requisite",
                    &["template_id", "requisite_kind", "tree_json"],
                ),
                parts.requisites,
            ),
            (
                insert(
                    "subject_tmpl_home_subject",
                    &[
                        "template_id",
                        "home_institution_id",
                        "home_school_id",
                        "home_subject_id",
                    ],
                ),
                parts.home_subjects,
            ),
            (log(), parts.log),
        ];
        let [containers, others @ ..] = tables;
        self.rows(&containers.0, containers.1, "").await?;
        self.rows(&templates(), parts.templates, "").await?;
        for (start, rows) in others {
            self.rows(&start, rows, "").await?;
        }
        (self.stored)(count);
        Ok(())
    }
}

fn templates() -> String {
    let columns = [
        "template_id",
        "container_id",
        "eff_from_term",
        "eff_thru_term",
        "title",
        "description",
        "subject_level",
        "lecture_units",
        "lab_units",
        "prep_units",
        "grade_rule",
        "version_number",
        "template_status",
    ];
    insert("subject_template", &columns)
}

fn level(level: Level) -> &'static str {
    match level {
        Level::U => "U",
        Level::G => "G",
    }
}

fn grade_rule(rule: GradeRule) -> &'static str {
    match rule {
        GradeRule::J => "J",
        GradeRule::N => "N",
        GradeRule::R => "R",
        GradeRule::T => "T",
    }
}
