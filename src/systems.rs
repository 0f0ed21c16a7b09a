//! The exam sessions as a whole: three APIs, one over the other two, and three databases.

use std::sync::Arc;

use specwright_runtime::Mount;
use specwright_runtime::client::{Http, InProcess, InvalidOrigin};

use crate::auth::secret::Secret;
use crate::clients::Clients;
use crate::config::{Config, DEMO_ID, DEMO_SECRET, SystemClient};
use crate::db::{Db, DbError, Remote, migrations};
use crate::effects::Effects;
use crate::exam_sessions::{Peer, Upstream};
use crate::import::{ImportError, Plan, Target};
use crate::telemetry::Metrics;
use crate::{cams, eps, exam_sessions};

/// The id and the secret by which the exam sessions call a system API inside the process. That one
/// is hosted apart from the one that listens, and the two have different clients: from outside
/// these words open nothing.
const WITHIN: (&str, &str) = ("exam-sessions", "within this process");

/// The databases, each opened when it is first needed; clones share them.
#[derive(Clone, Debug)]
pub struct Systems {
    /// Cambridge International and Cambridge English.
    pub meps: Remote,
    /// OCR.
    pub oeps: Remote,
    /// Vocational qualifications.
    pub cams: Remote,
}

impl Systems {
    /// Where the configuration says that they are.
    pub fn new(config: &Config, effects: &Effects) -> Self {
        let remote = |location: &crate::db::Location, steps| {
            let options = config.database_options.clone();
            Remote::new(location.clone(), options, steps, effects.clone())
        };
        Self {
            meps: remote(&config.systems.meps, migrations::EPS),
            oeps: remote(&config.systems.oeps, migrations::EPS),
            cams: remote(&config.systems.cams, migrations::CAMS),
        }
    }

    /// All of them, in the order in which they are told.
    pub fn all(&self) -> [(Target, &Remote); 3] {
        [
            (Target::Meps, &self.meps),
            (Target::Oeps, &self.oeps),
            (Target::Cams, &self.cams),
        ]
    }

    /// The databases that are used under a configuration.
    fn used(&self, config: &Config) -> Vec<(Target, &Remote)> {
        let within = config.apis.contains(&exam_sessions::contract::API.name);
        let systems = &config.systems;
        let eps =
            config.apis.contains(&eps::contract::API.name) || (within && systems.eps_url.is_none());
        let cams = config.apis.contains(&cams::contract::API.name)
            || (within && systems.cams_url.is_none());
        let all = self.all().into_iter();
        all.filter(|(target, _)| match target {
            Target::Meps | Target::Oeps => eps,
            Target::Cams => cams,
        })
        .collect()
    }

    /// Opens the databases that are used, and fills those of a demo. One that is away is looked
    /// for again when it is needed.
    ///
    /// # Errors
    /// The demo data cannot be stored.
    pub async fn prepare(&self, config: &Config) -> Result<(), ImportError> {
        let mut there = Vec::new();
        for (target, remote) in self.used(config) {
            match remote.get().await {
                Ok(db) => there.push((target, db)),
                Err(error) => {
                    tracing::warn!(database = ?target, %error, "a database is away");
                }
            }
        }
        if !config.demo {
            return Ok(());
        }
        let mut empty = Vec::new();
        for (target, db) in there {
            if !self.has_sessions(target).await? {
                empty.push((target, db));
            }
        }
        let targets: Vec<Target> = empty.iter().map(|(target, _)| *target).collect();
        let plan = Plan::read(&exam_sessions::demo::FILES)?.only(&targets);
        plan.store(&empty, || {}).await
    }

    async fn has_sessions(&self, target: Target) -> Result<bool, DbError> {
        match target {
            Target::Meps => {
                eps::store::Store::new(self.meps.clone())
                    .has_sessions()
                    .await
            }
            Target::Oeps => {
                eps::store::Store::new(self.oeps.clone())
                    .has_sessions()
                    .await
            }
            Target::Cams => {
                cams::store::Store::new(self.cams.clone())
                    .has_sessions()
                    .await
            }
        }
    }

    /// Lets go of the databases.
    pub async fn close(&self) {
        for (_, remote) in self.all() {
            remote.close().await;
        }
    }
}

/// The three APIs, ready to be hosted.
pub struct Layers<'a> {
    config: &'a Config,
    systems: Systems,
    db: Db,
    effects: Effects,
    metrics: Arc<Metrics>,
}

impl<'a> Layers<'a> {
    /// Over these databases; the clients are in the server's own.
    pub fn new(
        config: &'a Config,
        systems: Systems,
        db: Db,
        effects: Effects,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            config,
            systems,
            db,
            effects,
            metrics,
        }
    }

    /// The clients from outside, with those of the demo.
    fn clients(&self, api: &'static str) -> Clients {
        let clients = Clients::new(self.db.clone(), self.effects.clone());
        match self.config.demo {
            true => clients.with_own(api, DEMO_ID, &Secret::new(DEMO_SECRET.to_owned())),
            false => clients,
        }
    }

    /// The only client from inside.
    fn within(&self, api: &'static str) -> Clients {
        let clients = Clients::new(self.db.clone(), self.effects.clone());
        clients.with_own(api, WITHIN.0, &Secret::new(WITHIN.1.to_owned()))
    }

    /// The system API over EPS.
    pub fn eps(&self) -> Mount {
        self.eps_for(self.clients(eps::contract::API.name))
    }

    fn eps_for(&self, clients: Clients) -> Mount {
        let (meps, oeps) = (self.systems.meps.clone(), self.systems.oeps.clone());
        let service = eps::service(meps, oeps, clients, self.effects.clone());
        eps::mount(service, self.config, &self.effects, self.metrics.clone())
    }

    /// The system API over CAMS.
    pub fn cams(&self) -> Mount {
        self.cams_for(self.clients(cams::contract::API.name))
    }

    fn cams_for(&self, clients: Clients) -> Mount {
        let service = cams::service(self.systems.cams.clone(), clients, self.effects.clone());
        cams::mount(service, self.config, &self.effects, self.metrics.clone())
    }

    /// The API that applications call.
    ///
    /// # Errors
    /// The address of a system API is none.
    pub fn exam_sessions(&self) -> Result<Mount, InvalidOrigin> {
        let systems = &self.config.systems;
        let eps = match &systems.eps_url {
            Some(url) => elsewhere(url, &systems.eps_client)?,
            None => inside(self.eps_for(self.within(eps::contract::API.name))),
        };
        let cams = match &systems.cams_url {
            Some(url) => elsewhere(url, &systems.cams_client)?,
            None => inside(self.cams_for(self.within(cams::contract::API.name))),
        };
        let clients = self.clients(exam_sessions::contract::API.name);
        let upstream = Upstream::new(eps, cams);
        let service = exam_sessions::service(upstream, clients, self.effects.clone());
        let (effects, metrics) = (&self.effects, self.metrics.clone());
        Ok(exam_sessions::mount(service, self.config, effects, metrics))
    }
}

fn elsewhere(url: &str, client: &SystemClient) -> Result<Peer, InvalidOrigin> {
    Ok(Peer::new(Http::new(url)?, &client.id, &client.secret))
}

fn inside(mount: Mount) -> Peer {
    let secret = Secret::new(WITHIN.1.to_owned());
    Peer::new(InProcess::new(mount), WITHIN.0, &secret)
}
