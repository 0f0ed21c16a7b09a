//! Many licences at once, in batches inside one transaction, so that memory stays what it is.

use std::collections::HashMap;

use tokio::sync::mpsc::Receiver;

use super::{COLUMNS, LOCK, LicenceRow, SELECT, Store, values, with};
use crate::db::{DbError, Statement, Transaction, Value};
use crate::licences::domain::{Licence, Row};

/// What comes to be stored.
#[derive(Debug)]
pub enum Batch {
    /// So many licences, at most [`BATCH`].
    Licences(Vec<Licence>),
    /// That was all.
    End,
}

/// How many licences a batch has at most: sixteen values each, within SQLite's limit of 32766.
pub const BATCH: usize = 1_000;

/// What became of licences that were imported, each compared with what those before it left: of
/// several with one number the later ones are changes of the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Those that were not there before.
    pub new: u64,
    /// Those that were there otherwise.
    pub changed: u64,
    /// Those that were there as they are.
    pub unchanged: u64,
}

impl Store {
    /// Stores the licences that come, all or none, as one new state of the register; none when
    /// nothing is new about any of them. Of several with one number the last counts. Licences that
    /// are there and do not come stay.
    ///
    /// # Errors
    /// The database failed; or it ended without [`Batch::End`], which is how to have nothing stored.
    pub async fn import(
        &self,
        mut batches: Receiver<Batch>,
        now_ms: i64,
    ) -> Result<Imported, DbError> {
        let db = self.db.get().await?;
        db.exclusively(LOCK, move |transaction| {
            Box::pin(async move {
                let mut import = Import::begin(transaction, now_ms).await?;
                while let Some(batch) = batches.recv().await {
                    match batch {
                        Batch::Licences(licences) => import.store(licences).await?,
                        Batch::End => return Ok(import.imported),
                    }
                }
                Err(DbError::Abandoned)
            })
        })
        .await
    }
}

struct Import<'c> {
    transaction: Transaction<'c>,
    now_ms: i64,
    /// The state that is being made.
    state: i64,
    /// Whether anything is new in it.
    is_made: bool,
    imported: Imported,
}

/// A licence that gets a row, with what may be wrong about its mark.
struct Fresh {
    licence: Licence,
    is_current: bool,
}

impl<'c> Import<'c> {
    async fn begin(mut transaction: Transaction<'c>, now_ms: i64) -> Result<Self, DbError> {
        let last = Statement::new("SELECT MAX(state) FROM licence_states");
        let last = transaction.row::<(Option<i64>,)>(last).await?;
        let last = last.and_then(|(state,)| state).unwrap_or_default();
        Ok(Self {
            transaction,
            now_ms,
            state: last + 1,
            is_made: false,
            imported: Imported::default(),
        })
    }

    async fn store(&mut self, licences: Vec<Licence>) -> Result<(), DbError> {
        let (fresh, left) = self.fresh(licences).await?;
        if fresh.is_empty() {
            return Ok(());
        }
        if !self.is_made {
            self.is_made = true;
            let made = "INSERT INTO licence_states (state, made_ms) VALUES ($1, $2)";
            let made = with(Statement::new(made), &[self.state, self.now_ms]);
            self.transaction.run(made).await?;
        }
        let fresh = self.marked(fresh, &left).await?;
        self.transaction.run(insertion(&fresh, self.state)).await
    }

    /// The licences that get rows, and the holders of the rows that they had before, which end.
    async fn fresh(
        &mut self,
        licences: Vec<Licence>,
    ) -> Result<(Vec<Licence>, Vec<String>), DbError> {
        let numbers = licences.iter().map(|one| one.licence_number.as_str());
        let standing = self.standing("licence_number", numbers).await?;
        let mut standing: HashMap<String, Row> = standing
            .into_iter()
            .map(|row| (row.licence.licence_number.clone(), row))
            .collect();
        // Each line is compared with what the lines before it left, however they are cut.
        let mut latest: HashMap<&str, &Licence> = standing
            .values()
            .map(|row| (row.licence.licence_number.as_str(), &row.licence))
            .collect();
        for licence in &licences {
            match latest.insert(&licence.licence_number, licence) {
                None => self.imported.new += 1,
                Some(known) if known == licence => self.imported.unchanged += 1,
                Some(_) => self.imported.changed += 1,
            }
        }
        let is_last = |one: &Licence| {
            let last = latest.get(one.licence_number.as_str());
            last.is_some_and(|last| std::ptr::eq(*last, one))
        };
        let is_last: Vec<bool> = licences.iter().map(is_last).collect();
        drop(latest);
        let mut fresh = Vec::with_capacity(licences.len());
        let (mut ended, mut left) = (Vec::new(), Vec::new());
        let last = licences.into_iter().zip(is_last);
        for licence in last.filter_map(|(licence, is_last)| is_last.then_some(licence)) {
            match standing.remove(&licence.licence_number) {
                Some(row) if row.licence == licence => {}
                Some(row) => {
                    ended.push(row.row_id);
                    left.push(row.licence.holder_number);
                    fresh.push(licence);
                }
                None => fresh.push(licence),
            }
        }
        self.end(&ended).await?;
        Ok((fresh, left))
    }

