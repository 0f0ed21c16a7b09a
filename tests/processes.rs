//! The program as processes: killed, stopped in order, two over one database.

mod support;

use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use specwright_server::admin;
use support::files::Folder;
use support::http::Client;
use support::postgres;
use support::server::Server;
use support::tls::{Certificate, certificate, missing};

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

/// The operations that are in the run beside those that it needs anyway, each once at least.
const EVERYTHING_ELSE: &[(&str, &str, u16)] = &[
    ("GET /.well-known/jwks.json", "", 200),
    ("GET /.well-known/oauth-authorization-server", "", 200),
    ("GET /v1/admin/vendors", "", 200),
    ("GET /v1/admin/vendors/1", "", 200),
    (
        "PUT /v1/admin/vendors/1",
        r#"{"company":"D","contactName":"A","contactEmailAddress":"a@a.example"}"#,
        204,
    ),
    ("GET /v1/admin/claimsets", "", 200),
    ("GET /v1/admin/instances", "", 200),
    ("GET /v1/admin/instances/1", "", 200),
    (
        "PUT /v1/admin/instances/1",
        r#"{"name":"n","instanceType":"t","apiUrl":"https://a.example"}"#,
        200,
    ),
    (
        "POST /v1/admin/instances",
        r#"{"name":"m","instanceType":"t","apiUrl":"https://a.example"}"#,
        400,
    ),
    ("DELETE /v1/admin/instances/1", "", 400),
    ("GET /v1/admin/instances/1/applications", "", 200),
    ("GET /v1/admin/instances/1/applications/1", "", 200),
    (
        "PUT /v1/admin/instances/1/applications/1",
        r#"{"applicationName":"B","vendorId":1,"claimSetName":"SIS Vendor","educationOrganizationIds":[1]}"#,
        204,
    ),
    ("DELETE /v1/admin/instances/1/applications/1", "", 200),
    ("DELETE /v1/admin/vendors/1", "", 200),
    // What is refused with a secret in it.
    (
        "POST /v1/identity/client",
        r#"{"client_id":"a b","client_secret":"Refused-Secret-0123456789-abcdefghij"}"#,
        400,
    ),
    (
        "POST /v1/identity/client",
        r#"{"client_id":"office","client_secret":"Refused-Secret-0123456789-abcdefghij"}"#,
        400,
    ),
    (
        "POST /v1/identity/client",
        r#"{"client_secret":"Refused-Secret-0123456789-abcdefghij""#,
        400,
    ),
];

