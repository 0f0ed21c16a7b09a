use super::*;

fn compare(left: &str, right: &str) -> Ordering {
    Decimal::new(left).compare(&Decimal::new(right))
}

fn multiple(number: &str, divisor: &str) -> bool {
    Decimal::new(number).is_multiple_of(&Decimal::new(divisor))
}

#[test]
fn numbers_compare_by_value() {
    let ascending = [
        "-1e400",
        "-12",
        "-1.5",
        "-0.001",
        "0",
        "1e-400",
        "0.00099",
        "1e-3",
        "0.01",
        "0.5",
        "1",
        "1.00001",
        "2",
        "9.99",
        "10",
        "100.5",
        "101",
        "1e3",
        "9007199254740993",
        "1e400",
    ];
    for (at, left) in ascending.iter().enumerate() {
        for (other, right) in ascending.iter().enumerate() {
            assert_eq!(compare(left, right), at.cmp(&other), "{left} {right}");
        }
    }
}

#[test]
fn spellings_of_one_value_are_equal() {
    for text in [
        "100",
        "100.0",
        "1e2",
        "1.0E+2",
        "1000e-1",
        "0.1e3",
        "10000.00e-2",
    ] {
        assert_eq!(compare(text, "100"), Ordering::Equal, "{text}");
        assert!(Decimal::new(text).is_integer(), "{text}");
        assert_eq!(Decimal::new(text).to_i64(), Some(100), "{text}");
    }
    for text in ["0", "-0", "0.000", "0e99", "-0.0e-5"] {
        assert_eq!(compare(text, "0"), Ordering::Equal, "{text}");
        assert_eq!(Decimal::new(text).to_i64(), Some(0), "{text}");
    }
}

#[test]
fn the_edges_of_64_bits() {
    let value = |text| Decimal::new(text).to_i64();
    assert_eq!(value("9223372036854775807"), Some(i64::MAX));
    assert_eq!(value("-9223372036854775808"), Some(i64::MIN));
    assert_eq!(value("9223372036854775808"), None);
    assert_eq!(value("-9223372036854775809"), None);
    assert_eq!(value("922337203685477580.7e1"), Some(i64::MAX));
    assert_eq!(value("1e18"), Some(1_000_000_000_000_000_000));
    assert_eq!(value("1e19"), None);
    assert_eq!(value("1e-1"), None);
    assert_eq!(value("1e99999999999999999999999999"), None);
}

#[test]
fn multiples_are_exact() {
    for (number, divisor) in [
        ("19.99", "0.01"),
        ("0.3", "0.1"),
        ("4.35", "0.05"),
        ("0", "7"),
        ("1e400", "0.01"),
        ("-9", "3"),
        ("1e308", "1e-308"),
        ("9007199254740993", "3"),
        ("0.0075", "0.0001"),
        ("1e99999999999", "16"),
        (
            "246913578024691357802469135780",
            "123456789012345678901234567890",
        ),
    ] {
        assert!(multiple(number, divisor), "{number} {divisor}");
    }
    for (number, divisor) in [
        ("19.995", "0.01"),
        ("0.35", "0.1"),
        ("1", "0"),
        ("1e400", "3"),
        ("10", "4"),
        ("1e-1", "1"),
        ("0.00751", "0.0001"),
        ("9007199254740993", "2"),
        (
            "246913578024691357802469135781",
            "123456789012345678901234567890",
        ),
    ] {
        assert!(!multiple(number, divisor), "{number} {divisor}");
    }
}
