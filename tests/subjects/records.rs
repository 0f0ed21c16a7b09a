//! What records say, and of whom.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use specwright_server::subjects::domain::backfill::{
    Ids, direct, entries, horizon, indirect, retained,
};
use specwright_server::subjects::domain::operations::{
    Backdate, EditRequisites, Enroll, Operation, Outcome, ShowYear,
};
use specwright_server::subjects::domain::relations::Star;
use specwright_server::subjects::domain::requisites::Requisites;
use specwright_server::subjects::domain::term::Year;
use specwright_server::subjects::domain::violations::Relation;

use crate::support::world::{
    World, create, data, deactivate, edit, entries as entries_of, id, items, reactivate,
    told as keys_of,
};
use crate::support::{container, range, ranges, term};

fn year(number: u16) -> Year {
    Year::new(number).expect("a year")
}

#[track_caller]
fn done(world: &mut World, operation: impl Into<Operation>) -> Outcome {
    world.post(operation).expect("the operation is right")
}

fn listed(entries: Vec<specwright_server::subjects::domain::backfill::Entry>) -> Vec<String> {
    entries
        .iter()
        .map(|entry| format!("{} {}", entry.subject, entry.terms))
        .collect()
}

/// X with 6.A1, then 6.A1 and 1.B1, then 6.A2.
fn renumbered() -> Ids {
    let template =
        |terms: &str, ids: &[&str]| (range(terms), ids.iter().map(|text| id(text)).collect());
    let templates = vec![
        template("2015FA-2016SU", &["6.A1"]),
        template("2017FA-2018SU", &["6.A1", "1.B1"]),
        template("2019FA-", &["6.A2"]),
    ];
    BTreeMap::from([(container(9), templates)])
}

/// R-076, R-078: every id of the templates within the range; one entry over consecutive templates.
#[test]
fn entries_are_consolidated() {
    let rows = vec![(container(9), range("2016FA-"))];
    let entries = entries(&rows, &renumbered(), term("2014FA"));
    let expected = [
        "1.B1 2017FA-2018SU",
        "6.A1 2016FA-2018SU",
        "6.A2 2019FA-999999",
    ];
    assert_eq!(listed(entries), expected);
}

/// R-076, R-078: an id that moves from one container to another is one entry where the terms meet,
/// and two where they do not.
#[test]
fn an_id_on_two_containers_is_consolidated_too() {
    let template = |terms: &str| vec![(range(terms), vec![id("6.A1")])];
    let mut ids: Ids = BTreeMap::from([
        (container(8), template("2015FA-2016SU")),
        (container(9), template("2017FA-")),
    ]);
    let rows = [8, 9]
        .map(|one| (container(one), range("2016FA-")))
        .to_vec();
    let entries = |ids: &Ids| listed(entries(&rows, ids, term("2014FA")));
    assert_eq!(entries(&ids), ["6.A1 2016FA-999999"]);
    ids.insert(container(9), template("2017JA-"));
    assert_eq!(entries(&ids), ["6.A1 2016FA-2016SU", "6.A1 2017JA-999999"]);
}

/// R-071, P-12: what ended before the horizon is not named; consolidation comes first.
#[test]
fn old_entries_are_left_out() {
    let rows = vec![(container(9), range("2015FA-"))];
    let entries = entries(&rows, &renumbered(), term("2018SP"));
    let expected = [
        "1.B1 2017FA-2018SU",
        "6.A1 2015FA-2018SU",
        "6.A2 2019FA-999999",
    ];
    assert_eq!(listed(entries), expected);
    assert_eq!(horizon(year(2019), 5), term("2014FA"));
    assert_eq!(horizon(year(3), 5), term("0000FA"));
    assert!(retained(range("2010FA-2014FA"), term("2014FA")));
    assert!(!retained(range("2010FA-2013SU"), term("2014FA")));
}

/// R-070, R-076: A was equivalent to B and is now to C: for C, B is equivalent indirectly.
#[test]
fn former_equivalents_of_equivalents_are_indirect() {
    let [a, b, c] = [1, 2, 3].map(container);
    let star = Star::from([(a, ranges("2018FA-"))]);
    let near = direct(&star, term("2014FA"));
    let second = [
        (a, b, range("2015FA-2017SU")),
        (a, c, range("2018FA-")),
        (b, a, range("2015FA-2017SU")),
    ];
    let far = indirect(c, &near, second, term("2014FA"));
    assert_eq!(far, [(b, range("2015FA-2017SU"))]);
    assert_eq!(indirect(c, &near, second, term("2018FA")), []);
}

