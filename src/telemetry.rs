//! Logs and metrics.

use std::io::IsTerminal;
use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use specwright_runtime::{Observation, Observer};
use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;
use crate::db::Db;

/// Upper bounds of the latency histogram, in seconds.
const BOUNDS_S: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Starts the log: what `RUST_LOG` asks for, or everything from `info` up. It goes to standard
/// error, so that standard output is free for what a person asked for.
pub fn start_log(format: Option<LogFormat>) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let terminal = std::io::stderr().is_terminal();
    let pretty = format.map_or(terminal, |format| format == LogFormat::Pretty);
    // A log that is already there is the one a test wants.
    let _ = if pretty {
        log.with_ansi(terminal).try_init()
    } else {
        log.json().flatten_event(true).try_init()
    };
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    api: &'static str,
    operation: &'static str,
    method: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Timed {
    api: &'static str,
    operation: &'static str,
}

/// What `/metrics` tells.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<Timed, Histogram>,
    acts: Gauge,
    commits: Gauge,
}

impl Metrics {
    /// Nothing counted yet.
    pub fn new() -> Arc<Self> {
        let mut registry = Registry::with_prefix("specwright");
        let requests = Family::default();
        let histogram: fn() -> Histogram = || Histogram::new(BOUNDS_S);
        let durations = Family::new_with_constructor(histogram);
        let (acts, commits) = (Gauge::default(), Gauge::default());
        registry.register("requests", "Requests answered", requests.clone());
        registry.register(
            "request_duration_seconds",
            "Time from a request to its answer",
            durations.clone(),
        );
        registry.register(
            "database_acts",
            "Writes acknowledged by the SQLite writer",
            acts.clone(),
        );
        registry.register(
            "database_commits",
            "Commits of the SQLite writer, each one sync of the disk",
            commits.clone(),
        );
        Arc::new(Self {
            registry,
            requests,
            durations,
            acts,
            commits,
        })
    }

    /// Everything counted, in the OpenMetrics text format.
    ///
    /// # Errors
    /// A metric cannot be written as text.
    pub fn text(&self, db: &Db) -> Result<String, std::fmt::Error> {
        if let Some(counts) = db.counts() {
            self.acts.set(counts.acts.try_into().unwrap_or(i64::MAX));
            self.commits
                .set(counts.commits.try_into().unwrap_or(i64::MAX));
        }
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

impl Observer for Metrics {
    fn observed(&self, observation: &Observation) {
        let operation = observation.operation.unwrap_or("");
        let answered = Answered {
            api: observation.api,
            operation,
            method: known(observation.method.as_str()).to_owned(),
            status: observation.status,
        };
        self.requests.get_or_create(&answered).inc();
        let timed = Timed {
            api: observation.api,
            operation,
        };
        let seconds = observation.duration.as_secs_f64();
        self.durations.get_or_create(&timed).observe(seconds);
    }
}

/// The method, unless it is one that a client made up: labels must stay few.
fn known(method: &str) -> &str {
    match method {
        "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS" => method,
        _ => "other",
    }
}
