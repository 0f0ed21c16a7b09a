//! Licence data services: `openapi/licences.v1.1.yaml` and `openapi/licences.v1.2.yaml`, one
//! behaviour under both.

pub mod contract;

pub mod domain;
pub mod service;
pub mod versions;

pub mod index;
pub mod store;

pub mod demo;
pub mod errors;

use std::sync::Arc;
use std::time::Duration;

use specwright_runtime::private::{Contract, OpenApi};
use specwright_runtime::{Limits, Mount, mount as mounted};
use tokio::sync::watch;

use crate::auth::Auth;
use crate::config::Config;
use crate::db::{DbError, Remote};
use crate::effects::Effects;
use crate::telemetry::Metrics;
use contract::{v1_1, v1_2};
use errors::ByParameter;
use service::Service;
use store::Store;

/// The audience of the tokens that this API accepts.
pub const AUDIENCE: &str = "licences";

/// How long a state of the register can be looked at.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// How often old states are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60 * 60);

/// The behaviour over the register in this database.
pub fn service(db: Remote, auth: Auth) -> Service {
    Service::new(Store::new(db), auth)
}

/// Whether an API is a version of this one, by its name.
pub fn is_version(name: &str) -> bool {
    [v1_1::API.name, v1_2::API.name].contains(&name)
}

/// A version of the API, ready to be hosted: the one with this name.
pub fn mount(
    name: &str,
    service: Service,
    config: &Config,
    effects: &Effects,
    metrics: Arc<Metrics>,
) -> Mount {
    if name == v1_1::API.name {
        let api = v1_1::LicencesV1N1Api(service);
        return hosted(api, config, effects, metrics).claims("/licence/v1.1");
    }
    let api = v1_2::LicencesV1N2Api(service);
    hosted(api, config, effects, metrics).claims("/licence/v1.2")
}

fn hosted<T: OpenApi + Contract>(
    api: T,
    config: &Config,
    effects: &Effects,
    metrics: Arc<Metrics>,
) -> Mount {
    let effects = effects.clone();
    mounted(api)
        .wording(ByParameter)
        .limits(Limits {
            body_bytes: config.body_limit_bytes,
            ..Limits::default()
        })
        .timeout(config.request_timeout)
        .trailing_slash(true)
        .public_url(config.public_url.clone())
        .trusted_proxies(&config.trusted_proxies)
        .metrics(metrics)
        .ids(Arc::new(move || effects.new_request_id()))
}

/// Stores the demo licences that are not there yet.
///
/// # Errors
/// The database failed.
pub async fn fill_demo(db: Remote, effects: &Effects) -> Result<(), DbError> {
    let now_ms = effects.now().timestamp_millis();
    Store::new(db).put(demo::licences(), now_ms).await.map(drop)
}

/// Reads the register into memory, and forgets its old states from time to time, until told to
/// stop.
pub async fn keep(service: &Service, effects: &Effects, mut stopped: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(FORGET_EVERY);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopped.wait_for(|stopped| *stopped) => return,
        }
        let kept_ms = i64::try_from(KEPT.as_millis()).unwrap_or(i64::MAX);
        let before_ms = effects.now().timestamp_millis().saturating_sub(kept_ms);
        if let Err(error) = service.keep(before_ms).await {
            tracing::error!(%error, "the register could not be kept; trying again later");
        }
    }
}
