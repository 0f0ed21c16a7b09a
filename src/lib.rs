//! The server: APIs compiled from the contracts in `openapi/`, over one database.

pub mod config;
pub mod effects;

pub mod db;

pub mod subjects;
pub mod user_sessions;

pub mod docs;
pub mod routes;
pub mod telemetry;

pub mod serve;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use poem::{Endpoint, Request, Response};
use specwright_runtime::Host;
use tokio::sync::watch;

use config::Config;
use db::Db;
use effects::Effects;
use routes::{Readiness, Routes, Served};
use telemetry::Metrics;
use user_sessions::service::Service;

/// Every API this program can serve.
pub const APIS: &[Served] = &[Served {
    api: &user_sessions::contract::API,
    json: "/openapi/user-sessions.json",
    yaml: "/openapi/user-sessions.yaml",
}];

/// The APIs and the server's own routes, ready to answer.
pub struct App {
    host: Host,
    routes: Routes,
    readiness: Readiness,
    sessions: Option<Service>,
}

/// Mounts the APIs that the configuration asks for over the database.
pub fn app(config: &Config, db: Db, effects: Effects) -> App {
    let metrics = Metrics::new();
    let readiness = Readiness::new();
    let ids = effects.clone();
    let mut host = Host::new()
        .metrics(metrics.clone())
        .ids(Arc::new(move || ids.new_request_id()));
    let mut sessions = None;
    let chosen = |served: &&Served| config.apis.contains(&served.api.name);
    let served: Vec<Served> = APIS.iter().filter(chosen).copied().collect();
    for api in &served {
        if api.api.name == user_sessions::contract::API.name {
            let service = user_sessions::service(config, db.clone(), effects.clone());
            sessions = Some(service.clone());
            host = host.add(user_sessions::mount(
                service,
                config,
                &effects,
                metrics.clone(),
            ));
        }
    }
    App {
        host,
        routes: Routes::new(served, db, metrics, readiness.clone()),
        readiness,
        sessions,
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
        let sessions = self.sessions.clone();
        async move {
            if let Some(sessions) = sessions {
                user_sessions::keep_clean(&sessions, interval, stopped).await;
            }
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
