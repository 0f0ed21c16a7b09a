//! Type expressions: `Person`, `string[]`, `(Cat | Dog)[]`, `integer?`.

use super::Untyped;
use super::shape::Shape;
use crate::raml::{Lowering, build};
use crate::source::Span;
use crate::yaml::{Node, Value};
use std::ops::Range;
use std::rc::Rc;

/// How deep parentheses may nest.
const MAX_NESTING: usize = 100;

/// A type as it is written somewhere.
#[derive(Clone, Debug)]
pub(crate) struct Expression {
    pub span: Span,
    pub form: Form,
}

/// The ways to write a type.
#[derive(Clone, Debug)]
pub(crate) enum Form {
    /// The name of a built-in or declared type.
    Name(String),
    /// `Item[]`
    Array(Rc<Expression>),
    /// `A | B`
    Union(Vec<Expression>),
    /// `[A, B]`: what fits all of them.
    All(Vec<Expression>),
    /// A declaration written in place.
    Declaration(Rc<Node>, Untyped),
    /// A type with facets that were written for it elsewhere.
    Narrowed(Rc<Expression>, Rc<Node>),
    /// The declaration of a property that says no type, under the one that it replaces.
    Refined(Rc<Expression>, Rc<Node>),
    /// The text of a JSON Schema or an XML schema.
    External(Rc<Node>),
    /// A type that is worked out already.
    Known(Rc<Shape>),
    /// What could not be read, which was reported.
    Faulty,
}

impl Expression {
    pub fn new(span: Span, form: Form) -> Self {
        Self { span, form }
    }
}

impl Lowering<'_> {
    /// What a node that stands for a type says.
    pub(crate) fn expression(&mut self, node: &Node, untyped: Untyped) -> Expression {
        let span = node.span;
        match &node.value {
            Value::Null => Expression::new(span, Form::Name(untyped.name().to_owned())),
            Value::String(text) if is_schema_text(node, text) => {
                Expression::new(span, Form::External(Rc::new(node.clone())))
            }
            Value::String(text) => self.parse_expression(node, text),
            Value::Sequence(items) if items.is_empty() => {
                self.diagnostics
                    .error("wrong-type", span, "the list names no type")
                    .help("name at least one type");
                Expression::new(span, Form::Faulty)
            }
            Value::Sequence(items) => {
                let mut parts = items
                    .iter()
                    .map(|item| self.listed(item))
                    .collect::<Vec<_>>();
                match (parts.len(), parts.pop()) {
                    (1, Some(only)) => only,
                    (_, last) => {
                        parts.extend(last);
                        Expression::new(span, Form::All(parts))
                    }
                }
            }
            Value::Mapping(_) => {
                Expression::new(span, Form::Declaration(Rc::new(node.clone()), untyped))
            }
            Value::Bool(_) | Value::Number(_) => {
                self.wrong_type(node, "a type", "a name, an expression or a declaration");
                Expression::new(span, Form::Faulty)
            }
        }
    }

    /// RAML 1.0, Multiple Inheritance: the list holds names and expressions.
    fn listed(&mut self, item: &Node) -> Expression {
        match &item.value {
            Value::String(_) | Value::Mapping(_) => self.expression(item, Untyped::String),
            _ => {
                self.wrong_type(
                    item,
                    "an item of a list of types",
                    "a name or an expression",
                );
                Expression::new(item.span, Form::Faulty)
            }
        }
    }

    fn parse_expression(&mut self, node: &Node, text: &str) -> Expression {
        let mut parser = Parser {
            text,
            at: 0,
            depth: 0,
            place: self.place_of_text(node, text),
        };
        let parsed = parser.union().and_then(|found| match parser.rest() {
            "" => Ok(found),
            _ => Err(parser.unexpected()),
        });
        match parsed {
            Ok(expression) => expression,
            Err(fault) => {
                let message = format!("`{}` is no type expression: {}", text.trim(), fault.what);
                self.diagnostics
                    .error("invalid-type-expression", fault.span, message)
                    .help("write a name, `Item[]` for an array, `A | B` for a union, and parentheses around parts");
                Expression::new(node.span, Form::Faulty)
            }
        }
    }

    /// How positions in a string relate to the source; `None` when it is not written as it is.
    fn place_of_text(&self, node: &Node, text: &str) -> Place {
        let span = node.span;
        let source = &self.sources.get(span.file).text;
        let written = source
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default();
        let quotes = usize::from(written.starts_with(['"', '\'']));
        let same = written
            .get(quotes..)
            .is_some_and(|rest| rest.starts_with(text));
        Place {
            span,
            offset: same.then(|| span.start + quotes as u32),
        }
    }
}

