//! Terms, ranges and sets of them.

use proptest::prelude::*;
use specwright_server::subjects::domain::ranges::{EffectiveTerms, Ranges, boundaries, segments};
use specwright_server::subjects::domain::term::{Term, Thru, Year};

use crate::support::{configuration, range, ranges, term};

/// what is a term code and what is none.
#[test]
fn term_codes_are_a_year_and_a_season() {
    for code in ["2019FA", "2019JA", "2019SP", "2019SU", "0000FA", "9998SU"] {
        assert_eq!(term(code).to_string(), code);
    }
    for code in [
        "", "2019", "2019XX", "2019fa", "19FA", "+019FA", "2019FAL", "9999FA", "999999", "２019FA",
    ] {
        assert!(code.parse::<Term>().is_err(), "{code}");
    }
    assert_eq!("999999".parse(), Ok(Thru::Open));
    assert_eq!("2019FA".parse(), Ok(Thru::Term(term("2019FA"))));
}

/// no range ends before it begins.
#[test]
fn ranges_have_an_order() {
    assert_eq!(EffectiveTerms::new(term("2019FA"), term("2018SU")), None);
    assert_eq!(range("2019FA-2019FA").to_string(), "2019FA-2019FA");
    assert_eq!(range("2019FA-").to_string(), "2019FA-999999");
}

/// P-19: the academic year begins in the fall before it.
#[test]
fn the_summer_is_followed_by_the_next_academic_year() {
    assert_eq!(term("2018SU").succ(), Some(term("2019FA")));
    assert_eq!(term("2019FA").pred(), Some(term("2018SU")));
    assert_eq!(Thru::Open.succ(), Thru::Open);
    assert_eq!(term("0000FA").pred(), None);
    assert_eq!(Term::LAST.succ(), None);
}

/// a range that ends with the last term of all is not open.
#[test]
fn the_last_term_is_not_the_open_end() {
    let to_the_last = EffectiveTerms::new(term("2019FA"), Term::LAST).expect("a range");
    assert_ne!(Ranges::from(to_the_last), ranges("2019FA-"));
    let rest = ranges("2019FA-").minus(&to_the_last.into());
    assert_eq!(rest, Ranges::none());
    assert_eq!(
        ranges("2018FA-").minus(&ranges("2019FA-")),
        ranges("2018FA-2018SU")
    );
}

/// adjacent and overlapping ranges are one.
#[test]
fn ranges_are_maximal() {
    assert_eq!(ranges("2019FA- 2017FA-2018SU"), ranges("2017FA-"));
    assert_eq!(
        ranges("2017FA-2018SU 2017SP-2017SU").to_owned(),
        ranges("2017FA-2018SU")
    );
    assert_eq!(ranges("2017FA-2017FA 2017SP-2017SU").iter().len(), 2);
}

fn a_term() -> impl Strategy<Value = Term> {
    (0u16..9999, 0usize..4)
        .prop_map(|(year, season)| Year::new(year).expect("a year").terms()[season])
}

/// Sets of few terms, so that they often meet.
fn a_set() -> impl Strategy<Value = Ranges> {
    let range = (0usize..12, 0usize..18).prop_map(|(one, other)| {
        let all: Vec<_> = (2017..=2020)
            .flat_map(|year| Year::new(year).expect("a year").terms())
            .collect();
        let thru = all
            .get(other.max(one))
            .map_or(Thru::Open, |term| Thru::Term(*term));
        EffectiveTerms::new(all[one], thru).expect("a range")
    });
    proptest::collection::vec(range, 0..5).prop_map(|ranges| ranges.into_iter().collect())
}

fn window() -> impl Iterator<Item = Term> {
    (2016..=2022).flat_map(|year| Year::new(year).expect("a year").terms())
}

proptest! {
    #![proptest_config(configuration("tests/subjects/terms.regressions", 4))]

    /// P-19: the next and the previous term undo each other, and texts sort as terms do, the open
    /// end last.
    #[test]
    fn terms_are_ordered_as_their_texts(one in a_term(), other in a_term()) {
        prop_assert_eq!(one.succ().map_or(Some(one), Term::pred), Some(one));
        prop_assert_eq!(one.pred().map_or(Some(one), Term::succ), Some(one));
        prop_assert_eq!(one.cmp(&other), one.to_string().cmp(&other.to_string()));
        prop_assert!(Thru::Term(one) < Thru::Open && one.to_string() < Thru::Open.to_string());
    }

    /// R-032, P-04: sets of terms are what they are term by term, in maximal ranges.
    #[test]
    fn sets_follow_their_terms(one in a_set(), other in a_set()) {
        let (both, either, rest) = (one.intersection(&other), one.union(&other), one.minus(&other));
        for term in window() {
            prop_assert_eq!(both.covers(term), one.covers(term) && other.covers(term));
            prop_assert_eq!(either.covers(term), one.covers(term) || other.covers(term));
            prop_assert_eq!(rest.covers(term), one.covers(term) && !other.covers(term));
        }
        let cut = term("2019FA");
        let early = window().filter(|term| one.before(cut).covers(*term));
        let expected = window().filter(|term| one.covers(*term) && *term < cut);
        prop_assert_eq!(early.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        for set in [&both, &either, &rest] {
            let ranges: Vec<_> = set.iter().collect();
            prop_assert!(ranges.windows(2).all(|two| two[0].thru().succ() < Thru::Term(two[1].from())));
            prop_assert_eq!(&set.iter().collect::<Ranges>(), set);
        }
        prop_assert_eq!(other.iter().all(|range| one.contains(range)), either == one);
        prop_assert_eq!(other.iter().any(|range| one.overlaps(range)), !both.is_empty());
    }

    /// within a segment nothing begins or ends.
    #[test]
    fn segments_are_uniform(one in a_set(), other in a_set()) {
        let cuts = boundaries([&one, &other]);
        for segment in segments(&cuts) {
            for term in window().filter(|term| segment.covers(*term)) {
                for set in [&one, &other] {
                    prop_assert_eq!(set.covers(term), set.covers(segment.from()));
                }
            }
        }
    }
}
