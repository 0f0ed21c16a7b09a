//! From a path template and values to a path.

use super::encode::Keep;

/// The path of a template with these values, which are percent-encoded. Literal text keeps what
/// may stand in a path (RFC 3986, section 3.3).
pub fn fill(template: &str, values: &[(&'static str, String)]) -> String {
    let mut path = String::with_capacity(template.len() + 16);
    for (index, segment) in template.split('/').enumerate() {
        if index > 0 {
            path.push('/');
        }
        fill_segment(segment, values, &mut path);
    }
    path
}

fn fill_segment(segment: &str, values: &[(&'static str, String)], path: &mut String) {
    let literals = literals(segment);
    let mut parts = segment.split('{');
    path.push_str(&literal(parts.next().unwrap_or_default()));
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        let value = values.iter().find(|(known, _)| *known == name);
        let value = value.map_or("", |(_, value)| value.as_str());
        // Styles with a prefix separate their own parts by the same signs.
        if value.starts_with(['.', ';']) {
            path.push_str(value);
        } else {
            path.push_str(&apart(value, &literals));
        }
        path.push_str(&literal(rest));
    }
}

/// The characters between and around the parameters of a segment.
fn literals(segment: &str) -> String {
    let mut parts = segment.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |literals, part| {
        literals + part.split_once('}').map_or("", |(_, literal)| literal)
    })
}

fn literal(text: &str) -> String {
    let mut encoded = String::new();
    for one in text.chars() {
        if one.is_ascii_graphic() && !"\"<>\\^`{|}?#".contains(one) {
            encoded.push(one);
        } else {
            encoded.push_str(&Keep::Unreserved.encode(one.encode_utf8(&mut [0; 4])));
        }
    }
    encoded
}

/// A value in which nothing can be taken for the text around it.
fn apart(value: &str, literals: &str) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(value.len());
    let mut rest = value.chars();
    while let Some(one) = rest.next() {
        if one == '%' {
            // What is encoded already stays so.
            text.push('%');
            text.extend(rest.by_ref().take(2));
        } else if literals.contains(one) && one.is_ascii() {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{:02X}", u32::from(one));
        } else {
            text.push(one);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, values: &[(&'static str, &str)]) -> String {
        let values: Vec<(&'static str, String)> = values
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        fill(template, &values)
    }

    #[test]
    fn values_take_the_places_of_their_names() {
        assert_eq!(filled("/a/{b}/c", &[("b", "7")]), "/a/7/c");
        assert_eq!(filled("/{id}.json", &[("id", "a.b")]), "/a%2Eb.json");
        assert_eq!(
            filled("/{a}-{b}", &[("a", "x-y"), ("b", "z%2D")]),
            "/x%2Dy-z%2D"
        );
        assert_eq!(filled("/ä b/{a}", &[("a", "1")]), "/%C3%A4%20b/1");
        assert_eq!(filled("/", &[]), "/");
    }
}
