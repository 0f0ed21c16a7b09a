//! Contracts that others wrote, through the compiler and through `cargo check`.
//!
//! `cargo run --release -p specwright-benches --bin corpus` reads the folder
//! that `SPECWRIGHT_CORPUS` names and prints for each document its operations,
//! what generating took, how many lines came out, and what checking them with
//! warnings denied took.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use specwright_benches::measure::{self, Usage};
use specwright_benches::process;
use specwright_benches::table::{Table, thousands};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Folders of the corpus whose every document must come through.
const FOLDERS: [&str; 4] = ["oai-examples/v3.0", "oai-examples/v3.1", "museum", "oxide"];

/// Documents that must be refused, with a part of the reason: each one uses
/// what the compiler names as still to come. An entry that is accepted fails.
const STILL_TO_COME: [(&str, &str); 0] = [];

/// The limits for the largest document: seconds and bytes for generating, and for checking.
const LARGEST: &str = "oxide/api.github.com.json";
const LIMITS: [(f64, u64); 2] = [(0.5, 200 << 20), (25.0, 1536 << 20)];
/// The limit in seconds for generating and checking it again when one operation was edited.
const EDIT_LIMIT: f64 = 5.0;

struct Corpus {
    root: PathBuf,
    compiler: PathBuf,
    scratch: PathBuf,
    target: PathBuf,
}

/// One document's way through.
struct Outcome {
    name: String,
    operations: usize,
    lines: usize,
    generate: Usage,
    check: Option<Usage>,
    /// Generating and checking it again after each edit.
    edits: Vec<(Edit, [Usage; 2])>,
    complaint: Option<String>,
}

/// What is edited in a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edit {
    /// An operation with parameters gets one more.
    Parameter,
    /// An operation without parameters gets one, and with it a type of request. Every derived
    /// implementation is looked at again when there is one more of its trait.
    FirstParameter,
}

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some((measure::INNER, rest)) = arguments
        .split_first()
        .map(|(first, rest)| (first.as_str(), rest))
    {
        measure::inner(rest)?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(root) = std::env::var_os("SPECWRIGHT_CORPUS") else {
        bail!(
            "SPECWRIGHT_CORPUS is not set: it names the folder that holds openapi/museum and others"
        );
    };
    let corpus = Corpus::prepare(Path::new(&root))?;
    let outcomes = corpus.run()?;
    Ok(report(&outcomes))
}

impl Corpus {
    fn prepare(root: &Path) -> Result<Self> {
        let root = root
            .join("openapi")
            .canonicalize()
            .with_context(|| format!("{} has no openapi/", root.display()))?;
        let compiler = process::sibling("specwright", "specwright")?;
        let target = compiler
            .parent()
            .and_then(Path::parent)
            .context("no target directory")?
            .to_owned();
        let scratch = target.join("corpus");
        let _ = fs::remove_dir_all(&scratch);
        fs::create_dir_all(&scratch)?;
        Ok(Self {
            root,
            compiler,
            scratch,
            target,
        })
    }

    fn documents(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for folder in FOLDERS {
            for entry in fs::read_dir(self.root.join(folder)).with_context(|| folder.to_owned())? {
                let file = entry?.file_name().to_string_lossy().into_owned();
                if file.ends_with(".yaml") || file.ends_with(".json") {
                    names.push(format!("{folder}/{file}"));
                }
            }
        }
        names.sort();
        Ok(names)
    }

    fn run(&self) -> Result<Vec<Outcome>> {
        let names = self.documents()?;
        let mut outcomes = Vec::new();
        let mut members = Vec::new();
        for (index, name) in names.into_iter().enumerate() {
            let member = format!("document-{index}");
            let outcome = self.generate(name, &member)?;
            if outcome.generate.success {
                members.push(member);
            } else {
                members.push(String::new());
            }
            outcomes.push(outcome);
        }
        self.write_workspace(&members)?;
        self.warm(&members)?;
        for (outcome, member) in outcomes
            .iter_mut()
            .zip(&members)
            .filter(|(_, member)| !member.is_empty())
        {
            eprintln!("checking {}", outcome.name);
            let usage = self.cargo_check(member)?;
            if !usage.success {
                outcome.complaint = Some(usage.errors.clone());
            }
            outcome.check = Some(usage);
            if outcome.name == LARGEST && outcome.complaint.is_none() {
                for edit in [Edit::Parameter, Edit::FirstParameter] {
                    let usages = self.edit(&outcome.name, member, edit)?;
                    outcome.edits.push((edit, usages));
                }
            }
        }
        Ok(outcomes)
    }

