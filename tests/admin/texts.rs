//! Texts that mean something elsewhere.

use serde_json::json;

use crate::client::{FORM, JSON, SECRET, application, stage, vendor};
use crate::support::play::Engines;

/// What a text means elsewhere it must not mean here: it comes back as it was, or is refused.
#[tokio::test(flavor = "multi_thread")]
async fn texts_are_texts() {
    let texts = [
        "'; DROP TABLE admin_vendors; --",
        "\" OR \"1\"=\"1",
        "$1 $2 %s {0} {{7*7}}",
        "line\r\nSet-Cookie: a=b",
        "nul\u{0}byte",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "\u{202e}drowssap",
        "🦀 \u{1}\u{7f}",
    ];
    let engines = Engines::new();
    for engine in engines.list() {
        let (stage, client) = stage(&engines, *engine, "texts").await;
        for text in texts {
            let mut sent = vendor(text);
            sent["contactName"] = text.into();
            let created = client.send("POST /v1/admin/vendors", &sent).await;
            assert_eq!(created.status, 201, "{text:?}: {}", created.body);
            assert!(!created.head.to_lowercase().contains("set-cookie"));
            let id = created.json()["vendorId"].as_i64().expect("a number");
            let read = client.get(&format!("/v1/admin/vendors/{id}")).await.json();
            assert_eq!(
                (&read["company"], &read["contactName"]),
                (&text.into(), &text.into())
            );
            let mut wanted = application("x", id);
            wanted["claimSetName"] = text.into();
            let refused = client
                .send("POST /v1/admin/instances/1/applications", &wanted)
                .await;
            assert_eq!(refused.status, 400, "{text:?}: {}", refused.body);
            let mut named = application(&text.chars().take(50).collect::<String>(), id);
            named["educationOrganizationIds"] = json!([1, 2]);
            let created = client
                .send("POST /v1/admin/instances/1/applications", &named)
                .await;
            assert_eq!(created.json()["applicationName"], named["applicationName"]);
            let change = json!({"name": text, "instanceType": text, "apiUrl": "https://a.example"});
            let changed = client.send("PUT /v1/admin/instances/1", &change).await;
            assert_eq!(changed.json()["name"], text);
            sent["company"] = "Prefixes".into();
            sent["namespacePrefixes"] = text.into();
            let prefixes = client.send("PUT /v1/admin/vendors/1", &sent).await;
            assert_eq!(prefixes.status, 204, "{text:?}: {}", prefixes.body);
            let read = client.get("/v1/admin/vendors/1").await.json();
            let kept: Vec<&str> = text.split(',').map(str::trim).collect();
            assert_eq!(read["namespacePrefixes"], kept.join(","), "{text:?}");
            sent["contactEmailAddress"] = text.into();
            let refused = client.send("POST /v1/admin/vendors", &sent).await;
            assert_eq!(refused.status, 400, "{text:?} is no address");
            let change = json!({"name": "n", "instanceType": "t", "apiUrl": text});
            let refused = client.send("PUT /v1/admin/instances/1", &change).await;
            let is_path = text == "../../etc/passwd";
            assert_eq!(refused.status, 400, "{text:?}: {is_path} {}", refused.body);
            let id = json!({"client_id": text}).to_string();
            let bearer = format!("Bearer {}", client.token);
            let refused = client.with(&bearer, "POST /v1/identity/client", &id).await;
            assert_eq!(refused.status, 400, "{text:?} is no id");
            let encoded: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
            let unknown = client.token_of(&encoded, &encoded, "").await;
            assert_eq!(unknown.status, 401, "{text:?}: {}", unknown.body);
            let scope = client.token_of("admin", SECRET, &encoded).await;
            assert_eq!(scope.status, 400, "{text:?}: {}", scope.body);
            let headers = [("Authorization", bearer.as_str()), ("Content-Type", JSON)];
            let path = format!("GET /v1/admin/vendors/{encoded}");
            assert_eq!(client.ask(&path, &headers, "").await.status, 400);
            for name in ["offset", "limit"] {
                let path = format!("GET /v1/admin/vendors?{name}={encoded}");
                assert_eq!(client.ask(&path, &headers, "").await.status, 400, "{path}");
            }
            let grant = format!("grant_type={encoded}&client_id=admin&client_secret={SECRET}");
            let form = [("Content-Type", FORM)];
            let token = "POST /v1/identity/oauth/token";
            let refused = client.ask(token, &form, &grant).await;
            assert_eq!(refused.status, 400, "{text:?}: {}", refused.body);
            assert_eq!(refused.json()["error"], "unsupported_grant_type");
            if header_can_have(text) {
                let headers = [headers[0], headers[1], ("If-Match", text)];
                let body = vendor("Stale").to_string();
                let stale = client.ask("PUT /v1/admin/vendors/1", &headers, &body).await;
                assert_eq!(stale.status, 412, "{text:?}: {}", stale.body);
                let headers = [headers[0], headers[1], ("Idempotency-Key", text)];
                let body = vendor("Repeated").to_string();
                let mut answers = Vec::new();
                for _ in 0..2 {
                    let made = client.ask("POST /v1/admin/vendors", &headers, &body).await;
                    assert_eq!(made.status, 201, "{text:?}: {}", made.body);
                    answers.push(made.json()["vendorId"].clone());
                }
                assert_eq!(answers[0], answers[1], "{text:?} was taken for another key");
                let path = format!("DELETE /v1/admin/vendors/{}", answers[0]);
                assert_eq!(client.ask(&path, &headers[..1], "").await.status, 200);
            }
        }
        let count = client.get("/v1/admin/vendors").await.json();
        assert_eq!(count.as_array().map(Vec::len), Some(texts.len()));
        stage.close().await;
    }
}

