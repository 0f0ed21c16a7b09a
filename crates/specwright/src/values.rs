//! Values that a contract writes down, its examples and defaults, against its own schemas.
//!
//! Every keyword of [`model::Schema`](crate::model::Schema) is decided, with numbers compared by
//! their digits. Of the formats those are asserted that are plain to decide: the numeric ones,
//! dates and times, `uuid` and `byte`.

mod arrays;
mod combinations;
mod formats;
mod objects;
pub(crate) mod patterns;
mod scalars;

use crate::model::{Json, Schema, SchemaId};
use crate::yaml::{Node, Value};
use patterns::Engine;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// How many schemas may be applied inside one another before a check is given up.
const MAX_DEPTH: u32 = 600;

/// How many schemas one check may apply before it is given up.
const MAX_STEPS: u32 = 2_000_000;

/// One rule that a value breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where in the value, from its root.
    pub path: Vec<Step>,
    /// The keyword of the schema that is not satisfied.
    pub keyword: &'static str,
    /// What is wrong there, to follow the value's name: `must be at least 3`.
    pub message: String,
}

impl Violation {
    /// Where in the value, as a JSON pointer (RFC 6901); empty for the value itself.
    pub fn pointer(&self) -> String {
        let mut out = String::new();
        for step in &self.path {
            out.push('/');
            match step {
                Step::Key(key) => out.push_str(&key.replace('~', "~0").replace('/', "~1")),
                Step::Index(index) => out.push_str(&index.to_string()),
            }
        }
        out
    }
}

/// One step from a value to a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// To the member of an object.
    Key(String),
    /// To the item of an array.
    Index(usize),
}

/// What a check has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The value is valid.
    Valid,
    /// Every rule that it breaks, never empty.
    Invalid(Vec<Violation>),
    /// The schemas are too deeply or too often nested to decide.
    Undecided,
}

/// Checks values against the schemas of one contract; patterns are compiled at their first use.
pub struct Checker<'a> {
    schemas: &'a [Schema],
    patterns: RefCell<HashMap<&'a str, Option<Rc<Engine>>>>,
    /// Whether any schema looks at what others have evaluated; only then is it noted.
    evaluates: bool,
}

impl<'a> Checker<'a> {
    /// A checker over the arena that ids point into.
    pub fn new(schemas: &'a [Schema]) -> Self {
        let evaluates = schemas.iter().any(asks_for_unevaluated);
        Self {
            schemas,
            patterns: RefCell::default(),
            evaluates,
        }
    }

    /// Checks `value` against the schema `id`.
    pub fn check(&self, id: SchemaId, value: &Json) -> Verdict {
        let mut run = Run {
            checker: self,
            path: Vec::new(),
            violations: Vec::new(),
            broken: 0,
            silent: 0,
            depth: 0,
            steps: 0,
            given_up: false,
        };
        let valid = run.apply(id, value, &mut Evaluated::default());
        match (run.given_up, valid) {
            (true, _) => Verdict::Undecided,
            (false, true) => Verdict::Valid,
            (false, false) => Verdict::Invalid(run.violations),
        }
    }

    /// Whether `pattern` matches somewhere in `text`, `None` when it takes too many steps to say; a
    /// pattern that does not compile, which is reported elsewhere, matches everything.
    fn matches(&self, pattern: &'a str, text: &str) -> Option<bool> {
        let mut compiled = self.patterns.borrow_mut();
        let engine = compiled
            .entry(pattern)
            .or_insert_with(|| Engine::new(pattern).map(Rc::new));
        match engine.clone() {
            Some(engine) => engine.is_match(text),
            None => Some(true),
        }
    }
}

fn asks_for_unevaluated(schema: &Schema) -> bool {
    schema.unevaluated_items.is_some() || schema.unevaluated_properties.is_some()
}

/// Which members or items of the value at hand some schema has looked at (JSON Schema 2020-12,
/// section 7.7.1); empty while none was.
#[derive(Default)]
struct Evaluated(Vec<bool>);

impl Evaluated {
    fn mark(&mut self, index: usize) {
        if self.0.len() <= index {
            self.0.resize(index + 1, false);
        }
        self.0[index] = true;
    }

    fn has(&self, index: usize) -> bool {
        self.0.get(index).copied().unwrap_or_default()
    }

    fn join(&mut self, other: &Evaluated) {
        let marked = other.0.iter().enumerate().filter(|(_, marked)| **marked);
        for (index, _) in marked {
            self.mark(index);
        }
    }
}

