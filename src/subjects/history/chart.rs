//! Where terms are in a picture: each has the same width, in the order in which they follow.

use super::Picture;
use crate::subjects::domain::ranges::EffectiveTerms;
use crate::subjects::domain::term::{Term, Thru, Year};

/// How wide the part with the bars is at most, in pixels.
const WIDTH: u32 = 1200;

/// How wide a term is at most and at least, in pixels.
const TERM: (u32, u32) = (24, 3);

/// How many years are shown after the last term that is named.
const AHEAD: u16 = 1;

/// The terms of a picture, from the first year that anything is in up to where open ends go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    first: Year,
    last: Year,
    /// The width of a term, in pixels.
    term: u32,
}

impl Scale {
    /// The scale of a picture; of the year 2000 where nothing is in it.
    pub fn of(picture: &Picture) -> Self {
        let relations = picture.relations.iter().flat_map(|related| &related.terms);
        let templates = picture.templates.iter().map(|template| &template.terms);
        let all: Vec<EffectiveTerms> = templates.chain(relations).copied().collect();
        let years = all.iter().flat_map(|terms| {
            let thru = terms.thru().term();
            [Some(terms.from()), thru]
                .into_iter()
                .flatten()
                .map(Term::year)
        });
        let years: Vec<Year> = years.collect();
        let start = Year::new(2000).unwrap_or_else(|| Term::LAST.year());
        let first = years.iter().min().copied().unwrap_or(start);
        let last = years.iter().max().copied().unwrap_or(start);
        let last = Year::new(last.number().saturating_add(AHEAD)).unwrap_or(last);
        let terms = (u32::from(last.number()) + 1).saturating_sub(first.number().into()) * 4;
        Self {
            first,
            last,
            term: (WIDTH / terms.max(1)).clamp(TERM.1, TERM.0),
        }
    }

    /// The width of all terms.
    pub fn width(self) -> u32 {
        let years = u32::from(self.last.number()) + 1 - u32::from(self.first.number());
        years * 4 * self.term
    }

    /// Each year and where it begins.
    pub fn years(self) -> impl Iterator<Item = (Year, u32)> {
        let numbers = self.first.number()..=self.last.number();
        let years = numbers.filter_map(Year::new);
        years.map(move |year| (year, self.x(year.first_term())))
    }

    /// How many years there are from one label to the next, so that labels do not overlap.
    pub fn years_apart(self) -> usize {
        usize::try_from(40u32.div_ceil(self.term * 4)).unwrap_or(1)
    }

    /// Where a range begins and how wide it is; one with an open end goes to the edge.
    pub fn bar(self, terms: EffectiveTerms) -> (u32, u32) {
        let from = self.x(terms.from());
        let until = match terms.thru() {
            Thru::Open => self.width(),
            Thru::Term(term) => self.x(term) + self.term,
        };
        (from, until.saturating_sub(from))
    }

    /// Where a term begins.
    fn x(self, term: Term) -> u32 {
        let season = term.year().terms().into_iter().position(|own| own == term);
        let season = u32::try_from(season.unwrap_or(0)).unwrap_or(0);
        let years = u32::from(term.year().number()).saturating_sub(self.first.number().into());
        (years * 4 + season) * self.term
    }
}
