//! What schemas ask of values: the bounds that generated readers check themselves, and the
//! schemas that are checked as a whole.

use std::cmp::Ordering;
use std::str::FromStr;
use std::sync::OnceLock;

use jsonschema::{Draft, Keyword, PatternOptions, Registry, Resource, ValidationError, Validator};
use serde_json::{Value, json};

use crate::around::Around;
use crate::budget;
use crate::counted;
use crate::decimal::Decimal;
use crate::explain::{self, Violation};
use crate::formats::Format;
use crate::json::value_of;
use crate::number::{Integer, Number};
use crate::pattern::SIZE_LIMIT_BYTES;
use crate::read::Invalid;

/// Where the schemas of a contract live while references are resolved; nothing is fetched.
const BASE: &str = "specwright:checks";

/// How many violations of one value are listed. A body within its limit can have a million.
const MOST_VIOLATIONS: usize = 1000;

/// The keyword that forbids a property, because the contract makes it `readOnly`.
pub(crate) const READ_ONLY: &str = "x-specwright-read-only";

fn must(holds: bool) -> Result<(), Invalid> {
    if holds { Ok(()) } else { Err(Invalid) }
}

/// Checks `minLength`, in Unicode scalar values.
///
/// # Errors
///
/// [`Invalid`] when the string is shorter.
pub fn min_length(text: &str, limit: u64) -> Result<(), Invalid> {
    // A character has at most four bytes.
    let enough = count(text.len() / 4) >= limit;
    must(enough || count(text.chars().count()) >= limit)
}

/// Checks `maxLength`, in Unicode scalar values.
///
/// # Errors
///
/// [`Invalid`] when the string is longer.
pub fn max_length(text: &str, limit: u64) -> Result<(), Invalid> {
    must(count(text.len()) <= limit || count(text.chars().count()) <= limit)
}

/// Checks `minItems`.
///
/// # Errors
///
/// [`Invalid`] when there are fewer.
pub fn min_items<T>(items: &[T], limit: u64) -> Result<(), Invalid> {
    must(count(items.len()) >= limit)
}

/// Checks `maxItems`.
///
/// # Errors
///
/// [`Invalid`] when there are more.
pub fn max_items<T>(items: &[T], limit: u64) -> Result<(), Invalid> {
    must(count(items.len()) <= limit)
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Checks `minimum`.
///
/// # Errors
///
/// [`Invalid`] when the value is smaller.
pub fn minimum(value: i64, limit: i64) -> Result<(), Invalid> {
    must(value >= limit)
}

/// Checks `maximum`.
///
/// # Errors
///
/// [`Invalid`] when the value is larger.
pub fn maximum(value: i64, limit: i64) -> Result<(), Invalid> {
    must(value <= limit)
}

fn compare(value: &Number, limit: &str) -> Ordering {
    Decimal::new(value.as_str()).compare(&Decimal::new(limit))
}

/// Checks `minimum` exactly.
///
/// # Errors
///
/// [`Invalid`] when the value is smaller.
pub fn number_minimum(value: &Number, limit: &str) -> Result<(), Invalid> {
    must(compare(value, limit) != Ordering::Less)
}

/// Checks `maximum` exactly.
///
/// # Errors
///
/// [`Invalid`] when the value is larger.
pub fn number_maximum(value: &Number, limit: &str) -> Result<(), Invalid> {
    must(compare(value, limit) != Ordering::Greater)
}

/// Checks `exclusiveMinimum` exactly.
///
/// # Errors
///
/// [`Invalid`] when the value is not larger.
pub fn number_exclusive_minimum(value: &Number, limit: &str) -> Result<(), Invalid> {
    must(compare(value, limit) == Ordering::Greater)
}

/// Checks `exclusiveMaximum` exactly.
///
/// # Errors
///
/// [`Invalid`] when the value is not smaller.
pub fn number_exclusive_maximum(value: &Number, limit: &str) -> Result<(), Invalid> {
    must(compare(value, limit) == Ordering::Less)
}

/// Checks `multipleOf` exactly: 19.99 is a multiple of 0.01.
///
/// # Errors
///
/// [`Invalid`] when the value is none.
pub fn number_multiple_of(value: &Number, divisor: &str) -> Result<(), Invalid> {
    must(Decimal::new(value.as_str()).is_multiple_of(&Decimal::new(divisor)))
}

/// The schemas of a contract, in one JSON Schema document with all of them under `$defs`.
#[derive(Debug)]
pub struct Checks {
    document: &'static str,
    registry: OnceLock<Option<Registry<'static>>>,
    /// The same with the alternatives in recursive schemas counted, if there are such.
    counted: OnceLock<Option<Registry<'static>>>,
    /// The document, when somebody has to be told what is wrong.
    tree: OnceLock<Option<Value>>,
}

impl Checks {
    /// The schemas in `document`, which is parsed at the first use.
    pub const fn new(document: &'static str) -> Self {
        Self {
            document,
            registry: OnceLock::new(),
            counted: OnceLock::new(),
            tree: OnceLock::new(),
        }
    }

    fn tree(&self) -> Option<&Value> {
        self.tree.get_or_init(|| value_of(self.document)).as_ref()
    }

    fn registry(&self) -> Option<&Registry<'static>> {
        let parse = || Self::prepare(value_of(self.document)?);
        self.registry.get_or_init(parse).as_ref()
    }

    fn counted(&self) -> Option<&Registry<'static>> {
        let parse = || {
            let mut document = value_of(self.document)?;
            let reference = |name: &str| format!("#/$defs/{}", fragment(name));
            counted::count(&mut document, reference).then(|| Self::prepare(document))?
        };
        self.counted.get_or_init(parse).as_ref()
    }

    fn prepare(document: Value) -> Option<Registry<'static>> {
        let resource = Resource::from_contents(document);
        let registry = Registry::new()
            .draft(Draft::Draft202012)
            .add(BASE, resource)
            .ok()?;
        match registry.prepare() {
            Ok(registry) => Some(registry),
            Err(error) => {
                tracing::error!(%error, "the schemas of a contract cannot be used");
                None
            }
        }
    }
}

