//! Templates with all their parts: nine tables beside their own, read by two statements.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::FromRow;

use super::values::{batches, flag, inconsistent, number, optional, parsed, range, text, year};
use crate::db::{DbError, Statement, Transaction, Value, from_text};
use crate::subjects::domain::requisites::{Requisite, Requisites};
use crate::subjects::domain::subject::{
    ContainerId, Content, GradeRule, GradingMode, HomeSubject, Level, SubjectId, TemplateId, Units,
};
use crate::subjects::domain::template::{Offering, Plans, Status, Template};
use crate::subjects::domain::timeline::Timeline;

const TABLE: &str = "subject_template";

/// The tables of the parts and their columns after the template's id.
const PARTS: [(&str, &str); 9] = [
    (
        "subject_tmpl_reg_instance",
        "subject_code, subject_number, instance_type",
    ),
    ("subject_tmpl_attr", "attribute_code"),
    ("subject_tmpl_gmod", "gmod_code, gmod_type"),
    (
        "subject_tmpl_term_plan",
        "term_code, offered_ind, instructors",
    ),
    ("subject_tmpl_year_plan", "academic_year, next_offered_year"),
    (
        "subject_tmpl_display_ctrl",
        "academic_year, control_code, option_value",
    ),
    ("subject_tmpl_url", "academic_year, url_type, url"),
    ("subject_tmpl_requisite", "requisite_kind, tree_json"),
    (
        "subject_tmpl_home_subject",
        "home_institution_id, home_school_id, home_subject_id",
    ),
];

/// How all parts are read at once: template, number of the part, three texts and a year.
const PARTS_OF: [&str; 9] = [
    "subject_code, subject_number, instance_type, CAST(0 AS BIGINT) FROM subject_tmpl_reg_instance",
    "attribute_code, '', CAST(NULL AS TEXT), CAST(0 AS BIGINT) FROM subject_tmpl_attr",
    "gmod_code, gmod_type, CAST(NULL AS TEXT), CAST(0 AS BIGINT) FROM subject_tmpl_gmod",
    "term_code, offered_ind, instructors, CAST(0 AS BIGINT) FROM subject_tmpl_term_plan",
    "'', '', CAST(next_offered_year AS TEXT), academic_year FROM subject_tmpl_year_plan",
    "control_code, option_value, CAST(NULL AS TEXT), academic_year FROM subject_tmpl_display_ctrl",
    "url_type, url, CAST(NULL AS TEXT), academic_year FROM subject_tmpl_url",
    "requisite_kind, tree_json, CAST(NULL AS TEXT), CAST(0 AS BIGINT) FROM subject_tmpl_requisite",
    "home_institution_id, home_school_id, home_subject_id, CAST(0 AS BIGINT) \
     FROM subject_tmpl_home_subject",
];

/// Which templates to read.
pub struct Which {
    of_templates: String,
    of_parts: String,
    values: Vec<Value>,
}

impl Which {
    /// All those of a container, the deleted ones too.
    pub fn of(container: ContainerId) -> Self {
        Self {
            of_templates: "container_id = $1".to_owned(),
            of_parts: "template_id IN \
                       (SELECT template_id FROM subject_template WHERE container_id = $1)"
                .to_owned(),
            values: vec![number(container)],
        }
    }

    /// These; there is one at least.
    pub fn these(templates: &BTreeSet<TemplateId>) -> Self {
        let places: Vec<_> = (1..=templates.len()).map(|at| format!("${at}")).collect();
        let of = format!("template_id IN ({})", places.join(", "));
        Self {
            of_templates: of.clone(),
            of_parts: of,
            values: templates.iter().map(|id| number(*id)).collect(),
        }
    }

    fn statement(&self, sql: String) -> Statement {
        let values = self.values.iter().cloned();
        values.fold(Statement::new(sql), Statement::bind)
    }
}

