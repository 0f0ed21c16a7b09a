//! What the runtime needs to know beforehand: operations, parameters, shapes, checks, patterns.

use super::Emitter;
use super::layout::{ARRAY_WIDTH, CALL_WIDTH, fits, literal};
use super::responses::status_text;
use crate::ir::{
    Body, Check, CheckId, Content, Lifecycle, Module, Operation, Parameter, ResponseVariant,
    Scheme, Shape,
};
use crate::model::{Encoding, Location, MediaForm, Method, SecurityKind, Style, Undeclared};
use std::collections::BTreeSet;

impl Emitter<'_> {
    pub(super) fn statics(&mut self) {
        let module = self.module;
        if !checks_in_use(module).is_empty() {
            self.out.blank();
            let file = literal(&format!("{}.checks.json", module.name));
            self.one_line_or_next(
                "static CHECKS: rt::Checks = rt::Checks::new",
                &format!("include_str!({file})"),
            );
        }
        let used = checks_in_use(module);
        for (index, (constant, key)) in module.checks.iter().enumerate() {
            if !used.contains(&CheckId(index)) {
                continue;
            }
            let args = ["&CHECKS", &literal(key)];
            let head = format!("static {constant}: rt::Check = rt::Check::new");
            self.one_line_or_next(&head, &args.join(", "));
        }
        let patterns = patterns_in_use(module);
        if !patterns.is_empty() {
            self.out.blank();
        }
        for index in patterns {
            let (constant, text) = &module.patterns[index];
            let head = format!("static {constant}: rt::Pattern = rt::Pattern::new");
            self.one_line_or_next(&head, &literal(text));
        }
        for scheme in &module.schemes {
            self.scheme(scheme);
        }
        for requirement in &module.requirements {
            self.out.blank();
            self.out.line(
                0,
                &format!(
                    "const {}: rt::Requirement = rt::Requirement {{",
                    requirement.constant
                ),
            );
            self.out.line(
                1,
                &format!("scheme: &{},", module.schemes[requirement.scheme].constant),
            );
            let scopes: Vec<String> = requirement
                .scopes
                .iter()
                .map(|scope| literal(scope))
                .collect();
            self.out.array(1, "scopes: &", &scopes, ",");
            self.out.line(0, "};");
        }
        for (constant, shape) in &module.shapes {
            self.named_shape(constant, shape);
        }
        for operation in &module.operations {
            self.operation(operation);
        }
        if module.sides.server {
            self.api();
        }
    }

    /// `static NAME: T = T::new(args);`, the right side on the next line when it is long.
    pub(super) fn one_line_or_next(&mut self, head: &str, args: &str) {
        self.out.assignment(0, &format!("{head}({args})"), ";");
    }

    fn scheme(&mut self, scheme: &Scheme) {
        self.out.blank();
        self.out.line(
            0,
            &format!(
                "static {}: rt::SecurityScheme = rt::SecurityScheme {{",
                scheme.constant
            ),
        );
        self.out
            .line(1, &format!("name: {},", literal(&scheme.name)));
        match &scheme.kind {
            SecurityKind::Basic => self.out.line(1, "kind: rt::SecurityKind::Basic,"),
            SecurityKind::ApiKey { location, name } => {
                self.out.line(1, "kind: rt::SecurityKind::ApiKey {");
                self.out.line(
                    2,
                    &format!("location: rt::Location::{},", location_variant(*location)),
                );
                self.out.line(2, &format!("name: {},", literal(name)));
                self.out.line(1, "},");
            }
            _ => self.out.line(1, "kind: rt::SecurityKind::Bearer,"),
        }
        self.out.line(0, "};");
    }

    fn operation(&mut self, operation: &Operation) {
        let parameters = operation
            .request
            .iter()
            .flat_map(|request| &request.parameters);
        for parameter in parameters.clone() {
            self.parameter(parameter);
        }
        let body = operation
            .request
            .as_ref()
            .and_then(|request| request.body.as_ref());
        if let Some(body) = body {
            self.body(body);
        }
        for variant in &operation.response.variants {
            self.response_static(variant);
        }
        self.out.blank();
        self.out.line(
            0,
            &format!(
                "static {}: rt::Operation = rt::Operation {{",
                operation.constant
            ),
        );
        self.out
            .line(1, &format!("id: {},", literal(&operation.id)));
        self.out.line(
            1,
            &format!("method: rt::Method::{},", method_variant(operation.method)),
        );
        self.out
            .line(1, &format!("path: {},", literal(&operation.path)));
        let tags: Vec<String> = operation.tags.iter().map(|tag| literal(tag)).collect();
        self.out.array(1, "tags: &", &tags, ",");
        self.out
            .line(1, &format!("deprecated: {},", operation.deprecated));
        let parameters: Vec<String> = parameters
            .map(|parameter| format!("&{}", parameter.constant))
            .collect();
        self.out.array(1, "parameters: &", &parameters, ",");
        match body {
            Some(body) => self
                .out
                .line(1, &format!("body: Some(&{}),", body.constant)),
            None => self.out.line(1, "body: None,"),
        }
        let responses: Vec<String> = operation
            .response
            .variants
            .iter()
            .map(|variant| format!("&{}", variant.constant))
            .collect();
        self.out.array(1, "responses: &", &responses, ",");
        self.security(&operation.security);
        self.out.line(0, "};");
        if let Some(lifecycle) = operation
            .lifecycle
            .as_ref()
            .filter(|_| self.module.sides.server)
        {
            self.lifecycle(operation, lifecycle);
        }
        if self.module.sides.server {
            self.rules(operation);
        }
    }

    fn lifecycle(&mut self, operation: &Operation, lifecycle: &Lifecycle) {
        let optional = |text: &Option<String>| match text {
            Some(text) => format!("Some({})", literal(text)),
            None => "None".to_owned(),
        };
        let constant = &lifecycle.constant;
        self.out.blank();
        let head = format!("static {constant}: rt::Lifecycle = rt::Lifecycle {{");
        self.out.line(0, &head);
        self.out
            .line(1, &format!("operation: &{},", operation.constant));
        let deprecation = optional(&lifecycle.deprecation);
        self.out.line(1, &format!("deprecation: {deprecation},"));
        let sunset = optional(&lifecycle.sunset);
        self.out.line(1, &format!("sunset: {sunset},"));
        self.out.line(0, "};");
    }

    fn security(&mut self, security: &[Vec<usize>]) {
        let constant = |one: &usize| self.module.requirements[*one].constant.clone();
        let alternatives: Vec<Vec<String>> = security
            .iter()
            .map(|all| all.iter().map(constant).collect())
            .collect();
        // A lone list hugs the brackets around it.
        if let [only] = alternatives.as_slice() {
            return match only.as_slice() {
                [name] => self.out.line(1, &format!("security: &[&[{name}]],")),
                names => self.out.array(1, "security: &[&", names, "],"),
            };
        }
        let flat: Vec<String> = alternatives
            .iter()
            .map(|names| format!("&[{}]", names.join(", ")))
            .collect();
        if flat.join(", ").len() <= ARRAY_WIDTH {
            return self.out.array(1, "security: &", &flat, ",");
        }
        self.out.line(1, "security: &[");
        for names in &alternatives {
            self.out.array(2, "&", names, ",");
        }
        self.out.line(1, "],");
    }

    fn parameter(&mut self, parameter: &Parameter) {
        self.out.blank();
        self.out.line(
            0,
            &format!(
                "static {}: rt::Parameter = rt::Parameter {{",
                parameter.constant
            ),
        );
        self.out
            .line(1, &format!("name: {},", literal(&parameter.name)));
        self.out.line(
            1,
            &format!(
                "location: rt::Location::{},",
                location_variant(parameter.location)
            ),
        );
        let required = parameter.presence == crate::ir::Presence::Required;
        self.out.line(1, &format!("required: {required},"));
        self.out.line(
            1,
            &format!("style: rt::Style::{},", style_variant(parameter.style)),
        );
        self.out
            .line(1, &format!("explode: {},", parameter.explode));
        self.out.line(
            1,
            &format!("allow_empty_value: {},", parameter.allow_empty_value),
        );
        self.out
            .line(1, &format!("shape: {},", self.shape(&parameter.shape)));
        self.out.line(
            1,
            &format!("check: &{},", self.module.checks[parameter.check.0].0),
        );
        self.out.line(0, "};");
    }

    fn body(&mut self, body: &Body) {
        for content in &body.contents {
            self.content(content);
        }
        self.out.blank();
        self.out.line(
            0,
            &format!(
                "static {}: rt::RequestBody = rt::RequestBody {{",
                body.constant
            ),
        );
        self.out.line(1, &format!("required: {},", body.required));
        let contents: Vec<String> = body
            .contents
            .iter()
            .map(|content| format!("&{}", content.constant))
            .collect();
        self.out.array(1, "content: &", &contents, ",");
        let undeclared = match body.undeclared {
            Undeclared::Refuse => "Refuse",
            Undeclared::Ignore => "Ignore",
        };
        self.out
            .line(1, &format!("undeclared: rt::Undeclared::{undeclared},"));
        self.out.line(0, "};");
    }

    fn content(&mut self, content: &Content) {
        let encodings: Vec<String> = content
            .encoding
            .iter()
            .enumerate()
            .map(|(index, encoding)| {
                let constant = format!("{}_ENCODING_{}", content.constant, index + 1);
                self.encoding(&constant, encoding);
                constant
            })
            .collect();
        self.out.blank();
        self.out.line(
            0,
            &format!("static {}: rt::Content = rt::Content {{", content.constant),
        );
        self.out
            .line(1, &format!("media_type: {},", literal(&content.media_type)));
        self.out.line(
            1,
            &format!("form: rt::MediaForm::{},", form_variant(content.form)),
        );
        self.out
            .line(1, &format!("shape: {},", self.shape(&content.shape)));
        self.out.array(1, "encoding: &", &encodings, ",");
        match content.check {
            Some(check) => self.out.line(
                1,
                &format!("check: Some(&{}),", self.module.checks[check.0].0),
            ),
            None => self.out.line(1, "check: None,"),
        }
        self.out.line(0, "};");
    }

    fn encoding(&mut self, constant: &str, encoding: &Encoding) {
        let is_json = |ty: &String| ty.starts_with("application/json") || ty.contains("+json");
        self.out.blank();
        self.out.line(
            0,
            &format!("const {constant}: rt::Encoding = rt::Encoding {{"),
        );
        self.out
            .line(1, &format!("property: {},", literal(&encoding.property)));
        self.out.line(
            1,
            &format!("style: rt::Style::{},", style_variant(encoding.style)),
        );
        self.out.line(1, &format!("explode: {},", encoding.explode));
        self.out.line(
            1,
            &format!(
                "json: {},",
                encoding.content_type.as_ref().is_some_and(is_json)
            ),
        );
        self.out.line(0, "};");
    }

    fn response_static(&mut self, variant: &ResponseVariant) {
        self.out.blank();
        self.out.line(
            0,
            &format!(
                "static {}: rt::Response = rt::Response {{",
                variant.constant
            ),
        );
        self.out.line(
            1,
            &format!("status: {},", literal(&status_text(variant.status))),
        );
        let contents: Vec<(String, String)> = variant
            .contents
            .iter()
            .map(|content| {
                let check = match content.check {
                    Some(check) => format!("Some(&{})", self.module.checks[check.0].0),
                    None => "None".to_owned(),
                };
                (literal(&content.media_type), check)
            })
            .collect();
        self.out.pairs(1, "content: &", &contents);
        self.out.line(0, "};");
    }

    fn api(&mut self) {
        let module = self.module;
        self.out.blank();
        self.out.doc_line(0, "What the contract says of itself.");
        self.out.line(0, "pub static API: rt::Api = rt::Api {");
        self.out
            .line(1, &format!("name: {},", literal(&module.name)));
        self.out
            .line(1, &format!("title: {},", literal(&module.title)));
        self.out
            .line(1, &format!("version: {},", literal(&module.version)));
        let bases: Vec<String> = module.bases.iter().map(|base| literal(base)).collect();
        self.out.array(1, "bases: &", &bases, ",");
        let operations: Vec<String> = module
            .operations
            .iter()
            .map(|one| format!("&{}", one.constant))
            .collect();
        self.out.array(1, "operations: &", &operations, ",");
        for form in ["json", "yaml"] {
            let file = literal(&format!("{}.openapi.{form}", module.name));
            self.out
                .line(1, &format!("document_{form}: include_str!({file}),"));
        }
        self.out.line(0, "};");
        self.sources();
    }

    /// What the served document does not show: the contract in its own dialect.
    fn sources(&mut self) {
        if self.module.sources.is_empty() {
            return;
        }
        self.out.blank();
        self.out.doc_line(
            0,
            "The contract as it was written: the path and text of each file, the root first.",
        );
        let file = |index| literal(&format!("{}.source.{index}", self.module.name));
        let sources = self.module.sources.iter().enumerate();
        let sources: Vec<_> = sources
            .map(|(index, path)| (literal(path), format!("include_str!({})", file(index))))
            .collect();
        let head = "pub static SOURCES: &[(&str, &str)] =";
        if let [(path, text)] = sources.as_slice() {
            let only = format!("&[({path}, {text})];");
            let hugged = path.len() + text.len() + 2 > CALL_WIDTH;
            if !hugged && !fits(0, &[head, " ", &only]) {
                self.out.line(0, head);
                return self.out.line(1, &only);
            }
        }
        self.out.pairs_to(0, &format!("{head} &"), &sources, ";");
    }
}

