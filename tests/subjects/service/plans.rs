//! How PostgreSQL finds rows in a large catalogue: by the plans that it carries out, as the module
//! `auto_explain` tells them.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use poem::http::Method;
use serde_json::{Value, json};
use specwright_server::db::{Db, Options, Statement, migrations};

use super::heard::Heard;
use super::{QUIET, TABLES, column, post, send, stages};
use crate::harness::effects::START_MS;
use crate::harness::play::{Engines, Stage};

/// How many containers there are; each has two templates, and four others that it is equivalent to
/// and taught with.
const CONTAINERS: i64 = 20_000;

/// The records of every request, which grow like the tables of the catalogue.
const LOG: &str = "subject_api_process_log";

/// Whether a table grows with the catalogue or with what is done to it.
fn grows(table: &str) -> bool {
    let is_small = matches!(table, "subject_mgmt_config" | "gmod_mandate_rule");
    table == LOG || TABLES.contains(&table) && !is_small
}

/// The rows of each table, of which `n` counts the containers and `t` the templates.
const ROWS: [(&str, &str); 18] = [
    (
        "subject_container",
        "SELECT n, 'Standard', NULL, 'x', NULL FROM c",
    ),
    (
        "subject_template",
        "SELECT t, (t + 1) / 2, CASE t % 2 WHEN 1 THEN '2015FA' ELSE '2019FA' END, \
         CASE t % 2 WHEN 1 THEN '2018SU' ELSE '999999' END, 1, 'A', 'T', NULL, NULL, 0, 0, 0, NULL \
         FROM p",
    ),
    (
        "subject_tmpl_reg_instance",
        "SELECT t, (ARRAY['1', '6', '8', '18'])[1 + (t + 1) / 2 % 4], \
         UPPER(LPAD(TO_HEX((t + 1) / 2), 4, '0')), 'M' FROM p",
    ),
    ("subject_tmpl_attr", "SELECT t, 'HA' FROM p"),
    ("subject_tmpl_gmod", "SELECT t, 'L', 'N' FROM p"),
    (
        "subject_tmpl_term_plan",
        "SELECT t, CASE t % 2 WHEN 1 THEN '2016FA' ELSE '2019FA' END, 'Y', NULL FROM p",
    ),
    (
        "subject_tmpl_year_plan",
        "SELECT t, CASE t % 2 WHEN 1 THEN 2016 ELSE 2019 END, NULL FROM p",
    ),
    (
        "subject_tmpl_display_ctrl",
        "SELECT t, CASE t % 2 WHEN 1 THEN 2016 ELSE 2019 END, 'SHOW', 'YES' FROM p",
    ),
    (
        "subject_tmpl_url",
        "SELECT t, CASE t % 2 WHEN 1 THEN 2016 ELSE 2019 END, 'HOME', 'https://a.example' FROM p",
    ),
    (
        "subject_tmpl_requisite",
        "SELECT t, 'PRE', '{\"text\":\"T\"}' FROM p",
    ),
    (
        "subject_tmpl_home_subject",
        "SELECT t, 'WELL', 'SCI', 'H' || (t + 1) / 2 FROM p",
    ),
    (
        "subject_enrollable",
        "SELECT n, '2019FA', (ARRAY['1', '6', '8', '18'])[1 + n % 4], \
         UPPER(LPAD(TO_HEX(n), 4, '0')), 'Y' FROM c",
    ),
    ("subject_container_equiv", RELATED),
    ("subject_container_relation", RELATED),
    (
        "subject_backfill_queue",
        "SELECT n, n, n, 2 * n, NULL, NULL, '{}', '2026-01-01T00:00:00.000Z' FROM c",
    ),
    (
        "subject_backfill_queue_usedkey",
        "SELECT n, (ARRAY['1', '6', '8', '18'])[1 + n % 4], UPPER(LPAD(TO_HEX(n), 4, '0')), 'M' \
         FROM c",
    ),
    (
        "subject_api_process_log",
        "SELECT t, (t + 1) / 2, (t + 1) / 2, 'edit_subject', 'COMPONENT', \
         CASE t % 2 WHEN 1 THEN 'TEMPLATE' ELSE 'EQ' END, 'UPDATE', \
         (t + 1) / 2 || '-' || (t + 3) / 2 || ' 2018FA-999999', 'x' FROM p",
    ),
    (
        "subject_notification_support",
        "SELECT n, n, n, 2019, 'HASS', \
         '{\"subjectId\":\"6.A\",\"academicYear\":2019,\"departments\":[],\"fields\":[]}', 'x' \
         FROM c",
    ),
];

/// Containers in groups of five.
const RELATED: &str = "SELECT a.n, b.n, '2019FA', '999999' FROM c a \
                       JOIN c b ON a.n <> b.n AND (a.n - 1) / 5 = (b.n - 1) / 5";

