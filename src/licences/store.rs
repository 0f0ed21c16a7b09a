//! The register in the database: one domain act a method, atomic inside. Statements are fixed
//! texts; whatever a request says goes into them as values.

mod import;

pub use import::{BATCH, Batch, Imported};

use sqlx::FromRow;

use super::domain::{DistributionStatus, Ended, Grades, Licence, LicenceStatus, Row, States};
use crate::db::{Columns, DbError, Remote, Statement, Transaction, Value, from_text};

/// The lock under which the register is changed, so that states follow each other.
const LOCK: i64 = 0x4c69_6365_6e63_6573;

/// What is stored of a row that is new.
const COLUMNS: Columns = Columns {
    table: "licences",
    names: "licence_number, holder_number, surname, forename, grades, licence_status, \
            distribution_status, distribution_status_ms, application_ms, course_ms, issued_ms, \
            expires_ms, instructor, training_centre, is_current, added",
};

const SELECT: &str = "SELECT row_id, licence_number, holder_number, surname, forename, grades, \
                      licence_status, distribution_status, distribution_status_ms, \
                      application_ms, course_ms, issued_ms, expires_ms, instructor, \
                      training_centre, is_current, added, ended FROM licences";

/// Keeps the register; clones share the database.
#[derive(Clone, Debug)]
pub struct Store {
    db: Remote,
}

/// What is news about rows after a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// They came.
    Came,
    /// They ended.
    Ended,
}

impl Store {
    /// The register in this database.
    pub fn new(db: Remote) -> Self {
        Self { db }
    }

    /// The states of the register that can be looked at.
    ///
    /// # Errors
    /// The database failed.
    pub async fn states(&self) -> Result<States, DbError> {
        Ok(self.states_with(0).await?.0)
    }

    /// The states of the register that can be looked at, and when a state was made, which is `None`
    /// where there is no such state.
    ///
    /// # Errors
    /// The database failed.
    pub async fn states_with(&self, state: i64) -> Result<(States, Option<i64>), DbError> {
        // Queries of their own, so that each reads one place of the key.
        let statement = Statement::new(
            "SELECT (SELECT MIN(state) FROM licence_states), \
             (SELECT MAX(state) FROM licence_states), \
             (SELECT made_ms FROM licence_states WHERE state = $1)",
        );
        let statement = with(statement, &[state]);
        let states = self.db.get().await?.read_one(statement).await?;
        let (first, last, made_ms) = states.unwrap_or_default();
        Ok((States { first, last }, made_ms))
    }

