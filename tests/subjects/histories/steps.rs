//! What random histories are made of.

use proptest::prelude::*;
use specwright_server::subjects::domain::checks::Item;
use specwright_server::subjects::domain::operations::{
    Backdate, Create, EditRequisites, Enroll, Operation, PlanTerms, ShowYear,
};
use specwright_server::subjects::domain::ranges::{EffectiveTerms, Ranges};
use specwright_server::subjects::domain::requisites::{Operator, Requisite, Requisites};
use specwright_server::subjects::domain::template::Offering;
use specwright_server::subjects::domain::term::{Term, Thru, Year};
use specwright_server::subjects::domain::timeline::Timeline;

use super::change::{Change, change};
use crate::support::world::{Rule, World, create, deactivate, edit, reactivate};
use crate::support::{container, term};

/// The terms of the histories: 2017FA and those that follow it.
pub const TERMS: usize = 14;
pub const CONTAINERS: i64 = 5;
pub const IDS: [&str; 6] = ["6.A", "6.B", "6.C", "8.D", "1.E", "18.F"];

pub fn nth(at: usize) -> Term {
    let mut found = term("2017FA");
    for _ in 0..at {
        found = found.succ().expect("there are more terms");
    }
    found
}

/// Terms as two places; a last place beyond all terms is the open end.
pub type Places = (usize, usize);

pub fn codes((from, thru): Places) -> (String, String) {
    let thru = match thru < TERMS {
        true => nth(thru).to_string(),
        false => "999999".to_owned(),
    };
    (nth(from).to_string(), thru)
}

/// An item of a relation list, before it is known which containers there are.
pub type Wish = (i64, Option<Places>);

/// One request of a history.
#[derive(Clone, Debug)]
pub enum Step {
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
        /// How many years later it is offered next; none takes back what was said.
        next: Option<Option<u16>>,
    },
    Show {
        of: i64,
        at: usize,
        controls: Option<Vec<&'static str>>,
        urls: Option<usize>,
    },
    Enroll {
        of: i64,
        at: usize,
        may: Vec<bool>,
    },
}

/// The items of a list, most of which can be granted: the container itself is named rarely, and a
/// range is mostly one in which both are active.
pub fn wishes(world: &World, of: i64, wishes: &[Wish], both_active: bool) -> Vec<Item> {
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
pub fn after(term: Term, places: usize) -> Term {
    (0..places).fold(term, |term, _| term.succ().expect("there are more terms"))
}

/// The container with that number or the next one that is as it should be, else that one.
pub fn one_of(world: &World, of: i64, fits: impl Fn(&Timeline) -> bool) -> i64 {
    let numbers = (of..=CONTAINERS).chain(1..of);
    let mut fitting = numbers.filter(|number| fits(&world.container(*number).timeline));
    fitting.next().unwrap_or(of)
}

impl Step {
    pub fn name(&self) -> &'static str {
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
    pub fn operation(&self, world: &World) -> Operation {
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
                requisites: requisites(*at),
                unknown_operators: Vec::new(),
            }
            .into(),
            Step::Plan { of, at, next } => PlanTerms {
                container: container(*of),
                year: year(&at[0]),
                next_offered: next
                    .map(|next| next.and_then(|years| Year::new(year(&at[0]).number() + years))),
                offerings: at
                    .iter()
                    .filter(|place| year(place) == year(&at[0]))
                    .map(|at| (code(at), offering(*at)))
                    .collect(),
            }
            .into(),
            Step::Show {
                of,
                at,
                controls,
                urls,
            } => ShowYear {
                container: container(*of),
                year: year(at),
                controls: controls.as_ref().map(|options| {
                    let option = |option: &&str| ("SHOW".to_owned(), (*option).to_owned());
                    options.iter().map(option).collect()
                }),
                urls: urls.map(|count| {
                    let url = |of: &str| (of.to_owned(), format!("https://example.org/{of}/{at}"));
                    ["HOME", "NEWS"].into_iter().take(count).map(url).collect()
                }),
            }
            .into(),
            Step::Enroll { of, at, may } => {
                let of = active(*of, *at);
                let covering = world.container(of).timeline.covering(nth(*at));
                let ids = covering.into_iter().flat_map(|one| one.content.ids());
                Enroll {
                    container: container(of),
                    term: code(at),
                    subjects: ids.map(ToString::to_string).zip(may.clone()).collect(),
                }
                .into()
            }
        }
    }
}

/// What is said of the term at a place: not everything is offered, nor by somebody.
fn offering(at: usize) -> Offering {
    Offering {
        is_offered: !at.is_multiple_of(4),
        instructors: at.is_multiple_of(3).then(|| format!("Lecturer {at}")),
    }
}

