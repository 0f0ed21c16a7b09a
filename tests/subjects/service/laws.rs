//! Properties of single requests, looked at in the database alone.

use std::collections::{BTreeMap, BTreeSet};

use proptest::test_runner::TestCaseError;
use proptest::{prop_assert, prop_assert_eq};
use serde_json::{Value, json};
use specwright_server::db::Db;
use specwright_server::subjects::domain::operations::Operation;

use super::{column, get, post, rows};
use crate::harness::play::Stage;
use crate::support::term;
use crate::support::world::World;

/// P-19: terms are in the order of their texts, on every engine, and each is the next one of that
/// before it.
pub async fn terms_follow_each_other(db: &Db) -> Result<(), TestCaseError> {
    let terms = column(db, "SELECT term_code FROM academic_term ORDER BY term_code").await;
    prop_assert!(terms.len() > 100, "{}", terms.len());
    for two in terms.windows(2) {
        let (one, next) = (term(&two[0]), term(&two[1]));
        prop_assert_eq!((one.succ(), next.pred()), (Some(next), Some(one)));
    }
    let sql = "SELECT term_code FROM academic_term WHERE term_code >= '999999'";
    prop_assert_eq!(column(db, sql).await, Vec::<String>::new());
    Ok(())
}

const TABLES: [&str; 2] = ["subject_container_equiv", "subject_container_relation"];

/// The rows of both relations before a container is deactivated.
pub struct Relations(Option<[Vec<String>; 2]>);

impl Relations {
    pub async fn of(db: &Db, operation: &Operation) -> Self {
        match operation {
            Operation::Deactivate(_) => Self(Some(relations(db).await)),
            _ => Self(None),
        }
    }
}

async fn relations(db: &Db) -> [Vec<String>; 2] {
    [
        rows(db, TABLES[0], &[]).await,
        rows(db, TABLES[1], &[]).await,
    ]
}

/// The terms of every directed pair, by the known terms.
fn by_term(rows: &[String]) -> BTreeMap<(&str, &str), BTreeSet<String>> {
    let mut pairs: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for row in rows {
        let parts: Vec<_> = row.split('|').collect();
        let mut at = Some(term(parts[2]));
        // Nothing in a history begins later than this.
        let last = parts[3].min("2035SU");
        while let Some(one) = at.filter(|one| one.to_string().as_str() <= last) {
            let terms = pairs.entry((parts[0], parts[1])).or_default();
            terms.insert(one.to_string());
            at = one.succ();
        }
    }
    pairs
}

/// P-08: the end of a container changes no row of an equivalency, no scheduling relationship before
/// the end, and none that is not its own; its own end with it.
pub async fn an_end_leaves_what_was(
    db: &Db,
    operation: &Operation,
    before: &Relations,
) -> Result<(), TestCaseError> {
    let (Operation::Deactivate(end), Some(before)) = (operation, &before.0) else {
        return Ok(());
    };
    let after = relations(db).await;
    prop_assert_eq!(&before[0], &after[0]);
    let mut expected = by_term(&before[1]);
    let own = end.container.to_string();
    for ((one, other), terms) in &mut expected {
        if [*one, *other].contains(&own.as_str()) {
            terms.retain(|term| *term < end.from);
        }
    }
    expected.retain(|_, terms| !terms.is_empty());
    prop_assert_eq!(expected, by_term(&after[1]));
    Ok(())
}

/// P-11: the regular records of one request say the same, but for terms and modes.
pub async fn records_agree(
    db: &Db,
    operation: &Operation,
    answer: &Value,
) -> Result<(), TestCaseError> {
    if let Operation::PlanTerms(_) | Operation::ShowYear(_) = operation {
        return Ok(());
    }
    let sql = format!(
        "SELECT new_data FROM subject_backfill_queue WHERE api_ref_id = {} \
         AND COALESCE(backfill_process_type, '-') <> 'SR' ORDER BY queue_id",
        answer["apiRefId"]
    );
    let records = column(db, &sql).await;
    prop_assert!(!records.is_empty(), "{} queues nothing", answer);
    let mut all = Vec::new();
    for record in &records {
        let mut new: Value = serde_json::from_str(record).expect("it is JSON");
        let template = new["subjectTemplate"].as_object_mut().expect("an object");
        let own = ["effectiveTerms", "gradingModes"].map(|name| template.remove(name));
        prop_assert!(own.iter().all(Option::is_some), "{}", record);
        all.push(new);
    }
    prop_assert!(all.windows(2).all(|two| two[0] == two[1]), "{:#?}", records);
    Ok(())
}

/// P-03 over HTTP: a subject's relations as they are served can be sent back.
pub async fn listing_what_is_there_changes_nothing(
    stage: &Stage,
    world: &World,
) -> Result<(), TestCaseError> {
    for container in world.containers.values() {
        let Some(template) = container.timeline.active().next_back() else {
            continue;
        };
        let id = container.id;
        let template_id = template.id.expect("it is stored");
        let path = format!("/subjects/containers/{id}/templates/{template_id}");
        let found = get(stage.app(), &path).await;
        let body = json!({
            "versionNumber": found["subjectTemplate"]["versionNumber"],
            "equivalentSubjects": found["equivalentSubjects"],
            "subjectRelationships": found["subjectRelationships"],
        });
        let before = relations(&stage.db).await;
        let path = format!(
            "/subjects/containers/{id}/effectiveTerms/{}",
            template.terms.from()
        );
        let (status, answer) = post(stage.app(), &path, &body).await;
        prop_assert_eq!(status, 200, "{} {} {}", path, body, answer);
        prop_assert_eq!(before, relations(&stage.db).await);
        the_same_mandate_changes_nothing(stage, &answer).await?;
    }
    Ok(())
}

/// P-15: what was edited is edited again with nothing, so that the mandate says the same; templates
/// and modes stay as they are, but for the count of changes.
async fn the_same_mandate_changes_nothing(
    stage: &Stage,
    edited: &Value,
) -> Result<(), TestCaseError> {
    let templates = edited["templateIds"].as_array().expect("a list");
    for template in templates {
        let sql =
            format!("SELECT eff_from_term FROM subject_template WHERE template_id = {template}");
        let from = column(&stage.db, &sql).await.remove(0);
        let before = mandated(&stage.db).await;
        let path = format!(
            "/subjects/containers/{}/effectiveTerms/{from}",
            edited["containerId"]
        );
        let (status, answer) = post(stage.app(), &path, &json!({})).await;
        prop_assert_eq!(status, 200, "{} {}", path, answer);
        prop_assert_eq!(&answer["templateIds"], &json!([template]));
        prop_assert_eq!(mandated(&stage.db).await, before);
    }
    Ok(())
}

async fn mandated(db: &Db) -> [Vec<String>; 2] {
    [
        rows(db, "subject_template", &["version_number"]).await,
        rows(db, "subject_tmpl_gmod", &[]).await,
    ]
}
