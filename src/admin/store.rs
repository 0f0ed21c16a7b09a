//! What the Admin API manages, in the database: one domain act a method, atomic inside.
//!
//! Every change is one of [`crate::changes`]: made alone, so that a rule that was checked still
//! holds when the change is durable, and recorded in the audit trail.

mod applications;
mod claim_sets;
mod instances;
mod vendors;

use crate::changes::Change;
use crate::changes::store::refuse;
use crate::db::{Db, DbError, Statement, Value};

/// The instance that is there in single-instance mode.
pub const SINGLE_INSTANCE: i64 = 1;

/// Keeps vendors, claim sets, instances and applications; clones share the database.
#[derive(Clone, Debug)]
pub struct Store {
    db: Db,
}

/// A part of a list.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// How many items to leave out at the start.
    pub offset: i64,
    /// How many items to list at most.
    pub limit: i64,
}

impl Store {
    /// What is managed in this database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

impl Store {
    /// Records that a change was refused with this status.
    ///
    /// # Errors
    /// The database failed.
    pub async fn record(&self, change: Change, status: u16) -> Result<(), DbError> {
        refuse(&self.db, change, status).await
    }
}

impl Page {
    fn of(self, statement: Statement) -> Statement {
        let statement = statement.then(" LIMIT ").bound(number(self.limit));
        statement.then(" OFFSET ").bound(number(self.offset))
    }
}

fn number(number: i64) -> Value {
    Value::Integer(Some(number))
}
