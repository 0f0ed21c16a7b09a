//! In which order a request lists its items, where each is listed once at most.

use proptest::prelude::*;
use proptest::sample::Index;
use specwright_server::subjects::domain::operations::{Enroll, Operation, PlanTerms, ShowYear};
use specwright_server::subjects::domain::template::Offering;
use specwright_server::subjects::domain::term::Year;

use crate::support::world::{World, create};
use crate::support::{configuration, container};

/// A list of few keys, which come twice often enough, and the places that its items are moved to.
fn list<T: std::fmt::Debug + Clone>(
    item: impl Strategy<Value = T>,
) -> impl Strategy<Value = (Vec<T>, Vec<T>)> {
    let items = proptest::collection::vec((item, any::<Index>()), 0..5);
    items.prop_map(|items| {
        let mut turned = Vec::new();
        for (item, place) in &items {
            turned.insert(place.index(turned.len() + 1), item.clone());
        }
        (items.into_iter().map(|(item, _)| item).collect(), turned)
    })
}

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::sample::select(texts).prop_map(str::to_owned)
}

fn year() -> Year {
    Year::new(2019).expect("a year")
}

fn plans() -> impl Strategy<Value = [Operation; 2]> {
    let terms = one_of(&["2019FA", "2019JA", "2019SP", "2018FA", "2019XX"]);
    let offering = any::<bool>().prop_map(|is_offered| Offering {
        is_offered,
        instructors: None,
    });
    list((terms, offering)).prop_map(|(list, turned)| {
        [list, turned].map(|offerings| {
            Operation::PlanTerms(PlanTerms {
                container: container(1),
                year: year(),
                next_offered: None,
                offerings,
            })
        })
    })
}

fn displays() -> impl Strategy<Value = [Operation; 2]> {
    let control = (one_of(&["SHOW"]), one_of(&["YES", "NO"]));
    let link = (
        one_of(&["home", "map", "news"]),
        one_of(&["https://a.example", "https://b.example", "ftp://x"]),
    );
    (list(control), list(link)).prop_map(|((controls, turned), (urls, turned_urls))| {
        [(controls, urls), (turned, turned_urls)].map(|(controls, urls)| {
            Operation::ShowYear(ShowYear {
                container: container(1),
                year: year(),
                controls: Some(controls),
                urls: Some(urls),
            })
        })
    })
}

fn enrollments() -> impl Strategy<Value = [Operation; 2]> {
    let subject = (
        one_of(&["6.AA1", "18.AA1", "8.AA1", "6.ZZ9"]),
        any::<bool>(),
    );
    list(subject).prop_map(|(list, turned)| {
        [list, turned].map(|subjects| {
            Operation::Enroll(Enroll {
                container: container(1),
                term: "2019FA".to_owned(),
                subjects,
            })
        })
    })
}

/// A container with three ids.
fn world() -> World {
    let mut world = World::new();
    let created = world.post(create("6.AA1@2017FA", &["18.AA1", "8.AA1"]));
    created.expect("it is new");
    world
}

proptest! {
    #![proptest_config(configuration("tests/subjects/permutations.regressions", 4))]

    /// P-21: the same items in another order leave the same rows, or are refused as well, with as
    /// many messages.
    #[test]
    fn the_order_of_items_does_not_matter(
        operations in prop_oneof![plans(), displays(), enrollments()],
    ) {
        let [(one, first), (other, second)] = operations.map(|operation| {
            let mut world = world();
            let outcome = world.post(operation);
            (world, outcome.map_err(|found| found.len()))
        });
        prop_assert_eq!(first.is_ok(), second.is_ok());
        prop_assert_eq!(&first.err(), &second.err());
        prop_assert_eq!(&one.containers, &other.containers);
        prop_assert_eq!(&one.notifications, &other.notifications);
    }
}

#[track_caller]
fn refused(operation: impl Into<Operation>, messages: &[&str]) {
    let refused = world()
        .post(operation)
        .expect_err("something is listed twice");
    assert_eq!(refused, messages);
}

/// P-21: what is listed twice is refused, whatever is said of it; what is refused for
/// another reason does not count.
#[test]
fn what_is_listed_twice_is_refused() {
    let texts = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter();
        let owned = pairs.map(|(one, other)| ((*one).to_owned(), (*other).to_owned()));
        Some(owned.collect())
    };
    let offering = |term: &str, is_offered| {
        let instructors = None;
        (
            term.to_owned(),
            Offering {
                is_offered,
                instructors,
            },
        )
    };
    let plan = |offerings| PlanTerms {
        container: container(1),
        year: year(),
        next_offered: None,
        offerings,
    };
    let twice = ["2019FA", "2018FA", "2019SP", "2018FA", "2019FA"];
    refused(
        plan(twice.map(|term| offering(term, true)).into()),
        &[
            "Error: Invalid term plan term : 2018FA is not in academic year 2019 ",
            "Error: Invalid term plan term : 2018FA is not in academic year 2019 ",
            "Error: Invalid term plan term : 2019FA is duplicated ",
        ],
    );
    refused(
        plan(vec![offering("2019FA", true), offering("2019FA", false)]),
        &["Error: Invalid term plan term : 2019FA is duplicated "],
    );
    refused(
        ShowYear {
            container: container(1),
            year: year(),
            controls: texts(&[("SHOW", "MAYBE"), ("SHOW", "YES"), ("SHOW", "NO")]),
            urls: texts(&[("home", "https://a.example"), ("home", "https://a.example")]),
        },
        &[
            "Error: Invalid display control : SHOW/MAYBE does not exist ",
            "Error: Invalid display control : SHOW is duplicated ",
            "Error: Invalid url : home is duplicated ",
        ],
    );
    let subjects = ["6.AA1", "6.ZZ9", "6.ZZ9", "18.AA1", "6.AA1"];
    refused(
        Enroll {
            container: container(1),
            term: "2019FA".to_owned(),
            subjects: subjects.map(|id| (id.to_owned(), true)).into(),
        },
        &[
            "Error: Invalid enrollable subject : 6.ZZ9 is not a subject of the template ",
            "Error: Invalid enrollable subject : 6.ZZ9 is not a subject of the template ",
            "Error: Invalid enrollable subject : 6.AA1 is duplicated ",
        ],
    );
}
