//! The program itself, started as a person would start it.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// The address of a server that takes any free port.
pub const ANYWHERE: &str = "127.0.0.1:0";

/// A running server; killed when the test ends.
pub struct Server {
    process: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Starts it on a free port, with a database and further flags.
    pub fn start(database: &str, flags: &[&str]) -> Self {
        Self::told(ANYWHERE, database, flags, Stdio::null())
    }

    /// The same at an address, with a place for the log that an operator has.
    pub fn told(listen: &str, database: &str, flags: &[&str], log: impl Into<Stdio>) -> Self {
        Self::spawn(listen, database, flags, &[("RUST_LOG", "info")], log)
    }

    /// The same, with a place for its log, in which everything is.
    pub fn logged(database: &str, flags: &[&str], log: impl Into<Stdio>) -> Self {
        Self::spawn(ANYWHERE, database, flags, &[("RUST_LOG", "trace")], log)
    }

    /// The same as [`Server::start`], in an environment with these variables, and with a place for
    /// its log.
    pub fn within(
        database: &str,
        flags: &[&str],
        variables: &[(&str, &str)],
        log: impl Into<Stdio>,
    ) -> Self {
        Self::spawn(ANYWHERE, database, flags, variables, log)
    }

    fn spawn(
        listen: &str,
        database: &str,
        flags: &[&str],
        variables: &[(&str, &str)],
        log: impl Into<Stdio>,
    ) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_specwright-server"))
            .args(["--listen", listen, "--log", "json", "--database", database])
            .args(flags)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the program starts");
        let out = process.stdout.take().expect("its output is caught");
        let mut lines = BufReader::new(out).lines().map_while(Result::ok);
        let address = lines.find_map(|line| {
            line.strip_prefix("Serving on ")?
                .split_once("://")?
                .1
                .parse()
                .ok()
        });
        let address = address.expect("it says where it is");
        Self { process, address }
    }

    /// Sends a signal, by its name.
    pub fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.expect("kill is everywhere").success());
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.process.kill().expect("it is running");
        self.process.wait().expect("it ends");
    }

    /// Waits for its end.
    pub fn wait(&mut self, patience: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            if let Some(status) = self.process.try_wait().expect("it can be asked") {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        None
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
