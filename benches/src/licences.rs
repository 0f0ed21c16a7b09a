//! What the licence API is asked for, and how the answers are told.

pub mod chart;
pub mod counting;
pub mod rival;

use anyhow::{Context, Result};
use std::path::PathBuf;

/// Where the register is.
pub enum Engine {
    /// SQLite files in this folder.
    Sqlite(PathBuf),
    /// Two databases of PostgreSQL.
    Postgres {
        /// The server's own.
        server: String,
        /// The register's.
        register: String,
    },
}

impl Engine {
    /// As tables name it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres { .. } => "PostgreSQL",
        }
    }

    /// The arguments by which the server finds it.
    pub fn arguments(&self) -> [String; 4] {
        let (server, register) = match self {
            Self::Sqlite(folder) => {
                let file = |name: &str| format!("sqlite:{}", folder.join(name).display());
                (file("server.db"), file(REGISTER))
            }
            Self::Postgres { server, register } => (server.clone(), register.clone()),
        };
        let flag = str::to_owned;
        [
            flag("--database"),
            server,
            flag("--licences-database"),
            register,
        ]
    }

    /// The file of the register.
    ///
    /// # Errors
    /// It is in no file.
    pub fn register_file(&self) -> Result<PathBuf> {
        match self {
            Self::Sqlite(folder) => Ok(folder.join(REGISTER)),
            Self::Postgres { .. } => None.context("the register is in no file"),
        }
    }
}

const REGISTER: &str = "licences.db";

/// A list that is asked for.
pub struct Case {
    /// For people.
    pub name: String,
    /// The version of the API that has it.
    pub version: &'static str,
    /// Without the page.
    pub query: String,
    /// The same filter in SQL; `None` where the order is what is looked at.
    pub condition: Option<String>,
    /// Whether it is one filter or one order, and no pair.
    pub is_alone: bool,
}

/// What a list cost, by its first, middle and last page.
pub struct Cell {
    /// For people.
    pub name: String,
    /// Whether it is one filter or one order, and no pair.
    pub is_alone: bool,
    /// How many licences it has.
    pub total: u64,
    /// How long the first page took when it was asked for the first time, in milliseconds.
    pub first_look_ms: f64,
    /// Half of the answers came within this time, in milliseconds.
    pub p50_ms: [f64; 3],
    /// 99 of 100 answers came within this time, in milliseconds.
    pub p99_ms: [f64; 3],
}

impl Cell {
    /// The last page's p99 to that of the first. What is below a millisecond counts as one, so that
    /// noise does not decide.
    pub fn ratio(&self) -> f64 {
        self.p99_ms[2].max(1.0) / self.p99_ms[0].max(1.0)
    }

    /// The largest p99, in milliseconds.
    pub fn worst_ms(&self) -> f64 {
        self.p99_ms.iter().copied().fold(0.0, f64::max)
    }
}

/// A filter as the API and as SQL says it.
struct Filter {
    name: &'static str,
    version: &'static str,
    query: &'static str,
    condition: &'static str,
}

const fn filter(name: &'static str, query: &'static str, condition: &'static str) -> Filter {
    Filter {
        name,
        version: "v1.1",
        query,
        condition,
    }
}

/// `Mode=All` is a filter less: it takes the place of this one.
const CURRENT: &str = "is_current";

const FILTERS: [Filter; 10] = [
    filter("Mode", "Mode=All", ""),
    filter(
        "LicenceStatus",
        "LicenceStatus=Active",
        "licence_status = 'Active'",
    ),
    filter(
        "DistributionStatus",
        "DistributionStatus=Dispatched",
        "distribution_status = 'Dispatched'",
    ),
    filter(
        "DateIssued",
        "DateIssuedFrom=2016-01-01&DateIssuedTo=2020-12-31",
        "issued_ms >= 1451606400000 AND issued_ms < 1609459200000",
    ),
    filter(
        "ApplicationDate",
        "ApplicationDateFrom=2016-01-01&ApplicationDateTo=2020-12-31",
        "application_ms >= 1451606400000 AND application_ms < 1609459200000",
    ),
    filter(
        "CourseDate",
        "CourseDateFrom=2016-01-01&CourseDateTo=2020-12-31",
        "course_ms >= 1451606400000 AND course_ms < 1609459200000",
    ),
    filter(
        "DistributionStatusDate",
        "DistributionStatusDateFrom=2016-01-01&DistributionStatusDateTo=2020-12-31",
        "distribution_status_ms >= 1451606400000 AND distribution_status_ms < 1609459200000",
    ),
    filter("Grades", "Grades=3a%2C1b", "(grades & 6) <> 0"),
    filter(
        "Instructors",
        "Instructors=I00001%2CI00017%2CI00042",
        "instructor IN ('I00001', 'I00017', 'I00042')",
    ),
    Filter {
        name: "TrainingCentre",
        version: "v1.2",
        query: "TrainingCentre=TC0001",
        condition: "training_centre = 'TC0001'",
    },
];

