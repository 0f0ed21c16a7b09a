//! User sessions: `openapi/user-sessions.yaml`.

pub mod contract;

pub mod service;

pub mod query;
pub mod store;

pub mod demo;
pub mod errors;

use std::sync::Arc;
use std::time::Duration;

use specwright_runtime::{Limits, Mount, RequestIds, mount as mounted};
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::config::Config;
use crate::db::{Db, DbError};
use crate::effects::Effects;
use crate::telemetry::Metrics;
use contract::UserSessionsApi;
use errors::Original;
use service::Service;
use store::Store;

/// Where this API words what is not found.
const PREFIXES: [&str; 2] = ["/v1/sessions", "/sessions"];

/// The parameter of the query, or header, with the name of a request.
const CORRELATION_ID: &str = "correlation_id";

/// Media types that clients of the original name when they mean JSON. The original labels its
/// answer `application/json` whatever was asked for, so the contract declares that type alone.
const MEANT_AS_JSON: [&str; 3] = [
    "text/plain",
    "application/octet-stream",
    "application/javascript",
];

/// The behaviour, as configured.
pub fn service(config: &Config, db: Db, effects: Effects) -> Service {
    Service::new(Store::new(db), effects, config.expire_timeout)
}

/// The API, ready to be hosted.
pub fn mount(service: Service, config: &Config, effects: &Effects, metrics: Arc<Metrics>) -> Mount {
    let effects = effects.clone();
    // The correlation id of a request is its name in the log.
    let ids = RequestIds::default()
        .with_query(CORRELATION_ID)
        .with_header(CORRELATION_ID)
        .with_fresh(move || effects.new_request_id());
    let mut api = mounted(UserSessionsApi(service))
        .wording(Original)
        .limits(Limits {
            body_bytes: config.body_limit_bytes,
            ..Limits::default()
        })
        .timeout(config.request_timeout)
        .content_md5(true)
        .metrics(metrics)
        .request_ids(ids)
        .also_accepted(&MEANT_AS_JSON);
    for prefix in PREFIXES {
        api = api.claims(prefix);
    }
    api
}

/// Closes expired sessions every `interval` until told to stop.
pub async fn keep_clean(service: &Service, interval: Duration, mut stopped: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopped.wait_for(|stopped| *stopped) => return,
        }
        if let Err(error) = service.close_expired().await {
            tracing::error!(%error, "expired sessions could not be closed; trying again later");
        }
    }
}

/// Stores the demo sessions that are not there yet.
///
/// # Errors
/// The database failed.
pub async fn fill_demo(db: &Db, effects: &Effects) -> Result<(), DbError> {
    demo::fill(&Store::new(db.clone()), effects.now()).await
}
