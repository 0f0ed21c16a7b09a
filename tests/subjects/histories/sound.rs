//! What holds of every catalogue, and of every record.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;
use specwright_server::subjects::domain::backfill::{KeyType, Record};
use specwright_server::subjects::domain::ranges::EffectiveTerms;
use specwright_server::subjects::domain::subject::{ContainerId, SubjectId};
use specwright_server::subjects::domain::template::Template;
use specwright_server::subjects::domain::term::{Term, Thru};
use specwright_server::subjects::domain::timeline::Timeline;

use super::definitions::terms_of;
use super::steps::{CONTAINERS, TERMS, nth};
use crate::support::table::Table;
use crate::support::world::{World, data};

pub fn sound_timeline(timeline: &Timeline) -> Result<(), TestCaseError> {
    let ranges: Vec<_> = timeline.active().map(|template| template.terms).collect();
    for two in ranges.windows(2) {
        prop_assert!(
            two[0].thru() < Thru::Term(two[1].from()),
            "{} and {}",
            two[0],
            two[1]
        );
    }
    let open = ranges.last().is_some_and(|last| last.thru() == Thru::Open);
    prop_assert_eq!(timeline.last_active_term.is_none(), open);
    if let (Some(last), Some(range)) = (timeline.last_active_term, ranges.last()) {
        prop_assert_eq!(range.thru(), Thru::Term(last));
    }
    for template in timeline.active() {
        let ids: Vec<_> = template.content.ids().collect();
        let different: BTreeSet<_> = ids.iter().collect();
        prop_assert_eq!(different.len(), ids.len(), "{:?}", ids);
        let outside = template
            .plans
            .offerings
            .keys()
            .find(|at| !template.terms.covers(**at));
        prop_assert_eq!(outside, None);
    }
    Ok(())
}

pub fn no_id_twice(world: &World) -> Result<(), TestCaseError> {
    let templates = world.containers.iter().flat_map(|(id, one)| {
        let active = one.timeline.active();
        active.flat_map(move |template| {
            template
                .content
                .ids()
                .map(move |own| (own, *id, template.terms))
        })
    });
    let all: Vec<(&SubjectId, ContainerId, EffectiveTerms)> = templates.collect();
    for (at, (id, one, terms)) in all.iter().enumerate() {
        let clash = all[at + 1..].iter().find(|(other_id, other, other_terms)| {
            id == other_id && one != other && terms.overlaps(*other_terms)
        });
        prop_assert!(clash.is_none(), "{} is on {} and {:?}", id, one, clash);
    }
    Ok(())
}

/// Both directions, ranges apart, and at every term whoever is related to one is related to all.
pub fn sound_relation(table: &Table) -> Result<(), TestCaseError> {
    let pairs = table.pairs();
    for ((one, other), rows) in &table.rows {
        prop_assert_eq!(Some(rows), table.rows.get(&(*other, *one)));
    }
    for ranges in pairs.values() {
        let ranges: Vec<_> = ranges.iter().collect();
        let apart = |two: &[EffectiveTerms]| two[0].thru().succ() < Thru::Term(two[1].from());
        prop_assert!(ranges.windows(2).all(apart));
    }
    let related = |one: i64, other: i64, at: Term| {
        let pair = pairs.get(&(one.min(other), one.max(other)));
        one == other || pair.is_some_and(|ranges| ranges.covers(at))
    };
    for at in (0..TERMS + 1).map(nth) {
        for (one, other) in pairs
            .keys()
            .filter(|(one, other)| related(*one, *other, at))
        {
            for third in 1..=CONTAINERS {
                prop_assert_eq!(related(*one, third, at), related(*other, third, at));
            }
        }
    }
    Ok(())
}

/// The templates that there were, each with how many changes it counts.
pub fn counts<'a>(
    was: &'a Timeline,
    is: &'a Timeline,
) -> impl Iterator<Item = (&'a Template, u32)> {
    was.all().iter().map(|template| {
        let now = is.all().iter().find(|now| now.id == template.id);
        let now = now.expect("no template is lost").version;
        (
            template,
            now.checked_sub(template.version)
                .expect("versions do not fall"),
        )
    })
}

pub fn versions_count(was: &Timeline, is: &Timeline) -> Result<(), TestCaseError> {
    for (template, counted) in counts(was, is) {
        prop_assert!(counted <= 1, "{:?} counts {}", template.id, counted);
        let now = is.all().iter().find(|now| now.id == template.id);
        let said = |one: &Template| (one.terms, one.status, one.content.clone());
        let changed = now.map(said) != Some(said(template));
        prop_assert!(!changed || counted == 1, "a change does not count");
    }
    let new = is
        .all()
        .iter()
        .filter(|now| !was.all().iter().any(|one| one.id == now.id));
    prop_assert!(new.into_iter().all(|template| template.version == 1));
    Ok(())
}

/// The ids in a record's lists, wherever they are.
pub fn listed(data: &Value, found: &mut BTreeSet<String>) {
    let Some(members) = data.as_object() else {
        return;
    };
    for (name, value) in members {
        match name.as_str() {
            "crossListSubjects" | "equivalentSubjects" | "subjectRelationships" => {
                let ids = value.as_array().expect("a list").iter();
                found.extend(ids.map(|one| one["subjectId"].as_str().expect("an id").to_owned()));
            }
            _ => listed(value, found),
        }
    }
}

pub fn keys_are_exact(record: &Record) -> Result<(), TestCaseError> {
    let (previous, new) = data(record);
    let mut ids = BTreeSet::new();
    listed(&previous, &mut ids);
    listed(&new, &mut ids);
    let keys: BTreeSet<_> = record.used_keys.keys().map(ToString::to_string).collect();
    prop_assert_eq!(keys, ids);
    let main = record
        .used_keys
        .iter()
        .filter(|(_, ty)| **ty == KeyType::Main);
    let main: Vec<_> = main.map(|(id, _)| Value::from(id.to_string())).collect();
    prop_assert_eq!(main, vec![new["subjectTemplate"]["subjectId"].clone()]);
    Ok(())
}

pub fn entries_are_retained(record: &Record, horizon: Term) -> Result<(), TestCaseError> {
    let (previous, new) = data(record);
    for side in [&previous, &new, &new["pastSubjectData"]] {
        for name in ["equivalentSubjects", "subjectRelationships"] {
            for entry in side[name].as_array().into_iter().flatten() {
                prop_assert!(terms_of(entry).thru() >= Thru::Term(horizon), "{}", entry);
            }
        }
    }
    Ok(())
}
