//! Differences as they are found, and as people read them.

use super::class::Class;
use super::rules::{Part, Place, Rule};
use super::schemas::{NodeId, Schemas};
use crate::model::{Api, Day, Operation, SchemaId};
use crate::source::Span;
use std::collections::HashMap;

/// One difference between two contracts.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The rule that tells it.
    pub rule: Rule,
    /// What differs, in one sentence without a full stop.
    pub message: String,
    /// Where: `query parameter `limit``, `request body, /owner/name`; empty for an operation or
    /// the API as a whole. The first place, when one schema is used at several.
    pub place: String,
    /// The operations that it concerns, as `GET /pets` in the new contract; empty where it concerns
    /// the API as a whole.
    pub operations: Vec<String>,
    /// How a person finds it: a JSON pointer; empty where there is none.
    pub pointer: String,
    /// Where it stands in the old contract.
    pub old: Option<Span>,
    /// Where it stands in the new contract.
    pub new: Option<Span>,
}

impl Difference {
    /// What it means for those who use the contract.
    pub fn class(&self) -> Class {
        self.rule.class()
    }
}

/// Where in an operation something stands.
#[derive(Clone, Debug)]
pub(super) struct Use {
    operation: String,
    place: String,
    pub(super) outgoing: bool,
}

impl Use {
    /// The API as a whole.
    pub(super) fn api() -> Use {
        Use {
            operation: String::new(),
            place: String::new(),
            outgoing: false,
        }
    }

    pub(super) fn operation(operation: &Operation, outgoing: bool) -> Use {
        Use {
            operation: format!("{} {}", operation.method.name(), operation.path.raw),
            place: String::new(),
            outgoing,
        }
    }

    pub(super) fn inside(&self, place: String) -> Use {
        Use {
            place,
            ..self.clone()
        }
    }

    /// A part of the place.
    pub(super) fn within(&self, part: String) -> Use {
        self.inside(format!("{}, {part}", self.place))
    }

    /// A body in one of its media types. JSON is not named: it is what bodies are in most often.
    pub(super) fn of_type(&self, media_type: &str) -> Use {
        match media_type {
            "application/json" => self.clone(),
            other => self.inside(format!("{} ({other})", self.place)),
        }
    }
}

/// A comparison at work.
pub(super) struct Comparison<'a> {
    pub(super) old: &'a Api,
    pub(super) new: &'a Api,
    pub(super) across_versions: bool,
    pub(super) today: Option<Day>,
    pub(super) notice_days: u64,
    schemas: Schemas<'a>,
    found: Vec<Difference>,
    /// The differences of each pair of schemas, so that one that is used at several places is
    /// told once.
    told: HashMap<NodeId, Vec<usize>>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(old: &'a Api, new: &'a Api, options: &super::Options) -> Self {
        Self {
            old,
            new,
            across_versions: options.across_versions,
            today: options.today,
            notice_days: options.notice_days,
            schemas: Schemas::new(old, new),
            found: Vec::new(),
            told: HashMap::new(),
        }
    }

    /// Tells a difference outside of schemas.
    pub(super) fn part(
        &mut self,
        part: Part,
        at: &Use,
        message: String,
        (old, new): (Option<Span>, Option<Span>),
    ) {
        let operations = Some(at.operation.clone()).filter(|name| !name.is_empty());
        self.found.push(Difference {
            rule: Rule::Part(part, at.outgoing),
            message,
            place: at.place.clone(),
            operations: operations.into_iter().collect(),
            pointer: String::new(),
            old,
            new,
        });
    }

    /// Tells a difference that stands at a pointer into the documents.
    pub(super) fn remark(
        &mut self,
        part: Part,
        message: String,
        operation: String,
        pointer: String,
    ) {
        self.found.push(Difference {
            rule: Rule::Part(part, false),
            message,
            place: String::new(),
            operations: Some(operation)
                .filter(|name| !name.is_empty())
                .into_iter()
                .collect(),
            pointer,
            old: None,
            new: None,
        });
    }

    /// Compares the schemas of a value.
    pub(super) fn schema(&mut self, (old, new): (SchemaId, SchemaId), place: Place, at: &Use) {
        let root = self.schemas.pair(&[old], &[new], place);
        for (node, way) in self.schemas.reached(root) {
            if !self.told.contains_key(&node) {
                let told = self.tell(node, &way, at);
                self.told.insert(node, told);
            }
            for index in &self.told[&node] {
                let operations = &mut self.found[*index].operations;
                if !operations.contains(&at.operation) {
                    operations.push(at.operation.clone());
                }
            }
        }
    }

    /// Tells what was found about a pair of schemas; answers which differences these are.
    fn tell(&mut self, node: NodeId, way: &str, at: &Use) -> Vec<usize> {
        let found = match self.schemas.outcome(node) {
            Some(outcome) => outcome.found.clone(),
            None => Vec::new(),
        };
        let (stand, place) = (self.schemas.stand(node), self.schemas.place(node));
        let mut told = Vec::new();
        for (change, message) in found {
            told.push(self.found.len());
            self.found.push(Difference {
                rule: Rule::Schema(place, change),
                message,
                place: match way {
                    "" => at.place.clone(),
                    way => format!("{}, {way}", at.place),
                },
                operations: Vec::new(),
                pointer: stand.pointer.clone(),
                old: stand.old,
                new: stand.new,
            });
        }
        told
    }

    pub(super) fn any(&self) -> bool {
        !self.found.is_empty()
    }

    pub(super) fn breaks(&self) -> bool {
        self.found.iter().any(|one| one.class() == Class::Breaking)
    }

    pub(super) fn finish(self) -> Vec<Difference> {
        let mut found = self.found;
        found.sort_by_key(Difference::class);
        found
    }
}
