//! A type with everything that it inherits.

use super::expression::{Expression, Form};
use super::kinds::Kind;
use super::{External, Untyped};
use crate::raml::Lowering;
use crate::raml::scope::{self, Declared};
use crate::source::Span;
use crate::suggest;
use crate::yaml::Node;
use std::collections::HashSet;
use std::rc::Rc;

/// How long a chain of inheritance may be.
const MAX_PARENTS: usize = 100;

/// How often types are joined or narrowed in one contract.
const MAX_COMBINED: usize = 20_000;

/// What a type means once inheritance is worked out. Properties, items and members are expressions
/// still, because types may contain themselves.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub span: Span,
    pub kind: Kind,
    /// Facets with one value, the narrowest one: `minLength`, `format`, `uniqueItems` and so on.
    pub facets: Vec<(&'static str, Node)>,
    /// Every `pattern` of the chain; a value matches all of them.
    pub patterns: Vec<Node>,
    /// Divisors beside `multipleOf`.
    pub divisors: Vec<Node>,
    pub enumeration: Option<Node>,
    /// The parents' first.
    pub properties: Vec<Property>,
    /// `additionalProperties`, when it is not true.
    pub additional: Option<Node>,
    /// An array's items are of all these types.
    pub items: Vec<Expression>,
    /// Of a union.
    pub members: Vec<Expression>,
    pub discriminator: Option<Discriminator>,
    /// Facets that types below this one may or must set.
    pub user_facets: Vec<UserFacet>,
    pub user_values: Vec<(String, Node)>,
    pub default: Option<Node>,
    pub xml: Option<Node>,
    /// Every declared type above this one, nearest first.
    pub ancestors: Vec<Rc<Declared>>,
    pub external: Option<External>,
    /// Something about it was reported, so that nothing more is said.
    pub faulty: bool,
}

/// A property or pattern property.
#[derive(Clone, Debug)]
pub(crate) struct Property {
    /// Without the question mark or the slashes.
    pub name: String,
    pub span: Span,
    pub required: bool,
    /// Whether the name is a regular expression.
    pub is_pattern: bool,
    pub ty: Expression,
}

/// The property that tells which type an object is of.
#[derive(Clone, Debug)]
pub(crate) struct Discriminator {
    pub property: String,
    pub span: Span,
}

/// A facet that a type declares for the types below it.
#[derive(Clone, Debug)]
pub(crate) struct UserFacet {
    pub name: String,
    pub span: Span,
    pub required: bool,
    pub ty: Expression,
}

impl Shape {
    /// A type of a kind, without any facet.
    pub fn plain(span: Span, kind: Kind) -> Self {
        Self {
            span,
            kind,
            facets: Vec::new(),
            patterns: Vec::new(),
            divisors: Vec::new(),
            enumeration: None,
            properties: Vec::new(),
            additional: None,
            items: Vec::new(),
            members: Vec::new(),
            discriminator: None,
            user_facets: Vec::new(),
            user_values: Vec::new(),
            default: None,
            xml: None,
            ancestors: Vec::new(),
            external: None,
            faulty: false,
        }
    }

    /// What stands for a type about which something was reported.
    pub fn faulty(span: Span) -> Self {
        Self {
            faulty: true,
            ..Self::plain(span, Kind::Any)
        }
    }

    /// The value of a facet that has one.
    pub fn facet(&self, name: &str) -> Option<&Node> {
        let found = self.facets.iter().find(|(known, _)| *known == name);
        found.map(|(_, node)| node)
    }

    /// Sets a facet that has one value.
    pub fn set(&mut self, name: &'static str, value: Node) {
        match self.facets.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.facets.push((name, value)),
        }
    }

    /// Whether a declared type is this one's ancestor.
    pub fn descends_from(&self, name_span: Span) -> bool {
        self.ancestors.iter().any(|one| one.name_span == name_span)
    }
}

