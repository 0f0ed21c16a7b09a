//! A failing statement at each write of each request.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use specwright_server::db::{Db, Statement};

use super::broken::{
    break_commits, break_write, count_writes, keep_notification, let_go, mend_commits,
};
use super::{QUIET, TABLES, column, everything, log_of, messages, post, rows, stages};
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

/// Notes which tables are written to. What the writing statement does about conflicts holds for its
/// triggers too, so that these must have none.
async fn record(stage: &Stage) {
    let mut statements = vec![Statement::new("CREATE TABLE noted (place TEXT NOT NULL)")];
    for table in TABLES {
        for what in ["INSERT", "UPDATE", "DELETE"] {
            statements.push(Statement::new(format!(
                "CREATE TRIGGER recorded_{what}_{table} AFTER {what} ON {table} \
                 BEGIN INSERT INTO noted SELECT '{table}' WHERE NOT EXISTS \
                 (SELECT 1 FROM noted WHERE place = '{table}'); END"
            )));
        }
    }
    let made = stage.db.write_all(statements).await;
    made.expect("triggers can be made");
}

const MANDATED: &str = "INSERT INTO gmod_mandate_rule VALUES (1, 'PHY2', 'Y-Z-2019FA-999999', 'N')";

/// P-13: whichever row of a request cannot be written, or when it cannot be
/// committed, of all it did only a row of the log is left, and when the log fails the update is left.
#[tokio::test(flavor = "multi_thread")]
async fn a_failing_write_leaves_a_row_of_the_log_and_nothing_else() {
    let _alone = QUIET.read().await;
    let engines = Engines::new();
    let recorder = engines.stage(Engine::Sqlite, "recorder").await;
    recorder.fill_catalogue().await;
    record(&recorder).await;
    let mut stages = stages(&engines, "faults").await;
    stages.push(recorder);
    for stage in &stages {
        let mandated = vec![Statement::new(MANDATED)];
        stage.db.write_all(mandated).await.expect("a rule");
        count_writes(&stage.db).await;
    }
    let recorder = stages.pop().expect("it is the last one");
    for (name, path, body) in requests() {
        break_write(&recorder.db, 0).await;
        let (status, answer) = post(recorder.app(), &path, &body).await;
        assert!([200, 201].contains(&status), "{name}: {answer}");
        let writes = super::broken::written(&recorder.db).await;
        assert!(writes >= 6, "{name} writes {writes} rows");
        for stage in &stages {
            for at in 1..=writes {
                break_write(&stage.db, at).await;
                fails_without_a_trace(stage, (name, &path, &body), &format!("row {at}")).await;
            }
            // There is no row beyond these, on no engine.
            break_write(&stage.db, writes + 1).await;
            break_commits(&stage.db).await;
            fails_without_a_trace(stage, (name, &path, &body), "the commit").await;
            mend_commits(&stage.db).await;
            stands_without_a_log(stage, (name, &path, &body)).await;
            assert_eq!(super::broken::written(&stage.db).await, writes, "{name}");
        }
    }
    let all = column(&recorder.db, "SELECT place FROM noted").await;
    let all: BTreeSet<_> = all.iter().map(String::as_str).collect();
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
    broken: &str,
) {
    let before = everything(&stage.db).await;
    let log = rows(&stage.db, "subject_api_process_log", &[]).await.len();
    let (status, answer) = post(stage.app(), path, body).await;
    give_ids_again(&stage.db).await;
    let place = format!("{name}, {broken}: {answer}");
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

/// P-20: a notification that cannot be forgotten stays, whatever keeps it, and
/// the others of its request are gone; when the log fails they are gone, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_notification_that_cannot_be_forgotten_stays_alone() {
    let _alone = QUIET.read().await;
    for stage in stages(&Engines::new(), "notices").await {
        let named = "INSERT INTO notification_recipient VALUES \
                     ('XLIST', '8', 'eight@example.org'), ('HASS', '*', 'arts@example.org')";
        let named = stage.db.write_all(vec![Statement::new(named)]).await;
        named.expect("recipients");
        let (_, path, body) = requests().remove(0);
        assert_eq!(post(stage.app(), &path, &body).await.0, 201);
        let one = prepare(&stage, true).await;
        keep_notification(&stage.db, one[0]).await;
        sends(&stage, &one, ["FAILED", "SENT"]).await;
        let_go(&stage.db).await;
        let two = prepare(&stage, false).await;
        keep_notification(&stage.db, two[1]).await;
        sends(&stage, &two, ["SENT", "FAILED"]).await;
        let_go(&stage.db).await;
        let left = [one[0], two[1]];
        break_commits(&stage.db).await;
        sends(&stage, &left, ["FAILED", "FAILED"]).await;
        mend_commits(&stage.db).await;
        break_writes(&stage.db, "INSERT", "subject_api_process_log").await;
        let (status, answer) = notify(&stage, &left).await;
        mend_writes(&stage.db, "INSERT", "subject_api_process_log").await;
        assert_eq!(status, 200, "{answer}");
        let message = "Error: Exception : process log the database failed ";
        assert_eq!(messages(&answer), [message]);
        assert_eq!(waiting(&stage).await, Vec::<i64>::new());
        stage.close().await;
    }
}

