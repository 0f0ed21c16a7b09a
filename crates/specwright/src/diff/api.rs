//! What belongs to the API as a whole: its name, its addresses, its schemes.

use super::report::{Comparison, Use};
use super::rules::Part;
use super::versions;
use crate::model::{Flow, SecurityKind, SecurityScheme, Server};

impl Comparison<'_> {
    pub(super) fn info(&mut self) {
        let at = &Use::api();
        let (old, new) = (&self.old.info, &self.new.info);
        let lower = versions::is_lower(&new.version, &old.version);
        let version = match lower {
            true => Part::VersionLowered,
            false => Part::VersionChanged,
        };
        let changes = [
            (Part::TitleChanged, "title", &old.title, &new.title),
            (version, "version", &old.version, &new.version),
        ];
        for (part, what, old, new) in changes {
            if old != new {
                let message = format!("the {what} is `{new}`, was `{old}`");
                self.part(part, at, message, (None, None));
            }
        }
    }

    /// Something that breaks asks for another version.
    pub(super) fn version(&mut self) {
        let (was, is) = (&self.old.info.version, &self.new.info.version);
        if !self.breaks() {
            return;
        }
        let (part, message) = match was == is {
            true => (
                Part::VersionKept,
                format!("the version is `{is}`, as it was"),
            ),
            false if versions::are_of_one_major(was, is) => (
                Part::MajorVersionKept,
                format!("the version is `{is}`, was `{was}`"),
            ),
            false => return,
        };
        self.part(part, &Use::api(), message, (None, None));
    }

    pub(super) fn servers(&mut self) {
        let at = &Use::api();
        let across = self.across_versions;
        let name = |server: &Server| match across {
            true => versions::without(&server.url),
            false => server.url.trim_end_matches('/').to_owned(),
        };
        let (old, new) = (&self.old.servers, &self.new.servers);
        let finds =
            |list: &[Server], one: &Server| list.iter().any(|other| name(other) == name(one));
        for server in old.iter().filter(|one| !finds(new, one)) {
            let message = format!("the address `{}` is gone", server.url);
            self.part(Part::ServerRemoved, at, message, (None, None));
        }
        for server in new.iter().filter(|one| !finds(old, one)) {
            let message = format!("the address `{}` is new", server.url);
            self.part(Part::ServerAdded, at, message, (None, None));
        }
    }

    pub(super) fn named_schemas(&mut self) {
        let at = &Use::api();
        let (old, new) = (&self.old.named_schemas, &self.new.named_schemas);
        for (name, id) in old {
            if !new.iter().any(|(known, _)| known == name) {
                let span = Some(self.old.schema(*id).span);
                let message = format!("the schema `{name}` is gone");
                self.part(Part::SchemaRemoved, at, message, (span, None));
            }
        }
        for (name, id) in new {
            if !old.iter().any(|(known, _)| known == name) {
                let span = Some(self.new.schema(*id).span);
                let message = format!("the schema `{name}` is new");
                self.part(Part::SchemaAdded, at, message, (None, span));
            }
        }
    }

    pub(super) fn security_schemes(&mut self) {
        let at = &Use::api();
        let (old, new) = (&self.old.security_schemes, &self.new.security_schemes);
        for one in old {
            match new.iter().find(|other| other.name == one.name) {
                Some(other) => self.security_scheme(one, other),
                None => {
                    let message = format!("the scheme `{}` is gone", one.name);
                    self.part(Part::SchemeRemoved, at, message, (Some(one.span), None));
                }
            }
        }
        for other in new {
            if !old.iter().any(|one| one.name == other.name) {
                let message = format!("the scheme `{}` is new", other.name);
                self.part(Part::SchemeAdded, at, message, (None, Some(other.span)));
            }
        }
    }

    fn security_scheme(&mut self, old: &SecurityScheme, new: &SecurityScheme) {
        let at = &Use::api();
        let name = &new.name;
        let spans = (Some(old.span), Some(new.span));
        match (&old.kind, &new.kind) {
            (
                SecurityKind::ApiKey {
                    location,
                    name: key,
                },
                SecurityKind::ApiKey {
                    location: new_location,
                    name: new_key,
                },
            ) => {
                if (location, key) != (new_location, new_key) {
                    let message = format!(
                        "the key of `{name}` travels in the {} `{new_key}`, did in the {} `{key}`",
                        new_location.name(),
                        location.name()
                    );
                    self.part(Part::KeyMoved, at, message, spans);
                }
            }
            (SecurityKind::Basic, SecurityKind::Basic) => {}
            (SecurityKind::Bearer { format: old }, SecurityKind::Bearer { format: new }) => {
                if old != new {
                    let text = |format: &Option<String>| match format {
                        Some(format) => format!("`{format}`"),
                        None => "not set".to_owned(),
                    };
                    let message = format!(
                        "`bearerFormat` of `{name}` is {}, was {}",
                        text(new),
                        text(old)
                    );
                    self.part(Part::BearerFormatChanged, at, message, spans);
                }
            }
            (SecurityKind::OAuth2 { flows: old }, SecurityKind::OAuth2 { flows: new }) => {
                self.flows(name, (old, new), spans);
            }
            (
                SecurityKind::OpenIdConnect { url: old },
                SecurityKind::OpenIdConnect { url: new },
            ) => {
                if old != new {
                    let message =
                        format!("the configuration of `{name}` is at `{new}`, was at `{old}`");
                    self.part(Part::SecurityAddressChanged, at, message, spans);
                }
            }
            (old, new) => {
                let message = format!("`{name}` is {}, was {}", kind(new), kind(old));
                self.part(Part::SchemeKindChanged, at, message, spans);
            }
        }
    }

    fn flows(
        &mut self,
        scheme: &str,
        (old, new): (&[Flow], &[Flow]),
        spans: (Option<crate::source::Span>, Option<crate::source::Span>),
    ) {
        let at = &Use::api();
        for flow in old {
            let Some(other) = new.iter().find(|other| other.name == flow.name) else {
                let message = format!("`{scheme}` has the flow `{}` no more", flow.name);
                self.part(Part::FlowRemoved, at, message, spans);
                continue;
            };
            let lacks =
                |flow: &Flow, scope: &str| !flow.scopes.iter().any(|(name, _)| name == scope);
            for (scope, _) in flow.scopes.iter().filter(|(name, _)| lacks(other, name)) {
                let message = format!("`{}` of `{scheme}` offers `{scope}` no more", flow.name);
                self.part(Part::FlowScopeRemoved, at, message, spans);
            }
            for (scope, _) in other.scopes.iter().filter(|(name, _)| lacks(flow, name)) {
                let message = format!("`{}` of `{scheme}` offers `{scope}`", flow.name);
                self.part(Part::FlowScopeAdded, at, message, spans);
            }
            for (scope, text) in &other.scopes {
                let before = flow.scopes.iter().find(|(name, _)| name == scope);
                if before.is_some_and(|(_, before)| before != text) {
                    let message = format!(
                        "`{scope}` in `{}` of `{scheme}` says something else",
                        flow.name
                    );
                    self.part(Part::FlowScopeTextChanged, at, message, spans);
                }
            }
        }
        for flow in new {
            if !old.iter().any(|other| other.name == flow.name) {
                let message = format!("`{scheme}` has the flow `{}`", flow.name);
                self.part(Part::FlowAdded, at, message, spans);
            }
        }
    }
}

fn kind(kind: &SecurityKind) -> &'static str {
    match kind {
        SecurityKind::ApiKey { .. } => "an API key",
        SecurityKind::Basic => "HTTP basic",
        SecurityKind::Bearer { .. } => "HTTP bearer",
        SecurityKind::OAuth2 { .. } => "OAuth 2.0",
        SecurityKind::OpenIdConnect { .. } => "OpenID Connect",
    }
}
