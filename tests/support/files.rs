//! Folders that go when the test ends.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder in memory, where Linux has one.
const IN_MEMORY: &str = "/dev/shm";

/// How much room must be there, in KiB: some hundred small databases of PostgreSQL, twice.
const ROOM_KIB: u64 = 4 << 20;

/// An empty folder of this test's own.
pub struct Folder(PathBuf);

impl Folder {
    /// Makes it; `name` is for people who find a leftover.
    pub fn new(name: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("specwright-{name}-{}-{number}", std::process::id());
        let path = place().join(name);
        std::fs::create_dir_all(&path).expect("a folder can be made");
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A leftover in the temporary folder harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Where the folders are made: in memory where there is room, unless `TMPDIR` says otherwise. The
/// tests look at what is stored, never at what survives a power cut, and making and deleting as many
/// files on a disk takes longer than everything else.
fn place() -> &'static Path {
    static PLACE: OnceLock<PathBuf> = OnceLock::new();
    PLACE.get_or_init(|| {
        let named = std::env::var_os("TMPDIR").is_some();
        match !named && free_kib(IN_MEMORY).is_some_and(|free| free >= ROOM_KIB) {
            true => PathBuf::from(IN_MEMORY),
            false => std::env::temp_dir(),
        }
    })
}

/// The room that is left in a folder, in KiB; `None` when there is no such folder.
fn free_kib(folder: &str) -> Option<u64> {
    let told = Command::new("df").args(["-Pk", folder]).output().ok()?;
    let text = String::from_utf8(told.stdout).ok()?;
    // POSIX: a headline, and a line with device, size, used and free space, share, and place.
    text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}
