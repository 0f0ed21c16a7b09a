//! The exam sessions in one process and with their layers apart: to applications they are the same.

mod support;

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use specwright_server::db::{Db, Location, Options, Statement};
use support::files::Folder;
use support::http::Client;
use support::play::Engines;
use support::postgres;
use support::server::Server;
use support::story::{self, Step};
use tokio::runtime::Runtime;

/// Plays every story of the three APIs twice: with the system APIs in the process, and behind
/// sockets of their own. Clock and ids are the same, and so must be every byte of the answers.
#[tokio::test(flavor = "multi_thread")]
async fn layers_apart_answer_as_one_process_does() {
    let engines = Engines::sqlite();
    let engine = engines.list()[0];
    let mut stories = 0;
    for api in ["exam-sessions", "eps", "cams"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contracts");
        let entries = std::fs::read_dir(folder.join(api)).expect("an API has stories");
        for entry in entries {
            let path = entry.expect("a folder can be read").path();
            let text = std::fs::read_to_string(&path).expect("a story is text");
            let name = path.file_stem().expect("it has a name").to_string_lossy();
            let story = story::parse(&text);
            let expected = async {
                let mut one = engines.stage(engine, &format!("{api}-{name}-one")).await;
                let expected = story::play(&mut one, &story).await;
                one.close().await;
                expected
            };
            let found = async {
                let mut apart = engines.stage(engine, &format!("{api}-{name}-apart")).await;
                apart.part_layers().await;
                let found = story::play(&mut apart, &story).await;
                apart.close().await;
                found
            };
            let (expected, found) = tokio::join!(expected, found);
            assert_eq!(expected, found, "{api} {name}");
            stories += 1;
        }
    }
    assert!(stories >= 12, "{stories} stories");
}

/// The same by real processes: one that is everything, and three with a database each. They play
/// every story of the three APIs that asks for nothing but the demo data; whatever else it may
/// direct is done inside a process. Time is real here, so that only what is measured may differ.
#[test]
fn three_processes_answer_as_one_does() {
    let folder = Folder::new("three");
    let start = |name: &str, flags: &[&str]| {
        let database = format!("sqlite:{}", folder.path().join(name).display());
        Server::start(&database, &[&["--demo"], flags].concat())
    };
    let one = start("one.db", &[]);
    let eps = start("eps.db", &["--only", "eps"]);
    let cams = start("cams.db", &["--only", "cams"]);
    let url = |server: &Server| format!("http://{}", server.address);
    let (eps_url, cams_url) = (url(&eps), url(&cams));
    let apart = [
        "--only",
        "exam-sessions",
        "--eps-url",
        &eps_url,
        "--cams-url",
        &cams_url,
    ];
    let front = start("front.db", &apart);
    for (api, server) in [("exam-sessions", &front), ("eps", &eps), ("cams", &cams)] {
        let (mut played, mut statuses) = (0, BTreeSet::new());
        for story in stories(api) {
            let given =
                |(word, rest): &(String, String)| word == "given" && rest == "exam-sessions";
            if !story.iter().flat_map(|step| &step.directions).all(given) {
                continue;
            }
            for step in &story {
                let expected = answer(&one, step);
                assert_eq!(expected, answer(server, step), "{api}: {}", step.line);
                statuses.insert(expected.0);
            }
            played += 1;
        }
        assert!(played >= 2, "{played} stories of {api}");
        for status in [200, 400, 401, 404, 405, 406] {
            assert!(
                statuses.contains(&status),
                "{api}: no {status} in {statuses:?}"
            );
        }
    }
}

/// The stories of an API.
fn stories(api: &str) -> Vec<Vec<Step>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contracts");
    let entries = std::fs::read_dir(folder.join(api)).expect("an API has stories");
    let paths = entries.map(|entry| entry.expect("a folder can be read").path());
    let text = |path| std::fs::read_to_string(path).expect("a story is text");
    paths.map(|path| story::parse(&text(path))).collect()
}

