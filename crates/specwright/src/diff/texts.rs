//! What a contract says beside what it asks for: texts, examples, extensions.
//!
//! They are compared on the documents as they are served, object by object where both have one.
//! What only one of them has is told by the rules of what it belongs to.

use super::report::Comparison;
use super::rules::Part;
use super::versions;
use crate::model::Json;

/// Keys whose members are named by the contract, so that none of them is a keyword.
const NAMES: &[&str] = &[
    "paths",
    "webhooks",
    "schemas",
    "responses",
    "parameters",
    "requestBodies",
    "headers",
    "securitySchemes",
    "callbacks",
    "pathItems",
    "properties",
    "patternProperties",
    "dependentSchemas",
    "$defs",
    "content",
    "encoding",
    "variables",
    "flows",
];

/// Keys whose values are data, or compared elsewhere.
const DATA: &[&str] = &[
    "enum", "const", "default", "required", "type", "security", "mapping", "servers",
];

/// Extensions that rules of their own compare.
const OWN_RULES: &[&str] = &[
    "x-specwright-sunset",
    "x-specwright-deprecated-since",
    "x-specwright-undeclared-media-types",
];

/// Extensions that allow or offer more where they stand.
const WIDENS: &[&str] = &[
    "x-specwright-ignore-case",
    "x-specwright-encoded-commas",
    "x-specwright-fields",
    "x-specwright-order-by",
    "x-specwright-hal",
    "x-specwright-conditional",
];

/// Extensions that allow less where they stand.
const NARROWS: &[&str] = &["x-specwright-unknown-parameters"];

const METHODS: &[&str] = &[
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

impl Comparison<'_> {
    pub(super) fn texts(&mut self) {
        let (old, new) = (&self.old.document, &self.new.document);
        self.object(old, new, &mut Vec::new());
    }

    fn object(&mut self, old: &Json, new: &Json, way: &mut Vec<String>) {
        match (old, new) {
            (Json::Object(_), Json::Object(_)) => {}
            (Json::Array(old), Json::Array(new)) => return self.list(old, new, way),
            _ => return,
        }
        let named = way.last().is_some_and(|key| NAMES.contains(&key.as_str())) && !is_named(way);
        for key in keys(old, new) {
            way.push(key.clone());
            let values = (old.get(&key), new.get(&key));
            match part(&key, way).filter(|_| !named) {
                Some(part) => self.text(part, &key, values, way),
                None if !named && DATA.contains(&key.as_str()) => {}
                None => {
                    if let (Some(old), Some(new)) =
                        self.counterparts(&key, (old, new), values, named)
                    {
                        self.object(old, new, way);
                    }
                }
            }
            way.pop();
        }
    }

    /// The two members under a key; paths are found in their other version too.
    fn counterparts<'j>(
        &self,
        key: &str,
        (old, _): (&'j Json, &'j Json),
        values: (Option<&'j Json>, Option<&'j Json>),
        named: bool,
    ) -> (Option<&'j Json>, Option<&'j Json>) {
        if !self.across_versions || !named || values.0.is_some() || !key.starts_with('/') {
            return values;
        }
        let Json::Object(members) = old else {
            return values;
        };
        let wanted = versions::without(key);
        let found = members
            .iter()
            .find(|(name, _)| versions::without(name) == wanted);
        (found.map(|(_, value)| value), values.1)
    }

    /// Lists of parameters by what they describe or refer to, others by position.
    fn list(&mut self, old: &[Json], new: &[Json], way: &mut Vec<String>) {
        let text =
            |value: &Json, key: &str| value.get(key).and_then(Json::as_str).map(str::to_owned);
        let name = |value: &Json| match text(value, "$ref") {
            Some(target) => Some((target, String::new())),
            None => text(value, "name").zip(text(value, "in")),
        };
        for (at, value) in new.iter().enumerate() {
            let other = match name(value) {
                Some(own) => old.iter().find(|other| name(other).as_ref() == Some(&own)),
                None => old.get(at).filter(|other| name(other).is_none()),
            };
            if let Some(other) = other {
                way.push(at.to_string());
                self.object(other, value, way);
                way.pop();
            }
        }
    }

    fn text(
        &mut self,
        part: Part,
        key: &str,
        (old, new): (Option<&Json>, Option<&Json>),
        way: &[String],
    ) {
        let same = match (old, new) {
            (Some(old), Some(new)) => old.equals(new),
            (old, new) => old.is_none() && new.is_none(),
        };
        if same {
            return;
        }
        let part = match part {
            Part::BehaviourChanged => behaviour(key, old.is_some(), new.is_some()),
            part => part,
        };
        let message = match (old, new) {
            (None, _) => format!("`{key}` is new"),
            (_, None) => format!("`{key}` is gone"),
            _ => format!("`{key}` says something else"),
        };
        self.remark(part, message, operation(way), pointer(way));
    }
}

