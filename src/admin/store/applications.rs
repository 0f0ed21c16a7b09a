//! Applications in the database. An application is found through its own instance only.

use sqlx::FromRow;

use super::{Page, Store, instances, number};
use crate::admin::domain::{
    Access, Application, ApplicationData, Precondition, Version, Versioned,
};
use crate::auth::{Holder, Holders, scopes};
use crate::changes::store::{make, next_number};
use crate::changes::{Broken, Change, Made, Refusal};
use crate::db::{DbError, Statement, Transaction, Value, from_text};

const SELECT: &str = "SELECT application_id, instance_id, admin_applications.name, vendor_id, \
                      admin_claim_sets.name AS claim_set_name, education_organization_ids_json, \
                      version FROM admin_applications \
                      JOIN admin_claim_sets \
                      ON admin_claim_sets.claim_set_id = admin_applications.claim_set_id";

impl Store {
    /// One page of the applications of an instance, by name; `None` when there is no such instance.
    ///
    /// # Errors
    /// The database failed.
    pub async fn applications(
        &self,
        instance_id: i64,
        page: Page,
    ) -> Result<Option<Vec<Application>>, DbError> {
        if self.instance(instance_id).await?.is_none() {
            return Ok(None);
        }
        let sql = format!(
            "{SELECT} WHERE instance_id = $1 ORDER BY admin_applications.name, application_id"
        );
        let statement = page.of(Statement::new(sql).bind(number(instance_id)));
        let rows = self.db.read::<ApplicationRow>(statement).await?;
        let applications = rows.into_iter().map(ApplicationRow::application);
        let applications: Result<_, DbError> = applications
            .map(|application| Ok(application?.value))
            .collect();
        applications.map(Some)
    }

    /// The application with this number, if it is one of the instance.
    ///
    /// # Errors
    /// The database failed.
    pub async fn application(
        &self,
        instance_id: i64,
        id: i64,
    ) -> Result<Option<Versioned<Application>>, DbError> {
        let row = self
            .db
            .read_one::<ApplicationRow>(by_id(instance_id, id))
            .await?;
        row.map(ApplicationRow::application).transpose()
    }

    /// What is wrong with the references of an application, as far as they are given.
    ///
    /// # Errors
    /// The database failed.
    pub async fn broken_references(
        &self,
        vendor_id: Option<i64>,
        claim_set_name: Option<&str>,
    ) -> Result<Vec<Broken>, DbError> {
        let mut wrong = Vec::new();
        if let Some(id) = vendor_id
            && self.db.read_one::<(i64,)>(vendor_with(id)).await?.is_none()
        {
            wrong.push(no_vendor(id));
        }
        if let Some(name) = claim_set_name {
            let found = self.db.read_one::<(i64,)>(claim_set_named(name)).await?;
            wrong.extend(found.is_none().then(no_claim_set));
        }
        Ok(wrong)
    }

    /// Creates an application with this key and without a secret.
    ///
    /// # Errors
    /// The database failed.
    pub async fn create_application(
        &self,
        change: Change,
        instance_id: i64,
        data: ApplicationData,
        key: String,
    ) -> Result<Result<Versioned<Application>, Refusal>, DbError> {
        make(&self.db, change, move |transaction| {
            Box::pin(async move {
                if instances::find(transaction, instance_id).await?.is_none() {
                    return Ok(Err(instances::not_found(instance_id)));
                }
                let claim_set_id = match references(transaction, &data).await? {
                    Ok(claim_set_id) => claim_set_id,
                    Err(refusal) => return Ok(Err(refusal)),
                };
                let id = next_number(transaction, "application").await?;
                let insert = Statement::new(
                    "INSERT INTO admin_applications (name, vendor_id, claim_set_id, \
                     education_organization_ids_json, application_id, instance_id, \
                     application_key, version) VALUES ($1, $2, $3, $4, $5, $6, $7, 1)",
                );
                let insert = values(insert, &data, claim_set_id);
                let insert = insert.bind(number(id)).bind(number(instance_id));
                transaction.run(insert.bind(Value::any_text(&key))).await?;
                let value = Application {
                    id,
                    instance_id,
                    data,
                };
                let target = format!("/v1/admin/instances/{instance_id}/applications/{id}");
                Ok(Ok(Made::created(target, Versioned { value, version: 1 })))
            })
        })
        .await
    }

