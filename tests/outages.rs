//! Outages of the exam sessions, over real processes: what applications see of them, how often a
//! connection is tried, and that all is well again when the outage is over.

mod support;

use std::fs::File;
use std::time::Duration;

use serde_json::Value;
use support::files::Folder;
use support::http::Client;
use support::postgres;
use support::proxy::{Mode, Proxy};
use support::server::Server;
use support::tls::{Certificate, certificate};
use support::watched::{
    CREDENTIALS, DEADLINE, Watched, get, start, start_at, start_hurried, transaction,
};
use tokio::net::TcpSocket;

const CI: &str = "/v1/businessStreams/01/sessions?year=2026";
const OCR: &str = "/v1/businessStreams/03/sessions?year=2026";
const VOCATIONAL: &str = "/v1/vocational-qualifications/sessions";
const STATUS: &str = "/v1/epsStatus";

/// How late a busy machine may carry on with what is due.
const SCHEDULING: Duration = Duration::from_secs(5);

/// What nobody outside is to read.
const INSIDE: [&str; 10] = [
    "127.0.0.1",
    "http:",
    "refused",
    "connection",
    "sqlite",
    "postgres",
    ".db",
    "hyper",
    "panicked",
    "system/",
];

/// The answer is the documented error, in time, and says nothing about the inside. Gives what the
/// log says of it.
fn fails(server: &Watched, path: &str, status: u16, code: &str) -> Vec<Value> {
    let transaction = transaction();
    let (found, error) = get(server, path, &transaction);
    assert_eq!(
        (found, &error["code"]),
        (status, &code.into()),
        "{path}: {error}"
    );
    assert_eq!(error["status"], status, "{error}");
    assert_eq!(error["transactionId"], transaction.as_str(), "{error}");
    let text = error.to_string();
    for word in INSIDE {
        assert!(!text.contains(word), "{text} tells of `{word}`");
    }
    let lines = server.lines_of(&transaction);
    let answered = lines.iter().find(|line| line["message"] == "answered");
    let took = answered.and_then(|line| line["duration_us"].as_u64());
    let took = Duration::from_micros(took.expect("its duration is written down"));
    let patience = server.deadline + SCHEDULING;
    assert!(took < patience, "{path} took {took:?}");
    lines
}

/// How often a connection was tried again.
fn attempts(lines: &[Value]) -> usize {
    let again = "a connection failed and is tried again";
    lines.iter().filter(|line| line["message"] == again).count()
}

fn works(server: &Watched, path: &str) -> Value {
    let (status, value) = get(server, path, &transaction());
    assert_eq!(status, 200, "{path}: {value}");
    value
}

/// An address that is taken, so that nobody else can listen at it, and at which nobody does.
fn nobody() -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("there are sockets");
    let anywhere = "127.0.0.1:0".parse().expect("an address");
    socket.bind(anywhere).expect("there is a free port");
    socket
}

#[test]
fn a_system_api_that_is_down_is_tried_twice_more() {
    let folder = Folder::new("down");
    let systems = start(&folder, "systems.db", &["--only", "eps,cams"]);
    let eps = Proxy::new(systems.server.address, Mode::Cut);
    let cams = Proxy::new(systems.server.address, Mode::Cut);
    let flags = [
        "--only",
        "exam-sessions",
        "--eps-url",
        &eps.url(),
        "--cams-url",
        &cams.url(),
    ];
    let server = start(&folder, "front.db", &flags);
    for mode in [Mode::Cut, Mode::CutInBody] {
        eps.set(mode);
        cams.set(mode);
        fails(&server, CI, 503, "EPS:CONNECTIVITY");
        assert_eq!(eps.connections(), 3, "{mode:?}: a try and two attempts");
        fails(&server, VOCATIONAL, 503, "CAMS:CONNECTIVITY");
        assert_eq!(cams.connections(), 3, "{mode:?}: a try and two attempts");
        assert_eq!(eps.connections(), 0, "{mode:?}: EPS was not asked for them");
        fails(&server, STATUS, 503, "EPS:CONNECTIVITY");
        assert_eq!(eps.connections(), 6, "{mode:?}: as often for each database");
    }
    eps.set(Mode::Forward);
    assert_eq!(works(&server, CI)["total"], 3);
    fails(&server, VOCATIONAL, 503, "CAMS:CONNECTIVITY");
    cams.set(Mode::Forward);
    assert_eq!(works(&server, VOCATIONAL)["total"], 4);
}

