//! The Admin API: `openapi/admin.yaml`.

pub mod contract;

pub mod domain;
pub mod service;

mod answers;
mod identity;

pub mod store;

pub mod demo;
pub mod errors;
pub mod rejected;

use std::sync::Arc;

use specwright_runtime::{Limits, Mount, mount as mounted};

use crate::auth::secret::Secret;
use crate::auth::{Auth, AuthError};
use crate::config::{Config, DEMO_ID, DEMO_SECRET};
use crate::db::Db;
use crate::effects::Effects;
use crate::telemetry::Metrics;
use contract::AdminApi;
use domain::InstanceData;
use errors::Fields;
use rejected::Rejected;
use service::Service;
use store::Store;

/// The audience of the tokens that this API accepts; `openapi/admin.yaml` names it.
pub const AUDIENCE: &str = "edfi_admin_api";

/// Where this API words what is not found.
const PREFIXES: [&str; 2] = ["/v1/admin", "/v1/identity"];

/// The behaviour, as configured.
pub fn service(config: &Config, db: Db, auth: Auth, effects: Effects) -> Service {
    Service::new(config, Store::new(db), auth, effects)
}

/// The API, ready to be hosted.
pub fn mount(service: Service, config: &Config, effects: &Effects, metrics: Arc<Metrics>) -> Mount {
    let effects = effects.clone();
    let rejected = Rejected::new(service.store.clone(), effects.clone());
    let mut api = mounted(AdminApi(service))
        .wording(Fields::new(rejected))
        .limits(Limits {
            body_bytes: config.body_limit_bytes,
            ..Limits::default()
        })
        .timeout(config.request_timeout)
        .trailing_slash(true)
        .metrics(metrics)
        .ids(Arc::new(move || effects.new_request_id()));
    for prefix in PREFIXES {
        api = api.claims(prefix);
    }
    api
}

/// Makes what has to be there before the first request: the keys of the tokens, and the instance
/// of single-instance mode.
///
/// # Errors
/// The database failed, or there is no randomness.
pub async fn prepare(config: &Config, db: &Db, auth: &Auth) -> Result<(), AuthError> {
    if config.auth.sealing.is_none() && !config.demo {
        tracing::warn!(
            "signing keys are in the database in clear; give a key to seal them with by \
             --key-encryption-key-file"
        );
    }
    auth.renew().await?;
    if !config.multi_instance {
        let instance = InstanceData {
            name: "Default instance".to_owned(),
            instance_type: "Single instance".to_owned(),
            year: None,
            api_url: config.instance_api_url.clone(),
        };
        Store::new(db.clone())
            .ensure_single_instance(&instance)
            .await?;
    }
    Ok(())
}

/// Stores the demo data that are not there yet: a client that may do everything, and something to
/// look at.
///
/// # Errors
/// The database failed.
pub async fn fill_demo(db: &Db, auth: &Auth, effects: &Effects) -> Result<(), AuthError> {
    let secret = Secret::new(DEMO_SECRET.to_owned());
    auth.register_unless_known(DEMO_ID, secret).await?;
    demo::fill(&Store::new(db.clone()), effects).await?;
    Ok(())
}