    /// What it takes to see the effect of editing one operation, as somebody does who writes a
    /// contract: the compiler has seen the text before.
    fn edit(&self, name: &str, member: &str, edit: Edit) -> Result<[Usage; 2]> {
        eprintln!("editing {name}: {}", edit.title());
        let contract = self.scratch.join("edited.json");
        let text = fs::read_to_string(self.root.join(name))?;
        let mut document: Value = serde_json::from_str(&text)?;
        let module = self.scratch.join(member).join("src/api.rs");
        let mut command = Command::new(&self.compiler);
        command
            .arg("generate")
            .arg(&contract)
            .arg("--out")
            .arg(module);
        fs::write(&contract, document.to_string())?;
        measure::measure(&command)?;
        let before = self.cargo_check_again(member)?;
        ensure!(before.success, "{}", before.errors);
        edit.apply(&mut document)?;
        fs::write(&contract, document.to_string())?;
        let generate = measure::measure(&command)?;
        let check = self.cargo_check_again(member)?;
        ensure!(check.success, "{}", check.errors);
        Ok([generate, check])
    }

    fn generate(&self, name: String, member: &str) -> Result<Outcome> {
        eprintln!("generating {name}");
        let source = self.scratch.join(member).join("src");
        fs::create_dir_all(&source)?;
        let module = source.join("api.rs");
        let mut command = Command::new(&self.compiler);
        command
            .arg("generate")
            .arg(self.root.join(&name))
            .arg("--out")
            .arg(&module);
        let generate = measure::measure(&command)?;
        let lines = lines(&source)?;
        let complaint = refusal(&name, &generate);
        Ok(Outcome {
            operations: self.operations(&name)?,
            lines,
            name,
            generate,
            check: None,
            edits: Vec::new(),
            complaint,
        })
    }

    /// How many operations the document has, counted in its bundled form.
    fn operations(&self, name: &str) -> Result<usize> {
        const METHODS: [&str; 8] = [
            "get", "put", "post", "delete", "options", "head", "patch", "trace",
        ];
        let output = Command::new(&self.compiler)
            .arg("bundle")
            .arg(self.root.join(name))
            .args(["--format", "json"])
            .output()?;
        if !output.status.success() {
            return Ok(0);
        }
        let document: Value = serde_json::from_slice(&output.stdout)?;
        let paths = document.get("paths").and_then(|paths| paths.as_object());
        let count = |item: &Value| {
            METHODS
                .iter()
                .filter(|method| item.get(**method).is_some())
                .count()
        };
        Ok(paths.map_or(0, |paths| paths.values().map(count).sum()))
    }

    /// One package a document, over the lock file of this repository, so that
    /// nothing is resolved anew.
    fn write_workspace(&self, members: &[String]) -> Result<()> {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("no repository")?;
        let members: Vec<&String> = members.iter().filter(|member| !member.is_empty()).collect();
        fs::write(
            self.scratch.join("Cargo.toml"),
            format!("[workspace]\nmembers = {members:?}\nresolver = \"3\"\n"),
        )?;
        fs::copy(
            repository.join("Cargo.lock"),
            self.scratch.join("Cargo.lock"),
        )?;
        for member in members {
            let folder = self.scratch.join(member);
            fs::write(
                folder.join("Cargo.toml"),
                format!(
                    "[package]\nname = \"{member}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
                     [dependencies]\nspecwright-runtime = {{ path = {:?} }}\n",
                    repository.join("crates/specwright-runtime")
                ),
            )?;
            fs::write(
                folder.join("src/lib.rs"),
                "//! Generated.\n#![deny(warnings)]\n#![warn(missing_docs)]\n/// The API.\npub mod api;\n",
            )?;
        }
        Ok(())
    }

    /// Checks what every document shares, so that no document's time holds it.
    fn warm(&self, members: &[String]) -> Result<()> {
        if members.iter().all(String::is_empty) {
            return Ok(());
        }
        let usage = self.cargo_check("specwright-runtime")?;
        ensure!(
            usage.success,
            "the runtime does not check: {}",
            usage.errors
        );
        Ok(())
    }

    fn cargo_check(&self, package: &str) -> Result<Usage> {
        measure::measure(&self.check_command(package))
    }

    /// The same, which keeps what the next run can use, as developers have it.
    fn cargo_check_again(&self, package: &str) -> Result<Usage> {
        let mut command = self.check_command(package);
        command.env("CARGO_INCREMENTAL", "1");
        measure::measure(&command)
    }

