//! One API written in RAML 1.0 and in OpenAPI 3.1: the two give one model and one generated file.

use specwright::Compiled;
use std::path::{Path, PathBuf};

/// The folders of the twins, relative to the repository.
fn twins() -> Vec<PathBuf> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::env::set_current_dir(repository).expect("the repository is there");
    let folder = std::fs::read_dir("tests/cases/accept/twins").expect("the twins are there");
    let mut twins = folder
        .map(|entry| entry.expect("a folder can be read").path())
        .collect::<Vec<_>>();
    twins.sort();
    twins
}

/// The model as text, without the places in the sources and without the dialect.
fn model(path: &Path) -> String {
    let Compiled { api, .. } =
        specwright::analyse(path).unwrap_or_else(|failure| panic!("{}: {failure}", path.display()));
    let text = format!("{api:?}");
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("span: Span {") {
        out.push_str(before);
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    out.replace("dialect: Raml10", "dialect")
        .replace("dialect: OpenApi31", "dialect")
}

/// The generated code without the line that names the contract, and without the contract's own
/// files, which only RAML adds.
fn code(path: &Path) -> String {
    let generated = specwright::generate(path)
        .unwrap_or_else(|failure| panic!("{}: {failure}", path.display()));
    let (_, rust) = generated
        .rust
        .split_once('\n')
        .expect("the code has a header");
    let parts = rust
        .split("\n\n")
        .filter(|part| !part.contains("pub static SOURCES"));
    parts.collect::<Vec<_>>().join("\n\n")
}

#[test]
fn twins_have_one_model() {
    let twins = twins();
    for twin in &twins {
        let (raml, openapi) = (twin.join("api.raml"), twin.join("api.yaml"));
        let (raml, openapi) = (model(&raml), model(&openapi));
        let differs = raml
            .bytes()
            .zip(openapi.bytes())
            .position(|(one, other)| one != other);
        let around = |text: &str| {
            let at = differs.unwrap_or_default();
            let start = text.floor_char_boundary(at.saturating_sub(200));
            let end = text.floor_char_boundary(at + 200);
            text[start..end].to_owned()
        };
        assert!(
            raml == openapi,
            "{}:\nRAML    {}\nOpenAPI {}",
            twin.display(),
            around(&raml),
            around(&openapi)
        );
    }
    assert!(twins.len() >= 7, "only {} twins", twins.len());
}

#[test]
fn twins_compile_to_one_file() {
    for twin in twins() {
        let (raml, openapi) = (twin.join("api.raml"), twin.join("api.yaml"));
        assert_eq!(code(&raml), code(&openapi), "{}", twin.display());
        let document = |path: &Path| specwright::generate(path).map(|one| one.document_yaml);
        let (raml, openapi) = (document(&raml), document(&openapi));
        assert_eq!(
            raml.unwrap_or_else(|failure| panic!("{failure}")),
            openapi.unwrap_or_else(|failure| panic!("{failure}")),
            "{}",
            twin.display()
        );
    }
}
