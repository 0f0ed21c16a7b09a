//! Instances in the database.

use sqlx::FromRow;

use super::{Page, SINGLE_INSTANCE, Store, number};
use crate::admin::domain::{Instance, InstanceData, Precondition, Versioned};
use crate::changes::store::{make, next_number};
use crate::changes::{Broken, Change, Made, Refusal};
use crate::db::{DbError, Statement, Transaction, Value, from_text};

const COLUMNS: &str = "instance_id, name, instance_type, year, api_url, version";

const INSERT: &str = "INSERT INTO admin_instances \
                      (instance_id, name, instance_type, year, api_url, version) \
                      VALUES ($1, $2, $3, $4, $5, 1)";

const HAS_APPLICATIONS: &str = "There are some Applications associated to this OdsInstance. \
                                Can not be deleted.";

/// The characters that `str::trim` takes away (Unicode, property White_Space).
const BLANKS: &str = "\t\n\u{b}\u{c}\r \u{85}\u{a0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\
                      \u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200a}\u{2028}\u{2029}\u{202f}\
                      \u{205f}\u{3000}";

const TAKEN: &str = "An instance with this name already exists. Please choose another one.";

impl Store {
    /// One page of the instances, by number.
    ///
    /// # Errors
    /// The database failed.
    pub async fn instances(&self, page: Page) -> Result<Vec<Instance>, DbError> {
        let sql = format!("SELECT {COLUMNS} FROM admin_instances ORDER BY instance_id");
        let rows = self
            .db
            .read::<InstanceRow>(page.of(Statement::new(sql)))
            .await?;
        let instances = rows.into_iter().map(InstanceRow::instance);
        instances.map(|instance| Ok(instance?.value)).collect()
    }

    /// The instance with this number.
    ///
    /// # Errors
    /// The database failed.
    pub async fn instance(&self, id: i64) -> Result<Option<Versioned<Instance>>, DbError> {
        let row = self.db.read_one::<InstanceRow>(by_id(id)).await?;
        row.map(InstanceRow::instance).transpose()
    }

    /// Makes the instance of single-instance mode, unless it is there.
    ///
    /// # Errors
    /// The database failed.
    pub async fn ensure_single_instance(&self, data: &InstanceData) -> Result<(), DbError> {
        if self.instance(SINGLE_INSTANCE).await?.is_some() {
            return Ok(());
        }
        // No number is given twice, should the mode change later.
        let counter = Statement::new(
            "INSERT INTO numbers (kind, last) VALUES ('instance', 1) ON CONFLICT (kind) DO NOTHING",
        );
        let insert = values(Statement::new(INSERT).bind(number(SINGLE_INSTANCE)), data);
        let insert = insert.then(" ON CONFLICT (instance_id) DO NOTHING");
        self.db.write_all(vec![counter, insert]).await
    }

    /// Registers an instance.
    ///
    /// # Errors
    /// The database failed.
    pub async fn create_instance(
        &self,
        change: Change,
        data: InstanceData,
    ) -> Result<Result<Versioned<Instance>, Refusal>, DbError> {
        make(&self.db, change, move |transaction| {
            Box::pin(async move {
                if is_taken(transaction, &data.name, None).await? {
                    return Ok(Err(taken()));
                }
                let id = next_number(transaction, "instance").await?;
                let insert = Statement::new(INSERT).bind(number(id));
                transaction.run(values(insert, &data)).await?;
                let value = Instance { id, data };
                let target = format!("/v1/admin/instances/{id}");
                Ok(Ok(Made::created(target, Versioned { value, version: 1 })))
            })
        })
        .await
    }

    /// Changes an instance.
    ///
    /// # Errors
    /// The database failed.
    pub async fn update_instance(
        &self,
        change: Change,
        id: i64,
        data: InstanceData,
        precondition: Precondition,
    ) -> Result<Result<Versioned<Instance>, Refusal>, DbError> {
        make(&self.db, change, move |transaction| {
            Box::pin(async move {
                let Some(found) = find(transaction, id).await? else {
                    return Ok(Err(not_found(id)));
                };
                if !precondition.allows(found.version) {
                    return Ok(Err(Refusal::Stale));
                }
                if is_taken(transaction, &data.name, Some(id)).await? {
                    return Ok(Err(taken()));
                }
                let update = Statement::new(
                    "UPDATE admin_instances SET name = $1, instance_type = $2, year = $3, \
                     api_url = $4, version = version + 1 WHERE instance_id = $5",
                );
                transaction
                    .run(values(update, &data).bind(number(id)))
                    .await?;
                let version = found.version + 1;
                let value = Instance { id, data };
                Ok(Ok(Made::new(200, Versioned { value, version })))
            })
        })
        .await
    }

