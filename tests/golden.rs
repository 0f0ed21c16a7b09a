//! Replays what the original system was recorded to do, on every engine, and on two processes that
//! take turns.
//!
//! The recording is one JSON object a line, in the file that `SPECWRIGHT_GOLDEN` names or in
//! `../shared/golden/`; without it the test skips, loudly. Ids and times differ from run to run:
//! where an answer has one in place of a recorded one, later requests get it too. Lists are
//! compared as sets.

mod support;

use std::collections::HashMap;
use std::path::PathBuf;

use serde_json::{Map, Value};
use specwright_runtime::Json;
use support::http::Client;
use support::play::Engines;
use support::postgres;
use support::server::Server;
use support::story::Step;

/// Where the recording differs from what the contract asks for, by its number, and why.
const DEVIATIONS: &[(u64, &str)] = &[
    (86, "the recorded store took `from_time` for `to_time`"),
    (
        88,
        "the recorded store took `from_time` for `to_time`, and the reverse",
    ),
    (
        229,
        "the document is this contract, not the one the original derives from its commands",
    ),
];

/// Lists that are parts of longer ones: which sessions they hold depends on an order that the
/// original does not promise.
const PAGES: &[u64] = &[70, 74];

fn recording() -> Option<String> {
    let default =
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/golden/user-sessions.jsonl");
    let path = std::env::var_os("SPECWRIGHT_GOLDEN").map_or_else(default, PathBuf::from);
    let path = if path.is_dir() {
        path.join("user-sessions.jsonl")
    } else {
        path
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) => {
            eprintln!(
                "\n=== SKIPPED: no recording at {} ({error}) ===\n",
                path.display()
            );
            None
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recording_is_replayed() {
    let Some(recording) = recording() else { return };
    let engines = Engines::new();
    for engine in engines.list() {
        let mut stage = engines.stage(*engine, "golden").await;
        let mut replay = Replay::default();
        for line in recording.lines() {
            let exchange: Value = serde_json::from_str(line).expect("a recording is JSON");
            let (step, body) = replay.request(&exchange);
            let answer = stage.ask(&step, body).await;
            replay.judge(&exchange, &answer);
        }
        stage.close().await;
        replay.end(&format!("{engine:?}"));
    }
}

#[test]
fn two_processes_over_one_database_replay_the_recording() {
    let Some(recording) = recording() else { return };
    let Some(cluster) = postgres::shared() else {
        return;
    };
    let database = cluster.database();
    let servers = [0, 1].map(|_| Server::start(&database, &[]));
    let mut replay = Replay::default();
    for (line, server) in recording.lines().zip(servers.iter().cycle()) {
        let exchange: Value = serde_json::from_str(line).expect("a recording is JSON");
        let (step, body) = replay.request(&exchange);
        let answer = over_http(server, &step, &body);
        replay.judge(&exchange, &answer);
    }
    replay.end("two processes");
}

/// What a process answers, written as a stage writes it.
fn over_http(server: &Server, step: &Step, body: &str) -> String {
    let mut client = Client::new(server.address).expect("it listens");
    let mut headers: String = step
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    if !body.is_empty() {
        headers += &format!("content-length: {}\r\n", body.len());
    }
    let answer = client.whole(&step.line, &headers, body);
    let (status, lines, body) = answer.expect("an answer");
    let lines = lines.iter().filter_map(|line| line.split_once(": "));
    let lines = lines.map(|(name, value)| format!("{}: {value}\n", name.to_ascii_lowercase()));
    format!("{status} \n{}\n{body}", lines.collect::<String>())
}

#[derive(Default)]
struct Replay {
    /// Recorded ids and times, and ours in their place.
    ours: HashMap<String, String>,
    wrong: Vec<String>,
    count: usize,
    /// Whether the list that is compared is a part of a longer one.
    is_page: bool,
}

impl Replay {
    /// A recorded request, with our ids in the place of recorded ones.
    fn request(&self, exchange: &Value) -> (Step, String) {
        let request = &exchange["request"];
        (step(request, self), self.translated(&body_of(request)))
    }

    /// Whether anything was wrong, and that anything was replayed at all.
    fn end(&self, place: &str) {
        assert!(
            self.wrong.is_empty(),
            "{place}:\n{}",
            self.wrong.join("\n\n")
        );
        assert!(self.count > 0, "nothing was recorded");
        println!("{place}: {} exchanges replayed", self.count);
    }

    /// Compares an answer with the recorded one.
    fn judge(&mut self, exchange: &Value, answer: &str) {
        self.count += 1;
        let (status, headers, body) = split(answer);
        let recorded = &exchange["response"];
        let number = exchange["seq"].as_u64().unwrap_or(0);
        let mut faults = Vec::new();
        if recorded["status"].as_u64() != Some(status) {
            faults.push(format!("status {status}"));
        }
        let allow = recorded["headers"]["allow"].as_str();
        if allow.is_some() && allow != headers.get("allow").map(String::as_str) {
            faults.push(format!("Allow: {:?}", headers.get("allow")));
        }
        let media_type = recorded["headers"]["content-type"].as_str();
        let ours = headers
            .get("content-type")
            .map(|value| value.split(';').next().unwrap_or(value));
        if media_type.is_some() && media_type != ours {
            faults.push(format!("Content-Type: {ours:?}"));
        }
        if DEVIATIONS.iter().any(|(deviating, _)| *deviating == number) {
            faults.retain(|fault| fault.starts_with("status"));
        } else if let Some(recorded) = recorded.get("body") {
            match serde_json::from_str(body) {
                Ok(body) => {
                    self.is_page = PAGES.contains(&number);
                    self.compare(recorded, &body, "", &mut faults);
                }
                Err(error) => faults.push(format!("no JSON: {error}")),
            }
        } else if recorded.get("body_text").is_none() && !body.is_empty() {
            faults.push("a body where none was recorded".into());
        }
        if !faults.is_empty() {
            let label = exchange["label"].as_str().unwrap_or("");
            self.wrong.push(format!(
                "{number} {label}: {}\nrecorded {recorded}\nours {answer}",
                faults.join("; ")
            ));
        }
    }

    /// Compares two values, and learns which of our ids and times stand for which recorded ones.
    fn compare(&mut self, recorded: &Value, ours: &Value, path: &str, faults: &mut Vec<String>) {
        match (recorded, ours) {
            (Value::Object(recorded), Value::Object(ours)) if is_validation(recorded) => {
                self.compare_validation(recorded, ours, faults);
            }
            (Value::Object(recorded), Value::Object(ours)) => {
                let keys = |object: &Map<String, Value>| object.keys().cloned().collect::<Vec<_>>();
                if keys(recorded) != keys(ours) {
                    faults.push(format!("{path}: members {:?}", keys(ours)));
                }
                for (key, value) in recorded {
                    let path = format!("{path}/{key}");
                    self.compare(value, ours.get(key).unwrap_or(&Value::Null), &path, faults);
                }
            }
            (Value::Array(recorded), Value::Array(ours)) if path == "/data" => {
                self.compare_sets(recorded, ours, faults);
            }
            (Value::String(recorded), Value::String(ours)) if varies(recorded) => {
                if !varies(ours) {
                    faults.push(format!("{path}: {ours}"));
                }
                self.ours.insert(recorded.clone(), ours.clone());
            }
            (recorded, ours) if recorded != ours => faults.push(format!("{path}: {ours}")),
            _ => {}
        }
    }

    fn compare_sets(&mut self, recorded: &[Value], ours: &[Value], faults: &mut Vec<String>) {
        if recorded.len() != ours.len() {
            return faults.push(format!("{} listed", ours.len()));
        }
        let id = |session: &Value| session["id"].as_str().unwrap_or("").to_owned();
        for session in recorded {
            let wanted = self.ours.get(&id(session)).cloned().unwrap_or_default();
            match ours.iter().find(|ours| id(ours) == wanted) {
                Some(ours) => self.compare(session, ours, "/data/", faults),
                None if self.is_page => {}
                None => faults.push(format!("{} is not listed", id(session))),
            }
        }
    }

    /// The original sent a stack and no list of results; both are documented deviations.
    fn compare_validation(
        &mut self,
        recorded: &Map<String, Value>,
        ours: &Map<String, Value>,
        faults: &mut Vec<String>,
    ) {
        for key in ["code", "status", "name", "category", "message"] {
            if recorded.get(key) != ours.get(key) {
                faults.push(format!("{key}: {:?}", ours.get(key)));
            }
        }
        let results = ours
            .get("details")
            .and_then(|details| details["results"].as_array());
        if results.is_none_or(Vec::is_empty) || ours.contains_key("stack") {
            faults.push("details".into());
        }
    }

    fn translated(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (recorded, ours) in &self.ours {
            text = text.replace(recorded.as_str(), ours);
        }
        text
    }
}

fn is_validation(body: &Map<String, Value>) -> bool {
    body.get("code").and_then(Value::as_str) == Some("INVALID_DATA")
}

/// Whether a text is an id or a time, which differ from run to run.
fn varies(text: &str) -> bool {
    let id = text.len() == 32
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let time = text.len() == 24 && text.starts_with("2026-") && text.ends_with('Z');
    id || time
}

fn body_of(request: &Value) -> String {
    match (request.get("body"), request.get("body_text")) {
        (Some(body), _) => body.to_string(),
        (None, Some(text)) => text.as_str().unwrap_or("").to_owned(),
        (None, None) => String::new(),
    }
}

fn step(request: &Value, replay: &Replay) -> Step {
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let headers = request["headers"].as_object().into_iter().flatten();
    let path = replay.translated(&text(&request["path"]));
    Step {
        title: String::new(),
        directions: Vec::new(),
        line: format!("{} {path}", text(&request["method"])),
        headers: headers
            .map(|(name, value)| (name.clone(), text(value)))
            .collect(),
        body: String::new(),
    }
}

/// The status, the headers and the body of an answer written as text.
fn split(answer: &str) -> (u64, HashMap<String, String>, &str) {
    let (head, body) = answer.split_once("\n\n").unwrap_or((answer, ""));
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.split(' ').next()?.parse().ok())
        .unwrap_or(0);
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    (status, headers, body)
}

#[test]
fn numbers_keep_their_digits() {
    let text = r#"{"f":1.50,"big":90071992547409921234567890}"#;
    assert_eq!(
        Json::parse(text)
            .map(|json| json.to_string())
            .ok()
            .as_deref(),
        Some(text)
    );
}
