//! Random histories of operations, and what holds after each of them.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use specwright_server::subjects::domain::backfill::{KeyType, ProcessType, Record};
use specwright_server::subjects::domain::checks::Item;
use specwright_server::subjects::domain::operations::{
    Backdate, EditRequisites, Enroll, Operation, Outcome, PlanTerms, ShowYear,
};
use specwright_server::subjects::domain::ranges::{EffectiveTerms, Ranges};
use specwright_server::subjects::domain::requisites::{Requisite, Requisites};
use specwright_server::subjects::domain::subject::{ContainerId, Content, Overlay, SubjectId};
use specwright_server::subjects::domain::template::{Offering, Template};
use specwright_server::subjects::domain::term::{Term, Thru, Year};
use specwright_server::subjects::domain::timeline::Timeline;

use crate::support::table::Table;
use crate::support::world::{Rule, World, create, deactivate, edit, id, reactivate};
use crate::support::{configuration, container, term};

/// The terms of the histories: 2017FA and those that follow it.
const TERMS: usize = 14;
const CONTAINERS: i64 = 5;
const IDS: [&str; 6] = ["6.A", "6.B", "6.C", "8.D", "1.E", "18.F"];

fn nth(at: usize) -> Term {
    let mut found = term("2017FA");
    for _ in 0..at {
        found = found.succ().expect("there are more terms");
    }
    found
}

/// Terms as two places; a last place beyond all terms is the open end.
type Places = (usize, usize);

fn codes((from, thru): Places) -> (String, String) {
    let thru = match thru < TERMS {
        true => nth(thru).to_string(),
        false => "999999".to_owned(),
    };
    (nth(from).to_string(), thru)
}

/// An item of a relation list, before it is known which containers there are.
type Wish = (i64, Option<Places>);

/// One request of a history.
#[derive(Clone, Debug)]
enum Step {
    Create {
        at: usize,
        thru: usize,
        ids: Vec<usize>,
        eq: Vec<Wish>,
        sr: Vec<Wish>,
    },
    Edit {
        of: i64,
        at: usize,
        change: Change,
        eq: Vec<Wish>,
        sr: Vec<Wish>,
    },
    Deactivate {
        of: i64,
        at: usize,
    },
    Reactivate {
        of: i64,
        at: usize,
        change: Change,
        sr: Vec<Wish>,
    },
    Backdate {
        of: i64,
        at: usize,
    },
    Requisites {
        of: i64,
        at: usize,
    },
    Plan {
        of: i64,
        at: Vec<usize>,
    },
    Show {
        of: i64,
        at: usize,
    },
    Enroll {
        of: i64,
        at: usize,
    },
}

/// What an edit changes of a template.
#[derive(Clone, Debug)]
struct Change {
    title: Option<usize>,
    main: Option<usize>,
    cross_listed: Option<Vec<usize>>,
    mandated: Option<bool>,
}

impl Change {
    fn overlay(&self) -> Overlay {
        let main = self.main.map(|main| id(IDS[main]));
        let ids = |ids: &Vec<usize>| ids.iter().map(|at| id(IDS[*at])).collect();
        Overlay {
            title: self.title.map(|title| format!("Title {title}")),
            code: main.as_ref().map(|main| main.code.clone()),
            number: main.map(|main| main.number),
            cross_listed: self.cross_listed.as_ref().map(ids),
            attributes: self
                .mandated
                .map(|is| is.then(|| "PHY2".to_owned()).into_iter().collect()),
            ..Overlay::default()
        }
    }
}

