//! Outages of the exam sessions, over real processes: what applications see of them, how often a
//! connection is tried, and that all is well again when the outage is over.

mod support;

use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use serde_json::Value;
use support::files::Folder;
use support::http::Client;
use support::postgres;
use support::proxy::{Mode, Proxy};
use support::server::Server;
use support::tls::{Certificate, certificate};

const CREDENTIALS: &str =
    "client_id: demo\r\nclient_secret: Demo-Secret-For-Loopback-Only-2026!\r\n";
const CI: &str = "/v1/businessStreams/01/sessions?year=2026";
const OCR: &str = "/v1/businessStreams/03/sessions?year=2026";
const VOCATIONAL: &str = "/v1/vocational-qualifications/sessions";
const STATUS: &str = "/v1/epsStatus";

/// How long a request may take in the servers of these tests.
const DEADLINE: Duration = Duration::from_millis(1500);

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

fn start(folder: &Folder, name: &str, flags: &[&str]) -> Server {
    let database = format!("sqlite:{}", folder.path().join(name).display());
    let flags = [&["--demo", "--request-timeout-ms", "1500"], flags].concat();
    Server::start(&database, &flags)
}

fn get(server: &Server, path: &str, transaction: &str) -> (u16, Value, Duration) {
    let mut client = Client::new(server.address).expect("it listens");
    let headers = format!("{CREDENTIALS}X-TRANSACTION-ID: {transaction}\r\n");
    let started = Instant::now();
    let answer = client.get_with(path, headers.as_bytes());
    let (status, lines, body) = answer.expect("it answers");
    let echo = format!("x-transaction-id: {transaction}");
    let echoed = lines.iter().any(|line| line.eq_ignore_ascii_case(&echo));
    assert!(echoed, "{lines:?}");
    let value = serde_json::from_str(&body).expect("every answer is JSON");
    (status, value, started.elapsed())
}

/// The answer is the documented error, in time, and says nothing about the inside.
fn fails(server: &Server, path: &str, status: u16, code: &str) {
    let transaction = format!("outage-{status}-{}", code.len());
    let (found, error, took) = get(server, path, &transaction);
    assert_eq!(
        (found, &error["code"]),
        (status, &code.into()),
        "{path}: {error}"
    );
    assert_eq!(error["status"], status, "{error}");
    assert_eq!(error["transactionId"], transaction.as_str(), "{error}");
    // The machine that runs the tests may be busy.
    assert!(
        took < DEADLINE + Duration::from_secs(2),
        "{path} took {took:?}"
    );
    let text = error.to_string();
    for word in INSIDE {
        assert!(!text.contains(word), "{text} tells of `{word}`");
    }
}

fn works(server: &Server, path: &str) -> Value {
    let (status, value, _) = get(server, path, "recovered");
    assert_eq!(status, 200, "{path}: {value}");
    value
}

/// An address at which nobody listens.
fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    listener.local_addr().expect("it is bound")
}

#[test]
fn a_system_api_that_is_down_is_tried_twice_more() {
    let folder = Folder::new("down");
    let systems = start(&folder, "systems.db", &["--only", "eps,cams"]);
    let eps = Proxy::new(systems.address, Mode::Cut);
    let cams = Proxy::new(systems.address, Mode::Cut);
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
        eps.connections();
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
    let eps = Proxy::new(systems.address, Mode::Silent);
    let server = start(
        &folder,
        "front.db",
        &["--only", "exam-sessions", "--eps-url", &eps.url()],
    );
    fails(&server, CI, 504, "SESSIONS:TIMEOUT");
    assert_eq!(eps.connections(), 1, "waiting is no reason to try again");
    assert_eq!(
        works(&server, VOCATIONAL)["total"],
        4,
        "CAMS is in the process"
    );
    eps.set(Mode::Forward);
    assert_eq!(works(&server, CI)["total"], 3);
}

#[test]
fn nobody_at_the_address_is_an_outage_too() {
    let folder = Folder::new("nobody");
    let url = format!("http://{}", nobody());
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
    fails(&server, OCR, 503, "EPS:CONNECTIVITY");
    fails(&server, VOCATIONAL, 503, "CAMS:CONNECTIVITY");
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
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let folder = Folder::new("gone-server");
    let meps = cluster.database();
    let server = start(&folder, "all.db", &["--meps-database", &meps]);
    assert_eq!(works(&server, CI)["total"], 3);
    drop(cluster);
    fails(&server, CI, 503, "EPS:CONNECTIVITY");
    assert_eq!(works(&server, OCR)["total"], 2);
    assert_eq!(works(&server, STATUS)["meps"]["status"], "DOWN");
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

#[test]
fn a_transaction_id_that_is_no_text_is_refused() {
    let folder = Folder::new("injection");
    let server = start(&folder, "all.db", &[]);
    for value in [&b"\xff\xfe"[..], b"a\tb", b"caf\xc3\xa9"] {
        let mut client = Client::new(server.address).expect("it listens");
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
    let url = format!("https://{}", systems.address);
    let front = |name: &str, roots: &str| {
        let database = format!("sqlite:{}", folder.path().join(name).display());
        let flags = [
            "--demo",
            "--request-timeout-ms",
            "1500",
            "--only",
            "exam-sessions",
            "--eps-url",
            &url,
            "--cams-url",
            &url,
        ];
        Server::within(&database, &flags, &[("SSL_CERT_FILE", roots)])
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
