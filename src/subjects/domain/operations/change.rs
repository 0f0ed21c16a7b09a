//! What all operations do once the request is right and the templates are changed in memory.

use std::collections::{BTreeMap, BTreeSet};

use super::super::backfill::{
    Composition, Edited, Ids, Post, Record, Rows, Snapshot, direct, horizon, indirect,
};
use super::super::log;
use super::super::mandate::{Mandate, apply_mandate};
use super::super::ranges::EffectiveTerms;
use super::super::relations::{
    Change, Star, Wanted, changes, gaining, touched, touched_containers,
};
use super::super::subject::{ContainerId, GradingModes, TemplateId};
use super::super::template::Template;
use super::super::term::Term;
use super::super::timeline::Timeline;
use super::super::violations::Relation;
use super::{Container, Outcome, Refusal, Settings, Unit};

/// The configuration that says how far back records reach.
const GATE: &str = "mitsisBackfillAllowedUptoYear";

/// One container under a request: as it was, and with the stars it had.
pub struct Before {
    container: Container,
    horizon: Term,
    stars: [Star; 2],
    snapshot: Snapshot,
}

impl Before {
    /// The container's star of a relation.
    pub fn star(&self, relation: Relation) -> &Star {
        &self.stars[relation as usize]
    }
}

/// A change of one container: its templates are changed in memory, nothing is written yet.
pub struct Changed {
    /// The container with its changed templates.
    pub container: Container,
    /// Which request it is.
    pub post: Post,
    /// The edited ranges, each with the template that was in its place.
    pub edited: Vec<(Option<Template>, EffectiveTerms)>,
    /// What the equivalencies are to be.
    pub equivalencies: Wanted,
    /// What the scheduling relationships are to be.
    pub scheduling: Wanted,
    /// The grading modes, when the mandate is asked.
    pub mandate: Option<GradingModes>,
    /// The template that the records show instead of those edited, where nothing of them is left.
    pub shown: Option<Template>,
}

impl Changed {
    /// A change that leaves the relations alone and asks no mandate.
    pub fn new(
        container: Container,
        post: Post,
        edited: Vec<(Option<Template>, EffectiveTerms)>,
    ) -> Self {
        Self {
            container,
            post,
            edited,
            equivalencies: Wanted::new(),
            scheduling: Wanted::new(),
            mandate: None,
            shown: None,
        }
    }
}

/// Takes the snapshot of a container before anything is written.
pub async fn before<U: Unit>(
    unit: &mut U,
    container: &Container,
    settings: Settings,
) -> Result<Before, Refusal<U::Error>> {
    let gate = unit.gate().await?.ok_or(Refusal::Unconfigured(GATE))?;
    let horizon = horizon(gate, settings.retention_years);
    let (stars, snapshot) = snapshot(unit, container, horizon).await?;
    Ok(Before {
        container: container.clone(),
        horizon,
        stars,
        snapshot,
    })
}

async fn snapshot<U: Unit>(
    unit: &mut U,
    container: &Container,
    horizon: Term,
) -> Result<([Star; 2], Snapshot), U::Error> {
    let id = container.id;
    let equivalent = unit.star(Relation::Equivalency, id).await?;
    let scheduled = unit.star(Relation::Scheduling, id).await?;
    let near = direct(&equivalent, horizon);
    let second = second(unit, &near).await?;
    let snapshot = Snapshot {
        container: id,
        subject_type: container.subject_type.clone(),
        timeline: container.timeline.clone(),
        indirect: indirect(id, &near, second, horizon),
        direct: near,
        scheduled: direct(&scheduled, horizon),
    };
    Ok(([equivalent, scheduled], snapshot))
}

/// The equivalency rows that lead from directly equivalent containers to others.
///
/// In the terms in which two containers are equivalent their cliques are one. So of each container
/// only what lies outside the terms of its equivalency with the one whose star this is can lead
/// further, and once one of them is read, only what lies outside those with that one too. A clique
/// of n costs n rows so, and not n times n.
///
/// Only retained terms are known: a third container that shares no others with this one is none of
/// its direct equivalents, and its row with another one is told whole, from before the horizon on.
async fn second<U: Unit>(
    unit: &mut U,
    near: &Rows,
) -> Result<Vec<(ContainerId, ContainerId, EffectiveTerms)>, U::Error> {
    let mut known = Star::new();
    for (other, terms) in near {
        let ranges = known.entry(*other).or_default();
        *ranges = ranges.union(&(*terms).into());
    }
    let Some(first) = known.pop_first() else {
        return Ok(Vec::new());
    };
    let mut rows = unit.beyond(&widest(Star::from([first]))).await?;
    for (_, other, terms) in &rows {
        if let Some(ranges) = known.get_mut(other) {
            *ranges = ranges.union(&(*terms).into());
        }
    }
    if !known.is_empty() {
        rows.extend(unit.beyond(&widest(known)).await?);
    }
    Ok(rows)
}

fn widest(known: Star) -> BTreeMap<ContainerId, EffectiveTerms> {
    let known = known.into_iter();
    known
        .filter_map(|(other, ranges)| Some((other, ranges.widest()?)))
        .collect()
}

