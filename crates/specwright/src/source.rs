//! Source texts and positions in them. The one place of the library that reads files.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

/// Which source a position is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A range of bytes in one source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The source.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// One source text, kept so that any later error can quote it.
#[derive(Debug)]
pub struct Source {
    /// As the user named it, or relative to the file that refers to it.
    pub path: PathBuf,
    /// Its content, valid UTF-8.
    pub text: String,
}

/// Every source read so far.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
    by_path: HashMap<PathBuf, FileId>,
}

impl Sources {
    /// No sources yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads `path`, once: a second call for the same path answers the first one's id.
    ///
    /// # Errors
    /// When the file cannot be read or is not UTF-8.
    pub fn load(&mut self, path: &Path) -> std::io::Result<FileId> {
        if let Some(known) = self.by_path.get(path) {
            return Ok(*known);
        }
        let text = std::fs::read_to_string(path)?;
        Ok(self.add(path, text))
    }

    /// Takes a text that does not come from the disk.
    pub fn add(&mut self, path: impl Into<PathBuf>, text: impl Into<String>) -> FileId {
        let path = path.into();
        let id = FileId(self.files.len() as u32);
        self.by_path.entry(path.clone()).or_insert(id);
        self.files.push(Source {
            path,
            text: text.into(),
        });
        id
    }

    /// The source behind an id of this collection.
    pub fn get(&self, file: FileId) -> &Source {
        &self.files[file.0 as usize]
    }

    /// All sources, in the order they were read.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.files.iter()
    }

    /// The paths of all sources, in the order they were read.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| file.path.as_path())
    }
}

/// The last character boundary of `text` at or before `at`.
pub(crate) fn char_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The path without `.` and `..`, so that one file has one name.
pub(crate) fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(out.components().next_back(), Some(Component::Normal(_))) =>
            {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_name() {
        assert_eq!(
            normal(Path::new("./a/../b/./c.yaml")),
            Path::new("b/c.yaml")
        );
        assert_eq!(normal(Path::new("../../a.yaml")), Path::new("../../a.yaml"));
    }
}