/// One schema of a contract, compiled at its first use.
#[derive(Debug)]
pub struct Check {
    checks: &'static Checks,
    name: &'static str,
    validator: OnceLock<Option<Validator>>,
    /// The one that lists what is wrong, where that has to be counted.
    counted: OnceLock<Option<Validator>>,
}

impl Check {
    /// The schema `#/$defs/{name}` of `checks`.
    pub const fn new(checks: &'static Checks, name: &'static str) -> Self {
        Self {
            checks,
            name,
            validator: OnceLock::new(),
            counted: OnceLock::new(),
        }
    }

    /// The name of the schema.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether the schema accepts a JSON text.
    pub fn accepts(&self, json: &str) -> bool {
        match (tree(json), self.validator()) {
            (Some(value), Some(validator)) => validator.is_valid(&value),
            _ => false,
        }
    }

    /// Everything the schema finds wrong with a JSON text, in the order of the text; of more than
    /// 1000 errors the first 1000, and that there are more; of a value whose alternatives nest too
    /// deeply to be told apart, only that.
    ///
    /// `pointer` says where the value stands: `/body`, `/query/limit`.
    pub fn violations(&self, json: &str, pointer: &str) -> Vec<Violation> {
        let Some(value) = tree(json) else {
            return vec![explain::no_json(pointer)];
        };
        let Some(validator) = self.lister() else {
            return vec![explain::unchecked(pointer, &value)];
        };
        let budget = budget::for_explaining(counted::parts(&value));
        match budget::within(budget, || self.list(validator, &value, json, pointer)) {
            (violations, None) => violations,
            (_, Some(_)) => vec![explain::entangled(pointer, explain::kind_of(&value))],
        }
    }

    fn list(
        &self,
        validator: &Validator,
        value: &Value,
        json: &str,
        pointer: &str,
    ) -> Vec<Violation> {
        let mut errors = validator.iter_errors(value);
        let listed: Vec<ValidationError<'_>> = errors.by_ref().take(MOST_VIOLATIONS).collect();
        let around =
            |error: &ValidationError<'_>| Around::of(self.checks.tree()?, self.name, error);
        let mut violations = explain::explain(&listed, json, pointer, &around);
        // One error can name many members.
        if errors.next().is_some() || violations.len() > MOST_VIOLATIONS {
            violations.truncate(MOST_VIOLATIONS);
            violations.push(explain::unlisted(pointer, value));
        }
        violations
    }

    fn validator(&self) -> Option<&Validator> {
        let compile = || self.compile(self.checks.registry()?);
        self.validator.get_or_init(compile).as_ref()
    }

    /// The validator that lists what is wrong.
    fn lister(&self) -> Option<&Validator> {
        let compile = || self.compile(self.checks.counted()?);
        let counted = self.counted.get_or_init(compile).as_ref();
        counted.or_else(|| self.validator())
    }

    fn compile(&self, registry: &Registry<'static>) -> Option<Validator> {
        let schema = json!({ "$ref": format!("{BASE}#/$defs/{}", fragment(self.name)) });
        let mut options = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_registry(registry)
            .offline()
            .with_pattern_options(PatternOptions::fancy_regex().size_limit(SIZE_LIMIT_BYTES))
            .should_validate_formats(true)
            .should_ignore_unknown_formats(true)
            .with_keyword(READ_ONLY, |_, value, _| {
                Ok(Box::new(Forbidden(value != &Value::Bool(false))))
            })
            .with_keyword(counted::STEP, |_, _, _| Ok(Box::new(counted::Step)));
        for format in Format::ALL {
            options = options.with_format(format.name(), move |text: &str| format.accepts(text));
        }
        match options.build(&schema) {
            Ok(validator) => Some(validator),
            Err(error) => {
                tracing::error!(schema = self.name, %error, "a schema cannot be compiled");
                None
            }
        }
    }
}

/// A member name as a segment of a JSON Pointer in a URI fragment (RFC 6901, section 6).
fn fragment(name: &str) -> String {
    let mut out = String::new();
    for byte in name.replace('~', "~0").replace('/', "~1").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The tree of a text as validators are given it: an integer is spelt as one, because their
/// arithmetic rounds `922337203685477580.7e1`.
fn tree(text: &str) -> Option<Value> {
    let mut value = value_of(text)?;
    spell_integers(&mut value);
    Some(value)
}

fn spell_integers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let spelt = Some(number.as_str())
                .filter(|text| text.contains(['.', 'e', 'E']))
                .and_then(|text| Integer::from_str(text).ok())
                .and_then(|integer| integer.to_string().parse().ok());
            if let Some(spelt) = spelt {
                *number = spelt;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(spell_integers),
        Value::Object(members) => members.values_mut().for_each(spell_integers),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// Refuses every value: the property must not be there at all.
struct Forbidden(bool);

impl<'i> Keyword<'i> for Forbidden {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) {
            Ok(())
        } else {
            Err(ValidationError::custom("must not be sent"))
        }
    }

    fn is_valid(&self, _instance: &'i Value) -> bool {
        !self.0
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
