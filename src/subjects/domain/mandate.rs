//! Experimental grading modes, set and removed by a mandate from outside.

use std::collections::BTreeSet;
use std::str::FromStr;

use super::ranges::{EffectiveTerms, Ranges, boundaries, segments};
use super::subject::{Content, GradingMode, GradingModes};
use super::term::{Term, Thru};
use super::timeline::Timeline;

/// What the mandate procedure says of one template: experimental modes, each in its terms. None
/// where no mode applies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mandate(pub Vec<Item>);

/// One experimental mode and when it applies, written `Y-Z-2019FA-999999`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The mode.
    pub mode: GradingMode,
    /// When it applies.
    pub terms: EffectiveTerms,
}

/// Why the output of the procedure was ignored as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ignored {
    /// An item is not written as it should be.
    #[error("the mandate's item `{0}` is not code-type-from-thru")]
    Malformed(String),
    /// A mode may not be set by a mandate.
    #[error("the mandate's grading mode {0} is not experimental")]
    NotExperimental(GradingMode),
}

impl Mandate {
    /// Reads the output of the procedure, `None` being its null.
    ///
    /// # Errors
    /// An item is malformed, or names a mode that is not experimental; nothing of the output
    /// counts then.
    pub fn read(output: Option<&str>, modes: &GradingModes) -> Result<Self, Ignored> {
        let items = output.into_iter().flat_map(|output| output.split(','));
        let items = items.map(|text| {
            let item: Item = text.parse()?;
            match modes.is_experimental(&item.mode) {
                true => Ok(item),
                false => Err(Ignored::NotExperimental(item.mode)),
            }
        });
        items.collect::<Result<_, _>>().map(Self)
    }

    /// The experimental modes in a term. (P-16)
    fn at(&self, term: Term) -> impl Iterator<Item = &GradingMode> {
        let items = self.0.iter().filter(move |item| item.terms.covers(term));
        items.map(|item| &item.mode)
    }
}

impl FromStr for Item {
    type Err = Ignored;

    fn from_str(text: &str) -> Result<Self, Ignored> {
        let parts: Vec<_> = text.split('-').collect();
        let item = match parts[..] {
            [code, ty, from, thru] if !code.is_empty() && !ty.is_empty() => {
                let ends = from.parse().ok().zip(thru.parse::<Thru>().ok());
                let terms = ends.and_then(|(from, thru)| EffectiveTerms::new(from, thru));
                terms.map(|terms| Self {
                    mode: GradingMode::new(code, ty),
                    terms,
                })
            }
            _ => None,
        };
        item.ok_or_else(|| Ignored::Malformed(text.to_owned()))
    }
}

/// Gives the template with those terms the modes of its mandate instead of the experimental ones
/// it had: it is cut where an item begins or ends within it, and neighbours with the same modes
/// stay one. Gives the pieces. (R-043, R-044, P-15, P-16)
pub fn apply_mandate(
    timeline: &mut Timeline,
    terms: EffectiveTerms,
    mandate: &Mandate,
    modes: &GradingModes,
) -> Vec<EffectiveTerms> {
    let template = timeline.active().find(|template| template.terms == terms);
    let Some(template) = template else {
        return Vec::new();
    };
    let pieces = pieces(terms, &template.content, mandate, modes);
    let ranges = pieces.iter().map(|(terms, _)| *terms).collect();
    timeline.replace(terms, pieces);
    ranges
}

fn pieces(
    terms: EffectiveTerms,
    content: &Content,
    mandate: &Mandate,
    modes: &GradingModes,
) -> Vec<(EffectiveTerms, Content)> {
    let clipped = mandate
        .0
        .iter()
        .filter_map(|item| item.terms.intersection(terms));
    let sets: Vec<Ranges> = clipped.chain([terms]).map(Ranges::from).collect();
    let mut pieces: Vec<(EffectiveTerms, BTreeSet<GradingMode>)> = Vec::new();
    let cuts = boundaries(&sets);
    for segment in segments(&cuts).filter_map(|segment| segment.intersection(terms)) {
        let regular = content.grading_modes.iter();
        let regular = regular.filter(|mode| !modes.is_experimental(mode));
        let own: BTreeSet<_> = regular.chain(mandate.at(segment.from())).cloned().collect();
        let grown = pieces.last_mut().filter(|(_, before)| *before == own);
        match grown.and_then(|(piece, _)| {
            *piece = EffectiveTerms::new(piece.from(), segment.thru())?;
            Some(())
        }) {
            Some(()) => {}
            None => pieces.push((segment, own)),
        }
    }
    let content = |grading_modes| Content {
        grading_modes,
        ..content.clone()
    };
    let pieces = pieces.into_iter();
    pieces.map(|(terms, own)| (terms, content(own))).collect()
}
