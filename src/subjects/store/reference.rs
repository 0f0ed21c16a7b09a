//! The tables that subjects refer to.

use std::collections::{BTreeMap, BTreeSet};

use super::values::{among, inconsistent, parsed, range, text};
use crate::db::{DbError, Statement, Transaction, from_text};
use crate::subjects::domain::checks::Known;
use crate::subjects::domain::operations::Names;
use crate::subjects::domain::ranges::{EffectiveTerms, Ranges};
use crate::subjects::domain::subject::{ContainerId, GradingMode, GradingModes, SubjectId};
use crate::subjects::domain::term::Year;

/// The configuration of the year up to which the legacy system takes changes.
pub const GATE: &str = "mitsisBackfillAllowedUptoYear";

const CONFIG: &str = "subject_mgmt_config";

/// What checks and notifications need of all tables, read by one statement.
const ALL: &str = "SELECT 'TERM', term_code, '', '', '' FROM academic_term \
    UNION ALL SELECT 'CODE', subject_code, department_code, '', '' FROM subject_code \
    UNION ALL SELECT 'ATTRIBUTE', attribute_code, category, '', '' FROM subject_attribute \
    UNION ALL SELECT 'MODE', gmod_code, gmod_type, experimental_ind, '' FROM stv_grd_opt_rules \
    UNION ALL SELECT 'UNIT', home_institution_id, home_school_id, '', '' FROM home_org_unit \
    UNION ALL SELECT 'OPTION', control_code, option_value, from_term, thru_term \
    FROM subject_display_ctrl_option";

/// The reference tables.
#[derive(Clone, Debug, Default)]
pub struct Reference {
    /// What requests are checked against, without what they name.
    pub known: Known,
    /// The department of each subject code.
    pub departments: BTreeMap<String, String>,
    /// The category of each attribute.
    pub categories: BTreeMap<String, String>,
}

/// Reads all of them.
///
/// # Errors
/// The database failed.
pub async fn all(transaction: &mut Transaction<'_>) -> Result<Reference, DbError> {
    let rows: Vec<(String, String, String, String, String)> =
        transaction.rows(Statement::new(ALL)).await?;
    let mut reference = Reference::default();
    let mut modes = Vec::new();
    for (kind, one, other, third, fourth) in rows {
        let (one, other) = (from_text(one), from_text(other));
        let known = &mut reference.known;
        match kind.as_str() {
            "TERM" => {
                let place = ("academic_term", "term_code");
                known.terms.insert(parsed(&one, place, &one)?);
            }
            "CODE" => {
                known.codes.insert(one.clone());
                reference.departments.insert(one, other);
            }
            "ATTRIBUTE" => {
                known.attributes.insert(one.clone());
                reference.categories.insert(one, other);
            }
            "MODE" => modes.push((GradingMode::new(one, other), third == "Y")),
            "UNIT" => drop(known.home_units.insert((one, other))),
            _ => {
                let table = "subject_display_ctrl_option";
                let terms = range((&third, &fourth), table, format!("{one}/{other}"))?;
                known.display_options.insert((one, other), terms.into());
            }
        }
    }
    reference.known.modes = GradingModes::new(modes);
    Ok(reference)
}

/// What the catalogue has of the names in a request.
///
/// # Errors
/// The database failed.
pub async fn named(
    transaction: &mut Transaction<'_>,
    names: &Names,
    known: &mut Known,
) -> Result<(), DbError> {
    if !names.ids.is_empty() {
        known.carriers = carriers(transaction, &names.ids).await?;
    }
    if !names.containers.is_empty() {
        known.activity = activity(transaction, &names.containers).await?;
    }
    Ok(())
}

/// Where subject ids are in use, by templates in effect.
async fn carriers(
    transaction: &mut Transaction<'_>,
    ids: &BTreeSet<SubjectId>,
) -> Result<BTreeMap<SubjectId, Vec<(ContainerId, Ranges)>>, DbError> {
    let ids = ids.iter().map(|id| vec![text(&id.code), text(&id.number)]);
    let statement = Statement::new("WITH wanted (code, number) AS (")
        .with_table(ids.collect())
        .then(
            ") SELECT i.subject_code, i.subject_number, t.container_id, t.eff_from_term, \
             t.eff_thru_term FROM wanted w JOIN subject_tmpl_reg_instance i \
             ON i.subject_code = w.code AND i.subject_number = w.number \
             JOIN subject_template t ON t.template_id = i.template_id \
             WHERE t.template_status = 'A'",
        );
    let rows: Vec<(String, String, i64, String, String)> = transaction.rows(statement).await?;
    let mut found: BTreeMap<SubjectId, BTreeMap<ContainerId, Vec<EffectiveTerms>>> =
        BTreeMap::new();
    for (code, number, container, from, thru) in rows {
        let terms = range((&from, &thru), "subject_template", container)?;
        let by_container = found.entry(SubjectId::new(from_text(code), from_text(number)));
        let by_container = by_container.or_default();
        by_container
            .entry(ContainerId(container))
            .or_default()
            .push(terms);
    }
    let collected = |by_container: BTreeMap<ContainerId, Vec<EffectiveTerms>>| {
        let each = by_container.into_iter();
        each.map(|(id, terms)| (id, terms.into_iter().collect()))
            .collect()
    };
    Ok(found
        .into_iter()
        .map(|(id, carriers)| (id, collected(carriers)))
        .collect())
}

/// When containers are active; those that there are not are left out.
async fn activity(
    transaction: &mut Transaction<'_>,
    containers: &BTreeSet<ContainerId>,
) -> Result<BTreeMap<ContainerId, Ranges>, DbError> {
    let sql = "SELECT c.container_id, t.eff_from_term, t.eff_thru_term FROM subject_container c \
               LEFT JOIN subject_template t \
               ON t.container_id = c.container_id AND t.template_status = 'A' \
               WHERE c.container_id IN ";
    let statement = among(sql, containers.iter().copied());
    let rows: Vec<(i64, Option<String>, Option<String>)> = transaction.rows(statement).await?;
    let mut found: BTreeMap<ContainerId, Vec<EffectiveTerms>> = BTreeMap::new();
    for (container, from, thru) in rows {
        let own = found.entry(ContainerId(container)).or_default();
        if let Some((from, thru)) = from.zip(thru) {
            own.push(range((&from, &thru), "subject_template", container)?);
        }
    }
    let found = found.into_iter();
    Ok(found
        .map(|(id, terms)| (id, terms.into_iter().collect()))
        .collect())
}

/// The value of a management configuration; `None` where it is not configured.
///
/// # Errors
/// The database failed.
pub async fn configuration(
    transaction: &mut Transaction<'_>,
    code: &'static str,
) -> Result<Option<String>, DbError> {
    let statement =
        Statement::new("SELECT config_value FROM subject_mgmt_config WHERE config_code = $1")
            .bind(text(code));
    let row: Option<(String,)> = transaction.row(statement).await?;
    Ok(row.map(|(value,)| from_text(value)))
}

/// The year up to which the legacy system takes changes; `None` where it is not configured.
///
/// # Errors
/// The database failed, or the configuration is no year.
pub async fn gate(transaction: &mut Transaction<'_>) -> Result<Option<Year>, DbError> {
    let Some(value) = configuration(transaction, GATE).await? else {
        return Ok(None);
    };
    let year = value.parse().ok().and_then(Year::new);
    match year {
        Some(year) => Ok(Some(year)),
        None => Err(inconsistent((CONFIG, "config_value"), GATE)),
    }
}
