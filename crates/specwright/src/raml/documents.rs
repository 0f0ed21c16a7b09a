//! The files of one RAML contract: what each is, and `!include`.

use super::Lowering;
use super::build;
use super::scope::ScopeId;
use crate::diag::Diagnostic;
use crate::source::{FileId, Span, normal};
use crate::yaml::{self, Entry, MAX_DEPTH, Mapping, Node, Value};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// How many nodes includes may add to a contract.
const MAX_INCLUDED_NODES: usize = 1_000_000;

/// What a file is, by its first line (RAML 1.0, Typed Fragments).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Header {
    Api,
    Overlay,
    Extension,
    Library,
    DocumentationItem,
    DataType,
    NamedExample,
    ResourceType,
    Trait,
    AnnotationTypeDeclaration,
    SecurityScheme,
}

/// Every kind of typed fragment, by the word in its first line.
pub(super) const FRAGMENTS: [(&str, Header); 10] = [
    ("Overlay", Header::Overlay),
    ("Extension", Header::Extension),
    ("Library", Header::Library),
    ("DocumentationItem", Header::DocumentationItem),
    ("DataType", Header::DataType),
    ("NamedExample", Header::NamedExample),
    ("ResourceType", Header::ResourceType),
    ("Trait", Header::Trait),
    (
        "AnnotationTypeDeclaration",
        Header::AnnotationTypeDeclaration,
    ),
    ("SecurityScheme", Header::SecurityScheme),
];

impl Header {
    /// As the first line names it.
    pub fn name(self) -> &'static str {
        FRAGMENTS
            .iter()
            .find(|(_, header)| *header == self)
            .map_or("API", |(name, _)| name)
    }
}

/// What was read so far.
#[derive(Default)]
pub(super) struct Documents {
    files: HashMap<FileId, File>,
    /// A file that takes the names of the file that includes it is read once for each of these.
    known: HashMap<(PathBuf, Option<ScopeId>), FileId>,
    /// The files that are being read, outermost first.
    open: Vec<PathBuf>,
    included_nodes: usize,
}

struct File {
    scope: ScopeId,
    header: Option<Header>,
    /// `None` when the file is no YAML, or cannot be read as such.
    root: Option<Node>,
}

impl Documents {
    /// The names that a node's file sees.
    pub fn scope(&self, node: &Node) -> ScopeId {
        self.files
            .get(&node.span.file)
            .map_or(ScopeId::ROOT, |file| file.scope)
    }

    /// The names that a file sees, when it was read.
    pub fn scope_of(&self, file: FileId) -> Option<ScopeId> {
        self.files.get(&file).map(|file| file.scope)
    }

    /// The kind of typed fragment that a node is the whole of.
    pub fn fragment(&self, node: &Node) -> Option<Header> {
        let file = self.files.get(&node.span.file)?;
        let root = file.root.as_ref()?;
        file.header.filter(|_| root.span == node.span)
    }
}

/// The text of a file that is no YAML, which a node stands for by `!include`; and the fragment after
/// its name, such as `/definitions/person` of `schema.json#/definitions/person`.
pub(super) fn included_text(node: &Node) -> Option<(&str, Option<&str>)> {
    let tag = node.tag.as_deref()?.strip_prefix("!include")?;
    Some((node.as_str()?, tag.strip_prefix('#')))
}

