use super::*;
use crate::testing::{Random, deadline};

fn check(source: &'static str, good: &[&str], bad: &[&str]) {
    let pattern = Pattern::new(source);
    for text in good {
        assert!(pattern.is_match(text), "{source} should match {text:?}");
    }
    for text in bad {
        assert!(
            !pattern.is_match(text),
            "{source} should not match {text:?}"
        );
    }
}

#[test]
fn simple_patterns() {
    check(
        "^[a-z][a-z0-9-]{0,3}$",
        &["a", "a-9z"],
        &["", "A", "1a", "abcde", "a\n", "é"],
    );
    check(
        "^[A-Z]{2}-\\d{4}$",
        &["AB-1234"],
        &["AB-123", "AB-12345", "ab-1234", "AB-١٢٣٤"],
    );
    check("^abc", &["abc", "abcd"], &["ab", "xabc"]);
    check("^a?b*c+$", &["c", "abbcc"], &["ab", "aac"]);
    check("^$", &[""], &["a"]);
    check("^\\w+\\.\\w{2,}$", &["a_1.bc"], &["a.b", ".bc", "a-b.cd"]);
    for source in ["^[a-z0-9-]{1,64}$", "^[+-]?\\d+$", "^\\d{3}-\\d{4}$", "^x"] {
        assert!(Simple::parse(source).is_some(), "{source}");
    }
    for source in [
        "a", "^(a|b)$", "^a|b$", "^[^a]$", "^a*a$", "^.$", "^\\s$", "^a+?$", "^[a&&b]$", "^a**$",
    ] {
        assert!(Simple::parse(source).is_none(), "{source}");
    }
}

#[test]
fn other_patterns() {
    check("(?i)x|^\\p{Lu}", &[], &[]);
    check("^(?!no)\\S+$", &["yes"], &["no", "nothing", "a b"]);
    check("b", &["abc"], &["ac"]);
    check("^(\\w)\\1$", &["aa"], &["ab"]);
    check("^.$", &["é", "😀"], &["\n", "ab"]);
    check("^\\p{Lu}$", &["É"], &["é"]);
    check("^[^a]$", &["é", "b"], &["a", ""]);
    check("(", &[], &["(", ""]);
}

#[test]
fn simple_patterns_agree_with_regular_expressions() {
    let mut random = Random::new(7);
    let atoms = [
        "a", "b", "[ab]", "[a-c]", "\\d", "[0-9_]", "\\w", "-", "\\.", "[.-]", "[a\\-c]",
    ];
    let quantifiers = ["", "", "", "?", "*", "+", "{2}", "{1,2}", "{0,3}", "{2,}"];
    let letters = ["a", "b", "c", "0", "7", "_", "-", ".", "é", "\n", "d"];
    let end = deadline();
    let mut simple = 0;
    while !end.passed() {
        let mut source = String::from("^");
        for _ in 0..random.below(4) {
            source.push_str(random.choose(&atoms));
            source.push_str(random.choose(&quantifiers));
        }
        if random.below(4) > 0 {
            source.push('$');
        }
        let Some(matcher) = Simple::parse(&source) else {
            continue;
        };
        simple += 1;
        let regex = regex(&source).expect(&source);
        for _ in 0..20 {
            let text: String = (0..random.below(7))
                .map(|_| random.choose(&letters))
                .collect();
            let expected = regex.is_match(&text).expect("few steps");
            assert_eq!(
                matcher.is_match(text.as_bytes()),
                expected,
                "{source} {text:?}"
            );
        }
    }
    assert!(simple > 100, "{simple}");
}

#[test]
fn large_counts_are_compiled() {
    check(
        "^[^,]{1,5000}$",
        &["é", &"a".repeat(5000)],
        &["", ",", &"a".repeat(5001)],
    );
    check(
        "^.{0,20000}$",
        &["", &"é".repeat(20_000)],
        &["\n", &"a".repeat(20_001)],
    );
    check(
        "^[\\p{L}\\p{N} ]{1,255}$",
        &["Åse 7"],
        &["", "a-b", &"é".repeat(256)],
    );
}