    /// Which of the new rows are the newest of their holders; those that were before them are not
    /// any more.
    async fn marked(
        &mut self,
        licences: Vec<Licence>,
        left: &[String],
    ) -> Result<Vec<Fresh>, DbError> {
        let holders = licences.iter().map(|one| &one.holder_number);
        let holders = holders.chain(left).map(String::as_str);
        let standing = self.standing("holder_number", holders).await?;
        // The newest row of each holder, standing or new, by its place: new ones follow the others.
        let all: Vec<&Licence> = standing
            .iter()
            .map(|row| &row.licence)
            .chain(&licences)
            .collect();
        let mut newest: HashMap<&str, usize> = HashMap::with_capacity(licences.len());
        for (at, licence) in all.iter().enumerate() {
            let known = newest.entry(&licence.holder_number).or_insert(at);
            if age(all[*known]) < age(licence) {
                *known = at;
            }
        }
        let is_newest = |at: usize| newest.get(all[at].holder_number.as_str()) == Some(&at);
        let wrong = standing.iter().enumerate();
        let wrong = wrong.filter(|(at, row)| row.is_current != is_newest(*at));
        let wrong: Vec<(i64, bool)> = wrong
            .map(|(_, row)| (row.row_id, row.added == self.state))
            .collect();
        let marks: Vec<bool> = (standing.len()..all.len()).map(is_newest).collect();
        drop((newest, all));
        for (row_id, is_own) in wrong {
            self.turn(row_id, is_own).await?;
        }
        let fresh = licences.into_iter().zip(marks);
        let fresh = fresh.map(|(licence, is_current)| Fresh {
            licence,
            is_current,
        });
        Ok(fresh.collect())
    }

    /// Gives a row the other mark: a row of this state in its place, an older one ends and comes
    /// again, because states that were made stay what they are.
    async fn turn(&mut self, row_id: i64, is_own: bool) -> Result<(), DbError> {
        if is_own {
            let turned = "UPDATE licences SET is_current = NOT is_current WHERE row_id = $1";
            let turned = with(Statement::new(turned), &[row_id]);
            return self.transaction.run(turned).await;
        }
        self.end(&[row_id]).await?;
        let again = Statement::new(format!(
            "INSERT INTO licences ({COLUMNS}) SELECT licence_number, holder_number, surname, \
             forename, grades, licence_status, distribution_status, distribution_status_ms, \
             application_ms, course_ms, issued_ms, expires_ms, instructor, training_centre, \
             NOT is_current, CAST($1 AS BIGINT) FROM licences WHERE row_id = $2"
        ));
        self.transaction
            .run(with(again, &[self.state, row_id]))
            .await
    }

    async fn end(&mut self, row_ids: &[i64]) -> Result<(), DbError> {
        for row_id in row_ids {
            let end = Statement::new("UPDATE licences SET ended = $1 WHERE row_id = $2");
            let end = with(end, &[self.state, *row_id]);
            self.transaction.run(end).await?;
        }
        Ok(())
    }

    /// The rows of the register as it stands that have one of these values in a column.
    async fn standing(
        &mut self,
        column: &'static str,
        values: impl Iterator<Item = &str>,
    ) -> Result<Vec<Row>, DbError> {
        let mut values: Vec<&str> = values.collect();
        values.sort_unstable();
        values.dedup();
        let Some(last) = values.last().copied() else {
            return Ok(Vec::new());
        };
        // Few texts serve all numbers of values, so that their plans are kept.
        let count = values.len().next_power_of_two();
        let padding = std::iter::repeat(last);
        let padded = values.into_iter().chain(padding).take(count);
        let mut statement = Statement::new(SELECT)
            .then(" WHERE ended IS NULL AND ")
            .then(column)
            .then(" IN (");
        for (at, value) in padded.enumerate() {
            let joint = if at == 0 { "" } else { ", " };
            statement = statement.then(joint).bound(Value::any_text(value));
        }
        let statement = statement.then(")");
        let rows = self.transaction.rows::<LicenceRow>(statement).await?;
        rows.into_iter().map(LicenceRow::row).collect()
    }
}

/// What tells the newest licence of a holder.
fn age(licence: &Licence) -> (i64, &str) {
    (licence.issued_ms, &licence.licence_number)
}

fn insertion(fresh: &[Fresh], state: i64) -> Statement {
    let mut statement = Statement::new(format!("INSERT INTO licences ({COLUMNS}) VALUES "));
    for (at, one) in fresh.iter().enumerate() {
        statement = statement.then(if at == 0 { "(" } else { ", (" });
        let mut values = values(&one.licence, state);
        values[14] = Value::Boolean(one.is_current);
        for (at, value) in values.into_iter().enumerate() {
            statement = statement.then(if at == 0 { "" } else { ", " }).bound(value);
        }
        statement = statement.then(")");
    }
    statement
}
