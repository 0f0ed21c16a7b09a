//! What the database has of a container, and what it tells of the requests that changed it.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::FromRow;

use super::replay::{Component, Position, Record};
use super::{Label, Shown};
use crate::db::{Db, DbError, Statement, Value, from_text};
use crate::subjects::domain::ranges::{EffectiveTerms, Ranges};
use crate::subjects::domain::relations::Star;
use crate::subjects::domain::subject::{ContainerId, SubjectId, TemplateId};
use crate::subjects::domain::term::Thru;

/// How many containers are named in one statement.
const NAMED: usize = 1000;

/// Where the request of a row `r` stands, from the queue: that of its first record, or what came
/// last before it.
const POSITION: &str = "COALESCE((SELECT MIN(q.queue_id) FROM subject_backfill_queue q \
                        WHERE q.api_ref_id = r.api_ref_id), \
                        (SELECT MAX(q.queue_id) FROM subject_backfill_queue q \
                        WHERE q.api_ref_id < r.api_ref_id), 0)";

/// A container as it is stored.
#[derive(Debug)]
pub struct Found {
    /// Its type.
    pub subject_type: String,
    /// Its templates.
    pub templates: Vec<Shown>,
    /// Equivalent containers.
    pub equivalencies: Star,
    /// Containers taught together with it.
    pub scheduling: Star,
}

/// What is told of the requests that changed a container, in their order.
#[derive(Debug)]
pub struct Told {
    /// What the log tells.
    pub components: Vec<Component>,
    /// The records with the whole subject.
    pub records: Vec<Record>,
}

fn number(number: i64) -> Value {
    Value::Integer(Some(number))
}

/// The container, its templates and its relations; `None` where there is none.
///
/// # Errors
/// The database failed.
pub async fn container(db: &Db, id: ContainerId) -> Result<Option<Found>, DbError> {
    let of = |sql: &'static str| Statement::new(sql).bind(number(id.0));
    let container = of("SELECT subject_type FROM subject_container WHERE container_id = $1");
    let Some((subject_type,)) = db.read_one::<(String,)>(container).await? else {
        return Ok(None);
    };
    let templates = of("SELECT t.template_id, t.eff_from_term, t.eff_thru_term, \
                        t.version_number, t.template_status, t.title, i.subject_code, \
                        i.subject_number FROM subject_template t \
                        LEFT JOIN subject_tmpl_reg_instance i ON i.template_id = t.template_id \
                        AND i.instance_type = 'M' WHERE t.container_id = $1");
    let templates = db.read::<TemplateRow>(templates).await?;
    let templates = templates.into_iter().map(TemplateRow::shown);
    let equivalencies = of("SELECT equiv_container_id, from_term, thru_term \
                            FROM subject_container_equiv WHERE container_id = $1");
    let scheduling = of("SELECT related_container_id, from_term, thru_term \
                         FROM subject_container_relation WHERE container_id = $1");
    Ok(Some(Found {
        subject_type: from_text(subject_type),
        templates: templates.collect::<Result<_, _>>()?,
        equivalencies: star("subject_container_equiv", db.read(equivalencies).await?)?,
        scheduling: star("subject_container_relation", db.read(scheduling).await?)?,
    }))
}

/// The containers with a template that has the subject id, in order.
///
/// # Errors
/// The database failed.
pub async fn containers_of(db: &Db, id: &SubjectId) -> Result<Vec<ContainerId>, DbError> {
    let statement = Statement::new(
        "SELECT DISTINCT t.container_id FROM subject_tmpl_reg_instance i \
         JOIN subject_template t ON t.template_id = i.template_id \
         WHERE i.subject_code = $1 AND i.subject_number = $2 ORDER BY t.container_id",
    );
    let statement = statement
        .bind(Value::any_text(&id.code))
        .bind(Value::any_text(&id.number));
    let rows = db.read::<(i64,)>(statement).await?;
    Ok(rows.into_iter().map(|(id,)| ContainerId(id)).collect())
}

/// The main subject ids of containers, each of the latest template.
///
/// # Errors
/// The database failed.
pub async fn names(
    db: &Db,
    containers: BTreeSet<ContainerId>,
) -> Result<BTreeMap<ContainerId, String>, DbError> {
    let mut names = BTreeMap::new();
    let containers: Vec<_> = containers.into_iter().collect();
    for some in containers.chunks(NAMED) {
        let mut statement = Statement::new(
            "SELECT t.container_id, i.subject_code, i.subject_number FROM subject_template t \
             JOIN subject_tmpl_reg_instance i ON i.template_id = t.template_id \
             AND i.instance_type = 'M' WHERE t.container_id IN (",
        );
        for (at, id) in some.iter().enumerate() {
            statement = statement
                .then(if at == 0 { "" } else { ", " })
                .bound(number(id.0));
        }
        let statement = statement.then(") ORDER BY t.template_status DESC, t.eff_from_term");
        // Later rows take the place of earlier ones: those in effect come last.
        for (id, code, subject) in db.read::<(i64, String, String)>(statement).await? {
            let name = format!("{}.{}", from_text(code), from_text(subject));
            names.insert(ContainerId(id), name);
        }
    }
    Ok(names)
}

/// A row of the log: where its request stands, the request, component, action, message, and its own
/// number.
type ComponentRow = (i64, i64, String, String, String, i64);