/// The items of a list, most of which can be granted: the container itself is named rarely, and a
/// range is mostly one in which both are active.
fn wishes(world: &World, of: i64, wishes: &[Wish], both_active: bool) -> Vec<Item> {
    let item = |(other, places): &Wish| {
        let other = if *other == of && of % 2 == 0 {
            of - 1
        } else {
            *other
        };
        let activity = |one: i64| match world.containers.get(&container(one)) {
            Some(found) if both_active && one % 4 != 0 => found.timeline.activity(),
            _ => Ranges::from(EffectiveTerms::open(nth(0))),
        };
        let common = activity(of).intersection(&activity(other));
        let terms = places.map(|places| {
            let (from, thru) = codes(places);
            let wished = thru
                .parse()
                .ok()
                .and_then(|thru: Thru| EffectiveTerms::new(term(&from), thru));
            let granted = wished.map(|wished| common.intersection(&wished.into()));
            match granted.and_then(|granted| granted.iter().next()) {
                Some(granted) => (granted.from().to_string(), granted.thru().to_string()),
                None => (from, thru),
            }
        });
        Item {
            container: container(other),
            terms,
        }
    };
    wishes.iter().map(item).collect()
}

/// A term that many places after another.
fn after(term: Term, places: usize) -> Term {
    (0..places).fold(term, |term, _| term.succ().expect("there are more terms"))
}

/// The container with that number or the next one that is as it should be, else that one.
fn one_of(world: &World, of: i64, fits: impl Fn(&Timeline) -> bool) -> i64 {
    let numbers = (of..=CONTAINERS).chain(1..of);
    let mut fitting = numbers.filter(|number| fits(&world.container(*number).timeline));
    fitting.next().unwrap_or(of)
}

