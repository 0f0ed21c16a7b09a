//! Random histories over HTTP, each beside the same history in memory, which the rules are proved
//! on: the answers and every row must be the same on every engine.

use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use specwright_server::db::Statement;
use specwright_server::subjects::domain::operations::Outcome;

use super::requests::{request, turned};
use super::sending::{RECIPIENTS, send};
use super::stored::rows_are;
use super::{QUIET, everything, laws, log_of, messages, post, stages};
use crate::harness::play::{Engines, Stage};
use crate::histories::steps::{Start, Step, start, step};
use crate::support::configuration;
use crate::support::world::World;

/// A step of a history over HTTP.
#[derive(Clone, Debug)]
struct Act {
    step: Step,
    /// Whether its lists are sent in the other order.
    turned: bool,
    /// Which of the waiting notifications are sent after it, if any.
    sends: Option<usize>,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = (
        step(),
        any::<bool>(),
        proptest::option::weighted(0.2, 0usize..12),
    );
    let act = act.prop_map(|(step, turned, sends)| Act {
        step,
        turned,
        sends,
    });
    proptest::collection::vec(act, 4..14)
}

/// P-01, P-02, P-03, P-04, P-05,
/// P-06, P-07, P-08, P-09, P-10, P-11, P-12, P-13, P-14, P-15, P-16, P-17, P-18, P-19, P-20, P-21:
/// over HTTP, on every engine, a history leaves exactly the rows that the rules give, whatever the
/// order of its lists, and what is refused leaves none.
#[test]
fn a_history_leaves_the_rows_that_the_rules_give() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _alone = runtime.block_on(QUIET.read());
    let engines = Engines::new();
    let next = AtomicU32::new(0);
    let regressions = "tests/subjects/service/histories.regressions";
    let mut config = configuration(regressions, HISTORIES_IN);
    config.cases = config.cases.min(MOST_HISTORIES);
    let mut runner = TestRunner::new(config);
    let outcome = runner.run(&(start(), acts()), |(start, acts)| {
        let name = format!("history-{}", next.fetch_add(1, Ordering::Relaxed));
        runtime.block_on(async {
            for stage in stages(&engines, &name).await {
                let played = play(&stage, &start, &acts).await;
                stage.close().await;
                played?;
            }
            Ok(())
        })
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

/// One history over HTTP for so many in memory: it takes so much longer.
const HISTORIES_IN: u32 = 100;

/// So many take minutes, on every engine.
const MOST_HISTORIES: u32 = 200;

async fn play(stage: &Stage, start: &Start, acts: &[Act]) -> Result<(), TestCaseError> {
    let mut last_ref = 0;
    laws::terms_follow_each_other(&stage.db).await?;
    let mut world = prepare(stage, start, &mut last_ref).await?;
    for act in acts {
        carry_out(stage, act, &mut world, &mut last_ref).await?;
        if let Some(pick) = act.sends {
            send(stage, pick, &mut world, &mut last_ref).await?;
        }
    }
    rows_are(&stage.db, &world).await?;
    laws::listing_what_is_there_changes_nothing(stage, &world).await
}

/// One request, here and in memory.
async fn carry_out(
    stage: &Stage,
    act: &Act,
    world: &mut World,
    last_ref: &mut i64,
) -> Result<(), TestCaseError> {
    let operation = act.step.operation(world);
    let expected = world.post(operation.clone());
    let before = match expected {
        Ok(_) => Vec::new(),
        Err(_) => everything(&stage.db).await,
    };
    let relations = laws::Relations::of(&stage.db, &operation).await;
    let (path, mut body) = request(&operation);
    if act.turned && expected.is_ok() {
        turned(&mut body);
    }
    let (status, answer) = post(stage.app(), &path, &body).await;
    newer(&answer, last_ref)?;
    let log = log_of(&stage.db, &answer["apiRefId"]).await;
    match expected {
        Ok(outcome) => {
            prop_assert!(status == 200 || status == 201, "{} {}", path, answer);
            answers_are(&answer, &outcome)?;
            prop_assert_eq!(log, logged(&outcome));
            laws::records_agree(&stage.db, &operation, &answer).await?;
            laws::an_end_leaves_what_was(&stage.db, &operation, &relations).await
        }
        Err(violations) => {
            prop_assert_eq!(status, 400, "{} {}", path, answer);
            prop_assert_eq!(messages(&answer), violations.clone());
            prop_assert_eq!(log, vec!["VALIDATION"; violations.len()]);
            prop_assert_eq!(everything(&stage.db).await, before);
            Ok(())
        }
    }
}

/// P-14: a reference number is later than all before it.
pub fn newer(answer: &Value, last_ref: &mut i64) -> Result<(), TestCaseError> {
    let ref_id = answer["apiRefId"].as_i64().expect("a number");
    prop_assert!(ref_id > *last_ref, "{} after {}", ref_id, last_ref);
    *last_ref = ref_id;
    Ok(())
}

/// The rows of the log that tell what was done, by their types.
fn logged(outcome: &Outcome) -> Vec<&'static str> {
    let components = vec!["COMPONENT"; outcome.components.len()];
    let warnings = vec!["WARNING"; outcome.warnings.len()];
    [components, warnings, vec!["RESULT"]].concat()
}

/// The subjects that a history begins with, in both worlds.
async fn prepare(stage: &Stage, start: &Start, last_ref: &mut i64) -> Result<World, TestCaseError> {
    let gate = start.gate;
    let gate = format!(
        "UPDATE subject_mgmt_config SET config_value = '{gate}' \
         WHERE config_code = 'mitsisBackfillAllowedUptoYear'"
    );
    let rule = start.output.map(|output| {
        let (output, fails) = output.map_or(("", 'Y'), |output| (output, 'N'));
        format!("INSERT INTO gmod_mandate_rule VALUES (1, 'PHY2', '{output}', '{fails}')")
    });
    let recipients = RECIPIENTS.iter().map(|(kind, qualifier, email)| {
        format!("INSERT INTO notification_recipient VALUES ('{kind}', '{qualifier}', '{email}')")
    });
    let settings = [gate].into_iter().chain(rule).chain(recipients);
    let set = stage.db.write_all(settings.map(Statement::new).collect());
    set.await.expect("the settings can be stored");
    let mut world = start.empty_world();
    for create in start.subjects() {
        let operation = create.into();
        let (path, body) = request(&operation);
        let outcome = world.post(operation).expect("they have nothing in common");
        let (status, answer) = post(stage.app(), &path, &body).await;
        prop_assert_eq!(status, 201, "{}", answer);
        answers_are(&answer, &outcome)?;
        *last_ref = answer["apiRefId"].as_i64().expect("a number");
    }
    Ok(world)
}

fn answers_are(answer: &Value, outcome: &Outcome) -> Result<(), TestCaseError> {
    let templates: Vec<_> = outcome.templates.iter().map(|id| id.0).collect();
    prop_assert_eq!(&answer["containerId"], &json!(outcome.container.0));
    prop_assert_eq!(&answer["templateIds"], &json!(templates));
    prop_assert_eq!(&answer["queueIds"], &json!(outcome.queued));
    prop_assert_eq!(&answer["errorDetails"], &json!([]));
    if answer.get("notificationIds").is_some() {
        prop_assert_eq!(&answer["notificationIds"], &json!(outcome.notifications));
    }
    Ok(())
}
