//! Subject management: containers, templates, relations, the mandate and the backfill queue:
//! `openapi/subjects.yaml`.

pub mod contract;

pub mod domain;
pub mod service;
pub mod store;

pub mod errors;
pub mod notifications;

pub mod demo;
pub mod import;

pub mod history;
pub mod protocol;

pub mod operate;

use std::sync::Arc;

use specwright_runtime::private::Method;
use specwright_runtime::{Limits, Mount, mount as mounted};

use crate::clients::Clients;
use crate::config::{Config, MandateBy};
use crate::db::Db;
use crate::effects::Effects;
use crate::layer::Gate;
use crate::telemetry::Metrics;
use contract::SubjectsApi;
use domain::operations::Settings;
use errors::Messages;
use service::Service;
use store::{Mandate, Store};

/// Where this API words what is not found.
const PREFIXES: [&str; 5] = [
    "/subjects",
    "/subjectCodes",
    "/subjectAttributes",
    "/gradingModes",
    "/gradingModeTypes",
];

/// The behaviour over the database, as configured.
pub fn service(config: &Config, db: Db, clients: Clients, effects: Effects) -> Service {
    let mandate = match config.subjects.mandate {
        MandateBy::Rules => Mandate::Rules,
        MandateBy::Procedure => Mandate::Procedure {
            patience: config.subjects.mandate_timeout,
        },
    };
    let settings = Settings {
        retention_years: config.subjects.past_data_retention_years,
    };
    let store = Store::new(db, mandate, settings);
    let gate = Gate::new(contract::API.name, clients);
    Service::new(store, gate, notifications::sender(&config.mail), effects)
}

/// The API, ready to be hosted.
pub fn mount(service: Service, config: &Config, effects: &Effects, metrics: Arc<Metrics>) -> Mount {
    let (processes, effects) = (service.processes(), effects.clone());
    let mut api = mounted(SubjectsApi(service))
        .wording(Messages::new(processes))
        .limits(Limits {
            body_bytes: config.body_limit_bytes,
            ..Limits::default()
        })
        .timeout(config.request_timeout)
        // A change that was begun is followed to its end, and answered with what came of it: the
        // database gives it up when it takes too long.
        .unhurried(|operation| operation.method == Method::Post)
        .metrics(metrics)
        .ids(Arc::new(move || effects.new_request_id()));
    for prefix in PREFIXES {
        api = api.claims(prefix);
    }
    api
}
