//! Types that inherit from several, and types that narrow the declarations of others.

use super::bounds::{divides, is_wider};
use super::expression::{Expression, Form};
use super::kinds::Kind;
use super::shape::{Property, Shape};
use super::values::equal;
use crate::raml::{Lowering, build};
use crate::source::Span;
use crate::yaml::{Node, Value};
use std::collections::HashSet;
use std::rc::Rc;

/// Types that were compared already, or are being compared: types may contain themselves.
type Compared = HashSet<(Span, Span)>;

impl Lowering<'_> {
    /// RAML 1.0, Multiple Inheritance: what fits every one of several types.
    pub(super) fn join_all(&mut self, span: Span, parents: &[Expression]) -> Shape {
        let mut joined: Option<Shape> = None;
        for parent in parents {
            let mut next = Shape::clone(&self.shape(parent));
            self.inherit_name(&mut next, parent);
            if next.kind == Kind::External && !next.faulty {
                let message = "a type that is defined by a schema cannot be one of several parents";
                self.diagnostics
                    .error("external-type", parent.span, message)
                    .help("describe it as a RAML type");
                next = Shape::faulty(parent.span);
            }
            joined = Some(match joined {
                None => next,
                Some(before) => {
                    let count = self.diagnostics.iter().count();
                    let both = self.join(before, next, parent.span);
                    self.told_of_join(count, span);
                    both
                }
            });
        }
        let mut shape = joined.unwrap_or_else(|| Shape::faulty(span));
        shape.span = span;
        let count = self.diagnostics.iter().count();
        self.check_bounds(&mut shape);
        self.told_of_join(count, span);
        shape
    }

    /// Points from what was found since `before` to the place at which the types come together,
    /// unless it is there that it was found.
    fn told_of_join(&mut self, before: usize, joined: Span) {
        for diagnostic in self.diagnostics.iter_mut().skip(before) {
            let found = diagnostic.span;
            let inside =
                found.file == joined.file && joined.start <= found.start && found.end <= joined.end;
            if !inside && diagnostic.code != "too-large" {
                diagnostic.related(joined, "two declarations come together here");
            }
        }
    }

    fn join(&mut self, mut one: Shape, mut other: Shape, place: Span) -> Shape {
        if one.faulty || other.faulty {
            return Shape::faulty(place);
        }
        match (one.kind, other.kind) {
            (Kind::Union, _) => return self.join_members(one, other, place),
            (_, Kind::Union) => return self.join_members(other, one, place),
            (Kind::Any, _) => std::mem::swap(&mut one.kind, &mut other.kind),
            (_, Kind::Any) => {}
            (left, right) if left == right => {}
            (left, right) => {
                let message = format!(
                    "a type cannot inherit from both `{}` and `{}`",
                    left.name(),
                    right.name()
                );
                self.diagnostics
                    .error("conflicting-types", place, message)
                    .help(
                        "no value is of both types; write a union, `A | B`, for values of either",
                    );
                return Shape::faulty(place);
            }
        }
        self.join_scalars(&mut one, &other, place);
        join_objects(&mut one, &other, place);
        self.join_user_facets(&mut one, &other, place);
        for ancestor in other.ancestors {
            if !one.descends_from(ancestor.name_span) {
                one.ancestors.push(ancestor);
            }
        }
        one.default = one.default.or(other.default);
        one.xml = one.xml.or(other.xml);
        one
    }

    /// A union and another type: the members that can be both.
    fn join_members(&mut self, union: Shape, other: Shape, place: Span) -> Shape {
        let mut members = Vec::new();
        let mut findings = crate::diag::Diagnostics::new();
        let beside = Expression::new(place, Form::Known(Rc::new(other.clone())));
        for member in &union.members {
            let both = Form::All(vec![member.clone(), beside.clone()]);
            let both = Expression::new(member.span, both);
            std::mem::swap(self.diagnostics, &mut findings);
            let shape = self.shape(&both);
            std::mem::swap(self.diagnostics, &mut findings);
            if !shape.faulty {
                members.push(both);
            }
        }
        let too_large = findings.iter().filter(|one| one.code == "too-large");
        self.diagnostics.extend(too_large.cloned());
        if members.is_empty() && self.is_exhausted() {
            return Shape::faulty(place);
        }
        if members.is_empty() {
            self.diagnostics
                .error(
                    "conflicting-types",
                    place,
                    "no part of the union can be both types",
                )
                .help("no value is of both; write one union of all of them");
            return Shape::faulty(place);
        }
        let mut ancestors = union.ancestors;
        ancestors.extend(other.ancestors);
        Shape {
            members,
            ancestors,
            ..Shape::plain(place, Kind::Union)
        }
    }

    fn join_scalars(&mut self, one: &mut Shape, other: &Shape, place: Span) {
        for (key, value) in &other.facets {
            match one.facet(key).cloned() {
                Some(before) if *key == "multipleOf" => {
                    if divides(&before, value) {
                        one.set(key, value.clone());
                    } else if !divides(value, &before) {
                        one.divisors.push(value.clone());
                    }
                }
                // The narrower of the two counts.
                Some(before) if is_wider(key, value, &before) == Some(true) => {}
                Some(before) if *key == "fileTypes" => {
                    one.set(key, common(&before, value).unwrap_or(before));
                }
                _ => one.set(key, value.clone()),
            }
        }
        one.divisors.extend(other.divisors.iter().cloned());
        for pattern in &other.patterns {
            let same = |known: &Node| known.as_str() == pattern.as_str();
            if one.patterns.iter().any(same) {
                continue;
            }
            if let Some(before) = one.patterns.first().map(|node| node.span) {
                self.conflict("pattern", place, pattern.span, before);
                one.faulty = true;
                return;
            }
            one.patterns.push(pattern.clone());
        }
        one.enumeration = match (one.enumeration.take(), &other.enumeration) {
            (Some(left), Some(right)) => match common(&left, right) {
                Some(both) => Some(both),
                None => {
                    self.conflict("enum", place, right.span, left.span);
                    one.faulty = true;
                    Some(left)
                }
            },
            (left, right) => left.or_else(|| right.clone()),
        };
    }

    fn join_user_facets(&mut self, one: &mut Shape, other: &Shape, place: Span) {
        for facet in &other.user_facets {
            let known = one
                .user_facets
                .iter()
                .find(|known| known.name == facet.name);
            match known {
                Some(known) if known.span == facet.span => {}
                Some(known) => {
                    let before = known.span;
                    self.conflict(&facet.name, place, facet.span, before);
                }
                None => one.user_facets.push(facet.clone()),
            }
        }
        for (name, value) in &other.user_values {
            let known = one.user_values.iter().find(|(known, _)| known == name);
            match known {
                Some((_, known)) if equal(known, value) => {}
                Some((_, known)) => {
                    let before = known.span;
                    self.conflict(name, place, value.span, before);
                }
                None => one.user_values.push((name.clone(), value.clone())),
            }
        }
    }

    fn conflict(&mut self, key: &str, place: Span, one: Span, other: Span) {
        let message = format!("two of these types disagree about `{key}`");
        self.diagnostics
            .error("conflicting-facets", place, message)
            .related(one, "here")
            .related(other, "and here")
            .help("a type can only inherit from types whose facets go together");
    }

    /// RAML 1.0, Property Declarations: a property may be narrowed, not changed.
    pub(super) fn check_override(&mut self, before: &Property, own: &Property) {
        if before.required && !own.required && !own.is_pattern {
            let message = format!("the property `{}` is required by the type above", own.name);
            self.diagnostics
                .error("wider-facet", own.span, message)
                .related(before.span, "declared here")
                .help("a property that is required stays required");
            return;
        }
        // What is written under the other type is compared with it facet by facet.
        if let Form::Refined(..) = own.ty.form {
            return;
        }
        if let Err(reason) = self.narrower(&own.ty, &before.ty, &mut Compared::new()) {
            let message = format!(
                "the property `{}` is not narrower than the one it replaces: {reason}",
                own.name
            );
            self.diagnostics
                .error("wider-facet", own.span, message)
                .related(before.span, "declared here")
                .help(
                    "a type may only narrow the one that it inherits from (RAML 1.0, Inheritance)",
                );
        }
    }

    /// Reports a type that is not narrower than the one it replaces.
    pub(super) fn check_narrower(&mut self, own: &Expression, before: &Expression, key: &str) {
        if let Err(reason) = self.narrower(own, before, &mut Compared::new()) {
            let message = format!("`{key}` is not narrower than what it replaces: {reason}");
            self.diagnostics
                .error("wider-facet", own.span, message)
                .related(before.span, "what it inherits")
                .help(
                    "a type may only narrow the one that it inherits from (RAML 1.0, Inheritance)",
                );
        }
    }

    /// Whether every value of one type is of another.
    ///
    /// # Errors
    /// Says what the first one allows beyond the other.
    fn narrower(
        &mut self,
        own: &Expression,
        before: &Expression,
        compared: &mut Compared,
    ) -> Result<(), String> {
        if let (Form::Name(one), Form::Name(other)) = (&own.form, &before.form)
            && let (Some(one), Some(other)) = (
                self.declared_type(own.span, one),
                self.declared_type(before.span, other),
            )
            && Rc::ptr_eq(&one, &other)
        {
            return Ok(());
        }
        let (one, other) = (self.shape(own), self.shape(before));
        if one.faulty || other.faulty || !compared.insert((one.span, other.span)) {
            return Ok(());
        }
        if let Form::Name(name) = &before.form
            && let Some(ancestor) = self.declared_type(before.span, name)
            && one.descends_from(ancestor.name_span)
        {
            return Ok(());
        }
        match (one.kind, other.kind) {
            (_, Kind::Any) => Ok(()),
            (Kind::Union, _) => {
                let members = one.members.clone();
                members
                    .iter()
                    .try_for_each(|member| self.narrower(member, before, compared))
            }
            (_, Kind::Union) => {
                let members = other.members.clone();
                let fits = members
                    .iter()
                    .any(|member| self.narrower(own, member, compared).is_ok());
                match fits {
                    true => Ok(()),
                    false => Err(format!("`{}` is no part of the union", one.kind.name())),
                }
            }
            (left, right) if left == right || (left, right) == (Kind::Integer, Kind::Number) => {
                self.narrower_shape(&one, &other, compared)
            }
            (left, right) => Err(format!(
                "it is of the type `{}`, and that one of `{}`",
                left.name(),
                right.name()
            )),
        }
    }

    fn narrower_shape(
        &mut self,
        one: &Shape,
        other: &Shape,
        compared: &mut Compared,
    ) -> Result<(), String> {
        for (key, before) in &other.facets {
            match one.facet(key) {
                Some(own) if is_wider(key, own, before) != Some(true) => {}
                _ if key.starts_with("min") && is_zero(before) => {}
                _ => return Err(format!("`{key}` allows more")),
            }
        }
        for pattern in &other.patterns {
            if !one
                .patterns
                .iter()
                .any(|own| own.as_str() == pattern.as_str())
                && one.enumeration.is_none()
            {
                return Err("it lacks the `pattern`".to_owned());
            }
        }
        if let Some(before) = other.enumeration.as_ref().and_then(Node::as_sequence) {
            let own = one.enumeration.as_ref().and_then(Node::as_sequence);
            let listed = |item: &Node| before.iter().any(|known| equal(known, item));
            if !own.is_some_and(|own| own.iter().all(listed)) {
                return Err("`enum` does not list all of its values".to_owned());
            }
        }
        for before in other
            .properties
            .iter()
            .filter(|property| !property.is_pattern)
        {
            let own = one
                .properties
                .iter()
                .find(|own| own.name == before.name && !own.is_pattern);
            match own {
                Some(own) if before.required && !own.required => {
                    return Err(format!("its property `{}` is optional", before.name));
                }
                Some(own) => self
                    .narrower(&own.ty, &before.ty, compared)
                    .map_err(|reason| format!("in its property `{}`, {reason}", before.name))?,
                None if before.required => {
                    return Err(format!("it has no property `{}`", before.name));
                }
                None => {}
            }
        }
        if other.additional.is_some() && one.additional.is_none() {
            return Err("it allows additional properties".to_owned());
        }
        match (one.items.first(), other.items.first()) {
            (Some(own), Some(before)) => self
                .narrower(own, before, compared)
                .map_err(|reason| format!("in its items, {reason}")),
            (None, Some(_)) => Err("it says nothing of its items".to_owned()),
            _ => Ok(()),
        }
    }
}

