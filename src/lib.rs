//! The server: APIs compiled from the contracts in `openapi/`, over one database.

pub mod config;
pub mod effects;
pub mod faults;

pub mod db;

pub mod auth;
pub mod changes;
pub mod clients;
pub mod import;

pub mod admin;
pub mod backfill;
pub mod licences;
pub mod subjects;
pub mod user_sessions;

pub mod layer;

pub mod cams;
pub mod eps;
pub mod exam_sessions;
pub mod systems;

pub mod docs;
pub mod routes;
pub mod telemetry;

pub mod commands;
pub mod operate;
pub mod serve;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use poem::{Endpoint, Request, Response};
use specwright_runtime::client::InvalidOrigin;
use specwright_runtime::{Cors, Host};
use tokio::sync::watch;

use auth::secret::Secret;
use auth::{Auth, AuthError};
use clients::Clients;
use config::{Config, DEMO_ID, DEMO_SECRET};
use db::{Db, Remote, migrations};
use effects::Effects;
use routes::{Readiness, Routes, Served};
use systems::{Layers, Systems};
use telemetry::Metrics;
use user_sessions::service::Service;

/// Every API this program can serve.
pub const APIS: &[Served] = &[
    Served {
        api: &user_sessions::contract::API,
        json: "/openapi/user-sessions.json",
        yaml: "/openapi/user-sessions.yaml",
        sources: &[],
    },
    Served {
        api: &admin::contract::API,
        json: "/openapi/admin.json",
        yaml: "/openapi/admin.yaml",
        sources: &[],
    },
    Served {
        api: &subjects::contract::API,
        json: "/openapi/subjects.json",
        yaml: "/openapi/subjects.yaml",
        sources: &[],
    },
    Served {
        api: &backfill::contract::API,
        json: "/openapi/backfill.json",
        yaml: "/openapi/backfill.yaml",
        sources: &[],
    },
    Served {
        api: &exam_sessions::contract::API,
        json: "/openapi/exam-sessions.json",
        yaml: "/openapi/exam-sessions.yaml",
        sources: exam_sessions::contract::SOURCES,
    },
    Served {
        api: &eps::contract::API,
        json: "/openapi/eps.json",
        yaml: "/openapi/eps.yaml",
        sources: eps::contract::SOURCES,
    },
    Served {
        api: &cams::contract::API,
        json: "/openapi/cams.json",
        yaml: "/openapi/cams.yaml",
        sources: cams::contract::SOURCES,
    },
    Served {
        api: &licences::contract::v1_1::API,
        json: "/openapi/licences-v1-1.json",
        yaml: "/openapi/licences-v1-1.yaml",
        sources: &[],
    },
    Served {
        api: &licences::contract::v1_2::API,
        json: "/openapi/licences-v1-2.json",
        yaml: "/openapi/licences-v1-2.yaml",
        sources: &[],
    },
];

/// The APIs and the server's own routes, ready to answer.
pub struct App {
    host: Host,
    routes: Routes,
    readiness: Readiness,
    sessions: Option<Service>,
    licences: Option<licences::service::Service>,
    auth: Auth,
    effects: Effects,
}

/// Makes what the APIs need before their first request, and the demo data where they are asked for.
///
/// # Errors
/// The database failed, or the system has no randomness.
pub async fn prepare(config: &Config, db: &Db, effects: &Effects) -> Result<(), AuthError> {
    let auth = Auth::new(&config.auth, db.clone(), effects.clone());
    admin::prepare(config, db, &auth).await?;
    if config.demo {
        user_sessions::fill_demo(db, effects).await?;
        admin::fill_demo(db, &auth, effects).await?;
    }
    Ok(())
}

/// The database of the licences, opened when it is first needed.
pub fn register(config: &Config, effects: &Effects) -> Remote {
    let options = config.database_options.clone();
    let location = config.licences.clone();
    Remote::new(location, options, migrations::LICENCES, effects.clone())
}