impl Step {
    fn name(&self) -> &'static str {
        match self {
            Step::Create { .. } => "create",
            Step::Edit { .. } => "edit",
            Step::Deactivate { .. } => "deactivate",
            Step::Reactivate { .. } => "reactivate",
            Step::Backdate { .. } => "backdate",
            Step::Requisites { .. } => "requisites",
            Step::Plan { .. } => "plan",
            Step::Show { .. } => "show",
            Step::Enroll { .. } => "enroll",
        }
    }

    /// The request, made so that it is mostly possible in the world as it is.
    fn operation(&self, world: &World) -> Operation {
        let code = |at: &usize| nth(*at).to_string();
        let year = |at: &usize| nth(*at).year();
        let active = |of: i64, at: usize| one_of(world, of, |one| one.covering(nth(at)).is_some());
        match self {
            Step::Create {
                at,
                thru,
                ids,
                eq,
                sr,
            } => {
                let fresh = format!("6.N{}", world.containers.len());
                let ids: Vec<_> = ids.iter().map(|at| IDS[*at]).collect();
                let mut request = match at % 4 {
                    0 => create(&format!("{}@{}", ids[0], nth(*at)), &ids[1..]),
                    _ => create(&format!("{fresh}@{}", nth(*at)), &[]),
                };
                request.thru = codes((*at, *thru)).1;
                request.equivalent_subjects = wishes(world, 0, eq, false);
                request.subject_relationships = wishes(world, 0, sr, true);
                request.into()
            }
            Step::Edit {
                of,
                at,
                change,
                eq,
                sr,
            } => {
                let of = active(*of, *at);
                let mut request = edit(of, &code(at));
                request.template = change.overlay();
                request.equivalent_subjects = wishes(world, of, eq, false);
                request.subject_relationships = wishes(world, of, sr, true);
                request.into()
            }
            Step::Deactivate { of, at } => deactivate(active(*of, *at), &code(at)),
            Step::Reactivate { of, at, change, sr } => {
                let of = one_of(world, *of, |one| one.last_active_term.is_some());
                let last = world.container(of).timeline.last_active_term;
                let from = last.map_or(nth(*at), |last| after(last, at % 4));
                let mut request = reactivate(of, &from.to_string());
                request.template = change.overlay();
                request.subject_relationships = wishes(world, 0, sr, true);
                request.into()
            }
            Step::Backdate { of, at } => {
                let of = one_of(world, *of, |one| one.creation_term() > Some(nth(0)));
                let first = world.container(of).timeline.creation_term();
                let from = first.and_then(Term::pred).filter(|_| at % 4 > 0);
                let from = from.unwrap_or(nth(*at)).to_string();
                Backdate {
                    container: container(of),
                    from,
                }
                .into()
            }
            Step::Requisites { of, at } => EditRequisites {
                container: container(active(*of, *at)),
                from: code(at),
                requisites: Requisites {
                    prerequisites: Some(Requisite::Text { text: code(at) }),
                    corequisites: None,
                },
            }
            .into(),
            Step::Plan { of, at } => PlanTerms {
                container: container(*of),
                year: year(&at[0]),
                next_offered: None,
                offerings: at
                    .iter()
                    .filter(|place| year(place) == year(&at[0]))
                    .map(|at| {
                        (
                            code(at),
                            Offering {
                                is_offered: true,
                                instructors: None,
                            },
                        )
                    })
                    .collect(),
            }
            .into(),
            Step::Show { of, at } => ShowYear {
                container: container(*of),
                year: year(at),
                controls: Some(vec![("SHOW".to_owned(), "YES".to_owned())]),
                urls: Some(vec![(
                    "home".to_owned(),
                    format!("https://example.org/{at}"),
                )]),
            }
            .into(),
            Step::Enroll { of, at } => Enroll {
                container: container(*of),
                term: code(at),
                subjects: Vec::new(),
            }
            .into(),
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let of = 1..=CONTAINERS;
    let at = 0..TERMS;
    // A third of the ranges is open; few are in the wrong order, and refused.
    let places = (0..TERMS, 0..TERMS * 3 / 2).prop_map(|(one, other)| match one % 5 {
        0 => (one, other),
        _ => (one.min(other), one.max(other)),
    });
    let wish = (1..=CONTAINERS, proptest::option::weighted(0.8, places));
    let list = prop_oneof![2 => Just(Vec::new()), 3 => proptest::collection::vec(wish, 1..3)];
    let ids = proptest::collection::vec(0..IDS.len(), 1..3);
    let change = (
        proptest::option::of(0usize..4),
        proptest::option::weighted(0.1, 0..IDS.len()),
        proptest::option::weighted(0.1, proptest::collection::vec(0..IDS.len(), 0..2)),
        proptest::option::weighted(0.4, any::<bool>()),
    );
    let change = change.prop_map(|(title, main, cross_listed, mandated)| Change {
        title,
        main,
        cross_listed,
        mandated,
    });
    prop_oneof![
        1 => (at.clone(), 0..TERMS * 3, ids, list.clone(), list.clone()).prop_map(
            |(at, thru, ids, eq, sr)| Step::Create { at, thru, ids, eq, sr }
        ),
        8 => (of.clone(), at.clone(), change.clone(), list.clone(), list.clone()).prop_map(
            |(of, at, change, eq, sr)| Step::Edit { of, at, change, eq, sr }
        ),
        1 => (of.clone(), at.clone()).prop_map(|(of, at)| Step::Deactivate { of, at }),
        2 => (of.clone(), TERMS / 2..TERMS, change, list).prop_map(
            |(of, at, change, sr)| Step::Reactivate { of, at, change, sr }
        ),
        1 => (of.clone(), at.clone()).prop_map(|(of, at)| Step::Backdate { of, at }),
        1 => (of.clone(), at.clone()).prop_map(|(of, at)| Step::Requisites { of, at }),
        1 => (of.clone(), proptest::collection::vec(at.clone(), 1..4)).prop_map(
            |(of, at)| Step::Plan { of, at }
        ),
        1 => (of.clone(), at.clone()).prop_map(|(of, at)| Step::Show { of, at }),
        1 => (of, at).prop_map(|(of, at)| Step::Enroll { of, at }),
    ]
}

/// Five subjects, whose terms and mandate differ from history to history.
#[derive(Clone, Debug)]
struct Start {
    output: Option<&'static str>,
    gate: u16,
    terms: Vec<Places>,
}

impl Start {
    fn world(&self) -> World {
        let mut world = World::new();
        world.gate = Year::new(self.gate);
        let rule = |output: &'static str| Rule {
            attribute: "PHY2",
            output: Ok(output.to_owned()),
        };
        world.rules = self.output.into_iter().map(rule).collect();
        for (name, terms) in IDS.iter().zip(&self.terms) {
            let (from, thru) = codes(*terms);
            let mut request = create(&format!("{name}@{from}"), &[]);
            request.thru = thru;
            world
                .post(request)
                .expect("the subjects have nothing in common");
        }
        world
    }
}