impl Lowering<'_> {
    /// Reads a file whose first line says what it is, with a scope of its own.
    pub(super) fn load_file(
        &mut self,
        file: FileId,
        header: Header,
        scope: ScopeId,
    ) -> Option<Node> {
        let path = normal(&self.sources.get(file).path);
        let root = self.parse(file)?;
        let known = match header {
            Header::Library => None,
            _ => Some(scope),
        };
        self.documents.known.insert((path.clone(), known), file);
        self.documents.files.insert(
            file,
            File {
                scope,
                header: Some(header),
                root: None,
            },
        );
        self.documents.open.push(path);
        let root = self.resolve(root, 1);
        self.documents.open.pop();
        if let Some(file) = self.documents.files.get_mut(&file) {
            file.root = Some(root.clone());
        }
        Some(root)
    }

    /// The library or other file that `reference` names, and what its first line says it is.
    pub(super) fn open_file(&mut self, reference: &Node) -> Option<(FileId, Option<Header>)> {
        let (path, _) = self.path(reference)?;
        if let Some(known) = self.documents.known.get(&(path.clone(), None)) {
            let header = self.documents.files.get(known).and_then(|file| file.header);
            return Some((*known, header));
        }
        let file = self.read(&path, reference)?;
        let header = self.header(file).ok()?;
        Some((file, header))
    }

    /// A file with nothing but comments, its first line among them, holds null.
    fn parse(&mut self, file: FileId) -> Option<Node> {
        let text = &self.sources.get(file).text;
        let comment = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
        if text.trim_start_matches('\u{feff}').lines().all(comment) {
            return Some(build::node(first_line(file, text), Value::Null));
        }
        yaml::parse(file, self.sources, self.diagnostics)
    }

    fn read(&mut self, path: &Path, reference: &Node) -> Option<FileId> {
        match self.sources.load(path) {
            Ok(file) => Some(file),
            Err(error) => {
                let message = format!("the file `{}` cannot be read: {error}", path.display());
                self.diagnostics
                    .error("unreadable-file", reference.span, message)
                    .help("paths are relative to the file that refers to them");
                None
            }
        }
    }

    /// What the first line of a file says it is; `Ok(None)` when it says nothing.
    ///
    /// # Errors
    /// When it says something that RAML 1.0 does not know, which is reported.
    pub(super) fn header(&mut self, file: FileId) -> Result<Option<Header>, ()> {
        let text = self.sources.get(file).text.trim_start_matches('\u{feff}');
        let line = text
            .lines()
            .next()
            .unwrap_or_default()
            .trim_end()
            .to_owned();
        let span = first_line(file, &self.sources.get(file).text);
        let Some(rest) = line.strip_prefix("#%RAML") else {
            return Ok(None);
        };
        let mut words = match rest.starts_with(' ') {
            true => rest.split_whitespace(),
            false => "".split_whitespace(),
        };
        match (words.next(), words.next(), words.next()) {
            (Some("1.0"), None, _) => Ok(Some(Header::Api)),
            (Some("1.0"), Some(word), None) => {
                let known = FRAGMENTS.iter().find(|(name, _)| *name == word);
                if let Some((_, header)) = known {
                    return Ok(Some(*header));
                }
                let message = format!("RAML 1.0 has no kind of document called `{word}`");
                let close = crate::suggest::closest(word, FRAGMENTS.map(|(name, _)| name));
                let diagnostic = self.diagnostics.error("unknown-fragment", span, message);
                match close {
                    Some(close) => diagnostic.help(format!("did you mean `#%RAML 1.0 {close}`?")),
                    None => diagnostic.help("an API begins with `#%RAML 1.0` and nothing else"),
                };
                Err(())
            }
            (Some(version), ..) => {
                let message = format!("specwright compiles RAML 1.0, and this is RAML {version}");
                self.diagnostics
                    .error("unsupported-dialect", span, message)
                    .help("convert the document to RAML 1.0 and begin it with `#%RAML 1.0`");
                Err(())
            }
            (None, ..) => {
                self.diagnostics
                    .error(
                        "unsupported-dialect",
                        span,
                        "the first line names no version of RAML",
                    )
                    .help("begin the document with `#%RAML 1.0`");
                Err(())
            }
        }
    }

    /// The same tree with every `!include` replaced by what it names. Recursion is bounded by the
    /// depth that is counted here.
    fn resolve(&mut self, node: Node, depth: usize) -> Node {
        if depth > MAX_DEPTH {
            let message =
                format!("collections nest deeper than {MAX_DEPTH} levels, includes counted");
            self.diagnostics
                .error("too-deep", node.span, message)
                .help("include files of fewer levels");
            return build::node(node.span, Value::Null);
        }
        if node.tag.as_deref() == Some("!include") {
            return self.include(&node, depth);
        }
        let value = match node.value {
            Value::Sequence(items) => Value::Sequence(
                items
                    .into_iter()
                    .map(|item| self.resolve(item, depth + 1))
                    .collect(),
            ),
            Value::Mapping(members) => {
                let mut resolved = Mapping::default();
                for entry in members.into_entries() {
                    resolved.put(Entry {
                        value: self.resolve(entry.value, depth + 1),
                        ..entry
                    });
                }
                Value::Mapping(resolved)
            }
            other => other,
        };
        Node { value, ..node }
    }

    /// RAML 1.0, Includes: a file of RAML or YAML is taken for what it holds, any other one for its
    /// text.
    fn include(&mut self, reference: &Node, depth: usize) -> Node {
        let nothing = build::node(reference.span, Value::Null);
        let Some((path, fragment)) = self.path(reference) else {
            return nothing;
        };
        let scope = self.documents.scope(reference);
        if let Some(at) = self.documents.open.iter().position(|open| *open == path) {
            let chain = self.documents.open[at..]
                .iter()
                .map(|path| path.display().to_string());
            let chain = chain
                .chain([path.display().to_string()])
                .collect::<Vec<_>>();
            self.diagnostics
                .error(
                    "include-cycle",
                    reference.span,
                    "these files include each other in a circle",
                )
                .help(format!("break the circle {}", chain.join(" → ")));
            return nothing;
        }
        let known = self
            .documents
            .known
            .get(&(path.clone(), Some(scope)))
            .copied();
        let file = match known {
            Some(known) => known,
            None => match self.load_include(&path, scope, reference, depth) {
                Some(file) => file,
                None => return nothing,
            },
        };
        self.included(file, fragment, reference, depth)
            .unwrap_or(nothing)
    }

    fn load_include(
        &mut self,
        path: &Path,
        scope: ScopeId,
        reference: &Node,
        depth: usize,
    ) -> Option<FileId> {
        let mut file = self.read(path, reference)?;
        if self.documents.files.contains_key(&file) {
            // Other names are seen from here, so that the same text means something else.
            let text = self.sources.get(file).text.clone();
            file = self.sources.add(path, text);
        }
        // RAML 1.0, Resolving Includes: an included file may begin as an API does without being one.
        let header = self
            .header(file)
            .ok()?
            .filter(|header| *header != Header::Api);
        let key = (path.to_path_buf(), Some(scope));
        self.documents.known.insert(key, file);
        let is_yaml = header.is_some()
            || path.extension().is_some_and(|extension| {
                ["raml", "yaml", "yml"]
                    .iter()
                    .any(|one| extension.eq_ignore_ascii_case(one))
            });
        let inner = match header {
            Some(_) => self.scopes.add(Some(scope)),
            None => scope,
        };
        let unread = File {
            scope: inner,
            header,
            root: None,
        };
        self.documents.files.insert(file, unread);
        if is_yaml {
            let root = self.parse(file)?;
            self.documents.open.push(path.to_path_buf());
            let mut root = self.resolve(root, depth);
            if header.is_some() {
                self.open_libraries(inner, &root);
                root = without(root, &["uses"]);
            }
            self.documents.open.pop();
            if let Some(known) = self.documents.files.get_mut(&file) {
                known.root = Some(root);
            }
        }
        Some(file)
    }

    /// What an included file stands for.
    fn included(
        &mut self,
        file: FileId,
        fragment: Option<String>,
        reference: &Node,
        depth: usize,
    ) -> Option<Node> {
        let known = self.documents.files.get(&file)?;
        let header = known.header;
        if let Some(root) = known.root.clone() {
            self.check_budget(&root, reference, depth)?;
            if let Some(header @ (Header::Overlay | Header::Extension | Header::Library)) = header {
                self.refuse_whole(header, reference);
                return None;
            }
            return Some(root);
        }
        let text = &self.sources.get(file).text;
        let span = Span {
            file,
            start: 0,
            end: text.len() as u32,
        };
        let mut node = build::text(span, text.clone());
        node.tag = Some(match fragment {
            Some(fragment) => format!("!include#{fragment}").into(),
            None => "!include".into(),
        });
        Some(node)
    }

    fn refuse_whole(&mut self, header: Header, reference: &Node) -> &mut Diagnostic {
        let (what, how) = match header {
            Header::Library => (
                "a library",
                "import it under `uses`, and write its names with the alias",
            ),
            Header::Overlay => (
                "an overlay",
                "an overlay names the API by `extends`, not the other way round",
            ),
            _ => (
                "an extension",
                "an extension names the API by `extends`, not the other way round",
            ),
        };
        let message = format!("{what} cannot be included");
        self.diagnostics
            .error("misplaced-fragment", reference.span, message)
            .help(how)
    }

    fn check_budget(&mut self, root: &Node, reference: &Node, depth: usize) -> Option<()> {
        let (nodes, height) = measure(root);
        self.documents.included_nodes += nodes;
        if self.documents.included_nodes > MAX_INCLUDED_NODES {
            let message = format!("includes add more than {MAX_INCLUDED_NODES} nodes");
            self.diagnostics
                .error("too-large", reference.span, message)
                .help("include a shared part once, as a type or a trait");
            return None;
        }
        if depth + height > MAX_DEPTH {
            let message =
                format!("collections nest deeper than {MAX_DEPTH} levels, includes counted");
            self.diagnostics
                .error("too-deep", reference.span, message)
                .help("include files of fewer levels");
            return None;
        }
        Some(())
    }

    /// The path that a reference names, and the fragment behind it. An absolute one begins at the
    /// root document's folder (RAML 1.0, Includes).
    fn path(&mut self, reference: &Node) -> Option<(PathBuf, Option<String>)> {
        let Some(text) = reference
            .as_str()
            .map(str::trim)
            .filter(|text| !text.is_empty())
        else {
            let message = format!(
                "the name of a file must be a string, and this is {}",
                reference.kind()
            );
            self.diagnostics
                .error("wrong-type", reference.span, message)
                .help("write the path of the file after `!include`");
            return None;
        };
        if text.contains("<<") {
            self.diagnostics
                .error(
                    "parameter-in-include",
                    reference.span,
                    "the name of an included file cannot have parameters",
                )
                .help("write the name of the file out (RAML 1.0, Includes)");
            return None;
        }
        if text.contains("://") || text.starts_with("//") {
            let message = format!("`{text}` is on another machine");
            self.diagnostics
                .error("remote-reference", reference.span, message)
                .help("download the file, keep it beside the contract and include that");
            return None;
        }
        let (text, fragment) = match text.split_once('#') {
            Some((text, fragment)) => (text, Some(fragment.to_owned())),
            None => (text, None),
        };
        let from = match text.strip_prefix('/') {
            Some(_) => self.documents.open.first().cloned(),
            None => Some(self.sources.get(reference.span.file).path.clone()),
        };
        let folder = from
            .as_deref()
            .and_then(Path::parent)
            .unwrap_or(Path::new(""));
        let path = normal(&folder.join(text.trim_start_matches('/')));
        Some((path, fragment))
    }
}