fn join_objects(one: &mut Shape, other: &Shape, place: Span) {
    for property in &other.properties {
        let same = |known: &Property| {
            known.name == property.name && known.is_pattern == property.is_pattern
        };
        let Some(at) = one.properties.iter().position(same) else {
            one.properties.push(property.clone());
            continue;
        };
        let known = &mut one.properties[at];
        known.required |= property.required;
        if !same_expression(&known.ty, &property.ty) {
            // RAML 1.0, Multiple Inheritance: all restrictions of both are kept.
            let mut all = parts(&known.ty);
            all.extend(parts(&property.ty));
            known.ty = Expression::new(place, Form::All(all));
        }
    }
    one.additional = one.additional.take().or_else(|| other.additional.clone());
    for item in &other.items {
        if !one.items.iter().any(|known| same_expression(known, item)) {
            one.items.push(item.clone());
        }
    }
    if one.discriminator.is_none() {
        one.discriminator = other.discriminator.clone();
    }
}

/// The types that an expression asks a value to be of, all of them.
fn parts(expression: &Expression) -> Vec<Expression> {
    match &expression.form {
        Form::All(parts) => parts.clone(),
        _ => vec![expression.clone()],
    }
}

/// Whether two expressions are the same words at one place, or the same name in one file.
fn same_expression(one: &Expression, other: &Expression) -> bool {
    one.span == other.span
        || match (&one.form, &other.form) {
            (Form::Name(left), Form::Name(right)) => {
                left == right && one.span.file == other.span.file
            }
            _ => false,
        }
}

/// The values that stand in both lists; `None` when there is none.
fn common(one: &Node, other: &Node) -> Option<Node> {
    let (left, right) = (one.as_sequence()?, other.as_sequence()?);
    let both = left
        .iter()
        .filter(|value| right.iter().any(|known| equal(known, value)))
        .cloned()
        .collect::<Vec<_>>();
    (!both.is_empty()).then(|| build::list(one.span, both))
}

fn is_zero(node: &Node) -> bool {
    matches!(&node.value, Value::Number(text) if crate::model::decimal::compare(text, "0").is_eq())
}
