//! Random histories of operations, and what holds after each of them.

mod change;
mod definitions;
mod sound;
pub mod steps;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use specwright_server::subjects::domain::backfill::{ProcessType, Record};
use specwright_server::subjects::domain::operations::{Operation, Outcome};
use specwright_server::subjects::domain::ranges::EffectiveTerms;
use specwright_server::subjects::domain::subject::ContainerId;
use specwright_server::subjects::domain::template::Template;
use specwright_server::subjects::domain::term::{Term, Year};
use specwright_server::subjects::domain::timeline::Timeline;

use crate::support::configuration;
use crate::support::table::Table;
use crate::support::world::World;
use definitions::*;
use sound::*;
use steps::*;

proptest! {
    #![proptest_config(configuration("tests/subjects/histories.regressions", 4))]

    ///
    /// P-01, P-04, P-05, P-06, P-07, P-09, P-10,
    /// P-11, P-12, P-16, P-17, P-18: what has to hold
    /// after every operation, whatever came before.
    #[test]
    fn every_operation_keeps_the_rules(start in start(), steps in steps()) {
        let mut world = start.world();
        for step in &steps {
            let before = world.clone();
            let operation = step.operation(&world);
            let Ok(outcome) = world.post(operation.clone()) else { continue };
            let seen = Seen { before: &before, after: &world, operation: &operation, outcome: &outcome };
            seen.catalogue_is_sound()?;
            seen.nothing_else_changes()?;
            seen.records_are_complete()?;
            seen.records_agree()?;
            seen.records_name_whom_the_subject_is_related_to()?;
            seen.templates_have_the_modes_of(start.output.and_then(Result::ok))?;
        }
    }

    /// R-030, P-21: in which order a request lists its items changes nothing.
    #[test]
    fn the_order_of_a_request_does_not_matter(start in start(), steps in steps()) {
        let (mut one, mut other) = (start.world(), start.world());
        for step in &steps {
            let mut turned = step.clone();
            if let Step::Create { eq, sr, .. } | Step::Edit { eq, sr, .. } = &mut turned {
                eq.reverse();
                sr.reverse();
            }
            let operations = (step.operation(&one), turned.operation(&other));
            let outcomes = (one.post(operations.0), other.post(operations.1));
            prop_assert_eq!(outcomes.0.is_ok(), outcomes.1.is_ok());
            prop_assert_eq!(&one.containers, &other.containers);
            prop_assert_eq!(one.equivalencies.pairs(), other.equivalencies.pairs());
            prop_assert_eq!(one.scheduling.pairs(), other.scheduling.pairs());
        }
    }
}

/// Histories are worth something only if most of what they try is carried out, and leaves
/// relations and several templates behind.
#[test]
fn histories_do_a_lot() {
    let mut runner = TestRunner::deterministic();
    let mut done: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut tried, mut related, mut cut) = (0, 0, 0);
    for _ in 0..200 {
        let tree = (start(), steps()).new_tree(&mut runner).expect("a history");
        let (start, steps) = tree.current();
        let mut world = start.world();
        for step in &steps {
            tried += 1;
            if let Ok(outcome) = world.post(step.operation(&world)) {
                *done.entry(step.name()).or_default() += 1;
                cut += usize::from(outcome.mandate_output.is_some() && outcome.templates.len() > 1);
            }
        }
        let both = !world.equivalencies.pairs().is_empty() && !world.scheduling.pairs().is_empty();
        related += usize::from(both);
    }
    assert!(
        done.values().sum::<usize>() * 2 > tried,
        "{done:?} of {tried}"
    );
    assert!(
        done.len() == 9 && done.values().all(|count| *count > 10),
        "{done:?}"
    );
    assert!(related > 60, "{related} histories leave both relations");
    assert!(cut > 10, "{cut} templates were cut by their mandate");
}

/// One operation of a history that was carried out.
struct Seen<'a> {
    before: &'a World,
    after: &'a World,
    operation: &'a Operation,
    outcome: &'a Outcome,
}

