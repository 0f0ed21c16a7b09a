//! Since when operations are deprecated, and until when they answer.
//!
//! `x-specwright-deprecated-since` becomes the header `Deprecation` (RFC 9745) of every answer, and
//! `x-specwright-sunset` the header `Sunset` (RFC 8594). In an operation they are about it alone;
//! beside `info` about every operation that does not say something else.

use super::Lowering;
use super::documents::At;
use crate::model::{Day, Lifecycle};

/// Since when.
pub(super) const SINCE: &str = "x-specwright-deprecated-since";

/// Until when.
pub(super) const SUNSET: &str = "x-specwright-sunset";

impl<'a> Lowering<'a, '_> {
    /// What the root of a document says of all of its operations.
    pub(super) fn document_lifecycle(&mut self, root: &At<'a>) -> Lifecycle {
        let lifecycle = Lifecycle {
            since: self.day(root, SINCE),
            sunset: self.day(root, SUNSET),
        };
        self.check_order(root, lifecycle);
        lifecycle
    }

    /// What an operation says, or else the document.
    pub(super) fn lifecycle(&mut self, at: &At<'a>, deprecated: bool) -> Lifecycle {
        for key in [SINCE, SUNSET] {
            let Some(entry) = at.node.as_mapping().and_then(|map| map.get(key)) else {
                continue;
            };
            if !deprecated {
                let message = format!("`{key}` says when an operation ends that is not deprecated");
                self.diagnostics
                    .error("sunset-without-deprecation", entry.key_span, message)
                    .help("add `deprecated: true` to the operation, or remove the key");
            }
        }
        let own = Lifecycle {
            since: self.day(at, SINCE),
            sunset: self.day(at, SUNSET),
        };
        let lifecycle = Lifecycle {
            since: own.since.or(self.document_lifecycle.since),
            sunset: own.sunset.or(self.document_lifecycle.sunset),
        };
        if own != Lifecycle::default() {
            self.check_order(at, lifecycle);
        }
        lifecycle
    }

    fn day(&mut self, at: &At<'a>, key: &str) -> Option<Day> {
        let span = at.node.get(key)?.span;
        let text = self.text(at, key)?;
        let day = Day::parse(text);
        if day.is_none() {
            let message = format!("`{key}` is no day: `{text}`");
            self.diagnostics
                .error("invalid-day", span, message)
                .help("write it as `2026-12-31`, in quotes");
        }
        day
    }

    /// RFC 9745, section 4: nothing ends before it is deprecated.
    fn check_order(&mut self, at: &At<'a>, lifecycle: Lifecycle) {
        let (Some(since), Some(sunset)) = (lifecycle.since, lifecycle.sunset) else {
            return;
        };
        if sunset < since {
            let span = [SUNSET, SINCE]
                .iter()
                .find_map(|key| at.node.get(key))
                .map_or(at.key_span, |node| node.span);
            let message = format!("the sunset {sunset} is before the deprecation {since}");
            self.diagnostics
                .error("sunset-before-deprecation", span, message)
                .help("let the sunset come later");
        }
    }
}
