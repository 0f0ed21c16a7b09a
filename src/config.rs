//! What a person can set: by flag, by environment variable, or in a TOML file, in this order.

mod commands;
mod mail;
mod resolve;
mod sealing;
mod subjects;
mod systems;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, ValueEnum};
use ipnet::IpNet;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::auth::foreign::Foreign;
use crate::auth::hashing::Cost;
use crate::auth::sealing::Sealing;
use crate::auth::secret::Secret;
use crate::db;
pub use commands::{Command, ConfigCommand, GenerateCommand, ImportCommand};
pub use mail::{Mail, MailRoute};
pub use resolve::ConfigError;
pub use subjects::{MandateBy, Subjects};

/// The APIs this program can serve, by name.
pub const APIS: &[&str] = &[
    "user-sessions",
    "admin",
    "subjects",
    "backfill",
    "exam-sessions",
    "eps",
    "cams",
    "licences-v1-1",
    "licences-v1-2",
];

/// The file that holds the data when no database is named.
pub const DEMO_DATABASE: &str = "specwright.db";

/// The id that demo mode accepts wherever an API asks for credentials.
pub const DEMO_ID: &str = "demo";

/// The secret that belongs to [`DEMO_ID`]. It protects nothing: demo mode listens on loopback only.
pub const DEMO_SECRET: &str = "Demo-Secret-For-Loopback-Only-2026!";

/// Serves APIs compiled from their contracts.
///
/// Without any flag it serves all of them on 127.0.0.1:8080 with demo data, in the file
/// specwright.db. Each flag is also an environment variable and a line of a TOML file: `--listen`
/// is SPECWRIGHT_LISTEN and `listen = "…"`. A flag wins over the environment, and both over the
/// file.
#[derive(Debug, Parser)]
#[command(name = "specwright-server", version)]
pub struct Arguments {
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The TOML file with settings.
    #[arg(long, global = true, env = "SPECWRIGHT_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Everything that can be set.
    #[command(flatten)]
    pub settings: Settings,
}

/// Everything that can be set, by flag, environment variable or file; what is not set has a
/// default.
#[derive(Args, Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "The configuration file of specwright-server")]
pub struct Settings {
    /// Where to listen [default: 127.0.0.1:8080]
    #[arg(long, env = "SPECWRIGHT_LISTEN", value_name = "ADDRESS:PORT")]
    #[schemars(with = "Option<String>")]
    pub listen: Option<SocketAddr>,

    /// The database: `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: sqlite:specwright.db]
    #[arg(long, env = "SPECWRIGHT_DATABASE", value_name = "URL")]
    pub database: Option<String>,

