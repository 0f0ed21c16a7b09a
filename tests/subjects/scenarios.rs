//! The scenarios that the rules come with, on a catalogue in memory: templates, relations, records
//! and keys as they promise them.

use specwright_server::subjects::domain::operations::{
    Backdate, EditRequisites, Operation, Outcome, PlanTerms,
};
use specwright_server::subjects::domain::requisites::{Operator, Requisite, Requisites};
use specwright_server::subjects::domain::subject::{GradingMode, Overlay};
use specwright_server::subjects::domain::template::Offering;
use specwright_server::subjects::domain::term::Year;
use specwright_server::subjects::domain::violations::Relation::{Equivalency, Scheduling};

use crate::support::container;
use crate::support::world::{
    Rule, World, create, data, deactivate, edit, entries, items, reactivate, told,
};

#[track_caller]
fn done(world: &mut World, operation: impl Into<Operation>) -> Outcome {
    world.post(operation).expect("the operation is right")
}

fn mandate(output: &str) -> Rule {
    Rule {
        attribute: "PHY2",
        output: Ok(output.to_owned()),
    }
}

fn physics() -> Overlay {
    Overlay {
        attributes: Some(vec!["PHY2".to_owned()]),
        ..Overlay::default()
    }
}

/// S-01, R-006: an id is on the templates of one container at a time.
#[test]
fn an_id_that_is_taken_is_refused() {
    let mut world = World::new();
    done(&mut world, create("1.TT13@2018FA", &[]));
    let before = world.clone();
    let refused = world.post(create("1.TT13@2019FA", &[]));
    let message = "Error: Invalid main subject code and number : 1.TT13 already exists ";
    assert_eq!(refused, Err(vec![message.to_owned()]));
    assert_eq!(world, before);
}

/// A 6.AA1 with 18.AA1 and B 6.BB1, equivalent; then C 6.CC1, equivalent to B.
fn cluster() -> World {
    let mut world = World::new();
    done(&mut world, create("6.AA1@2017FA", &["18.AA1"]));
    let mut b = create("6.BB1@2017FA", &[]);
    b.equivalent_subjects = items(&[(1, "2017FA-")]);
    done(&mut world, b);
    let mut c = create("6.CC1@2018FA", &[]);
    c.equivalent_subjects = items(&[(2, "2018FA-")]);
    done(&mut world, c);
    world
}

/// S-02, R-022, R-028, R-065, R-073, R-076: a new subject joins a cluster.
#[test]
fn a_new_subject_joins_a_cluster() {
    let world = cluster();
    let equivalencies = [
        "1-2 2017FA-999999",
        "1-3 2018FA-999999",
        "2-3 2018FA-999999",
    ];
    assert_eq!(world.pairs(Equivalency), equivalencies);
    assert_eq!(world.versions(1..=3), [3, 2, 1]);
    let record = &world.queue[2].record;
    assert_eq!(told(record), "null: 18.AA1 E, 6.AA1 E, 6.BB1 E, 6.CC1 M");
    let (previous, new) = data(record);
    assert!(previous.is_null());
    let equivalent = [
        "18.AA1 D 2018FA-999999",
        "6.AA1 D 2018FA-999999",
        "6.BB1 D 2018FA-999999",
    ];
    assert_eq!(entries(&new["equivalentSubjects"]), equivalent);
}

