//! `open_session` on our durable server against the original microservice,
//! which keeps its sessions in memory.
//!
//! `cargo run --release -p specwright-benches --bin load`: each server runs on
//! one core and the load on the other, in alternating rounds. The original is
//! the published one, started by its own `bin/main.js`.

use anyhow::{Context, Result, bail};
use clap::Parser;
use specwright_benches::load;
use specwright_benches::process::{self, Scratch, Server};
use specwright_benches::samples;
use specwright_benches::table::{self, Table, Target};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;
use tokio::runtime::Builder;

/// Compares open_session with the original microservice.
#[derive(Parser)]
struct Arguments {
    /// Ends with exit code 1 when the target is missed.
    #[arg(long)]
    gate: bool,
    /// How often each server is measured.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How long each measurement lasts, in milliseconds.
    #[arg(long, default_value_t = 3000)]
    milliseconds: u64,
    /// Connections that carry the load.
    #[arg(long, default_value_t = 64)]
    connections: usize,
}

/// The original's configuration without its log, so that what is compared is
/// its work and not its chatter.
const QUIET: &str = r#"---
- descriptor: "pip-services:context-info:default:default:1.0"
  name: "service-sessions"
- descriptor: "pip-services:logger:null:default:1.0"
- descriptor: "service-sessions:persistence:memory:default:1.0"
- descriptor: "service-sessions:controller:default:default:1.0"
- descriptor: "pip-services:endpoint:http:default:1.0"
  connection:
    protocol: "http"
    host: "127.0.0.1"
    port: {{HTTP_PORT}}
- descriptor: "service-sessions:service:commandable-http:default:1.0"
"#;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Contestant {
    Ours,
    Shipped,
    Quiet,
}

impl Contestant {
    const ALL: [Self; 3] = [Self::Ours, Self::Shipped, Self::Quiet];

    fn title(self) -> &'static str {
        match self {
            Self::Ours => "ours, SQLite, synchronous=FULL",
            Self::Shipped => "the original, in memory, as shipped",
            Self::Quiet => "the original, in memory, its log off",
        }
    }
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let original = original()?;
    let scratch = Scratch::new("load")?;
    process::pin_to_load_core()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let request = samples::open_session();
    let mut rates = [const { Vec::new() }; 3];
    let mut latencies = [const { Vec::new() }; 3];
    for round in 1..=arguments.rounds {
        eprintln!("round {round} of {}", arguments.rounds);
        for (index, contestant) in Contestant::ALL.into_iter().enumerate() {
            let server = start(
                contestant,
                &original,
                &scratch.path().join(round.to_string()),
            )?;
            let load = |milliseconds| {
                let duration = Duration::from_millis(milliseconds);
                runtime.block_on(load::run(
                    server.address,
                    &request,
                    arguments.connections,
                    duration,
                ))
            };
            load(arguments.milliseconds / 3)?;
            let outcome = load(arguments.milliseconds)?;
            rates[index].push(outcome.rate());
            latencies[index].push(f64::from(outcome.latency_us(0.99)) / 1000.0);
        }
    }
    let rates = rates.map(|rates| table::median(&rates));
    let mut table = Table::new(["open_session", "calls/s", "99 % within ms"]);
    for (index, contestant) in Contestant::ALL.into_iter().enumerate() {
        let latency = format!("{:.1}", table::median(&latencies[index]));
        table.row([
            contestant.title().to_owned(),
            table::thousands(rates[index]),
            latency,
        ]);
    }
    println!("{}", table.render());
    let [ours, shipped, quiet] = rates;
    let target = |what: &str, theirs| Target {
        what: what.to_owned(),
        ratio: ours / theirs,
        target: 5.0,
        aim: 10.0,
    };
    let reached = table::verdict(&[
        target("ours to the original as shipped", shipped),
        target("ours to the original with its log off", quiet),
    ]);
    Ok(if reached || !arguments.gate {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn start(contestant: Contestant, original: &Path, scratch: &Path) -> Result<Server> {
    fs::create_dir_all(scratch)?;
    let address = process::free_address()?;
    if contestant == Contestant::Ours {
        return process::our_server(address, scratch, &[]);
    }
    let mut command = Command::new("node");
    command
        .arg("bin/main.js")
        .current_dir(original)
        .env("HTTP_ENABLED", "true")
        .env("HTTP_PORT", address.port().to_string());
    if contestant == Contestant::Quiet {
        let configuration = scratch.join("quiet.yml");
        fs::write(&configuration, QUIET)?;
        command.arg("-c").arg(configuration);
    }
    Server::start(&command, address)
}

/// The folder of the published service, installed by the same steps as the
/// suites of tests/external.
fn original() -> Result<PathBuf> {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/external/lib.sh");
    let script = format!(
        ". '{}' && need_npm && echo \"$NODE_PATH/service-sessions-node\"",
        library.display()
    );
    let output = Command::new("bash")
        .args(["-c", &script])
        .output()
        .context("running bash")?;
    let text = String::from_utf8_lossy(&output.stdout);
    match text.lines().last().map(PathBuf::from) {
        Some(folder) if folder.is_dir() => Ok(folder),
        _ => bail!(
            "the original service is not installed: {text}{}",
            String::from_utf8_lossy(&output.stderr)
        ),
    }
}
