//! Where stories are played: a server inside the process, over one engine.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use poem::Server;
use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use specwright_server::auth::Auth;
use specwright_server::auth::foreign::Foreign;
use specwright_server::auth::hashing::Cost;
use specwright_server::auth::secret::Secret;
use specwright_server::clients::{Clients, Role};
use specwright_server::config::{Config, MailRoute, MandateBy, Settings, SystemClient};
use specwright_server::db::{Db, Location, Options, Remote, Statement, migrations};
use specwright_server::effects::Effects;
use specwright_server::exam_sessions::demo;
use specwright_server::import::{Plan, Target};
use specwright_server::licences::demo::licences as demo_licences;
use specwright_server::licences::domain::Licence;
use specwright_server::licences::store::Store;
use specwright_server::systems::Systems;
use specwright_server::{App, app, prepare, register};
use tokio::task::JoinHandle;

use super::catalogue;
use super::effects::{START_MS, TestClock, effects};
use super::files::Folder;
use super::postgres::{self, Cluster};
use super::queue;
use super::story::{self, Step};

/// The client of the stories.
pub const STORY_ID: &str = "story";

/// The client of the stories that may only read, where an API tells reading from writing.
const READER_ID: &str = "reader";

/// What the client of the stories proves itself with.
pub const STORY_SECRET: &str = "story-secret-0123456789abcdef";

/// The APIs of the exam sessions.
const LAYERS: [&str; 3] = ["exam-sessions", "eps", "cams"];

/// What a story runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file of this story's own.
    Sqlite,
    /// A database of this story's own.
    Postgres,
    /// The same, with two servers that take turns, each with connections of its own.
    PostgresPair,
}

/// The engines that are there.
pub struct Engines {
    folder: Folder,
    cluster: Option<&'static Cluster>,
}

