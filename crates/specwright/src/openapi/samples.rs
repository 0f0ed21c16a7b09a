//! Examples and defaults against the schemas that they stand for.

use super::Lowering;
use super::documents::{At, address};
use crate::diag::Severity;
use crate::model::{Dialect, Json, SchemaId, Type};
use crate::source::Span;
use crate::values::{Checker, Step, Verdict, Violation, of_node, shortened};
use crate::yaml::{Node, UNCHECKED, Value};
use std::collections::HashSet;

/// How many rules that one value breaks are told.
const TOLD: usize = 4;

/// One value that the contract writes down for a schema.
pub(super) struct Sample<'a> {
    node: &'a Node,
    schema: SchemaId,
    kind: Kind<'a>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind<'a> {
    Default,
    /// Of a schema.
    Example,
    /// Of a schema that stands beside the document.
    Value(&'a str),
    /// Of a parameter, header or body: possibly a text that holds the value as it is sent.
    SentExample,
}

impl<'a> Lowering<'a, '_> {
    /// Notes the samples of a schema.
    pub(super) fn schema_samples(&mut self, schema: SchemaId, at: &At<'a>) {
        let mut note = |node: &'a Node, kind| self.samples.push(Sample { node, schema, kind });
        if let Some(node) = at.node.get("default") {
            note(node, Kind::Default);
        }
        if let Some(node) = at.node.get("example") {
            note(node, Kind::Example);
        }
        for node in at
            .node
            .get("examples")
            .and_then(Node::as_sequence)
            .into_iter()
            .flatten()
        {
            note(node, Kind::Example);
        }
    }

    /// The `example` and `examples` of a parameter, header or media type; their form alone is
    /// checked where there is no schema to check them against.
    pub(super) fn examples(&mut self, at: &At<'a>, schema: Option<SchemaId>) {
        self.either(at, "example", "examples");
        let mut nodes = Vec::new();
        nodes.extend(at.node.get("example"));
        let examples = self.map(at, "examples");
        for (_, example) in examples.into_iter().flat_map(|examples| examples.members()) {
            let example = self.example(example);
            nodes.extend(example.and_then(|example| example.node.get("value")));
        }
        let Some(schema) = schema else { return };
        let kind = Kind::SentExample;
        let samples = nodes.into_iter().map(|node| Sample { node, schema, kind });
        self.samples.extend(samples);
    }

    /// Notes the values that stand outside of the document.
    pub(super) fn values(&mut self) {
        let documents = self.documents;
        for value in documents.values() {
            let schema = self.schema(At::root(&value.schema));
            let kind = Kind::Value(&value.what);
            let sample = |node| Sample { node, schema, kind };
            self.samples.extend(value.value.as_ref().map(sample));
        }
        self.finish_schemas();
    }

    /// Checks every sample; schemas that never end must have been refused before.
    pub(super) fn check_samples(&mut self) {
        let samples = std::mem::take(&mut self.samples);
        let schemas = std::mem::take(&mut self.schemas);
        let checker = Checker::new(&schemas);
        let mut seen = HashSet::new();
        let mut without_default = Vec::new();
        for sample in samples {
            if !seen.insert((address(sample.node), sample.schema)) || is_left_out(sample.node) {
                continue;
            }
            let value = of_node(sample.node);
            match verdict(&checker, &sample, &value, &schemas[sample.schema.index()]) {
                Verdict::Valid => {}
                Verdict::Undecided => self.report_undecided(&sample),
                Verdict::Invalid(_) if self.is_no_default(&sample, &value) => {
                    self.report_null_default(&sample);
                    without_default.push(sample.schema);
                }
                Verdict::Invalid(violations) => {
                    let schema = &schemas[sample.schema.index()];
                    let severity = self.severity(&sample, schema, &violations);
                    self.report_sample(&sample, &value, severity, &violations);
                }
            }
        }
        self.schemas = schemas;
        for id in without_default {
            self.schemas[id.index()].default = None;
        }
    }

    /// Programs that write contracts print `default: null` for what has no default.
    fn is_no_default(&self, sample: &Sample<'a>, value: &Json) -> bool {
        matches!(sample.kind, Kind::Default)
            && *value == Json::Null
            && self.dialect != Dialect::Raml10
    }

    fn report_null_default(&mut self, sample: &Sample<'a>) {
        let message = "the schema does not allow null, so `default: null` says that there is none";
        self.diagnostics
            .warning("null-default", sample.node.span, message)
            .help("leave `default` out, or let the schema allow null");
    }

    /// OAS 3.1, Schema Object: a default must be of the type, an example should match the schema.
    fn severity(
        &self,
        sample: &Sample<'a>,
        schema: &crate::model::Schema,
        violations: &[Violation],
    ) -> Severity {
        let own = |one: &Violation| {
            one.path.is_empty()
                && match one.keyword {
                    "type" => schema.types.is_some(),
                    "enum" => schema.enumeration.is_some(),
                    "const" => schema.constant.is_some(),
                    _ => false,
                }
        };
        match sample.kind {
            Kind::Default if violations.iter().any(own) => Severity::Error,
            _ if self.dialect == Dialect::Raml10 => Severity::Error,
            _ => Severity::Warning,
        }
    }

    fn report_sample(
        &mut self,
        sample: &Sample<'a>,
        value: &Json,
        severity: Severity,
        violations: &[Violation],
    ) {
        let Some((first, others)) = violations.split_first() else {
            return;
        };
        let (code, noun) = match sample.kind {
            Kind::Default => ("invalid-default", "the default"),
            Kind::Value(what) => ("invalid-value", what),
            Kind::Example | Kind::SentExample => ("invalid-example", "the example"),
        };
        let message = match (first.path.is_empty(), sample.kind) {
            (true, Kind::Value(_)) => {
                format!("{noun}, {}, {}", shortened(value), first.message)
            }
            (true, _) => format!("{noun} {} {}", shortened(value), first.message),
            (false, _) => format!("`{}` in {noun} {}", first.pointer(), first.message),
        };
        let place = place(sample.node, &first.path);
        let diagnostic = match severity {
            Severity::Error => self.diagnostics.error(code, place, message),
            Severity::Warning => self.diagnostics.warning(code, place, message),
        };
        for other in others.iter().take(TOLD - 1) {
            let what = match other.path.is_empty() {
                true => "it".to_owned(),
                false => format!("`{}`", other.pointer()),
            };
            let place = self::place(sample.node, &other.path);
            diagnostic.related(place, format!("{what} {}", other.message));
        }
        let schema = match self.dialect {
            Dialect::Raml10 => "its type",
            _ => "the schema",
        };
        let noun = match sample.kind {
            Kind::Value(_) => "the value",
            _ => noun,
        };
        let more = others.len().saturating_sub(TOLD - 1);
        diagnostic.help(match more {
            0 => format!("correct {noun} or {schema}"),
            _ => format!("correct {noun} or {schema}; it breaks {more} more of its rules"),
        });
    }

    fn report_undecided(&mut self, sample: &Sample<'a>) {
        self.diagnostics
            .warning(
                "unchecked-example",
                sample.node.span,
                "the schema is nested too deeply, or its patterns take too many steps, to check this value against it",
            )
            .help("make sure yourself that it fits, or give the schema fewer levels");
    }
}

