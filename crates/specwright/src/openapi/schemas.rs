//! Schemas: interned by the node they stand at, so that recursion ends, and read keyword by
//! keyword.

mod discriminator;
mod parts;
#[cfg(test)]
mod patterns_tests;
mod tags;
mod values;

use super::Lowering;
use super::documents::At;
use super::fields::is_extension;
use super::references::Referable;
use crate::model::{Dialect, Json, Schema, SchemaId, Type};
use crate::source::Span;
use crate::suggest;
use crate::values::of_node;
use crate::yaml::{Entry, Value};

/// Every keyword of both versions, for suggestions.
const KEYWORDS: [&str; 69] = [
    "$ref",
    "$anchor",
    "$comment",
    "$defs",
    "$schema",
    "$id",
    "$dynamicRef",
    "$dynamicAnchor",
    "$vocabulary",
    "type",
    "format",
    "title",
    "description",
    "default",
    "example",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "nullable",
    "enum",
    "const",
    "multipleOf",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "pattern",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "items",
    "prefixItems",
    "minItems",
    "maxItems",
    "uniqueItems",
    "contains",
    "minContains",
    "maxContains",
    "unevaluatedItems",
    "properties",
    "required",
    "patternProperties",
    "additionalProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedProperties",
    "allOf",
    "oneOf",
    "anyOf",
    "not",
    "if",
    "then",
    "else",
    "discriminator",
    "xml",
    "externalDocs",
    "definitions",
    "dependencies",
    "additionalItems",
    "$recursiveRef",
    "$recursiveAnchor",
    "id",
    "divisibleBy",
];

/// Keywords that OpenAPI 3.0 does not have.
const SINCE_31: [&str; 31] = [
    "$anchor",
    "$comment",
    "$defs",
    "$schema",
    "$id",
    "$dynamicRef",
    "$dynamicAnchor",
    "$vocabulary",
    "examples",
    "const",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "prefixItems",
    "contains",
    "minContains",
    "maxContains",
    "unevaluatedItems",
    "patternProperties",
    "propertyNames",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedProperties",
    "if",
    "then",
    "else",
    "definitions",
    "dependencies",
    "additionalItems",
    "$recursiveRef",
    "$recursiveAnchor",
];

/// The other half of keywords whose meaning depends on a second one in OpenAPI 3.0.
#[derive(Default)]
struct Version30 {
    nullable: Option<Span>,
    exclusive_minimum: bool,
    exclusive_maximum: bool,
}