/// R-070, R-076: the same, from end to end.
#[test]
fn indirect_equivalents_are_told() {
    let mut world = World::new();
    for at in ["6.AA1@2015FA", "6.BB1@2015FA", "6.CC1@2015FA"] {
        done(&mut world, create(at, &[]));
    }
    let mut first = edit(1, "2015FA");
    first.equivalent_subjects = items(&[(2, "2015FA-2017SU")]);
    done(&mut world, first);
    let mut second = edit(3, "2015FA");
    second.equivalent_subjects = items(&[(1, "2018FA-")]);
    let outcome = done(&mut world, second);
    let (_, new) = data(world.records(&outcome)[0]);
    let expected = json!([
        {
            "subjectId": "6.AA1", "subjectCode": "6", "subjectNumber": "AA1", "equivalencyType": "D",
            "effectiveTerms": {"effectiveFromTerm": "2018FA", "effectiveThruTerm": "999999"}
        },
        {
            "subjectId": "6.BB1", "subjectCode": "6", "subjectNumber": "BB1", "equivalencyType": "I",
            "effectiveTerms": {"effectiveFromTerm": "2015FA", "effectiveThruTerm": "2017SU"}
        }
    ]);
    assert_eq!(new["equivalentSubjects"], expected);
}

/// R-070, R-071, R-076: the row between an equivalent and another container is told whole, also
/// where it lies in terms of an equivalency with the subject itself that is retained no more.
#[test]
fn indirect_equivalents_are_told_with_their_whole_rows() {
    let mut world = World::new();
    for at in [
        "6.CC1@2010FA",
        "6.YY1@2010FA",
        "6.YY2@2010FA",
        "6.XX1@2010FA",
    ] {
        done(&mut world, create(at, &[]));
    }
    for (of, with) in [
        (1, &[(3, "2010FA-2011SU"), (4, "2010FA-2011SU")][..]),
        (2, &[(3, "2012FA-2015SU"), (4, "2012FA-2015SU")]),
    ] {
        let mut request = edit(of, "2010FA");
        request.equivalent_subjects = items(with);
        done(&mut world, request);
    }
    let mut last = edit(1, "2010FA");
    last.equivalent_subjects = items(&[(2, "2016FA-"), (3, "2010FA-2011SU"), (3, "2016FA-")]);
    let outcome = done(&mut world, last);
    assert_eq!(
        world.pairs(Relation::Equivalency),
        [
            "1-2 2016FA-999999",
            "1-3 2010FA-2011SU",
            "1-3 2016FA-999999",
            "1-4 2010FA-2011SU",
            "2-3 2012FA-999999",
            "2-4 2012FA-2015SU",
            "3-4 2010FA-2015SU",
        ]
    );
    let (_, new) = data(world.records(&outcome)[0]);
    let told = new["equivalentSubjects"].as_array().expect("a list");
    let told: Vec<_> = told
        .iter()
        .map(|entry| {
            let terms = &entry["effectiveTerms"];
            let part = |part: &Value| part.as_str().expect("a text").to_owned();
            format!(
                "{} {} {}-{}",
                part(&entry["equivalencyType"]),
                part(&entry["subjectId"]),
                part(&terms["effectiveFromTerm"]),
                part(&terms["effectiveThruTerm"])
            )
        })
        .collect();
    let expected = [
        "D 6.YY1 2016FA-999999",
        "D 6.YY2 2016FA-999999",
        "I 6.XX1 2010FA-2015SU",
    ];
    assert_eq!(told, expected);
}

fn show(number: u16, controls: &[(&str, &str)], urls: &[(&str, &str)]) -> ShowYear {
    let pairs = |pairs: &[(&str, &str)]| {
        let pairs = pairs
            .iter()
            .map(|(one, other)| ((*one).to_owned(), (*other).to_owned()));
        Some(pairs.collect())
    };
    ShowYear {
        container: container(1),
        year: year(number),
        controls: pairs(controls),
        urls: pairs(urls),
    }
}