    /// Whether to fill the database with demo data and accept the demo credentials; loopback only
    /// [default: true when no database is named]
    #[arg(
        long,
        env = "SPECWRIGHT_DEMO",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        value_name = "BOOL"
    )]
    pub demo: Option<bool>,

    /// The APIs to serve, with commas between them [default: all]
    #[arg(
        long,
        env = "SPECWRIGHT_ONLY",
        value_delimiter = ',',
        value_name = "API"
    )]
    pub only: Option<Vec<String>>,

    /// How the log is written [default: pretty on a terminal, otherwise json]
    #[arg(long, env = "SPECWRIGHT_LOG", value_name = "FORMAT")]
    pub log: Option<LogFormat>,

    /// The file with the TLS certificate chain (PEM); needs the key too
    #[arg(long, env = "SPECWRIGHT_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,

    /// The file with the TLS private key (PEM)
    #[arg(long, env = "SPECWRIGHT_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,

    /// The largest request body, in bytes after decompression [default: 2097152]
    #[arg(long, env = "SPECWRIGHT_BODY_LIMIT_BYTES", value_name = "BYTES")]
    #[schemars(range(min = 1))]
    pub body_limit_bytes: Option<usize>,

    /// How long a request may take, in milliseconds [default: 30000]
    #[arg(long, env = "SPECWRIGHT_REQUEST_TIMEOUT_MS", value_name = "MS")]
    #[schemars(range(min = 1))]
    pub request_timeout_ms: Option<u64>,

    /// How long a connection may be idle, in milliseconds [default: 75000]
    #[arg(long, env = "SPECWRIGHT_IDLE_TIMEOUT_MS", value_name = "MS")]
    #[schemars(range(min = 1))]
    pub idle_timeout_ms: Option<u64>,

    /// How long requests under way may take to finish when the server stops, in milliseconds
    /// [default: 10000]
    #[arg(long, env = "SPECWRIGHT_SHUTDOWN_GRACE_MS", value_name = "MS")]
    pub shutdown_grace_ms: Option<u64>,

    /// How long the server reports that it is not ready before it stops taking connections, in
    /// milliseconds [default: 0]
    #[arg(long, env = "SPECWRIGHT_SHUTDOWN_DELAY_MS", value_name = "MS")]
    pub shutdown_delay_ms: Option<u64>,

    /// Connections to the database, at most [default: 16]
    #[arg(long, env = "SPECWRIGHT_DATABASE_CONNECTIONS", value_name = "NUMBER")]
    #[schemars(range(min = 1))]
    pub database_connections: Option<u32>,

    /// The most writes that share one commit on SQLite; 1 commits each by itself [default: 512]
    #[arg(long, env = "SPECWRIGHT_WRITES_PER_COMMIT", value_name = "NUMBER")]
    #[schemars(range(min = 1))]
    pub writes_per_commit: Option<u32>,

    /// User sessions: how old the last change of an open session may be, in milliseconds
    /// [default: 86400000]
    #[arg(long, env = "SPECWRIGHT_EXPIRE_TIMEOUT_MS", value_name = "MS")]
    #[schemars(range(min = 1))]
    pub expire_timeout_ms: Option<u64>,

    /// User sessions: how often expired sessions are closed, in milliseconds [default: 900000]
    #[arg(long, env = "SPECWRIGHT_CLEANUP_INTERVAL_MS", value_name = "MS")]
    #[schemars(range(min = 1))]
    pub cleanup_interval_ms: Option<u64>,

    /// The address by which clients reach the server, as in `https://api.example.org`: it stands in
    /// `Location` and in tokens [default: the `Host` of each request]
    #[arg(long, env = "SPECWRIGHT_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,

    /// The networks of proxies whose word on host and scheme counts for links, with commas between
    /// them: `10.0.0.0/8`, or a single address [default: none]
    #[arg(
        long,
        env = "SPECWRIGHT_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_name = "NETWORK"
    )]
    pub trusted_proxies: Option<Vec<String>>,

    /// The origins whose pages may call the APIs from a browser, with commas between them:
    /// `https://app.example.org`, or `*` for those of all origins [default: none]
    #[arg(
        long,
        env = "SPECWRIGHT_ALLOWED_ORIGINS",
        value_delimiter = ',',
        value_name = "ORIGIN"
    )]
    pub allowed_origins: Option<Vec<String>>,

    /// How long a key signs tokens before the next one takes over, in milliseconds
    /// [default: 7776000000, which are 90 days]
    #[arg(long, env = "SPECWRIGHT_SIGNING_KEY_LIFETIME_MS", value_name = "MS")]
    #[schemars(range(min = 1))]
    pub signing_key_lifetime_ms: Option<u64>,

    /// The key that the signing keys in the database are sealed with, 32 bytes in base64; better
    /// given by the environment or the file. Earlier keys may follow, with commas between them
    /// [default: none, signing keys are in clear]
    #[arg(
        long,
        env = "SPECWRIGHT_KEY_ENCRYPTION_KEY",
        value_name = "KEY",
        hide_env_values = true
    )]
    pub key_encryption_key: Option<String>,

    /// The file with that key
    #[arg(long, env = "SPECWRIGHT_KEY_ENCRYPTION_KEY_FILE", value_name = "FILE")]
    pub key_encryption_key_file: Option<PathBuf>,

    /// The key set of another authorization server, whose tokens are accepted too: a file, or an
    /// `https` address
    #[arg(long, env = "SPECWRIGHT_JWKS", value_name = "FILE_OR_URL")]
    pub jwks: Option<String>,

    /// The `iss` that tokens of the other authorization server must have
    #[arg(long, env = "SPECWRIGHT_JWKS_ISSUER", value_name = "ISSUER")]
    pub jwks_issuer: Option<String>,

    /// Admin: whether there may be any number of instances [default: false, only the instance 1]
    #[arg(
        long,
        env = "SPECWRIGHT_MULTI_INSTANCE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        value_name = "BOOL"
    )]
    pub multi_instance: Option<bool>,

    /// Admin: where applications reach the instance 1, until it is changed
    /// [default: http://localhost/api]
    #[arg(long, env = "SPECWRIGHT_INSTANCE_API_URL", value_name = "URL")]
    pub instance_api_url: Option<String>,

    /// Licences: the database of the register
    /// [default: beside the database, as in sqlite:specwright-licences.db]
    #[arg(long, env = "SPECWRIGHT_LICENCES_DATABASE", value_name = "URL")]
    pub licences_database: Option<String>,

    /// Exam sessions: the database of MEPS, which serves Cambridge International and Cambridge
    /// English [default: beside the database, as in sqlite:specwright-meps.db]
    #[arg(long, env = "SPECWRIGHT_MEPS_DATABASE", value_name = "URL")]
    pub meps_database: Option<String>,

    /// Exam sessions: the database of OEPS, which serves OCR
    /// [default: beside the database, as in sqlite:specwright-oeps.db]
    #[arg(long, env = "SPECWRIGHT_OEPS_DATABASE", value_name = "URL")]
    pub oeps_database: Option<String>,

    /// Exam sessions: the database of CAMS, which has the vocational sessions
    /// [default: beside the database, as in sqlite:specwright-cams.db]
    #[arg(long, env = "SPECWRIGHT_CAMS_DATABASE", value_name = "URL")]
    pub cams_database: Option<String>,

    /// Exam sessions: the address of the system API over EPS, as in `https://eps.example.org`
    /// [default: this process]
    #[arg(long, env = "SPECWRIGHT_EPS_URL", value_name = "URL")]
    pub eps_url: Option<String>,

    /// Exam sessions: the address of the system API over CAMS [default: this process]
    #[arg(long, env = "SPECWRIGHT_CAMS_URL", value_name = "URL")]
    pub cams_url: Option<String>,

    /// Exam sessions: the id by which this server calls the system API over EPS where that runs
    /// elsewhere [default: the one for both]
    #[arg(long, env = "SPECWRIGHT_EPS_CLIENT_ID", value_name = "ID")]
    pub eps_client_id: Option<String>,

    /// Exam sessions: the secret that belongs to it; better given by the environment or the file,
    /// which other users of the machine cannot list
    #[arg(
        long,
        env = "SPECWRIGHT_EPS_CLIENT_SECRET",
        value_name = "SECRET",
        hide_env_values = true
    )]
    pub eps_client_secret: Option<String>,

    /// Exam sessions: the id by which this server calls the system API over CAMS where that runs
    /// elsewhere [default: the one for both]
    #[arg(long, env = "SPECWRIGHT_CAMS_CLIENT_ID", value_name = "ID")]
    pub cams_client_id: Option<String>,

    /// Exam sessions: the secret that belongs to it; better given by the environment or the file
    #[arg(
        long,
        env = "SPECWRIGHT_CAMS_CLIENT_SECRET",
        value_name = "SECRET",
        hide_env_values = true
    )]
    pub cams_client_secret: Option<String>,

    /// Exam sessions: the id by which this server calls both system APIs, where they have the same
    /// client [default: that of the demo, in demo mode]
    #[arg(long, env = "SPECWRIGHT_SYSTEM_CLIENT_ID", value_name = "ID")]
    pub system_client_id: Option<String>,

    /// Exam sessions: the secret that belongs to it; better given by the environment or the file
    #[arg(
        long,
        env = "SPECWRIGHT_SYSTEM_CLIENT_SECRET",
        value_name = "SECRET",
        hide_env_values = true
    )]
    pub system_client_secret: Option<String>,

    /// Subjects: who says which experimental grading modes a template has: the rules in the
    /// database, or its stored function `sxp_gmod_pkg.get_gmod_mandate_gmod` (PostgreSQL)
    /// [default: rules]
    #[arg(long, env = "SPECWRIGHT_SUBJECTS_MANDATE", value_name = "BY")]
    pub subjects_mandate: Option<MandateBy>,

    /// Subjects: how long a call of the stored function may take, in milliseconds; the change goes on
    /// without experimental modes then [default: 5000]
    #[arg(
        long,
        env = "SPECWRIGHT_SUBJECTS_MANDATE_TIMEOUT_MS",
        value_name = "MS"
    )]
    pub subjects_mandate_timeout_ms: Option<u64>,

    /// Subjects: for how many years before the gate the queue tells what has ended [default: 5]
    #[arg(
        long,
        env = "SPECWRIGHT_SUBJECTS_PAST_DATA_RETENTION_YEARS",
        value_name = "YEARS"
    )]
    pub subjects_past_data_retention_years: Option<u16>,

    /// Subjects: whose name is on notifications, as in `Subjects <subjects@example.org>`; by default
    /// it is `subjects@localhost`
    #[arg(long, env = "SPECWRIGHT_MAIL_FROM", value_name = "SENDER")]
    pub mail_from: Option<String>,

    /// Subjects: the directory that gets a file for each notification
    /// [default: beside the database, as in specwright-mail]
    #[arg(long, env = "SPECWRIGHT_MAIL_DIRECTORY", value_name = "DIRECTORY")]
    pub mail_directory: Option<PathBuf>,

    /// Subjects: the mail server that gets the notifications instead: `smtps://USER:PASSWORD@HOST`,
    /// `smtp://HOST?tls=required` for STARTTLS, or `smtp://127.0.0.1:25` on this machine; better
    /// given by the environment or the file when a password is in it
    #[arg(
        long,
        env = "SPECWRIGHT_SMTP_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    pub smtp_url: Option<String>,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
}