/// Reads templates, each with its container, in order of their ids.
///
/// # Errors
/// The database failed.
pub async fn read(
    transaction: &mut Transaction<'_>,
    which: &Which,
) -> Result<Vec<(ContainerId, Template)>, DbError> {
    let templates = format!(
        "SELECT template_id, container_id, eff_from_term, eff_thru_term, version_number, \
         template_status, title, description, subject_level, lecture_units, lab_units, prep_units, \
         grade_rule FROM subject_template WHERE {} ORDER BY template_id",
        which.of_templates
    );
    let rows: Vec<Row> = transaction.rows(which.statement(templates)).await?;
    let arms = PARTS_OF.iter().enumerate().map(|(part, columns)| {
        format!(
            "SELECT template_id, CAST({part} AS BIGINT), {columns} WHERE {}",
            which.of_parts
        )
    });
    let parts = arms.collect::<Vec<_>>().join(" UNION ALL ");
    let parts: Vec<Part> = transaction.rows(which.statement(parts)).await?;
    let mut by_template: BTreeMap<i64, Vec<Part>> = BTreeMap::new();
    for part in parts {
        by_template.entry(part.0).or_default().push(part);
    }
    let template = |row: Row| {
        let parts = by_template.remove(&row.template_id).unwrap_or_default();
        Ok((ContainerId(row.container_id), row.template(parts)?))
    };
    rows.into_iter().map(template).collect()
}

/// A row of one of the part tables, as [`PARTS_OF`] names its columns.
type Part = (i64, i64, String, String, Option<String>, i64);

#[derive(FromRow)]
struct Row {
    template_id: i64,
    container_id: i64,
    eff_from_term: String,
    eff_thru_term: String,
    version_number: i64,
    template_status: String,
    title: String,
    description: Option<String>,
    subject_level: Option<String>,
    lecture_units: i64,
    lab_units: i64,
    prep_units: i64,
    grade_rule: Option<String>,
}

impl Row {
    fn template(self, parts: Vec<Part>) -> Result<Template, DbError> {
        let id = self.template_id;
        let wrong = |column| inconsistent((TABLE, column), id);
        let terms = range((&self.eff_from_term, &self.eff_thru_term), TABLE, id)?;
        let units = |units: i64| u32::try_from(units).map_err(|_| wrong("lecture_units"));
        let mut content = Content {
            description: self.description.map(from_text),
            level: match self.subject_level.as_deref() {
                None => None,
                Some("U") => Some(Level::U),
                Some("G") => Some(Level::G),
                Some(_) => return Err(wrong("subject_level")),
            },
            units: Units {
                lecture: units(self.lecture_units)?,
                lab: units(self.lab_units)?,
                preparation: units(self.prep_units)?,
            },
            grade_rule: match self.grade_rule.as_deref() {
                None => None,
                Some("J") => Some(GradeRule::J),
                Some("N") => Some(GradeRule::N),
                Some("R") => Some(GradeRule::R),
                Some("T") => Some(GradeRule::T),
                Some(_) => return Err(wrong("grade_rule")),
            },
            ..Content::new(SubjectId::new("", ""), from_text(self.title))
        };
        let mut plans = Plans::default();
        for part in parts {
            add(part, &mut content, &mut plans)?;
        }
        if content.main.code.is_empty() {
            return Err(inconsistent((PARTS[0].0, "instance_type"), id));
        }
        let version = u32::try_from(self.version_number).map_err(|_| wrong("version_number"))?;
        let status = match self.template_status.as_str() {
            "A" => Status::Active,
            "D" => Status::Deleted,
            _ => return Err(wrong("template_status")),
        };
        let id = TemplateId(id);
        Ok(Template::stored(id, terms, version, status, content, plans))
    }
}

