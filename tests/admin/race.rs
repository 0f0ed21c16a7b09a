//! Changes that race each other, among the resources that are there.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use specwright_server::db::Statement;
use tokio::task::JoinSet;

use crate::client::{Client, application, stage, token, vendor};
use crate::support::play::{Engines, Stage};

const ROUNDS: u64 = 4;
const WORKERS: u64 = 8;
const TURNS: u64 = 25;

/// Creates, deletes and resets in parallel, and looks at what must hold after each round.
#[tokio::test(flavor = "multi_thread")]
async fn changes_that_race_leave_everything_whole() {
    let engines = Engines::new();
    for engine in engines.list() {
        let (mut stage, _) = stage(&engines, *engine, "race").await;
        stage.direct("restart", "multi-instance").await;
        let mut client = Client {
            app: stage.shared(),
            token: String::new(),
        };
        for round in 0..ROUNDS {
            client.token = token(&client, "admin", "").await;
            prepare(&client, round).await;
            let there = Arc::new(There::now(&stage).await);
            let before = Happened::so_far(&stage).await;
            let outcome = hammer(&client, round, &there).await;
            check(&stage).await;
            let happened = Happened::so_far(&stage).await.since(&before);
            happened.assert_all(round);
            check_secrets(&mut client, &mut stage, &outcome).await;
        }
        stage.close().await;
    }
}

/// Makes what a round begins with: enough of everything, so that there is something to race for.
async fn prepare(client: &Client, round: u64) {
    let mut vendors = Vec::new();
    for _ in 0..8 {
        let made = client.send("POST /v1/admin/vendors", &vendor("Race")).await;
        vendors.push(made.json()["vendorId"].as_i64().expect("a number"));
    }
    for number in 0..9 {
        let name = format!("Start {round}.{number}");
        let body = json!({"name": name, "instanceType": "t", "apiUrl": "https://a.example"});
        let made = client.send("POST /v1/admin/instances", &body).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let instance = made.json()["instanceId"].to_string();
        // Some have no application yet, so that they can be deleted.
        for vendor in vendors.iter().filter(|_| number < 3) {
            let line = format!("POST /v1/admin/instances/{instance}/applications");
            let wanted = application(&format!("{round}.{vendor}"), *vendor);
            let made = client.send(&line, &wanted).await;
            assert_eq!(made.status, 201, "{}", made.body);
        }
    }
}

/// What is there when a round begins.
struct There {
    vendors: Vec<i64>,
    instances: Vec<i64>,
    /// Instance and number.
    applications: Vec<(i64, i64)>,
}

impl There {
    async fn now(stage: &Stage) -> Self {
        let numbers = async |sql: &'static str| {
            let rows: Vec<(i64,)> = read(stage, sql).await;
            rows.into_iter().map(|(number,)| number).collect()
        };
        Self {
            vendors: numbers("SELECT vendor_id FROM admin_vendors ORDER BY 1").await,
            instances: numbers("SELECT instance_id FROM admin_instances ORDER BY 1").await,
            applications: read(
                stage,
                "SELECT instance_id, application_id FROM admin_applications ORDER BY 2",
            )
            .await,
        }
    }
}

async fn read<T: specwright_server::db::Row>(stage: &Stage, sql: &'static str) -> Vec<T> {
    let rows = stage.db.read(Statement::new(sql)).await;
    rows.expect("it answers")
}

/// What the recorded changes came to.
struct Happened {
    outcomes: BTreeMap<(String, i64), i64>,
    /// Applications that went with their vendors.
    cascaded: i64,
}

impl Happened {
    async fn so_far(stage: &Stage) -> Self {
        let sql = "SELECT operation, outcome, COUNT(*) FROM audit_entries GROUP BY 1, 2";
        let rows: Vec<(String, i64, i64)> = read(stage, sql).await;
        let rows = rows.into_iter();
        let there: Vec<(i64,)> = read(stage, "SELECT COUNT(*) FROM admin_applications").await;
        let mut happened = Self {
            outcomes: rows
                .map(|(what, outcome, count)| ((what, outcome), count))
                .collect(),
            cascaded: 0,
        };
        happened.cascaded = happened.of("create_application", 201)
            - happened.of("delete_application", 200)
            - there[0].0;
        happened
    }

    fn of(&self, operation: &str, outcome: i64) -> i64 {
        let count = self.outcomes.get(&(operation.to_owned(), outcome));
        count.copied().unwrap_or(0)
    }

    fn since(mut self, before: &Self) -> Self {
        for ((operation, outcome), count) in &mut self.outcomes {
            *count -= before.of(operation, *outcome);
        }
        self.cascaded -= before.cascaded;
        self
    }

    fn assert_all(&self, round: u64) {
        for (operation, outcome) in [
            ("create_vendor", 201),
            ("delete_vendor", 200),
            ("create_instance", 201),
            ("delete_instance", 200),
            ("delete_instance", 400),
            ("create_application", 201),
            ("delete_application", 200),
            ("reset_credential", 200),
        ] {
            let count = self.of(operation, outcome);
            let all = &self.outcomes;
            assert!(
                count > 0,
                "round {round}: no {operation} was {outcome}: {all:?}"
            );
        }
        assert!(
            self.cascaded > 0,
            "round {round}: no vendor took applications along"
        );
    }
}

/// The secrets that resets gave in one round, by key: all of them, in the order of the answers.
type Secrets = BTreeMap<String, Vec<String>>;

