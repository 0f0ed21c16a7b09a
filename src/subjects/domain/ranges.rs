//! Effective terms, and sets of terms as ranges.

use std::fmt;

use serde::Serialize;

use super::term::{Term, Thru, Year};

/// A range of terms, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct EffectiveTerms {
    #[serde(rename = "effectiveFromTerm")]
    from: Term,
    #[serde(rename = "effectiveThruTerm")]
    thru: Thru,
}

impl EffectiveTerms {
    /// The terms from the first to the last; `None` where the first is later.
    pub fn new(from: Term, thru: impl Into<Thru>) -> Option<Self> {
        let thru = thru.into();
        (Thru::Term(from) <= thru).then_some(Self { from, thru })
    }

    /// All terms from this one on.
    pub fn open(from: Term) -> Self {
        Self {
            from,
            thru: Thru::Open,
        }
    }

    /// The terms of an academic year.
    pub fn of_year(year: Year) -> Self {
        Self {
            from: year.first_term(),
            thru: Thru::Term(year.last_term()),
        }
    }

    /// The first term.
    pub fn from(self) -> Term {
        self.from
    }

    /// The last term.
    pub fn thru(self) -> Thru {
        self.thru
    }

    /// Whether the term lies within.
    pub fn covers(self, term: Term) -> bool {
        self.from <= term && Thru::Term(term) <= self.thru
    }

    /// Whether some term lies within both.
    pub fn overlaps(self, other: Self) -> bool {
        self.intersection(other).is_some()
    }

    /// The terms within both.
    pub fn intersection(self, other: Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.thru.min(other.thru))
    }

    /// The range as the terms from one index up to, but without, another.
    fn span(self) -> (u32, u32) {
        let until = match self.thru {
            Thru::Term(term) => term.index() + 1,
            Thru::Open => FOREVER,
        };
        (self.from.index(), until)
    }

    /// The range of a span; `None` where the span is empty or begins where no term is.
    fn of_span(from: u32, until: u32) -> Option<Self> {
        let from = Term::at(from)?;
        if until == FOREVER {
            // A span that begins at the end of all terms has none: `at` refused it above.
            return Some(Self::open(from));
        }
        Self::new(from, Term::at(until.checked_sub(1)?)?)
    }
}

/// The end of a span that does not end. It lies apart from every term, so that a range that ends
/// with the last term is never taken for an open one.
const FOREVER: u32 = u32::MAX;

impl fmt::Display for EffectiveTerms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.from, self.thru)
    }
}

/// A set of terms as its maximal ranges: in order, disjoint, and no two adjacent. (R-032, P-04)
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Ranges(Vec<EffectiveTerms>);

impl Ranges {
    /// No term.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Whether there is no term.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The ranges in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = EffectiveTerms> + ExactSizeIterator + '_ {
        self.0.iter().copied()
    }

    /// The range with the most terms; an open one before all others.
    pub fn widest(&self) -> Option<EffectiveTerms> {
        self.iter().max_by_key(|range| {
            let (from, until) = range.span();
            until - from
        })
    }

    /// Whether the term is in the set.
    pub fn covers(&self, term: Term) -> bool {
        let later = self.0.partition_point(|range| range.from <= term);
        later > 0 && self.0[later - 1].covers(term)
    }

    /// Whether every term of the range is in the set.
    pub fn contains(&self, range: EffectiveTerms) -> bool {
        self.iter()
            .any(|own| own.intersection(range) == Some(range))
    }

    /// Whether some term of the range is in the set.
    pub fn overlaps(&self, range: EffectiveTerms) -> bool {
        self.iter().any(|own| own.overlaps(range))
    }

    /// The terms in one of the sets or in both.
    pub fn union(&self, other: &Self) -> Self {
        self.iter().chain(other.iter()).collect()
    }

    /// The terms of this set that are not in the other.
    pub fn minus(&self, other: &Self) -> Self {
        let mut left = Vec::with_capacity(self.0.len());
        let holes: Vec<_> = other.iter().map(EffectiveTerms::span).collect();
        for (from, until) in self.iter().map(EffectiveTerms::span) {
            let mut from = from;
            for &(hole, end) in &holes {
                if hole < until && end > from {
                    left.extend(EffectiveTerms::of_span(from, hole.max(from)));
                    from = end.min(until);
                }
            }
            left.extend(EffectiveTerms::of_span(from, until));
        }
        Self(left)
    }

    /// The terms in both sets.
    pub fn intersection(&self, other: &Self) -> Self {
        let pairs = self.iter().flat_map(|own| {
            let others = other.iter();
            others.filter_map(move |other| own.intersection(other))
        });
        pairs.collect()
    }

    /// The terms of the set before a term: what is left when it ends there.
    pub fn before(&self, term: Term) -> Self {
        match term.pred() {
            Some(last) => self
                .iter()
                .filter_map(|range| EffectiveTerms::new(range.from, range.thru.min(last.into())))
                .collect(),
            None => Self::none(),
        }
    }
}

impl From<EffectiveTerms> for Ranges {
    fn from(range: EffectiveTerms) -> Self {
        Self(vec![range])
    }
}

/// `coalesce`: overlapping and adjacent ranges become one, in whatever order they come.
impl FromIterator<EffectiveTerms> for Ranges {
    fn from_iter<I: IntoIterator<Item = EffectiveTerms>>(ranges: I) -> Self {
        let mut ranges: Vec<_> = ranges.into_iter().collect();
        ranges.sort_unstable();
        let mut whole: Vec<EffectiveTerms> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match whole.last_mut() {
                Some(last) if last.span().1 >= range.span().0 => {
                    last.thru = last.thru.max(range.thru)
                }
                _ => whole.push(range),
            }
        }
        Self(whole)
    }
}

/// Every term at which something begins or has just ended, in order: between two of them nothing
/// changes. An open range has no end here.
pub fn boundaries<'a>(sets: impl IntoIterator<Item = &'a Ranges>) -> Vec<Term> {
    let mut terms = Vec::new();
    for range in sets.into_iter().flat_map(Ranges::iter) {
        terms.push(range.from);
        terms.extend(range.thru.term().and_then(Term::succ));
    }
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// The range from each boundary up to the next one; the last is open.
pub fn segments(boundaries: &[Term]) -> impl Iterator<Item = EffectiveTerms> + '_ {
    boundaries.iter().enumerate().filter_map(|(at, &from)| {
        let next = boundaries.get(at + 1).and_then(|next| next.pred());
        EffectiveTerms::new(from, next.map_or(Thru::Open, Thru::Term))
    })
}
