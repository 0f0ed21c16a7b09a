//! Relations against their definition at single terms, and the cases that people check by hand.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use specwright_server::subjects::domain::ranges::{EffectiveTerms, Ranges};
use specwright_server::subjects::domain::relations::{
    Action, Pair, Star, Wanted, ended_before, touched, touched_containers,
};
use specwright_server::subjects::domain::term::{Term, Thru};

use crate::support::table::{Table as Stored, stored};
use crate::support::{configuration, container, range, ranges, term};

fn wanted(items: &[(i64, &str)]) -> Wanted {
    let items = items.iter();
    items
        .map(|(other, terms)| (container(*other), ranges(terms)))
        .collect()
}

/// A request and what it leaves, and what it did in the words of the log.
#[track_caller]
fn check(
    before: &[(i64, i64, &str)],
    of: i64,
    items: &[(i64, &str)],
    after: &[(i64, i64, &str)],
    log: &[&str],
) {
    let mut relation = stored(before);
    let changes = relation.request(container(of), &wanted(items));
    assert_eq!(relation.pairs(), stored(after).pairs());
    let told = changes
        .iter()
        .map(|change| format!("{} {change}", change.action.name()));
    assert_eq!(told.collect::<Vec<_>>(), log);
}

const CLIQUE: [(i64, i64, &str); 3] = [(1, 2, "2017FA-"), (1, 3, "2017FA-"), (2, 3, "2017FA-")];

/// who joins one member is related to all of them, in both directions.
#[test]
fn an_added_container_joins_the_clique() {
    check(
        &[(1, 2, "2017FA-")],
        3,
        &[(1, "2018FA-2019SU")],
        &[
            (1, 2, "2017FA-"),
            (1, 3, "2018FA-2019SU"),
            (2, 3, "2018FA-2019SU"),
        ],
        &["ADD 1-3 2018FA-2019SU", "ADD 2-3 2018FA-2019SU"],
    );
}

/// who is bookended leaves the others of the clique too, and they stay related.
#[test]
fn a_bookended_container_leaves_the_clique() {
    check(
        &CLIQUE,
        1,
        &[(2, "2017FA-2018SU")],
        &[
            (1, 2, "2017FA-2018SU"),
            (1, 3, "2017FA-"),
            (2, 3, "2017FA-2018SU"),
        ],
        &["BOOKEND 1-2 2017FA-2018SU", "BOOKEND 2-3 2017FA-2018SU"],
    );
}

/// a removed container goes, those that are not listed stay.
#[test]
fn a_removed_container_leaves_alone() {
    check(
        &CLIQUE,
        1,
        &[(2, "")],
        &[(1, 3, "2017FA-")],
        &["DELETE 1-2 2017FA-999999", "DELETE 2-3 2017FA-999999"],
    );
}

/// those removed together keep what relates them to each other.
#[test]
fn containers_removed_together_stay_related() {
    check(
        &CLIQUE,
        1,
        &[(2, ""), (3, "")],
        &[(2, 3, "2017FA-")],
        &["DELETE 1-2 2017FA-999999", "DELETE 1-3 2017FA-999999"],
    );
}

/// cliques merge in each term for itself.
#[test]
fn cliques_merge_where_they_overlap() {
    check(
        &[(1, 2, "2017FA-2018SU"), (3, 4, "2018FA-")],
        1,
        &[(3, "2018SP-2019FA")],
        &[
            (1, 2, "2017FA-2018SU"),
            (1, 3, "2018SP-2019FA"),
            (1, 4, "2018SP-2019FA"),
            (2, 3, "2018SP-2018SU"),
            (2, 4, "2018SP-2018SU"),
            (3, 4, "2018FA-"),
        ],
        &[
            "ADD 1-3 2018SP-2019FA",
            "ADD 1-4 2018SP-2019FA",
            "ADD 2-3 2018SP-2018SU",
            "ADD 2-4 2018SP-2018SU",
        ],
    );
}

/// a range that begins elsewhere is another row; one that only ends later is updated.
#[test]
fn ranges_are_rows_by_their_first_terms() {
    let before = [(1, 2, "2017FA-2018SU")];
    let moved = ["DELETE 1-2 2017FA-2018SU", "ADD 1-2 2019FA-999999"];
    check(&before, 1, &[(2, "2019FA-")], &[(1, 2, "2019FA-")], &moved);
    let extended = ["UPDATE 1-2 2017FA-999999"];
    check(
        &before,
        1,
        &[(2, "2017FA-")],
        &[(1, 2, "2017FA-")],
        &extended,
    );
}

