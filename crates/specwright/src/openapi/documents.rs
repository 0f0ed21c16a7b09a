//! The files of one contract, and finding the place that a reference names in them.

use crate::diag::Diagnostics;
use crate::source::{FileId, Sources, Span, normal};
use crate::suggest;
use crate::yaml::{self, Node, Value};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

/// Every file of the contract, parsed. Nothing is added once it is made, so nodes keep their
/// addresses.
pub(super) struct Documents {
    root: FileId,
    files: HashMap<FileId, File>,
    by_path: HashMap<PathBuf, Result<FileId, String>>,
    /// `$anchor`s as JSON pointers.
    anchors: HashMap<(FileId, String), String>,
    used: RefCell<BTreeSet<FileId>>,
    /// Whether there is but one tree, whose nodes stand in many sources.
    tree: bool,
    values: Vec<super::Value>,
}

struct File {
    path: PathBuf,
    node: Node,
    /// What the parser found, told only when the file turns out to be referred to.
    findings: Diagnostics,
}

/// A node, and how one gets there.
#[derive(Clone)]
pub(super) struct At<'a> {
    pub node: &'a Node,
    /// The key it stands under; for the root and items of arrays the node itself.
    pub key_span: Span,
    /// `#/paths/~1pets/get`, with the file's path before the `#` when it is not the root's.
    pub pointer: String,
}

impl<'a> At<'a> {
    /// The root of the root document.
    pub fn root(node: &'a Node) -> Self {
        Self {
            node,
            key_span: node.span,
            pointer: "#".to_owned(),
        }
    }

    /// The member under `key`.
    pub fn get(&self, key: &str) -> Option<At<'a>> {
        let entry = self.node.as_mapping()?.get(key)?;
        Some(At {
            node: &entry.value,
            key_span: entry.key_span,
            pointer: self.child(key),
        })
    }

    /// The members, when this is an object.
    pub fn members(&self) -> impl Iterator<Item = (&'a str, At<'a>)> + use<'a> {
        let pointer = self.pointer.clone();
        let mapping = self.node.as_mapping();
        mapping
            .into_iter()
            .flat_map(|mapping| mapping.iter())
            .map(move |entry| {
                let at = At {
                    node: &entry.value,
                    key_span: entry.key_span,
                    pointer: format!("{pointer}/{}", escape(&entry.key)),
                };
                (entry.key.as_str(), at)
            })
    }

    /// The items, when this is an array.
    pub fn items(&self) -> impl Iterator<Item = At<'a>> + use<'a> {
        let pointer = self.pointer.clone();
        let items = self.node.as_sequence().unwrap_or_default();
        items.iter().enumerate().map(move |(index, node)| At {
            node,
            key_span: node.span,
            pointer: format!("{pointer}/{index}"),
        })
    }

    /// The same place, known by its node's address.
    pub fn address(&self) -> usize {
        address(self.node)
    }

    fn child(&self, key: &str) -> String {
        format!("{}/{}", self.pointer, escape(key))
    }
}

/// What identifies a node while the documents live.
pub(super) fn address(node: &Node) -> usize {
    std::ptr::from_ref(node) as usize
}

/// Why a reference leads nowhere.
pub(super) struct Unresolved {
    pub code: &'static str,
    pub message: String,
    pub help: Option<String>,
}

impl Unresolved {
    fn new(code: &'static str, message: String, help: Option<String>) -> Self {
        Self {
            code,
            message,
            help,
        }
    }
}

impl Documents {
    /// Reads the root and, file by file, everything that is referred to.
    pub fn load(
        root: FileId,
        sources: &mut Sources,
        diagnostics: &mut Diagnostics,
    ) -> Option<Documents> {
        let node = yaml::parse(root, sources, diagnostics)?;
        let path = normal(&sources.get(root).path);
        let mut documents = Documents {
            root,
            files: HashMap::new(),
            by_path: HashMap::from([(path.clone(), Ok(root))]),
            anchors: HashMap::new(),
            used: RefCell::new(BTreeSet::new()),
            tree: false,
            values: Vec::new(),
        };
        let mut waiting = documents.add(root, path, node, Diagnostics::new());
        while let Some(path) = waiting.pop() {
            if documents.by_path.contains_key(&path) {
                continue;
            }
            let loaded = sources.load(&path).map_err(|error| error.to_string());
            documents.by_path.insert(path.clone(), loaded.clone());
            let Ok(file) = loaded else { continue };
            let mut findings = Diagnostics::new();
            let node = yaml::parse(file, sources, &mut findings).unwrap_or(Node {
                span: Span {
                    file,
                    start: 0,
                    end: 0,
                },
                value: Value::Null,
                tag: None,
            });
            waiting.extend(documents.add(file, path, node, findings));
        }
        Some(documents)
    }

