//! Vendors in the database.

use sqlx::FromRow;

use super::{Page, Store, number};
use crate::admin::domain::{Precondition, Vendor, VendorData, Version, Versioned};
use crate::changes::store::{make, next_number};
use crate::changes::{Change, Made, Refusal};
use crate::db::{DbError, Statement, Transaction, Value, from_text};

const COLUMNS: &str = "vendor_id, company, namespace_prefixes, contact_name, \
                       contact_email_address, version";

impl Store {
    /// One page of the vendors, by company.
    ///
    /// # Errors
    /// The database failed.
    pub async fn vendors(&self, page: Page) -> Result<Vec<Vendor>, DbError> {
        let sql = format!("SELECT {COLUMNS} FROM admin_vendors ORDER BY company, vendor_id");
        let rows = self
            .db
            .read::<VendorRow>(page.of(Statement::new(sql)))
            .await?;
        Ok(rows.into_iter().map(|row| row.vendor().value).collect())
    }

    /// The vendor with this number.
    ///
    /// # Errors
    /// The database failed.
    pub async fn vendor(&self, id: i64) -> Result<Option<Versioned<Vendor>>, DbError> {
        let row = self.db.read_one::<VendorRow>(by_id(id)).await?;
        Ok(row.map(VendorRow::vendor))
    }

    /// Adds a vendor.
    ///
    /// # Errors
    /// The database failed.
    pub async fn create_vendor(
        &self,
        change: Change,
        data: VendorData,
    ) -> Result<Result<Versioned<Vendor>, Refusal>, DbError> {
        make(&self.db, change, move |transaction| {
            Box::pin(async move {
                let id = next_number(transaction, "vendor").await?;
                let insert = Statement::new(
                    "INSERT INTO admin_vendors (vendor_id, company, namespace_prefixes, \
                     contact_name, contact_email_address, version) \
                     VALUES ($1, $2, $3, $4, $5, 1)",
                );
                transaction
                    .run(values(insert.bind(number(id)), &data))
                    .await?;
                let value = Vendor { id, data };
                let target = format!("/v1/admin/vendors/{id}");
                Ok(Ok(Made::created(target, Versioned { value, version: 1 })))
            })
        })
        .await
    }

    /// Changes a vendor.
    ///
    /// # Errors
    /// The database failed.
    pub async fn update_vendor(
        &self,
        change: Change,
        id: i64,
        data: VendorData,
        precondition: Precondition,
    ) -> Result<Result<Version, Refusal>, DbError> {
        make(&self.db, change, move |transaction| {
            Box::pin(async move {
                let Some(found) = find(transaction, id).await? else {
                    return Ok(Err(not_found(id)));
                };
                if !precondition.allows(found.version) {
                    return Ok(Err(Refusal::Stale));
                }
                let update = Statement::new(
                    "UPDATE admin_vendors SET company = $1, namespace_prefixes = $2, \
                     contact_name = $3, contact_email_address = $4, version = version + 1 \
                     WHERE vendor_id = $5",
                );
                transaction
                    .run(values(update, &data).bind(number(id)))
                    .await?;
                Ok(Ok(Made::new(204, found.version + 1)))
            })
        })
        .await
    }

    /// Deletes a vendor and its applications in every instance.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete_vendor(
        &self,
        change: Change,
        id: i64,
    ) -> Result<Result<Vendor, Refusal>, DbError> {
        make(&self.db, change, move |transaction| {
            Box::pin(async move {
                let Some(found) = find(transaction, id).await? else {
                    return Ok(Err(not_found(id)));
                };
                for sql in [
                    "DELETE FROM admin_applications WHERE vendor_id = $1",
                    "DELETE FROM admin_vendors WHERE vendor_id = $1",
                ] {
                    transaction
                        .run(Statement::new(sql).bind(number(id)))
                        .await?;
                }
                Ok(Ok(Made::new(200, found.value)))
            })
        })
        .await
    }
}

async fn find(
    transaction: &mut Transaction<'_>,
    id: i64,
) -> Result<Option<Versioned<Vendor>>, DbError> {
    let row = transaction.row::<VendorRow>(by_id(id)).await?;
    Ok(row.map(VendorRow::vendor))
}

fn by_id(id: i64) -> Statement {
    let sql = format!("SELECT {COLUMNS} FROM admin_vendors WHERE vendor_id = $1");
    Statement::new(sql).bind(number(id))
}

fn values(statement: Statement, data: &VendorData) -> Statement {
    statement
        .bind(Value::any_text(&data.company))
        .bind(Value::any_text(&data.namespace_prefixes))
        .bind(Value::any_text(&data.contact_name))
        .bind(Value::any_text(&data.contact_email_address))
}

fn not_found(id: i64) -> Refusal {
    Refusal::NotFound { kind: "vendor", id }
}

#[derive(FromRow)]
struct VendorRow {
    vendor_id: i64,
    company: String,
    namespace_prefixes: String,
    contact_name: String,
    contact_email_address: String,
    version: i64,
}

impl VendorRow {
    fn vendor(self) -> Versioned<Vendor> {
        let data = VendorData {
            company: from_text(self.company),
            namespace_prefixes: from_text(self.namespace_prefixes),
            contact_name: from_text(self.contact_name),
            contact_email_address: from_text(self.contact_email_address),
        };
        Versioned {
            value: Vendor {
                id: self.vendor_id,
                data,
            },
            version: self.version,
        }
    }
}
