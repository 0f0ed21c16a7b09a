//! The rows of an import in the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::SecondsFormat;

use super::catalogue::Catalogue;
use super::reference::Tables;
use super::rows::Reference;
use super::{Plan, Stored as Amounts};
use crate::db::{Db, DbError, Statement, Transaction, Value, from_text};
use crate::effects::Effects;
use crate::import::ImportError;
use crate::subjects::domain::ranges::{EffectiveTerms, Ranges};
use crate::subjects::domain::relations::{Action, Pair};
use crate::subjects::domain::requisites::Requisites;
use crate::subjects::domain::subject::{ContainerId, Content, GradeRule, GradingMode, Level};
use crate::subjects::domain::term::Term;
use crate::subjects::domain::violations::Relation;
use crate::subjects::store::{LOCK, next_reference};

/// How many values one statement carries at most: connections keep statements of that length
/// prepared, and those of an import come again and again.
const VALUES: usize = 500;

/// How many containers are written together, so that few rows wait in memory.
const CONTAINERS: usize = 500;

/// What rows tell of who wrote them.
const BY: &str = "import";

/// How the log names an import.
const PROCESS: &str = "import_subjects";

fn text(text: impl AsRef<str>) -> Value {
    Value::any_text(text.as_ref())
}

fn number(number: i64) -> Value {
    Value::Integer(Some(number))
}

fn flag(is: bool) -> Value {
    text(if is { "Y" } else { "N" })
}

/// What the reference tables have.
///
/// # Errors
/// The database failed.
pub async fn tables(db: &Db) -> Result<Tables, DbError> {
    const ALL: &str = "SELECT 'TERM', term_code, '', '', '' FROM academic_term \
        UNION ALL SELECT 'CODE', subject_code, description, department_code, '' FROM subject_code \
        UNION ALL SELECT 'ATTRIBUTE', attribute_code, '', '', '' FROM subject_attribute \
        UNION ALL SELECT 'MODE', code, '', '', '' FROM grading_mode \
        UNION ALL SELECT 'TYPE', code, '', '', '' FROM grading_mode_type \
        UNION ALL SELECT 'RULE', gmod_code, gmod_type, experimental_ind, '' \
        FROM stv_grd_opt_rules \
        UNION ALL SELECT 'INSTITUTION', id, '', '', '' FROM home_institution \
        UNION ALL SELECT 'UNIT', home_institution_id, home_school_id, '', '' FROM home_org_unit";
    let mut tables = Tables::default();
    let rows = db.read::<(String, String, String, String, String)>(Statement::new(ALL));
    for (table, one, other, third, _) in rows.await? {
        let (one, other, third) = (from_text(one), from_text(other), from_text(third));
        let known = &mut tables.known;
        match table.as_str() {
            "TERM" => known.terms.extend(one.parse::<Term>()),
            "CODE" => {
                known.codes.insert(one);
                tables.departments.insert(third);
            }
            "ATTRIBUTE" => drop(known.attributes.insert(one)),
            "MODE" => drop(tables.modes.insert(one)),
            "TYPE" => drop(tables.mode_types.insert(one)),
            "RULE" => tables
                .rules
                .push((GradingMode::new(one, other), third == "Y")),
            "INSTITUTION" => drop(tables.institutions.insert(one)),
            _ => drop(known.home_units.insert((one, other))),
        }
    }
    Ok(tables)
}

/// A row of a reference table as it is stored.
struct Stored {
    table: &'static str,
    /// The columns; those of the key come first.
    columns: &'static [&'static str],
    keys: usize,
    values: Vec<Value>,
}

impl Stored {
    /// What stores rows like this one in place of those with their keys.
    fn statement(&self) -> (String, String) {
        let (keys, others) = self.columns.split_at(self.keys);
        let set: Vec<_> = others
            .iter()
            .map(|column| format!("{column} = excluded.{column}"))
            .collect();
        let action = match set.is_empty() {
            true => "DO NOTHING".to_owned(),
            false => format!("DO UPDATE SET {}", set.join(", ")),
        };
        let start = insert(self.table, self.columns);
        (
            start,
            format!(" ON CONFLICT ({}) {action}", keys.join(", ")),
        )
    }
}

