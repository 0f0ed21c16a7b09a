//! Every style and explode, from text to JSON.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{Sources, decode, write};
use crate::check::{Check, Checks};
use crate::operation::{Location, Parameter, Style};
use crate::pairs::Pairs;
use crate::shape::Shape;
use crate::write::Writer;

static CHECKS: Checks = Checks::new(r#"{"$defs":{"Any":true}}"#);
static ANY: Check = Check::new(&CHECKS, "Any");

const STRINGS: Shape = Shape::Array(&Shape::String);
const NUMBERS: Shape = Shape::Array(&Shape::Number);
const OBJECT: Shape = Shape::Object {
    properties: &[
        ("r", Shape::Number),
        ("g", Shape::String),
        ("list", STRINGS),
    ],
    additional: &Shape::String,
};

/// The JSON of `raw` in this place and style, or the keyword of what is wrong with it.
fn read(location: Location, style: Style, explode: bool, shape: Shape, raw: &str) -> String {
    let parameter: &'static Parameter = Box::leak(Box::new(Parameter {
        name: "p",
        location,
        required: false,
        style,
        explode,
        allow_empty_value: false,
        shape,
        check: &ANY,
    }));
    let mut headers = HeaderMap::new();
    let name = if location == Location::Cookie {
        "cookie"
    } else {
        "p"
    };
    headers.insert(
        HeaderName::from_static(name),
        HeaderValue::from_bytes(raw.as_bytes()).expect("a header"),
    );
    let in_query = location == Location::Query;
    let query = if in_query {
        Pairs::of_query(raw)
    } else {
        Pairs::default()
    };
    let sources = Sources {
        path: raw,
        values: &[("p", 0..raw.len())],
        query: &query,
        headers: &headers,
        all: &[],
    };
    let mut writer = Writer::new();
    match write(parameter, &sources, &mut writer) {
        Ok(true) => String::from_utf8(writer.into_bytes()).expect("JSON is text"),
        Ok(false) => "absent".to_owned(),
        Err(garbled) => garbled.keyword.to_owned(),
    }
}

fn path(style: Style, explode: bool, shape: Shape, raw: &str) -> String {
    read(Location::Path, style, explode, shape, raw)
}

fn query(style: Style, explode: bool, shape: Shape, raw: &str) -> String {
    read(Location::Query, style, explode, shape, raw)
}

