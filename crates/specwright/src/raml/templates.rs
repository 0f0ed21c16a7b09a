//! Parameters of resource types and traits: `<<name | !function>>`.

use super::Lowering;
use super::documents::measure;
use super::scope::ScopeId;
use super::words;
use crate::source::Span;
use crate::suggest;
use crate::yaml::{Entry, Mapping, Node, Value};
use std::collections::BTreeSet;

/// How many nodes values of parameters may add to a contract.
const MAX_FILLED: usize = 1_000_000;

/// How deep the value of a parameter may nest.
const MAX_HEIGHT: usize = 50;

/// How long a text with parameters may get, in bytes.
const MAX_TEXT: usize = 1 << 20;

/// One use of a resource type or trait: its name and the values of its parameters.
#[derive(Clone, Debug)]
pub(super) struct Application {
    pub name: String,
    /// The node that names it.
    pub node: Node,
    pub arguments: Mapping,
}

/// What the parameters of one application stand for.
pub(super) struct Arguments<'a> {
    /// As messages call it: ``the trait `paged` ``.
    pub what: String,
    pub application: &'a Application,
    /// The parameters that RAML itself gives: name, value.
    pub reserved: Vec<(&'static str, String)>,
    /// Where the resource stands, whose names are seen by texts made of parameters.
    pub scope: ScopeId,
    /// The parameters that were used.
    pub used: BTreeSet<String>,
    /// Those that had no value, so that each is reported once.
    pub missing: BTreeSet<String>,
}

