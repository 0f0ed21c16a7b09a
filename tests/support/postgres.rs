//! A private PostgreSQL: its own data, its own socket, gone when the tests end.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::files::Folder;

/// A running server that nobody else knows of.
pub struct Cluster {
    programs: PathBuf,
    owner: Option<String>,
    server: Child,
    folder: Folder,
    next_database: AtomicU32,
}

/// Starts a cluster, or says loudly why there is none and gives `None`. With
/// `SPECWRIGHT_REQUIRE_POSTGRES=1` a missing PostgreSQL fails the test instead.
pub fn cluster() -> Option<Cluster> {
    match start() {
        Ok(cluster) => Some(cluster),
        Err(reason) if std::env::var_os("SPECWRIGHT_REQUIRE_POSTGRES").is_some() => {
            panic!("PostgreSQL is required here: {reason}")
        }
        Err(reason) => {
            eprintln!("\n=== SKIPPED: no PostgreSQL ({reason}) ===\n");
            None
        }
    }
}

/// The cluster of all tests of this process, which make databases of their own in it: to make one
/// costs more than most tests do.
pub fn shared() -> Option<&'static Cluster> {
    static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
    let shared = SHARED.get_or_init(|| {
        let cluster = cluster()?;
        // Nobody drops it.
        end_with_this_process(&cluster);
        Some(cluster)
    });
    shared.as_ref()
}

/// Ends a cluster when this process ends, however that comes to pass: then nobody holds the other
/// end of the pipe any more.
fn end_with_this_process(cluster: &Cluster) {
    const WATCH: &str =
        "cat; kill -s QUIT $0; while kill -s 0 $0; do sleep 0.05; done; rm -rf \"$1\"";
    let mut watch = Command::new("sh");
    watch.args(["-c", WATCH, &cluster.server.id().to_string()]);
    watch.arg(cluster.folder.path());
    watch.stdin(Stdio::piped());
    watch.stdout(Stdio::null()).stderr(Stdio::null());
    // Who ends the tests at a terminal does not end what cleans up after them.
    let watch = watch.process_group(0).spawn().expect("there is a shell");
    std::mem::forget(watch);
}

impl Cluster {
    /// Makes an empty database and gives the address to connect to.
    pub fn database(&self) -> String {
        let name = format!("test{}", self.next_database.fetch_add(1, Ordering::Relaxed));
        let made = psql(self.folder.path(), &format!("CREATE DATABASE {name}"));
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        format!(
            "postgres://specwright@localhost/{name}?host={}",
            self.folder.path().display()
        )
    }
}

impl Cluster {
    /// Ends the server, with all its connections; what is stored stays.
    pub fn stop(&mut self) {
        let id = self.server.id().to_string();
        let sent = Command::new("kill").args(["-s", "INT", &id]).status();
        assert!(sent.expect("kill is everywhere").success());
        self.server.wait().expect("it ends");
    }

    /// Starts it again where it was.
    pub fn start_again(&mut self) {
        let server = launch(&self.programs, self.owner.as_deref(), &self.folder);
        self.server = server.expect("it started before");
        wait_until_ready(self.folder.path()).expect("it started before");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The data are thrown away, so nothing is written any more; but the server is to end its
        // children and give its shared memory back, which nobody does when it is killed.
        let id = self.server.id().to_string();
        let deadline = Instant::now() + Duration::from_secs(20);
        // One that has ended has an id that may be anybody's by now.
        if matches!(self.server.try_wait(), Ok(None)) {
            let _ = Command::new("kill").args(["-s", "QUIT", &id]).status();
        }
        while matches!(self.server.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn start() -> Result<Cluster, String> {
    let programs = programs().ok_or("initdb is neither in PATH nor in /usr/lib/postgresql")?;
    let folder = Folder::new("pg");
    let owner = owner(folder.path())?;
    let data = folder.path().join("data");
    let mut initdb = as_user(owner.as_deref(), &programs.join("initdb"));
    initdb.args([
        "--no-sync",
        "--auth=trust",
        "--username=specwright",
        "--encoding=UTF8",
    ]);
    initdb.args(["--locale=C", "--pgdata"]).arg(&data);
    let made = initdb.output().map_err(|error| error.to_string())?;
    if !made.status.success() {
        return Err(String::from_utf8_lossy(&made.stderr).into_owned());
    }
    let server = launch(&programs, owner.as_deref(), &folder)?;
    let cluster = Cluster {
        programs,
        owner,
        server,
        folder,
        next_database: AtomicU32::new(1),
    };
    wait_until_ready(cluster.folder.path())?;
    Ok(cluster)
}

fn launch(programs: &Path, owner: Option<&str>, folder: &Folder) -> Result<Child, String> {
    let mut server = as_user(owner, &programs.join("postgres"));
    server.arg("-D").arg(folder.path().join("data"));
    server.arg("-k").arg(folder.path());
    // The tests look at what is stored, never at what survives a power cut of the machine.
    server.args([
        "-c",
        "listen_addresses=",
        "-c",
        "fsync=off",
        "-c",
        "max_connections=200",
    ]);
    server.stdout(Stdio::null()).stderr(Stdio::null());
    server.spawn().map_err(|error| error.to_string())
}

fn wait_until_ready(socket: &Path) -> Result<(), String> {
    let deadline = Instant::now() + Duration::from_secs(120);
    while Instant::now() < deadline {
        if psql(socket, "SELECT 1").status.success() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err("it did not start within 120 seconds".into())
}

fn psql(socket: &Path, sql: &str) -> Output {
    Command::new("psql")
        .args([
            "--username=specwright",
            "--dbname=postgres",
            "--no-psqlrc",
            "--command",
            sql,
        ])
        .arg("--host")
        .arg(socket)
        .output()
        .expect("psql stands beside initdb")
}

/// The folder with the server's programs.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    let complete = |folder: &PathBuf| {
        ["initdb", "postgres"]
            .iter()
            .all(|name| folder.join(name).exists())
    };
    folders.into_iter().find(complete)
}

/// PostgreSQL refuses to run as root; then an account without privileges owns the folder.
fn owner(folder: &Path) -> Result<Option<String>, String> {
    if id("-u", None)? != 0 {
        return Ok(None);
    }
    for name in ["postgres", "nobody"] {
        if let (Ok(user), Ok(group)) = (id("-u", Some(name)), id("-g", Some(name))) {
            chown(folder, Some(user), Some(group)).map_err(|error| error.to_string())?;
            return Ok(Some(name.to_owned()));
        }
    }
    Err("it refuses to run as root, and there is neither `postgres` nor `nobody`".into())
}

fn id(what: &str, user: Option<&str>) -> Result<u32, String> {
    let output = Command::new("id").arg(what).args(user).output();
    let output = output.map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim()
        .parse()
        .map_err(|_| format!("`id {what}` gave no number"))
}

fn as_user(user: Option<&str>, program: &Path) -> Command {
    let mut command;
    match user {
        Some(user) => {
            command = Command::new("setpriv");
            command
                .arg(format!("--reuid={user}"))
                .arg(format!("--regid={user}"));
            command.arg("--clear-groups").arg(program);
            command.env("HOME", "/");
        }
        None => command = Command::new(program),
    }
    command.current_dir("/").env("LC_ALL", "C");
    command
}
