use super::*;
use crate::read::from_text;
use crate::write::to_text;

/// What `text` is written as once it has been read.
fn again<T: Read + Write>(text: &str) -> Option<String> {
    from_text(text, T::read).ok().map(|value| to_text(&value))
}

#[test]
fn null_is_not_absence() {
    assert_eq!(again::<Nullable<String>>("null").as_deref(), Some("null"));
    assert_eq!(again::<Nullable<String>>("\"x\"").as_deref(), Some("\"x\""));
    assert_eq!(again::<Nullable<String>>("1"), None);
    assert_eq!(again::<String>("null"), None);
}

#[test]
fn times_are_written_with_milliseconds_at_least() {
    for (read, written) in [
        ("\"2024-05-06T07:08:09Z\"", "\"2024-05-06T07:08:09.000Z\""),
        (
            "\"2024-05-06T07:08:09.1+00:00\"",
            "\"2024-05-06T07:08:09.100Z\"",
        ),
        (
            "\"2024-05-06t07:08:09.123456-08:00\"",
            "\"2024-05-06T07:08:09.123456-08:00\"",
        ),
    ] {
        assert_eq!(again::<DateTime>(read).as_deref(), Some(written));
    }
    assert_eq!(
        again::<Date>("\"2024-02-29\"").as_deref(),
        Some("\"2024-02-29\"")
    );
    assert_eq!(again::<Date>("\"2023-02-29\""), None);
}

#[test]
fn maps_keep_their_order() {
    let text = "{\"b\":[1,2],\"a\":[]}";
    assert_eq!(again::<Map<Vec<i64>>>(text).as_deref(), Some(text));
    assert_eq!(again::<Map<i64>>(text), None);
}

#[test]
fn objects_or_anything_else() {
    type Either = ObjectOr<Map<bool>>;
    assert_eq!(
        again::<Either>("{\"a\":true}").as_deref(),
        Some("{\"a\":true}")
    );
    assert_eq!(again::<Either>("[ 1.0 ]").as_deref(), Some("[1.0]"));
    assert_eq!(again::<Either>("{\"a\":1}"), None);
}

#[test]
fn bytes_and_identifiers() {
    assert_eq!(
        from_text("\"YWI=\"", Base64::read),
        Ok(Base64(b"ab".to_vec()))
    );
    assert_eq!(again::<Base64>("\"YWI\""), None);
    let id = "\"2C5EA4C0-4067-11E9-8BAD-9B1DEB4D3B7D\"";
    assert_eq!(again::<Uuid>(id), Some(id.to_lowercase()));
    assert_eq!(again::<Box<bool>>("true").as_deref(), Some("true"));
}
