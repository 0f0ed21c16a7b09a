//! A client of the Admin API inside the process, and what it asks for.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::play::{Engine, Engines, Stage};
use crate::support::story::{self, Step};

/// The secret of every client.
pub const SECRET: &str = "Story-Secret-0123456789-abcdefghijkl";
/// How forms are sent.
pub const FORM: &str = "application/x-www-form-urlencoded";
/// How JSON is sent.
pub const JSON: &str = "application/json";

/// One answer, in its parts.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The status line and the headers.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }
}

pub fn step(line: &str, headers: &[(&str, &str)]) -> Step {
    let headers = headers.iter();
    Step {
        title: String::new(),
        directions: Vec::new(),
        line: line.to_owned(),
        headers: headers
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: String::new(),
    }
}

pub fn parts(answer: &str) -> Answer {
    let (head, body) = answer.split_once("\n\n").unwrap_or((answer, ""));
    Answer {
        status: head[..3].parse().expect("a status"),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

/// A client of a stage; clones ask the same server.
#[derive(Clone)]
pub struct Client {
    /// The server.
    pub app: Arc<specwright_server::App>,
    /// What it proves itself with.
    pub token: String,
}

impl Client {
    pub async fn ask(&self, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let step = step(line, headers);
        parts(&story::request(&self.app, &step, body.to_owned()).await)
    }

    pub async fn with(&self, authorization: &str, line: &str, body: &str) -> Answer {
        let headers = [("Authorization", authorization), ("Content-Type", JSON)];
        self.ask(line, &headers, body).await
    }

    pub async fn send(&self, line: &str, body: &Value) -> Answer {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.with(&format!("Bearer {}", self.token), line, &body)
            .await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path}"), &Value::Null).await
    }

    pub async fn token_of(&self, id: &str, secret: &str, scope: &str) -> Answer {
        let body = format!(
            "grant_type=client_credentials&client_id={id}&client_secret={secret}&scope={scope}"
        );
        self.ask(
            "POST /v1/identity/oauth/token",
            &[("Content-Type", FORM)],
            &body,
        )
        .await
    }
}

/// A stage with a first client that may do everything.
pub async fn stage(engines: &Engines, engine: Engine, name: &str) -> (Stage, Client) {
    let stage = engines.stage(engine, name).await;
    let client = enter(&stage).await;
    (stage, client)
}

pub async fn enter(stage: &Stage) -> Client {
    let mut client = Client {
        app: stage.shared(),
        token: String::new(),
    };
    let first = json!({"client_id": "admin", "client_secret": SECRET}).to_string();
    let registered = client
        .ask(
            "POST /v1/identity/client",
            &[("Content-Type", JSON)],
            &first,
        )
        .await;
    assert_eq!(registered.status, 201, "{}", registered.body);
    client.token = token(&client, "admin", "").await;
    client
}

pub async fn token(client: &Client, id: &str, scope: &str) -> String {
    let issued = client.token_of(id, SECRET, scope).await;
    assert_eq!(issued.status, 200, "{}", issued.body);
    let token = issued.json()["access_token"].as_str().map(str::to_owned);
    token.expect("a token")
}

pub fn vendor(company: &str) -> Value {
    json!({"company": company, "contactName": "Ada", "contactEmailAddress": "ada@a.example"})
}

pub fn application(name: &str, vendor: i64) -> Value {
    json!({
        "applicationName": name, "vendorId": vendor, "claimSetName": "SIS Vendor",
        "educationOrganizationIds": [1],
    })
}
