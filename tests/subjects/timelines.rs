//! The templates of a container, operation by operation.

use specwright_server::subjects::domain::operations::Operation;
use specwright_server::subjects::domain::ranges::EffectiveTerms;
use specwright_server::subjects::domain::subject::{
    Content, GradingMode, Overlay, SubjectId, TemplateId,
};
use specwright_server::subjects::domain::template::{Offering, Template};
use specwright_server::subjects::domain::term::{Thru, Year};
use specwright_server::subjects::domain::timeline::{Timeline, edited_range};
use specwright_server::subjects::domain::violations::Violation;
use specwright_server::subjects::domain::year::{Display, TermPlan};

use crate::support::world::{World, create, deactivate, edit, items, reactivate};
use crate::support::{range, ranges, term};

fn timeline(terms: &str) -> Timeline {
    Timeline::create(range(terms), Content::new(SubjectId::new("6", "AA1"), "T"))
}

fn titled(title: &str) -> Overlay {
    Overlay {
        title: Some(title.to_owned()),
        ..Overlay::default()
    }
}

fn told(timeline: &Timeline) -> Vec<String> {
    let told = timeline
        .active()
        .map(|one| format!("{} {}", one.terms, one.content.title));
    told.collect()
}

/// an edit within a template splits it; one at its beginning changes it in place.
#[test]
fn an_edit_splits_or_changes_in_place() {
    let mut split = timeline("2017FA-");
    assert_eq!(
        split.edit(term("2018FA"), &titled("N")),
        Ok(range("2018FA-"))
    );
    assert_eq!(told(&split), ["2017FA-2017SU T", "2018FA-999999 N"]);
    let mut in_place = timeline("2017FA-");
    assert_eq!(
        in_place.edit(term("2017FA"), &titled("N")),
        Ok(range("2017FA-"))
    );
    assert_eq!(told(&in_place), ["2017FA-999999 N"]);
    assert_eq!(
        in_place.edit(term("2016SU"), &titled("N")),
        Err(Violation::NoEffectiveTemplate(term("2016SU")))
    );
}

/// templates T1 and T2, and an edit within T1: T2 is as it was, T1 keeps its id.
#[test]
fn an_edit_leaves_later_templates_alone() {
    let mut world = World::new();
    world.post(create("6.AA1@2017FA", &[])).expect("it is new");
    world.post(edit(1, "2019FA")).expect("it is active");
    world.post(edit(1, "2018JA")).expect("it is active");
    let expected = [
        "T1 2017FA-2018FA v3",
        "T2 2019FA-999999 v1",
        "T3 2018JA-2018SU v1",
    ];
    assert_eq!(world.templates(1), expected);
}

/// what is omitted stays, what is carried is replaced whole, and null is a value.
#[test]
fn an_overlay_replaces_what_it_carries() {
    let mut content = Content::new(SubjectId::new("6", "AA1"), "T");
    content.description = Some("D".to_owned());
    content.attributes = ["PHY1", "HA"].map(str::to_owned).into();
    content.cross_listed = [SubjectId::new("8", "AA1")].into();
    assert_eq!(Overlay::default().over(&content), content);
    let overlay = Overlay {
        number: Some("AA2".to_owned()),
        description: Some(None),
        attributes: Some(vec!["PHY2".to_owned()]),
        cross_listed: Some(Vec::new()),
        ..Overlay::default()
    };
    let after = overlay.over(&content);
    assert_eq!(after.main, SubjectId::new("6", "AA2"));
    assert_eq!((after.title.as_str(), after.description), ("T", None));
    assert_eq!(after.attributes, ["PHY2".to_owned()].into());
    assert!(after.cross_listed.is_empty());
}