#[test]
fn simple() {
    assert_eq!(
        path(Style::Simple, false, Shape::String, "a%2Cb,c"),
        r#""a,b,c""#
    );
    assert_eq!(path(Style::Simple, false, Shape::Number, "-1.50"), "-1.50");
    assert_eq!(path(Style::Simple, false, Shape::Number, "01"), r#""01""#);
    assert_eq!(
        path(Style::Simple, false, STRINGS, "a%2Cb,c"),
        r#"["a,b","c"]"#
    );
    assert_eq!(
        path(Style::Simple, false, OBJECT, "r,1,x,y"),
        r#"{"r":1,"x":"y"}"#
    );
    assert_eq!(
        path(Style::Simple, true, OBJECT, "r=1,x=y"),
        r#"{"r":1,"x":"y"}"#
    );
    assert_eq!(path(Style::Simple, false, OBJECT, "r,1,x"), "style");
    assert_eq!(path(Style::Simple, true, OBJECT, "r=1,r=2"), "repeated");
    assert_eq!(path(Style::Simple, false, Shape::String, "%f"), "encoding");
}

#[test]
fn label() {
    assert_eq!(path(Style::Label, false, Shape::Number, ".5"), "5");
    assert_eq!(path(Style::Label, true, NUMBERS, ".1.2"), "[1,2]");
    assert_eq!(path(Style::Label, false, NUMBERS, ".1,2"), "[1,2]");
    assert_eq!(
        path(Style::Label, true, OBJECT, ".r=1.g=a"),
        r#"{"r":1,"g":"a"}"#
    );
    assert_eq!(
        path(Style::Label, false, OBJECT, ".r,1,g,a"),
        r#"{"r":1,"g":"a"}"#
    );
    assert_eq!(path(Style::Label, false, Shape::Number, "5"), "style");
}

#[test]
fn matrix() {
    assert_eq!(path(Style::Matrix, false, Shape::Number, ";p=5"), "5");
    assert_eq!(path(Style::Matrix, true, NUMBERS, ";p=1;p=2"), "[1,2]");
    assert_eq!(path(Style::Matrix, false, NUMBERS, ";p=1,2"), "[1,2]");
    assert_eq!(
        path(Style::Matrix, true, OBJECT, ";r=1;g=a"),
        r#"{"r":1,"g":"a"}"#
    );
    assert_eq!(
        path(Style::Matrix, false, OBJECT, ";p=r,1,g,a"),
        r#"{"r":1,"g":"a"}"#
    );
    assert_eq!(path(Style::Matrix, false, Shape::Number, ";q=5"), "style");
}

#[test]
fn form() {
    assert_eq!(
        query(Style::Form, true, Shape::String, "p=a+b%20c&q=1"),
        r#""a b c""#
    );
    assert_eq!(query(Style::Form, true, Shape::String, "q=1"), "absent");
    assert_eq!(query(Style::Form, true, Shape::String, "p"), r#""""#);
    assert_eq!(
        query(Style::Form, true, Shape::String, "p=1&p=2"),
        "repeated"
    );
    assert_eq!(query(Style::Form, true, NUMBERS, "p=1&p=2"), "[1,2]");
    assert_eq!(
        query(Style::Form, false, STRINGS, "p=a%2Cb,c"),
        r#"["a,b","c"]"#
    );
    assert_eq!(query(Style::Form, false, STRINGS, "p="), "[]");
    assert_eq!(
        query(Style::Form, true, OBJECT, "r=1&list=a&list=b"),
        r#"{"r":1,"list":["a","b"]}"#
    );
    assert_eq!(
        query(Style::Form, false, OBJECT, "p=r,1,g,a"),
        r#"{"r":1,"g":"a"}"#
    );
}

#[test]
fn delimited_and_deep() {
    assert_eq!(
        query(Style::SpaceDelimited, false, NUMBERS, "p=1%202+3"),
        "[1,2,3]"
    );
    assert_eq!(
        query(Style::PipeDelimited, false, NUMBERS, "p=1|2%7C3"),
        "[1,2,3]"
    );
    let deep = |raw: &str| query(Style::DeepObject, true, OBJECT, raw);
    assert_eq!(deep("p[r]=1&p[g]=a"), r#"{"r":1,"g":"a"}"#);
    assert_eq!(deep("p%5Br%5D=1"), r#"{"r":1}"#);
    assert_eq!(deep("p[list][]=a&p[list][]=b"), r#"{"list":["a","b"]}"#);
    assert_eq!(deep("p[list][0]=a&p[list][1]=b"), r#"{"list":["a","b"]}"#);
    assert_eq!(deep("p[x][y]=a"), r#"{"x":{"y":"a"}}"#);
    assert_eq!(deep("p[r]=1&p[r]=2"), "repeated");
    assert_eq!(deep("p[r=1"), "style");
    assert_eq!(deep("q=1"), "absent");
}

#[test]
fn headers_and_cookies() {
    let header = |explode, shape, raw| read(Location::Header, Style::Simple, explode, shape, raw);
    assert_eq!(header(false, NUMBERS, "1, 2"), "[1,2]");
    assert_eq!(header(true, OBJECT, "r=1, g=a%20"), r#"{"r":1,"g":"a%20"}"#);
    let cookie = |explode, shape, raw| read(Location::Cookie, Style::Form, explode, shape, raw);
    assert_eq!(cookie(true, Shape::Number, "a=b; p=3"), "3");
    assert_eq!(cookie(false, NUMBERS, "p=1,2"), "[1,2]");
    assert_eq!(cookie(true, Shape::String, "a=b"), "absent");
}

#[test]
fn several_shapes() {
    const EITHER: Shape = Shape::OneOf {
        shapes: &[Shape::Boolean, Shape::String, NUMBERS],
        takes: |_| true,
    };
    const NESTED: Shape = Shape::Object {
        properties: &[("a", EITHER)],
        additional: &Shape::String,
    };
    assert_eq!(query(Style::Form, true, EITHER, "p=true"), "true");
    assert_eq!(query(Style::Form, true, EITHER, "p=truth"), r#""truth""#);
    assert_eq!(query(Style::Form, true, EITHER, "p=1&p=2"), "[1,2]");
    assert_eq!(query(Style::Form, false, EITHER, "p=true"), "true");
    assert_eq!(query(Style::Form, false, EITHER, "p=1"), r#""1""#);
    assert_eq!(query(Style::Form, false, EITHER, "p=1,2"), "[1,2]");
    assert_eq!(query(Style::PipeDelimited, false, EITHER, "p=true"), "true");
    assert_eq!(
        query(Style::DeepObject, true, NESTED, "p[a]=true"),
        r#"{"a":true}"#
    );
    assert_eq!(
        query(Style::DeepObject, true, NESTED, "p[a][]=1&p[a][]=2"),
        r#"{"a":[1,2]}"#
    );
    assert_eq!(
        query(Style::DeepObject, true, NESTED, "p[a][]=1"),
        r#"{"a":[1]}"#
    );
    assert_eq!(
        query(Style::Form, true, Shape::Json, r#"p={"a":1.0}"#),
        r#"{"a":1.0}"#
    );
}

#[test]
fn a_text_is_divided_unless_only_the_whole_fits() {
    const NUMBERS_OR_TEXT: Shape = Shape::OneOf {
        shapes: &[Shape::String, NUMBERS],
        takes: |json| json.starts_with('"') || !json.contains('"'),
    };
    let listed = |text| query(Style::Form, false, NUMBERS_OR_TEXT, text);
    assert_eq!(listed("p=1,2"), "[1,2]");
    assert_eq!(listed("p=a,b%2Fc"), r#""a,b/c""#);
    let simple = |text| path(Style::Simple, false, NUMBERS_OR_TEXT, text);
    assert_eq!(simple("1,2"), "[1,2]");
    assert_eq!(simple("a,2"), r#""a,2""#);
    assert_eq!(
        path(Style::Matrix, true, NUMBERS_OR_TEXT, ";p=1;p=2"),
        "[1,2]"
    );
    // Where nothing fits, what is wrong is told of the parts.
    assert_eq!(path(Style::Simple, false, NUMBERS, "a,2"), r#"["a",2]"#);
}

#[test]
fn forms_with_very_many_fields() {
    let fields: Vec<_> = (0..200_000).map(|number| format!("f{number}=1")).collect();
    let text = fields.join("&");
    let mut writer = Writer::new();
    assert!(
        Pairs::of_query(&text)
            .write_form(&OBJECT, &[], &mut writer)
            .is_ok()
    );
    assert!(writer.as_bytes().ends_with(b"\"f199999\":\"1\"}"));
}

#[test]
fn percent_encoding() {
    assert_eq!(decode("a%20b+c", false).as_deref(), Ok("a b+c"));
    assert_eq!(decode("a%20b+c", true).as_deref(), Ok("a b c"));
    assert!(decode("%", false).is_err());
    assert!(decode("%g0", false).is_err());
    assert!(decode("%c3%28", false).is_err());
}
