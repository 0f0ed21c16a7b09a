use super::*;
use crate::json::{Json, value_of};
use crate::scan::plain_until;
use crate::testing::{Random, deadline};

fn fault(text: &str) -> Option<SyntaxFault> {
    let mut reader = Reader::new(text);
    let outcome = reader.skip().and_then(|()| reader.end());
    assert_eq!(outcome.is_err(), reader.fault().is_some(), "{text}");
    reader.fault()
}

#[test]
fn what_is_json() {
    for text in [
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-1.5e+10",
        "1E5",
        "1e-0",
        "0.000",
        "\"\"",
        "[]",
        "[ ]",
        "{}",
        "{ }",
        " [1 , 2]\r\n\t",
        "{\"a\":{\"a\":[{},[]]}}",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\uD83D\\uDE00\"",
        "\"\u{7f}\u{2028}é😀\"",
        "{\"\":1,\" \":2}",
        "123456789012345678901234567890.5",
        "\"\\u0000\"",
    ] {
        assert_eq!(fault(text), None, "{text}");
    }
}

#[test]
fn what_is_not() {
    for text in [
        "",
        " ",
        "nul",
        "nulll",
        "True",
        "NaN",
        "Infinity",
        "-Infinity",
        "undefined",
        "+1",
        "-",
        "01",
        "-01",
        "00",
        "1.",
        ".5",
        "1.e5",
        "1e",
        "1e+",
        "0x10",
        "1_000",
        "1 2",
        "[",
        "]",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1;2]",
        "[1}",
        "[1],",
        "{",
        "}",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "{1:2}",
        "{\"a\":1]",
        "{null:1}",
        "\"",
        "\"a",
        "'a'",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12G4\"",
        "\"\\",
        "\"\\\"",
        "\"\n\"",
        "\"\t\"",
        "\"\u{0}\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800\\u0041\"",
        "\"\\ud800\\ud800\"",
        "\"\\ud83d\\u\"",
        "\u{feff}{}",
        "[1] // one",
        "/**/1",
        "\u{a0}1",
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"\\u0061\":2}",
        "[{\"a\":{\"b\":1,\"b\":1}}]",
    ] {
        assert!(fault(text).is_some(), "{text}");
    }
}

#[test]
fn faults_say_where_and_why() {
    let told = |text| {
        let fault = fault(text).expect("a fault");
        format!("{} {}", fault.offset, fault.reason)
    };
    assert_eq!(
        told("{\"a\":1,\"a\":2}"),
        "7 the object has two members of this name"
    );
    assert_eq!(told("[1 2]"), "3 expected `,` or `]`");
    assert_eq!(told("{\"a\" 1}"), "5 expected `:` after the member name");
    assert_eq!(told("[1,]"), "3 expected a value");
    assert_eq!(
        told("{\"a\":1,}"),
        "7 expected a member name in double quotes"
    );
    assert_eq!(
        told("[01]"),
        "2 the number is not written as JSON writes numbers"
    );
    assert_eq!(told("[\"a"), "3 the text ends inside a string");
    assert_eq!(
        told("[\"\\ud800\"]"),
        "2 the escape is half of a surrogate pair"
    );
    assert_eq!(told("1 2"), "2 unexpected text after the value");
    assert_eq!(told(""), "0 the text ends where a value is expected");
    assert_eq!(
        Reader::from_bytes(b"\"\xff\"")
            .err()
            .map(|fault| fault.offset),
        Some(1)
    );
}

#[test]
fn nesting_is_limited() {
    let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(fault(&nested(MAX_DEPTH)), None);
    assert!(fault(&nested(MAX_DEPTH + 1)).is_some());
    assert!(fault(&"{\"a\":".repeat(100_000)).is_some());
}

#[test]
fn many_members_are_told_apart() {
    let members: Vec<String> = (0..500).map(|at| format!("\"k{at}\":{at}")).collect();
    assert_eq!(fault(&format!("{{{}}}", members.join(","))), None);
    for twice in ["k0", "k16", "k17", "k499"] {
        let text = format!("{{{},\"{twice}\":0}}", members.join(","));
        assert!(fault(&text).is_some(), "{twice}");
    }
}

