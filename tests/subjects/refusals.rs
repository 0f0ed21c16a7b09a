//! What is refused, in which words and in which order.

use specwright_server::subjects::domain::operations::{
    Backdate, EditRequisites, Enroll, Operation, PlanTerms, ShowYear,
};
use specwright_server::subjects::domain::requisites::{Requisite, Requisites};
use specwright_server::subjects::domain::subject::{
    ContainerId, GradingMode, HomeSubject, Overlay, TemplateId,
};
use specwright_server::subjects::domain::template::Offering;
use specwright_server::subjects::domain::term::Year;
use specwright_server::subjects::domain::violations::Relation::{Equivalency, Scheduling};
use specwright_server::subjects::domain::violations::{Cause, Exception, Violation};

use crate::support::container;
use crate::support::world::{World, create, deactivate, edit, id, items, reactivate};

/// A 6.AA1 with 18.AA1 and B 6.BB1 from 2017FA on, C 6.CC1 until 2018SU.
fn world() -> World {
    let mut world = World::new();
    world
        .post(create("6.AA1@2017FA", &["18.AA1"]))
        .expect("it is new");
    world.post(create("6.BB1@2017FA", &[])).expect("it is new");
    world.post(create("6.CC1@2017FA", &[])).expect("it is new");
    world.post(deactivate(3, "2019FA")).expect("it is active");
    world
}

#[track_caller]
fn refused(operation: impl Into<Operation>, messages: &[&str]) {
    let messages: Vec<_> = messages
        .iter()
        .map(|message| (*message).to_owned())
        .collect();
    assert_eq!(world().post(operation), Err(messages));
}

/// everything that is wrong is told at once, in the order of the checks and, within
/// one, of the request; each item once, with the first thing that is wrong with it.
#[test]
fn everything_wrong_is_told_in_order() {
    let mut request = edit(1, "2018FA");
    request.version = Some(3);
    request.template = Overlay {
        code: Some("99Z".to_owned()),
        number: Some("tt1".to_owned()),
        cross_listed: Some(
            ["6.BB1", "98Z.X", "8.toolong", "8.X", "8.X", "99Z.tt1"]
                .map(id)
                .into(),
        ),
        attributes: Some(["ZZZ", "PHY1", "YYY"].map(str::to_owned).into()),
        grading_modes: Some(vec![GradingMode::new("Q", "L"), GradingMode::new("L", "N")]),
        home_subject: Some(Some(HomeSubject {
            home_institution_id: "MIT".to_owned(),
            home_school_id: "ART".to_owned(),
            home_subject_id: "X".to_owned(),
        })),
        ..Overlay::default()
    };
    request.equivalent_subjects = items(&[
        (99, "2017FA-"),
        (1, "2017FA-"),
        (2, "2018FA-"),
        (2, "2019FA-"),
        (2, "2018XX-"),
    ]);
    request.subject_relationships = items(&[
        (3, "2018FA-"),
        (98, ""),
        (2, "2019FA-2018SU"),
        (2, ""),
        (2, "2018FA-"),
        (2, "2016FA-2017SU"),
    ]);
    refused(
        request,
        &[
            "Error: Invalid version number : 3 is not the current version 1 ",
            "Error: Invalid subject code : 99Z does not exist ",
            "Error: Invalid cross list subject code and number : 6.BB1 already exists ",
            "Error: Invalid cross list subject code : 98Z does not exist ",
            "Error: Invalid cross list subject number : toolong is not 1 to 4 characters of A-Z and 0-9 ",
            "Error: Invalid cross list subject code and number : 8.X is duplicated ",
            "Error: Invalid cross list subject code : 99Z does not exist ",
            "Error: Invalid subject attribute : ZZZ does not exist ",
            "Error: Invalid subject attribute : YYY does not exist ",
            "Error: Invalid grading mode : Q/L does not exist ",
            "Error: Invalid equivalent subject : 99 does not exist ",
            "Error: Invalid equivalent subject : 1 is the same container ",
            "Error: Invalid equivalent subject : 2 has overlapping effective terms ",
            "Error: Invalid term code : 2018XX does not exist ",
            "Error: Invalid subject relationship : 3 is not active in 2018FA-999999 ",
            "Error: Invalid subject relationship : 98 does not exist ",
            "Error: Invalid effective terms : 2019FA-2018SU from term is later than thru term ",
            "Error: Invalid subject relationship : 2 has overlapping effective terms ",
            "Error: Invalid subject relationship : 2 has overlapping effective terms ",
            "Error: Invalid home organization unit : MIT/ART does not exist ",
        ],
    );
}

