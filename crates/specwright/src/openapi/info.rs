//! What a contract says of itself: `info`, `servers`, `tags`.

use super::Lowering;
use super::documents::At;
use super::fields::Kind;
use crate::model::{Dialect, Info, Server, Tag};

/// OAS 3.1, OpenAPI Object.
pub(super) const OPENAPI: Kind = Kind {
    name: "OpenAPI Object",
    keys: &[
        "openapi",
        "info",
        "servers",
        "paths",
        "components",
        "security",
        "tags",
        "externalDocs",
    ],
    keys_31: &["jsonSchemaDialect", "webhooks"],
};

const INFO: Kind = Kind {
    name: "Info Object",
    keys: &[
        "title",
        "description",
        "termsOfService",
        "contact",
        "license",
        "version",
    ],
    keys_31: &["summary"],
};

const CONTACT: Kind = Kind {
    name: "Contact Object",
    keys: &["name", "url", "email"],
    keys_31: &[],
};

const LICENSE: Kind = Kind {
    name: "License Object",
    keys: &["name", "url"],
    keys_31: &["identifier"],
};

const SERVER: Kind = Kind {
    name: "Server Object",
    keys: &["url", "description", "variables"],
    keys_31: &[],
};

const SERVER_VARIABLE: Kind = Kind {
    name: "Server Variable Object",
    keys: &["enum", "default", "description"],
    keys_31: &[],
};

const TAG: Kind = Kind {
    name: "Tag Object",
    keys: &["name", "description", "externalDocs"],
    keys_31: &[],
};

const EXTERNAL_DOCS: Kind = Kind {
    name: "External Documentation Object",
    keys: &["description", "url"],
    keys_31: &[],
};

/// The dialects whose meaning this front end gives to schemas.
const SCHEMA_DIALECTS: [&str; 2] = [
    "https://spec.openapis.org/oas/3.1/dialect/base",
    "https://json-schema.org/draft/2020-12/schema",
];

