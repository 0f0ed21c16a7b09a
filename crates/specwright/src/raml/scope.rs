//! Names: what a document declares, and the libraries it sees.

use super::Lowering;
use super::documents::Header;
use crate::source::Span;
use crate::suggest;
use crate::yaml::{Entry, Mapping, Node};
use std::collections::HashMap;
use std::rc::Rc;

/// One set of names: that of the root document, of a library, or of a typed fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ScopeId(usize);

impl ScopeId {
    /// The root document's.
    pub const ROOT: ScopeId = ScopeId(0);
}

/// What names can stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Type,
    AnnotationType,
    Trait,
    ResourceType,
    SecurityScheme,
}

impl Kind {
    /// Every kind, in the order they are read.
    pub const ALL: [Kind; 5] = [
        Kind::Type,
        Kind::AnnotationType,
        Kind::Trait,
        Kind::ResourceType,
        Kind::SecurityScheme,
    ];

    /// The key that declares this kind.
    pub fn key(self) -> &'static str {
        match self {
            Kind::Type => "types",
            Kind::AnnotationType => "annotationTypes",
            Kind::Trait => "traits",
            Kind::ResourceType => "resourceTypes",
            Kind::SecurityScheme => "securitySchemes",
        }
    }

    /// As messages call it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Type => "type",
            Kind::AnnotationType => "annotation type",
            Kind::Trait => "trait",
            Kind::ResourceType => "resource type",
            Kind::SecurityScheme => "security scheme",
        }
    }
}

/// Something that has a name.
#[derive(Debug)]
pub(super) struct Declared {
    pub name: String,
    pub name_span: Span,
    pub node: Node,
    /// Where it is declared.
    pub scope: ScopeId,
}

/// Every scope of a contract.
#[derive(Default)]
pub(super) struct Scopes {
    list: Vec<Scope>,
}

#[derive(Default)]
struct Scope {
    /// For a fragment that is included: the scope of the file that includes it.
    parent: Option<ScopeId>,
    libraries: Vec<Import>,
    declared: Vec<(Kind, Rc<Declared>)>,
    index: HashMap<(Kind, String), usize>,
}

/// A library that a document sees.
struct Import {
    alias: String,
    span: Span,
    scope: ScopeId,
}

impl Scopes {
    /// Adds a scope, still empty.
    pub fn add(&mut self, parent: Option<ScopeId>) -> ScopeId {
        self.list.push(Scope {
            parent,
            ..Scope::default()
        });
        ScopeId(self.list.len() - 1)
    }

    /// Every scope, the root document's first.
    pub fn ids(&self) -> impl Iterator<Item = ScopeId> + use<> {
        (0..self.list.len()).map(ScopeId)
    }

    /// What a scope itself declares, in document order.
    pub fn declared(&self, scope: ScopeId, kind: Kind) -> Vec<Rc<Declared>> {
        let declared = self.list[scope.0].declared.iter();
        declared
            .filter(|(known, _)| *known == kind)
            .map(|(_, declared)| Rc::clone(declared))
            .collect()
    }

    /// The alias under which one scope imports another, if it does.
    pub fn alias(&self, from: ScopeId, to: ScopeId) -> Option<&str> {
        let libraries = self.list[from.0].libraries.iter();
        let mut found = libraries.filter(|library| library.scope == to);
        found.next().map(|library| library.alias.as_str())
    }

    /// What a name stands for: `Name`, or `alias.Name` for one of a library. Fragments also see the
    /// names of the file that includes them.
    pub fn find(&self, scope: ScopeId, kind: Kind, name: &str) -> Option<Rc<Declared>> {
        let mut next = Some(scope);
        while let Some(id) = next {
            let scope = &self.list[id.0];
            if let Some(found) = scope.own(kind, name) {
                return Some(found);
            }
            // RAML 1.0, Libraries: names do not chain, `a.b.Name` reaches nothing.
            if let Some((alias, name)) = name.split_once('.')
                && let Some(library) = scope.libraries.iter().find(|known| known.alias == alias)
                && let Some(found) = self.list[library.scope.0].own(kind, name)
            {
                return Some(found);
            }
            next = scope.parent;
        }
        None
    }

    /// The name that was probably meant.
    pub fn closest(&self, scope: ScopeId, kind: Kind, name: &str) -> Option<String> {
        let mut names = Vec::new();
        let mut next = Some(scope);
        while let Some(id) = next {
            let scope = &self.list[id.0];
            names.extend(scope.names(kind).map(str::to_owned));
            for Import { alias, scope, .. } in &scope.libraries {
                let library = &self.list[scope.0];
                names.extend(library.names(kind).map(|name| format!("{alias}.{name}")));
            }
            next = scope.parent;
        }
        suggest::closest(name, names.iter().map(String::as_str)).map(str::to_owned)
    }

    /// Adds a declaration; the first of several of one name counts.
    pub fn declare(&mut self, kind: Kind, declared: Declared) {
        let scope = &mut self.list[declared.scope.0];
        let at = scope.declared.len();
        scope
            .index
            .entry((kind, declared.name.clone()))
            .or_insert(at);
        scope.declared.push((kind, Rc::new(declared)));
    }
}

