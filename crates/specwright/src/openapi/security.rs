//! Security schemes and requirements.

use super::Lowering;
use super::documents::At;
use super::fields::Kind;
use super::references::Referable;
use crate::model::{Dialect, Flow, Location, Requirement, SecurityKind, SecurityScheme};
use crate::suggest;

const SCHEME: Kind = Kind {
    name: "Security Scheme Object",
    keys: &[
        "type",
        "description",
        "name",
        "in",
        "scheme",
        "bearerFormat",
        "flows",
        "openIdConnectUrl",
    ],
    keys_31: &[],
};

const FLOWS: Kind = Kind {
    name: "OAuth Flows Object",
    keys: &[
        "implicit",
        "password",
        "clientCredentials",
        "authorizationCode",
    ],
    keys_31: &[],
};

const FLOW: Kind = Kind {
    name: "OAuth Flow Object",
    keys: &["authorizationUrl", "tokenUrl", "refreshUrl", "scopes"],
    keys_31: &[],
};

impl<'a> Lowering<'a, '_> {
    /// OAS 3.1, Security Scheme Object.
    pub(super) fn security_scheme(&mut self, name: &str, at: At<'a>) {
        let span = at.key_span;
        let Some((at, description)) = self.follow_described(at, Referable::SecurityScheme) else {
            return;
        };
        if self.object(&at, &SCHEME).is_none() {
            return;
        }
        self.plain_texts(
            &at,
            &["name", "in", "scheme", "bearerFormat", "openIdConnectUrl"],
        );
        let Some(kind) = self.security_kind(name, &at) else {
            return;
        };
        self.security_schemes.push(SecurityScheme {
            name: name.to_owned(),
            description,
            kind,
            span,
        });
    }

    fn security_kind(&mut self, name: &str, at: &At<'a>) -> Option<SecurityKind> {
        let Some(word) = self.required_text(at, "type") else {
            self.flows(at);
            return None;
        };
        match word {
            "apiKey" => self.api_key(at),
            "http" => self.http_scheme(name, at),
            "oauth2" => self.oauth2(at),
            "openIdConnect" => Some(SecurityKind::OpenIdConnect {
                url: self.required_text(at, "openIdConnectUrl")?.to_owned(),
            }),
            "mutualTLS" => {
                self.unsupported_scheme(name, at, "mutual TLS");
                None
            }
            other => {
                let known = ["apiKey", "http", "oauth2", "openIdConnect", "mutualTLS"];
                self.not_one_of(at, "type", other, &known);
                self.flows(at);
                None
            }
        }
    }

    fn api_key(&mut self, at: &At<'a>) -> Option<SecurityKind> {
        let name = self.required_text(at, "name");
        let location = self.required_text(at, "in")?;
        let place = at.get("name").map_or(at.node.span, |at| at.node.span);
        if let (Some(name), "header") = (name, location) {
            self.is_header_name(name, place);
        }
        let location = match location {
            "header" => Location::Header,
            "query" => Location::Query,
            "cookie" => Location::Cookie,
            other => {
                self.not_one_of(at, "in", other, &["query", "header", "cookie"]);
                return None;
            }
        };
        Some(SecurityKind::ApiKey {
            location,
            name: name?.to_owned(),
        })
    }

    fn http_scheme(&mut self, name: &str, at: &At<'a>) -> Option<SecurityKind> {
        let scheme = self.required_text(at, "scheme")?;
        // RFC 9110, section 11.1: the name of a scheme has no case.
        if scheme.eq_ignore_ascii_case("basic") {
            Some(SecurityKind::Basic)
        } else if scheme.eq_ignore_ascii_case("bearer") {
            Some(SecurityKind::Bearer {
                format: self.text(at, "bearerFormat").map(str::to_owned),
            })
        } else {
            self.unsupported_scheme(name, at, &format!("the HTTP scheme `{scheme}`"));
            None
        }
    }

    fn oauth2(&mut self, at: &At<'a>) -> Option<SecurityKind> {
        if at.get("flows").is_none() {
            self.missing(at, "flows");
        }
        Some(SecurityKind::OAuth2 {
            flows: self.flows(at)?,
        })
    }

    /// OAS 3.1, OAuth Flows Object.
    fn flows(&mut self, at: &At<'a>) -> Option<Vec<Flow>> {
        let flows = at.get("flows")?;
        let members = self.object(&flows, &FLOWS)?;
        let mut list = Vec::new();
        for (name, flow) in flows
            .members()
            .filter(|(name, _)| FLOWS.keys.contains(name))
        {
            if self.object(&flow, &FLOW).is_none() {
                continue;
            }
            self.flow_urls(name, &flow);
            if flow.node.get("scopes").is_none() {
                self.missing(&flow, "scopes");
            }
            let scopes = self.map(&flow, "scopes");
            let scopes = scopes.into_iter().flat_map(|map| map.members());
            let scopes = scopes.map(|(scope, at)| (scope.to_owned(), self.scope_text(scope, &at)));
            list.push(Flow {
                name: name.to_owned(),
                scopes: scopes.collect(),
            });
        }
        if FLOWS.keys.iter().all(|name| members.get(name).is_none()) {
            self.diagnostics
                .error("missing-key", flows.key_span, "`flows` names no flow")
                .help("add one of implicit, password, clientCredentials, authorizationCode");
            return None;
        }
        Some(list)
    }

    /// OAS 3.1, OAuth Flow Object: which URLs a flow needs. RAML has rules of its own.
    fn flow_urls(&mut self, name: &str, flow: &At<'a>) {
        let needed: &[&str] = match name {
            _ if self.dialect == Dialect::Raml10 => &[],
            "implicit" => &["authorizationUrl"],
            "authorizationCode" => &["authorizationUrl", "tokenUrl"],
            _ => &["tokenUrl"],
        };
        for key in ["authorizationUrl", "tokenUrl", "refreshUrl"] {
            match needed.contains(&key) {
                true => self.required_text(flow, key),
                false => self.text(flow, key),
            };
        }
    }

    fn scope_text(&mut self, scope: &str, at: &At<'a>) -> String {
        if at.node.as_str().is_none() {
            self.wrong_type(
                at,
                &format!("the description of the scope `{scope}`"),
                "a string",
            );
        }
        at.node.as_str().unwrap_or_default().to_owned()
    }

    fn unsupported_scheme(&mut self, name: &str, at: &At<'a>, what: &str) {
        let message = format!("specwright does not check {what} yet, as `{name}` asks for");
        self.diagnostics
            .error("unsupported-security-scheme", at.node.span, message)
            .help("it checks apiKey, http basic and bearer, oauth2 and openIdConnect");
    }

    /// Reports a word that is none of those the specification lists.
    pub(super) fn not_one_of(
        &mut self,
        at: &At<'a>,
        key: &str,
        found: &str,
        known: &[&'static str],
    ) {
        let span = at.node.get(key).map_or(at.node.span, |node| node.span);
        let message = format!("`{key}` cannot be `{found}`");
        let help = match suggest::closest(found, known.iter().copied()) {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("it is one of {}", known.join(", ")),
        };
        self.diagnostics
            .error("unknown-value", span, message)
            .help(help);
    }

    /// OAS 3.1, Security Requirement Object. `None` when the object has no `security`.
    pub(super) fn own_security(&mut self, at: &At<'a>) -> Option<Vec<Vec<Requirement>>> {
        let list = self.list(at, "security")?;
        let mut alternatives = Vec::new();
        for at in list.items() {
            if at.node.as_mapping().is_none() {
                self.wrong_type(&at, "a security requirement", "an object");
                continue;
            }
            let mut requirements = Vec::new();
            for (name, scopes) in at.members() {
                requirements.extend(self.requirement(name, &scopes, &at));
            }
            alternatives.push(requirements);
        }
        Some(alternatives)
    }

    /// The document's own list.
    pub(super) fn security(&mut self, root: &At<'a>) -> Vec<Vec<Requirement>> {
        self.own_security(root).unwrap_or_default()
    }

    fn requirement(&mut self, name: &str, scopes: &At<'a>, parent: &At<'a>) -> Option<Requirement> {
        let texts = match scopes.node.as_sequence() {
            Some(_) => self.texts(parent, name),
            None => {
                self.wrong_type(scopes, "the list of scopes", "an array");
                Vec::new()
            }
        };
        let Some(scheme) = self
            .security_schemes
            .iter()
            .find(|scheme| scheme.name == name)
        else {
            self.undeclared_scheme(name, scopes);
            return None;
        };
        if let SecurityKind::OAuth2 { flows } = &scheme.kind {
            let declared = |scope: &str| {
                flows
                    .iter()
                    .any(|flow| flow.scopes.iter().any(|(name, _)| name == scope))
            };
            let unknown = texts.iter().filter(|(scope, _)| !declared(scope));
            for (scope, at) in unknown.collect::<Vec<_>>() {
                let message = format!("no flow of `{name}` declares the scope `{scope}`");
                let known = flows.iter().flat_map(|flow| &flow.scopes);
                let known = known.map(|(name, _)| name.as_str());
                let help = match suggest::closest(scope, known) {
                    Some(close) => format!("did you mean `{close}`?"),
                    None => format!("add `{scope}` to the `scopes` of a flow"),
                };
                self.diagnostics
                    .warning("undeclared-scope", at.node.span, message)
                    .related(scheme.span, "the scheme")
                    .help(help);
            }
        }
        Some(Requirement {
            scheme: name.to_owned(),
            scopes: texts.iter().map(|(scope, _)| (*scope).to_owned()).collect(),
        })
    }

    fn undeclared_scheme(&mut self, name: &str, at: &At<'a>) {
        let declared = At::root(self.documents.root());
        let declared = declared
            .get("components")
            .and_then(|at| at.get("securitySchemes"));
        let names = declared
            .iter()
            .flat_map(|at| at.members())
            .map(|(name, _)| name)
            .collect::<Vec<_>>();
        if names.contains(&name) {
            // It is declared, and what is wrong with it has been said.
            return;
        }
        let message = format!("no security scheme is called `{name}`");
        let help = match suggest::closest(name, names.iter().copied()) {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("declare `{name}` under `components/securitySchemes`"),
        };
        self.diagnostics
            .error("undeclared-security-scheme", at.key_span, message)
            .help(help);
    }
}