/// what is added next to a range becomes one with it, also for a pair that no star tells.
#[test]
fn adjacent_ranges_become_one() {
    let before = [
        (1, 2, "2018FA-"),
        (3, 4, "2018FA-"),
        (2, 4, "2017FA-2018SU"),
    ];
    let mut relation = stored(&before);
    let changes = relation.request(container(1), &wanted(&[(3, "2018FA-")]));
    let of_the_pair = changes
        .iter()
        .find(|change| Pair::new(container(2), container(4)) == Some(change.pair));
    assert_eq!(
        of_the_pair.map(|change| (change.action, change.terms)),
        Some((Action::Update, range("2017FA-")))
    );
}

/// a deactivation ends every range before its term, and leaves the others related.
#[test]
fn a_deactivation_ends_the_relations() {
    let before = [(1, 3, "2018FA-"), (1, 4, "2018FA-"), (3, 4, "2017FA-")];
    let mut relation = stored(&before);
    let ended = ended_before(&relation.star(container(1)), term("2019FA"));
    relation.request(container(1), &ended);
    let after = [
        (1, 3, "2018FA-2018SU"),
        (1, 4, "2018FA-2018SU"),
        (3, 4, "2017FA-"),
    ];
    assert_eq!(relation.pairs(), stored(&after).pairs());
}

/// what begins after the deactivation, or with it, is gone.
#[test]
fn a_deactivation_removes_what_has_not_begun() {
    let mut relation = stored(&[(1, 2, "2019FA-")]);
    let ended = ended_before(&relation.star(container(1)), term("2019FA"));
    relation.request(container(1), &ended);
    assert_eq!(relation.pairs(), BTreeMap::new());
}

/// both containers of every changed row count a change, also those that no request names.
#[test]
fn both_containers_of_a_changed_row_are_touched() {
    let mut relation = stored(&[(1, 2, "2017FA-"), (4, 5, "2017FA-")]);
    let changes = relation.request(container(3), &wanted(&[(1, "2018FA-")]));
    let touched = touched_containers(&changes);
    assert_eq!(touched, BTreeSet::from([1, 2, 3].map(container)));
}

/// no container is related to itself.
#[test]
fn there_is_no_pair_of_one_container() {
    assert_eq!(Pair::new(container(7), container(7)), None);
    assert_eq!(
        touched(
            container(7),
            &Star::new(),
            &wanted(&[(7, "2017FA-")]),
            &BTreeMap::new()
        ),
        Default::default()
    );
}

fn clique(size: i64) -> Stored {
    let pairs =
        (1..=size).flat_map(|one| (one + 1..=size).map(move |other| (one, other, "2017FA-")));
    stored(&pairs.collect::<Vec<_>>())
}

/// who joins a clique of n costs 2n rows written and no more than 2n read, who leaves it
/// 2(n - 1) written; pairs that do not change are not looked at.
#[test]
fn a_change_costs_what_it_changes() {
    let mut relation = clique(100);
    relation.request(container(101), &wanted(&[(1, "2018FA-")]));
    assert_eq!(relation.written, 200);
    assert!(relation.read <= 200, "{} rows read", relation.read);
    relation.written = 0;
    relation.request(container(1), &wanted(&[(101, "")]));
    assert_eq!(relation.written, 200);
    assert_eq!(relation.pairs(), clique(100).pairs());
}

/// merging n and m containers writes 2nm rows.
#[test]
fn a_merge_costs_its_pairs() {
    let mut relation = clique(20);
    let apart = (21..=50).flat_map(|one| (one + 1..=50).map(move |other| (one, other, "2017FA-")));
    relation
        .rows
        .extend(stored(&apart.collect::<Vec<_>>()).rows);
    relation.request(container(1), &wanted(&[(21, "2017FA-")]));
    assert_eq!(relation.written, 2 * 20 * 30);
    assert_eq!(relation.pairs(), clique(50).pairs());
}

/// The containers and terms of random histories; the last term stands for all that follow.
const CONTAINERS: usize = 6;
const TERMS: usize = 9;

fn nth(at: usize) -> Term {
    let mut found = term("2017JA");
    for _ in 0..at {
        found = found.succ().expect("there are more terms");
    }
    found
}

/// Terms as a set of places.
type Places = BTreeSet<usize>;

fn places_to_ranges(places: &Places) -> Ranges {
    let range = |at: &usize| match at + 1 == TERMS {
        true => EffectiveTerms::open(nth(*at)),
        false => EffectiveTerms::new(nth(*at), nth(*at)).expect("a term"),
    };
    places.iter().map(range).collect()
}

/// One request of a history: the edited container, and what it lists.
#[derive(Clone, Debug)]
struct Request {
    of: usize,
    wanted: BTreeMap<usize, Places>,
}

impl Request {
    fn wanted(&self) -> Wanted {
        let items = self.wanted.iter();
        let items = items.filter(|(other, _)| **other != self.of);
        items
            .map(|(other, places)| (container(*other as i64), places_to_ranges(places)))
            .collect()
    }
}

