//! Findings as text for people, with excerpts of the sources.

use super::{Diagnostic, Diagnostics, Severity};
use crate::source::{FileId, Sources, Span, char_boundary};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Element, Level, Origin, Renderer, Snippet};
use std::collections::HashMap;
use std::ops::Range;

/// How many affected operations are named before the rest is counted.
const NAMED_OPERATIONS: usize = 5;

/// Lines between two places that are still shown in one excerpt.
const NEAR: usize = 8;

/// Longer lines, as in JSON without line breaks, are cut around the place. In bytes.
const LONG_LINE: usize = 300;

/// Everything found, in the order of the sources, as a person reads it.
pub fn render(diagnostics: &Diagnostics, sources: &Sources, color: bool) -> String {
    let renderer = match color {
        true => Renderer::styled().decor_style(DecorStyle::Unicode),
        false => Renderer::plain(),
    };
    let mut list = diagnostics.iter().collect::<Vec<_>>();
    list.sort_by_key(|one| (one.span.file, one.span.start));
    let mut lines = Lines::new(sources);
    let mut out = String::new();
    for diagnostic in list {
        out.push_str(&one(diagnostic, &mut lines, &renderer));
        out.push_str("\n\n");
    }
    out
}

/// How much was found: `2 errors, 1 warning`; empty when nothing was.
pub fn summary(diagnostics: &Diagnostics) -> String {
    let count = |severity| {
        diagnostics
            .iter()
            .filter(|one| one.severity == severity)
            .count()
    };
    let parts = [
        (count(Severity::Error), "error"),
        (count(Severity::Warning), "warning"),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let parts =
        parts.map(|(count, word)| format!("{count} {word}{}", if count == 1 { "" } else { "s" }));
    parts.collect::<Vec<_>>().join(", ")
}

/// A position as people and editors count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The source's path.
    pub path: String,
    /// From 1.
    pub line: usize,
    /// From 1, in Unicode scalar values.
    pub column: usize,
}

/// Where a span begins.
pub fn place(span: Span, sources: &Sources) -> Place {
    Lines::new(sources).place(span)
}

/// Where each of many spans begins.
pub(crate) fn places(spans: &[Span], sources: &Sources) -> Vec<Place> {
    let mut lines = Lines::new(sources);
    spans.iter().map(|span| lines.place(*span)).collect()
}

fn one<'s>(diagnostic: &'s Diagnostic, lines: &mut Lines<'s>, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code)
        .elements(excerpts(diagnostic, lines));
    if !diagnostic.operations.is_empty() {
        group = group.element(Level::NOTE.message(affected(&diagnostic.operations)));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    renderer.render(&[group])
}

fn affected(operations: &[String]) -> String {
    let (named, rest) = operations.split_at(operations.len().min(NAMED_OPERATIONS));
    let mut text = format!("affects {}", named.join(", "));
    if !rest.is_empty() {
        text.push_str(&format!(" and {} more", rest.len()));
    }
    text
}

/// The place itself and the related ones, near ones in one excerpt.
fn excerpts<'s>(diagnostic: &'s Diagnostic, lines: &mut Lines<'s>) -> Vec<Element<'s>> {
    let line = lines.line(diagnostic.span);
    let (near, far) = diagnostic
        .related
        .iter()
        .partition::<Vec<_>, _>(|(span, _)| {
            span.file == diagnostic.span.file && lines.line(*span).abs_diff(line) <= NEAR
        });
    let mut marks = vec![Mark::new(AnnotationKind::Primary, diagnostic.span, "")];
    marks.extend(
        near.iter()
            .map(|(span, text)| Mark::new(AnnotationKind::Context, *span, text)),
    );
    let mut elements = excerpt(&marks, lines);
    for (span, text) in far {
        elements.extend(excerpt(
            &[Mark::new(AnnotationKind::Primary, *span, text)],
            lines,
        ));
    }
    elements
}

struct Mark<'s> {
    kind: AnnotationKind,
    span: Span,
    label: &'s str,
}

impl<'s> Mark<'s> {
    fn new(kind: AnnotationKind, span: Span, label: &'s str) -> Self {
        Self { kind, span, label }
    }
}

