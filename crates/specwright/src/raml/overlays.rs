//! Overlays and extensions, merged into the API that they extend.

use super::Lowering;
use super::build;
use super::documents::{Header, without};
use super::fields::annotation_name;
use super::merge::same;
use super::scope::ScopeId;
use crate::source::Span;
use crate::yaml::{Entry, Mapping, Node, Value};

/// How many documents may extend each other in a row.
const MAX_CHAIN: usize = 40;

/// What stands at a place, as far as merging depends on it (RAML 1.0, Merging Rules).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    /// Behaviour, which an overlay leaves alone.
    Behaviour,
    /// Names of types or annotation types: an overlay may add some.
    Names,
    /// Text for people, examples and annotations, which an overlay may change.
    Free,
}

impl Lowering<'_> {
    /// The API that an overlay or extension stands on, with everything merged into it.
    pub(super) fn extended(&mut self, document: Node, header: Header) -> Option<Node> {
        let mut chain = vec![(document, header)];
        loop {
            let (last, header) = chain.last()?;
            if !matches!(header, Header::Overlay | Header::Extension) {
                break;
            }
            let (span, name) = (last.span, header.name());
            let Some(extends) = last.get("extends").cloned() else {
                self.missing(span, "extends", &format!("an {name}"));
                return None;
            };
            let (extends, chained) = (super::fields::plain(&extends).clone(), chain.len());
            let (file, header) = self.open_file(&extends)?;
            let known = self.documents.scope_of(file).is_some();
            if known || chained > MAX_CHAIN {
                self.diagnostics
                    .error(
                        "inheritance-cycle",
                        extends.span,
                        "these documents extend each other in a circle",
                    )
                    .help("let one of them be an API, which extends nothing");
                return None;
            }
            let Some(header @ (Header::Api | Header::Overlay | Header::Extension)) = header else {
                self.diagnostics
                    .error("misplaced-fragment", extends.span, "only an API, an overlay or an extension can be extended")
                    .help("its first line is `#%RAML 1.0`, with `Overlay` or `Extension` behind it or not");
                return None;
            };
            let base = self.load_file(file, header, ScopeId::ROOT)?;
            chain.push((base, header));
        }
        let (mut target, _) = chain.pop()?;
        self.open_libraries(ScopeId::ROOT, &target);
        while let Some((document, header)) = chain.pop() {
            self.open_libraries(ScopeId::ROOT, &document);
            let document = without(document, &["extends", "uses", "usage"]);
            let overlay = header == Header::Overlay;
            target = self.merge_document(target, document, overlay, Change::Behaviour);
        }
        Some(target)
    }

    /// Puts `upper` over `lower`. Recursion is bounded by the depth limit.
    fn merge_document(&mut self, lower: Node, upper: Node, overlay: bool, change: Change) -> Node {
        match (lower.value, upper.value) {
            (Value::Mapping(below), Value::Mapping(above)) => {
                let members = self.merge_entries(below, above, overlay, change);
                build::node(lower.span, Value::Mapping(members))
            }
            (Value::Null, Value::Mapping(above)) => {
                let members = self.merge_entries(Mapping::default(), above, overlay, change);
                build::node(upper.span, Value::Mapping(members))
            }
            // A node that an overlay or extension merely mentions stays what it is.
            (value, Value::Null) => Node {
                span: lower.span,
                value,
                tag: lower.tag,
            },
            (Value::Sequence(mut below), Value::Sequence(above)) => {
                for item in above {
                    if !below.iter().any(|known| same(known, &item)) {
                        self.check_change(overlay, change, item.span, "adds an item");
                        below.push(item);
                    }
                }
                build::node(lower.span, Value::Sequence(below))
            }
            (below, above) => {
                let below = build::node(lower.span, below);
                let above = Node {
                    span: upper.span,
                    value: above,
                    tag: upper.tag,
                };
                if !same(&below, &above) {
                    self.check_change(overlay, change, above.span, "changes a value");
                }
                above
            }
        }
    }

    fn merge_entries(
        &mut self,
        below: Mapping,
        above: Mapping,
        overlay: bool,
        change: Change,
    ) -> Mapping {
        let mut members = below;
        for entry in above.into_entries() {
            let inner = inner(change, &entry.key);
            let Some(known) = members.get(&entry.key) else {
                let added = match (change, inner) {
                    (Change::Names, _) | (_, Change::Names) => Change::Free,
                    _ => inner,
                };
                let what = format!("adds `{}`", entry.key);
                self.check_change(overlay, added, entry.key_span, &what);
                members.put(entry);
                continue;
            };
            let value = match is_simple(&entry.key) {
                // RAML 1.0, Merging Rules: examples, annotations and applications are replaced.
                true => {
                    if !same(&known.value, &entry.value) {
                        self.check_change(overlay, inner, entry.key_span, "changes a value");
                    }
                    entry.value
                }
                false => self.merge_document(known.value.clone(), entry.value, overlay, inner),
            };
            let merged = Entry {
                key: entry.key,
                key_span: known.key_span,
                value,
            };
            members.put(merged);
        }
        members
    }

    /// RAML 1.0, Overlays: what an API does is not changed by an overlay.
    fn check_change(&mut self, overlay: bool, change: Change, span: Span, what: &str) {
        if !overlay || change == Change::Free {
            return;
        }
        self.diagnostics
            .error("overlay-change", span, format!("the overlay {what}, which changes what the API does"))
            .help("an overlay changes titles, descriptions, documentation, examples and annotations, and adds types; an `#%RAML 1.0 Extension` may change everything");
    }
}

/// What stands under `key`.
fn inner(change: Change, key: &str) -> Change {
    match (change, key) {
        (Change::Free, _) => Change::Free,
        (Change::Names, _) => Change::Behaviour,
        (_, "title" | "displayName" | "description" | "documentation" | "usage") => Change::Free,
        (_, "example" | "examples") => Change::Free,
        (_, "types" | "schemas") => Change::Names,
        (_, "annotationTypes") => Change::Free,
        (_, key) if annotation_name(key).is_some() => Change::Free,
        _ => Change::Behaviour,
    }
}

/// Values that are replaced as a whole.
fn is_simple(key: &str) -> bool {
    matches!(key, "example" | "is" | "type" | "securedBy") || annotation_name(key).is_some()
}