impl Scope {
    fn own(&self, kind: Kind, name: &str) -> Option<Rc<Declared>> {
        let at = self.index.get(&(kind, name.to_owned()))?;
        self.declared
            .get(*at)
            .map(|(_, declared)| Rc::clone(declared))
    }

    fn names(&self, kind: Kind) -> impl Iterator<Item = &str> {
        let declared = self.declared.iter();
        declared
            .filter(move |(known, _)| *known == kind)
            .map(|(_, declared)| declared.name.as_str())
    }
}

impl Lowering<'_> {
    /// What the name in `node` stands for, seen from where it is written. When it was written with a
    /// parameter, the names of the place that gave the parameter are seen as well.
    pub(super) fn find(&self, kind: Kind, node: &Node, name: &str) -> Option<Rc<Declared>> {
        let own = self.scopes.find(self.documents.scope(node), kind, name);
        own.or_else(|| {
            let given = *self.given.get(&node.span)?;
            self.scopes.find(given, kind, name)
        })
    }

    /// Reports a name that stands for nothing.
    pub(super) fn unknown_name(&mut self, kind: Kind, node: &Node, name: &str) {
        let scope = self.documents.scope(node);
        let message = format!("no {} is called `{name}`", kind.name());
        let help = match self.scopes.closest(scope, kind, name) {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!(
                "declare it under `{}`, or import the library that does",
                kind.key()
            ),
        };
        self.diagnostics
            .error("unknown-name", node.span, message)
            .help(help);
    }

    /// Reads `uses`: alias → file of a library (RAML 1.0, Applying Libraries).
    pub(super) fn open_libraries(&mut self, scope: ScopeId, document: &Node) {
        let Some(uses) = document.get("uses") else {
            return;
        };
        let Some(uses) = self.mapping(uses, "`uses`").cloned() else {
            return;
        };
        for entry in uses.iter() {
            if entry.key.contains('.') {
                let message = format!("the alias `{}` has a dot in it", entry.key);
                self.diagnostics
                    .error("invalid-name", entry.key_span, message)
                    .help("a dot stands between an alias and a name");
            }
            if let Some(library) = self.library(&entry.value) {
                self.import(scope, entry, library);
            }
        }
    }

    /// RAML 1.0, Merging Rules: an overlay or extension must not give an alias of what it extends to
    /// another library.
    fn import(&mut self, scope: ScopeId, entry: &Entry, library: ScopeId) {
        let libraries = &mut self.scopes.list[scope.0].libraries;
        let known = libraries.iter().find(|known| known.alias == entry.key);
        match known {
            Some(known) if known.scope == library => {}
            Some(known) => {
                let first = known.span;
                let message = format!("the alias `{}` stands for another library", entry.key);
                self.diagnostics
                    .error("duplicate-name", entry.key_span, message)
                    .related(first, "the other one")
                    .help("choose another alias");
            }
            None => libraries.push(Import {
                alias: entry.key.clone(),
                span: entry.key_span,
                scope: library,
            }),
        }
    }

    fn library(&mut self, reference: &Node) -> Option<ScopeId> {
        let (file, header) = self.open_file(reference)?;
        if header != Some(Header::Library) {
            let message = "this file is no library, and only libraries are imported under `uses`";
            self.diagnostics
                .error("misplaced-fragment", reference.span, message)
                .help("its first line must be `#%RAML 1.0 Library`");
            return None;
        }
        if let Some(scope) = self.documents.scope_of(file) {
            return Some(scope);
        }
        let scope = self.scopes.add(None);
        let document = self.load_file(file, Header::Library, scope)?;
        self.open_libraries(scope, &document);
        self.declare(scope, &document);
        Some(scope)
    }

    /// Takes in everything that a document declares.
    pub(super) fn declare(&mut self, scope: ScopeId, document: &Node) {
        if let Some(members) = document.as_mapping()
            && let (Some(types), Some(schemas)) = (members.get("types"), members.get("schemas"))
        {
            // RAML 1.0, The Root of the Document: the two are one and exclude each other.
            let message = "a document has either `types` or `schemas`, which mean the same";
            self.diagnostics
                .error("exclusive-facets", schemas.key_span, message)
                .related(types.key_span, "the other one")
                .help("move everything under `types`");
        }
        for kind in Kind::ALL {
            let legacy = document.get("schemas").filter(|_| kind == Kind::Type);
            for map in [document.get(kind.key()), legacy].into_iter().flatten() {
                self.declare_all(scope, kind, map);
            }
        }
    }

    fn declare_all(&mut self, scope: ScopeId, kind: Kind, map: &Node) {
        let Some(members) = self.mapping(map, &format!("`{}`", kind.key())) else {
            return;
        };
        for entry in members.clone().into_entries() {
            self.scopes.declare(
                kind,
                Declared {
                    name: entry.key,
                    name_span: entry.key_span,
                    node: entry.value,
                    scope,
                },
            );
        }
    }

    /// The members of a map that may also be left empty; anything else is reported.
    pub(super) fn mapping<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n Mapping> {
        if let crate::yaml::Value::Null = node.value {
            return None;
        }
        let mapping = node.as_mapping();
        if mapping.is_none() {
            self.wrong_type(node, what, "an object");
        }
        mapping
    }
}
