//! What was, from what is told of each request.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Label, Shown};
use crate::subjects::domain::ranges::{EffectiveTerms, Ranges};
use crate::subjects::domain::relations::Star;
use crate::subjects::domain::subject::{ContainerId, TemplateId};
use crate::subjects::domain::term::{Term, Thru};
use crate::subjects::domain::violations::Relation;

/// Where a request stands among all: the last record of the queue that was there when it was
/// committed, and its reference number.
pub type Position = (i64, i64);

/// A changed component as the log tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// The request.
    pub at: Position,
    /// `TEMPLATE`, `EQ` or `SR`.
    pub component: String,
    /// What was done.
    pub action: String,
    /// What it was done to, and the terms.
    pub message: String,
}

/// A record of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The request.
    pub at: Position,
    /// The template that it shows.
    pub template: TemplateId,
    /// The subject before, JSON.
    pub previous: Option<String>,
    /// The subject after, JSON.
    pub new: String,
}

/// The templates of a container and the containers related to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Terms, and whether it is in effect.
    pub templates: BTreeMap<TemplateId, (EffectiveTerms, bool)>,
    /// Equivalent containers.
    pub equivalencies: Star,
    /// Containers taught together with this one.
    pub scheduling: Star,
}

/// What the requests that are included made of a container. A message that cannot be read changes
/// nothing; the comparison with what is stored tells that something is missing.
pub fn replay(
    container: ContainerId,
    components: &[Component],
    included: impl Fn(Position) -> bool,
) -> State {
    let mut templates = BTreeMap::new();
    let mut rows: [BTreeMap<ContainerId, BTreeMap<Term, Thru>>; 2] = Default::default();
    for component in components.iter().filter(|component| included(component.at)) {
        let Some((what, terms)) = component.message.split_once(' ') else {
            continue;
        };
        let Some(terms) = range(terms) else { continue };
        let gone = component.action == "DELETE";
        let relation = match component.component.as_str() {
            "TEMPLATE" => {
                let id = what.parse().map(TemplateId);
                templates.extend(id.map(|id| (id, (terms, !gone))));
                continue;
            }
            "EQ" => Relation::Equivalency,
            "SR" => Relation::Scheduling,
            _ => continue,
        };
        let Some(other) = other(what, container) else {
            continue;
        };
        let ranges = rows[relation as usize].entry(other).or_default();
        match gone {
            true => drop(ranges.remove(&terms.from())),
            false => drop(ranges.insert(terms.from(), terms.thru())),
        }
    }
    let [equivalencies, scheduling] = rows.map(star);
    State {
        templates,
        equivalencies,
        scheduling,
    }
}

fn star(rows: BTreeMap<ContainerId, BTreeMap<Term, Thru>>) -> Star {
    let rows = rows.into_iter().map(|(other, ranges)| {
        let ranges = ranges.into_iter();
        let ranges = ranges.filter_map(|(from, thru)| EffectiveTerms::new(from, thru));
        (other, ranges.collect::<Ranges>())
    });
    rows.filter(|(_, ranges)| !ranges.is_empty()).collect()
}

/// Terms as they are written: `2017FA-999999`.
fn range(text: &str) -> Option<EffectiveTerms> {
    let (from, thru) = text.split_once('-')?;
    let thru: Thru = thru.parse().ok()?;
    EffectiveTerms::new(from.parse().ok()?, thru)
}

/// The other one of a pair, written `1-3`.
fn other(pair: &str, container: ContainerId) -> Option<ContainerId> {
    let (low, high) = pair.split_once('-')?;
    let ids: BTreeSet<_> = [low.parse().ok()?, high.parse().ok()?]
        .map(ContainerId)
        .into();
    let mut others = ids.iter().filter(|id| **id != container);
    match (ids.contains(&container), others.next(), others.next()) {
        (true, Some(other), None) => Some(*other),
        _ => None,
    }
}

/// What a template said: as the last included record of it has it, or as the first later one found
/// it, or as it still does.
pub fn label(
    id: TemplateId,
    records: &[Record],
    included: impl Fn(Position) -> bool,
    now: &[Shown],
) -> Label {
    let own = || records.iter().filter(|record| record.template == id);
    let earlier = own().rfind(|record| included(record.at));
    let later = own().find(|record| !included(record.at));
    let earlier = earlier.and_then(|record| read(&record.new));
    let later = || later.and_then(|record| read(record.previous.as_deref()?));
    let still = || {
        let shown = now.iter().find(|shown| shown.id == id);
        shown.map(|shown| shown.label.clone())
    };
    let label = earlier.or_else(later).or_else(still);
    label.unwrap_or_default()
}