    /// The licence with this number.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find(&self, number: &str) -> Result<Option<Licence>, DbError> {
        let statement = Statement::new(SELECT)
            .then(" WHERE licence_number = $1 AND ended IS NULL")
            .bind(Value::any_text(number));
        let row = self
            .db
            .get()
            .await?
            .read_one::<LicenceRow>(statement)
            .await?;
        Ok(row.map(LicenceRow::row).transpose()?.map(|row| row.licence))
    }

    /// The licences of these rows, in this order. A row that has been forgotten meanwhile is left
    /// out.
    ///
    /// # Errors
    /// The database failed.
    pub async fn licences(&self, row_ids: &[i64]) -> Result<Vec<Licence>, DbError> {
        let Some(last) = row_ids.last() else {
            return Ok(Vec::new());
        };
        // Few texts serve all numbers of rows, so that their plans are kept.
        let count = row_ids.len().next_power_of_two();
        let mut statement = Statement::new(SELECT).then(" WHERE row_id IN (");
        let padding = std::iter::repeat(last);
        for (at, row_id) in row_ids.iter().chain(padding).take(count).enumerate() {
            let joint = if at == 0 { "" } else { ", " };
            statement = statement.then(joint).bound(Value::Integer(Some(*row_id)));
        }
        let rows = self.read(statement.then(")")).await?;
        let mut rows: Vec<(i64, Licence)> = rows
            .into_iter()
            .map(|row| (row.row_id, row.licence))
            .collect();
        rows.sort_unstable_by_key(|(row_id, _)| *row_id);
        let licences = row_ids.iter().filter_map(|row_id| {
            let at = rows
                .binary_search_by_key(row_id, |(row_id, _)| *row_id)
                .ok()?;
            rows.get(at).map(|(_, licence)| licence.clone())
        });
        Ok(licences.collect())
    }

    /// Rows that stand and came no later than a state, with licence numbers after this one, in
    /// their order.
    ///
    /// # Errors
    /// The database failed.
    pub async fn standing(&self, last: &str, until: i64, limit: i64) -> Result<Vec<Row>, DbError> {
        let statement = Statement::new(SELECT)
            .then(" WHERE ended IS NULL AND licence_number > $1 AND added <= $2")
            .then(" ORDER BY licence_number LIMIT $3")
            .bind(Value::any_text(last));
        self.read(with(statement, &[until, limit])).await
    }

    /// Rows that are news after a state, and came no later than another one: the next ones after a
    /// state and the id of a row, in the order of their ids, or of the states with which they
    /// ended.
    ///
    /// # Errors
    /// The database failed.
    pub async fn news(
        &self,
        news: News,
        (state, row_id): (i64, i64),
        until: i64,
        limit: i64,
    ) -> Result<Vec<Row>, DbError> {
        // What is added to a column keeps its index out of it: each of these reads on where the
        // last one stopped, by the index that is left.
        let condition = match news {
            News::Came => {
                " WHERE added + 0 > $1 AND row_id > $2 AND added + 0 <= $3 ORDER BY row_id"
            }
            News::Ended => {
                " WHERE ended IS NOT NULL AND (ended, row_id) > ($1, $2) AND added + 0 <= $3 \
                 ORDER BY ended, row_id"
            }
        };
        let statement = Statement::new(SELECT).then(condition).then(" LIMIT $4");
        self.read(with(statement, &[state, row_id, until, limit]))
            .await
    }

    /// The first rows that came with the states after one and up to another, in the order of their
    /// ids.
    ///
    /// # Errors
    /// The database failed.
    pub async fn added(&self, (from, to): (i64, i64), limit: i64) -> Result<Vec<Row>, DbError> {
        let statement = Statement::new(SELECT)
            .then(" WHERE added > $1 AND added <= $2 ORDER BY row_id LIMIT $3");
        self.read(with(statement, &[from, to, limit])).await
    }

    /// The rows that ended with the states after one and up to another.
    ///
    /// # Errors
    /// The database failed.
    pub async fn ended(&self, (from, to): (i64, i64), limit: i64) -> Result<Vec<Ended>, DbError> {
        let statement = Statement::new(
            "SELECT row_id, licence_number, ended FROM licences \
             WHERE ended > $1 AND ended <= $2 LIMIT $3",
        );
        let statement = with(statement, &[from, to, limit]);
        let rows = self.db.get().await?.read(statement).await?;
        let rows = rows.into_iter();
        let ended = rows.map(|(row_id, number, ended): (i64, String, i64)| Ended {
            row_id,
            number: from_text(number),
            ended,
        });
        Ok(ended.collect())
    }

    /// Whether no licence was ever stored, or none is left.
    ///
    /// # Errors
    /// The database failed.
    pub async fn is_empty(&self) -> Result<bool, DbError> {
        let any = Statement::new("SELECT row_id FROM licences LIMIT 1");
        let any = self.db.get().await?.read_one::<(i64,)>(any).await?;
        Ok(any.is_none())
    }

    /// Adds licences, and changes those whose numbers are there already: all or none, and one new
    /// state, unless nothing is new about any of them. Answers the state after it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn put(&self, licences: Vec<Licence>, now_ms: i64) -> Result<i64, DbError> {
        let db = self.db.get().await?;
        db.exclusively(LOCK, move |mut transaction| {
            Box::pin(async move { put(&mut transaction, licences, now_ms).await })
        })
        .await
    }

    /// Forgets the states that were made before a time, and the rows that only they had.
    ///
    /// # Errors
    /// The database failed.
    pub async fn forget(&self, before_ms: i64) -> Result<(), DbError> {
        let db = self.db.get().await?;
        db.exclusively(LOCK, move |mut transaction| {
            Box::pin(async move {
                // The last state stays, however old it is.
                let old = "DELETE FROM licence_states WHERE made_ms < $1 \
                           AND state < (SELECT MAX(state) FROM licence_states)";
                transaction
                    .run(with(Statement::new(old), &[before_ms]))
                    .await?;
                let gone = "DELETE FROM licences WHERE ended <= \
                            (SELECT MIN(state) FROM licence_states)";
                transaction.run(Statement::new(gone)).await
            })
        })
        .await
    }

    async fn read(&self, statement: Statement) -> Result<Vec<Row>, DbError> {
        let rows = self.db.get().await?.read::<LicenceRow>(statement).await?;
        rows.into_iter().map(LicenceRow::row).collect()
    }
}