/// R-064, R-074: links are told for the years of the edited range, display controls never.
#[test]
fn links_are_told() {
    let mut world = World::new();
    done(&mut world, create("6.AA1@2017FA", &[]));
    for number in [2018, 2020] {
        let address = format!("https://example.org/{number}");
        done(
            &mut world,
            show(number, &[("SHOW", "NO")], &[("home", &address)]),
        );
    }
    let outcome = done(&mut world, edit(1, "2019FA"));
    let (previous, new) = data(world.records(&outcome)[0]);
    let url = |number: u16| json!({"academicYear": number, "urlType": "home", "url": format!("https://example.org/{number}")});
    assert_eq!(previous["urls"], json!([url(2018), url(2020)]));
    assert_eq!(new["urls"], json!([url(2020)]));
    assert!(!new.to_string().contains("SHOW"));
}

/// R-101, R-106: a change of links alone concerns nobody; one of display controls does.
#[test]
fn links_concern_nobody() {
    let mut world = World::new();
    let mut request = create("6.AA1@2017FA", &["8.AA1"]);
    request.template.attributes = Some(vec!["CIH".to_owned()]);
    done(&mut world, request);
    let outcome = done(
        &mut world,
        show(2019, &[], &[("home", "https://example.org")]),
    );
    assert_eq!(outcome.notifications, [0; 0]);
    let outcome = done(&mut world, show(2019, &[("SHOW", "NO")], &[]));
    assert_eq!(outcome.notifications, [1, 2]);
    let told = serde_json::to_value(&world.notifications[0]).expect("JSON");
    let last = told["fields"]
        .as_array()
        .and_then(|fields| fields.last())
        .cloned();
    assert_eq!(
        last,
        Some(json!({"name": "display.SHOW", "previousValue": null, "newValue": "NO"}))
    );
    assert_eq!(told["fields"].as_array().map(Vec::len), Some(10));
    let kinds = world.notifications.iter().map(|one| one.kind.name());
    assert_eq!(kinds.collect::<Vec<_>>(), ["XLIST", "COMM"]);
    let again = done(&mut world, show(2019, &[("SHOW", "NO")], &[]));
    assert_eq!(again.notifications, [0; 0]);
}

/// R-060, R-072, R-073, R-075: both sides of a record, member by member, as they go to the queue.
#[test]
fn a_record_has_both_sides() {
    let mut world = World::new();
    done(&mut world, create("6.AA1@2017FA", &["18.AA1"]));
    let mut request = edit(1, "2018FA");
    request.template.title = Some("New".to_owned());
    request.template.number = Some("AA2".to_owned());
    let outcome = done(&mut world, request);
    let record = world.records(&outcome)[0];
    let previous = serde_json::to_string(&record.previous).expect("JSON");
    let expected = r#"{"containerId":1,"subjectType":"Standard","lastActiveTerm":null,"subjectTemplate":{"effectiveTerms":{"effectiveFromTerm":"2017FA","effectiveThruTerm":"999999"},"subjectId":"6.AA1","subjectCode":"6","subjectNumber":"AA1","title":"T","description":null,"level":null,"units":{"lecture":0,"lab":0,"preparation":0},"gradeRule":null,"attributes":[],"gradingModes":[{"gradingModeCode":"L","gradingModeType":"N"}],"crossListSubjects":[{"subjectId":"6.AA1","subjectCode":"6","subjectNumber":"AA1"},{"subjectId":"18.AA1","subjectCode":"18","subjectNumber":"AA1"}],"homeSubject":null,"requisites":{"prerequisites":null,"corequisites":null}},"urls":[],"equivalentSubjects":[],"subjectRelationships":[]}"#;
    assert_eq!(previous, expected);
    let (_, new) = data(record);
    assert_eq!(new["subjectTemplate"]["title"], "New");
    let ids = |list: &Value| -> Vec<String> {
        let ids = list.as_array().into_iter().flatten();
        ids.map(|one| one["subjectId"].as_str().expect("an id").to_owned())
            .collect()
    };
    assert_eq!(
        ids(&new["subjectTemplate"]["crossListSubjects"]),
        ["6.AA2", "18.AA1"]
    );
    assert_eq!(ids(&new["pastSubjectData"]["crossListSubjects"]), ["6.AA1"]);
    assert_eq!(keys_of(record), "null: 18.AA1 C, 6.AA1 C, 6.AA2 M");
}