/// Status, header lines and body of an answer, without what the clock has a part in.
fn answer(server: &Server, step: &Step) -> (u16, Vec<String>, String) {
    let mut request = String::new();
    for (name, value) in &step.headers {
        let value = match value.as_str() {
            "story" => "demo",
            "story-secret-0123456789abcdef" => "Demo-Secret-For-Loopback-Only-2026!",
            value => value,
        };
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut client = Client::new(server.address).expect("it listens");
    let answer = client.request(&step.line, request.as_bytes());
    let (status, mut lines, body) = answer.expect("it answers");
    lines.retain(|line| !line.to_ascii_lowercase().starts_with("date:"));
    lines.sort();
    let mut value: Value = serde_json::from_str(&body).unwrap_or_default();
    let mut text = body;
    // A transaction that came without a name, or with one that cannot be used, is given a new one.
    let given = lines
        .iter()
        .find_map(|line| line.strip_prefix("x-transaction-id: "));
    if let Some(given) = given.map(str::to_owned) {
        text = text.replace(&given, "GIVEN");
        for line in &mut lines {
            *line = line.replace(&given, "GIVEN");
        }
    }
    for place in [
        "/meps/latencyMs",
        "/oeps/latencyMs",
        "/latencyMs",
        "/checkedAt",
    ] {
        // A status takes as long as it takes, and is of its own time.
        if let Some(measured) = value.pointer_mut(place) {
            let (_, name) = place.rsplit_once('/').expect("a pointer has a slash");
            text = text.replacen(&format!("\"{name}\":{measured}"), "MEASURED", 1);
            lines.retain(|line| !line.to_ascii_lowercase().starts_with("content-length:"));
            *measured = Value::Null;
        }
    }
    (status, lines, text)
}

/// A shell with all that it has started, ended with its handle.
struct Shell(Child);

impl Drop for Shell {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill")
            .args(["-s", "KILL", "--", &group])
            .status();
        let _ = self.0.wait();
    }
}

/// The commands of the README by which three processes without the demo are started: those between
/// two of its sentences.
fn commands_of_the_readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(path).expect("there is a README");
    let (_, rest) = text
        .split_once("Without the demo, clients are made by name")
        .expect("it tells how clients are made");
    let (part, _) = rest
        .split_once("They answer to")
        .expect("and where it ends");
    let blocks = part.split("```sh\n").skip(1);
    let blocks = blocks.filter_map(|block| block.split_once("```"));
    blocks.map(|(commands, _)| commands).collect()
}

fn copy_demo(folder: &Path) {
    let demo = "src/exam_sessions/demo";
    let copies = folder.join(demo);
    std::fs::create_dir_all(&copies).expect("a folder can be made");
    let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(demo));
    for file in files.expect("there is a demo") {
        let file = file.expect("a folder can be read").path();
        let name = file.file_name().expect("it has a name");
        std::fs::copy(&file, copies.join(name)).expect("a file can be copied");
    }
}

/// Three processes that the README starts, and where the front is.
struct Three {
    _shell: Shell,
    folder: Folder,
    front: SocketAddr,
}

impl Three {
    /// Status and body of an answer to whoever has a secret.
    fn get(&self, path: &str, secret: &str) -> Option<(u16, String)> {
        let secret = std::fs::read_to_string(self.folder.path().join(secret)).ok()?;
        let headers = format!("client_id: teach\r\nclient_secret: {secret}\r\n");
        let headers = headers.replace("\n\r\n", "\r\n");
        let mut client = Client::new(self.front).ok()?;
        let answer = client.get_with(path, headers.as_bytes());
        answer.ok().map(|(status, _, body)| (status, body))
    }

