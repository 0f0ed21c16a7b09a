//! Licences that come in files: stored whole or not at all, again and again, by both engines alike.

mod support;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use specwright_server::db::DbError;
use specwright_server::licences::demo::licences as demo;
use specwright_server::licences::domain::{Licence, LicenceStatus, Row};
use specwright_server::licences::store::{Batch, Imported, News, Store};
use support::effects::START_MS;
use support::files::Folder;
use support::http::Client;
use support::play::Engines;
use support::server::Server;

async fn import(store: &Store, batches: &[&[Licence]], ends: bool) -> Result<Imported, DbError> {
    let (sender, receiver) = tokio::sync::mpsc::channel(batches.len() + 1);
    let batches = batches.iter().map(|batch| Batch::Licences(batch.to_vec()));
    for batch in batches.chain(ends.then_some(Batch::End)) {
        sender.send(batch).await.expect("there is room");
    }
    drop(sender);
    store.import(receiver, START_MS).await
}

/// The rows of the register as it stands, by their numbers.
async fn standing(store: &Store) -> BTreeMap<String, Row> {
    let states = store.states().await.expect("there are states");
    let rows = store.standing("", states.last, 100_000).await;
    let rows = rows.expect("rows").into_iter();
    rows.map(|row| (row.licence.licence_number.clone(), row))
        .collect()
}

/// Every licence, and whether it is the newest of its holder.
async fn shown(store: &Store) -> Vec<(Licence, bool)> {
    let rows = standing(store).await.into_values();
    rows.map(|row| (row.licence, row.is_current)).collect()
}

