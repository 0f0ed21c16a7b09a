//! The reference tables: what they have, and how rows of theirs are stored.

use super::{Writing, flag, insert, number, text};
use crate::db::{Db, DbError, Statement, Value, from_text};
use crate::subjects::domain::subject::GradingMode;
use crate::subjects::domain::term::Term;
use crate::subjects::import::reference::Tables;
use crate::subjects::import::rows::Reference;

/// What the reference tables have.
///
/// # Errors
/// The database failed.
pub async fn tables(db: &Db) -> Result<Tables, DbError> {
    const ALL: &str = "SELECT 'TERM', term_code, '', '', '' FROM academic_term \
        UNION ALL SELECT 'CODE', subject_code, description, department_code, '' FROM subject_code \
        UNION ALL SELECT 'ATTRIBUTE', attribute_code, '', '', '' FROM subject_attribute \
        UNION ALL SELECT 'MODE', code, '', '', '' FROM grading_mode \
        UNION ALL SELECT 'TYPE', code, '', '', '' FROM grading_mode_type \
        UNION ALL SELECT 'RULE', gmod_code, gmod_type, experimental_ind, '' \
        FROM stv_grd_opt_rules \
        UNION ALL SELECT 'INSTITUTION', id, '', '', '' FROM home_institution \
        UNION ALL SELECT 'UNIT', home_institution_id, home_school_id, '', '' FROM home_org_unit";
    let mut tables = Tables::default();
    let rows = db.read::<(String, String, String, String, String)>(Statement::new(ALL));
    for (table, one, other, third, _) in rows.await? {
        let (one, other, third) = (from_text(one), from_text(other), from_text(third));
        let known = &mut tables.known;
        match table.as_str() {
            "TERM" => known.terms.extend(one.parse::<Term>()),
            "CODE" => {
                known.codes.insert(one);
                tables.departments.insert(third);
            }
            "ATTRIBUTE" => drop(known.attributes.insert(one)),
            "MODE" => drop(tables.modes.insert(one)),
            "TYPE" => drop(tables.mode_types.insert(one)),
            "RULE" => tables
                .rules
                .push((GradingMode::new(one, other), third == "Y")),
            "INSTITUTION" => drop(tables.institutions.insert(one)),
            _ => drop(known.home_units.insert((one, other))),
        }
    }
    Ok(tables)
}

/// A row of a reference table as it is stored.
struct Stored {
    table: &'static str,
    /// The columns; those of the key come first.
    columns: &'static [&'static str],
    keys: usize,
    values: Vec<Value>,
}

impl Stored {
    /// What stores rows like this one in place of those with their keys.
    fn statement(&self) -> (String, String) {
        let (keys, others) = self.columns.split_at(self.keys);
        let set: Vec<_> = others
            .iter()
            .map(|column| format!("{column} = excluded.{column}"))
            .collect();
        let action = match set.is_empty() {
            true => "DO NOTHING".to_owned(),
            false => format!("DO UPDATE SET {}", set.join(", ")),
        };
        let start = insert(self.table, self.columns);
        (
            start,
            format!(" ON CONFLICT ({}) {action}", keys.join(", ")),
        )
    }
}

macro_rules! stored {
    ($table:literal, [$($key:literal),* $(; $($other:literal),*)?], $($value:expr),*) => {
        Stored {
            table: $table,
            columns: &[$($key,)* $($($other,)*)?],
            keys: [$($key),*].len(),
            values: vec![$($value),*],
        }
    };
}

fn row(row: &Reference) -> Stored {
    match row {
        Reference::Term { code, description } => {
            let year = code.get(..4).and_then(|year| year.parse().ok());
            stored!(
                "academic_term", ["term_code"; "academic_year", "description"],
                text(code), Value::Integer(year), text(description)
            )
        }
        Reference::Code {
            code,
            description,
            department,
        } => stored!(
            "subject_code", ["subject_code"; "description", "department_code"],
            text(code), text(description), text(department)
        ),
        Reference::Attribute {
            code,
            description,
            category,
        } => stored!(
            "subject_attribute", ["attribute_code"; "description", "category"],
            text(code), text(description), text(category)
        ),
        Reference::Mode { code, description } => stored!(
            "grading_mode",
            ["code"; "description"],
            text(code),
            text(description)
        ),
        Reference::ModeType { code, description } => stored!(
            "grading_mode_type",
            ["code"; "description"],
            text(code),
            text(description)
        ),
        Reference::Rule {
            mode,
            is_experimental,
            description,
        } => stored!(
            "stv_grd_opt_rules", ["gmod_code", "gmod_type"; "experimental_ind", "description"],
            text(&mode.code), text(&mode.ty), flag(*is_experimental), text(description)
        ),
        Reference::Mandate {
            id,
            attribute,
            output,
            fails,
        } => stored!(
            "gmod_mandate_rule", ["rule_id"; "attribute_code", "output_text", "fail_ind"],
            number(*id), text(attribute), text(output), flag(*fails)
        ),
        Reference::Display {
            control,
            option,
            from,
            thru,
        } => stored!(
            "subject_display_ctrl_option",
            ["control_code", "option_value"; "from_term", "thru_term"],
            text(control), text(option), text(from), text(thru)
        ),
        Reference::Institution { id, name } => {
            stored!("home_institution", ["id"; "name"], text(id), text(name))
        }
        Reference::Unit {
            institution,
            school,
            name,
        } => stored!(
            "home_org_unit", ["home_institution_id", "home_school_id"; "name"],
            text(institution), text(school), text(name)
        ),
        Reference::Recipient {
            kind,
            qualifier,
            email,
        } => stored!(
            "notification_recipient",
            ["notification_type", "qualifier", "email"],
            text(kind.name()),
            text(qualifier),
            text(email)
        ),
        Reference::Configuration {
            code,
            value,
            description,
        } => stored!(
            "subject_mgmt_config", ["config_code"; "config_value", "description"],
            text(code), text(value), text(description)
        ),
    }
}

/// What makes a row of a reference table the same as another one: the table and the key.
pub fn key(reference: &Reference) -> Vec<String> {
    let Stored {
        table,
        keys,
        values,
        ..
    } = row(reference);
    let values = values.iter().take(keys).map(|value| format!("{value:?}"));
    std::iter::once(table.to_owned()).chain(values).collect()
}

impl Writing<'_> {
    /// One table after the other, in the order in which they refer to each other.
    pub(super) async fn reference(&mut self, rows: &[Reference]) -> Result<(), DbError> {
        let mut tables: Vec<(Stored, Vec<Vec<Value>>)> = Vec::new();
        for stored in rows.iter().map(row) {
            let values = stored.values.clone();
            match tables
                .iter_mut()
                .find(|(known, _)| known.table == stored.table)
            {
                Some((_, rows)) => rows.push(values),
                None => tables.push((stored, vec![values])),
            }
        }
        let later = ["gmod_mandate_rule", "home_org_unit"];
        tables.sort_by_key(|(stored, _)| later.contains(&stored.table));
        for (stored, rows) in tables {
            let (start, end) = stored.statement();
            let count = rows.len();
            self.rows(&start, rows, &end).await?;
            (self.stored)(count);
        }
        Ok(())
    }
}
