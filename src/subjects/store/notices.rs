//! Notifications that wait to be sent.

use std::collections::BTreeSet;

use super::Store;
use super::values::{number, text};
use crate::db::{DbError, Statement, from_text};
use crate::subjects::domain::subject::ContainerId;

/// A prepared notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its id.
    pub id: i64,
    /// The reference number of the request that made it.
    pub api_ref_id: i64,
    /// The academic year that it is about.
    pub academic_year: i64,
    /// Whom it concerns: `SR`, `XLIST`, `HASS` or `COMM`.
    pub kind: String,
    /// What it says, JSON.
    pub data: String,
}

impl Store {
    /// The notifications of a container among those ids, in order of the ids.
    ///
    /// # Errors
    /// The database failed.
    pub async fn notices(
        &self,
        container: ContainerId,
        ids: &BTreeSet<i64>,
    ) -> Result<Vec<Notice>, DbError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let statement = Statement::new(
            "SELECT notification_id, api_ref_id, academic_year, notification_type, \
             notification_data FROM subject_notification_support WHERE notification_id IN ",
        )
        .bound_list(ids.iter().map(|id| number(*id)))
        .then(" AND container_id = ")
        .bound(number(container))
        .then(" ORDER BY notification_id");
        let rows: Vec<(i64, i64, i64, String, String)> = self.db.read(statement).await?;
        let notice = |(id, api_ref_id, academic_year, kind, data)| Notice {
            id,
            api_ref_id,
            academic_year,
            kind: from_text(kind),
            data: from_text(data),
        };
        Ok(rows.into_iter().map(notice).collect())
    }

    /// The addresses of a kind with one of those qualifiers, each once.
    ///
    /// # Errors
    /// The database failed.
    pub async fn recipients(
        &self,
        kind: &str,
        qualifiers: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>, DbError> {
        if qualifiers.is_empty() {
            return Ok(BTreeSet::new());
        }
        let statement =
            Statement::new("SELECT email FROM notification_recipient WHERE qualifier IN ")
                .bound_list(qualifiers.iter().map(text))
                .then(" AND notification_type = ")
                .bound(text(kind));
        let rows: Vec<(String,)> = self.db.read(statement).await?;
        Ok(rows.into_iter().map(|(email,)| from_text(email)).collect())
    }

    /// Forgets a notification that was sent.
    ///
    /// # Errors
    /// The database failed.
    pub async fn forget(&self, id: i64) -> Result<(), DbError> {
        let statement =
            Statement::new("DELETE FROM subject_notification_support WHERE notification_id = $1")
                .bind(number(id));
        self.db.write_all(vec![statement]).await
    }
}