impl Lowering<'_> {
    /// Reads a name with or without parameters: `paged`, or `paged: {maxPages: 10}`.
    pub(super) fn application(&mut self, node: &Node, what: &str) -> Option<Application> {
        match &node.value {
            Value::String(name) if node.tag.is_none() => Some(Application {
                name: name.clone(),
                node: node.clone(),
                arguments: Mapping::default(),
            }),
            Value::Mapping(members) if members.len() == 1 => {
                let entry = members.iter().next()?;
                let arguments = match entry.value.value {
                    Value::Null => Mapping::default(),
                    _ => self.mapping(&entry.value, "the parameters")?.clone(),
                };
                Some(Application {
                    name: entry.key.clone(),
                    node: Node {
                        span: entry.key_span,
                        value: Value::String(entry.key.clone()),
                        tag: None,
                    },
                    arguments,
                })
            }
            _ => {
                let message = format!("{what} is named here, and this is {}", node.kind());
                self.diagnostics
                    .error("wrong-type", node.span, message)
                    .help("write its name, or `{name: {parameter: value}}`");
                None
            }
        }
    }

    /// The same tree with every parameter replaced. Recursion is bounded by the depth limit.
    pub(super) fn fill(&mut self, node: &Node, arguments: &mut Arguments<'_>) -> Node {
        let value = match &node.value {
            Value::String(text) if text.contains("<<") => {
                return self.fill_text(node, text, arguments);
            }
            Value::Sequence(items) => Value::Sequence(
                items
                    .iter()
                    .map(|item| self.fill(item, arguments))
                    .collect(),
            ),
            Value::Mapping(members) => {
                let mut filled = Mapping::default();
                for entry in members.iter() {
                    let entry = self.fill_entry(entry, arguments);
                    filled.put(entry);
                }
                Value::Mapping(filled)
            }
            other => other.clone(),
        };
        Node {
            span: node.span,
            value,
            tag: node.tag.clone(),
        }
    }

    /// A member with the parameters of its key and value replaced.
    pub(super) fn fill_entry(&mut self, entry: &Entry, arguments: &mut Arguments<'_>) -> Entry {
        let key = match entry.key.contains("<<") {
            true => self.interpolate(&entry.key, entry.key_span, arguments),
            false => entry.key.clone(),
        };
        Entry {
            key,
            key_span: entry.key_span,
            value: self.fill(&entry.value, arguments),
        }
    }

    fn fill_text(&mut self, node: &Node, text: &str, arguments: &mut Arguments<'_>) -> Node {
        // A parameter that is the whole value stands for whatever was given, of any type.
        if let Some(name) = whole(text)
            && let Some(entry) = arguments.application.arguments.get(name)
        {
            arguments.used.insert(name.to_owned());
            let value = entry.value.clone();
            return match self.fits(&value, arguments) {
                true => value,
                false => super::build::node(node.span, Value::Null),
            };
        }
        self.given.insert(node.span, arguments.scope);
        Node {
            span: node.span,
            value: Value::String(self.interpolate(text, node.span, arguments)),
            tag: node.tag.clone(),
        }
    }

    /// Values that are handed on from one resource type to the next may grow without end.
    fn fits(&mut self, value: &Node, arguments: &Arguments<'_>) -> bool {
        let (nodes, height) = measure(value);
        self.filled_nodes += nodes;
        if self.filled_nodes > MAX_FILLED && self.filled_nodes - nodes <= MAX_FILLED {
            let message = format!("values of parameters add more than {MAX_FILLED} nodes");
            let at = arguments.application.node.span;
            self.diagnostics
                .error("too-large", at, message)
                .help("pass shorter values on, or apply the template less often");
        }
        if height > MAX_HEIGHT {
            let message = format!("the value of a parameter nests deeper than {MAX_HEIGHT} levels");
            let at = arguments.application.node.span;
            self.diagnostics
                .error("too-deep", at, message)
                .help("pass a value of fewer levels");
        }
        self.filled_nodes <= MAX_FILLED && height <= MAX_HEIGHT
    }

    fn interpolate(&mut self, text: &str, span: Span, arguments: &mut Arguments<'_>) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("<<") {
            let Some((inside, after)) = after.split_once(">>") else {
                break;
            };
            out.push_str(before);
            out.push_str(&self.parameter_text(inside, span, arguments));
            if out.len() > MAX_TEXT {
                let message = format!("parameters make a text of more than {MAX_TEXT} bytes");
                self.diagnostics
                    .error("too-large", span, message)
                    .help("pass shorter values on");
                return String::new();
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }

    fn parameter_text(
        &mut self,
        inside: &str,
        span: Span,
        arguments: &mut Arguments<'_>,
    ) -> String {
        let mut parts = inside.split('|').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let mut value = self.argument(name, span, arguments).unwrap_or_default();
        for function in parts {
            match words::apply(function, &value) {
                Some(changed) => value = changed,
                None => self.unknown_function(function, span),
            }
        }
        value
    }

    fn argument(
        &mut self,
        name: &str,
        span: Span,
        arguments: &mut Arguments<'_>,
    ) -> Option<String> {
        if let Some(entry) = arguments.application.arguments.get(name) {
            arguments.used.insert(name.to_owned());
            let what = format!("the parameter `{name}`, as it is used here,");
            return Some(self.text_of(&entry.value, &what)?.0);
        }
        if let Some((_, value)) = arguments.reserved.iter().find(|(known, _)| *known == name) {
            return Some(value.clone());
        }
        if !arguments.missing.insert(name.to_owned()) {
            return None;
        }
        let given = arguments.application.arguments.iter();
        let given = given.map(|entry| entry.key.as_str());
        let message = format!("{} needs a value for `{name}`", arguments.what);
        let help = match (name.contains('!'), suggest::closest(name, given)) {
            (true, _) => "a function stands behind a bar: `<<name | !function>>`".to_owned(),
            (_, Some(close)) => format!("did you mean `{close}`?"),
            _ => format!("write `{}: {{{name}: …}}`", arguments.application.name),
        };
        let at = arguments.application.node.span;
        self.diagnostics
            .error("missing-parameter", at, message)
            .related(span, "used here")
            .help(help);
        None
    }

    fn unknown_function(&mut self, function: &str, span: Span) {
        let message = format!("`{function}` is no function of parameters");
        let help = match suggest::closest(function, words::FUNCTIONS) {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("it is one of {}", words::FUNCTIONS.join(", ")),
        };
        self.diagnostics
            .error("unknown-function", span, message)
            .help(help);
    }

    /// Reports values that no parameter takes.
    pub(super) fn report_unused(&mut self, arguments: &Arguments<'_>, declaration: &Node) {
        if !arguments.missing.is_empty() {
            return;
        }
        let mut known = BTreeSet::new();
        parameters(declaration, &mut known);
        for entry in arguments.application.arguments.iter() {
            if known.contains(&entry.key) {
                continue;
            }
            let message = format!("{} has no parameter `{}`", arguments.what, entry.key);
            let close = suggest::closest(&entry.key, known.iter().map(String::as_str));
            let diagnostic = self
                .diagnostics
                .warning("unknown-parameter", entry.key_span, message);
            match close {
                Some(close) => diagnostic.help(format!("did you mean `{close}`?")),
                None => diagnostic.help("remove it"),
            };
        }
    }
}

/// The parameter that a text is, when it is nothing else.
fn whole(text: &str) -> Option<&str> {
    let name = text.trim().strip_prefix("<<")?.strip_suffix(">>")?.trim();
    (!name.contains(['|', '<', '>'])).then_some(name)
}

/// Collects the names of the parameters in a declaration. Recursion is bounded by the depth limit.
fn parameters(node: &Node, names: &mut BTreeSet<String>) {
    match &node.value {
        Value::String(text) => parameters_of(text, names),
        Value::Sequence(items) => items.iter().for_each(|item| parameters(item, names)),
        Value::Mapping(members) => members.iter().for_each(|entry| {
            parameters_of(&entry.key, names);
            parameters(&entry.value, names);
        }),
        _ => {}
    }
}

fn parameters_of(text: &str, names: &mut BTreeSet<String>) {
    for rest in text.split("<<").skip(1) {
        if let Some((inside, _)) = rest.split_once(">>") {
            let name = inside.split('|').next().unwrap_or_default();
            names.insert(name.trim().to_owned());
        }
    }
}
