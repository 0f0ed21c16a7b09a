use super::*;
use crate::model::Json;

fn read(text: &str) -> (Option<Node>, Vec<&'static str>) {
    let mut sources = Sources::new();
    let file = sources.add("a.yaml", text);
    let mut diagnostics = Diagnostics::new();
    let node = parse(file, &sources, &mut diagnostics);
    (node, diagnostics.iter().map(|one| one.code).collect())
}

fn scalar(text: &str) -> String {
    let (node, codes) = read(&format!("a: {text}"));
    assert!(codes.is_empty(), "{text}: {codes:?}");
    match node
        .as_ref()
        .and_then(|node| node.get("a"))
        .map(|node| &node.value)
    {
        Some(Value::Null) => "null".into(),
        Some(Value::Bool(value)) => format!("bool {value}"),
        Some(Value::Number(text)) => format!("number {text}"),
        Some(Value::String(text)) => format!("string {text}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn the_core_schema_decides_plain_scalars() {
    for (text, expected) in [
        ("", "null"),
        ("~", "null"),
        ("Null", "null"),
        ("nULL", "string nULL"),
        ("true", "bool true"),
        ("FALSE", "bool false"),
        ("yes", "string yes"),
        ("on", "string on"),
        ("12", "number 12"),
        ("+12", "number 12"),
        ("012", "number 12"),
        ("-0", "number -0"),
        ("0x1F", "number 31"),
        ("0o17", "number 15"),
        ("0b1", "string 0b1"),
        (".5", "number 0.5"),
        ("-.5e3", "number -0.5e3"),
        ("1.", "number 1.0"),
        ("1.50", "number 1.50"),
        (
            "12345678901234567890123456789",
            "number 12345678901234567890123456789",
        ),
        ("1e", "string 1e"),
        ("1_000", "string 1_000"),
        ("2020-01-01", "string 2020-01-01"),
        ("12:30:45", "string 12:30:45"),
        (".", "string ."),
        ("!!str 12", "string 12"),
        ("!!int \"12\"", "number 12"),
        ("'12'", "string 12"),
        ("\"\\ud83d\\ude00\"", "string 😀"),
        ("\"a\\/b\"", "string a/b"),
    ] {
        assert_eq!(scalar(text), expected, "{text:?}");
    }
}

#[test]
fn spans_cover_keys_and_values() {
    let text = "é: 1\nlist: [one, 'two']\n";
    let (node, _) = read(text);
    let node = node.unwrap();
    let entry = node.as_mapping().unwrap().get("list").unwrap();
    let slice = |span: crate::source::Span| &text[span.start as usize..span.end as usize];
    assert_eq!(slice(entry.key_span), "list");
    assert_eq!(slice(entry.value.span), "[one, 'two']");
    let items = entry.value.as_sequence().unwrap();
    assert_eq!(slice(items[1].span), "'two'");
}

#[test]
fn aliases_stand_for_their_anchor_and_have_a_budget() {
    let (node, codes) = read("a: &x {b: 1}\nc: *x\n&k d: 1\n");
    assert!(codes.is_empty(), "{codes:?}");
    assert!(node.unwrap().get("c").unwrap().get("b").is_some());
    let mut bomb = String::from("a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n");
    for level in 1..10 {
        let list = vec![format!("*a{}", level - 1); 10].join(",");
        bomb.push_str(&format!("a{level}: &a{level} [{list}]\n"));
    }
    assert_eq!(read(&bomb).1, ["too-many-aliases"]);
    assert_eq!(read("a: &a [*a]").1, ["endless-alias"]);
    assert_eq!(read("a: *b").1, ["unknown-anchor"]);
}

#[test]
fn what_is_no_contract_is_refused_by_name() {
    for (text, codes) in [
        ("a: 1\na: 2", vec!["duplicate-key"]),
        ("true: 1", vec!["key-not-a-string"]),
        ("1.5: 1", vec!["key-not-a-string"]),
        ("[a]: 1", vec!["key-not-a-string"]),
        ("200: 1", vec![]),
        ("'true': 1", vec![]),
        ("a: {<<: {b: 1}}", vec!["merge-key"]),
        ("a: 1\n---\nb: 1", vec!["several-documents"]),
        ("", vec!["empty-document"]),
        ("# nothing", vec!["empty-document"]),
        ("a: .nan", vec!["not-json"]),
        ("a: !foo 1", vec!["unknown-tag"]),
        ("a: !include b.raml", vec![]),
        ("a:\n\t- 1", vec!["syntax"]),
        ("a: [1", vec!["syntax"]),
    ] {
        assert_eq!(read(text).1, codes, "{text:?}");
    }
}

#[test]
fn deep_documents_are_refused_without_a_crash() {
    for depth in [190, 250, 100_000] {
        let text = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(read(&text).1.is_empty(), depth < MAX_DEPTH, "{depth}");
    }
    let block = (0..300)
        .map(|level| format!("{}a:\n", " ".repeat(level)))
        .collect::<String>();
    assert_eq!(read(&block).1, ["too-deep"]);
}

#[test]
fn json_is_indented_with_tabs_or_spaces() {
    let (node, codes) = read("{\n\t\"a\": [\n\t\t1,\n\t\t2.50\n\t]\n}\n");
    assert!(codes.is_empty(), "{codes:?}");
    assert!(node.unwrap().get("a").is_some());
    assert!(read("\u{feff}a: 1").0.unwrap().get("a").is_some());
}

/// Values without their positions.
fn shape(node: &Node) -> String {
    match &node.value {
        Value::Mapping(mapping) => {
            let members = mapping.iter();
            let members = members.map(|entry| format!("{:?}:{}", entry.key, shape(&entry.value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        Value::Sequence(items) => {
            format!(
                "[{}]",
                items.iter().map(shape).collect::<Vec<_>>().join(",")
            )
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn json_means_the_same_by_the_short_cut_and_as_yaml() {
    for text in [
        r#"{"a": [1, -2.50, 1e9, 0, -0, 12345678901234567890.10]}"#,
        r#"{"\ud83d\ude00": "\u0041\n\/\"\\", "": null, "x": {}, "y": []}"#,
        r#"[true, false, null, "true", "é"]"#,
        "{\n  \"a\": \"b\"\n}\n",
    ] {
        let mut sources = Sources::new();
        let file = sources.add("a.json", text);
        let short = json::read(file, text).expect(text);
        let long = build::build(file, text, &mut Diagnostics::new()).expect(text);
        assert_eq!(shape(&short), shape(&long), "{text}");
        assert_eq!(short.span, long.span, "{text}");
    }
    for text in [
        "{\"a\": 01}",
        "{a: 1}",
        "[1,]",
        "{\"a\":1,\"a\":2}",
        "[1] 2",
        "[\"\\ud800\"]",
        "[.5]",
    ] {
        assert!(json::read(Default::default(), text).is_none(), "{text}");
    }
}

#[test]
fn yaml_text_reads_back_as_the_same_value() {
    let strings = [
        "",
        " ",
        "a",
        "a b",
        "a: b",
        "a #b",
        "#a",
        "- a",
        "-",
        "?",
        "yes",
        "Null",
        "true",
        "~",
        "1",
        "1.5",
        "0x1",
        "1e3",
        ".inf",
        "a\nb",
        "a\nb\n",
        "a\nb\n\n",
        "\na\nb",
        "  a\nb",
        "a \nb",
        "a\n\n  b\n",
        "\t",
        "a\tb",
        "é",
        "日本",
        "😀",
        "\u{0}",
        "\u{7f}",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "\"",
        "\\",
        "'",
        "`",
        "%a",
        "@a",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "{a",
        "[a",
        "a]",
        "a,b",
        "a:",
        ":a",
        "---",
        "...",
        "<<",
        "=",
        "a\r\nb",
        "$ref",
        "/pets/{id}",
        "200",
    ];
    let long = "k".repeat(1500);
    let mut members = vec![(long, Json::Number("1".into()))];
    for text in strings {
        let nested = vec![
            Json::String(text.into()),
            Json::Array(vec![Json::String(text.into()), Json::Array(vec![])]),
            Json::Object(vec![
                (text.into(), Json::String(text.into())),
                ("x".into(), Json::Object(vec![])),
            ]),
        ];
        members.push((text.into(), Json::Array(nested)));
        members.push((
            format!("k{text}"),
            Json::Object(vec![("t".into(), Json::String(text.into()))]),
        ));
    }
    members.push((
        "n".into(),
        Json::Array(vec![
            Json::Null,
            Json::Bool(false),
            Json::Number("-1.50e+3".into()),
        ]),
    ));
    let value = Json::Object(members);
    let text = value.to_yaml_text();
    let (node, codes) = read(&text);
    assert!(codes.is_empty(), "{codes:?}\n{text}");
    assert_eq!(plain(&node.unwrap()), value, "{text}");
}

fn plain(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(text) => Json::Number(text.clone()),
        Value::String(text) => Json::String(text.clone()),
        Value::Sequence(items) => Json::Array(items.iter().map(plain).collect()),
        Value::Mapping(members) => Json::Object(
            members
                .iter()
                .map(|entry| (entry.key.clone(), plain(&entry.value)))
                .collect(),
        ),
    }
}

#[test]
fn advice_names_what_to_write() {
    let advised = |text: &str, expected: &str| {
        let (node, _) = read(&format!("a: {text}"));
        let node = node.as_ref().and_then(|node| node.get("a"));
        node.map(|node| advice(node, expected)).unwrap_or_default()
    };
    for (text, expected, help) in [
        ("5", "a string", "put quotes around it: `\"5\"`"),
        ("true", "a string", "put quotes around it: `\"true\"`"),
        ("[a]", "a string", "write one text"),
        ("'true'", "true or false", "remove the quotes: `true`"),
        ("yes", "true or false", "YAML 1.2 writes `true`"),
        ("maybe", "true or false", "write `true` or `false`"),
        ("'5'", "a number", "remove the quotes: `5`"),
        ("five", "a number", "write a number such as `10`"),
        ("inf", "a number", "write a number such as `10`"),
        ("{a: 1}", "an array", "begin each item with `-`"),
        ("a", "an array", "put it into brackets"),
        (
            "a.yaml#/b",
            "an object",
            "refer to it by `{$ref: \"a.yaml#/b\"}`",
        ),
        ("a b.yaml", "an object", "write its members, `name: value`"),
        (
            "[a]",
            "an object",
            "write members, `name: value`, in place of items",
        ),
    ] {
        assert_eq!(advised(text, expected), help, "{text}");
    }
}
