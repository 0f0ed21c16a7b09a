//! What the program does besides serving: clients that are made, turned away and given new
//! secrets, and data that are read in.

mod support;

use std::path::Path;
use std::process::{Command, Output};

use specwright_server::db::{Db, Location, Options, Statement};
use support::files::Folder;
use support::http::Client;
use support::server::Server;
use tokio::runtime::Runtime;

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
    // A new secret lets nobody in who was turned away.
    let of_sessions = |word| {
        run(
            &database,
            &["client", word, "--api", "exam-sessions", "emod"],
        )
    };
    let rotated = of_sessions("rotate");
    assert!(out(&rotated).contains("`client enable`"), "{rotated:?}");
    let third = secret(&rotated);
    assert_eq!(get(&server, "emod", &third).0, 401);
    assert!(out(&of_sessions("enable")).contains("let into `exam-sessions`"));
    assert_eq!(get(&server, "emod", &third).0, 200);
    assert_eq!(get(&server, "emod", &second).0, 401);
    assert!(!out(&of_sessions("rotate")).contains("`client enable`"));
    out(&of_sessions("disable"));
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
    out(&cams(&["enable", "emod"]));
    refused(&cams(&["disable", "nobody"]));
    refused(&cams(&["enable", "nobody"]));
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
        of("enable", "cams/client/emod", "200"),
        of("disable", "cams/client/nobody", "400"),
        of("enable", "cams/client/nobody", "400"),
        of("create", &admin(id), "201"),
        of("create", &admin("x"), "400"),
    ];
    assert_eq!(trail(&[]), all);
    assert_eq!(trail(&["--outcome", "400"]).len(), 4);
    assert_eq!(trail(&["--target", "cams/client/emod"]), all[..5]);
    assert_eq!(trail(&["--limit", "2"]), all[7..]);
    assert_eq!(trail(&["--since", "2020-01-01T00:00:00Z"]).len(), 9);
    assert!(trail(&["--until", "2020-01-01T00:00:00Z"]).is_empty());
}

