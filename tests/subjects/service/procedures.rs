//! The mandate by a function that is stored in the database.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use specwright_server::db::{Db, Statement};

use super::{QUIET, column, everything, log_of, messages, post, stages};
use crate::harness::play::{Engines, Stage};

/// Says a mode for templates with one attribute, fails for those with another one after a write of
/// its own, and says something malformed for a third; at a fourth it ends its own connection, and it
/// takes an hour for those with none of them and a title that asks for it.
const FUNCTION: &str = "CREATE FUNCTION sxp_gmod_pkg.get_gmod_mandate_gmod(template BIGINT) \
    RETURNS TEXT LANGUAGE plpgsql AS $$ DECLARE code TEXT; BEGIN \
    SELECT MIN(attribute_code) INTO code FROM subject_tmpl_attr WHERE template_id = template; \
    IF code = 'PHY2' THEN RETURN 'Y-Z-2019FA-999999'; END IF; \
    IF code = 'HA' THEN \
        DELETE FROM subject_tmpl_gmod; RAISE EXCEPTION 'the procedure is broken'; END IF; \
    IF code = 'CIH' THEN RETURN 'Y-Z'; END IF; \
    IF code = 'PHY1' THEN \
        DELETE FROM subject_tmpl_gmod; PERFORM pg_terminate_backend(pg_backend_pid()); END IF; \
    IF EXISTS (SELECT 1 FROM subject_template t WHERE t.template_id = template \
        AND t.title = 'Slow') THEN \
        DELETE FROM subject_tmpl_gmod; PERFORM pg_sleep(3600); END IF; \
    RETURN NULL; END $$";

/// A stage with the function and one subject; none where there is no PostgreSQL.
async fn stage_with_a_procedure(engines: &Engines, name: &str) -> Option<Stage> {
    let mut found = None;
    for mut stage in stages(engines, name).await {
        if let Db::Sqlite { .. } = stage.db {
            stage.close().await;
            continue;
        }
        let made = ["CREATE SCHEMA sxp_gmod_pkg", FUNCTION].map(Statement::new);
        stage.db.write_all(made.to_vec()).await.expect("a function");
        stage.mandate_by_procedure();
        let body = json!({"subjectTemplate": {
            "subjectCode": "6", "subjectNumber": "A", "title": "T",
            "gradingModes": [{"gradingModeCode": "L", "gradingModeType": "N"}],
            "effectiveTerms": {"effectiveFromTerm": "2017FA"},
        }});
        let (status, answer) = post(stage.app(), "/subjects", &body).await;
        assert_eq!(status, 201, "{answer}");
        found = Some(stage);
    }
    found
}

const MODES: &str = "SELECT template_id || ' ' || gmod_code || '/' || gmod_type \
                     FROM subject_tmpl_gmod ORDER BY template_id, gmod_code";

/// The words of a request's warning.
async fn warning(stage: &Stage, answer: &Value) -> String {
    let log = log_of(&stage.db, &answer["apiRefId"]).await;
    assert_eq!(log, ["COMPONENT", "WARNING", "RESULT"], "{answer}");
    let warning = format!(
        "SELECT message FROM subject_api_process_log WHERE log_type = 'WARNING' \
         AND api_ref_id = {}",
        answer["apiRefId"]
    );
    column(&stage.db, &warning).await.remove(0)
}

