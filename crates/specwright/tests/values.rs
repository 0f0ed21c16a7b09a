//! The checker of examples and defaults against the JSON Schema Test Suite, which lies outside of
//! the repository: `SPECWRIGHT_CORPUS` names the folder that holds it.

use specwright::diag::{self, Diagnostics};
use specwright::source::Sources;
use specwright::values::{Checker, Verdict};
use specwright::yaml::{self, Node, Value};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Groups of the suite that are decided differently: file, beginning of the group's description,
/// reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "default",
        "invalid type for default",
        "OAS 3.1, Schema Object: a default must be of the type",
    ),
    (
        "enum",
        "empty enum",
        "a schema that nothing can satisfy is refused",
    ),
    (
        "minContains",
        "maxContains < minContains",
        "a schema that nothing can satisfy is refused",
    ),
    ("format", "date format", "formats are asserted"),
    ("format", "date-time format", "formats are asserted"),
    ("format", "time format", "formats are asserted"),
    ("format", "uuid format", "formats are asserted"),
    (
        "ref",
        "naive replacement of $ref",
        "moving the schema into a contract changes the value of its enum",
    ),
    (
        "vocabulary",
        "ignore unrecognized optional vocabulary",
        "metaschemas of others are refused",
    ),
];

/// What specwright refuses by name, so that a schema with it is never checked.
const REFUSED: [&str; 5] = [
    "\"$id\":",
    "\"$dynamicRef\":",
    "\"$dynamicAnchor\":",
    "\"$vocabulary\":",
    "\"$ref\":\"http",
];

/// A test group: a schema, and values with what is to be said of each.
struct Group {
    description: String,
    schema: String,
    values: Vec<(String, String, bool)>,
}

fn groups(path: &Path) -> Vec<Group> {
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let file = sources.load(path).expect("the suite can be read");
    let root = yaml::parse(file, &sources, &mut diagnostics).expect("the suite is JSON");
    let groups = root.as_sequence().expect("a file lists groups").iter();
    groups.map(group).collect()
}

fn group(node: &Node) -> Group {
    let text = |node: &Node, key: &str| {
        let text = node.get(key).and_then(Node::as_str);
        text.expect("a description is a string").to_owned()
    };
    let tests = node.get("tests").and_then(Node::as_sequence);
    let tests = tests.expect("a group lists tests").iter().map(|test| {
        let data = json(test.get("data").expect("a test has data"), false);
        let valid = test.get("valid").map(|node| &node.value);
        let valid = matches!(valid, Some(Value::Bool(true)));
        (text(test, "description"), data, valid)
    });
    Group {
        description: text(node, "description"),
        schema: json(node.get("schema").expect("a group has a schema"), true),
        values: tests.collect(),
    }
}

/// JSON text. In a schema, references to its root lead to where it stands in the contract.
fn json(node: &Node, schema: bool) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(text) => text.clone(),
        Value::String(text) => quoted(text),
        Value::Sequence(items) => {
            let items = items.iter().map(|item| json(item, schema));
            format!("[{}]", items.collect::<Vec<_>>().join(","))
        }
        Value::Mapping(members) => {
            let members = members.iter().map(|entry| {
                let value = match entry.value.as_str() {
                    Some(text) if schema && entry.key == "$ref" => quoted(&moved(text)),
                    _ => json(&entry.value, schema),
                };
                format!("{}:{value}", quoted(&entry.key))
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
    }
}

fn moved(reference: &str) -> String {
    match reference {
        "#" => "#/components/schemas/S".to_owned(),
        _ => match reference.strip_prefix("#/") {
            Some(rest) => format!("#/components/schemas/S/{rest}"),
            None => reference.to_owned(),
        },
    }
}

fn quoted(text: &str) -> String {
    specwright::model::Json::String(text.to_owned()).to_text()
}

/// What the checker says differently from the suite; `Err` when the schema is refused.
fn differences(group: &Group) -> Result<Vec<String>, String> {
    let values = group.values.iter().map(|(_, data, _)| data.as_str());
    let values = values.collect::<Vec<_>>().join(",");
    let text = format!(
        r#"{{"openapi":"3.1.0","info":{{"title":"Suite","version":"1"}},"components":
        {{"schemas":{{"S":{},"Values":{{"examples":[{values}]}}}}}}}}"#,
        group.schema
    );
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let root = sources.add("suite.json", text);
    let api = specwright::lower(root, &mut sources, &mut diagnostics);
    let api = api.filter(|_| !diagnostics.has_errors());
    let Some(api) = api else {
        return Err(diag::render(&diagnostics, &sources, false));
    };
    let find = |name: &str| {
        let found = api.named_schemas.iter().find(|(known, _)| known == name);
        found.expect("the schema is there").1
    };
    let checker = Checker::new(&api.schemas);
    let values = &api.schema(find("Values")).examples;
    let mut wrong = Vec::new();
    for (value, (description, data, valid)) in values.iter().zip(&group.values) {
        let verdict = checker.check(find("S"), value);
        if (verdict == Verdict::Valid) != *valid {
            wrong.push(format!(
                "{}: {description}: {data}: {verdict:?}",
                group.description
            ));
        }
    }
    Ok(wrong)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the corpus has the suite");
    let paths = entries.map(|entry| entry.expect("a folder can be read").path());
    let mut paths = paths
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect::<Vec<_>>();
    paths.sort();
    paths
}

#[test]
fn the_suite_agrees() {
    let Some(corpus) = std::env::var_os("SPECWRIGHT_CORPUS") else {
        eprintln!("SKIPPED: SPECWRIGHT_CORPUS does not name a folder with the suite");
        return;
    };
    let folder = Path::new(&corpus).join("json-schema-test-suite/tests/draft2020-12");
    let optional = [
        "bignum",
        "ecmascript-regex",
        "float-overflow",
        "non-bmp-regex",
    ];
    let formats = ["date", "date-time", "time", "uuid"].map(|name| format!("format/{name}"));
    let optional = optional.map(str::to_owned).into_iter().chain(formats);
    let optional = optional.map(|name| folder.join(format!("optional/{name}.json")));
    let (mut decided, mut left_out, mut wrong, mut unused) =
        (0, 0, Vec::new(), BTreeSet::from_iter(0..EXCEPTIONS.len()));
    for path in files(&folder).into_iter().chain(optional) {
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        for group in groups(&path) {
            let exception = EXCEPTIONS.iter().position(|(file, beginning, _)| {
                *file == name && group.description.starts_with(beginning)
            });
            let refused = REFUSED.iter().any(|word| group.schema.contains(word));
            if refused && differences(&group).is_err() {
                left_out += group.values.len();
                continue;
            }
            let found = differences(&group).unwrap_or_else(|refusal| {
                vec![format!("{}: refused: {refusal}", group.description)]
            });
            match (exception, found.is_empty()) {
                (None, true) => decided += group.values.len(),
                (None, false) => wrong.extend(found.iter().map(|one| format!("{name}: {one}"))),
                (Some(exception), false) => drop(unused.remove(&exception)),
                (Some(_), true) => decided += group.values.len(),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let unused = unused.iter().map(|at| EXCEPTIONS[*at]).collect::<Vec<_>>();
    assert!(
        unused.is_empty(),
        "these exceptions are not needed: {unused:#?}"
    );
    println!("{decided} values are decided as the suite says, {left_out} are of refused schemas");
    assert!(decided > 1000, "only {decided} values were decided");
}