/// The rule of one of our own extensions, by whether it was there and is there.
fn behaviour(key: &str, was: bool, is: bool) -> Part {
    match (was, is, WIDENS.contains(&key), NARROWS.contains(&key)) {
        (false, true, true, _) | (true, false, _, true) => Part::BehaviourWidened,
        (true, false, true, _) | (false, true, _, true) => Part::BehaviourNarrowed,
        _ => Part::BehaviourChanged,
    }
}

/// The rule of a keyword that is no part of what the contract asks for.
fn part(key: &str, way: &[String]) -> Option<Part> {
    let in_info = matches!(way, [first, _] if first == "info");
    let in_scheme = way.iter().any(|key| key == "securitySchemes");
    Some(match key {
        "title" | "version" if in_info => return None,
        "description" | "contact" | "license" | "termsOfService" | "summary" if in_info => {
            Part::InfoChanged
        }
        "summary" => Part::SummaryChanged,
        "description" => Part::DescriptionChanged,
        "title" => Part::SchemaTitleChanged,
        "example" | "examples" => Part::ExamplesChanged,
        "externalDocs" => Part::ExternalDocsChanged,
        "tags" if way.len() == 1 => Part::TagsChanged,
        "links" => Part::LinksChanged,
        "xml" => Part::XmlChanged,
        "$comment" => Part::DescriptionChanged,
        "authorizationUrl" | "tokenUrl" | "refreshUrl" if in_scheme => Part::SecurityAddressChanged,
        own if OWN_RULES.contains(&own) => return None,
        own if own.starts_with("x-specwright-") => Part::BehaviourChanged,
        extension if extension.starts_with("x-") => Part::ExtensionChanged,
        _ => return None,
    })
}

/// Whether the last key of a way is a name that a contract gave, such as a property that is called
/// `properties`.
fn is_named(way: &[String]) -> bool {
    let mut named = false;
    for pair in way.windows(2) {
        named = !named && NAMES.contains(&pair[0].as_str());
    }
    named
}

fn keys(old: &Json, new: &Json) -> Vec<String> {
    let (Json::Object(old), Json::Object(new)) = (old, new) else {
        return Vec::new();
    };
    let gone = old
        .iter()
        .filter(|(key, _)| !new.iter().any(|(known, _)| known == key));
    let all = new.iter().chain(gone);
    all.map(|(key, _)| key.clone()).collect()
}

/// The operation that a way leads into.
fn operation(way: &[String]) -> String {
    match way {
        [first, path, method, ..] if first == "paths" && METHODS.contains(&method.as_str()) => {
            format!("{} {path}", method.to_uppercase())
        }
        _ => String::new(),
    }
}

fn pointer(way: &[String]) -> String {
    let parts = way
        .iter()
        .map(|key| format!("/{}", key.replace('~', "~0").replace('/', "~1")));
    format!("#{}", parts.collect::<String>())
}
