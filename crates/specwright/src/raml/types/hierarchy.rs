//! Hierarchies of types that a discriminator tells apart.

use super::expression::{Expression, Form};
use super::reference;
use crate::model::Type;
use crate::raml::Lowering;
use crate::raml::build::{self, Object};
use crate::raml::scope::Declared;
use crate::source::Span;
use crate::yaml::Node;
use std::collections::HashMap;
use std::rc::Rc;

/// The declared types whose place in a hierarchy matters, by where their names are declared.
#[derive(Default)]
pub(super) struct Hierarchies {
    roles: HashMap<Span, Role>,
}

/// What a type is in its hierarchy.
#[derive(Clone)]
pub(super) struct Role {
    /// The discriminator's property.
    pub property: String,
    /// The component of objects of this very type.
    pub base: String,
    /// The value of the property, and the component, of the type itself and of every type below it.
    pub values: Vec<(String, String)>,
}

impl Hierarchies {
    pub fn role(&self, name_span: Span) -> Option<Role> {
        self.roles.get(&name_span).cloned()
    }
}

impl Lowering<'_> {
    /// Finds every hierarchy, once all types are worked out.
    pub(super) fn find_hierarchies(&mut self) {
        let all = self.types.declared.clone();
        let mut members: Vec<(String, Rc<Declared>, String)> = Vec::new();
        for (name, declared) in &all {
            let Some(shape) = self.types.shapes.get(&declared.name_span) else {
                continue;
            };
            if let Some(discriminator) = shape.discriminator.clone().filter(|_| !shape.faulty) {
                members.push((name.clone(), Rc::clone(declared), discriminator.property));
            }
        }
        let mut bases: HashMap<Span, (String, Vec<usize>)> = HashMap::new();
        for (name, declared, _) in &members {
            let below = self.below(declared, &members);
            let base = match below.is_empty() {
                true => name.clone(),
                false => self.free_name(&format!("{name}Base")),
            };
            bases.insert(declared.name_span, (base, below));
        }
        for (name, declared, property) in &members {
            let Some((base, below)) = bases.get(&declared.name_span) else {
                continue;
            };
            let mut values = vec![(self.discriminator_text(declared), base.clone())];
            for at in below {
                let (_, descendant, _) = &members[*at];
                if let Some((component, _)) = bases.get(&descendant.name_span) {
                    values.push((self.discriminator_text(descendant), component.clone()));
                }
            }
            self.check_distinct(name, declared, &values);
            self.check_discriminator_value(declared, property);
            let role = Role {
                property: property.clone(),
                base: base.clone(),
                values,
            };
            self.types
                .hierarchies
                .roles
                .insert(declared.name_span, role);
        }
    }

    fn below(&self, base: &Rc<Declared>, members: &[(String, Rc<Declared>, String)]) -> Vec<usize> {
        let indices = 0..members.len();
        indices
            .filter(|at| {
                let shape = self.types.shapes.get(&members[*at].1.name_span);
                shape.is_some_and(|shape| shape.descends_from(base.name_span))
            })
            .collect()
    }

    fn free_name(&self, name: &str) -> String {
        let mut free = name.to_owned();
        let mut number = 2;
        while self.types.declared.iter().any(|(known, _)| *known == free) {
            free = format!("{name}{number}");
            number += 1;
        }
        free
    }

    /// `discriminatorValue`, by default the type's name.
    fn discriminator_text(&self, declared: &Declared) -> String {
        let said = self.types.discriminator_values.get(&declared.name_span);
        said.map_or_else(|| declared.name.clone(), |(value, _)| value.clone())
    }

    fn check_distinct(&mut self, name: &str, declared: &Declared, values: &[(String, String)]) {
        for (at, (value, component)) in values.iter().enumerate() {
            let Some((_, other)) = values[..at].iter().find(|(known, _)| known == value) else {
                continue;
            };
            let message = format!(
                "two types below `{name}` have the discriminator value `{value}`: `{other}` and `{component}`"
            );
            self.diagnostics
                .error("conflicting-facets", declared.name_span, message)
                .help("give each of them a `discriminatorValue` of its own");
        }
    }

    /// RAML 1.0, Using Discriminator: the value of a type is one that its property may have.
    fn check_discriminator_value(&mut self, declared: &Declared, property: &str) {
        let said = self.types.discriminator_values.get(&declared.name_span);
        let shape = self.types.shapes.get(&declared.name_span);
        let (Some((text, written)), Some(shape)) = (said.cloned(), shape.cloned()) else {
            return;
        };
        let mut named = shape.properties.iter().filter(|one| !one.is_pattern);
        let Some(found) = named.find(|one| one.name == property) else {
            return;
        };
        // `discriminatorValue: 2` is the text `2` where the property holds texts.
        let value = match self.shape(&found.ty).kind.json() {
            Some(Type::String) => build::text(written.span, text),
            _ => written,
        };
        self.check_later(&found.ty, &value, "`discriminatorValue`");
    }

    /// Any object of a hierarchy: the type itself or one below it.
    pub(super) fn hierarchy_schema(&mut self, declared: &Rc<Declared>, own: &Node) -> Node {
        let span = declared.name_span;
        let mut out = Object::new(own.span);
        for key in ["title", "description"] {
            if let Some(entry) = own.as_mapping().and_then(|members| members.get(key)) {
                out.put(key, entry.key_span, entry.value.clone());
            }
        }
        if let Some(role) = self.types.hierarchies.role(span) {
            choose(&role.property, &role.values, span, &mut out);
        }
        out.finish()
    }

    /// A union of types that one discriminator tells apart; `None` when there is none.
    pub(super) fn discriminated_union(
        &mut self,
        members: &[Expression],
        span: Span,
    ) -> Option<Node> {
        let mut property: Option<String> = None;
        let mut values: Vec<(String, String)> = Vec::new();
        for member in members {
            let Form::Name(name) = &member.form else {
                return None;
            };
            let declared = self.declared_type(member.span, name)?;
            let role = self.types.hierarchies.role(declared.name_span)?;
            if property.get_or_insert_with(|| role.property.clone()) != &role.property {
                return None;
            }
            for (value, component) in role.values {
                match values.iter().find(|(known, _)| *known == value) {
                    Some((_, known)) if *known != component => return None,
                    Some(_) => {}
                    None => values.push((value, component)),
                }
            }
        }
        let mut out = Object::new(span);
        choose(&property?, &values, span, &mut out);
        Some(out.finish())
    }
}

fn choose(property: &str, values: &[(String, String)], span: Span, out: &mut Object) {
    let branches = values
        .iter()
        .map(|(_, component)| reference(span, component));
    out.set("oneOf", build::list(span, branches.collect()));
    let mut mapping = Object::new(span);
    for (value, component) in values {
        let target = reference(span, component);
        if let Some(target) = target.get("$ref") {
            mapping.put(value.clone(), span, target.clone());
        }
    }
    let mut discriminator = Object::new(span);
    discriminator.set("propertyName", build::text(span, property));
    discriminator.set("mapping", mapping.finish());
    out.set("discriminator", discriminator.finish());
}
