//! What the resources of an API inherit, before any parameter is filled in.
//!
//! Overlays are merged before resource types and traits are applied, and may describe what comes from
//! those all the same (RAML 1.0, Overlays: trees are compared after the application).

use super::Lowering;
use super::apply::method;
use super::build;
use super::documents::without;
use super::merge::merge;
use super::scope::Kind;
use crate::source::Span;
use crate::yaml::{Entry, Mapping, Node, Value};
use std::collections::VecDeque;

/// How many resource types may inherit from each other in a row.
const MAX_LAYERS: usize = 40;

impl Lowering<'_> {
    /// A resource of the API `root` with its methods and facets, and with those that its resource
    /// types and traits bring.
    pub(super) fn inherited(&self, root: &Node, resource: &Node) -> Node {
        let layers = self.inherited_layers(root, resource);
        let mut whole = build::node(resource.span, Value::Null);
        let mut methods = Mapping::default();
        for layer in &layers {
            let mut facets = Mapping::default();
            for entry in layer.as_mapping().into_iter().flat_map(Mapping::iter) {
                match method(&entry.key) {
                    None => facets.put(entry.clone()),
                    Some((name, false)) if methods.get(name).is_none() => methods.put(Entry {
                        key: name.to_owned(),
                        key_span: entry.key_span,
                        value: self.inherited_method(root, name, resource.span, &layers),
                    }),
                    // An optional method is one only where something else insists on it.
                    Some(_) => {}
                }
            }
            let facets = build::node(resource.span, Value::Mapping(facets));
            whole = merge(whole, &without(facets, &["type", "is", "usage"]));
        }
        merge(whole, &build::node(resource.span, Value::Mapping(methods)))
    }

    /// The resource and its resource types, nearest first.
    fn inherited_layers(&self, root: &Node, resource: &Node) -> Vec<Node> {
        let mut layers = vec![resource.clone()];
        while let Some(last) = layers.last()
            && layers.len() <= MAX_LAYERS
            && let Some(applied) = last.get("type")
            && let Some(layer) = self.applied_template(root, Kind::ResourceType, applied)
        {
            layers.push(layer);
        }
        layers
    }

    /// The order is that of the application: see [`Lowering::expand`].
    fn inherited_method(&self, root: &Node, name: &str, span: Span, layers: &[Node]) -> Node {
        let optional = format!("{name}?");
        let mut seen = Vec::new();
        let mut node = build::node(span, Value::Null);
        for layer in layers {
            if let Some(own) = layer.get(name).or_else(|| layer.get(&optional)) {
                node = merge(node, &without(own.clone(), &["is"]));
                node = self.with_traits(root, node, own, &mut seen);
            }
            node = self.with_traits(root, node, layer, &mut seen);
        }
        node
    }

    /// A method with the traits of `place` under it, and with those that they name themselves.
    fn with_traits(&self, root: &Node, node: Node, place: &Node, seen: &mut Vec<Span>) -> Node {
        let mut node = node;
        let mut waiting = VecDeque::from([place.clone()]);
        while let Some(place) = waiting.pop_front() {
            let applied = place.get("is").and_then(Node::as_sequence);
            for applied in applied.unwrap_or_default() {
                let found = self.applied_template(root, Kind::Trait, applied);
                if let Some(found) = found.filter(|found| !seen.contains(&found.span)) {
                    seen.push(found.span);
                    node = merge(
                        node,
                        &without(found.clone(), &["is", "usage", "displayName"]),
                    );
                    waiting.push_back(found);
                }
            }
        }
        node
    }

    /// What is declared under the name that is applied, with parameters or without.
    fn applied_template(&self, root: &Node, kind: Kind, applied: &Node) -> Option<Node> {
        let name = match &applied.value {
            Value::String(name) => name,
            Value::Mapping(members) if members.len() == 1 => &members.iter().next()?.key,
            _ => return None,
        };
        let scope = self.documents.scope(applied);
        // What the API itself declares is in no scope yet, because overlays may change it.
        let own = || root.get(kind.key())?.get(name).cloned();
        let found = self.scopes.find(scope, kind, name);
        found.map(|declared| declared.node.clone()).or_else(own)
    }
}
