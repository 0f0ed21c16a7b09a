//! Containers, templates and relations of the files, checked by the rules that requests are.

use std::collections::BTreeMap;

use super::Place;
use super::closure::closed;
use super::reference::Tables;
use super::rows::{Related, Template};
use crate::subjects::domain::checks::{Checks, Edited};
use crate::subjects::domain::ranges::{EffectiveTerms, Ranges};
use crate::subjects::domain::relations::Pair;
use crate::subjects::domain::subject::{ContainerId, Content, Overlay, SubjectId};
use crate::subjects::domain::term::Term;
use crate::subjects::domain::violations::{Relation, RelationProblem, Violation};

/// What the files say of the catalogue.
#[derive(Debug, Default)]
pub struct Rows {
    /// Containers with their types.
    pub containers: Vec<(Place, ContainerId, String)>,
    /// Templates.
    pub templates: Vec<(Place, Template)>,
    /// Relations.
    pub related: Vec<(Place, Related)>,
}

/// A catalogue that breaks no rule.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// Each container.
    pub containers: BTreeMap<ContainerId, Container>,
    /// The ranges of each pair of equivalent containers, closed.
    pub equivalencies: BTreeMap<Pair, Ranges>,
    /// The ranges of each pair of containers that are taught together, closed.
    pub scheduling: BTreeMap<Pair, Ranges>,
}

/// A container with its templates.
#[derive(Debug)]
pub struct Container {
    /// Its type.
    pub subject_type: String,
    /// Its templates in order, each with its terms.
    pub templates: Vec<(EffectiveTerms, Content)>,
}

impl Container {
    /// The last term in which it is active; `None` while its end is open. (P-05)
    pub fn last_active_term(&self) -> Option<Term> {
        let (terms, _) = self.templates.last()?;
        terms.thru().term()
    }

    fn activity(&self) -> Ranges {
        self.templates.iter().map(|(terms, _)| *terms).collect()
    }
}

/// Something that is wrong, and where.
pub type Mistake = (Place, String);

/// Checks everything, and gives the catalogue when nothing is wrong.
///
/// # Errors
/// What is wrong.
pub fn check(rows: Rows, tables: &mut Tables) -> Result<Catalogue, Vec<Mistake>> {
    let mut wrong = Vec::new();
    let mut containers = containers(rows.containers, &mut wrong);
    let templates = in_terms(rows.templates, tables, &containers, &mut wrong);
    tables.known.carriers = carriers(&templates);
    for (place, terms, template) in &templates {
        let found = violations(tables, *terms, template);
        wrong.extend(found.iter().map(|violation| (*place, words(violation))));
    }
    tables.known.carriers.clear();
    fill(&mut containers, templates, &mut wrong);
    for (place, container) in containers.values() {
        if container.templates.is_empty() {
            wrong.push((*place, "containerId: there is no template of it".to_owned()));
        }
    }
    let containers: BTreeMap<_, _> = containers
        .into_iter()
        .map(|(id, (_, container))| (id, container))
        .collect();
    let mut pairs = [BTreeMap::new(), BTreeMap::new()];
    for (place, related) in &rows.related {
        match pair(related, tables, &containers) {
            Ok((pair, terms)) => {
                let ranges: &mut Ranges = pairs[related.relation as usize].entry(pair).or_default();
                *ranges = ranges.iter().chain([terms]).collect();
            }
            Err(violation) => wrong.push((*place, words(&violation))),
        }
    }
    let [equivalencies, scheduling] = pairs;
    match wrong.is_empty() {
        true => Ok(Catalogue {
            containers,
            equivalencies: closed(&equivalencies),
            scheduling: closed(&scheduling),
        }),
        false => Err(wrong),
    }
}

/// A violation as it is told of a row: without what tells callers that it is an error.
fn words(violation: &Violation) -> String {
    let text = violation.to_string();
    text.trim_start_matches("Error: ").trim_end().to_owned()
}

type Placed = BTreeMap<ContainerId, (Place, Container)>;

