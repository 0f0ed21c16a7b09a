//! The root of an API: title, version, base URI, documentation.

use super::Lowering;
use super::annotations::Target;
use super::build::{self, Object};
use super::documents::Header;
use super::fields::Facets;
use super::resources::template_names;
use super::types::Untyped;
use crate::source::Span;
use crate::yaml::{Mapping, Node, Value};

pub(super) const API: Facets = Facets {
    name: "an API",
    keys: &[
        "title",
        "description",
        "version",
        "baseUri",
        "baseUriParameters",
        "protocols",
        "mediaType",
        "documentation",
        "schemas",
        "types",
        "traits",
        "resourceTypes",
        "annotationTypes",
        "securitySchemes",
        "securedBy",
        "uses",
    ],
    resources: true,
    fragment: None,
};

/// An overlay or an extension.
pub(super) const EXTENSION: Facets = Facets {
    name: "an overlay or extension",
    keys: &[
        "title",
        "description",
        "version",
        "baseUri",
        "baseUriParameters",
        "protocols",
        "mediaType",
        "documentation",
        "schemas",
        "types",
        "traits",
        "resourceTypes",
        "annotationTypes",
        "securitySchemes",
        "securedBy",
        "uses",
        "usage",
        "extends",
    ],
    resources: true,
    fragment: None,
};

pub(super) const DOCUMENTATION_ITEM: Facets = Facets {
    name: "an item of `documentation`",
    keys: &["title", "content"],
    resources: false,
    fragment: Some(Header::DocumentationItem),
};

