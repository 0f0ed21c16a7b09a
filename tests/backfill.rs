//! The backfill queue worked off by processes that are killed, and what an operator does with it.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use specwright_server::db::{Db, Location, Options, Statement, migrations};
use support::files::Folder;
use support::http::Client;
use support::server::Server;
use support::{postgres, queue};

/// How long all records may take.
const PATIENCE: Duration = Duration::from_secs(120);

fn program(database: &str, arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_specwright-server"));
    program.args(["--database", database]).args(arguments);
    program
}

fn run(database: &str, arguments: &[&str]) -> Output {
    let output = program(database, arguments).output();
    output.expect("the program starts")
}

fn out(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{errors}");
    text
}

fn refused(output: &Output) -> String {
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The records in JSON, as the operator's command lists them.
fn records(database: &str, state: &str) -> Vec<Value> {
    let list = [
        "backfill", "list", "--format", "json", "--limit", "1000", "--state", state,
    ];
    let list: Value = serde_json::from_str(&out(&run(database, &list))).expect("it is JSON");
    let records = list["records"].as_array().cloned();
    records.expect("there is a list")
}

async fn open(database: &str) -> Db {
    let location: Location = database.parse().expect("a database");
    let opened = migrations::open(&location, &Options::default(), migrations::SERVER, 0).await;
    opened.expect("an empty database can be migrated")
}

/// Queues records of some containers in turn, so that each container has them in order.
async fn fill(database: &str, containers: i64, each: i64) {
    let db = open(database).await;
    let rows = (0..containers * each).map(|at| {
        let container = at % containers + 1;
        Statement::new(format!(
            "INSERT INTO subject_backfill_queue (api_ref_id, container_id, template_id, new_data, \
             created_at) VALUES ({at}, {container}, 1, '{{}}', '2026-01-01T00:00:00.000Z')"
        ))
    });
    let stored = db.write_all(rows.collect()).await;
    stored.expect("the queue is there");
    db.close().await;
}

/// A worker that appends the number of each record, and of its container, to a file.
fn worker(database: &str, name: &str, file: &Path) -> Child {
    let note = format!(
        r#"sed -E 's/.*"queueId":([0-9]+),.*"containerId":([0-9]+),.*/\1 \2/' >> '{}'; sleep 0.2"#,
        file.display()
    );
    let arguments = [
        "backfill",
        "work",
        "--worker",
        name,
        "--seconds",
        "3",
        "--follow",
        "--",
        "sh",
        "-c",
        &note,
    ];
    let mut worker = program(database, &arguments);
    let worker = worker.stdout(Stdio::null()).stderr(Stdio::null());
    worker.spawn().expect("the program starts")
}

fn end(mut worker: Child) {
    worker.kill().expect("it is running");
    worker.wait().expect("it ends");
}

/// Three workers, one of which is killed again and again, until everything is acknowledged. Gives the
/// records that a killed worker was at work on.
fn kill_and_work(database: &str, file: &Path, all: usize) -> BTreeSet<i64> {
    let name = |at: usize| format!("worker-{at}");
    let mut workers: Vec<Child> = (0..3).map(|at| worker(database, &name(at), file)).collect();
    let mut held = BTreeSet::new();
    // A kill may find its worker between two records, but not all of them do.
    for at in 0..20 {
        is_at_work(database, &name(at), all);
        // Another moment each time, so that the kill finds the worker at different work.
        thread::sleep(Duration::from_millis(100 + at as u64 * 37 % 200));
        end(workers.remove(0));
        held.extend(held_by(database, &name(at)));
        workers.push(worker(database, &name(at + 3), file));
        if at >= 5 && held.len() >= 2 {
            break;
        }
    }
    let deadline = Instant::now() + PATIENCE;
    while records(database, "ACKNOWLEDGED").len() < all {
        assert!(Instant::now() < deadline, "records are left over");
        thread::sleep(Duration::from_millis(200));
    }
    workers.into_iter().for_each(end);
    held
}

/// Waits until a worker has a record, or there is nothing left to do.
fn is_at_work(database: &str, worker: &str, all: usize) {
    let deadline = Instant::now() + PATIENCE;
    while held_by(database, worker).is_empty() && records(database, "ACKNOWLEDGED").len() < all {
        assert!(Instant::now() < deadline, "{worker} does nothing");
        thread::sleep(Duration::from_millis(20));
    }
}

/// The records that a worker has not acknowledged.
fn held_by(database: &str, worker: &str) -> Vec<i64> {
    let leased = records(database, "LEASED").into_iter();
    let own = leased.filter(|record| record["worker"] == worker);
    own.filter_map(|record| record["queueId"].as_i64())
        .collect()
}

/// Each of these records was handed out more than once, and there are some.
fn were_handed_out_again(database: &str, held: &BTreeSet<i64>) {
    assert!(!held.is_empty(), "no kill found anything leased");
    let all = records(database, "ACKNOWLEDGED");
    let again = all
        .iter()
        .filter(|record| record["attempt"].as_i64() > Some(1));
    let again: BTreeSet<_> = again
        .filter_map(|record| record["queueId"].as_i64())
        .collect();
    assert!(held.is_subset(&again), "{held:?} are not all in {again:?}");
}

/// The numbers of each container's records, in the order in which they came first.
fn order(file: &Path) -> BTreeMap<i64, Vec<i64>> {
    let text = std::fs::read_to_string(file).expect("the workers wrote");
    let mut seen = BTreeSet::new();
    let mut order: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for line in text.lines() {
        let (queue, container) = line.split_once(' ').expect("two numbers");
        let (queue, container) = (queue.parse(), container.parse());
        let (queue, container) = (queue.expect("a number"), container.expect("a number"));
        if seen.insert(queue) {
            order.entry(container).or_default().push(queue);
        }
    }
    order
}

fn killed_workers_lose_nothing(database: &str, folder: &Path) {
    let file = folder.join("worked");
    let held = kill_and_work(database, &file, 60);
    let order = order(&file);
    let all: usize = order.values().map(Vec::len).sum();
    assert_eq!((order.len(), all), (6, 60), "every record came to a worker");
    for (container, records) in order {
        assert!(records.is_sorted(), "container {container}: {records:?}");
    }
    were_handed_out_again(database, &held);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_workers_lose_nothing_on_sqlite() {
    let folder = Folder::new("workers");
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    fill(&database, 6, 10).await;
    killed_workers_lose_nothing(&database, folder.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_workers_lose_nothing_on_postgres() {
    let Some(cluster) = postgres::shared() else {
        return;
    };
    let folder = Folder::new("workers");
    let database = cluster.database();
    fill(&database, 6, 10).await;
    killed_workers_lose_nothing(&database, folder.path());
}

/// A client of the API, over one connection.
struct Caller<'a> {
    client: Client,
    secret: &'a str,
}

impl Caller<'_> {
    fn post(&mut self, path: &str, body: &str) -> std::io::Result<(u16, String)> {
        let headers = [
            ("client_id", "worker"),
            ("client_secret", self.secret),
            ("Content-Type", "application/json"),
        ];
        self.client.send(&format!("POST {path}"), &headers, body)
    }

    /// Leases one record that is never acknowledged.
    fn hold(&mut self) -> i64 {
        let body = r#"{"worker":"w","seconds":1}"#;
        let leased = self.post("/backfill/leases", body);
        let (status, body) = leased.expect("the server answers");
        assert_eq!(status, 200, "{body}");
        let lease: Value = serde_json::from_str(&body).expect("an answer is JSON");
        let id = lease["record"]["record"]["queueId"].as_i64();
        id.expect("it is a record")
    }

    /// Leases and acknowledges one record; `None` when there is nothing to do now.
    fn work(&mut self) -> std::io::Result<Option<i64>> {
        let body = r#"{"worker":"w","seconds":5}"#;
        let (status, body) = self.post("/backfill/leases", body)?;
        if status == 204 {
            return Ok(None);
        }
        let lease: Value = serde_json::from_str(&body).expect("an answer is JSON");
        let id = lease["leaseId"].as_str().expect("it is a lease").to_owned();
        let (status, body) = self.post(&format!("/backfill/leases/{id}/acknowledge"), "")?;
        assert_eq!(status, 200, "{body}");
        Ok(lease["record"]["record"]["queueId"].as_i64())
    }
}

/// How many containers have records when a server is killed.
const CONTAINERS: i64 = 20;

/// How many records each of them has: more where there is time for many kills. The kills come while
/// the first few are worked off, and then all that is left has to be.
fn records_each() -> i64 {
    match std::env::var_os("SPECWRIGHT_KILLS") {
        Some(_) => 40,
        None => 8,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_forgets_no_acknowledgement_on_sqlite() {
    let folder = Folder::new("server-kills");
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    fill(&database, CONTAINERS, records_each()).await;
    a_killed_server_forgets_no_acknowledgement(&database);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_forgets_no_acknowledgement_on_postgres() {
    let Some(cluster) = postgres::shared() else {
        return;
    };
    let database = cluster.database();
    fill(&database, CONTAINERS, records_each()).await;
    a_killed_server_forgets_no_acknowledgement(&database);
}

/// What a server acknowledged stays so when it is killed, and what it had leased is handed out
/// again.
fn a_killed_server_forgets_no_acknowledgement(database: &str) {
    let create = [
        "client", "create", "--api", "subjects", "--role", "write", "worker", "--format", "json",
    ];
    let client: Value = serde_json::from_str(&out(&run(database, &create))).expect("it is JSON");
    let secret = client["client_secret"].as_str().expect("a secret");
    let (mut done, mut held) = (BTreeSet::new(), BTreeSet::new());
    for round in 0..3 {
        let mut server = Server::start(database, &[]);
        let client = Client::new(server.address).expect("it listens");
        held.insert(Caller { client, secret }.hold());
        let (address, secret) = (server.address, secret.to_owned());
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let worker = thread::spawn(move || {
            let client = Client::new(address).expect("it listens");
            let secret = &secret;
            let mut caller = Caller { client, secret };
            let mut done = BTreeSet::new();
            // The kill ends the connection, whatever it is doing.
            while let Ok(worked) = caller.work() {
                assert!(worked.is_none_or(|id| done.insert(id)), "a record twice");
                counted.store(done.len(), Ordering::Relaxed);
            }
            done
        });
        let deadline = Instant::now() + PATIENCE;
        // After another record each time, so that the kill finds the server at different work.
        while count.load(Ordering::Relaxed) < 3 + round {
            assert!(Instant::now() < deadline, "nothing is acknowledged");
            thread::sleep(Duration::from_millis(1));
        }
        server.kill();
        let worked = worker.join().expect("the worker ends well");
        let acknowledged = records(database, "ACKNOWLEDGED");
        let acknowledged: BTreeSet<_> = acknowledged
            .iter()
            .filter_map(|record| record["queueId"].as_i64())
            .collect();
        assert!(worked.is_disjoint(&done), "what is done is not handed out");
        assert!(worked.is_subset(&acknowledged), "round {round}");
        done.extend(worked);
    }
    assert!(!done.is_empty(), "nothing was done before the kills");
    let server = Server::start(database, &[]);
    let client = Client::new(server.address).expect("it listens");
    let mut caller = Caller { client, secret };
    let deadline = Instant::now() + PATIENCE;
    while !records(database, "WAITING").is_empty() || !records(database, "LEASED").is_empty() {
        assert!(Instant::now() < deadline, "records are left over");
        while caller.work().expect("the server answers").is_some() {}
    }
    let all = usize::try_from(CONTAINERS * records_each()).expect("a small number");
    assert_eq!(records(database, "ACKNOWLEDGED").len(), all);
    were_handed_out_again(database, &held);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_reads_and_works_the_queue() {
    let folder = Folder::new("operator");
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    let db = open(&database).await;
    queue::fill(&db).await;
    db.close().await;
    let backfill = |arguments: &[&str]| run(&database, &[&["backfill"], arguments].concat());
    let list = out(&backfill(&["list", "--container", "1", "--type", "NONE"]));
    let lines: Vec<_> = list.lines().collect();
    assert_eq!(lines.len(), 2, "{list}");
    let line = "     1        1          1         1  -     2026-01-01T00:00:00Z  waiting";
    assert_eq!(lines[1], line);
    let by_subject = out(&backfill(&["list", "--subject", "6.BB1"]));
    assert_eq!(by_subject.lines().count(), 5, "{by_subject}");
    let none = out(&backfill(&["list", "--state", "acknowledged"]));
    assert_eq!(none, "There are no such records.\n");
    let shown = out(&backfill(&["show", "2"]));
    for text in [
        "record  2, of request 2, 2026-01-01T00:00:00Z\n",
        "about   container 1, template 1, type SR\n",
        "keys    6.AA1 M, 6.BB1 S\n",
        "before  {\"containerId\":1,\"subjectRelationships\":[]}\n",
    ] {
        assert!(shown.contains(text), "{shown}");
    }
    let lease = |arguments: &[&str]| {
        let leased = out(&backfill(&[&["lease"], arguments].concat()));
        let id = leased
            .lines()
            .find_map(|line| line.strip_prefix("lease   "));
        id.unwrap_or_else(|| panic!("no lease in {leased}"))
            .to_owned()
    };
    let first = lease(&["--worker", "me"]);
    let renewed = out(&backfill(&["renew", &first, "--seconds", "3600"]));
    assert!(renewed.contains("leased to me until "), "{renewed}");
    let nothing = out(&backfill(&["lease", "--type", "TP"]));
    assert_eq!(nothing, "There is nothing to do now.\n");
    let back = out(&backfill(&["return", &first]));
    assert!(back.ends_with("  waiting\n"), "{back}");
    let lost = refused(&backfill(&["acknowledge", &first]));
    assert!(lost.contains("no lease"), "{lost}");
    let second = lease(&["--container", "1"]);
    let done = out(&backfill(&["acknowledge", &second]));
    assert!(done.contains("acknowledged by operator at "), "{done}");
    assert!(done.trim_end().ends_with(", handed out 2 times"), "{done}");
    let again = refused(&backfill(&["renew", &second]));
    assert!(again.contains("acknowledged already"), "{again}");
    for (wrong, told) in [
        (&["show", "99"][..], "no record 99"),
        (&["list", "--subject", "6"][..], "no subject id"),
        (&["list", "--type", "XX"][..], "the types are"),
        (&["lease", "--worker", "a b"][..], "cannot be the name"),
    ] {
        let refusal = refused(&backfill(wrong));
        assert!(refusal.contains(told), "{refusal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_fails_gets_its_record_again() {
    let folder = Folder::new("programs");
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    fill(&database, 1, 3).await;
    let work = |program: &[&str]| {
        let arguments = [&["backfill", "work", "--seconds", "2", "--"], program].concat();
        run(&database, &arguments)
    };
    let failed = refused(&work(&["sh", "-c", "exit 3"]));
    assert!(failed.contains("failed at record 1"), "{failed}");
    let missing = refused(&work(&["/nowhere/at-all"]));
    assert!(missing.contains("cannot be started"), "{missing}");
    assert_eq!(records(&database, "WAITING").len(), 3);
    // A program that takes longer than a lease keeps its record all the same.
    let done = out(&work(&["sh", "-c", "sleep 3"]));
    assert_eq!(done, "3 records are worked off.\n");
    let attempts: Vec<_> = records(&database, "ACKNOWLEDGED")
        .iter()
        .map(|record| record["attempt"].as_i64())
        .collect();
    assert_eq!(attempts, [Some(3), Some(1), Some(1)]);
}