/// The settings, complete and checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Which database to use.
    pub database: db::Location,
    /// How to open it.
    pub database_options: db::Options,
    /// Whether demo data and credentials are there; the address is loopback then.
    pub demo: bool,
    /// The APIs to serve, in the order of [`APIS`].
    pub apis: Vec<&'static str>,
    /// How the log is written; `None` leaves it to the terminal.
    pub log: Option<LogFormat>,
    /// The certificate and the key.
    pub tls: Option<Tls>,
    /// The largest request body, in bytes after decompression.
    pub body_limit_bytes: usize,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// How long a connection may be idle.
    pub idle_timeout: Duration,
    /// How long requests under way may take when the server stops.
    pub shutdown_grace: Duration,
    /// How long the server says that it is not ready before it stops listening.
    pub shutdown_delay: Duration,
    /// User sessions: when an open session expires.
    pub expire_timeout: Duration,
    /// User sessions: how often expired sessions are closed.
    pub cleanup_interval: Duration,
    /// The address by which clients reach the server, without a slash at its end.
    pub public_url: Option<String>,
    /// The networks of proxies whose word on host and scheme counts.
    pub trusted_proxies: Vec<IpNet>,
    /// The origins whose pages may call the APIs; `*` alone for those of all.
    pub allowed_origins: Vec<String>,
    /// Clients and tokens.
    pub auth: AuthConfig,
    /// Admin: whether there may be any number of instances.
    pub multi_instance: bool,
    /// Admin: where applications reach the instance 1, until it is changed.
    pub instance_api_url: String,
    /// Licences: the database of the register.
    pub licences: db::Location,
    /// Exam sessions: where the system APIs and their databases are.
    pub systems: Systems,
    /// Subjects: how notifications leave.
    pub mail: Mail,
    /// Subjects: how the catalogue behaves.
    pub subjects: Subjects,
}

