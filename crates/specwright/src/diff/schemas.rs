//! Pairs of schemas, compared once for each place that they are used at.
//!
//! The pairs make a graph: what one schema says of its properties, items and branches is another
//! pair. It may have cycles, so that it is worked off from a list and each pair is looked at once.

mod arrays;
mod choices;
mod disjoint;
mod objects;
mod patterns;
mod scalars;
mod strings;

use super::rules::{Change, Place};
use super::view::{Joint, View, target};
use crate::model::{Api, Json, SchemaId};
use crate::source::Span;
use std::collections::{HashMap, HashSet};

/// Every pair that was looked at.
pub(super) struct Schemas<'a> {
    pub(super) old: &'a Api,
    pub(super) new: &'a Api,
    nodes: Vec<Node>,
    known: HashMap<(Joint, Joint, Place), NodeId>,
}

/// The position of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct NodeId(usize);

/// One pair.
struct Node {
    old: Joint,
    new: Joint,
    place: Place,
    state: State,
}

enum State {
    Waiting,
    /// It is being looked at; what leads back to it is taken for equal.
    Open,
    Done(Outcome),
}

/// What was found about one pair.
#[derive(Default)]
pub(super) struct Outcome {
    /// What differs, with what to say about it.
    pub(super) found: Vec<(Change, String)>,
    /// The pairs inside, each with the step that leads there: `/name`, `/*` for items.
    next: Vec<(String, NodeId)>,
}

/// One pair while it is looked at.
struct Pair {
    old: View,
    new: View,
    place: Place,
    outcome: Outcome,
}

impl Pair {
    fn find(&mut self, change: Change, message: impl Into<String>) {
        self.outcome.found.push((change, message.into()));
    }
}

/// Where one pair stands in the two contracts.
pub(super) struct Stand {
    pub(super) old: Option<Span>,
    pub(super) new: Option<Span>,
    /// As a person finds it, in the new contract where it is there.
    pub(super) pointer: String,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(old: &'a Api, new: &'a Api) -> Self {
        Self {
            old,
            new,
            nodes: Vec::new(),
            known: HashMap::new(),
        }
    }

    /// The pair of two schemas at a place.
    pub(super) fn pair(&mut self, old: &[SchemaId], new: &[SchemaId], place: Place) -> NodeId {
        let key = (joint(self.old, old), joint(self.new, new), place);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let id = NodeId(self.nodes.len());
        self.nodes.push(Node {
            old: key.0.clone(),
            new: key.1.clone(),
            place,
            state: State::Waiting,
        });
        self.known.insert(key, id);
        id
    }

    /// Every pair inside of one, itself first, each once with the way that leads there.
    pub(super) fn reached(&mut self, root: NodeId) -> Vec<(NodeId, String)> {
        let mut reached = vec![(root, String::new())];
        let mut seen = HashSet::from([root]);
        let mut at = 0;
        while let Some((id, way)) = reached.get(at).cloned() {
            at += 1;
            let Some(outcome) = self.outcome(id) else {
                continue;
            };
            for (step, next) in &outcome.next {
                if seen.insert(*next) {
                    reached.push((*next, format!("{way}{step}")));
                }
            }
        }
        reached
    }

    /// What was found about a pair, which is looked at now if it was not before; `None` while it
    /// is being looked at.
    pub(super) fn outcome(&mut self, id: NodeId) -> Option<&Outcome> {
        if let State::Waiting = self.nodes[id.0].state {
            self.nodes[id.0].state = State::Open;
            let outcome = self.look_at(id);
            self.nodes[id.0].state = State::Done(outcome);
        }
        match &self.nodes[id.0].state {
            State::Done(outcome) => Some(outcome),
            _ => None,
        }
    }

    pub(super) fn place(&self, id: NodeId) -> Place {
        self.nodes[id.0].place
    }

    pub(super) fn stand(&self, id: NodeId) -> Stand {
        let node = &self.nodes[id.0];
        let old = node.old.first().map(|id| self.old.schema(*id));
        let new = node.new.first().map(|id| self.new.schema(*id));
        Stand {
            old: old.map(|schema| schema.span),
            new: new.map(|schema| schema.span),
            pointer: new
                .or(old)
                .map(|schema| schema.pointer.clone())
                .unwrap_or_default(),
        }
    }

    fn look_at(&mut self, id: NodeId) -> Outcome {
        let node = &self.nodes[id.0];
        let joints = (node.old.clone(), node.new.clone());
        let mut pair = Pair {
            old: View::of(self.old, &joints.0),
            new: View::of(self.new, &joints.1),
            place: node.place,
            outcome: Outcome::default(),
        };
        match (pair.old.never, pair.new.never) {
            (true, true) => {}
            (false, true) => pair.find(Change::NothingAllowed, "no value is allowed any more"),
            (true, false) => pair.find(Change::SomethingAllowed, "values are allowed now"),
            (false, false) if self.wrapped(&mut pair, (&joints.0, &joints.1)) => {}
            (false, false) => {
                if scalars::types(&mut pair) {
                    scalars::values(&mut pair);
                    scalars::numbers(&mut pair);
                    self.strings(&mut pair);
                    self.arrays(&mut pair);
                    self.objects(&mut pair);
                    self.choices(&mut pair);
                }
                scalars::annotations(&mut pair);
            }
        }
        pair.outcome
    }

    /// Goes on with a pair inside of this one.
    fn go_on(&mut self, pair: &mut Pair, step: String, old: &[SchemaId], new: &[SchemaId]) {
        let next = self.pair(old, new, pair.place.inside());
        pair.outcome.next.push((step, next));
    }

    /// Goes on where both contracts ask for a schema, and tells where only one does.
    fn go_on_or(
        &mut self,
        pair: &mut Pair,
        (step, what): (&str, &str),
        (old, new): (&Joint, &Joint),
        (set, unset): (Change, Change),
    ) {
        match (old.is_empty(), new.is_empty()) {
            (true, true) => {}
            (false, false) => self.go_on(pair, step.to_owned(), old, new),
            (true, false) => pair.find(set, format!("{what} has a schema, and had none")),
            (false, true) => pair.find(unset, format!("{what} had a schema")),
        }
    }

    /// Whether two schemas allow the same, as far as the rules can tell.
    fn same(&mut self, old: &[SchemaId], new: &[SchemaId], place: Place) -> bool {
        let root = self.pair(old, new, place.inside());
        let mut seen = HashSet::from([root]);
        let mut waiting = vec![root];
        while let Some(id) = waiting.pop() {
            let Some(outcome) = self.outcome(id) else {
                continue;
            };
            if outcome.found.iter().any(|(change, _)| change.is_felt()) {
                return false;
            }
            let next = outcome.next.iter().map(|(_, next)| *next);
            waiting.extend(next.filter(|next| seen.insert(*next)));
        }
        true
    }
}

impl Change {
    /// Whether it is more than a remark.
    fn is_felt(self) -> bool {
        !matches!(self, Change::SchemaDeprecated | Change::SchemaReactivated)
    }
}

/// Schemas without those that only stand for others, in order.
fn joint(api: &Api, schemas: &[SchemaId]) -> Joint {
    let mut joint = schemas.iter().map(|id| target(api, *id)).collect::<Joint>();
    joint.sort_unstable();
    joint.dedup();
    joint
}

/// A value as a message quotes it.
fn quoted(value: &Json) -> String {
    const LONGEST: usize = 60;
    let text = value.to_text();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}
