//! What a large catalogue of subjects costs, against a small one.
//!
//! `cargo run --release -p specwright-benches --bin subjects`: reads two catalogues in, on SQLite and
//! on PostgreSQL, and measures a GET by subject and term, an edit that touches no relation, and a
//! container that joins a clique of 500.

use anyhow::{Context, Result, ensure};
use clap::Parser;
use specwright_benches::catalogue::{CLIQUE, Catalogue, TEMPLATES};
use specwright_benches::chart::{self, Group};
use specwright_benches::load::Client;
use specwright_benches::postgres;
use specwright_benches::process::{self, Scratch, Server};
use specwright_benches::table::Table;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

/// Compares a large catalogue of subjects with a small one.
#[derive(Parser)]
struct Arguments {
    /// Ends with exit code 1 when a target is missed.
    #[arg(long)]
    gate: bool,
    /// The containers of the small catalogue.
    #[arg(long, default_value_t = 500)]
    small: usize,
    /// The containers of the large one.
    #[arg(long, default_value_t = 50_000)]
    large: usize,
    /// How many GETs are measured.
    #[arg(long, default_value_t = 4000)]
    gets: usize,
    /// How many edits are measured.
    #[arg(long, default_value_t = 400)]
    edits: usize,
    /// How many times a container joins the clique.
    #[arg(long, default_value_t = 7)]
    joins: usize,
    /// Where the picture goes.
    #[arg(long, default_value = "subjects.svg")]
    svg: PathBuf,
}