/// Blanks around a name make no other name of it, where names are compared; they are kept.
#[tokio::test(flavor = "multi_thread")]
async fn names_are_compared_without_blanks_around_them() {
    let engines = Engines::new();
    for engine in engines.list() {
        let mut stage = engines.stage(*engine, "blanks").await;
        stage.direct("restart", "multi-instance").await;
        let client = crate::client::enter(&stage).await;
        let reserved = "'EdFi' is a reserved name and may not be used. Please choose another name.";
        for company in ["EdFi", " EdFi ", "\tEdFi"] {
            let refused = client
                .send("POST /v1/admin/vendors", &vendor(company))
                .await;
            assert_eq!(refused.status, 400, "{company:?}: {}", refused.body);
            assert_eq!(refused.json()["errors"]["Company"], json!([reserved]));
        }
        // Beside what the contract says it is told too, and once.
        for company in ["EdFi", " EdFi "] {
            let mut wrong = vendor(company);
            wrong["contactEmailAddress"] = "nobody".into();
            let refused = client.send("POST /v1/admin/vendors", &wrong).await;
            assert_eq!(refused.json()["errors"]["Company"], json!([reserved]));
            assert!(refused.json()["errors"]["ContactEmailAddress"].is_array());
        }
        let made = client
            .send("POST /v1/admin/vendors", &vendor(" EdFi Inc "))
            .await;
        assert_eq!(made.json()["company"], " EdFi Inc ", "{}", made.body);
        let instance =
            |name: &str| json!({"name": name, "instanceType": "t", "apiUrl": "https://a.example"});
        let post = async |name: &str| {
            client
                .send("POST /v1/admin/instances", &instance(name))
                .await
        };
        let first = post(" X\u{a0}").await;
        assert_eq!(first.status, 201, "{}", first.body);
        assert_eq!(first.json()["name"], " X\u{a0}");
        for name in ["X", " X", "X\n", " X\u{a0}"] {
            let taken = post(name).await;
            assert_eq!(taken.status, 400, "{name:?}: {}", taken.body);
            assert!(taken.json()["errors"]["Name"].is_array(), "{}", taken.body);
        }
        assert_eq!(post("X X").await.status, 201);
        // Its own name is free to it in any form.
        let path = format!("PUT /v1/admin/instances/{}", first.json()["instanceId"]);
        assert_eq!(client.send(&path, &instance("X")).await.status, 200);
        assert_eq!(client.send(&path, &instance(" X X")).await.status, 400);
        stage.close().await;
    }
}

/// RFC 9110, section 5.5: neither line ends nor other control characters, and ASCII.
fn header_can_have(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}
