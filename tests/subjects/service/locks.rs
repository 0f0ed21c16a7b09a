//! Requests that meet a lock that another process holds.

use std::sync::Arc;
use std::time::{Duration, Instant};

use poem::http::Method;
use serde_json::{Value, json};
use specwright_server::db::{Db, Options};
use specwright_server::faults::caught;
use specwright_server::subjects::domain::operations::Settings;
use specwright_server::subjects::service::process::Processes;
use specwright_server::subjects::store::{LOCK, Mandate, Store};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{QUIET, column, everything, get, log_of, messages, post, send, stages};
use crate::harness::play::{Engine, Engines, Stage};

/// How long a busy machine may take until what a test waits for has happened, and a request to get a
/// connection.
const PATIENCE: Duration = Duration::from_secs(20);

/// The lock of the catalogue, held by somebody else until it is told to end.
struct Held {
    end: oneshot::Sender<()>,
    work: JoinHandle<()>,
}

impl Held {
    async fn over(stage: &Stage) -> Self {
        let (end, ended) = oneshot::channel();
        let (begun, has_begun) = oneshot::channel();
        let location = stage.location.clone();
        let work = tokio::spawn(async move {
            let other = Db::open(&location, &Options::default()).await;
            let other = other.expect("it can be opened twice");
            let held = other.exclusively(LOCK, |_| {
                Box::pin(async move {
                    begun.send(()).expect("the test waits");
                    ended.await.expect("the test ends it");
                    Ok(())
                })
            });
            held.await.expect("nothing is done");
            other.close().await;
        });
        has_begun.await.expect("the lock is free");
        Self { end, work }
    }

    async fn let_go(self) {
        self.end.send(()).expect("it is held");
        self.work.await.expect("it ends");
    }
}

fn subject(number: usize) -> Value {
    json!({"subjectTemplate": {
        "subjectCode": "6", "subjectNumber": format!("N{number}"), "title": "T",
        "effectiveTerms": {"effectiveFromTerm": "2018FA"},
    }})
}

/// a request that waits for its lock longer than there is patience for is a failure
/// under the one number that it drew, and nothing of it is carried out later. It is answered by
/// what became of it, and not by the time limit of requests, which is shorter here.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_waits_too_long_has_failed() {
    let _alone = QUIET.read().await;
    let engines = Engines::new();
    if !engines.list().contains(&Engine::Postgres) {
        return;
    }
    let options = Options {
        connections: 2,
        patience: Some(Duration::from_secs(3)),
        ..Options::default()
    };
    let mut stage = engines
        .stage_with(Engine::Postgres, "patience", options)
        .await;
    stage.fill_catalogue().await;
    stage.hurry(Duration::from_secs(1)).await;
    let before = everything(&stage.db).await;
    let held = Held::over(&stage).await;
    let (status, answer) = post(stage.app(), "/subjects", &subject(1)).await;
    held.let_go().await;
    assert_eq!((status, &answer["apiRefId"]), (500, &json!(1)), "{answer}");
    let message = "Error: Exception : the database failed ";
    assert_eq!(messages(&answer), [message]);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(everything(&stage.db).await, before);
    assert_eq!(log_of(&stage.db, &json!(1)).await, ["EXCEPTION"]);
    let (status, answer) = post(stage.app(), "/subjects", &subject(1)).await;
    assert_eq!((status, &answer["apiRefId"]), (201, &json!(2)), "{answer}");
    stage.close().await;
}

/// a request whose lock comes after the time limit of requests is carried out, and
/// its answer says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_answered_by_what_became_of_it() {
    let _alone = QUIET.read().await;
    for mut stage in stages(&Engines::new(), "late").await {
        stage.hurry(Duration::from_secs(1)).await;
        let held = Held::over(&stage).await;
        let app = stage.shared();
        let late = tokio::spawn(async move { post(&app, "/subjects", &subject(1)).await });
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        held.let_go().await;
        let (status, answer) = late.await.expect("it is answered");
        assert_eq!((status, &answer["apiRefId"]), (201, &json!(1)), "{answer}");
        let log = log_of(&stage.db, &json!(1)).await;
        assert_eq!(log.last().map(String::as_str), Some("RESULT"));
        let numbers = "SELECT DISTINCT CAST(api_ref_id AS TEXT) FROM subject_api_process_log";
        assert_eq!(column(&stage.db, numbers).await, ["1"]);
        stage.close().await;
    }
}