/// R-079: an equivalent subject whose templates all lie before the relation is told as past.
#[test]
fn past_ids_of_related_containers_are_told() {
    let mut world = World::new();
    let mut old = create("6.BB1@2015FA", &[]);
    old.thru = "2017SU".to_owned();
    done(&mut world, old);
    done(&mut world, create("6.AA1@2017FA", &[]));
    let mut request = edit(2, "2018FA");
    request.equivalent_subjects = items(&[(1, "2018FA-")]);
    let outcome = done(&mut world, request);
    let record = world.records(&outcome)[0];
    let (_, new) = data(record);
    assert_eq!(new["equivalentSubjects"], json!([]));
    let past = entries_of(&new["pastSubjectData"]["equivalentSubjects"]);
    assert_eq!(past, ["6.BB1 2015FA-2017SU"]);
    assert_eq!(keys_of(record), "null: 6.AA1 M, 6.BB1 E");
}

/// R-079: nobody but an edit and a reactivation tells past ids, and never on the side of what was;
/// ids of terms before the horizon are told by neither.
#[test]
fn past_ids_are_told_by_edits_and_reactivations_alone() {
    let mut world = World::new();
    let created = done(&mut world, create("6.AA1@2010FA", &["18.AA1"]));
    let renumber = |world: &mut World, from: &str, number: &str| {
        let mut request = edit(1, from);
        request.template.number = Some(number.to_owned());
        done(world, request)
    };
    renumber(&mut world, "2014FA", "AA2");
    let edited = renumber(&mut world, "2016FA", "AA3");
    let (previous, new) = data(world.records(&edited)[0]);
    assert_eq!(previous.get("pastSubjectData"), None);
    // 6.AA1 ended in 2013SU, before the horizon of 2014FA.
    let past = entries_of(&new["pastSubjectData"]["crossListSubjects"]);
    assert_eq!(past, ["6.AA2 2014FA-2015SU"]);
    let others: [Operation; 5] = [
        show(2019, &[("SHOW", "NO")], &[]).into(),
        EditRequisites {
            container: container(1),
            from: "2019FA".to_owned(),
            requisites: Requisites::default(),
            unknown_operators: Vec::new(),
        }
        .into(),
        Enroll {
            container: container(1),
            term: "2019FA".to_owned(),
            subjects: Vec::new(),
        }
        .into(),
        Backdate {
            container: container(1),
            from: "2009FA".to_owned(),
        }
        .into(),
        deactivate(1, "2022FA"),
    ];
    let mut outcomes = vec![created];
    outcomes.extend(others.map(|operation| done(&mut world, operation)));
    for outcome in outcomes {
        for record in world.records(&outcome) {
            let (previous, new) = data(record);
            assert_eq!(previous.get("pastSubjectData"), None, "{previous}");
            assert_eq!(new.get("pastSubjectData"), None, "{new}");
        }
    }
    let again = done(&mut world, reactivate(1, "2024FA"));
    let (_, new) = data(world.records(&again)[0]);
    let past = entries_of(&new["pastSubjectData"]["crossListSubjects"]);
    assert_eq!(past, ["6.AA2 2014FA-2015SU"]);
}