/// S-03, R-043, R-044, R-049, R-052: a mandate cuts the edited template, and each piece has a
/// record of its own.
#[test]
fn a_mandate_cuts_a_template() {
    let mut world = World::new();
    world.rules = vec![mandate("Y-Z-2019FA-999999")];
    done(&mut world, create("8.02@2017FA", &[]));
    let mut change = edit(1, "2018FA");
    change.template = physics();
    let outcome = done(&mut world, change);
    let templates = [
        "T1 2017FA-2017SU v2",
        "T2 2018FA-2018SU v1",
        "T3 2019FA-999999 v1",
    ];
    assert_eq!(world.templates(1), templates);
    assert_eq!(
        outcome.templates.iter().map(|id| id.0).collect::<Vec<_>>(),
        [2, 3]
    );
    assert_eq!(outcome.mandate_output.as_deref(), Some("Y-Z-2019FA-999999"));
    let records = world.records(&outcome);
    assert_eq!(records.len(), 2);
    let modes = |modes: &[(&str, &str)]| -> serde_json::Value {
        let mode = |(code, ty): &(&str, &str)| GradingMode::new(*code, *ty);
        serde_json::to_value(modes.iter().map(mode).collect::<Vec<_>>()).expect("JSON")
    };
    let expected = [modes(&[("L", "N")]), modes(&[("L", "N"), ("Y", "Z")])];
    for (record, modes) in records.into_iter().zip(expected) {
        assert_eq!(told(record), "null: 8.02 M");
        let (previous, new) = data(record);
        let terms = &previous["subjectTemplate"]["effectiveTerms"];
        assert_eq!(
            *terms,
            serde_json::json!({"effectiveFromTerm": "2017FA", "effectiveThruTerm": "999999"})
        );
        assert_eq!(
            previous["subjectTemplate"]["attributes"],
            serde_json::json!([])
        );
        assert_eq!(new["subjectTemplate"]["gradingModes"], modes);
        let past = serde_json::json!({"crossListSubjects": [], "equivalentSubjects": [], "subjectRelationships": []});
        assert_eq!(new["pastSubjectData"], past);
    }
}

/// a later edit of the first piece leaves the second alone.
#[test]
fn an_edit_reaches_no_later_template() {
    let mut world = World::new();
    world.rules = vec![mandate("Y-Z-2019FA-999999")];
    done(&mut world, create("8.02@2017FA", &[]));
    let mut change = edit(1, "2018FA");
    change.template = physics();
    done(&mut world, change);
    let mut change = edit(1, "2018FA");
    change.template.title = Some("New".to_owned());
    done(&mut world, change);
    let templates = [
        "T1 2017FA-2017SU v2",
        "T2 2018FA-2018SU v2",
        "T3 2019FA-999999 v1",
    ];
    assert_eq!(world.templates(1), templates);
    let titles = world.container(1).timeline.active();
    assert_eq!(
        titles
            .map(|one| one.content.title.as_str())
            .collect::<Vec<_>>(),
        ["T", "New", "T"]
    );
}

/// S-04, R-021, R-028, R-096: a bookended equivalency ends for the cluster.
#[test]
fn an_equivalency_is_bookended() {
    let mut world = cluster();
    let mut change = edit(1, "2019FA");
    change.equivalent_subjects = items(&[(2, "2017FA-2018SU")]);
    let outcome = done(&mut world, change);
    assert_eq!(
        world.templates(1),
        ["T1 2017FA-2018SU v4", "T4 2019FA-999999 v1"]
    );
    assert_eq!(world.versions(2..=3), [3, 2]);
    let equivalencies = [
        "1-2 2017FA-2018SU",
        "1-3 2018FA-999999",
        "2-3 2018FA-2018SU",
    ];
    assert_eq!(world.pairs(Equivalency), equivalencies);
    let log: Vec<_> = outcome
        .components
        .iter()
        .map(|own| format!("{} {} {}", own.component, own.action, own.message))
        .collect();
    let expected = [
        "TEMPLATE UPDATE 1 2017FA-2018SU",
        "TEMPLATE INSERT 4 2019FA-999999",
        "EQ BOOKEND 1-2 2017FA-2018SU",
        "EQ BOOKEND 2-3 2018FA-2018SU",
    ];
    assert_eq!(log, expected);
    let records = world.records(&outcome);
    assert_eq!(
        told(records[0]),
        "null: 18.AA1 C, 6.AA1 M, 6.BB1 E, 6.CC1 E"
    );
    let (previous, new) = data(records[0]);
    let was = ["6.BB1 D 2017FA-999999", "6.CC1 D 2018FA-999999"];
    assert_eq!(entries(&previous["equivalentSubjects"]), was);
    let is = ["6.BB1 D 2017FA-2018SU", "6.CC1 D 2018FA-999999"];
    assert_eq!(entries(&new["equivalentSubjects"]), is);
}