fn insert(table: &str, columns: &[&str]) -> String {
    format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "))
}

macro_rules! stored {
    ($table:literal, [$($key:literal),* $(; $($other:literal),*)?], $($value:expr),*) => {
        Stored {
            table: $table,
            columns: &[$($key,)* $($($other,)*)?],
            keys: [$($key),*].len(),
            values: vec![$($value),*],
        }
    };
}

fn row(row: &Reference) -> Stored {
    match row {
        Reference::Term { code, description } => {
            let year = code.get(..4).and_then(|year| year.parse().ok());
            stored!(
                "academic_term", ["term_code"; "academic_year", "description"],
                text(code), Value::Integer(year), text(description)
            )
        }
        Reference::Code {
            code,
            description,
            department,
        } => stored!(
            "subject_code", ["subject_code"; "description", "department_code"],
            text(code), text(description), text(department)
        ),
        Reference::Attribute {
            code,
            description,
            category,
        } => stored!(
            "subject_attribute", ["attribute_code"; "description", "category"],
            text(code), text(description), text(category)
        ),
        Reference::Mode { code, description } => stored!(
            "grading_mode",
            ["code"; "description"],
            text(code),
            text(description)
        ),
        Reference::ModeType { code, description } => stored!(
            "grading_mode_type",
            ["code"; "description"],
            text(code),
            text(description)
        ),
        Reference::Rule {
            mode,
            is_experimental,
            description,
        } => stored!(
            "stv_grd_opt_rules", ["gmod_code", "gmod_type"; "experimental_ind", "description"],
            text(&mode.code), text(&mode.ty), flag(*is_experimental), text(description)
        ),
        Reference::Mandate {
            id,
            attribute,
            output,
            fails,
        } => stored!(
            "gmod_mandate_rule", ["rule_id"; "attribute_code", "output_text", "fail_ind"],
            number(*id), text(attribute), text(output), flag(*fails)
        ),
        Reference::Display {
            control,
            option,
            from,
            thru,
        } => stored!(
            "subject_display_ctrl_option",
            ["control_code", "option_value"; "from_term", "thru_term"],
            text(control), text(option), text(from), text(thru)
        ),
        Reference::Institution { id, name } => {
            stored!("home_institution", ["id"; "name"], text(id), text(name))
        }
        Reference::Unit {
            institution,
            school,
            name,
        } => stored!(
            "home_org_unit", ["home_institution_id", "home_school_id"; "name"],
            text(institution), text(school), text(name)
        ),
        Reference::Recipient {
            kind,
            qualifier,
            email,
        } => stored!(
            "notification_recipient",
            ["notification_type", "qualifier", "email"],
            text(kind.name()),
            text(qualifier),
            text(email)
        ),
        Reference::Configuration {
            code,
            value,
            description,
        } => stored!(
            "subject_mgmt_config", ["config_code"; "config_value", "description"],
            text(code), text(value), text(description)
        ),
    }
}

/// What makes a row of a reference table the same as another one: the table and the key.
pub fn key(reference: &Reference) -> Vec<String> {
    let Stored {
        table,
        keys,
        values,
        ..
    } = row(reference);
    let values = values.iter().take(keys).map(|value| format!("{value:?}"));
    std::iter::once(table.to_owned()).chain(values).collect()
}