/// Adds what one row of a part table says.
fn add(part: Part, content: &mut Content, plans: &mut Plans) -> Result<(), DbError> {
    let (id, part, one, other, third, number) = part;
    let (one, other, third) = (from_text(one), from_text(other), third.map(from_text));
    let place = |column| {
        let at = usize::try_from(part).ok();
        let table = at.and_then(|at| PARTS.get(at)).map_or(TABLE, |part| part.0);
        (table, column)
    };
    let of_year = || year(number, place("academic_year"), id);
    match part {
        0 if third.as_deref() == Some("M") => content.main = SubjectId::new(one, other),
        0 => drop(content.cross_listed.insert(SubjectId::new(one, other))),
        1 => drop(content.attributes.insert(one)),
        2 => drop(content.grading_modes.insert(GradingMode::new(one, other))),
        3 => {
            let offering = Offering {
                is_offered: other == "Y",
                instructors: third,
            };
            let term = parsed(&one, place("term_code"), id)?;
            plans.offerings.insert(term, offering);
        }
        4 => {
            let place = place("next_offered_year");
            let next = third.map(|next| {
                let next = parsed(&next, place, id)?;
                year(next, place, id)
            });
            plans.next_offered.insert(of_year()?, next.transpose()?);
        }
        5 => drop(plans.displays.insert((of_year()?, one), other)),
        6 => drop(plans.urls.insert((of_year()?, one), other)),
        7 => {
            let tree: Requisite =
                serde_json::from_str(&other).map_err(|_| inconsistent(place("tree_json"), id))?;
            let Requisites {
                prerequisites,
                corequisites,
            } = &mut content.requisites;
            let kept = if one == "PRE" {
                prerequisites
            } else {
                corequisites
            };
            *kept = Some(tree);
        }
        _ => {
            content.home_subject = Some(HomeSubject {
                home_institution_id: one,
                home_school_id: other,
                home_subject_id: third.unwrap_or_default(),
            });
        }
    }
    Ok(())
}

/// Writes what differs from `stored`, and gives new templates their ids, in order. Existing
/// templates are written first, so that no two of them ever begin with one term.
///
/// # Errors
/// The database failed.
pub async fn write(
    transaction: &mut Transaction<'_>,
    container: ContainerId,
    timeline: &mut Timeline,
    stored: &BTreeMap<TemplateId, Template>,
) -> Result<(), DbError> {
    let mut counted = Vec::new();
    for template in timeline.all() {
        let Some((id, was)) = template.id.and_then(|id| Some((id, stored.get(&id)?))) else {
            continue;
        };
        let (before, after) = (columns(was), columns(template));
        if before != after {
            transaction.run(update(id, after, template.version)).await?;
        } else if was.version + 1 == template.version {
            counted.push(number(id));
        } else if was.version != template.version {
            transaction.run(update(id, after, template.version)).await?;
        }
    }
    if !counted.is_empty() {
        let sql = "UPDATE subject_template SET version_number = version_number + 1 \
                   WHERE template_id IN ";
        let counted = Statement::new(sql).bound_list(counted);
        transaction.run(counted).await?;
    }
    for template in timeline.all_mut().iter_mut().filter(|one| one.id.is_none()) {
        let id: Option<(i64,)> = transaction.row(insert(container, template)).await?;
        let id = id.ok_or_else(|| inconsistent((TABLE, "template_id"), container))?;
        template.id = Some(TemplateId(id.0));
    }
    write_parts(transaction, timeline, stored).await
}

/// The columns of a template's own row after the container, but for the version.
fn columns(template: &Template) -> Vec<Value> {
    let content = &template.content;
    vec![
        text(template.terms.from().to_string()),
        text(template.terms.thru().to_string()),
        text(if template.is_active() { "A" } else { "D" }),
        text(&content.title),
        optional(content.description.as_deref()),
        optional(content.level.map(|level| match level {
            Level::U => "U",
            Level::G => "G",
        })),
        number(content.units.lecture),
        number(content.units.lab),
        number(content.units.preparation),
        optional(content.grade_rule.map(|rule| match rule {
            GradeRule::J => "J",
            GradeRule::N => "N",
            GradeRule::R => "R",
            GradeRule::T => "T",
        })),
    ]
}

fn update(id: TemplateId, columns: Vec<Value>, version: u32) -> Statement {
    let statement = Statement::new(
        "UPDATE subject_template SET eff_from_term = $1, eff_thru_term = $2, \
         template_status = $3, title = $4, description = $5, subject_level = $6, \
         lecture_units = $7, lab_units = $8, prep_units = $9, grade_rule = $10, \
         version_number = $11 WHERE template_id = $12",
    );
    let values = columns.into_iter().chain([number(version), number(id)]);
    values.fold(statement, Statement::bind)
}