async fn hammer(client: &Client, round: u64, there: &Arc<There>) -> Secrets {
    let secrets = Arc::new(Mutex::new(Secrets::new()));
    let mut tasks = JoinSet::new();
    for worker in 0..WORKERS {
        let (client, there) = (client.clone(), Arc::clone(there));
        let secrets = Arc::clone(&secrets);
        tasks.spawn(async move {
            let mut dice = Dice(round * WORKERS + worker + 1);
            for turn in 0..TURNS {
                // Every kind comes up for every worker, each time with something else.
                let name = format!("{round}.{worker}.{turn}");
                act(&client, &there, &secrets, &mut dice, turn + worker, &name).await;
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("no worker panics");
    }
    let secrets = secrets.lock().expect("no worker panicked");
    secrets.clone()
}

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let index = usize::try_from(self.0 >> 33).expect("31 bits") % from.len();
        from[index]
    }
}

async fn act(
    client: &Client,
    there: &There,
    secrets: &Mutex<Secrets>,
    dice: &mut Dice,
    kind: u64,
    name: &str,
) {
    let instances = format!("/v1/admin/instances/{}", dice.pick(&there.instances));
    let (instance, application_id) = dice.pick(&there.applications);
    let path = format!("/v1/admin/instances/{instance}/applications/{application_id}");
    let vendor_id = dice.pick(&there.vendors);
    let (line, body) = match kind % 12 {
        0 => ("POST /v1/admin/vendors".to_owned(), vendor("Race")),
        1 => (format!("DELETE /v1/admin/vendors/{vendor_id}"), Value::Null),
        2..5 => (
            format!("POST {instances}/applications"),
            application(name, vendor_id),
        ),
        5..9 => (format!("PUT {path}/reset-credential"), Value::Null),
        9 => (
            "POST /v1/admin/instances".to_owned(),
            json!({"name": name, "instanceType": "t", "apiUrl": "https://a.example"}),
        ),
        10 => (format!("DELETE {instances}"), Value::Null),
        _ => (format!("DELETE {path}"), Value::Null),
    };
    let answer = client.send(&line, &body).await;
    assert!(
        [200, 201, 400, 404].contains(&answer.status),
        "{line}: {} {}",
        answer.status,
        answer.body
    );
    if answer.status == 200 && line.ends_with("reset-credential") {
        let text = |name: &str| answer.json()[name].as_str().expect("a text").to_owned();
        let mut secrets = secrets.lock().expect("no worker panicked");
        secrets.entry(text("key")).or_default().push(text("secret"));
    }
}

/// Of all secrets that an application was given one counts, and a further reset ends that too.
async fn check_secrets(client: &mut Client, stage: &mut Stage, secrets: &Secrets) {
    let rows: Vec<(String, i64, i64)> = read(
        stage,
        "SELECT application_key, instance_id, application_id FROM admin_applications",
    )
    .await;
    let there: BTreeMap<String, (i64, i64)> = rows
        .into_iter()
        .map(|(key, instance, id)| (key, (instance, id)))
        .collect();
    let mut alive = 0;
    for (key, given) in secrets {
        let mut good = Vec::new();
        for secret in given {
            // No more than ten attempts may fail within a minute.
            stage.direct("advance", "7000").await;
            if client.token_of(key, secret, "").await.status == 200 {
                good.push(secret);
            }
        }
        let Some((instance, id)) = there.get(key) else {
            assert!(good.is_empty(), "the application is gone");
            continue;
        };
        alive += 1;
        assert_eq!(good.len(), 1, "of {} secrets", given.len());
        client.token = token(client, "admin", "").await;
        let path = format!("/v1/admin/instances/{instance}/applications/{id}/reset-credential");
        let reset = client
            .send(&format!("PUT {path}"), &Value::Null)
            .await
            .json();
        let last = reset["secret"].as_str().expect("a secret");
        assert_eq!(client.token_of(key, last, "").await.status, 200);
        assert_eq!(client.token_of(key, good[0], "").await.status, 401);
    }
    assert!(alive > 0, "no application that was reset is left");
}

/// What must hold whatever happened.
async fn check(stage: &Stage) {
    let count = async |sql: &'static str| {
        let row: Option<(i64,)> = stage
            .db
            .read_one(Statement::new(sql))
            .await
            .expect("it answers");
        row.expect("a count").0
    };
    for (rule, sql) in [
        (
            "an application has its vendor",
            "SELECT COUNT(*) FROM admin_applications \
             WHERE vendor_id NOT IN (SELECT vendor_id FROM admin_vendors)",
        ),
        (
            "an application has its instance",
            "SELECT COUNT(*) FROM admin_applications \
             WHERE instance_id NOT IN (SELECT instance_id FROM admin_instances)",
        ),
        (
            "names of instances are unique",
            "SELECT COUNT(*) - COUNT(DISTINCT name) FROM admin_instances",
        ),
        (
            "keys are unique",
            "SELECT COUNT(*) - COUNT(DISTINCT application_key) FROM admin_applications",
        ),
        (
            "the audit trail has no gap",
            "SELECT COALESCE(MAX(number), 0) - COUNT(*) FROM audit_entries",
        ),
        (
            "every vendor that is there was created by a recorded change, every other one deleted",
            "SELECT (SELECT COUNT(*) FROM audit_entries \
              WHERE operation = 'create_vendor' AND outcome = 201) \
             - (SELECT COUNT(*) FROM audit_entries \
              WHERE operation = 'delete_vendor' AND outcome = 200) \
             - (SELECT COUNT(*) FROM admin_vendors)",
        ),
    ] {
        assert_eq!(count(sql).await, 0, "{rule}");
    }
}
