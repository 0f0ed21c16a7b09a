//! Many licences at once, in batches inside one transaction, so that memory stays what it is.

use std::collections::{HashMap, HashSet};

use sqlx::FromRow;
use tokio::sync::mpsc::Receiver;

use super::{COLUMNS, LOCK, LicenceRow, SELECT, Store, again, values_of, with};
use crate::db::{self, DbError, Statement, Transaction, Value};
use crate::licences::domain::{Licence, Row};

/// What comes to be stored.
#[derive(Debug)]
pub enum Batch {
    /// So many licences, at most [`BATCH`].
    Licences(Vec<Licence>),
    /// That was all.
    End,
}

/// How many licences a batch has at most.
pub const BATCH: usize = 1_000;

/// After how many batches the table is so much larger that the engine looks at it again.
const LOOKS: [u64; 4] = [8, 64, 512, 4_096];

/// How many values one statement looks for: so few that connections keep it prepared for the next
/// time.
const LOOKED_FOR: usize = 256;

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
    /// The largest id of a row of an older state.
    last_row_id: i64,
    /// Whether anything is new in it.
    is_made: bool,
    /// The last licence number of a register that was empty, in the order of bytes: nothing is
    /// known yet of those behind it, which all are when a file is sorted.
    last_number: Option<String>,
    imported: Imported,
    /// How many batches have come.
    batches: u64,
}

/// What decides which row of a holder is the newest.
#[derive(FromRow)]
struct Known {
    row_id: i64,
    holder_number: String,
    licence_number: String,
    issued_ms: i64,
}

impl<'c> Import<'c> {
    async fn begin(mut transaction: Transaction<'c>, now_ms: i64) -> Result<Self, DbError> {
        let last = Statement::new("SELECT MAX(state) FROM licence_states");
        let last = transaction.row::<(Option<i64>,)>(last).await?;
        let last = last.and_then(|(state,)| state).unwrap_or_default();
        let row_id = Statement::new("SELECT MAX(row_id) FROM licences");
        let row_id = transaction.row::<(Option<i64>,)>(row_id).await?;
        Ok(Self {
            transaction,
            now_ms,
            state: last + 1,
            last_row_id: row_id.and_then(|(row_id,)| row_id).unwrap_or_default(),
            is_made: false,
            last_number: (last == 0).then(String::new),
            imported: Imported::default(),
            batches: 0,
        })
    }

    async fn store(&mut self, licences: Vec<Licence>) -> Result<(), DbError> {
        if LOOKS.contains(&self.batches) {
            self.transaction.look_at(COLUMNS.table).await?;
        }
        self.batches += 1;
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
        let marks = self.marks(&fresh, &left).await?;
        let state = self.state;
        let rows = fresh.into_iter().zip(marks);
        let rows = rows.map(|(licence, is_current)| values_of(licence, is_current, state));
        self.transaction.insert(COLUMNS, rows).await
    }