/// what makes an operation impossible, its container and its term, is told before anything
/// else is looked at.
#[test]
fn what_is_impossible_is_told_alone() {
    let mut nowhere = edit(9, "2018XX");
    nowhere.template.code = Some("99Z".to_owned());
    refused(
        nowhere.clone(),
        &[
            "Error: Invalid container id : 9 does not exist ",
            "Error: Invalid term code : 2018XX does not exist ",
        ],
    );
    nowhere.container = container(1);
    refused(
        nowhere.clone(),
        &["Error: Invalid term code : 2018XX does not exist "],
    );
    nowhere.from = "2016FA".to_owned();
    refused(
        nowhere,
        &["Error: Invalid effective term : 2016FA has no effective template "],
    );
}

/// the terms of a new subject.
#[test]
fn a_new_subject_has_terms() {
    let with = |from: &str, thru: &str| {
        let mut request = create(&format!("6.DD1@{from}"), &[]);
        request.thru = thru.to_owned();
        request
    };
    refused(
        with("999999", "999999"),
        &["Error: Invalid term code : 999999 does not exist "],
    );
    refused(
        with("2036FA", "999999"),
        &["Error: Invalid term code : 2036FA does not exist "],
    );
    let message =
        "Error: Invalid effective terms : 2019FA-2018FA from term is later than thru term ";
    refused(with("2019FA", "2018FA"), &[message]);
    let mut lower = create("6.tt1@2019FA", &[]);
    let message = "Error: Invalid subject number : tt1 is not 1 to 4 characters of A-Z and 0-9 ";
    refused(lower.clone(), &[message]);
    lower.template.number = Some(String::new());
    let message = "Error: Invalid subject number :  is not 1 to 4 characters of A-Z and 0-9 ";
    refused(lower, &[message]);
}

/// a main id that becomes a cross-listed one of its own template is told as such.
#[test]
fn a_renumbered_subject_meets_its_own_ids() {
    let mut request = edit(1, "2018FA");
    request.template.code = Some("18".to_owned());
    let message = "Error: Invalid cross list subject code and number : 18.AA1 is duplicated ";
    refused(request, &[message]);
}

/// ids may be used again where they are free.
#[test]
fn an_id_is_free_where_its_template_has_ended() {
    let mut world = world();
    world
        .post(create("6.CC1@2019FA", &[]))
        .expect("the other one has ended");
    let taken = world.post(reactivate(3, "2020FA"));
    let message = "Error: Invalid main subject code and number : 6.CC1 already exists ";
    assert_eq!(taken, Err(vec![message.to_owned()]));
}

/// a subject is not backdated into the terms of another one with its id.
#[test]
fn a_backdate_meets_no_other_subject() {
    let mut world = world();
    world
        .post(create("6.CC1@2020FA", &[]))
        .expect("the other one has ended");
    let backdate = |from: &str| Backdate {
        container: container(4),
        from: from.to_owned(),
    };
    let message = "Error: Invalid main subject code and number : 6.CC1 already exists ";
    assert_eq!(
        world.post(backdate("2018SU")),
        Err(vec![message.to_owned()])
    );
    world
        .post(backdate("2019FA"))
        .expect("the id is free from then on");
}

/// a deactivated container can be equivalent, and can be taught together with
/// another where it was active.
#[test]
fn an_ended_container_is_related_within_reason() {
    let mut world = world();
    let mut request = edit(1, "2018FA");
    request.equivalent_subjects = items(&[(3, "2018FA-")]);
    request.subject_relationships = items(&[(3, "2018FA-2018SU")]);
    world.post(request).expect("both can be");
    assert_eq!(world.pairs(Equivalency), ["1-3 2018FA-999999"]);
    assert_eq!(world.pairs(Scheduling), ["1-3 2018FA-2018SU"]);
}

