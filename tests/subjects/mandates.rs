//! Experimental grading modes.

use std::collections::BTreeSet;

use proptest::prelude::*;
use specwright_server::subjects::domain::mandate::{Mandate, apply_mandate};
use specwright_server::subjects::domain::operations::{
    Backdate, Create, EditRequisites, Enroll, Operation, PlanTerms, ShowYear,
};
use specwright_server::subjects::domain::ranges::EffectiveTerms;
use specwright_server::subjects::domain::requisites::Requisites;
use specwright_server::subjects::domain::subject::{Content, GradingMode, GradingModes, SubjectId};
use specwright_server::subjects::domain::template::Offering;
use specwright_server::subjects::domain::term::{Term, Thru, Year};
use specwright_server::subjects::domain::timeline::Timeline;

use crate::support::world::{Rule, World, create, deactivate, edit, reactivate};
use crate::support::{configuration, container, range, term};

fn modes() -> GradingModes {
    let mode = |code: &str, ty: &str| GradingMode::new(code, ty);
    GradingModes::new([
        (mode("L", "N"), false),
        (mode("Y", "Z"), true),
        (mode("W", "Z"), true),
    ])
}

fn read(output: &str) -> Mandate {
    Mandate::read(Some(output), &modes()).expect("the output is right")
}

fn timeline(own: &[(&str, &str)]) -> Timeline {
    let mut content = Content::new(SubjectId::new("8", "02"), "T");
    content.grading_modes = own
        .iter()
        .map(|(code, ty)| GradingMode::new(*code, *ty))
        .collect();
    Timeline::create(range("2017FA-"), content)
}

fn told(timeline: &Timeline) -> Vec<String> {
    let told = timeline.active().map(|one| {
        let modes = one.content.grading_modes.iter().map(ToString::to_string);
        format!("{} {}", one.terms, modes.collect::<Vec<_>>().join(" "))
    });
    told.collect()
}

fn apply(timeline: &mut Timeline, mandate: &Mandate) -> Vec<EffectiveTerms> {
    apply_mandate(timeline, range("2017FA-"), mandate, &modes())
}

/// modes that are no longer mandated go, regular ones stay.
#[test]
fn modes_go_with_their_mandate() {
    let mut timeline = timeline(&[("L", "N"), ("Y", "Z")]);
    assert_eq!(
        apply(&mut timeline, &Mandate::default()),
        [range("2017FA-")]
    );
    assert_eq!(told(&timeline), ["2017FA-999999 L/N"]);
}

/// P-16: modes with different terms cut a template at each of their ends;
/// what lies outside it counts nothing.
#[test]
fn several_modes_cut_a_template_several_times() {
    let mut timeline = timeline(&[("L", "N")]);
    let mandate = read("Y-Z-2016FA-2018SU,W-Z-2018SP-2019FA,W-Z-2015FA-2016SU");
    let pieces = apply(&mut timeline, &mandate);
    let expected = [
        "2017FA-2018JA L/N Y/Z",
        "2018SP-2018SU L/N W/Z Y/Z",
        "2019FA-2019FA L/N W/Z",
        "2019JA-999999 L/N",
    ];
    assert_eq!(told(&timeline), expected);
    assert_eq!(pieces.len(), 4);
}

/// R-044, P-16: ranges of one mode that touch make one piece.
#[test]
fn pieces_with_the_same_modes_are_one() {
    let mut timeline = timeline(&[]);
    apply(&mut timeline, &read("Y-Z-2018FA-2018SU,Y-Z-2019FA-999999"));
    assert_eq!(told(&timeline), ["2017FA-2017SU ", "2018FA-999999 Y/Z"]);
}

/// null is no mode at all.
#[test]
fn null_is_no_mandate() {
    assert_eq!(Mandate::read(None, &modes()), Ok(Mandate::default()));
}

