//! `specwright new`

mod service;

use super::contract;
use crate::model::Api;
use crate::source::Sources;
use crate::{ir, output};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Makes a crate that serves a contract.
///
/// It compiles and runs at once, and answers every valid request with 501: the behaviour is yours
/// to write, in src/service.rs.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct New {
    /// The crate's name, or the path of its folder, which must not exist yet.
    #[arg(value_name = "NAME")]
    path: PathBuf,

    /// The root document of the contract, which is copied into the crate.
    #[arg(long, value_name = "FILE")]
    contract: PathBuf,

    /// A checkout of specwright to depend on, in place of the published version.
    #[arg(long, value_name = "DIR")]
    specwright_path: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  specwright new museum --contract museum.yaml
  cd museum && cargo run -- --listen 127.0.0.1:8080
";

impl New {
    pub(super) fn run(self) -> ExitCode {
        match self.make() {
            Ok(()) => ExitCode::SUCCESS,
            Err(Failed::Said(code)) => code,
            Err(Failed::Because(reason)) => {
                eprintln!("error: {reason}");
                ExitCode::FAILURE
            }
        }
    }

    fn make(&self) -> Result<(), Failed> {
        let name = self.name()?;
        let dependencies = self.dependencies()?;
        let (api, sources) = contract::sound(&self.contract).map_err(Failed::Said)?;
        let document = Document::of(&self.contract, &name, &api, &sources);
        let module = ir::lower(&api, &document.path, &name, ir::Sides::SERVER);
        let files = [
            ("Cargo.toml", manifest(&name, &dependencies)),
            (".gitignore", "/target\n".to_owned()),
            ("build.rs", build_script(&document.path)),
            (&document.path, document.text.clone()),
            ("src/lib.rs", library(&module)),
            ("src/main.rs", program(&name, &module)),
            ("src/service.rs", service::service(&module)),
        ];
        let files = files
            .each_ref()
            .map(|(path, text)| (self.path.join(path), text.as_str()));
        output::write(&files).map_err(|error| {
            Failed::Because(format!("cannot write to {}: {error}", self.path.display()))
        })?;
        eprintln!("made {}; try it:\n", self.path.display());
        eprintln!(
            "  cd {} && cargo run -- --listen 127.0.0.1:8080",
            self.path.display()
        );
        Ok(())
    }

    fn name(&self) -> Result<String, Failed> {
        if self.path.exists() {
            return Err(Failed::Because(format!(
                "{} exists already",
                self.path.display()
            )));
        }
        let name = self
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
        if !name.starts_with(|first: char| first.is_ascii_lowercase())
            || !name.bytes().all(plain)
            || RESERVED.contains(&name.as_str())
        {
            let reason = format!(
                "`{name}` cannot be the name of a crate: use lower-case letters, digits, `-` and `_`"
            );
            return Err(Failed::Because(reason));
        }
        Ok(name)
    }

    /// The two lines of the manifest that name specwright's crates.
    fn dependencies(&self) -> Result<[String; 2], Failed> {
        let version = env!("CARGO_PKG_VERSION");
        let Some(checkout) = &self.specwright_path else {
            return Ok([
                format!("specwright = {{ version = \"{version}\", default-features = false }}"),
                format!("specwright-runtime = \"{version}\""),
            ]);
        };
        let path = |name: &str| {
            let path = checkout.join("crates").join(name);
            match std::path::absolute(&path) {
                Ok(absolute) if path.join("Cargo.toml").is_file() => {
                    Ok(toml_string(&absolute.to_string_lossy()))
                }
                _ => Err(Failed::Because(format!(
                    "{} is no checkout of specwright",
                    checkout.display()
                ))),
            }
        };
        Ok([
            format!(
                "specwright = {{ path = {}, default-features = false }}",
                path("specwright")?
            ),
            format!(
                "specwright-runtime = {{ path = {} }}",
                path("specwright-runtime")?
            ),
        ])
    }
}

/// Names that cargo refuses, keywords and Rust's own crates, and those of our crates.
const RESERVED: [&str; 53] = [
    "abstract",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "struct",
    "super",
    "trait",
    "true",
    "try",
    "type",
    "use",
    "where",
    "while",
    "test",
    "core",
    "std",
    "alloc",
    "proc-macro",
    "specwright",
    "specwright-runtime",
];

/// Why there is no crate.
enum Failed {
    /// It has been said already.
    Said(ExitCode),
    /// It is to be said.
    Because(String),
}

/// The contract as it lies in the crate: as it was, or bundled when it was several files.
struct Document {
    path: String,
    text: String,
}

impl Document {
    /// It takes the crate's name, which the trait is then called by.
    fn of(file: &Path, krate: &str, api: &Api, sources: &Sources) -> Document {
        let extension = file
            .extension()
            .unwrap_or("yaml".as_ref())
            .to_string_lossy();
        let text = match std::fs::read_to_string(file) {
            Ok(text) if sources.paths().count() == 1 => text,
            _ if extension == "json" => api.document.to_pretty_text(),
            _ => api.document.to_yaml_text(),
        };
        Document {
            path: format!("openapi/{krate}.{extension}"),
            text,
        }
    }
}

/// A basic string of TOML.
fn toml_string(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

fn manifest(name: &str, [compiler, runtime]: &[String; 2]) -> String {
    format!(
        "\
[package]
name = \"{name}\"
version = \"0.1.0\"
edition = \"2024\"
publish = false

# A workspace of its own, wherever the folder lies.
[workspace]

[dependencies]
clap = {{ version = \"4\", features = [\"derive\"] }}
{runtime}
tokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}

[build-dependencies]
{compiler}
"
    )
}

fn build_script(contract: &str) -> String {
    format!(
        "\
fn main() -> Result<(), specwright::Failure> {{
    specwright::compile({contract:?})
}}
"
    )
}

fn library(module: &ir::Module) -> String {
    format!(
        "\
//! {title}

/// What the contract says: made by the build script.
pub mod contract {{
    include!(concat!(env!(\"OUT_DIR\"), \"/{name}.rs\"));
}}
pub mod service;
",
        title = one_line(&module.title),
        name = module.name,
    )
}

fn program(name: &str, module: &ir::Module) -> String {
    let krate = name.replace('-', "_");
    format!(
        "\
//! Serves the API.

use clap::Parser;
use {krate}::contract::{api};
use {krate}::service::Service;

/// Serves the API.
#[derive(Parser)]
struct Arguments {{
    /// Where to listen: a host and a port.
    #[arg(long, value_name = \"ADDRESS\", default_value = \"127.0.0.1:8080\")]
    listen: String,
}}

#[tokio::main]
async fn main() -> std::io::Result<()> {{
    let arguments = Arguments::parse();
    specwright_runtime::serve({api}(Service), &arguments.listen).await
}}
",
        api = module.api,
    )
}

/// A title as one line of a comment.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