/// Mostly one or two ranges, as people ask for them.
fn places() -> impl Strategy<Value = Places> {
    let range =
        (0..TERMS, 0..TERMS).prop_map(|(one, other)| (one.min(other)..=one.max(other)).collect());
    prop_oneof![
        1 => Just(Places::new()),
        4 => range,
        1 => proptest::collection::btree_set(0..TERMS, 0..TERMS),
    ]
}

fn history() -> impl Strategy<Value = Vec<Request>> {
    let items = proptest::collection::btree_map(0..CONTAINERS, places(), 1..4);
    let request = (0..CONTAINERS, items).prop_map(|(of, wanted)| Request { of, wanted });
    proptest::collection::vec(request, 1..8)
}

/// The definition: at every term, which containers are in one clique, as sets.
#[derive(Clone, Debug, PartialEq)]
struct Pointwise(Vec<Vec<BTreeSet<usize>>>);

impl Pointwise {
    fn new() -> Self {
        Self(vec![
            (0..CONTAINERS)
                .map(|one| BTreeSet::from([one]))
                .collect();
            TERMS
        ])
    }

    fn request(&mut self, request: &Request) {
        for (at, cliques) in self.0.iter_mut().enumerate() {
            let of = |one: usize| {
                cliques
                    .iter()
                    .find(|clique| clique.contains(&one))
                    .cloned()
                    .expect("a clique")
            };
            let related = of(request.of);
            let asked = |one: usize| request.wanted.get(&one).map(|places| places.contains(&at));
            let stays = |one: &usize| *one == request.of || asked(*one).unwrap_or(true);
            let (mut merged, left): (BTreeSet<_>, BTreeSet<_>) =
                related.iter().partition(|one| stays(one));
            for one in (0..CONTAINERS).filter(|one| asked(*one) == Some(true)) {
                if !related.contains(&one) {
                    merged.extend(of(one));
                }
            }
            cliques.retain(|clique| clique.is_disjoint(&merged) && clique.is_disjoint(&left));
            cliques.extend(
                [merged, left]
                    .into_iter()
                    .filter(|clique| !clique.is_empty()),
            );
        }
    }

    /// The pairs that are stored when this holds.
    fn pairs(&self) -> BTreeMap<(i64, i64), Ranges> {
        let mut places: BTreeMap<(i64, i64), Places> = BTreeMap::new();
        for (at, cliques) in self.0.iter().enumerate() {
            for clique in cliques {
                for one in clique {
                    for other in clique.iter().filter(|other| one < *other) {
                        let pair = (*one as i64, *other as i64);
                        places.entry(pair).or_default().insert(at);
                    }
                }
            }
        }
        let pairs = places.iter();
        pairs
            .map(|(pair, places)| (*pair, places_to_ranges(places)))
            .collect()
    }
}

proptest! {
    #![proptest_config(configuration("tests/subjects/relations.regressions", 1))]

    /// P-01, P-02, P-03, P-04: after every request of a
    /// history, the relation is the one that the definition gives for each single term; it is
    /// stored both ways, in ranges that lie apart; and listing what is there changes nothing.
    #[test]
    fn relations_follow_their_definition(history in history()) {
        let mut relation = Stored::default();
        let mut definition = Pointwise::new();
        for request in &history {
            relation.request(container(request.of as i64), &request.wanted());
            definition.request(request);
            prop_assert_eq!(relation.pairs(), definition.pairs());
        }
        for ((one, other), rows) in &relation.rows {
            prop_assert_eq!(Some(rows), relation.rows.get(&(*other, *one)));
            for (thru, next) in rows.values().zip(rows.keys().skip(1)) {
                prop_assert!(thru.succ() < Thru::Term(*next), "{} to {} touch", thru, next);
            }
        }
        for one in (0..CONTAINERS as i64).map(container) {
            let star = relation.star(one);
            prop_assert_eq!(relation.request(one, &star), Vec::new());
        }
    }

    /// R-024, P-08: a deactivation changes no term before its own, and nothing between others.
    #[test]
    fn a_deactivation_changes_no_earlier_term(history in history(), at in 1..TERMS) {
        let mut relation = Stored::default();
        for request in &history {
            relation.request(container(request.of as i64), &request.wanted());
        }
        let before = relation.pairs();
        let ended = ended_before(&relation.star(container(0)), nth(at));
        relation.request(container(0), &ended);
        let after = relation.pairs();
        for (pair, ranges) in &before {
            let left = after.get(pair).cloned().unwrap_or_default();
            match pair.0 {
                0 => prop_assert_eq!(left, ranges.before(nth(at))),
                _ => prop_assert_eq!(&left, ranges),
            }
        }
        prop_assert!(after.keys().all(|pair| before.contains_key(pair)));
    }
}
