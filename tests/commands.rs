//! What the program does besides serving: clients that are made, turned away and given new
//! secrets, and data that are read in.

mod support;

use std::path::Path;
use std::process::{Command, Output};

use support::files::Folder;
use support::http::Client;
use support::server::Server;

const CI: &str = "/v1/businessStreams/01/sessions?year=2031";

fn run(database: &str, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_specwright-server"))
        .args(["--database", database])
        .args(arguments)
        .output()
        .expect("the program starts")
}

fn out(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{errors}");
    text
}

fn refused(output: &Output) -> String {
    assert!(!output.status.success());
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn secret(output: &Output) -> String {
    let text = out(output);
    let secret = text.lines().find_map(|line| line.strip_prefix("secret  "));
    secret.expect("the secret is shown").to_owned()
}

fn get(server: &Server, id: &str, secret: &str) -> (u16, String) {
    let headers = format!("client_id: {id}\r\nclient_secret: {secret}\r\n");
    let mut client = Client::new(server.address).expect("it listens");
    let answer = client.get_with(CI, headers.as_bytes());
    let (status, _, body) = answer.expect("it answers");
    (status, body)
}

#[test]
fn a_client_is_made_turned_away_and_let_in_again() {
    let folder = Folder::new("clients");
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    let create = ["client", "create", "--api", "exam-sessions", "emod"];
    let first = secret(&run(&database, &create));
    assert_eq!(first.len(), 48);
    let again = refused(&run(&database, &create));
    assert!(again.contains("client rotate"), "{again}");
    let server = Server::start(&database, &[]);
    assert_eq!(get(&server, "emod", &first).0, 200);
    let (status, body) = get(&server, "emod", "guess");
    assert_eq!(
        (status, body.as_str()),
        (401, r#"{"error":"Invalid client"}"#)
    );
    let second = secret(&run(
        &database,
        &["client", "rotate", "--api", "exam-sessions", "emod"],
    ));
    assert_eq!(get(&server, "emod", &first).0, 401);
    assert_eq!(get(&server, "emod", &second).0, 200);
    out(&run(
        &database,
        &["client", "disable", "--api", "exam-sessions", "emod"],
    ));
    assert_eq!(get(&server, "emod", &second).0, 401);
    // A client of one layer is none of another.
    let system = secret(&run(
        &database,
        &["client", "create", "--api", "eps", "emod"],
    ));
    assert_eq!(get(&server, "emod", &system).0, 401);
    let of = |api| out(&run(&database, &["client", "list", "--api", api]));
    let (list, systems) = (of("exam-sessions"), of("eps"));
    assert!(
        list.starts_with("emod ") && list.contains(" disabled "),
        "{list}"
    );
    assert!(
        systems.starts_with("emod ") && systems.contains(" enabled "),
        "{systems}"
    );
    assert_eq!(of("cams"), "There are no clients.\n");
    let list = format!("{list}{systems}");
    assert!(!list.contains(&second) && !list.contains(&system));
    let file = std::fs::read(folder.path().join("test.db")).expect("a file");
    let log = std::fs::read(folder.path().join("test.db-wal")).unwrap_or_default();
    for stored in [file, log] {
        let shown = stored
            .windows(second.len())
            .any(|part| part == second.as_bytes());
        assert!(!shown, "a secret is stored as it is");
    }
}

/// What an operator does with the clients of any API is in the audit trail, also in vain.
#[test]
fn what_an_operator_does_is_recorded() {
    let folder = Folder::new("operators");
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    let cams = |words: &[&str]| {
        run(
            &database,
            &[&["client"], words, &["--api", "cams"]].concat(),
        )
    };
    secret(&cams(&["create", "emod"]));
    refused(&cams(&["create", "emod"]));
    secret(&cams(&["rotate", "emod"]));
    out(&cams(&["disable", "emod"]));
    refused(&cams(&["disable", "nobody"]));
    let made = out(&run(&database, &["client", "create", "--format", "json"]));
    let made: serde_json::Value = serde_json::from_str(&made).expect("JSON");
    let id = made["client_id"].as_str().expect("an id");
    refused(&run(
        &database,
        &["client", "create", "x", "--scopes", "no.such"],
    ));
    let trail = |more: &[&str]| {
        let list = run(&database, &[&["audit", "--format", "json"], more].concat());
        let list: Vec<serde_json::Value> = serde_json::from_str(&out(&list)).expect("JSON");
        let entries = list.iter().rev().map(|entry| {
            assert_eq!(entry["client_id"], "(operator)");
            let text = |name: &str| entry[name].as_str().expect("a text").to_owned();
            (
                text("operation"),
                text("target"),
                entry["outcome"].to_string(),
            )
        });
        entries.collect::<Vec<_>>()
    };
    let of = |operation: &str, target: &str, outcome: &str| {
        let operation = format!("client {operation}");
        (operation, target.to_owned(), outcome.to_owned())
    };
    let admin = |id: &str| format!("/v1/identity/client/{id}");
    let all = [
        of("create", "cams/client/emod", "201"),
        of("create", "cams/client/emod", "400"),
        of("rotate", "cams/client/emod", "200"),
        of("disable", "cams/client/emod", "200"),
        of("disable", "cams/client/nobody", "400"),
        of("create", &admin(id), "201"),
        of("create", &admin("x"), "400"),
    ];
    assert_eq!(trail(&[]), all);
    assert_eq!(trail(&["--outcome", "400"]).len(), 3);
    assert_eq!(trail(&["--target", "cams/client/emod"]), all[..4]);
    assert_eq!(trail(&["--limit", "2"]), all[5..]);
    assert_eq!(trail(&["--since", "2020-01-01T00:00:00Z"]).len(), 7);
    assert!(trail(&["--until", "2020-01-01T00:00:00Z"]).is_empty());
}

#[test]
fn clients_that_cannot_be_are_refused() {
    let folder = Folder::new("no-clients");
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    let unknown = refused(&run(
        &database,
        &["client", "disable", "--api", "cams", "x"],
    ));
    assert!(unknown.contains("has no client `x`"), "{unknown}");
    let id = refused(&run(
        &database,
        &["client", "create", "--api", "cams", "a b"],
    ));
    assert!(id.contains("cannot be an id"), "{id}");
    let api = refused(&run(
        &database,
        &["client", "create", "--api", "nothing", "x"],
    ));
    assert!(api.contains("exam-sessions"), "{api}");
    let name = refused(&run(&database, &["client", "create", "--api", "cams"]));
    assert!(name.contains("needs a name"), "{name}");
    let scopes = ["client", "create", "--api", "cams", "x", "--scopes", "a"];
    let scopes = refused(&run(&database, &scopes));
    assert!(scopes.contains("--role"), "{scopes}");
    let role = ["client", "create", "x", "--role", "write"];
    let role = refused(&run(&database, &role));
    assert!(role.contains("--scopes"), "{role}");
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a file can be written");
    path.to_str().expect("a plain path").to_owned()
}

const SESSION: &str = "businessStreamId,sessionId,name,sessionType,startDate,endDate,status\n";

#[test]
fn files_are_read_in_whole_or_not_at_all() {
    let folder = Folder::new("import");
    let path = folder.path();
    let database = format!("sqlite:{}", path.join("test.db").display());
    let key = secret(&run(
        &database,
        &["client", "create", "--api", "exam-sessions", "t"],
    ));
    let server = Server::start(&database, &[]);
    let total = |expected: &str| {
        let (status, body) = get(&server, "t", &key);
        assert_eq!(status, 200, "{body}");
        assert!(body.contains(&format!("\"total\":{expected},")), "{body}");
    };
    let good = format!("{SESSION}01,1,June 2031,Series,2031-04-20,2031-06-12,Planned\n");
    let good = write(path, "good.csv", &good);
    // The rows of the other file are wrong in three places.
    let bad = format!(
        "{SESSION}04,2,x,Series,2031-06-12,2031-04-20,Planned\n03,3,y,Never,2031-01-01,2031-01-02,Open\n"
    );
    let bad = write(path, "bad.csv", &bad);
    let wrong = refused(&run(&database, &["import", "exam-sessions", &good, &bad]));
    for text in [
        "3 mistakes",
        "bad.csv, line 2, businessStreamId: `04` is not one of 01, 02, 03",
        "bad.csv, line 2, endDate: 2031-04-20 is before 2031-06-12",
        "bad.csv, line 3, sessionType: `Never`",
    ] {
        assert!(wrong.contains(text), "{wrong}");
    }
    total("0");
    // What refers to nothing is found by the database of OEPS, when that of MEPS has its rows.
    let entry = "businessStreamId,sessionId,assessmentId,centreNumber,candidates\n03,9,A/1,C1,5\n";
    let entry = write(path, "entries.csv", entry);
    let dangling = refused(&run(&database, &["import", "exam-sessions", &good, &entry]));
    assert!(dangling.contains("entries.csv, line 2"), "{dangling}");
    total("0");
    for _ in 0..2 {
        let done = out(&run(&database, &["import", "exam-sessions", &good]));
        assert_eq!(done, "1 rows are stored.\n");
        total("1");
    }
    let columns = write(path, "columns.csv", "a,b\n1,2\n");
    let columns = refused(&run(&database, &["import", "exam-sessions", &columns]));
    assert!(columns.contains("are not those of any table"), "{columns}");
    let missing = refused(&run(
        &database,
        &["import", "exam-sessions", "/nowhere.csv"],
    ));
    assert!(
        missing.contains("`/nowhere.csv` cannot be read"),
        "{missing}"
    );
}