fn start() -> impl Strategy<Value = Start> {
    let output = prop_oneof![
        Just(None),
        Just(Some("Y-Z-2018SP-999999")),
        Just(Some("Y-Z-2018FA-2018SU,W-Z-2018SP-2019FA")),
        Just(Some("Y-Z-2019FA-2019JA,Y-Z-2019SP-2019SU")),
        Just(Some("L-N-2018FA-999999")),
    ];
    let terms = (0usize..5, prop_oneof![3 => Just(TERMS), 1 => 5..TERMS]);
    let terms = proptest::collection::vec(terms, CONTAINERS as usize);
    (output, 2015u16..2026, terms).prop_map(|(output, gate, terms)| Start {
        output,
        gate,
        terms,
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), 2..12)
}

proptest! {
    #![proptest_config(configuration("tests/subjects/regressions/histories.txt", 4))]

    ///
    /// P-01, P-04 to P-07, P-09 to P-12, P-15 to P-18: what has to hold
    /// after every operation, whatever came before.
    #[test]
    fn every_operation_keeps_the_rules(start in start(), steps in steps()) {
        let mut world = start.world();
        for step in &steps {
            let before = world.clone();
            let operation = step.operation(&world);
            let Ok(outcome) = world.post(operation.clone()) else { continue };
            let seen = Seen { before: &before, after: &world, operation: &operation, outcome: &outcome };
            seen.catalogue_is_sound()?;
            seen.nothing_else_changes()?;
            seen.records_are_complete()?;
            seen.records_agree()?;
            seen.records_name_whom_the_subject_is_related_to()?;
            seen.templates_have_the_modes_of(start.output)?;
        }
    }

    /// R-030, P-21: in which order a request lists its items changes nothing.
    #[test]
    fn the_order_of_a_request_does_not_matter(start in start(), steps in steps()) {
        let (mut one, mut other) = (start.world(), start.world());
        for step in &steps {
            let mut turned = step.clone();
            if let Step::Create { eq, sr, .. } | Step::Edit { eq, sr, .. } = &mut turned {
                eq.reverse();
                sr.reverse();
            }
            let operations = (step.operation(&one), turned.operation(&other));
            let outcomes = (one.post(operations.0), other.post(operations.1));
            prop_assert_eq!(outcomes.0.is_ok(), outcomes.1.is_ok());
            prop_assert_eq!(&one.containers, &other.containers);
            prop_assert_eq!(one.equivalencies.pairs(), other.equivalencies.pairs());
            prop_assert_eq!(one.scheduling.pairs(), other.scheduling.pairs());
        }
    }
}

/// Histories are worth something only if most of what they try is carried out, and leaves
/// relations and several templates behind.
#[test]
fn histories_do_a_lot() {
    let mut runner = TestRunner::deterministic();
    let mut done: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut tried, mut related, mut cut) = (0, 0, 0);
    for _ in 0..200 {
        let tree = (start(), steps()).new_tree(&mut runner).expect("a history");
        let (start, steps) = tree.current();
        let mut world = start.world();
        for step in &steps {
            tried += 1;
            if let Ok(outcome) = world.post(step.operation(&world)) {
                *done.entry(step.name()).or_default() += 1;
                cut += usize::from(outcome.mandate_output.is_some() && outcome.templates.len() > 1);
            }
        }
        let both = !world.equivalencies.pairs().is_empty() && !world.scheduling.pairs().is_empty();
        related += usize::from(both);
    }
    assert!(
        done.values().sum::<usize>() * 2 > tried,
        "{done:?} of {tried}"
    );
    assert!(
        done.len() == 9 && done.values().all(|count| *count > 10),
        "{done:?}"
    );
    assert!(related > 60, "{related} histories leave both relations");
    assert!(cut > 10, "{cut} templates were cut by their mandate");
}

/// One operation of a history that was carried out.
struct Seen<'a> {
    before: &'a World,
    after: &'a World,
    operation: &'a Operation,
    outcome: &'a Outcome,
}

