use std::time::Duration;

use clap::ValueEnum;
use schemars::JsonSchema;
use serde::Deserialize;

use super::resolve::{ConfigError, setting};
use crate::db::Location;

/// For how many years before the gate the queue tells what has ended, unless something else is
/// said.
const RETENTION_YEARS: u16 = 5;

/// How the catalogue of subjects behaves.
#[derive(Clone, Debug)]
pub struct Subjects {
    /// Who says which experimental grading modes a template has.
    pub mandate: MandateBy,
    /// How long a call of the stored function may take.
    pub mandate_timeout: Duration,
    /// For how many years before the gate the queue tells what has ended.
    pub past_data_retention_years: u16,
}

/// Who says which experimental grading modes a template has.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum MandateBy {
    /// The rules in the table `gmod_mandate_rule`.
    #[default]
    Rules,
    /// The stored function `sxp_gmod_pkg.get_gmod_mandate_gmod`, on PostgreSQL only.
    Procedure,
}

impl Subjects {
    /// Fills in the defaults.
    pub(super) fn resolve(
        database: &Location,
        mandate: Option<MandateBy>,
        mandate_timeout: Duration,
        retention_years: Option<u16>,
    ) -> Result<Self, ConfigError> {
        let mandate = mandate.unwrap_or_default();
        if mandate == MandateBy::Procedure && matches!(database, Location::Sqlite(_)) {
            let reason = "SQLite has no stored functions; name a PostgreSQL database with \
                          `--database`, or use the rules";
            return Err(setting("subjects_mandate", reason.to_owned()));
        }
        Ok(Self {
            mandate,
            mandate_timeout,
            past_data_retention_years: retention_years.unwrap_or(RETENTION_YEARS),
        })
    }
}
