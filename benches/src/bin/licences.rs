//! A register of a million licences: how fast it is filled, and what each page of each list costs.
//!
//! `cargo run --release -p specwright-benches --bin licences` makes the licences up, imports them
//! into SQLite and, where it is installed, into a PostgreSQL of its own; measures the import against
//! the `sqlite3` shell; then asks for the first, the middle and the last page of 20 of every
//! documented filter and order, alone and in pairs, compares totals with what the database counts,
//! asks on while a file of changes comes in, and prints and draws what it found.

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use specwright_benches::licences::{Case, Cell, Engine, cases, chart, counting, rival};
use specwright_benches::load::{self, Client, Outcome};
use specwright_benches::process::{self, Scratch, Server};
use specwright_benches::table::{self, Table, Target};
use specwright_benches::{measure, postgres};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

/// Measures the licence API over many licences.
#[derive(Parser)]
struct Arguments {
    /// How many licences.
    #[arg(long, default_value_t = 1_000_000)]
    count: u64,
    /// What they are made up from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Clients that ask at the same time.
    #[arg(long, default_value_t = 8)]
    clients: usize,
    /// How long each page is asked for, in milliseconds.
    #[arg(long, default_value_t = 200)]
    milliseconds: u64,
    /// Leaves the pairs of filters and orders out.
    #[arg(long)]
    alone: bool,
    /// Where the picture goes.
    #[arg(long, value_name = "FILE.svg", default_value = "licences.svg")]
    svg: PathBuf,
    /// Where the table of all lists goes.
    #[arg(long, value_name = "FILE.md", default_value = "licences.md")]
    table: PathBuf,
    /// Ends with exit code 1 when a target is missed.
    #[arg(long)]
    gate: bool,
}

/// What one engine came to.
struct Outcomes {
    engine: Engine,
    cells: Vec<Cell>,
    /// How many totals were compared with what the database counts.
    compared: usize,
    /// What of that was wrong.
    wrong: Vec<String>,
    /// The slowest p99 of the lists that were asked for while changes came, in milliseconds.
    changing_ms: f64,
    /// How long it took from the start until the first list was there.
    loading: Duration,
    /// What the server had then.
    loaded_bytes: u64,
    memory_bytes: u64,
}

/// Lists that are asked for while changes come: one that is read off, one that is counted, one
/// that is filtered, and one that is sorted by several keys.
const WHILE_CHANGING: [&str; 4] = [
    "Mode=All",
    "OrderBy=-surname",
    "LicenceStatus=Active&OrderBy=dateIssued",
    "OrderBy=licenceStatus%2C-surname%2CdateExpires",
];

/// How many licences a file of changes has at most: more than are put beside a table.
const CHANGES: u64 = 20_000;

/// The table is made anew after the changes, which takes so long at most for so many licences.
const LICENCES_A_SECOND: u64 = 50_000;

/// The aim for the slowest p99, in milliseconds.
const AIM_MS: f64 = 20.0;

