//! What is another instance's is as what is nowhere: by status, text and time.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Client, application, stage, token, vendor};
use crate::support::play::Engines;

/// How often each is asked for; the medians are compared.
const ROUNDS: usize = 41;

/// How often they are compared before they are held to differ.
const COMPARISONS: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn another_instances_application_is_as_one_that_is_nowhere() {
    let engines = Engines::new();
    for engine in engines.list() {
        let (mut stage, _) = stage(&engines, *engine, "isolated").await;
        stage.direct("restart", "multi-instance").await;
        let mut client = Client {
            app: stage.shared(),
            token: String::new(),
        };
        client.token = token(&client, "admin", "").await;
        let two = json!({"name": "Two", "instanceType": "t", "apiUrl": "https://a.example"});
        let made = client.send("POST /v1/admin/instances", &two).await;
        assert_eq!(made.status, 201, "{}", made.body);
        client.send("POST /v1/admin/vendors", &vendor("V")).await;
        let line = "POST /v1/admin/instances/2/applications";
        let theirs = client.send(line, &application("A", 1)).await;
        assert_eq!(theirs.status, 201, "{}", theirs.body);
        for operation in ["GET", "PUT", "DELETE", "reset"] {
            let ask = async |id: i64| {
                let (line, body) = request(operation, id);
                let acts = stage.db.counts().map(|counts| counts.acts);
                let before = Instant::now();
                let answer = client.send(&line, &body).await;
                let elapsed = before.elapsed();
                let after = stage.db.counts().map(|counts| counts.acts);
                assert_eq!(answer.status, 404, "{line}: {}", answer.body);
                let mut told = answer.json();
                told["request_id"].take();
                let told = told.to_string().replace(&format!(" {id}."), " ID.");
                let acts = acts.zip(after).map(|(before, after)| after - before);
                ((told, acts), elapsed)
            };
            let mut compared = Vec::new();
            // What a machine does besides is over at another time; a difference is there each time.
            while !compared.last().is_some_and(|last| are_alike(*last)) {
                assert!(
                    compared.len() < COMPARISONS,
                    "{engine:?} {operation}: {compared:?}"
                );
                let (mut theirs, mut nowhere) = (Vec::new(), Vec::new());
                for _ in 0..ROUNDS {
                    let ((told, elapsed), (as_told, as_elapsed)) = (ask(1).await, ask(999).await);
                    assert_eq!(told, as_told, "{operation}");
                    theirs.push(elapsed);
                    nowhere.push(as_elapsed);
                }
                compared.push((median(theirs), median(nowhere)));
            }
            println!("{engine:?} {operation}: {compared:?}");
        }
        let theirs = client.get("/v1/admin/instances/2/applications/1").await;
        assert_eq!(theirs.json()["applicationName"], "A", "it is as it was");
        stage.close().await;
    }
}

/// Wide, for a machine that does other things too; a hash, or a look into another table for one of
/// them alone, would be seen.
fn are_alike((one, other): (Duration, Duration)) -> bool {
    let slack = Duration::from_millis(1);
    one < other * 2 + slack && other < one * 2 + slack
}

fn request(operation: &str, id: i64) -> (String, Value) {
    let path = format!("/v1/admin/instances/1/applications/{id}");
    match operation {
        "PUT" => (format!("PUT {path}"), application("B", 1)),
        "reset" => (format!("PUT {path}/reset-credential"), Value::Null),
        method => (format!("{method} {path}"), Value::Null),
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