/// Waits until that many requests have drawn their numbers and wait for the lock. It is seen over a
/// connection of its own, because it is theirs that there may be too few of.
async fn all_are_begun(stage: &Stage, count: usize) {
    let other = Db::open(&stage.location, &Options::default()).await;
    let other = other.expect("it can be opened twice");
    let drawn = "SELECT CAST(last_value AS TEXT) FROM subject_api_process_log_id_seq";
    let deadline = Instant::now() + PATIENCE;
    while column(&other, drawn).await != [count.to_string()] {
        assert!(Instant::now() < deadline, "requests wait for connections");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    other.close().await;
}

/// requests that wait for each other leave connections to those that read, and to
/// the log of those that are done.
#[tokio::test(flavor = "multi_thread")]
async fn waiting_requests_take_no_connections() {
    let _alone = QUIET.read().await;
    let engines = Engines::new();
    if !engines.list().contains(&Engine::Postgres) {
        return;
    }
    let options = Options {
        connections: 2,
        acquire_timeout: PATIENCE,
        ..Options::default()
    };
    let stage = engines.stage_with(Engine::Postgres, "crowd", options).await;
    stage.fill_catalogue().await;
    let held = Held::over(&stage).await;
    let requests: Vec<_> = (0..40)
        .map(|number| {
            let app: Arc<_> = stage.shared();
            tokio::spawn(async move { post(&app, "/subjects", &subject(number)).await })
        })
        .collect();
    all_are_begun(&stage, requests.len()).await;
    get(stage.app(), "/gradingModes").await;
    held.let_go().await;
    for request in requests {
        let (status, answer) = request.await.expect("it is answered");
        assert_eq!(status, 201, "{answer}");
        assert_eq!(messages(&answer), Vec::<String>::new());
        let log = log_of(&stage.db, &answer["apiRefId"]).await;
        assert_eq!(log, ["COMPONENT", "RESULT"], "{answer}");
    }
    let (status, _) = send(
        stage.app(),
        Method::GET,
        "/subjects/courses/6/numbers",
        None,
    )
    .await;
    assert_eq!(status, 200);
    stage.close().await;
}

/// work that panics is told under the number of its request, and no other is drawn.
#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_told_under_the_number_of_its_request() {
    let _alone = QUIET.read().await;
    for stage in stages(&Engines::new(), "panics").await {
        let settings = Settings { retention_years: 5 };
        let store = Store::new(stage.db.clone(), Mandate::Rules, settings);
        let processes = Processes::new(store, stage.effects.clone());
        let process = processes.begin("createSubject", Some(7)).await;
        let process = process.expect("a number can be drawn");
        let broken: Vec<i64> = Vec::new();
        let outcome =
            caught(async { Ok(broken.first().copied().expect("the work is broken")) }).await;
        let refused = processes.survived(&process, outcome).await;
        let refused = refused.expect_err("it panicked");
        assert_eq!(refused.error_code, 500);
        let details: Vec<_> = refused
            .error_details
            .iter()
            .map(|one| &one.message)
            .collect();
        let message = "Error: Exception : the request could not be completed ";
        assert_eq!(details, [message]);
        let log = "SELECT CAST(api_ref_id AS TEXT) || ' ' || log_type || ' ' || message \
                   FROM subject_api_process_log";
        let log = column(&stage.db, log).await;
        let told = "1 EXCEPTION Error: Exception : the request could not be completed : \
                    the work panicked: the work is broken ";
        assert_eq!(log, [told]);
        stage.close().await;
    }
}
