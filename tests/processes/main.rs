//! The program as processes: killed, stopped in order, two over one database; what they log, and how
//! they are set up.

#[path = "../support/mod.rs"]
mod support;

mod secrets;
mod settings;
mod tls;

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::files::Folder;
use support::http::Client;
use support::postgres;
use support::server::Server;

const OPEN: &str = "/v1/sessions/open_session";
const READ: &str = "/v1/sessions/get_session_by_id";

fn id_of(body: &str) -> String {
    let session: Value = serde_json::from_str(body).expect("an answer is JSON");
    session["id"]
        .as_str()
        .expect("a session has an id")
        .to_owned()
}

/// Opens sessions until the server is gone, and notes those that it acknowledged.
fn load(address: SocketAddr, done: &AtomicBool, acknowledged: &Mutex<Vec<String>>) {
    let Ok(mut client) = Client::new(address) else {
        return;
    };
    while !done.load(Ordering::Relaxed) {
        match client.post(OPEN, r#"{"user_id":"load","data":{"n":1}}"#) {
            Ok((200, body)) => acknowledged
                .lock()
                .expect("no test panicked")
                .push(id_of(&body)),
            Ok((status, body)) => panic!("{status} {body}"),
            Err(_) => return,
        }
    }
}

/// `SPECWRIGHT_KILLS` says how often; three times unless told otherwise.
#[test]
fn what_was_acknowledged_survives_a_kill() {
    let kills = std::env::var("SPECWRIGHT_KILLS").ok();
    let kills: u64 = kills.map_or(3, |kills| {
        kills.parse().expect("SPECWRIGHT_KILLS is a number")
    });
    let folder = Folder::new("kills");
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let mut checked = HashSet::new();
    for round in 0..kills {
        let mut server = Server::start(&database, &[]);
        check(server.address, &acknowledged, &mut checked);
        let done = Arc::new(AtomicBool::new(false));
        let clients: Vec<_> = (0..16)
            .map(|_| {
                let (address, done) = (server.address, Arc::clone(&done));
                let acknowledged = Arc::clone(&acknowledged);
                thread::spawn(move || load(address, &done, &acknowledged))
            })
            .collect();
        let deadline = Instant::now() + Duration::from_secs(60);
        while acknowledged.lock().expect("no test panicked").len() < checked.len() + 2 {
            assert!(Instant::now() < deadline, "the load is no load");
            thread::sleep(Duration::from_millis(5));
        }
        // Another moment each time, so that the kill finds the writer at different work.
        thread::sleep(Duration::from_millis(60 + round * 37 % 200));
        server.kill();
        done.store(true, Ordering::Relaxed);
        for client in clients {
            client.join().expect("a client ends well");
        }
    }
    let server = Server::start(&database, &[]);
    check(server.address, &acknowledged, &mut checked);
    println!(
        "{} acknowledged sessions found after {kills} kills",
        checked.len()
    );
    assert!(checked.len() as u64 > kills, "the load was no load");
}

