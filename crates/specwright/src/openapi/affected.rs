//! Which operations a finding concerns: those it stands in, and those that refer to where it stands.

use super::references::{Referable, Reference};
use crate::diag::Diagnostics;
use crate::source::Span;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// The place of one operation.
pub(super) struct Region {
    /// `GET /pets`
    pub name: String,
    /// The operation's object.
    pub operation: Span,
    /// The path item around it, whose parameters are its own.
    pub item: Span,
}

/// Findings beyond this many are not traced to their operations.
const TRACED: usize = 200;

/// Completes the findings with the operations that they concern.
pub(super) fn name_operations(
    diagnostics: &mut Diagnostics,
    regions: &[Region],
    references: &[Reference<'_>],
) {
    if diagnostics.iter().next().is_none() {
        return;
    }
    // One object may be read for many others, and its references each time.
    // What a link leads to is no part of the operation that has the link.
    let is_link = |one: &&Reference<'_>| one.kind == Referable::Operation && one.object.is_none();
    let pairs = references
        .iter()
        .filter(|one| !is_link(one))
        .map(|one| (one.target.node.span, one.text.span));
    let pairs = pairs
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect::<Vec<_>>();
    let map = Map {
        regions,
        operations: Forest::of(regions.iter().map(|region| region.operation)),
        items: Forest::of(regions.iter().map(|region| region.item)),
        targets: Forest::of(pairs.iter().map(|(target, _)| *target)),
        references: &pairs,
    };
    for diagnostic in diagnostics.iter_mut().take(TRACED) {
        diagnostic.operations = map.trace(diagnostic.span);
    }
}

/// The places of a contract, ready for the question what contains what.
struct Map<'r> {
    regions: &'r [Region],
    operations: Forest,
    items: Forest,
    targets: Forest,
    /// Targets, and where they are referred to.
    references: &'r [(Span, Span)],
}

impl Map<'_> {
    fn trace(&self, start: Span) -> Vec<String> {
        let mut reached = vec![false; self.regions.len()];
        let mut visited = vec![false; self.references.len()];
        let mut waiting = vec![start];
        while let Some(place) = waiting.pop() {
            let mut inside = self.operations.containing(place).peekable();
            let around = match inside.peek() {
                Some(_) => None,
                None => Some(self.items.containing(place)),
            };
            for index in inside.chain(around.into_iter().flatten()) {
                reached[index] = true;
            }
            for index in self.targets.containing(place) {
                if !std::mem::replace(&mut visited[index], true) {
                    waiting.push(self.references[index].1);
                }
            }
        }
        let mut names = Vec::new();
        for (region, reached) in self.regions.iter().zip(reached) {
            if reached && !names.contains(&region.name) {
                names.push(region.name.clone());
            }
        }
        names
    }
}

/// Spans that lie inside of each other or apart, as those of a tree do.
struct Forest {
    /// With their place in the list the forest was made of; outer ones before inner ones.
    spans: Vec<(Span, usize)>,
    /// The nearest one before it that contains it.
    parents: Vec<Option<usize>>,
}

impl Forest {
    fn of(spans: impl Iterator<Item = Span>) -> Forest {
        let mut spans = spans
            .enumerate()
            .map(|(index, span)| (span, index))
            .collect::<Vec<_>>();
        spans.sort_unstable_by_key(|(span, index)| {
            (span.file, span.start, Reverse(span.end), *index)
        });
        let mut parents: Vec<Option<usize>> = Vec::with_capacity(spans.len());
        for (at, (span, _)) in spans.iter().enumerate() {
            let mut parent = at.checked_sub(1);
            while let Some(outer) = parent
                && !contains(spans[outer].0, *span)
            {
                parent = parents[outer];
            }
            parents.push(parent);
        }
        Forest { spans, parents }
    }

    /// The indices of the spans that `place` begins in.
    fn containing(&self, place: Span) -> impl Iterator<Item = usize> {
        let before = |span: Span| (span.file, span.start) <= (place.file, place.start);
        let last = self
            .spans
            .partition_point(|(span, _)| before(*span))
            .checked_sub(1);
        std::iter::successors(last, |at| self.parents[*at])
            .filter(move |at| contains(self.spans[*at].0, place))
            .map(|at| self.spans[at].1)
    }
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.file == inner.file
        && outer.start <= inner.start
        && inner.start < outer.end.max(outer.start + 1)
}