/// Where the system APIs of the exam sessions and their databases are.
#[derive(Clone, Debug)]
pub struct Systems {
    /// The database of MEPS.
    pub meps: db::Location,
    /// The database of OEPS.
    pub oeps: db::Location,
    /// The database of CAMS.
    pub cams: db::Location,
    /// The address of the system API over EPS; `None` is this process.
    pub eps_url: Option<String>,
    /// The address of the system API over CAMS; `None` is this process.
    pub cams_url: Option<String>,
    /// As whom this server calls the one over EPS when it runs elsewhere.
    pub eps_client: SystemClient,
    /// As whom this server calls the one over CAMS when it runs elsewhere.
    pub cams_client: SystemClient,
}

/// As whom a system API is called.
#[derive(Clone, Debug)]
pub struct SystemClient {
    /// The id.
    pub id: String,
    /// The secret that belongs to it.
    pub secret: Secret,
}

/// How clients and tokens are dealt with.
#[derive(Clone, Debug)]
pub struct AuthConfig {
    /// How long a key signs before the next one takes over.
    pub key_lifetime: Duration,
    /// What the signing keys in the database are sealed with; `None` leaves them in clear.
    pub sealing: Option<Sealing>,
    /// What the hash of a secret costs.
    pub hash_cost: Cost,
    /// Another authorization server, whose tokens are accepted too.
    pub foreign: Option<Foreign>,
}

/// The files TLS needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The certificate chain, PEM.
    pub cert: PathBuf,
    /// The private key, PEM.
    pub key: PathBuf,
}

/// The JSON Schema of the configuration file.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Settings)
}
