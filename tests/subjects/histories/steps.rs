//! What random histories are made of.

use proptest::prelude::*;
use specwright_server::subjects::domain::checks::Item;
use specwright_server::subjects::domain::operations::{
    Backdate, Create, EditRequisites, Enroll, Operation, PlanTerms, ShowYear,
};
use specwright_server::subjects::domain::ranges::{EffectiveTerms, Ranges};
use specwright_server::subjects::domain::requisites::{Requisite, Requisites};
use specwright_server::subjects::domain::subject::Overlay;
use specwright_server::subjects::domain::template::Offering;
use specwright_server::subjects::domain::term::{Term, Thru, Year};
use specwright_server::subjects::domain::timeline::Timeline;

use crate::support::world::{Rule, World, create, deactivate, edit, id, reactivate};
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
pub struct Change {
    title: Option<usize>,
    main: Option<usize>,
    cross_listed: Option<Vec<usize>>,
    mandated: Option<bool>,
}

impl Change {
    pub fn overlay(&self) -> Overlay {
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
                requisites: Requisites {
                    prerequisites: Some(Requisite::Text { text: code(at) }),
                    corequisites: None,
                },
                unknown_operators: Vec::new(),
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
pub struct Start {
    /// What the mandate says of a template with its attribute.
    pub output: Option<&'static str>,
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
        let rule = |output: &'static str| Rule {
            attribute: "PHY2",
            output: Ok(output.to_owned()),
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

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), 2..12)
}
