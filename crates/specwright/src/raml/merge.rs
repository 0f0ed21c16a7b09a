//! Putting one branch of a document under another (RAML 1.0, Algorithm of Merging Traits With
//! Methods).

use super::build;
use super::fields::annotation_name;
use crate::yaml::{Entry, Mapping, Node, Value};

/// What stands at a place, as far as merging depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The facets of an API, resource, method or response.
    Facets,
    /// Names with type declarations.
    Declarations,
    /// A type declaration.
    Declaration,
    /// A body: a declaration, or media types with declarations.
    Body,
    /// Names with facets: statuses with responses, names with traits.
    Named,
    /// Names with values that are replaced as a whole.
    Values,
    /// A value that is replaced as a whole.
    Whole,
}

/// Members of `upper`, completed by those of `lower`.
pub(super) fn merge(upper: Node, lower: &Node) -> Node {
    merge_at(upper, lower, Place::Facets)
}

fn merge_at(upper: Node, lower: &Node, place: Place) -> Node {
    let (upper, lower) = match place {
        Place::Declaration => expanded(upper, lower),
        _ => (upper, lower.clone()),
    };
    let span = upper.span;
    let value = match (upper.value, lower.value) {
        // A facet without a value is one that was not written.
        (Value::Null, value) => {
            return Node {
                span: lower.span,
                value,
                tag: lower.tag,
            };
        }
        (upper, _) if place == Place::Whole => upper,
        (Value::Mapping(upper), Value::Mapping(lower)) => {
            Value::Mapping(merge_members(upper, &lower, place))
        }
        (Value::Sequence(mut upper), Value::Sequence(lower)) => {
            for item in lower {
                if !upper.iter().any(|known| same(known, &item)) {
                    upper.push(item);
                }
            }
            Value::Sequence(upper)
        }
        (upper, _) => upper,
    };
    Node {
        span,
        value,
        tag: upper.tag,
    }
}

/// `Person` is `{type: Person}` where the other side has more to say.
pub(super) fn expanded(upper: Node, lower: &Node) -> (Node, Node) {
    let wrap = |node: &Node| match node.value {
        Value::String(_) | Value::Sequence(_) => {
            let mut object = build::Object::new(node.span);
            object.set("type", node.clone());
            object.finish()
        }
        _ => node.clone(),
    };
    match (upper.as_mapping(), lower.as_mapping()) {
        (Some(_), None) => (upper, wrap(lower)),
        (None, Some(_)) => (wrap(&upper), lower.clone()),
        _ => (upper, lower.clone()),
    }
}

fn merge_members(upper: Mapping, lower: &Mapping, place: Place) -> Mapping {
    let mut merged = Mapping::default();
    for entry in upper.into_entries() {
        let below = find(lower, &entry.key, place);
        merged.put(match below {
            Some(below) => {
                let place = place.inner(&entry.key);
                Entry {
                    value: merge_at(entry.value, &below.value, place),
                    ..entry
                }
            }
            None => entry,
        });
    }
    for entry in lower.iter() {
        // The one of two that is there keeps the other one out.
        let rival = place.rival(&entry.key);
        let excluded = rival.is_some_and(|rival| merged.get(rival).is_some());
        if find(&merged, &entry.key, place).is_none() && !excluded {
            merged.put(entry.clone());
        }
    }
    merged
}

/// The member of the same name. `name?` and `name` are one property, and the upper one decides
/// whether it is required.
fn find<'m>(members: &'m Mapping, key: &str, place: Place) -> Option<&'m Entry> {
    if let Some(entry) = members.get(key) {
        return Some(entry);
    }
    match place {
        Place::Declarations => match key.strip_suffix('?') {
            Some(name) => members.get(name),
            None => members.get(&format!("{key}?")),
        },
        _ => None,
    }
}

impl Place {
    /// What stands under `key`.
    pub fn inner(self, key: &str) -> Place {
        if annotation_name(key).is_some() {
            return Place::Whole;
        }
        match (self, key) {
            (Place::Declarations, _) => Place::Declaration,
            (Place::Named, _) => Place::Facets,
            (Place::Values | Place::Whole, _) => Place::Whole,
            (Place::Body, key) if key.contains('/') => Place::Declaration,
            (
                Place::Declaration | Place::Body,
                "example" | "examples" | "default" | "type" | "schema" | "xml",
            ) => Place::Whole,
            (Place::Declaration | Place::Body, "properties" | "facets") => Place::Declarations,
            (Place::Declaration | Place::Body, "items") => Place::Declaration,
            (Place::Facets, "queryParameters" | "headers" | "uriParameters") => Place::Declarations,
            (Place::Facets, "baseUriParameters" | "types" | "schemas" | "annotationTypes") => {
                Place::Declarations
            }
            (Place::Facets, "queryString") => Place::Declaration,
            (Place::Facets, "body") => Place::Body,
            (Place::Facets, "responses" | "traits" | "resourceTypes" | "securitySchemes") => {
                Place::Named
            }
            (Place::Facets, "securedBy" | "type" | "is") => Place::Whole,
            _ => Place::Facets,
        }
    }

    /// Whether the keys are names, and no facets.
    pub fn has_names(self) -> bool {
        matches!(self, Place::Declarations | Place::Named | Place::Values)
    }

    /// The facet that cannot stand beside that of this key.
    pub fn rival(self, key: &str) -> Option<&'static str> {
        match (self, key) {
            (Place::Facets, "queryString") => Some("queryParameters"),
            (Place::Facets, "queryParameters") => Some("queryString"),
            (Place::Declaration | Place::Body, "type") => Some("schema"),
            (Place::Declaration | Place::Body, "schema") => Some("type"),
            (Place::Declaration | Place::Body, "example") => Some("examples"),
            (Place::Declaration | Place::Body, "examples") => Some("example"),
            _ => None,
        }
    }
}

/// Whether two trees hold the same values.
pub(super) fn same(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(one), Value::Bool(other)) => one == other,
        (Value::Number(one), Value::Number(other)) | (Value::String(one), Value::String(other)) => {
            one == other
        }
        (Value::Sequence(one), Value::Sequence(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Mapping(one), Value::Mapping(other)) => {
            one.len() == other.len()
                && one.iter().all(|entry| {
                    other
                        .get(&entry.key)
                        .is_some_and(|known| same(&entry.value, &known.value))
                })
        }
        _ => false,
    }
}
