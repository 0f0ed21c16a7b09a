//! A failing statement at each write of each request.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use specwright_server::db::{Db, Statement};

use super::{ALONE, TABLES, column, everything, log_of, messages, post, rows, stages};
use crate::harness::catalogue::{break_writes, mend_writes};
use crate::harness::play::{Engine, Engines, Stage};

/// One request of each kind, in an order in which all can be carried out; what they do together
/// writes to every table.
fn requests() -> Vec<(&'static str, String, Value)> {
    let terms = |from: &str| json!({"effectiveFromTerm": from});
    let of = |id: i64, rest: &str| format!("/subjects/containers/{id}{rest}");
    let modes = json!([{"gradingModeCode": "L", "gradingModeType": "N"}]);
    let home = json!({"homeInstitutionId": "WELL", "homeSchoolId": "SCI", "homeSubjectId": "X"});
    let subject = |number: &str| {
        json!({
            "subjectCode": "6", "subjectNumber": number, "title": "T", "gradingModes": modes,
            "attributes": ["HA"], "homeSubject": home, "effectiveTerms": terms("2018FA"),
            "crossListSubjects": [{"subjectCode": "8", "subjectNumber": number}],
        })
    };
    let with = |id: i64| json!([{"containerId": id, "effectiveTerms": terms("2018FA")}]);
    let enrollment = json!({"enrollableSubjects": [{"subjectId": "6.A", "isEnrollable": false}]});
    let plan = json!({
        "academicYear": 2019, "nextOfferedYear": 2021,
        "termPlans": [{"termCode": "2019FA", "isOffered": true, "instructors": "A. Byron"}],
    });
    let display = json!({
        "academicYear": 2019,
        "displayControls": [{"controlCode": "SHOW", "optionValue": "YES"}],
        "urls": [{"urlType": "HOME", "url": "https://example.org"}],
    });
    let trees = json!({
        "effectiveTerm": "2020FA",
        "requisites": {"prerequisites": {"text": "x"}, "corequisites": null},
    });
    let edit = json!({
        "subjectTemplate": {
            "title": "New", "attributes": ["PHY2"], "crossListSubjects": [], "homeSubject": null,
            "gradingModes": [{"gradingModeCode": "P", "gradingModeType": "N"}],
        },
        "equivalentSubjects": [{"containerId": 2, "remove": true}],
        "subjectRelationships": [{"containerId": 2,
            "effectiveTerms": {"effectiveFromTerm": "2018FA", "effectiveThruTerm": "2020SU"}}],
    });
    let reactivate = json!({
        "operation": "REACTIVATE", "effectiveTerm": "2022FA", "equivalentSubjects": with(2),
    });
    vec![
        (
            "create",
            "/subjects".to_owned(),
            json!({"subjectTemplate": subject("A")}),
        ),
        (
            "create in a cluster",
            "/subjects".to_owned(),
            json!({
                "subjectTemplate": subject("B"),
                "equivalentSubjects": with(1), "subjectRelationships": with(1),
            }),
        ),
        ("plan", of(1, "/termPlans"), plan),
        ("show", of(1, "/displayControlsAndUrls"), display),
        (
            "enroll",
            of(1, "/terms/2019FA/enrollableSubjects"),
            enrollment.clone(),
        ),
        (
            "enroll again",
            of(1, "/terms/2019FA/enrollableSubjects"),
            enrollment,
        ),
        ("requisites", of(1, "/requisites"), trees),
        ("edit", of(1, "/effectiveTerms/2018FA"), edit),
        ("backdate", of(1, "/resetEffectiveTerm"), terms("2017FA")),
        (
            "deactivate",
            of(1, ""),
            json!({"operation": "DEACTIVATE", "effectiveTerm": "2021FA"}),
        ),
        ("reactivate", of(1, ""), reactivate),
    ]
}

/// Notes which tables are written to, and how. What the writing statement does about conflicts holds
/// for its triggers too, so that these must have none.
async fn record(stage: &Stage) {
    let mut statements = vec![Statement::new(
        "CREATE TABLE written (what TEXT NOT NULL, place TEXT NOT NULL, PRIMARY KEY (what, place))",
    )];
    for table in TABLES {
        for what in ["INSERT", "UPDATE", "DELETE"] {
            statements.push(Statement::new(format!(
                "CREATE TRIGGER recorded_{what}_{table} AFTER {what} ON {table} \
                 BEGIN INSERT INTO written SELECT '{what}', '{table}' WHERE NOT EXISTS \
                 (SELECT 1 FROM written WHERE what = '{what}' AND place = '{table}'); END"
            )));
        }
    }
    let made = stage.db.write_all(statements).await;
    made.expect("triggers can be made");
}

async fn written(stage: &Stage) -> Vec<(String, String)> {
    let written = column(
        &stage.db,
        "SELECT what || ' ' || place FROM written ORDER BY 1",
    )
    .await;
    let forgotten = stage
        .db
        .write_all(vec![Statement::new("DELETE FROM written")])
        .await;
    forgotten.expect("the notes can be forgotten");
    let parts = written.iter().filter_map(|line| line.split_once(' '));
    parts
        .map(|(what, table)| (what.to_owned(), table.to_owned()))
        .collect()
}

const MANDATED: &str = "INSERT INTO gmod_mandate_rule VALUES (1, 'PHY2', 'Y-Z-2019FA-999999', 'N')";