/// Whether a text is a schema in another language (RAML 1.0, Defining Types: JSON and XSD).
pub(crate) fn is_schema_text(node: &Node, text: &str) -> bool {
    node.tag
        .as_deref()
        .is_some_and(|tag| tag.starts_with("!include"))
        || text.trim_start().starts_with(['{', '<'])
}

struct Place {
    span: Span,
    offset: Option<u32>,
}

impl Place {
    fn of(&self, range: Range<usize>) -> Span {
        match self.offset {
            Some(offset) => Span {
                start: offset + range.start as u32,
                end: offset + range.end as u32,
                ..self.span
            },
            None => self.span,
        }
    }
}

struct Fault {
    span: Span,
    what: String,
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    place: Place,
}

impl Parser<'_> {
    fn rest(&mut self) -> &str {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        &self.text[self.at..]
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    /// `A | B | C`
    fn union(&mut self) -> Result<Expression, Fault> {
        self.rest();
        let start = self.at;
        let mut members = vec![self.postfix()?];
        while self.take("|") {
            members.push(self.postfix()?);
        }
        let last = members.pop();
        Ok(match (members.is_empty(), last) {
            (true, Some(only)) => only,
            (_, last) => {
                members.extend(last);
                let end = self.text[..self.at].trim_end().len();
                Expression::new(self.place.of(start..end), Form::Union(members))
            }
        })
    }

    /// `A[]`, `A?` and repetitions of these.
    fn postfix(&mut self) -> Result<Expression, Fault> {
        self.rest();
        let start = self.at;
        let mut found = self.primary()?;
        loop {
            let form = if self.take("[") {
                if !self.take("]") {
                    return Err(self.unexpected());
                }
                Form::Array(Rc::new(found))
            } else if self.take("?") {
                // RAML 1.0, Nil Type: `A?` is short for `A | nil`.
                let at = self.place.of(self.at - 1..self.at);
                Form::Union(vec![
                    found,
                    Expression::new(at, Form::Name("nil".to_owned())),
                ])
            } else {
                return Ok(found);
            };
            found = Expression::new(self.place.of(start..self.at), form);
        }
    }

    fn primary(&mut self) -> Result<Expression, Fault> {
        if self.take("(") {
            self.depth += 1;
            if self.depth > MAX_NESTING {
                return Err(self.fault("its parentheses nest too deeply".to_owned()));
            }
            let inner = self.union()?;
            if !self.take(")") {
                return Err(self.fault("a parenthesis is not closed".to_owned()));
            }
            self.depth -= 1;
            return Ok(inner);
        }
        let rest = self.rest();
        let length = rest
            .find(|character: char| character.is_whitespace() || "()[]|?{},".contains(character))
            .unwrap_or(rest.len());
        if length == 0 {
            return Err(self.unexpected());
        }
        let range = self.at..self.at + length;
        self.at = range.end;
        let name = self.text[range.clone()].to_owned();
        Ok(Expression::new(self.place.of(range), Form::Name(name)))
    }

    fn unexpected(&mut self) -> Fault {
        let what = match self.rest().chars().next() {
            Some(found) => format!("`{found}` cannot stand here"),
            None => "something is missing at its end".to_owned(),
        };
        self.fault(what)
    }

    fn fault(&mut self, what: String) -> Fault {
        let length = self.rest().chars().next().map_or(0, char::len_utf8);
        Fault {
            span: self.place.of(self.at..self.at + length),
            what,
        }
    }
}

impl Lowering<'_> {
    /// A node that only tells where a name was written.
    pub(super) fn anchor(span: Span) -> Node {
        build::node(span, Value::Null)
    }
}