/// the activity of the edited container counts too, as it is after the request.
#[test]
fn both_containers_have_to_be_active() {
    let mut early = create("6.DD1@2019FA", &[]);
    early.subject_relationships = items(&[(1, "2018FA-")]);
    let message = "Error: Invalid subject relationship : 1 is not active in 2018FA-999999 ";
    refused(early, &[message]);
    let mut again = reactivate(3, "2020FA");
    again.subject_relationships = items(&[(1, "2019FA-")]);
    let message = "Error: Invalid subject relationship : 1 is not active in 2019FA-999999 ";
    refused(again.clone(), &[message]);
    again.subject_relationships = items(&[(1, "2020FA-")]);
    world().post(again).expect("both are active then");
}

/// what is done to one relation would have been done to the other.
#[test]
fn both_relations_follow_the_same_rules() {
    let mut world = world();
    world.post(create("8.DD1@2017FA", &[])).expect("it is new");
    let lists = [
        &[(2, "2017FA-")][..],
        &[(4, "2018FA-2019SU")],
        &[(2, "2017FA-2018JA")],
        &[(4, "")],
    ];
    for (of, list) in [1, 1, 4, 2].into_iter().zip(lists) {
        let mut request = edit(of, "2017FA");
        request.equivalent_subjects = items(list);
        request.subject_relationships = items(list);
        world.post(request).expect("it is active");
        assert_eq!(world.pairs(Equivalency), world.pairs(Scheduling));
    }
    assert!(!world.pairs(Equivalency).is_empty());
}

/// R-030, P-21: ranges of one container that touch are one, in whatever order they are listed.
#[test]
fn the_ranges_of_an_item_are_a_set() {
    let mut world = world();
    let mut request = edit(1, "2017FA");
    request.equivalent_subjects = items(&[(2, "2019FA-"), (2, "2017FA-2018SU")]);
    world.post(request).expect("it is active");
    assert_eq!(world.pairs(Equivalency), ["1-2 2017FA-999999"]);
}

fn year(number: u16) -> Year {
    Year::new(number).expect("a year")
}

/// what is wrong with an academic year.
#[test]
fn a_year_is_refused() {
    let plan = |of: i64, number: u16, terms: &[&str]| PlanTerms {
        container: container(of),
        year: year(number),
        next_offered: None,
        offerings: terms
            .iter()
            .map(|code| ((*code).to_owned(), Offering::default()))
            .collect(),
    };
    let message = "Error: Invalid academic year : 2050 has no effective template ";
    refused(plan(3, 2050, &["2018XX"]), &[message]);
    // an open template is in effect in the years of the calendar, 2000 to 2035, and in no
    // other one.
    refused(plan(1, 2050, &[]), &[message]);
    refused(
        ShowYear {
            container: container(1),
            year: year(2050),
            controls: None,
            urls: None,
        },
        &[message],
    );
    for (number, right) in [(2035, true), (2036, false)] {
        let planned = world().post(plan(1, number, &[]));
        assert_eq!(planned.is_ok(), right, "{number}: {planned:?}");
    }
    refused(
        plan(1, 2019, &["2018FA", "2019XX", "2019FA"]),
        &[
            "Error: Invalid term plan term : 2018FA is not in academic year 2019 ",
            "Error: Invalid term code : 2019XX does not exist ",
        ],
    );
    let mut world = world();
    world.post(deactivate(1, "2018SP")).expect("it is active");
    let message = "Error: Invalid term plan term : 2018SP has no effective template ";
    assert_eq!(
        world.post(plan(1, 2018, &["2018JA", "2018SP"])),
        Err(vec![message.to_owned()])
    );

    let pairs = |pairs: &[(&str, &str)]| {
        let pairs = pairs
            .iter()
            .map(|(one, other)| ((*one).to_owned(), (*other).to_owned()));
        Some(pairs.collect::<Vec<_>>())
    };
    let show = ShowYear {
        container: container(1),
        year: year(2019),
        controls: pairs(&[("SHOW", "MAYBE"), ("SHOW", "YES"), ("HIDE", "NO")]),
        urls: pairs(&[
            ("a", "ftp://x"),
            ("b", "HTTPS://example.org/a?b"),
            ("c", "https:///path"),
            ("d", "http://a b"),
            ("e", "http"),
        ]),
    };
    refused(
        show,
        &[
            "Error: Invalid display control : SHOW/MAYBE does not exist ",
            "Error: Invalid display control : HIDE/NO does not exist ",
            "Error: Invalid url : ftp://x is not an http or https url ",
            "Error: Invalid url : https:///path is not an http or https url ",
            "Error: Invalid url : http://a b is not an http or https url ",
            "Error: Invalid url : http is not an http or https url ",
        ],
    );
}