async fn put(
    transaction: &mut Transaction<'_>,
    licences: Vec<Licence>,
    now_ms: i64,
) -> Result<i64, DbError> {
    let last = Statement::new("SELECT MAX(state) FROM licence_states");
    let last = transaction
        .row::<(i64,)>(last)
        .await?
        .map_or(0, |(state,)| state);
    let state = last + 1;
    let fresh = end_changed(transaction, licences, state).await?;
    if fresh.is_empty() {
        return Ok(last);
    }
    let made = Statement::new("INSERT INTO licence_states (state, made_ms) VALUES ($1, $2)");
    transaction.run(with(made, &[state, now_ms])).await?;
    // Which of them are the newest is looked at when all are there.
    let rows = fresh.into_iter();
    let rows = rows.map(|licence| values_of(licence, false, state));
    transaction.insert(COLUMNS, rows).await?;
    mark_current(transaction, state).await?;
    Ok(state)
}

/// Ends the rows of licences that are given otherwise, and answers the licences that get new rows:
/// of several with one number the last.
async fn end_changed(
    transaction: &mut Transaction<'_>,
    licences: Vec<Licence>,
    state: i64,
) -> Result<Vec<Licence>, DbError> {
    let mut last_of = std::collections::HashMap::new();
    for licence in licences {
        last_of.insert(licence.licence_number.clone(), licence);
    }
    let mut fresh: Vec<Licence> = Vec::with_capacity(last_of.len());
    for (number, licence) in last_of {
        let standing = Statement::new(SELECT)
            .then(" WHERE licence_number = $1 AND ended IS NULL")
            .bind(Value::any_text(&number));
        match transaction.row::<LicenceRow>(standing).await? {
            None => fresh.push(licence),
            Some(row) => {
                let row = row.row()?;
                if row.licence != licence {
                    let end = Statement::new("UPDATE licences SET ended = $1 WHERE row_id = $2");
                    transaction.run(with(end, &[state, row.row_id])).await?;
                    fresh.push(licence);
                }
            }
        }
    }
    fresh.sort_unstable_by(|one, other| one.licence_number.cmp(&other.licence_number));
    Ok(fresh)
}

/// Marks the newest licence of each holder that a state has changed. A row of that state is marked
/// in its place; an older row whose mark is no longer right ends, and comes again with the other.
async fn mark_current(transaction: &mut Transaction<'_>, state: i64) -> Result<(), DbError> {
    // The mark that is right: there is no newer licence of the holder; of two of one day the one
    // with the larger number is the newer.
    const RIGHT: &str = "NOT EXISTS (SELECT 1 FROM licences newer WHERE newer.ended IS NULL \
                         AND newer.holder_number = licences.holder_number \
                         AND (newer.issued_ms > licences.issued_ms \
                         OR newer.issued_ms = licences.issued_ms \
                         AND newer.licence_number > licences.licence_number))";
    let own = format!(
        "UPDATE licences SET is_current = TRUE WHERE added = $1 AND ended IS NULL AND {RIGHT}"
    );
    transaction.run(with(Statement::new(own), &[state])).await?;
    let wrong = format!(
        "SELECT row_id FROM licences WHERE ended IS NULL AND added < $1 AND holder_number IN \
         (SELECT holder_number FROM licences WHERE added = $2 OR ended = $3) \
         AND is_current <> ({RIGHT})"
    );
    let wrong = with(Statement::new(wrong), &[state, state, state]);
    for (row_id,) in transaction.rows::<(i64,)>(wrong).await? {
        let end = Statement::new("UPDATE licences SET ended = $1 WHERE row_id = $2");
        transaction.run(with(end, &[state, row_id])).await?;
        transaction.run(again(row_id, state)).await?;
    }
    Ok(())
}

