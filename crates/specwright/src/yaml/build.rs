//! Parser events to a tree.

use super::scalar::{self, Plain};
use super::{Entry, MAX_ALIASED_NODES, MAX_BYTES, MAX_DEPTH, Mapping, Node, UNREADABLE, Value};
use crate::diag::Diagnostics;
use crate::source::{FileId, Span, char_boundary};
use granit_parser::{Event, Parser, ScalarStyle, Tag};
use std::collections::HashMap;

/// Reads one document. See [`super::parse`].
pub(super) fn build(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Option<Node> {
    let start = Span {
        file,
        start: 0,
        end: 0,
    };
    if text.len() > MAX_BYTES {
        let limit = MAX_BYTES >> 20;
        let message = format!("the file is larger than {limit} MiB");
        diagnostics
            .error("too-large", start, message)
            .help("move parts of it to other files, and refer to them with `$ref`");
        return None;
    }
    let mut builder = Builder {
        file,
        diagnostics,
        frames: Vec::new(),
        anchors: HashMap::new(),
        open_anchors: Vec::new(),
        aliased: 0,
        root: None,
    };
    let options = granit_parser::options! {
        emit_comments: false,
        emit_unresolved_aliases: true,
        simple_key_max_lookahead: 65_536,
        // One more than ours, so that our own diagnostic comes first.
        flow_nesting_limit: MAX_DEPTH + 1,
        block_nesting_limit: MAX_DEPTH + 1,
    };
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, span)) => builder.event(event, span).ok()?,
            Err(error) => {
                builder.refuse(&error, text);
                return None;
            }
        }
    }
    if builder.root.is_none() {
        let message = "the file holds no document";
        builder
            .diagnostics
            .error("empty-document", start, message)
            .help("a contract begins with `openapi: 3.1.0`, or with `#%RAML 1.0`");
    }
    builder.root.map(|finished| finished.node)
}

/// The tree cannot be finished; the reason has been reported.
struct Stopped;

/// A finished node and what it weighs, so that an alias to it is measured without a walk.
#[derive(Clone)]
struct Finished {
    node: Node,
    nodes: usize,
    depth: usize,
}

/// A collection that is still open.
struct Frame {
    collection: Collection,
    start: u32,
    anchor: usize,
    tag: Option<Box<str>>,
    nodes: usize,
    depth: usize,
}

enum Collection {
    Sequence(Vec<Node>),
    Mapping(Mapping, NextKey),
}

/// What stands before the value that a mapping waits for.
enum NextKey {
    Awaited,
    Key(String, Span),
    /// The key was refused, so its value is read and dropped.
    Refused,
}

