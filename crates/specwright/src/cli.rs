//! The command line.

mod bundle;
mod check;
mod contract;
mod diff;
mod dump;
mod freeze;
mod generate;
mod new;
mod progress;
mod report;
mod schema;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Compiles API contracts (OpenAPI 3.0 and 3.1, YAML or JSON; RAML 1.0) into typed Rust endpoints.
#[derive(Debug, Parser)]
#[command(name = "specwright", version, arg_required_else_help = true, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  specwright check openapi/museum.yaml            say everything that is wrong with a contract
  specwright check --format json openapi/*.yaml   the same for programs
  specwright generate openapi/museum.yaml --out src/museum.rs
                                                  the Rust code of a contract
  specwright bundle openapi/museum.yaml           the contract as one document
  specwright diff old.yaml openapi/museum.yaml    what two contracts differ in, and what breaks
  specwright freeze openapi/museum.yaml           the contract stays as it is from now on
  specwright new museum --contract museum.yaml    a crate that serves a contract

`specwright help COMMAND` says more about a command.
";

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Check),
    Generate(generate::Generate),
    Bundle(bundle::Bundle),
    Diff(diff::Diff),
    Freeze(freeze::Freeze),
    Dump(dump::Dump),
    New(new::New),
    Schema(schema::Schema),
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    match Arguments::parse().command {
        Command::Check(check) => check.run(),
        Command::Generate(generate) => generate.run(),
        Command::Bundle(bundle) => bundle.run(),
        Command::Diff(diff) => diff.run(),
        Command::Freeze(freeze) => freeze.run(),
        Command::Dump(dump) => dump.run(),
        Command::New(new) => new.run(),
        Command::Schema(schema) => schema.run(),
    }
}