#[test]
fn a_system_api_that_is_slow_is_waited_for_until_the_deadline() {
    let folder = Folder::new("slow");
    let systems = start(&folder, "systems.db", &["--only", "eps,cams"]);
    let cases = [
        ("eps", CI, 3, VOCATIONAL, 4),
        ("cams", VOCATIONAL, 4, CI, 3),
    ];
    for (name, path, total, other, other_total) in cases {
        let slow = Proxy::new(systems.server.address, Mode::Silent);
        let fast = systems.url();
        let (eps, cams) = match name {
            "eps" => (slow.url(), fast),
            _ => (fast, slow.url()),
        };
        let flags = [
            "--only",
            "exam-sessions",
            "--eps-url",
            &eps,
            "--cams-url",
            &cams,
        ];
        let server = start_hurried(&folder, &format!("before-{name}.db"), &flags);
        fails(&server, path, 504, "SESSIONS:TIMEOUT");
        slow.await_connections(1);
        assert_eq!(slow.connections(), 1, "waiting is no reason to try again");
        assert_eq!(
            works(&server, other)["total"],
            other_total,
            "that one is not slow"
        );
        if name == "eps" {
            fails(&server, STATUS, 504, "SESSIONS:TIMEOUT");
            slow.await_connections(2);
            assert_eq!(slow.connections(), 2, "one for each database");
        }
        slow.set(Mode::Forward);
        assert_eq!(works(&server, path)["total"], total);
    }
}

/// Applications are told nothing of it, and the operator which credentials are wrong.
#[test]
fn a_system_api_that_refuses_the_layer_in_front_is_named_in_the_log() {
    let folder = Folder::new("refused");
    let systems = start(&folder, "systems.db", &["--only", "eps,cams"]);
    let url = systems.url();
    let flags = [
        "--only",
        "exam-sessions",
        "--eps-url",
        &url,
        "--cams-url",
        &url,
        "--cams-client-id",
        "demo",
        "--cams-client-secret",
        "one-that-was-changed",
    ];
    let server = start(&folder, "front.db", &flags);
    assert_eq!(works(&server, CI)["total"], 3, "EPS knows it");
    let lines = fails(&server, VOCATIONAL, 500, "SESSIONS:INTERNAL");
    let told = lines.iter().filter_map(|line| line["cause"].as_str());
    let told: Vec<&str> = told.collect();
    assert!(
        told.iter()
            .any(|cause| cause.contains("`cams` refuses the credentials")
                && cause.contains("`cams_client_secret`")),
        "{lines:?}"
    );
    let all = format!("{lines:?}");
    assert!(!all.contains("one-that-was-changed"), "{all}");
}

/// The real thing: the processes of the system APIs are killed, and started again where they were.
#[test]
fn a_system_api_that_is_killed_is_found_when_it_is_back() {
    let folder = Folder::new("killed");
    let mut eps = start(&folder, "eps.db", &["--only", "eps"]);
    let mut cams = start(&folder, "cams.db", &["--only", "cams"]);
    let flags = [
        "--only",
        "exam-sessions",
        "--eps-url",
        &eps.url(),
        "--cams-url",
        &cams.url(),
    ];
    let server = start(&folder, "front.db", &flags);
    assert_eq!(works(&server, CI)["total"], 3);
    assert_eq!(works(&server, VOCATIONAL)["total"], 4);
    eps.server.kill();
    let lines = fails(&server, CI, 503, "EPS:CONNECTIVITY");
    assert_eq!(attempts(&lines), 2, "{lines:?}");
    let lines = fails(&server, STATUS, 503, "EPS:CONNECTIVITY");
    assert_eq!(attempts(&lines), 4, "two for each database: {lines:?}");
    assert_eq!(works(&server, VOCATIONAL)["total"], 4, "CAMS is there");
    let address = eps.server.address.to_string();
    let eps = start_at(&address, &folder, "eps.db", &["--only", "eps"]);
    assert_eq!(works(&server, CI)["total"], 3);
    assert_eq!(works(&server, STATUS)["meps"]["status"], "UP");
    cams.server.kill();
    let lines = fails(&server, VOCATIONAL, 503, "CAMS:CONNECTIVITY");
    assert_eq!(attempts(&lines), 2, "{lines:?}");
    assert_eq!(works(&server, OCR)["total"], 2, "EPS is there");
    let address = cams.server.address.to_string();
    let _cams = start_at(&address, &folder, "cams.db", &["--only", "cams"]);
    assert_eq!(works(&server, VOCATIONAL)["total"], 4);
    drop(eps);
}

