//! Compiles every accepted case into a module of its own.

use std::fmt::Write;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cases/accept");
    println!("cargo:rerun-if-changed={}", cases.display());
    let mut modules = String::new();
    for area in sorted(&cases)? {
        let area_name = module_name(&area);
        writeln!(modules, "/// An area of cases.\npub mod {area_name} {{")?;
        for case in sorted(&area)?.into_iter().filter(|case| case.is_file()) {
            println!("cargo:rerun-if-changed={}", case.display());
            let generated = specwright::generate(&case)?;
            let file = out.join(&area_name).join(format!("{}.rs", generated.name));
            generated.write(&file)?;
            writeln!(
                modules,
                "/// A case.\npub mod {} {{ include!({file:?}); }}",
                module_name(&case)
            )?;
        }
        writeln!(modules, "}}")?;
    }
    std::fs::write(out.join("cases.rs"), modules)?;
    Ok(())
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
