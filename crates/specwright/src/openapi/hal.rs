//! Links that the runtime makes: `x-specwright-hal` (draft-kelly-json-hal-11).

use super::Lowering;
use super::documents::At;
use super::fields::Kind;
use crate::model::{
    Hal, Json, Location, MediaForm, Method, Operation, Paging, Parameter, SchemaId, StatusSet, Type,
};
use crate::source::Span;
use crate::suggest;

/// The links of an operation's answers.
pub(super) const HAL: &str = "x-specwright-hal";

const HAL_OBJECT: Kind = Kind {
    name: "object of `x-specwright-hal`",
    keys: &["self", "items", "page", "pageSize", "state"],
    keys_31: &[],
};

/// The id, method and path of every served operation.
type Paths = [(Option<String>, Method, String)];

impl<'a> Lowering<'a, '_> {
    /// The links of an operation's answers, when it asks for some and they can be made.
    pub(super) fn hal(&mut self, at: &At<'a>, operation: &Operation, paths: &Paths) -> Option<Hal> {
        let at = at.get(HAL)?;
        self.object(&at, &HAL_OBJECT)?;
        let body = self.hal_body(&at, operation)?;
        let (item, paging) = match at.get("items") {
            None => {
                for key in ["page", "pageSize", "state"] {
                    if let Some(key) = at.get(key) {
                        let message = "only a list has pages";
                        self.broken(key.key_span, message, "add `items`, or remove it");
                    }
                }
                (body, None)
            }
            Some(_) => {
                let (item, paging) = self.paging(&at, operation, body)?;
                (item, Some(paging))
            }
        };
        self.member(item, "_links", at.key_span)?;
        let item_path = self.item_path(&at, item, paths)?;
        Some(Hal {
            item_path,
            item: self.target(item),
            paging,
        })
    }

    fn broken(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.diagnostics.error("hal", span, message).help(help);
    }

    /// The schema that all JSON bodies of the response 200 have.
    fn hal_body(&mut self, at: &At<'a>, operation: &Operation) -> Option<SchemaId> {
        let mut responses = operation.responses.iter();
        let response = responses.find(|response| response.status == StatusSet::Status(200));
        let contents = response.map(|response| response.contents.as_slice());
        let contents = contents.unwrap_or_default();
        let schemas: Option<Vec<SchemaId>> = contents
            .iter()
            .map(|content| content.schema.filter(|_| content.form == MediaForm::Json))
            .map(|schema| Some(self.target(schema?)))
            .collect();
        let schemas = schemas.unwrap_or_default();
        match schemas.split_first() {
            Some((first, rest)) if rest.iter().all(|other| other == first) => Some(*first),
            _ => {
                self.broken(
                    at.key_span,
                    "links need a response 200 that is JSON, of one schema",
                    "declare it under `application/hal+json`",
                );
                None
            }
        }
    }

    /// A member that the runtime writes must be in the schema, for clients to know of it.
    fn member(&mut self, of: SchemaId, name: &str, span: Span) -> Option<SchemaId> {
        let found = self.property(of, name);
        if found.is_none() {
            let message = format!("the schema of the answer has no `{name}`");
            let own = self.schemas[of.index()].span;
            self.diagnostics
                .error("hal", span, message)
                .related(own, "the schema")
                .help(format!("add `{name}` to its properties"));
        }
        found
    }

    fn paging(
        &mut self,
        at: &At<'a>,
        operation: &Operation,
        body: SchemaId,
    ) -> Option<(SchemaId, Paging)> {
        let span = at.key_span;
        let relation = self.text(at, "items")?;
        self.member(body, "_links", span)?;
        let total = self.member(body, "total", span)?;
        let embedded = self.member(body, "_embedded", span)?;
        let items = self.member(self.target(embedded), relation, span)?;
        let Some(item) = self.schemas[self.target(items).index()].items else {
            let message = format!("`_embedded/{relation}` is no array of items");
            self.broken(span, message, "write `type: array` and `items`");
            return None;
        };
        let total = self.target(total);
        let total_is_text = self.is_of_type(total, Type::String);
        if !total_is_text && !self.is_of_type(total, Type::Integer) {
            let message = "`total` is neither a string nor an integer";
            self.broken(span, message, "write `type: integer`");
        }
        let number = self.counter(at, operation, "page", true)?;
        let size = self.counter(at, operation, "pageSize", true)?;
        let state = self.counter(at, operation, "state", false);
        let default = self.schemas[self.target(size.schema).index()]
            .default
            .clone();
        let default_size = match &default {
            Some(Json::Number(text)) => text.parse().ok(),
            _ => None,
        };
        let Some(default_size) = default_size else {
            let message = format!(
                "`{}` has no default, which says how large a page is",
                size.name
            );
            self.broken(size.span, message, "add `default: 20` to its schema");
            return None;
        };
        let paging = Paging {
            number: number.name.clone(),
            size: size.name.clone(),
            default_size,
            state: state.map(|state| state.name.clone()),
            relation: relation.to_owned(),
            total_is_text,
        };
        Some((self.target(item), paging))
    }

    /// The query parameter that a key names: an integer from 1, unless it is a state.
    fn counter<'o>(
        &mut self,
        at: &At<'a>,
        operation: &'o Operation,
        key: &str,
        counts: bool,
    ) -> Option<&'o Parameter> {
        if counts && at.get(key).is_none() {
            self.missing(at, key);
        }
        let name = self.text(at, key)?;
        let span = at.node.get(key).map_or(at.key_span, |node| node.span);
        let query = |parameter: &&Parameter| parameter.location == Location::Query;
        let mut parameters = operation.parameters.iter().filter(query);
        let Some(found) = parameters.find(|parameter| parameter.name == name) else {
            let known = operation.parameters.iter().filter(query);
            let known = known.map(|parameter| parameter.name.as_str());
            let help = match suggest::closest(name, known) {
                Some(close) => format!("did you mean `{close}`?"),
                None => "name a query parameter of the operation".to_owned(),
            };
            let message = format!("the operation has no query parameter `{name}`");
            self.broken(span, message, help);
            return None;
        };
        let schema = self.target(found.schema);
        let least = self.schemas[schema.index()].minimum.clone();
        let from_one = least.is_some_and(|least| least == "1") || !counts;
        let fits = match counts {
            true => self.is_of_type(schema, Type::Integer),
            false => {
                self.is_of_type(schema, Type::Integer) || self.is_of_type(schema, Type::String)
            }
        };
        if !(fits && from_one) {
            let message = format!("`{name}` cannot be what `{key}` asks for");
            let help = match counts {
                true => "write `type: integer` and `minimum: 1` in its schema",
                false => "write `type: string` or `type: integer` in its schema",
            };
            self.diagnostics
                .error("hal", span, message)
                .related(found.span, "the parameter")
                .help(help);
            return None;
        }
        Some(found)
    }

    /// The path of the operation that shows an item; its parameters are properties of the item.
    fn item_path(&mut self, at: &At<'a>, item: SchemaId, paths: &Paths) -> Option<String> {
        let id = self.required_text(at, "self")?;
        let span = at.node.get("self").map_or(at.key_span, |node| node.span);
        let found = paths
            .iter()
            .find(|(known, ..)| known.as_deref() == Some(id));
        let Some((_, method, path)) = found else {
            let known = paths.iter().filter_map(|(known, ..)| known.as_deref());
            let help = match suggest::closest(id, known) {
                Some(close) => format!("did you mean `{close}`?"),
                None => "name the operation that shows one item".to_owned(),
            };
            self.broken(span, format!("there is no operation `{id}`"), help);
            return None;
        };
        if *method != Method::Get {
            let message = format!("`{id}` is no `GET`, so that no link leads to it");
            self.broken(span, message, "name the operation that shows one item");
            return None;
        }
        let names = path.split('{').skip(1);
        let names = names.filter_map(|part| part.split_once('}'));
        for (name, _) in names {
            let property = self.property(item, name);
            let text = property.is_some_and(|id| self.is_of_type(self.target(id), Type::String));
            if !text {
                let message = format!(
                    "the path `{path}` needs `{name}`, which is no string property of the items"
                );
                self.broken(
                    span,
                    message,
                    "call the property as the path parameter is called",
                );
                return None;
            }
        }
        Some(path.clone())
    }
}
