//! Equivalencies and scheduling relationships: at every term, a partition of the containers into
//! cliques; stored as the ranges of every pair, in both directions.
//!
//! For the edited container C let S be its [`Star`] as stored and D what it is to be: what the
//! request lists, and S for containers that it does not list. At one term, with K(x) the clique of
//! x there:
//!
//! - keep = {C} and what is both in D and in S,
//! - R = what is in S and no longer in D,
//! - M = keep and the K(x) of every x in D that is not in S.
//!
//! M and R become cliques; all others stay as they are. So a partition becomes a partition, and
//! those that leave stay related to each other.
//!
//! [`touched`] does so for each stretch of terms in which nothing begins or ends. It looks only at
//! pairs that change, so that a container that joins a clique of n costs n pairs, and [`changes`]
//! says which rows of them to write.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::ranges::{EffectiveTerms, Ranges, boundaries, segments};
use super::subject::ContainerId;
use super::term::Term;

/// `star(C)`: the containers related to one container, and when. As the relation is closed, these
/// are the members of its clique at every term.
pub type Star = BTreeMap<ContainerId, Ranges>;

/// What a request lists: each container with the complete set of its ranges, none to remove it.
///
pub type Wanted = BTreeMap<ContainerId, Ranges>;

/// Two containers, the lower id first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    low: ContainerId,
    high: ContainerId,
}

impl Pair {
    /// The pair of two containers; `None` for a container and itself.
    pub fn new(one: ContainerId, other: ContainerId) -> Option<Self> {
        let (low, high) = (one.min(other), one.max(other));
        (low != high).then_some(Self { low, high })
    }

    /// The container with the lower id.
    pub fn low(self) -> ContainerId {
        self.low
    }

    /// The container with the higher id.
    pub fn high(self) -> ContainerId {
        self.high
    }

    /// Both directions, as they are stored.
    pub fn directed(self) -> [(ContainerId, ContainerId); 2] {
        [(self.low, self.high), (self.high, self.low)]
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.low, self.high)
    }
}

/// The listed containers that gain a term: [`touched`] needs their stars too.
pub fn gaining(star: &Star, wanted: &Wanted) -> BTreeSet<ContainerId> {
    let gains = wanted.iter().filter(|(container, ranges)| {
        let own = star.get(container);
        own.map_or(!ranges.is_empty(), |own| !ranges.minus(own).is_empty())
    });
    gains.map(|(container, _)| *container).collect()
}

/// What becomes of a pair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Touch {
    cleared: Vec<EffectiveTerms>,
    set: Vec<EffectiveTerms>,
    /// The pair's ranges so far; `None` where they are still to be read.
    old: Option<Ranges>,
}

/// The pairs that a request changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched(BTreeMap<Pair, Touch>);

impl Touched {
    /// The pairs whose ranges are in no star that was given: [`changes`] needs them too.
    pub fn unread(&self) -> impl Iterator<Item = Pair> + '_ {
        let unread = self.0.iter().filter(|(_, touch)| touch.old.is_none());
        unread.map(|(pair, _)| *pair)
    }

    fn touch(&mut self, one: ContainerId, other: ContainerId, terms: EffectiveTerms, set: bool) {
        let Some(pair) = Pair::new(one, other) else {
            return;
        };
        let touch = self.0.entry(pair).or_default();
        match set {
            true => touch.set.push(terms),
            false => touch.cleared.push(terms),
        }
    }
}

/// Which pairs change, and where, when `container` with its `star` is to be related as `wanted`.
/// `stars` are those of the containers that are [`gaining`]. (R-026, R-027, R-029, R-031, P-02)
pub fn touched(
    container: ContainerId,
    star: &Star,
    wanted: &Wanted,
    stars: &BTreeMap<ContainerId, Star>,
) -> Touched {
    let mut touched = Touched::default();
    let rows = stars.values().flat_map(BTreeMap::values);
    let cuts = boundaries(star.values().chain(wanted.values()).chain(rows));
    for segment in segments(&cuts) {
        let at = Moment::of(container, star, wanted, stars, segment.from());
        for left in &at.left {
            for kept in &at.kept {
                touched.touch(*kept, *left, segment, false);
            }
        }
        let mut merged = at.kept;
        for clique in &at.joining {
            for (one, other) in merged
                .iter()
                .flat_map(|one| clique.iter().map(move |x| (one, x)))
            {
                touched.touch(*one, *other, segment, true);
            }
            merged.extend(clique);
        }
    }
    for (pair, touch) in &mut touched.0 {
        touch.old = known(container, star, stars, *pair);
    }
    touched
}

/// The parts of the rule at one term.
struct Moment {
    /// `keep`: the container and those that stay related to it.
    kept: Vec<ContainerId>,
    /// `R`: those that leave.
    left: Vec<ContainerId>,
    /// The cliques of those that come, each once.
    joining: Vec<BTreeSet<ContainerId>>,
}

