//! Security schemes and where they are applied.

use super::Lowering;
use super::annotations::Target;
use super::build::{self, Object};
use super::documents::{Header, without};
use super::fields::{Facets, plain};
use super::merge::merge;
use super::methods::RESPONSE;
use super::scope::{Declared, Kind, ScopeId};
use crate::source::Span;
use crate::suggest;
use crate::yaml::{Entry, Mapping, Node, Value};
use std::rc::Rc;

const SCHEME: Facets = Facets {
    name: "a security scheme",
    keys: &[
        "type",
        "displayName",
        "description",
        "describedBy",
        "settings",
    ],
    resources: false,
    fragment: Some(Header::SecurityScheme),
};

const DESCRIBED_BY: Facets = Facets {
    name: "`describedBy`",
    keys: &["headers", "queryParameters", "queryString", "responses"],
    resources: false,
    fragment: None,
};

const TYPES: [&str; 5] = [
    "OAuth 1.0",
    "OAuth 2.0",
    "Basic Authentication",
    "Digest Authentication",
    "Pass Through",
];

/// What the authorisation grants of RAML are called in OpenAPI, and which addresses each needs.
const GRANTS: [(&str, &str, bool, bool); 4] = [
    ("authorization_code", "authorizationCode", true, true),
    ("implicit", "implicit", true, false),
    ("password", "password", false, true),
    ("client_credentials", "clientCredentials", false, true),
];

/// A security scheme as OpenAPI says it.
pub(super) struct Scheme {
    /// Entries of `securitySchemes`, all of which a request must satisfy.
    components: Vec<Entry>,
    /// What `describedBy` says beyond the credentials.
    described: Node,
    /// Whether the credentials are checked by the scheme, so that a parameter which carries them is
    /// optional.
    native: bool,
}

/// The schemes of which a request must satisfy one.
#[derive(Clone)]
pub(super) struct Security {
    span: Span,
    alternatives: Vec<Alternative>,
}

#[derive(Clone)]
struct Alternative {
    /// `None` where no credentials are asked for.
    scheme: Option<Rc<Scheme>>,
    scopes: Vec<(String, Span)>,
    span: Span,
}

impl Security {
    /// Whether a parameter comes from a scheme that a request need not use.
    pub fn makes_optional(&self, place: &str, parameter: &Entry) -> bool {
        let key = match place {
            "query" => "queryParameters",
            _ => "headers",
        };
        let schemes = self
            .alternatives
            .iter()
            .filter_map(|one| one.scheme.as_ref());
        let mut from = schemes.filter(|scheme| {
            let described = scheme.described.get(key).and_then(Node::as_mapping);
            described.is_some_and(|map| map.iter().any(|one| one.key_span == parameter.key_span))
        });
        from.any(|scheme| scheme.native || self.alternatives.len() > 1)
    }
}

