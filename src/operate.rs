//! What an operator does on the command line, beside a running server or without one: clients and
//! the audit trail.

use std::io::{self, Write};

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use serde_json::json;

use crate::admin;
use crate::auth::clients::NewClient;
use crate::auth::secret::Secret;
use crate::auth::store::Registrar;
use crate::auth::{Auth, Client, scopes};
use crate::backfill;
use crate::backfill::operate::BackfillArguments;
use crate::changes::{self, Change, Entry, Filter, OPERATOR, Refusal};
use crate::clients::{self as api_clients, Role};
use crate::config::Config;
use crate::db::{Db, migrations};
use crate::effects::Effects;
use crate::subjects::{self, operate::SubjectsArguments};

/// Works with the clients of an API.
#[derive(Clone, Debug, Args)]
pub struct ClientArguments {
    /// What to do.
    #[command(subcommand)]
    pub command: ClientCommand,
    /// Whose clients.
    #[arg(long, global = true, value_enum, default_value = "admin")]
    pub api: ClientApi,
    /// How the result is printed.
    #[arg(long, global = true, value_enum, default_value = "text")]
    pub format: Format,
}

/// The APIs with clients of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ClientApi {
    /// The clients that get tokens at `/v1/identity/oauth/token`.
    Admin,
    /// The applications that call the exam sessions.
    ExamSessions,
    /// Whoever calls the system API over EPS.
    Eps,
    /// Whoever calls the system API over CAMS.
    Cams,
    /// The systems that read and change subjects, and work off what has changed.
    Subjects,
}

impl ClientApi {
    fn name(self) -> &'static str {
        match self {
            ClientApi::Admin => "admin",
            ClientApi::ExamSessions => "exam-sessions",
            ClientApi::Eps => "eps",
            ClientApi::Cams => "cams",
            ClientApi::Subjects => "subjects",
        }
    }
}

/// How a result is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs: one JSON document.
    Json,
}

/// What can be done with clients.
#[derive(Clone, Debug, Subcommand)]
pub enum ClientCommand {
    /// Registers a client and prints its secret, which is nowhere else.
    Create {
        /// What identifies it; in `admin` it is made up when it is not given.
        #[arg(value_name = "NAME")]
        name: Option<String>,
        /// The same.
        #[arg(long, conflicts_with = "name")]
        id: Option<String>,
        /// What it may do, in APIs without scopes that tell reading from writing [default: read]
        #[arg(long, value_enum)]
        role: Option<Role>,
        /// What it may have, with commas between the scopes [default: everything]
        #[arg(long, value_delimiter = ',', value_name = "SCOPE")]
        scopes: Vec<String>,
    },
    /// Lists the clients; no secret is shown.
    List,
    /// Disables a client; its tokens are worthless at once.
    Disable {
        /// What identifies it.
        id: String,
    },
    /// Enables a client that was disabled; its secret is the one that it had.
    Enable {
        /// What identifies it.
        id: String,
    },
    /// Gives a client a new secret and prints it; the old one and the tokens are worthless at once.
    /// A client that is disabled stays so.
    Rotate {
        /// What identifies it.
        id: String,
    },
}

/// Lists who changed what, newest first.
#[derive(Clone, Debug, Args)]
pub struct AuditArguments {
    /// Only what this client did.
    #[arg(long, value_name = "ID")]
    pub client: Option<String>,
    /// Only this operation, by its name in the contract.
    #[arg(long, value_name = "NAME")]
    pub operation: Option<String>,
    /// Only what was done to resources whose path begins so.
    #[arg(long, value_name = "PATH")]
    pub target: Option<String>,
    /// Only what came to this, by the status of the answer.
    #[arg(long, value_name = "STATUS")]
    pub outcome: Option<i64>,
    /// Only from this time on, as in 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub since: Option<DateTime<Utc>>,
    /// Only before this time.
    #[arg(long, value_name = "TIME")]
    pub until: Option<DateTime<Utc>>,
    /// How many entries to list at most.
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..))]
    pub limit: i64,
    /// How the result is printed.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// Carries out what is to be done with clients.
///
/// # Errors
/// The database cannot be used, or the request is refused.
pub async fn client(config: &Config, arguments: ClientArguments) -> anyhow::Result<()> {
    let effects = Effects::real();
    let db = open(config, &effects).await?;
    let done = match arguments.api {
        ClientApi::Admin => {
            let auth = Auth::new(&config.auth, db.clone(), effects.clone());
            let applications = admin::store::Store::new(db.clone());
            let clients = Clients {
                auth,
                applications,
                effects,
            };
            clients.run(arguments.command).await
        }
        api => {
            let clients = api_clients::Clients::new(db.clone(), effects.clone());
            let api = api.name();
            OfApi {
                clients,
                api,
                effects,
            }
            .run(arguments.command)
            .await
        }
    };
    db.close().await;
    print(arguments.format, &done?)
}

