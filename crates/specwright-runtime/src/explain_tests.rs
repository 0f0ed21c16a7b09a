use crate::check::{Check, Checks};

static CHECKS: Checks = Checks::new(
    r##"{
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$defs": {
        "User": {
            "type": "object",
            "properties": {
                "name": {"type": "string", "minLength": 1, "maxLength": 5, "pattern": "^[a-z]*$"},
                "age": {"type": "integer", "format": "int32", "allOf": [{"minimum": 0, "maximum": 150}]},
                "mail": {"type": ["null", "string"], "format": "email"},
                "role": {"enum": ["admin", "guest"]},
                "level": {"const": 3},
                "price": {"exclusiveMinimum": 0, "exclusiveMaximum": 10, "multipleOf": 0.01},
                "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 2, "uniqueItems": true},
                "id": {"type": "string", "x-specwright-read-only": true},
                "never": false,
                "a/b~c": {"type": "boolean"}
            },
            "required": ["name", "age"],
            "additionalProperties": false
        },
        "Limits": {"type": "object", "properties": {
            "page": {"type": "integer", "minimum": 1, "maximum": 9223372036854775807},
            "size": {"$ref": "#/$defs/Size"},
            "last": {"type": ["null", "integer"], "maximum": 9},
            "wide": {"type": "integer", "minimum": -2147483648, "maximum": 2147483647},
            "price": {"type": "number", "minimum": 1, "maximum": 5},
            "grades": {"type": "array", "items": {"$ref": "#/$defs/Grade"}, "minItems": 1},
            "words": {"allOf": [{"type": "array", "items": {"enum": ["a"]}, "minItems": 2}]},
            "either": {"oneOf": [{"type": "integer", "minimum": 3}, {"type": "boolean"}]},
            "word": {"type": "string", "pattern": "^[0-9]$", "x-specwright-pattern": "^\\d$"},
            "digit": {"type": "string", "pattern": "^[0-9]$"}
        }},
        "Size": {"type": "integer", "minimum": 1, "maximum": 1000},
        "Grade": {"type": "string", "enum": ["1a", "1b"]},
        "Users": {"type": "array", "items": {"$ref": "#/$defs/User"}},
        "Map": {"type": "object", "minProperties": 2, "propertyNames": {"maxLength": 2}},
        "NotNull": {"not": {"type": ["null", "string"], "not": {"type": "string"}}},
        "NotText": {"not": {"type": "string"}},
        "Either": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        "Pet": {"oneOf": [
            {"type": "object", "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}}, "required": ["kind", "lives"]},
            {"type": "object", "properties": {"kind": {"const": "dog"}, "size": {"minimum": 1}}, "required": ["kind"]},
            {"type": "null"}
        ]},
        "Overlap": {"oneOf": [{"minimum": 1}, {"maximum": 9}]},
        "Any": {"anyOf": [
            {"type": "object", "required": ["a"]},
            {"type": "object", "required": ["b"], "properties": {"c": {"type": "string"}}}
        ]},
        "Node": {"oneOf": [
            {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}},
            {"type": "object", "required": ["operands"], "properties": {"operands": {"type": "array", "items": {"$ref": "#/$defs/Node"}, "minItems": 2}}}
        ]},
        "Tree": {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}, "value": {"type": "number"}}},
        "Tagged": {"allOf": [
            {"type": "object", "required": ["method"], "properties": {"method": {"enum": ["card", "cash"]}}},
            {"if": {"required": ["method"], "properties": {"method": {"const": "card"}}}, "then": {"required": ["number"], "properties": {"number": {"type": "string"}}}}
        ]},
        "Odd name~/%": {"type": "string"}
    }
}"##,
);

/// The violations, one a line.
fn told(name: &'static str, json: &str) -> String {
    let check: &'static Check = Box::leak(Box::new(Check::new(&CHECKS, name)));
    let violations = check.violations(json, "/body");
    assert_eq!(violations.is_empty(), check.accepts(json), "{name} {json}");
    let lines: Vec<String> = violations
        .iter()
        .map(|violation| {
            format!(
                "{} {}: {}",
                violation.pointer, violation.keyword, violation.message
            )
        })
        .collect();
    lines.join("\n")
}

