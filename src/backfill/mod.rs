//! The backfill queue: `openapi/backfill.yaml`. Subject management writes its records; here they
//! are read, and worked off.

pub mod contract;

pub mod domain;
pub mod service;

mod answers;

pub mod store;

pub mod errors;
pub mod operate;

use std::sync::Arc;

use specwright_runtime::{Limits, Mount, mount as mounted};

use crate::clients::Clients;
use crate::config::Config;
use crate::db::Db;
use crate::effects::Effects;
use crate::layer::Gate;
use crate::telemetry::Metrics;
use contract::BackfillApi;
use errors::Messages;
use service::Service;
use store::Store;

/// The API whose clients may call this one: whoever may change subjects may know what changed.
pub const CLIENTS_OF: &str = "subjects";

/// Where this API words what is not found.
const PREFIX: &str = "/backfill";

/// The behaviour over the database.
pub fn service(db: Db, clients: Clients, effects: Effects) -> Service {
    Service::new(Store::new(db), Gate::new(CLIENTS_OF, clients), effects)
}

/// The API, ready to be hosted.
pub fn mount(service: Service, config: &Config, effects: &Effects, metrics: Arc<Metrics>) -> Mount {
    let effects = effects.clone();
    mounted(BackfillApi(service))
        .wording(Messages)
        .limits(Limits {
            body_bytes: config.body_limit_bytes,
            ..Limits::default()
        })
        .timeout(config.request_timeout)
        .metrics(metrics)
        .ids(Arc::new(move || effects.new_request_id()))
        .claims(PREFIX)
}
