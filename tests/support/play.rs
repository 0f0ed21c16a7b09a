//! Where stories are played: a server inside the process, over one engine.

use std::sync::Arc;

use specwright_server::config::{Config, Settings};
use specwright_server::db::{Db, Location, Options, Statement, migrations};
use specwright_server::effects::Effects;
use specwright_server::{App, app};

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
        let (effects, clock) = effects();
        let options = Options {
            connections: 2,
            ..Options::default()
        };
        let db = migrations::open(&location, &options, migrations::SERVER, START_MS).await;
        let db = db.expect("an empty database can be migrated");
        let config = config();
        let apps = [0, 1].map(|_| app(&config, db.clone(), effects.clone()));
        Stage {
            apps,
            engine,
            db,
            clock,
            effects,
            asked: 0,
        }
    }
}

fn config() -> Config {
    let settings = Settings {
        database: Some("sqlite:unused".into()),
        ..Settings::default()
    };
    settings.resolve().expect("the defaults go together")
}

/// One server, or two, in the middle of a story.
pub struct Stage {
    apps: [App; 2],
    engine: Engine,
    /// The database behind them.
    pub db: Db,
    clock: Arc<TestClock>,
    /// The effects they share.
    pub effects: Effects,
    asked: usize,
}

impl Stage {
    /// Carries out a direction of a story.
    pub async fn direct(&mut self, word: &str, rest: &str) {
        match (word, rest) {
            ("advance", ms) => self.clock.advance_ms(ms.parse().expect("milliseconds")),
            ("fault", "clock") => self.clock.set_broken(true),
            ("heal", "clock") => self.clock.set_broken(false),
            ("fault", "table") => {
                self.run("ALTER TABLE sessions RENAME TO sessions_away")
                    .await
            }
            ("heal", "table") => {
                self.run("ALTER TABLE sessions_away RENAME TO sessions")
                    .await
            }
            ("fault", "database") => self.db.close().await,
            (word, rest) => panic!("there is no direction `{word} {rest}`"),
        }
    }

    async fn run(&self, sql: &'static str) {
        let done = self.db.write::<()>(Statement::new(sql)).await;
        done.expect("the schema can be changed");
    }

    /// Sends a request, to the servers in turn where there are two.
    pub async fn ask(&mut self, step: &Step, body: String) -> String {
        self.asked += 1;
        // What a process says of itself is not the same for both.
        let turn = self.engine == Engine::PostgresPair && !step.line.ends_with("/status");
        let app = &self.apps[if turn { self.asked % 2 } else { 0 }];
        story::request(app, step, body).await
    }

    /// The first server.
    pub fn app(&self) -> &App {
        &self.apps[0]
    }

    /// Lets go of the database.
    pub async fn close(self) {
        self.db.close().await;
    }
}