/// Trees of every kind of node, or none.
fn requisites(at: usize) -> Requisites {
    let text = Requisite::Text {
        text: nth(at).to_string(),
    };
    let joined = Requisite::Joined {
        operator: Operator::Or,
        operands: vec![
            Requisite::Subject {
                subject_id: IDS[at % IDS.len()].to_owned(),
            },
            Requisite::Attribute {
                attribute_code: "PHY1".to_owned(),
            },
            text.clone(),
        ],
    };
    Requisites {
        prerequisites: (!at.is_multiple_of(4)).then_some(joined),
        corequisites: at.is_multiple_of(3).then_some(text),
    }
}

pub fn step() -> impl Strategy<Value = Step> {
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
    let change = change();
    let next = proptest::option::of(proptest::option::weighted(0.8, 1u16..4));
    let controls = prop_oneof![
        2 => Just(None),
        2 => Just(Some(Vec::new())),
        4 => Just(Some(vec!["YES"])),
        4 => Just(Some(vec!["NO"])),
        1 => Just(Some(vec!["MAYBE"])),
    ];
    let may = proptest::collection::vec(any::<bool>(), 0..3);
    prop_oneof![
        1 => (at.clone(), 0..TERMS * 3, ids, list.clone(), list.clone()).prop_map(
            |(at, thru, ids, eq, sr)| Step::Create { at, thru, ids, eq, sr }
        ),
        12 => (of.clone(), at.clone(), change.clone(), list.clone(), list.clone()).prop_map(
            |(of, at, change, eq, sr)| Step::Edit { of, at, change, eq, sr }
        ),
        1 => (of.clone(), at.clone()).prop_map(|(of, at)| Step::Deactivate { of, at }),
        2 => (of.clone(), TERMS / 2..TERMS, change, list).prop_map(
            |(of, at, change, sr)| Step::Reactivate { of, at, change, sr }
        ),
        1 => (of.clone(), at.clone()).prop_map(|(of, at)| Step::Backdate { of, at }),
        1 => (of.clone(), at.clone()).prop_map(|(of, at)| Step::Requisites { of, at }),
        2 => (of.clone(), proptest::collection::vec(at.clone(), 1..4), next).prop_map(
            |(of, at, next)| Step::Plan { of, at, next }
        ),
        2 => (of.clone(), at.clone(), controls, proptest::option::of(0usize..3)).prop_map(
            |(of, at, controls, urls)| Step::Show { of, at, controls, urls }
        ),
        1 => (of, at, may).prop_map(|(of, at, may)| Step::Enroll { of, at, may }),
    ]
}

/// Five subjects, whose terms and mandate differ from history to history.
#[derive(Clone, Debug)]
pub struct Start {
    /// What the mandate says of a template with its attribute, or how it fails.
    pub output: Option<Result<&'static str, &'static str>>,
    /// The year up to which the legacy system takes changes.
    pub gate: u16,
    terms: Vec<Places>,
}

impl Start {
    pub fn world(&self) -> World {
        let mut world = self.empty_world();
        for request in self.subjects() {
            world
                .post(request)
                .expect("the subjects have nothing in common");
        }
        world
    }

    pub fn empty_world(&self) -> World {
        let mut world = World::new();
        world.gate = Year::new(self.gate);
        let rule = |output: Result<&str, &str>| Rule {
            attribute: "PHY2",
            output: output.map(str::to_owned).map_err(str::to_owned),
        };
        world.rules = self.output.into_iter().map(rule).collect();
        world
    }

    pub fn subjects(&self) -> impl Iterator<Item = Create> + '_ {
        IDS.iter().zip(&self.terms).map(|(name, terms)| {
            let (from, thru) = codes(*terms);
            Create {
                thru,
                ..create(&format!("{name}@{from}"), &[])
            }
        })
    }
}

pub fn start() -> impl Strategy<Value = Start> {
    let output = prop_oneof![
        Just(None),
        Just(Some(Ok("Y-Z-2018SP-999999"))),
        Just(Some(Ok("Y-Z-2018FA-2018SU,W-Z-2018SP-2019FA"))),
        Just(Some(Ok("Y-Z-2019FA-2019JA,Y-Z-2019SP-2019SU"))),
        Just(Some(Ok("L-N-2018FA-999999"))),
        Just(Some(Err("the mandate failed: rule 1 says so"))),
    ];
    let terms = (0usize..5, prop_oneof![3 => Just(TERMS), 1 => 5..TERMS]);
    let terms = proptest::collection::vec(terms, CONTAINERS as usize);
    (output, 2015u16..2026, terms).prop_map(|(output, gate, terms)| Start {
        output,
        gate,
        terms,
    })
}

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), 2..12)
}