#[test]
fn a_value_that_fits_has_no_violations() {
    assert_eq!(
        told(
            "User",
            r#"{"name":"ann","age":5.0,"price":9.99,"a/b~c":true}"#
        ),
        ""
    );
    assert_eq!(told("Odd name~/%", r#""x""#), "");
    assert_eq!(told("NotNull", "1"), "");
}

#[test]
fn every_violation_is_told_in_the_order_of_the_text() {
    let json = r#"{
        "a/b~c": 1, "tags": ["x", "x", 5], "price": 10.005, "level": 4, "role": "root",
        "mail": "nobody", "zip": 1, "id": "u1", "never": null, "name": "Annabel"
    }"#;
    insta::assert_snapshot!(told("User", json), @r#"
    /body/age required: is required
    /body/a~1b~0c type: must be a boolean, but is a number
    /body/tags maxItems: must have at most 2 items
    /body/tags uniqueItems: must not hold the same item twice
    /body/tags/2 type: must be a string, but is a number
    /body/price exclusiveMaximum: must be less than 10
    /body/price multipleOf: must be a multiple of 0.01
    /body/level const: must be 3
    /body/role enum: must be one of "admin", "guest"
    /body/mail format: must be an e-mail address
    /body/zip additionalProperties: is not allowed here
    /body/id readOnly: must not be sent
    /body/never falseSchema: is not allowed here
    /body/name maxLength: must have at most 5 characters
    /body/name pattern: must match the pattern ^[a-z]*$
    "#);
}

#[test]
fn types() {
    insta::assert_snapshot!(told("User", "null"), @r"/body type: must be an object, but is null");
    insta::assert_snapshot!(told("User", r#"{"name":5,"age":"5","mail":true}"#), @r"
    /body/name type: must be a string, but is a number
    /body/age type: must be an integer, but is a string
    /body/mail type: must be a string or null, but is a boolean
    ");
    insta::assert_snapshot!(told("User", r#"{"name":"","age":1.5,"tags":[]}"#), @r"
    /body/name minLength: must have at least 1 character
    /body/age type: must be an integer, but has a fraction
    /body/tags minItems: must have at least 1 item
    ");
}

#[test]
fn limits_beside_a_keyword_are_told_with_it() {
    let json = r#"{"page":"x","size":"x","last":"x","wide":"x","price":"x","grades":[],
        "words":["a"],"either":"x"}"#;
    insta::assert_snapshot!(told("Limits", json), @r#"
    /body/page type: must be an integer of at least 1, but is a string
    /body/size type: must be an integer from 1 to 1000, but is a string
    /body/last type: must be an integer of at most 9 or null, but is a string
    /body/wide type: must be an integer, but is a string
    /body/price type: must be a number, but is a string
    /body/grades minItems: must have at least 1 item, each one of "1a", "1b"
    /body/words minItems: must have at least 2 items, each one of "a"
    /body/either oneOf: must be an integer or a boolean, but is a string
    "#);
    insta::assert_snapshot!(told("Limits", r#"{"size":1.5,"page":0}"#), @r"
    /body/size type: must be an integer from 1 to 1000, but has a fraction
    /body/page minimum: must be at least 1
    ");
    insta::assert_snapshot!(told("Size", "true"), @r"/body type: must be an integer from 1 to 1000, but is a boolean");
    insta::assert_snapshot!(told("Limits", r#"{"word":"x","digit":"x"}"#), @r"
    /body/word pattern: must match the pattern ^\d$
    /body/digit pattern: must match the pattern ^[0-9]$
    ");
}

#[test]
fn places_inside_arrays() {
    insta::assert_snapshot!(told("Users", r#"[{"age":1},5,{"name":"x","age":151}]"#), @r"
    /body/0/name required: is required
    /body/1 type: must be an object, but is a number
    /body/2/age maximum: must be at most 150
    ");
    insta::assert_snapshot!(
        told("Tree", r#"{"children":[{"value":"x"},{"children":[{"children":{}}]}],"value":[]}"#),
        @r"
    /body/children/0/value type: must be a number, but is a string
    /body/children/1/children/0/children type: must be an array, but is an object
    /body/value type: must be a number, but is an array
    "
    );
}

#[test]
fn member_names_and_counts() {
    insta::assert_snapshot!(told("Map", r#"{"long":1}"#), @r#"
    /body minProperties: must have at least 2 members
    /body propertyNames: has a member whose name, "long", must have at most 2 characters
    "#);
}

#[test]
fn negation() {
    insta::assert_snapshot!(told("NotNull", "null"), @r"/body not: must not be null");
    insta::assert_snapshot!(told("NotText", "\"x\""), @r"/body not: must not be a string");
}

#[test]
fn alternatives() {
    insta::assert_snapshot!(told("Either", "true"), @r"/body oneOf: must be a string or an integer, but is a boolean");
    insta::assert_snapshot!(told("Either", "1.5"), @r"/body oneOf: must be a string or an integer, but has a fraction");
    insta::assert_snapshot!(told("Overlap", "5"), @r"/body oneOf: fits more than one of the alternatives, and must fit exactly one");
    insta::assert_snapshot!(told("Any", r#"{"c":1}"#), @r"/body anyOf: fits none of the alternatives: a is required; or b is required");
}

#[test]
fn the_alternative_that_is_meant() {
    insta::assert_snapshot!(told("Pet", r#"{"kind":"cat","lives":"nine"}"#), @r"/body/lives type: must be an integer, but is a string");
    insta::assert_snapshot!(told("Pet", r#"{"kind":"dog","size":0}"#), @r"/body/size minimum: must be at least 1");
    insta::assert_snapshot!(told("Pet", r#"{"kind":"cow"}"#), @r#"/body oneOf: fits none of the alternatives: kind must be "cat"; or kind must be "dog""#);
    insta::assert_snapshot!(told("Pet", "1"), @r"/body oneOf: must be an object or null, but is a number");
    insta::assert_snapshot!(told("Any", r#"{"b":1,"c":1}"#), @r"/body/c type: must be a string, but is a number");
    insta::assert_snapshot!(told("Node", r#"{"text":""}"#), @r"/body/text minLength: must have at least 1 character");
    insta::assert_snapshot!(told("Node", r#"{"operands":[{"text":"a"}]}"#), @r"/body/operands minItems: must have at least 2 items");
    insta::assert_snapshot!(told("Node", r#"{"operands":[{"text":"a"},{"text":1}]}"#), @r"/body/operands/1/text type: must be a string, but is a number");
    insta::assert_snapshot!(told("Node", "{}"), @r"/body oneOf: fits none of the alternatives: text is required; or operands is required");
    insta::assert_snapshot!(told("Node", r#"{"text":"","operands":[]}"#), @r"/body oneOf: fits none of the alternatives: text must have at least 1 character; or operands must have at least 2 items");
}

#[test]
fn discriminators() {
    insta::assert_snapshot!(told("Tagged", r#"{"method":"card","number":1}"#), @r"/body/number type: must be a string, but is a number");
    insta::assert_snapshot!(told("Tagged", r#"{"method":"card"}"#), @r"/body/number required: is required");
    insta::assert_snapshot!(told("Tagged", r#"{"method":"coin"}"#), @r#"/body/method enum: must be one of "card", "cash""#);
    insta::assert_snapshot!(told("Tagged", "{}"), @r"/body/method required: is required");
}

#[test]
fn what_programs_are_told() {
    let check: &'static Check = Box::leak(Box::new(Check::new(&CHECKS, "User")));
    let found = check.violations(r#"{"name":5,"role":"x"}"#, "");
    let age = found.first().expect("age is missing");
    assert_eq!(
        (age.pointer.as_str(), age.missing.as_deref()),
        ("/age", Some("age"))
    );
    let name = found.get(1).expect("name is no string");
    assert_eq!(name.expected, Some("string".into()));
    assert_eq!(name.found, crate::read::Kind::Number);
    assert_eq!(name.value, Some(5.into()));
    assert_eq!(age.value, None);
    let role = found.get(2).expect("role is none of its values");
    assert_eq!(role.expected, Some(serde_json::json!(["admin", "guest"])));
}

#[test]
fn a_schema_that_is_not_there_accepts_nothing() {
    assert_eq!(told("Absent", "1"), "/body $ref: cannot be checked");
}