/// Fills the tables, and counts what they have.
async fn fill(db: &Db) {
    let numbers = format!(
        "WITH c (n) AS (SELECT GENERATE_SERIES(1, {CONTAINERS})), \
         p (t) AS (SELECT GENERATE_SERIES(1, {}))",
        2 * CONTAINERS
    );
    for (table, rows) in ROWS {
        let sql = format!("INSERT INTO {table} {numbers} {rows}");
        let filled = db.write_all(vec![Statement::new(sql)]).await;
        filled.unwrap_or_else(|error| panic!("{table}: {error:?}"));
    }
    let keys = [
        ("subject_container", "container_id"),
        ("subject_template", "template_id"),
        ("subject_backfill_queue", "queue_id"),
        ("subject_api_process_log", "log_id"),
        ("subject_notification_support", "notification_id"),
    ];
    let first = 2 * CONTAINERS + 1;
    let counted = keys.map(|(table, column)| {
        format!("ALTER TABLE {table} ALTER COLUMN {column} RESTART WITH {first}")
    });
    // No record is leased yet.
    let filled = TABLES.iter().chain([&LOG]).filter(|table| grows(table));
    let filled = filled.filter(|table| **table != "subject_backfill_lease");
    let analyzed = filled.map(|table| format!("ANALYZE {table}"));
    let others = ["ANALYZE".to_owned()];
    for sql in counted.into_iter().chain(analyzed).chain(others) {
        let done = db.write::<()>(Statement::new(sql)).await;
        done.expect("a table can be counted");
    }
}