    fn check_command(&self, package: &str) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command
            .args(["check", "--quiet", "--package", package])
            .current_dir(&self.scratch)
            .env("CARGO_TARGET_DIR", &self.target);
        command
    }
}

impl Edit {
    fn title(self) -> &'static str {
        match self {
            Self::Parameter => "a parameter more",
            Self::FirstParameter => "a first parameter, which brings a type",
        }
    }

    /// Gives the first operation of its kind that gets something one more parameter.
    fn apply(self, document: &mut Value) -> Result<()> {
        let paths = document.get_mut("paths").and_then(Value::as_object_mut);
        let mut operations = paths
            .into_iter()
            .flatten()
            .filter_map(|(_, item)| item.get_mut("get")?.as_object_mut());
        let operation = operations
            .find(|operation| {
                let known = operation.get("parameters").and_then(Value::as_array);
                known.is_some_and(|known| !known.is_empty()) == (self == Self::Parameter)
            })
            .context("nothing can be edited")?;
        let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
        let parameters = parameters.as_array_mut().context("no parameters")?;
        let schema = json!({"type": "integer", "maximum": 7});
        parameters.push(json!({"name": "shade", "in": "query", "schema": schema}));
        Ok(())
    }
}

/// How many lines of Rust a folder and those in it hold.
fn lines(folder: &Path) -> Result<usize> {
    let mut lines = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            lines += self::lines(&path)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            lines += fs::read_to_string(&path)?.lines().count();
        }
    }
    Ok(lines)
}

/// Why a document was refused though it must not be, or accepted though it must be refused.
fn refusal(name: &str, usage: &Usage) -> Option<String> {
    let expected = STILL_TO_COME.iter().find(|(document, _)| *document == name);
    match (expected, usage.success) {
        (None, true) => None,
        (None, false) => Some(usage.errors.clone()),
        (Some(_), true) => Some("it is listed as still to come, but was accepted".to_owned()),
        (Some((_, reason)), false) if usage.errors.contains(reason) => None,
        (Some((_, reason)), false) => Some(format!(
            "it was refused, but not for `{reason}`:\n{}",
            usage.errors
        )),
    }
}

fn report(outcomes: &[Outcome]) -> ExitCode {
    let mut table = Table::new([
        "document",
        "operations",
        "generate s",
        "MB",
        "lines",
        "cargo check s",
        "MB",
    ]);
    let megabytes = |usage: &Usage| thousands(usage.memory_bytes as f64 / f64::from(1 << 20));
    let seconds = |usage: &Usage| format!("{:.3}", usage.elapsed.as_secs_f64());
    for outcome in outcomes {
        table.row([
            outcome.name.clone(),
            outcome.operations.to_string(),
            seconds(&outcome.generate),
            megabytes(&outcome.generate),
            thousands(outcome.lines as f64),
            outcome
                .check
                .as_ref()
                .map_or_else(|| "-".to_owned(), seconds),
            outcome
                .check
                .as_ref()
                .map_or_else(|| "-".to_owned(), megabytes),
        ]);
    }
    println!("{}", table.render());
    let mut failed = 0;
    for outcome in outcomes {
        for (edit, [generate, check]) in &outcome.edits {
            println!(
                "{}, an operation gets {}: generate {} s, cargo check {} s (target: {EDIT_LIMIT})",
                outcome.name,
                edit.title(),
                seconds(generate),
                seconds(check)
            );
        }
        for missed in over_limit(outcome) {
            println!("MISSED: {}: {missed}", outcome.name);
        }
        if let Some(complaint) = &outcome.complaint {
            failed += 1;
            let short: String = complaint.chars().take(3000).collect();
            println!("{}: {short}\n", outcome.name);
        }
    }
    println!(
        "{} passed, {failed} failed",
        outcomes.len().saturating_sub(failed)
    );
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// What the largest document took beyond its limits. It is said, and fails nothing: how long
/// something takes depends on the machine.
fn over_limit(outcome: &Outcome) -> Vec<String> {
    if outcome.name != LARGEST {
        return Vec::new();
    }
    let steps = [
        ("generating", Some(&outcome.generate)),
        ("cargo check", outcome.check.as_ref()),
    ];
    let over = |((step, usage), (seconds, bytes)): ((&str, Option<&Usage>), (f64, u64))| {
        let usage = usage?;
        let within = usage.elapsed.as_secs_f64() <= seconds && usage.memory_bytes <= bytes;
        (!within).then(|| format!("{step} took more than {seconds} s or {} MB", bytes >> 20))
    };
    steps.into_iter().zip(LIMITS).filter_map(over).collect()
}