    /// Removes an instance that has no applications.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete_instance(
        &self,
        change: Change,
        id: i64,
    ) -> Result<Result<Instance, Refusal>, DbError> {
        make(&self.db, change, move |transaction| {
            Box::pin(async move {
                let Some(found) = find(transaction, id).await? else {
                    return Ok(Err(not_found(id)));
                };
                let application = Statement::new(
                    "SELECT application_id FROM admin_applications WHERE instance_id = $1 LIMIT 1",
                );
                let application = transaction.row::<(i64,)>(application.bind(number(id)));
                if application.await?.is_some() {
                    return Ok(Err(Refusal::NotAllowed(HAS_APPLICATIONS)));
                }
                let delete = Statement::new("DELETE FROM admin_instances WHERE instance_id = $1");
                transaction.run(delete.bind(number(id))).await?;
                Ok(Ok(Made::new(200, found.value)))
            })
        })
        .await
    }

    /// What is wrong with a name of an instance: another one than this has it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn broken_name(&self, name: &str, own: Option<i64>) -> Result<Vec<Broken>, DbError> {
        let found = self.db.read_one::<(i64,)>(named(name)).await?;
        let is_taken = found.is_some_and(|(id,)| Some(id) != own);
        Ok(is_taken
            .then(|| ("Name", TAKEN.to_owned()))
            .into_iter()
            .collect())
    }
}

pub(super) async fn find(
    transaction: &mut Transaction<'_>,
    id: i64,
) -> Result<Option<Versioned<Instance>>, DbError> {
    let row = transaction.row::<InstanceRow>(by_id(id)).await?;
    row.map(InstanceRow::instance).transpose()
}

async fn is_taken(
    transaction: &mut Transaction<'_>,
    name: &str,
    except: Option<i64>,
) -> Result<bool, DbError> {
    let found = transaction.row::<(i64,)>(named(name)).await?;
    Ok(found.is_some_and(|(id,)| Some(id) != except))
}

/// The instances of a name, blanks around it aside: nobody could tell such names apart.
fn named(name: &str) -> Statement {
    Statement::new("SELECT instance_id FROM admin_instances WHERE TRIM(name, $2) = $1")
        .bind(Value::any_text(name.trim()))
        .bind(Value::any_text(BLANKS))
}

fn by_id(id: i64) -> Statement {
    let sql = format!("SELECT {COLUMNS} FROM admin_instances WHERE instance_id = $1");
    Statement::new(sql).bind(number(id))
}

fn values(statement: Statement, data: &InstanceData) -> Statement {
    statement
        .bind(Value::any_text(&data.name))
        .bind(Value::any_text(&data.instance_type))
        .bind(Value::Integer(data.year.map(i64::from)))
        .bind(Value::any_text(&data.api_url))
}

fn taken() -> Refusal {
    Refusal::invalid("Name", TAKEN)
}

pub(super) fn not_found(id: i64) -> Refusal {
    Refusal::NotFound {
        kind: "instance",
        id,
    }
}

#[derive(FromRow)]
struct InstanceRow {
    instance_id: i64,
    name: String,
    instance_type: String,
    year: Option<i64>,
    api_url: String,
    version: i64,
}

impl InstanceRow {
    fn instance(self) -> Result<Versioned<Instance>, DbError> {
        let year = self.year.map(i32::try_from).transpose();
        let year = year.map_err(|_| DbError::Inconsistent {
            table: "admin_instances",
            column: "year",
            row: self.instance_id.to_string(),
        })?;
        let data = InstanceData {
            name: from_text(self.name),
            instance_type: from_text(self.instance_type),
            year,
            api_url: from_text(self.api_url),
        };
        Ok(Versioned {
            value: Instance {
                id: self.instance_id,
                data,
            },
            version: self.version,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_trims_as_the_program_does() {
        let blanks = (char::MIN..=char::MAX).filter(|c| c.is_whitespace());
        assert_eq!(blanks.collect::<String>(), BLANKS);
    }
}