/// Whether the front end that made the node asks not to check it, or nobody could read it.
fn is_left_out(node: &Node) -> bool {
    node.tag.as_deref() == Some(UNCHECKED) || node.is_unreadable()
}

fn verdict(
    checker: &Checker<'_>,
    sample: &Sample<'_>,
    value: &Json,
    schema: &crate::model::Schema,
) -> Verdict {
    let verdict = checker.check(sample.schema, value);
    let Verdict::Invalid(violations) = &verdict else {
        return verdict;
    };
    let (Kind::SentExample, Json::String(text)) = (sample.kind, value) else {
        return verdict;
    };
    if !violations
        .iter()
        .any(|one| one.path.is_empty() && one.keyword == "type")
    {
        return verdict;
    }
    // OAS 3.1, Parameter Object: an example is in the format of the parameter's encoding, so that
    // `a,b` may stand for an array and `5` for a number.
    let sent = match text.as_str() {
        "true" => Json::Bool(true),
        "false" => Json::Bool(false),
        "null" => Json::Null,
        text if is_number(text) => Json::Number(text.to_owned()),
        _ => {
            let scalar = [Type::Boolean, Type::Integer, Type::Number];
            let plain = schema.types.is_some_and(|types| {
                types
                    .iter()
                    .all(|ty| scalar.contains(&ty) || ty == Type::Null)
            });
            return match plain {
                true => verdict,
                false => Verdict::Valid,
            };
        }
    };
    checker.check(sample.schema, &sent)
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.starts_with(|first: char| first.is_ascii_digit()) && text.parse::<f64>().is_ok()
}

/// Where in the contract the part of a value stands; the nearest part that has a place.
fn place(node: &Node, path: &[Step]) -> Span {
    let mut node = node;
    for step in path {
        let next = match (step, &node.value) {
            (Step::Key(key), Value::Mapping(members)) => members.get(key).map(|entry| &entry.value),
            (Step::Index(index), Value::Sequence(items)) => items.get(*index),
            _ => None,
        };
        match next {
            Some(next) => node = next,
            None => break,
        }
    }
    node.span
}