/// P-18: an edit that also changes a relation counts one version.
#[test]
fn a_request_counts_one_version() {
    let mut timeline = timeline("2017FA-");
    let version = |timeline: &Timeline| timeline.all()[0].version;
    assert_eq!(version(&timeline), 1);
    timeline.touch();
    timeline
        .edit(term("2018FA"), &titled("N"))
        .expect("it is active");
    timeline.touch();
    assert_eq!(
        timeline
            .all()
            .iter()
            .map(|one| one.version)
            .collect::<Vec<_>>(),
        [1, 1]
    );
    let mut world = World::new();
    world.post(create("6.AA1@2017FA", &[])).expect("it is new");
    world.post(edit(1, "2017FA")).expect("it is active");
    assert_eq!(world.versions([1]), [2]);
    world.post(edit(1, "2017FA")).expect("it is active");
    assert_eq!(world.versions([1]), [3]);
}

/// P-18: an edit that changes a template and a relation counts one version on every
/// template that was there, those that it does not change otherwise too, and none on the new one;
/// so do the templates of the other container, and a deleted one does not count.
#[test]
fn an_edit_with_a_relation_counts_one_version() {
    let mut world = World::new();
    world.post(create("6.AA1@2017FA", &[])).expect("it is new");
    world.post(edit(1, "2019FA")).expect("it is active");
    world.post(create("6.BB1@2017FA", &[])).expect("it is new");
    world.post(edit(2, "2020FA")).expect("it is active");
    world.post(deactivate(2, "2020FA")).expect("it is active");
    let before = ["T3 2017FA-2019SU v2", "T4 2020FA-999999 v2 D"];
    assert_eq!(world.templates(2), before);
    let mut both = edit(1, "2020FA");
    both.template.title = Some("N".to_owned());
    both.equivalent_subjects = items(&[(2, "2018FA-")]);
    world.post(both).expect("it is active");
    let expected = [
        "T1 2017FA-2018SU v3",
        "T2 2019FA-2019SU v2",
        "T5 2020FA-999999 v1",
    ];
    assert_eq!(world.templates(1), expected);
    let expected = ["T3 2017FA-2019SU v3", "T4 2020FA-999999 v2 D"];
    assert_eq!(world.templates(2), expected);
    let mut in_place = edit(1, "2017FA");
    in_place.template.title = Some("O".to_owned());
    in_place.equivalent_subjects = items(&[(2, "2018FA-2019SU")]);
    world.post(in_place).expect("it is active");
    let expected = [
        "T1 2017FA-2018SU v4",
        "T2 2019FA-2019SU v3",
        "T5 2020FA-999999 v2",
    ];
    assert_eq!(world.templates(1), expected);
}

/// a container is active as of a term unless it ended before.
#[test]
fn a_status_is_as_of_a_term() {
    let mut timeline = timeline("2017FA-");
    assert!(timeline.is_active_as_of(term("2030FA")));
    timeline.deactivate(term("2019FA")).expect("it is active");
    assert!(timeline.is_active_as_of(term("2018SU")));
    assert!(!timeline.is_active_as_of(term("2019FA")));
}

/// the last term of an edit is the template's, if it is named.
#[test]
fn an_edit_names_no_other_thru_term() {
    let timeline = timeline("2017FA-");
    let range = |thru: Option<Thru>| edited_range(&timeline, term("2018FA"), thru);
    assert_eq!(range(None), range(Some(Thru::Open)));
    let refused = range(Some(term("2020SU").into()))
        .expect_err("it is another")
        .to_string();
    let message =
        "Error: Invalid effective thru term : 2020SU is not the thru term 999999 of the template ";
    assert_eq!(refused, message);
}

/// R-024, P-05: a deactivation in a gap ends the container with the template before the gap.
#[test]
fn a_deactivation_may_lie_in_a_gap() {
    let mut timeline = timeline("2017FA-");
    timeline.deactivate(term("2018FA")).expect("it is active");
    timeline
        .reactivate(term("2020FA"), &titled("N"))
        .expect("it has ended");
    assert_eq!(told(&timeline), ["2017FA-2017SU T", "2020FA-999999 N"]);
    assert_eq!(timeline.deactivate(term("2019FA")), Ok(false));
    assert_eq!(told(&timeline), ["2017FA-2017SU T"]);
    assert_eq!(timeline.last_active_term, Some(term("2017SU")));
    let refused = timeline
        .deactivate(term("2019FA"))
        .expect_err("it has ended")
        .to_string();
    assert_eq!(
        refused,
        "Error: Invalid deactivation term : 2019FA container is already inactive "
    );
}