impl<'a> Lowering<'a, '_> {
    /// OAS 3.1, Info Object.
    pub(super) fn info(&mut self, root: &At<'a>) -> Option<Info> {
        let Some(at) = root.get("info") else {
            self.missing(root, "info");
            return None;
        };
        self.object(&at, &INFO)?;
        self.plain_texts(&at, &["summary", "termsOfService"]);
        if let Some(contact) = at.get("contact")
            && self.object(&contact, &CONTACT).is_some()
        {
            self.plain_texts(&contact, CONTACT.keys);
        }
        if let Some(license) = at.get("license")
            && self.object(&license, &LICENSE).is_some()
        {
            self.required_text(&license, "name");
            self.plain_texts(&license, &["url", "identifier"]);
            self.either(&license, "identifier", "url");
        }
        let title = self.required_text(&at, "title");
        let version = self.required_text(&at, "version");
        let description = self.prose(&at, "description");
        Some(Info {
            title: title?.to_owned(),
            version: version?.to_owned(),
            description,
        })
    }

    /// OAS 3.1, OpenAPI Object: without `servers` there is one with the URL `/`.
    pub(super) fn servers(&mut self, root: &At<'a>) -> Vec<Server> {
        let list = self.list(root, "servers");
        let mut servers = Vec::new();
        for at in list.into_iter().flat_map(|list| list.items()) {
            servers.extend(self.server(&at));
        }
        if servers.is_empty() {
            servers.push(Server {
                url: "/".to_owned(),
                base_path: String::new(),
            });
        }
        self.base_paths = servers
            .iter()
            .map(|server| server.base_path.clone())
            .collect();
        servers
    }

    pub(super) fn server(&mut self, at: &At<'a>) -> Option<Server> {
        self.object(at, &SERVER)?;
        self.plain_texts(at, &["description"]);
        let template = self.required_text(at, "url");
        let mut url = template.unwrap_or_default().to_owned();
        let mut declared = Vec::new();
        let variables = self.map(at, "variables");
        let readable = variables.is_some() || at.get("variables").is_none();
        for (name, variable) in variables.into_iter().flat_map(|map| map.members()) {
            declared.push(name);
            if self.object(&variable, &SERVER_VARIABLE).is_none() {
                continue;
            }
            self.plain_texts(&variable, &["description"]);
            let values = self.texts(&variable, "enum");
            if let Some(default) = self.required_text(&variable, "default") {
                url = url.replace(&format!("{{{name}}}"), default);
                if variable.node.get("enum").is_some()
                    && !values.iter().any(|(one, _)| *one == default)
                {
                    self.foreign_default(&variable, default);
                }
            }
        }
        let template = template?;
        for name in template
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split('}').next())
        {
            if readable && !declared.contains(&name) {
                let message = format!(
                    "`variables` does not declare `{name}`, which stands in the server's URL"
                );
                self.diagnostics
                    .error("undeclared-variable", at.node.span, message)
                    .help(format!("declare `{name}` with a `default`"));
            }
        }
        let base_path = base_path(&url);
        Some(Server { url, base_path })
    }

    /// OAS 3.1, Server Variable Object: the default is one of the values; 3.0 advises it.
    fn foreign_default(&mut self, at: &At<'a>, default: &str) {
        let span = at
            .node
            .get("default")
            .map_or(at.node.span, |node| node.span);
        let message = format!("`enum` does not list the default `{default}`");
        let report = match self.dialect {
            Dialect::OpenApi30 => self.diagnostics.warning("invalid-default", span, message),
            _ => self.diagnostics.error("invalid-default", span, message),
        };
        report.help("add it to `enum`, or choose one that is listed");
    }

    /// Servers of one path or operation say where a client goes; what is served stays together.
    pub(super) fn ignored_servers(&mut self, at: &At<'a>) {
        let Some(servers) = self.list(at, "servers") else {
            return;
        };
        for item in servers.items() {
            let Some(server) = self.server(&item) else {
                continue;
            };
            if !self.base_paths.contains(&server.base_path) {
                let base = match server.base_path.as_str() {
                    "" => "/",
                    base => base,
                };
                let message = format!("nothing is served at `{base}` because of this server");
                self.diagnostics
                    .warning("ignored-server", item.node.span, message)
                    .help("list it among the contract's own `servers`, where every operation is served");
            }
        }
    }

    /// OAS 3.1, Tag Object.
    pub(super) fn tags(&mut self, root: &At<'a>) -> Vec<Tag> {
        let list = self.list(root, "tags");
        let mut tags: Vec<Tag> = Vec::new();
        for at in list.into_iter().flat_map(|list| list.items()) {
            if self.object(&at, &TAG).is_none() {
                continue;
            }
            self.external_docs(&at);
            let description = self.prose(&at, "description");
            let Some(name) = self.required_text(&at, "name") else {
                continue;
            };
            if let Some(first) = tags.iter().find(|tag| tag.name == name) {
                let message = format!("the tag `{name}` is declared twice");
                self.diagnostics
                    .error("duplicate-tag", at.node.span, message)
                    .related(first.span, "first declared here")
                    .help("remove one of the two");
                continue;
            }
            tags.push(Tag {
                name: name.to_owned(),
                description,
                span: at.node.span,
            });
        }
        tags
    }

    /// OAS 3.1, External Documentation Object; it stays in the served document.
    pub(super) fn external_docs(&mut self, at: &At<'a>) {
        if let Some(docs) = at.get("externalDocs")
            && self.object(&docs, &EXTERNAL_DOCS).is_some()
        {
            self.required_text(&docs, "url");
            self.plain_texts(&docs, &["description"]);
        }
    }

    /// OAS 3.1, OpenAPI Object: `jsonSchemaDialect`.
    pub(super) fn json_schema_dialect(&mut self, root: &At<'a>) {
        if root.node.get("jsonSchemaDialect").is_some()
            && let Some(dialect) = self.text(root, "jsonSchemaDialect")
            && let Some(node) = root.node.get("jsonSchemaDialect")
        {
            self.schema_dialect(node.span, dialect);
        }
    }

    /// Refuses a schema dialect that would give keywords another meaning.
    pub(super) fn schema_dialect(&mut self, span: crate::source::Span, dialect: &str) {
        if !SCHEMA_DIALECTS.contains(&dialect.trim_end_matches('#')) {
            let message = format!("specwright does not know the schema dialect `{dialect}`");
            self.diagnostics
                .error("unsupported-schema-dialect", span, message)
                .help("leave it out: OpenAPI 3.1 uses JSON Schema 2020-12");
        }
    }
}

/// The path of a URL or relative reference, without a trailing slash. The contract is taken to
/// stand at the root: clients remove dot segments before they ask (RFC 3986, section 5.2.4).
fn base_path(url: &str) -> String {
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => url
            .strip_prefix("//")
            .map_or(url, |rest| rest.find('/').map_or("", |at| &rest[at..])),
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut segments = Vec::new();
    for segment in path.trim_matches('/').split('/') {
        match segment {
            "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    match segments.join("/") {
        path if path.is_empty() => path,
        path => format!("/{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::base_path;

    #[test]
    fn base_paths_come_from_urls_and_relative_references() {
        for (url, path) in [
            ("/", ""),
            ("", ""),
            ("https://api.example.com", ""),
            ("https://api.example.com/", ""),
            ("https://api.example.com/v1/", "/v1"),
            ("https://api.example.com/a/b?x=1", "/a/b"),
            ("//api.example.com/v2", "/v2"),
            ("/v1", "/v1"),
            ("v1", "/v1"),
            ("./v1", "/v1"),
            (".", ""),
            ("../v1", "/v1"),
            ("/a/./b/../c", "/a/c"),
            ("https://api.example.com/a/..", ""),
        ] {
            assert_eq!(base_path(url), path, "{url}");
        }
    }
}
