//! Parameters whose items name properties of a schema, and lists with commas of any kind:
//! `x-specwright-fields`, `x-specwright-order-by`, `x-specwright-encoded-commas`.

use super::Lowering;
use super::documents::At;
use crate::model::{
    Fields, Json, Location, MediaForm, Naming, Operation, Parameter, Purpose, Schema, SchemaId,
    StatusSet, Style, Type, TypeSet,
};
use crate::suggest;

/// The schema whose properties the parameter selects.
pub(super) const FIELDS: &str = "x-specwright-fields";

/// The schema whose properties the parameter sorts by.
pub(super) const ORDER_BY: &str = "x-specwright-order-by";

/// Whether a comma separates items also where it is percent-encoded.
pub(super) const ENCODED_COMMAS: &str = "x-specwright-encoded-commas";

/// Members lead from a body to its items over at most so many levels.
const DEEPEST: usize = 4;

impl<'a> Lowering<'a, '_> {
    /// The style of a parameter, commas of any kind considered.
    pub(super) fn commas(
        &mut self,
        at: &At<'a>,
        (name, location): (&str, Location),
        style: Style,
        explode: bool,
    ) -> Style {
        if self.flag(at, ENCODED_COMMAS) != Some(true) {
            return style;
        }
        if location == Location::Query && style == Style::Form && !explode {
            return Style::Commas;
        }
        let span = at.get(ENCODED_COMMAS).map_or(at.key_span, |at| at.key_span);
        let message = format!("no comma separates items of the parameter `{name}`");
        self.diagnostics
            .error("encoded-commas", span, message)
            .help("write `in: query`, `style: form` and `explode: false`");
        style
    }

    /// What the items of a parameter name.
    pub(super) fn naming(&mut self, at: &At<'a>) -> Option<Naming> {
        let (key, purpose) = match (at.get(FIELDS), at.get(ORDER_BY)) {
            (Some(_), None) => (FIELDS, Purpose::Fields),
            (None, Some(_)) => (ORDER_BY, Purpose::OrderBy { keys: None }),
            (None, None) => return None,
            (Some(_), Some(second)) => {
                let message = "a parameter cannot both select and sort";
                self.diagnostics
                    .error("two-purposes", second.key_span, message)
                    .help("make two parameters of it");
                return None;
            }
        };
        let name = self.text(at, key)?;
        let span = at.get(key).map_or(at.key_span, |at| at.node.span);
        let root = At::root(self.documents.root());
        let schemas = root.get("components").and_then(|at| at.get("schemas"));
        let Some(schema) = schemas.as_ref().and_then(|schemas| schemas.get(name)) else {
            let message = format!("there is no schema `{name}` under `components/schemas`");
            let known = schemas.iter().flat_map(At::members).map(|(known, _)| known);
            let close = suggest::closest(name, known);
            let diagnostic = self.diagnostics.error("unknown-schema", span, message);
            diagnostic.help(match close {
                Some(close) => format!("did you mean `{close}`?"),
                None => "name the schema whose properties are meant".to_owned(),
            });
            return None;
        };
        let of = self.schema(schema);
        Some(Naming { purpose, of, span })
    }

    /// Checks the parameters of an operation that name properties or have commas of any kind.
    pub(super) fn settle_naming(&mut self, operation: &mut Operation) {
        for index in 0..operation.parameters.len() {
            let parameter = operation.parameters[index].clone();
            if parameter.style == Style::Commas {
                self.check_items(&parameter);
            }
            let Some(naming) = parameter.naming else {
                continue;
            };
            let Some((items, names)) = self.named_items(&parameter, naming) else {
                continue;
            };
            match naming.purpose {
                Purpose::Fields => {
                    let fields = self.fields(operation, &parameter, naming, names);
                    if let (Some(fields), Some(_)) = (&fields, &operation.rules.fields) {
                        let message = format!("`{}` selects fields too", fields.parameter);
                        self.diagnostics
                            .error("two-purposes", parameter.span, message)
                            .help("one parameter of an operation can");
                    }
                    operation.rules.fields = fields.or(operation.rules.fields.take());
                }
                Purpose::OrderBy { .. } => {
                    let keys = self.order_keys(&parameter, naming, items, names);
                    operation.parameters[index].naming = keys.map(|keys| Naming {
                        purpose: Purpose::OrderBy { keys: Some(keys) },
                        ..naming
                    });
                }
            }
        }
    }

    /// An item with a comma in it would be two.
    fn check_items(&mut self, parameter: &Parameter) {
        let schema = self.target(parameter.schema);
        let items = self.schemas[schema.index()].items;
        if !self.is_of_type(schema, Type::Array) && !self.untyped.contains(&schema) {
            let message = format!("the parameter `{}` is no list", parameter.name);
            self.diagnostics
                .error("encoded-commas", parameter.span, message)
                .help("write `type: array` in its schema");
        }
        let words = items.map(|items| self.words(items)).unwrap_or_default();
        if let Some(word) = words.iter().find(|word| word.contains(',')) {
            let message = format!("the item `{word}` has a comma, which separates items here");
            self.diagnostics
                .error("encoded-commas", parameter.span, message)
                .help(format!("rename it, or remove `{ENCODED_COMMAS}`"));
        }
    }

    /// The schema of the items, and the names that they can be.
    fn named_items(
        &mut self,
        parameter: &Parameter,
        naming: Naming,
    ) -> Option<(SchemaId, Vec<String>)> {
        let key = match naming.purpose {
            Purpose::Fields => FIELDS,
            Purpose::OrderBy { .. } => ORDER_BY,
        };
        let schema = self.target(parameter.schema);
        let items = self.schemas[schema.index()].items;
        let names = items.map(|items| self.words(items)).unwrap_or_default();
        match items {
            Some(items) if !names.is_empty() && parameter.location == Location::Query => {
                Some((items, names))
            }
            _ => {
                let message = format!(
                    "`{key}` asks for a query parameter that is an array of listed names, and `{}` \
                     is none",
                    parameter.name
                );
                self.diagnostics
                    .error("unnamed", naming.span, message)
                    .help("write `type: array` and list the names under `items/enum`");
                None
            }
        }
    }

    fn unknown_property(&mut self, parameter: &Parameter, naming: Naming, name: &str) {
        let properties = self.properties(naming.of);
        let known = properties.iter().map(|(known, _)| known.as_str());
        let help = match suggest::closest(name, known) {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("remove it from the values of `{}`", parameter.name),
        };
        let message = format!(
            "`{}` can name `{name}`, which is no property of the schema",
            parameter.name
        );
        self.diagnostics
            .error("unknown-property", naming.span, message)
            .help(help);
    }

    /// Fields: each name is a property that an answer need not have, and the items are in it.
    fn fields(
        &mut self,
        operation: &Operation,
        parameter: &Parameter,
        naming: Naming,
        names: Vec<String>,
    ) -> Option<Fields> {
        let required = self.required_properties(naming.of);
        let mut fine = true;
        for name in &names {
            if self.property(naming.of, name).is_none() {
                self.unknown_property(parameter, naming, name);
                fine = false;
            } else if required.contains(name) {
                let message = format!(
                    "`{}` can leave out `{name}`, which the schema requires",
                    parameter.name
                );
                self.diagnostics
                    .error("required-field", naming.span, message)
                    .help("remove it from `required` of the schema");
                fine = false;
            }
        }
        let Some(place) = self.place(operation, naming.of) else {
            let message = "no JSON answer of the operation holds this schema";
            self.diagnostics
                .error("fields-of-nothing", naming.span, message)
                .help("name the schema of the items in its response 2XX");
            return None;
        };
        fine.then(|| Fields {
            parameter: parameter.name.clone(),
            names,
            place,
        })
    }

    /// The members that lead from the body of a success to a schema.
    fn place(&self, operation: &Operation, of: SchemaId) -> Option<Vec<String>> {
        let success = |status| match status {
            StatusSet::Status(status) => (200..300).contains(&status),
            StatusSet::Range(digit) => digit == 2,
            StatusSet::Default => false,
        };
        let responses = operation.responses.iter();
        let responses = responses.filter(|response| success(response.status));
        let contents = responses.flat_map(|response| &response.contents);
        let json = contents.filter(|content| content.form == MediaForm::Json);
        json.filter_map(|content| content.schema)
            .find_map(|body| self.way(body, self.target(of), 0))
    }

    fn way(&self, from: SchemaId, to: SchemaId, depth: usize) -> Option<Vec<String>> {
        let from = self.target(from);
        if from == to {
            return Some(Vec::new());
        }
        if depth >= DEEPEST {
            return None;
        }
        if let Some(items) = self.schemas[from.index()].items {
            return self.way(items, to, depth);
        }
        self.properties(from).into_iter().find_map(|(name, id)| {
            let rest = self.way(id, to, depth + 1)?;
            Some([vec![name], rest].concat())
        })
    }

    /// Keys: each name, its minus aside, is a property with one value to compare. Answers the
    /// enumeration of the names.
    fn order_keys(
        &mut self,
        parameter: &Parameter,
        naming: Naming,
        items: SchemaId,
        names: Vec<String>,
    ) -> Option<SchemaId> {
        let mut keys: Vec<String> = Vec::new();
        for name in names {
            let name = name.strip_prefix('-').unwrap_or(&name).to_owned();
            if keys.contains(&name) {
                continue;
            }
            let Some(property) = self.property(naming.of, &name) else {
                self.unknown_property(parameter, naming, &name);
                return None;
            };
            let property = self.target(property);
            if self.is_of_type(property, Type::Array) || self.is_of_type(property, Type::Object) {
                let message = format!(
                    "`{}` can name `{name}`, which has no single value to sort by",
                    parameter.name
                );
                self.diagnostics
                    .error("unsortable-property", naming.span, message)
                    .help(format!("remove it from the values of `{}`", parameter.name));
                return None;
            }
            keys.push(name);
        }
        let Schema { span, pointer, .. } = self.schemas[items.index()].clone();
        self.schemas.push(Schema {
            span,
            pointer,
            types: Some(TypeSet::NONE.with(Type::String)),
            enumeration: Some(keys.into_iter().map(Json::String).collect()),
            ..Schema::default()
        });
        Some(SchemaId(self.schemas.len() as u32 - 1))
    }
}