impl Moment {
    fn of(
        container: ContainerId,
        star: &Star,
        wanted: &Wanted,
        stars: &BTreeMap<ContainerId, Star>,
        term: Term,
    ) -> Self {
        let covers = |ranges: Option<&Ranges>| ranges.is_some_and(|ranges| ranges.covers(term));
        let related = star.iter().filter(|(_, ranges)| ranges.covers(term));
        let (left, mut kept): (Vec<_>, Vec<_>) = related
            .map(|(other, _)| *other)
            .partition(|other| wanted.get(other).is_some_and(|ranges| !ranges.covers(term)));
        let mut joining: Vec<BTreeSet<ContainerId>> = Vec::new();
        kept.push(container);
        for (other, ranges) in wanted {
            let comes = ranges.covers(term) && !covers(star.get(other)) && *other != container;
            if comes && !joining.iter().any(|clique| clique.contains(other)) {
                let star = stars.get(other).into_iter().flatten();
                let members = star.filter(|(_, ranges)| ranges.covers(term));
                let members = members.map(|(member, _)| *member);
                joining.push(members.chain([*other]).collect());
            }
        }
        Self {
            kept,
            left,
            joining,
        }
    }
}

/// The ranges of a pair, where a star at hand tells them.
fn known(
    container: ContainerId,
    star: &Star,
    stars: &BTreeMap<ContainerId, Star>,
    pair: Pair,
) -> Option<Ranges> {
    let in_star = |star: &Star, other| star.get(&other).cloned().unwrap_or_default();
    pair.directed().into_iter().find_map(|(one, other)| {
        if one == container {
            return Some(in_star(star, other));
        }
        Some(in_star(stars.get(&one)?, other))
    })
}

/// What is done to a range of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// A range begins where none began.
    Add,
    /// A range ends later than it did.
    Update,
    /// A range ends earlier than it did.
    Bookend,
    /// No range begins there any more.
    Delete,
}

impl Action {
    /// How the process log names it.
    pub fn name(self) -> &'static str {
        match self {
            Action::Add => "ADD",
            Action::Update => "UPDATE",
            Action::Bookend => "BOOKEND",
            Action::Delete => "DELETE",
        }
    }
}

/// One change of a pair's ranges; both directed rows change so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The pair.
    pub pair: Pair,
    /// The range as it is now; for a deletion, as it was. Its first term is the row's key.
    pub terms: EffectiveTerms,
    /// What is done.
    pub action: Action,
}

/// As the process log tells it: `1-3 2018FA-999999`.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.pair, self.terms)
    }
}

/// What to write, in order of pairs and terms; `read` has the ranges of the pairs that were
/// [`Touched::unread`], those without any left out. (R-021, R-026, R-032, P-03)
pub fn changes(touched: &Touched, read: &BTreeMap<Pair, Ranges>) -> Vec<Change> {
    let mut changes = Vec::new();
    for (pair, touch) in &touched.0 {
        let none = Ranges::none();
        let old = touch
            .old
            .as_ref()
            .or_else(|| read.get(pair))
            .unwrap_or(&none);
        let left = old.minus(&touch.cleared.iter().copied().collect());
        let new = left.union(&touch.set.iter().copied().collect());
        changes.extend(differences(*pair, old, &new));
    }
    changes
}

/// The ranges of a pair compared by their first terms.
fn differences(pair: Pair, old: &Ranges, new: &Ranges) -> Vec<Change> {
    let by_first = |ranges: &Ranges| -> BTreeMap<Term, EffectiveTerms> {
        ranges.iter().map(|range| (range.from(), range)).collect()
    };
    let (old, new) = (by_first(old), by_first(new));
    let gone = old.iter().filter(|(from, _)| !new.contains_key(from));
    let gone = gone.map(|(_, terms)| (*terms, Action::Delete));
    let kept = new.iter().filter_map(|(from, terms)| {
        let action = match old.get(from).map(|was| was.thru().cmp(&terms.thru())) {
            None => Action::Add,
            Some(std::cmp::Ordering::Less) => Action::Update,
            Some(std::cmp::Ordering::Greater) => Action::Bookend,
            Some(std::cmp::Ordering::Equal) => return None,
        };
        Some((*terms, action))
    });
    let change = |(terms, action)| Change {
        pair,
        terms,
        action,
    };
    let mut changes: Vec<_> = gone.chain(kept).map(change).collect();
    changes.sort_unstable();
    changes
}

/// The containers whose templates count a change: those in a changed row.
pub fn touched_containers(changes: &[Change]) -> BTreeSet<ContainerId> {
    let pairs = changes.iter().map(|change| change.pair);
    pairs.flat_map(|pair| [pair.low, pair.high]).collect()
}

/// What a deactivation asks for: every range ends before the term. (R-024, P-08)
pub fn ended_before(star: &Star, term: Term) -> Wanted {
    let ended = star
        .iter()
        .map(|(other, ranges)| (*other, ranges.before(term)));
    ended.collect()
}