impl Engines {
    /// Looks for them.
    pub fn new() -> Self {
        Self {
            folder: Folder::new("stories"),
            cluster: postgres::shared(),
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
        let options = Options {
            connections: 2,
            ..Options::default()
        };
        self.stage_with(engine, name, options).await
    }

    /// The same with a database that is opened so.
    pub async fn stage_with(&self, engine: Engine, name: &str, options: Options) -> Stage {
        let location = self.location(engine, name);
        // What is prepared takes its time before the story begins.
        let (before, _) = effects();
        let (effects, clock) = effects();
        let db = migrations::open(&location, &options, migrations::SERVER, START_MS).await;
        let db = db.expect("an empty database can be migrated");
        let mut config = config();
        let mails = self.folder.path().join(format!("{name}-{engine:?}-mails"));
        config.mail.route = MailRoute::Directory(mails);
        config.systems.meps = location.beside("meps");
        config.systems.oeps = location.beside("oeps");
        config.systems.cams = location.beside("cams");
        let prepared = prepare(&config, &db, &before).await;
        prepared.expect("an empty database can be prepared");
        config.licences = location.beside("licences");
        let own = Databases::new(db.clone(), &config, &before);
        let theirs = match engine {
            Engine::PostgresPair => {
                let db = migrations::open(&location, &options, migrations::SERVER, START_MS).await;
                let db = db.expect("a migrated database can be opened again");
                Databases::new(db, &config, &before)
            }
            Engine::Sqlite | Engine::Postgres => own.clone(),
        };
        let databases = [own, theirs];
        let apps = apps(&config, &databases, &effects);
        Stage {
            apps,
            engine,
            config,
            databases,
            layers: Vec::new(),
            location,
            db,
            clock,
            effects,
            asked: 0,
            kept: BTreeMap::new(),
        }
    }
}

/// The databases of one server.
#[derive(Clone)]
struct Databases {
    db: Db,
    systems: Systems,
    /// The database of the licences.
    register: Remote,
}

impl Databases {
    fn new(db: Db, config: &Config, effects: &Effects) -> Self {
        Self {
            db,
            systems: Systems::new(config, effects),
            register: register(config, effects),
        }
    }
}

/// Two servers, each over its databases.
fn apps(config: &Config, databases: &[Databases; 2], effects: &Effects) -> [Arc<App>; 2] {
    databases.each_ref().map(|databases| {
        let Databases {
            db,
            systems,
            register,
        } = databases.clone();
        let app = app(config, (db, systems, register), effects.clone());
        Arc::new(app.expect("the addresses can be used"))
    })
}

fn config() -> Config {
    let settings = Settings {
        database: Some("sqlite:unused".into()),
        ..Settings::default()
    };
    let mut config = settings.resolve().expect("the defaults go together");
    config.database_options.connections = 2;
    let client = SystemClient {
        id: STORY_ID.to_owned(),
        secret: Secret::new(STORY_SECRET.to_owned()),
    };
    config.systems.eps_client = client.clone();
    config.systems.cams_client = client;
    // Stories look at what is hashed, not at how long that takes.
    config.auth.hash_cost = Cost {
        memory_kib: 64,
        passes: 1,
    };
    config
}

/// One server, or two, in the middle of a story.
pub struct Stage {
    apps: [Arc<App>; 2],
    engine: Engine,
    config: Config,
    /// Of each server; one and the same where there is one server.
    databases: [Databases; 2],
    /// The servers of layers that are apart, which end with the stage.
    layers: Vec<JoinHandle<()>>,
    /// Where the database behind them is.
    pub location: Location,
    /// The database behind them, with the connections of the first.
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
            ("fault", "database") => {
                for databases in &self.databases {
                    databases.db.close().await;
                }
            }
            ("restart", "multi-instance") => {
                self.config.multi_instance = true;
                self.restart();
            }
            ("restart", "impatient") => self.hurry(Duration::from_millis(100)).await,
            ("given", "exam-sessions") => self.fill_systems().await,
            ("given", "backfill") => {
                queue::fill(&self.db).await;
                self.let_in("subjects", STORY_ID, Role::Write).await;
                self.let_in("subjects", READER_ID, Role::Read).await;
            }
            ("given", "subjects") => self.fill_catalogue().await,
            ("sql", sql) => self.run(sql.to_owned()).await,
            ("break", write) => {
                let (what, table) = write.split_once(' ').expect("a kind of write and a table");
                catalogue::break_writes(&self.db, what, table).await;
            }
            ("mend", write) => {
                let (what, table) = write.split_once(' ').expect("a kind of write and a table");
                catalogue::mend_writes(&self.db, what, table).await;
            }
            ("given", "licences") => self.fill_register(demo_licences()).await,
            ("change", number) => self.change_licence(number).await,
            ("forget", "states") => {
                let store = Store::new(self.register());
                let forgotten = store.forget(i64::MAX).await;
                forgotten.expect("old states can be forgotten");
            }
            ("fault", "licences") => {
                for databases in &self.databases {
                    databases.register.close().await;
                }
            }
            ("lose", "licences") => {
                let db = self.register().get().await;
                let db = db.expect("the register is there");
                let lost = Statement::new("ALTER TABLE licences RENAME TO licences_lost");
                db.write::<()>(lost).await.expect("a table can be renamed");
            }
            ("fault", system @ ("meps" | "oeps" | "cams")) => {
                for databases in &self.databases {
                    remote(&databases.systems, system).close().await;
                }
            }
            ("drop", view) => {
                let (system, view) = view.split_once(' ').expect("a system and a view");
                self.change(system, format!("DROP VIEW {view}")).await;
            }
            ("slow", system) => self.slow_down(system).await,
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

    fn restart(&mut self) {
        self.apps = apps(&self.config, &self.databases, &self.effects);
    }

    /// Gives requests no more than this.
    pub async fn hurry(&mut self, patience: Duration) {
        self.config.request_timeout = patience;
        match self.layers.is_empty() {
            true => self.restart(),
            false => self.part_layers().await,
        }
    }

    /// Has experimental grading modes said by a function of the database.
    pub fn mandate_by_procedure(&mut self) {
        self.config.subjects.mandate = MandateBy::Procedure;
        self.restart();
    }

    /// Gives the function no more than this for each of its calls.
    pub fn hurry_mandate(&mut self, patience: Duration) {
        self.config.subjects.mandate_timeout = patience;
        self.restart();
    }

    /// Puts the system APIs on ports of their own, and has them called there.
    pub async fn part_layers(&mut self) {
        self.config.systems.eps_url = None;
        self.config.systems.cams_url = None;
        let eps = self.serve("eps").await;
        let cams = self.serve("cams").await;
        self.config.systems.eps_url = Some(eps);
        self.config.systems.cams_url = Some(cams);
        self.restart();
    }

    /// Puts an API on a port of its own that believes these proxies; answers its address.
    pub async fn serve_behind(&mut self, api: &'static str, proxies: &str) -> String {
        let proxies = proxies.parse().expect("a network");
        self.config.trusted_proxies = vec![proxies];
        self.serve(api).await
    }

