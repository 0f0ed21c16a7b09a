//! Path templates (OAS 3.1, Path Templating).

use super::Lowering;
use super::documents::percent_decode;
use crate::model::{PathPart, PathSegment, PathTemplate};
use crate::source::Span;

impl Lowering<'_, '_> {
    /// Reads a path; `None` when it is no path, which is reported.
    pub(super) fn template(&mut self, raw: &str, span: Span) -> Option<PathTemplate> {
        match parse(raw) {
            Ok(template) => Some(template),
            Err(Fault { message, help }) => {
                self.diagnostics
                    .error("invalid-path", span, format!("the path `{raw}` {message}"))
                    .help(help);
                None
            }
        }
    }
}

/// The name of a webhook or the expression of a callback: one segment that is never matched.
pub(super) fn literal(raw: &str) -> PathTemplate {
    PathTemplate {
        raw: raw.to_owned(),
        segments: vec![PathSegment {
            parts: vec![PathPart::Literal(raw.to_owned())],
        }],
    }
}

/// The template with every parameter's name taken out: equal for paths that match the same.
pub(super) fn shape(template: &PathTemplate) -> String {
    let mut out = String::new();
    for segment in &template.segments {
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

/// The names of the parameters, in order.
pub(super) fn names(template: &PathTemplate) -> impl Iterator<Item = &str> {
    let parts = template.segments.iter().flat_map(|segment| &segment.parts);
    parts.filter_map(|part| match part {
        PathPart::Parameter(name) => Some(name.as_str()),
        PathPart::Literal(_) => None,
    })
}

struct Fault {
    message: String,
    help: String,
}

fn fault<T>(message: impl Into<String>, help: impl Into<String>) -> Result<T, Fault> {
    Err(Fault {
        message: message.into(),
        help: help.into(),
    })
}

fn parse(raw: &str) -> Result<PathTemplate, Fault> {
    let Some(rest) = raw.strip_prefix('/') else {
        return fault("does not begin with a slash", format!("write `/{raw}`"));
    };
    let mut segments = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for text in split(rest) {
        let parts = segment(text)?;
        for part in &parts {
            if let PathPart::Parameter(name) = part {
                if seen.contains(name) {
                    let help = "give each of the two a name of its own";
                    return fault(format!("has the parameter `{name}` twice"), help);
                }
                seen.push(name.clone());
            }
        }
        segments.push(PathSegment { parts });
    }
    Ok(PathTemplate {
        raw: raw.to_owned(),
        segments,
    })
}

/// Splits at the slashes that stand outside of braces.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0usize;
    text.split(|character| {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == '/' && depth == 0
    })
    .collect()
}

fn segment(text: &str) -> Result<Vec<PathPart>, Fault> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let Some(at) = rest.find(['{', '}']) else {
            parts.push(literal_part(rest)?);
            break;
        };
        if at > 0 {
            parts.push(literal_part(&rest[..at])?);
        }
        let Some(inner) = rest[at..].strip_prefix('{') else {
            return fault(
                "has a `}` without its `{`",
                "write a literal brace as `%7D`",
            );
        };
        let Some(end) = inner
            .find(['{', '}'])
            .filter(|end| inner[*end..].starts_with('}'))
        else {
            return fault(
                "has a `{` without its `}`",
                "write a literal brace as `%7B`",
            );
        };
        let name = &inner[..end];
        if name.is_empty() {
            return fault(
                "has a parameter without a name",
                "write a name between the braces",
            );
        }
        if let Some(PathPart::Parameter(before)) = parts.last() {
            let message = format!("has nothing between the parameters `{before}` and `{name}`");
            return fault(
                message,
                "put a slash or other text between them, so that they can be told apart",
            );
        }
        parts.push(PathPart::Parameter(name.to_owned()));
        rest = &inner[end + 1..];
    }
    Ok(parts)
}

fn literal_part(text: &str) -> Result<PathPart, Fault> {
    if let Some(character) = text
        .chars()
        .find(|character| matches!(character, '?' | '#'))
    {
        let message = format!("has a `{character}`, where a path ends");
        return fault(message, "declare query parameters under `parameters`");
    }
    match percent_decode(text) {
        Some(text) => Ok(PathPart::Literal(text)),
        None => fault(
            "is not percent-encoded correctly",
            "write a literal `%` as `%25`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape_of(raw: &str) -> Option<String> {
        parse(raw).ok().map(|template| shape(&template))
    }

    #[test]
    fn templates_are_taken_apart() {
        assert_eq!(shape_of("/").as_deref(), Some("/"));
        assert_eq!(shape_of("/a/{b}.json").as_deref(), Some("/a/{}.json"));
        assert_eq!(shape_of("/{a}-{b}/").as_deref(), Some("/{}-{}/"));
        assert_eq!(shape_of("/a%20b").as_deref(), Some("/a b"));
        for raw in [
            "a", "", "/{a}{b}", "/{}", "/{a", "/a}", "/{a}/{a}", "/a?b", "/a#b", "/%zz", "/{a{b}}",
        ] {
            assert_eq!(shape_of(raw), None, "{raw}");
        }
    }
}
