//! The program killed while it writes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use specwright_server::clients::{Clients, Role};
use specwright_server::db::{Db, Location, Options, Statement, migrations};

use super::torn::TORN;
use super::{QUIET, column};
use crate::harness::catalogue;
use crate::harness::effects::{START_MS, effects};
use crate::harness::files::Folder;
use crate::harness::http::Client;
use crate::harness::play::{STORY_ID, STORY_SECRET};
use crate::harness::postgres;
use crate::harness::server::Server;
use specwright_server::auth::secret::Secret;

async fn open(location: &Location) -> Db {
    let options = Options::default();
    let db = migrations::open(location, &options, migrations::SERVER, START_MS).await;
    db.expect("the database can be opened")
}

/// What the clients of one database have been answered.
#[derive(Default)]
struct Answered {
    /// The next number of a subject; each has its own.
    next: AtomicU32,
    /// How many requests were carried out, by their kinds.
    done: Mutex<BTreeMap<&'static str, usize>>,
    /// The reference numbers of those that queue records.
    queued: Mutex<Vec<i64>>,
}

impl Answered {
    fn count(&self) -> usize {
        let done = self.done.lock().expect("no client panics");
        done.values().sum()
    }
}

/// How long the requests before a kill may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// One client over one connection: every request of a subject's life, again and again, until the
/// server is gone.
struct Caller {
    client: Client,
    answered: Arc<Answered>,
}

/// The server is gone.
struct Gone;

impl Caller {
    fn post(&mut self, kind: &'static str, path: &str, body: &Value) -> Result<Value, Gone> {
        let headers = [
            ("client_id", STORY_ID),
            ("client_secret", STORY_SECRET),
            ("content-type", "application/json"),
        ];
        let line = format!("POST {path}");
        let answer = self.client.send(&line, &headers, &body.to_string());
        let (status, answer) = answer.map_err(|_| Gone)?;
        assert!([200, 201].contains(&status), "{kind}: {status} {answer}");
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        let mut done = self.answered.done.lock().expect("no client panics");
        *done.entry(kind).or_default() += 1;
        if kind != "notify" {
            let mut queued = self.answered.queued.lock().expect("no client panics");
            queued.push(answer["apiRefId"].as_i64().expect("a number"));
        }
        Ok(answer)
    }

    /// All nine requests, in an order in which all can be carried out.
    fn live(&mut self) -> Result<(), Gone> {
        let number = self.answered.next.fetch_add(1, Ordering::Relaxed);
        let number = format!("{number:04}");
        let terms = json!({"effectiveFromTerm": "2018FA"});
        let subject = |code: &str, other: &str| {
            json!({
                "subjectCode": code, "subjectNumber": number, "title": "T", "attributes": ["HA"],
                "effectiveTerms": terms,
                "crossListSubjects": [{"subjectCode": other, "subjectNumber": number}],
            })
        };
        let body = json!({"subjectTemplate": subject("6", "8")});
        let first = self.post("create", "/subjects", &body)?["containerId"].clone();
        let related = json!([{"containerId": first, "effectiveTerms": terms}]);
        let body = json!({
            "subjectTemplate": subject("1", "18"),
            "equivalentSubjects": related, "subjectRelationships": related,
        });
        self.post("create in a cluster", "/subjects", &body)?;
        let path = format!("/subjects/containers/{first}");
        let requests = [
            (
                "edit",
                "/effectiveTerms/2020FA",
                json!({"subjectTemplate": {"title": "New"}}),
            ),
            (
                "plan",
                "/termPlans",
                json!({
                    "academicYear": 2021, "nextOfferedYear": 2023,
                    "termPlans": [{"termCode": "2021FA", "isOffered": true}],
                }),
            ),
            (
                "show",
                "/displayControlsAndUrls",
                json!({
                    "academicYear": 2021,
                    "displayControls": [{"controlCode": "SHOW", "optionValue": "YES"}],
                    "urls": [{"urlType": "HOME", "url": "https://example.org"}],
                }),
            ),
            (
                "enroll",
                "/terms/2021FA/enrollableSubjects",
                json!({"enrollableSubjects": [
                    {"subjectId": format!("6.{number}"), "isEnrollable": false},
                    {"subjectId": format!("8.{number}"), "isEnrollable": true},
                ]}),
            ),
            (
                "requisites",
                "/requisites",
                json!({
                    "effectiveTerm": "2021FA",
                    "requisites": {"prerequisites": {"text": "x"}, "corequisites": {"text": "y"}},
                }),
            ),
            (
                "backdate",
                "/resetEffectiveTerm",
                json!({"effectiveFromTerm": "2017FA"}),
            ),
        ];
        let mut notices = Value::Null;
        for (kind, rest, body) in requests {
            let answer = self.post(kind, &format!("{path}{rest}"), &body)?;
            if kind == "plan" {
                notices = answer["notificationIds"].clone();
            }
        }
        let body = json!({"notificationIds": notices});
        self.post("notify", &format!("{path}/notifications"), &body)?;
        let end = json!({"operation": "DEACTIVATE", "effectiveTerm": "2023FA"});
        self.post("deactivate", &path, &end)?;
        let again = json!({"operation": "REACTIVATE", "effectiveTerm": "2025FA"});
        self.post("reactivate", &path, &again)?;
        Ok(())
    }
}