/// Changes the plan of a year, so that two notifications wait.
async fn prepare(stage: &Stage, is_offered: bool) -> Vec<i64> {
    let plan = json!({
        "academicYear": 2019, "termPlans": [{"termCode": "2019FA", "isOffered": is_offered}],
    });
    let (status, answer) = post(stage.app(), "/subjects/containers/1/termPlans", &plan).await;
    assert_eq!(status, 200, "{answer}");
    let ids: Vec<i64> = serde_json::from_value(answer["notificationIds"].clone()).expect("ids");
    assert_eq!(ids.len(), 2);
    ids
}

async fn notify(stage: &Stage, ids: &[i64]) -> (u16, Value) {
    let body = json!({"notificationIds": ids});
    post(stage.app(), "/subjects/containers/1/notifications", &body).await
}

async fn waiting(stage: &Stage) -> Vec<i64> {
    let sql = "SELECT CAST(notification_id AS TEXT) FROM subject_notification_support";
    let ids = column(&stage.db, sql).await;
    let mut ids: Vec<i64> = ids.iter().map(|id| id.parse().expect("an id")).collect();
    ids.sort_unstable();
    ids
}

/// Sends two notifications that become this, and looks at what is left of everything.
async fn sends(stage: &Stage, ids: &[i64], become_of: [&str; 2]) {
    let rest = |mut all: Vec<(&'static str, Vec<String>)>| {
        all.retain(|(table, _)| *table != "subject_notification_support");
        all
    };
    let (before, mut left) = (rest(everything(&stage.db).await), waiting(stage).await);
    let (status, answer) = notify(stage, ids).await;
    assert_eq!(status, 500, "{answer}");
    let statuses = answer["notifications"].as_array().expect("a list");
    let statuses: Vec<_> = statuses.iter().map(|one| one["status"].as_str()).collect();
    assert_eq!(statuses, become_of.map(Some), "{answer}");
    left.retain(|id| {
        ids.iter()
            .zip(become_of)
            .all(|(own, of)| own != id || of != "SENT")
    });
    assert_eq!(waiting(stage).await, left, "{answer}");
    assert_eq!(rest(everything(&stage.db).await), before, "{answer}");
    let log = become_of.map(|of| {
        if of == "SENT" {
            "COMPONENT"
        } else {
            "EXCEPTION"
        }
    });
    let log = [&log[..], &["RESULT"]].concat();
    assert_eq!(log_of(&stage.db, &answer["apiRefId"]).await, log);
    let failed = become_of.iter().filter(|of| **of == "FAILED").count();
    assert_eq!(
        messages(&answer),
        vec!["Error: Exception : the database failed "; failed]
    );
}

/// without a reference number nothing is done, and nothing can be logged.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_done_without_a_reference_number() {
    let _alone = QUIET.read().await;
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
