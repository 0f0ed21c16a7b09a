use super::*;

fn json(shape: &Shape, text: &str) -> String {
    let mut writer = Writer::new();
    shape.write(text, &mut writer);
    String::from_utf8(writer.into_bytes()).expect("JSON is UTF-8")
}

/// An integer, or a string.
const INTEGER_OR_STRING: Shape = Shape::OneOf {
    shapes: &[Shape::Number, Shape::String],
    takes: |json| json.starts_with('"') || json.parse::<i32>().is_ok(),
};

#[test]
fn a_token_that_the_schema_refuses_is_a_string() {
    assert_eq!(json(&INTEGER_OR_STRING, "7"), "7");
    for text in ["1.5", "5e9", "99999999999", "abc", ""] {
        assert_eq!(json(&INTEGER_OR_STRING, text), format!("\"{text}\""));
    }
}

#[test]
fn what_no_reading_of_fits_is_the_token() {
    const SMALL_OR_SHORT: Shape = Shape::OneOf {
        shapes: &[Shape::Number, Shape::String],
        takes: |json| json.len() < 5,
    };
    assert_eq!(json(&SMALL_OR_SHORT, "1234567"), "1234567");
    assert_eq!(json(&SMALL_OR_SHORT, "abcdefg"), r#""abcdefg""#);
}

#[test]
fn a_lone_text_is_its_own_only_item_where_nothing_else_fits() {
    const NUMBERS_OR_WORD: Shape = Shape::OneOf {
        shapes: &[Shape::String, Shape::Array(&Shape::Number)],
        takes: |json| json == r#""all""# || json.starts_with('['),
    };
    assert_eq!(json(&NUMBERS_OR_WORD, "all"), r#""all""#);
    assert_eq!(json(&NUMBERS_OR_WORD, "5"), "[5]");
    assert_eq!(json(&NUMBERS_OR_WORD, ""), "[]");
    const NUMBER_OR_NUMBERS: Shape = Shape::OneOf {
        shapes: &[Shape::Number, Shape::Array(&Shape::Number)],
        takes: |json| !json.contains('"'),
    };
    assert_eq!(json(&NUMBER_OR_NUMBERS, "5"), "5");
    assert_eq!(json(&NUMBER_OR_NUMBERS, "x"), r#""x""#);
}