/// R-092, P-13: a server that is killed at any moment leaves each request wholly or not at all.
/// `SPECWRIGHT_KILLS` says how often; three times on each engine unless told otherwise.
#[test]
fn a_kill_leaves_all_of_a_request_or_nothing() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _alone = runtime.block_on(QUIET.read());
    let kills = std::env::var("SPECWRIGHT_KILLS").ok();
    let kills: u64 = kills.map_or(3, |kills| kills.parse().expect("a number of kills"));
    let folder = Folder::new("subject-kills");
    let cluster = postgres::shared();
    let file = format!("sqlite:{}", folder.path().join("test.db").display());
    let databases = [file]
        .into_iter()
        .chain(cluster.iter().map(|cluster| cluster.database()));
    for database in databases {
        let location: Location = database.parse().expect("a database");
        runtime.block_on(async {
            let db = open(&location).await;
            catalogue::fill(&db).await;
            let named = "INSERT INTO notification_recipient VALUES \
                         ('XLIST', '8', 'eight@example.org'), ('SR', '1', 'one@example.org'), \
                         ('SR', '18', 'math@example.org'), ('HASS', '*', 'arts@example.org')";
            let named = db.write_all(vec![Statement::new(named)]).await;
            named.expect("recipients");
            let clients = Clients::new(db.clone(), effects().0);
            let secret = Secret::new(STORY_SECRET.to_owned());
            let made = clients
                .register("subjects", STORY_ID, Role::Write, &secret)
                .await;
            made.expect("a client");
            db.close().await;
        });
        let answered = Arc::new(Answered::default());
        for round in 0..kills {
            kill_while_it_writes(&database, folder.path(), round, &answered);
        }
        runtime.block_on(async {
            let db = open(&location).await;
            for torn in TORN {
                assert_eq!(column(&db, torn).await, Vec::<String>::new(), "{database}");
            }
            nothing_answered_is_lost(&db, &answered).await;
            db.close().await;
        });
    }
}

fn kill_while_it_writes(database: &str, folder: &Path, round: u64, answered: &Arc<Answered>) {
    let mails = folder.join("mails");
    let flags = [
        "--only",
        "subjects",
        "--mail-directory",
        mails.to_str().expect("a path"),
    ];
    let mut server = Server::start(database, &flags);
    let address = server.address;
    let before = answered.count();
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let answered = Arc::clone(answered);
            thread::spawn(move || {
                let client = Client::new(address).expect("it listens");
                let mut caller = Caller { client, answered };
                while caller.live().is_ok() {}
            })
        })
        .collect();
    // Once every client is in its second life; another moment each time, so that the kill finds the
    // server at different work.
    let enough = before + 52 + usize::try_from(round).expect("a small number") * 7 % 12;
    let deadline = Instant::now() + PATIENCE;
    while answered.count() < enough {
        assert!(Instant::now() < deadline, "the server does nothing");
        thread::sleep(Duration::from_millis(1));
    }
    server.kill();
    for client in clients {
        client.join().expect("a client ends well");
    }
}

/// All kinds of requests were carried out, and the records of each are there.
async fn nothing_answered_is_lost(db: &Db, answered: &Answered) {
    let done = answered.done.lock().expect("no client panics").clone();
    assert_eq!(done.len(), 11, "{done:?}");
    let there = "SELECT CAST(api_ref_id AS TEXT) FROM subject_backfill_queue";
    let there: BTreeSet<_> = column(db, there).await.into_iter().collect();
    let queued = answered.queued.lock().expect("no client panics").clone();
    let lost = queued
        .iter()
        .filter(|one| !there.contains(&one.to_string()));
    assert_eq!(lost.collect::<Vec<_>>(), Vec::<&i64>::new());
}
