//! Parameters.

use super::Lowering;
use super::documents::At;
use super::fields::{Kind, extensions};
use super::paths::same;
use super::references::Referable;
use crate::model::{Dialect, Location, Parameter, SchemaId, Style};

const PARAMETER: Kind = Kind {
    name: "Parameter Object",
    keys: &[
        "name",
        "in",
        "description",
        "required",
        "deprecated",
        "allowEmptyValue",
        "style",
        "explode",
        "allowReserved",
        "schema",
        "example",
        "examples",
        "content",
    ],
    keys_31: &[],
};

/// OAS 3.1, Parameter Object: header parameters of these names are ignored.
const IGNORED_HEADERS: [&str; 3] = ["Accept", "Content-Type", "Authorization"];

impl<'a> Lowering<'a, '_> {
    /// The `parameters` of a path item or operation, without repetitions.
    pub(super) fn parameters(&mut self, at: &At<'a>) -> Vec<Parameter> {
        let list = self.list(at, "parameters");
        let mut parameters: Vec<Parameter> = Vec::new();
        for item in list.into_iter().flat_map(|list| list.items()) {
            let place = item.node.span;
            let Some(parameter) = self.parameter(item) else {
                continue;
            };
            match parameters.iter().find(|known| same(known, &parameter)) {
                Some(first) => {
                    let message = format!(
                        "the parameter `{}` stands twice in this list",
                        parameter.name
                    );
                    self.diagnostics
                        .error("duplicate-parameter", place, message)
                        .related(first.span, "the first one")
                        .help("remove one of the two");
                }
                None => parameters.push(parameter),
            }
        }
        parameters
    }

    /// Whether a request can carry a parameter of this name. RAML has rules of its own.
    fn check_name(&mut self, at: &At<'a>, name: &str, location: Location) {
        let place = at.get("name").map_or(at.node.span, |at| at.node.span);
        match location {
            _ if self.dialect == Dialect::Raml10 => {}
            Location::Header => {
                self.is_header_name(name, place);
            }
            _ if name.is_empty() => {
                self.diagnostics
                    .error(
                        "invalid-parameter-name",
                        place,
                        "a parameter must have a name",
                    )
                    .help("write the name that requests have it by");
            }
            _ => {}
        }
    }

    /// OAS 3.1, Parameter Object.
    pub(super) fn parameter(&mut self, at: At<'a>) -> Option<Parameter> {
        let at = self.follow(at, Referable::Parameter)?;
        let members = self.object(&at, &PARAMETER)?;
        let name = self.required_text(&at, "name");
        let location = self.location(&at);
        let required = self.flag(&at, "required").unwrap_or_default();
        let deprecated = self.flag(&at, "deprecated").unwrap_or_default();
        let allow_empty_value = self.flag(&at, "allowEmptyValue").unwrap_or_default();
        let allow_reserved = self.flag(&at, "allowReserved").unwrap_or_default();
        let explode = self.flag(&at, "explode");
        let description = self.prose(&at, "description");
        let (name, location) = (name?, location?);
        // In RAML these are headers like any other.
        if location == Location::Header
            && self.dialect != Dialect::Raml10
            && IGNORED_HEADERS
                .iter()
                .any(|one| one.eq_ignore_ascii_case(name))
        {
            // Its schema and examples are checked all the same.
            if let Some(schema) = at.get("schema") {
                let schema = self.schema(schema);
                self.examples(&at, Some(schema));
            }
            let message = format!("a header parameter called `{name}` has no effect");
            self.diagnostics
                .warning("ignored-parameter", at.node.span, message)
                .help(
                    "media types are declared under `content`, credentials under `securitySchemes`",
                );
            return None;
        }
        self.check_name(&at, name, location);
        if location == Location::Path && !required {
            // OAS 3.1, Parameter Object: a path parameter is always required.
            let message = format!("the path parameter `{name}` is not marked as required");
            self.diagnostics
                .error("path-parameter-not-required", at.node.span, message)
                .help("add `required: true`");
        }
        let style = self.style(&at, location)?;
        let explode = explode.unwrap_or(style == Style::Form);
        let style = self.commas(&at, (name, location), style, explode);
        let (schema, media_type) = self.value_schema(&at, &format!("the parameter `{name}`"))?;
        Some(Parameter {
            name: name.to_owned(),
            location,
            description,
            required: required || location == Location::Path,
            deprecated,
            style,
            explode,
            allow_empty_value,
            allow_reserved,
            schema,
            media_type,
            naming: self.naming(&at),
            extensions: extensions(members),
            span: at.node.span,
        })
    }

    /// The schema of a parameter or header, and the media type of one that `content` describes,
    /// which is not served yet.
    pub(super) fn value_schema(
        &mut self,
        at: &At<'a>,
        what: &str,
    ) -> Option<(SchemaId, Option<String>)> {
        let schema = at.get("schema");
        if let Some(content) = at.get("content") {
            if schema.is_some() {
                let message = format!("{what} has both `schema` and `content`");
                self.diagnostics
                    .error("schema-and-content", content.key_span, message)
                    .help("keep one of the two");
                return None;
            }
            let message = format!(
                "specwright does not serve {what} yet: its value is described by `content`"
            );
            self.diagnostics
                .error("unsupported-parameter-content", content.key_span, message)
                .help("describe the value by `schema` and `style`");
            let content = self.map(at, "content")?;
            let only = self.contents(&content).into_iter().next()?;
            return Some((only.schema?, Some(only.media_type)));
        }
        let Some(schema) = schema else {
            self.examples(at, None);
            let message = format!("{what} has no `schema`");
            self.diagnostics
                .error("missing-key", at.node.span, message)
                .help("add `schema: {type: string}`, or whatever it holds");
            return None;
        };
        let schema = self.schema(schema);
        self.examples(at, Some(schema));
        Some((schema, None))
    }

    fn location(&mut self, at: &At<'a>) -> Option<Location> {
        Some(match self.required_text(at, "in")? {
            "path" => Location::Path,
            "query" => Location::Query,
            "header" => Location::Header,
            "cookie" => Location::Cookie,
            other @ ("body" | "formData") => {
                let span = at.node.get("in").map_or(at.node.span, |node| node.span);
                let message = format!("a parameter cannot be `in: {other}` since OpenAPI 3.0");
                self.diagnostics
                    .error("unknown-value", span, message)
                    .help("describe the body by `requestBody`");
                return None;
            }
            other => {
                let known = ["path", "query", "header", "cookie"];
                self.not_one_of(at, "in", other, &known);
                return None;
            }
        })
    }

    /// OAS 3.1, Style Values: each location has its own.
    fn style(&mut self, at: &At<'a>, location: Location) -> Option<Style> {
        let (default, known): (Style, &[&'static str]) = match location {
            Location::Path => (Style::Simple, &["matrix", "label", "simple"]),
            Location::Query => (
                Style::Form,
                &["form", "spaceDelimited", "pipeDelimited", "deepObject"],
            ),
            Location::Header => (Style::Simple, &["simple"]),
            Location::Cookie => (Style::Form, &["form"]),
        };
        if at.node.get("style").is_none() {
            return Some(default);
        }
        let name = self.text(at, "style")?;
        if !known.contains(&name) {
            self.not_one_of(at, "style", name, known);
            return None;
        }
        style(name)
    }
}

/// The style of a name.
pub(super) fn style(name: &str) -> Option<Style> {
    Some(match name {
        "matrix" => Style::Matrix,
        "label" => Style::Label,
        "simple" => Style::Simple,
        "form" => Style::Form,
        "spaceDelimited" => Style::SpaceDelimited,
        "pipeDelimited" => Style::PipeDelimited,
        "deepObject" => Style::DeepObject,
        _ => return None,
    })
}
