//! Servers in processes of their own, pinned to one core, ended with their handle.

use anyhow::{Context, Result, bail};
use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The core that servers run on.
pub const SERVER_CORE: usize = 0;
/// The core that the load comes from.
pub const LOAD_CORE: usize = 1;

/// A process that ends when its handle is dropped.
pub struct Server {
    child: Child,
    /// What it logs, which is a line a request; told when it does not come up.
    log: PathBuf,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Starts a command on [`SERVER_CORE`] and waits until `address` takes connections.
    ///
    /// # Errors
    ///
    /// The program does not start, or nobody listens within 30 seconds.
    pub fn start(command: &Command, address: SocketAddr) -> Result<Self> {
        Self::spawn(pinned(command, SERVER_CORE), address)
    }

    /// Starts a command on every core and waits until `address` takes connections.
    ///
    /// # Errors
    ///
    /// As of [`Server::start`].
    pub fn start_unpinned(mut command: Command, address: SocketAddr) -> Result<Self> {
        command.stdout(Stdio::null());
        Self::spawn(command, address)
    }

    fn spawn(mut command: Command, address: SocketAddr) -> Result<Self> {
        let port = address.port();
        let log = std::env::current_exe()?.with_file_name(format!("server-{port}.log"));
        let child = command
            .stdin(Stdio::null())
            .stderr(File::create(&log)?)
            .spawn()
            .context("starting a server")?;
        let mut server = Self {
            child,
            log,
            address,
        };
        let up = server.wait();
        up.with_context(|| std::fs::read_to_string(&server.log).unwrap_or_default())?;
        Ok(server)
    }

    /// The largest resident set of the server so far, in bytes.
    ///
    /// # Errors
    ///
    /// The system does not tell.
    pub fn peak_memory_bytes(&self) -> Result<u64> {
        self.status("VmHWM:")
    }

    /// How much memory it has now.
    ///
    /// # Errors
    ///
    /// The system does not tell.
    pub fn memory_bytes(&self) -> Result<u64> {
        self.status("VmRSS:")
    }

    /// What the system says of its memory under a name.
    fn status(&self, name: &str) -> Result<u64> {
        let path = format!("/proc/{}/status", self.child.id());
        let text = std::fs::read_to_string(&path).with_context(|| path.clone())?;
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        Ok(kibibytes.context(path)? * 1024)
    }

    fn wait(&mut self) -> Result<()> {
        let end = Instant::now() + Duration::from_secs(30);
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended before it was ready: {status}");
            }
            if std::net::TcpStream::connect(self.address).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("nobody listens at {} after 30 seconds", self.address)
    }

    /// The processor time the server has used so far.
    ///
    /// # Errors
    ///
    /// The system does not tell.
    pub fn processor_time(&self) -> Result<Duration> {
        let path = format!("/proc/{}/stat", self.child.id());
        let text = std::fs::read_to_string(&path).with_context(|| path.clone())?;
        // The fields after the command's name, which is in parentheses: the
        // 12th and 13th are user and system time in ticks of 10 milliseconds.
        let (_, fields) = text.rsplit_once(')').context(path)?;
        let ticks: u64 = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse::<u64>().ok())
            .sum();
        Ok(Duration::from_millis(ticks * 10))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; the calls then say so, which is no news.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.log);
    }
}

/// The same command, bound to one core.
fn pinned(command: &Command, core: usize) -> Command {
    let mut pinned = Command::new("taskset");
    pinned
        .args(["-c", &core.to_string()])
        .arg(command.get_program())
        .args(command.get_args());
    for (key, value) in command.get_envs() {
        match value {
            Some(value) => pinned.env(key, value),
            None => pinned.env_remove(key),
        };
    }
    if let Some(directory) = command.get_current_dir() {
        pinned.current_dir(directory);
    }
    pinned.stdout(Stdio::null());
    pinned
}

/// Starts our server over a new SQLite file in `folder`.
///
/// # Errors
///
/// The server was not built, or does not come up.
pub fn our_server(address: SocketAddr, folder: &Path, arguments: &[&str]) -> Result<Server> {
    let database = format!("sqlite:{}", folder.join("server.db").display());
    our_server_over(&database, address, folder, arguments)
}

/// Starts our server over a database, with `folder` as its working directory.
///
/// # Errors
///
/// The server was not built, or does not come up.
pub fn our_server_over(
    database: &str,
    address: SocketAddr,
    folder: &Path,
    arguments: &[&str],
) -> Result<Server> {
    let mut command = Command::new(sibling("specwright-server", "specwright-server")?);
    command
        .args(["--listen", &address.to_string(), "--database", database])
        .args(arguments)
        .current_dir(folder);
    Server::start(&command, address)
}

/// Binds this process, all its threads, to [`LOAD_CORE`].
///
/// # Errors
///
/// There is no `taskset`, or no second core.
pub fn pin_to_load_core() -> Result<()> {
    let id = std::process::id().to_string();
    let output = Command::new("taskset")
        .args(["-a", "-p", "-c", &LOAD_CORE.to_string(), &id])
        .output()
        .context("running taskset (package util-linux)")?;
    if !output.status.success() {
        bail!(
            "this process cannot be bound to core {LOAD_CORE}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}

/// An address of this machine that nobody listens on.
///
/// # Errors
///
/// No port is free.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// A program of this workspace that was built beside the one that runs.
///
/// # Errors
///
/// It was not built; the message tells how.
pub fn sibling(name: &str, package: &str) -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name(name);
    if !path.is_file() {
        bail!(
            "{} is missing: run `cargo build --release --package {package}` first",
            path.display()
        );
    }
    Ok(path)
}

/// A folder that goes with its handle. It lies beside the built programs, not
/// among temporary files: those may be in memory, where a sync costs nothing.
pub struct Scratch(PathBuf);

impl Scratch {
    /// A new, empty folder.
    ///
    /// # Errors
    ///
    /// It cannot be made.
    pub fn new(name: &str) -> Result<Self> {
        let program = std::env::current_exe()?;
        let folder = program.with_file_name(format!("scratch-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A folder that cannot be removed now goes with the other build products.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