#[test]
fn looking_ahead_consumes_nothing() {
    let mut reader = Reader::new(" {\"x\":[1,{\"kind\":\"no\"}],\"ki\\u006ed\":\"cat\",\"y\":1}");
    assert_eq!(reader.peek_property("kind"), Ok(Some("cat".to_owned())));
    assert_eq!(reader.peek_property("x"), Ok(None));
    assert_eq!(reader.peek_property("absent"), Ok(None));
    assert_eq!(reader.raw().map(str::len), Ok(47));
    assert_eq!(reader.end(), Ok(()));
    assert_eq!(Reader::new("[]").peek_property("kind"), Ok(None));
    assert_eq!(
        Reader::new("{\"kind\":}").peek_property("kind"),
        Err(Invalid)
    );
}

#[test]
fn any_json_is_kept_without_its_whitespace() {
    let json = Json::parse(" { \"a b\" : [ 1.0 , \"\\\" \\\\\" , 1e400 ] } ").expect("JSON");
    assert_eq!(json.as_str(), "{\"a b\":[1.0,\"\\\" \\\\\",1e400]}");
}

/// A text that is JSON, most of the time.
fn text(random: &mut Random, depth: usize, out: &mut String) {
    let space = ["", "", "", " ", "\n", "\t ", "\r\n"];
    let numbers = [
        "0",
        "-1",
        "12",
        "1.50",
        "-0.0",
        "1e5",
        "2E-3",
        "99999999999999999999",
        "1e999",
    ];
    let strings = [
        "",
        "a",
        "b",
        "key",
        "é",
        "😀",
        "\\n",
        "\\u0041",
        "\\ud83d\\ude00",
        "\\\\",
        "\\\"x",
    ];
    out.push_str(random.choose(&space));
    match random.below(if depth > 5 { 5 } else { 8 }) {
        0 => out.push_str("null"),
        1 => out.push_str(random.choose(&["true", "false"])),
        2 => out.push_str(random.choose(&numbers)),
        3 | 4 => {
            out.push('"');
            for _ in 0..random.below(4) {
                out.push_str(random.choose(&strings));
            }
            out.push('"');
        }
        5 => {
            out.push('[');
            for at in 0..random.below(5) {
                out.push_str(if at > 0 { "," } else { "" });
                text(random, depth + 1, out);
            }
            out.push(']');
        }
        _ => {
            out.push('{');
            for at in 0..random.below(5) {
                out.push_str(if at > 0 { "," } else { "" });
                out.push_str(random.choose(&space));
                out.push('"');
                out.push_str(random.choose(&strings));
                out.push_str(random.choose(&strings));
                out.push('"');
                out.push_str(random.choose(&space));
                out.push(':');
                text(random, depth + 1, out);
            }
            out.push('}');
        }
    }
    out.push_str(random.choose(&space));
}

fn mutate(random: &mut Random, text: &str) -> String {
    let pieces = [
        "\"", "\\", "{", "}", "[", "]", ":", ",", "0", "1", "-", "+", ".", "e", " ", "u", "n",
        "\u{1}", "é",
    ];
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(3) {
        let at = random.below(characters.len() + 1);
        match random.below(3) {
            0 if at < characters.len() => drop(characters.remove(at)),
            1 if at < characters.len() => characters.truncate(at),
            _ => characters
                .splice(at..at, random.choose(&pieces).chars())
                .for_each(drop),
        }
    }
    characters.into_iter().collect()
}

#[test]
fn the_reader_agrees_with_serde_json() {
    let mut random = Random::new(11);
    let end = deadline();
    let mut accepted = 0;
    while !end.passed() {
        let mut sample = String::new();
        text(&mut random, 0, &mut sample);
        if random.below(2) == 0 {
            sample = mutate(&mut random, &sample);
        }
        match (
            value_of(&sample),
            serde_json::from_str::<serde_json::Value>(&sample),
        ) {
            (Some(ours), Ok(theirs)) => {
                accepted += 1;
                assert_eq!(ours, theirs, "{sample}");
                let json = Json::parse(&sample).expect("accepted above");
                assert_eq!(json.to_value(), theirs, "{sample}");
            }
            (None, Err(_)) => assert!(fault(&sample).is_some(), "{sample}"),
            (None, Ok(_)) => {
                let reason = fault(&sample).map(|fault| fault.reason);
                assert_eq!(
                    reason,
                    Some("the object has two members of this name"),
                    "{sample}"
                );
            }
            (Some(_), Err(error)) => panic!("{error}: {sample}"),
        }
    }
    assert!(accepted > 100, "{accepted}");
}

