//! Random histories over HTTP, each beside the same history in memory, which the rules are proved
//! on: the answers and every row must be the same on every engine.

use std::sync::atomic::{AtomicU32, Ordering};

use proptest::test_runner::{TestCaseError, TestRunner};
use proptest::{prop_assert, prop_assert_eq};
use serde_json::{Value, json};
use specwright_server::db::{Db, Statement};
use specwright_server::subjects::domain::operations::Outcome;
use specwright_server::subjects::domain::subject::SubjectId;
use specwright_server::subjects::domain::template::Template;

use super::requests::request;
use super::{ALONE, column, everything, get, log_of, messages, post, rows, stages};
use crate::harness::play::{Engines, Stage};
use crate::histories::steps::{Start, Step, start, steps};
use crate::support::configuration;
use crate::support::table::Table;
use crate::support::world::World;

/// P-01, P-02, P-03, P-04, P-05, P-06, P-07, P-09, P-10,
/// P-12, P-13, P-14, P-16, P-17, P-18, P-21: over HTTP, on every engine, a history leaves exactly
/// the rows that the rules give, and what is refused leaves none.
#[test]
fn a_history_leaves_the_rows_that_the_rules_give() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _alone = runtime.block_on(ALONE.lock());
    let engines = Engines::new();
    let next = AtomicU32::new(0);
    let regressions = "tests/subjects/service/histories.regressions";
    let mut runner = TestRunner::new(configuration(regressions, 400));
    let outcome = runner.run(&(start(), steps()), |(start, steps)| {
        let name = format!("history-{}", next.fetch_add(1, Ordering::Relaxed));
        runtime.block_on(async {
            for stage in stages(&engines, &name).await {
                let played = play(&stage, &start, &steps).await;
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

async fn play(stage: &Stage, start: &Start, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut last_ref = 0;
    let mut world = prepare(stage, start, &mut last_ref).await?;
    for step in steps {
        let operation = step.operation(&world);
        let before = everything(&stage.db).await;
        let expected = world.post(operation.clone());
        let (path, body) = request(&operation);
        let (status, answer) = post(stage.app(), &path, &body).await;
        let ref_id = answer["apiRefId"].as_i64().expect("a number");
        prop_assert!(ref_id > last_ref, "{} after {}", ref_id, last_ref);
        last_ref = ref_id;
        let log = log_of(&stage.db, &answer["apiRefId"]).await;
        match expected {
            Ok(outcome) => {
                prop_assert!(status == 200 || status == 201, "{} {}", path, answer);
                answers_are(&answer, &outcome)?;
                prop_assert_eq!(log.last().map(String::as_str), Some("RESULT"));
            }
            Err(violations) => {
                prop_assert_eq!(status, 400, "{} {}", path, answer);
                prop_assert_eq!(messages(&answer), violations.clone());
                prop_assert_eq!(log, vec!["VALIDATION"; violations.len()]);
                prop_assert_eq!(everything(&stage.db).await, before);
            }
        }
    }
    rows_are(&stage.db, &world).await?;
    listing_what_is_there_changes_nothing(stage, &world).await
}

/// The subjects that a history begins with, in both worlds.
async fn prepare(stage: &Stage, start: &Start, last_ref: &mut i64) -> Result<World, TestCaseError> {
    let gate = start.gate;
    let gate = format!(
        "UPDATE subject_mgmt_config SET config_value = '{gate}' \
         WHERE config_code = 'mitsisBackfillAllowedUptoYear'"
    );
    let rule = start
        .output
        .map(|output| format!("INSERT INTO gmod_mandate_rule VALUES (1, 'PHY2', '{output}', 'N')"));
    let settings = [gate].into_iter().chain(rule).map(Statement::new);
    let set = stage.db.write_all(settings.collect()).await;
    set.expect("the settings can be stored");
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

/// Every row of the catalogue and the queue is the one that the world in memory has.
async fn rows_are(db: &Db, world: &World) -> Result<(), TestCaseError> {
    let mut expected = Vec::new();
    for container in world.containers.values() {
        let last = container.timeline.last_active_term;
        let last = last.map_or("-".to_owned(), |last| last.to_string());
        expected.push(format!(
            "{}|{}|{last}",
            container.id, container.subject_type
        ));
    }
    let found = rows(db, "subject_container", &["created_at", "updated_by"]).await;
    prop_assert_eq!(found, sorted(expected));
    let templates: Vec<_> = world
        .containers
        .values()
        .flat_map(|one| {
            one.timeline
                .all()
                .iter()
                .map(|template| (one.id.0, template))
        })
        .collect();
    let own = templates
        .iter()
        .map(|(of, template)| own_row(*of, template));
    prop_assert_eq!(rows(db, "subject_template", &[]).await, sorted(own));
    for (table, row) in PARTS {
        let parts = templates.iter().flat_map(|(_, template)| {
            let id = template.id.expect("it is stored");
            row(template)
                .into_iter()
                .map(move |part| format!("{id}|{part}"))
        });
        prop_assert_eq!(rows(db, table, &[]).await, sorted(parts), "{}", table);
    }
    let relations = [
        ("subject_container_equiv", &world.equivalencies),
        ("subject_container_relation", &world.scheduling),
    ];
    for (table, relation) in relations {
        prop_assert_eq!(rows(db, table, &[]).await, related(relation), "{}", table);
    }
    queue_is(db, world).await
}

fn sorted(rows: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut rows: Vec<_> = rows.into_iter().collect();
    rows.sort();
    rows
}

fn related(table: &Table) -> Vec<String> {
    let rows = table.rows.iter().flat_map(|((one, other), ranges)| {
        let ranges = ranges.iter();
        ranges.map(move |(from, thru)| format!("{one}|{other}|{from}|{thru}"))
    });
    sorted(rows)
}

fn own_row(container: i64, template: &Template) -> String {
    let (content, id) = (&template.content, template.id.expect("it is stored"));
    let status = if template.is_active() { "A" } else { "D" };
    let (from, thru, version) = (
        template.terms.from(),
        template.terms.thru(),
        template.version,
    );
    let title = &content.title;
    format!("{id}|{container}|{from}|{thru}|{version}|{status}|{title}|-|-|0|0|0|-")
}

/// The rows of a part without the template's id.
type Part = fn(&Template) -> Vec<String>;

const PARTS: [(&str, Part); 7] = [
    ("subject_tmpl_reg_instance", |template| {
        let row = |id: &SubjectId, ty: &str| format!("{}|{}|{ty}", id.code, id.number);
        let others = template.content.cross_listed.iter().map(|id| row(id, "X"));
        let main = row(&template.content.main, "M");
        others.chain([main]).collect()
    }),
    ("subject_tmpl_attr", |template| {
        template.content.attributes.iter().cloned().collect()
    }),
    ("subject_tmpl_gmod", |template| {
        let modes = template.content.grading_modes.iter();
        modes
            .map(|mode| format!("{}|{}", mode.code, mode.ty))
            .collect()
    }),
    ("subject_tmpl_term_plan", |template| {
        let plans = template.plans.offerings.iter();
        let row = |(term, own): (&_, &specwright_server::subjects::domain::template::Offering)| {
            format!("{term}|{}|-", if own.is_offered { "Y" } else { "N" })
        };
        plans.map(row).collect()
    }),
    ("subject_tmpl_display_ctrl", |template| {
        let rows = template.plans.displays.iter();
        rows.map(|((year, key), value)| format!("{year}|{key}|{value}"))
            .collect()
    }),
    ("subject_tmpl_url", |template| {
        let rows = template.plans.urls.iter();
        rows.map(|((year, key), value)| format!("{year}|{key}|{value}"))
            .collect()
    }),
    ("subject_tmpl_requisite", |template| {
        let trees = &template.content.requisites;
        let trees = [("PRE", &trees.prerequisites), ("CO", &trees.corequisites)];
        let row = |(kind, tree): (&str, &Option<_>)| {
            let tree = serde_json::to_string(tree.as_ref()?).expect("JSON");
            Some(format!("{kind}|{tree}"))
        };
        trees.into_iter().filter_map(row).collect()
    }),
];

async fn queue_is(db: &Db, world: &World) -> Result<(), TestCaseError> {
    let records = world.queue.iter().map(|queued| {
        let record = &queued.record;
        let ty = record.process_type.map_or("-", |ty| ty.name());
        let json = |data| serde_json::to_string(data).expect("JSON");
        let previous = record.previous.as_ref().map_or("-".to_owned(), json);
        let template = record.template.expect("it is stored");
        let new = json(&record.new);
        format!(
            "{}|{}|{template}|{ty}|{previous}|{new}",
            queued.id, queued.container
        )
    });
    let found = rows(db, "subject_backfill_queue", &["api_ref_id", "created_at"]).await;
    prop_assert_eq!(found, sorted(records));
    let keys = world.queue.iter().flat_map(|queued| {
        let keys = queued.record.used_keys.iter();
        keys.map(|(id, ty)| format!("{}|{}|{}|{}", queued.id, id.code, id.number, ty.name()))
    });
    let found = rows(db, "subject_backfill_queue_usedkey", &[]).await;
    prop_assert_eq!(found, sorted(keys));
    let refs = "SELECT CAST(q.api_ref_id AS TEXT) FROM subject_backfill_queue q \
                WHERE NOT EXISTS (SELECT 1 FROM subject_api_process_log l \
                WHERE l.api_ref_id = q.api_ref_id AND l.container_id = q.container_id)";
    prop_assert_eq!(column(db, refs).await, Vec::<String>::new());
    Ok(())
}

/// P-03 over HTTP: a subject's relations as they are served can be sent back.
async fn listing_what_is_there_changes_nothing(
    stage: &Stage,
    world: &World,
) -> Result<(), TestCaseError> {
    let relations = ["subject_container_equiv", "subject_container_relation"];
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
        let before = [
            rows(&stage.db, relations[0], &[]).await,
            rows(&stage.db, relations[1], &[]).await,
        ];
        let path = format!(
            "/subjects/containers/{id}/effectiveTerms/{}",
            template.terms.from()
        );
        let (status, answer) = post(stage.app(), &path, &body).await;
        prop_assert_eq!(status, 200, "{} {} {}", path, body, answer);
        let after = [
            rows(&stage.db, relations[0], &[]).await,
            rows(&stage.db, relations[1], &[]).await,
        ];
        prop_assert_eq!(before, after);
    }
    Ok(())
}
