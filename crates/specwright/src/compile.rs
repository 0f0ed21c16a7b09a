//! The stages in a row.

use crate::diag::{Diagnostics, render};
use crate::ir::Sides;
use crate::model::{Api, Dialect};
use crate::source::{FileId, Sources, normal};
use crate::{dialect, emit, freeze, ir, openapi, output, parts, raml};
use std::fmt;
use std::path::{Path, PathBuf};

/// A contract that was read and understood.
#[derive(Debug)]
pub struct Compiled {
    /// The resolved contract.
    pub api: Api,
    /// Every file that was read.
    pub sources: Sources,
    /// Warnings.
    pub diagnostics: Diagnostics,
}

/// What a contract compiles to.
#[derive(Debug)]
pub struct Generated {
    /// The API's name in kebab case: the stem of the files.
    pub name: String,
    /// The Rust source; it includes the files beside it by name.
    pub rust: String,
    /// Which sides of the API it holds.
    pub sides: Sides,
    /// The contract as it is served, JSON.
    pub document_json: String,
    /// The contract as it is served, YAML.
    pub document_yaml: String,
    /// The schemas that the runtime checks, a JSON Schema 2020-12 document.
    pub checks: String,
    /// The contract's own files where the served document is in another dialect: the path relative
    /// to the root document, and the text; the root first. Empty for OpenAPI, and for a client.
    pub sources: Vec<(String, String)>,
    /// Every file that was read.
    pub read: Vec<PathBuf>,
    /// Warnings as text, empty when there are none.
    pub warnings: String,
}

/// Why a contract does not compile: everything wrong with it, as text for people.
pub struct Failure {
    text: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// The same text: a build script's `main` prints it this way.
impl fmt::Debug for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the contract does not compile\n\n{}", self.text)
    }
}

impl std::error::Error for Failure {}

impl Failure {
    fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }
}

/// Lowers the contract whose root document is `root`, in whichever dialect it is written.
///
/// Files that it refers to are read into `sources`. `None` means that nothing could be made of the
/// document; an answer may still come with errors, and is then not fit for the next stage.
pub fn lower(root: FileId, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<Api> {
    if !dialect::is_raml(&sources.get(root).text) {
        return openapi::lower(root, sources, diagnostics);
    }
    let lowered = raml::lower(root, sources, diagnostics)?;
    let values = lowered.values.into_iter().map(|one| openapi::Value {
        schema: one.schema,
        value: one.value,
        what: one.what,
    });
    let tree = (lowered.document, values.collect());
    let api = openapi::lower_tree(tree, Dialect::Raml10, diagnostics);
    lowered.trail.explain(diagnostics);
    api
}

/// Reads and checks a contract.
///
/// # Errors
/// Everything that is wrong with it, rendered.
pub fn analyse(path: &Path) -> Result<Compiled, Failure> {
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let root = sources.load(path).map_err(|error| {
        Failure::new(format!("error: cannot read {}: {error}\n", path.display()))
    })?;
    if let Some(kind) = raml::fragment_kind(&sources.get(root).text) {
        let path = path.display();
        return Err(Failure::new(format!(
            "error: {path} is a {kind} fragment of RAML, and only an API can be compiled\n"
        )));
    }
    let api = lower(root, &mut sources, &mut diagnostics);
    match api {
        Some(api) if !diagnostics.has_errors() => Ok(Compiled {
            api,
            sources,
            diagnostics,
        }),
        _ => Err(Failure::new(render(&diagnostics, &sources, false))),
    }
}

/// Compiles a contract to a server. Its name is the file's, without the last extension.
///
/// # Errors
/// Everything that is wrong with it, rendered.
pub fn generate(path: &Path) -> Result<Generated, Failure> {
    Compiler::new(path).generate()
}

/// Compiles a contract to a server into `OUT_DIR`, for build scripts: `<name>.rs` and the files it
/// includes.
///
/// Tells cargo to run the build script again when any file of the contract changes.
///
/// # Errors
/// Everything that is wrong with the contract, rendered; or why a file cannot be written. Return
/// it from the build script's `main`, and cargo shows it.
pub fn compile(path: impl AsRef<Path>) -> Result<(), Failure> {
    Compiler::new(path).compile()
}

/// Compiles a contract to one side of its API, or to both with one set of types.
///
/// ```no_run
/// use specwright::{Compiler, Sides};
///
/// fn main() -> Result<(), specwright::Failure> {
///     Compiler::new("openapi/museum.yaml")
///         .sides(Sides::BOTH)
///         .compile()
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Compiler {
    path: PathBuf,
    sides: Sides,
}

impl Compiler {
    /// Compiles this contract to a server.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().to_path_buf(),
            sides: Sides::SERVER,
        }
    }

    /// Compiles to these sides.
    pub fn sides(mut self, sides: Sides) -> Self {
        self.sides = sides;
        self
    }

    /// What the contract compiles to.
    ///
    /// # Errors
    /// Everything that is wrong with it, rendered; or, when it is frozen, everything that it differs
    /// in from what was frozen.
    pub fn generate(&self) -> Result<Generated, Failure> {
        let path = &self.path;
        let Compiled {
            api,
            sources,
            diagnostics,
        } = analyse(path)?;
        let watched =
            freeze::check(path, &api).map_err(|refusal| Failure::new(refusal.to_string()))?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let source = path.to_string_lossy().replace('\\', "/");
        let mut module = ir::lower(&api, &source, &stem, self.sides);
        let own = match api.dialect {
            Dialect::Raml10 if self.sides.server => own_files(path, &sources),
            _ => Vec::new(),
        };
        module.sources = own.iter().map(|(path, _)| path.clone()).collect();
        let document_json = api.document.to_pretty_text();
        Ok(Generated {
            rust: emit::emit(&module),
            checks: module.check_document.to_pretty_text(),
            name: module.name,
            sides: self.sides,
            document_yaml: api.document.to_yaml_text(),
            document_json,
            sources: own,
            read: sources
                .paths()
                .map(Path::to_path_buf)
                .chain(watched)
                .collect(),
            warnings: render(&diagnostics, &sources, false),
        })
    }

    /// Writes `<name>.rs` and the files it includes into `OUT_DIR`, as [`compile()`] does.
    ///
    /// # Errors
    /// As of [`compile()`].
    pub fn compile(&self) -> Result<(), Failure> {
        println!("cargo:rerun-if-changed={}", self.path.display());
        let out = std::env::var_os("OUT_DIR").ok_or_else(|| {
            Failure::new("error: OUT_DIR is not set: `compile` is for build scripts\n")
        })?;
        let generated = self.generate()?;
        for file in &generated.read {
            println!("cargo:rerun-if-changed={}", file.display());
        }
        for line in generated.warnings.lines() {
            println!("cargo:warning={line}");
        }
        let out = Path::new(&out);
        generated
            .write(&out.join(format!("{}.rs", generated.name)))
            .map_err(|error| {
                Failure::new(format!(
                    "error: cannot write to {}: {error}\n",
                    out.display()
                ))
            })
    }
}