/// Every session that was acknowledged and not looked for yet is there.
fn check(address: SocketAddr, acknowledged: &Mutex<Vec<String>>, checked: &mut HashSet<String>) {
    let mut client = Client::new(address).expect("the server listens");
    for id in acknowledged.lock().expect("no test panicked").iter() {
        if checked.insert(id.clone()) {
            let body = format!(r#"{{"session_id":"{id}"}}"#);
            let (status, _) = client.post(READ, &body).expect("the server answers");
            assert_eq!(status, 200, "{id} was acknowledged and is gone");
        }
    }
}

#[test]
fn a_stop_is_orderly() {
    let folder = Folder::new("stop");
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    let mut server = Server::start(&database, &["--shutdown-delay-ms", "5000"]);
    let mut client = Client::new(server.address).expect("it listens");
    assert_eq!(client.get("/health/ready").expect("it answers").0, 200);
    server.signal("TERM");
    let deadline = Instant::now() + Duration::from_secs(4);
    loop {
        let (status, body) = client.get("/health/ready").expect("it still answers");
        if status == 503 {
            break;
        }
        assert_eq!(status, 200, "{body}");
        assert!(Instant::now() < deadline, "it is ready all the while");
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(client.get("/health/live").expect("it still answers").0, 200);
    let opened = client
        .post(OPEN, r#"{"user_id":"late"}"#)
        .expect("it still answers");
    assert_eq!(opened.0, 200, "requests under way are answered");
    drop(client);
    let status = server
        .wait(Duration::from_secs(60))
        .expect("it ends within its grace period");
    assert!(status.success(), "{status}");
}

#[test]
fn a_session_lives_across_two_processes() {
    let Some(cluster) = postgres::shared() else {
        return;
    };
    let database = cluster.database();
    let flags = [
        "--expire-timeout-ms",
        "5000",
        "--cleanup-interval-ms",
        "100",
    ];
    let (one, two) = (
        Server::start(&database, &flags),
        Server::start(&database, &flags),
    );
    let mut one = Client::new(one.address)
        .map(|client| (client, one))
        .expect("it listens");
    let mut two = Client::new(two.address)
        .map(|client| (client, two))
        .expect("it listens");
    let (_, body) = one
        .0
        .post(OPEN, r#"{"user_id":"u","data":{"a":1}}"#)
        .expect("an answer");
    let key = format!(r#"{{"session_id":"{}"}}"#, id_of(&body));
    let (status, read) = two.0.post(READ, &key).expect("an answer");
    assert_eq!((status, read), (200, body));
    // Both processes look for expired sessions all the time; one of them closes this one, once.
    let deadline = Instant::now() + Duration::from_secs(60);
    let closed = loop {
        let (_, read) = one.0.post(READ, &key).expect("an answer");
        let session: Value = serde_json::from_str(&read).expect("an answer is JSON");
        if session["active"] == false {
            break read;
        }
        assert!(Instant::now() < deadline, "it does not expire: {read}");
        thread::sleep(Duration::from_millis(50));
    };
    thread::sleep(Duration::from_millis(500));
    let (_, later) = two.0.post(READ, &key).expect("an answer");
    assert_eq!(later, closed, "it was closed once");
}

/// The id of the first client and its secret.
const FIRST: &str =
    r#"{"client_id":"office","client_secret":"Process-Secret-0123456789-abcdefghij"}"#;
const CREDENTIALS: &str = r#"{"grant_type":"client_credentials","client_id":"office","client_secret":"Process-Secret-0123456789-abcdefghij"}"#;

/// Registers the first client, or finds it there, and gives the header with a token of it.
fn authorization(client: &mut Client) -> String {
    let (status, body) = client
        .post("/v1/identity/client", FIRST)
        .expect("an answer");
    assert!([201, 401].contains(&status), "{status} {body}");
    let (status, body) = client
        .post("/v1/identity/oauth/token", CREDENTIALS)
        .expect("an answer");
    assert_eq!(status, 201, "{body}");
    let token: Value = serde_json::from_str(&body).expect("an answer is JSON");
    format!(
        "Bearer {}",
        token["access_token"].as_str().expect("a token")
    )
}

#[test]
fn a_repeated_request_is_carried_out_once_across_two_processes() {
    let Some(cluster) = postgres::shared() else {
        return;
    };
    let database = cluster.database();
    let servers = [Server::start(&database, &[]), Server::start(&database, &[])];
    let mut first = Client::new(servers[0].address).expect("it listens");
    let authorization = Arc::new(authorization(&mut first));
    for round in 0..5 {
        let body = format!(
            r#"{{"company":"Round {round}","contactName":"A","contactEmailAddress":"a@a.example"}}"#
        );
        let tasks: Vec<_> = (0..8)
            .map(|number: usize| {
                let (authorization, body) = (Arc::clone(&authorization), body.clone());
                let address = servers[number % 2].address;
                thread::spawn(move || {
                    let key = format!("round-{round}");
                    let headers = [
                        ("Authorization", authorization.as_str()),
                        ("Content-Type", "application/json"),
                        ("Idempotency-Key", &key),
                    ];
                    let mut client = Client::new(address).expect("it listens");
                    client
                        .send("POST /v1/admin/vendors", &headers, &body)
                        .expect("an answer")
                })
            })
            .collect();
        let answers: HashSet<(u16, String)> = tasks
            .into_iter()
            .map(|task| task.join().expect("a thread ends well"))
            .collect();
        assert_eq!(answers.len(), 1, "one answer for all: {answers:?}");
        assert!(
            answers.iter().all(|(status, _)| *status == 201),
            "{answers:?}"
        );
    }
    let headers = [("Authorization", authorization.as_str())];
    let (_, vendors) = first
        .send("GET /v1/admin/vendors", &headers, "")
        .expect("an answer");
    let vendors: Value = serde_json::from_str(&vendors).expect("an answer is JSON");
    assert_eq!(
        vendors.as_array().map(Vec::len),
        Some(5),
        "one vendor a round"
    );
}
