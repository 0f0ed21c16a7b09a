//! Lays a large source out in several files.
//!
//! The compiler of Rust looks again at every item whose line has moved. In one file an edit at its
//! top moves all that follows; in parts it moves what stands in the same part.

use std::fmt::Write as _;

/// A source of more lines than this is laid out in parts: below, checking all of it anew takes
/// hardly longer than checking an edit.
const WHOLE: usize = 20_000;

/// No part but the last has fewer lines.
const SHORTEST: usize = 400;

/// One in so many items begins a part.
const RARITY: u32 = 64;

/// What every part begins with.
pub(crate) const MARK: &str = "// A part of what specwright generated. Do not edit.\n";

/// A source in parts.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// What is left of the whole, and includes the parts.
    pub(crate) head: String,
    /// The name of each part's file, and its text.
    pub(crate) files: Vec<(String, String)>,
}

/// Lays `source` out in parts that stand in `folder`, beside the whole; `None` when it is small
/// enough to stay in one file.
///
/// Where a part begins is said by the name of its first item alone, so that an edit leaves the
/// other parts as they are.
pub(crate) fn split(source: &str, folder: &str) -> Option<Parts> {
    (source.lines().count() > WHOLE).then(|| Parts::of(source, folder, SHORTEST, RARITY))
}

impl Parts {
    fn of(source: &str, folder: &str, shortest: usize, rarity: u32) -> Self {
        let mut parts = Self::default();
        let (mut service, mut beside) = (String::new(), String::new());
        let mut name = "start".to_owned();
        let (mut text, mut lines) = (MARK.to_owned(), 0);
        for item in items(source) {
            match place(item) {
                Place::Top => push(&mut parts.head, item),
                Place::Beside => push(&mut beside, item),
                Place::Service => push(&mut service, item),
                Place::Part => {
                    let opening = opening(item, rarity).filter(|_| lines >= shortest);
                    if let Some(next) = opening {
                        let file = std::mem::replace(&mut text, MARK.to_owned());
                        parts.add(std::mem::replace(&mut name, next), file);
                        lines = 0;
                    }
                    push(&mut text, item);
                    lines += item.lines().count() + 1;
                }
            }
        }
        parts.add(name, text);
        if !service.is_empty() {
            let service = format!("{MARK}\n{service}");
            parts.files.insert(0, ("service.rs".to_owned(), service));
        }
        parts.head.push('\n');
        for (file, _) in &parts.files {
            let _ = writeln!(parts.head, "include!(\"{folder}/{file}\");");
        }
        push(&mut parts.head, &beside);
        parts
    }

    fn add(&mut self, name: String, text: String) {
        self.files.push((format!("{name}.rs"), text));
    }
}

/// Appends items, apart from what is there.
fn push(text: &mut String, item: &str) {
    if !(text.is_empty() || item.is_empty()) {
        text.push('\n');
    }
    text.push_str(item);
}

/// Where an item goes.
enum Place {
    /// The header and the imports: first in the head.
    Top,
    /// The service has a part of its own, which is included first.
    Service,
    /// What includes a file by its path from the head: behind the parts, because an item also
    /// moves with the line that includes it.
    Beside,
    /// Some part.
    Part,
}

fn place(item: &str) -> Place {
    let declaration = declaration(item);
    if declaration.is_empty() || declaration.starts_with("use ") {
        Place::Top
    } else if declaration.starts_with("pub trait ") {
        Place::Service
    } else if item.contains("include_str!(") {
        Place::Beside
    } else {
        Place::Part
    }
}

/// The top-level items of a source as it is laid out, each without the empty line before it; the
/// first one is the header.
fn items(source: &str) -> impl Iterator<Item = &str> {
    let mut rest = source;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut from = 0;
        let end = loop {
            let Some(found) = rest[from..].find("\n\n") else {
                break rest.len();
            };
            let next = from + found + 2;
            if rest[next..].starts_with(|c: char| c.is_alphabetic() || "#/".contains(c)) {
                break next - 1;
            }
            from = next;
        };
        let item = &rest[..end];
        rest = rest[end..].strip_prefix('\n').unwrap_or_default();
        Some(item)
    })
}

