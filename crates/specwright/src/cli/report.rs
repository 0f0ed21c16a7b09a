//! Findings for programs.

use crate::diag::{self, Diagnostic, Diagnostics, Severity};
use crate::source::{Sources, Span};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::Path;

/// What `--format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    /// Everything found, file by file.
    pub findings: Vec<Finding>,
}

/// One finding.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// `error` or `warning`.
    pub severity: Level,
    /// A stable name in kebab case, such as `unresolved-reference`.
    pub code: String,
    /// What is wrong, in one sentence.
    pub message: String,
    /// Where.
    pub place: Location,
    /// Other places that matter.
    pub related: Vec<Related>,
    /// The operations that are affected, as `GET /pets`.
    pub operations: Vec<String>,
    /// What to do.
    pub help: Option<String>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The contract cannot be compiled.
    Error,
    /// The contract compiles, and probably does not mean what it says.
    Warning,
}

/// A position in a file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Location {
    /// The file.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in Unicode scalar values.
    pub column: usize,
}

/// Another place that matters.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Related {
    /// Where.
    pub place: Location,
    /// What it has to do with the finding.
    pub message: String,
}

impl Finding {
    /// A contract that cannot be read at all.
    pub(super) fn unreadable(file: &Path, message: String) -> Finding {
        Finding::whole("unreadable-file", file, message)
    }

    /// A contract that is frozen, and differs from what was frozen.
    pub(super) fn thawed(file: &Path, message: String) -> Finding {
        Finding::whole("frozen-contract-changed", file, message)
    }

    /// An error that is about a file as a whole.
    fn whole(code: &str, file: &Path, message: String) -> Finding {
        Finding {
            severity: Level::Error,
            code: code.to_owned(),
            message,
            place: Location {
                file: file.display().to_string(),
                line: 1,
                column: 1,
            },
            related: Vec::new(),
            operations: Vec::new(),
            help: None,
        }
    }
}

/// The findings of one contract.
pub(super) fn findings(diagnostics: &Diagnostics, sources: &Sources) -> Vec<Finding> {
    diagnostics
        .iter()
        .map(|one| finding(one, sources))
        .collect()
}

/// Prints the report on stdout.
pub(super) fn print(findings: Vec<Finding>) {
    if let Ok(text) = serde_json::to_string_pretty(&Report { findings }) {
        println!("{text}");
    }
}

fn finding(diagnostic: &Diagnostic, sources: &Sources) -> Finding {
    let related = diagnostic.related.iter();
    Finding {
        severity: match diagnostic.severity {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
        },
        code: diagnostic.code.to_owned(),
        message: diagnostic.message.clone(),
        place: location(diagnostic.span, sources),
        related: related
            .map(|(span, text)| Related {
                place: location(*span, sources),
                message: text.clone(),
            })
            .collect(),
        operations: diagnostic.operations.clone(),
        help: diagnostic.help.clone(),
    }
}

fn location(span: Span, sources: &Sources) -> Location {
    let diag::Place { path, line, column } = diag::place(span, sources);
    Location {
        file: path,
        line,
        column,
    }
}