fn insert(container: ContainerId, template: &Template) -> Statement {
    let own = [number(container), number(template.version)];
    Statement::new(
        "INSERT INTO subject_template (container_id, version_number, eff_from_term, \
         eff_thru_term, template_status, title, description, subject_level, lecture_units, \
         lab_units, prep_units, grade_rule) VALUES ",
    )
    .bound_list(own.into_iter().chain(columns(template)))
    .then(" RETURNING template_id")
}

/// Replaces, table by table, the rows of the templates for which they differ.
async fn write_parts(
    transaction: &mut Transaction<'_>,
    timeline: &Timeline,
    stored: &BTreeMap<TemplateId, Template>,
) -> Result<(), DbError> {
    let (mut gone, mut new): ([Vec<Value>; 9], [Vec<Vec<Value>>; 9]) = Default::default();
    for template in timeline.all() {
        let Some(id) = template.id else { continue };
        let before = stored.get(&id).map(parts).unwrap_or_default();
        for (part, (was, is)) in before.into_iter().zip(parts(template)).enumerate() {
            if was == is {
                continue;
            }
            gone[part].extend((!was.is_empty()).then(|| number(id)));
            let rows = is.into_iter();
            new[part].extend(rows.map(|row| [vec![number(id)], row].concat()));
        }
    }
    for ((table, columns), (gone, new)) in PARTS.iter().zip(gone.into_iter().zip(new)) {
        if !gone.is_empty() {
            let sql = format!("DELETE FROM {table} WHERE template_id IN ");
            transaction
                .run(Statement::new(sql).bound_list(gone))
                .await?;
        }
        let start = format!("INSERT INTO {table} (template_id, {columns}) ");
        for statement in batches(&start, new, "") {
            transaction.run(statement).await?;
        }
    }
    Ok(())
}

/// The rows of each part table, without the template's id.
fn parts(template: &Template) -> [Vec<Vec<Value>>; 9] {
    let Template { content, plans, .. } = template;
    let id = |id: &SubjectId, ty: &str| vec![text(&id.code), text(&id.number), text(ty)];
    let main = std::iter::once(id(&content.main, "M"));
    let others = content.cross_listed.iter().map(|other| id(other, "X"));
    let year = |year: crate::subjects::domain::term::Year| number(year.number());
    let of_year = |rows: &BTreeMap<_, String>| {
        let rows = rows.iter();
        let row =
            |((of, key), value): (&(_, String), &String)| vec![year(*of), text(key), text(value)];
        rows.map(row).collect()
    };
    let offerings = plans.offerings.iter().map(|(term, offering)| {
        let instructors = optional(offering.instructors.as_deref());
        vec![
            text(term.to_string()),
            flag(offering.is_offered),
            instructors,
        ]
    });
    let next = plans.next_offered.iter().map(|(of, next)| {
        let next = next.map(|next| i64::from(next.number()));
        vec![year(*of), Value::Integer(next)]
    });
    let trees = [
        ("PRE", &content.requisites.prerequisites),
        ("CO", &content.requisites.corequisites),
    ];
    // A tree of plain texts always becomes JSON.
    let trees = trees.into_iter().filter_map(|(kind, tree)| {
        let tree = serde_json::to_string(tree.as_ref()?).unwrap_or_default();
        Some(vec![text(kind), text(tree)])
    });
    let home = content.home_subject.iter().map(|home| {
        let ids = [
            &home.home_institution_id,
            &home.home_school_id,
            &home.home_subject_id,
        ];
        ids.map(text).to_vec()
    });
    [
        main.chain(others).collect(),
        content
            .attributes
            .iter()
            .map(|code| vec![text(code)])
            .collect(),
        content
            .grading_modes
            .iter()
            .map(|mode| vec![text(&mode.code), text(&mode.ty)])
            .collect(),
        offerings.collect(),
        next.collect(),
        of_year(&plans.displays),
        of_year(&plans.urls),
        trees.collect(),
        home.collect(),
    ]
}
