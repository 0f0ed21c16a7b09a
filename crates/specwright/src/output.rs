//! Writes generated files: all or none, and untouched where nothing changed.

use std::io;
use std::path::{Path, PathBuf};

/// Writes every file, each path with its content.
///
/// A file whose content is the same already keeps its time stamp, so that nothing is built again
/// for it. The others are first written beside their places and then moved there, so that a
/// failure leaves what was there before.
///
/// # Errors
/// When a folder cannot be made or a file cannot be written or moved.
pub fn write(files: &[(PathBuf, &str)]) -> io::Result<()> {
    let mut staged = Vec::new();
    let outcome = stage(files, &mut staged).and_then(|()| {
        for (temporary, path) in &staged {
            std::fs::rename(temporary, path)?;
        }
        Ok(())
    });
    if outcome.is_err() {
        for (temporary, _) in &staged {
            // Gone already when it was moved; otherwise nothing more can be done about it.
            let _ = std::fs::remove_file(temporary);
        }
    }
    outcome
}

fn stage(files: &[(PathBuf, &str)], staged: &mut Vec<(PathBuf, PathBuf)>) -> io::Result<()> {
    for (path, content) in files {
        if std::fs::read(path).is_ok_and(|known| known == content.as_bytes()) {
            continue;
        }
        if let Some(folder) = path.parent().filter(|folder| *folder != Path::new("")) {
            std::fs::create_dir_all(folder)?;
        }
        let mut temporary = path.clone().into_os_string();
        temporary.push(format!(".{}.tmp", std::process::id()));
        let temporary = PathBuf::from(temporary);
        staged.push((temporary.clone(), path.clone()));
        std::fs::write(&temporary, content)?;
    }
    Ok(())
}

/// Removes the files of `folder` that begin with `mark` and are not in `kept`, and the folder when
/// nothing is left in it. Whatever else is there stays.
///
/// # Errors
/// When a file cannot be read or removed.
pub(crate) fn sweep(folder: &Path, mark: &str, kept: &[(PathBuf, &str)]) -> io::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        let is_stale = path.is_file()
            && kept.iter().all(|(kept, _)| *kept != path)
            && std::fs::read(&path)?.starts_with(mark.as_bytes());
        if is_stale {
            std::fs::remove_file(&path)?;
        }
    }
    if std::fs::read_dir(folder)?.next().is_none() {
        std::fs::remove_dir(folder)?;
    }
    Ok(())
}
