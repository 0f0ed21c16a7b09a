//! Schemas that apply themselves to the same value, so that no validator ever ends.

use super::Lowering;
use crate::model::{Schema, SchemaId};

#[derive(Clone, Copy, PartialEq)]
enum Mark {
    New,
    Open,
    Done,
}

impl Lowering<'_, '_> {
    /// Reports each cycle of schemas that never reaches a part of the value; answers whether
    /// there is none.
    pub(super) fn check_schema_cycles(&mut self) -> bool {
        let mut marks = vec![Mark::New; self.schemas.len()];
        let mut sound = true;
        for start in 0..self.schemas.len() {
            if marks[start] == Mark::New {
                sound &= self.walk_from(start, &mut marks);
            }
        }
        sound
    }

    /// Depth first, with a stack of our own: chains of references have any length.
    fn walk_from(&mut self, start: usize, marks: &mut [Mark]) -> bool {
        let mut sound = true;
        let mut stack = vec![(start, same_value(&self.schemas[start]))];
        marks[start] = Mark::Open;
        while let Some((at, next)) = stack.last_mut() {
            let Some(id) = next.pop() else {
                marks[*at] = Mark::Done;
                stack.pop();
                continue;
            };
            let from = *at;
            match marks[id.index()] {
                Mark::New => {
                    marks[id.index()] = Mark::Open;
                    stack.push((id.index(), same_value(&self.schemas[id.index()])));
                }
                Mark::Open => {
                    self.report_cycle(from, id.index());
                    sound = false;
                }
                Mark::Done => {}
            }
        }
        sound
    }

    fn report_cycle(&mut self, from: usize, to: usize) {
        let (from, to) = (&self.schemas[from], &self.schemas[to]);
        let message = format!(
            "the schema `{}` applies itself to the same value without end",
            to.pointer
        );
        let (place, related) = (to.span, from.span);
        let diagnostic = self.diagnostics.error("reference-cycle", place, message);
        if related != place {
            diagnostic.related(related, "the circle closes here");
        }
        diagnostic.help("a schema may only come back to itself for a property or an item");
    }
}

/// The schemas that are applied to the value itself, not to a part of it.
fn same_value(schema: &Schema) -> Vec<SchemaId> {
    let single = [
        schema.reference,
        schema.not,
        schema.if_,
        schema.then,
        schema.else_,
    ];
    let lists = [&schema.all_of, &schema.one_of, &schema.any_of];
    single
        .into_iter()
        .flatten()
        .chain(lists.into_iter().flatten().copied())
        .chain(schema.dependent_schemas.iter().map(|(_, id)| *id))
        .collect()
}
