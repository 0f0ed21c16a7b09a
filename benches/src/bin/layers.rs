//! What a layer costs: the exam sessions through the experience API, against the system API that it
//! calls in the same process.
//!
//! `cargo run --release -p specwright-benches --bin layers`: one server over SQLite files, without
//! the demo, so that each layer looks its client up. The server runs on one core and the load on
//! the other; the two ways to the same answer take turns.

use anyhow::{Context, Result, ensure};
use clap::Parser;
use specwright_benches::load::{self, Client};
use specwright_benches::process::{self, Scratch, Server};
use specwright_benches::table::{self, Table, Target};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// Compares the experience API of the exam sessions with the system APIs below it.
#[derive(Parser)]
struct Arguments {
    /// Ends with exit code 1 when the target is missed.
    #[arg(long)]
    gate: bool,
    /// How often each way is measured.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long each measurement lasts, in milliseconds.
    #[arg(long, default_value_t = 1500)]
    milliseconds: u64,
    /// Connections that carry the load.
    #[arg(long, default_value_t = 32)]
    connections: usize,
}

/// The share of the system API's requests a second that the layer above it has to reach.
const TARGET: f64 = 0.7;

/// What is hoped for.
const AIM: f64 = 0.8;

/// The same question to the system API and to the experience API.
struct Question {
    title: &'static str,
    system_api: &'static str,
    direct: &'static str,
    layered: &'static str,
}

const QUESTIONS: [Question; 3] = [
    Question {
        title: "a list of sessions",
        system_api: "eps",
        direct: "/system/eps/v1/meps/sessions?businessStreamId=01&year=2026",
        layered: "/v1/businessStreams/01/sessions?year=2026",
    },
    Question {
        title: "a session with what can be sat",
        system_api: "eps",
        direct: "/system/eps/v1/meps/sessions/8?businessStreamId=01",
        layered: "/v1/businessStreams/01/sessions/8",
    },
    Question {
        title: "a list of vocational sessions",
        system_api: "cams",
        direct: "/system/cams/v1/sessions?qualificationGroup=Cambridge%20Technicals",
        layered: "/v1/vocational-qualifications/sessions?qualificationGroup=Cambridge%20Technicals",
    },
];

/// The two requests of a question, as bytes.
struct Ways {
    direct: Vec<u8>,
    layered: Vec<u8>,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let scratch = Scratch::new("layers")?;
    let database = format!("sqlite:{}", scratch.path().join("server.db").display());
    let front = secret(&database, "exam-sessions")?;
    let eps = secret(&database, "eps")?;
    let cams = secret(&database, "cams")?;
    import_demo(&database)?;
    process::pin_to_load_core()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let address = process::free_address()?;
    let flags = ["--only", "exam-sessions,eps,cams"];
    let server = process::our_server_over(&database, address, scratch.path(), &flags)?;
    let mut table = Table::new(["requests/s", "the system API", "through the layer"]);
    let mut targets = Vec::new();
    for question in &QUESTIONS {
        let system = if question.system_api == "eps" {
            &eps
        } else {
            &cams
        };
        let ways = Ways {
            direct: request(question.direct, system),
            layered: request(question.layered, &front),
        };
        runtime.block_on(same_answer(&server, question, &ways))?;
        let [direct, layered] = compare(&arguments, &runtime, &server, question, &ways)?;
        table.row([
            question.title.to_owned(),
            table::thousands(direct),
            table::thousands(layered),
        ]);
        targets.push(Target {
            what: format!("{}, through the layer to directly", question.title),
            ratio: layered / direct,
            target: TARGET,
            aim: AIM,
        });
    }
    println!("{}", table.render());
    let reached = table::verdict(&targets);
    Ok(if reached || !arguments.gate {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The medians of both ways, directly first, in alternating rounds.
fn compare(
    arguments: &Arguments,
    runtime: &Runtime,
    server: &Server,
    question: &Question,
    ways: &Ways,
) -> Result<[f64; 2]> {
    let load = |request: &[u8], milliseconds| {
        let duration = Duration::from_millis(milliseconds);
        runtime.block_on(load::run(
            server.address,
            request,
            arguments.connections,
            duration,
        ))
    };
    let ways = [&ways.direct, &ways.layered];
    for request in ways {
        load(request, arguments.milliseconds / 3)?;
    }
    let mut rates = [const { Vec::new() }; 2];
    for round in 1..=arguments.rounds {
        eprintln!("{}: round {round} of {}", question.title, arguments.rounds);
        for (rates, request) in rates.iter_mut().zip(ways) {
            rates.push(load(request, arguments.milliseconds)?.rate());
        }
    }
    Ok(rates.map(|rates| table::median(&rates)))
}

/// What is compared is the way, so the answers must be one.
async fn same_answer(server: &Server, question: &Question, ways: &Ways) -> Result<()> {
    let mut client = Client::connect(server.address).await?;
    let direct = client.exchange(&ways.direct).await?.to_vec();
    let layered = client.exchange(&ways.layered).await?;
    ensure!(
        direct == layered && direct.len() > 100,
        "{}: the system API says {}, and the layer above it {}",
        question.title,
        String::from_utf8_lossy(&direct),
        String::from_utf8_lossy(layered)
    );
    Ok(())
}

fn request(path: &str, secret: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: bench\r\nclient_id: bench\r\nclient_secret: {secret}\r\n\r\n"
    )
    .into_bytes()
}

/// Makes the client of an API, and gives its secret.
fn secret(database: &str, api: &str) -> Result<String> {
    let made = run(database, &["client", "create", "--api", api, "bench"])?;
    let secret = made.lines().find_map(|line| line.strip_prefix("secret  "));
    Ok(secret.context("the secret is not shown")?.to_owned())
}

fn import_demo(database: &str) -> Result<()> {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/exam_sessions/demo");
    let files: Vec<PathBuf> = std::fs::read_dir(&demo)?
        .map(|file| Ok(file?.path()))
        .collect::<Result<_>>()?;
    let files = files.iter().filter_map(|file| file.to_str());
    let files = files.filter(|file| file.ends_with(".csv"));
    let arguments: Vec<&str> = ["import", "exam-sessions"]
        .into_iter()
        .chain(files)
        .collect();
    run(database, &arguments)?;
    Ok(())
}

/// Runs a command of our server, and gives what it prints.
fn run(database: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(process::sibling("specwright-server", "specwright-server")?)
        .args(["--database", database])
        .args(arguments)
        .output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{arguments:?}: {errors}");
    Ok(String::from_utf8(output.stdout)?)
}