    async fn serve(&mut self, api: &'static str) -> String {
        let mut config = self.config.clone();
        config.apis = vec![api];
        let [app, _] = apps(&config, &self.databases, &self.effects);
        let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await;
        let acceptor = acceptor.expect("there is a free port");
        let addresses = acceptor.local_addr();
        let address = addresses.first().and_then(|one| one.as_socket_addr());
        let url = format!("http://{}", address.expect("it listens on a port"));
        self.layers.push(tokio::spawn(async move {
            let served = Server::new_with_acceptor(acceptor).run(app).await;
            served.expect("it serves until it is ended");
        }));
        url
    }

    /// Makes a client of an API, with the secret of the stories.
    async fn let_in(&self, api: &str, client_id: &str, role: Role) {
        let (effects, _) = effects();
        let clients = Clients::new(self.db.clone(), effects);
        let secret = Secret::new(STORY_SECRET.to_owned());
        let made = clients.register(api, client_id, role, &secret).await;
        made.expect("the client can be stored");
    }

    /// Stores what subjects refer to, and a client that may write and one that may read.
    pub async fn fill_catalogue(&self) {
        catalogue::fill(&self.db).await;
        self.let_in("subjects", STORY_ID, Role::Write).await;
        self.let_in("subjects", READER_ID, Role::Read).await;
    }

    /// Stores the demo sessions, and the client of the stories for every layer.
    async fn fill_systems(&self) {
        for api in LAYERS {
            self.let_in(api, STORY_ID, Role::Read).await;
        }
        let databases = [
            (Target::Meps, self.system("meps").await),
            (Target::Oeps, self.system("oeps").await),
            (Target::Cams, self.system("cams").await),
        ];
        let plan = Plan::read(&demo::FILES).expect("the demo data are right");
        let stored = plan.store(&databases, || {}).await;
        stored.expect("the demo data can be stored");
    }

    async fn fill_register(&self, licences: Vec<Licence>) {
        let store = Store::new(self.register());
        let stored = store.put(licences, START_MS).await;
        stored.expect("the licences can be stored");
    }

    /// Gives a licence another surname, or adds it.
    async fn change_licence(&self, number: &str) {
        let store = Store::new(self.register());
        let found = store.find(number).await.expect("the register is there");
        let mut licence = found.unwrap_or_else(|| {
            let first = demo_licences().into_iter().next();
            first.expect("there are demo licences")
        });
        licence.licence_number = number.to_owned();
        licence.surname = "Aaberg".to_owned();
        self.fill_register(vec![licence]).await;
    }

    async fn system(&self, name: &str) -> Db {
        let [own, _] = &self.databases;
        let db = remote(&own.systems, name).get().await;
        db.expect("the system is there")
    }

    async fn change(&self, system: &str, sql: String) {
        let db = self.system(system).await;
        let done = db.write::<()>(Statement::new(sql)).await;
        done.expect("the schema can be changed");
    }

    /// Lets every look at the view of the sessions take a second or more.
    async fn slow_down(&self, system: &str) {
        let slow = match self.engine {
            Engine::Sqlite => {
                "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n \
                 WHERE i < 1500000) SELECT COUNT(*) AS waited FROM n) w"
            }
            _ => "(SELECT pg_sleep(1)) w",
        };
        self.change(system, "DROP VIEW v_sessions".to_owned()).await;
        let view = format!("CREATE VIEW v_sessions AS SELECT s.* FROM {slow}, sessions s");
        self.change(system, view).await;
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

    /// The database of the licences.
    pub fn register(&self) -> Remote {
        let [own, _] = &self.databases;
        own.register.clone()
    }

    /// What the servers are told.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Clients and keys, beside those of the servers.
    pub fn auth(&self) -> Auth {
        Auth::new(&config().auth, self.db.clone(), self.effects.clone())
    }

    /// Servers that accept the tokens of another one, too.
    pub fn trust(&mut self, foreign: Foreign) {
        self.config.auth.foreign = Some(foreign);
        self.restart();
    }

    /// Lets go of the database.
    pub async fn close(self) {
        for layer in &self.layers {
            layer.abort();
        }
        for databases in &self.databases {
            databases.systems.close().await;
            databases.register.close().await;
            databases.db.close().await;
        }
    }
}

/// The database of a system.
fn remote<'a>(systems: &'a Systems, name: &str) -> &'a Remote {
    match name {
        "meps" => &systems.meps,
        "oeps" => &systems.oeps,
        "cams" => &systems.cams,
        name => panic!("there is no system `{name}`"),
    }
}
