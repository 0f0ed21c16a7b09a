use super::*;
use crate::read::from_text;
use crate::write::to_text;

fn read<T: Read>(text: &str) -> Option<T> {
    from_text(text, T::read).ok()
}

#[test]
fn integers_may_be_written_with_a_fraction_or_an_exponent() {
    assert_eq!(read::<i32>("5.0"), Some(5));
    assert_eq!(read::<i64>("1e2"), Some(100));
    assert_eq!(read::<Integer>("-0"), Some(Integer::from(0)));
    assert_eq!(read::<Integer>("5.00"), Some(Integer::from(5)));
    assert_eq!(read::<i32>("5.5"), None);
    assert_eq!(read::<i64>("1e-1"), None);
    assert_eq!(read::<Integer>("0.1"), None);
}

#[test]
fn the_edges_of_the_integer_formats() {
    assert_eq!(read::<i32>("2147483647"), Some(i32::MAX));
    assert_eq!(read::<i32>("2147483648"), None);
    assert_eq!(read::<i32>("-2147483648"), Some(i32::MIN));
    assert_eq!(read::<i32>("-2147483649"), None);
    assert_eq!(read::<i64>("9223372036854775807"), Some(i64::MAX));
    assert_eq!(read::<i64>("9223372036854775808"), None);
    assert_eq!(read::<i32>("1e400"), None);
}

#[test]
fn the_edges_of_the_floating_formats() {
    assert_eq!(read::<f64>("1.7976931348623157e308"), Some(f64::MAX));
    assert_eq!(read::<f64>("1.79769313486231571e308"), None);
    assert_eq!(read::<f64>("-1e400"), None);
    assert_eq!(read::<f64>("1e-400"), Some(0.0));
    assert_eq!(read::<f32>("3.4028234663852886e38"), Some(f32::MAX));
    assert_eq!(read::<f32>("3.4028234663852887e38"), None);
    assert_eq!(read::<f32>("1e39"), None);
}

#[test]
fn big_integers_keep_their_value() {
    let big: Integer = "123456789012345678901234567890".parse().unwrap();
    assert_eq!(to_text(&big), "123456789012345678901234567890");
    assert_eq!(big.to_i64(), None);
    let spelt: Integer = "12345678901234567890123456789.0e1".parse().unwrap();
    assert_eq!(big, spelt);
    assert_eq!(
        to_text(&read::<Integer>("1e20").unwrap()),
        "100000000000000000000"
    );
    assert_eq!(
        to_text(&read::<Integer>("-1e999999999").unwrap()),
        "-1e999999999"
    );
    assert!(Integer::from(u64::MAX) > Integer::from(i64::MAX));
    assert!(read::<Integer>("-1e99").unwrap() < Integer::from(i64::MIN));
}

#[test]
fn numbers_keep_their_digits() {
    for text in [
        "0.10",
        "1e400",
        "-0.0",
        "3.141592653589793238462643383279502884197",
    ] {
        assert_eq!(to_text(&read::<Number>(text).unwrap()), text);
    }
    assert_eq!(read::<Number>("1.0"), read::<Number>("10e-1"));
    assert_ne!(
        read::<Number>("0.1"),
        read::<Number>("0.10000000000000000000000001")
    );
    assert_eq!(to_text(&Number::try_from(0.1).unwrap()), "0.1");
    assert_eq!(Number::try_from(f64::INFINITY), Err(Invalid));
    assert!("01".parse::<Number>().is_err());
    assert!("1 ".parse::<Number>().is_err());
}

#[test]
fn floating_numbers_are_written_so_that_they_read_back() {
    for value in [
        0.0,
        -0.0,
        0.1,
        1e300,
        f64::MIN_POSITIVE,
        f64::MAX,
        123_456.75,
    ] {
        let text = to_text(&value);
        assert_eq!(
            read::<f64>(&text).map(f64::to_bits),
            Some(value.to_bits()),
            "{text}"
        );
    }
    assert_eq!(to_text(&f64::NAN), "null");
}

#[test]
fn doubles_are_the_shortest_text_that_reads_back() {
    let expect = |value: f64| {
        let shortest = zmij::Buffer::new().format_finite(value).to_owned();
        assert_eq!(to_text(&value), shortest);
    };
    for hundredths in 0..100_000 {
        let value = f64::from(hundredths) / 100.0;
        for near in [value, value.next_up(), value.next_down(), -value] {
            expect(near);
        }
    }
    for value in [
        0.0,
        -0.0,
        0.005,
        0.001,
        1e-7,
        1e15,
        1e16,
        42_949_672.95,
        42_949_672.96,
        42_949_673.0,
        f64::MAX,
        f64::MIN_POSITIVE,
    ] {
        expect(value);
    }
    assert_eq!(to_text(&f64::NAN), "null");
    assert_eq!(to_text(&f64::INFINITY), "null");
}

#[test]
fn integers_are_their_digits() {
    let edges = [i64::MIN, i64::MAX, 65_535, 65_536, 99_999, 4_294_967_296];
    for value in (-10_100..=10_100).chain(edges) {
        assert_eq!(to_text(&value), value.to_string());
        if let Ok(value) = i32::try_from(value) {
            assert_eq!(to_text(&value), value.to_string());
        }
    }
}