/// The line that says what an item is.
fn declaration(item: &str) -> &str {
    let mut lines = item.lines();
    let line = lines.find(|line| !line.starts_with("//") && !line.starts_with('#'));
    line.unwrap_or_default()
}

/// The name of the part that an item begins; `None` when it begins none.
fn opening(item: &str, rarity: u32) -> Option<String> {
    let declaration = declaration(item);
    let declaration = declaration.strip_prefix("pub ").unwrap_or(declaration);
    let (kind, rest) = declaration.split_once(' ')?;
    let folder = match kind {
        "struct" | "enum" | "type" => "types",
        "static" => "statics",
        _ => return None,
    };
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
    let name = &rest[..end.unwrap_or(rest.len())];
    let hash = hash(name);
    hash.is_multiple_of(rarity).then(|| {
        // No file's name may be longer than 255 bytes, and a character takes up to four.
        match name.char_indices().nth(50) {
            Some((cut, _)) => format!("{folder}_{}_{hash:08x}", &name[..cut]),
            None => format!("{folder}_{name}"),
        }
    })
}

/// FNV-1a, of 32 bits: the same on every machine.
fn hash(text: &str) -> u32 {
    let bytes = text.bytes();
    bytes.fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sixty structs, each with a static and an implementation, behind the service.
    fn source(extra: &str) -> String {
        let mut source = String::from(
            "// Generated.\n\nuse x::y;\n\n/// The service.\npub trait Shop {\n    fn a();\n\n    fn b();\n}\n",
        );
        source.push_str(extra);
        for number in 0..60 {
            let _ = write!(
                source,
                "\n/// One.\n///\n/// Two.\n#[derive(Debug)]\npub struct S{number} {{\n    a: u8,\n}}\n\n\
                 impl S{number} {{\n    fn a() {{}}\n\n    fn b() {{}}\n}}\n\n\
                 static T_{number}: &str = \"x\";\n"
            );
        }
        source.push_str("\nstatic CHECKS: &str = include_str!(\"shop.checks.json\");\n");
        source
    }

    fn parts(source: &str) -> Parts {
        Parts::of(source, "shop.parts", 20, 8)
    }

    #[test]
    fn nothing_is_lost() {
        let source = source("");
        let parts = parts(&source);
        assert!(parts.files.len() > 3);
        let includes: Vec<String> = parts
            .files
            .iter()
            .map(|(name, _)| format!("include!(\"shop.parts/{name}\");\n"))
            .collect();
        let head = parts.head.replace(&(includes.concat() + "\n"), "");
        let mut found: Vec<&str> = items(&head).collect();
        for (_, text) in &parts.files {
            let text = text.strip_prefix(MARK).expect("it says what it is");
            found.extend(items(text.strip_prefix('\n').expect("an empty line")));
        }
        let mut expected: Vec<&str> = items(&source).collect();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_service_is_included_first() {
        let parts = parts(&source(""));
        let start = "// Generated.\n\nuse x::y;\n\ninclude!(\"shop.parts/service.rs\");\n";
        assert!(parts.head.starts_with(start));
        assert!(parts.files[0].1.contains("\npub trait Shop {\n"));
        let end = "\n\nstatic CHECKS: &str = include_str!(\"shop.checks.json\");\n";
        assert!(parts.head.ends_with(end));
    }

    #[test]
    fn an_edit_leaves_the_other_parts_as_they_are() {
        let edited = source("\npub struct Fresh {\n    a: u8,\n}\n\nstatic FRESH: u8 = 1;\n");
        let (before, after) = (parts(&source("")), parts(&edited));
        let changed = after
            .files
            .iter()
            .filter(|file| !before.files.contains(file));
        assert_eq!(changed.count(), 1);
        assert_eq!(before.head, after.head);
    }

    #[test]
    fn files_have_names_that_every_system_takes() {
        let item = format!("pub struct {} {{", "Ä".repeat(300));
        let name = opening(&item, 1).expect("every item begins a part");
        assert!(name.starts_with("types_ÄÄ") && name.len() < 200, "{name}");
        assert_eq!(
            opening("static SHORT: u8 = 1;", 1).as_deref(),
            Some("statics_SHORT")
        );
    }

    #[test]
    fn a_small_source_stays_whole() {
        assert!(split(&source(""), "shop.parts").is_none());
    }
}
