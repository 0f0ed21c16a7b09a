//! What ought to come of a body, decided by `serde_json` and the `jsonschema`
//! crate over the served document, which share no code with the readers.

use anyhow::{Context, Result};
use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashSet};
use std::fmt;

/// What ought to come of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is no JSON, or has two members of one name.
    Malformed,
    /// It breaks the schema at these places.
    Invalid(BTreeSet<String>),
    /// It fits.
    Valid,
    /// It has more bytes than the server reads.
    TooLong,
}

/// The most bytes of a body that the server reads.
const LIMIT: usize = 2 * 1024 * 1024;

/// Decides over bodies of one schema.
pub struct Oracle(Validator);

impl Oracle {
    /// The oracle over a schema of a document's components.
    ///
    /// # Errors
    ///
    /// The document has no such schema, or it is none.
    pub fn new(document: &str, schema: &str) -> Result<Self> {
        // JSON Schema looks for definitions elsewhere than OpenAPI.
        let document: Value =
            serde_json::from_str(&document.replace("#/components/schemas/", "#/$defs/"))?;
        let definitions = document
            .pointer("/components/schemas")
            .context("the document has no schemas")?;
        let root = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$ref": format!("#/$defs/{schema}"),
            "$defs": definitions,
        });
        Ok(Self(jsonschema::validator_for(&root)?))
    }

    /// What ought to come of a body.
    pub fn judge(&self, body: &[u8]) -> Verdict {
        if body.len() > LIMIT {
            return Verdict::TooLong;
        }
        let parsed = std::str::from_utf8(body).ok().and_then(|text| {
            serde_json::from_str::<Unique>(text).ok()?;
            serde_json::from_str::<Value>(text).ok()
        });
        let Some(value) = parsed else {
            return Verdict::Malformed;
        };
        let places: BTreeSet<String> = self
            .0
            .iter_errors(&value)
            .map(|error| place(&error))
            .collect();
        if places.is_empty() {
            Verdict::Valid
        } else {
            Verdict::Invalid(places)
        }
    }
}

/// The pointer of what is wrong; of a missing member, the pointer it would have.
fn place(error: &jsonschema::ValidationError<'_>) -> String {
    let parent = format!("/body{}", error.instance_path());
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            format!("{parent}/{}", property.as_str().unwrap_or_default())
        }
        _ => parent,
    }
}

/// Any JSON value whose objects name no member twice.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Unique;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_unit<E: Error>(self) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unique, A::Error> {
        while items.next_element::<Unique>()?.is_some() {}
        Ok(Unique)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Unique, A::Error> {
        // With arbitrary precision a number arrives as a map of one member.
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            members.next_value::<Unique>()?;
            if !names.insert(name) {
                return Err(A::Error::custom("two members of one name"));
            }
        }
        Ok(Unique)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{"components":{"schemas":{"A":{"type":"object","required":["b"],"properties":{"b":{"type":"integer"}}}}}}"#;

    #[test]
    fn it_decides_as_the_schema_says() -> Result<()> {
        let oracle = Oracle::new(DOCUMENT, "A")?;
        assert_eq!(oracle.judge(br#"{"b":5.0}"#), Verdict::Valid);
        assert_eq!(oracle.judge(br#"{"b":1,"b":1}"#), Verdict::Malformed);
        assert_eq!(oracle.judge(br#"{"b":01}"#), Verdict::Malformed);
        assert_eq!(
            oracle.judge(b"{}"),
            Verdict::Invalid(BTreeSet::from(["/body/b".to_owned()]))
        );
        Ok(())
    }
}
