//! The mandate procedure, by one of two ways: a table of rules, or a function that is stored in a
//! PostgreSQL database.

use std::time::Duration;

use super::values::number;
use crate::db::{DbError, Statement, Transaction, from_text};
use crate::subjects::domain::subject::TemplateId;

/// Who says which experimental grading modes a template has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mandate {
    /// The rules of the table `gmod_mandate_rule`, by the attributes of the template.
    #[default]
    Rules,
    /// The stored function `sxp_gmod_pkg.get_gmod_mandate_gmod(template id)`.
    Procedure {
        /// How long one call may take; the database ends it then.
        patience: Duration,
    },
}

impl Mandate {
    /// What it says of a stored template, or how it failed. A failure takes back whatever the
    /// procedure did, and nothing else.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn of(
        self,
        transaction: &mut Transaction<'_>,
        template: TemplateId,
    ) -> Result<Result<Option<String>, String>, DbError> {
        match self {
            Mandate::Rules => by_rules(transaction, template).await,
            Mandate::Procedure { patience } => by_procedure(transaction, template, patience).await,
        }
    }
}

async fn by_rules(
    transaction: &mut Transaction<'_>,
    template: TemplateId,
) -> Result<Result<Option<String>, String>, DbError> {
    let statement = Statement::new(
        "SELECT r.rule_id, r.output_text, r.fail_ind FROM subject_tmpl_attr a \
         JOIN gmod_mandate_rule r ON r.attribute_code = a.attribute_code \
         WHERE a.template_id = $1 ORDER BY r.rule_id",
    )
    .bind(number(template));
    let rows = transaction.try_rows::<(i64, String, String)>(statement);
    let rows = match rows.await? {
        Ok(rows) => rows,
        Err(error) => return Ok(Err(told(&error))),
    };
    if let Some((rule, ..)) = rows.iter().find(|(_, _, fails)| fails == "Y") {
        return Ok(Err(format!("the mandate failed: rule {rule} says so")));
    }
    let outputs: Vec<_> = rows
        .into_iter()
        .map(|(_, output, _)| from_text(output))
        .collect();
    Ok(Ok((!outputs.is_empty()).then(|| outputs.join(","))))
}

async fn by_procedure(
    transaction: &mut Transaction<'_>,
    template: TemplateId,
    patience: Duration,
) -> Result<Result<Option<String>, String>, DbError> {
    let statement = Statement::new("SELECT sxp_gmod_pkg.get_gmod_mandate_gmod($1)");
    let statement = statement.bind(number(template));
    let rows = transaction.try_rows_within::<(Option<String>,)>(statement, patience);
    Ok(match rows.await? {
        Ok(rows) => Ok(rows.into_iter().next().and_then(|(output,)| output)),
        Err(error) => Err(told(&error)),
    })
}

/// The error and its causes, for the log.
fn told(error: &DbError) -> String {
    format!("the mandate failed: {}", super::chain(error))
}
