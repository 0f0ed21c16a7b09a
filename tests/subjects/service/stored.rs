//! The rows of a database against a world in memory.

use proptest::prop_assert_eq;
use proptest::test_runner::TestCaseError;
use specwright_server::db::Db;
use specwright_server::subjects::domain::subject::SubjectId;
use specwright_server::subjects::domain::template::{Offering, Template};
use specwright_server::subjects::domain::term::Year;

use super::{column, rows};
use crate::support::table::Table;
use crate::support::world::World;

/// Every row of the catalogue and the queue is the one that the world in memory has.
pub async fn rows_are(db: &Db, world: &World) -> Result<(), TestCaseError> {
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
    said_of_terms_is(db, world).await?;
    queue_is(db, world).await
}

/// What is stored beside the templates: enrollment, and what waits to be sent. (P-20)
pub async fn said_of_terms_is(db: &Db, world: &World) -> Result<(), TestCaseError> {
    let enrollment = world.enrollment.iter().flat_map(|((of, term), ids)| {
        ids.iter().map(move |(id, may)| {
            let may = if *may { "Y" } else { "N" };
            format!("{of}|{term}|{}|{}|{may}", id.code, id.number)
        })
    });
    let found = rows(db, "subject_enrollable", &[]).await;
    prop_assert_eq!(found, sorted(enrollment));
    let waiting = world.waiting.iter().map(|(id, of)| {
        let at = usize::try_from(*id).expect("an id") - 1;
        let one = &world.notifications[at];
        let data = serde_json::to_string(one).expect("JSON");
        format!(
            "{id}|{of}|{}|{}|{data}",
            one.academic_year.number(),
            one.kind.name()
        )
    });
    let but = ["api_ref_id", "created_at", "claimed_until_ms"];
    let found = rows(db, "subject_notification_support", &but).await;
    prop_assert_eq!(found, sorted(waiting));
    if let Db::Sqlite { .. } = db {
        let claimed = "SELECT CAST(notification_id AS TEXT) FROM subject_notification_support \
                       WHERE claimed_until_ms IS NOT NULL";
        prop_assert_eq!(column(db, claimed).await, Vec::<String>::new());
    }
    Ok(())
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
    let description = content.description.as_deref().unwrap_or("-");
    let level = content
        .level
        .map_or("-".to_owned(), |own| format!("{own:?}"));
    let (lecture, lab, preparation) = (
        content.units.lecture,
        content.units.lab,
        content.units.preparation,
    );
    let rule = content
        .grade_rule
        .map_or("-".to_owned(), |own| format!("{own:?}"));
    format!(
        "{id}|{container}|{from}|{thru}|{version}|{status}|{title}|{description}|{level}|\
         {lecture}|{lab}|{preparation}|{rule}"
    )
}

/// The rows of a part without the template's id.
type Part = fn(&Template) -> Vec<String>;

const PARTS: [(&str, Part); 9] = [
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
        let row = |(term, own): (&_, &Offering)| {
            let instructors = own.instructors.as_deref().unwrap_or("-");
            format!(
                "{term}|{}|{instructors}",
                if own.is_offered { "Y" } else { "N" }
            )
        };
        plans.map(row).collect()
    }),
    ("subject_tmpl_year_plan", |template| {
        let plans = template.plans.next_offered.iter();
        let row = |(of, next): (&Year, &Option<Year>)| {
            let next = next.map_or("-".to_owned(), |next| next.number().to_string());
            format!("{}|{next}", of.number())
        };
        plans.map(row).collect()
    }),
    ("subject_tmpl_home_subject", |template| {
        let home = template.content.home_subject.iter();
        home.map(|home| {
            format!(
                "{}|{}|{}",
                home.home_institution_id, home.home_school_id, home.home_subject_id
            )
        })
        .collect()
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