    /// A document that refers to nothing but itself, wherever its nodes stand.
    pub fn tree(node: Node, values: Vec<super::Value>) -> Documents {
        let root = node.span.file;
        let mut documents = Documents {
            root,
            files: HashMap::new(),
            by_path: HashMap::new(),
            anchors: HashMap::new(),
            used: RefCell::new(BTreeSet::new()),
            tree: true,
            values,
        };
        documents.add(root, PathBuf::new(), node, Diagnostics::new());
        documents
    }

    /// Values outside of the document, with the schemas that they have to fit.
    pub fn values(&self) -> &[super::Value] {
        &self.values
    }

    /// Whether the nodes stand in many sources, so that places do not tell them apart.
    pub fn is_tree(&self) -> bool {
        self.tree
    }

    /// The root document.
    pub fn root(&self) -> &Node {
        &self.files[&self.root].node
    }

    /// Whether `node` stands in the root document.
    pub fn in_root(&self, node: &Node) -> bool {
        self.tree || node.span.file == self.root
    }

    /// Reports what the parser found in the files that references led to.
    pub fn report_used(&self, diagnostics: &mut Diagnostics) {
        for file in self.used.borrow().iter() {
            if let Some(file) = self.files.get(file) {
                diagnostics.extend(file.findings.iter().cloned());
            }
        }
    }

    /// The place that `reference`, written in `from`, names.
    ///
    /// # Errors
    /// When it names another machine, a file that cannot be read, or a place that does not exist.
    pub fn resolve(&self, from: FileId, reference: &str) -> Result<At<'_>, Unresolved> {
        let (uri, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let file = self.file(from, uri, reference)?;
        let Some(fragment) = percent_decode(fragment) else {
            let message = format!("the reference `{reference}` is not percent-encoded correctly");
            let help = "write a literal `%` as `%25`".to_owned();
            return Err(Unresolved::new("invalid-reference", message, Some(help)));
        };
        let Some(File { node, path, .. }) = self.files.get(&file) else {
            return Err(unreadable(uri, "it was not read"));
        };
        let at = At {
            node,
            key_span: node.span,
            pointer: match file == self.root {
                true => "#".to_owned(),
                false => format!("{}#", path.display()),
            },
        };
        match fragment.as_str() {
            "" => Ok(at),
            pointer if pointer.starts_with('/') => self.walk(at, pointer, reference),
            anchor => match self.anchors.get(&(file, anchor.to_owned())) {
                Some(pointer) => self.walk(at, pointer, reference),
                None => {
                    let message = format!("no schema has the `$anchor` `{anchor}`");
                    let help = format!("a JSON pointer begins with a slash: `#/{anchor}`");
                    Err(Unresolved::new("unresolved-reference", message, Some(help)))
                }
            },
        }
    }

    fn file(&self, from: FileId, uri: &str, reference: &str) -> Result<FileId, Unresolved> {
        if uri.is_empty() {
            return Ok(if self.tree { self.root } else { from });
        }
        let Some(path) = self.path(from, uri) else {
            let message = format!("the reference `{reference}` leads to another machine");
            let help = "download the document, keep it beside the contract and refer to the file";
            return Err(Unresolved::new(
                "remote-reference",
                message,
                Some(help.into()),
            ));
        };
        match self.by_path.get(&path) {
            Some(Ok(file)) => {
                self.used.borrow_mut().insert(*file);
                Ok(*file)
            }
            Some(Err(error)) => Err(unreadable(&path.display().to_string(), error)),
            None => Err(unreadable(&path.display().to_string(), "it was not read")),
        }
    }

    fn walk<'a>(
        &'a self,
        mut at: At<'a>,
        pointer: &str,
        reference: &str,
    ) -> Result<At<'a>, Unresolved> {
        // RFC 6901, section 4.
        for token in pointer.split('/').skip(1) {
            let Some(key) = unescape(token) else {
                let message = format!("`~` in the reference `{reference}` escapes nothing");
                let help = "write `~0` for `~` and `~1` for `/`".to_owned();
                return Err(Unresolved::new("invalid-reference", message, Some(help)));
            };
            let next = match &at.node.value {
                Value::Sequence(items) => key.parse().ok().and_then(|index: usize| {
                    items.get(index).map(|node| At {
                        node,
                        key_span: node.span,
                        pointer: at.child(&key),
                    })
                }),
                _ => at.get(&key),
            };
            at = next.ok_or_else(|| nothing_there(&at, &key, reference))?;
        }
        Ok(at)
    }

    /// Takes a file in; answers the paths of the files it refers to.
    fn add(
        &mut self,
        id: FileId,
        path: PathBuf,
        node: Node,
        findings: Diagnostics,
    ) -> Vec<PathBuf> {
        let mut uris = BTreeSet::new();
        let mut anchors = Vec::new();
        survey(&node, &mut String::new(), &mut uris, &mut anchors);
        for (anchor, pointer) in anchors {
            self.anchors.entry((id, anchor)).or_insert(pointer);
        }
        let file = File {
            path,
            node,
            findings,
        };
        self.files.insert(id, file);
        uris.iter().filter_map(|uri| self.path(id, uri)).collect()
    }

    /// Where a relative reference leads; `None` when it has a scheme or a host.
    fn path(&self, from: FileId, uri: &str) -> Option<PathBuf> {
        if is_remote(uri) {
            return None;
        }
        let uri = percent_decode(uri.split('?').next().unwrap_or(uri))?;
        let directory = self.files.get(&from)?.path.parent()?;
        Some(normal(&directory.join(uri)))
    }
}

