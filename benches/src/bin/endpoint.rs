//! The same two endpoints, written in several ways, side by side.
//!
//! `cargo run --release -p specwright-benches --bin endpoint` measures requests
//! a second, each peer in a process of its own on one core and the load on the
//! other, in alternating rounds; `--instructions` counts instructions a request
//! under valgrind, which repeats exactly and is the gate.

use anyhow::{Context, Result, ensure};
use clap::Parser;
use specwright_benches::in_process::{self, Pipe};
use specwright_benches::load;
use specwright_benches::peers::Peer;
use specwright_benches::process::{self, Server};
use specwright_benches::samples::Sample;
use specwright_benches::table::{self, Table, Target};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::process::{Command, ExitCode};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// Compares the same two endpoints, written in several ways.
#[derive(Parser)]
struct Arguments {
    /// Counts instructions a request instead of requests a second (needs valgrind).
    #[arg(long)]
    instructions: bool,
    /// Ends with exit code 1 when a target is missed.
    #[arg(long)]
    gate: bool,
    /// Ends with exit code 1 when a ratio is below this share of its target.
    #[arg(long, default_value_t = 0.0)]
    at_least: f64,
    /// How often each peer is measured.
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// How long each measurement lasts, in milliseconds.
    #[arg(long, default_value_t = 500)]
    milliseconds: u64,
    /// Connections that carry the load.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Serves one peer at this address until it is killed.
    #[arg(long, hide = true, requires = "peer")]
    serve: Option<SocketAddr>,
    /// Sends this many requests to one peer in this process.
    #[arg(long, hide = true, requires = "peer")]
    drive: Option<usize>,
    #[arg(long, hide = true)]
    peer: Option<Peer>,
    #[arg(long, hide = true, default_value = "post")]
    sample: Sample,
}

const SAMPLES: [Sample; 2] = [Sample::Post, Sample::Get];

/// One figure for each peer and each of the two requests.
type Figures = HashMap<(Peer, Sample), f64>;

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let runtime = Builder::new_current_thread().enable_all().build()?;
    match (arguments.peer, arguments.serve, arguments.drive) {
        (Some(peer), Some(address), _) => {
            runtime.block_on(peer.serve(address))?;
            Ok(ExitCode::SUCCESS)
        }
        (Some(peer), None, Some(count)) => {
            runtime.block_on(drive(peer, arguments.sample, count))?;
            Ok(ExitCode::SUCCESS)
        }
        _ if arguments.instructions => count_instructions(&arguments),
        _ => measure(&arguments, &runtime),
    }
}

async fn drive(peer: Peer, sample: Sample, count: usize) -> Result<()> {
    let (pipe, client) = Pipe::new();
    let server = tokio::spawn(peer.serve_pipe(pipe));
    in_process::drive(client, &sample.request(), count).await?;
    server.abort();
    Ok(())
}

/// Requests a second. Every peer's server stands by from the start, and the rounds are short, so
/// that a slow moment of the machine meets all of them.
fn measure(arguments: &Arguments, runtime: &Runtime) -> Result<ExitCode> {
    process::pin_to_load_core()?;
    let servers = Peer::ALL
        .into_iter()
        .map(|peer| Ok((peer, start(peer)?)))
        .collect::<Result<Vec<_>>>()?;
    let mut rounds = Vec::new();
    let mut costs: HashMap<(Peer, Sample), Vec<f64>> = HashMap::new();
    for round in 1..=arguments.rounds {
        eprintln!("round {round} of {}", arguments.rounds);
        let mut rates = Figures::new();
        for sample in SAMPLES {
            for (peer, server) in &servers {
                let (rate, cost_us) = load_once(arguments, runtime, server, sample)?;
                rates.insert((*peer, sample), rate);
                costs.entry((*peer, sample)).or_default().push(cost_us);
            }
        }
        rounds.push(rates);
    }
    report_rates(arguments, &rounds, &costs)
}

fn report_rates(
    arguments: &Arguments,
    rounds: &[Figures],
    costs: &HashMap<(Peer, Sample), Vec<f64>>,
) -> Result<ExitCode> {
    let median_of = |key: &(Peer, Sample)| {
        let rates: Vec<f64> = rounds
            .iter()
            .filter_map(|round| round.get(key))
            .copied()
            .collect();
        table::median(&rates)
    };
    let rates: Figures = costs.keys().map(|key| (*key, median_of(key))).collect();
    let costs: Figures = costs
        .iter()
        .map(|(key, values)| (*key, table::median(values)))
        .collect();
    println!(
        "Requests a second, medians of {} alternating rounds; server on one core, load on another.\n",
        arguments.rounds
    );
    let mut table = Table::new(["", "POST/s", "GET/s", "µs a POST", "µs a GET"]);
    for peer in Peer::ALL {
        let [post, get] = figures(&rates, peer)?;
        let [post_us, get_us] = figures(&costs, peer)?;
        table.row([
            peer.title().to_owned(),
            table::thousands(post),
            table::thousands(get),
            format!("{post_us:.1}"),
            format!("{get_us:.1}"),
        ]);
    }
    println!("{}", table.render());
    println!("Ratios: the median of those of each round, whose runs follow each other.\n");
    Ok(judge(arguments, &paired_targets(rounds)?))
}