/// Every file that was read, by its path as seen from the root document.
fn own_files(root: &Path, sources: &Sources) -> Vec<(String, String)> {
    let folder = normal(root.parent().unwrap_or(Path::new("")));
    let mut files: Vec<(String, String)> = Vec::new();
    for source in sources.iter() {
        let path = relative(&normal(&source.path), &folder);
        if !files.iter().any(|(known, _)| *known == path) {
            files.push((path, source.text.clone()));
        }
    }
    files
}

/// The way from a folder to a file, with slashes.
fn relative(file: &Path, folder: &Path) -> String {
    let own = file.components().collect::<Vec<_>>();
    let from = folder.components().collect::<Vec<_>>();
    let common = own
        .iter()
        .zip(&from)
        .take_while(|(one, other)| one == other);
    let common = common.count();
    let up = from.iter().skip(common).map(|_| "..".to_owned());
    let down = own.iter().skip(common);
    let down = down.map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

impl Generated {
    /// Writes the Rust source to `file` and the files it includes beside it. A large source is laid
    /// out in parts, in a folder that is named after the file (`gh.parts/` for `gh.rs`): one edit
    /// of the contract then moves few lines of it, and is checked quickly.
    ///
    /// # Errors
    /// When a file cannot be written; what was there before is then still there.
    pub fn write(&self, file: &Path) -> std::io::Result<()> {
        let folder = file.parent().unwrap_or(Path::new(""));
        let beside = |suffix: &str| folder.join(format!("{}.{suffix}", self.name));
        let mut in_parts = file.file_stem().unwrap_or_default().to_owned();
        in_parts.push(".parts");
        let parts = parts::split(&self.rust, &in_parts.to_string_lossy());
        let in_parts = folder.join(in_parts);
        let (rust, parts) = match &parts {
            Some(parts) => (&parts.head, parts.files.as_slice()),
            None => (&self.rust, [].as_slice()),
        };
        let mut files: Vec<(PathBuf, &str)> = parts
            .iter()
            .map(|(name, text)| (in_parts.join(name), text.as_str()))
            .collect();
        files.push((beside("checks.json"), &self.checks));
        if self.sides.server {
            files.push((beside("openapi.json"), &self.document_json));
            files.push((beside("openapi.yaml"), &self.document_yaml));
        }
        for (index, (_, text)) in self.sources.iter().enumerate() {
            files.push((beside(&format!("source.{index}")), text));
        }
        files.push((file.to_path_buf(), rust));
        output::write(&files)?;
        output::sweep(&in_parts, parts::MARK, &files)
    }
}
