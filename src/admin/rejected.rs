//! What becomes of a request that does not reach its operation: the rules that the contract cannot
//! say are checked too, as far as the body lets them, so that a client learns of everything at
//! once; and a change that a client asked for in vain is recorded.

use serde_json::Value;
use specwright_runtime::RequestInfo;
use specwright_runtime::private::Method;

use super::domain::{company_refused, prefixes_refused};
use super::store::Store;
use crate::auth::clients::scopes_refused;
use crate::auth::scopes;
use crate::changes::{Broken, Change};
use crate::db::DbError;
use crate::effects::Effects;

/// Looks after rejected requests.
pub struct Rejected {
    store: Store,
    effects: Effects,
}

impl Rejected {
    /// Over this store.
    pub fn new(store: Store, effects: Effects) -> Self {
        Self { store, effects }
    }

    /// The rules beyond the contract that a request breaks, which breaks the contract already.
    /// Only somebody with credentials learns what is in the store.
    pub async fn further(&self, request: &RequestInfo<'_>) -> Vec<Broken> {
        let body = request.body.map(serde_json::from_str::<Value>);
        let (Some(operation), Some(Ok(body)), true) =
            (request.operation, body, request.client.is_some())
        else {
            return Vec::new();
        };
        let broken = self.broken(operation.id, request.path, &body).await;
        broken.unwrap_or_else(|error| {
            let request_id = request.request_id;
            tracing::warn!(request_id, %error, "further rules could not be checked");
            Vec::new()
        })
    }

    async fn broken(
        &self,
        operation: &str,
        path: &str,
        body: &Value,
    ) -> Result<Vec<Broken>, DbError> {
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let number = |name: &str| body.get(name).and_then(Value::as_i64);
        match operation {
            "create_vendor" | "update_vendor" => {
                let company = text("company").and_then(company_refused);
                let prefixes = text("namespacePrefixes").and_then(prefixes_refused);
                Ok(company.into_iter().chain(prefixes).collect())
            }
            "create_application" | "update_application" => {
                // What the contract refuses by itself is no reference.
                let vendor = number("vendorId").filter(|id| *id > 0);
                let claim_set = text("claimSetName").filter(|name| !name.is_empty());
                self.store.broken_references(vendor, claim_set).await
            }
            "create_instance" | "update_instance" => {
                let own = path.trim_end_matches('/').rsplit('/').next();
                let own = own.and_then(|id| id.parse().ok());
                match text("name") {
                    Some(name) => self.store.broken_name(name, own).await,
                    None => Ok(Vec::new()),
                }
            }
            "register_client" => {
                let scopes = text("scope").map(scopes::parse);
                let refused = scopes.as_deref().and_then(scopes_refused);
                Ok(refused.into_iter().collect())
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Records that a change was refused, when it is known who asked for it.
    pub async fn record(&self, status: u16, request: &RequestInfo<'_>) {
        let (Some(client), Some(operation)) = (request.client, request.operation) else {
            return;
        };
        // Whoever asks for a token has proved nothing yet; and what failed is no refusal.
        let is_change = operation.method != Method::Get && operation.id != "issue_token";
        if !is_change || !(400..500).contains(&status) {
            return;
        }
        let change = Change {
            client_id: client.to_owned(),
            operation: operation.id.to_owned(),
            target: request.path.trim_end_matches('/').to_owned(),
            request_id: request.request_id.to_owned(),
            at: self.effects.now(),
            repeat: None,
        };
        if let Err(error) = self.store.record(change, status).await {
            let request_id = request.request_id;
            tracing::error!(request_id, %error, "a refusal could not be recorded");
        }
    }
}
