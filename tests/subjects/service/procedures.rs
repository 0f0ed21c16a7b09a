//! The mandate by a function that is stored in the database.

use serde_json::{Value, json};
use specwright_server::db::{Db, Statement};

use super::{ALONE, column, log_of, post, stages};
use crate::harness::play::{Engines, Stage};

/// Says a mode for templates with one attribute, fails for those with another one after a write of
/// its own, and says something malformed for a third.
const FUNCTION: &str = "CREATE FUNCTION sxp_gmod_pkg.get_gmod_mandate_gmod(template BIGINT) \
    RETURNS TEXT LANGUAGE plpgsql AS $$ DECLARE code TEXT; BEGIN \
    SELECT MIN(attribute_code) INTO code FROM subject_tmpl_attr WHERE template_id = template; \
    IF code = 'PHY2' THEN RETURN 'Y-Z-2019FA-999999'; END IF; \
    IF code = 'HA' THEN \
        DELETE FROM subject_tmpl_gmod; RAISE EXCEPTION 'the procedure is broken'; END IF; \
    IF code = 'CIH' THEN RETURN 'Y-Z'; END IF; \
    RETURN NULL; END $$";

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
    let _alone = ALONE.lock().await;
    for mut stage in stages(&Engines::new(), "procedures").await {
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
        let answer = edited(&stage, "2018FA", "PHY2").await;
        assert_eq!(answer["templateIds"], json!([2, 3]));
        let modes = "SELECT template_id || ' ' || gmod_code || '/' || gmod_type \
                     FROM subject_tmpl_gmod ORDER BY template_id, gmod_code";
        assert_eq!(
            column(&stage.db, modes).await,
            ["1 L/N", "2 L/N", "3 L/N", "3 Y/Z"]
        );
        for (attribute, told) in [("HA", "the procedure is broken"), ("CIH", "`Y-Z`")] {
            edited(&stage, "2019FA", "PHY2").await;
            let answer = edited(&stage, "2019FA", attribute).await;
            assert_eq!(
                column(&stage.db, modes).await,
                ["1 L/N", "2 L/N", "3 L/N"],
                "{attribute}"
            );
            let log = log_of(&stage.db, &answer["apiRefId"]).await;
            assert_eq!(log, ["COMPONENT", "WARNING", "RESULT"], "{attribute}");
            let warning = format!(
                "SELECT message FROM subject_api_process_log WHERE log_type = 'WARNING' \
                 AND api_ref_id = {}",
                answer["apiRefId"]
            );
            let warning = column(&stage.db, &warning).await;
            assert!(warning[0].contains(told), "{warning:?}");
        }
        stage.close().await;
    }
}