async fn edited(stage: &Stage, from: &str, attribute: &str) -> Value {
    let body = json!({"subjectTemplate": {"attributes": [attribute]}});
    let path = format!("/subjects/containers/1/effectiveTerms/{from}");
    let (status, answer) = post(stage.app(), &path, &body).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

/// the procedure sees what the request has written; when it fails, what it
/// did is undone and nothing else, the modes go, and a warning is left.
#[tokio::test(flavor = "multi_thread")]
async fn a_stored_function_says_the_modes() {
    let _alone = QUIET.read().await;
    let engines = Engines::new();
    let Some(stage) = stage_with_a_procedure(&engines, "procedures").await else {
        return;
    };
    let answer = edited(&stage, "2018FA", "PHY2").await;
    assert_eq!(answer["templateIds"], json!([2, 3]));
    assert_eq!(
        column(&stage.db, MODES).await,
        ["1 L/N", "2 L/N", "3 L/N", "3 Y/Z"]
    );
    for (attribute, told) in [("HA", "the procedure is broken"), ("CIH", "`Y-Z`")] {
        edited(&stage, "2019FA", "PHY2").await;
        let answer = edited(&stage, "2019FA", attribute).await;
        assert_eq!(
            column(&stage.db, MODES).await,
            ["1 L/N", "2 L/N", "3 L/N"],
            "{attribute}"
        );
        let warning = warning(&stage, &answer).await;
        assert!(warning.contains(told), "{warning:?}");
    }
    stage.close().await;
}

/// a procedure that takes for ever and is ended by the server fails as any other one does:
/// what it did is undone and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn a_stored_function_that_is_ended_is_one_that_failed() {
    let _alone = QUIET.read().await;
    let engines = Engines::new();
    let Some(stage) = stage_with_a_procedure(&engines, "slow").await else {
        return;
    };
    edited(&stage, "2019FA", "PHY2").await;
    let app = stage.shared();
    let path = "/subjects/containers/1/effectiveTerms/2019FA";
    let body = json!({"subjectTemplate": {"title": "Slow", "attributes": []}});
    let posted = tokio::spawn(async move { post(&app, path, &body).await });
    let asleep = "SELECT CAST(pg_cancel_backend(pid) AS TEXT) FROM pg_stat_activity \
                  WHERE wait_event = 'PgSleep' AND datname = current_database()";
    let deadline = Instant::now() + PATIENCE;
    while column(&stage.db, asleep).await != ["true"] {
        assert!(Instant::now() < deadline, "nobody asks the procedure");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (status, answer) = posted.await.expect("the request comes to an end");
    assert_eq!(status, 200, "{answer}");
    assert_eq!(column(&stage.db, MODES).await, ["1 L/N", "2 L/N"]);
    let titles = "SELECT title FROM subject_template ORDER BY template_id";
    assert_eq!(column(&stage.db, titles).await, ["T", "Slow"]);
    let warning = warning(&stage, &answer).await;
    assert!(warning.contains("canceling statement"), "{warning}");
    stage.close().await;
}

/// a procedure that does not come to its end is given the time that it may take, for
/// each template, and no more: the update is kept without its modes, and whatever comes after it in
/// the transaction has the time that it had.
#[tokio::test(flavor = "multi_thread")]
async fn a_stored_function_that_hangs_is_given_up() {
    let _alone = QUIET.read().await;
    let engines = Engines::new();
    let Some(mut stage) = stage_with_a_procedure(&engines, "hangs").await else {
        return;
    };
    edited(&stage, "2019FA", "PHY2").await;
    let patience = Duration::from_secs(2);
    stage.hurry_mandate(patience);
    // Who asks for more than is left after the call would be ended.
    let slow = [
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                 PERFORM pg_sleep(2.5); RETURN NEW; END $$",
        "CREATE TRIGGER slow BEFORE INSERT ON subject_backfill_queue FOR EACH ROW \
         EXECUTE FUNCTION slow()",
    ];
    let made = stage.db.write_all(slow.map(Statement::new).to_vec()).await;
    made.expect("a slow queue");
    let path = "/subjects/containers/1/effectiveTerms/2019FA";
    let body = json!({"subjectTemplate": {"title": "Slow", "attributes": []}});
    let began = Instant::now();
    let (status, answer) = post(stage.app(), path, &body).await;
    let took = began.elapsed();
    assert_eq!(status, 200, "{answer}");
    assert!(took >= patience, "{took:?}");
    assert!(took < PATIENCE, "{took:?}");
    assert_eq!(column(&stage.db, MODES).await, ["1 L/N", "2 L/N"]);
    let titles = "SELECT title FROM subject_template ORDER BY template_id";
    assert_eq!(column(&stage.db, titles).await, ["T", "Slow"]);
    let warning = warning(&stage, &answer).await;
    assert!(warning.contains("statement timeout"), "{warning}");
    // One that answers in its time is not given up.
    let answer = edited(&stage, "2019FA", "PHY2").await;
    assert_eq!(
        log_of(&stage.db, &answer["apiRefId"]).await,
        ["COMPONENT", "RESULT"]
    );
    assert_eq!(column(&stage.db, MODES).await, ["1 L/N", "2 L/N", "2 Y/Z"]);
    stage.close().await;
}

/// How long the procedure may not have been asked yet, or a request may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// with the connection the whole transaction is gone, so that a procedure that ends it
/// is no failure that can be passed over: nothing is changed, and the next request is as good as ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_stored_function_that_ends_its_connection_ends_the_request() {
    let _alone = QUIET.read().await;
    let engines = Engines::new();
    let Some(stage) = stage_with_a_procedure(&engines, "broken").await else {
        return;
    };
    edited(&stage, "2019FA", "PHY2").await;
    // Longer than there are connections, so that none of them stays away.
    for _ in 0..4 {
        let before = everything(&stage.db).await;
        let body = json!({"subjectTemplate": {"title": "New", "attributes": ["PHY1"]}});
        let path = "/subjects/containers/1/effectiveTerms/2019FA";
        let (status, answer) = post(stage.app(), path, &body).await;
        assert_eq!(status, 500, "{answer}");
        let message = "Error: Exception : the database failed ";
        assert_eq!(messages(&answer), [message]);
        assert_eq!(everything(&stage.db).await, before);
        let log = log_of(&stage.db, &answer["apiRefId"]).await;
        assert_eq!(log, ["EXCEPTION"]);
        edited(&stage, "2019FA", "PHY2").await;
    }
    stage.close().await;
}
