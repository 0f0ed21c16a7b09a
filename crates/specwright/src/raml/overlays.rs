//! Overlays and extensions, merged into the API that they extend.

use super::Lowering;
use super::build;
use super::documents::{Header, without};
use super::fields::annotation_name;
use super::merge::{Place, expanded, same};
use super::scope::ScopeId;
use crate::source::Span;
use crate::yaml::{Entry, Mapping, Node, Value};

/// How many documents may extend each other in a row.
const MAX_CHAIN: usize = 40;

/// What is said at a place, as far as an overlay may change it (RAML 1.0, Overlays).
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
            let site = Site {
                overlay: header == Header::Overlay,
                api: &target,
                place: Place::Facets,
                change: Change::Behaviour,
                inherited: None,
            };
            target = self.merge_document(target.clone(), document, site);
        }
        Some(target)
    }

    /// Puts `upper` over `lower`. Recursion is bounded by the depth limit.
    fn merge_document(&mut self, lower: Node, upper: Node, site: Site<'_>) -> Node {
        let (upper, lower) = match site.place {
            Place::Declaration => expanded(upper, &lower),
            _ => (upper, lower),
        };
        match (lower.value, upper.value) {
            (Value::Mapping(below), Value::Mapping(above)) => {
                let members = self.merge_entries(below, above, site);
                build::node(lower.span, Value::Mapping(members))
            }
            (Value::Null, Value::Mapping(above)) => {
                let members = self.merge_entries(Mapping::default(), above, site);
                build::node(upper.span, Value::Mapping(members))
            }
            // A node that an overlay or extension merely mentions stays what it is.
            (value, Value::Null) => Node {
                span: lower.span,
                value,
                tag: lower.tag,
            },
            (Value::Sequence(below), Value::Sequence(above)) => {
                let items = self.merge_items(below, above, site);
                build::node(lower.span, Value::Sequence(items))
            }
            (below, value) => {
                let below = build::node(lower.span, below);
                self.replaced(
                    &below,
                    Node {
                        span: upper.span,
                        value,
                        tag: upper.tag,
                    },
                    site,
                )
            }
        }
    }

    fn replaced(&mut self, below: &Node, above: Node, site: Site<'_>) -> Node {
        if !same(below, &above) {
            self.check_change(site, above.span, "changes a value");
        }
        above
    }

    /// RAML 1.0, Merging Rules: the values of a list are added. Where both apply the same trait or
    /// security scheme, it is applied as the upper one says.
    fn merge_items(&mut self, below: Vec<Node>, above: Vec<Node>, site: Site<'_>) -> Vec<Node> {
        let mut items = below;
        for item in above {
            if items.iter().any(|known| same(known, &item)) {
                continue;
            }
            let name = applied(&item).filter(|_| site.place == Place::Whole);
            let known = name.and_then(|name| {
                let mut names = items.iter().map(applied);
                names.position(|known| known == Some(name))
            });
            match known.and_then(|at| items.get_mut(at)) {
                Some(known) => {
                    self.check_change(site, item.span, "changes a value");
                    *known = item;
                }
                None => {
                    self.check_change(site, item.span, "adds an item");
                    items.push(item);
                }
            }
        }
        items
    }

    fn merge_value(&mut self, key: &str, below: Node, above: Node, site: Site<'_>) -> Node {
        let lists = below.as_sequence().is_some() && above.as_sequence().is_some();
        match site.place {
            Place::Whole if !(lists && is_list(key)) => self.replaced(&below, above, site),
            _ => self.merge_document(below, above, site),
        }
    }

    /// What is added changes something, unless the place inherits it: then it is held against that.
    fn check_addition(&mut self, entry: &Entry, site: Site<'_>, inner: Site<'_>) {
        if let Some(inherited) = inner.inherited {
            let alone = Site {
                inherited: None,
                ..inner
            };
            self.merge_value(&entry.key, inherited.clone(), entry.value.clone(), alone);
            return;
        }
        let change = match (site.change, inner.change) {
            (Change::Names, _) | (_, Change::Names) => Change::Free,
            (_, change) => change,
        };
        let what = format!("adds `{}`", entry.key);
        self.check_change(Site { change, ..site }, entry.key_span, &what);
    }

    fn merge_entries(&mut self, below: Mapping, above: Mapping, site: Site<'_>) -> Mapping {
        let mut members = below;
        for entry in above.into_entries() {
            let mut inner = site.inner(&entry.key);
            let Some(known) = members.get(&entry.key) else {
                self.check_addition(&entry, site, inner);
                if let Some(rival) = site.place.rival(&entry.key) {
                    members = without_member(members, rival);
                }
                members.put(entry);
                continue;
            };
            let is_resource = site.place == Place::Facets && entry.key.starts_with('/');
            let whole =
                (site.overlay && is_resource).then(|| self.inherited(site.api, &known.value));
            if let Some(whole) = &whole {
                inner.inherited = Some(whole);
            }
            let value = self.merge_value(&entry.key, known.value.clone(), entry.value, inner);
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
    fn check_change(&mut self, site: Site<'_>, span: Span, what: &str) {
        if !site.overlay || site.change == Change::Free {
            return;
        }
        self.diagnostics
            .error("overlay-change", span, format!("the overlay {what}, which changes what the API does"))
            .help("an overlay changes titles, descriptions, documentation, examples and annotations, and adds types; an `#%RAML 1.0 Extension` may change everything");
    }
}

/// Where in a document something is put over something else.
#[derive(Clone, Copy)]
struct Site<'a> {
    overlay: bool,
    /// The API as it was before.
    api: &'a Node,
    place: Place,
    change: Change,
    /// What the place inherits from resource types and traits, beside what it says itself; looked
    /// up for overlays alone.
    inherited: Option<&'a Node>,
}

impl Site<'_> {
    /// What stands under `key`.
    fn inner(self, key: &str) -> Self {
        let change = match (self.change, key) {
            (Change::Free, _) => Change::Free,
            (Change::Names, _) => Change::Behaviour,
            _ if self.place.has_names() => Change::Behaviour,
            (_, "title" | "displayName" | "description" | "documentation" | "usage") => {
                Change::Free
            }
            (_, "example" | "examples") => Change::Free,
            (_, "types" | "schemas") => Change::Names,
            (_, "annotationTypes") => Change::Free,
            (_, key) if annotation_name(key).is_some() => Change::Free,
            _ => Change::Behaviour,
        };
        let place = match (self.place, key) {
            // RAML 1.0, Merging Rules: examples are replaced one by one.
            (Place::Declaration | Place::Body, "examples") => Place::Values,
            (Place::Declaration | Place::Body, "default" | "xml") => Place::Facets,
            (place, key) => place.inner(key),
        };
        Site {
            place,
            change,
            inherited: self.inherited.and_then(|inherited| inherited.get(key)),
            ..self
        }
    }
}

/// Lists of names, to which an overlay or extension adds.
fn is_list(key: &str) -> bool {
    matches!(key, "is" | "type" | "securedBy")
}

/// The trait, security scheme or type that an item of a list names.
fn applied(item: &Node) -> Option<&str> {
    match &item.value {
        Value::String(name) => Some(name),
        Value::Mapping(members) if members.len() == 1 => {
            members.iter().next().map(|entry| entry.key.as_str())
        }
        _ => None,
    }
}

fn without_member(members: Mapping, key: &str) -> Mapping {
    let mut rest = Mapping::default();
    let entries = members.into_entries().into_iter();
    for entry in entries.filter(|entry| entry.key != key) {
        rest.put(entry);
    }
    rest
}