/// Stores everything or nothing.
///
/// # Errors
/// The database failed, or there are subjects already.
pub async fn store(
    db: &Db,
    effects: &Effects,
    plan: Plan,
    amounts: Amounts,
    stored: impl Fn(usize) + Send + 'static,
) -> Result<(), ImportError> {
    let at = effects.now().to_rfc3339_opts(SecondsFormat::Millis, true);
    let api_ref_id = next_reference(db).await?;
    let is_postgres = matches!(db, Db::Postgres(_));
    let occupied = Arc::new(AtomicBool::new(false));
    let found = Arc::clone(&occupied);
    let done = db.exclusively(LOCK, move |transaction| {
        Box::pin(async move {
            let mut writing = Writing {
                transaction,
                api_ref_id,
                at,
                stored: Box::new(stored),
                templates: 0,
            };
            writing.reference(&plan.reference).await?;
            if !plan.catalogue.containers.is_empty() {
                if writing.has_subjects().await? {
                    found.store(true, Ordering::SeqCst);
                    return Err(DbError::Failed(sqlx::Error::RowNotFound));
                }
                writing.catalogue(&plan.catalogue).await?;
                if is_postgres {
                    writing.go_on_counting().await?;
                }
            }
            writing.result(&amounts).await
        })
    });
    match done.await {
        Err(_) if occupied.load(Ordering::SeqCst) => Err(ImportError::NotEmpty("subjects")),
        done => {
            done?;
            count(db).await;
            Ok(())
        }
    }
}

/// The tables that grow with the catalogue.
const GROWING: [&str; 10] = [
    "subject_container",
    "subject_template",
    "subject_tmpl_reg_instance",
    "subject_tmpl_attr",
    "subject_tmpl_gmod",
    "subject_tmpl_requisite",
    "subject_tmpl_home_subject",
    "subject_container_equiv",
    "subject_container_relation",
    "subject_api_process_log",
];

/// Lets the database count what it has now, so that it finds rows as in a large catalogue. What is
/// stored stands also when it cannot.
async fn count(db: &Db) {
    let statements = GROWING.map(|table| Statement::new(format!("ANALYZE {table}")));
    if let Err(error) = db.write_all(statements.to_vec()).await {
        tracing::warn!(%error, "the catalogue is stored, but its tables are not counted");
    }
}

/// The transaction of an import.
struct Writing<'c> {
    transaction: Transaction<'c>,
    api_ref_id: i64,
    at: String,
    stored: Box<dyn Fn(usize) + Send>,
    /// How many templates have their ids.
    templates: i64,
}