impl Seen<'_> {
    fn timeline(&self) -> &Timeline {
        &self.after.containers[&self.outcome.container].timeline
    }

    fn horizon(&self) -> Term {
        let gate = self.after.gate.expect("it is configured").number();
        Year::new(gate - 5).expect("a year").first_term()
    }

    fn records(&self) -> Vec<&Record> {
        self.after.records(self.outcome)
    }

    fn regular(&self) -> impl Iterator<Item = &Record> {
        let records = self.records().into_iter();
        records.filter(|one| one.process_type != Some(ProcessType::Scheduling))
    }

    /// The catalogue is one that the rules allow.
    fn catalogue_is_sound(&self) -> Result<(), TestCaseError> {
        let world = self.after;
        for one in world.containers.values() {
            sound_timeline(&one.timeline)?;
        }
        no_id_twice(world)?;
        for table in [&world.equivalencies, &world.scheduling] {
            sound_relation(table)?;
        }
        for ((one, other), rows) in &world.scheduling.rows {
            for (from, thru) in rows {
                let terms = EffectiveTerms::new(*from, *thru).expect("a range");
                for id in [one, other] {
                    let activity = world.containers[id].timeline.activity();
                    prop_assert!(
                        activity.contains(terms),
                        "{} is not active in {}",
                        id,
                        terms
                    );
                }
            }
        }
        Ok(())
    }

    /// What is not edited stays as it was, and what is changed counts one change.
    fn nothing_else_changes(&self) -> Result<(), TestCaseError> {
        for (id, was) in &self.before.containers {
            let is = &self.after.containers[id];
            if *id != self.outcome.container {
                let content = |timeline: &Timeline| contents(timeline, |_| true);
                prop_assert_eq!(content(&was.timeline), content(&is.timeline));
            }
            versions_count(&was.timeline, &is.timeline)?;
        }
        if let Some(was) = self.before.containers.get(&self.outcome.container) {
            let outside = outside(self.operation, &was.timeline);
            prop_assert_eq!(
                contents(&was.timeline, &outside),
                contents(self.timeline(), &outside)
            );
        }
        Ok(())
    }

    /// Every edited template has a record, every id in it a key, and nothing in it is too old.
    fn records_are_complete(&self) -> Result<(), TestCaseError> {
        let shown = self
            .regular()
            .map(|record| record.template.expect("it is stored"));
        let shown: Vec<_> = shown.collect();
        prop_assert_eq!(&shown, &self.outcome.templates);
        prop_assert!(!shown.is_empty());
        for record in self.records() {
            keys_are_exact(record)?;
            entries_are_retained(record, self.horizon())?;
        }
        Ok(())
    }

    /// The records differ in the terms and grading modes of their templates only.
    fn records_agree(&self) -> Result<(), TestCaseError> {
        if matches!(
            self.operation,
            Operation::PlanTerms(_) | Operation::ShowYear(_)
        ) {
            return Ok(());
        }
        let same = self.regular().map(|record| {
            let mut new = serde_json::to_value(&record.new).expect("JSON");
            let template = new["subjectTemplate"].as_object_mut().expect("an object");
            template.remove("effectiveTerms");
            template.remove("gradingModes");
            new
        });
        let same: Vec<_> = same.collect();
        prop_assert!(same.windows(2).all(|two| two[0] == two[1]), "{:#?}", same);
        Ok(())
    }

    /// From the horizon on, a record names exactly the ids that related containers have at each
    /// term.
    fn records_name_whom_the_subject_is_related_to(&self) -> Result<(), TestCaseError> {
        let horizon = self.horizon();
        let [direct, indirect, scheduled] = related(self.after, self.outcome.container, horizon);
        for record in self.records() {
            let new = serde_json::to_value(&record.new).expect("JSON");
            if record.process_type != Some(ProcessType::Scheduling) {
                prop_assert_eq!(&named(&new["equivalentSubjects"], "D", horizon), &direct);
                prop_assert_eq!(&named(&new["equivalentSubjects"], "I", horizon), &indirect);
            }
            prop_assert_eq!(
                &named(&new["subjectRelationships"], "", horizon),
                &scheduled
            );
        }
        Ok(())
    }

    /// The edited templates have the experimental modes of their mandate at every term, and the
    /// pieces of one range that touch differ in them.
    fn templates_have_the_modes_of(&self, output: Option<&str>) -> Result<(), TestCaseError> {
        let asked = matches!(
            self.operation,
            Operation::Create(_)
                | Operation::Edit(_)
                | Operation::Reactivate(_)
                | Operation::Backdate(_)
                | Operation::PlanTerms(_)
        );
        prop_assert_eq!(self.after.mandate_calls > self.before.mandate_calls, asked);
        let edited = |one: &&Template| self.outcome.templates.contains(&one.id.expect("an id"));
        let edited: Vec<_> = self
            .timeline()
            .active()
            .filter(edited)
            .filter(|_| asked)
            .collect();
        for template in &edited {
            let mandated = template.content.attributes.contains("PHY2");
            for at in (0..TERMS + 4)
                .map(nth)
                .filter(|at| template.terms.covers(*at))
            {
                let modes = template
                    .content
                    .grading_modes
                    .iter()
                    .map(ToString::to_string);
                let expected = expected_modes(output.filter(|_| mandated), at);
                let regular = BTreeSet::from(["L/N".to_owned()]);
                prop_assert_eq!(
                    modes.collect::<BTreeSet<_>>(),
                    &regular | &expected,
                    "{}",
                    at
                );
            }
        }
        let one_range = !matches!(self.operation, Operation::PlanTerms(_));
        for two in edited.windows(2).filter(|_| one_range) {
            prop_assert_ne!(&two[0].content.grading_modes, &two[1].content.grading_modes);
        }
        Ok(())
    }
}