/// S-05, R-031, P-10: those that are left behind stay equivalent, and are told as what they were.
#[test]
fn a_subject_leaves_its_cluster() {
    let mut world = World::new();
    done(&mut world, create("6.AA1@2017FA", &[]));
    for at in ["6.BB1@2017FA", "6.CC1@2017FA"] {
        let mut other = create(at, &[]);
        other.equivalent_subjects = items(&[(1, "2017FA-")]);
        done(&mut world, other);
    }
    let mut change = edit(1, "2017FA");
    change.equivalent_subjects = items(&[(2, ""), (3, "")]);
    let outcome = done(&mut world, change);
    assert_eq!(world.pairs(Equivalency), ["2-3 2017FA-999999"]);
    assert_eq!(world.versions(1..=3), [4, 3, 2]);
    let records = world.records(&outcome);
    assert_eq!(told(records[0]), "null: 6.AA1 M, 6.BB1 E, 6.CC1 E");
    assert_eq!(entries(&data(records[0]).1["equivalentSubjects"]), [""; 0]);
}

/// S-06, R-029: clusters that overlap in part merge in part.
#[test]
fn clusters_merge_in_part() {
    let mut world = World::new();
    done(&mut world, create("6.AA1@2017FA", &[]));
    let mut b = create("6.BB1@2017FA", &[]);
    b.equivalent_subjects = items(&[(1, "2017FA-2018SU")]);
    done(&mut world, b);
    done(&mut world, create("6.CC1@2017FA", &[]));
    let mut d = create("6.DD1@2017FA", &[]);
    d.equivalent_subjects = items(&[(3, "2018FA-")]);
    done(&mut world, d);
    let before = world.equivalencies.written;
    let mut change = edit(1, "2017FA");
    change.equivalent_subjects = items(&[(3, "2018SP-2019FA")]);
    done(&mut world, change);
    assert_eq!(world.equivalencies.written - before, 8);
    assert_eq!(world.versions(1..=4), [3, 2, 3, 2]);
}

/// A, B equivalent to A, C and D taught together; A taught with them from 2018FA on.
fn taught_together() -> World {
    let mut world = World::new();
    done(&mut world, create("6.AA1@2017FA", &[]));
    let mut b = create("6.BB1@2017FA", &[]);
    b.equivalent_subjects = items(&[(1, "2017FA-")]);
    done(&mut world, b);
    done(&mut world, create("6.CC1@2017FA", &[]));
    let mut d = create("6.DD1@2017FA", &[]);
    d.subject_relationships = items(&[(3, "2017FA-")]);
    done(&mut world, d);
    let mut change = edit(1, "2017FA");
    change.subject_relationships = items(&[(3, "2018FA-")]);
    done(&mut world, change);
    world
}

/// S-07, R-024, R-033, R-063, R-066, R-069: a deactivation ends what is taught together, and
/// leaves equivalencies as they are.
#[test]
fn a_subject_is_deactivated() {
    let mut world = taught_together();
    let outcome = done(&mut world, deactivate(1, "2019FA"));
    assert_eq!(world.templates(1), ["T1 2017FA-2018SU v4"]);
    let last = world.container(1).timeline.last_active_term;
    assert_eq!(last.map(|term| term.to_string()).as_deref(), Some("2018SU"));
    let scheduling = [
        "1-3 2018FA-2018SU",
        "1-4 2018FA-2018SU",
        "3-4 2017FA-999999",
    ];
    assert_eq!(world.pairs(Scheduling), scheduling);
    assert_eq!(world.pairs(Equivalency), ["1-2 2017FA-999999"]);
    assert_eq!(world.versions(2..=4), [1, 4, 3]);
    let records = world.records(&outcome);
    let told: Vec<_> = records.into_iter().map(told).collect();
    assert_eq!(
        told,
        [
            "null: 6.AA1 M, 6.BB1 E, 6.CC1 S, 6.DD1 S",
            "SR: 6.AA1 M, 6.CC1 S, 6.DD1 S"
        ]
    );
}