fn excerpt<'s>(marks: &[Mark<'s>], lines: &mut Lines<'s>) -> Vec<Element<'s>> {
    let Some(first) = marks.first() else {
        return Vec::new();
    };
    let file = first.span.file;
    let from = marks
        .iter()
        .map(|mark| lines.line(mark.span))
        .min()
        .unwrap_or(1);
    let to = marks
        .iter()
        .map(|mark| lines.line(mark.span))
        .max()
        .unwrap_or(1);
    let range = lines.bytes(file, from, to);
    if range.len() > LONG_LINE * (to - from + 1) {
        return marks.iter().flat_map(|mark| clipped(mark, lines)).collect();
    }
    let source = lines.sources.get(file);
    let mut snippet: Snippet<'s, Annotation<'s>> = Snippet::source(&source.text[range.clone()])
        .line_start(from)
        .path(source.path.to_string_lossy());
    for mark in marks {
        let span = lines.first_line(mark.span);
        let span = span.start - range.start..span.end - range.start;
        snippet = snippet.annotation(label(mark, span));
    }
    vec![snippet.into()]
}

/// A piece of one long line.
fn clipped<'s>(mark: &Mark<'s>, lines: &mut Lines<'s>) -> Vec<Element<'s>> {
    let place = lines.place(mark.span);
    let source = lines.sources.get(mark.span.file);
    let line = lines.line(mark.span);
    let whole = lines.bytes(mark.span.file, line, line);
    let span = lines.first_line(mark.span);
    let start = char_boundary(&source.text, span.start.saturating_sub(40).max(whole.start));
    let end = char_boundary(&source.text, (span.start + 80).min(whole.end)).max(start);
    let shown = span.start - start..span.end.min(end).max(span.start) - start;
    let origin = Origin::path(place.path)
        .line(place.line)
        .char_column(place.column);
    let snippet = Snippet::source(&source.text[start..end]).line_start(line);
    vec![origin.into(), snippet.annotation(label(mark, shown)).into()]
}

fn label<'s>(mark: &Mark<'s>, span: Range<usize>) -> Annotation<'s> {
    let annotation = mark.kind.span(span);
    match mark.label {
        "" => annotation,
        text => annotation.label(text),
    }
}

/// Where the lines of the sources begin, found once for each source that is quoted.
struct Lines<'s> {
    sources: &'s Sources,
    starts: HashMap<FileId, Vec<usize>>,
}

impl<'s> Lines<'s> {
    fn new(sources: &'s Sources) -> Self {
        Self {
            sources,
            starts: HashMap::new(),
        }
    }

    fn starts(&mut self, file: FileId) -> &[usize] {
        let sources = self.sources;
        self.starts.entry(file).or_insert_with(|| {
            let bytes = sources.get(file).text.bytes().enumerate();
            let breaks = bytes.filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0)
                .chain(breaks.map(|(at, _)| at + 1))
                .collect()
        })
    }

    /// The line that a span begins in, from 1.
    fn line(&mut self, span: Span) -> usize {
        let start = span.start as usize;
        self.starts(span.file)
            .partition_point(|at| *at <= start)
            .max(1)
    }

    /// The bytes of some lines, without the last one's break.
    fn bytes(&mut self, file: FileId, from: usize, to: usize) -> Range<usize> {
        let text = &self.sources.get(file).text;
        let starts = self.starts(file);
        let start = starts.get(from - 1).copied().unwrap_or(text.len());
        let end = starts.get(to).copied().unwrap_or(text.len());
        let line = text[start..end].trim_end_matches(['\n', '\r']);
        start..start + line.len()
    }

    /// A span without what lies beyond its first line, on character boundaries.
    fn first_line(&mut self, span: Span) -> Range<usize> {
        let line = self.line(span);
        let line = self.bytes(span.file, line, line);
        let text = &self.sources.get(span.file).text;
        let start = char_boundary(text, (span.start as usize).clamp(line.start, line.end));
        let end = char_boundary(text, (span.end as usize).clamp(start, line.end));
        let shown = text[start..end].trim_end();
        start..start + shown.len()
    }

    fn place(&mut self, span: Span) -> Place {
        let line = self.line(span);
        let bytes = self.bytes(span.file, line, line);
        let start = self.first_line(span).start;
        let source = self.sources.get(span.file);
        Place {
            path: source.path.display().to_string(),
            line,
            column: source.text[bytes.start..start].chars().count() + 1,
        }
    }
}
