//! The program killed while it writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use specwright_server::clients::{Clients, Role};
use specwright_server::db::{Db, Location, Options, migrations};

use super::{ALONE, column};
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

/// Creates subjects, each equivalent to the one before, until the server is gone.
fn load(address: std::net::SocketAddr, done: &AtomicBool, next: &AtomicU32, made: &AtomicU32) {
    let Ok(mut client) = Client::new(address) else {
        return;
    };
    let headers = [
        ("client_id", STORY_ID),
        ("client_secret", STORY_SECRET),
        ("content-type", "application/json"),
    ];
    let mut last: Option<i64> = None;
    while !done.load(Ordering::Relaxed) {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let terms = json!({"effectiveFromTerm": "2019FA"});
        let related = last.map(|id| json!({"containerId": id, "effectiveTerms": terms}));
        let body = json!({
            "subjectTemplate": {
                "subjectCode": "6", "subjectNumber": format!("{number:04}"), "title": "T",
                "effectiveTerms": terms,
                "crossListSubjects": [{"subjectCode": "8", "subjectNumber": format!("{number:04}")}],
            },
            "equivalentSubjects": related.into_iter().collect::<Vec<_>>(),
        });
        let answer = client.send("POST /subjects", &headers, &body.to_string());
        match answer {
            Ok((201, answer)) => {
                let answer: Value = serde_json::from_str(&answer).expect("JSON");
                // A clique of a few; then a new one.
                last = answer["containerId"]
                    .as_i64()
                    .filter(|_| !number.is_multiple_of(5));
                made.fetch_add(1, Ordering::Relaxed);
            }
            Ok((status, answer)) => panic!("{status} {answer}"),
            Err(_) => return,
        }
    }
}

/// What a request leaves in part: each line is something that should not be.
const TORN: [&str; 6] = [
    "SELECT 'container without template ' || c.container_id FROM subject_container c \
     WHERE NOT EXISTS (SELECT 1 FROM subject_template t WHERE t.container_id = c.container_id)",
    "SELECT 'template with ids missing ' || t.template_id FROM subject_template t WHERE \
     (SELECT COUNT(*) FROM subject_tmpl_reg_instance i WHERE i.template_id = t.template_id) <> 2",
    "SELECT 'one direction ' || e.container_id FROM subject_container_equiv e \
     WHERE NOT EXISTS (SELECT 1 FROM subject_container_equiv o \
     WHERE o.container_id = e.equiv_container_id AND o.equiv_container_id = e.container_id \
     AND o.from_term = e.from_term AND o.thru_term = e.thru_term)",
    "SELECT 'container without record ' || c.container_id FROM subject_container c \
     WHERE NOT EXISTS (SELECT 1 FROM subject_backfill_queue q \
     WHERE q.container_id = c.container_id)",
    "SELECT 'record without keys ' || q.queue_id FROM subject_backfill_queue q WHERE \
     (SELECT COUNT(*) FROM subject_backfill_queue_usedkey k WHERE k.queue_id = q.queue_id) < 2",
    "SELECT 'logged and not there ' || l.api_ref_id FROM subject_api_process_log l \
     WHERE l.log_type = 'RESULT' AND NOT EXISTS (SELECT 1 FROM subject_backfill_queue q \
     WHERE q.api_ref_id = l.api_ref_id AND q.container_id = l.container_id)",
];

/// R-092, P-13: a server that is killed at any moment leaves each request wholly or not at all.
/// `SPECWRIGHT_KILLS` says how often; three times on each engine unless told otherwise.
#[test]
fn a_kill_leaves_all_of_a_request_or_nothing() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _alone = runtime.block_on(ALONE.lock());
    let kills = std::env::var("SPECWRIGHT_KILLS").ok();
    let kills: u64 = kills.map_or(3, |kills| kills.parse().expect("a number of kills"));
    let folder = Folder::new("subject-kills");
    let cluster = postgres::cluster();
    let file = format!("sqlite:{}", folder.path().join("test.db").display());
    let databases = [file]
        .into_iter()
        .chain(cluster.iter().map(|cluster| cluster.database()));
    for database in databases {
        let location: Location = database.parse().expect("a database");
        runtime.block_on(async {
            let db = open(&location).await;
            catalogue::fill(&db).await;
            let clients = Clients::new(db.clone(), effects().0);
            let secret = Secret::new(STORY_SECRET.to_owned());
            let made = clients
                .register("subjects", STORY_ID, Role::Write, &secret)
                .await;
            made.expect("a client");
            db.close().await;
        });
        let (next, made) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        for round in 0..kills {
            let mut server = Server::start(&database, &["--only", "subjects"]);
            let done = Arc::new(AtomicBool::new(false));
            let clients: Vec<_> = (0..4)
                .map(|_| {
                    let (next, made) = (Arc::clone(&next), Arc::clone(&made));
                    let (address, done) = (server.address, Arc::clone(&done));
                    thread::spawn(move || load(address, &done, &next, &made))
                })
                .collect();
            thread::sleep(Duration::from_millis(300 + round * 137 % 200));
            server.kill();
            done.store(true, Ordering::Relaxed);
            clients
                .into_iter()
                .for_each(|client| client.join().expect("a client ends well"));
        }
        runtime.block_on(async {
            let db = open(&location).await;
            for torn in TORN {
                assert_eq!(column(&db, torn).await, Vec::<String>::new(), "{database}");
            }
            let there = column(&db, "SELECT 'C' || container_id FROM subject_container").await;
            let made = usize::try_from(made.load(Ordering::Relaxed)).expect("a count");
            assert!(there.len() >= made && made > 0, "{} of {made}", there.len());
            db.close().await;
        });
    }
}