/// What the log tells of a container: of its templates, and of the relations on either side of
/// which it stands.
fn components(db: &Db, id: ContainerId) -> Statement {
    let [low, high] = ends(db);
    let of = |condition: String| {
        format!(
            "SELECT {POSITION}, r.api_ref_id, r.component, r.action, r.message, r.log_id \
             FROM subject_api_process_log r WHERE r.log_type = 'COMPONENT' AND {condition}"
        )
    };
    let related = |end| of(format!("r.component IN ('EQ', 'SR') AND {end} = "));
    let id_text = || Value::Text(Some(id.to_string()));
    Statement::new(of(
        "r.component = 'TEMPLATE' AND r.container_id = ".to_owned()
    ))
    .bound(number(id.0))
    .then(" UNION ALL ")
    .then(&related(low))
    .bound(id_text())
    .then(" UNION ALL ")
    .then(&related(high))
    .bound(id_text())
    .then(" ORDER BY 1, 2, 6")
}

/// The lower and the higher container of an entry about a relation, which begins as in
/// `1-3 2018FA-999999`, in the words of the indexes on them.
fn ends(db: &Db) -> [&'static str; 2] {
    match db {
        Db::Sqlite { .. } => [
            "SUBSTR(r.message, 1, INSTR(r.message, '-') - 1)",
            "SUBSTR(r.message, INSTR(r.message, '-') + 1, \
             INSTR(r.message, ' ') - INSTR(r.message, '-') - 1)",
        ],
        Db::Postgres(_) => [
            "SPLIT_PART(r.message, '-', 1)",
            "SPLIT_PART(SPLIT_PART(r.message, ' ', 1), '-', 2)",
        ],
    }
}

/// What is told of the requests that changed a container.
///
/// # Errors
/// The database failed.
pub async fn told(db: &Db, id: ContainerId) -> Result<Told, DbError> {
    let rows = db.read::<ComponentRow>(components(db, id)).await?;
    let components =
        rows.into_iter().map(
            |(queue, request, component, action, message, _)| Component {
                at: (queue, request),
                component,
                action,
                message: from_text(message),
            },
        );
    let records = Statement::new(format!(
        "SELECT {POSITION}, r.api_ref_id, r.template_id, r.previous_data, r.new_data \
         FROM subject_backfill_queue r WHERE r.container_id = $1 \
         AND (r.backfill_process_type IS NULL OR r.backfill_process_type <> 'SR') \
         ORDER BY 1, 2, r.queue_id"
    ));
    let records = records.bind(number(id.0));
    let records = db
        .read::<(i64, i64, i64, Option<String>, String)>(records)
        .await?;
    let records = records
        .into_iter()
        .map(|(queue, request, template, previous, new)| Record {
            at: (queue, request),
            template: TemplateId(template),
            previous: previous.map(from_text),
            new: from_text(new),
        });
    Ok(Told {
        components: components.collect(),
        records: records.collect(),
    })
}

/// Where a request stands; `None` where the log has nothing of it.
///
/// # Errors
/// The database failed.
pub async fn position(db: &Db, request: i64) -> Result<Option<Position>, DbError> {
    let statement = Statement::new(format!(
        "SELECT {POSITION}, r.api_ref_id FROM subject_api_process_log r \
         WHERE r.api_ref_id = $1 LIMIT 1"
    ));
    db.read_one(statement.bind(number(request))).await
}

#[derive(FromRow)]
struct TemplateRow {
    template_id: i64,
    eff_from_term: String,
    eff_thru_term: String,
    version_number: i64,
    template_status: String,
    title: String,
    subject_code: Option<String>,
    subject_number: Option<String>,
}

impl TemplateRow {
    fn shown(self) -> Result<Shown, DbError> {
        let terms = range(&self.eff_from_term, &self.eff_thru_term);
        let terms = terms.ok_or_else(|| DbError::Inconsistent {
            table: "subject_template",
            column: "eff_from_term",
            row: self.template_id.to_string(),
        })?;
        let id = self.subject_code.zip(self.subject_number);
        Ok(Shown {
            id: TemplateId(self.template_id),
            terms,
            is_active: self.template_status == "A",
            version: Some(self.version_number),
            label: Label {
                subject_id: id.map_or_else(String::new, |(code, number)| {
                    format!("{}.{}", from_text(code), from_text(number))
                }),
                title: from_text(self.title),
            },
        })
    }
}

fn range(from: &str, thru: &str) -> Option<EffectiveTerms> {
    let thru: Thru = thru.parse().ok()?;
    EffectiveTerms::new(from.parse().ok()?, thru)
}

fn star(table: &'static str, rows: Vec<(i64, String, String)>) -> Result<Star, DbError> {
    let mut found: BTreeMap<ContainerId, Vec<EffectiveTerms>> = BTreeMap::new();
    for (other, from, thru) in rows {
        let terms = range(&from, &thru).ok_or_else(|| DbError::Inconsistent {
            table,
            column: "from_term",
            row: other.to_string(),
        })?;
        found.entry(ContainerId(other)).or_default().push(terms);
    }
    let found = found.into_iter();
    Ok(found
        .map(|(other, terms)| (other, terms.into_iter().collect::<Ranges>()))
        .collect())
}
