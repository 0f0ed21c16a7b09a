//! A catalogue in memory: what the operations are tried on without a database.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Waker};

use serde_json::Value;
use specwright_server::subjects::domain::backfill::{Ids, Record};
use specwright_server::subjects::domain::checks::{Item, Known};
use specwright_server::subjects::domain::notifications::{Concerned, Notification};
use specwright_server::subjects::domain::operations::{
    Container, Create, Deactivate, Edit, Names, Operation, Outcome, Reactivate, Refusal, Settings,
    Unit,
};
use specwright_server::subjects::domain::ranges::{EffectiveTerms, Ranges};
use specwright_server::subjects::domain::relations::{Change, Pair, Star};
use specwright_server::subjects::domain::subject::{
    ContainerId, GradingMode, GradingModes, Overlay, SubjectId, TemplateId,
};
use specwright_server::subjects::domain::template::Template;
use specwright_server::subjects::domain::term::{Term, Year};
use specwright_server::subjects::domain::timeline::Timeline;
use specwright_server::subjects::domain::violations::Relation;

use super::table::Table;
use super::{container, ranges};

/// A rule of the mandate: an attribute, and what a template with it gets, or a failure.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub attribute: &'static str,
    pub output: Result<String, String>,
}

/// A record with its id and its container.
#[derive(Clone, Debug, PartialEq)]
pub struct Queued {
    pub id: i64,
    pub container: i64,
    pub record: Record,
}

/// The catalogue, the queue, and what waits to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    pub containers: BTreeMap<ContainerId, Container>,
    pub equivalencies: Table,
    pub scheduling: Table,
    pub queue: Vec<Arc<Queued>>,
    pub notifications: Vec<Notification>,
    /// Those of the notifications that were not sent, by their ids, and whose they are.
    pub waiting: BTreeMap<i64, i64>,
    /// Under which ids students may enroll in a term, where that was said.
    pub enrollment: BTreeMap<(i64, Term), BTreeMap<SubjectId, bool>>,
    pub rules: Vec<Rule>,
    pub gate: Option<Year>,
    pub mandate_calls: usize,
    templates: i64,
}

/// What every world knows: the terms from 2000 to 2035, some codes, attributes and modes.
fn reference() -> Known {
    static REFERENCE: LazyLock<Known> = LazyLock::new(new_reference);
    REFERENCE.clone()
}

fn new_reference() -> Known {
    let years = (2000..=2035).filter_map(Year::new);
    let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let mode = |code: &str, ty: &str| GradingMode::new(code, ty);
    Known {
        terms: years.flat_map(Year::terms).collect(),
        codes: own(&["1", "6", "8", "18"]),
        attributes: own(&["PHY1", "PHY2", "HA", "CIH"]),
        modes: GradingModes::new([
            (mode("L", "N"), false),
            (mode("P", "N"), false),
            (mode("Y", "Z"), true),
            (mode("W", "Z"), true),
        ]),
        home_units: ["SCI", "ART"]
            .map(|school| ("WELL".to_owned(), school.to_owned()))
            .into(),
        display_options: ["YES", "NO"]
            .map(|option| (("SHOW".to_owned(), option.to_owned()), ranges("2000FA-")))
            .into(),
        carriers: BTreeMap::new(),
        activity: BTreeMap::new(),
    }
}

impl World {
    /// A catalogue without subjects: the gate at 2019, nothing mandated.
    pub fn new() -> Self {
        Self {
            containers: BTreeMap::new(),
            equivalencies: Table::default(),
            scheduling: Table::default(),
            queue: Vec::new(),
            notifications: Vec::new(),
            waiting: BTreeMap::new(),
            enrollment: BTreeMap::new(),
            rules: Vec::new(),
            gate: Year::new(2019),
            mandate_calls: 0,
            templates: 0,
        }
    }

    /// Carries out an operation; the world stays as it was when that is refused.
    ///
    /// # Errors
    /// What is wrong, in the words of the messages.
    pub fn post(&mut self, operation: impl Into<Operation>) -> Result<Outcome, Vec<String>> {
        let before = self.clone();
        let settings = Settings { retention_years: 5 };
        let outcome = now(operation.into().carry_out(self, settings));
        outcome.map_err(|refusal| {
            if matches!(refusal, Refusal::Invalid(_)) {
                assert!(self.is_stored_as(&before), "what is refused writes nothing");
            }
            *self = before;
            match refusal {
                Refusal::Invalid(violations) => {
                    assert!(!violations.is_empty(), "a refusal says why");
                    violations.iter().map(ToString::to_string).collect()
                }
                Refusal::Unconfigured(code) => vec![code.to_owned()],
                Refusal::Failed(failure) => vec![failure.to_owned()],
            }
        })
    }