/// P-13: whichever write of a request fails, of all it did only a row of the
/// log is left, and when the log fails the update is left.
#[tokio::test(flavor = "multi_thread")]
async fn a_failing_write_leaves_a_row_of_the_log_and_nothing_else() {
    let _alone = ALONE.lock().await;
    let engines = Engines::new();
    let recorder = engines.stage(Engine::Sqlite, "recorder").await;
    recorder.fill_catalogue().await;
    record(&recorder).await;
    let mandated = || vec![Statement::new(MANDATED)];
    recorder.db.write_all(mandated()).await.expect("a rule");
    written(&recorder).await;
    let stages = stages(&engines, "faults").await;
    for stage in &stages {
        stage.db.write_all(mandated()).await.expect("a rule");
    }
    let mut all = BTreeSet::new();
    for (name, path, body) in requests() {
        let (status, answer) = post(recorder.app(), &path, &body).await;
        assert!([200, 201].contains(&status), "{name}: {answer}");
        let writes = written(&recorder).await;
        assert!(writes.len() >= 3, "{name} writes {writes:?}");
        for stage in &stages {
            for (what, table) in &writes {
                fails_without_a_trace(stage, (name, &path, &body), (what, table)).await;
            }
            stands_without_a_log(stage, (name, &path, &body)).await;
        }
        all.extend(writes.into_iter().map(|(_, table)| table));
    }
    let untouched = ["subject_mgmt_config", "gmod_mandate_rule"];
    let missing: Vec<_> = TABLES
        .iter()
        .filter(|table| !untouched.contains(table) && !all.contains(**table))
        .collect();
    assert!(missing.is_empty(), "no request writes to {missing:?}");
    recorder.close().await;
    for stage in stages {
        stage.close().await;
    }
}

async fn fails_without_a_trace(
    stage: &Stage,
    (name, path, body): (&str, &str, &Value),
    (what, table): (&str, &str),
) {
    let before = everything(&stage.db).await;
    let log = rows(&stage.db, "subject_api_process_log", &[]).await.len();
    break_writes(&stage.db, what, table).await;
    let (status, answer) = post(stage.app(), path, body).await;
    mend_writes(&stage.db, what, table).await;
    give_ids_again(&stage.db).await;
    let place = format!("{name}, {what} {table}: {answer}");
    assert_eq!(status, 500, "{place}");
    assert_eq!(
        messages(&answer),
        ["Error: Exception : the database failed "],
        "{place}"
    );
    assert_eq!(everything(&stage.db).await, before, "{place}");
    assert_eq!(
        log_of(&stage.db, &answer["apiRefId"]).await,
        ["EXCEPTION"],
        "{place}"
    );
    let after = rows(&stage.db, "subject_api_process_log", &[]).await.len();
    assert_eq!(after, log + 1, "{place}");
}

/// Lets PostgreSQL give the ids again that a failed request has used up, so that later requests
/// name the same containers on every engine.
async fn give_ids_again(db: &Db) {
    if let Db::Sqlite { .. } = db {
        return;
    }
    for (table, column) in [
        ("subject_container", "container_id"),
        ("subject_template", "template_id"),
    ] {
        let sql = format!(
            "SELECT setval(pg_get_serial_sequence('{table}', '{column}'), \
             (SELECT COALESCE(MAX({column}), 0) + 1 FROM {table}), false)"
        );
        let set: Vec<(i64,)> = db.read(Statement::new(sql)).await.expect("a sequence");
        assert_eq!(set.len(), 1);
    }
}

async fn stands_without_a_log(stage: &Stage, (name, path, body): (&str, &str, &Value)) {
    let log = rows(&stage.db, "subject_api_process_log", &[]).await;
    break_writes(&stage.db, "INSERT", "subject_api_process_log").await;
    let (status, answer) = post(stage.app(), path, body).await;
    mend_writes(&stage.db, "INSERT", "subject_api_process_log").await;
    assert!([200, 201].contains(&status), "{name}: {answer}");
    let message = "Error: Exception : process log the database failed ";
    assert_eq!(messages(&answer), [message], "{name}");
    assert_eq!(
        rows(&stage.db, "subject_api_process_log", &[]).await,
        log,
        "{name}"
    );
    let sql = format!(
        "SELECT 'queued' FROM subject_backfill_queue WHERE api_ref_id = {}",
        answer["apiRefId"]
    );
    assert!(!column(&stage.db, &sql).await.is_empty(), "{name}");
}

/// without a reference number nothing is done, and nothing can be logged.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_done_without_a_reference_number() {
    let _alone = ALONE.lock().await;
    let engines = Engines::new();
    for stage in stages(&engines, "numbers").await {
        let before = everything(&stage.db).await;
        let sql = match stage.db {
            Db::Sqlite { .. } => "ALTER TABLE api_sequence RENAME TO gone",
            _ => "ALTER SEQUENCE subject_api_process_log_id_seq RENAME TO gone",
        };
        let gone = stage.db.write_all(vec![Statement::new(sql)]).await;
        gone.expect("the numbers can be taken away");
        let (_, path, body) = requests().remove(0);
        for body in [body, json!({})] {
            let (status, answer) = post(stage.app(), &path, &body).await;
            assert_eq!(
                (status, &answer["apiRefId"]),
                (500, &Value::Null),
                "{answer}"
            );
            assert_eq!(
                messages(&answer),
                ["Error: Exception : the database failed "]
            );
        }
        assert_eq!(everything(&stage.db).await, before);
        let log = rows(&stage.db, "subject_api_process_log", &[]).await;
        assert_eq!(log, Vec::<String>::new());
        stage.close().await;
    }
}
