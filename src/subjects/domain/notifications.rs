//! What is to be mailed when something is said of an academic year.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::ranges::EffectiveTerms;
use super::subject::{ContainerId, SubjectId};
use super::template::Plans;
use super::term::Year;
use super::timeline::Timeline;

/// Whom a notification concerns, in the order in which they are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Kind {
    /// Departments of subjects that are taught together with this one.
    Sr,
    /// Departments of cross-listed ids.
    Xlist,
    /// Those who look after the humanities, arts and social sciences requirement.
    Hass,
    /// Those who look after the communication requirement.
    Comm,
}

impl Kind {
    /// Its name in the database and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Sr => "SR",
            Kind::Xlist => "XLIST",
            Kind::Hass => "HASS",
            Kind::Comm => "COMM",
        }
    }
}

/// Prepared notification data.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// Whom it concerns.
    #[serde(skip)]
    pub kind: Kind,
    /// The main id of the first template that overlaps the year.
    pub subject_id: String,
    /// The academic year.
    pub academic_year: Year,
    /// The departments concerned; none for a kind that is not about departments.
    pub departments: BTreeSet<String>,
    /// All fields of the year but its links, changed or not.
    pub fields: Vec<Field>,
}

/// A field, before and after.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// Its name, such as `2019FA.isOffered`.
    pub name: String,
    /// What it was.
    pub previous_value: Value,
    /// What it is.
    pub new_value: Value,
}

/// Whom to ask for departments and categories.
#[derive(Clone, Debug, Default)]
pub struct Concerned {
    /// The department of each subject code.
    pub departments: BTreeMap<String, String>,
    /// The category of each attribute, such as `HASS`.
    pub categories: BTreeMap<String, String>,
    /// The ids of the containers with a scheduling relationship in the year, of their templates
    /// in the year.
    pub scheduled: BTreeMap<ContainerId, BTreeSet<SubjectId>>,
}

/// The notifications of a change: none when no field but a link differs, else one of every kind
/// that concerns somebody.
pub fn notifications(
    before: &Timeline,
    after: &Timeline,
    year: Year,
    concerned: &Concerned,
) -> Vec<Notification> {
    let fields = fields(year, &before.year(year), &after.year(year));
    let templates: Vec<_> = after.overlapping(EffectiveTerms::of_year(year)).collect();
    let Some(first) = templates.first() else {
        return Vec::new();
    };
    if fields
        .iter()
        .all(|field| field.previous_value == field.new_value)
    {
        return Vec::new();
    }
    let own: BTreeSet<_> = templates
        .iter()
        .filter_map(|template| concerned.departments.get(&template.content.main.code))
        .collect();
    let departments = |ids: &mut dyn Iterator<Item = &SubjectId>| -> BTreeSet<String> {
        let found = ids.filter_map(|id| concerned.departments.get(&id.code));
        found
            .filter(|department| !own.contains(department))
            .cloned()
            .collect()
    };
    let cross_listed = templates
        .iter()
        .flat_map(|template| &template.content.cross_listed);
    let category = |name: &str| {
        let mut attributes = templates
            .iter()
            .flat_map(|template| &template.content.attributes);
        attributes.any(|code| {
            concerned
                .categories
                .get(code)
                .is_some_and(|found| found == name)
        })
    };
    let some = |departments: BTreeSet<String>| Some(departments).filter(|found| !found.is_empty());
    let kinds = [
        (
            Kind::Sr,
            some(departments(&mut concerned.scheduled.values().flatten())),
        ),
        (
            Kind::Xlist,
            some(departments(&mut cross_listed.into_iter())),
        ),
        (Kind::Hass, category("HASS").then(BTreeSet::new)),
        (Kind::Comm, category("COMM").then(BTreeSet::new)),
    ];
    let notification = |(kind, departments): (Kind, Option<BTreeSet<String>>)| {
        Some(Notification {
            kind,
            subject_id: first.content.main.to_string(),
            academic_year: year,
            departments: departments?,
            fields: fields.clone(),
        })
    };
    kinds.into_iter().filter_map(notification).collect()
}

/// Every field of a year but its links: a term without a row is not offered, by nobody.
fn fields(year: Year, before: &Plans, after: &Plans) -> Vec<Field> {
    let field = |name: String, read: &dyn Fn(&Plans) -> Value| Field {
        name,
        previous_value: read(before),
        new_value: read(after),
    };
    let mut fields = Vec::new();
    for term in year.terms() {
        let offering = |plans: &Plans| plans.offerings.get(&term).cloned().unwrap_or_default();
        fields.push(field(format!("{term}.isOffered"), &|plans| {
            offering(plans).is_offered.into()
        }));
        fields.push(field(format!("{term}.instructors"), &|plans| {
            offering(plans).instructors.into()
        }));
    }
    fields.push(field("nextOfferedYear".to_owned(), &|plans| {
        let next = plans.next_offered.get(&year).copied().flatten();
        next.map(Year::number).into()
    }));
    let codes = before.displays.keys().chain(after.displays.keys());
    let codes: BTreeSet<_> = codes.filter(|(of, _)| *of == year).cloned().collect();
    for key in codes {
        fields.push(field(format!("display.{}", key.1), &|plans| {
            plans.displays.get(&key).cloned().into()
        }));
    }
    fields
}