/// The targets by the median ratio of all rounds: a round's runs are seconds apart, its ratios are
/// what the noise of the machine touches least.
fn paired_targets(rounds: &[Figures]) -> Result<Vec<Target>> {
    let each = rounds
        .iter()
        .map(|round| targets(round, |ours, theirs| ours / theirs))
        .collect::<Result<Vec<_>>>()?;
    let mut out = targets(rounds.first().context("no round")?, |ours, theirs| {
        ours / theirs
    })?;
    for (index, target) in out.iter_mut().enumerate() {
        let ratios: Vec<f64> = each
            .iter()
            .filter_map(|round| round.get(index).map(|target| target.ratio))
            .collect();
        target.ratio = table::median(&ratios);
    }
    Ok(out)
}

fn judge(arguments: &Arguments, targets: &[Target]) -> ExitCode {
    let reached = table::verdict(targets);
    if (reached || !arguments.gate) && table::within(targets, arguments.at_least) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn start(peer: Peer) -> Result<Server> {
    let address = process::free_address()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--peer", peer.argument(), "--serve", &address.to_string()]);
    Server::start(&command, address)
}

/// The rate, and the server's own microseconds a request.
fn load_once(
    arguments: &Arguments,
    runtime: &Runtime,
    server: &Server,
    sample: Sample,
) -> Result<(f64, f64)> {
    let request = sample.request();
    let load = |milliseconds| {
        let duration = Duration::from_millis(milliseconds);
        runtime.block_on(load::run(
            server.address,
            &request,
            arguments.connections,
            duration,
        ))
    };
    load(arguments.milliseconds / 8)?;
    let before = server.processor_time()?;
    let outcome = load(arguments.milliseconds)?;
    let used = server.processor_time()?.saturating_sub(before);
    Ok((
        outcome.rate(),
        used.as_secs_f64() * 1e6 / outcome.requests.max(1) as f64,
    ))
}

/// Instructions a request: the difference between a long and a short run, so
/// that starting up counts for nothing.
fn count_instructions(arguments: &Arguments) -> Result<ExitCode> {
    const SHORT: usize = 200;
    const LONG: usize = 1200;
    let mut figures_found = Figures::new();
    for peer in Peer::ALL {
        for sample in SAMPLES {
            let short = callgrind(peer, sample, SHORT)?;
            let long = callgrind(peer, sample, LONG)?;
            figures_found.insert(
                (peer, sample),
                (long - short) as f64 / (LONG - SHORT) as f64,
            );
        }
    }
    println!("Instructions a request, counted by callgrind over a pipe in memory.\n");
    let mut table = Table::new(["", "POST", "GET"]);
    for peer in Peer::ALL {
        let [post, get] = figures(&figures_found, peer)?;
        table.row([
            peer.title().to_owned(),
            table::thousands(post),
            table::thousands(get),
        ]);
    }
    println!("{}", table.render());
    let targets = targets(&figures_found, |ours, theirs| theirs / ours)?;
    Ok(judge(arguments, &targets))
}

fn callgrind(peer: Peer, sample: Sample, count: usize) -> Result<i64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args(["--peer", peer.argument(), "--drive", &count.to_string()])
        .args(["--sample", &sample.name().to_lowercase()])
        .output()
        .context("running valgrind")?;
    let report = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "valgrind failed: {report}");
    let collected = report
        .lines()
        .find_map(|line| line.split_once("Collected :"))
        .context("valgrind counted nothing")?;
    Ok(collected.1.trim().parse()?)
}

fn figures(all: &Figures, peer: Peer) -> Result<[f64; 2]> {
    let figure = |sample| {
        all.get(&(peer, sample))
            .copied()
            .context("a peer was not measured")
    };
    Ok([figure(Sample::Post)?, figure(Sample::Get)?])
}

/// How ours stands to the others: each target is a ratio of speeds.
fn targets(all: &Figures, ratio: impl Fn(f64, f64) -> f64) -> Result<Vec<Target>> {
    let ours = figures(all, Peer::Ours)?;
    let plain = figures(all, Peer::Plain)?;
    let derive = figures(all, Peer::DerivePatterns)?;
    let target = |what: &str, index: usize, theirs: [f64; 2], target, aim| Target {
        what: what.to_owned(),
        ratio: ratio(ours[index], theirs[index]),
        target,
        aim,
    };
    Ok(vec![
        target("POST: ours to poem + serde_json", 0, plain, 1.0, 1.2),
        target("GET: ours to poem + serde_json", 1, plain, 1.25, 1.4),
        target("POST: ours to derive with patterns", 0, derive, 10.0, 10.0),
        target("GET: ours to derive with patterns", 1, derive, 1.8, 1.8),
    ])
}