/// One check on its way through value and schemas.
struct Run<'c, 'a> {
    checker: &'c Checker<'a>,
    path: Vec<Step>,
    violations: Vec<Violation>,
    /// How many rules were broken so far, those that are not told included.
    broken: usize,
    /// Above zero inside of branches whose violations are not told.
    silent: u32,
    depth: u32,
    steps: u32,
    given_up: bool,
}

impl<'a> Run<'_, 'a> {
    /// Applies one schema; answers whether the value is valid.
    fn apply(&mut self, id: SchemaId, value: &Json, evaluated: &mut Evaluated) -> bool {
        self.steps += 1;
        if self.given_up || self.depth >= MAX_DEPTH || self.steps >= MAX_STEPS {
            self.given_up = true;
            return true;
        }
        self.depth += 1;
        let schema = &self.checker.schemas[id.index()];
        let before = self.broken;
        if asks_for_unevaluated(schema) {
            let mut own = Evaluated::default();
            self.keywords(schema, value, &mut own);
            self.unevaluated(schema, value, &mut own);
            evaluated.join(&own);
        } else {
            self.keywords(schema, value, evaluated);
        }
        self.depth -= 1;
        self.broken == before
    }

    /// Whether `pattern` matches somewhere in `text`; a check that takes too many steps is given up.
    fn matches(&mut self, pattern: &'a str, text: &str) -> bool {
        let matched = self.checker.matches(pattern, text);
        self.given_up |= matched.is_none();
        matched != Some(false)
    }

    fn keywords(&mut self, schema: &'a Schema, value: &Json, evaluated: &mut Evaluated) {
        if schema.boolean == Some(false) {
            self.violate("false", || "is not allowed here".to_owned());
        }
        if let Some(target) = schema.reference {
            self.apply(target, value, evaluated);
        }
        let before = self.broken;
        self.general(schema, value);
        if self.broken > before {
            // What is of the wrong type or not among the values needs no further words.
            return;
        }
        match value {
            Json::Number(text) => self.number(schema, text),
            Json::String(text) => self.string(schema, text),
            Json::Array(items) => self.array(schema, items, evaluated),
            Json::Object(members) => self.object(schema, members, evaluated),
            Json::Null | Json::Bool(_) => {}
        }
        self.combinations(schema, value, evaluated);
    }

    fn unevaluated(&mut self, schema: &'a Schema, value: &Json, evaluated: &mut Evaluated) {
        match value {
            Json::Array(items) => self.unevaluated_items(schema, items, evaluated),
            Json::Object(members) => self.unevaluated_properties(schema, members, evaluated),
            _ => {}
        }
    }

    /// Applies a schema to a part of the value.
    fn apply_at(&mut self, step: impl FnOnce() -> Step, id: SchemaId, value: &Json) -> bool {
        self.path.push(step());
        let valid = self.apply(id, value, &mut Evaluated::default());
        self.path.pop();
        valid
    }

    /// Whether a schema fits, without a word about why not.
    fn fits(&mut self, id: SchemaId, value: &Json, evaluated: &mut Evaluated) -> bool {
        let before = self.broken;
        self.silent += 1;
        let mut own = Evaluated::default();
        let fits = self.apply(id, value, &mut own);
        self.silent -= 1;
        self.broken = before;
        if fits {
            evaluated.join(&own);
        }
        fits
    }

    fn violate(&mut self, keyword: &'static str, message: impl FnOnce() -> String) {
        self.broken += 1;
        if self.silent == 0 {
            self.violations.push(Violation {
                path: self.path.clone(),
                keyword,
                message: message(),
            });
        }
    }

    fn violate_at(&mut self, step: Step, keyword: &'static str, message: impl FnOnce() -> String) {
        self.path.push(step);
        self.violate(keyword, message);
        self.path.pop();
    }
}

/// A node of a document as a value.
pub(crate) fn of_node(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(text) => Json::Number(text.clone()),
        Value::String(text) => Json::String(text.clone()),
        Value::Sequence(items) => Json::Array(items.iter().map(of_node).collect()),
        Value::Mapping(members) => {
            let members = members.iter();
            let members = members.map(|entry| (entry.key.clone(), of_node(&entry.value)));
            Json::Object(members.collect())
        }
    }
}

/// A number of things in words: `1 item`, `3 items`.
fn counted(count: u64, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

/// A value in a message, cut when it is long.
pub(crate) fn shortened(value: &Json) -> String {
    let text = value.to_text();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}
