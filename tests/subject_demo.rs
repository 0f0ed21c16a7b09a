//! The demo catalogue, walked through as a new user would: a subject joins a cluster of equivalent
//! ones and leaves it again, ends and begins anew; the queue, the log and the picture of each step
//! tell the same.

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use specwright_server::config::{DEMO_ID, DEMO_SECRET};
use specwright_server::db::{Db, Location, Options, Statement, migrations};
use support::files::Folder;
use support::http::Client;
use support::postgres;
use support::server::Server;

/// A running demo, its database, and what an operator sees of it.
struct Demo<'a> {
    client: Client,
    database: &'a str,
    folder: &'a Path,
}

/// What became of one request.
struct Step {
    api_ref_id: i64,
    /// The container's equivalencies and its templates in effect after it, as `42 2024FA-999999`.
    equivalents: BTreeSet<String>,
    templates: BTreeSet<String>,
}

impl Demo<'_> {
    fn ask(&mut self, line: &str, body: &str) -> Value {
        let headers = [
            ("client_id", DEMO_ID),
            ("client_secret", DEMO_SECRET),
            ("Content-Type", "application/json"),
        ];
        let answer = self.client.send(line, &headers, body);
        let (status, answer) = answer.expect("the server answers");
        assert_eq!(status, 200, "{line} {body}: {answer}");
        serde_json::from_str(&answer).expect("an answer is JSON")
    }

    /// What the program says, asked as an operator would ask.
    fn operator(&self, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_specwright-server"))
            .args(["--database", self.database])
            .args(arguments)
            .output()
            .expect("the program starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {text}{errors}");
        text
    }

    async fn rows(&self, sql: String) -> Vec<String> {
        let location: Location = self.database.parse().expect("a database");
        let db: Db = migrations::open(&location, &Options::default(), migrations::SERVER, 0)
            .await
            .expect("it is there");
        let rows = db.read::<(String,)>(Statement::new(sql)).await;
        db.close().await;
        let rows = rows.expect("it can be read");
        rows.into_iter().map(|(row,)| row).collect()
    }

    /// Changes a container, and reads what is told of it by the reference number: the records of the
    /// queue by both ways, and the log, which says `logged`.
    async fn step(&mut self, of: &str, rest: &str, body: Value, logged: &[&str]) -> Step {
        let line = format!("POST /subjects/containers/{of}{rest}");
        let answer = self.ask(&line, &body.to_string());
        let api_ref_id = answer["apiRefId"].as_i64().expect("a number");
        let number = api_ref_id.to_string();
        let list = format!("GET /backfill/records?apiRefId={number}");
        let told = self.ask(&list, "");
        let records = told["records"].as_array().expect("a list");
        let ids: Vec<_> = records.iter().map(|one| one["queueId"].clone()).collect();
        assert_eq!(json!(ids), answer["queueIds"], "{told}");
        let listed = self.operator(&["backfill", "list", "--api-ref", &number]);
        assert_eq!(listed.lines().count(), ids.len() + 1, "{listed}");
        for id in &ids {
            let shown = self.operator(&["backfill", "show", &id.to_string()]);
            assert!(shown.contains(&format!("of request {number}, ")), "{shown}");
            assert!(
                shown.contains(&format!("about   container {of}, ")),
                "{shown}"
            );
        }
        let log = self.operator(&["subjects", "log", "--api-ref", &number]);
        for entry in logged {
            assert!(log.contains(entry), "`{entry}` is not in {log}");
        }
        assert_eq!(log.matches(" RESULT  ").count(), 1, "{log}");
        Step {
            api_ref_id,
            equivalents: self.equivalents(of).await,
            templates: self.templates(of).await,
        }
    }

    async fn equivalents(&self, of: &str) -> BTreeSet<String> {
        let sql = format!(
            "SELECT equiv_container_id || ' ' || from_term || '-' || thru_term \
             FROM subject_container_equiv WHERE container_id = {of}"
        );
        self.rows(sql).await.into_iter().collect()
    }

    async fn templates(&self, of: &str) -> BTreeSet<String> {
        let sql = format!(
            "SELECT template_id || ' ' || eff_from_term || '-' || eff_thru_term \
             FROM subject_template WHERE container_id = {of} AND template_status = 'A'"
        );
        self.rows(sql).await.into_iter().collect()
    }

    /// The table of a moment without its heading; the table and the picture tell what was stored then.
    fn history(
        &self,
        of: &str,
        moment: &[&str],
        then: (&BTreeSet<String>, &BTreeSet<String>),
    ) -> String {
        let file = self.folder.join("history.svg");
        let file = file.to_str().expect("a plain path");
        let arguments = [&["subjects", "history", of, "--svg", file], moment].concat();
        let table = self.operator(&arguments);
        assert!(!table.contains("does not tell everything"), "{table}");
        let (_, table) = table.split_once('\n').expect("it has a heading");
        let part = |from: &str, to: &str| {
            let (_, rest) = table.split_once(from).expect("the part is there");
            rest.split(to).next().unwrap_or_default().to_owned()
        };
        assert_eq!(
            &ranges(&part("equivalent subjects\n", "\n\n")),
            then.0,
            "{table}"
        );
        assert_eq!(&ranges(&part("templates\n", "\n\n")), then.1, "{table}");
        let svg = std::fs::read_to_string(file).expect("it was drawn");
        for row in then.0 {
            let (other, terms) = row.split_once(' ').expect("a container and terms");
            let title = format!("<title>EQ with container {other}, {terms}</title>");
            assert!(svg.contains(&title), "{title} is not in {svg}");
        }
        assert_eq!(
            svg.matches("<title>EQ with container").count(),
            then.0.len()
        );
        for row in then.1 {
            let (id, terms) = row.split_once(' ').expect("a template and terms");
            let drawn = svg.split("<title>template ").skip(1).any(|title| {
                title.starts_with(&format!("{id} ")) && title.contains(&format!("{terms}: "))
                    || title.starts_with(&format!("{id}, {terms}: "))
            });
            assert!(drawn, "template {id} {terms} is not in {svg}");
        }
        table.to_owned()
    }
}