/// The first line of a file.
pub(super) fn first_line(file: FileId, text: &str) -> Span {
    Span {
        file,
        start: 0,
        end: text.lines().next().map_or(0, str::len) as u32,
    }
}

/// The same mapping without some keys.
pub(super) fn without(node: Node, keys: &[&str]) -> Node {
    match node.value {
        Value::Mapping(members) if keys.iter().any(|key| members.get(key).is_some()) => {
            let mut rest = Mapping::default();
            let kept = members.into_entries().into_iter();
            for entry in kept.filter(|entry| !keys.contains(&entry.key.as_str())) {
                rest.put(entry);
            }
            Node {
                value: Value::Mapping(rest),
                ..node
            }
        }
        _ => node,
    }
}

/// How many nodes a tree has, and how deep it is. Recursion is bounded by the depth limit.
pub(super) fn measure(node: &Node) -> (usize, usize) {
    let children: Vec<(usize, usize)> = match &node.value {
        Value::Sequence(items) => items.iter().map(measure).collect(),
        Value::Mapping(members) => members.iter().map(|entry| measure(&entry.value)).collect(),
        _ => return (1, 0),
    };
    let nodes = children.iter().map(|(nodes, _)| nodes).sum::<usize>();
    let height = children.iter().map(|(_, height)| height).max().copied();
    (nodes + 1, height.unwrap_or(0) + 1)
}
