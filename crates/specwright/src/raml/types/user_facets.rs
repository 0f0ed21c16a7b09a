//! Facets that types declare for the types below them (RAML 1.0, User-defined Facets).

use super::Value;
use super::kinds::Kind;
use super::shape::{Property, Shape, UserFacet};
use crate::raml::Lowering;
use crate::source::Span;
use crate::yaml::{Entry, Mapping};

impl Lowering<'_> {
    pub(super) fn declare_facets(&mut self, shape: &mut Shape, members: &Mapping) {
        let Some(entry) = members.get("facets") else {
            return;
        };
        let Some(facets) = self.mapping(&entry.value, "`facets`").cloned() else {
            return;
        };
        if shape.kind == Kind::External {
            self.refuse_on_external(&Shape::clone(shape), entry);
            return;
        }
        for entry in facets.iter() {
            let facet = self.property_of(entry);
            self.types.facet_types.push(facet.ty.clone());
            if self.check_facet_name(shape, &facet) {
                shape.user_facets.push(UserFacet {
                    name: facet.name,
                    span: facet.span,
                    required: facet.required,
                    ty: facet.ty,
                });
            }
        }
    }

    /// Has the types of facets checked, set or not. A type may name itself in its facets, so that this
    /// waits until every type is worked out.
    pub(super) fn check_facet_types(&mut self) {
        for ty in std::mem::take(&mut self.types.facet_types) {
            let schema = self.schema_of(&ty);
            self.types.values.push(Value {
                schema,
                value: None,
                what: String::new(),
            });
        }
        // Nothing inherits from a type that is written here, so that its own facets are never set.
        self.types.facet_types.clear();
    }

    /// RAML 1.0, User-defined Facets: what the name of one cannot be.
    fn check_facet_name(&mut self, shape: &Shape, facet: &Property) -> bool {
        let name = &facet.name;
        let above = shape.user_facets.iter().find(|user| user.name == *name);
        let fault = if name.starts_with('(') {
            Some("begins with a parenthesis, as annotations do".to_owned())
        } else if shape.kind.has(name) {
            Some(format!(
                "is a facet of the type `{}` already",
                shape.kind.name()
            ))
        } else if above.is_some() {
            Some("is declared by a type above already".to_owned())
        } else {
            None
        };
        let Some(fault) = fault else { return true };
        let message = format!("the facet name `{name}` {fault}");
        let diagnostic = self
            .diagnostics
            .error("invalid-facet-name", facet.span, message);
        if let Some(above) = above {
            diagnostic.related(above.span, "the other one");
        }
        diagnostic.help("choose another name");
        false
    }

    pub(super) fn set_user_facet(&mut self, shape: &mut Shape, user: &UserFacet, entry: &Entry) {
        let what = format!("the facet `{}`", user.name);
        self.check_later(&user.ty, &entry.value, &what);
        shape.user_values.retain(|(name, _)| *name != user.name);
        shape
            .user_values
            .push((user.name.clone(), entry.value.clone()));
    }

    pub(super) fn check_required_facets(
        &mut self,
        shape: &Shape,
        needed: &[UserFacet],
        place: Span,
    ) {
        for user in needed.iter().filter(|user| user.required) {
            if shape.user_values.iter().any(|(name, _)| *name == user.name) || shape.faulty {
                continue;
            }
            let message = format!("the facet `{}` must be set here", user.name);
            self.diagnostics
                .error("missing-key", place, message)
                .related(user.span, "a type above asks for it")
                .help(format!(
                    "add `{}`, or declare it as `{}?`",
                    user.name, user.name
                ));
        }
    }
}
