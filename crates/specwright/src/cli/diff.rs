//! `specwright diff`

use super::contract;
use crate::diag;
use crate::diff::rules::Rule;
use crate::diff::{self, Class, Difference, Options};
use crate::model::{Api, Day};
use crate::source::{Sources, Span};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

/// Says what two contracts differ in, and what breaks those who use them.
///
/// Every difference is breaking, compatible or documentation, by the direction in which a value
/// travels: a request that allows less breaks, and a response that allows more does. Contracts are
/// compared as they are understood, so that they may be of different dialects.
///
/// Exits with 0 when nothing breaks, with 1 when something does, and with 2 when a contract cannot
/// be read or the command line is wrong.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Diff {
    /// The root document of the contract as it was.
    #[arg(value_name = "OLD", required_unless_present = "rules")]
    old: Option<PathBuf>,

    /// The root document of the contract as it is.
    #[arg(value_name = "NEW", required_unless_present = "rules")]
    new: Option<PathBuf>,

    /// For people, for programs, or as a changelog.
    #[arg(long, default_value = "human")]
    format: Format,

    /// The mildest kind of difference that makes the exit code 1.
    #[arg(long, value_name = "CLASS", default_value = "breaking")]
    fail_on: FailOn,

    /// Takes paths for the same that differ in a segment such as `v1` or `v1.2` alone.
    #[arg(long)]
    across_versions: bool,

    /// The day, as yyyy-MM-dd, that sunsets are compared with; today when it is not given.
    #[arg(long, value_name = "DAY", value_parser = day)]
    today: Option<Day>,

    /// How many days ahead a sunset has to lie that is set or moved.
    #[arg(long, value_name = "DAYS", default_value_t = 0)]
    notice: u64,

    /// Lists the rules with what each means, and compares nothing.
    #[arg(long)]
    rules: bool,
}

const EXAMPLES: &str = "\
Examples:
  specwright diff api.v1.yaml api.v2.yaml
  specwright diff --format markdown --across-versions api.v1.yaml api.v2.yaml > CHANGELOG.md
  specwright diff --format json old.raml new.raml | jq '.differences[] | select(.class == \"breaking\")'
  specwright diff --rules
";

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    Human,
    Json,
    Markdown,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum FailOn {
    Breaking,
    Compatible,
    Documentation,
    Never,
}

/// The exit code when a contract cannot be read.
const UNREADABLE: u8 = 2;

impl Diff {
    pub(super) fn run(self) -> ExitCode {
        let (Some(old), Some(new)) = (&self.old, &self.new) else {
            return self.list();
        };
        let (Ok((old, old_sources)), Ok((new, new_sources))) =
            (contract::sound(old), contract::sound(new))
        else {
            return ExitCode::from(UNREADABLE);
        };
        let options = Options {
            across_versions: self.across_versions,
            today: Some(self.today.unwrap_or_else(today)),
            notice_days: self.notice,
        };
        let differences = diff::compare(&old, &new, &options);
        let sources = (&old_sources, &new_sources);
        let printed = match self.format {
            Format::Human => {
                let text = diff::human(&differences, sources);
                contract::put(&format!("{text}{}\n", diff::summary(&differences)))
            }
            Format::Markdown => {
                let versions = (old.info.version.as_str(), new.info.version.as_str());
                contract::put(&diff::markdown(&differences, versions, &new.info.title))
            }
            Format::Json => json(&differences, (&old, &new), sources),
        };
        match self.fails(&differences) {
            true => ExitCode::FAILURE,
            false => printed,
        }
    }

    fn fails(&self, differences: &[Difference]) -> bool {
        let limit = match self.fail_on {
            FailOn::Breaking => Class::Breaking,
            FailOn::Compatible => Class::Compatible,
            FailOn::Documentation => Class::Documentation,
            FailOn::Never => return false,
        };
        differences.iter().any(|one| one.class() <= limit)
    }