/// Mounts the APIs that the configuration asks for over the database.
///
/// # Errors
/// The address of a system API is none.
pub fn app(
    config: &Config,
    (db, systems, register): (Db, Systems, Remote),
    effects: Effects,
) -> Result<App, InvalidOrigin> {
    let metrics = Metrics::new();
    let readiness = Readiness::new();
    let ids = effects.clone();
    let mut host = Host::new()
        .metrics(metrics.clone())
        .ids(Arc::new(move || ids.new_request_id()));
    let auth = Auth::new(&config.auth, db.clone(), effects.clone());
    let layers = Layers::new(
        config,
        systems,
        db.clone(),
        effects.clone(),
        metrics.clone(),
    );
    let mut sessions = None;
    // All versions have one behaviour, and one register in memory.
    let mut licences: Option<licences::service::Service> = None;
    let chosen = |served: &&Served| config.apis.contains(&served.api.name);
    let served: Vec<Served> = APIS.iter().filter(chosen).copied().collect();
    for api in &served {
        let (metrics, effects) = (metrics.clone(), effects.clone());
        let mount = if api.api.name == user_sessions::contract::API.name {
            let service = user_sessions::service(config, db.clone(), effects.clone());
            sessions = Some(service.clone());
            user_sessions::mount(service, config, &effects, metrics)
        } else if api.api.name == admin::contract::API.name {
            let service = admin::service(config, db.clone(), auth.clone(), effects.clone());
            admin::mount(service, config, &effects, metrics)
        } else if api.api.name == backfill::contract::API.name {
            let clients = clients(config, &db, &effects);
            let service = backfill::service(db.clone(), clients, effects.clone());
            backfill::mount(service, config, &effects, metrics)
        } else if api.api.name == subjects::contract::API.name {
            let clients = clients(config, &db, &effects);
            let service = subjects::service(config, db.clone(), clients, effects.clone());
            subjects::mount(service, config, &effects, metrics)
        } else if api.api.name == exam_sessions::contract::API.name {
            layers.exam_sessions()?
        } else if api.api.name == eps::contract::API.name {
            layers.eps()
        } else if api.api.name == cams::contract::API.name {
            layers.cams()
        } else if licences::is_version(api.api.name) {
            let service =
                licences.get_or_insert_with(|| licences::service(register.clone(), auth.clone()));
            let (name, service) = (api.api.name, service.clone());
            licences::mount(name, service, config, &effects, metrics)
        } else {
            continue;
        };
        host = host.add(mount.cors(cors(&config.allowed_origins)));
    }
    Ok(App {
        host,
        routes: Routes::new(served, db, metrics, readiness.clone()),
        readiness,
        sessions,
        licences,
        auth,
        effects,
    })
}

/// Which pages of other origins may call.
fn cors(origins: &[String]) -> Cors {
    match origins {
        [] => Cors::Off,
        [any] if any == "*" => Cors::Any,
        known => Cors::Origins(known.to_vec()),
    }
}

/// Who may call the subjects, with the client of the demo.
fn clients(config: &Config, db: &Db, effects: &Effects) -> Clients {
    let clients = Clients::new(db.clone(), effects.clone());
    match config.demo {
        true => clients.with_own(
            backfill::CLIENTS_OF,
            DEMO_ID,
            &Secret::new(DEMO_SECRET.to_owned()),
        ),
        false => clients,
    }
}

impl App {
    /// Whether the server says that it wants requests.
    pub fn readiness(&self) -> Readiness {
        self.readiness.clone()
    }

    /// Does what has to be done from time to time, every `interval`, until told to stop.
    pub fn keep_clean(
        &self,
        interval: Duration,
        stopped: watch::Receiver<bool>,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (sessions, auth) = (self.sessions.clone(), self.auth.clone());
        let (licences, effects) = (self.licences.clone(), self.effects.clone());
        async move {
            let keys = keep_keys(auth, stopped.clone());
            let of_sessions = stopped.clone();
            let sessions = async {
                if let Some(sessions) = sessions {
                    user_sessions::keep_clean(&sessions, interval, of_sessions).await;
                }
            };
            let licences = async {
                if let Some(licences) = licences {
                    licences::keep(&licences, &effects, stopped).await;
                }
            };
            tokio::join!(keys, sessions, licences);
        }
    }
}

/// How often it is looked whether the signing key is old.
const KEYS_EVERY: Duration = Duration::from_secs(60);

/// Replaces signing keys that are old, until told to stop.
async fn keep_keys(auth: Auth, mut stopped: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(KEYS_EVERY);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopped.wait_for(|stopped| *stopped) => return,
        }
        if let Err(error) = auth.renew().await {
            tracing::error!(%error, "the signing keys could not be renewed; trying again later");
        }
    }
}

impl Endpoint for App {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        if let Some(response) = self.routes.answer(&request).await {
            return Ok(response);
        }
        self.host.call(request).await
    }
}