    /// Whether both hold the same, whatever was read for it.
    fn is_stored_as(&self, other: &Self) -> bool {
        let unread = |world: &Self| {
            let mut world = world.clone();
            (
                world.equivalencies.read,
                world.scheduling.read,
                world.mandate_calls,
            ) = (0, 0, 0);
            world
        };
        unread(self) == unread(other)
    }

    fn table(&mut self, relation: Relation) -> &mut Table {
        match relation {
            Relation::Equivalency => &mut self.equivalencies,
            Relation::Scheduling => &mut self.scheduling,
        }
    }

    /// The container of that number.
    pub fn container(&self, number: i64) -> &Container {
        &self.containers[&container(number)]
    }

    /// The templates of a container as `T1 2017FA-2018SU v2`, deleted ones with a `D`, by their
    /// ids.
    pub fn templates(&self, number: i64) -> Vec<String> {
        let mut templates: Vec<_> = self.container(number).timeline.all().iter().collect();
        templates.sort_by_key(|template| template.id);
        let told = templates.into_iter().map(|template| {
            let id = template.id.expect("a stored template has an id");
            let deleted = if template.is_active() { "" } else { " D" };
            format!("T{id} {} v{}{deleted}", template.terms, template.version)
        });
        told.collect()
    }

    /// The versions of the earliest templates of the containers.
    pub fn versions(&self, numbers: impl IntoIterator<Item = i64>) -> Vec<u32> {
        let version = |number| self.container(number).timeline.all()[0].version;
        numbers.into_iter().map(version).collect()
    }

    /// The pairs of a relation as `1-2 2017FA-2018SU`.
    pub fn pairs(&self, relation: Relation) -> Vec<String> {
        let table = match relation {
            Relation::Equivalency => &self.equivalencies,
            Relation::Scheduling => &self.scheduling,
        };
        let pairs = table.pairs();
        let each = pairs.iter().flat_map(|((one, other), ranges)| {
            ranges
                .iter()
                .map(move |range| format!("{one}-{other} {range}"))
        });
        each.collect()
    }

    /// The records of the last operation.
    pub fn records(&self, outcome: &Outcome) -> Vec<&Record> {
        let queued = self
            .queue
            .iter()
            .filter(|queued| outcome.queued.contains(&queued.id));
        queued.map(|queued| &queued.record).collect()
    }
}

/// What a future without waiting gives.
pub fn now<T>(future: impl Future<Output = T> + Send) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the catalogue in memory never waits"),
    }
}

type Answer<T> = Result<T, &'static str>;

impl Unit for World {
    type Error = &'static str;

    async fn container(&mut self, id: ContainerId) -> Answer<Option<Container>> {
        Ok(self.containers.get(&id).cloned())
    }

    async fn known(&mut self, names: &Names) -> Answer<Known> {
        let mut known = reference();
        for (id, container) in &self.containers {
            let activity = container.timeline.activity();
            if names.containers.contains(id) {
                known.activity.insert(*id, activity);
            }
            for subject in &names.ids {
                let templates = container.timeline.active();
                let carrying =
                    templates.filter(|template| template.content.ids().any(|own| own == subject));
                let ranges: Ranges = carrying.map(|template| template.terms).collect();
                known
                    .carriers
                    .entry(subject.clone())
                    .or_default()
                    .push((*id, ranges));
            }
        }
        Ok(known)
    }

    async fn gate(&mut self) -> Answer<Option<Year>> {
        Ok(self.gate)
    }

    async fn star(&mut self, relation: Relation, of: ContainerId) -> Answer<Star> {
        Ok(self.table(relation).star(of))
    }

    async fn pairs(
        &mut self,
        relation: Relation,
        pairs: &[Pair],
    ) -> Answer<BTreeMap<Pair, Ranges>> {
        let table = self.table(relation);
        let ranges = pairs
            .iter()
            .map(|pair| (*pair, table.of(pair.low(), pair.high())));
        Ok(ranges.collect())
    }