/// The parts of some templates, each for a table of its own.
#[derive(Default)]
struct Parts {
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
    async fn rows(&mut self, start: &str, rows: Vec<Vec<Value>>, end: &str) -> Result<(), DbError> {
        let width = rows.first().map_or(1, Vec::len).max(1);
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let mut statement = Statement::new(start.to_owned());
            for (at, row) in rows.by_ref().take(VALUES / width).enumerate() {
                statement = statement.then(if at == 0 { "(" } else { ", (" });
                for (at, value) in row.into_iter().enumerate() {
                    statement = statement.then(if at == 0 { "" } else { ", " }).bound(value);
                }
                statement = statement.then(")");
            }
            self.transaction.run(statement.then(end)).await?;
        }
        Ok(())
    }

    /// One table after the other, in the order in which they refer to each other.
    async fn reference(&mut self, rows: &[Reference]) -> Result<(), DbError> {
        let mut tables: Vec<(Stored, Vec<Vec<Value>>)> = Vec::new();
        for stored in rows.iter().map(row) {
            let values = stored.values.clone();
            match tables
                .iter_mut()
                .find(|(known, _)| known.table == stored.table)
            {
                Some((_, rows)) => rows.push(values),
                None => tables.push((stored, vec![values])),
            }
        }
        let later = ["gmod_mandate_rule", "home_org_unit"];
        tables.sort_by_key(|(stored, _)| later.contains(&stored.table));
        for (stored, rows) in tables {
            let (start, end) = stored.statement();
            let count = rows.len();
            self.rows(&start, rows, &end).await?;
            (self.stored)(count);
        }
        Ok(())
    }

    async fn has_subjects(&mut self) -> Result<bool, DbError> {
        let any = Statement::new("SELECT container_id FROM subject_container LIMIT 1");
        Ok(self.transaction.row::<(i64,)>(any).await?.is_some())
    }

    async fn catalogue(&mut self, catalogue: &Catalogue) -> Result<(), DbError> {
        let mut containers = catalogue.containers.iter().peekable();
        while containers.peek().is_some() {
            let mut parts = Parts::default();
            for (id, container) in containers.by_ref().take(CONTAINERS) {
                parts.containers.push(vec![
                    number(id.0),
                    text(&container.subject_type),
                    Value::Text(container.last_active_term().map(|term| term.to_string())),
                    text(&self.at),
                    text(BY),
                ]);
                for (terms, content) in &container.templates {
                    self.template(&mut parts, *id, *terms, content);
                }
            }
            self.parts(parts).await?;
        }
        for (relation, pairs) in [
            (Relation::Equivalency, &catalogue.equivalencies),
            (Relation::Scheduling, &catalogue.scheduling),
        ] {
            let mut pairs = pairs.iter().peekable();
            while pairs.peek().is_some() {
                let some: Vec<_> = pairs.by_ref().take(CONTAINERS * 4).collect();
                self.relations(relation, &some).await?;
            }
        }
        Ok(())
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

    fn entry(
        &self,
        container: ContainerId,
        component: &str,
        action: &str,
        message: String,
    ) -> Vec<Value> {
        vec![
            number(self.api_ref_id),
            number(container.0),
            text("COMPONENT"),
            text(component),
            text(action),
            text(message),
            text(&self.at),
            text(PROCESS),
        ]
    }

    async fn parts(&mut self, parts: Parts) -> Result<(), DbError> {
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

    /// The rows of pairs, in both directions.
    async fn relations(
        &mut self,
        relation: Relation,
        pairs: &[(&Pair, &Ranges)],
    ) -> Result<(), DbError> {
        let (table, other) = match relation {
            Relation::Equivalency => ("subject_container_equiv", "equiv_container_id"),
            Relation::Scheduling => ("subject_container_relation", "related_container_id"),
        };
        let (mut rows, mut entries) = (Vec::new(), Vec::new());
        for (pair, ranges) in pairs {
            for terms in ranges.iter() {
                for (one, other) in pair.directed() {
                    let (from, thru) = (terms.from().to_string(), terms.thru().to_string());
                    rows.push(vec![number(one.0), number(other.0), text(from), text(thru)]);
                }
                let name = relation.abbreviation();
                let message = format!("{pair} {terms}");
                entries.push(self.entry(pair.low(), name, Action::Add.name(), message));
            }
        }
        let count = entries.len();
        let start = insert(table, &["container_id", other, "from_term", "thru_term"]);
        self.rows(&start, rows, "").await?;
        self.rows(&log(), entries, "").await?;
        (self.stored)(count);
        Ok(())
    }

    /// Lets PostgreSQL number what is new after what came with its number; SQLite does so itself.
    async fn go_on_counting(&mut self) -> Result<(), DbError> {
        for (table, column) in [
            ("subject_container", "container_id"),
            ("subject_template", "template_id"),
        ] {
            let sql = format!(
                "SELECT setval(pg_get_serial_sequence('{table}', '{column}'), MAX({column})) \
                 FROM {table}"
            );
            self.transaction.run(Statement::new(sql)).await?;
        }
        Ok(())
    }

    async fn result(&mut self, amounts: &Amounts) -> Result<(), DbError> {
        let Amounts {
            reference,
            containers,
            templates,
            relations,
        } = amounts;
        let message = format!(
            "{reference} reference rows, {containers} containers, {templates} templates, \
             {relations} relations"
        );
        let statement = Statement::new(
            "INSERT INTO subject_api_process_log (api_ref_id, process_name, log_type, message, \
             created_at) VALUES ($1, $4, 'RESULT', $2, $3)",
        );
        let statement = statement
            .bind(number(self.api_ref_id))
            .bind(text(message))
            .bind(text(&self.at))
            .bind(text(PROCESS));
        self.transaction.run(statement).await
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

fn log() -> String {
    let columns = [
        "api_ref_id",
        "container_id",
        "log_type",
        "component",
        "action",
        "message",
        "created_at",
        "process_name",
    ];
    insert("subject_api_process_log", &columns)
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
