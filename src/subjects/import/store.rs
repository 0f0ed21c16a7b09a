//! The rows of an import in the database: all or none.

mod reference;
mod templates;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::SecondsFormat;

use super::catalogue::Catalogue;
use super::{Plan, Stored as Amounts};
use crate::db::{Db, DbError, Statement, Transaction, Value};
use crate::effects::Effects;
use crate::import::ImportError;
use crate::subjects::domain::ranges::Ranges;
use crate::subjects::domain::relations::{Action, Pair};
use crate::subjects::domain::subject::ContainerId;
use crate::subjects::domain::violations::Relation;
use crate::subjects::store::{LOCK, next_reference};
pub use reference::{key, tables};
use templates::Parts;

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

fn insert(table: &str, columns: &[&str]) -> String {
    format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "))
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

    async fn has_subjects(&mut self) -> Result<bool, DbError> {
        let any = Statement::new("SELECT container_id FROM subject_container LIMIT 1");
        Ok(self.transaction.row::<(i64,)>(any).await?.is_some())
    }

    async fn catalogue(&mut self, catalogue: &Catalogue) -> Result<(), DbError> {
        let mut containers = catalogue.containers.iter().peekable();
        while containers.peek().is_some() {
            let mut parts = Parts::default();
            for (id, container) in containers.by_ref().take(CONTAINERS) {
                self.container(&mut parts, *id, container);
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