/// R-063, R-071: what was taught together before the horizon makes no further record; what ended in
/// its last term does, also when the request has just ended it.
#[test]
fn old_relationships_make_no_record() {
    for (thru, told) in [
        ("2013SU", &["null: 6.AA1 M"][..]),
        (
            "2014FA",
            &["null: 6.AA1 M, 6.BB1 S", "SR: 6.AA1 M, 6.BB1 S"],
        ),
    ] {
        let mut world = World::new();
        for at in ["6.AA1@2010FA", "6.BB1@2010FA"] {
            done(&mut world, create(at, &[]));
        }
        let mut related = edit(1, "2010FA");
        related.subject_relationships = items(&[(2, &format!("2010FA-{thru}"))]);
        done(&mut world, related);
        let outcome = done(&mut world, edit(1, "2019FA"));
        let records = world.records(&outcome);
        let records: Vec<_> = records.into_iter().map(keys_of).collect();
        assert_eq!(records, told, "{thru}");
    }
    let mut world = World::new();
    for at in ["6.AA1@2010FA", "6.BB1@2010FA"] {
        done(&mut world, create(at, &[]));
    }
    let mut related = edit(1, "2010FA");
    related.subject_relationships = items(&[(2, "2010FA-")]);
    done(&mut world, related);
    let mut left = edit(1, "2019FA");
    left.subject_relationships = items(&[(2, "")]);
    let outcome = done(&mut world, left);
    let types = world.records(&outcome);
    let types: Vec<_> = types
        .into_iter()
        .map(|record| record.process_type.map(|ty| ty.name()))
        .collect();
    assert_eq!(types, [None, Some("SR")]);
}

/// R-080: an id that is of several kinds has the strongest: the main one before a cross-listed one,
/// that before one that is taught together, and that before an equivalent one.
#[test]
fn a_key_is_of_the_strongest_kind() {
    let mut world = World::new();
    done(&mut world, create("6.AA1@2015FA", &["18.AA1"]));
    // The other subject takes ids over where the first one has given them up.
    let mut given_up = edit(1, "2018FA");
    given_up.template.cross_listed = Some(vec![]);
    done(&mut world, given_up);
    done(&mut world, create("18.AA1@2018FA", &["8.BB1"]));
    let mut renumbered = edit(1, "2019FA");
    renumbered.template.number = Some("AA9".to_owned());
    renumbered.template.cross_listed = Some(vec![id("6.AA1")]);
    renumbered.equivalent_subjects = items(&[(2, "2019FA-")]);
    renumbered.subject_relationships = items(&[(2, "2020FA-")]);
    let outcome = done(&mut world, renumbered);
    // 6.AA1 was the main id and is cross-listed; 18.AA1 was cross-listed, and is both equivalent and
    // taught together; so is 8.BB1, which was nothing else.
    assert_eq!(
        keys_of(world.records(&outcome)[0]),
        "null: 18.AA1 C, 6.AA1 C, 6.AA9 M, 8.BB1 S"
    );
    let mut back = edit(1, "2020FA");
    back.template.number = Some("AA1".to_owned());
    back.template.cross_listed = Some(vec![id("6.AA9")]);
    let outcome = done(&mut world, back);
    assert_eq!(
        keys_of(world.records(&outcome)[0]),
        "null: 18.AA1 C, 6.AA1 M, 6.AA9 C, 8.BB1 S"
    );
}

/// R-106: the subject's own department is not notified, neither for what is taught together nor for
/// cross-listed ids; other ids of the related subjects count.
#[test]
fn the_own_department_is_not_notified() {
    let mut world = World::new();
    done(&mut world, create("6.AA1@2017FA", &["6.AA2", "8.AA1"]));
    let mut other = create("6.BB1@2017FA", &["18.BB1", "8.BB1"]);
    other.subject_relationships = items(&[(1, "2018FA-")]);
    done(&mut world, other);
    let mut notified = |number: u16| -> Vec<String> {
        let outcome = done(&mut world, show(number, &[("SHOW", "NO")], &[]));
        let first = outcome
            .notifications
            .first()
            .map_or(0, |first| *first as usize - 1);
        let new = world
            .notifications
            .iter()
            .skip(first)
            .take(outcome.notifications.len());
        let told = new.map(|one| {
            let departments: Vec<_> = one.departments.iter().map(String::as_str).collect();
            format!("{} {}", one.kind.name(), departments.join(","))
        });
        told.collect()
    };
    assert_eq!(notified(2019), ["SR 18,8", "XLIST 8"]);
    // Before the relationship begins there is nobody to tell of it.
    assert_eq!(notified(2017), ["XLIST 8"]);
}

/// R-106: who is cross-listed within one department only concerns nobody else.
#[test]
fn a_department_does_not_notify_itself() {
    let mut world = World::new();
    done(&mut world, create("6.AA1@2017FA", &["6.AA2"]));
    let outcome = done(&mut world, show(2019, &[("SHOW", "NO")], &[]));
    assert_eq!(outcome.notifications, [0; 0]);
}