fn sound_timeline(timeline: &Timeline) -> Result<(), TestCaseError> {
    let ranges: Vec<_> = timeline.active().map(|template| template.terms).collect();
    for two in ranges.windows(2) {
        prop_assert!(
            two[0].thru() < Thru::Term(two[1].from()),
            "{} and {}",
            two[0],
            two[1]
        );
    }
    let open = ranges.last().is_some_and(|last| last.thru() == Thru::Open);
    prop_assert_eq!(timeline.last_active_term.is_none(), open);
    if let (Some(last), Some(range)) = (timeline.last_active_term, ranges.last()) {
        prop_assert_eq!(range.thru(), Thru::Term(last));
    }
    for template in timeline.active() {
        let ids: Vec<_> = template.content.ids().collect();
        let different: BTreeSet<_> = ids.iter().collect();
        prop_assert_eq!(different.len(), ids.len(), "{:?}", ids);
        let outside = template
            .plans
            .offerings
            .keys()
            .find(|at| !template.terms.covers(**at));
        prop_assert_eq!(outside, None);
    }
    Ok(())
}

fn no_id_twice(world: &World) -> Result<(), TestCaseError> {
    let templates = world.containers.iter().flat_map(|(id, one)| {
        let active = one.timeline.active();
        active.flat_map(move |template| {
            template
                .content
                .ids()
                .map(move |own| (own, *id, template.terms))
        })
    });
    let all: Vec<(&SubjectId, ContainerId, EffectiveTerms)> = templates.collect();
    for (at, (id, one, terms)) in all.iter().enumerate() {
        let clash = all[at + 1..].iter().find(|(other_id, other, other_terms)| {
            id == other_id && one != other && terms.overlaps(*other_terms)
        });
        prop_assert!(clash.is_none(), "{} is on {} and {:?}", id, one, clash);
    }
    Ok(())
}

