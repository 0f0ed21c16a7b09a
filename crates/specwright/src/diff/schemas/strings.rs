//! Lengths, patterns, and what a text holds.

use super::scalars::{Bound, count};
use super::{Pair, Schemas, patterns};
use crate::diff::rules::Change;
use crate::diff::view::View;
use crate::model::Type;

const MIN_LENGTH: Bound = Bound {
    keyword: "minLength",
    set: Change::MinLengthSet,
    unset: Change::MinLengthUnset,
    raised: Change::MinLengthRaised,
    lowered: Change::MinLengthLowered,
};

const MAX_LENGTH: Bound = Bound {
    keyword: "maxLength",
    set: Change::MaxLengthSet,
    unset: Change::MaxLengthUnset,
    raised: Change::MaxLengthRaised,
    lowered: Change::MaxLengthLowered,
};

impl Schemas<'_> {
    /// What strings have to be, where both contracts allow them.
    pub(super) fn strings(&mut self, pair: &mut Pair) {
        if !pair.old.allows(Type::String) || !pair.new.allows(Type::String) {
            return;
        }
        lengths(pair);
        patterns_of(pair);
        contents(pair);
        let (old, new) = (
            pair.old.content_schema.clone(),
            pair.new.content_schema.clone(),
        );
        let changes = (Change::ContentSchemaSet, Change::ContentSchemaUnset);
        let what = ("", "what the text holds");
        self.go_on_or(pair, what, (&old, &new), changes);
    }
}

fn lengths(pair: &mut Pair) {
    let lengths = |view: &View| (view.min_length.filter(|least| *least > 0), view.max_length);
    let (old, new) = (lengths(&pair.old), lengths(&pair.new));
    count(pair, &MIN_LENGTH, old.0, new.0);
    count(pair, &MAX_LENGTH, old.1, new.1);
}

fn patterns_of(pair: &mut Pair) {
    let lacking = |one: &[String], other: &[String]| {
        let lacking = one.iter().filter(|text| !other.contains(text));
        lacking.cloned().collect::<Vec<_>>()
    };
    let gone = lacking(&pair.old.patterns, &pair.new.patterns);
    let come = lacking(&pair.new.patterns, &pair.old.patterns);
    match (gone.is_empty(), come.is_empty()) {
        (true, true) => {}
        (true, false) => {
            pair.find(
                Change::PatternSet,
                format!("the pattern is `{}`", come.join("`, `")),
            );
        }
        (false, true) => {
            pair.find(
                Change::PatternUnset,
                format!("the pattern was `{}`", gone.join("`, `")),
            );
        }
        (false, false) => {
            let message = format!(
                "the pattern is `{}`, was `{}`",
                come.join("`, `"),
                gone.join("`, `")
            );
            // Every text that fits the one conjunction fits the other.
            let within = |one: &[String], other: &[String]| {
                let covers = |wider: &String| one.iter().any(|it| patterns::is_within(it, wider));
                other.iter().all(covers)
            };
            let change = match (within(&gone, &come), within(&come, &gone)) {
                (true, true) => return,
                (true, false) => Change::PatternWidened,
                (false, true) => Change::PatternNarrowed,
                (false, false) => Change::PatternChanged,
            };
            pair.find(change, message);
        }
    }
}

/// How the text holds something else.
fn contents(pair: &mut Pair) {
    let contents = |view: &View| {
        [
            view.content_encoding.clone(),
            view.content_media_type.clone(),
        ]
    };
    let changes = [
        (Change::ContentEncodingChanged, "contentEncoding"),
        (Change::ContentMediaTypeChanged, "contentMediaType"),
    ];
    let (old, new) = (contents(&pair.old), contents(&pair.new));
    for ((change, keyword), (old, new)) in changes.into_iter().zip(old.into_iter().zip(new)) {
        if old != new {
            let name =
                |text: Option<String>| text.map_or("not set".to_owned(), |it| format!("`{it}`"));
            let message = format!("`{keyword}` is {}, was {}", name(new), name(old));
            pair.find(change, message);
        }
    }
}
