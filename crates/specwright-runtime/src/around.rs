//! The schema that a broken keyword stands in, so that one keyword can be told with others beside it.

use jsonschema::ValidationError;
use serde_json::Value;

/// The keywords beside one that is broken.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    document: &'a Value,
    schema: &'a Value,
}

impl<'a> Around<'a> {
    /// The schema of an error that came of checking `#/$defs/{name}` of a document. `None` where the
    /// path that the validator took cannot be followed.
    pub(crate) fn of(document: &'a Value, name: &str, error: &ValidationError<'_>) -> Option<Self> {
        let path = error.evaluation_path().as_str();
        // The validator starts from a reference to the definition.
        let path = path.strip_prefix("/$ref/")?;
        let (path, keyword) = path.rsplit_once('/').unwrap_or(("", path));
        let mut schema = document.get("$defs")?.get(name)?;
        for token in path.split('/').filter(|token| !token.is_empty()) {
            schema = match (token, schema) {
                ("$ref", schema) => target(document, schema)?,
                (at, Value::Array(items)) => items.get(at.parse::<usize>().ok()?)?,
                (name, schema) => schema.get(name.replace("~1", "/").replace("~0", "~"))?,
            };
        }
        schema.get(keyword)?;
        Some(Self { document, schema })
    }

    /// What a keyword beside the broken one says.
    pub(crate) fn get(&self, keyword: &str) -> Option<&'a Value> {
        self.schema.get(keyword)
    }

    /// The pattern as the contract writes it, where it is served in other words.
    pub(crate) fn written_pattern(&self) -> Option<&'a str> {
        self.get("x-specwright-pattern")?.as_str()
    }

    /// The values that items may have, where they are listed.
    pub(crate) fn items(&self) -> Option<&'a Value> {
        let items = self.get("items")?;
        let items = target(self.document, items).unwrap_or(items);
        items.get("enum")
    }
}

/// What the reference of a schema leads to.
fn target<'a>(document: &'a Value, schema: &Value) -> Option<&'a Value> {
    let (_, pointer) = schema.get("$ref")?.as_str()?.split_once('#')?;
    document.pointer(pointer)
}