/// The checks that something printed refers to: what only a response brings is never read.
fn checks_in_use(module: &Module) -> BTreeSet<CheckId> {
    let types = module.types.iter().filter(|definition| definition.read);
    let readers = module.readers.iter().filter(|reader| reader.read);
    let mut used: BTreeSet<CheckId> = types
        .filter_map(|definition| definition.residual)
        .chain(readers.filter_map(|reader| reader.residual))
        .collect();
    used.extend(module.shapes.iter().filter_map(|(_, shape)| match shape {
        Shape::OneOf(_, check) => *check,
        _ => None,
    }));
    for operation in &module.operations {
        if let Some(request) = &operation.request {
            used.extend(request.parameters.iter().map(|parameter| parameter.check));
            let contents = request.body.iter().flat_map(|body| &body.contents);
            used.extend(contents.filter_map(|content| content.check));
        }
        let variants = operation.response.variants.iter();
        let contents = variants.flat_map(|variant| &variant.contents);
        used.extend(contents.filter_map(|content| content.check));
    }
    used
}

/// The patterns that a printed reader refers to.
fn patterns_in_use(module: &Module) -> BTreeSet<usize> {
    let readers = module.readers.iter().filter(|reader| reader.read);
    let checks = readers.flat_map(|reader| &reader.checks);
    checks
        .filter_map(|check| match check {
            Check::Pattern(index) => Some(*index),
            _ => None,
        })
        .collect()
}

fn method_variant(method: Method) -> &'static str {
    match method {
        Method::Get => "Get",
        Method::Put => "Put",
        Method::Post => "Post",
        Method::Delete => "Delete",
        Method::Options => "Options",
        Method::Head => "Head",
        Method::Patch => "Patch",
        Method::Trace => "Trace",
    }
}

fn location_variant(location: Location) -> &'static str {
    match location {
        Location::Path => "Path",
        Location::Query => "Query",
        Location::Header => "Header",
        Location::Cookie => "Cookie",
    }
}

fn style_variant(style: Style) -> &'static str {
    match style {
        Style::Matrix => "Matrix",
        Style::Label => "Label",
        Style::Simple => "Simple",
        Style::Form => "Form",
        Style::Commas => "Commas",
        Style::SpaceDelimited => "SpaceDelimited",
        Style::PipeDelimited => "PipeDelimited",
        Style::DeepObject => "DeepObject",
    }
}

fn form_variant(form: MediaForm) -> &'static str {
    match form {
        MediaForm::Json => "Json",
        MediaForm::Form => "Form",
        MediaForm::Text => "Text",
        _ => "Binary",
    }
}