impl Lowering<'_> {
    /// The whole OpenAPI document.
    pub(super) fn api(&mut self, document: &Node) -> Node {
        let members = document.as_mapping().cloned().unwrap_or_default();
        self.media_types = self.default_media_types(&members);
        let mut root = Object::new(document.span);
        let start = Span {
            end: document.span.start,
            ..document.span
        };
        root.set("openapi", build::text(start, "3.1.0"));
        let info = self.info(document, &members);
        root.set("info", info);
        let servers = self.servers(&members);
        if !servers.is_empty() {
            root.set("servers", build::list(servers[0].span, servers));
        }
        self.check_declarations();
        let security = members.get("securedBy").map(|entry| entry.value.clone());
        self.security = security.map(|node| self.secured_by(&node));
        let paths = self.paths(document);
        root.set("paths", paths);
        let mut components = Object::new(document.span);
        let mut schemas = Object::new(document.span);
        for entry in self.components() {
            schemas.put(entry.key, entry.key_span, entry.value);
        }
        if !schemas.is_empty() {
            components.set("schemas", schemas.finish());
        }
        if let Some(schemes) = self.security_components(document.span) {
            components.set("securitySchemes", schemes);
        }
        if !components.is_empty() {
            root.set("components", components.finish());
        }
        if let Some(security) = self.security.clone() {
            root.set("security", self.requirements(&security));
        }
        for entry in self.annotations(&members, self.root_targets()) {
            root.put(entry.key, entry.key_span, entry.value);
        }
        root.finish()
    }

    fn info(&mut self, document: &Node, members: &Mapping) -> Node {
        let start = Span {
            end: document.span.start,
            ..document.span
        };
        let mut info = Object::new(start);
        match self.text(members, "title") {
            Some((title, span)) => {
                if title.trim().is_empty() {
                    self.diagnostics
                        .error("missing-key", span, "the title of an API is empty")
                        .help("give the API a name");
                }
                info.set("title", build::text(span, title));
            }
            None => {
                if members.get("title").is_none() {
                    self.missing(start, "title", "an API");
                }
                info.set("title", build::text(start, "API"));
            }
        }
        // OAS 3.1, Info Object: `version` must be there, which RAML leaves open.
        let version = self.text(members, "version");
        let (version, span) = version.unwrap_or(("unversioned".to_owned(), start));
        info.set("version", build::text(span, version));
        let description = self.text(members, "description");
        let mut text = description.as_ref().map_or("", |(text, _)| text).to_owned();
        let span = description.map_or(start, |(_, span)| span);
        for (title, content) in self.documentation(members) {
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            text.push_str(&format!("# {title}\n\n{}", content.trim_end()));
        }
        if !text.is_empty() {
            info.set("description", build::text(span, text));
        }
        info.finish()
    }

    /// RAML 1.0, User Documentation: title and content of each item.
    fn documentation(&mut self, members: &Mapping) -> Vec<(String, String)> {
        let help = "add an item with `title` and `content`, or remove it";
        let items = self.filled_array(members, "documentation", "an array of items", help);
        items
            .iter()
            .filter_map(|item| self.documentation_item(item))
            .collect()
    }

    /// The items of an array that says something where it stands; none when it is wrong.
    fn filled_array(
        &mut self,
        members: &Mapping,
        key: &str,
        expected: &'static str,
        help: &'static str,
    ) -> Vec<Node> {
        let Some(entry) = members.get(key) else {
            return Vec::new();
        };
        match entry.value.as_sequence() {
            Some([]) => {
                self.diagnostics
                    .error("missing-key", entry.value.span, format!("`{key}` is empty"))
                    .help(help);
                Vec::new()
            }
            Some(items) => items.to_vec(),
            None => {
                self.wrong_type(&entry.value, &format!("`{key}`"), expected);
                Vec::new()
            }
        }
    }

    pub(super) fn documentation_item(&mut self, item: &Node) -> Option<(String, String)> {
        let members = self.facets(item, &DOCUMENTATION_ITEM)?.clone();
        self.annotations(&members, &[Target::DocumentationItem]);
        let mut part = |key: &str| {
            let what = "an item of `documentation`";
            let Some(entry) = members.get(key) else {
                self.missing(item.span, key, what);
                return None;
            };
            if let Value::Null = entry.value.value {
                self.empty(entry.key_span, key);
                return None;
            }
            let (text, span) = self.text(&members, key)?;
            if text.trim().is_empty() {
                self.empty(span, key);
            }
            Some(text)
        };
        let title = part("title");
        let content = part("content");
        Some((title?, content?))
    }

    fn empty(&mut self, span: Span, key: &str) {
        self.diagnostics
            .error("missing-key", span, format!("`{key}` is empty"))
            .help("write some text");
    }

    /// RAML 1.0, Default Media Types.
    fn default_media_types(&mut self, members: &Mapping) -> Vec<(String, Span)> {
        let media_types = self.texts(members, "mediaType");
        for (media_type, span) in &media_types {
            self.check_media_type(media_type, *span);
        }
        media_types
    }

    /// RAML 1.0, Protocols: a list of HTTP and HTTPS, in any case.
    pub(super) fn protocols(&mut self, members: &Mapping) -> Vec<(&'static str, Span)> {
        let help = "write `[HTTP]`, `[HTTPS]` or both, or remove it";
        let items = self.filled_array(members, "protocols", "an array", help);
        let mut protocols = Vec::new();
        for item in &items {
            match item.as_str().map(str::to_ascii_lowercase).as_deref() {
                Some("http") => protocols.push(("http", item.span)),
                Some("https") => protocols.push(("https", item.span)),
                _ => {
                    self.diagnostics
                        .error("unknown-value", item.span, "a protocol is HTTP or HTTPS")
                        .help("write `HTTP` or `HTTPS`");
                }
            }
        }
        protocols
    }

    /// One server a protocol. A base URI without a host is a path.
    fn servers(&mut self, members: &Mapping) -> Vec<Node> {
        let protocols = self.protocols(members);
        let Some((uri, span)) = self.text(members, "baseUri") else {
            if let Some(entry) = members.get("baseUriParameters") {
                self.diagnostics
                    .error(
                        "undeclared-path-parameter",
                        entry.key_span,
                        "there is no `baseUri` that these parameters could stand in",
                    )
                    .help("add `baseUri`");
            }
            return Vec::new();
        };
        if !self.check_uri(&uri, span) {
            return Vec::new();
        }
        let uri = uri.trim_end_matches('/').to_owned();
        let variables = self.base_parameters(members, &uri, span);
        let urls = match (uri.split_once("://"), protocols.is_empty()) {
            (Some((_, rest)), false) => protocols
                .iter()
                .map(|(protocol, _)| format!("{protocol}://{rest}"))
                .collect(),
            (Some(_), true) => vec![uri],
            (None, false) if is_host(&uri) => protocols
                .iter()
                .map(|(protocol, _)| format!("{protocol}://{}", uri.trim_start_matches('/')))
                .collect(),
            (None, true) if is_host(&uri) => {
                vec![format!("//{}", uri.trim_start_matches('/'))]
            }
            (None, _) => vec![uri],
        };
        let make = |url: String| {
            let mut server = Object::new(span);
            let url = if url.is_empty() { "/".to_owned() } else { url };
            server.set("url", build::text(span, url));
            if let Some(variables) = &variables {
                server.set("variables", variables.clone());
            }
            server.finish()
        };
        urls.into_iter().map(make).collect()
    }

    /// Whether a base URI can be one; anything else is reported.
    fn check_uri(&mut self, uri: &str, span: Span) -> bool {
        let opened = uri.matches('{').count();
        let names = template_names(uri);
        let braces = names.len() == opened
            && opened == uri.matches('}').count()
            && names
                .iter()
                .all(|name| !name.is_empty() && !name.contains(['{', '/']));
        let space = uri.contains(char::is_whitespace);
        if !braces {
            self.diagnostics
                .error(
                    "invalid-uri",
                    span,
                    format!("the braces in `{uri}` do not enclose names"),
                )
                .help("a parameter of the base URI is written `{name}`");
        } else if space {
            self.diagnostics
                .error(
                    "invalid-uri",
                    span,
                    format!("`{uri}` is no URI: it has white space in it"),
                )
                .help("write `%20` for a space");
        }
        braces && !space
    }

    /// The parameters of the base URI as server variables, which need a default.
    fn base_parameters(&mut self, members: &Mapping, uri: &str, span: Span) -> Option<Node> {
        let declared = members.get("baseUriParameters");
        let declared =
            declared.and_then(|entry| self.mapping(&entry.value, "`baseUriParameters`").cloned());
        let declared = declared.unwrap_or_default();
        let names = template_names(uri);
        for entry in declared.iter() {
            // Checked like any other declaration, though nothing of it is served.
            let declaration = super::documents::without(entry.value.clone(), &["required"]);
            self.schema(&declaration, Untyped::String);
            let (name, _) = self.property(entry);
            if !names.contains(&name) {
                let message = format!("the base URI has no `{{{name}}}`");
                let close = crate::suggest::closest(&name, names.iter().map(String::as_str));
                let diagnostic =
                    self.diagnostics
                        .error("undeclared-path-parameter", entry.key_span, message);
                match close {
                    Some(close) => diagnostic.help(format!("did you mean `{close}`?")),
                    None => diagnostic.help("put it into `baseUri`, or remove it"),
                };
            }
        }
        if names.is_empty() {
            return None;
        }
        let mut variables = Object::new(span);
        for name in names {
            let entry = declared
                .get(&name)
                .or_else(|| declared.get(&format!("{name}?")));
            let node = entry.map(|entry| &entry.value);
            let variable = self.variable(members, &name, node, uri, span);
            variables.put(name, entry.map_or(span, |entry| entry.key_span), variable);
        }
        Some(variables.finish())
    }

    fn variable(
        &mut self,
        members: &Mapping,
        name: &str,
        declared: Option<&Node>,
        uri: &str,
        span: Span,
    ) -> Node {
        let facets = declared
            .and_then(Node::as_mapping)
            .cloned()
            .unwrap_or_default();
        let mut variable = Object::new(declared.map_or(span, |node| node.span));
        let allowed = self.texts(&facets, "enum");
        // RAML 1.0, Base URI and Base URI Parameters: `version` is that of the API.
        let version = match name {
            "version" => self.text(members, "version"),
            _ => None,
        };
        let given = ["default", "example"]
            .iter()
            .find_map(|key| facets.get(key))
            .filter(|entry| !matches!(entry.value.value, Value::Mapping(_) | Value::Sequence(_)))
            .and_then(|entry| self.text_of(&entry.value, "a base URI parameter"));
        let default = version.or(given).or_else(|| allowed.first().cloned());
        let default = default.unwrap_or_else(|| {
            let path = uri.split_once("://").map_or(uri, |(_, rest)| rest);
            let in_path = path
                .split_once('/')
                .is_some_and(|(_, path)| path.contains(&format!("{{{name}}}")));
            if in_path {
                let message = format!(
                    "nothing says what `{{{name}}}` is, so the API is served under that text"
                );
                self.diagnostics
                    .warning("open-base-uri", span, message)
                    .help(format!(
                        "give `{name}` a `default` under `baseUriParameters`"
                    ));
            }
            (name.to_owned(), span)
        });
        variable.set("default", build::text(default.1, default.0));
        if !allowed.is_empty() {
            let items = allowed
                .into_iter()
                .map(|(text, span)| build::text(span, text));
            variable.set("enum", build::list(span, items.collect()));
        }
        if let Some((text, span)) = self.text(&facets, "description") {
            variable.set("description", build::text(span, text));
        }
        variable.finish()
    }
}

/// Whether a base URI without a scheme begins with a host, as `api.example.com/v1` does.
fn is_host(uri: &str) -> bool {
    uri.starts_with("//") || !uri.starts_with('/') && !uri.is_empty()
}
