//! Compiles every accepted case into a module of its own.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use specwright::{Compiler, Sides};

/// The modules, and what of each case is in them.
const MODULES: [(&str, &str, Sides); 3] = [
    ("cases", "", Sides::SERVER),
    ("clients", "The clients alone.", Sides::CLIENT),
    ("both", "Both sides with one set of types.", Sides::BOTH),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cases/accept");
    println!("cargo:rerun-if-changed={}", cases.display());
    let mut text = String::new();
    for (name, docs, sides) in MODULES {
        let modules = compile(&cases, &out.join(name), sides)?;
        if docs.is_empty() {
            text.push_str(&modules);
        } else {
            writeln!(text, "/// {docs}\npub mod {name} {{\n{modules}}}")?;
        }
    }
    text.push_str(&readme(&out)?);
    std::fs::write(out.join("cases.rs"), text)?;
    Ok(())
}

/// Compiles the contract that the README shows, and lays its example of a client ready for a test.
fn readme(out: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    println!("cargo:rerun-if-changed={}", readme.display());
    let readme = std::fs::read_to_string(readme)?;
    let block = |start: &str| {
        let (_, rest) = readme.split_once(start)?;
        rest.split_once("```").map(|(block, _)| block.to_owned())
    };
    let contract = block("```yaml\nopenapi:").ok_or("the README shows no contract")?;
    let example = block("```rust\nuse greetings::").ok_or("the README shows no client")?;
    let address = "\"http://127.0.0.1:8081\"";
    if !example.contains(address) {
        return Err("the README's client calls another address".into());
    }
    let folder = out.join("readme");
    std::fs::create_dir_all(&folder)?;
    let contract_file = folder.join("greetings.yaml");
    std::fs::write(&contract_file, format!("openapi:{contract}"))?;
    let example = example.replace(address, "address");
    std::fs::write(
        folder.join("client.rs"),
        format!(
            "async fn follow(address: &str) -> Result<(), Box<dyn std::error::Error>> {{\n\
             use greetings::{example}\nOk(())\n}}\n"
        ),
    )?;
    let generated = Compiler::new(&contract_file)
        .sides(Sides::BOTH)
        .generate()?;
    let file = folder.join("greetings.rs");
    generated.write(&file)?;
    Ok(format!(
        "/// The contract that the README shows.\npub mod greetings {{ include!({file:?}); }}\n"
    ))
}

/// Compiles every case, and gives a module for each.
fn compile(cases: &Path, out: &Path, sides: Sides) -> Result<String, Box<dyn std::error::Error>> {
    let mut modules = String::new();
    for area in sorted(cases)? {
        let area_name = module_name(&area);
        writeln!(modules, "/// An area of cases.\npub mod {area_name} {{")?;
        for entry in sorted(&area)? {
            // A folder that holds an API written twice is a case too.
            let (case, folder) = match entry.is_file() {
                true => (entry.clone(), out.join(&area_name)),
                false => (
                    entry.join("api.raml"),
                    out.join(&area_name).join(module_name(&entry)),
                ),
            };
            if !case.is_file() {
                continue;
            }
            println!("cargo:rerun-if-changed={}", case.display());
            let generated = Compiler::new(&case).sides(sides).generate()?;
            let file = folder.join(format!("{}.rs", generated.name));
            generated.write(&file)?;
            writeln!(
                modules,
                "/// A case.\npub mod {} {{ include!({file:?}); }}",
                module_name(&entry)
            )?;
        }
        writeln!(modules, "}}")?;
    }
    Ok(modules)
}

fn sorted(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}

fn module_name(path: &Path) -> String {
    let stem = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .replace('-', "_");
    if stem == "enum" || stem == "types" {
        format!("{stem}_")
    } else {
        stem
    }
}