/// S-08, R-066: a subject that ends with its creation term is gone as a whole.
#[test]
fn a_subject_is_deactivated_as_a_whole() {
    let mut world = World::new();
    done(&mut world, create("6.AA1@2019FA", &["18.AA1"]));
    let mut b = create("6.BB1@2019FA", &[]);
    b.equivalent_subjects = items(&[(1, "2019FA-")]);
    b.subject_relationships = items(&[(1, "2019FA-")]);
    done(&mut world, b);
    let outcome = done(&mut world, deactivate(1, "2019FA"));
    assert_eq!(world.templates(1), ["T1 2019FA-999999 v3 D"]);
    assert_eq!(world.versions(2..=2), [2]);
    assert_eq!(world.pairs(Scheduling), [""; 0]);
    assert_eq!(world.pairs(Equivalency), ["1-2 2019FA-999999"]);
    let last = world.container(1).timeline.last_active_term;
    assert_eq!(last.map(|term| term.to_string()).as_deref(), Some("2018SU"));
    let records = world.records(&outcome);
    let keys: Vec<_> = records.iter().map(|record| told(record)).collect();
    assert_eq!(
        keys,
        [
            "SD: 18.AA1 C, 6.AA1 M, 6.BB1 S",
            "SR: 18.AA1 C, 6.AA1 M, 6.BB1 S"
        ]
    );
    let (previous, new) = data(records[1]);
    assert_eq!(
        entries(&previous["subjectRelationships"]),
        ["6.BB1 2019FA-999999"]
    );
    assert_eq!(entries(&new["subjectRelationships"]), [""; 0]);
    assert_eq!(
        data(records[0]).1["subjectTemplate"]["effectiveTerms"]["effectiveThruTerm"],
        "999999"
    );
}

/// S-09, R-023, R-065, R-079: a reactivated subject has the relations it is given, and its past
/// ids are told.
#[test]
fn a_subject_is_reactivated() {
    let mut world = taught_together();
    done(&mut world, deactivate(1, "2019FA"));
    let mut change = reactivate(1, "2020FA");
    change.template.number = Some("AA2".to_owned());
    change.subject_relationships = items(&[(3, "2018FA-2018SU"), (3, "2020FA-")]);
    let outcome = done(&mut world, change);
    assert_eq!(
        world.templates(1),
        ["T1 2017FA-2018SU v5", "T5 2020FA-999999 v1"]
    );
    assert_eq!(world.versions(3..=4), [5, 4]);
    let scheduling = [
        "1-3 2018FA-2018SU",
        "1-3 2020FA-999999",
        "1-4 2018FA-2018SU",
        "1-4 2020FA-999999",
        "3-4 2017FA-999999",
    ];
    assert_eq!(world.pairs(Scheduling), scheduling);
    let records = world.records(&outcome);
    let keys: Vec<_> = records.iter().map(|record| told(record)).collect();
    let expected = [
        "null: 6.AA1 C, 6.AA2 M, 6.BB1 E, 6.CC1 S, 6.DD1 S",
        "SR: 6.AA1 C, 6.AA2 M, 6.CC1 S, 6.DD1 S",
    ];
    assert_eq!(keys, expected);
    let (_, new) = data(records[0]);
    let related = [
        "6.CC1 2018FA-2018SU",
        "6.CC1 2020FA-999999",
        "6.DD1 2018FA-2018SU",
        "6.DD1 2020FA-999999",
    ];
    assert_eq!(entries(&new["subjectRelationships"]), related);
    assert_eq!(
        entries(&new["pastSubjectData"]["crossListSubjects"]),
        ["6.AA1 2017FA-2018SU"]
    );
}

