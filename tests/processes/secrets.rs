//! What must not be read by others: secrets in the log, signing keys in the database.

use std::process::Command;

use serde_json::Value;
use specwright_server::admin;

use crate::support::files::Folder;
use crate::support::http::Client;
use crate::support::server::Server;
use crate::{CREDENTIALS, authorization};

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
    let made = Command::new(env!("CARGO_BIN_EXE_specwright-server"))
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
    let refused = Command::new(env!("CARGO_BIN_EXE_specwright-server"))
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
