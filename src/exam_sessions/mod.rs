//! The exam sessions API that applications call: `openapi/exam-sessions.raml`.
//!
//! It has no data of its own. It knows the system APIs by the clients that are generated from
//! their contracts, and by nothing else.

pub mod contract;

pub mod service;

mod translate;
mod upstream;

pub mod demo;
pub mod errors;

use std::sync::Arc;

use specwright_runtime::{Mount, mount as mounted};

use crate::clients::Clients;
use crate::config::Config;
use crate::effects::Effects;
use crate::layer::errors::Handler;
use crate::layer::{self, Gate};
use crate::telemetry::Metrics;
use contract::ExamSessionsApi;
use errors::Errors;
use service::Service;
pub use upstream::{Peer, Upstream};

/// Where this API words what is not found: all its paths, in this version and in any other.
const PREFIXES: [&str; 3] = [
    "/{version}/businessStreams",
    "/{version}/vocational-qualifications",
    "/{version}/epsStatus",
];

/// The behaviour over the system APIs.
pub fn service(upstream: Upstream, clients: Clients, effects: Effects) -> Service {
    let gate = Gate::new(contract::API.name, clients);
    Service::new(upstream, gate, effects)
}

/// The API, ready to be hosted.
pub fn mount(service: Service, config: &Config, effects: &Effects, metrics: Arc<Metrics>) -> Mount {
    let api = mounted(ExamSessionsApi(service)).wording(Handler::<Errors>::new());
    let mut api = layer::hosted(api, config, effects, metrics);
    for prefix in PREFIXES {
        api = api.claims(prefix);
    }
    api
}