/// a container of which nothing is left can be reactivated from its deleted template.
#[test]
fn a_deleted_subject_is_reactivated() {
    let mut world = World::new();
    world.post(create("6.AA1@2019FA", &[])).expect("it is new");
    world.post(deactivate(1, "2019FA")).expect("it is active");
    assert_eq!(
        world.post(deactivate(1, "2019FA")),
        Err(vec![
            "Error: Invalid deactivation term : 2019FA container is already inactive ".to_owned()
        ])
    );
    world.post(reactivate(1, "2019FA")).expect("it has ended");
    assert_eq!(
        world.templates(1),
        ["T1 2019FA-999999 v2 D", "T2 2019FA-999999 v1"]
    );
}

/// what ends is told in the words of the operation.
#[test]
fn impossible_ends_and_beginnings_are_refused() {
    let mut timeline = timeline("2017FA-");
    let early = timeline
        .deactivate(term("2016FA"))
        .expect_err("it is too early")
        .to_string();
    let message =
        "Error: Invalid deactivation term : 2016FA is earlier than the creation term 2017FA ";
    assert_eq!(early, message);
    let active = timeline
        .reactivate(term("2018FA"), &titled("N"))
        .expect_err("it is active");
    assert_eq!(
        active.to_string(),
        "Error: Invalid reactivation term : 2018FA container is not deactivated "
    );
    timeline.deactivate(term("2019FA")).expect("it is active");
    let early = timeline
        .reactivate(term("2018FA"), &titled("N"))
        .expect_err("it is too early");
    let message =
        "Error: Invalid reactivation term : 2018FA is not later than the last active term 2018SU ";
    assert_eq!(early.to_string(), message);
    assert_eq!(timeline.activity(), ranges("2017FA-2018SU"));
}

fn plan(terms: &[&str]) -> TermPlan {
    let offered = Offering {
        is_offered: true,
        instructors: None,
    };
    TermPlan {
        next_offered: Some(Year::new(2021)),
        offerings: terms
            .iter()
            .map(|code| (term(code), offered.clone()))
            .collect(),
    }
}

/// R-100, P-17: a term's row is on the template that covers it, the rows of a year on all of its.
#[test]
fn rows_of_terms_and_years_follow_a_split() {
    let year = Year::new(2019).expect("a year");
    let mut timeline = timeline("2018FA-");
    timeline
        .plan_year(year, &plan(&["2019FA", "2019SP"]))
        .expect("it is active");
    let display = Display {
        controls: Some(
            [("SHOW", "NO")]
                .map(|(one, other)| (one.to_owned(), other.to_owned()))
                .into(),
        ),
        urls: None,
    };
    timeline.display_year(year, &display).expect("it is active");
    let before = timeline.year(year);
    timeline
        .edit(term("2019SP"), &titled("N"))
        .expect("it is active");
    let rows = |at: usize| {
        let plans = &timeline.all()[at].plans;
        let terms = plans
            .offerings
            .keys()
            .map(ToString::to_string)
            .collect::<Vec<_>>();
        (
            terms.join(" "),
            plans.displays.len(),
            plans.next_offered.len(),
        )
    };
    assert_eq!(
        (rows(0), rows(1)),
        (("2019FA".to_owned(), 1, 1), ("2019SP".to_owned(), 1, 1))
    );
    assert_eq!(timeline.year(year), before);
    let none = timeline.plan_year(Year::new(2017).expect("a year"), &plan(&[]));
    let message = "Error: Invalid academic year : 2017 has no effective template ";
    assert_eq!(none.expect_err("it began later").to_string(), message);
}