/// The lines of a part of the table as id and range, a line for each range.
fn ranges(part: &str) -> BTreeSet<String> {
    let lines = part.lines().skip(1).map(str::trim);
    let each = lines.flat_map(|line| {
        let id = line.split_whitespace().next().unwrap_or_default();
        let terms = line.split([' ', ',']).filter(|word| {
            word.split_once('-').is_some_and(|(from, thru)| {
                from.len() == 6 && thru.len() == 6 && from.starts_with("20")
            })
        });
        terms
            .map(move |terms| format!("{id} {terms}"))
            .collect::<Vec<_>>()
    });
    each.collect()
}

/// At least 300 subjects over ten years with cross-listings, clusters and relationships.
async fn the_demo_has_everything(demo: &Demo<'_>) {
    let counts: [(&str, usize); 7] = [
        ("SELECT COUNT(*) FROM subject_container", 300),
        (
            "SELECT COUNT(DISTINCT SUBSTR(eff_from_term, 1, 4)) FROM subject_template",
            10,
        ),
        (
            "SELECT COUNT(DISTINCT template_id) FROM subject_tmpl_reg_instance \
             WHERE instance_type = 'X'",
            100,
        ),
        ("SELECT COUNT(*) / 2 FROM subject_container_equiv", 60),
        // Clusters of three and more.
        (
            "SELECT COUNT(*) FROM (SELECT container_id FROM subject_container_equiv \
             GROUP BY container_id HAVING COUNT(DISTINCT equiv_container_id) > 1) members",
            30,
        ),
        ("SELECT COUNT(*) / 2 FROM subject_container_relation", 30),
        ("SELECT COUNT(*) FROM subject_tmpl_requisite", 100),
    ];
    for (sql, least) in counts {
        let sql = sql.replacen("SELECT COUNT", "SELECT CAST(COUNT", 1);
        let sql = match sql.find(" FROM") {
            Some(at) => format!("{} AS TEXT){}", &sql[..at], &sql[at..]),
            None => sql,
        };
        let count: usize = demo.rows(sql.clone()).await[0].parse().expect("a count");
        assert!(count >= least, "{count} by {sql}");
    }
}

