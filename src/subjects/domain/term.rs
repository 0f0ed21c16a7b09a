//! The terms of academic years, and the open end.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// How an open end is written.
const OPEN: &str = "999999";

/// The seasons of an academic year in their order.
const SEASONS: [&str; 4] = ["FA", "JA", "SP", "SU"];

/// The academic year after the last one: as a text, a term of 9999 would sort after the open end.
const YEARS: u16 = 9999;

/// An academic year, named by the calendar year in which it ends: 0 to 9998.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Year(u16);

impl Year {
    /// The year of that number; `None` where no term code could name its terms.
    pub fn new(number: u16) -> Option<Self> {
        (number < YEARS).then_some(Self(number))
    }

    /// The calendar year in which it ends.
    pub fn number(self) -> u16 {
        self.0
    }

    /// Its fall, the first of its terms.
    pub fn first_term(self) -> Term {
        Term(self.0 * 4)
    }

    /// Its summer, the last of its terms.
    pub fn last_term(self) -> Term {
        Term(self.0 * 4 + 3)
    }

    /// Its four terms in order.
    pub fn terms(self) -> [Term; 4] {
        let first = self.0 * 4;
        [0, 1, 2, 3].map(|season| Term(first + season))
    }
}

impl fmt::Display for Year {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.0)
    }
}

/// A term: an academic year and one of its seasons, `2019FA` being the fall of 2018.
///
/// Terms are ordered as they follow each other, and their texts sort the same way, so that a
/// database may compare them as texts. (P-19)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term(u16);

impl Term {
    /// The academic year it belongs to.
    pub fn year(self) -> Year {
        Year(self.0 / 4)
    }

    /// The next term; `None` after the last one that has a code.
    pub fn succ(self) -> Option<Self> {
        (self != Self::LAST).then(|| Self(self.0 + 1))
    }

    /// The term before; `None` before the first one that has a code.
    pub fn pred(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }

    /// The last term that has a code.
    pub const LAST: Self = Self((YEARS - 1) * 4 + 3);

    /// Where it stands among all terms, counted from 0.
    pub(super) fn index(self) -> u32 {
        u32::from(self.0)
    }

    /// The term that stands there; `None` where there is none.
    pub(super) fn at(index: u32) -> Option<Self> {
        let term = Self(u16::try_from(index).ok()?);
        (term <= Self::LAST).then_some(term)
    }
}

/// A text that is no term code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a term code is a year of four digits up to 9998 and FA, JA, SP or SU")]
pub struct NotATerm;

impl FromStr for Term {
    type Err = NotATerm;

    fn from_str(text: &str) -> Result<Self, NotATerm> {
        let (year, season) = text.split_at_checked(4).ok_or(NotATerm)?;
        let season = (0u16..).zip(SEASONS).find(|(_, name)| *name == season);
        let (season, _) = season.ok_or(NotATerm)?;
        if !year.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotATerm);
        }
        let year = year.parse().ok().and_then(Year::new).ok_or(NotATerm)?;
        Ok(Self(year.0 * 4 + season))
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.year(), SEASONS[usize::from(self.0 % 4)])
    }
}

impl Serialize for Term {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The last term of a range: a term, or the open end, which comes after every term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Thru {
    /// The range ends with this term.
    Term(Term),
    /// The range does not end: `999999`.
    Open,
}

impl Thru {
    /// The term after the last one; the open end has itself.
    pub fn succ(self) -> Self {
        match self {
            Thru::Term(term) => term.succ().map_or(Thru::Open, Thru::Term),
            Thru::Open => Thru::Open,
        }
    }

    /// The term, unless the end is open.
    pub fn term(self) -> Option<Term> {
        match self {
            Thru::Term(term) => Some(term),
            Thru::Open => None,
        }
    }
}

impl From<Term> for Thru {
    fn from(term: Term) -> Self {
        Thru::Term(term)
    }
}

impl FromStr for Thru {
    type Err = NotATerm;

    fn from_str(text: &str) -> Result<Self, NotATerm> {
        if text == OPEN {
            return Ok(Thru::Open);
        }
        text.parse().map(Thru::Term)
    }
}

impl fmt::Display for Thru {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Thru::Term(term) => term.fmt(f),
            Thru::Open => f.write_str(OPEN),
        }
    }
}

impl Serialize for Thru {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