/// A client of the Admin API whose secret is new is disabled if it was.
#[test]
fn a_client_of_the_admin_api_stays_disabled_until_it_is_enabled() {
    let folder = Folder::new("disabled");
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    let client = |words: &[&str]| {
        let made = run(
            &database,
            &[&["client"], words, &["--format", "json"]].concat(),
        );
        serde_json::from_str::<serde_json::Value>(&out(&made)).expect("JSON")
    };
    assert_eq!(client(&["create", "x"])["disabled"], false);
    assert_eq!(client(&["rotate", "x"])["disabled"], false);
    assert_eq!(client(&["disable", "x"])["disabled"], true);
    assert_eq!(client(&["rotate", "x"])["disabled"], true);
    assert_eq!(client(&["list"])[0]["disabled"], true);
    assert_eq!(client(&["enable", "x"])["disabled"], false);
    assert_eq!(client(&["list"])[0]["disabled"], false);
    refused(&run(&database, &["client", "enable", "y"]));
    // No scopes at all are not all of them.
    refused(&run(&database, &["client", "create", "z", "--scopes", ""]));
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

/// A session for MEPS and one for OEPS.
const ALL: &str = "businessStreamId,sessionId,name,sessionType,startDate,endDate,status\n\
                   01,1,June 2031,Series,2031-04-20,2031-06-12,Open\n\
                   03,1,June 2031,Series,2031-04-20,2031-06-12,Open\n";

/// One for CAMS.
const VOCATIONAL: &str = "sessionId,name,periodType,qualificationGroup,startDate,endDate,status\n\
     VQ-2031,2031/32,Annual,Cambridge Technicals,2031-09-01,2032-08-31,Open\n";

/// An entry for an assessment that nobody has.
const ENTRY: &str = "businessStreamId,sessionId,assessmentId,centreNumber,candidates\n\
                     01,1,A/1,C1,5\n";

/// One of the databases beside `test.db`.
fn system(folder: &Path, name: &str) -> Location {
    Location::Sqlite(folder.join(format!("test-{name}.db")))
}

/// How many sessions MEPS, OEPS and CAMS have.
fn stored(folder: &Path) -> [i64; 3] {
    let runtime = Runtime::new().expect("a runtime can be made");
    ["meps", "oeps", "cams"].map(|name| {
        runtime.block_on(async {
            let db = Db::open(&system(folder, name), &Options::default()).await;
            let db = db.expect("it is there");
            let count = Statement::new("SELECT COUNT(*) FROM sessions");
            let count = db
                .read_one::<(i64,)>(count)
                .await
                .expect("it has the table");
            db.close().await;
            count.expect("a count is one row").0
        })
    })
}

/// Carries out statements on one of the databases.
fn change(folder: &Path, name: &str, statements: &[&'static str]) {
    let runtime = Runtime::new().expect("a runtime can be made");
    runtime.block_on(async {
        let db = Db::open(&system(folder, name), &Options::default()).await;
        let db = db.expect("it is there");
        for sql in statements {
            let done = db.write::<()>(Statement::new(*sql)).await;
            done.expect("the schema can be changed");
        }
        db.close().await;
    });
}

/// Has one of the databases refuse every commit after which it has more sessions.
fn refuse_commits(folder: &Path, name: &str) {
    change(
        folder,
        name,
        &[
            "CREATE TABLE wanted (number BIGINT PRIMARY KEY)",
            "CREATE TABLE wanting (number BIGINT REFERENCES wanted (number) \
             DEFERRABLE INITIALLY DEFERRED)",
            "CREATE TRIGGER refuse AFTER INSERT ON sessions \
             BEGIN INSERT INTO wanting VALUES (1); END",
        ],
    );
}

/// What went wrong is told in numbers that agree, and no cause twice.
#[test]
fn mistakes_are_counted_and_causes_told_once() {
    let folder = Folder::new("causes");
    let path = folder.path();
    let database = format!("sqlite:{}", path.join("test.db").display());
    let import = |files: &[&str]| {
        let words = [&["import", "exam-sessions"], files].concat();
        refused(&run(&database, &words))
    };
    let nowhere = import(&["no-such-file.csv"]);
    assert_eq!(nowhere.matches("os error 2").count(), 1, "{nowhere}");
    let assessment = "businessStreamId,assessmentId,qualificationId,componentCode\n01,A/1,Q9,01\n";
    let refers = import(&[&write(path, "assessment.csv", assessment)]);
    assert_eq!(refers.matches("FOREIGN KEY").count(), 1, "{refers}");
    let wrong = ALL.replacen("Open", "Opened", 1);
    let one = import(&[&write(path, "one.csv", &wrong)]);
    assert!(one.contains("because of 1 mistake:\n"), "{one}");
    let wrong = ALL.replace("Open", "Opened");
    let two = import(&[&write(path, "two.csv", &wrong)]);
    assert!(two.contains("because of 2 mistakes:\n"), "{two}");
    let config = write(path, "wrong.toml", "nothing = 1\n");
    let wrong = refused(&run(&database, &["--config", &config, "client", "list"]));
    assert_eq!(wrong.matches("unknown field").count(), 1, "{wrong}");
}

/// A commit that fails when others are done cannot be taken back by them; then it is told exactly
/// what is stored, and the files can be read again.
#[test]
fn what_is_stored_halfway_is_told() {
    let folder = Folder::new("halfway");
    let path = folder.path();
    let database = format!("sqlite:{}", path.join("test.db").display());
    let good = write(path, "all.csv", ALL);
    let vocational = write(path, "vocational.csv", VOCATIONAL);
    let files = ["import", "exam-sessions", &good, &vocational];
    // The server makes the databases.
    drop(Server::start(&database, &[]));
    refuse_commits(path, "cams");
    let told = refused(&run(&database, &files));
    for part in [
        "the rows for MEPS are stored",
        "the rows for OEPS are stored",
        "the rows for CAMS are not, as it did not commit",
        "read the same files in again",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("nothing is stored"), "{told}");
    assert_eq!(stored(path), [1, 1, 0]);
    refuse_commits(path, "oeps");
    let later = ALL.replace(",1,", ",2,");
    let later = write(path, "later.csv", &later);
    let told = refused(&run(
        &database,
        &["import", "exam-sessions", &later, &vocational],
    ));
    for part in [
        "the rows for MEPS are stored",
        "the rows for OEPS are not, as it did not commit",
        "those for CAMS are not;",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(stored(path), [2, 1, 0]);
    for name in ["cams", "oeps"] {
        change(path, name, &["DROP TRIGGER refuse"]);
    }
    out(&run(
        &database,
        &["import", "exam-sessions", &good, &later, &vocational],
    ));
    assert_eq!(stored(path), [2, 2, 1]);
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
    // What refers to nothing is found by the database of MEPS, which has its turn when those of
    // CAMS and OEPS have taken their rows.
    let all = write(path, "all.csv", ALL);
    let vocational = write(path, "vocational.csv", VOCATIONAL);
    let entry = write(path, "entries.csv", ENTRY);
    let files = ["import", "exam-sessions", &all, &vocational, &entry];
    let dangling = refused(&run(&database, &files));
    assert!(dangling.contains("entries.csv, line 2"), "{dangling}");
    assert_eq!(stored(path), [0, 0, 0], "nothing is stored");
    total("0");
    // The same files without that row are taken, so that it was the row.
    let done = out(&run(&database, &files[..4]));
    assert_eq!(done, "3 rows are stored.\n");
    assert_eq!(stored(path), [1, 1, 1]);
    total("1");
    for _ in 0..2 {
        // It replaces the session of that number.
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

/// What a qualification or an assessment is in one business stream it cannot be in another, neither
/// within the files nor against what is stored.
#[test]
fn nothing_is_overwritten_from_another_business_stream() {
    let folder = Folder::new("streams");
    let path = folder.path();
    let database = format!("sqlite:{}", path.join("test.db").display());
    let import = |texts: &[&str]| {
        let files: Vec<String> = (texts.iter().zip('a'..))
            .map(|(text, name)| write(path, &format!("{name}.csv"), text))
            .collect();
        let files = files.iter().map(String::as_str);
        let arguments: Vec<&str> = ["import", "exam-sessions"]
            .into_iter()
            .chain(files)
            .collect();
        run(&database, &arguments)
    };
    let qualifications = "businessStreamId,qualificationId,name,level\n";
    let assessments = "businessStreamId,assessmentId,qualificationId,componentCode\n";
    let one = format!("{qualifications}01,0580,Mathematics,IGCSE\n");
    let two = format!("{qualifications}02,0580,First,B2\n");
    let both = refused(&import(&[&one, &two]));
    assert!(
        both.contains("b.csv, line 2: ") && both.contains("a.csv, line 2 says something else"),
        "{both}"
    );
    assert!(both.contains("of qualification 0580"), "{both}");
    out(&import(&[&one]));
    let stored = refused(&import(&[&two]));
    assert!(
        stored.contains("a.csv, line 2: another business stream has the qualification"),
        "{stored}"
    );
    // The same row again, and another name for the same qualification, are as good as ever; and the
    // database of OEPS is another world.
    out(&import(&[&one, &one]));
    out(&import(&[&one.replace("Mathematics", "Maths")]));
    out(&import(&[&two.replace("02,", "03,")]));
    let part = format!("{assessments}01,0580/12,0580,12\n");
    let foreign = refused(&import(&[&part.replace("01,", "02,")]));
    assert!(
        foreign.contains("a.csv, line 2: another business stream"),
        "{foreign}"
    );
    out(&import(&[&part]));
    let english = format!("{qualifications}02,FCE,First,B2\n");
    let taken = format!("{assessments}02,0580/12,FCE,12\n");
    let taken = refused(&import(&[&english, &taken]));
    assert!(
        taken.contains("b.csv, line 2: another business stream"),
        "{taken}"
    );
    let sessions = format!("{SESSION}02,1,June 2031,Series,2031-04-20,2031-06-12,Planned\n");
    let centres = "businessStreamId,centreNumber,name\n01,C1,A\n02,C1,A\n";
    let entries = "businessStreamId,sessionId,assessmentId,centreNumber,candidates\n\
                   02,1,0580/12,C1,5\n";
    let entries = refused(&import(&[&sessions, centres, entries]));
    assert!(
        entries.contains("c.csv, line 2: its business stream has no such assessment"),
        "{entries}"
    );
    let centres = centres.replace("02,C1,A", "02,C1,B");
    let centres = refused(&import(&[&centres]));
    assert!(
        centres.contains("a.csv, line 3: ") && centres.contains("of centre C1"),
        "{centres}"
    );
}