impl<'a> Lowering<'a, '_> {
    /// The id of the schema that stands at a place. Its content is read by [`Self::finish_schemas`].
    pub(super) fn schema(&mut self, at: At<'a>) -> SchemaId {
        if let Some(known) = self.schema_ids.get(&at.address()) {
            return *known;
        }
        let id = self.any_schema(&at);
        self.schema_ids.insert(at.address(), id);
        self.pending.push((id, at));
        id
    }

    /// A schema of any value, in place of one that is missing.
    pub(super) fn any_schema(&mut self, at: &At<'a>) -> SchemaId {
        let id = SchemaId(self.schemas.len() as u32);
        self.schemas.push(Schema {
            span: at.node.span,
            pointer: at.pointer.clone(),
            ..Schema::default()
        });
        id
    }

    /// Reads every schema that was met, and those met on the way.
    pub(super) fn finish_schemas(&mut self) {
        let mut next = 0;
        while next < self.pending.len() {
            let (id, at) = self.pending[next].clone();
            next += 1;
            let schema = self.read_schema(&at);
            self.check_schema(&schema, &at);
            self.schema_samples(id, &at);
            if schema.types.is_none() && at.node.get("type").is_some() {
                self.untyped.insert(id);
            }
            self.schemas[id.index()] = schema;
        }
        self.pending.clear();
    }

    fn read_schema(&mut self, at: &At<'a>) -> Schema {
        let mut schema = Schema {
            span: at.node.span,
            pointer: at.pointer.clone(),
            ..Schema::default()
        };
        match &at.node.value {
            Value::Mapping(_) => self.read_keywords(at, &mut schema),
            Value::Bool(value) => {
                if self.dialect == Dialect::OpenApi30 {
                    self.diagnostics
                        .error(
                            "wrong-type",
                            at.node.span,
                            "a schema must be an object in OpenAPI 3.0",
                        )
                        .help("write `{}` for any value, `{not: {}}` for none");
                }
                schema.boolean = Some(*value);
            }
            Value::String(_) if at.pointer.ends_with("/properties/$ref") => {
                self.diagnostics
                    .error(
                        "wrong-type",
                        at.node.span,
                        "a schema must be an object, and this is a string",
                    )
                    .help("a `$ref` among `properties` is a property of that name: refer to the schema of each property, or by `allOf` to a whole schema");
            }
            _ => self.wrong_type(at, "a schema", "an object"),
        }
        schema
    }

    fn read_keywords(&mut self, at: &At<'a>, schema: &mut Schema) {
        if let Some(reference) = at.node.get("$ref") {
            let target = self.resolve(reference, Some(at.node), Referable::Schema);
            schema.reference = target.map(|target| self.schema(target));
            if self.dialect == Dialect::OpenApi30 {
                self.report_ignored(at);
                return;
            }
        }
        let mut version_30 = Version30::default();
        for entry in at
            .node
            .as_mapping()
            .into_iter()
            .flat_map(|mapping| mapping.iter())
        {
            let key = entry.key.as_str();
            if is_extension(key) {
                schema
                    .extensions
                    .push((entry.key.clone(), of_node(&entry.value)));
            } else if self.dialect == Dialect::OpenApi30 && SINCE_31.contains(&key) {
                self.report_newer(entry);
            } else {
                self.keyword(at, entry, schema, &mut version_30);
            }
        }
        self.normalise(schema, &version_30);
    }

    /// OAS 3.0, Reference Object: what stands beside `$ref` is ignored.
    fn report_ignored(&mut self, at: &At<'a>) {
        for entry in at
            .node
            .as_mapping()
            .into_iter()
            .flat_map(|mapping| mapping.iter())
        {
            if entry.key != "$ref" && !is_extension(&entry.key) {
                let message = format!("`{}` beside `$ref` has no effect in OpenAPI 3.0", entry.key);
                self.diagnostics
                    .warning("ignored-sibling", entry.key_span, message)
                    .help("put the `$ref` into an `allOf`, or change to OpenAPI 3.1");
            }
        }
    }

    fn report_newer(&mut self, entry: &Entry) {
        let message = format!("`{}` has no effect in OpenAPI 3.0", entry.key);
        self.diagnostics
            .warning("unknown-keyword", entry.key_span, message)
            .help("it came with OpenAPI 3.1");
    }

    /// One keyword. The arms are the complete list.
    fn keyword(
        &mut self,
        at: &At<'a>,
        entry: &'a Entry,
        schema: &mut Schema,
        older: &mut Version30,
    ) {
        let key = entry.key.as_str();
        let node = &entry.value;
        match key {
            "$ref" | "$comment" | "$defs" | "$anchor" => self.core_keyword(at, entry),
            "$schema" => {
                if let Some(dialect) = self.text(at, key) {
                    self.schema_dialect(node.span, dialect);
                }
            }
            "$id" | "$dynamicRef" | "$dynamicAnchor" | "$vocabulary" => self.refuse_keyword(entry),
            "type" => schema.types = self.types(node),
            "nullable" if self.dialect == Dialect::OpenApi30 => {
                if self.flag(at, key) == Some(true) {
                    older.nullable = Some(entry.key_span);
                }
            }
            "format" => schema.format = self.owned(at, key),
            "title" => schema.title = self.owned(at, key),
            "description" => schema.description = self.owned(at, key),
            "default" => schema.default = Some(of_node(node)),
            "example" => schema.examples.push(of_node(node)),
            "examples" => {
                let list = self.list(at, key);
                let items = list.into_iter().flat_map(|list| list.items());
                schema.examples.extend(items.map(|item| of_node(item.node)));
            }
            "deprecated" => schema.deprecated = self.flag(at, key) == Some(true),
            "readOnly" => schema.read_only = self.flag(at, key) == Some(true),
            "writeOnly" => schema.write_only = self.flag(at, key) == Some(true),
            "enum" => schema.enumeration = self.enumeration(at),
            "const" => schema.constant = Some(of_node(node)),
            "multipleOf" => schema.multiple_of = self.multiple_of(node),
            "minimum" => schema.minimum = self.number(node, key),
            "maximum" => schema.maximum = self.number(node, key),
            "exclusiveMinimum" => match self.dialect {
                Dialect::OpenApi30 => older.exclusive_minimum = self.flag(at, key) == Some(true),
                _ => schema.exclusive_minimum = self.number(node, key),
            },
            "exclusiveMaximum" => match self.dialect {
                Dialect::OpenApi30 => older.exclusive_maximum = self.flag(at, key) == Some(true),
                _ => schema.exclusive_maximum = self.number(node, key),
            },
            "minLength" => schema.min_length = self.count(node, key),
            "maxLength" => schema.max_length = self.count(node, key),
            "pattern" => schema.pattern = self.pattern(at, key, node.span),
            "contentEncoding" => schema.content_encoding = self.owned(at, key),
            "contentMediaType" => schema.content_media_type = self.owned(at, key),
            "contentSchema" => schema.content_schema = self.subschema(at, key),
            "items" => schema.items = self.items(at, key),
            "prefixItems" => schema.prefix_items = self.subschemas(at, key),
            "minItems" => schema.min_items = self.count(node, key),
            "maxItems" => schema.max_items = self.count(node, key),
            "uniqueItems" => schema.unique_items = self.flag(at, key) == Some(true),
            "contains" => schema.contains = self.subschema(at, key),
            "minContains" => schema.min_contains = self.count(node, key),
            "maxContains" => schema.max_contains = self.count(node, key),
            "unevaluatedItems" => schema.unevaluated_items = self.subschema(at, key),
            "properties" => schema.properties = self.named(at, key),
            "required" => schema.required = self.required(at, key),
            "patternProperties" => schema.pattern_properties = self.by_pattern(at, key),
            "additionalProperties" => schema.additional_properties = self.additional(at, key),
            "propertyNames" => schema.property_names = self.subschema(at, key),
            "minProperties" => schema.min_properties = self.count(node, key),
            "maxProperties" => schema.max_properties = self.count(node, key),
            "dependentRequired" => schema.dependent_required = self.dependent_required(at, key),
            "dependentSchemas" => schema.dependent_schemas = self.named(at, key),
            "unevaluatedProperties" => schema.unevaluated_properties = self.subschema(at, key),
            "allOf" => schema.all_of = self.subschemas(at, key),
            "oneOf" => schema.one_of = self.subschemas(at, key),
            "anyOf" => schema.any_of = self.subschemas(at, key),
            "not" => schema.not = self.subschema(at, key),
            "if" => schema.if_ = self.subschema(at, key),
            "then" => schema.then = self.subschema(at, key),
            "else" => schema.else_ = self.subschema(at, key),
            "discriminator" => schema.discriminator = self.discriminator(at, key),
            "xml" => self.xml(at),
            "externalDocs" => self.external_docs(at),
            _ => self.unknown_keyword(entry),
        }
    }

    /// Keywords that say nothing about a value by themselves.
    fn core_keyword(&mut self, at: &At<'a>, entry: &Entry) {
        match entry.key.as_str() {
            "$defs" => {
                self.named(at, "$defs");
            }
            "$anchor" | "$comment" => {
                self.text(at, &entry.key);
            }
            _ => {}
        }
    }

    fn refuse_keyword(&mut self, entry: &Entry) {
        let message = format!("specwright does not follow `{}` yet", entry.key);
        self.diagnostics
            .error("unsupported-keyword", entry.key_span, message)
            .help("refer to schemas by `$ref` with a JSON pointer or an `$anchor`");
    }

    fn unknown_keyword(&mut self, entry: &Entry) {
        let key = entry.key.as_str();
        let message = format!("`{key}` is no keyword of a schema, and has no effect");
        let help = match (key, suggest::closest(key, KEYWORDS)) {
            ("nullable", _) => "OpenAPI 3.1 writes `type: [string, \"null\"]`".to_owned(),
            ("definitions", _) => "OpenAPI 3.1 writes `$defs`".to_owned(),
            ("dependencies", _) => {
                "OpenAPI 3.1 writes `dependentRequired` or `dependentSchemas`".to_owned()
            }
            ("additionalItems", _) => "OpenAPI 3.1 writes `prefixItems` and `items`".to_owned(),
            (_, Some(close)) => format!("did you mean `{close}`?"),
            _ => "remove it, or begin its name with `x-` if it is an extension".to_owned(),
        };
        self.diagnostics
            .warning("unknown-keyword", entry.key_span, message)
            .help(help);
    }

    /// Gives the keywords of OpenAPI 3.0 their meaning in JSON Schema 2020-12.
    fn normalise(&mut self, schema: &mut Schema, older: &Version30) {
        if older.exclusive_minimum {
            schema.exclusive_minimum = schema.minimum.take();
        }
        if older.exclusive_maximum {
            schema.exclusive_maximum = schema.maximum.take();
        }
        let Some(span) = older.nullable else { return };
        match schema.types {
            Some(types) => {
                schema.types = Some(types.with(Type::Null));
                let values = schema.enumeration.as_deref().unwrap_or_default();
                if !values.is_empty() && !values.contains(&Json::Null) {
                    // OAS 3.0.4, Schema Object: `enum` still decides.
                    self.diagnostics
                        .warning(
                            "nullable-enum",
                            span,
                            "`nullable` has no effect: `enum` does not list null",
                        )
                        .help("add `null` to `enum`");
                }
            }
            // OAS 3.0.4, Schema Object: `nullable` has no effect without `type`.
            None => {
                self.diagnostics
                    .warning(
                        "nullable-without-type",
                        span,
                        "`nullable` has no effect without `type`",
                    )
                    .help("add `type`, or put `nullable` where the type stands");
            }
        }
    }
}
