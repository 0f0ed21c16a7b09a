//! The way from a finding in a resource type or trait to the operations that it was applied to.

use crate::diag::Diagnostics;
use crate::source::Span;

/// How many steps of a chain are shown.
const SHOWN: usize = 6;

/// Where resource types and traits were applied.
#[derive(Debug, Default)]
pub struct Trail {
    steps: Vec<Step>,
}

/// One application.
#[derive(Debug)]
struct Step {
    /// The declaration that was applied.
    declaration: Span,
    /// The name where it was applied.
    applied: Span,
    /// ``the trait `paged` ``
    what: String,
    /// `GET /items`; the path alone for a resource type.
    target: String,
    /// Whether the target is an operation.
    is_operation: bool,
}

impl Trail {
    /// Remembers that something was applied to an operation.
    pub(super) fn operation(&mut self, declaration: Span, applied: Span, what: &str, target: &str) {
        self.push(declaration, applied, what, target, true);
    }

    /// Remembers that something was applied to a resource.
    pub(super) fn resource(&mut self, declaration: Span, applied: Span, what: &str, target: &str) {
        self.push(declaration, applied, what, target, false);
    }

    fn push(
        &mut self,
        declaration: Span,
        applied: Span,
        what: &str,
        target: &str,
        is_operation: bool,
    ) {
        self.steps.push(Step {
            declaration,
            applied,
            what: what.to_owned(),
            target: target.to_owned(),
            is_operation,
        });
    }

    /// Adds to each finding that stands in a declaration how it got to the operations.
    pub fn explain(&self, diagnostics: &mut Diagnostics) {
        for diagnostic in diagnostics.iter_mut() {
            let mut place = diagnostic.span;
            let mut target: Option<&str> = None;
            for _ in 0..SHOWN {
                let Some(step) = self.step(place, target) else {
                    break;
                };
                let text = format!("in {}, applied to {}", step.what, step.target);
                let known = diagnostic
                    .related
                    .iter()
                    .any(|(span, _)| *span == step.applied);
                if !known {
                    diagnostic.related.push((step.applied, text));
                }
                target = Some(&step.target);
                place = step.applied;
            }
            for step in &self.steps {
                if step.is_operation
                    && contains(step.declaration, diagnostic.span)
                    && !diagnostic.operations.contains(&step.target)
                {
                    diagnostic.operations.push(step.target.clone());
                }
            }
        }
    }

    /// The application that a place belongs to, nearest declaration first; of the same target as
    /// the step before where there is one.
    fn step(&self, place: Span, target: Option<&str>) -> Option<&Step> {
        let here = self
            .steps
            .iter()
            .filter(|step| contains(step.declaration, place) && step.applied != place);
        let path = |target: &str| {
            target
                .split_once(' ')
                .map_or(target, |(_, path)| path)
                .to_owned()
        };
        here.min_by_key(|step| {
            let related = target.is_none_or(|target| path(target) == path(&step.target));
            (!related, step.declaration.end - step.declaration.start)
        })
    }
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.start < outer.end
}