/// Writes a change, whose container was new when `before` says so, and composes its records.
pub async fn carry_out<U: Unit>(
    unit: &mut U,
    before: &Before,
    is_new: bool,
    changed: Changed,
) -> Result<Outcome, Refusal<U::Error>> {
    let mut changed = changed;
    let relations = [
        (Relation::Equivalency, &changed.equivalencies),
        (Relation::Scheduling, &changed.scheduling),
    ];
    let mut components = Vec::new();
    let mut rows = Vec::new();
    for (relation, wanted) in relations {
        let changes = relation_changes(unit, before, relation, wanted).await?;
        components.extend(log::relations(relation, &changes));
        rows.push((relation, changes));
    }
    let mut others: BTreeSet<_> = rows
        .iter()
        .flat_map(|(_, changes)| touched_containers(changes))
        .collect();
    if others.remove(&changed.container.id) {
        changed.container.timeline.touch();
    }
    unit.save(&mut changed.container).await?;
    for (relation, changes) in rows.iter().filter(|(_, changes)| !changes.is_empty()) {
        unit.relate(*relation, changes).await?;
    }
    if !others.is_empty() {
        unit.touch(&others).await?;
    }
    let mandated = mandate(unit, &mut changed).await?;
    let (_, after) = snapshot(unit, &changed.container, before.horizon).await?;
    let ids = related_ids(unit, [&before.snapshot, &after]).await?;
    let records = records(before, is_new, &changed, &mandated.pieces, &after, &ids);
    let queued = unit.enqueue(changed.container.id, &records).await?;
    let was = match is_new {
        true => &Timeline::default(),
        false => &before.container.timeline,
    };
    let mut told = log::templates(was, &changed.container.timeline);
    told.append(&mut components);
    Ok(Outcome {
        container: changed.container.id,
        templates: templates(&changed, &mandated.pieces),
        queued,
        notifications: Vec::new(),
        components: told,
        mandate_output: mandated.output,
        warnings: mandated.warnings,
    })
}

/// The rows of one relation that change.
async fn relation_changes<U: Unit>(
    unit: &mut U,
    before: &Before,
    relation: Relation,
    wanted: &Wanted,
) -> Result<Vec<Change>, U::Error> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let star = before.star(relation);
    let mut stars = BTreeMap::new();
    for other in gaining(star, wanted) {
        stars.insert(other, unit.star(relation, other).await?);
    }
    let touched = touched(before.container.id, star, wanted, &stars);
    let unread: Vec<_> = touched.unread().collect();
    let read = match unread.is_empty() {
        true => BTreeMap::new(),
        false => unit.pairs(relation, &unread).await?,
    };
    Ok(changes(&touched, &read))
}

/// What the mandate made of the edited ranges.
struct Mandated {
    /// The pieces of each edited range.
    pieces: Vec<Vec<EffectiveTerms>>,
    output: Option<String>,
    warnings: Vec<String>,
}

/// Asks the mandate once for every edited template, and applies each output to its own template
/// only.
async fn mandate<U: Unit>(unit: &mut U, changed: &mut Changed) -> Result<Mandated, U::Error> {
    let edited: Vec<_> = changed.edited.iter().map(|(_, terms)| *terms).collect();
    let Some(modes) = &changed.mandate else {
        return Ok(Mandated {
            pieces: edited.into_iter().map(|terms| vec![terms]).collect(),
            output: None,
            warnings: Vec::new(),
        });
    };
    let (mut pieces, mut outputs, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    for terms in edited {
        let timeline = &mut changed.container.timeline;
        let template = timeline
            .covering(terms.from())
            .and_then(|template| template.id);
        let output = match template {
            Some(template) => unit.mandate(template).await?,
            None => Ok(None),
        };
        let read = output.and_then(|output| {
            let read = Mandate::read(output.as_deref(), modes);
            outputs.extend(output);
            read.map_err(|ignored| ignored.to_string())
        });
        let mandate = read.unwrap_or_else(|failure| {
            warnings.push(failure);
            Mandate::default()
        });
        pieces.push(apply_mandate(timeline, terms, &mandate, modes));
    }
    unit.save(&mut changed.container).await?;
    Ok(Mandated {
        pieces,
        output: (!outputs.is_empty()).then(|| outputs.join(",")),
        warnings,
    })
}

async fn related_ids<U: Unit>(unit: &mut U, snapshots: [&Snapshot; 2]) -> Result<Ids, U::Error> {
    let rows = snapshots.into_iter().flat_map(|snapshot| {
        let equivalent = snapshot.direct.iter().chain(&snapshot.indirect);
        equivalent.chain(&snapshot.scheduled)
    });
    let related: BTreeSet<_> = rows.map(|(other, _)| *other).collect();
    match related.is_empty() {
        true => Ok(Ids::new()),
        false => unit.ids(&related).await,
    }
}

fn records(
    before: &Before,
    is_new: bool,
    changed: &Changed,
    pieces: &[Vec<EffectiveTerms>],
    after: &Snapshot,
    ids: &Ids,
) -> Vec<Record> {
    let composition = Composition {
        post: changed.post,
        before: (!is_new).then_some(&before.snapshot),
        after,
        ids,
        horizon: before.horizon,
    };
    let shown: Vec<Vec<&Template>> = shown(changed, pieces);
    let edited = changed.edited.iter().zip(&shown);
    let edited = edited.map(|((previous, _), pieces)| Edited {
        previous: previous.as_ref(),
        pieces,
    });
    composition.records(&edited.collect::<Vec<_>>())
}

/// The templates that the records show, for each edited range.
fn shown<'a>(changed: &'a Changed, pieces: &[Vec<EffectiveTerms>]) -> Vec<Vec<&'a Template>> {
    if let Some(template) = &changed.shown {
        return vec![vec![template]];
    }
    let timeline = &changed.container.timeline;
    let of = |pieces: &Vec<EffectiveTerms>| {
        let pieces = pieces.iter();
        pieces
            .filter_map(|terms| timeline.covering(terms.from()))
            .collect()
    };
    pieces.iter().map(of).collect()
}

fn templates(changed: &Changed, pieces: &[Vec<EffectiveTerms>]) -> Vec<TemplateId> {
    let shown = shown(changed, pieces);
    shown
        .into_iter()
        .flatten()
        .filter_map(|template| template.id)
        .collect()
}
