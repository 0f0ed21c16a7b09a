//! The rules over HTTP and in the database, on every engine.

mod broken;
mod cliques;
mod faults;
mod heard;
mod histories;
mod kills;
mod laws;
mod locks;
mod notices;
mod plans;
mod procedures;
mod requests;
mod sending;
mod stored;
mod torn;

use std::collections::BTreeMap;

use poem::http::{Method, Uri};
use poem::{Endpoint as _, Request};
use serde_json::Value;
use specwright_server::App;
use specwright_server::db::{Db, Statement};
use tokio::sync::RwLock;

use crate::harness::play::{Engine, Engines, STORY_ID, STORY_SECRET, Stage};

/// Held by each test here: to be read by those that make statements, and to be written by those that
/// look at all that are made.
static QUIET: RwLock<()> = RwLock::const_new(());

/// One stage on each kind of engine, with an empty catalogue.
async fn stages(engines: &Engines, name: &str) -> Vec<Stage> {
    let mut stages = Vec::new();
    for engine in engines.list() {
        if *engine != Engine::PostgresPair {
            let stage = engines.stage(*engine, name).await;
            stage.fill_catalogue().await;
            stages.push(stage);
        }
    }
    stages
}

/// Sends a request as the client of the stories, and gives the status and the answer.
async fn send(app: &App, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
    let body = body.map(Value::to_string).unwrap_or_default();
    let request = Request::builder()
        .method(method)
        .uri(path.parse::<Uri>().expect("a path"))
        .header("client_id", STORY_ID)
        .header("client_secret", STORY_SECRET)
        .header("content-type", "application/json")
        .header("content-length", body.len())
        .body(body);
    let response = app.get_response(request).await;
    let status = response.status().as_u16();
    let body = response.into_body().into_string().await.expect("text");
    (
        status,
        serde_json::from_str(&body).expect("an answer is JSON"),
    )
}

async fn post(app: &App, path: &str, body: &Value) -> (u16, Value) {
    send(app, Method::POST, path, Some(body)).await
}

async fn get(app: &App, path: &str) -> Value {
    let (status, answer) = send(app, Method::GET, path, None).await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

/// The messages of an answer.
fn messages(answer: &Value) -> Vec<String> {
    let details = answer["errorDetails"].as_array().expect("a list");
    let texts = details.iter().map(|detail| detail["message"].as_str());
    texts
        .map(|text| text.expect("a message").to_owned())
        .collect()
}

/// Every row that a query with one column finds.
async fn column(db: &Db, sql: &str) -> Vec<String> {
    let rows: Vec<(String,)> = db.read(Statement::new(sql.to_owned())).await.expect("rows");
    rows.into_iter().map(|(row,)| row).collect()
}

/// The tables of subject management, but for the log and its numbers.
const TABLES: [&str; 20] = [
    "subject_container",
    "subject_template",
    "subject_tmpl_reg_instance",
    "subject_tmpl_attr",
    "subject_tmpl_gmod",
    "subject_tmpl_term_plan",
    "subject_tmpl_year_plan",
    "subject_tmpl_display_ctrl",
    "subject_tmpl_url",
    "subject_tmpl_requisite",
    "subject_tmpl_home_subject",
    "subject_enrollable",
    "subject_container_equiv",
    "subject_container_relation",
    "subject_backfill_queue",
    "subject_backfill_queue_usedkey",
    "subject_backfill_lease",
    "subject_notification_support",
    "subject_mgmt_config",
    "gmod_mandate_rule",
];

/// The columns of a table: every database of an engine has the same.
async fn columns(db: &Db, table: &str) -> Vec<String> {
    static KNOWN: Known = Known::new(BTreeMap::new());
    let (engine, sql) = match db {
        Db::Sqlite { .. } => (
            "SQLite",
            format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid"),
        ),
        Db::Postgres(_) => (
            "PostgreSQL",
            format!(
                "SELECT column_name::text FROM information_schema.columns \
                 WHERE table_schema = 'public' AND table_name = '{table}' \
                 ORDER BY ordinal_position"
            ),
        ),
    };
    let key = (engine, table.to_owned());
    let known = KNOWN
        .lock()
        .expect("nothing panics in it")
        .get(&key)
        .cloned();
    if let Some(columns) = known {
        return columns;
    }
    let columns = column(db, &sql).await;
    let mut known = KNOWN.lock().expect("nothing panics in it");
    known.insert(key, columns.clone());
    columns
}

/// Columns by engine and table.
type Known = std::sync::Mutex<BTreeMap<(&'static str, String), Vec<String>>>;

/// All rows of a table as text, sorted; columns that are named are left out.
async fn rows(db: &Db, table: &str, but: &[&str]) -> Vec<String> {
    let columns = columns(db, table).await;
    let columns = columns.iter().filter(|name| !but.contains(&name.as_str()));
    let columns = columns.map(|name| format!("COALESCE(CAST({name} AS TEXT), '-')"));
    let columns: Vec<_> = columns.collect();
    let mut rows = column(
        db,
        &format!("SELECT {} FROM {table}", columns.join(" || '|' || ")),
    )
    .await;
    rows.sort();
    rows
}

/// All rows of all tables but the log.
async fn everything(db: &Db) -> Vec<(&'static str, Vec<String>)> {
    let mut all = Vec::new();
    for table in TABLES {
        all.push((table, rows(db, table, &[]).await));
    }
    all
}

/// How many rows the log has, and of which types those of a request are.
async fn log_of(db: &Db, api_ref_id: &Value) -> Vec<String> {
    let sql = format!(
        "SELECT log_type FROM subject_api_process_log WHERE api_ref_id = {api_ref_id} \
         ORDER BY log_id"
    );
    column(db, &sql).await
}
