use super::*;
use crate::formats::format;
use crate::number::to_f64;
use crate::one_of::OneOf;
use crate::pattern::{Pattern, pattern};
use crate::read::{Read, Reader, from_text};
use crate::testing::{Random, deadline};
use crate::types::{DateTime, Nullable, read_array};

static CHECKS: Checks = Checks::new(
    r##"{
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$defs": {
        "Order": {
            "type": "object",
            "properties": {
                "sku": {"type": "string", "pattern": "^[A-Z]{2}-\\d{2}$"},
                "count": {"type": "integer", "format": "int32", "minimum": 1,
                    "allOf": [{"minimum": -2147483648, "maximum": 2147483647}]},
                "total": {"type": "integer", "format": "int64",
                    "allOf": [{"minimum": -9223372036854775808, "maximum": 9223372036854775807}]},
                "price": {"type": "number", "exclusiveMinimum": 0, "maximum": 99.5, "multipleOf": 0.01},
                "ratio": {"type": "number", "format": "double", "minimum": -0.5,
                    "allOf": [{"minimum": -1.7976931348623157e308, "maximum": 1.7976931348623157e308}]},
                "tags": {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 3},
                    "minItems": 1, "maxItems": 2},
                "when": {"type": "string", "format": "date-time"},
                "note": {"type": ["null", "string"]},
                "mail": {"type": "string", "format": "email"},
                "id": {"type": "string", "format": "uuid"},
                "either": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
                "state": {"type": "string", "enum": ["open", "done"]}
            },
            "required": ["sku", "count"],
            "additionalProperties": false
        }
    }
}"##,
);
static CHECK_ORDER: Check = Check::new(&CHECKS, "Order");
static PATTERN_SKU: Pattern = Pattern::new("^[A-Z]{2}-\\d{2}$");

/// Shaped as generated types are; only whether it can be read matters here.
struct Order;

impl Read for Order {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Invalid> {
        let (mut sku, mut count) = (None, None);
        reader.begin_object()?;
        while let Some(key) = reader.key()? {
            match &*key {
                "sku" => sku = Some(read_sku(reader)?),
                "count" => count = Some(read_count(reader)?),
                "total" => drop(i64::read(reader)?),
                "price" => read_price(reader)?,
                "ratio" => read_ratio(reader)?,
                "tags" => read_tags(reader)?,
                "when" => drop(DateTime::read(reader)?),
                "note" => drop(Nullable::<String>::read(reader)?),
                "mail" => format(&reader.string()?, Format::Email)?,
                "id" => drop(uuid::Uuid::read(reader)?),
                "either" => read_either(reader)?,
                "state" => match &*reader.string()? {
                    "open" | "done" => {}
                    _ => return Err(reader.refuse()),
                },
                _ => return Err(reader.refuse()),
            }
        }
        reader.present(sku)?;
        reader.present(count)?;
        Ok(Self)
    }
}

fn read_sku(reader: &mut Reader<'_>) -> Result<String, Invalid> {
    let value = String::read(reader)?;
    pattern(&value, &PATTERN_SKU)?;
    Ok(value)
}

fn read_count(reader: &mut Reader<'_>) -> Result<i32, Invalid> {
    let value = i32::read(reader)?;
    minimum(i64::from(value), 1)?;
    Ok(value)
}

fn read_price(reader: &mut Reader<'_>) -> Result<(), Invalid> {
    let value = Number::read(reader)?;
    number_exclusive_minimum(&value, "0")?;
    number_maximum(&value, "99.5")?;
    number_multiple_of(&value, "0.01")
}

fn read_ratio(reader: &mut Reader<'_>) -> Result<(), Invalid> {
    let value = Number::read(reader)?;
    number_minimum(&value, "-0.5")?;
    to_f64(&value).map(drop)
}

fn read_tags(reader: &mut Reader<'_>) -> Result<(), Invalid> {
    let value = read_array(reader, |reader| {
        let value = String::read(reader)?;
        min_length(&value, 1)?;
        max_length(&value, 3)?;
        Ok(value)
    })?;
    min_items(&value, 1)?;
    max_items(&value, 2)
}

fn read_either(reader: &mut Reader<'_>) -> Result<(), Invalid> {
    let raw = reader.raw()?;
    let mut found = OneOf::new();
    found.attempt(raw, String::read, drop);
    found.attempt(raw, crate::number::Integer::read, drop);
    found.single(reader)
}

const NUMBERS: [&str; 27] = [
    "0",
    "-0",
    "1",
    "1.0",
    "-1",
    "5e0",
    "1.5",
    "1e2",
    "0.01",
    "0.005",
    "19.99",
    "99.5",
    "99.51",
    "2147483647",
    "2147483648",
    "-2147483649",
    "9223372036854775807",
    "9223372036854775808",
    "922337203685477580.7e1",
    "1e-400",
    "1e308",
    "1.7976931348623158e308",
    "1e400",
    "-0.5",
    "-0.50000000000000000001",
    "-1e400",
    "0.30000000000000000004",
];

const STRINGS: [&str; 16] = [
    "\"\"",
    "\"a\"",
    "\"abc\"",
    "\"abcd\"",
    "\"é😀x\"",
    "\"AB-12\"",
    "\"AB-123\"",
    "\"ab-12\"",
    "\"open\"",
    "\"a@b.c\"",
    "\"2024-02-29T00:00:00Z\"",
    "\"2023-02-29T00:00:00Z\"",
    "\"2024-02-29T00:00:60Z\"",
    "\"2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d\"",
    "\"2c5ea4c0406711e98bad9b1deb4d3b7d\"",
    "\"AB-\\u0031\\u0032\"",
];

