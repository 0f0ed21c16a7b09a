//! What requests cost: the statements they make, and how the database finds rows.

use serde_json::json;
use specwright_server::db::{Db, Statement};

use super::heard::Heard;
use super::{QUIET, column, get, post, stages};
use crate::harness::play::{Engines, Stage};

/// Five hundred containers, all equivalent to each other.
async fn clique(db: &Db) {
    let count = 500;
    let numbers: Vec<_> = (1..=count).map(|n| format!("({n})")).collect();
    let numbers = format!("WITH numbers (n) AS (VALUES {})", numbers.join(", "));
    let statements = [
        "INSERT INTO subject_container (container_id, subject_type, created_at) \
         SELECT n, 'Standard', 'x' FROM numbers",
        "INSERT INTO subject_template (template_id, container_id, eff_from_term, eff_thru_term, \
         version_number, template_status, title, lecture_units, lab_units, prep_units) \
         SELECT n, n, '2017FA', '999999', 1, 'A', 'T', 0, 0, 0 FROM numbers",
        "INSERT INTO subject_tmpl_reg_instance \
         SELECT n, '6', SUBSTR(CAST(10000 + n AS TEXT), 2, 4), 'M' FROM numbers",
        "INSERT INTO subject_container_equiv SELECT a.n, b.n, '2017FA', '999999' \
         FROM numbers a JOIN numbers b ON a.n <> b.n",
    ];
    let statements = statements.map(|sql| Statement::new(format!("{numbers} {sql}")));
    let mut statements = statements.to_vec();
    if let Db::Postgres(_) = db {
        for (table, column) in [
            ("subject_container", "container_id"),
            ("subject_template", "template_id"),
        ] {
            statements.push(Statement::new(format!(
                "ALTER TABLE {table} ALTER COLUMN {column} RESTART WITH {}",
                count + 1
            )));
        }
    }
    db.write_all(statements).await.expect("a clique");
}

fn about<'a>(statements: &'a [String], words: &str) -> Vec<&'a String> {
    statements
        .iter()
        .filter(|sql| sql.contains(words))
        .collect()
}

/// R-026, R-028: a container that joins a clique of 500 writes two rows for each member and no
/// other, in a few statements, however it joins.
#[tokio::test(flavor = "multi_thread")]
async fn joining_a_clique_costs_its_own_rows() {
    let _alone = QUIET.write().await;
    let heard = Heard::listen();
    for stage in stages(&Engines::new(), "cliques").await {
        clique(&stage.db).await;
        for (number, from) in [("X1", "2017FA"), ("X2", "2019FA")] {
            let before = count(&stage).await;
            heard.statements();
            let terms = json!({"effectiveFromTerm": from});
            let body = json!({
                "subjectTemplate": {
                    "subjectCode": "8", "subjectNumber": number, "title": "T",
                    "effectiveTerms": terms,
                },
                "equivalentSubjects": [{"containerId": 1, "effectiveTerms": terms}],
            });
            let (status, answer) = post(stage.app(), "/subjects", &body).await;
            let statements = heard.statements();
            assert_eq!(status, 201, "{answer}");
            let members = (before as f64).sqrt().ceil() as usize;
            assert_eq!(count(&stage).await - before, 2 * members);
            let related = about(&statements, "INSERT INTO subject_container_equiv");
            assert!((1..=20).contains(&related.len()), "{}", related.len());
            let touched = about(&statements, "version_number = version_number + 1");
            assert_eq!(touched.len(), 1);
            // The whole request, its log and the check of its client.
            assert!(statements.len() <= 60, "{} statements", statements.len());
        }
        let versions = "SELECT DISTINCT 'v' || version_number FROM subject_template \
                        WHERE container_id <= 500";
        assert_eq!(column(&stage.db, versions).await, ["v3"]);
        stage.close().await;
    }
}

async fn count(stage: &Stage) -> usize {
    let sql = "SELECT CAST(COUNT(*) AS TEXT) FROM subject_container_equiv";
    column(&stage.db, sql).await[0].parse().expect("a count")
}

/// A question by subject and term, and an edit that touches no relation, find all their rows by
/// indexes: no table of the catalogue is read from end to end.
#[tokio::test(flavor = "multi_thread")]
async fn rows_are_found_by_indexes() {
    let _alone = QUIET.write().await;
    let heard = Heard::listen();
    let engines = Engines::sqlite();
    for stage in stages(&engines, "indexes").await {
        clique(&stage.db).await;
        heard.statements();
        get(stage.app(), "/subjects/courses/6/numbers/0007/terms/2019FA").await;
        let edit = json!({"subjectTemplate": {"title": "New"}});
        let path = "/subjects/containers/7/effectiveTerms/2019FA";
        let (status, answer) = post(stage.app(), path, &edit).await;
        assert_eq!(status, 200, "{answer}");
        let statements = heard.statements();
        assert!(statements.len() > 20, "{statements:?}");
        let plans = statements.iter().filter(|sql| {
            let start = sql.trim_start();
            ["SELECT", "WITH", "UPDATE", "DELETE"]
                .iter()
                .any(|verb| start.starts_with(verb))
        });
        let mut looked = 0;
        // The rules of the mandate are few, and read in their order.
        let catalogue = |sql: &&String| sql.contains("subject_") && !sql.contains("mandate_rule");
        for sql in plans.filter(catalogue) {
            let plan: Vec<(i64, i64, i64, String)> = stage
                .db
                .read(Statement::new(format!("EXPLAIN QUERY PLAN {sql}")))
                .await
                .unwrap_or_else(|error| panic!("{error:?}: {sql}"));
            for (.., step) in plan {
                let scanned = step.strip_prefix("SCAN ").unwrap_or_default();
                let table = scanned.split(' ').next().unwrap_or_default();
                let whole = [
                    "subject_container",
                    "subject_template",
                    "subject_tmpl",
                    "subject_backfill",
                    "subject_enrollable",
                    "subject_api_process_log",
                    "i",
                    "t",
                    "r",
                    "h",
                    "c",
                ];
                let is_large = whole
                    .iter()
                    .any(|large| table == *large || large.len() > 1 && table.starts_with(large));
                assert!(!is_large, "{step}: {sql}");
                looked += 1;
            }
        }
        assert!(looked > 20, "{looked} steps");
        stage.close().await;
    }
}