/// Lists the audit trail.
///
/// # Errors
/// The database cannot be used.
pub async fn audit(config: &Config, arguments: AuditArguments) -> anyhow::Result<()> {
    let db = open(config, &Effects::real()).await?;
    let filter = Filter {
        client_id: arguments.client,
        operation: arguments.operation,
        target: arguments.target,
        outcome: arguments.outcome,
        since: arguments.since,
        until: arguments.until,
    };
    let entries = changes::store::entries(&db, &filter, arguments.limit).await;
    db.close().await;
    print(arguments.format, &Outcome::Entries(entries?))
}

/// Reads the backfill queue and works it off.
///
/// # Errors
/// The database cannot be used, or the request is refused.
pub async fn backfill(config: &Config, arguments: BackfillArguments) -> anyhow::Result<()> {
    let effects = Effects::real();
    let db = open(config, &effects).await?;
    let store = backfill::store::Store::new(db.clone());
    let done = backfill::operate::run(&store, &effects, arguments).await;
    db.close().await;
    done
}

/// Looks at subjects and at what became of requests.
///
/// # Errors
/// The database cannot be used, or there is nothing of that name.
pub async fn subjects(config: &Config, arguments: SubjectsArguments) -> anyhow::Result<()> {
    let db = open(config, &Effects::real()).await?;
    let done = subjects::operate::run(&db, arguments.command).await;
    db.close().await;
    done
}

/// Opens the server's own database, brought up to date.
///
/// # Errors
/// It cannot be used.
pub async fn open(config: &Config, effects: &Effects) -> anyhow::Result<Db> {
    let now_ms = effects.now().timestamp_millis();
    migrations::open(
        &config.database,
        &config.database_options,
        migrations::SERVER,
        now_ms,
    )
    .await
    .context("the database cannot be used")
}

/// What is printed in the end.
#[derive(Serialize)]
#[serde(untagged)]
enum Outcome {
    Secret {
        client_id: String,
        client_secret: String,
        scope: String,
        disabled: bool,
    },
    Client(Client),
    Clients(Vec<Client>),
    Entries(Vec<Entry>),
    ApiClients(Vec<api_clients::Client>),
    Done {
        api: &'static str,
        client_id: String,
        disabled: bool,
    },
}

/// The clients of an API that send an id and a secret with every request.
struct OfApi {
    clients: api_clients::Clients,
    api: &'static str,
    effects: Effects,
}

impl OfApi {
    async fn run(&self, command: ClientCommand) -> anyhow::Result<Outcome> {
        let (clients, api) = (&self.clients, self.api);
        match command {
            ClientCommand::Create { scopes, .. } if !scopes.is_empty() => {
                bail!("clients of `{api}` have no scopes; give them a role with `--role`")
            }
            ClientCommand::Create { name, id, role, .. } => {
                let Some(id) = name.or(id) else {
                    bail!("a client of `{api}` needs a name: `client create --api {api} NAME`");
                };
                let role = role.unwrap_or(Role::Read);
                let change = self.change("client create", &id);
                let secret = clients.create(change, api, &id, role).await?;
                Ok(with_secret(id, role.as_str(), secret, false))
            }
            ClientCommand::List => Ok(Outcome::ApiClients(clients.list(Some(api)).await?)),
            ClientCommand::Disable { id } => {
                let change = self.change("client disable", &id);
                clients.disable(change, api, &id).await?;
                Ok(self.done(id, true))
            }
            ClientCommand::Enable { id } => {
                let change = self.change("client enable", &id);
                clients.enable(change, api, &id).await?;
                Ok(self.done(id, false))
            }
            ClientCommand::Rotate { id } => {
                let change = self.change("client rotate", &id);
                let (client, secret) = clients.rotate(change, api, &id).await?;
                let role = client.role.as_str();
                Ok(with_secret(id, role, secret, client.disabled))
            }
        }
    }

    fn done(&self, client_id: String, disabled: bool) -> Outcome {
        Outcome::Done {
            api: self.api,
            client_id,
            disabled,
        }
    }

    fn change(&self, operation: &str, id: &str) -> Change {
        change(
            &self.effects,
            operation,
            format!("{}/client/{id}", self.api),
        )
    }
}

struct Clients {
    auth: Auth,
    /// What else may get tokens, under keys that no client may have as its id.
    applications: admin::store::Store,
    effects: Effects,
}

impl Clients {
    async fn run(&self, command: ClientCommand) -> anyhow::Result<Outcome> {
        match command {
            ClientCommand::Create { role: Some(_), .. } => {
                bail!("clients of `admin` have no role; give them scopes with `--scopes`")
            }
            ClientCommand::Create {
                name, id, scopes, ..
            } => self.create(name.or(id), scopes).await,
            ClientCommand::List => Ok(Outcome::Clients(self.auth.clients().await?)),
            ClientCommand::Disable { id } => {
                let change = self.change("client disable", &id);
                match self.auth.disable(change, &id).await? {
                    Some(client) => Ok(Outcome::Client(client)),
                    None => bail!(unknown(&id)),
                }
            }
            ClientCommand::Enable { id } => {
                let change = self.change("client enable", &id);
                match self.auth.enable(change, &id).await? {
                    Some(client) => Ok(Outcome::Client(client)),
                    None => bail!(unknown(&id)),
                }
            }
            ClientCommand::Rotate { id } => {
                let change = self.change("client rotate", &id);
                match self.auth.rotate(change, &id).await? {
                    Some((client, secret)) => Ok(with_secret(
                        client.client_id,
                        &client.scopes.join(" "),
                        secret,
                        client.disabled,
                    )),
                    None => bail!(unknown(&id)),
                }
            }
        }
    }