/// The members of a record's data that are shown.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    subject_template: Template,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Template {
    subject_id: String,
    title: String,
}

fn read(json: &str) -> Option<Label> {
    let data: Data = serde_json::from_str(json).ok()?;
    Some(Label {
        subject_id: data.subject_template.subject_id,
        title: data.subject_template.title,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(request: i64, component: &str, action: &str, message: &str) -> Component {
        Component {
            at: (request, request),
            component: component.to_owned(),
            action: action.to_owned(),
            message: message.to_owned(),
        }
    }

    fn shown(state: &State) -> Vec<String> {
        let templates = state.templates.iter();
        let templates = templates.map(|(id, (terms, is_active))| {
            format!("{id} {terms}{}", if *is_active { "" } else { " D" })
        });
        let relation = |name: &'static str, star: &Star| {
            let rows = star.iter().flat_map(move |(other, ranges)| {
                let ranges: Vec<_> = ranges.iter().collect();
                ranges
                    .into_iter()
                    .map(move |terms| format!("{name} {other} {terms}"))
            });
            rows.collect::<Vec<_>>()
        };
        let relations = [
            relation("EQ", &state.equivalencies),
            relation("SR", &state.scheduling),
        ];
        templates.chain(relations.concat()).collect()
    }

    #[test]
    fn each_request_leaves_what_the_log_says() {
        let log = [
            component(1, "TEMPLATE", "INSERT", "1 2017FA-999999"),
            component(2, "EQ", "ADD", "1-3 2017FA-999999"),
            component(2, "EQ", "ADD", "2-3 2017FA-999999"),
            component(3, "TEMPLATE", "UPDATE", "1 2017FA-2018SU"),
            component(3, "TEMPLATE", "INSERT", "4 2019FA-999999"),
            component(3, "EQ", "BOOKEND", "1-3 2017FA-2018SU"),
            component(3, "SR", "ADD", "1-13 2019FA-999999"),
            component(4, "TEMPLATE", "DELETE", "4 2019FA-999999"),
            component(4, "SR", "DELETE", "1-13 2019FA-999999"),
            component(4, "SR", "ADD", "no pair"),
        ];
        let until = |request| shown(&replay(ContainerId(1), &log, |(_, at)| at <= request));
        assert_eq!(until(0), Vec::<String>::new());
        assert_eq!(until(2), ["1 2017FA-999999", "EQ 3 2017FA-999999"]);
        let three = [
            "1 2017FA-2018SU",
            "4 2019FA-999999",
            "EQ 3 2017FA-2018SU",
            "SR 13 2019FA-999999",
        ];
        assert_eq!(until(3), three);
        assert_eq!(
            until(4),
            ["1 2017FA-2018SU", "4 2019FA-999999 D", "EQ 3 2017FA-2018SU"]
        );
        let third = shown(&replay(ContainerId(3), &log, |_| true));
        assert!(
            third.contains(&"EQ 2 2017FA-999999".to_owned()),
            "{third:?}"
        );
    }

    #[test]
    fn templates_say_what_they_said_then() {
        let data = |title: &str| {
            format!(r#"{{"subjectTemplate":{{"subjectId":"6.AA1","title":"{title}","more":1}}}}"#)
        };
        let record = |request, before: Option<&str>, after: &str| Record {
            at: (request, request),
            template: TemplateId(1),
            previous: before.map(data),
            new: data(after),
        };
        let records = [record(2, None, "One"), record(5, Some("Two"), "Three")];
        let title = |id, request| {
            let label = label(TemplateId(id), &records, |(_, at)| at <= request, &[]);
            label.title
        };
        assert_eq!(title(1, 5), "Three");
        assert_eq!(title(1, 4), "One");
        assert_eq!(title(2, 5), "");
        let label = label(TemplateId(1), &records[1..], |(_, at)| at <= 4, &[]);
        assert_eq!(label.title, "Two");
    }
}
