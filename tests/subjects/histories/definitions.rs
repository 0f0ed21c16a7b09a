//! What the rules say of a catalogue, written down once more, term by term and without cleverness.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use specwright_server::subjects::domain::operations::Operation;
use specwright_server::subjects::domain::ranges::EffectiveTerms;
use specwright_server::subjects::domain::subject::{ContainerId, Content};
use specwright_server::subjects::domain::term::{Term, Thru};
use specwright_server::subjects::domain::timeline::Timeline;

use super::steps::{TERMS, nth};
use crate::support::table::Table;
use crate::support::term;
use crate::support::world::World;

/// What a container says at each term.
pub fn contents(timeline: &Timeline, at: impl Fn(Term) -> bool) -> BTreeMap<Term, Option<Content>> {
    let terms = (0..TERMS + 4).map(nth).filter(|term| at(*term));
    terms
        .map(|at| {
            (
                at,
                timeline
                    .covering(at)
                    .map(|template| template.content.clone()),
            )
        })
        .collect()
}

/// The ranges in which an operation may change what a container says. What is said of single terms
/// and years, and enrollment, is no content.
pub fn edited(operation: &Operation, was: &Timeline) -> Vec<EffectiveTerms> {
    let from_on = |from: &str| {
        let covering = was.covering(term(from)).expect("it was edited");
        vec![EffectiveTerms::new(term(from), covering.terms.thru()).expect("a range")]
    };
    match operation {
        Operation::Edit(edit) => from_on(&edit.from),
        Operation::EditRequisites(edit) => from_on(&edit.from),
        Operation::Deactivate(end) => vec![EffectiveTerms::open(term(&end.from))],
        Operation::Reactivate(start) => vec![EffectiveTerms::open(term(&start.from))],
        Operation::Backdate(start) => {
            let first = was.active().next().expect("it was backdated");
            vec![EffectiveTerms::new(term(&start.from), first.terms.thru()).expect("a range")]
        }
        Operation::PlanTerms(plan) => {
            let templates = was.overlapping(EffectiveTerms::of_year(plan.year));
            templates.map(|template| template.terms).collect()
        }
        Operation::Create(_) | Operation::ShowYear(_) | Operation::Enroll(_) => Vec::new(),
    }
}

/// The ranges whose templates count a change.
pub fn counted(operation: &Operation, was: &Timeline) -> Vec<EffectiveTerms> {
    match operation {
        Operation::ShowYear(show) => vec![EffectiveTerms::of_year(show.year)],
        Operation::Enroll(enroll) => {
            let term = term(&enroll.term);
            EffectiveTerms::new(term, term).into_iter().collect()
        }
        operation => edited(operation, was),
    }
}

pub fn terms_of(entry: &Value) -> EffectiveTerms {
    let terms = &entry["effectiveTerms"];
    let code = |name: &str| terms[name].as_str().expect("a term").to_owned();
    let thru: Thru = code("effectiveThruTerm").parse().expect("a thru term");
    EffectiveTerms::new(term(&code("effectiveFromTerm")), thru).expect("a range")
}

/// Ids at terms.
pub type Named = BTreeSet<(Term, String)>;

/// All terms of histories, and one that stands for those after.
pub fn window() -> impl Iterator<Item = Term> {
    (0..TERMS + 1).map(nth)
}

/// Without what ends before the horizon: of each id, consecutive terms are one entry.
fn retained(named: Named, horizon: Term) -> Named {
    let is_told = |(at, id): &(Term, String)| {
        let mut last = *at;
        while let Some(next) = last
            .succ()
            .filter(|next| named.contains(&(*next, id.clone())))
        {
            last = next;
        }
        last >= horizon
    };
    named.iter().filter(|one| is_told(one)).cloned().collect()
}

pub fn named(component: &Value, ty: &str) -> Named {
    let entries = component.as_array().into_iter().flatten();
    let entries = entries.filter(|entry| entry["equivalencyType"].as_str().unwrap_or("") == ty);
    let each = entries.flat_map(|entry| {
        let id = entry["subjectId"].as_str().expect("an id").to_owned();
        let terms = terms_of(entry);
        window()
            .filter(move |at| terms.covers(*at))
            .map(move |at| (at, id.clone()))
    });
    each.collect()
}

/// By definition: the ids of directly equivalent, indirectly equivalent and scheduled containers.
pub fn related(world: &World, of: ContainerId, horizon: Term) -> [Named; 3] {
    let rows = |table: &Table, from: ContainerId| -> Vec<(ContainerId, EffectiveTerms)> {
        let own = table.rows.iter().filter(|((one, _), _)| *one == from);
        let own = own.flat_map(|((_, other), rows)| {
            rows.iter()
                .map(|(from, thru)| (*other, EffectiveTerms::new(*from, *thru).expect("a range")))
        });
        own.filter(|(_, terms)| terms.thru() >= Thru::Term(horizon))
            .collect()
    };
    let direct = rows(&world.equivalencies, of);
    let near: BTreeSet<_> = direct.iter().map(|(other, _)| *other).collect();
    let second = near
        .iter()
        .flat_map(|near| rows(&world.equivalencies, *near));
    let indirect = second
        .filter(|(other, _)| *other != of && !near.contains(other))
        .collect();
    let scheduled = rows(&world.scheduling, of);
    [direct, indirect, scheduled].map(|rows: Vec<_>| {
        let mut named = Named::new();
        for at in window() {
            for (other, _) in rows.iter().filter(|(_, terms)| terms.covers(at)) {
                if let Some(template) = world.containers[other].timeline.covering(at) {
                    named.extend(template.content.ids().map(|id| (at, id.to_string())));
                }
            }
        }
        retained(named, horizon)
    })
}

/// The experimental modes that an output asks for at a term; a wrong output asks for none.
pub fn expected_modes(output: Option<&str>, at: Term) -> BTreeSet<String> {
    let items = output.into_iter().flat_map(|output| output.split(','));
    let items = items.filter(|item| !item.starts_with("L-N"));
    let covering = items.filter_map(|item| {
        let parts: Vec<_> = item.split('-').collect();
        let thru: Thru = parts[3].parse().expect("a thru term");
        let terms = EffectiveTerms::new(term(parts[2]), thru).expect("a range");
        terms
            .covers(at)
            .then(|| format!("{}/{}", parts[0], parts[1]))
    });
    covering.collect()
}