    /// The same, once it is 200, or the last one when nobody waits any longer: the front is there
    /// before what it calls, and says then that nobody is there.
    fn answered(&self, path: &str) -> Option<(u16, String)> {
        let patience = Instant::now() + Duration::from_secs(60);
        loop {
            let answer = self.get(path, "secret");
            let is_there = answer.as_ref().is_some_and(|(status, _)| *status == 200);
            if is_there || Instant::now() > patience {
                return answer;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// What the README says is carried out to the letter, but for the ports.
fn as_the_readme_says() -> Three {
    let folder = Folder::new("readme");
    copy_demo(folder.path());
    let mut script = commands_of_the_readme();
    assert!(script.matches("client create").count() == 3 && !script.contains("--demo"));
    let mut front = None;
    for port in ["127.0.0.1:8081", "127.0.0.1:8082", "127.0.0.1:8080"] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let free = listener.local_addr().expect("it is bound");
        assert!(script.contains(port), "{port} in {script}");
        script = script.replace(port, &free.to_string());
        front = Some(free);
    }
    script.push_str("echo \"$TEACH\" > secret; echo \"$EPS\" > other; wait\n");
    let program = Path::new(env!("CARGO_BIN_EXE_specwright-server"));
    let programs = program.parent().expect("it is in a folder").display();
    let path = std::env::var("PATH").unwrap_or_default();
    let shell = Command::new("sh")
        .args(["-ec", &script])
        .current_dir(folder.path())
        .env("PATH", format!("{programs}:{path}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn();
    Three {
        _shell: Shell(shell.expect("there is a shell")),
        folder,
        front: front.expect("the last one is the front's"),
    }
}

#[test]
fn three_processes_without_the_demo_are_started_as_the_readme_says() {
    let ci = "/v1/businessStreams/01/sessions?year=2026";
    let vocational = "/v1/vocational-qualifications/sessions";
    let mut three = as_the_readme_says();
    let is_there = |three: &Three, path| matches!(three.answered(path), Some((200, _)));
    // A port that was free may be somebody else's by now, but not every time.
    if ![ci, vocational].iter().all(|path| is_there(&three, path)) {
        three = as_the_readme_says();
    }
    for (path, total) in [(ci, "\"total\":3"), (vocational, "\"total\":4")] {
        let (status, body) = three.answered(path).expect("it answers");
        assert!(status == 200 && body.contains(total), "{status} {body}");
    }
    let (status, body) = three.get(ci, "other").expect("it answers");
    assert_eq!(status, 401, "the secret of a layer opens no other: {body}");
}

/// Asks as the client of the demo, and gives the body of what must be 200.
fn body(server: &Server, path: &str) -> String {
    let headers = "client_id: demo\r\nclient_secret: Demo-Secret-For-Loopback-Only-2026!\r\n";
    let mut client = Client::new(server.address).expect("it listens");
    let answer = client.get_with(path, headers.as_bytes());
    let (status, _, body) = answer.expect("it answers");
    assert_eq!(status, 200, "{path}: {body}");
    body
}

/// The views are where a site puts its own tables, whose dates are dates and whose years are no
/// larger than they need to be.
#[test]
fn a_site_may_have_dates_and_small_numbers_in_its_views() {
    let Some(cluster) = postgres::shared() else {
        return;
    };
    let folder = Folder::new("views");
    let (meps, cams) = (cluster.database(), cluster.database());
    let database = format!("sqlite:{}", folder.path().join("all.db").display());
    let flags = ["--demo", "--meps-database", &meps, "--cams-database", &cams];
    let server = Server::start(&database, &flags);
    let paths = [
        "/v1/businessStreams/01/sessions?year=2026",
        "/v1/businessStreams/01/sessions?year=2026&qualificationId=0580",
        "/v1/businessStreams/01/sessions/8",
        "/v1/vocational-qualifications/sessions",
    ];
    let before = paths.map(|path| body(&server, path));
    let changes = [
        (&meps, "DROP VIEW v_sessions"),
        (
            &meps,
            "CREATE VIEW v_sessions AS SELECT business_stream_id, session_id, \
             name::varchar(100) AS name, session_type, year::int AS year, \
             start_date::date AS start_date, end_date::date AS end_date, status FROM sessions",
        ),
        (&cams, "DROP VIEW v_sessions"),
        (
            &cams,
            "CREATE VIEW v_sessions AS SELECT session_id, name, period_type, qualification_group, \
             start_date::date AS start_date, end_date::date AS end_date, status FROM sessions",
        ),
    ];
    let runtime = Runtime::new().expect("a runtime can be made");
    runtime.block_on(async {
        for (url, sql) in changes {
            let db = Db::open(&Location::Postgres(url.clone()), &Options::default()).await;
            let db = db.expect("it is there");
            let done = db.write::<()>(Statement::new(sql)).await;
            done.expect("the schema can be changed");
            db.close().await;
        }
    });
    // A new server, because prepared statements know the types of the former views.
    drop(server);
    let server = Server::start(&database, &flags);
    assert_eq!(before, paths.map(|path| body(&server, path)));
}