fn backdate(number: i64, from: &str) -> Backdate {
    Backdate {
        container: container(number),
        from: from.to_owned(),
    }
}

/// S-10, R-068: a subject begins earlier; its relations stay.
#[test]
fn a_subject_is_backdated() {
    let mut world = World::new();
    done(&mut world, create("6.BB1@2017FA", &[]));
    let mut a = create("6.AA1@2019FA", &[]);
    a.subject_relationships = items(&[(1, "2019FA-")]);
    done(&mut world, a);
    let outcome = done(&mut world, backdate(2, "2018SP"));
    assert_eq!(world.templates(2), ["T2 2018SP-999999 v2"]);
    assert_eq!(world.pairs(Scheduling), ["1-2 2019FA-999999"]);
    let records = world.records(&outcome);
    let keys: Vec<_> = records.iter().map(|record| told(record)).collect();
    assert_eq!(keys, ["BD: 6.AA1 M, 6.BB1 S", "SR: 6.AA1 M, 6.BB1 S"]);
    for record in records {
        let (previous, new) = data(record);
        let from = |side: &serde_json::Value| {
            side["subjectTemplate"]["effectiveTerms"]["effectiveFromTerm"].clone()
        };
        assert_eq!(
            (from(&previous), from(&new)),
            ("2019FA".into(), "2018SP".into())
        );
    }
    let message = "Error: Invalid effective from term : 2018SP is not earlier than 2018SP ";
    assert_eq!(
        world.post(backdate(2, "2018SP")),
        Err(vec![message.to_owned()])
    );
}

/// a subject whose attribute is mandated can be backdated, and is cut as its mandate says.
#[test]
fn a_mandated_subject_is_backdated() {
    let mut world = World::new();
    world.rules = vec![mandate("Y-Z-2019FA-999999")];
    let mut a = create("8.02@2019FA", &[]);
    a.template.attributes = Some(vec!["PHY2".to_owned()]);
    done(&mut world, a);
    let outcome = done(&mut world, backdate(1, "2018SP"));
    assert_eq!(
        world.templates(1),
        ["T1 2018SP-2018SU v2", "T2 2019FA-999999 v1"]
    );
    let records = world.records(&outcome);
    assert_eq!(
        records.into_iter().map(told).collect::<Vec<_>>(),
        ["BD: 8.02 M", "BD: 8.02 M"]
    );
}

