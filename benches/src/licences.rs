//! What the licence API is asked for, and how the answers are told.

pub mod chart;
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
    /// Without the page.
    pub query: String,
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
    /// Half of the answers came within this time, in milliseconds.
    pub p50_ms: [f64; 3],
    /// 99 of 100 answers came within this time, in milliseconds.
    pub p99_ms: [f64; 3],
}

impl Cell {
    /// The last page's p99 to that of the first.
    pub fn ratio(&self) -> f64 {
        self.p99_ms[2] / self.p99_ms[0].max(0.001)
    }

    /// The largest p99, in milliseconds.
    pub fn worst_ms(&self) -> f64 {
        self.p99_ms.iter().copied().fold(0.0, f64::max)
    }
}

const FILTERS: [(&str, &str); 9] = [
    ("Mode", "Mode=All"),
    ("LicenceStatus", "LicenceStatus=Active"),
    ("DistributionStatus", "DistributionStatus=Dispatched"),
    (
        "DateIssued",
        "DateIssuedFrom=2016-01-01&DateIssuedTo=2020-12-31",
    ),
    (
        "ApplicationDate",
        "ApplicationDateFrom=2016-01-01&ApplicationDateTo=2020-12-31",
    ),
    (
        "CourseDate",
        "CourseDateFrom=2016-01-01&CourseDateTo=2020-12-31",
    ),
    (
        "DistributionStatusDate",
        "DistributionStatusDateFrom=2016-01-01&DistributionStatusDateTo=2020-12-31",
    ),
    ("Grades", "Grades=3a%2C1b"),
    ("Instructors", "Instructors=I00001%2CI00017%2CI00042"),
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

/// Every filter and every order alone, then every two filters and every filter with every order.
pub fn cases(is_alone: bool) -> Vec<Case> {
    let case = |name: String, query: String, is_alone| Case {
        name,
        query,
        is_alone,
    };
    let mut all = vec![case("everything".to_owned(), String::new(), true)];
    for (name, query) in FILTERS {
        all.push(case(name.to_owned(), query.to_owned(), true));
    }
    for key in KEYS {
        all.push(case(format!("by {key}"), format!("OrderBy={key}"), true));
        all.push(case(format!("by -{key}"), format!("OrderBy=-{key}"), true));
    }
    if is_alone {
        return all;
    }
    for (at, (name, query)) in FILTERS.iter().enumerate() {
        for (other, more) in &FILTERS[at + 1..] {
            all.push(case(
                format!("{name}, {other}"),
                format!("{query}&{more}"),
                false,
            ));
        }
        for key in KEYS {
            let query = format!("{query}&OrderBy={key}");
            all.push(case(format!("{name} by {key}"), query, false));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::cases;

    #[test]
    fn every_filter_and_order_is_asked_for_alone_and_in_pairs() {
        assert_eq!(cases(true).len(), 1 + 9 + 26);
        assert_eq!(cases(false).len(), 1 + 9 + 26 + 36 + 9 * 13);
    }
}