fn containers(rows: Vec<(Place, ContainerId, String)>, wrong: &mut Vec<Mistake>) -> Placed {
    let mut containers = Placed::new();
    for (place, id, subject_type) in rows {
        let container = Container {
            subject_type,
            templates: Vec::new(),
        };
        if containers.insert(id, (place, container)).is_some() {
            wrong.push((place, format!("containerId: {id} is there twice")));
        }
    }
    containers
}

type InTerms = (Place, EffectiveTerms, Template);

/// The templates whose terms are some and whose container is there.
fn in_terms(
    rows: Vec<(Place, Template)>,
    tables: &Tables,
    containers: &Placed,
    wrong: &mut Vec<Mistake>,
) -> Vec<InTerms> {
    let mut found = Vec::with_capacity(rows.len());
    for (place, template) in rows {
        if !containers.contains_key(&template.container) {
            let violation = Violation::NoContainer(template.container);
            wrong.push((place, words(&violation)));
            continue;
        }
        match tables.known.effective_terms(&template.from, &template.thru) {
            Ok(terms) => found.push((place, terms, template)),
            Err(violation) => wrong.push((place, words(&violation))),
        }
    }
    found
}

/// Where each subject id is in use.
fn carriers(templates: &[InTerms]) -> BTreeMap<SubjectId, Vec<(ContainerId, Ranges)>> {
    let mut found: BTreeMap<SubjectId, Vec<(ContainerId, Ranges)>> = BTreeMap::new();
    for (_, terms, template) in templates {
        for id in template.content.ids() {
            let carriers = found.entry(id.clone()).or_default();
            carriers.push((template.container, Ranges::from(*terms)));
        }
    }
    found
}

/// What a request that brought this template would be told.
fn violations(tables: &Tables, terms: EffectiveTerms, template: &Template) -> Vec<Violation> {
    let content = &template.content;
    let overlay = Overlay {
        code: Some(content.main.code.clone()),
        number: Some(content.main.number.clone()),
        cross_listed: Some(template.cross_listed.clone()),
        attributes: Some(content.attributes.iter().cloned().collect()),
        grading_modes: Some(content.grading_modes.iter().cloned().collect()),
        ..Overlay::default()
    };
    let edited = Edited {
        container: Some(template.container),
        terms,
        activity: Ranges::from(terms),
    };
    let mut checks = Checks::new(&tables.known);
    checks.template(&edited, &overlay, content);
    checks.home_subject(content.home_subject.as_ref());
    checks.requisites(&content.requisites);
    checks.finish(()).err().unwrap_or_default()
}

/// Gives containers their templates in order; those of one container lie apart.
fn fill(containers: &mut Placed, mut templates: Vec<InTerms>, wrong: &mut Vec<Mistake>) {
    templates.sort_by_key(|(_, terms, template)| (template.container, *terms));
    for (place, terms, template) in templates {
        let Some((_, container)) = containers.get_mut(&template.container) else {
            continue;
        };
        match container.templates.last() {
            Some((before, _)) if before.overlaps(terms) => wrong.push((
                place,
                format!(
                    "effectiveFromTerm: container {} has a template in {before} already",
                    template.container
                ),
            )),
            _ => container.templates.push((terms, template.content)),
        }
    }
}

/// The pair of a row and its terms.
fn pair(
    row: &Related,
    tables: &Tables,
    containers: &BTreeMap<ContainerId, Container>,
) -> Result<(Pair, EffectiveTerms), Violation> {
    let relation = row.relation;
    let wrong = |problem| Violation::Relation { relation, problem };
    let pair = Pair::new(row.container, row.other);
    let pair = pair.ok_or(wrong(RelationProblem::Same(row.container)))?;
    let terms = tables.known.effective_terms(&row.from, &row.thru)?;
    for id in [row.container, row.other] {
        let container = containers.get(&id);
        let container = container.ok_or(wrong(RelationProblem::NoContainer(id)))?;
        if relation == Relation::Scheduling && !container.activity().contains(terms) {
            let container = id;
            return Err(wrong(RelationProblem::NotActive { container, terms }));
        }
    }
    Ok((pair, terms))
}
