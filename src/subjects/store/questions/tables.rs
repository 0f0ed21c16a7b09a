//! The tables that subjects refer to, as they are served.

use super::super::reference;
use super::super::values::text;
use super::{Question, Unanswered, current_term};
use crate::db::{DbError, Statement, Transaction, from_text};
use crate::subjects::domain::term::Year;
use crate::subjects::domain::violations::Violation;

/// The configuration of how many years a subject may be offered ahead.
const AHEAD: &str = "nextOfferedYearsAhead";

/// A code, what it stands for, and one more thing where the table has one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Described {
    /// The code.
    pub code: String,
    /// What it stands for.
    pub description: String,
    /// The department of a subject code, the category of an attribute, the value of a
    /// configuration.
    pub more: String,
}

async fn described(
    transaction: &mut Transaction<'_>,
    statement: Statement,
) -> Result<Vec<Described>, DbError> {
    let rows: Vec<(String, String, String)> = transaction.rows(statement).await?;
    let row = |(code, description, more)| Described {
        code: from_text(code),
        description: from_text(description),
        more: from_text(more),
    };
    let mut described: Vec<_> = rows.into_iter().map(row).collect();
    described.sort();
    Ok(described)
}

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident: $sql:literal, $column:literal, $unknown:expr;)*) => {
        $(
            $(#[$doc])*
            pub struct $name(pub Option<String>);

            impl Question for $name {
                type Answer = Vec<Described>;

                async fn answer(
                    self,
                    transaction: &mut Transaction<'_>,
                ) -> Result<Vec<Described>, Unanswered> {
                    let Some(code) = self.0 else {
                        return Ok(described(transaction, Statement::new($sql)).await?);
                    };
                    let statement = Statement::new(concat!($sql, " WHERE ", $column, " = $1"));
                    let found = described(transaction, statement.bind(text(&code))).await?;
                    match found.is_empty() {
                        true => Err($unknown(code).into()),
                        false => Ok(found),
                    }
                }
            }
        )*
    };
}

fn unknown(what: &'static str) -> impl Fn(String) -> Violation {
    move |value| Violation::Unknown { what, value }
}

tables! {
    /// The attributes, or the one of a code.
    Attributes: "SELECT attribute_code, description, category FROM subject_attribute",
        "attribute_code", Violation::NoAttribute;
    /// The grading modes, or the one of a code.
    Modes: "SELECT code, description, '' FROM grading_mode", "code", unknown("grading mode");
    /// The types of grading modes, or the one of a code.
    Types: "SELECT code, description, '' FROM grading_mode_type", "code",
        unknown("grading mode type");
    /// The subject codes, or the one of that text.
    Codes: "SELECT subject_code, description, department_code FROM subject_code",
        "subject_code", Violation::NoSubjectCode;
}

/// The management configurations.
pub struct Configurations;

impl Question for Configurations {
    type Answer = Vec<Described>;

    async fn answer(self, transaction: &mut Transaction<'_>) -> Result<Vec<Described>, Unanswered> {
        let sql = "SELECT config_code, description, config_value FROM subject_mgmt_config";
        Ok(described(transaction, Statement::new(sql)).await?)
    }
}

/// The schools of another institution: codes and names.
pub struct HomeUnits(pub String);

impl Question for HomeUnits {
    type Answer = Vec<Described>;

    async fn answer(self, transaction: &mut Transaction<'_>) -> Result<Vec<Described>, Unanswered> {
        let known = Statement::new("SELECT name FROM home_institution WHERE id = $1");
        let known = transaction.row::<(String,)>(known.bind(text(&self.0)));
        if known.await?.is_none() {
            return Err(unknown("home institution id")(self.0).into());
        }
        let units = Statement::new(
            "SELECT home_school_id, name, '' FROM home_org_unit WHERE home_institution_id = $1",
        );
        Ok(described(transaction, units.bind(text(&self.0))).await?)
    }
}

/// The years in which a subject may be offered next.
pub struct NextYears;

impl Question for NextYears {
    type Answer = Vec<Year>;

    async fn answer(self, transaction: &mut Transaction<'_>) -> Result<Vec<Year>, Unanswered> {
        let current = current_term(transaction).await?.year().number();
        let ahead = reference::configuration(transaction, AHEAD).await?;
        let ahead: Option<u16> = ahead.and_then(|ahead| ahead.parse().ok());
        let ahead = ahead.ok_or(Unanswered::Unconfigured(AHEAD))?;
        let years = (1..=ahead).filter_map(|more| Year::new(current.checked_add(more)?));
        Ok(years.collect())
    }
}
