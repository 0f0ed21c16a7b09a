//! Paths that match the same requests, such as `/users/{id}` and `/users/{name}`.
//!
//! RAML 1.0, Resources and Nested Resources, always allows them. In an OpenAPI document they would be
//! one path written twice, so the methods of the later ones are served under the first.

use super::Lowering;
use super::apply::METHODS;
use super::build;
use super::resources::template_names;
use crate::source::Span;
use crate::yaml::{Entry, Mapping, Node, Value};
use std::collections::{HashMap, HashSet};

/// Path items in document order, no two of which match the same requests.
#[derive(Default)]
pub(super) struct Items {
    items: Vec<Entry>,
    /// Where the item of each path stands, by the path without the names of its parameters.
    shapes: HashMap<String, usize>,
}

impl Items {
    /// The path items as OpenAPI's `paths`.
    pub fn finish(self, span: Span) -> Node {
        let mut paths = Mapping::default();
        for item in self.items {
            paths.put(item);
        }
        build::node(span, Value::Mapping(paths))
    }
}

impl Lowering<'_> {
    /// Adds the item of a path. Where an earlier one matches the same requests, that one takes over
    /// the methods that it does not have itself, and this is reported.
    pub(super) fn add_item(&mut self, item: Entry, items: &mut Items) {
        let at = items.items.len();
        let first = *items.shapes.entry(shape(&item.key)).or_insert(at);
        match items.items.get_mut(first) {
            // The same text twice has been reported as an error.
            Some(known) if known.key == item.key => {}
            // So will be a name that stands twice in one path, which is kept for that.
            Some(_) if has_name_twice(&item.key) => items.items.push(item),
            Some(known) => {
                let lost = take_over(known, &item);
                self.report_shadowed(&item, known, &lost);
            }
            None => items.items.push(item),
        }
    }

    fn report_shadowed(&mut self, item: &Entry, first: &Entry, lost: &[String]) {
        let message = format!(
            "the path `{}` matches the same requests as `{}`, under which its methods are served",
            item.key, first.key
        );
        let help = match lost {
            [] => "describe them as one resource, or tell the two apart by a literal segment"
                .to_owned(),
            _ => format!(
                "{} of the first is served, and the other never: tell the two paths apart by a literal segment",
                lost.join(" and ")
            ),
        };
        self.diagnostics
            .warning("shadowed-path", item.key_span, message)
            .related(first.key_span, "the first one")
            .help(help);
    }
}

/// Gives an item the methods of another one that it does not have. The answer names those it has.
fn take_over(first: &mut Entry, other: &Entry) -> Vec<String> {
    let mut lost = Vec::new();
    let renamed = template_names(&other.key)
        .into_iter()
        .zip(template_names(&first.key))
        .collect::<HashMap<_, _>>();
    let (Value::Mapping(members), Some(others)) =
        (&mut first.value.value, other.value.as_mapping())
    else {
        return lost;
    };
    let is_method = |entry: &&Entry| METHODS.contains(&entry.key.as_str());
    for entry in others.iter().filter(is_method) {
        match members.get(&entry.key) {
            Some(_) => lost.push(format!("`{}`", entry.key)),
            None => members.put(Entry {
                value: whole_operation(&entry.value, others, &renamed),
                ..entry.clone()
            }),
        }
    }
    lost
}

/// An operation with everything that its path item says of it, its path parameters called as those
/// of another path.
fn whole_operation(operation: &Node, item: &Mapping, renamed: &HashMap<String, String>) -> Node {
    let mut members = operation.as_mapping().cloned().unwrap_or_default();
    let inherited = item.get("parameters");
    let mut parameters = inherited
        .and_then(|entry| entry.value.as_sequence())
        .unwrap_or_default()
        .iter()
        .map(|parameter| called(parameter, renamed))
        .collect::<Vec<_>>();
    if let Some(entry) = members.get("parameters").or(inherited) {
        let (key_span, span) = (entry.key_span, entry.value.span);
        let own = members.get("parameters");
        let own = own.and_then(|entry| entry.value.as_sequence());
        parameters.extend(own.unwrap_or_default().iter().cloned());
        members.put(Entry {
            key: "parameters".to_owned(),
            key_span,
            value: build::list(span, parameters),
        });
    }
    for entry in item.iter() {
        let is_method = METHODS.contains(&entry.key.as_str());
        if !is_method && members.get(&entry.key).is_none() {
            members.put(entry.clone());
        }
    }
    build::node(operation.span, Value::Mapping(members))
}

/// A path parameter under its new name.
fn called(parameter: &Node, renamed: &HashMap<String, String>) -> Node {
    let mut members = parameter.as_mapping().cloned().unwrap_or_default();
    let name = members.get("name").cloned();
    if let Some(name) = name
        && let Some(new) = name.value.as_str().and_then(|old| renamed.get(old))
    {
        members.put(Entry {
            value: build::text(name.value.span, new.clone()),
            ..name
        });
    }
    build::node(parameter.span, Value::Mapping(members))
}

fn has_name_twice(path: &str) -> bool {
    let mut names = HashSet::new();
    !template_names(path)
        .into_iter()
        .all(|name| names.insert(name))
}

/// A path without the names of its parameters: equal for paths that match the same requests.
fn shape(path: &str) -> String {
    let mut parts = path.split('{');
    let mut shape = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (_, literal) = part.split_once('}').unwrap_or((part, ""));
        shape.push_str("{}");
        shape.push_str(literal);
    }
    shape
}