/// a plan for a year cuts no template at the year's ends; each template that overlaps the year
/// has the next year that it is offered in and counts one version, and the others are as they were.
#[test]
fn a_plan_goes_to_every_template_of_its_year() {
    let mut timeline = timeline("2016FA-");
    for from in ["2018FA", "2019SP", "2020FA"] {
        let edited = timeline.edit(term(from), &titled("N"));
        edited.expect("it is active");
    }
    let stored = timeline.all().iter().cloned().zip(1..).map(|(one, id)| {
        let id = TemplateId(id);
        Template::stored(id, one.terms, 1, one.status, one.content, one.plans)
    });
    let mut timeline = Timeline::stored(None, stored.collect());
    let cut = told(&timeline);
    let year = Year::new(2019).expect("a year");
    let planned = timeline.plan_year(year, &plan(&["2019SU"]));
    planned.expect("it is active");
    assert_eq!(told(&timeline), cut);
    let rows = timeline.all().iter().map(|one| {
        let plans = &one.plans;
        (plans.next_offered.len(), plans.offerings.len(), one.version)
    });
    assert_eq!(
        rows.collect::<Vec<_>>(),
        [(0, 0, 1), (1, 0, 2), (1, 1, 2), (0, 0, 1)]
    );
}

/// a list that a request carries replaces the rows of its year, and of no other.
#[test]
fn display_rows_are_replaced_a_year_at_a_time() {
    let mut timeline = timeline("2018FA-");
    let controls = |option: &str| Display {
        controls: Some([("SHOW".to_owned(), option.to_owned())].into()),
        urls: Some([("home".to_owned(), "https://example.org".to_owned())].into()),
    };
    let years = [2019, 2020].map(|year| Year::new(year).expect("a year"));
    for year in years {
        timeline
            .display_year(year, &controls("YES"))
            .expect("it is active");
    }
    let none = Display {
        controls: Some([].into()),
        urls: None,
    };
    timeline
        .display_year(years[1], &none)
        .expect("it is active");
    let whole = years.map(|year| timeline.year(year));
    assert_eq!(whole.each_ref().map(|plans| plans.displays.len()), [1, 0]);
    assert_eq!(whole.each_ref().map(|plans| plans.urls.len()), [1, 1]);
}

/// a split copies everything, grading modes included.
#[test]
fn a_split_copies_what_it_does_not_change() {
    let mut timeline = timeline("2017FA-");
    let overlay = Overlay {
        grading_modes: Some(vec![GradingMode::new("Y", "Z")]),
        ..Overlay::default()
    };
    timeline
        .edit(term("2017FA"), &overlay)
        .expect("it is active");
    timeline
        .edit(term("2018FA"), &titled("N"))
        .expect("it is active");
    let modes = timeline.active().map(|one| one.content.grading_modes.len());
    assert_eq!(modes.collect::<Vec<_>>(), [1, 1]);
    let terms: Vec<EffectiveTerms> = timeline
        .overlapping(range("2017SU-2018FA"))
        .map(|one| one.terms)
        .collect();
    assert_eq!(terms, [range("2017FA-2017SU"), range("2018FA-")]);
}

/// a subject that is created with an end has ended.
#[test]
fn a_subject_may_be_created_with_its_end() {
    let mut request = create("6.AA1@2017FA", &[]);
    request.thru = "2018SU".to_owned();
    let mut world = World::new();
    world.post(Operation::from(request)).expect("it is new");
    assert_eq!(
        world.container(1).timeline.last_active_term,
        Some(term("2018SU"))
    );
}

/// what was planned for a term goes with the template that covered it.
#[test]
fn a_plan_ends_with_its_template() {
    let year = Year::new(2018).expect("a year");
    let mut timeline = timeline("2017FA-");
    timeline
        .plan_year(year, &plan(&["2018FA", "2018SP"]))
        .expect("it is active");
    timeline.deactivate(term("2018JA")).expect("it is active");
    timeline
        .reactivate(term("2018JA"), &titled("N"))
        .expect("it has ended");
    let rows = timeline.all().iter().map(|one| one.plans.offerings.len());
    assert_eq!(rows.collect::<Vec<_>>(), [1, 0]);
    assert_eq!(timeline.year(year).offerings.len(), 1);
}
