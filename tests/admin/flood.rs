//! More wrong secrets than anybody can compare.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;

use crate::client::{SECRET, stage};
use crate::support::play::{Engine, Engines};

/// Wrong secrets against one client are refused fast and do not keep another one waiting.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_wrong_secrets_stops_nobody_else() {
    const FLOOD: usize = 100_000;
    const CONNECTIONS: usize = 100;
    let engines = Engines::sqlite();
    let (mut stage, client) = stage(&engines, Engine::Sqlite, "flood").await;
    // All of it happens within one minute of the server's clock.
    stage.direct("hold", "clock").await;
    let other = json!({"client_id": "victim", "client_secret": SECRET}).to_string();
    let bearer = format!("Bearer {}", client.token);
    let registered = client
        .with(&bearer, "POST /v1/identity/client", &other)
        .await;
    assert_eq!(registered.status, 201);
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let client = client.clone();
        tasks.spawn(async move {
            let mut statuses = Vec::new();
            for _ in 0..FLOOD / CONNECTIONS {
                statuses.push(client.token_of("victim", "wrong", "").await.status);
                // A connection would wait for its next request here.
                tokio::task::yield_now().await;
            }
            statuses
        });
    }
    let mut slowest = Duration::ZERO;
    let mut asked = 0;
    let mut statuses = std::collections::BTreeMap::new();
    while !tasks.is_empty() {
        let before = Instant::now();
        let answer = client.token_of("admin", SECRET, "").await;
        assert_eq!(answer.status, 200, "during the flood: {}", answer.body);
        slowest = slowest.max(before.elapsed());
        asked += 1;
        while let Some(done) = tasks.try_join_next() {
            for status in done.expect("it ends") {
                *statuses.entry(status).or_insert(0) += 1;
            }
        }
    }
    println!(
        "{FLOOD} wrong secrets in {:?}: {statuses:?}; {asked} tokens for another client, the \
              slowest in {slowest:?}",
        started.elapsed()
    );
    assert_eq!(statuses.get(&401), Some(&10), "{statuses:?}");
    assert_eq!(statuses.get(&429), Some(&(FLOOD - 10)), "{statuses:?}");
    assert!(asked >= 20, "the flood left room for {asked} requests only");
    assert!(
        slowest < Duration::from_secs(30),
        "one waited for {slowest:?}"
    );
    stage.close().await;
}

/// Wrong secrets for ids that are made up, each another one, cost a hash each. They may fill their
/// share of the queue and no more: whoever has an id is answered all the while.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_made_up_ids_stops_nobody_else() {
    const CONNECTIONS: usize = 600;
    const EACH: usize = 10;
    let engines = Engines::sqlite();
    let (mut stage, client) = stage(&engines, Engine::Sqlite, "made-up").await;
    stage.direct("hold", "clock").await;
    let mut tasks = JoinSet::new();
    for connection in 0..CONNECTIONS {
        let client = client.clone();
        tasks.spawn(async move {
            let mut statuses = Vec::new();
            for turn in 0..EACH {
                let id = format!("nobody-{connection}-{turn}");
                statuses.push(client.token_of(&id, "wrong", "").await.status);
                tokio::task::yield_now().await;
            }
            statuses
        });
    }
    let mut asked = 0;
    let mut statuses = std::collections::BTreeMap::new();
    while !tasks.is_empty() {
        let answer = client.token_of("admin", SECRET, "").await;
        assert_eq!(answer.status, 200, "during the flood: {}", answer.body);
        asked += 1;
        while let Some(done) = tasks.try_join_next() {
            for status in done.expect("it ends") {
                *statuses.entry(status).or_insert(0_usize) += 1;
            }
        }
    }
    println!("{statuses:?}; {asked} tokens for another client");
    assert!(asked >= 3, "the flood left room for {asked} requests only");
    assert!(
        statuses.contains_key(&503),
        "the share was never full: {statuses:?}"
    );
    assert_eq!(statuses.values().sum::<usize>(), CONNECTIONS * EACH);
    let known = [401, 503];
    assert!(
        statuses.keys().all(|status| known.contains(status)),
        "{statuses:?}"
    );
    stage.close().await;
}