/// A run with everything logged shows no secret, no token and no password hash.
#[test]
fn no_secret_is_in_the_log() {
    let folder = Folder::new("log");
    let path = folder.path().join("server.log");
    let log = std::fs::File::create(&path).expect("a file can be made");
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    let mut server = Server::logged(&database, &[], log);
    let mut client = Client::new(server.address).expect("it listens");
    let bearer = authorization(&mut client);
    let mut secrets = vec![
        "Process-Secret-0123456789-abcdefghij".to_owned(),
        bearer.trim_start_matches("Bearer ").to_owned(),
        "$argon2id$".to_owned(),
        "wrong-secret-of-a-stranger".to_owned(),
        "Basic-Secret-of-a-stranger".to_owned(),
        "Refused-Secret-0123456789-abcdefghij".to_owned(),
    ];
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
    ];
    let mut send = |line: &str, body: &str| client.send(line, &headers, body).expect("an answer");
    let (_, made) = send("POST /v1/identity/client", "{}");
    secrets.push(member(&made, "client_secret"));
    let vendor = r#"{"company":"C","contactName":"A","contactEmailAddress":"a@a.example"}"#;
    assert_eq!(send("POST /v1/admin/vendors", vendor).0, 201);
    let application = r#"{"applicationName":"A","vendorId":1,"claimSetName":"SIS Vendor","educationOrganizationIds":[1]}"#;
    assert_eq!(
        send("POST /v1/admin/instances/1/applications", application).0,
        201
    );
    let (_, reset) = send(
        "PUT /v1/admin/instances/1/applications/1/reset-credential",
        "",
    );
    secrets.push(member(&reset, "secret"));
    for (line, body, status) in EVERYTHING_ELSE {
        let (answered, body) = send(line, body);
        assert_eq!(answered, *status, "{line}: {body}");
    }
    let wrong = CREDENTIALS.replace(
        "Process-Secret-0123456789-abcdefghij",
        "wrong-secret-of-a-stranger",
    );
    assert_eq!(send("POST /v1/identity/oauth/token", &wrong).0, 401);
    let broken = wrong.replace('}', "");
    assert_eq!(send("POST /v1/identity/oauth/token", &broken).0, 400);
    // `office:Basic-Secret-of-a-stranger`
    let basic = [(
        "Authorization",
        "Basic b2ZmaWNlOkJhc2ljLVNlY3JldC1vZi1hLXN0cmFuZ2Vy",
    )];
    let answer = client
        .send("POST /v1/identity/oauth/token", &basic, "")
        .expect("an answer");
    assert!([400, 415].contains(&answer.0), "{answer:?}");
    secrets.push("b2ZmaWNlOkJhc2ljLVNlY3JldC1vZi1hLXN0cmFuZ2Vy".to_owned());
    // The clients of the exam sessions send their secret with every request, and the layer in front
    // sends one of its own.
    let mut status = |path: &str, id: &str, secret: &str| {
        let headers = [("client_id", id), ("client_secret", secret)];
        let answer = client.send(&format!("GET {path}"), &headers, "");
        answer.expect("an answer").0
    };
    for (api, path) in [
        ("exam-sessions", "/v1/businessStreams/01/sessions?year=2026"),
        (
            "eps",
            "/system/eps/v1/meps/sessions?businessStreamId=01&year=2026",
        ),
        ("cams", "/system/cams/v1/sessions"),
    ] {
        let secret = client_of(&database, api);
        let wrong = format!("wrong-secret-for-{api}");
        assert_eq!(status(path, "log-reader", &secret), 200, "{path}");
        assert_eq!(status(path, "log-reader", &wrong), 401, "{path}");
        assert_eq!(status(path, "nobody", &wrong), 401, "{path}");
        // Both layers refuse a request that is wrong in itself.
        let broken = path.replace("01", "1").replace("sessions", "sessions/%2A");
        assert_ne!(status(&broken, "log-reader", &secret), 200, "{broken}");
        secrets.extend([secret, wrong]);
    }
    secrets.push("within this process".to_owned());
    server.kill();
    let log = std::fs::read_to_string(&path).expect("the log is text");
    for operation in admin::contract::API.operations {
        let id = operation.id;
        assert!(log.contains(&format!("\"{id}\"")), "{id} was left out");
    }
    assert!(
        log.contains("answered") && log.lines().count() > 20,
        "the log is no log: {log}"
    );
    for secret in secrets {
        assert!(!secret.is_empty());
        let line = log.lines().find(|line| line.contains(&secret));
        assert!(line.is_none(), "a secret is in the log: {line:?}");
    }
}

/// Makes a client of an API over a database, and gives its secret.
fn client_of(database: &str, api: &str) -> String {
    let made = std::process::Command::new(env!("CARGO_BIN_EXE_specwright-server"))
        .args(["--database", database])
        .args(["client", "create", "--api", api, "log-reader"])
        .output()
        .expect("the program starts");
    let text = String::from_utf8(made.stdout).expect("it prints text");
    let secret = text.lines().find_map(|line| line.strip_prefix("secret  "));
    secret.expect("the secret is shown").to_owned()
}