#[test]
fn nobody_at_the_address_is_an_outage_too() {
    let folder = Folder::new("nobody");
    let nobody = nobody();
    let url = format!("http://{}", nobody.local_addr().expect("it is bound"));
    let server = start(
        &folder,
        "front.db",
        &[
            "--only",
            "exam-sessions",
            "--eps-url",
            &url,
            "--cams-url",
            &url,
        ],
    );
    for (path, code) in [(OCR, "EPS:CONNECTIVITY"), (VOCATIONAL, "CAMS:CONNECTIVITY")] {
        let lines = fails(&server, path, 503, code);
        assert_eq!(attempts(&lines), 2, "{lines:?}");
    }
}

#[test]
fn a_database_that_is_gone_takes_nobody_with_it() {
    let folder = Folder::new("gone");
    let server = start(&folder, "all.db", &[]);
    works(&server, CI);
    let (there, away) = (
        folder.path().join("all-meps.db"),
        folder.path().join("elsewhere.db"),
    );
    std::fs::rename(&there, &away).expect("the file can be moved");
    fails(&server, CI, 503, "EPS:CONNECTIVITY");
    assert_eq!(works(&server, OCR)["total"], 2);
    let status = works(&server, STATUS);
    assert_eq!(status["meps"]["status"], "DOWN", "{status}");
    assert_eq!(status["oeps"]["status"], "UP", "{status}");
    std::fs::rename(&away, &there).expect("the file can be moved");
    assert_eq!(works(&server, CI)["total"], 3);
    assert_eq!(works(&server, STATUS)["meps"]["status"], "UP");
}

/// Reads sessions of Cambridge International in 2026 into the databases of a server's.
fn import(folder: &Folder, name: &str, sessions: &[&str]) {
    let mut rows =
        "businessStreamId,sessionId,name,sessionType,startDate,endDate,status\n".to_owned();
    for id in sessions {
        rows.push_str(&format!("01,{id},{id},Series,2026-04-20,2026-06-12,Open\n"));
    }
    let file = folder.path().join(format!("{name}.csv"));
    std::fs::write(&file, rows).expect("a file can be written");
    let database = format!("sqlite:{}", folder.path().join(name).display());
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_specwright-server"))
        .args(["--database", &database, "import", "exam-sessions"])
        .arg(&file)
        .output()
        .expect("the program starts");
    assert!(done.status.success(), "{done:?}");
}

/// The connections of the former file are given up, and what its log holds is not taken for the
/// other one's, nor lost.
#[test]
fn a_database_file_that_is_replaced_by_another_is_found() {
    let folder = Folder::new("replaced");
    let path = |name: &str| folder.path().join(name);
    let server = start(&folder, "all.db", &[]);
    assert_eq!(works(&server, CI)["total"], 3);
    import(&folder, "all.db", &["late"]);
    let log = std::fs::metadata(path("all-meps.db-wal")).expect("it has a log");
    assert!(log.len() > 0, "what came late is in the log");
    assert_eq!(works(&server, CI)["total"], 4);
    import(&folder, "other.db", &["one"]);
    let (there, former, other) = (
        path("all-meps.db"),
        path("former.db"),
        path("other-meps.db"),
    );
    std::fs::rename(&there, &former).expect("the file can be moved");
    std::fs::rename(&other, &there).expect("the other can take its place");
    let found = works(&server, CI);
    assert_eq!(found["total"], 1, "{found}");
    assert_eq!(found["sessions"][0]["sessionId"], "one", "{found}");
    assert_eq!(works(&server, STATUS)["meps"]["status"], "UP");
    import(&folder, "all.db", &["two"]);
    assert_eq!(works(&server, CI)["total"], 2);
    std::fs::rename(&there, &other).expect("the other can be moved");
    std::fs::rename(&former, &there).expect("the file can come back");
    assert_eq!(works(&server, CI)["total"], 4, "nothing of its log is lost");
}