    async fn beyond(
        &mut self,
        known: &BTreeMap<ContainerId, EffectiveTerms>,
    ) -> Answer<Vec<(ContainerId, ContainerId, EffectiveTerms)>> {
        let mut rows = Vec::new();
        for (one, within) in known {
            for (other, ranges) in self.equivalencies.star(*one) {
                let outside = ranges
                    .iter()
                    .filter(|range| range.intersection(*within) != Some(*range));
                rows.extend(outside.map(|range| (*one, other, range)));
            }
        }
        Ok(rows)
    }

    async fn ids(&mut self, of: &BTreeSet<ContainerId>) -> Answer<Ids> {
        let templates = |id: &ContainerId| {
            let active = self.containers[id].timeline.active();
            let ids = |template: &Template| template.content.ids().cloned().collect();
            (
                *id,
                active
                    .map(|template| (template.terms, ids(template)))
                    .collect(),
            )
        };
        Ok(of.iter().map(templates).collect())
    }

    async fn mandate(&mut self, template: TemplateId) -> Answer<Result<Option<String>, String>> {
        self.mandate_calls += 1;
        let mut templates = self.containers.values().flat_map(|one| one.timeline.all());
        let stored = templates.find(|one| one.id == Some(template));
        let attributes = &stored
            .expect("the mandate sees what is stored")
            .content
            .attributes;
        let rules = self
            .rules
            .iter()
            .filter(|rule| attributes.contains(rule.attribute));
        let outputs: Result<Vec<_>, _> = rules.map(|rule| rule.output.clone()).collect();
        Ok(outputs.map(|outputs| (!outputs.is_empty()).then(|| outputs.join(","))))
    }

    async fn concerned(
        &mut self,
        year: Year,
        scheduled: &BTreeSet<ContainerId>,
    ) -> Answer<Concerned> {
        let pairs = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect()
        };
        let ids = |id: &ContainerId| {
            let templates = self.containers[id]
                .timeline
                .overlapping(EffectiveTerms::of_year(year));
            let ids = templates.flat_map(|template| template.content.ids().cloned());
            (*id, ids.collect())
        };
        Ok(Concerned {
            departments: pairs(&[("1", "1"), ("6", "6"), ("8", "8"), ("18", "18")]),
            categories: pairs(&[
                ("PHY1", "GIR"),
                ("PHY2", "GIR"),
                ("HA", "HASS"),
                ("CIH", "COMM"),
            ]),
            scheduled: scheduled.iter().map(ids).collect(),
        })
    }

    async fn create(
        &mut self,
        subject_type: &str,
        last_active_term: Option<Term>,
    ) -> Answer<ContainerId> {
        let id = container(self.containers.len() as i64 + 1);
        let timeline = Timeline::stored(last_active_term, Vec::new());
        let subject_type = subject_type.to_owned();
        self.containers.insert(
            id,
            Container {
                id,
                subject_type,
                timeline,
            },
        );
        Ok(id)
    }

    async fn save(&mut self, container: &mut Container) -> Answer<()> {
        for template in container.timeline.all_mut() {
            if template.id.is_none() {
                self.templates += 1;
                template.id = Some(TemplateId(self.templates));
            }
        }
        let timeline = &container.timeline;
        let stored = timeline.all().iter().cloned().map(|template| {
            let Template {
                id,
                terms,
                version,
                status,
                content,
                plans,
                ..
            } = template;
            let id = id.expect("ids were given above");
            Template::stored(id, terms, version, status, content, plans)
        });
        let timeline = Timeline::stored(timeline.last_active_term, stored.collect());
        let stored = Container {
            timeline,
            ..container.clone()
        };
        self.containers.insert(container.id, stored);
        Ok(())
    }

    async fn relate(&mut self, relation: Relation, changes: &[Change]) -> Answer<()> {
        changes
            .iter()
            .for_each(|change| self.table(relation).apply(change));
        Ok(())
    }

    async fn touch(&mut self, containers: &BTreeSet<ContainerId>) -> Answer<()> {
        for id in containers {
            let container = self.containers.get_mut(id).expect("it is related");
            for template in container.timeline.all_mut() {
                template.version += u32::from(template.is_active());
            }
        }
        Ok(())
    }

    async fn enroll(
        &mut self,
        of: ContainerId,
        term: Term,
        subjects: &BTreeMap<SubjectId, bool>,
    ) -> Answer<()> {
        self.enrollment.insert((of.0, term), subjects.clone());
        Ok(())
    }

    async fn enqueue(&mut self, of: ContainerId, records: &[Record]) -> Answer<Vec<i64>> {
        let first = self.queue.len() as i64 + 1;
        let queued = records.iter().zip(first..).map(|(record, id)| Queued {
            id,
            container: of.0,
            record: record.clone(),
        });
        self.queue.extend(queued.map(Arc::new));
        Ok((first..).take(records.len()).collect())
    }

    async fn notify(
        &mut self,
        of: ContainerId,
        notifications: &[Notification],
    ) -> Answer<Vec<i64>> {
        let first = self.notifications.len() as i64 + 1;
        self.notifications.extend_from_slice(notifications);
        let ids = (first..).take(notifications.len());
        self.waiting.extend(ids.clone().map(|id| (id, of.0)));
        Ok(ids.collect())
    }
}