/// an output counts as a whole or not at all.
#[test]
fn a_wrong_output_is_ignored_as_a_whole() {
    let malformed = [
        "",
        "Y-Z-2019FA",
        "Y-Z-2019FA-999999,",
        "Y-Z-999999-2019FA",
        "Y-Z-2019FA-2018FA",
        "-Z-2019FA-999999",
        "Y--2019FA-999999",
        "Y-Z-2019XX-999999",
        "Y-Z-2019FA-999999-1",
        "Y-Z-2019FA-999999,nonsense",
    ];
    for output in malformed {
        let ignored = Mandate::read(Some(output), &modes())
            .expect_err(output)
            .to_string();
        assert!(ignored.ends_with("is not code-type-from-thru"), "{ignored}");
    }
    for (output, mode) in [
        ("L-N-2019FA-999999", "L/N"),
        ("Y-Z-2019FA-999999,Q-Z-2019FA-999999", "Q/Z"),
    ] {
        let ignored = Mandate::read(Some(output), &modes())
            .expect_err(output)
            .to_string();
        assert_eq!(
            ignored,
            format!("the mandate's grading mode {mode} is not experimental")
        );
    }
}

fn mandated() -> World {
    let mut world = World::new();
    world.rules = vec![Rule {
        attribute: "PHY2",
        output: Ok("Y-Z-2019FA-999999".to_owned()),
    }];
    let mut request: Create = create("8.02@2017FA", &[]);
    request.template.attributes = Some(vec!["PHY2".to_owned()]);
    world.post(request).expect("it is new");
    world
}

/// an output that names a regular mode leaves a warning, and the update stands.
#[test]
fn an_ignored_output_is_a_warning() {
    let mut world = mandated();
    world.rules[0].output = Ok("L-N-2019FA-999999".to_owned());
    let outcome = world.post(edit(1, "2019FA")).expect("it is active");
    assert_eq!(
        outcome.warnings,
        ["the mandate's grading mode L/N is not experimental"]
    );
    let last = world
        .container(1)
        .timeline
        .active()
        .next_back()
        .expect("a template");
    assert_eq!(
        last.content.grading_modes,
        BTreeSet::from([GradingMode::new("L", "N")])
    );
}

/// who asks for an experimental mode gets what the mandate says.
#[test]
fn a_request_sets_no_experimental_mode() {
    let mut world = World::new();
    let mut request = create("8.02@2017FA", &[]);
    request.template.grading_modes =
        Some(vec![GradingMode::new("L", "N"), GradingMode::new("Y", "Z")]);
    world.post(request).expect("the mode is legal");
    let modes = &world.container(1).timeline.all()[0].content.grading_modes;
    assert_eq!(*modes, BTreeSet::from([GradingMode::new("L", "N")]));
}

/// the procedure sees the attribute that the very request has given.
#[test]
fn the_mandate_sees_what_was_written() {
    let world = mandated();
    assert_eq!(
        world.templates(1),
        ["T1 2017FA-2018SU v1", "T2 2019FA-999999 v1"]
    );
}

fn plan(year: u16, terms: &[&str]) -> PlanTerms {
    let offered = Offering {
        is_offered: true,
        instructors: None,
    };
    PlanTerms {
        container: container(1),
        year: Year::new(year).expect("a year"),
        next_offered: None,
        offerings: terms
            .iter()
            .map(|code| ((*code).to_owned(), offered.clone()))
            .collect(),
    }
}

/// a term plan asks once for each template of the year, and each output is for its own; the
/// log has them joined.
#[test]
fn a_term_plan_asks_for_each_template() {
    let mut world = mandated();
    world.post(edit(1, "2019SP")).expect("it is active");
    let calls = world.mandate_calls;
    let outcome = world
        .post(plan(2019, &["2019FA", "2019SP"]))
        .expect("it is active");
    assert_eq!(world.mandate_calls - calls, 2);
    assert_eq!(
        outcome.mandate_output.as_deref(),
        Some("Y-Z-2019FA-999999,Y-Z-2019FA-999999")
    );
    assert_eq!(outcome.queued.len(), 2);
}

/// every other operation that asks does so once, however many templates the subject
/// has, and for the edited template only.
#[test]
fn one_call_an_operation() {
    let mut world = mandated();
    assert_eq!(world.mandate_calls, 1, "to create");
    let mut calls = |operation: Operation| {
        let before = world.mandate_calls;
        let outcome = world.post(operation).expect("it is possible");
        assert_eq!(outcome.mandate_output.as_deref(), Some("Y-Z-2019FA-999999"));
        world.mandate_calls - before
    };
    assert_eq!(calls(edit(1, "2021FA").into()), 1);
    assert_eq!(calls(edit(1, "2018FA").into()), 1);
    let backdate = Backdate {
        container: container(1),
        from: "2016FA".to_owned(),
    };
    assert_eq!(calls(backdate.into()), 1);
    world.post(deactivate(1, "2022FA")).expect("it is active");
    let calls = world.mandate_calls;
    world.post(reactivate(1, "2024FA")).expect("it has ended");
    assert_eq!(world.mandate_calls - calls, 1);
}