#[test]
fn a_database_server_that_is_gone_takes_nobody_with_it() {
    let Some(mut cluster) = postgres::cluster() else {
        return;
    };
    let folder = Folder::new("gone-server");
    let meps = cluster.database();
    let server = start(&folder, "all.db", &["--meps-database", &meps]);
    assert_eq!(works(&server, CI)["total"], 3);
    cluster.stop();
    fails(&server, CI, 503, "EPS:CONNECTIVITY");
    assert_eq!(works(&server, OCR)["total"], 2);
    assert_eq!(works(&server, STATUS)["meps"]["status"], "DOWN");
    cluster.start_again();
    assert_eq!(works(&server, CI)["total"], 3);
    assert_eq!(works(&server, STATUS)["meps"]["status"], "UP");
}

#[test]
fn a_database_that_is_away_at_the_start_is_found_later() {
    let folder = Folder::new("late");
    let later = folder.path().join("later");
    let meps = format!("sqlite:{}", later.join("meps.db").display());
    let server = start(&folder, "all.db", &["--meps-database", &meps]);
    fails(&server, CI, 503, "EPS:CONNECTIVITY");
    assert_eq!(works(&server, OCR)["total"], 2);
    std::fs::create_dir(&later).expect("a folder can be made");
    assert_eq!(works(&server, CI)["total"], 0, "it is there, and empty");
    assert_eq!(works(&server, STATUS)["meps"]["status"], "UP");
}

/// What is said of a slow statement, or by the drivers of databases, is about no request.
fn of_requests(lines: &[Value]) -> Vec<&Value> {
    let of_databases = |line: &&Value| {
        let target = line["target"].as_str();
        target.is_some_and(|of| of.starts_with("sqlx")) || line["message"] == "slow statement"
    };
    lines.iter().filter(|line| !of_databases(line)).collect()
}

/// Whatever is written down while a request goes through the layers has its transaction id, at
/// both ends.
#[test]
fn every_line_of_the_log_has_the_transaction() {
    let folder = Folder::new("lines");
    let eps = start(&folder, "eps.db", &["--only", "eps"]);
    let proxy = Proxy::new(eps.server.address, Mode::Cut);
    let flags = ["--only", "exam-sessions", "--eps-url", &proxy.url()];
    let server = start(&folder, "front.db", &flags);
    let meps = folder.path().join("eps-meps.db");
    let wrong = format!("{CREDENTIALS}X-TRANSACTION-ID: wrong\r\n").replace("Demo-", "No-");
    type Request<'a> = &'a dyn Fn(&str);
    let is = |path: &'static str, status: u16| {
        let server = &server;
        move |transaction: &str| {
            let (found, body) = get(server, path, transaction);
            assert_eq!(found, status, "{path}: {body}");
        }
    };
    let turned_away = |transaction: &str| {
        let headers = wrong.replace(": wrong", &format!(": {transaction}"));
        let mut client = Client::new(server.server.address).expect("it listens");
        let answer = client.get_with(CI, headers.as_bytes());
        assert_eq!(answer.expect("it answers").0, 401);
    };
    let (cut, ok, down, status) = (is(CI, 503), is(CI, 200), is(CI, 503), is(STATUS, 200));
    // What happens, what the front says of it beside its answer, and what EPS says.
    let cases: [(Mode, bool, Request<'_>, &str, &str); 5] = [
        (
            Mode::Cut,
            true,
            &cut,
            "a connection failed and is tried again",
            "",
        ),
        (
            Mode::Cut,
            true,
            &turned_away,
            "a client was turned away",
            "",
        ),
        (Mode::Forward, true, &ok, "answered", "answered"),
        (Mode::Forward, false, &down, "answered", "not available"),
        (Mode::Forward, false, &status, "answered", "it is down"),
    ];
    for (mode, has_database, request, at_front, at_eps) in cases {
        proxy.set(mode);
        if !has_database && meps.exists() {
            std::fs::rename(&meps, folder.path().join("away.db")).expect("it can be moved");
        }
        let before = [server.lines().len(), eps.lines().len()];
        let transaction = transaction();
        request(&transaction);
        server.lines_of(&transaction);
        if !at_eps.is_empty() {
            eps.lines_of(&transaction);
        }
        for (watched, before, wanted) in [(&server, before[0], at_front), (&eps, before[1], at_eps)]
        {
            let lines = watched.lines().split_off(before);
            for line in of_requests(&lines) {
                assert_eq!(line["request_id"], transaction.as_str(), "{line}");
            }
            let said = lines.iter().any(|line| line["message"] == wanted);
            assert!(
                said || wanted.is_empty(),
                "no line says `{wanted}`: {lines:?}"
            );
        }
    }
}

