//! Which operations a finding concerns: those it stands in, and those that refer to where it stands.

use super::references::Reference;
use crate::diag::Diagnostics;
use crate::source::Span;
use std::collections::HashMap;

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
    let mut targets: HashMap<Span, Vec<Span>> = HashMap::new();
    for reference in references {
        let users = targets.entry(reference.target.node.span).or_default();
        users.push(reference.text.span);
    }
    let mut targets = targets.into_iter().collect::<Vec<_>>();
    targets.sort_unstable_by_key(|(target, _)| *target);
    for diagnostic in diagnostics.iter_mut().take(TRACED) {
        diagnostic.operations = trace(diagnostic.span, regions, &targets);
    }
}

fn trace(start: Span, regions: &[Region], targets: &[(Span, Vec<Span>)]) -> Vec<String> {
    let mut reached = vec![false; regions.len()];
    let mut visited = vec![false; targets.len()];
    let mut waiting = vec![start];
    while let Some(place) = waiting.pop() {
        let mut inside = false;
        for (index, region) in regions.iter().enumerate() {
            if contains(region.operation, place) {
                reached[index] = true;
                inside = true;
            }
        }
        if !inside {
            for (index, region) in regions.iter().enumerate() {
                reached[index] |= contains(region.item, place);
            }
        }
        for (index, (target, users)) in targets.iter().enumerate() {
            if !visited[index] && contains(*target, place) {
                visited[index] = true;
                waiting.extend(users);
            }
        }
    }
    let mut names = Vec::new();
    for (region, reached) in regions.iter().zip(reached) {
        if reached && !names.contains(&region.name) {
            names.push(region.name.clone());
        }
    }
    names
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.file == inner.file
        && outer.start <= inner.start
        && inner.start < outer.end.max(outer.start + 1)
}
