//! The audit trail: who did what to which resource, when, and with what outcome.

use chrono::TimeDelta;
use serde_json::{Value, json};
use specwright_server::changes::store::entries;
use specwright_server::changes::{Entry, Filter};

use crate::client::{JSON, SECRET, application, stage, token, vendor};
use crate::support::play::{Engines, Stage};

async fn list(stage: &Stage, filter: &Filter, take: i64) -> Vec<Entry> {
    let entries = entries(&stage.db, filter, take).await;
    entries.expect("it answers")
}

/// Who, what, to what, with what outcome; oldest first.
async fn trail(stage: &Stage) -> Vec<(String, String, String, i64)> {
    let all = list(stage, &Filter::default(), 1000)
        .await
        .into_iter()
        .rev();
    all.map(|entry| {
        (
            entry.client_id,
            entry.operation,
            entry.target,
            entry.outcome,
        )
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_known_clients_ask_for_is_recorded_whatever_becomes_of_it() {
    let engines = Engines::new();
    for engine in engines.list() {
        let (stage, client) = stage(&engines, *engine, "audit").await;
        let register = "POST /v1/identity/client";
        let narrow = json!({"client_id": "narrow", "client_secret": SECRET});
        assert_eq!(client.send(register, &narrow).await.status, 201);
        let unnamed = client.send(register, &json!({})).await.json();
        let unnamed = unnamed["client_id"].as_str().expect("an id").to_owned();
        let unknown = json!({"client_id": "x", "scope": "no.such.scope"});
        assert_eq!(client.send(register, &unknown).await.status, 400);
        assert_eq!(
            client
                .send(register, &json!({"client_id": ""}))
                .await
                .status,
            400
        );
        let reader = token(&client, "narrow", "edfi_admin_api/readonly").await;
        let reader = format!("Bearer {reader}");
        assert_eq!(client.with(&reader, register, "{}").await.status, 403);
        let vendors = "POST /v1/admin/vendors";
        let body = vendor("V").to_string();
        assert_eq!(client.with(&reader, vendors, &body).await.status, 403);
        assert_eq!(client.send(vendors, &json!({})).await.status, 400);
        let bearer = format!("Bearer {}", client.token);
        assert_eq!(client.with(&bearer, vendors, "{").await.status, 400);
        let text = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "text/plain"),
        ];
        assert_eq!(client.ask(vendors, &text, "x").await.status, 415);
        // Neither reading nor what a stranger asks for leaves a trace.
        assert_eq!(client.get("/v1/admin/vendors?limit=0").await.status, 400);
        let json = [("Content-Type", JSON)];
        assert_eq!(client.ask(vendors, &json, &body).await.status, 401);
        assert_eq!(client.ask(register, &json, "{}").await.status, 401);
        let of = |who: &str, operation: &str, target: &str, outcome: i64| {
            let texts = [who, operation, target].map(str::to_owned);
            let [who, operation, target] = texts;
            (who, operation, target, outcome)
        };
        let clients = "/v1/identity/client";
        assert_eq!(
            trail(&stage).await,
            [
                of(
                    "(nobody)",
                    "register_client",
                    &format!("{clients}/admin"),
                    201
                ),
                of(
                    "admin",
                    "register_client",
                    &format!("{clients}/narrow"),
                    201
                ),
                of(
                    "admin",
                    "register_client",
                    &format!("{clients}/{unnamed}"),
                    201
                ),
                of("admin", "register_client", clients, 400),
                of("admin", "register_client", clients, 400),
                of("narrow", "register_client", clients, 403),
                of("narrow", "create_vendor", "/v1/admin/vendors", 403),
                of("admin", "create_vendor", "/v1/admin/vendors", 400),
                of("admin", "create_vendor", "/v1/admin/vendors", 400),
                of("admin", "create_vendor", "/v1/admin/vendors", 415),
            ]
        );
        stage.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_is_listed_by_client_operation_target_outcome_and_time() {
    let engines = Engines::new();
    for engine in engines.list() {
        let (mut stage, client) = stage(&engines, *engine, "filters").await;
        for path in [
            "/v1/admin/vendors/1",
            "/v1/admin/vendors/10",
            "/v1/admin/vendors/1_",
        ] {
            client.send(&format!("DELETE {path}"), &Value::Null).await;
        }
        stage.direct("advance", "60000").await;
        let middle = stage.effects.now();
        let made = client.send("POST /v1/admin/vendors", &vendor("V")).await;
        assert_eq!(made.status, 201);
        let numbers = async |filter: Filter, take: i64| -> Vec<i64> {
            let found = list(&stage, &filter, take).await;
            found.into_iter().map(|entry| entry.number).collect()
        };
        // 1 registers the client, 2 to 4 delete nothing, 5 creates.
        let all = numbers(Filter::default(), 100).await;
        assert_eq!(all, [5, 4, 3, 2, 1]);
        assert_eq!(numbers(Filter::default(), 2).await, [5, 4]);
        let target = |target: &str| Filter {
            target: Some(target.to_owned()),
            ..Filter::default()
        };
        assert_eq!(
            numbers(target("/v1/admin/vendors/1"), 100).await,
            [5, 4, 3, 2]
        );
        assert_eq!(numbers(target("/v1/admin/vendors/10"), 100).await, [3]);
        assert_eq!(numbers(target("/v1/admin/vendors/1_"), 100).await, [4]);
        assert!(
            numbers(target("/v1/admin/vendors/1%"), 100)
                .await
                .is_empty()
        );
        assert!(numbers(target("/V1/admin"), 100).await.is_empty());
        let outcome = |outcome| Filter {
            outcome: Some(outcome),
            ..Filter::default()
        };
        assert_eq!(numbers(outcome(404), 100).await, [3, 2]);
        assert_eq!(numbers(outcome(400), 100).await, [4]);
        assert_eq!(numbers(outcome(201), 100).await, [5, 1]);
        let since = Filter {
            since: Some(middle),
            ..Filter::default()
        };
        assert_eq!(numbers(since, 100).await, [5]);
        let until = |at| Filter {
            until: Some(at),
            ..Filter::default()
        };
        assert_eq!(numbers(until(middle), 100).await, [4, 3, 2, 1]);
        let exact = list(&stage, &outcome(404), 1).await[0].at;
        assert!(
            !numbers(until(exact), 100).await.contains(&3),
            "until is before"
        );
        let within = Filter {
            since: Some(exact),
            until: Some(exact + TimeDelta::milliseconds(1)),
            ..Filter::default()
        };
        assert_eq!(numbers(within, 100).await, [3]);
        let both = Filter {
            client_id: Some("admin".to_owned()),
            operation: Some("delete_vendor".to_owned()),
            outcome: Some(404),
            ..Filter::default()
        };
        assert_eq!(numbers(both, 100).await, [3, 2]);
        stage.close().await;
    }
}

/// A client under the key of an application would be found in its place.
#[tokio::test(flavor = "multi_thread")]
async fn no_client_takes_the_key_of_an_application() {
    let engines = Engines::new();
    for engine in engines.list() {
        let (stage, client) = stage(&engines, *engine, "shadow").await;
        client.send("POST /v1/admin/vendors", &vendor("V")).await;
        let applications = "/v1/admin/instances/1/applications";
        let wanted = application("A", 1);
        client.send(&format!("POST {applications}"), &wanted).await;
        let reset = format!("PUT {applications}/1/reset-credential");
        let access = client.send(&reset, &Value::Null).await.json();
        let (key, secret) = (&access["key"], &access["secret"]);
        let taken = json!({"client_id": key, "client_secret": SECRET});
        let refused = client.send("POST /v1/identity/client", &taken).await;
        assert_eq!(refused.status, 400, "{}", refused.body);
        let message = "'Client Id' is taken. Please choose another one.";
        assert_eq!(refused.json()["errors"]["ClientId"], json!([message]));
        let (key, secret) = (key.as_str(), secret.as_str());
        let (key, secret) = (key.expect("a key"), secret.expect("a secret"));
        assert_eq!(client.token_of(key, secret, "").await.status, 200);
        stage.close().await;
    }
}
