//! The reference tables as they will be: what the database has, and what the files add.

use std::collections::BTreeSet;

use super::rows::Reference;
use crate::subjects::domain::checks::Known;
use crate::subjects::domain::mandate::Mandate;
use crate::subjects::domain::notifications::Kind;
use crate::subjects::domain::subject::{GradingMode, GradingModes};
use crate::subjects::domain::term::{Term, Year};

/// The management configurations there are.
const CONFIGURATIONS: [&str; 4] = [
    "mitsisBackfillAllowedUptoYear",
    "currentTermCode",
    "termPlanDefaultSearchYear",
    "nextOfferedYearsAhead",
];

/// What the rows of the files may refer to.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// What the checks of subjects look at.
    pub known: Known,
    /// Grading modes and whether they are experimental; in [`Known`] once all are there.
    pub rules: Vec<(GradingMode, bool)>,
    /// The departments of subject codes.
    pub departments: BTreeSet<String>,
    /// Grading modes without their types.
    pub modes: BTreeSet<String>,
    /// Types of grading modes.
    pub mode_types: BTreeSet<String>,
    /// Other institutions.
    pub institutions: BTreeSet<String>,
}

impl Tables {
    /// Takes note of what a row defines; what it refers to may come later.
    pub fn define(&mut self, row: &Reference) {
        let known = &mut self.known;
        match row {
            Reference::Term { code, .. } => known.terms.extend(code.parse::<Term>()),
            Reference::Code {
                code, department, ..
            } => {
                known.codes.insert(code.clone());
                self.departments.insert(department.clone());
            }
            Reference::Attribute { code, .. } => {
                known.attributes.insert(code.clone());
            }
            Reference::Mode { code, .. } => {
                self.modes.insert(code.clone());
            }
            Reference::ModeType { code, .. } => {
                self.mode_types.insert(code.clone());
            }
            Reference::Rule {
                mode,
                is_experimental,
                ..
            } => self.rules.push((mode.clone(), *is_experimental)),
            Reference::Institution { id, .. } => {
                self.institutions.insert(id.clone());
            }
            Reference::Unit {
                institution,
                school,
                ..
            } => {
                let unit = (institution.clone(), school.clone());
                known.home_units.insert(unit);
            }
            Reference::Display { .. }
            | Reference::Mandate { .. }
            | Reference::Recipient { .. }
            | Reference::Configuration { .. } => {}
        }
    }

    /// Ends the definitions.
    pub fn finish(&mut self) {
        self.known.modes = GradingModes::new(self.rules.drain(..));
    }

    /// What is wrong with what a row refers to.
    ///
    /// # Errors
    /// The column, and why.
    pub fn verify(&self, row: &Reference) -> Result<(), (&'static str, String)> {
        let known = &self.known;
        match row {
            Reference::Term { code, .. } => match code.parse::<Term>() {
                Ok(_) => Ok(()),
                Err(reason) => Err(("termCode", format!("`{code}` is no term: {reason}"))),
            },
            Reference::Rule { mode, .. } => {
                defined("gradingModeCode", &mode.code, &self.modes)?;
                defined("gradingModeType", &mode.ty, &self.mode_types)
            }
            Reference::Mandate {
                attribute, output, ..
            } => {
                defined("attributeCode", attribute, &known.attributes)?;
                let read = Mandate::read(Some(output), &known.modes);
                read.map(drop)
                    .map_err(|wrong| ("output", wrong.to_string()))
            }
            Reference::Display { from, thru, .. } => {
                let terms = known.effective_terms(from, thru);
                terms
                    .map(drop)
                    .map_err(|wrong| ("fromTerm", wrong.to_string()))
            }
            Reference::Unit { institution, .. } => {
                defined("homeInstitutionId", institution, &self.institutions)
            }
            Reference::Recipient {
                kind, qualifier, ..
            } => match kind {
                Kind::Sr | Kind::Xlist => defined("qualifier", qualifier, &self.departments),
                Kind::Hass | Kind::Comm if qualifier == "*" => Ok(()),
                Kind::Hass | Kind::Comm => {
                    let reason = format!("`{qualifier}` is not `*`: {} is for all", kind.name());
                    Err(("qualifier", reason))
                }
            },
            Reference::Configuration { code, value, .. } => self.configuration(code, value),
            Reference::Code { .. }
            | Reference::Attribute { .. }
            | Reference::Mode { .. }
            | Reference::ModeType { .. }
            | Reference::Institution { .. } => Ok(()),
        }
    }

    fn configuration(&self, code: &str, value: &str) -> Result<(), (&'static str, String)> {
        let number = || value.parse::<u16>().ok();
        let fits = match code {
            "mitsisBackfillAllowedUptoYear" | "termPlanDefaultSearchYear" => {
                number().and_then(Year::new).is_some()
            }
            "nextOfferedYearsAhead" => number().is_some(),
            "currentTermCode" => self.known.term(value).is_ok(),
            _ => {
                let reason = format!("`{code}` is not one of {}", CONFIGURATIONS.join(", "));
                return Err(("configCode", reason));
            }
        };
        match fits {
            true => Ok(()),
            false => Err(("configValue", format!("`{value}` cannot be {code}"))),
        }
    }
}

fn defined(
    column: &'static str,
    value: &str,
    there: &BTreeSet<String>,
) -> Result<(), (&'static str, String)> {
    match there.contains(value) {
        true => Ok(()),
        false => Err((column, format!("`{value}` does not exist"))),
    }
}
