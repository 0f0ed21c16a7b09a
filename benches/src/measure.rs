//! Seconds and memory of a command.

use anyhow::{Context, Result, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a command took.
#[derive(Clone, Debug)]
pub struct Usage {
    /// Whether it ended with exit code 0.
    pub success: bool,
    /// By the clock on the wall.
    pub elapsed: Duration,
    /// The largest resident set of any one of its processes, in bytes.
    pub memory_bytes: u64,
    /// What it wrote to standard error.
    pub errors: String,
}

/// The option with which a program calls itself to run [`inner`].
pub const INNER: &str = "--measure-command";

/// Runs a command under a process of its own, because the system keeps the
/// memory of ended children only as a maximum over all of them.
///
/// # Errors
///
/// The command does not start.
pub fn measure(command: &Command) -> Result<Usage> {
    let mut outer = Command::new(std::env::current_exe()?);
    outer
        .arg(INNER)
        .arg(command.get_program())
        .args(command.get_args());
    if let Some(directory) = command.get_current_dir() {
        outer.current_dir(directory);
    }
    for (key, value) in command.get_envs() {
        match value {
            Some(value) => outer.env(key, value),
            None => outer.env_remove(key),
        };
    }
    let output = outer.stdin(Stdio::null()).output()?;
    ensure!(
        output.status.success(),
        "measuring failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let report = String::from_utf8_lossy(&output.stdout);
    let mut figures = report
        .lines()
        .last()
        .context("no report")?
        .split_whitespace();
    let mut figure = || -> Result<u64> { Ok(figures.next().context("a short report")?.parse()?) };
    Ok(Usage {
        success: figure()? == 1,
        elapsed: Duration::from_micros(figure()?),
        memory_bytes: figure()?,
        errors: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// The inner half of [`measure`]: runs the command and prints what it took.
///
/// # Errors
///
/// The command does not start.
pub fn inner(arguments: &[String]) -> Result<()> {
    let (program, rest) = arguments.split_first().context("no command to measure")?;
    let started = Instant::now();
    let status = Command::new(program)
        .args(rest)
        .stdout(Stdio::null())
        .status()
        .with_context(|| program.clone())?;
    let elapsed = started.elapsed();
    let kibibytes = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss();
    println!(
        "{} {} {}",
        u8::from(status.success()),
        elapsed.as_micros(),
        kibibytes * 1024
    );
    Ok(())
}
