//! Operations: which are there, and what they ask for and answer.

use super::report::{Comparison, Use};
use super::rules::Part;
use super::versions;
use crate::model::{Api, Method, Operation, PathPart, PathTemplate};

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