/// Both directions, ranges apart, and at every term whoever is related to one is related to all.
fn sound_relation(table: &Table) -> Result<(), TestCaseError> {
    let pairs = table.pairs();
    for ((one, other), rows) in &table.rows {
        prop_assert_eq!(Some(rows), table.rows.get(&(*other, *one)));
    }
    for ranges in pairs.values() {
        let ranges: Vec<_> = ranges.iter().collect();
        let apart = |two: &[EffectiveTerms]| two[0].thru().succ() < Thru::Term(two[1].from());
        prop_assert!(ranges.windows(2).all(apart));
    }
    let related = |one: i64, other: i64, at: Term| {
        let pair = pairs.get(&(one.min(other), one.max(other)));
        one == other || pair.is_some_and(|ranges| ranges.covers(at))
    };
    for at in (0..TERMS + 1).map(nth) {
        for (one, other) in pairs
            .keys()
            .filter(|(one, other)| related(*one, *other, at))
        {
            for third in 1..=CONTAINERS {
                prop_assert_eq!(related(*one, third, at), related(*other, third, at));
            }
        }
    }
    Ok(())
}

/// What a container says at each term.
fn contents(timeline: &Timeline, at: impl Fn(Term) -> bool) -> BTreeMap<Term, Option<Content>> {
    let terms = (0..TERMS + 4).map(nth).filter(|term| at(*term));
    terms
        .map(|at| {
            (
                at,
                timeline
                    .covering(at)
                    .map(|template| template.content.clone()),
            )
        })
        .collect()
}

/// The terms that an operation has to leave alone.
fn outside(operation: &Operation, was: &Timeline) -> impl Fn(Term) -> bool {
    let from_on = |from: &str| {
        let covering = was.covering(term(from)).expect("it was edited");
        vec![EffectiveTerms::new(term(from), covering.terms.thru()).expect("a range")]
    };
    let edited: Vec<EffectiveTerms> = match operation {
        Operation::Edit(edit) => from_on(&edit.from),
        Operation::EditRequisites(edit) => from_on(&edit.from),
        Operation::Deactivate(end) => vec![EffectiveTerms::open(term(&end.from))],
        Operation::Reactivate(start) => vec![EffectiveTerms::open(term(&start.from))],
        Operation::Backdate(start) => {
            let first = was.active().next().expect("it was backdated");
            vec![EffectiveTerms::new(term(&start.from), first.terms.thru()).expect("a range")]
        }
        Operation::PlanTerms(plan) => {
            let templates = was.overlapping(EffectiveTerms::of_year(plan.year));
            templates.map(|template| template.terms).collect()
        }
        Operation::Create(_) | Operation::ShowYear(_) | Operation::Enroll(_) => Vec::new(),
    };
    move |term| !edited.iter().any(|terms| terms.covers(term))
}

fn versions_count(was: &Timeline, is: &Timeline) -> Result<(), TestCaseError> {
    for template in was.all() {
        let now = is
            .all()
            .iter()
            .find(|now| now.id == template.id)
            .expect("none is lost");
        let counted = now.version - template.version;
        prop_assert!(counted <= 1, "{} after {}", now.version, template.version);
        let changed = (now.terms, now.status, &now.content)
            != (template.terms, template.status, &template.content);
        prop_assert!(!changed || counted == 1, "a change does not count");
    }
    let new = is
        .all()
        .iter()
        .filter(|now| !was.all().iter().any(|one| one.id == now.id));
    prop_assert!(new.into_iter().all(|template| template.version == 1));
    Ok(())
}

/// The ids in a record's lists, wherever they are.
fn listed(data: &Value, found: &mut BTreeSet<String>) {
    let Some(members) = data.as_object() else {
        return;
    };
    for (name, value) in members {
        match name.as_str() {
            "crossListSubjects" | "equivalentSubjects" | "subjectRelationships" => {
                let ids = value.as_array().expect("a list").iter();
                found.extend(ids.map(|one| one["subjectId"].as_str().expect("an id").to_owned()));
            }
            _ => listed(value, found),
        }
    }
}

fn keys_are_exact(record: &Record) -> Result<(), TestCaseError> {
    let (previous, new) = crate::support::world::data(record);
    let mut ids = BTreeSet::new();
    listed(&previous, &mut ids);
    listed(&new, &mut ids);
    let keys: BTreeSet<_> = record.used_keys.keys().map(ToString::to_string).collect();
    prop_assert_eq!(keys, ids);
    let main = record
        .used_keys
        .iter()
        .filter(|(_, ty)| **ty == KeyType::Main);
    let main: Vec<_> = main.map(|(id, _)| Value::from(id.to_string())).collect();
    prop_assert_eq!(main, vec![new["subjectTemplate"]["subjectId"].clone()]);
    Ok(())
}