/// The values of a row that is new, in the order of [`COLUMNS`].
fn values_of(licence: Licence, is_current: bool, state: i64) -> [Value; 16] {
    let text = Value::own_text;
    let word = |word: &str| Value::Text(Some(word.to_owned()));
    let number = |number: i64| Value::Integer(Some(number));
    [
        text(licence.licence_number),
        text(licence.holder_number),
        text(licence.surname),
        text(licence.forename),
        number(licence.grades.bits().into()),
        word(licence.licence_status.name()),
        word(licence.distribution_status.name()),
        number(licence.distribution_status_ms),
        number(licence.application_ms),
        number(licence.course_ms),
        number(licence.issued_ms),
        number(licence.expires_ms),
        text(licence.instructor),
        text(licence.training_centre),
        Value::Boolean(is_current),
        number(state),
    ]
}

/// Has a row come again with the other mark.
fn again(row_id: i64, state: i64) -> Statement {
    let again = Statement::new(format!(
        "INSERT INTO licences ({}) SELECT licence_number, holder_number, surname, forename, \
         grades, licence_status, distribution_status, distribution_status_ms, application_ms, \
         course_ms, issued_ms, expires_ms, instructor, training_centre, NOT is_current, \
         CAST($1 AS BIGINT) FROM licences WHERE row_id = $2",
        COLUMNS.names
    ));
    with(again, &[state, row_id])
}

fn with(statement: Statement, values: &[i64]) -> Statement {
    let values = values.iter().map(|value| Value::Integer(Some(*value)));
    values.fold(statement, Statement::bind)
}

#[derive(FromRow)]
struct LicenceRow {
    row_id: i64,
    licence_number: String,
    holder_number: String,
    surname: String,
    forename: String,
    grades: i64,
    licence_status: String,
    distribution_status: String,
    distribution_status_ms: i64,
    application_ms: i64,
    course_ms: i64,
    issued_ms: i64,
    expires_ms: i64,
    instructor: String,
    training_centre: String,
    is_current: bool,
    added: i64,
    ended: Option<i64>,
}

impl LicenceRow {
    fn row(self) -> Result<Row, DbError> {
        let row_id = self.row_id;
        let inconsistent = |column| DbError::Inconsistent {
            table: "licences",
            column,
            row: row_id.to_string(),
        };
        let grades = u8::try_from(self.grades).map_err(|_| inconsistent("grades"))?;
        let status = LicenceStatus::of_name(&self.licence_status);
        let distribution = DistributionStatus::of_name(&self.distribution_status);
        Ok(Row {
            row_id,
            licence: Licence {
                licence_number: from_text(self.licence_number),
                holder_number: from_text(self.holder_number),
                surname: from_text(self.surname),
                forename: from_text(self.forename),
                grades: Grades::of_bits(grades),
                licence_status: status.ok_or_else(|| inconsistent("licence_status"))?,
                distribution_status: distribution
                    .ok_or_else(|| inconsistent("distribution_status"))?,
                distribution_status_ms: self.distribution_status_ms,
                application_ms: self.application_ms,
                course_ms: self.course_ms,
                issued_ms: self.issued_ms,
                expires_ms: self.expires_ms,
                instructor: from_text(self.instructor),
                training_centre: from_text(self.training_centre),
            },
            is_current: self.is_current,
            added: self.added,
            ended: self.ended,
        })
    }
}
