//! What a body may be: its media types, each with its schema.

use super::report::{Comparison, Use};
use super::rules::{Part, Place, Spot};
use crate::model::{Content, Encoding, MediaForm, Style};
use crate::source::Span;

type Spans = (Option<Span>, Option<Span>);

/// The rules of one list of media types.
pub(super) struct Contents {
    pub(super) added: Part,
    pub(super) removed: Part,
    pub(super) set: Part,
    pub(super) unset: Part,
    pub(super) widened: Part,
    pub(super) narrowed: Part,
    pub(super) spot: Spot,
}

impl Comparison<'_> {
    pub(super) fn contents<'c>(
        &mut self,
        (old, new): (&'c [Content], &'c [Content]),
        parts: &Contents,
        at: &Use,
        spans: Spans,
    ) {
        let finds = |list: &'c [Content], one: &Content| {
            let is_same = |other: &&Content| is_same(one, other);
            list.iter().find(is_same)
        };
        let mut gone = Vec::new();
        for one in old {
            match finds(new, one) {
                Some(other) => self.content((one, other), parts, at),
                None => gone.push(one),
            }
        }
        let come = new.iter().filter(|other| finds(old, other).is_none());
        let mut come = come.collect::<Vec<_>>();
        self.ranges((&mut gone, &mut come), parts, at);
        for one in gone {
            let message = format!("the media type `{}` is gone", one.media_type);
            self.part(parts.removed, at, message, (Some(one.span), spans.1));
        }
        for one in come {
            let message = format!("the media type `{}` is new", one.media_type);
            self.part(parts.added, at, message, (spans.0, Some(one.span)));
        }
    }

    /// Takes out what became a range that it is in, and the other way round.
    fn ranges(
        &mut self,
        (gone, come): (&mut Vec<&Content>, &mut Vec<&Content>),
        parts: &Contents,
        at: &Use,
    ) {
        let (mut left, mut met) = (Vec::new(), Vec::new());
        for one in gone.drain(..) {
            let before = met.len();
            for other in come.iter().copied() {
                let part = match (covers(other, one), covers(one, other)) {
                    (true, _) => parts.widened,
                    (_, true) => parts.narrowed,
                    _ => continue,
                };
                met.push((part, one, other));
            }
            if met.len() == before {
                left.push(one);
            }
        }
        come.retain(|one| !met.iter().any(|(_, _, other)| std::ptr::eq(*one, *other)));
        *gone = left;
        for (part, one, other) in met {
            let (was, is) = (&one.media_type, &other.media_type);
            let message = format!("the media type is `{is}`, was `{was}`");
            self.part(part, at, message, (Some(one.span), Some(other.span)));
            self.content((one, other), parts, at);
        }
    }

    fn content(&mut self, (old, new): (&Content, &Content), parts: &Contents, at: &Use) {
        let spans = (Some(old.span), Some(new.span));
        let at = &at.of_type(&new.media_type);
        match (old.schema, new.schema) {
            (None, None) => {}
            (None, Some(_)) => {
                self.part(parts.set, at, "there is a schema now".to_owned(), spans);
            }
            (Some(_), None) => {
                let message = "there is no schema any more".to_owned();
                self.part(parts.unset, at, message, spans);
            }
            (Some(old), Some(new)) => {
                let place = Place {
                    spot: parts.spot,
                    outgoing: at.outgoing,
                };
                self.schema((old, new), place, at);
            }
        }
        if new.form == MediaForm::Form {
            self.encodings((old, new), at, spans);
        }
    }

    fn encodings(&mut self, (old, new): (&Content, &Content), at: &Use, spans: Spans) {
        let mut names = old.encoding.iter().chain(&new.encoding);
        let mut names = names
            .by_ref()
            .map(|one| one.property.as_str())
            .collect::<Vec<_>>();
        names.sort_unstable();
        names.dedup();
        let find = |list: &[Encoding], name: &str| {
            let found = list.iter().find(|one| one.property == name);
            let (style, explode) =
                found.map_or((Style::Form, true), |one| (one.style, one.explode));
            (
                style,
                explode,
                found.and_then(|one| one.content_type.clone()),
            )
        };
        for name in names {
            if find(&old.encoding, name) != find(&new.encoding, name) {
                let message = format!("the field `{name}` is written otherwise");
                self.part(Part::EncodingChanged, at, message, spans);
            }
        }
    }
}

/// Media types are without case (RFC 9110, section 8.3.1).
fn is_same(one: &Content, other: &Content) -> bool {
    one.media_type.eq_ignore_ascii_case(&other.media_type)
}

/// Whether a range such as `text/*` has a media type in it, and is not that type itself. What has a
/// suffix such as `+json` is a type of its own: nobody who accepts the one is sent the other.
fn covers(range: &Content, one: &Content) -> bool {
    let essence = |content: &Content| {
        let text = content.media_type.split(';').next().unwrap_or_default();
        text.trim().to_ascii_lowercase()
    };
    let (range, one) = (essence(range), essence(one));
    match range.strip_suffix('*') {
        Some("*/") => one != range,
        Some(prefix) => one != range && one != "*/*" && one.starts_with(prefix),
        None => false,
    }
}
