//! Where stories are played: a server inside the process, over one engine.

use std::collections::BTreeMap;
use std::sync::Arc;

use specwright_server::auth::Auth;
use specwright_server::auth::foreign::Foreign;
use specwright_server::auth::hashing::Cost;
use specwright_server::config::{Config, Settings};
use specwright_server::db::{Db, Location, Options, Statement, migrations};
use specwright_server::effects::Effects;
use specwright_server::{App, app, prepare};

use super::effects::{START_MS, TestClock, effects};
use super::files::Folder;
use super::postgres::{self, Cluster};
use super::story::{self, Step};

/// What a story runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file of this story's own.
    Sqlite,
    /// A database of this story's own.
    Postgres,
    /// The same, with two servers that take turns.
    PostgresPair,
}

/// The engines that are there.
pub struct Engines {
    folder: Folder,
    cluster: Option<Cluster>,
}

impl Engines {
    /// Looks for them.
    pub fn new() -> Self {
        Self {
            folder: Folder::new("stories"),
            cluster: postgres::cluster(),
        }
    }

    /// SQLite alone, for what does not depend on the engine.
    pub fn sqlite() -> Self {
        Self {
            folder: Folder::new("stories"),
            cluster: None,
        }
    }

    /// Which ones there are.
    pub fn list(&self) -> &'static [Engine] {
        match self.cluster {
            Some(_) => &[Engine::Sqlite, Engine::Postgres, Engine::PostgresPair],
            None => &[Engine::Sqlite],
        }
    }

    fn location(&self, engine: Engine, name: &str) -> Location {
        match (engine, &self.cluster) {
            (Engine::Sqlite, _) | (_, None) => {
                Location::Sqlite(self.folder.path().join(format!("{name}.db")))
            }
            (_, Some(cluster)) => Location::Postgres(cluster.database()),
        }
    }

    /// An empty stage on one of them.
    pub async fn stage(&self, engine: Engine, name: &str) -> Stage {
        let location = self.location(engine, name);
        // What is prepared takes its time before the story begins.
        let (before, _) = effects();
        let (effects, clock) = effects();
        let options = Options {
            connections: 2,
            ..Options::default()
        };
        let db = migrations::open(&location, &options, migrations::SERVER, START_MS).await;
        let db = db.expect("an empty database can be migrated");
        let config = config();
        let prepared = prepare(&config, &db, &before).await;
        prepared.expect("an empty database can be prepared");
        let apps = apps(&config, &db, &effects);
        Stage {
            apps,
            engine,
            db,
            clock,
            effects,
            asked: 0,
            kept: BTreeMap::new(),
        }
    }
}

fn config() -> Config {
    let settings = Settings {
        database: Some("sqlite:unused".into()),
        ..Settings::default()
    };
    let mut config = settings.resolve().expect("the defaults go together");
    // Stories look at what is hashed, not at how long that takes.
    config.auth.hash_cost = Cost {
        memory_kib: 64,
        passes: 1,
    };
    config
}

fn apps(config: &Config, db: &Db, effects: &Effects) -> [Arc<App>; 2] {
    [0, 1].map(|_| Arc::new(app(config, db.clone(), effects.clone())))
}

/// One server, or two, in the middle of a story.
pub struct Stage {
    apps: [Arc<App>; 2],
    engine: Engine,
    /// The database behind them.
    pub db: Db,
    clock: Arc<TestClock>,
    /// The effects they share.
    pub effects: Effects,
    asked: usize,
    /// What the story has taken from answers, by name.
    kept: BTreeMap<String, String>,
}

impl Stage {
    /// Carries out a direction of a story.
    pub async fn direct(&mut self, word: &str, rest: &str) {
        match (word, rest) {
            ("advance", ms) => self.clock.advance_ms(ms.parse().expect("milliseconds")),
            ("hold", "clock") => self.clock.hold(),
            ("fault", "clock") => self.clock.set_broken(true),
            ("heal", "clock") => self.clock.set_broken(false),
            ("fault", "database") => self.db.close().await,
            ("restart", "multi-instance") => {
                let mut config = config();
                config.multi_instance = true;
                self.apps = apps(&config, &self.db, &self.effects);
            }
            ("narrow", rest) => {
                let (client, scopes) = rest.split_once(' ').expect("a client and its scopes");
                self.run(format!(
                    "UPDATE auth_clients SET scopes = '{scopes}' WHERE client_id = '{client}'"
                ))
                .await;
            }
            ("fault", table) if table.starts_with("table ") => {
                let table = &table["table ".len()..];
                self.run(format!("ALTER TABLE {table} RENAME TO {table}_away"))
                    .await;
            }
            ("heal", table) if table.starts_with("table ") => {
                let table = &table["table ".len()..];
                self.run(format!("ALTER TABLE {table}_away RENAME TO {table}"))
                    .await;
            }
            (word, rest) => panic!("there is no direction `{word} {rest}`"),
        }
    }

    async fn run(&self, sql: String) {
        let done = self.db.write::<()>(Statement::new(sql)).await;
        done.expect("the schema can be changed");
    }

    /// Sends a request, to the servers in turn where there are two.
    pub async fn ask(&mut self, step: &Step, body: String) -> String {
        self.asked += 1;
        // What a process says of itself is not the same for both.
        let turn = self.engine == Engine::PostgresPair && !step.line.ends_with("/status");
        let app = &self.apps[if turn { self.asked % 2 } else { 0 }];
        let mut step = step.clone();
        step.line = self.filled(&step.line);
        for (_, value) in &mut step.headers {
            *value = self.filled(value);
        }
        story::request(app, &step, self.filled(&body)).await
    }

    /// Keeps what an answer has at a JSON pointer, for `{{name}}` in later requests.
    pub fn keep(&mut self, name: &str, pointer: &str, answer: &str) {
        let body = answer.split_once("\n\n").map(|(_, body)| body);
        let body: Option<serde_json::Value> = body.and_then(|body| serde_json::from_str(body).ok());
        let value = body.as_ref().and_then(|body| body.pointer(pointer));
        let value = value.unwrap_or_else(|| panic!("no {pointer} to keep in {answer}"));
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        self.kept.insert(name.to_owned(), text);
    }

    /// The text with what was kept in place of `{{name}}`.
    pub fn filled(&self, text: &str) -> String {
        let kept = self.kept.iter();
        kept.fold(text.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{{{name}}}}}"), value)
        })
    }

    /// The first server.
    pub fn app(&self) -> &App {
        &self.apps[0]
    }

    /// The first server, to be asked by several at once.
    pub fn shared(&self) -> Arc<App> {
        Arc::clone(&self.apps[0])
    }

    /// Clients and keys, beside those of the servers.
    pub fn auth(&self) -> Auth {
        Auth::new(&config().auth, self.db.clone(), self.effects.clone())
    }

    /// Servers that accept the tokens of another one, too.
    pub fn trust(&mut self, foreign: Foreign) {
        let mut config = config();
        config.auth.foreign = Some(foreign);
        self.apps = apps(&config, &self.db, &self.effects);
    }

    /// Lets go of the database.
    pub async fn close(self) {
        self.db.close().await;
    }
}