/// display controls, requisites, enrollable subjects and deactivations ask nobody.
#[test]
fn other_operations_ask_no_mandate() {
    let mut world = mandated();
    let calls = world.mandate_calls;
    let operations: [Operation; 4] = [
        EditRequisites {
            container: container(1),
            from: "2020FA".to_owned(),
            requisites: Requisites::default(),
            unknown_operators: Vec::new(),
        }
        .into(),
        ShowYear {
            container: container(1),
            year: Year::new(2019).expect("a year"),
            controls: Some(vec![("SHOW".to_owned(), "YES".to_owned())]),
            urls: None,
        }
        .into(),
        Enroll {
            container: container(1),
            term: "2019FA".to_owned(),
            subjects: vec![("8.02".to_owned(), false)],
        }
        .into(),
        deactivate(1, "2021FA"),
    ];
    for operation in operations {
        world.post(operation).expect("it is active");
    }
    assert_eq!(world.mandate_calls, calls);
}

fn items() -> impl Strategy<Value = Vec<String>> {
    let code = |at: usize| -> Term {
        let all: Vec<_> = (2016..=2020)
            .flat_map(|year| Year::new(year).expect("a year").terms())
            .collect();
        all[at]
    };
    let item = (any::<bool>(), 0usize..20, 0usize..26).prop_map(move |(one, from, thru)| {
        let mode = if one { "Y-Z" } else { "W-Z" };
        let thru = match thru < 20 {
            true => Thru::Term(code(thru.max(from))),
            false => Thru::Open,
        };
        format!("{mode}-{}-{thru}", code(from))
    });
    proptest::collection::vec(item, 0..5)
}

proptest! {
    #![proptest_config(configuration("tests/subjects/mandates.regressions", 4))]

    /// R-047, P-15, P-16: the pieces partition the template, have at each term the modes that cover
    /// it, differ from their neighbours, and stay the same when the mandate is asked again.
    #[test]
    fn pieces_follow_their_mandate(items in items(), from in 0usize..12) {
        let terms = (2017..=2019).flat_map(|year| Year::new(year).expect("a year").terms());
        let terms = EffectiveTerms::open(terms.collect::<Vec<_>>()[from]);
        let output = items.join(",");
        let mandate = Mandate::read(Some(&output).filter(|all| !all.is_empty()).map(String::as_str), &modes());
        let mandate = mandate.expect("the output is right");
        let mut timeline = Timeline::create(terms, Content::new(SubjectId::new("8", "02"), "T"));
        let pieces = apply_mandate(&mut timeline, terms, &mandate, &modes());
        prop_assert_eq!(pieces.first().map(|piece| piece.from()), Some(terms.from()));
        prop_assert_eq!(pieces.last().map(|piece| piece.thru()), Some(terms.thru()));
        for two in pieces.windows(2) {
            prop_assert_eq!(two[0].thru().succ(), Thru::Term(two[1].from()));
        }
        let sets: Vec<_> = timeline.active().map(|one| one.content.grading_modes.clone()).collect();
        prop_assert!(sets.windows(2).all(|two| two[0] != two[1]));
        for at in (2017..=2022).flat_map(|year| Year::new(year).expect("a year").terms()) {
            let Some(template) = timeline.covering(at) else { continue };
            let covering = items.iter().filter(|item| {
                let parts: Vec<_> = item.split('-').collect();
                term(parts[2]) <= at && Thru::Term(at) <= parts[3].parse().expect("a thru term")
            });
            let expected: BTreeSet<_> = covering.map(|item| item[..3].replace('-', "/")).collect();
            let own = template.content.grading_modes.iter().map(ToString::to_string);
            prop_assert_eq!(own.collect::<BTreeSet<_>>(), expected);
        }
        let once = timeline.clone();
        for piece in pieces {
            prop_assert_eq!(apply_mandate(&mut timeline, piece, &mandate, &modes()), vec![piece]);
        }
        prop_assert_eq!(timeline, once);
    }
}