struct Builder<'a> {
    file: FileId,
    diagnostics: &'a mut Diagnostics,
    frames: Vec<Frame>,
    anchors: HashMap<usize, Finished>,
    open_anchors: Vec<usize>,
    aliased: usize,
    root: Option<Finished>,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, at: granit_parser::Span) -> Result<(), Stopped> {
        let span = self.span(&at);
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                self.diagnostics
                    .error(
                        "several-documents",
                        span,
                        "the file holds several documents",
                    )
                    .help("keep one document in the file, without a second `---`");
                Err(Stopped)
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style, anchor, tag.as_deref(), span)
            }
            Event::SequenceStart(_, anchor, tag) => {
                let collection = Collection::Sequence(Vec::new());
                self.open(collection, anchor, tag.as_deref(), span)
            }
            Event::MappingStart(_, anchor, tag) => {
                let collection = Collection::Mapping(Mapping::default(), NextKey::Awaited);
                self.open(collection, anchor, tag.as_deref(), span)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(id) => self.alias(id, span),
            Event::UnresolvedAlias(name) => {
                let message = format!("the anchor `&{name}` is not defined before its alias");
                self.diagnostics
                    .error("unknown-anchor", span, message)
                    .help(format!(
                        "write `&{name}` before the value that is meant, or quotes around a text \
                         that begins with `*`"
                    ));
                self.finish(unreadable(span), span)
            }
            _ => Ok(()),
        }
    }

    fn span(&self, span: &granit_parser::Span) -> Span {
        let offset = |marker: &granit_parser::Marker| {
            marker.byte_offset().unwrap_or_default().min(MAX_BYTES) as u32
        };
        Span {
            file: self.file,
            start: offset(&span.start),
            end: offset(&span.end),
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), Stopped> {
        let plain = style == ScalarStyle::Plain;
        if self.awaits_key() {
            self.key(text, plain && tag.is_none(), span);
            return Ok(());
        }
        let string = || leaf(span, Value::String(text.to_owned()));
        let finished = match tag.map(|tag| (tag.core_suffix(), tag)) {
            None if plain => self.plain(text, span),
            None | Some((Some("str"), _)) => string(),
            Some((Some("int" | "float" | "bool" | "null"), _)) => self.plain(text, span),
            Some((_, tag)) => match self.local_tag(tag, span) {
                None => self.plain(text, span),
                local => {
                    let mut finished = string();
                    finished.node.tag = local;
                    finished
                }
            },
        };
        self.remember(anchor, &finished);
        self.finish(finished, span)
    }

    fn plain(&mut self, text: &str, span: Span) -> Finished {
        let message = match scalar::resolve(text) {
            Plain::Value(value) => return leaf(span, value),
            Plain::NotFinite => format!("JSON has no number `{text}`"),
            Plain::TooLarge => format!("the number `{text}` has more than 128 bits"),
        };
        self.diagnostics
            .error("not-json", span, message)
            .help("write a decimal number, or put quotes around it if it is meant as text");
        unreadable(span)
    }

    /// The tag as written, when it is one of ours to keep; every other one is reported.
    fn local_tag(&mut self, tag: &Tag, span: Span) -> Option<Box<str>> {
        let written = tag.original();
        if written == "!include" {
            return Some(written.into());
        }
        let message = format!("the tag `{written}` has no meaning in a contract");
        self.diagnostics
            .error("unknown-tag", span, message)
            .help("leave the tag out, or write the value as JSON would");
        None
    }

    fn awaits_key(&self) -> bool {
        matches!(
            self.frames.last().map(|frame| &frame.collection),
            Some(Collection::Mapping(_, NextKey::Awaited))
        )
    }

    fn key(&mut self, text: &str, plain: bool, span: Span) {
        let refused = plain && (self.refuse_merge(text, span) || self.refuse_key(text, span));
        let Some(Frame {
            collection: Collection::Mapping(mapping, next),
            ..
        }) = self.frames.last_mut()
        else {
            return;
        };
        *next = match mapping.get(text) {
            _ if refused => NextKey::Refused,
            Some(first) => {
                let message = format!("the key `{text}` stands twice in this object");
                self.diagnostics
                    .error("duplicate-key", span, message)
                    .related(first.key_span, "first written here")
                    .help("remove or rename one of the two");
                NextKey::Refused
            }
            None => NextKey::Key(text.to_owned(), span),
        };
    }

    fn refuse_merge(&mut self, text: &str, span: Span) -> bool {
        let refused = text == "<<";
        if refused {
            self.diagnostics
                .error("merge-key", span, "YAML 1.2 has no merge keys")
                .help("write the members out, or refer to a shared schema with `allOf`");
        }
        refused
    }

    /// Integers are taken as their text, since status codes are often written without quotes.
    fn refuse_key(&mut self, text: &str, span: Span) -> bool {
        let kind = match scalar::resolve(text) {
            Plain::Value(Value::String(_)) => return false,
            Plain::Value(Value::Number(number))
                if number == text && !text.contains(['.', 'e', 'E']) =>
            {
                return false;
            }
            Plain::Value(Value::Bool(_)) => "a boolean",
            Plain::Value(Value::Null) => "null",
            _ => "a number",
        };
        let message = format!("a key must be a string, and `{text}` is {kind}");
        self.diagnostics
            .error("key-not-a-string", span, message)
            .help(format!("put quotes around it: `\"{text}\"`"));
        true
    }

    fn open(
        &mut self,
        collection: Collection,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), Stopped> {
        if self.awaits_key() {
            self.diagnostics
                .error(
                    "key-not-a-string",
                    span,
                    "a key must be a string, not a collection",
                )
                .help("put quotes around text that begins with `{` or `[`");
            return Err(Stopped);
        }
        if self.frames.len() >= MAX_DEPTH {
            return self.too_deep(span);
        }
        let tag = match tag {
            Some(tag) if !matches!(tag.core_suffix(), Some("map" | "seq")) => {
                self.local_tag(tag, span)
            }
            _ => None,
        };
        if anchor != 0 {
            self.open_anchors.push(anchor);
        }
        self.frames.push(Frame {
            collection,
            start: span.start,
            anchor,
            tag,
            nodes: 1,
            depth: 1,
        });
        Ok(())
    }

    fn too_deep(&mut self, span: Span) -> Result<(), Stopped> {
        let message = format!("collections nest deeper than {MAX_DEPTH} levels");
        self.diagnostics
            .error("too-deep", span, message)
            .help("move inner parts out and refer to them with `$ref`");
        Err(Stopped)
    }

    fn close(&mut self, end: Span) -> Result<(), Stopped> {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        let span = Span {
            file: self.file,
            start: frame.start,
            end: end.end.max(frame.start),
        };
        let value = match frame.collection {
            Collection::Sequence(items) => Value::Sequence(items),
            Collection::Mapping(mapping, _) => Value::Mapping(mapping),
        };
        let finished = Finished {
            node: Node {
                span,
                value,
                tag: frame.tag,
            },
            nodes: frame.nodes,
            depth: frame.depth,
        };
        self.open_anchors.retain(|open| *open != frame.anchor);
        self.remember(frame.anchor, &finished);
        self.finish(finished, span)
    }

    fn remember(&mut self, anchor: usize, finished: &Finished) {
        if anchor != 0 {
            self.anchors.insert(anchor, finished.clone());
        }
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<(), Stopped> {
        if self.awaits_key() {
            return self.alias_key(id, span);
        }
        if self.open_anchors.contains(&id) {
            let message = "the alias stands inside the value of its own anchor";
            self.diagnostics
                .error("endless-alias", span, message)
                .help("refer to it with `$ref`, which may lead back");
            return Err(Stopped);
        }
        let Some(target) = self.anchors.get(&id).cloned() else {
            return self.finish(leaf(span, Value::Null), span);
        };
        self.aliased += target.nodes;
        if self.aliased > MAX_ALIASED_NODES {
            let message = format!("aliases add more than {MAX_ALIASED_NODES} nodes");
            self.diagnostics
                .error("too-many-aliases", span, message)
                .help("refer to shared parts with `$ref`");
            return Err(Stopped);
        }
        if self.frames.len() + target.depth > MAX_DEPTH {
            return self.too_deep(span);
        }
        self.finish(target, span)
    }

    fn alias_key(&mut self, id: usize, span: Span) -> Result<(), Stopped> {
        let target = self.anchors.get(&id);
        let text = target
            .and_then(|target| target.node.as_str())
            .map(str::to_owned);
        match text {
            Some(text) => {
                self.key(&text, false, span);
                Ok(())
            }
            None => {
                let message = "a key must be a string, and this alias stands for something else";
                self.diagnostics
                    .error("key-not-a-string", span, message)
                    .help("write the key itself");
                Err(Stopped)
            }
        }
    }

    /// Hands a finished node to the collection around it.
    fn finish(&mut self, finished: Finished, span: Span) -> Result<(), Stopped> {
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(finished);
            return Ok(());
        };
        frame.nodes += finished.nodes;
        frame.depth = frame.depth.max(finished.depth + 1);
        match &mut frame.collection {
            Collection::Sequence(items) => items.push(finished.node),
            Collection::Mapping(mapping, next) => match std::mem::replace(next, NextKey::Awaited) {
                NextKey::Key(key, key_span) => mapping.push(Entry {
                    key,
                    key_span,
                    value: finished.node,
                }),
                NextKey::Refused => {}
                NextKey::Awaited => {
                    let message = "a key must be a string";
                    self.diagnostics
                        .error("key-not-a-string", span, message)
                        .help("write a key before the value");
                    return Err(Stopped);
                }
            },
        }
        Ok(())
    }

    fn refuse(&mut self, error: &granit_parser::ScanError, text: &str) {
        let offset = error.marker().byte_offset().unwrap_or(text.len());
        let offset = char_boundary(text, offset);
        let width = text[offset..].chars().next().map_or(0, char::len_utf8);
        let span = Span {
            file: self.file,
            start: offset as u32,
            end: (offset + width) as u32,
        };
        let tab = text[offset..].starts_with('\t')
            || text[..offset].ends_with('\t')
            || error.info().contains("tab");
        let diagnostic = self.diagnostics.error(
            "syntax",
            span,
            format!("the text is neither YAML nor JSON: {}", error.info()),
        );
        diagnostic.help(match tab {
            true => "YAML is indented with spaces; replace the tab",
            false => "look here and just before: at indentation, quotes, brackets and depth",
        });
    }
}

fn leaf(span: Span, value: Value) -> Finished {
    Finished {
        node: Node {
            span,
            value,
            tag: None,
        },
        nodes: 1,
        depth: 0,
    }
}

/// What stands in the tree for a value that could not be read.
fn unreadable(span: Span) -> Finished {
    let mut finished = leaf(span, Value::Null);
    finished.node.tag = Some(UNREADABLE.into());
    finished
}