/// what else is told item by item.
#[test]
fn other_items_are_refused() {
    let enroll = Enroll {
        container: container(1),
        term: "2019FA".to_owned(),
        subjects: ["6.ZZ9", "18.AA1"].map(|id| (id.to_owned(), true)).into(),
    };
    let message = "Error: Invalid enrollable subject : 6.ZZ9 is not a subject of the template ";
    refused(enroll, &[message]);
    let requisites = EditRequisites {
        container: container(1),
        from: "2019FA".to_owned(),
        requisites: Requisites {
            prerequisites: None,
            corequisites: Some(Requisite::Attribute {
                attribute_code: "ZZZ".to_owned(),
            }),
        },
        unknown_operators: vec!["XOR".to_owned()],
    };
    refused(
        requisites,
        &[
            "Error: Invalid requisite : operator XOR does not exist ",
            "Error: Invalid subject attribute : ZZZ does not exist ",
        ],
    );
    let backdate = Backdate {
        container: container(3),
        from: "2017SP".to_owned(),
    };
    let message = "Error: Invalid effective from term : 2017SP is not earlier than 2017FA ";
    refused(backdate, &[message]);
}

/// the messages that a request's form, not the catalogue, calls for.
#[test]
fn messages_of_form_are_worded() {
    let field = |name: &str| name.to_owned();
    let rule = Violation::Rule {
        field: field("units"),
        value: "-1".to_owned(),
        rule: "0 or more".to_owned(),
    };
    let worded = [
        (
            Violation::MalformedBody,
            "Error: Invalid request : body is not valid JSON ",
        ),
        (
            Violation::Missing {
                field: field("title"),
            },
            "Error: Invalid title : value is required ",
        ),
        (rule, "Error: Invalid units : -1 is not 0 or more "),
        (
            Violation::UnknownOperation("ARCHIVE".to_owned()),
            "Error: Invalid operation : ARCHIVE is not DEACTIVATE or REACTIVATE ",
        ),
        (
            Violation::NoContainer(ContainerId(99)),
            "Error: Invalid container id : 99 does not exist ",
        ),
        (
            Violation::NoTemplate(TemplateId(99)),
            "Error: Invalid template id : 99 does not exist ",
        ),
        (
            Violation::NoOperator("XOR".to_owned()),
            "Error: Invalid requisite : operator XOR does not exist ",
        ),
        (
            Violation::NoNotification(55),
            "Error: Invalid notification id : 55 does not exist ",
        ),
    ];
    for (violation, message) in worded {
        assert_eq!(violation.to_string(), message);
    }
}

/// exceptions are told in fixed sentences.
#[test]
fn exceptions_are_worded() {
    let log = Cause::ProcessLog(Box::new(Cause::Database));
    let worded = [
        (Cause::Database, "Error: Exception : the database failed "),
        (
            Cause::Mail,
            "Error: Exception : the mail could not be sent ",
        ),
        (
            Cause::NoRecipient("HASS".to_owned()),
            "Error: Exception : no recipient for HASS ",
        ),
        (
            Cause::Internal,
            "Error: Exception : the request could not be completed ",
        ),
        (log, "Error: Exception : process log the database failed "),
    ];
    for (cause, message) in worded {
        assert_eq!(Exception(cause).to_string(), message);
    }
}

/// without the gate no record can be made, and nothing is done.
#[test]
fn the_gate_has_to_be_configured() {
    let mut world = world();
    world.gate = None;
    let before = world.clone();
    let refused = world.post(edit(1, "2018FA"));
    assert_eq!(
        refused,
        Err(vec!["mitsisBackfillAllowedUptoYear".to_owned()])
    );
    assert_eq!(world.containers, before.containers);
}
