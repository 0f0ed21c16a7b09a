//! Whatever the text, the compiler answers with findings and never with a panic.

use specwright::diag::{self, Diagnostics};
use specwright::source::Sources;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A generator of numbers that is the same in every run (xorshift64*).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit.max(1)
    }
}

fn texts(folder: &Path, out: &mut Vec<String>) {
    let entries = std::fs::read_dir(folder).expect("a folder can be read");
    let mut paths = entries
        .map(|entry| entry.expect("a folder can be read").path())
        .collect::<Vec<PathBuf>>();
    paths.sort();
    for path in paths {
        match path.is_dir() {
            true => texts(&path, out),
            false => out.push(std::fs::read_to_string(path).expect("a case can be read")),
        }
    }
}

/// Changes a text somewhere: lines go, come twice, change places, or get words of another text.
fn damage(text: &str, other: &str, numbers: &mut Numbers) -> String {
    let mut lines = text.lines().collect::<Vec<_>>();
    let words = other.split_whitespace().collect::<Vec<_>>();
    for _ in 0..=numbers.below(3) {
        let at = numbers.below(lines.len());
        match numbers.below(4) {
            0 if !lines.is_empty() => drop(lines.remove(at)),
            1 if !lines.is_empty() => lines.insert(at, lines[numbers.below(lines.len())]),
            2 if !lines.is_empty() => {
                let with = numbers.below(lines.len());
                lines.swap(at, with);
            }
            _ => {}
        }
    }
    let mut text = lines.join("\n");
    for _ in 0..=numbers.below(3) {
        let mut at = numbers.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        match numbers.below(4) {
            0 => text.insert_str(at, words.get(numbers.below(words.len())).unwrap_or(&"")),
            1 => text.insert(
                at,
                [
                    '{', '}', '[', ']', ':', '"', '\'', '\t', '&', '*', '\u{0}', 'é',
                ][numbers.below(12)],
            ),
            2 => drop(text.split_off(at)),
            _ if at < text.len() => drop(text.remove(at)),
            _ => {}
        }
    }
    text
}

#[test]
fn damaged_contracts_are_answered() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    let mut all = Vec::new();
    texts(&cases, &mut all);
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let seconds = std::env::var("SPECWRIGHT_FUZZ_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok());
    let end = Instant::now() + Duration::from_secs(seconds.unwrap_or(5));
    let mut tried = 0;
    while Instant::now() < end && tried < 2_000_000 {
        let text = &all[numbers.below(all.len())];
        let other = &all[numbers.below(all.len())];
        let damaged = damage(text, other, &mut numbers);
        let mut sources = Sources::new();
        let mut diagnostics = Diagnostics::new();
        let root = sources.add("damaged.yaml", damaged);
        let api = specwright::lower(root, &mut sources, &mut diagnostics);
        diag::render(&diagnostics, &sources, false);
        if let Some(api) = api.filter(|_| !diagnostics.has_errors()) {
            specwright::emit::emit(&specwright::ir::lower(
                &api,
                "damaged.yaml",
                "damaged",
                specwright::Sides::BOTH,
            ));
        }
        tried += 1;
    }
    assert!(tried > 100, "only {tried} texts were tried");
}

#[test]
fn long_chains_end() {
    let count = 5_000;
    let mut text = String::from("openapi: 3.1.0\ninfo: {title: Chains, version: '1'}\npaths:\n");
    for index in 0..300 {
        text.push_str(&format!(
            "  /p{index}: {{$ref: '#/paths/~1p{}'}}\n",
            index + 1
        ));
    }
    text.push_str(
        "  /p300: {get: {responses: {'204': {description: Done.}}}}\ncomponents:\n  schemas:\n",
    );
    for index in 0..count {
        text.push_str(&format!(
            "    S{index}: {{$ref: '#/components/schemas/S{}'}}\n",
            index + 1
        ));
    }
    text.push_str(&format!("    S{count}: {{type: string}}\n"));
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let root = sources.add("chains.yaml", text);
    let api = specwright::lower(root, &mut sources, &mut diagnostics).expect("a model");
    assert_eq!(api.named_schemas.len(), count + 1);
    let codes = diagnostics.iter().map(|one| one.code).collect::<Vec<_>>();
    assert!(codes.iter().all(|code| *code == "too-deep"), "{codes:?}");
}

#[test]
fn values_of_parameters_do_not_grow_without_end() {
    let mut text = String::from("#%RAML 1.0\ntitle: Growth\nresourceTypes:\n");
    for index in 0..35 {
        let next = index + 1;
        text.push_str(&format!(
            "  t{index}: {{type: {{t{next}: {{list: [<<list>>, <<list>>], word: <<word>><<word>>}}}}}}\n"
        ));
    }
    text.push_str("  t35: {get: {description: <<word>>}}\n");
    text.push_str("/things: {type: {t0: {list: [a], word: abc}}}\n");
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let root = sources.add("growth.raml", text);
    specwright::lower(root, &mut sources, &mut diagnostics);
    assert!(diagnostics.iter().any(|one| one.code == "too-large"));
}
