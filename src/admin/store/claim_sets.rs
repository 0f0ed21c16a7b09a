//! Claim sets in the database.

use sqlx::FromRow;

use super::{Page, Store};
use crate::admin::domain::ClaimSet;
use crate::db::{DbError, Statement, from_text};

impl Store {
    /// One page of the claim sets, by name.
    ///
    /// # Errors
    /// The database failed.
    pub async fn claim_sets(&self, page: Page) -> Result<Vec<ClaimSet>, DbError> {
        let statement = Statement::new(
            "SELECT claim_set_id, name, is_system_reserved, \
             (SELECT COUNT(*) FROM admin_applications \
              WHERE admin_applications.claim_set_id = admin_claim_sets.claim_set_id) \
             AS applications_count \
             FROM admin_claim_sets ORDER BY name",
        );
        let rows = self.db.read::<ClaimSetRow>(page.of(statement)).await?;
        Ok(rows.into_iter().map(ClaimSetRow::claim_set).collect())
    }
}

#[derive(FromRow)]
struct ClaimSetRow {
    claim_set_id: i64,
    name: String,
    is_system_reserved: bool,
    applications_count: i64,
}

impl ClaimSetRow {
    fn claim_set(self) -> ClaimSet {
        ClaimSet {
            id: self.claim_set_id,
            name: from_text(self.name),
            is_system_reserved: self.is_system_reserved,
            applications_count: self.applications_count,
        }
    }
}
