//! Notifications that several servers are asked to send, and a way for them to leave that breaks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use poem::http::{Method, Uri};
use poem::{Endpoint as _, Request};
use serde_json::{Value, json};
use specwright_runtime::Mount;
use specwright_server::clients::Clients;
use specwright_server::config::{Config, Settings as Configured};
use specwright_server::db::{Db, Options, Statement};
use specwright_server::layer::Gate;
use specwright_server::subjects::domain::operations::Settings;
use specwright_server::subjects::notifications::{NotificationSender, Prepared, Sending};
use specwright_server::subjects::service::Service;
use specwright_server::subjects::store::{Mandate, Store};
use specwright_server::subjects::{contract, mount};
use specwright_server::telemetry::Metrics;

use super::{QUIET, column, log_of, messages, post, stages};
use crate::harness::play::{Engines, STORY_ID, STORY_SECRET, Stage};

/// Takes its time, counts what it sends, and panics at one notification.
#[derive(Default)]
struct Slow {
    sent: Mutex<BTreeMap<i64, usize>>,
    panics_at: Option<i64>,
}

impl NotificationSender for Slow {
    fn send<'a>(&'a self, prepared: &'a Prepared) -> Sending<'a> {
        Box::pin(async move {
            assert_ne!(Some(prepared.id), self.panics_at, "the sender is broken");
            tokio::time::sleep(Duration::from_millis(150)).await;
            let mut sent = self.sent.lock().expect("nobody panicked here");
            *sent.entry(prepared.id).or_default() += 1;
            Ok(())
        })
    }
}

/// A server of its own over a database, with this way for notifications to leave.
fn server(stage: &Stage, db: Db, sender: Arc<Slow>) -> Mount {
    let store = Store::new(db.clone(), Mandate::Rules, Settings { retention_years: 5 });
    let clients = Clients::new(db, stage.effects.clone());
    let gate = Gate::new(contract::API.name, clients);
    let service = Service::new(store, gate, sender, stage.effects.clone());
    mount(service, &configuration(), &stage.effects, Metrics::new())
}

fn configuration() -> Config {
    let settings = Configured {
        database: Some("sqlite:unused".into()),
        ..Configured::default()
    };
    settings.resolve().expect("the defaults go together")
}

async fn notify(server: &Mount, ids: &[i64]) -> (u16, Value) {
    let body = json!({"notificationIds": ids}).to_string();
    let path = "/subjects/containers/1/notifications";
    let request = Request::builder()
        .method(Method::POST)
        .uri(path.parse::<Uri>().expect("a path"))
        .header("client_id", STORY_ID)
        .header("client_secret", STORY_SECRET)
        .header("content-type", "application/json")
        .header("content-length", body.len())
        .body(body);
    let response = server.get_response(request).await;
    let status = response.status().as_u16();
    let body = response.into_body().into_string().await.expect("text");
    (status, serde_json::from_str(&body).expect("JSON"))
}

/// A subject whose plans of several years are to be told to somebody; the ids of what is prepared.
async fn prepared(stage: &Stage) -> Vec<i64> {
    let recipient = "INSERT INTO notification_recipient VALUES ('HASS', '*', 'arts@example.org')";
    let stored = stage.db.write_all(vec![Statement::new(recipient)]).await;
    stored.expect("a recipient");
    let body = json!({"subjectTemplate": {
        "subjectCode": "6", "subjectNumber": "A", "title": "T", "attributes": ["HA"],
        "effectiveTerms": {"effectiveFromTerm": "2018FA"},
    }});
    let (status, answer) = post(stage.app(), "/subjects", &body).await;
    assert_eq!(status, 201, "{answer}");
    let mut ids = Vec::new();
    for year in 2018..2022 {
        let plans = json!([{"termCode": format!("{year}FA"), "isOffered": true}]);
        let body = json!({"academicYear": year, "termPlans": plans});
        let path = "/subjects/containers/1/termPlans";
        let (status, answer) = post(stage.app(), path, &body).await;
        assert_eq!(status, 200, "{answer}");
        let own = answer["notificationIds"].as_array().expect("a list");
        ids.extend(own.iter().filter_map(Value::as_i64));
    }
    assert_eq!(ids.len(), 4);
    ids
}

fn statuses(answer: &Value) -> Vec<(i64, String)> {
    let all = answer["notifications"].as_array().into_iter().flatten();
    let one = |one: &Value| {
        let status = one["status"].as_str().expect("a status").to_owned();
        (one["notificationId"].as_i64().expect("an id"), status)
    };
    all.map(one).collect()
}

/// R-102, P-20: of two servers over one database that are asked for the same notifications at the
/// same time, one alone sends each; what it is sending, the other one reports as not sent by it.
#[tokio::test(flavor = "multi_thread")]
async fn two_servers_send_each_notification_once() {
    let _alone = QUIET.read().await;
    for stage in stages(&Engines::new(), "two-senders").await {
        send_from_two_servers(stage).await;
    }
}

