//! Keywords of arrays.

use super::{Evaluated, Run, Step, counted};
use crate::model::{Json, Schema};
use std::collections::HashSet;

impl<'a> Run<'_, 'a> {
    pub(super) fn array(&mut self, schema: &'a Schema, items: &[Json], evaluated: &mut Evaluated) {
        let count = items.len() as u64;
        if let Some(least) = schema.min_items.filter(|least| count < *least) {
            self.violate("minItems", || {
                format!("must have at least {}", counted(least, "item"))
            });
        }
        if let Some(most) = schema.max_items.filter(|most| count > *most) {
            self.violate("maxItems", || {
                format!("must have at most {}", counted(most, "item"))
            });
        }
        for (index, item) in items.iter().enumerate() {
            let applied = schema.prefix_items.get(index).copied().or(schema.items);
            if let Some(id) = applied {
                evaluated.mark(index);
                self.apply_at(|| Step::Index(index), id, item);
            }
        }
        if schema.unique_items
            && let Some(index) = repeated(items)
        {
            self.violate_at(Step::Index(index), "uniqueItems", || {
                "must not be there twice".to_owned()
            });
        }
        self.contains(schema, items, evaluated);
    }

    /// `contains` and its counts (JSON Schema 2020-12 validation, section 6.4.4).
    fn contains(&mut self, schema: &'a Schema, items: &[Json], evaluated: &mut Evaluated) {
        let Some(id) = schema.contains else { return };
        let mut count = 0;
        for (index, item) in items.iter().enumerate() {
            if self.fits(id, item, &mut Evaluated::default()) {
                evaluated.mark(index);
                count += 1;
            }
        }
        let least = schema.min_contains.unwrap_or(1);
        if count < least {
            let keyword = match schema.min_contains {
                Some(_) => "minContains",
                None => "contains",
            };
            self.violate(keyword, || {
                let wanted = counted(least, "item");
                format!("must have at least {wanted} that fits `contains`, and has {count}")
            });
        }
        if let Some(most) = schema.max_contains.filter(|most| count > *most) {
            self.violate("maxContains", || {
                let wanted = counted(most, "item");
                format!("must have at most {wanted} that fits `contains`, and has {count}")
            });
        }
    }

    pub(super) fn unevaluated_items(
        &mut self,
        schema: &'a Schema,
        items: &[Json],
        evaluated: &mut Evaluated,
    ) {
        let Some(id) = schema.unevaluated_items else {
            return;
        };
        for (index, item) in items.iter().enumerate() {
            if !evaluated.has(index) {
                self.apply_at(|| Step::Index(index), id, item);
                evaluated.mark(index);
            }
        }
    }
}

/// The first item that was there before. Texts find equal values fast, pairs are compared where
/// numbers or the order of members may hide that values are equal.
fn repeated(items: &[Json]) -> Option<usize> {
    if items.iter().all(|item| matches!(item, Json::String(_))) {
        let mut seen = HashSet::new();
        let texts = items.iter().filter_map(Json::as_str);
        return texts.into_iter().position(|text| !seen.insert(text));
    }
    (1..items.len()).find(|at| items[..*at].iter().any(|item| item.equals(&items[*at])))
}
