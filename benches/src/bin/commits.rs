//! How many acknowledged calls share a commit, and what that is worth.
//!
//! `cargo run --release -p specwright-benches --bin commits`: 64 clients open
//! sessions on a server that commits what is waiting, and on one that commits
//! each call by itself, in alternating rounds.

use anyhow::{Context, Result};
use clap::Parser;
use specwright_benches::load::{self, Client};
use specwright_benches::process::{self, Scratch, Server};
use specwright_benches::samples;
use specwright_benches::table::{self, Table, Target};
use std::fs;
use std::process::ExitCode;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// Compares shared commits with one commit a call.
#[derive(Parser)]
struct Arguments {
    /// Ends with exit code 1 when a target is missed.
    #[arg(long)]
    gate: bool,
    /// How often each server is measured.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How long each measurement lasts, in milliseconds.
    #[arg(long, default_value_t = 3000)]
    milliseconds: u64,
    /// Clients at the same time.
    #[arg(long, default_value_t = 64)]
    clients: usize,
}

/// What one run found: calls a second, and acknowledged calls a commit.
struct Run {
    rate: f64,
    sharing: f64,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    process::pin_to_load_core()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let scratch = Scratch::new("commits")?;
    let modes: [(&str, &[&str]); 2] = [
        ("what is waiting shares a commit", &[]),
        ("one commit a call", &["--writes-per-commit", "1"]),
    ];
    let mut runs = [const { Vec::new() }; 2];
    for round in 1..=arguments.rounds {
        eprintln!("round {round} of {}", arguments.rounds);
        for (index, (_, settings)) in modes.iter().enumerate() {
            let folder = scratch.path().join(format!("{round}-{index}"));
            fs::create_dir_all(&folder)?;
            let server = process::our_server(process::free_address()?, &folder, settings)?;
            runs[index].push(run(&arguments, &runtime, &server)?);
        }
    }
    let rates = runs.each_ref().map(|runs| median(runs, |run| run.rate));
    let sharing = runs.each_ref().map(|runs| median(runs, |run| run.sharing));
    let mut table = Table::new([
        "open_session, SQLite, synchronous=FULL",
        "calls/s",
        "calls a sync",
    ]);
    for (index, (title, _)) in modes.iter().enumerate() {
        table.row([
            (*title).to_owned(),
            table::thousands(rates[index]),
            format!("{:.1}", sharing[index]),
        ]);
    }
    println!(
        "{} clients, medians of {} alternating rounds.\n\n{}",
        arguments.clients,
        arguments.rounds,
        table.render()
    );
    let target = |what: &str, ratio, target, aim| Target {
        what: what.to_owned(),
        ratio,
        target,
        aim,
    };
    let reached = table::verdict(&[
        target("acknowledged calls a sync", sharing[0], 16.0, 32.0),
        target(
            "rate, shared to one commit a call",
            rates[0] / rates[1],
            5.0,
            8.0,
        ),
    ]);
    Ok(if reached || !arguments.gate {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn run(arguments: &Arguments, runtime: &Runtime, server: &Server) -> Result<Run> {
    let request = samples::open_session();
    let load = |milliseconds| {
        let duration = Duration::from_millis(milliseconds);
        runtime.block_on(load::run(
            server.address,
            &request,
            arguments.clients,
            duration,
        ))
    };
    load(arguments.milliseconds / 6)?;
    let before = runtime.block_on(commits(server))?;
    let outcome = load(arguments.milliseconds)?;
    let commits = runtime.block_on(commits(server))? - before;
    Ok(Run {
        rate: outcome.rate(),
        sharing: outcome.requests as f64 / commits.max(1.0),
    })
}

/// The commits that the server has counted so far.
async fn commits(server: &Server) -> Result<f64> {
    let request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut client = Client::connect(server.address).await?;
    let text = String::from_utf8(client.exchange(request).await?.to_vec())?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("specwright_database_commits "));
    Ok(line.context("/metrics counts no commits")?.trim().parse()?)
}

fn median(runs: &[Run], figure: impl Fn(&Run) -> f64) -> f64 {
    let figures: Vec<f64> = runs.iter().map(figure).collect();
    table::median(&figures)
}
