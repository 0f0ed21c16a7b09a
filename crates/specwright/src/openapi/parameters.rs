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

/// The parameters of a path item or operation.
#[derive(Clone, Default)]
pub(super) struct Parameters {
    /// Those that could be read.
    pub read: Vec<Parameter>,
    /// The names of the others, as far as they are known; what is wrong with them has been reported.
    pub faulty: Vec<Option<String>>,
}

impl Parameters {
    /// Whether one that could not be read may have this name.
    pub fn may_name(&self, name: &str) -> bool {
        let mut faulty = self.faulty.iter();
        faulty.any(|known| known.as_ref().is_none_or(|known| known == name))
    }
}

/// Why there is no parameter.
pub(super) enum Unread {
    /// It is one of those that have no effect.
    Ignored,
    /// It has a fault, which has been reported; its name, when that is known.
    Faulty(Option<String>),
}

/// OAS 3.1, Parameter Object: header parameters of these names are ignored.
const IGNORED_HEADERS: [&str; 3] = ["Accept", "Content-Type", "Authorization"];

impl<'a> Lowering<'a, '_> {
    /// The `parameters` of a path item or operation, without repetitions.
    pub(super) fn parameters(&mut self, at: &At<'a>) -> Parameters {
        let mut parameters = Parameters::default();
        let list = self.list(at, "parameters");
        if list.is_none() && at.get("parameters").is_some() {
            parameters.faulty.push(None);
        }
        for item in list.into_iter().flat_map(|list| list.items()) {
            let place = item.node.span;
            let parameter = match self.parameter(item) {
                Ok(parameter) => parameter,
                Err(Unread::Ignored) => continue,
                Err(Unread::Faulty(name)) => {
                    parameters.faulty.push(name);
                    continue;
                }
            };
            let mut read = parameters.read.iter();
            match read.find(|known| same(known, &parameter)) {
                // Both were made of one path, which has been reported.
                Some(first) if self.documents.is_tree() && first.span == parameter.span => {}
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
                None => parameters.read.push(parameter),
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
    pub(super) fn parameter(&mut self, at: At<'a>) -> Result<Parameter, Unread> {
        let unread = || Unread::Faulty(None);
        let (at, description) = self
            .follow_described(at, Referable::Parameter)
            .ok_or_else(unread)?;
        let members = self.object(&at, &PARAMETER).ok_or_else(unread)?;
        let name = self.required_text(&at, "name");
        let location = self.location(&at);
        let required = self.flag(&at, "required").unwrap_or_default();
        let deprecated = self.flag(&at, "deprecated").unwrap_or_default();
        let allow_empty_value = self.flag(&at, "allowEmptyValue").unwrap_or_default();
        let allow_reserved = self.flag(&at, "allowReserved").unwrap_or_default();
        let explode = self.flag(&at, "explode");
        let (Some(name), Some(location)) = (name, location) else {
            self.nameless(&at, name);
            return Err(Unread::Faulty(name.map(str::to_owned)));
        };
        if self.is_ignored(&at, name, location) {
            return Err(Unread::Ignored);
        }
        self.check_name(&at, name, location);
        if location == Location::Path && !required {
            // OAS 3.1, Parameter Object: a path parameter is always required.
            let message = format!("the path parameter `{name}` is not marked as required");
            self.diagnostics
                .error("path-parameter-not-required", at.node.span, message)
                .help("add `required: true`");
        }
        let style = self.style(&at, location);
        let explode = explode.unwrap_or(style == Style::Form);
        let commas = self.commas(&at, (name, location), style, explode);
        let naming = self.naming(&at);
        let value = self.value_schema(&at, &format!("the parameter `{name}`"));
        // What its items are like is not asked of a parameter whose schema is missing.
        let (style, naming) = match &value {
            Some(_) => (commas, naming),
            None => (style, None),
        };
        let (schema, media_type) = value.unwrap_or_else(|| (self.any_schema(&at), None));
        Ok(Parameter {
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
            naming,
            extensions: extensions(members),
            span: at.node.span,
        })
    }

    /// What else may be wrong with a parameter whose name or location is.
    fn nameless(&mut self, at: &At<'a>, name: Option<&str>) {
        self.text(at, "style");
        self.naming(at);
        let what = match name {
            Some(name) => format!("the parameter `{name}`"),
            None => "the parameter".to_owned(),
        };
        self.value_schema(at, &what);
    }

    /// Whether a parameter has no effect, which is reported. In RAML these are headers like any
    /// other.
    fn is_ignored(&mut self, at: &At<'a>, name: &str, location: Location) -> bool {
        let mut ignored = IGNORED_HEADERS.iter();
        if location != Location::Header
            || self.dialect == Dialect::Raml10
            || !ignored.any(|one| one.eq_ignore_ascii_case(name))
        {
            return false;
        }
        self.unused_value(at);
        let message = format!("a header parameter called `{name}` has no effect");
        self.diagnostics
            .warning("ignored-parameter", at.node.span, message)
            .help("media types are declared under `content`, credentials under `securitySchemes`");
        true
    }

    /// Checks a schema and its examples, which nothing is made of.
    pub(super) fn unused_value(&mut self, at: &At<'a>) {
        let schema = at.get("schema").map(|schema| self.schema(schema));
        self.examples(at, schema);
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
                self.unused_value(at);
                let content = self.map(at, "content");
                content.map(|content| self.contents(&content));
                return None;
            }
            self.examples(at, None);
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
    fn style(&mut self, at: &At<'a>, location: Location) -> Style {
        let (default, known): (Style, &[&'static str]) = match location {
            Location::Path => (Style::Simple, &["matrix", "label", "simple"]),
            Location::Query => (
                Style::Form,
                &["form", "spaceDelimited", "pipeDelimited", "deepObject"],
            ),
            Location::Header => (Style::Simple, &["simple"]),
            Location::Cookie => (Style::Form, &["form"]),
        };
        match self.text(at, "style") {
            Some(name) if known.contains(&name) => style(name).unwrap_or(default),
            Some(other) => {
                self.not_one_of(at, "style", other, known);
                default
            }
            None => default,
        }
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
