//! Whose subject ids belong into a record, and in which terms.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::super::ranges::{EffectiveTerms, Ranges};
use super::super::relations::Star;
use super::super::subject::{ContainerId, SubjectId};
use super::super::term::{Term, Thru, Year};

/// Rows of a relation: another container, and one range of it.
pub type Rows = Vec<(ContainerId, EffectiveTerms)>;

/// The templates in effect of related containers: their terms and their ids, main and
/// cross-listed.
pub type Ids = BTreeMap<ContainerId, Vec<(EffectiveTerms, Vec<SubjectId>)>>;

/// The first term of the year that lies `retention` years before the gate: what ended before it is
/// told no more.
pub fn horizon(gate: Year, retention: u16) -> Term {
    let year = Year::new(gate.number().saturating_sub(retention));
    year.unwrap_or(gate).first_term()
}

/// Whether what ends so is still told. (R-071, P-12)
pub fn retained(terms: EffectiveTerms, horizon: Term) -> bool {
    terms.thru() >= Thru::Term(horizon)
}

/// `direct(C)`: the retained rows of a container's star.
pub fn direct(star: &Star, horizon: Term) -> Rows {
    let rows = star.iter();
    let rows = rows.flat_map(|(other, ranges)| ranges.iter().map(|range| (*other, range)));
    rows.filter(|(_, range)| retained(*range, horizon))
        .collect()
}

/// `indirect(C)`: the retained rows of directly equivalent containers with containers that are
/// neither directly equivalent nor the container itself. `second` are rows (from, to, terms), of
/// directly equivalent containers at least.
pub fn indirect(
    container: ContainerId,
    direct: &Rows,
    second: impl IntoIterator<Item = (ContainerId, ContainerId, EffectiveTerms)>,
    horizon: Term,
) -> Rows {
    let near: BTreeSet<_> = direct.iter().map(|(other, _)| *other).collect();
    let rows = second.into_iter().filter(|(from, to, terms)| {
        let far = *to != container && !near.contains(to);
        near.contains(from) && far && retained(*terms, horizon)
    });
    let rows: BTreeSet<_> = rows.map(|(_, to, terms)| (to, terms)).collect();
    rows.into_iter().collect()
}

/// A subject id and one range of terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The id.
    #[serde(flatten)]
    pub subject: SubjectId,
    /// The terms.
    #[serde(rename = "effectiveTerms")]
    pub terms: EffectiveTerms,
}

/// `entries(rows)`: every id of the relevant templates, those that overlap the range of a row, in
/// the terms they share; consolidated, in order of ids and terms.
pub fn entries(rows: &Rows, ids: &Ids, horizon: Term) -> Vec<Entry> {
    let shared = rows.iter().flat_map(|(other, range)| {
        let templates = ids.get(other).into_iter().flatten();
        templates.filter_map(|(terms, ids)| Some((terms.intersection(*range)?, ids)))
    });
    let each = shared.flat_map(|(terms, ids)| ids.iter().map(move |id| (id.clone(), terms)));
    coalesced(each, horizon)
}

/// One entry for each maximal range of each id; those that ended before the horizon are left out.
///
pub(super) fn coalesced(
    each: impl IntoIterator<Item = (SubjectId, EffectiveTerms)>,
    horizon: Term,
) -> Vec<Entry> {
    let mut by_id: BTreeMap<SubjectId, Vec<EffectiveTerms>> = BTreeMap::new();
    for (subject, terms) in each {
        by_id.entry(subject).or_default().push(terms);
    }
    let entries = by_id.into_iter().flat_map(|(subject, terms)| {
        let whole: Ranges = terms.into_iter().collect();
        let whole: Vec<_> = whole
            .iter()
            .filter(|terms| retained(*terms, horizon))
            .collect();
        whole.into_iter().map(move |terms| Entry {
            subject: subject.clone(),
            terms,
        })
    });
    entries.collect()
}

/// The entries whose ids are not among those present.
pub(super) fn absent(entries: Vec<Entry>, present: &BTreeSet<&SubjectId>) -> Vec<Entry> {
    let mut entries = entries;
    entries.retain(|entry| !present.contains(&entry.subject));
    entries
}