#[test]
fn a_transaction_id_that_is_no_text_is_refused() {
    let folder = Folder::new("injection");
    let server = start(&folder, "all.db", &[]);
    for value in [&b"\xff\xfe"[..], b"a\tb", b"caf\xc3\xa9"] {
        let mut client = Client::new(server.server.address).expect("it listens");
        let headers = [
            CREDENTIALS.as_bytes(),
            b"X-TRANSACTION-ID: ",
            value,
            b"\r\n",
        ]
        .concat();
        let (status, lines, body) = client.get_with(CI, &headers).expect("it answers");
        assert_eq!(status, 400, "{value:?}: {body}");
        assert!(body.contains("APIKIT:BAD_REQUEST"), "{body}");
        let made = lines
            .iter()
            .find(|line| line.to_ascii_lowercase().starts_with("x-transaction-id:"));
        let made = made.expect("every answer has one");
        assert_eq!(
            made.len(),
            "x-transaction-id: ".len() + 36,
            "a fresh one: {made}"
        );
    }
}

/// Certificates are checked: a layer speaks to one it trusts, and to nobody else.
#[test]
fn layers_speak_tls_to_those_they_trust() {
    let folder = Folder::new("layers-tls");
    let Some(Certificate { cert, key }) = certificate(&folder) else {
        return;
    };
    let flags = ["--only", "eps,cams", "--tls-cert", &cert, "--tls-key", &key];
    let systems = start(&folder, "systems.db", &flags);
    let url = format!("https://{}", systems.server.address);
    let front = |name: &str, roots: &str| {
        let database = format!("sqlite:{}", folder.path().join(name).display());
        let log = folder.path().join(format!("{name}.log"));
        let file = File::create(&log).expect("a file can be made");
        let timeout = DEADLINE.as_millis().to_string();
        let flags = [
            "--demo",
            "--request-timeout-ms",
            &timeout,
            "--only",
            "exam-sessions",
            "--eps-url",
            &url,
            "--cams-url",
            &url,
        ];
        let variables = [("SSL_CERT_FILE", roots), ("RUST_LOG", "info")];
        let server = Server::within(&database, &flags, &variables, file);
        Watched {
            server,
            log,
            deadline: DEADLINE,
        }
    };
    let trusting = front("trusting.db", &cert);
    assert_eq!(works(&trusting, CI)["total"], 3);
    assert_eq!(works(&trusting, VOCATIONAL)["total"], 4);

    let other = Folder::new("layers-tls-other");
    let Some(stranger) = certificate(&other) else {
        return;
    };
    let wary = front("wary.db", &stranger.cert);
    fails(&wary, CI, 503, "EPS:CONNECTIVITY");
}