impl Seen<'_> {
    fn timeline(&self) -> &Timeline {
        &self.after.containers[&self.outcome.container].timeline
    }

    fn horizon(&self) -> Term {
        let gate = self.after.gate.expect("it is configured").number();
        Year::new(gate - 5).expect("a year").first_term()
    }

    fn records(&self) -> Vec<&Record> {
        self.after.records(self.outcome)
    }

    fn regular(&self) -> impl Iterator<Item = &Record> {
        let records = self.records().into_iter();
        records.filter(|one| one.process_type != Some(ProcessType::Scheduling))
    }

    /// The catalogue is one that the rules allow.
    fn catalogue_is_sound(&self) -> Result<(), TestCaseError> {
        let world = self.after;
        for one in world.containers.values() {
            sound_timeline(&one.timeline)?;
        }
        no_id_twice(world)?;
        for table in [&world.equivalencies, &world.scheduling] {
            sound_relation(table)?;
        }
        for ((one, other), rows) in &world.scheduling.rows {
            for (from, thru) in rows {
                let terms = EffectiveTerms::new(*from, *thru).expect("a range");
                for id in [one, other] {
                    let activity = world.containers[id].timeline.activity();
                    prop_assert!(
                        activity.contains(terms),
                        "{} is not active in {}",
                        id,
                        terms
                    );
                }
            }
        }
        Ok(())
    }

    /// What is not edited stays as it was, what is changed counts one change, and so does every
    /// template of a container whose relations change.
    fn nothing_else_changes(&self) -> Result<(), TestCaseError> {
        for (id, was) in &self.before.containers {
            let is = &self.after.containers[id];
            let related = self.relations_changed(*id);
            let mut ranges = Vec::new();
            if *id == self.outcome.container {
                ranges = counted(self.operation, &was.timeline);
            } else {
                let content = |timeline: &Timeline| contents(timeline, |_| true);
                prop_assert_eq!(content(&was.timeline), content(&is.timeline));
            }
            versions_count(&was.timeline, &is.timeline)?;
            for (template, counted) in counts(&was.timeline, &is.timeline) {
                let own = ranges.iter().any(|range| template.terms.overlaps(*range));
                let expected = u32::from(template.is_active() && (related || own));
                prop_assert_eq!(counted, expected, "{} {}", id, template.terms);
            }
        }
        if let Some(was) = self.before.containers.get(&self.outcome.container) {
            let edited = edited(self.operation, &was.timeline);
            let outside = |term| !edited.iter().any(|terms| terms.covers(term));
            prop_assert_eq!(
                contents(&was.timeline, outside),
                contents(self.timeline(), outside)
            );
        }
        Ok(())
    }

    fn relations_changed(&self, of: ContainerId) -> bool {
        let rows = |table: &Table| -> Vec<_> {
            let own = table.rows.iter().filter(|((one, _), _)| *one == of);
            let own = own.filter(|(_, rows)| !rows.is_empty());
            own.map(|(pair, rows)| (*pair, rows.clone())).collect()
        };
        let both = |world: &World| [&world.equivalencies, &world.scheduling].map(rows);
        both(self.before) != both(self.after)
    }

    /// Every edited template has a record, every id in it a key, and nothing in it is too old.
    fn records_are_complete(&self) -> Result<(), TestCaseError> {
        let shown = self
            .regular()
            .map(|record| record.template.expect("it is stored"));
        let shown: Vec<_> = shown.collect();
        prop_assert_eq!(&shown, &self.outcome.templates);
        prop_assert!(!shown.is_empty());
        for record in self.records() {
            keys_are_exact(record)?;
            entries_are_retained(record, self.horizon())?;
        }
        Ok(())
    }

    /// The records differ in the terms and grading modes of their templates only.
    fn records_agree(&self) -> Result<(), TestCaseError> {
        if matches!(
            self.operation,
            Operation::PlanTerms(_) | Operation::ShowYear(_)
        ) {
            return Ok(());
        }
        let same = self.regular().map(|record| {
            let mut new = serde_json::to_value(&record.new).expect("JSON");
            let template = new["subjectTemplate"].as_object_mut().expect("an object");
            template.remove("effectiveTerms");
            template.remove("gradingModes");
            new
        });
        let same: Vec<_> = same.collect();
        prop_assert!(same.windows(2).all(|two| two[0] == two[1]), "{:#?}", same);
        Ok(())
    }

    /// A record names exactly the ids that related containers have at each term, in entries that
    /// do not end before the horizon.
    fn records_name_whom_the_subject_is_related_to(&self) -> Result<(), TestCaseError> {
        let horizon = self.horizon();
        let [direct, indirect, scheduled] = related(self.after, self.outcome.container, horizon);
        for record in self.records() {
            let new = serde_json::to_value(&record.new).expect("JSON");
            if record.process_type != Some(ProcessType::Scheduling) {
                prop_assert_eq!(&named(&new["equivalentSubjects"], "D"), &direct);
                prop_assert_eq!(&named(&new["equivalentSubjects"], "I"), &indirect);
            }
            prop_assert_eq!(&named(&new["subjectRelationships"], ""), &scheduled);
        }
        Ok(())
    }

    /// The edited templates have the experimental modes of their mandate at every term, and the
    /// pieces of one range that touch differ in them.
    fn templates_have_the_modes_of(&self, output: Option<&str>) -> Result<(), TestCaseError> {
        let asked = matches!(
            self.operation,
            Operation::Create(_)
                | Operation::Edit(_)
                | Operation::Reactivate(_)
                | Operation::Backdate(_)
                | Operation::PlanTerms(_)
        );
        prop_assert_eq!(self.after.mandate_calls > self.before.mandate_calls, asked);
        let edited = |one: &&Template| self.outcome.templates.contains(&one.id.expect("an id"));
        let edited: Vec<_> = self
            .timeline()
            .active()
            .filter(edited)
            .filter(|_| asked)
            .collect();
        for template in &edited {
            let mandated = template.content.attributes.contains("PHY2");
            for at in (0..TERMS + 4)
                .map(nth)
                .filter(|at| template.terms.covers(*at))
            {
                let modes = template
                    .content
                    .grading_modes
                    .iter()
                    .map(ToString::to_string);
                let expected = expected_modes(output.filter(|_| mandated), at);
                let regular = BTreeSet::from(["L/N".to_owned()]);
                prop_assert_eq!(
                    modes.collect::<BTreeSet<_>>(),
                    &regular | &expected,
                    "{}",
                    at
                );
            }
        }
        let one_range = !matches!(self.operation, Operation::PlanTerms(_));
        for two in edited.windows(2).filter(|_| one_range) {
            prop_assert_ne!(&two[0].content.grading_modes, &two[1].content.grading_modes);
        }
        Ok(())
    }
}
