//! Annotations: checked where they stand, and kept as `x-…`.

use super::Lowering;
use super::fields::{annotation_name, has_parameter, plain};
use super::scope::Kind;
use crate::suggest;
use crate::yaml::{Entry, Mapping, Node};

/// Where an annotation stands (RAML 1.0, Annotation Target Location).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Api,
    DocumentationItem,
    Resource,
    Method,
    Response,
    RequestBody,
    ResponseBody,
    TypeDeclaration,
    Example,
    ResourceType,
    Trait,
    SecurityScheme,
    SecuritySchemeSettings,
    AnnotationType,
    Library,
    Overlay,
    Extension,
}

const TARGETS: [(&str, Target); 17] = [
    ("API", Target::Api),
    ("DocumentationItem", Target::DocumentationItem),
    ("Resource", Target::Resource),
    ("Method", Target::Method),
    ("Response", Target::Response),
    ("RequestBody", Target::RequestBody),
    ("ResponseBody", Target::ResponseBody),
    ("TypeDeclaration", Target::TypeDeclaration),
    ("Example", Target::Example),
    ("ResourceType", Target::ResourceType),
    ("Trait", Target::Trait),
    ("SecurityScheme", Target::SecurityScheme),
    ("SecuritySchemeSettings", Target::SecuritySchemeSettings),
    ("AnnotationType", Target::AnnotationType),
    ("Library", Target::Library),
    ("Overlay", Target::Overlay),
    ("Extension", Target::Extension),
];

impl Target {
    fn name(self) -> &'static str {
        TARGETS
            .iter()
            .find(|(_, target)| *target == self)
            .map_or("", |(name, _)| name)
    }
}

impl Lowering<'_> {
    /// The annotations of a node as `x-…` members. `targets` are the kinds that the node is, of
    /// which an annotation must allow one.
    pub(super) fn annotations(&mut self, members: &Mapping, targets: &[Target]) -> Vec<Entry> {
        let mut out = Vec::new();
        for entry in members.iter() {
            match annotation_name(&entry.key) {
                Some(name) => out.extend(self.annotation(name, entry, targets)),
                None => out.extend(self.facet_annotations(entry)),
            }
        }
        out
    }

    /// Those of a scalar facet, which are written around its value. They have no kind of their own.
    fn facet_annotations(&mut self, facet: &Entry) -> Vec<Entry> {
        if std::ptr::eq(plain(&facet.value), &facet.value) {
            return Vec::new();
        }
        let members = facet.value.as_mapping().into_iter().flat_map(Mapping::iter);
        let mut out = Vec::new();
        for entry in members {
            if let Some(name) = annotation_name(&entry.key)
                && let Some(mut kept) = self.annotation(name, entry, &[])
            {
                kept.key = format!("x-{}-{name}", facet.key);
                out.push(kept);
            }
        }
        out
    }

    fn annotation(&mut self, name: &str, entry: &Entry, targets: &[Target]) -> Option<Entry> {
        if has_parameter(name) {
            return None;
        }
        let scope = self.documents.scope_of(entry.key_span.file)?;
        let Some(declared) = self.scopes.find(scope, Kind::AnnotationType, name) else {
            let message = format!("no annotation type is called `{name}`");
            let close = self.scopes.closest(scope, Kind::AnnotationType, name);
            let diagnostic = self
                .diagnostics
                .error("unknown-name", entry.key_span, message);
            match close {
                Some(close) => diagnostic.help(format!("did you mean `({close})`?")),
                None => diagnostic.help(format!("declare `{name}` under `annotationTypes`")),
            };
            return None;
        };
        self.check_target(name, entry, targets, &declared.node);
        self.check_value(&declared, &entry.value);
        Some(Entry {
            key: format!("x-{name}"),
            key_span: entry.key_span,
            value: entry.value.clone(),
        })
    }

    /// Whether an annotation may stand on a kind of node; an undeclared one is told elsewhere.
    pub(super) fn annotation_allows(&self, name: &str, entry: &Entry, target: Target) -> bool {
        let scope = self.documents.scope_of(entry.key_span.file);
        let declared = scope.and_then(|scope| self.scopes.find(scope, Kind::AnnotationType, name));
        let allowed = declared
            .as_ref()
            .and_then(|declared| declared.node.get("allowedTargets"));
        let Some(allowed) = allowed.map(plain) else {
            return true;
        };
        let list = allowed
            .as_sequence()
            .unwrap_or(std::slice::from_ref(allowed));
        list.iter().any(|item| item.as_str() == Some(target.name()))
    }

    fn check_target(&mut self, name: &str, entry: &Entry, targets: &[Target], declared: &Node) {
        let Some(allowed) = declared.get("allowedTargets").map(plain) else {
            return;
        };
        if targets.is_empty() {
            return;
        }
        let list = allowed
            .as_sequence()
            .unwrap_or(std::slice::from_ref(allowed));
        let names = list.iter().filter_map(Node::as_str).collect::<Vec<_>>();
        if targets.iter().any(|target| names.contains(&target.name())) {
            return;
        }
        let here = targets.first().map_or("", |target| target.name());
        let message = format!("the annotation `{name}` is not for {here}");
        self.diagnostics
            .error("annotation-target", entry.key_span, message)
            .related(
                allowed.span,
                format!("it may only stand on {}", names.join(", ")),
            )
            .help(format!("add `{here}` to its `allowedTargets`, or move it"));
    }

    /// Checks the declarations of annotation types, as far as they are more than types.
    pub(super) fn check_annotation_types(&mut self) {
        for scope in self.scopes.ids() {
            for declared in self.scopes.declared(scope, Kind::AnnotationType) {
                self.check_annotation_type(&declared);
                let Some(members) = declared.node.as_mapping() else {
                    continue;
                };
                self.annotations(members, &[Target::AnnotationType]);
                for (word, span) in self.texts(members, "allowedTargets") {
                    if TARGETS.iter().any(|(name, _)| *name == word) {
                        continue;
                    }
                    let message = format!("`{word}` is no place that annotations stand on");
                    let names = TARGETS.map(|(name, _)| name);
                    let help = match suggest::closest(&word, names) {
                        Some(close) => format!("did you mean `{close}`?"),
                        None => format!("it is one of {}", names.join(", ")),
                    };
                    self.diagnostics
                        .error("unknown-value", span, message)
                        .help(help);
                }
            }
        }
    }
}