fn terms_of(entry: &Value) -> EffectiveTerms {
    let terms = &entry["effectiveTerms"];
    let code = |name: &str| terms[name].as_str().expect("a term").to_owned();
    let thru: Thru = code("effectiveThruTerm").parse().expect("a thru term");
    EffectiveTerms::new(term(&code("effectiveFromTerm")), thru).expect("a range")
}

fn entries_are_retained(record: &Record, horizon: Term) -> Result<(), TestCaseError> {
    let (previous, new) = crate::support::world::data(record);
    for side in [&previous, &new, &new["pastSubjectData"]] {
        for name in ["equivalentSubjects", "subjectRelationships"] {
            for entry in side[name].as_array().into_iter().flatten() {
                prop_assert!(terms_of(entry).thru() >= Thru::Term(horizon), "{}", entry);
            }
        }
    }
    Ok(())
}

/// Ids at terms.
type Named = BTreeSet<(Term, String)>;

fn window(horizon: Term) -> impl Iterator<Item = Term> {
    (0..TERMS + 1).map(nth).filter(move |at| *at >= horizon)
}

fn named(component: &Value, ty: &str, horizon: Term) -> Named {
    let entries = component.as_array().into_iter().flatten();
    let entries = entries.filter(|entry| entry["equivalencyType"].as_str().unwrap_or("") == ty);
    let each = entries.flat_map(|entry| {
        let id = entry["subjectId"].as_str().expect("an id").to_owned();
        let terms = terms_of(entry);
        window(horizon)
            .filter(move |at| terms.covers(*at))
            .map(move |at| (at, id.clone()))
    });
    each.collect()
}

/// By definition: the ids of directly equivalent, indirectly equivalent and scheduled containers.
fn related(world: &World, of: ContainerId, horizon: Term) -> [Named; 3] {
    let rows = |table: &Table, from: ContainerId| -> Vec<(ContainerId, EffectiveTerms)> {
        let own = table.rows.iter().filter(|((one, _), _)| *one == from);
        let own = own.flat_map(|((_, other), rows)| {
            rows.iter()
                .map(|(from, thru)| (*other, EffectiveTerms::new(*from, *thru).expect("a range")))
        });
        own.filter(|(_, terms)| terms.thru() >= Thru::Term(horizon))
            .collect()
    };
    let direct = rows(&world.equivalencies, of);
    let near: BTreeSet<_> = direct.iter().map(|(other, _)| *other).collect();
    let second = near
        .iter()
        .flat_map(|near| rows(&world.equivalencies, *near));
    let indirect = second
        .filter(|(other, _)| *other != of && !near.contains(other))
        .collect();
    let scheduled = rows(&world.scheduling, of);
    [direct, indirect, scheduled].map(|rows: Vec<_>| {
        let mut named = Named::new();
        for at in window(horizon) {
            for (other, _) in rows.iter().filter(|(_, terms)| terms.covers(at)) {
                if let Some(template) = world.containers[other].timeline.covering(at) {
                    named.extend(template.content.ids().map(|id| (at, id.to_string())));
                }
            }
        }
        named
    })
}

/// The experimental modes that an output asks for at a term; a wrong output asks for none.
fn expected_modes(output: Option<&str>, at: Term) -> BTreeSet<String> {
    let items = output.into_iter().flat_map(|output| output.split(','));
    let items = items.filter(|item| !item.starts_with("L-N"));
    let covering = items.filter_map(|item| {
        let parts: Vec<_> = item.split('-').collect();
        let thru: Thru = parts[3].parse().expect("a thru term");
        let terms = EffectiveTerms::new(term(parts[2]), thru).expect("a range");
        terms
            .covers(at)
            .then(|| format!("{}/{}", parts[0], parts[1]))
    });
    covering.collect()
}