fn imported(new: u64, changed: u64, unchanged: u64) -> Imported {
    Imported {
        new,
        changed,
        unchanged,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_comes_to_the_same_as_changes_one_by_one() {
    let engines = Engines::new();
    for engine in engines.list() {
        let stage = engines.stage(*engine, "import").await;
        let one_by_one = engines.stage(*engine, "put").await;
        let (store, other) = (
            Store::new(stage.register()),
            Store::new(one_by_one.register()),
        );
        let licences: Vec<Licence> = demo().into_iter().take(300).collect();
        // Batches that split the licences of a holder, and have some licences twice.
        let mut later = licences[100..200].to_vec();
        for (at, licence) in later.iter_mut().enumerate() {
            licence.licence_status = LicenceStatus::Revoked;
            licence.issued_ms += if at % 3 == 0 { 400 } else { -400 } * 86_400_000;
            licence.holder_number = licences[at].holder_number.clone();
        }
        let batches: [&[Licence]; 4] = [&licences[..120], &licences[110..], &later, &later[..5]];
        let done = import(&store, &batches, true).await.expect("it is stored");
        // Those that come again otherwise in the same file are changed once more.
        assert_eq!(done, imported(300, 100, 15));
        for batch in batches {
            other
                .put(batch.to_vec(), START_MS)
                .await
                .expect("it is stored");
        }
        assert_eq!(shown(&store).await, shown(&other).await);
        for rows in [standing(&store).await, standing(&other).await] {
            assert_marked(&rows);
        }
        assert_eq!(store.states().await.expect("states").last, 1);
        stage.close().await;
        one_by_one.close().await;
    }
}

/// Exactly the newest licence of each holder is marked.
fn assert_marked(rows: &BTreeMap<String, Row>) {
    let mut newest: BTreeMap<&str, &Row> = BTreeMap::new();
    let age = |row: &Row| (row.licence.issued_ms, row.licence.licence_number.clone());
    for row in rows.values() {
        let known = newest.entry(&row.licence.holder_number).or_insert(row);
        if age(known) < age(row) {
            *known = row;
        }
    }
    for row in rows.values() {
        let is_newest = newest[row.licence.holder_number.as_str()].row_id == row.row_id;
        assert_eq!(row.is_current, is_newest, "{row:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_one_state_and_may_be_repeated() {
    let engines = Engines::new();
    for engine in engines.list() {
        let stage = engines.stage(*engine, "repeat").await;
        let store = Store::new(stage.register());
        let licences: Vec<Licence> = demo().into_iter().take(50).collect();
        let first = import(&store, &[&licences[..30], &licences[30..]], true).await;
        assert_eq!(first.expect("it is stored"), imported(50, 0, 0));
        let again = import(&store, &[&licences], true).await;
        assert_eq!(again.expect("nothing is new"), imported(0, 0, 50));
        assert_eq!(store.states().await.expect("states").last, 1);
        // What was changed in the second state is still there in the first.
        let mut changed = licences[..1].to_vec();
        changed[0].surname = "Nobody".to_owned();
        let third = import(&store, &[&changed], true).await;
        assert_eq!(third.expect("it is stored"), imported(0, 1, 0));
        let states = store.states().await.expect("states");
        assert_eq!(states.last, 2);
        let passed = store
            .news(News::Ended, (states.first, i64::MAX), states.last, 1_000)
            .await;
        let passed = passed.expect("rows");
        let [old] = passed.as_slice() else {
            panic!("one row has ended: {passed:?}");
        };
        assert_eq!(old.ended, Some(2));
        assert_eq!((old.added, &old.licence), (1, &licences[0]));
        let new = &standing(&store).await[&licences[0].licence_number];
        assert_eq!((new.added, new.licence.surname.as_str()), (2, "Nobody"));
        stage.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_lines_with_one_number_the_last_counts() {
    let engines = Engines::new();
    for engine in engines.list() {
        let base = demo().remove(0);
        let named = |surname: &str| Licence {
            surname: surname.to_owned(),
            ..base.clone()
        };
        // However the lines are cut into batches, they are counted alike.
        let lines = [named("A"), named("A"), named("B"), named("A"), named("C")];
        for (at, sizes) in [vec![5], vec![1, 1, 1, 1, 1], vec![2, 3], vec![4, 1]]
            .iter()
            .enumerate()
        {
            let stage = engines.stage(*engine, &format!("twice{at}")).await;
            let store = Store::new(stage.register());
            let mut rest = lines.as_slice();
            let mut batches = Vec::new();
            for size in sizes {
                let (batch, more) = rest.split_at(*size);
                batches.push(batch);
                rest = more;
            }
            let done = import(&store, &batches, true).await.expect("it is stored");
            assert_eq!(done, imported(1, 3, 1), "{engine:?} {sizes:?}");
            let again = import(&store, &batches, true).await;
            assert_eq!(again.expect("it is stored"), imported(0, 4, 1));
            assert_eq!(shown(&store).await, [(named("C"), true)]);
            stage.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_without_an_end_leaves_nothing() {
    let engines = Engines::new();
    for engine in engines.list() {
        let stage = engines.stage(*engine, "abandoned").await;
        let store = Store::new(stage.register());
        let licences: Vec<Licence> = demo().into_iter().take(20).collect();
        let abandoned = import(&store, &[&licences], false).await;
        assert!(
            matches!(abandoned, Err(DbError::Abandoned)),
            "{abandoned:?}"
        );
        assert!(standing(&store).await.is_empty());
        assert_eq!(store.states().await.expect("states").last, 0);
        let done = import(&store, &[], true).await;
        assert_eq!(done.expect("nothing comes"), Imported::default());
        stage.close().await;
    }
}

/// The program over a database in a folder.
fn program(folder: &Path, arguments: &[&str]) -> Command {
    let database = format!("sqlite:{}", folder.join("test.db").display());
    let mut program = Command::new(env!("CARGO_BIN_EXE_specwright-server"));
    program
        .args(["--database", &database])
        .args(arguments)
        .current_dir(folder);
    program
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let output = program(folder, arguments).output();
    output.expect("the program starts")
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// Writes a file of made-up licences.
fn generated(folder: &Path, name: &str, arguments: &[&str]) {
    let output = run(folder, &[&["generate", "licences"], arguments].concat());
    assert!(output.status.success(), "{output:?}");
    std::fs::write(folder.join(name), output.stdout).expect("it can be written");
}

#[test]
fn files_are_made_up_and_read_in() {
    let folder = Folder::new("licence-files");
    let folder = folder.path();
    generated(folder, "a.csv", &["--count", "2500", "--seed", "7"]);
    generated(
        folder,
        "a.jsonl",
        &["--count", "2500", "--seed", "7", "--format", "jsonl"],
    );
    let output = run(folder, &["import", "licences", "a.csv"]);
    let (out, error) = texts(&output);
    assert!(output.status.success(), "{error}");
    assert!(
        out.starts_with("a.csv: 2500 new, 0 changed, 0 as they were; "),
        "{out}"
    );
    // The other form says the same.
    let (out, error) = texts(&run(folder, &["import", "licences", "a.jsonl"]));
    assert!(
        out.starts_with("a.jsonl: 0 new, 0 changed, 2500 as they were; "),
        "{out}{error}"
    );
    let (out, _) = texts(&run(
        folder,
        &["import", "licences", "--format", "csv", "a.csv", "a.csv"],
    ));
    assert_eq!(out.lines().count(), 2);
}

/// Sends a signal to a program, by its name.
fn signal(program: &Child, name: &str) {
    let id = program.id().to_string();
    let sent = Command::new("kill").args(["-s", name, &id]).status();
    assert!(sent.expect("kill is everywhere").success());
}

#[test]
fn progress_is_told_in_lines_where_there_is_no_terminal() {
    let folder = Folder::new("licence-progress");
    let folder = folder.path();
    generated(folder, "first.csv", &["--count", "10"]);
    generated(folder, "more.csv", &["--count", "30000", "--seed", "3"]);
    let first = run(folder, &["import", "licences", "first.csv"]);
    let (_, error) = texts(&first);
    assert!(first.status.success(), "{error}");
    assert!(
        !error.lines().any(|line| line.starts_with("first.csv: ")),
        "what is done at once tells nothing: {error}"
    );
    let log = folder.join("told");
    let mut more = program(folder, &["import", "licences", "first.csv", "more.csv"])
        .stdout(Stdio::piped())
        .stderr(File::create(&log).expect("a file can be made"))
        .spawn()
        .expect("the program starts");
    let mut done = String::new();
    let told = more.stdout.as_mut().expect("its output is caught");
    let mut told = BufReader::new(told);
    told.read_line(&mut done).expect("it tells what is done");
    assert!(done.starts_with("first.csv: 0 new"), "{done}");
    // It stands still again and again, wherever it is in the second file, until a line is due.
    let told = || std::fs::read_to_string(&log).expect("it is there");
    while !told().contains("more.csv: ") && more.try_wait().expect("it can be asked").is_none() {
        std::thread::sleep(Duration::from_millis(50));
        signal(&more, "STOP");
        std::thread::sleep(Duration::from_secs(1));
        signal(&more, "CONT");
    }
    let more = more.wait_with_output().expect("it ends");
    let ((out, _), error) = (texts(&more), told());
    assert!(more.status.success(), "{error}");
    assert!(out.starts_with("more.csv: "), "{out}");
    // A statement that was under way when it stood still is told of too.
    let mut lines = error.lines().filter(|line| line.starts_with("more.csv: "));
    let told = lines.next().expect("a line is told");
    let says: Vec<&str> = told.split_whitespace().collect();
    let [
        "more.csv:",
        lines,
        "licences,",
        percent,
        "%,",
        rate,
        "a",
        "second,",
        left,
        "s",
        "left",
    ] = says.as_slice()
    else {
        panic!("{error}");
    };
    let number = |text: &str| text.parse::<u64>().expect("a number");
    assert!((1_000..=30_000).contains(&number(lines)), "{told}");
    assert!((1..=100).contains(&number(percent)), "{told}");
    assert!((1..=6_000).contains(&number(rate)), "{told}");
    assert!(number(left) < 3_600, "{told}");
    assert!(!error.contains(['\r', '\u{1b}']), "{error:?}");
}

/// How many licences the server lists.
fn total(server: &Server, token: &str) -> String {
    let target = "/licence/v1.1/licence?Mode=All&PageSize=1";
    let authorization = format!("Authorization: Bearer {token}\r\n");
    let mut client = Client::new(server.address).expect("it listens");
    let answer = client.get_with(target, authorization.as_bytes());
    let (status, _, body) = answer.expect("it answers");
    assert_eq!(status, 200, "{body}");
    let body: Value = serde_json::from_str(&body).expect("JSON");
    body["total"].as_str().expect("a total").to_owned()
}

#[test]
fn what_is_imported_beside_a_server_is_listed_by_it() {
    let folder = Folder::new("licence-beside");
    let folder = folder.path();
    generated(folder, "few.csv", &["--count", "300"]);
    // More than are put beside a table.
    generated(folder, "many.csv", &["--count", "9000"]);
    let create = ["client", "create", "reader", "--scopes", "licence.read"];
    let (out, error) = texts(&run(folder, &create));
    let secret = out.lines().find_map(|line| line.strip_prefix("secret  "));
    let secret = secret.unwrap_or_else(|| panic!("{out}{error}"));
    let database = format!("sqlite:{}", folder.join("test.db").display());
    let server = Server::start(&database, &[]);
    let mut client = Client::new(server.address).expect("it listens");
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let asked = format!("grant_type=client_credentials&client_id=reader&client_secret={secret}");
    let answer = client.send("POST /v1/identity/oauth/token", &form, &asked);
    let (status, answer) = answer.expect("it answers");
    assert_eq!(status, 200, "{answer}");
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    let token = answer["access_token"].as_str().expect("a token");
    assert_eq!(total(&server, token), "0");
    for (file, expected) in [("few.csv", "300"), ("many.csv", "9000")] {
        let (out, error) = texts(&run(folder, &["import", "licences", file]));
        assert!(out.contains(" new, "), "{error}");
        // Very many at once are listed when their table is made.
        let deadline = Instant::now() + Duration::from_secs(120);
        while total(&server, token) != expected {
            assert!(
                Instant::now() < deadline,
                "{file}: {}",
                total(&server, token)
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn everything_wrong_with_a_file_is_told_and_nothing_of_it_is_stored() {
    let folder = Folder::new("wrong-licences");
    let folder = folder.path();
    generated(folder, "good.csv", &["--count", "10"]);
    generated(folder, "bad.csv", &["--count", "3000", "--seed", "2"]);
    let bad = folder.join("bad.csv");
    let text = std::fs::read_to_string(&bad).expect("it is there");
    let lines: Vec<String> = text
        .lines()
        .enumerate()
        .map(|(at, line)| match at + 1 {
            5 => line.replacen("PAL-", "PAL ", 1),
            2_500 => format!("{line},more"),
            2_999 => line.replace("Delivered", "Lost").replace(",H", ",,H"),
            _ => line.to_owned(),
        })
        .collect();
    std::fs::write(&bad, lines.join("\n")).expect("it can be written");
    let output = run(
        folder,
        &["import", "licences", "bad.csv", "good.csv", "nowhere.csv"],
    );
    let (out, error) = texts(&output);
    assert_eq!(output.status.code(), Some(1));
    for told in [
        "bad.csv, line 5, licenceNumber: `PAL ",
        "bad.csv, line 2500, the line: has 15 fields, and the first line has 14",
        "bad.csv, line 2999, ",
        "bad.csv: 3 lines are wrong",
        "`nowhere.csv` cannot be read",
        "nothing of bad.csv, nowhere.csv is stored",
    ] {
        assert!(error.contains(told), "{told}: {error}");
    }
    // A file that is right is stored, whatever is wrong with others.
    assert!(
        out.starts_with("good.csv: 10 new, 0 changed, 0 as they were"),
        "{out}"
    );
    let (out, _) = texts(&run(folder, &["import", "licences", "good.csv"]));
    assert!(out.contains("0 new, 0 changed, 10 as they were"), "{out}");
    std::fs::write(&bad, "surname,shoeSize\nA,9\n").expect("it can be written");
    let (_, error) = texts(&run(folder, &["import", "licences", "bad.csv"]));
    assert!(
        error.contains("bad.csv, line 1: there is no field `shoeSize`"),
        "{error}"
    );
}