    fn list(&self) -> ExitCode {
        let rules = Rule::all().map(|rule| Listed {
            rule: rule.id(),
            class: rule.class().name(),
            meaning: rule.meaning(),
        });
        let rules = rules.collect::<Vec<_>>();
        match self.format {
            Format::Json => match serde_json::to_string_pretty(&rules) {
                Ok(text) => contract::put(&format!("{text}\n")),
                Err(error) => failed(&error),
            },
            Format::Human => {
                let lines = rules
                    .iter()
                    .map(|one| format!("{:13} {}: {}\n", one.class, one.rule, one.meaning));
                contract::put(&lines.collect::<String>())
            }
            Format::Markdown => {
                let lines = rules
                    .iter()
                    .map(|one| format!("| `{}` | {} | {} |\n", one.rule, one.class, one.meaning));
                let lines = lines.collect::<String>();
                contract::put(&format!(
                    "| rule | class | what happened |\n|---|---|---|\n{lines}"
                ))
            }
        }
    }
}

/// One rule of `--rules --format json`.
#[derive(Debug, Serialize)]
struct Listed {
    rule: String,
    class: &'static str,
    meaning: &'static str,
}

/// What `--format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Report {
    /// `info.version` of the contract as it was.
    old_version: String,
    /// `info.version` of the contract as it is.
    new_version: String,
    /// How many break.
    breaking: usize,
    /// How many are compatible.
    compatible: usize,
    /// How many are documentation.
    documentation: usize,
    /// Every difference, the breaking ones first.
    differences: Vec<Entry>,
}

/// One difference.
#[derive(Debug, Serialize, JsonSchema)]
struct Entry {
    /// `breaking`, `compatible` or `documentation`.
    class: &'static str,
    /// A stable name, such as `request-property.max-length-lowered`.
    rule: String,
    /// What differs, in one sentence.
    message: String,
    /// The operations that it concerns, as `GET /pets`.
    operations: Vec<String>,
    /// Where in the operation, such as `request body, /name`.
    place: Option<String>,
    /// A JSON pointer into the contract.
    pointer: Option<String>,
    /// Where it stands in the contract as it was.
    old: Option<Position>,
    /// Where it stands in the contract as it is.
    new: Option<Position>,
}

/// A position in a file.
#[derive(Debug, Serialize, JsonSchema)]
struct Position {
    /// The file.
    file: String,
    /// From 1.
    line: usize,
    /// From 1, in Unicode scalar values.
    column: usize,
}

fn json(
    differences: &[Difference],
    (old, new): (&Api, &Api),
    (old_sources, new_sources): (&Sources, &Sources),
) -> ExitCode {
    let count = |class| {
        differences
            .iter()
            .filter(|one| one.class() == class)
            .count()
    };
    let before = positions(differences, |one| one.old, old_sources);
    let after = positions(differences, |one| one.new, new_sources);
    let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let entries = differences.iter().zip(before).zip(after);
    let entries = entries.map(|((one, old), new)| Entry {
        class: one.class().name(),
        rule: one.rule.id(),
        message: one.message.clone(),
        operations: one.operations.clone(),
        place: text(&one.place),
        pointer: text(&one.pointer),
        old,
        new,
    });
    let report = Report {
        old_version: old.info.version.clone(),
        new_version: new.info.version.clone(),
        breaking: count(Class::Breaking),
        compatible: count(Class::Compatible),
        documentation: count(Class::Documentation),
        differences: entries.collect(),
    };
    match serde_json::to_string_pretty(&report) {
        Ok(text) => contract::put(&format!("{text}\n")),
        Err(error) => failed(&error),
    }
}

fn positions(
    differences: &[Difference],
    pick: fn(&Difference) -> Option<Span>,
    sources: &Sources,
) -> Vec<Option<Position>> {
    let spans = differences.iter().map(|one| pick(one).unwrap_or_default());
    let places = diag::places(&spans.collect::<Vec<_>>(), sources);
    let places = differences.iter().zip(places);
    let places = places.map(|(one, place)| {
        pick(one).map(|_| Position {
            file: place.path,
            line: place.line,
            column: place.column,
        })
    });
    places.collect()
}

fn failed(error: &serde_json::Error) -> ExitCode {
    eprintln!("error: the differences cannot be printed: {error}");
    ExitCode::from(UNREADABLE)
}

/// The present day, in UTC.
#[expect(
    clippy::disallowed_methods,
    reason = "the command line is where the clock is read; `--today` holds it still"
)]
fn today() -> Day {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Day::of_seconds(now.map_or(0, |since| since.as_secs()))
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "it is no day such as 2026-12-31".to_owned())
}