fn main() -> Result<ExitCode> {
    let own: Vec<String> = std::env::args().skip(1).collect();
    if let Some((measure::INNER, command)) =
        own.split_first().map(|(one, rest)| (one.as_str(), rest))
    {
        measure::inner(command)?;
        return Ok(ExitCode::SUCCESS);
    }
    let arguments = Arguments::parse();
    let scratch = Scratch::new("licences")?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let file = generated(
        (arguments.count, arguments.seed),
        &scratch.path().join("licences.csv"),
    )?;
    let mut reached = true;
    let (mut all, mut tables) = (Vec::new(), String::new());
    let cluster = postgres::cluster();
    let postgres = cluster.as_ref().map(|cluster| Engine::Postgres {
        server: cluster.database(),
        register: cluster.database(),
    });
    let sqlite = Engine::Sqlite(scratch.path().to_path_buf());
    for engine in std::iter::once(sqlite).chain(postgres) {
        println!("\n## {}\n", engine.name());
        reached &= filled(&engine, &file, &arguments, scratch.path())?;
        let outcomes = measured(engine, &arguments, scratch.path(), &runtime)?;
        reached &= told(&outcomes, &arguments);
        tables.push_str(&format!(
            "## {}: pages of 20 out of {} licences\n\n{}\n",
            outcomes.engine.name(),
            arguments.count,
            listed(&outcomes.cells.iter().collect::<Vec<_>>()).render()
        ));
        all.push(outcomes);
    }
    std::fs::write(&arguments.table, tables)?;
    println!("The table of all lists is {}.", arguments.table.display());
    let series = all
        .iter()
        .map(|one| (one.engine.name(), one.cells.as_slice()));
    let svg = chart::svg(&series.collect::<Vec<_>>(), arguments.count);
    std::fs::write(&arguments.svg, svg)?;
    println!("The picture is {}.", arguments.svg.display());
    Ok(match reached || !arguments.gate {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn program() -> Result<PathBuf> {
    process::sibling("specwright-server", "specwright-server")
}

/// A file of made-up licences.
fn generated((count, seed): (u64, u64), path: &Path) -> Result<PathBuf> {
    let (count, seed) = (count.to_string(), seed.to_string());
    let status = Command::new(program()?)
        .args(["generate", "licences", "--count", &count, "--seed", &seed])
        .stdout(std::fs::File::create(path)?)
        .status()?;
    ensure!(status.success(), "no licences were made up");
    Ok(path.to_path_buf())
}

/// Imports the file, and tells how fast; on SQLite beside the `sqlite3` shell.
fn filled(engine: &Engine, file: &Path, arguments: &Arguments, folder: &Path) -> Result<bool> {
    let mut command = Command::new(program()?);
    command
        .args(engine.arguments())
        .args(["import", "licences"])
        .arg(file);
    let usage = measure::measure(&command)?;
    ensure!(usage.success, "the import failed: {}", usage.errors);
    let rate = arguments.count as f64 / usage.elapsed.as_secs_f64();
    let mut table = Table::new(["import", "licences/s", "seconds", "memory, MB"]);
    let row = |name: &str, rate: f64, elapsed: Duration, memory: Option<u64>| {
        let memory = memory.map_or("-".to_owned(), |bytes| (bytes / 1_000_000).to_string());
        let seconds = format!("{:.1}", elapsed.as_secs_f64());
        [name.to_owned(), table::thousands(rate), seconds, memory]
    };
    table.row(row("ours", rate, usage.elapsed, Some(usage.memory_bytes)));
    let Engine::Sqlite(_) = engine else {
        println!("{}", table.render());
        return Ok(true);
    };
    let Some(elapsed) = rival::import(&engine.register_file()?, folder)? else {
        println!(
            "{}\nThere is no `sqlite3` to compare it with.",
            table.render()
        );
        return Ok(true);
    };
    let theirs = arguments.count as f64 / elapsed.as_secs_f64();
    table.row(row(
        "sqlite3 .import, the same rows and indexes",
        theirs,
        elapsed,
        None,
    ));
    println!("{}", table.render());
    Ok(table::verdict(&[Target {
        what: "our import to that of the sqlite3 shell".to_owned(),
        ratio: rate / theirs,
        target: 0.7,
        aim: 1.0,
    }]))
}

/// Asks for every page of every case.
fn measured(
    engine: Engine,
    arguments: &Arguments,
    folder: &Path,
    runtime: &Runtime,
) -> Result<Outcomes> {
    let secret = client(&engine)?;
    let address = process::free_address()?;
    let mut command = Command::new(program()?);
    command
        .args(["--listen", &address.to_string()])
        .args(engine.arguments())
        .current_dir(folder)
        .stderr(Stdio::null());
    let started = Instant::now();
    let server = Server::start_unpinned(command, address)?;
    let token = runtime.block_on(token(&server, &secret))?;
    let first = get("/licence/v1.1/licence?PageSize=1", &token);
    runtime.block_on(asked(&server, &first))?;
    let (loading, loaded_bytes) = (started.elapsed(), server.memory_bytes()?);
    let mut cells = Vec::new();
    let (mut compared, mut wrong) = (0, Vec::new());
    let all = cases(arguments.alone);
    for (at, case) in all.into_iter().enumerate() {
        eprint!("\r{}: {} {:<60}", engine.name(), at + 1, case.name);
        let condition = case.condition.clone();
        let cell = runtime.block_on(cell(&server, &token, case, arguments))?;
        let counted = match &condition {
            Some(condition) => counting::count(&engine, condition)?,
            None => None,
        };
        compared += usize::from(counted.is_some());
        if let Some(counted) = counted.filter(|counted| *counted != cell.total) {
            wrong.push(format!("{}: {} of {counted}", cell.name, cell.total));
        }
        cells.push(cell);
    }
    eprintln!();
    let changing = changing((&engine, &server), &token, arguments, folder);
    let changing_ms = runtime.block_on(changing)?;
    let memory_bytes = server.peak_memory_bytes()?;
    Ok(Outcomes {
        engine,
        cells,
        compared,
        wrong,
        changing_ms,
        loading,
        loaded_bytes,
        memory_bytes,
    })
}

/// Asks for something once.
async fn asked(server: &Server, request: &[u8]) -> Result<()> {
    let mut client = Client::connect(server.address).await?;
    client.exchange(request).await?;
    Ok(())
}

/// Asks for lists while a file of changes comes in, and until a new table can be there; answers
/// the slowest p99 in milliseconds.
async fn changing(
    (engine, server): (&Engine, &Server),
    token: &str,
    arguments: &Arguments,
    folder: &Path,
) -> Result<f64> {
    let count = arguments.count.min(CHANGES);
    let path = folder.join("changes.csv");
    let file = generated((count, arguments.seed + 1), &path)?;
    let mut import = Command::new(program()?)
        .args(engine.arguments())
        .args(["import", "licences"])
        .arg(file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let settling = Duration::from_secs(2 + arguments.count / LICENCES_A_SECOND);
    let (mut slowest, mut imported) = (0.0_f64, None);
    while imported.is_none_or(|at: Instant| at.elapsed() < settling) {
        for query in WHILE_CHANGING {
            let request = get(&format!("/licence/v1.1/licence?{query}"), token);
            let duration = Duration::from_millis(arguments.milliseconds);
            let answers = load::run(server.address, &request, arguments.clients, duration);
            slowest = slowest.max(f64::from(answers.await?.latency_us(0.99)) / 1000.0);
        }
        if let (None, Some(status)) = (imported, import.try_wait()?) {
            ensure!(status.success(), "the changes were not imported");
            imported = Some(Instant::now());
        }
    }
    Ok(slowest)
}

async fn cell(server: &Server, token: &str, case: Case, arguments: &Arguments) -> Result<Cell> {
    let mut client = Client::connect(server.address).await?;
    let (name, is_alone, version) = (case.name.clone(), case.is_alone, case.version);
    let page = |number: u64| {
        let separator = if case.query.is_empty() { "" } else { "&" };
        let query = format!("{}{separator}PageSize=20&Page={number}", case.query);
        get(&format!("/licence/{version}/licence?{query}"), token)
    };
    let asked = Instant::now();
    let answer = client.exchange(&page(1)).await?;
    let first_look_ms = asked.elapsed().as_secs_f64() * 1000.0;
    let answer: serde_json::Value = serde_json::from_slice(answer)?;
    let total = answer["total"]
        .as_str()
        .and_then(|total| total.parse().ok());
    let total: u64 = total.with_context(|| format!("no total: {answer}"))?;
    let last = total.div_ceil(20).max(1);
    let mut outcomes = Vec::new();
    for number in [1, last.div_ceil(2), last] {
        let request = page(number);
        let duration = Duration::from_millis(arguments.milliseconds);
        let answers = load::run(server.address, &request, arguments.clients, duration);
        outcomes.push(answers.await?);
    }
    let ms = |outcome: &Outcome, share: f64| f64::from(outcome.latency_us(share)) / 1000.0;
    Ok(Cell {
        name,
        is_alone,
        total,
        first_look_ms,
        p50_ms: [0, 1, 2].map(|at| ms(&outcomes[at], 0.5)),
        p99_ms: [0, 1, 2].map(|at| ms(&outcomes[at], 0.99)),
    })
}

/// A table of lists.
fn listed(cells: &[&Cell]) -> Table {
    let headings = [
        "list",
        "total",
        "first, p50 ms",
        "first, p99",
        "middle, p99",
        "last, p99",
        "last to first",
    ];
    let mut table = Table::new(headings);
    for cell in cells {
        let ms = |value: f64| format!("{value:.2}");
        let [first, middle, last] = cell.p99_ms;
        table.row([
            cell.name.clone(),
            table::thousands(cell.total as f64),
            ms(cell.p50_ms[0]),
            ms(first),
            ms(middle),
            ms(last),
            ms(cell.ratio()),
        ]);
    }
    table
}

/// Prints what the cost of other numbers of licences follows from.
fn told_constants(outcomes: &Outcomes, count: u64) {
    let each = |total: f64| total / count.max(1) as f64;
    let looks: Vec<f64> = outcomes
        .cells
        .iter()
        .map(|cell| cell.first_look_ms)
        .collect();
    println!(
        "Until the first list: {:.1} s, {:.1} µs a licence. Memory then: {:.0} MB, {:.0} bytes a \
         licence. First looks at a list: {:.1} ms in the middle, {:.1} ms at most.\n",
        outcomes.loading.as_secs_f64(),
        each(outcomes.loading.as_secs_f64() * 1e6),
        outcomes.loaded_bytes as f64 / 1e6,
        each(outcomes.loaded_bytes as f64),
        table::median(&looks),
        looks.iter().copied().fold(0.0, f64::max),
    );
}

/// Prints the table of one engine; whether its targets are reached.
fn told(outcomes: &Outcomes, arguments: &Arguments) -> bool {
    println!("\n## {}: pages of 20\n", outcomes.engine.name());
    let (mut shown, mut pairs): (Vec<&Cell>, Vec<&Cell>) =
        outcomes.cells.iter().partition(|cell| cell.is_alone);
    pairs.sort_by(|one, other| other.worst_ms().total_cmp(&one.worst_ms()));
    shown.extend(pairs.iter().take(12));
    println!("{}", listed(&shown).render());
    if pairs.len() > 12 {
        println!("Of {} pairs, the 12 slowest are shown.\n", pairs.len());
    }
    let ratios: Vec<f64> = outcomes.cells.iter().map(Cell::ratio).collect();
    let worst = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, f64::max);
    let ratio = worst(&mut ratios.iter().copied());
    let slowest = worst(&mut outcomes.cells.iter().map(Cell::worst_ms));
    let memory = outcomes.memory_bytes as f64 / 1e6;
    println!(
        "Slowest p99: {slowest:.2} ms, and {:.2} ms while changes came. Largest ratio of last to \
         first: {ratio:.2}, median {:.2}. Memory: {memory:.0} MB. Totals compared with the \
         database: {}, wrong: {}.\n",
        outcomes.changing_ms,
        table::median(&ratios),
        outcomes.compared,
        outcomes.wrong.len(),
    );
    told_constants(outcomes, arguments.count);
    for wrong in &outcomes.wrong {
        println!("WRONG total of {wrong}");
    }
    let target = |what: &str, ratio: f64, target: f64| Target {
        what: what.to_owned(),
        ratio,
        target,
        aim: 1.0,
    };
    let reached = table::verdict(&[
        target("3 to the largest ratio of last to first", 3.0 / ratio, 1.0),
        target("300 MB to the memory", 300.0 / memory.max(1.0), 1.0),
        // An aim fails nothing.
        target("20 ms to the slowest p99", AIM_MS / slowest.max(1.0), 0.0),
    ]);
    reached && outcomes.wrong.is_empty()
}

fn get(target: &str, token: &str) -> Vec<u8> {
    format!(
        "GET {target} HTTP/1.1\r\nHost: localhost\r\nAccept: application/hal+json\r\n\
         Authorization: Bearer {token}\r\n\r\n"
    )
    .into_bytes()
}

/// Registers a client that may read licences, and answers its secret.
fn client(engine: &Engine) -> Result<String> {
    let output = Command::new(program()?)
        .args(engine.arguments())
        .args([
            "client",
            "create",
            "bench",
            "--scopes",
            "licence.read",
            "--format",
            "json",
        ])
        .output()?;
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    let secret = answer["client_secret"].as_str();
    Ok(secret.context("a client has a secret")?.to_owned())
}

async fn token(server: &Server, secret: &str) -> Result<String> {
    let body = format!("grant_type=client_credentials&client_id=bench&client_secret={secret}");
    let request = format!(
        "POST /v1/identity/oauth/token HTTP/1.1\r\nHost: localhost\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut client = Client::connect(server.address).await?;
    let answer = client.exchange(request.as_bytes()).await?;
    let answer: serde_json::Value = serde_json::from_slice(answer)?;
    match answer["access_token"].as_str() {
        Some(token) => Ok(token.to_owned()),
        None => bail!("no token: {answer}"),
    }
}