/// A subject id as it is written.
pub fn id(text: &str) -> SubjectId {
    SubjectId::parse(text).expect("a subject id")
}

/// Items of a relation list: a container and `2017FA-2018SU`, or nothing to remove it.
pub fn items(items: &[(i64, &str)]) -> Vec<Item> {
    let item = |(other, terms): &(i64, &str)| Item {
        container: container(*other),
        terms: terms.split_once('-').map(|(from, thru)| {
            let thru = if thru.is_empty() { "999999" } else { thru };
            (from.to_owned(), thru.to_owned())
        }),
    };
    items.iter().map(item).collect()
}

/// The template of a subject of that id, with title and grading mode.
pub fn subject(text: &str) -> Overlay {
    let SubjectId { code, number } = id(text);
    Overlay {
        code: Some(code),
        number: Some(number),
        title: Some("T".to_owned()),
        grading_modes: Some(vec![GradingMode::new("L", "N")]),
        ..Overlay::default()
    }
}

/// `create 6.AA1@2017FA`, with more ids of the template after it.
pub fn create(at: &str, cross_listed: &[&str]) -> Create {
    let (text, from) = at.split_once('@').expect("a subject at a term");
    Create {
        subject_type: "Standard".to_owned(),
        from: from.to_owned(),
        thru: "999999".to_owned(),
        template: Overlay {
            cross_listed: Some(cross_listed.iter().map(|text| id(text)).collect()),
            ..subject(text)
        },
        ..Create::default()
    }
}

/// An edit that changes nothing yet.
pub fn edit(number: i64, from: &str) -> Edit {
    Edit {
        container: container(number),
        from: from.to_owned(),
        thru: None,
        version: None,
        template: Overlay::default(),
        equivalent_subjects: Vec::new(),
        subject_relationships: Vec::new(),
    }
}

/// The end of a container.
pub fn deactivate(number: i64, from: &str) -> Operation {
    Operation::Deactivate(Deactivate {
        container: container(number),
        from: from.to_owned(),
    })
}

/// A reactivation that changes nothing yet.
pub fn reactivate(number: i64, from: &str) -> Reactivate {
    Reactivate {
        container: container(number),
        from: from.to_owned(),
        template: Overlay::default(),
        equivalent_subjects: Vec::new(),
        subject_relationships: Vec::new(),
    }
}

/// The type of a record and its keys, as `SR: 18.AA1 C, 6.AA1 M`.
pub fn told(record: &Record) -> String {
    let keys = record
        .used_keys
        .iter()
        .map(|(id, ty)| format!("{id} {}", ty.name()));
    let ty = record.process_type.map_or("null", |ty| ty.name());
    format!("{ty}: {}", keys.collect::<Vec<_>>().join(", "))
}

/// What a record says before and after, as JSON.
pub fn data(record: &Record) -> (Value, Value) {
    let json = |data| serde_json::to_value(data).expect("a record is JSON");
    (json(&record.previous.as_ref()), json(&Some(&record.new)))
}

/// The entries of a component as `6.BB1 2017FA-2018SU`, with the type before the terms if any.
pub fn entries(component: &Value) -> Vec<String> {
    let entry = |entry: &Value| {
        let text = |name: &str| entry[name].as_str().map(str::to_owned);
        let terms = &entry["effectiveTerms"];
        let terms = ["effectiveFromTerm", "effectiveThruTerm"].map(|end| terms[end].as_str());
        let terms = terms.map(|end| end.expect("an entry has terms")).join("-");
        let parts = [text("subjectId"), text("equivalencyType"), Some(terms)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    let entries = component.as_array().expect("a component is a list");
    entries.iter().map(entry).collect()
}