const OTHERS: [&str; 9] = [
    "null",
    "true",
    "[]",
    "{}",
    "[\"a\"]",
    "[\"a\",\"abcd\"]",
    "[\"a\",\"b\",\"c\"]",
    "[1]",
    "{\"a\":1}",
];

const NAMES: [&str; 13] = [
    "sku", "count", "total", "price", "ratio", "tags", "when", "note", "mail", "id", "either",
    "state", "other",
];

fn sample(random: &mut Random) -> String {
    let mut members = Vec::new();
    for name in NAMES {
        let value = match (name, random.below(12)) {
            ("sku", 0..11) => "\"AB-12\"",
            ("count", 0..11) => "7",
            (_, 0..10) => continue,
            _ => match random.below(5) {
                0 | 1 => random.choose(&NUMBERS),
                2 | 3 => random.choose(&STRINGS),
                _ => random.choose(&OTHERS),
            },
        };
        members.push(format!("\"{name}\":{value}"));
    }
    format!("{{{}}}", members.join(","))
}

#[test]
fn readers_and_schemas_agree() {
    let mut random = Random::new(5);
    let end = deadline();
    let mut accepted = 0;
    while !end.passed() {
        let text = sample(&mut random);
        let fast = from_text(&text, Order::read).is_ok();
        let violations = CHECK_ORDER.violations(&text, "");
        assert_eq!(fast, violations.is_empty(), "{text} {violations:?}");
        assert_eq!(fast, CHECK_ORDER.accepts(&text), "{text}");
        accepted += usize::from(fast);
    }
    assert!(accepted > 50, "{accepted}");
}

/// Every number against every bound, one at a time.
#[test]
fn every_number_is_judged_alike() {
    for name in ["count", "total", "price", "ratio", "either"] {
        for number in NUMBERS {
            let text = format!("{{\"sku\":\"AB-12\",\"count\":1,\"{name}\":{number}}}")
                .replace("\"count\":1,\"count\"", "\"count\"");
            let fast = from_text(&text, Order::read).is_ok();
            assert_eq!(fast, CHECK_ORDER.violations(&text, "").is_empty(), "{text}");
        }
    }
}

#[test]
fn every_string_is_judged_alike() {
    for name in NAMES {
        for string in STRINGS.into_iter().chain(OTHERS) {
            let mut text = format!("{{\"{name}\":{string}");
            for (other, value) in [("sku", "\"AB-12\""), ("count", "1")] {
                if other != name {
                    text.push_str(&format!(",\"{other}\":{value}"));
                }
            }
            text.push('}');
            let fast = from_text(&text, Order::read).is_ok();
            assert_eq!(fast, CHECK_ORDER.violations(&text, "").is_empty(), "{text}");
        }
    }
}

#[test]
fn of_very_many_violations_the_first_are_listed() {
    let members: Vec<String> = (0..5000).map(|at| format!("\"m{at}\":0")).collect();
    let unknown = format!("{{\"sku\":\"AB-12\",\"count\":1,{}}}", members.join(","));
    let tags = vec!["\"long\""; 5000].join(",");
    let long = format!("{{\"sku\":\"AB-12\",\"count\":1,\"tags\":[{tags}]}}");
    for json in [unknown, long] {
        let violations = CHECK_ORDER.violations(&json, "/body");
        assert_eq!(violations.len(), 1001);
        assert_eq!(violations[1000].pointer, "/body");
        assert_eq!(violations[1000].keyword, "more");
    }
}

static TREES: Checks = Checks::new(
    r##"{"$defs": {
        "Tree": {"oneOf": [{"$ref": "#/$defs/Left"}, {"$ref": "#/$defs/Right"}, {"type": "integer"}]},
        "Left": {"type": "object", "required": ["left"],
            "properties": {"tree": {"$ref": "#/$defs/Tree"}, "left": {"const": true}}},
        "Right": {"type": "object", "required": ["right"],
            "properties": {"tree": {"$ref": "#/$defs/Tree"}, "right": {"const": true}}}
    }}"##,
);
static CHECK_TREE: Check = Check::new(&TREES, "Tree");

fn grown(depth: usize, leaf: &str) -> String {
    (0..depth).fold(leaf.to_owned(), |tree, level| {
        let side = if level % 2 == 0 { "left" } else { "right" };
        format!("{{\"tree\":{tree},\"{side}\":true}}")
    })
}

/// Each level doubles what is tried: 2^120 attempts would not end.
#[test]
fn alternatives_that_hold_each_other_are_checked_in_bounded_time() {
    for depth in [0, 3, 120] {
        assert!(CHECK_TREE.accepts(&grown(depth, "1")), "{depth}");
        assert!(!CHECK_TREE.accepts(&grown(depth, "\"x\"")), "{depth}");
    }
    let deep = CHECK_TREE.violations(&grown(120, "\"x\""), "/body");
    assert_eq!(
        deep,
        [explain::entangled("/body", crate::read::Kind::Object)]
    );
    assert!(CHECK_TREE.violations(&grown(5, "1"), "/body").is_empty());
}

/// What counts the alternatives changes nothing in what is said of them.
#[test]
fn alternatives_that_are_counted_are_explained_as_others_are() {
    for text in [
        "\"x\"",
        "{}",
        r#"{"tree":2.5,"left":true}"#,
        &grown(4, "\"x\""),
    ] {
        let value = tree(text).expect("the text is JSON");
        let plain = CHECK_TREE.validator().expect("the schema compiles");
        let counted = CHECK_TREE.lister().expect("the schema compiles");
        assert!(!std::ptr::eq(plain, counted));
        let expected = CHECK_TREE.list(plain, &value, text, "/body");
        assert!(!expected.is_empty());
        assert_eq!(CHECK_TREE.violations(text, "/body"), expected, "{text}");
    }
}