/// The ends of the periods, each by itself.
const ENDS: [Filter; 8] = [
    filter(
        "DateIssuedFrom",
        "DateIssuedFrom=2016-01-01",
        "issued_ms >= 1451606400000",
    ),
    filter(
        "DateIssuedTo",
        "DateIssuedTo=2020-12-31",
        "issued_ms < 1609459200000",
    ),
    filter(
        "ApplicationDateFrom",
        "ApplicationDateFrom=2016-01-01",
        "application_ms >= 1451606400000",
    ),
    filter(
        "ApplicationDateTo",
        "ApplicationDateTo=2020-12-31",
        "application_ms < 1609459200000",
    ),
    filter(
        "CourseDateFrom",
        "CourseDateFrom=2016-01-01",
        "course_ms >= 1451606400000",
    ),
    filter(
        "CourseDateTo",
        "CourseDateTo=2020-12-31",
        "course_ms < 1609459200000",
    ),
    filter(
        "DistributionStatusDateFrom",
        "DistributionStatusDateFrom=2016-01-01",
        "distribution_status_ms >= 1451606400000",
    ),
    filter(
        "DistributionStatusDateTo",
        "DistributionStatusDateTo=2020-12-31",
        "distribution_status_ms < 1609459200000",
    ),
];

const KEYS: [&str; 13] = [
    "licenceNumber",
    "holderNumber",
    "surname",
    "forename",
    "licenceStatus",
    "distributionStatus",
    "distributionStatusDate",
    "applicationDate",
    "courseDate",
    "dateIssued",
    "dateExpires",
    "instructor",
    "trainingCentre",
];

/// What filters together come to in SQL.
fn condition(filters: &[&Filter]) -> String {
    let is_all = filters.iter().any(|one| one.condition.is_empty());
    let current = (!is_all).then_some(CURRENT);
    let own = filters.iter().map(|one| one.condition);
    let all = own.filter(|one| !one.is_empty()).chain(current);
    all.collect::<Vec<_>>().join(" AND ")
}

/// A list with these filters, in this order.
fn case(filters: &[&Filter], order: Option<&str>) -> Case {
    let names = filters.iter().map(|one| one.name).collect::<Vec<_>>();
    let by = order.map(|order| format!("by {order}"));
    let names = [names.join(", ")].into_iter().chain(by);
    let names: Vec<String> = names.filter(|part| !part.is_empty()).collect();
    let order_by = order.map(|order| format!("OrderBy={order}"));
    let query = filters.iter().map(|one| one.query.to_owned());
    let is_newer = filters.iter().any(|one| one.version != "v1.1");
    Case {
        name: match names.is_empty() {
            true => "everything".to_owned(),
            false => names.join(" "),
        },
        version: if is_newer { "v1.2" } else { "v1.1" },
        query: query.chain(order_by).collect::<Vec<_>>().join("&"),
        condition: order.is_none().then(|| condition(filters)),
        is_alone: filters.len() + usize::from(order.is_some()) < 2,
    }
}

/// Every filter and every order alone, then every two filters and every filter with every order.
pub fn cases(is_alone: bool) -> Vec<Case> {
    let orders: Vec<String> = KEYS
        .iter()
        .flat_map(|key| [(*key).to_owned(), format!("-{key}")])
        .collect();
    let mut all = vec![case(&[], None)];
    let alone = FILTERS.iter().chain(&ENDS);
    all.extend(alone.map(|filter| case(&[filter], None)));
    all.extend(orders.iter().map(|order| case(&[], Some(order))));
    if is_alone {
        return all;
    }
    for (at, filter) in FILTERS.iter().enumerate() {
        let others = FILTERS[at + 1..].iter();
        all.extend(others.map(|other| case(&[filter, other], None)));
        all.extend(orders.iter().map(|order| case(&[filter], Some(order))));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::cases;

    #[test]
    fn every_filter_and_order_is_asked_for_alone_and_in_pairs() {
        assert_eq!(cases(true).len(), 1 + 10 + 8 + 26);
        assert_eq!(cases(false).len(), 1 + 10 + 8 + 26 + 45 + 10 * 26);
        let all = cases(false);
        let named = |name: &str| all.iter().find(|case| case.name == name).expect(name);
        let pair = named("Mode, TrainingCentre");
        assert_eq!(
            (pair.version, pair.query.as_str()),
            ("v1.2", "Mode=All&TrainingCentre=TC0001")
        );
        let condition = pair.condition.as_deref();
        assert_eq!(condition, Some("training_centre = 'TC0001'"));
        let everything = named("everything").condition.as_deref();
        assert_eq!(everything, Some("is_current"));
        let ordered = named("Grades by -surname");
        assert_eq!(ordered.query, "Grades=3a%2C1b&OrderBy=-surname");
        assert!(!ordered.is_alone && ordered.condition.is_none());
    }
}