    /// Changes an application.
    ///
    /// # Errors
    /// The database failed.
    pub async fn update_application(
        &self,
        change: Change,
        instance_id: i64,
        id: i64,
        data: ApplicationData,
        precondition: Precondition,
    ) -> Result<Result<Version, Refusal>, DbError> {
        make(&self.db, change, move |transaction| {
            Box::pin(async move {
                let found = match find(transaction, instance_id, id).await? {
                    Ok(found) => found,
                    Err(refusal) => return Ok(Err(refusal)),
                };
                if !precondition.allows(found.version) {
                    return Ok(Err(Refusal::Stale));
                }
                let claim_set_id = match references(transaction, &data).await? {
                    Ok(claim_set_id) => claim_set_id,
                    Err(refusal) => return Ok(Err(refusal)),
                };
                let update = Statement::new(
                    "UPDATE admin_applications SET name = $1, vendor_id = $2, claim_set_id = $3, \
                     education_organization_ids_json = $4, version = version + 1 \
                     WHERE application_id = $5",
                );
                let update = values(update, &data, claim_set_id).bind(number(id));
                transaction.run(update).await?;
                Ok(Ok(Made::new(204, found.version + 1)))
            })
        })
        .await
    }

    /// Deletes an application.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete_application(
        &self,
        change: Change,
        instance_id: i64,
        id: i64,
    ) -> Result<Result<Application, Refusal>, DbError> {
        make(&self.db, change, move |transaction| {
            Box::pin(async move {
                let found = match find(transaction, instance_id, id).await? {
                    Ok(found) => found,
                    Err(refusal) => return Ok(Err(refusal)),
                };
                let sql = "DELETE FROM admin_applications WHERE application_id = $1";
                transaction
                    .run(Statement::new(sql).bind(number(id)))
                    .await?;
                Ok(Ok(Made::new(200, found.value)))
            })
        })
        .await
    }

    /// Gives an application the secret with this hash; the one before counts no more.
    ///
    /// # Errors
    /// The database failed.
    pub async fn reset_credential(
        &self,
        change: Change,
        instance_id: i64,
        id: i64,
        secret_hash: String,
    ) -> Result<Result<Access, Refusal>, DbError> {
        make(&self.db, change, move |transaction| {
            Box::pin(async move {
                if let Err(refusal) = find(transaction, instance_id, id).await? {
                    return Ok(Err(refusal));
                }
                let Some(instance) = instances::find(transaction, instance_id).await? else {
                    return Ok(Err(instances::not_found(instance_id)));
                };
                let update = Statement::new(
                    "UPDATE admin_applications SET secret_hash = $1 WHERE application_id = $2 \
                     RETURNING application_key",
                );
                let update = update.bind(Value::Text(Some(secret_hash))).bind(number(id));
                let Some((key,)) = transaction.row::<(String,)>(update).await? else {
                    return Ok(Err(not_found(id)));
                };
                let access = Access {
                    application_id: id,
                    key: from_text(key),
                    api_url: instance.value.data.api_url,
                };
                Ok(Ok(Made::new(200, access)))
            })
        })
        .await
    }
}

impl Holders for Store {
    /// An application, by its key: what it may have is its claim set.
    async fn find(&self, key: &str) -> Result<Option<Holder>, DbError> {
        let statement = Statement::new(
            "SELECT admin_applications.secret_hash, admin_claim_sets.name \
             FROM admin_applications JOIN admin_claim_sets \
             ON admin_claim_sets.claim_set_id = admin_applications.claim_set_id \
             WHERE application_key = $1",
        )
        .bind(Value::any_text(key));
        let row: Option<(Option<String>, String)> = self.db.read_one(statement).await?;
        Ok(row.map(|(secret_hash, claim_set)| Holder {
            secret_hash,
            scopes: vec![scopes::of_claim_set(&from_text(claim_set))],
            generation: 1,
        }))
    }
}

