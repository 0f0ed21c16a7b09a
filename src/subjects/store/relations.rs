//! Equivalencies and scheduling relationships: the ranges of each pair, in both directions.
//!

use std::collections::BTreeMap;

use super::values::{batches, number, range, text};
use crate::db::{DbError, Statement, Transaction, Value};
use crate::subjects::domain::ranges::{EffectiveTerms, Ranges};
use crate::subjects::domain::relations::{Action, Change, Pair, Star};
use crate::subjects::domain::subject::ContainerId;
use crate::subjects::domain::violations::Relation;

/// The table of a relation, and its column for the other container.
fn table(relation: Relation) -> (&'static str, &'static str) {
    match relation {
        Relation::Equivalency => ("subject_container_equiv", "equiv_container_id"),
        Relation::Scheduling => ("subject_container_relation", "related_container_id"),
    }
}

/// A row: container, other container, first and last term.
pub type Row = (i64, i64, String, String);

/// A row as the domain has it.
pub type Directed = (ContainerId, ContainerId, EffectiveTerms);

fn directed(relation: Relation, rows: Vec<Row>) -> Result<Vec<Directed>, DbError> {
    rows.into_iter().map(|row| stored(relation, row)).collect()
}

/// A row of a relation as the domain has it.
///
/// # Errors
/// Its terms are none.
pub fn stored(relation: Relation, (one, other, from, thru): Row) -> Result<Directed, DbError> {
    let terms = range(
        (&from, &thru),
        table(relation).0,
        format_args!("{one}-{other}"),
    )?;
    Ok((ContainerId(one), ContainerId(other), terms))
}

/// `star(C)`.
///
/// # Errors
/// The database failed.
pub async fn star(
    transaction: &mut Transaction<'_>,
    relation: Relation,
    of: ContainerId,
) -> Result<Star, DbError> {
    let (table, other) = table(relation);
    let sql = format!(
        "SELECT container_id, {other}, from_term, thru_term FROM {table} WHERE container_id = $1"
    );
    let rows = transaction.rows(Statement::new(sql).bind(number(of)));
    let rows = directed(relation, rows.await?)?;
    let mut star: BTreeMap<ContainerId, Vec<EffectiveTerms>> = BTreeMap::new();
    for (_, other, terms) in rows {
        star.entry(other).or_default().push(terms);
    }
    let star = star.into_iter();
    Ok(star
        .map(|(other, terms)| (other, terms.into_iter().collect()))
        .collect())
}

/// The ranges of pairs; those without any are left out.
///
/// # Errors
/// The database failed.
pub async fn pairs(
    transaction: &mut Transaction<'_>,
    relation: Relation,
    pairs: &[Pair],
) -> Result<BTreeMap<Pair, Ranges>, DbError> {
    let (table, other) = table(relation);
    let wanted = pairs
        .iter()
        .map(|pair| vec![number(pair.low()), number(pair.high())]);
    let end = format!(
        ") SELECT r.container_id, r.{other}, r.from_term, r.thru_term FROM wanted w \
         JOIN {table} r ON r.container_id = w.low AND r.{other} = w.high"
    );
    let mut found: BTreeMap<Pair, Vec<EffectiveTerms>> = BTreeMap::new();
    for statement in batches("WITH wanted (low, high) AS (", wanted.collect(), &end) {
        for (one, other, terms) in directed(relation, transaction.rows(statement).await?)? {
            found
                .entry(Pair::new(one, other).unwrap_or(pairs[0]))
                .or_default()
                .push(terms);
        }
    }
    let found = found.into_iter();
    Ok(found
        .map(|(pair, terms)| (pair, terms.into_iter().collect()))
        .collect())
}

/// The equivalency rows of containers that do not lie within a range: each with the range in which
/// its clique is known already. They are found by their ends, so that what lies within is not read.
///
/// # Errors
/// The database failed.
pub async fn outside(
    transaction: &mut Transaction<'_>,
    known: &BTreeMap<ContainerId, EffectiveTerms>,
) -> Result<Vec<Directed>, DbError> {
    let relation = Relation::Equivalency;
    let (table, other) = table(relation);
    let near = known.iter().map(|(id, terms)| {
        let (from, thru) = (terms.from().to_string(), terms.thru().to_string());
        vec![number(*id), text(from), text(thru)]
    });
    let columns = format!("r.container_id, r.{other}, r.from_term, r.thru_term");
    let end = format!(
        ") SELECT {columns} FROM near n JOIN {table} r \
         ON r.container_id = n.id AND r.from_term < n.first \
         UNION SELECT {columns} FROM near n JOIN {table} r \
         ON r.container_id = n.id AND r.thru_term > n.last"
    );
    let mut found = Vec::new();
    for statement in batches("WITH near (id, first, last) AS (", near.collect(), &end) {
        found.extend(directed(relation, transaction.rows(statement).await?)?);
    }
    Ok(found)
}

/// Writes changes of a relation in both directions: what begins or ends otherwise by one kind of
/// statement, what is gone by another.
///
/// # Errors
/// The database failed.
pub async fn write(
    transaction: &mut Transaction<'_>,
    relation: Relation,
    changes: &[Change],
) -> Result<(), DbError> {
    let (table, other) = table(relation);
    let (gone, kept): (Vec<_>, Vec<_>) = changes
        .iter()
        .partition(|change| change.action == Action::Delete);
    let rows = |changes: Vec<&Change>, with_thru: bool| -> Vec<Vec<Value>> {
        let directed = changes.into_iter().flat_map(|change| {
            let directions = change.pair.directed();
            directions.map(|(one, other)| (one, other, change.terms))
        });
        let row = |(one, other, terms): Directed| {
            let thru = with_thru.then(|| text(terms.thru().to_string()));
            let key = [number(one), number(other), text(terms.from().to_string())];
            key.into_iter().chain(thru).collect()
        };
        directed.map(row).collect()
    };
    let start = "WITH gone (one, other, first) AS (".to_owned();
    let end = format!(
        ") DELETE FROM {table} WHERE (container_id, {other}, from_term) IN \
         (SELECT one, other, first FROM gone)"
    );
    for statement in batches(&start, rows(gone, false), &end) {
        transaction.run(statement).await?;
    }
    let start = format!("INSERT INTO {table} (container_id, {other}, from_term, thru_term) ");
    let end = format!(
        " ON CONFLICT (container_id, {other}, from_term) \
         DO UPDATE SET thru_term = excluded.thru_term"
    );
    for statement in batches(&start, rows(kept, true), &end) {
        transaction.run(statement).await?;
    }
    Ok(())
}
