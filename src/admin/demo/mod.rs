//! The vendors and applications a first run shows.

use crate::admin::domain::{ApplicationData, VendorData};
use crate::admin::store::{Page, SINGLE_INSTANCE, Store};
use crate::auth::AuthError;
use crate::auth::secret::Secret;
use crate::changes::{Change, OPERATOR};
use crate::effects::Effects;

/// The length of the key of an application, in characters.
const KEY_LENGTH: usize = 12;

/// Stores the demo vendors and an application, unless there are vendors.
///
/// # Errors
/// The database failed, or there is no randomness.
pub async fn fill(store: &Store, effects: &Effects) -> Result<(), AuthError> {
    let first = Page {
        offset: 0,
        limit: 1,
    };
    if !store.vendors(first).await?.is_empty() {
        return Ok(());
    }
    let change = |operation: &str, target: &str| Change {
        client_id: OPERATOR.to_owned(),
        operation: operation.to_owned(),
        target: target.to_owned(),
        request_id: "demo".to_owned(),
        at: effects.now(),
        repeat: None,
    };
    let mut vendor_id = None;
    for vendor in vendors() {
        let change = change("create_vendor", "/v1/admin/vendors");
        if let Ok(vendor) = store.create_vendor(change, vendor).await? {
            vendor_id.get_or_insert(vendor.value.id);
        }
    }
    let (Some(vendor_id), Some(_)) = (vendor_id, store.instance(SINGLE_INSTANCE).await?) else {
        return Ok(());
    };
    let application = ApplicationData {
        name: "Summit SIS".to_owned(),
        vendor_id,
        claim_set_name: "SIS Vendor".to_owned(),
        education_organization_ids: vec![255_901],
    };
    let key = Secret::generate(effects, KEY_LENGTH)?.reveal();
    let change = change("create_application", "/v1/admin/instances/1/applications");
    // A refusal would leave the demo with less to look at, and nothing broken.
    let _ = store
        .create_application(change, SINGLE_INSTANCE, application, key)
        .await?;
    Ok(())
}

fn vendors() -> [VendorData; 2] {
    let vendor = |company: &str, prefix: &str, name: &str, address: &str| VendorData {
        company: company.to_owned(),
        namespace_prefixes: prefix.to_owned(),
        contact_name: name.to_owned(),
        contact_email_address: address.to_owned(),
    };
    [
        vendor(
            "Summit Software",
            "uri://summit.example",
            "Ada Byron",
            "ada@summit.example",
        ),
        vendor(
            "Harbour Assessments",
            "uri://harbour.example,uri://tests.harbour.example",
            "Grace Hopper",
            "grace@harbour.example",
        ),
    ]
}