/// Checks what an application refers to, and gives the number of its claim set.
async fn references(
    transaction: &mut Transaction<'_>,
    data: &ApplicationData,
) -> Result<Result<i64, Refusal>, DbError> {
    let mut wrong = Vec::new();
    let vendor = transaction.row::<(i64,)>(vendor_with(data.vendor_id));
    if vendor.await?.is_none() {
        wrong.push(no_vendor(data.vendor_id));
    }
    let claim_set = transaction.row::<(i64,)>(claim_set_named(&data.claim_set_name));
    let claim_set = claim_set.await?;
    if claim_set.is_none() {
        wrong.push(no_claim_set());
    }
    Ok(match claim_set {
        Some((claim_set_id,)) if wrong.is_empty() => Ok(claim_set_id),
        _ => Err(Refusal::Invalid(wrong)),
    })
}

fn vendor_with(id: i64) -> Statement {
    let sql = "SELECT vendor_id FROM admin_vendors WHERE vendor_id = $1";
    Statement::new(sql).bind(number(id))
}

fn claim_set_named(name: &str) -> Statement {
    let sql = "SELECT claim_set_id FROM admin_claim_sets WHERE name = $1";
    Statement::new(sql).bind(Value::any_text(name))
}

fn no_vendor(id: i64) -> Broken {
    ("VendorId", format!("Vendor with ID {id} not found."))
}

fn no_claim_set() -> Broken {
    let message = "Please provide a valid claim set name.";
    ("ClaimSetName", message.to_owned())
}

async fn find(
    transaction: &mut Transaction<'_>,
    instance_id: i64,
    id: i64,
) -> Result<Result<Versioned<Application>, Refusal>, DbError> {
    let row = transaction
        .row::<ApplicationRow>(by_id(instance_id, id))
        .await?;
    let application = row.map(ApplicationRow::application).transpose()?;
    Ok(application.ok_or_else(|| not_found(id)))
}

fn by_id(instance_id: i64, id: i64) -> Statement {
    let sql = format!("{SELECT} WHERE instance_id = $1 AND application_id = $2");
    Statement::new(sql)
        .bind(number(instance_id))
        .bind(number(id))
}

fn values(statement: Statement, data: &ApplicationData, claim_set_id: i64) -> Statement {
    // A list of numbers always becomes JSON.
    let ids = serde_json::to_string(&data.education_organization_ids).unwrap_or_default();
    statement
        .bind(Value::any_text(&data.name))
        .bind(number(data.vendor_id))
        .bind(number(claim_set_id))
        .bind(Value::Text(Some(ids)))
}

fn not_found(id: i64) -> Refusal {
    Refusal::NotFound {
        kind: "application",
        id,
    }
}

#[derive(FromRow)]
struct ApplicationRow {
    application_id: i64,
    instance_id: i64,
    name: String,
    vendor_id: i64,
    claim_set_name: String,
    education_organization_ids_json: String,
    version: i64,
}

impl ApplicationRow {
    fn application(self) -> Result<Versioned<Application>, DbError> {
        let ids = serde_json::from_str(&self.education_organization_ids_json);
        let data = ApplicationData {
            name: from_text(self.name),
            vendor_id: self.vendor_id,
            claim_set_name: from_text(self.claim_set_name),
            education_organization_ids: ids.map_err(|_| DbError::Inconsistent {
                table: "admin_applications",
                column: "education_organization_ids_json",
                row: self.application_id.to_string(),
            })?,
        };
        Ok(Versioned {
            value: Application {
                id: self.application_id,
                instance_id: self.instance_id,
                data,
            },
            version: self.version,
        })
    }
}