/// What one catalogue on one engine costs, in milliseconds.
struct Costs {
    import_s: f64,
    get_p50: f64,
    get_p99: f64,
    edit_p50: f64,
    join_p50: f64,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    process::pin_to_load_core()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let scratch = Scratch::new("subjects")?;
    let cluster = postgres::cluster();
    let mut measured: Vec<(String, Costs)> = Vec::new();
    for (engine, database) in [("SQLite", None), ("PostgreSQL", cluster.as_ref())] {
        if engine == "PostgreSQL" && database.is_none() {
            continue;
        }
        for containers in [arguments.small, arguments.large] {
            let name = format!("{engine}, {containers} containers");
            eprintln!("{name}");
            let folder = scratch.path().join(format!("{engine}-{containers}"));
            fs::create_dir_all(&folder)?;
            let database = match database {
                Some(cluster) => cluster.database(),
                None => format!("sqlite:{}", folder.join("server.db").display()),
            };
            let catalogue = Catalogue { containers };
            let costs = costs(&arguments, &runtime, catalogue, &database, &folder)?;
            measured.push((name, costs));
        }
    }
    print(&measured);
    draw(&arguments.svg, &measured)?;
    Ok(match verdict(&measured) || !arguments.gate {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn costs(
    arguments: &Arguments,
    runtime: &Runtime,
    catalogue: Catalogue,
    database: &str,
    folder: &Path,
) -> Result<Costs> {
    let started = Instant::now();
    import(&catalogue.write(folder)?, database)?;
    let import_s = started.elapsed().as_secs_f64();
    let address = process::free_address()?;
    let server = process::our_server_over(database, address, folder, &["--demo"])?;
    runtime.block_on(async {
        let mut calls = Calls::new(&server, catalogue).await?;
        // What is cached is, as in a server that has been running for a while.
        for at in 0..arguments.gets / 10 {
            calls.get(at).await?;
        }
        let mut gets = Vec::new();
        for at in 0..arguments.gets {
            gets.push(calls.get(at).await?);
        }
        let mut edits = Vec::new();
        for at in 0..arguments.edits {
            edits.push(calls.edit(at).await?);
        }
        let mut joins = Vec::new();
        for _ in 0..arguments.joins {
            joins.push(calls.join().await?);
        }
        Ok(Costs {
            import_s,
            get_p50: share(&mut gets, 0.5),
            get_p99: share(&mut gets, 0.99),
            edit_p50: share(&mut edits, 0.5),
            join_p50: share(&mut joins, 0.5),
        })
    })
}

fn import(files: &[PathBuf], database: &str) -> Result<()> {
    let program = process::sibling("specwright-server", "specwright-server")?;
    let done = Command::new(program)
        .args(["--database", database, "import", "subjects"])
        .args(files)
        .status()
        .context("reading the catalogue in")?;
    ensure!(done.success(), "the catalogue was not read in");
    Ok(())
}

/// The value that this share of the times stay under, in milliseconds.
fn share(times: &mut [Duration], share: f64) -> f64 {
    times.sort_unstable();
    let last = times.len().saturating_sub(1);
    let at = (last as f64 * share).round() as usize;
    let time = times.get(at).copied().unwrap_or_default();
    time.as_secs_f64() * 1000.0
}

const HEADERS: &str = "Host: localhost\r\nclient_id: demo\r\n\
                       client_secret: Demo-Secret-For-Loopback-Only-2026!\r\n";

/// Requests over one connection, one after another.
struct Calls {
    client: Client,
    catalogue: Catalogue,
}

impl Calls {
    async fn new(server: &Server, catalogue: Catalogue) -> Result<Self> {
        let client = Client::connect(server.address).await?;
        Ok(Self { client, catalogue })
    }

    /// A container without relations: another one each time, all over the catalogue.
    fn container(&self, at: usize) -> usize {
        at.wrapping_mul(7919) % self.catalogue.containers + 1
    }

    async fn get(&mut self, at: usize) -> Result<Duration> {
        let number = Catalogue::number(self.container(at));
        let term = Catalogue::from_term(at % TEMPLATES);
        let path = format!("/subjects/courses/B/numbers/{number}/terms/{term}");
        let request = format!("GET {path} HTTP/1.1\r\n{HEADERS}\r\n");
        self.ask(&request).await
    }

    async fn edit(&mut self, at: usize) -> Result<Duration> {
        let container = self.container(at);
        let body = format!(r#"{{"subjectTemplate":{{"title":"Edited {at}"}}}}"#);
        self.post(container, &body).await
    }

    /// The newcomer joins the clique, and leaves it again; the time is that of the joining.
    async fn join(&mut self) -> Result<Duration> {
        let (newcomer, member) = (self.catalogue.newcomer(), self.catalogue.member());
        let terms = r#"{"effectiveFromTerm":"2000FA","effectiveThruTerm":"999999"}"#;
        let body = format!(
            r#"{{"equivalentSubjects":[{{"containerId":{member},"effectiveTerms":{terms}}}]}}"#
        );
        let time = self.post(newcomer, &body).await?;
        let joined = self.equivalents(newcomer).await?;
        ensure!(joined == CLIQUE, "it is equivalent to {joined} of {CLIQUE}");
        let members =
            (member..newcomer).map(|id| format!(r#"{{"containerId":{id},"remove":true}}"#));
        let members: Vec<_> = members.collect();
        let body = format!(r#"{{"equivalentSubjects":[{}]}}"#, members.join(","));
        self.post(newcomer, &body).await?;
        let left = self.equivalents(newcomer).await?;
        ensure!(left == 0, "it is equivalent to {left} of {CLIQUE} still");
        Ok(time)
    }

    /// How many containers a container is equivalent to.
    async fn equivalents(&mut self, container: usize) -> Result<usize> {
        let number = Catalogue::number(container);
        let term = Catalogue::from_term(TEMPLATES - 1);
        let path = format!("/subjects/courses/B/numbers/{number}/terms/{term}");
        let request = format!("GET {path} HTTP/1.1\r\n{HEADERS}\r\n");
        let answer = self.client.exchange(request.as_bytes()).await?;
        // Its own id is one of them.
        let named = String::from_utf8_lossy(answer)
            .matches("\"containerId\"")
            .count();
        named.checked_sub(1).context("the answer has no subject")
    }

    async fn post(&mut self, container: usize, body: &str) -> Result<Duration> {
        let term = Catalogue::from_term(TEMPLATES - 1);
        let path = format!("/subjects/containers/{container}/effectiveTerms/{term}");
        let length = body.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\n{HEADERS}Content-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
        self.ask(&request).await
    }

    async fn ask(&mut self, request: &str) -> Result<Duration> {
        let sent = Instant::now();
        self.client.exchange(request.as_bytes()).await?;
        Ok(sent.elapsed())
    }
}

fn print(measured: &[(String, Costs)]) {
    let mut table = Table::new([
        "catalogue",
        "read in, s",
        "GET p50, ms",
        "GET p99, ms",
        "edit p50, ms",
        "join p50, ms",
    ]);
    for (name, costs) in measured {
        table.row([
            name.clone(),
            format!("{:.1}", costs.import_s),
            format!("{:.2}", costs.get_p50),
            format!("{:.2}", costs.get_p99),
            format!("{:.2}", costs.edit_p50),
            format!("{:.1}", costs.join_p50),
        ]);
    }
    println!(
        "{TEMPLATES} templates a container; {CLIQUE} more containers are a clique, which one joins.\n\n{}",
        table.render()
    );
}

/// Says what was reached; `false` when a target was missed.
fn verdict(measured: &[(String, Costs)]) -> bool {
    let mut reached = true;
    for pair in measured.chunks(2) {
        let [(_, small), (name, large)] = pair else {
            continue;
        };
        let mut say = |what: &str, value: f64, most: f64, unit: &str| {
            let word = if value <= most { "reached" } else { "MISSED" };
            reached &= value <= most;
            println!("{word}: {name}: {what} {value:.2}{unit}, at most {most}{unit}");
        };
        say(
            "GET against the small one",
            large.get_p50 / small.get_p50,
            1.5,
            " x",
        );
        say(
            "edit against the small one",
            large.edit_p50 / small.edit_p50,
            1.5,
            " x",
        );
        say("GET p99", large.get_p99, 5.0, " ms");
        say("joining a clique of 500", large.join_p50, 100.0, " ms");
    }
    reached
}

fn draw(path: &Path, measured: &[(String, Costs)]) -> Result<()> {
    let series: Vec<_> = measured.iter().map(|(name, _)| name.clone()).collect();
    let group = |name: &str, value: fn(&Costs) -> f64| Group {
        name: name.to_owned(),
        unit: "ms",
        values: measured.iter().map(|(_, costs)| value(costs)).collect(),
    };
    let groups = [
        group("GET by subject and term, p50", |costs| costs.get_p50),
        group("GET by subject and term, p99", |costs| costs.get_p99),
        group("edit without relations, p50", |costs| costs.edit_p50),
        group("joining a clique of 500, p50", |costs| costs.join_p50),
    ];
    let svg = chart::svg(
        "Subjects: a large catalogue and a small one",
        &series,
        &groups,
    );
    fs::write(path, svg).with_context(|| format!("`{}` cannot be written", path.display()))?;
    println!("\ndrawn in {}", path.display());
    Ok(())
}
