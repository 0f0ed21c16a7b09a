//! The catalogue that a first run shows: a university of no place, over ten years. It is made up from
//! a seed, the same every time, and comes in as anybody's files do.

mod departments;
mod generate;
mod random;

use serde_json::{Value, json};

use crate::db::{Db, Statement};
use crate::effects::Effects;
use crate::import::{File, ImportError};
use crate::subjects::domain::term::Year;
use crate::subjects::import::Files;
use departments::DEPARTMENTS;
use generate::University;

/// The seed of the demo.
pub const SEED: u64 = 1861;

/// The years whose terms are known.
const YEARS: std::ops::RangeInclusive<u16> = 2000..=2040;

/// The catalogue of a seed, as files of JSON lines: name and content.
pub fn files(seed: u64) -> Vec<(&'static str, String)> {
    let University {
        containers,
        templates,
        relations,
    } = University::new(seed);
    vec![
        ("terms.jsonl", lines(terms())),
        ("reference.jsonl", lines(reference())),
        ("containers.jsonl", lines(containers)),
        ("templates.jsonl", lines(templates)),
        ("relations.jsonl", lines(relations)),
    ]
}

/// Stores the demo catalogue where there is none.
///
/// # Errors
/// The database failed.
pub async fn fill(db: &Db, effects: &Effects) -> Result<(), ImportError> {
    let any = Statement::new("SELECT container_id FROM subject_container LIMIT 1");
    if db.read_one::<(i64,)>(any).await?.is_some() {
        return Ok(());
    }
    let texts = files(SEED);
    let files: Vec<_> = texts
        .iter()
        .map(|(name, text)| File { name, text })
        .collect();
    let plan = Files::read(&files)?.check(db).await?;
    plan.store(db, effects, |_| {}).await?;
    Ok(())
}

fn lines(rows: Vec<Value>) -> String {
    rows.iter().map(|row| format!("{row}\n")).collect()
}

fn terms() -> Vec<Value> {
    let years = YEARS.filter_map(Year::new);
    let term = |(term, season): (_, &str), year: Year| {
        // The fall belongs to the calendar year before the one that names it.
        let calendar = year.number() - u16::from(season == "Fall");
        json!({"termCode": format!("{term}"), "description": format!("{season} {calendar}")})
    };
    let seasons = ["Fall", "January", "Spring", "Summer"];
    years
        .flat_map(|year| {
            let named = year.terms().into_iter().zip(seasons);
            named.map(|one| term(one, year)).collect::<Vec<_>>()
        })
        .collect()
}

fn reference() -> Vec<Value> {
    let mut rows = Vec::new();
    for department in DEPARTMENTS {
        let (code, name) = (department.code, department.name);
        rows.push(json!({"subjectCode": code, "description": name, "departmentCode": code}));
        for kind in ["SR", "XLIST"] {
            let email = format!("department-{}@example.org", code.to_lowercase());
            rows.push(json!({"notificationType": kind, "qualifier": code, "email": email}));
        }
    }
    for (code, description, category) in ATTRIBUTES {
        let row = json!({"attributeCode": code, "description": description, "category": category});
        rows.push(row);
    }
    for (kind, email) in [
        ("HASS", "hass@example.org"),
        ("COMM", "communication@example.org"),
    ] {
        rows.push(json!({"notificationType": kind, "qualifier": "*", "email": email}));
    }
    for (code, description) in [
        ("L", "Letter grades"),
        ("P", "Pass or fail"),
        ("Y", "Experimental pass or no record"),
        ("W", "Experimental letter grades"),
    ] {
        rows.push(json!({"gradingModeCode": code, "description": description}));
    }
    for (code, description) in [("N", "Normal"), ("Z", "Experimental")] {
        rows.push(json!({"typeCode": code, "description": description}));
    }
    for (code, ty, experimental) in [
        ("L", "N", false),
        ("P", "N", false),
        ("Y", "Z", true),
        ("W", "Z", true),
    ] {
        rows.push(json!({
            "gradingModeCode": code, "gradingModeType": ty,
            "isExperimental": experimental, "description": format!("{code}/{ty}"),
        }));
    }
    rows.push(json!({
        "ruleId": 1, "attributeCode": generate::EXPERIMENT, "fails": false,
        "output": format!("Y-Z-{}-999999", generate::EXPERIMENT_FROM),
    }));
    for option in ["YES", "NO"] {
        rows.push(json!({
            "controlCode": "SHOW", "optionValue": option,
            "fromTerm": "2000FA", "thruTerm": "999999",
        }));
    }
    rows.push(json!({"homeInstitutionId": "NU", "name": "Northern University"}));
    for (school, name) in [("ART", "School of Arts"), ("LAW", "School of Law")] {
        rows.push(json!({"homeInstitutionId": "NU", "homeSchoolId": school, "name": name}));
    }
    for (code, value, description) in CONFIGURATION {
        let row = json!({"configCode": code, "configValue": value, "description": description});
        rows.push(row);
    }
    rows
}

const ATTRIBUTES: [(&str, &str, &str); 9] = [
    ("CAL1", "Calculus I", "GIR"),
    ("CAL2", "Calculus II", "GIR"),
    ("PHY1", "Physics I", "GIR"),
    (generate::EXPERIMENT, "Physics II", "GIR"),
    (
        "REST",
        "Restricted electives in science and technology",
        "GIR",
    ),
    ("HA", "Arts", "HASS"),
    ("HS", "Social sciences", "HASS"),
    ("CIH", "Communication intensive", "COMM"),
    ("UROP", "Undergraduate research", "OTHER"),
];

const CONFIGURATION: [(&str, &str, &str); 4] = [
    (
        "mitsisBackfillAllowedUptoYear",
        "2026",
        "The last academic year that the student system takes.",
    ),
    ("currentTermCode", "2026SP", "The term that is now."),
    (
        "termPlanDefaultSearchYear",
        "2026",
        "The academic year that term plans begin with.",
    ),
    (
        "nextOfferedYearsAhead",
        "5",
        "For how many years ahead it can be said when a subject is offered next.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_catalogue_every_time() {
        assert_eq!(files(SEED), files(SEED));
        assert_ne!(files(SEED), files(SEED + 1));
    }

    #[test]
    fn the_demo_is_worth_a_look() {
        let university = University::new(SEED);
        let (containers, templates) = (&university.containers, &university.templates);
        assert!(containers.len() >= 300, "{}", containers.len());
        assert!(
            templates.len() >= 2 * containers.len(),
            "{}",
            templates.len()
        );
        let has = |column: &str| {
            let rows = templates.iter();
            rows.filter(|row| row.get(column).is_some_and(|value| !value.is_null()))
                .count()
        };
        for (column, least) in [
            ("crossListSubjects", 100),
            ("prerequisites", 100),
            ("homeSubjectId", 5),
        ] {
            assert!(has(column) >= least, "{column}: {}", has(column));
        }
        let of = |relation: &str| {
            let rows = university.relations.iter();
            rows.filter(|row| row["relation"] == relation).count()
        };
        assert!(of("EQ") >= 60, "{}", of("EQ"));
        assert!(of("SR") >= 30, "{}", of("SR"));
        let first = templates
            .iter()
            .filter_map(|row| row["effectiveFromTerm"].as_str());
        assert!(first.min().is_some_and(|term| term <= "2017FA"));
    }
}