/// Has every connection from now on say its plans, those of triggers too.
async fn explain(stage: &Stage, cached: &str) {
    let db = &stage.db;
    let settings = [
        "session_preload_libraries = 'auto_explain'",
        "auto_explain.log_min_duration = 0",
        "auto_explain.log_level = notice",
        "auto_explain.log_nested_statements = on",
        &format!("plan_cache_mode = {cached}"),
    ];
    let name = column(db, "SELECT current_database()::text")
        .await
        .remove(0);
    for setting in settings {
        let set = Statement::new(format!("ALTER DATABASE {name} SET {setting}"));
        db.write::<()>(set).await.expect("a setting");
    }
    // Somebody else ends all connections of the server, so that it makes new ones.
    let options = Options {
        connections: 1,
        ..Options::default()
    };
    let other = migrations::open(&stage.location, &options, migrations::SERVER, START_MS).await;
    let other = other.expect("the database is there");
    let ended = "SELECT CAST(pg_terminate_backend(pid) AS TEXT) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let left = "SELECT CAST(pid AS TEXT) FROM pg_stat_activity \
                WHERE datname = current_database() AND pid <> pg_backend_pid() \
                AND backend_type = 'client backend'";
    column(&other, ended).await;
    let deadline = Instant::now() + Duration::from_secs(30);
    while !column(&other, left).await.is_empty() {
        assert!(Instant::now() < deadline, "a connection is not ended");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    other.close().await;
    // Connections that were away for longer are tried before they are used.
    tokio::time::sleep(Duration::from_secs(1)).await;
}

/// What is asked of a container that has the number and the home subject that go with its id.
fn questions(id: i64) -> Vec<String> {
    let code = ["1", "6", "8", "18"][usize::try_from(id % 4).expect("a place")];
    let (number, template) = (format!("{id:04X}"), 2 * id);
    let own = format!("/subjects/containers/{id}");
    vec![
        format!("/subjects/courses/{code}/numbers/{number}"),
        format!("/subjects/courses/{code}/numbers/{number}/terms/2019FA"),
        format!("{own}/terms/2019FA/displayControlsAndUrls"),
        format!("{own}/templates/{template}"),
        format!("{own}/terms/2019FA/enrollableSubjects"),
        format!(
            "/subjects/homeInstitutions/WELL/homeOrganizationUnits/SCI/homeSubjects/H{id}/terms/2019FA"
        ),
        format!("/subjects/homeSubjects/H{id}"),
        format!("{own}/templates"),
        format!("{own}/terms/2019FA/displayControls/optionValues"),
        format!("{own}/templates/{template}/requisites"),
        format!("/backfill/records?apiRefId={id}"),
        format!("/backfill/records?containerId={id}"),
        format!("/backfill/records?subjectId={code}.{number}"),
        format!("/backfill/records/{id}"),
    ]
}

/// One change of each kind, of a container and of one of another group.
fn changes(id: i64) -> Vec<(String, Value)> {
    let own = |rest: &str| format!("/subjects/containers/{id}{rest}");
    let code = ["1", "6", "8", "18"][usize::try_from(id % 4).expect("a place")];
    let related = json!([
        {"containerId": id + 7, "effectiveTerms": {"effectiveFromTerm": "2020FA"}},
    ]);
    let left = json!([{"containerId": id + 7, "remove": true}]);
    let template = json!({
        "subjectCode": "8", "subjectNumber": format!("Z{:03X}", id % 4096), "title": "T",
        "effectiveTerms": {"effectiveFromTerm": "2019FA"},
    });
    vec![
        (
            "/subjects".to_owned(),
            json!({
                "subjectTemplate": template, "equivalentSubjects": related,
                "subjectRelationships": related,
            }),
        ),
        (
            own("/effectiveTerms/2020FA"),
            json!({
                "subjectTemplate": {"title": "New"}, "equivalentSubjects": related,
                "subjectRelationships": related,
            }),
        ),
        (
            own("/effectiveTerms/2020FA"),
            json!({"equivalentSubjects": left, "subjectRelationships": left}),
        ),
        (
            own("/termPlans"),
            json!({"academicYear": 2019, "termPlans": [{"termCode": "2019FA", "isOffered": false}]}),
        ),
        (
            own("/terms/2019FA/enrollableSubjects"),
            json!({"enrollableSubjects": [
                {"subjectId": format!("{code}.{id:04X}"), "isEnrollable": false},
            ]}),
        ),
        (
            own("/displayControlsAndUrls"),
            json!({
                "academicYear": 2019,
                "displayControls": [{"controlCode": "SHOW", "optionValue": "NO"}],
                "urls": [{"urlType": "HOME", "url": "https://b.example"}],
            }),
        ),
        (
            own("/requisites"),
            json!({
                "effectiveTerm": "2021FA",
                "requisites": {"prerequisites": {"text": "P"}, "corequisites": null},
            }),
        ),
        (
            own("/resetEffectiveTerm"),
            json!({"effectiveFromTerm": "2014FA"}),
        ),
        (
            own(""),
            json!({"operation": "DEACTIVATE", "effectiveTerm": "2023FA"}),
        ),
        (
            own(""),
            json!({"operation": "REACTIVATE", "effectiveTerm": "2024FA"}),
        ),
    ]
}

/// Works a record off in every way.
async fn work_off(stage: &Stage) {
    let leased = |seconds: i64| json!({"worker": "w", "seconds": seconds});
    let (status, lease) = post(stage.app(), "/backfill/leases", &leased(60)).await;
    assert_eq!(status, 200, "{lease}");
    let id = lease["leaseId"].as_str().expect("an id");
    for (what, body) in [("renew", Some(json!({"seconds": 90}))), ("return", None)] {
        let path = format!("/backfill/leases/{id}/{what}");
        let (status, answer) = send(stage.app(), Method::POST, &path, body.as_ref()).await;
        assert!(status < 300, "{what}: {answer}");
    }
    let (_, lease) = post(stage.app(), "/backfill/leases", &leased(60)).await;
    let id = lease["leaseId"].as_str().expect("an id");
    let path = format!("/backfill/leases/{id}/acknowledge");
    let (status, answer) = send(stage.app(), Method::POST, &path, None).await;
    assert!(status < 300, "{answer}");
}

/// The tables that a plan reads from end to end.
fn scanned(plan: &str) -> BTreeSet<&str> {
    let lines = plan.lines();
    let scans = lines.filter_map(|line| line.split_once("Seq Scan on ").map(|(_, rest)| rest));
    let names = scans.filter_map(|rest| rest.split_whitespace().next());
    names.filter(|name| grows(name)).collect()
}

/// Every question and every change, and what works the queue off, find their rows by indexes on
/// PostgreSQL: no table that grows is read from end to end, whether a plan was made for the values
/// at hand or for any.
#[tokio::test(flavor = "multi_thread")]
async fn postgres_finds_rows_by_indexes() {
    let _alone = QUIET.write().await;
    let heard = Heard::listen();
    for stage in stages(&Engines::new(), "plans").await {
        if let Db::Sqlite { .. } = stage.db {
            stage.close().await;
            continue;
        }
        fill(&stage.db).await;
        for (cached, id) in [("auto", 6_001), ("force_generic_plan", 9_001)] {
            explain(&stage, cached).await;
            let mut plans = 0;
            let mut told = |request: &str| {
                for plan in heard.notices() {
                    plans += usize::from(plan.contains("plan:"));
                    let scanned = scanned(&plan);
                    assert!(
                        scanned.is_empty(),
                        "{cached}, {request}: {scanned:?}\n{plan}"
                    );
                }
            };
            heard.notices();
            for path in questions(id) {
                let (status, answer) = send(stage.app(), Method::GET, &path, None).await;
                assert_eq!(status, 200, "{path}: {answer}");
                told(&path);
            }
            for (path, body) in changes(id) {
                let (status, answer) = post(stage.app(), &path, &body).await;
                assert!(status < 300, "{path}: {answer}");
                told(&format!("{path} {body}"));
            }
            let path = format!("/subjects/containers/{id}/notifications");
            let body = json!({"notificationIds": [id]});
            // Nobody is to get it, which is found out after all was looked at.
            let (status, answer) = post(stage.app(), &path, &body).await;
            assert_eq!(status, 500, "{answer}");
            told(&path);
            work_off(&stage).await;
            told("the queue");
            assert!(plans > 200, "{plans} plans are told");
        }
        // A scan would have been seen.
        let all = "SELECT title FROM subject_template WHERE title = 'none'";
        column(&stage.db, all).await;
        let seen = heard.notices();
        assert!(
            seen.iter()
                .any(|plan| scanned(plan).contains("subject_template")),
            "{seen:?}"
        );
        stage.close().await;
    }
}