impl Lowering<'_> {
    /// The shape of a type as it is written somewhere.
    pub(crate) fn shape(&mut self, expression: &Expression) -> Rc<Shape> {
        let span = expression.span;
        match &expression.form {
            Form::Name(name) => match self.declared_type(span, name) {
                Some(declared) => self.declared_shape(&declared, span),
                None => match Kind::named(name) {
                    Some(kind) => Rc::new(Shape::plain(span, kind)),
                    None => {
                        self.unknown_type(span, name);
                        Rc::new(Shape::faulty(span))
                    }
                },
            },
            Form::Array(item) => {
                // RAML 1.0: an array of itself, written as an expression, has no end.
                let inner = self.shape(item);
                self.refuse_external(&inner, item.span, "the items of an array");
                let mut shape = Shape::plain(span, Kind::Array);
                shape.items.push(Expression::clone(item));
                Rc::new(shape)
            }
            Form::Union(members) => Rc::new(self.union(span, members)),
            Form::All(parents) if self.may_combine(span) => Rc::new(self.join_all(span, parents)),
            Form::Declaration(node, untyped) => {
                Rc::new(self.declaration_shape(node, *untyped, None))
            }
            Form::Narrowed(base, facets) if self.may_combine(span) => {
                let base = self.shape(base);
                Rc::new(self.narrowed(&base, facets))
            }
            Form::Refined(base, node) if self.may_combine(span) => {
                Rc::new(self.shape_under(base, node, None))
            }
            Form::External(node) => Rc::new(self.external_shape(node)),
            Form::Known(shape) => Rc::clone(shape),
            Form::All(_) | Form::Narrowed(..) | Form::Refined(..) | Form::Faulty => {
                Rc::new(Shape::faulty(span))
            }
        }
    }

    /// The kinds of the values of a type, for a union those of all its parts.
    pub(crate) fn kinds(&mut self, expression: &Expression) -> Vec<Kind> {
        let mut kinds = Vec::new();
        let mut seen = HashSet::new();
        let mut open = vec![expression.clone()];
        while let Some(next) = open.pop() {
            let shape = self.shape(&next);
            if shape.faulty || !seen.insert(shape.span) {
                continue;
            }
            match shape.kind {
                Kind::Union => open.extend(shape.members.iter().cloned()),
                kind => kinds.push(kind),
            }
        }
        kinds
    }

    /// Whether types may still be combined: unions of unions multiply.
    fn may_combine(&mut self, span: Span) -> bool {
        self.types.combined += 1;
        if self.types.combined == MAX_COMBINED {
            let message = format!("unions and parents make more than {MAX_COMBINED} combinations");
            self.diagnostics
                .error("too-large", span, message)
                .help("write fewer unions of unions with facets or several parents");
        }
        !self.is_exhausted()
    }

    /// Whether so many types were combined that no more are.
    pub(super) fn is_exhausted(&self) -> bool {
        self.types.combined >= MAX_COMBINED
    }

    fn union(&mut self, span: Span, members: &[Expression]) -> Shape {
        let mut shape = Shape::plain(span, Kind::Union);
        for member in members {
            let inner = self.shape(member);
            self.refuse_external(&inner, member.span, "a part of a union");
            shape.faulty |= inner.faulty;
            // A union of unions is one union, unless the inner one has a name of its own.
            match (&member.form, inner.kind) {
                (Form::Union(_), Kind::Union) => {
                    shape.members.extend(inner.members.iter().cloned())
                }
                _ => shape.members.push(member.clone()),
            }
        }
        shape
    }

    /// RAML 1.0, Using XML and JSON Schema: such a type takes no part in expressions.
    fn refuse_external(&mut self, shape: &Shape, span: Span, role: &str) {
        if shape.kind == Kind::External && !shape.faulty {
            let message = format!("a type that is defined by a schema cannot be {role}");
            self.diagnostics
                .error("external-type", span, message)
                .help("describe it as a RAML type, or write the array or union in the schema");
        }
    }

    /// The declared type of a name; built-in names are never declared.
    pub(crate) fn declared_type(&self, span: Span, name: &str) -> Option<Rc<Declared>> {
        if Kind::named(name).is_some() {
            return None;
        }
        self.find(scope::Kind::Type, &Self::anchor(span), name)
    }

    fn unknown_type(&mut self, span: Span, name: &str) {
        let known = super::kinds::BUILT_IN.map(|(name, _)| name);
        let anchor = Self::anchor(span);
        let in_scope = self.closest_type(&anchor, name);
        let built_in = suggest::closest(name, known).map(str::to_owned);
        let message = format!("no type is called `{name}`");
        let help = match (in_scope.or(built_in), name) {
            (_, "date") => {
                "write `date-only` for a date, `datetime` for a date and time".to_owned()
            }
            (_, "null") => "write `nil`".to_owned(),
            (Some(close), _) => format!("did you mean `{close}`?"),
            (None, _) => "declare it under `types`, or import the library that does".to_owned(),
        };
        self.diagnostics
            .error("unknown-name", span, message)
            .help(help);
    }

    /// The shape of a declared type, worked out once.
    pub(crate) fn declared_shape(&mut self, declared: &Rc<Declared>, used: Span) -> Rc<Shape> {
        let key = declared.name_span;
        if let Some(known) = self.types.shapes.get(&key) {
            return Rc::clone(known);
        }
        if self.types.open.contains(&key) {
            let message = format!("the type `{}` inherits from itself", declared.name);
            let diagnostic =
                self.diagnostics
                    .error("inheritance-cycle", declared.name_span, message);
            if used != declared.name_span {
                diagnostic.related(used, "by way of this");
            }
            diagnostic.help(
                "a type may contain itself in a property or in `items`, not be made of itself",
            );
            return Rc::new(Shape::faulty(used));
        }
        if self.types.open.len() >= MAX_PARENTS {
            let message =
                format!("types inherit from each other over more than {MAX_PARENTS} steps");
            self.diagnostics
                .error("too-deep", declared.name_span, message)
                .help("let it inherit from an earlier type directly");
            return Rc::new(Shape::faulty(used));
        }
        self.types.open.push(key);
        let shape = self.named_shape(declared);
        self.types.open.pop();
        let shape = Rc::new(shape);
        self.types.shapes.insert(key, Rc::clone(&shape));
        shape
    }

    fn named_shape(&mut self, declared: &Rc<Declared>) -> Shape {
        let expression = self.expression(&declared.node, Untyped::String);
        let mut shape = match &expression.form {
            Form::Declaration(node, untyped) => {
                self.declaration_shape(node, *untyped, Some(declared))
            }
            _ => {
                let inner = self.shape(&expression);
                let mut shape = Shape::clone(&inner);
                self.inherit_name(&mut shape, &expression);
                self.check_required_facets(&shape, &shape.user_facets.clone(), declared.name_span);
                shape
            }
        };
        shape.span = declared.name_span;
        shape
    }

    /// Adds the named parents of an expression to a shape's ancestors.
    pub(super) fn inherit_name(&mut self, shape: &mut Shape, expression: &Expression) {
        if let Form::Name(name) = &expression.form
            && let Some(parent) = self.declared_type(expression.span, name)
            && !shape.descends_from(parent.name_span)
        {
            shape.ancestors.insert(0, parent);
        }
    }
}