    async fn create(&self, id: Option<String>, scopes: Vec<String>) -> anyhow::Result<Outcome> {
        if let Some(id) = id.as_deref().filter(|id| !is_client_id(id)) {
            bail!(
                "`{id}` is no id for a client: it may have letters, digits and the characters \
                 . _ @ : + - only, 100 at most"
            );
        }
        let change = self.change("client create", id.as_deref().unwrap_or("(new)"));
        let new = NewClient {
            client_id: id,
            secret: None,
            scopes: (!scopes.is_empty()).then(|| scopes::parse(&scopes.join(" "))),
        };
        let others = &self.applications;
        let registered = self.auth.register(change, Registrar::Trusted, new, others);
        match registered.await? {
            Ok((client, secret)) => Ok(with_secret(client.client_id, &client.scope, secret, false)),
            Err(Refusal::Invalid(fields)) => {
                let messages = fields.into_iter().map(|(_, message)| message);
                bail!("{}", messages.collect::<Vec<_>>().join(" "))
            }
            Err(refusal) => bail!("the client is refused: {refusal:?}"),
        }
    }

    fn change(&self, operation: &str, id: &str) -> Change {
        let target = format!("/v1/identity/client/{id}");
        change(&self.effects, operation, target)
    }
}

/// A change that an operator makes.
fn change(effects: &Effects, operation: &str, target: String) -> Change {
    Change {
        client_id: OPERATOR.to_owned(),
        operation: operation.to_owned(),
        target,
        request_id: effects.new_request_id(),
        at: effects.now(),
        repeat: None,
    }
}

/// Whether an id is one that the contract's `NewClient` takes.
fn is_client_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._@:+-".contains(&byte);
    (1..=100).contains(&id.len()) && id.bytes().all(plain)
}

fn unknown(id: &str) -> String {
    format!("there is no client `{id}`; `client list` shows those that there are")
}

fn with_secret(client_id: String, scope: &str, secret: Secret, disabled: bool) -> Outcome {
    Outcome::Secret {
        client_id,
        client_secret: secret.reveal(),
        scope: scope.to_owned(),
        disabled,
    }
}

fn print(format: Format, outcome: &Outcome) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match format {
        Format::Json => writeln!(out, "{:#}", json!(outcome))?,
        Format::Text => write!(out, "{}", text(outcome))?,
    }
    Ok(())
}

fn text(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Secret {
            client_id,
            client_secret,
            scope,
            disabled,
        } => format!(
            "id      {client_id}\nsecret  {client_secret}\nscopes  {scope}\n\
             The secret is shown here only.\n{}",
            match disabled {
                true => "The client is disabled; `client enable` lets it in again.\n",
                false => "",
            }
        ),
        Outcome::Client(client) => line(client),
        Outcome::Clients(clients) if clients.is_empty() => "There are no clients.\n".to_owned(),
        Outcome::Clients(clients) => clients.iter().map(line).collect(),
        Outcome::Done {
            api,
            client_id,
            disabled,
        } => match disabled {
            true => format!("`{client_id}` is turned away from `{api}` from now on.\n"),
            false => format!("`{client_id}` is let into `{api}` from now on.\n"),
        },
        Outcome::ApiClients(clients) if clients.is_empty() => "There are no clients.\n".to_owned(),
        Outcome::ApiClients(clients) => clients.iter().map(api_line).collect(),
        Outcome::Entries(entries) if entries.is_empty() => "Nothing was changed.\n".to_owned(),
        Outcome::Entries(entries) => entries.iter().map(entry).collect(),
    }
}

fn line(client: &Client) -> String {
    let state = if client.disabled {
        "disabled"
    } else {
        "enabled"
    };
    let created = client.created.format("%Y-%m-%dT%H:%M:%SZ");
    let scopes = client.scopes.join(" ");
    format!(
        "{:<24} {state:<8} since {created}  {scopes}\n",
        client.client_id
    )
}

fn api_line(client: &api_clients::Client) -> String {
    let state = if client.disabled {
        "disabled"
    } else {
        "enabled"
    };
    let created = client.created.format("%Y-%m-%dT%H:%M:%SZ");
    format!(
        "{:<24} {state:<8} since {created}  {}\n",
        client.client_id,
        client.role.as_str()
    )
}

fn entry(entry: &Entry) -> String {
    format!(
        "{:>6}  {}  {}  {:<20} {:<16} {}  (request {})\n",
        entry.number,
        entry.at.format("%Y-%m-%dT%H:%M:%S%.3fZ"),
        entry.outcome,
        entry.operation,
        entry.client_id,
        entry.target,
        entry.request_id,
    )
}