impl Lowering<'_> {
    /// Reads every scheme that the root document declares, and says what is wrong with others.
    pub(super) fn check_schemes(&mut self) {
        for scope in self.scopes.ids() {
            for declared in self.scopes.declared(scope, Kind::SecurityScheme) {
                let scheme = self.scheme(&declared);
                if scope == ScopeId::ROOT {
                    self.use_scheme(&scheme);
                }
            }
        }
    }

    /// `components/securitySchemes`
    pub(super) fn security_components(&mut self, span: Span) -> Option<Node> {
        let mut object = Object::new(span);
        for scheme in std::mem::take(&mut self.used_schemes) {
            for entry in &scheme.components {
                object.put(entry.key.clone(), entry.key_span, entry.value.clone());
            }
        }
        (!object.is_empty()).then(|| object.finish())
    }

    fn use_scheme(&mut self, scheme: &Rc<Scheme>) {
        if !self
            .used_schemes
            .iter()
            .any(|known| Rc::ptr_eq(known, scheme))
        {
            self.used_schemes.push(Rc::clone(scheme));
        }
    }

    /// Reads `securedBy`: names of schemes, with parameters or without, or null.
    pub(super) fn secured_by(&mut self, node: &Node) -> Security {
        let node = plain(node);
        let items = match node.value {
            // RAML 1.0, Applying Security Schemes: null stands for no scheme, here as in the list.
            Value::Null => std::slice::from_ref(node),
            _ => self.applied_list(node, "securedBy", "security schemes"),
        };
        let mut alternatives = Vec::new();
        for item in items {
            if let Value::Null = plain(item).value {
                alternatives.push(Alternative {
                    scheme: None,
                    scopes: Vec::new(),
                    span: item.span,
                });
                continue;
            }
            let Some(application) = self.application(item, "a security scheme") else {
                continue;
            };
            let found = self.find(Kind::SecurityScheme, &application.node, &application.name);
            let Some(declared) = found else {
                self.unknown_name(Kind::SecurityScheme, &application.node, &application.name);
                continue;
            };
            let scheme = self.scheme(&declared);
            self.use_scheme(&scheme);
            let scopes = self.texts(&application.arguments, "scopes");
            alternatives.push(Alternative {
                scheme: Some(scheme),
                scopes,
                span: item.span,
            });
        }
        Security {
            span: node.span,
            alternatives,
        }
    }

    /// OpenAPI's `security`.
    pub(super) fn requirements(&self, security: &Security) -> Node {
        let items = security.alternatives.iter().map(|alternative| {
            let mut object = Object::new(alternative.span);
            let components = alternative
                .scheme
                .iter()
                .flat_map(|scheme| &scheme.components);
            for entry in components {
                let scopes = alternative.scopes.iter();
                let scopes = scopes.map(|(scope, span)| build::text(*span, scope.clone()));
                let scopes = build::list(alternative.span, scopes.collect());
                object.put(entry.key.clone(), alternative.span, scopes);
            }
            object.finish()
        });
        build::list(security.span, items.collect())
    }

    /// A method with what its schemes describe put under it.
    pub(super) fn described(&mut self, method: &Node, security: &Security) -> Mapping {
        let mut node = method.clone();
        for alternative in &security.alternatives {
            if let Some(scheme) = &alternative.scheme {
                node = merge(node, &scheme.described);
            }
        }
        node.as_mapping().cloned().unwrap_or_default()
    }

    fn scheme(&mut self, declared: &Rc<Declared>) -> Rc<Scheme> {
        if let Some(known) = self.schemes.get(&declared.name_span) {
            return Rc::clone(known);
        }
        let scheme = Rc::new(self.read_scheme(declared));
        self.schemes.insert(declared.name_span, Rc::clone(&scheme));
        scheme
    }

    fn read_scheme(&mut self, declared: &Declared) -> Scheme {
        let nothing = build::node(declared.name_span, Value::Null);
        let mut scheme = Scheme {
            components: Vec::new(),
            described: nothing,
            native: true,
        };
        self.facets(&declared.node, &SCHEME);
        let Some(members) = declared.node.as_mapping().cloned() else {
            self.missing(declared.name_span, "type", "a security scheme");
            return scheme;
        };
        if members.get("type").is_none() {
            self.missing(declared.name_span, "type", "a security scheme");
            return scheme;
        }
        let Some((kind, span)) = self.text(&members, "type") else {
            return scheme;
        };
        if let Some(node) = members.get("describedBy") {
            scheme.described = self.described_by(&node.value);
        }
        let settings = self.settings(&members);
        let mut object = Object::new(declared.node.span);
        match kind.as_str() {
            "OAuth 2.0" => self.oauth2(&mut object, declared, &settings, span),
            "Basic Authentication" => {
                object.set("type", build::text(span, "http"));
                object.set("scheme", build::text(span, "basic"));
            }
            "OAuth 1.0" | "Digest Authentication" => {
                if kind == "OAuth 1.0" {
                    self.oauth1(declared, &settings);
                }
                self.authorization_header(&mut object, &kind, span);
            }
            "Pass Through" => return self.keys(scheme, declared, &kind, span, &members),
            other if other.starts_with("x-") => {
                return self.keys(scheme, declared, &kind, span, &members);
            }
            other => {
                let message = format!("`{other}` is no type of security scheme");
                let help = match suggest::closest(other, TYPES) {
                    Some(close) => format!("did you mean `{close}`?"),
                    None => format!("it is one of {}, or begins with `x-`", TYPES.join(", ")),
                };
                self.diagnostics
                    .error("unknown-value", span, message)
                    .help(help);
                return scheme;
            }
        }
        // RFC 6750, RFC 7617: these carry their credentials in `Authorization`.
        scheme.described = without_header(scheme.described, "authorization");
        self.finish_scheme(&mut scheme, declared, &members, "", object);
        scheme
    }

    fn described_by(&mut self, node: &Node) -> Node {
        if let Some(members) = self.facets(node, &DESCRIBED_BY).cloned() {
            if let Some(entry) = members.get("queryString")
                && let Some(other) = members.get("queryParameters")
            {
                let message =
                    "a security scheme describes either `queryString` or `queryParameters`";
                self.diagnostics
                    .error("exclusive-facets", entry.key_span, message)
                    .related(other.key_span, "the other one")
                    .help("move the parameters into the type of `queryString`");
            }
            for key in ["headers", "queryParameters", "responses"] {
                let Some(entry) = members.get(key) else {
                    continue;
                };
                let what = format!("`{key}`");
                let Some(map) = self.mapping(&entry.value, &what).cloned() else {
                    continue;
                };
                if key == "responses" {
                    map.iter().for_each(|entry| {
                        self.facets(&entry.value, &RESPONSE);
                    });
                }
            }
            return build::node(node.span, Value::Mapping(members));
        }
        build::node(node.span, Value::Null)
    }

    fn settings(&mut self, members: &Mapping) -> Mapping {
        let Some(entry) = members.get("settings") else {
            return Mapping::default();
        };
        let settings = self.mapping(&entry.value, "`settings`").cloned();
        let settings = settings.unwrap_or_default();
        self.annotations(&settings, &[Target::SecuritySchemeSettings]);
        settings
    }

    /// Names, describes and keeps one entry of `securitySchemes`.
    fn finish_scheme(
        &mut self,
        scheme: &mut Scheme,
        declared: &Declared,
        members: &Mapping,
        part: &str,
        mut object: Object,
    ) {
        if let Some((text, span)) = self.text(members, "description")
            && !object.has("description")
        {
            object.set("description", build::text(span, text));
        }
        if let Some((text, span)) = self.text(members, "displayName") {
            object.set("x-displayName", build::text(span, text));
        }
        for entry in self.annotations(members, &[Target::SecurityScheme]) {
            object.put(entry.key, entry.key_span, entry.value);
        }
        let plain = |character: char| match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => character,
            _ => '_',
        };
        let own = declared.name.chars().map(plain).collect::<String>();
        let base = match part {
            "" => own,
            part => format!("{own}_{}", part.chars().map(plain).collect::<String>()),
        };
        let mut name = base.clone();
        let mut number = 2;
        while !self.scheme_names.insert(name.clone()) {
            name = format!("{base}_{number}");
            number += 1;
        }
        scheme.components.push(Entry {
            key: name,
            key_span: declared.name_span,
            value: object.finish(),
        });
    }

    /// What OpenAPI cannot say: the header is handed to the service, which checks it.
    fn authorization_header(&mut self, object: &mut Object, kind: &str, span: Span) {
        let message = format!("OpenAPI has no security scheme for `{kind}`");
        self.diagnostics
            .warning("opaque-security-scheme", span, message)
            .help("requests must send the header `Authorization`, and the service checks what is in it");
        object.set("type", build::text(span, "apiKey"));
        object.set("in", build::text(span, "header"));
        object.set("name", build::text(span, "Authorization"));
        object.set("x-raml-type", build::text(span, kind));
    }

    /// RAML 1.0, Pass Through: every header and query parameter must be there, each a key.
    fn keys(
        &mut self,
        mut scheme: Scheme,
        declared: &Declared,
        kind: &str,
        span: Span,
        members: &Mapping,
    ) -> Scheme {
        let described = scheme.described.clone();
        let mut keys: Vec<(&str, String, Entry)> = Vec::new();
        for (facet, place) in [("headers", "header"), ("queryParameters", "query")] {
            let map = described.get(facet).and_then(Node::as_mapping);
            for entry in map.into_iter().flat_map(Mapping::iter) {
                let (name, mark) = self.property(entry);
                let declared = entry.value.as_mapping();
                let required = declared.and_then(|members| self.flag(members, "required"));
                if required.unwrap_or(!mark) {
                    keys.push((place, name, entry.clone()));
                }
            }
        }
        scheme.native = false;
        if keys.is_empty() {
            let mut object = Object::new(declared.node.span);
            self.authorization_header(&mut object, kind, span);
            self.finish_scheme(&mut scheme, declared, members, "", object);
            return scheme;
        }
        let several = keys.len() > 1;
        for (place, name, entry) in keys {
            let mut object = Object::new(declared.node.span);
            object.set("type", build::text(span, "apiKey"));
            object.set("in", build::text(entry.key_span, place));
            object.set("name", build::text(entry.key_span, name.clone()));
            object.set("x-raml-type", build::text(span, kind));
            let described = entry.value.as_mapping().cloned().unwrap_or_default();
            if let Some((text, span)) = self.text(&described, "description") {
                object.set("description", build::text(span, text));
            }
            let part = if several { name.as_str() } else { "" };
            self.finish_scheme(&mut scheme, declared, members, part, object);
            scheme.described = without_parameter(scheme.described, place, &entry.key);
        }
        scheme
    }

    fn oauth1(&mut self, declared: &Declared, settings: &Mapping) {
        for key in ["requestTokenUri", "authorizationUri", "tokenCredentialsUri"] {
            if settings.get(key).is_none() {
                self.missing(
                    declared.name_span,
                    key,
                    "the settings of an OAuth 1.0 scheme",
                );
            } else {
                self.text(settings, key);
            }
        }
        for (word, span) in self.texts(settings, "signatures") {
            let known = ["HMAC-SHA1", "RSA-SHA1", "PLAINTEXT"];
            if !known.contains(&word.as_str()) {
                self.diagnostics
                    .error(
                        "unknown-value",
                        span,
                        format!("`{word}` is no signature method of OAuth 1.0"),
                    )
                    .help(format!("it is one of {}", known.join(", ")));
            }
        }
    }

    fn oauth2(&mut self, object: &mut Object, declared: &Declared, settings: &Mapping, span: Span) {
        let what = "the settings of an OAuth 2.0 scheme";
        let grants = self.texts(settings, "authorizationGrants");
        if grants.is_empty() {
            self.missing(declared.name_span, "authorizationGrants", what);
        }
        let authorization = self.text(settings, "authorizationUri");
        let token = self.text(settings, "accessTokenUri");
        let scopes = self.texts(settings, "scopes");
        let mut flows = Object::new(span);
        let mut others = Vec::new();
        for (grant, grant_span) in &grants {
            let Some((_, name, asks, answers)) = GRANTS.iter().find(|(known, ..)| known == grant)
            else {
                self.check_extension_grant(grant, *grant_span);
                others.push(build::text(*grant_span, grant.clone()));
                continue;
            };
            let mut flow = Object::new(*grant_span);
            let needed = [
                (
                    *asks,
                    "authorizationUri",
                    "authorizationUrl",
                    &authorization,
                ),
                (*answers, "accessTokenUri", "tokenUrl", &token),
            ];
            for (needed, key, called, given) in needed {
                match given {
                    Some((text, span)) if needed => {
                        flow.set(called, build::text(*span, text.clone()));
                    }
                    None if needed => self.missing(declared.name_span, key, what),
                    _ => {}
                }
            }
            let mut list = Object::new(*grant_span);
            for (scope, span) in &scopes {
                list.put(scope.clone(), *span, build::text(*span, ""));
            }
            flow.set("scopes", list.finish());
            flows.put(*name, *grant_span, flow.finish());
        }
        match flows.is_empty() {
            false => {
                object.set("type", build::text(span, "oauth2"));
                object.set("flows", flows.finish());
            }
            // Tokens of other grants arrive as bearer tokens all the same (RFC 6750).
            true => {
                object.set("type", build::text(span, "http"));
                object.set("scheme", build::text(span, "bearer"));
            }
        }
        if !others.is_empty() {
            object.set("x-authorizationGrants", build::list(span, others));
        }
    }

    /// RFC 6749, section 4.5: an extension grant is an absolute URI.
    fn check_extension_grant(&mut self, grant: &str, span: Span) {
        let scheme = grant.split_once(':').map(|(scheme, _)| scheme);
        let absolute = scheme.is_some_and(|scheme| {
            scheme.starts_with(|first: char| first.is_ascii_alphabetic())
                && scheme
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        });
        if absolute {
            return;
        }
        let names = GRANTS.map(|(name, ..)| name);
        let message = format!("`{grant}` is no authorization grant");
        let help = match suggest::closest(grant, names) {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("it is one of {}, or an absolute URI", names.join(", ")),
        };
        self.diagnostics
            .error("unknown-value", span, message)
            .help(help);
    }
}

/// The description of a scheme without a header, whose name has no case.
fn without_header(described: Node, name: &str) -> Node {
    let headers = described.get("headers").and_then(Node::as_mapping);
    let written = headers.into_iter().flat_map(Mapping::iter);
    let written = written
        .map(|entry| entry.key.clone())
        .find(|key| key.trim_end_matches('?').eq_ignore_ascii_case(name));
    match written {
        Some(key) => without_parameter(described, "header", &key),
        None => described,
    }
}

fn without_parameter(described: Node, place: &str, key: &str) -> Node {
    let facet = match place {
        "header" => "headers",
        _ => "queryParameters",
    };
    let span = described.span;
    let Value::Mapping(members) = described.value else {
        return described;
    };
    let mut rest = Mapping::default();
    for entry in members.into_entries() {
        rest.put(match entry.key == facet {
            true => Entry {
                value: without(entry.value, &[key]),
                ..entry
            },
            false => entry,
        });
    }
    build::node(span, Value::Mapping(rest))
}
