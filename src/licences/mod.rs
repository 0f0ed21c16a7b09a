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
pub mod files;

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

/// How long it takes until the register is read again, when it could not be read.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// How long that takes at most, after many attempts.
const LAST_PAUSE: Duration = Duration::from_secs(60);

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

/// Stores the demo licences in a register that has none.
///
/// # Errors
/// The database failed.
pub async fn fill_demo(db: Remote, effects: &Effects) -> Result<(), DbError> {
    let store = Store::new(db);
    if !store.is_empty().await? {
        return Ok(());
    }
    let now_ms = effects.now().timestamp_millis();
    store.put(demo::licences(), now_ms).await.map(drop)
}

/// Reads the register into memory, and forgets its old states from time to time, until told to
/// stop. What fails is tried again soon, and less and less often while it does.
pub async fn keep(service: &Service, effects: &Effects, mut stopped: watch::Receiver<bool>) {
    let mut pause = FIRST_PAUSE;
    loop {
        let kept_ms = i64::try_from(KEPT.as_millis()).unwrap_or(i64::MAX);
        let before_ms = effects.now().timestamp_millis().saturating_sub(kept_ms);
        let wait = match service.keep(before_ms).await {
            Ok(()) => {
                pause = FIRST_PAUSE;
                FORGET_EVERY
            }
            Err(error) => {
                tracing::error!(%error, "the register could not be kept; trying again later");
                let wait = pause;
                pause = (pause * 2).min(LAST_PAUSE);
                wait
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = stopped.wait_for(|stopped| *stopped) => return,
        }
    }
}
