//! Operations: which are there, and what they ask for and answer.

use super::report::{Comparison, Use};
use super::rules::Part;
use super::versions;
use crate::model::{Api, Day, Method, Operation, PathPart, PathTemplate, Requirement};

impl Comparison<'_> {
    /// Compares what the server serves.
    pub(super) fn served(&mut self) {
        let (old, new) = (self.old, self.new);
        let key = |api: &Api, operation: &Operation| self.key(api, operation);
        let new_keys = new.operations.iter().map(|one| key(new, one));
        let new_keys = new_keys.collect::<Vec<_>>();
        let old_keys = old.operations.iter().map(|one| key(old, one));
        let old_keys = old_keys.collect::<Vec<_>>();
        for (operation, key) in old.operations.iter().zip(&old_keys) {
            match new_keys.iter().position(|known| known == key) {
                Some(at) => self.operation((operation, &new.operations[at]), false),
                None => self.removed(operation),
            }
        }
        for (operation, key) in new.operations.iter().zip(&new_keys) {
            if !old_keys.contains(key) {
                let at = Use::operation(operation, false);
                let message = "the operation is new".to_owned();
                self.part(
                    Part::OperationAdded,
                    &at,
                    message,
                    (None, Some(operation.span)),
                );
            }
        }
    }

    /// Compares webhooks and callbacks, where the server calls.
    pub(super) fn outgoing(&mut self) {
        let (old, new) = (self.old, self.new);
        let same = |one: &Operation, other: &Operation| {
            one.method == other.method
                && one.path.raw == other.path.raw
                && owner(&one.pointer) == owner(&other.pointer)
        };
        for operation in &old.outgoing {
            match new.outgoing.iter().find(|other| same(operation, other)) {
                Some(other) => self.operation((operation, other), true),
                None => {
                    let at = Use::operation(operation, true);
                    let message = "it is not called any more".to_owned();
                    self.part(
                        Part::WebhookRemoved,
                        &at,
                        message,
                        (Some(operation.span), None),
                    );
                }
            }
        }
        for operation in &new.outgoing {
            if !old.outgoing.iter().any(|other| same(operation, other)) {
                let at = Use::operation(operation, true);
                let message = "it is called now".to_owned();
                self.part(
                    Part::WebhookAdded,
                    &at,
                    message,
                    (None, Some(operation.span)),
                );
            }
        }
    }

    /// What tells operations apart: the method, and the path without the names of its parameters.
    fn key(&self, api: &Api, operation: &Operation) -> (Method, String) {
        let base = api.servers.first().map(|server| server.base_path.clone());
        let base = base.unwrap_or_default();
        let path = format!("{base}{}", shape(&operation.path));
        let path = match self.across_versions {
            true => versions::without(&path),
            false => path,
        };
        (operation.method, path)
    }

    fn removed(&mut self, operation: &Operation) {
        let at = Use::operation(operation, false);
        let sunset = operation.lifecycle.sunset;
        let (part, message) = match (operation.deprecated, sunset, &self.today) {
            (false, ..) => (Part::OperationRemoved, "the operation is gone".to_owned()),
            (true, None, _) => (
                Part::OperationRemovedDeprecated,
                "the deprecated operation is gone".to_owned(),
            ),
            (true, Some(sunset), Some(today)) if sunset <= *today => (
                Part::OperationRemovedAfterSunset,
                format!("the operation is gone since its sunset on {sunset}"),
            ),
            (true, Some(sunset), _) => (
                Part::OperationRemovedBeforeSunset,
                format!("the operation is gone before its sunset on {sunset}"),
            ),
        };
        self.part(part, &at, message, (Some(operation.span), None));
    }

    fn operation(&mut self, (old, new): (&Operation, &Operation), outgoing: bool) {
        let at = Use::operation(new, outgoing);
        self.names((old, new), &at);
        self.lifecycle((old, new), &at);
        self.parameters((old, new), &at);
        self.request((old, new), &at);
        self.responses((old, new), &at);
        self.credentials((old, new), &at);
    }

    fn names(&mut self, (old, new): (&Operation, &Operation), at: &Use) {
        let spans = (Some(old.span), Some(new.span));
        if old.id != new.id {
            let name = |id: &Option<String>| match id {
                Some(id) => format!("`{id}`"),
                None => "not set".to_owned(),
            };
            let message = format!("`operationId` is {}, was {}", name(&new.id), name(&old.id));
            self.part(Part::OperationIdChanged, at, message, spans);
        }
        for tag in new.tags.iter().filter(|tag| !old.tags.contains(tag)) {
            self.part(Part::TagAdded, at, format!("the tag `{tag}` is new"), spans);
        }
        for tag in old.tags.iter().filter(|tag| !new.tags.contains(tag)) {
            self.part(
                Part::TagRemoved,
                at,
                format!("the tag `{tag}` is gone"),
                spans,
            );
        }
    }

    fn lifecycle(&mut self, (old, new): (&Operation, &Operation), at: &Use) {
        let spans = (Some(old.span), Some(new.span));
        match (old.deprecated, new.deprecated) {
            (false, true) => {
                let message = match new.lifecycle.sunset {
                    Some(day) => format!("the operation is deprecated, with a sunset on {day}"),
                    None => "the operation is deprecated".to_owned(),
                };
                self.part(Part::OperationDeprecated, at, message, spans);
            }
            (true, false) => {
                let message = "the operation is not deprecated any more".to_owned();
                self.part(Part::OperationReactivated, at, message, spans);
            }
            _ => {}
        }
        match (old.lifecycle.sunset, new.lifecycle.sunset) {
            (None, Some(day)) => {
                self.part(Part::SunsetSet, at, format!("the sunset is {day}"), spans);
            }
            (Some(day), None) => {
                self.part(
                    Part::SunsetUnset,
                    at,
                    format!("the sunset was {day}"),
                    spans,
                );
            }
            (Some(was), Some(is)) if was != is => {
                let part = match is < was {
                    true => Part::SunsetEarlier,
                    false => Part::SunsetLater,
                };
                self.part(part, at, format!("the sunset is {is}, was {was}"), spans);
            }
            _ => {}
        }
        let since = (old.lifecycle.since, new.lifecycle.since);
        if since.0 != since.1 {
            let name = |day: Option<Day>| day.map_or("no day".to_owned(), |day| day.to_string());
            let message = format!(
                "the day of the deprecation is {}, was {}",
                name(since.1),
                name(since.0)
            );
            self.part(Part::DeprecatedSinceChanged, at, message, spans);
        }
    }

    fn credentials(&mut self, (old, new): (&Operation, &Operation), at: &Use) {
        let spans = (Some(old.span), Some(new.span));
        let asks = |alternatives: &[Vec<Requirement>]| {
            !alternatives.is_empty() && alternatives.iter().all(|one| !one.is_empty())
        };
        match (asks(&old.security), asks(&new.security)) {
            (false, true) => {
                let message = format!("credentials are needed: {}", listed(&new.security));
                self.part(Part::SecurityAsked, at, message, spans);
            }
            (true, false) => {
                let message = "no credentials are needed any more".to_owned();
                self.part(Part::SecurityDropped, at, message, spans);
            }
            _ => {}
        }
        let mut gone = old.security.iter().collect::<Vec<_>>();
        gone.retain(|one| !one.is_empty());
        let mut come = new.security.iter().collect::<Vec<_>>();
        come.retain(|one| !one.is_empty());
        gone.retain(|one| {
            let same = come.iter().position(|other| schemes(one) == schemes(other));
            if let Some(place) = same {
                self.scopes((one, come.remove(place)), at, spans);
            }
            same.is_none()
        });
        if asks(&old.security) {
            for one in come {
                let message = format!("{} is accepted", named(one));
                self.part(Part::AlternativeAdded, at, message, spans);
            }
        }
        if asks(&new.security) {
            for one in gone {
                let message = format!("{} is not accepted any more", named(one));
                self.part(Part::AlternativeRemoved, at, message, spans);
            }
        }
    }

    fn scopes(
        &mut self,
        (old, new): (&[Requirement], &[Requirement]),
        at: &Use,
        spans: (Option<crate::source::Span>, Option<crate::source::Span>),
    ) {
        for requirement in new {
            let scheme = &requirement.scheme;
            let Some(before) = old.iter().find(|one| one.scheme == *scheme) else {
                continue;
            };
            let lacks = |list: &[String], one: &String| !list.contains(one);
            let scopes = requirement.scopes.iter();
            for scope in scopes.filter(|one| lacks(&before.scopes, one)) {
                let message = format!("`{scheme}` needs the scope `{scope}` too");
                self.part(Part::ScopeAdded, at, message, spans);
            }
            let scopes = before.scopes.iter();
            for scope in scopes.filter(|one| lacks(&requirement.scopes, one)) {
                let message = format!("`{scheme}` does not need the scope `{scope}` any more");
                self.part(Part::ScopeRemoved, at, message, spans);
            }
        }
    }
}

