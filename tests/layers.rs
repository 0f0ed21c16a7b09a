//! The exam sessions in one process and with their layers apart: to applications they are the same.

mod support;

use std::path::Path;

use serde_json::Value;
use support::files::Folder;
use support::http::Client;
use support::play::Engines;
use support::server::Server;
use support::story::{self, Step};

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
            let mut one = engines.stage(engine, &format!("{api}-{name}-one")).await;
            let expected = story::play(&mut one, &story).await;
            one.close().await;
            let mut apart = engines.stage(engine, &format!("{api}-{name}-apart")).await;
            apart.part_layers().await;
            let found = story::play(&mut apart, &story).await;
            apart.close().await;
            assert_eq!(expected, found, "{api} {name}");
            stories += 1;
        }
    }
    assert!(stories >= 12, "{stories} stories");
}

/// The same by real processes: one that is everything, and three with a database each. Time is real
/// here, so that only what is measured may differ.
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
    let three = start("front.db", &apart);
    let mut asked = 0;
    for story in ["sessions", "refusals"] {
        let path = format!("tests/contracts/exam-sessions/{story}.http");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let text = std::fs::read_to_string(path).expect("a story is text");
        // Another method than GET is refused in front of the layers.
        let steps = story::parse(&text).into_iter();
        for step in steps.filter(|step| step.line.starts_with("GET")) {
            let expected = answer(&one, &step);
            assert_eq!(expected, answer(&three, &step), "{}", step.line);
            asked += 1;
        }
    }
    assert!(asked >= 20, "{asked} requests");
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
    for system in ["meps", "oeps"] {
        // A status takes as long as it takes.
        if let Some(latency) = value.pointer_mut(&format!("/{system}/latencyMs")) {
            text = text.replacen(&format!("\"latencyMs\":{latency}"), "\"latencyMs\":0", 1);
            lines.retain(|line| !line.to_ascii_lowercase().starts_with("content-length:"));
            *latency = 0.into();
        }
    }
    (status, lines, text)
}