/// Whether a reference has a scheme or a host (RFC 3986, section 4.2).
pub(super) fn is_remote(uri: &str) -> bool {
    let scheme = uri.split_once(':').is_some_and(|(scheme, _)| {
        scheme.len() > 1
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    });
    scheme || uri.starts_with("//")
}

/// Collects the files that a document refers to, and its anchors. Recursion is bounded by the
/// parser's depth limit.
fn survey(
    node: &Node,
    pointer: &mut String,
    uris: &mut BTreeSet<String>,
    anchors: &mut Vec<(String, String)>,
) {
    let length = pointer.len();
    match &node.value {
        Value::Mapping(mapping) => {
            for entry in mapping.iter() {
                if let Some(text) = entry.value.as_str() {
                    match entry.key.as_str() {
                        "$anchor" => anchors.push((text.to_owned(), pointer.clone())),
                        "$ref" => survey_reference(text, uris),
                        _ => survey_mapping_value(text, uris),
                    }
                    continue;
                }
                pointer.push('/');
                pointer.push_str(&escape(&entry.key));
                survey(&entry.value, pointer, uris, anchors);
                pointer.truncate(length);
            }
        }
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                pointer.push('/');
                pointer.push_str(&index.to_string());
                survey(item, pointer, uris, anchors);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

fn survey_reference(reference: &str, uris: &mut BTreeSet<String>) {
    let uri = reference.split('#').next().unwrap_or_default();
    if !uri.is_empty() && !uris.contains(uri) {
        uris.insert(uri.to_owned());
    }
}

/// The mapping of a discriminator refers to files without a `$ref`.
fn survey_mapping_value(text: &str, uris: &mut BTreeSet<String>) {
    let uri = text.split('#').next().unwrap_or_default();
    let file = [".yaml", ".yml", ".json"]
        .iter()
        .any(|end| uri.ends_with(end));
    if file && !uri.contains(char::is_whitespace) {
        survey_reference(text, uris);
    }
}

fn unreadable(path: &str, error: &str) -> Unresolved {
    let message = format!("the file `{path}` cannot be read: {error}");
    let help = "paths are relative to the file that refers to them".to_owned();
    Unresolved::new("unreadable-file", message, Some(help))
}

fn nothing_there(at: &At<'_>, key: &str, reference: &str) -> Unresolved {
    let keys = at.members().map(|(key, _)| key).collect::<Vec<_>>();
    let message = format!(
        "the reference `{reference}` leads nowhere: `{}` has no `{key}`",
        at.pointer
    );
    let help = match suggest::closest(key, keys.iter().copied()) {
        Some(key) => format!("did you mean `{}/{}`?", at.pointer, escape(key)),
        None if keys.is_empty() => format!("there is nothing under `{}`", at.pointer),
        None => format!("it has {}", listed(&keys)),
    };
    Unresolved::new("unresolved-reference", message, Some(help))
}

/// The first few of some names.
fn listed(names: &[&str]) -> String {
    const TOLD: usize = 6;
    let told = names.iter().take(TOLD).map(|name| format!("`{name}`"));
    let told = told.collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(TOLD) {
        0 => told,
        more => format!("{told} and {more} more"),
    }
}

/// A key as a JSON pointer writes it (RFC 6901, section 3).
pub(super) fn escape(key: &str) -> String {
    match key.contains(['~', '/']) {
        true => key.replace('~', "~0").replace('/', "~1"),
        false => key.to_owned(),
    }
}

fn unescape(token: &str) -> Option<String> {
    let mut out = String::with_capacity(token.len());
    let mut characters = token.chars();
    while let Some(character) = characters.next() {
        out.push(match character {
            '~' => match characters.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            },
            other => other,
        });
    }
    Some(out)
}

/// `None` when an escape is broken or the bytes are not UTF-8.
pub(super) fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let (high, low) = (digit()?, digit()?);
        bytes.push((high * 16 + low) as u8);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_and_fragments_are_unescaped() {
        assert_eq!(unescape("a~1b~0c").as_deref(), Some("a/b~c"));
        assert_eq!(unescape("~01").as_deref(), Some("~1"));
        assert_eq!(unescape("a~2"), None);
        assert_eq!(unescape("a~"), None);
        assert_eq!(percent_decode("a%20%C3%A9").as_deref(), Some("a é"));
        assert_eq!(percent_decode("%zz"), None);
        assert_eq!(percent_decode("%ff"), None);
        assert_eq!(escape("/a~b"), "~1a~0b");
    }
}
