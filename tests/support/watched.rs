//! Servers whose log is read along.

use std::fs::OpenOptions;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::files::Folder;
use super::http::Client;
use super::server::{ANYWHERE, Server};

/// The header lines of the client that the demo has.
pub const CREDENTIALS: &str =
    "client_id: demo\r\nclient_secret: Demo-Secret-For-Loopback-Only-2026!\r\n";

/// How long a request may take where nothing is about that: longer than anything is away from a
/// busy machine.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// How long it may take where somebody waits until the end of it.
pub const HURRY: Duration = Duration::from_secs(3);

/// A server, and what it writes down.
pub struct Watched {
    /// The server.
    pub server: Server,
    /// The file that it writes to.
    pub log: PathBuf,
    /// How long a request may take in it.
    pub deadline: Duration,
}

impl Watched {
    /// Its address, as a setting has it.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// The lines that were written down of a transaction, once it is answered.
    pub fn lines_of(&self, transaction: &str) -> Vec<Value> {
        let patience = Instant::now() + Duration::from_secs(60);
        loop {
            let lines = self.lines();
            let of = |line: &&Value| line["request_id"] == transaction;
            let lines: Vec<Value> = lines.iter().filter(of).cloned().collect();
            if lines.iter().any(|line| line["message"] == "answered") {
                return lines;
            }
            assert!(Instant::now() < patience, "{transaction}: {lines:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// All that was written down.
    pub fn lines(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.log).expect("it has a log");
        // The last line may be on its way.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let lines = whole.lines().map(serde_json::from_str);
        lines.map(|line| line.expect("lines are JSON")).collect()
    }
}

/// A demo on any free port, its files in this folder.
pub fn start(folder: &Folder, name: &str, flags: &[&str]) -> Watched {
    start_within(DEADLINE, ANYWHERE, folder, name, flags)
}

/// The same at an address.
pub fn start_at(listen: &str, folder: &Folder, name: &str, flags: &[&str]) -> Watched {
    start_within(DEADLINE, listen, folder, name, flags)
}

/// The same as [`start`], for requests that may not take long.
pub fn start_hurried(folder: &Folder, name: &str, flags: &[&str]) -> Watched {
    start_within(HURRY, ANYWHERE, folder, name, flags)
}

fn start_within(
    deadline: Duration,
    listen: &str,
    folder: &Folder,
    name: &str,
    flags: &[&str],
) -> Watched {
    let database = format!("sqlite:{}", folder.path().join(name).display());
    let timeout = deadline.as_millis().to_string();
    let flags = [&["--demo", "--request-timeout-ms", &timeout], flags].concat();
    let log = folder.path().join(format!("{name}.log"));
    let file = OpenOptions::new().create(true).append(true).open(&log);
    let file = file.expect("a file can be made");
    let server = Server::told(listen, &database, &flags, file);
    Watched {
        server,
        log,
        deadline,
    }
}

/// Another name for each request of a test.
pub fn transaction() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("outage-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Asks as the client of the demo, and gives status and body; the transaction is echoed.
pub fn get(server: &Watched, path: &str, transaction: &str) -> (u16, Value) {
    let mut client = Client::new(server.server.address).expect("it listens");
    let headers = format!("{CREDENTIALS}X-TRANSACTION-ID: {transaction}\r\n");
    let answer = client.get_with(path, headers.as_bytes());
    let (status, lines, body) = answer.expect("it answers");
    let echo = format!("x-transaction-id: {transaction}");
    let echoed = lines.iter().any(|line| line.eq_ignore_ascii_case(&echo));
    assert!(echoed, "{lines:?}");
    let value = serde_json::from_str(&body).expect("every answer is JSON");
    (status, value)
}