    /// The licences that get rows, and the holders of the rows that they had before, which end.
    async fn fresh(
        &mut self,
        licences: Vec<Licence>,
    ) -> Result<(Vec<Licence>, Vec<String>), DbError> {
        let mut standing = self.standing(&licences).await?;
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
    async fn marks(&mut self, licences: &[Licence], left: &[String]) -> Result<Vec<bool>, DbError> {
        let holders = licences.iter().map(|one| &one.holder_number);
        let holders = holders.chain(left).map(String::as_str);
        let standing = self.of_holders(holders).await?;
        let marked = self.marked(left).await?;
        let left: HashSet<&str> = left.iter().map(String::as_str).collect();
        // The newest row of each holder, standing or new, by its place: new ones follow the others.
        let known = standing.iter().map(Known::age);
        let all: Vec<(&str, Age<'_>)> = known.chain(licences.iter().map(age)).collect();
        let before = newest(&all[..standing.len()]);
        let after = newest(&all);
        let wrong = standing.iter().enumerate().filter(|(at, row)| {
            // Where no row has ended, the newest one that stands is the one that is marked.
            let is_current = match left.contains(row.holder_number.as_str()) {
                true => marked.contains(&row.row_id),
                false => before.get(all[*at].0) == Some(at),
            };
            is_current != (after.get(all[*at].0) == Some(at))
        });
        let wrong = wrong.map(|(_, row)| row.row_id);
        let (own, older): (Vec<i64>, Vec<i64>) =
            wrong.partition(|row_id| *row_id > self.last_row_id);
        let is_newest = |at: usize| after.get(all[at].0) == Some(&at);
        let marks: Vec<bool> = (standing.len()..all.len()).map(is_newest).collect();
        drop((before, after, all));
        self.turn_own(&own).await?;
        for row_id in older {
            self.turn(row_id).await?;
        }
        Ok(marks)
    }

    /// Gives rows of the state that is being made the other mark.
    async fn turn_own(&mut self, row_ids: &[i64]) -> Result<(), DbError> {
        for ids in row_ids.chunks(LOOKED_FOR) {
            let turned = "UPDATE licences SET is_current = NOT is_current WHERE row_id IN ";
            let ids = padded(ids).map(|id| Value::Integer(Some(*id)));
            let turned = Statement::new(turned).bound_list(ids);
            self.transaction.run(turned).await?;
        }
        Ok(())
    }

    /// Gives a row of an older state the other mark: it ends and comes again, because states that
    /// were made stay what they are.
    async fn turn(&mut self, row_id: i64) -> Result<(), DbError> {
        self.end(&[row_id]).await?;
        self.transaction.run(again(row_id, self.state)).await
    }

    async fn end(&mut self, row_ids: &[i64]) -> Result<(), DbError> {
        for row_id in row_ids {
            let end = Statement::new("UPDATE licences SET ended = $1 WHERE row_id = $2");
            let end = with(end, &[self.state, *row_id]);
            self.transaction.run(end).await?;
        }
        Ok(())
    }

    /// The rows of the register as it stands that have the numbers of these licences, by them.
    async fn standing(&mut self, licences: &[Licence]) -> Result<HashMap<String, Row>, DbError> {
        let numbers = || licences.iter().map(|one| one.licence_number.as_str());
        let mut wanted: Vec<&str> = match &self.last_number {
            Some(last) => numbers()
                .filter(|number| *number <= last.as_str())
                .collect(),
            None => numbers().collect(),
        };
        if let Some(last) = &mut self.last_number {
            let highest = numbers().max().filter(|number| *number > last.as_str());
            *last = highest.map_or_else(|| std::mem::take(last), str::to_owned);
        }
        wanted.sort_unstable();
        wanted.dedup();
        let mut standing = HashMap::with_capacity(wanted.len());
        for wanted in wanted.chunks(LOOKED_FOR) {
            let statement = Statement::new(SELECT)
                .then(" WHERE ended IS NULL AND licence_number IN ")
                .bound_list(padded(wanted).map(|number| Value::any_text(number)));
            for row in self.transaction.rows::<LicenceRow>(statement).await? {
                let row = row.row()?;
                standing.insert(row.licence.licence_number.clone(), row);
            }
        }
        Ok(standing)
    }

    /// The rows of these holders that are marked as the newest.
    async fn marked(&mut self, holders: &[String]) -> Result<HashSet<i64>, DbError> {
        let mut marked = HashSet::new();
        for holders in holders.chunks(LOOKED_FOR) {
            let statement = Statement::new(
                "SELECT row_id FROM licences WHERE is_current AND ended IS NULL \
                 AND holder_number IN ",
            );
            let holders = padded(holders).map(|holder| Value::any_text(holder));
            let statement = statement.bound_list(holders);
            let rows = self.transaction.rows::<(i64,)>(statement).await?;
            marked.extend(rows.into_iter().map(|(row_id,)| row_id));
        }
        Ok(marked)
    }

    /// What is known of the rows of these holders, in the register as it stands.
    async fn of_holders(
        &mut self,
        holders: impl Iterator<Item = &str>,
    ) -> Result<Vec<Known>, DbError> {
        let mut holders: Vec<&str> = holders.collect();
        holders.sort_unstable();
        holders.dedup();
        let mut known = Vec::new();
        for holders in holders.chunks(LOOKED_FOR) {
            // The index alone tells this.
            let statement = Statement::new(
                "SELECT row_id, holder_number, licence_number, issued_ms FROM licences \
                 WHERE ended IS NULL AND holder_number IN ",
            );
            let statement =
                statement.bound_list(padded(holders).map(|holder| Value::any_text(holder)));
            known.extend(self.transaction.rows::<Known>(statement).await?);
        }
        for row in &mut known {
            row.holder_number = db::from_text(std::mem::take(&mut row.holder_number));
            row.licence_number = db::from_text(std::mem::take(&mut row.licence_number));
        }
        Ok(known)
    }
}

/// The place of the newest row of each holder.
fn newest<'a>(rows: &[(&'a str, Age<'a>)]) -> HashMap<&'a str, usize> {
    let mut newest = HashMap::with_capacity(rows.len());
    for (at, (holder, age)) in rows.iter().enumerate() {
        let known = newest.entry(*holder).or_insert(at);
        if rows[*known].1 < *age {
            *known = at;
        }
    }
    newest
}

/// The same values, the last one several times: few statements serve all numbers of values, so
/// that they stay prepared.
fn padded<T>(values: &[T]) -> impl Iterator<Item = &T> {
    let count = values.len().next_power_of_two();
    let last = values.last().into_iter().cycle();
    values.iter().chain(last).take(count)
}

/// What tells the newest licence of a holder.
type Age<'a> = (i64, &'a str);

/// The holder of a licence, and its age.
fn age(licence: &Licence) -> (&str, Age<'_>) {
    let age = (licence.issued_ms, licence.licence_number.as_str());
    (&licence.holder_number, age)
}

impl Known {
    fn age(&self) -> (&str, Age<'_>) {
        (&self.holder_number, (self.issued_ms, &self.licence_number))
    }
}
