//! What is told of a request before its items are looked at: its form, its container, its term.

use specwright_server::subjects::domain::operations::{
    Backdate, EditRequisites, Enroll, Operation, PlanTerms,
};
use specwright_server::subjects::domain::requisites::Requisites;
use specwright_server::subjects::domain::term::Year;

use crate::support::container;
use crate::support::world::{World, create, deactivate, edit, reactivate};

const CONTAINER: &str = "Error: Invalid container id : 9 does not exist ";
const TERM: &str = "Error: Invalid term code : 2018XX does not exist ";

/// A from 2017FA on, and C until 2018SU.
fn world() -> World {
    let mut world = World::new();
    world.post(create("6.AA1@2017FA", &[])).expect("it is new");
    world.post(create("6.CC1@2017FA", &[])).expect("it is new");
    world.post(deactivate(2, "2019FA")).expect("it is active");
    world
}

#[track_caller]
fn refused(operation: impl Into<Operation>, messages: &[&str]) {
    let refused = world().post(operation).expect_err("it is impossible");
    assert_eq!(refused, messages);
}

/// the container and the term are told together, whichever operation it is.
#[test]
fn container_and_term_are_told_together() {
    let from = || "2018XX".to_owned();
    let operations = [
        edit(9, "2018XX").into(),
        deactivate(9, "2018XX"),
        reactivate(9, "2018XX").into(),
        Operation::from(Backdate {
            container: container(9),
            from: from(),
        }),
        Operation::from(EditRequisites {
            container: container(9),
            from: from(),
            requisites: Requisites::default(),
            unknown_operators: vec!["XOR".to_owned()],
        }),
        Operation::from(Enroll {
            container: container(9),
            term: from(),
            subjects: vec![("6.ZZ9".to_owned(), true)],
        }),
    ];
    for operation in operations {
        refused(operation, &[CONTAINER, TERM]);
    }
    let plan = PlanTerms {
        container: container(9),
        year: Year::new(2050).expect("a year"),
        next_offered: None,
        offerings: Vec::new(),
    };
    refused(plan, &[CONTAINER]);
}

/// the first and the last term of an edit are told together too, in this order.
#[test]
fn both_terms_of_an_edit_are_told() {
    let with = |of: i64, from: &str, thru: &str| {
        let mut request = edit(of, from);
        request.thru = Some(thru.to_owned());
        request.version = Some(7);
        request
    };
    let thru = "Error: Invalid term code : 2019YY does not exist ";
    refused(with(9, "2018XX", "2019YY"), &[CONTAINER, TERM, thru]);
    refused(with(9, "2018FA", "2019YY"), &[CONTAINER, thru]);
    refused(with(1, "2018XX", "2019SU"), &[TERM]);
    let nothing = "Error: Invalid effective term : 2016FA has no effective template ";
    refused(with(1, "2016FA", "2019YY"), &[nothing, thru]);
    refused(with(1, "2016FA", "2019SU"), &[nothing]);
    let other = "Error: Invalid effective thru term : 2019SU is not the thru term 999999 of the \
                 template ";
    refused(with(1, "2018FA", "2019SU"), &[other]);
    let version = "Error: Invalid version number : 7 is not the current version 1 ";
    refused(with(1, "2018FA", "999999"), &[version]);
}

/// what the container has at the term is told where both are there.
#[test]
fn the_term_of_an_operation_is_checked() {
    let message = "Error: Invalid reactivation term : 2018SU is not later than the last active \
                   term 2018SU ";
    refused(reactivate(2, "2018SU"), &[message]);
    let message = "Error: Invalid deactivation term : 2019FA container is already inactive ";
    refused(deactivate(2, "2019FA"), &[message]);
}