/// Signing keys in clear are worth a word in the log, but not of a demo; with a key to seal them
/// with they are sealed at the next start, and tokens go on.
#[test]
fn signing_keys_in_clear_are_warned_of_and_sealed() {
    const WARNING: &str = "signing keys are in the database in clear";
    let folder = Folder::new("seals");
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    let key = folder.path().join("key");
    let text = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n";
    std::fs::write(&key, text).expect("a file can be written");
    let key = key.display().to_string();
    let run = |flags: &[&str], bearer: Option<&str>| {
        let path = folder.path().join("server.log");
        let log = std::fs::File::create(&path).expect("a file can be made");
        let mut server = Server::logged(&database, flags, log);
        let mut client = Client::new(server.address).expect("it listens");
        let bearer = bearer.map_or_else(|| authorization(&mut client), str::to_owned);
        let headers = [("Authorization", bearer.as_str())];
        let answer = client.send("GET /v1/admin/vendors", &headers, "");
        assert_eq!(answer.expect("an answer").0, 200);
        server.kill();
        let log = std::fs::read_to_string(&path).expect("the log is text");
        assert!(!log.contains(text.trim()), "the key is in the log");
        (bearer, log.contains(WARNING))
    };
    let (bearer, warned) = run(&[], None);
    assert!(warned);
    let (_, warned) = run(&["--demo"], Some(&bearer));
    assert!(!warned);
    let (_, warned) = run(&["--key-encryption-key-file", &key], Some(&bearer));
    assert!(!warned);
    let refused = std::process::Command::new(env!("CARGO_BIN_EXE_specwright-server"))
        .args(["--listen", "127.0.0.1:0", "--database", &database])
        .output()
        .expect("the program starts");
    let refused = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.contains("--key-encryption-key-file"), "{refused}");
}

fn member(body: &str, name: &str) -> String {
    let body: Value = serde_json::from_str(body).expect("an answer is JSON");
    body[name].as_str().expect("it has the member").to_owned()
}

/// What comes of the program when it ends by itself.
fn program(flags: &[&str]) -> std::process::Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_specwright-server"))
        .args(flags)
        .output()
        .expect("the program starts")
}

#[test]
fn wrong_settings_end_with_an_error() {
    let run = |flags: &[&str]| {
        let output = program(flags);
        assert!(!output.status.success());
        String::from_utf8(output.stderr).expect("errors are text")
    };
    let open = run(&["--listen", "0.0.0.0:0"]);
    assert!(open.contains("loopback only"), "{open}");
    let folder = Folder::new("config");
    let file = folder.path().join("server.toml");
    std::fs::write(&file, "listen = '127.0.0.1:0'\nlissten = 1\n").expect("a file can be written");
    let unknown = run(&["--config", file.to_str().expect("a plain path")]);
    assert!(
        unknown.contains("lissten") && unknown.contains("config schema"),
        "{unknown}"
    );
    let database = run(&["--database", "sqlite:/nowhere/at/all.db"]);
    assert!(
        database.contains("the database cannot be used"),
        "{database}"
    );
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let folder = Folder::new("nearest");
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    let file = folder.path().join("server.toml");
    std::fs::write(&file, "only = ['user-sessions']\n").expect("a file can be written");
    let file = ["--config", file.to_str().expect("a plain path")];
    let flag = [file[0], file[1], "--only", "subjects"];
    let environment = [("SPECWRIGHT_ONLY", "admin")];
    for (flags, variables, expected) in [
        (&file[..], &[][..], "user-sessions"),
        (&file[..], &environment[..], "admin"),
        (&flag[..], &environment[..], "subjects"),
    ] {
        let server = Server::within(&database, flags, variables, std::process::Stdio::null());
        let mut client = Client::new(server.address).expect("it listens");
        for api in ["user-sessions", "admin", "subjects"] {
            let answer = client.get(&format!("/openapi/{api}.json"));
            let (status, _) = answer.expect("an answer");
            let is_served = api == expected;
            assert_eq!(
                status,
                if is_served { 200 } else { 404 },
                "{api}, not {expected}"
            );
        }
    }
}