#[test]
fn eight_bytes_at_once_find_what_one_finds() {
    let mut random = Random::new(3);
    let bytes = [
        0x00, 0x1f, 0x20, 0x21, b'"', 0x23, b'\\', 0x5b, 0x5d, b'a', 0x7f, 0x80, 0xa2, 0xdc, 0xff,
    ];
    for _ in 0..20_000 {
        let plain = random.below(20);
        let mut text: Vec<u8> = (0..plain)
            .map(|_| random.choose(&[b'a', 0x80, 0xff, 0x20]))
            .collect();
        text.extend((0..random.below(12)).map(|_| random.choose(&bytes)));
        let special = |&byte: &u8| byte < 0x20 || byte == b'"' || byte == b'\\';
        let expected = text.iter().position(special).unwrap_or(text.len());
        assert_eq!(plain_until(&text, 0), expected, "{text:?}");
    }
}

/// The names of an object's members, and what went wrong with them.
fn names_of(text: &str, foreseen: Option<&[&'static str]>) -> (Vec<String>, Option<SyntaxFault>) {
    let mut reader = Reader::new(text);
    let mut names = Vec::new();
    let mut read = || {
        reader.begin_object()?;
        loop {
            let key = match foreseen {
                Some(foreseen) => reader.member(foreseen)?,
                None => reader.key()?,
            };
            let Some(key) = key else { break };
            names.push(key.into_owned());
            reader.skip()?;
        }
        reader.end()
    };
    let is_read = read().is_ok();
    assert_eq!(is_read, reader.fault().is_none(), "{text}");
    (names, reader.fault())
}

#[test]
fn foreseen_names_are_read_like_others() {
    const FORESEEN: &[&str] = &["a", "aa", "b", "id", "é", "long enough a name", "z"];
    let names = [
        "\"a\"",
        "\"aa\"",
        "\"b\"",
        "\"id\"",
        "\"é\"",
        "\"z\"",
        "\"long enough a name\"",
        "\"ab\"",
        "\"\"",
        "\"\\u0061\"",
        "\"\\u00e9\"",
        "\"i\\u0064\"",
        "\"other\"",
        "\"a",
        "a",
        "1",
    ];
    let values = [
        "1",
        "\"a\":2",
        "{\"a\":1,\"b\":2}",
        "{\"a\":{},\"a\":1}",
        "[{\"z\":0}]",
        "\"x\"",
    ];
    let mut random = Random::new(29);
    let mut known = 0;
    for _ in 0..20_000 {
        let mut text = "{".to_owned();
        let in_order = random.below(3) == 0;
        for at in 0..random.below(6) {
            let comma = if at == 0 {
                [",", "", "", "", ""]
            } else {
                ["", ",", ",", ", ", " ,\n\t"]
            };
            text += random.choose(&comma);
            text += if in_order {
                names[at]
            } else {
                random.choose(&names)
            };
            text += random.choose(&[":", ":", ":", " :", ": ", ""]);
            text += random.choose(&values);
        }
        text += random.choose(&["}", "}", "}", " }", ",}", ""]);
        let expected = names_of(&text, None);
        assert_eq!(names_of(&text, Some(FORESEEN)), expected, "{text}");
        known += usize::from(expected.1.is_none());
    }
    assert!(known > 1_000, "{known}");
}

#[test]
fn more_names_are_foreseen_than_there_are_bits() {
    let names: Vec<&'static str> = (0..70).map(|at| &*format!("n{at}").leak()).collect();
    let members: Vec<String> = names.iter().map(|name| format!("\"{name}\":0")).collect();
    let text = format!("{{{}}}", members.join(","));
    assert_eq!(names_of(&text, Some(&names)), names_of(&text, None));
    for repeated in [0, 63, 64, 69] {
        let text = format!("{{{},{}}}", members.join(","), members[repeated]);
        let (read, fault) = names_of(&text, Some(&names));
        assert_eq!(read.len(), 70);
        assert_eq!(
            fault.map(|fault| fault.reason),
            Some("the object has two members of this name")
        );
    }
}