/// S-11, R-064, R-068, R-100, R-101, R-106: a term plan goes to the templates of its terms, and
/// concerns other departments and the requirement.
#[test]
fn a_term_plan_is_written() {
    let mut world = World::new();
    done(&mut world, create("18.BB1@2017FA", &[]));
    let mut a = create("6.AA1@2018FA", &["8.AA1"]);
    a.template.attributes = Some(vec!["HA".to_owned()]);
    a.subject_relationships = items(&[(1, "2018FA-")]);
    done(&mut world, a);
    done(&mut world, edit(2, "2019SP"));
    assert_eq!(
        world.templates(2),
        ["T2 2018FA-2019JA v2", "T3 2019SP-999999 v1"]
    );
    let offered = Offering {
        is_offered: true,
        instructors: None,
    };
    let plan = PlanTerms {
        container: container(2),
        year: Year::new(2019).expect("a year"),
        next_offered: None,
        offerings: ["2019FA", "2019SP"]
            .map(|term| (term.to_owned(), offered.clone()))
            .into(),
    };
    let outcome = done(&mut world, plan);
    assert_eq!(
        world.templates(2),
        ["T2 2018FA-2019JA v3", "T3 2019SP-999999 v2"]
    );
    let rows = world.container(2).timeline.active().map(|template| {
        let terms = template.plans.offerings.keys().map(ToString::to_string);
        terms.collect::<Vec<_>>().join(" ")
    });
    assert_eq!(rows.collect::<Vec<_>>(), ["2019FA", "2019SP"]);
    let records = world.records(&outcome);
    let keys: Vec<_> = records.iter().map(|record| told(record)).collect();
    assert_eq!(keys, ["TP: 18.BB1 S, 6.AA1 M, 8.AA1 C"; 2]);
    let plans = serde_json::json!([{"termCode": "2019FA", "isOffered": true, "instructors": null}]);
    assert_eq!(data(records[0]).1["termPlans"], plans);
    assert_eq!(outcome.notifications, [1, 2, 3]);
    let told = world.notifications.iter().map(|one| {
        let departments = one
            .departments
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>();
        format!(
            "{} {} {}",
            one.kind.name(),
            one.subject_id,
            departments.join(",")
        )
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        ["SR 6.AA1 18", "XLIST 6.AA1 8", "HASS 6.AA1 "]
    );
}

/// A 8.020 with the mandated attribute, and B taught together with it.
fn mandated() -> World {
    let mut world = World::new();
    world.rules = vec![mandate("Y-Z-2019FA-999999")];
    let mut a = create("8.020@2019FA", &[]);
    a.template.attributes = Some(vec!["PHY2".to_owned()]);
    done(&mut world, a);
    let mut b = create("6.BB1@2019FA", &[]);
    b.subject_relationships = items(&[(1, "2019FA-")]);
    done(&mut world, b);
    world
}

/// S-12, R-051, R-067, R-107: requisites cut a template without asking the mandate.
#[test]
fn requisites_are_written() {
    let mut world = mandated();
    let calls = world.mandate_calls;
    let subject = |id: &str| Requisite::Subject {
        subject_id: id.to_owned(),
    };
    let both = Requisite::Joined {
        operator: Operator::And,
        operands: vec![subject("8.04"), subject("8.044")],
    };
    let permission = Requisite::Text {
        text: "permission of instructor".to_owned(),
    };
    let outcome = done(
        &mut world,
        EditRequisites {
            container: container(1),
            from: "2019SP".to_owned(),
            requisites: Requisites {
                prerequisites: Some(Requisite::Joined {
                    operator: Operator::Or,
                    operands: vec![both, permission],
                }),
                corequisites: None,
            },
            unknown_operators: Vec::new(),
        },
    );
    assert_eq!(world.mandate_calls, calls);
    assert_eq!(
        world.templates(1),
        ["T1 2019FA-2019JA v3", "T3 2019SP-999999 v1"]
    );
    let records = world.records(&outcome);
    assert_eq!(
        records.into_iter().map(told).collect::<Vec<_>>(),
        ["RQ: 6.BB1 S, 8.020 M"]
    );
    let last = world
        .container(1)
        .timeline
        .active()
        .next_back()
        .expect("a template")
        .content
        .clone();
    assert!(last.grading_modes.contains(&GradingMode::new("Y", "Z")));
    let text = last.requisites.display_text(&Default::default());
    assert_eq!(text, "(8.04 and 8.044) or permission of instructor");
}

/// S-12, R-048: a failing mandate takes the experimental modes away and says so; the edit stands.
#[test]
fn a_failing_mandate_is_no_failure() {
    let mut world = mandated();
    world.rules[0].output = Err("the procedure failed".to_owned());
    let mut change = edit(1, "2019SP");
    change.template.title = Some("New".to_owned());
    let outcome = done(&mut world, change);
    assert_eq!(outcome.warnings, ["the procedure failed"]);
    let modes = world.container(1).timeline.active().map(|template| {
        let modes = template
            .content
            .grading_modes
            .iter()
            .map(ToString::to_string);
        modes.collect::<Vec<_>>().join(" ")
    });
    assert_eq!(modes.collect::<Vec<_>>(), ["L/N Y/Z", "L/N"]);
    let types = world.records(&outcome).into_iter().map(told);
    assert_eq!(
        types.collect::<Vec<_>>(),
        ["null: 6.BB1 S, 8.020 M", "SR: 6.BB1 S, 8.020 M"]
    );
}
