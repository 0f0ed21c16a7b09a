//! The system API over MEPS and OEPS: `openapi/eps.raml`.

pub mod contract;

pub mod service;
pub mod store;

pub mod errors;
pub mod import;

use std::sync::Arc;

use specwright_runtime::{Mount, mount as mounted};

use crate::clients::Clients;
use crate::config::Config;
use crate::db::Remote;
use crate::effects::Effects;
use crate::layer::errors::Handler;
use crate::layer::{self, Gate};
use crate::telemetry::Metrics;
use contract::EpsApi;
use errors::Errors;
use service::Service;
use store::Store;

/// The behaviour over the two databases.
pub fn service(meps: Remote, oeps: Remote, clients: Clients, effects: Effects) -> Service {
    let gate = Gate::new(contract::API.name, clients);
    Service::new(Store::new(meps), Store::new(oeps), gate, effects)
}

/// The API, ready to be hosted.
pub fn mount(service: Service, config: &Config, effects: &Effects, metrics: Arc<Metrics>) -> Mount {
    let api = mounted(EpsApi(service)).wording(Handler::<Errors>::new());
    layer::hosted(api, config, effects, metrics).claims("/system/eps")
}