/// Walks through the demo on a database.
async fn the_demo_is_walked_through(database: &str, folder: &Path) {
    let mails = folder.join("mails");
    let flags = [
        "--demo",
        "--mail-directory",
        mails.to_str().expect("a path"),
    ];
    let server = Server::start(database, &flags);
    let client = Client::new(server.address).expect("it listens");
    let mut demo = Demo {
        client,
        database,
        folder,
    };
    the_demo_has_everything(&demo).await;
    // A member of a cluster that goes on, and a subject without relations that goes on, too.
    let member = "SELECT CAST(container_id AS TEXT) FROM subject_container_equiv \
                  WHERE from_term <= '2024FA' AND thru_term = '999999' GROUP BY container_id \
                  HAVING COUNT(*) > 1 ORDER BY container_id LIMIT 1";
    let member = demo.rows(member.to_owned()).await.remove(0);
    let cluster = format!(
        "SELECT CAST(equiv_container_id AS TEXT) FROM subject_container_equiv \
         WHERE container_id = {member} AND from_term <= '2024FA' AND thru_term = '999999'"
    );
    let mut cluster: BTreeSet<String> = demo.rows(cluster).await.into_iter().collect();
    cluster.insert(member.clone());
    assert!(cluster.len() >= 3, "{cluster:?}");
    let newcomer = "SELECT CAST(c.container_id AS TEXT) FROM subject_container c \
         JOIN subject_template t ON t.container_id = c.container_id AND t.template_status = 'A' \
         WHERE t.eff_from_term < '2024FA' AND t.eff_thru_term = '999999' AND NOT EXISTS \
         (SELECT 1 FROM subject_container_equiv e WHERE e.container_id = c.container_id) \
         AND NOT EXISTS (SELECT 1 FROM subject_container_relation r \
         WHERE r.container_id = c.container_id) ORDER BY c.container_id LIMIT 1";
    let one = demo.rows(newcomer.to_owned()).await.remove(0);
    let one = one.as_str();
    let begun = Step {
        api_ref_id: 0,
        equivalents: BTreeSet::new(),
        templates: demo.templates(one).await,
    };
    let pair = |other: &str| {
        let numbers = [one, other].map(|id| id.parse::<i64>().expect("an id"));
        format!(
            "{}-{}",
            numbers[0].min(numbers[1]),
            numbers[0].max(numbers[1])
        )
    };
    let with = |thru: &str| {
        let terms = json!({"effectiveFromTerm": "2024FA", "effectiveThruTerm": thru});
        let id: i64 = member.parse().expect("an id");
        json!({"equivalentSubjects": [{"containerId": id, "effectiveTerms": terms}]})
    };

    let logged = cluster
        .iter()
        .map(|other| format!("EQ ADD {} 2024FA-999999", pair(other)));
    let logged: Vec<_> = logged.collect();
    let logged: Vec<_> = logged.iter().map(String::as_str).collect();
    let joined = demo
        .step(one, "/effectiveTerms/2024FA", with("999999"), &logged)
        .await;
    let all = cluster.iter().map(|other| format!("{other} 2024FA-999999"));
    assert_eq!(joined.equivalents, all.collect());

    let logged = format!("EQ BOOKEND {} 2024FA-2025SU", pair(&member));
    let bookended = demo
        .step(one, "/effectiveTerms/2024FA", with("2025SU"), &[&logged])
        .await;
    assert!(
        bookended
            .equivalents
            .contains(&format!("{member} 2024FA-2025SU"))
    );

    let end = json!({"operation": "DEACTIVATE", "effectiveTerm": "2026FA"});
    let ended = demo.step(one, "", end, &["TEMPLATE UPDATE"]).await;
    assert_eq!(ended.equivalents, bookended.equivalents, "R-033");
    assert!(ended.templates.iter().any(|one| one.ends_with("-2025SU")));
    let status = |demo: &mut Demo<'_>, step: &Step| {
        let last = step
            .templates
            .iter()
            .max_by_key(|one| one.split(' ').nth(1));
        let id = last.and_then(|last| last.split(' ').next()).expect("an id");
        let line = format!("GET /subjects/containers/{one}/templates/{id}");
        demo.ask(&line, "")["status"].clone()
    };
    assert_eq!(status(&mut demo, &ended), "Inactive");

    let again = json!({"operation": "REACTIVATE", "effectiveTerm": "2027FA"});
    let begun_again = demo.step(one, "", again, &["TEMPLATE INSERT"]).await;
    assert!(
        begun_again
            .templates
            .iter()
            .any(|one| one.ends_with(" 2027FA-999999"))
    );
    assert_eq!(status(&mut demo, &begun_again), "Active");

    let steps = [begun, joined, bookended, ended, begun_again];
    for two in steps.windows(2) {
        let number = two[1].api_ref_id.to_string();
        let (was, is) = (&two[0], &two[1]);
        let before = demo.history(
            one,
            &["--before", &number],
            (&was.equivalents, &was.templates),
        );
        let after = demo.history(one, &["--after", &number], (&is.equivalents, &is.templates));
        assert_ne!(before, after);
    }
    let last = &steps[4];
    demo.history(one, &[], (&last.equivalents, &last.templates));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_is_walked_through_on_sqlite() {
    let folder = Folder::new("walk");
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    the_demo_is_walked_through(&database, folder.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_is_walked_through_on_postgres() {
    let Some(cluster) = postgres::shared() else {
        return;
    };
    let folder = Folder::new("walk");
    the_demo_is_walked_through(&cluster.database(), folder.path()).await;
}

/// The part of a text from a heading to the next one.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let (_, rest) = text.split_once(heading).expect("there is such a heading");
    rest.split("\n## ").next().unwrap_or_default()
}

/// Every command of the README's part on the demo, as it is written there: what it says to be
/// refused is, and nothing else; its numbers are those that a new user gets.
#[tokio::test(flavor = "multi_thread")]
async fn the_readme_walks_through_the_demo() {
    let readme = include_str!("../README.md");
    let curl = Command::new("curl").arg("--version").output();
    if curl.is_err() {
        eprintln!("skipped: there is no curl");
        return;
    }
    let folder = Folder::new("readme");
    let database = format!("sqlite:{}", folder.path().join("specwright.db").display());
    let mails = folder.path().join("mails");
    let flags = [
        "--demo",
        "--mail-directory",
        mails.to_str().expect("a path"),
    ];
    let server = Server::start(&database, &flags);
    let walk = section(readme, "## Subjects of a catalogue, over time\n");
    let blocks = walk.split("```sh\n").skip(1);
    let blocks: Vec<_> = blocks
        .filter_map(|block| block.split("```").next())
        .collect();
    assert_eq!(blocks.len(), 3, "{walk}");
    let table = section(readme, "## Subjects: filling, following, looking back\n");
    let commands = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    // A worker has a program of its own, and a catalogue is there already.
    let commands = commands.filter(|one| !one.contains(" import ") && !one.contains(" work "));
    let commands: Vec<_> = commands.collect();
    assert_eq!(commands.len(), 3, "{table}");
    let blocks = blocks.concat().replace(
        "BASE=http://127.0.0.1:8080",
        &format!("BASE=http://{}", server.address),
    );
    let script = format!(
        "set -e\nspecwright-server() {{ '{}' \"$@\"; echo; }}\n{blocks}\n{}",
        env!("CARGO_BIN_EXE_specwright-server"),
        commands.join("\n")
    );
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(folder.path())
        .output()
        .expect("there is a shell");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}{errors}");
    assert_eq!(told.matches("errorCode").count(), 1, "{told}");
    for number in 2..=6 {
        assert!(told.contains(&format!("\"apiRefId\":{number}")), "{told}");
    }
    let of_queue = "record  request  container  template  type  created               state\n";
    assert_eq!(told.matches(of_queue).count(), 2, "{told}");
    for text in [
        "EQ BOOKEND 1-3 2024FA-2025SU",
        "container 3, Standard, before request 5\n",
        "container 3, Standard, after request 6\n",
        "  2027FA-999999  1.700 ",
    ] {
        assert!(told.contains(text), "`{text}` is not in {told}");
    }
    assert!(!told.contains("no such"), "{told}");
    let svg = std::fs::read_to_string(folder.path().join("1.700.svg"));
    assert!(
        svg.expect("it was drawn")
            .contains("EQ with container 1, 2024FA-2025SU")
    );
}
