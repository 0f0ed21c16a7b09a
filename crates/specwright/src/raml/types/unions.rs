//! Facets that are written for a union, and narrow each of its members.

use super::expression::{Expression, Form};
use super::shape::{Property, Shape};
use super::values::equal;
use crate::raml::fields::plain;
use crate::raml::{Lowering, build};
use crate::values::of_node;
use crate::yaml::{Entry, Mapping, Node, Value};
use std::rc::Rc;

impl Lowering<'_> {
    /// The facets of a union are those of its members, each of which they narrow. A member of which
    /// nothing is left is none any more.
    pub(super) fn narrow_members(&mut self, shape: &mut Shape, facets: Mapping) {
        // A union that is one of its own members, which has been reported, would never end.
        if shape.faulty {
            return;
        }
        let facets = Rc::new(build::node(shape.span, Value::Mapping(facets)));
        let members = std::mem::take(&mut shape.members);
        let shares = self.shares(&members, &facets);
        for (member, facets) in members.into_iter().zip(shares) {
            let Some(facets) = facets else { continue };
            let span = member.span;
            let narrowed = Expression::new(span, Form::Narrowed(Rc::new(member), facets));
            shape.faulty |= self.shape(&narrowed).faulty;
            shape.members.push(narrowed);
        }
        shape.faulty |= shape.members.is_empty();
    }

    /// What each member has of the facets; `None` when it takes no value that they list.
    fn shares(&mut self, members: &[Expression], facets: &Rc<Node>) -> Vec<Option<Rc<Node>>> {
        let mut shares = vec![Some(Rc::clone(facets)); members.len()];
        let properties = facets.get("properties").and_then(Node::as_mapping);
        for entry in properties.into_iter().flat_map(Mapping::iter) {
            let says_type = entry.value.get("type").or(entry.value.get("schema"));
            let listed = entry.value.get("enum").map(plain);
            if let (None, Some(values)) = (says_type, listed.and_then(Node::as_sequence)) {
                self.share(members, entry, values, &mut shares);
            }
        }
        shares
    }

    /// RAML 1.0, Union Type: every value of an `enum` is one of at least one member.
    fn share(
        &mut self,
        members: &[Expression],
        entry: &Entry,
        values: &[Node],
        shares: &mut [Option<Rc<Node>>],
    ) {
        let own = self.property_of(entry);
        let mut is_taken = vec![false; values.len()];
        for (member, share) in members.iter().zip(shares) {
            let fits = self.fitting(member, &own, values);
            let pairs = values.iter().zip(&fits).filter(|(_, fits)| **fits);
            let kept = pairs.map(|(value, _)| value.clone()).collect::<Vec<_>>();
            for (taken, fits) in is_taken.iter_mut().zip(&fits) {
                *taken |= fits;
            }
            if kept.is_empty() {
                *share = None;
            } else if kept.len() < values.len()
                && let Some(facets) = share
            {
                let list = build::list(entry.value.span, kept);
                let path = ["properties", &entry.key, "enum"];
                *facets = Rc::new(replaced(facets, &path, &list));
            }
        }
        for (value, _) in values.iter().zip(is_taken).filter(|(_, taken)| !taken) {
            let message = format!("no part of the union takes this value of `{}`", own.name);
            self.diagnostics
                .error("wider-facet", value.span, message)
                .help(
                    "a type may only narrow the one that it inherits from (RAML 1.0, Inheritance)",
                );
        }
    }

    /// Which values a property of a member may have.
    fn fitting(&mut self, member: &Expression, own: &Property, values: &[Node]) -> Vec<bool> {
        let shape = self.shape(member);
        let mut named = shape.properties.iter().filter(|one| !one.is_pattern);
        let Some(property) = named.find(|one| one.name == own.name) else {
            return vec![true; values.len()];
        };
        let inherited = self.shape(&property.ty);
        let kinds = self.kinds(&property.ty);
        let listed = inherited.enumeration.as_ref().and_then(Node::as_sequence);
        let fits = |value: &Node| match listed {
            Some(listed) => listed.iter().any(|one| equal(one, value)),
            None => {
                let mut types = kinds.iter().map(|kind| kind.json());
                kinds.is_empty() || types.any(|ty| ty.is_none_or(|ty| of_node(value).has_type(ty)))
            }
        };
        let fitting = values.iter().map(fits).collect::<Vec<_>>();
        // Objects without the property are left, and no `enum` says that it must be absent: the values
        // stay, and are refused as wider.
        match own.required || property.required || fitting.contains(&true) {
            true => fitting,
            false => vec![true; values.len()],
        }
    }
}

/// The same tree with another value at the end of a path of members.
fn replaced(node: &Node, path: &[&str], value: &Node) -> Node {
    let Some((key, rest)) = path.split_first() else {
        return value.clone();
    };
    let mut out = Mapping::default();
    for entry in node.as_mapping().into_iter().flat_map(Mapping::iter) {
        let value = match entry.key == *key {
            true => replaced(&entry.value, rest, value),
            false => entry.value.clone(),
        };
        out.put(Entry {
            value,
            ..entry.clone()
        });
    }
    build::node(node.span, Value::Mapping(out))
}