#[test]
fn pages_of_allowed_origins_may_call_every_api() {
    const PAGE: &str = "https://app.example.org";
    let folder = Folder::new("origins");
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    let server = Server::start(&database, &["--allowed-origins", PAGE]);
    let mut client = Client::new(server.address).expect("it listens");
    for (path, method) in [
        (OPEN, "POST"),
        ("/v1/identity/oauth/token", "POST"),
        ("/licence/v1.1/licence", "GET"),
    ] {
        for (origin, is_allowed) in [(PAGE, true), ("https://other.example.org", false)] {
            let headers =
                format!("Origin: {origin}\r\nAccess-Control-Request-Method: {method}\r\n");
            let asked = client.request(&format!("OPTIONS {path}"), headers.as_bytes());
            let (_, lines, _) = asked.expect("an answer");
            let allowed = format!("access-control-allow-origin: {PAGE}");
            assert_eq!(
                lines.contains(&allowed),
                is_allowed,
                "{origin} {path}: {lines:?}"
            );
        }
    }
    let headers = format!("Origin: {PAGE}\r\n");
    let read = client.get_with("/v1/sessions/swagger", headers.as_bytes());
    let (status, lines, _) = read.expect("an answer");
    assert_eq!(status, 200);
    let allowed = format!("access-control-allow-origin: {PAGE}");
    assert!(lines.contains(&allowed), "{lines:?}");
}

#[test]
fn the_schema_of_the_configuration_has_every_flag() {
    let run = |flags: &[&str]| {
        let output = program(flags);
        assert!(output.status.success());
        String::from_utf8(output.stdout).expect("output is text")
    };
    let schema: Value = serde_json::from_str(&run(&["config", "schema"])).expect("it is JSON");
    assert_eq!(schema["additionalProperties"], false);
    let properties = schema["properties"].as_object().expect("it has properties");
    let mut listed: Vec<String> = properties.keys().cloned().collect();
    listed.sort();
    for (name, property) in properties {
        assert!(property["description"].is_string(), "{name} is explained");
    }
    let help = run(&["--help"]);
    let variables = help.split("[env: SPECWRIGHT_").skip(1);
    let names = variables.filter_map(|rest| rest.split_once(['=', ']']));
    let mut flags: Vec<String> = names.map(|(name, _)| name.to_lowercase()).collect();
    // The file does not say where it is.
    flags.retain(|name| name != "config");
    flags.sort();
    assert_eq!(listed, flags);
}

/// Needs `openssl` for a certificate; skips loudly without it.
#[test]
fn a_handshake_that_does_not_end_is_ended() {
    let folder = Folder::new("handshake");
    let Some(Certificate { cert, key }) = certificate(&folder) else {
        return;
    };
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    let flags = [
        "--tls-cert",
        &cert,
        "--tls-key",
        &key,
        "--idle-timeout-ms",
        "200",
    ];
    let server = Server::start(&database, &flags);
    // Nothing, and the start of a record with a ClientHello (RFC 8446, section 5.1).
    for bytes in [&b""[..], b"\x16\x03\x01\x02\x00\x01\x00"] {
        let mut stream = TcpStream::connect(server.address).expect("the server listens");
        let patience = Some(Duration::from_secs(20));
        stream.set_read_timeout(patience).expect("a timeout");
        stream.write_all(bytes).expect("the server takes it");
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        // A system resets a connection that ends with bytes that nobody came to read.
        let is_ended = match &read {
            Ok(_) => true,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        };
        assert!(is_ended, "{bytes:?}: {read:?}");
    }
}

/// Needs `openssl` for a certificate and `curl` for a client; skips loudly without them.
#[test]
fn tls_is_spoken() {
    let folder = Folder::new("tls");
    let Some(Certificate { cert, key }) = certificate(&folder) else {
        return;
    };
    let curl = std::process::Command::new("curl").arg("--version").output();
    if curl.is_err() {
        missing("curl");
        return;
    }
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    let server = Server::start(&database, &["--tls-cert", &cert, "--tls-key", &key]);
    let answer = std::process::Command::new("curl")
        .args(["--silent", "--show-error", "--cacert", &cert])
        .arg(format!("https://{}/health/ready", server.address))
        .output()
        .expect("curl runs");
    let body = String::from_utf8_lossy(&answer.stdout).into_owned();
    assert_eq!(
        body,
        r#"{"status":"ready"}"#,
        "{}",
        String::from_utf8_lossy(&answer.stderr)
    );
}