/// A path with `{}` in place of each parameter.
fn shape(path: &PathTemplate) -> String {
    let mut out = String::new();
    for segment in &path.segments {
        out.push('/');
        for part in &segment.parts {
            match part {
                PathPart::Literal(text) => out.push_str(text),
                PathPart::Parameter(_) => out.push_str("{}"),
            }
        }
    }
    out
}

/// The operation that a callback belongs to; nothing for webhooks.
fn owner(pointer: &str) -> &str {
    pointer
        .split_once("/callbacks/")
        .map_or("", |(owner, _)| owner)
}

fn schemes(alternative: &[Requirement]) -> Vec<&str> {
    let mut names = alternative.iter().map(|one| one.scheme.as_str());
    let mut names = names.by_ref().collect::<Vec<_>>();
    names.sort_unstable();
    names
}

fn named(alternative: &[Requirement]) -> String {
    let names = alternative.iter().map(|one| match one.scopes.as_slice() {
        [] => format!("`{}`", one.scheme),
        scopes => format!("`{}` with `{}`", one.scheme, scopes.join("`, `")),
    });
    names.collect::<Vec<_>>().join(" and ")
}

fn listed(alternatives: &[Vec<Requirement>]) -> String {
    let names = alternatives.iter().map(|one| named(one));
    names.collect::<Vec<_>>().join(", or ")
}