async fn send_from_two_servers(stage: Stage) {
    let ids = prepared(&stage).await;
    let sender = Arc::new(Slow::default());
    let mut databases = Vec::new();
    for _ in 0..2 {
        let db = Db::open(&stage.location, &Options::default()).await;
        databases.push(db.expect("it can be opened twice"));
    }
    let [one, other] = [0, 1].map(|n| server(&stage, databases[n].clone(), Arc::clone(&sender)));
    let turned: Vec<_> = ids.iter().rev().copied().collect();
    let answers = tokio::join!(notify(&one, &ids), notify(&other, &turned));
    let sent = sender.sent.lock().expect("nobody panicked").clone();
    let expected: BTreeMap<_, _> = ids.iter().map(|id| (*id, 1)).collect();
    assert_eq!(sent, expected);
    let [one, other] = [answers.0.1, answers.1.1];
    let all = [statuses(&one), statuses(&other)].concat();
    for id in &ids {
        let own: Vec<_> = all.iter().filter(|(of, _)| of == id).collect();
        let sent = own.iter().filter(|(_, status)| status == "SENT").count();
        assert_eq!((own.len(), sent), (2, 1), "{one} {other}");
    }
    let left = "SELECT CAST(notification_id AS TEXT) FROM subject_notification_support";
    assert_eq!(column(&stage.db, left).await, Vec::<String>::new());
    for db in databases {
        db.close().await;
    }
    stage.close().await;
}

/// R-102, P-20: on SQLite, what a process claimed that was killed waits until its claim is over, and
/// is sent then; what could not be sent is not claimed any longer.
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_of_a_killed_process_ends() {
    let _alone = QUIET.read().await;
    for stage in stages(&Engines::sqlite(), "claims").await {
        let ids = prepared(&stage).await;
        let broken = Arc::new(Slow {
            panics_at: Some(ids[0]),
            ..Slow::default()
        });
        let sound = Arc::new(Slow::default());
        let [broken, sound] = [broken, sound].map(|one| server(&stage, stage.db.clone(), one));
        let one = |status: &str| vec![(ids[0], status.to_owned())];
        let claimed = |until_ms: i64| {
            let sql = "UPDATE subject_notification_support SET claimed_until_ms = ";
            vec![Statement::new(format!("{sql}{until_ms}"))]
        };
        let now_ms = stage.effects.now().timestamp_millis();
        let hour_ms = 3_600_000;
        stage
            .db
            .write_all(claimed(now_ms + hour_ms))
            .await
            .expect("a claim");
        let (status, answer) = notify(&sound, &ids[..1]).await;
        assert_eq!((status, statuses(&answer)), (500, one("FAILED")));
        stage
            .db
            .write_all(claimed(now_ms - hour_ms))
            .await
            .expect("a claim");
        let (status, answer) = notify(&broken, &ids[..1]).await;
        assert_eq!((status, statuses(&answer)), (500, one("FAILED")));
        let (status, answer) = notify(&sound, &ids[..1]).await;
        assert_eq!((status, statuses(&answer)), (200, one("SENT")));
        let left = "SELECT CAST(notification_id AS TEXT) FROM subject_notification_support \
                    WHERE claimed_until_ms IS NULL OR notification_id = ";
        let left = column(&stage.db, &format!("{left}{}", ids[0])).await;
        assert_eq!(left, Vec::<String>::new());
        stage.close().await;
    }
}

/// P-20: a sender that panics at one notification fails that one, which stays;
/// the others are sent, and all is told under one number.
#[tokio::test(flavor = "multi_thread")]
async fn a_broken_sender_fails_one_notification() {
    let _alone = QUIET.read().await;
    for stage in stages(&Engines::new(), "broken-sender").await {
        let ids = prepared(&stage).await;
        let sender = Arc::new(Slow {
            panics_at: Some(ids[1]),
            ..Slow::default()
        });
        let server = server(&stage, stage.db.clone(), sender);
        let (status, answer) = notify(&server, &ids).await;
        assert_eq!(status, 500, "{answer}");
        let expected = ["SENT", "FAILED", "SENT", "SENT"].map(str::to_owned);
        let expected: Vec<_> = ids.iter().copied().zip(expected).collect();
        assert_eq!(statuses(&answer), expected);
        let message = "Error: Exception : the request could not be completed ";
        assert_eq!(messages(&answer), [message]);
        assert_eq!(answer["apiRefId"], json!(6), "{answer}");
        let log = log_of(&stage.db, &json!(6)).await;
        let expected = ["COMPONENT", "EXCEPTION", "COMPONENT", "COMPONENT", "RESULT"];
        assert_eq!(log, expected);
        let left = "SELECT CAST(notification_id AS TEXT) FROM subject_notification_support";
        assert_eq!(column(&stage.db, left).await, [ids[1].to_string()]);
        stage.close().await;
    }
}
