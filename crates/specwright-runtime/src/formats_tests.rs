use super::*;

fn check(format: Format, good: &[&str], bad: &[&str]) {
    for text in good {
        assert!(
            format.accepts(text),
            "{} should accept {text:?}",
            format.name()
        );
    }
    for text in bad {
        assert!(
            !format.accepts(text),
            "{} should refuse {text:?}",
            format.name()
        );
    }
}

#[test]
fn dates() {
    check(
        Format::Date,
        &["2024-02-29", "0000-01-01", "9999-12-31"],
        &[
            "2023-02-29",
            "2024-2-9",
            "2024-13-01",
            "2024-01-32",
            "20240101",
            "2024-01-01Z",
            "",
            "٢٠٢٤-01-01",
        ],
    );
}

#[test]
fn moments() {
    check(
        Format::DateTime,
        &[
            "2024-05-06T07:08:09Z",
            "2024-05-06t07:08:09.123456789123z",
            "2024-05-06T07:08:09.1+05:30",
            "2016-12-31T23:59:60Z",
            "2016-12-31T15:59:60.5-08:00",
            "0000-01-01T00:00:00+23:59",
        ],
        &[
            "2024-05-06 07:08:09Z",
            "2024-05-06T07:08:09",
            "2024-05-06T07:08Z",
            "2024-05-06T24:00:00Z",
            "2024-05-06T07:60:00Z",
            "2024-05-06T07:08:09.Z",
            "2024-05-06T07:08:09+0530",
            "2024-05-06T07:08:09+24:00",
            "2024-05-06T07:08:60Z",
            "2024-05-06T07:08:61Z",
            "2024-05-06T07:08:09Z ",
        ],
    );
}

#[test]
fn a_leap_second_is_kept() {
    let moment = parse_date_time("2016-12-31T15:59:60.500-08:00").unwrap();
    assert_eq!(
        crate::write::to_text(&moment),
        "\"2016-12-31T15:59:60.500-08:00\""
    );
}

#[test]
fn times() {
    check(
        Format::Time,
        &[
            "00:00:00Z",
            "23:59:60Z",
            "12:34:56.789+01:00",
            "01:29:60+01:30",
        ],
        &["24:00:00Z", "12:34:56", "12:34Z", "12:34:60Z", "1:02:03Z"],
    );
}

#[test]
fn uuids() {
    check(
        Format::Uuid,
        &[
            "2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d",
            "2C5EA4C0-4067-11E9-8BAD-9B1DEB4D3B7D",
        ],
        &[
            "2c5ea4c040674067811e98bad9b1deb4d3b7d",
            "{2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d}",
            "2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7g",
            "2c5ea4c0-406711e9--8bad-9b1deb4d3b7d",
            "",
        ],
    );
}

#[test]
fn mailboxes() {
    check(
        Format::Email,
        &[
            "a@b",
            "joe.bloggs+tag@example.com",
            "\"joe bloggs\"@example.com",
            "x@[127.0.0.1]",
            "x@[IPv6:::1]",
            "te~st@ex-ample.org",
        ],
        &[
            "",
            "a",
            "@b",
            "a@",
            ".a@b.c",
            "a..b@c.d",
            "a@-b.c",
            "a@b..c",
            "a b@c.d",
            "\"a\"b\"@c.d",
            "\"@c.d",
            "x@[300.0.0.1]",
            "é@b.c",
            "a@b.c\n",
        ],
    );
}

#[test]
fn uris() {
    check(
        Format::Uri,
        &[
            "http://example.com",
            "https://user:pw@example.com:8080/a/b?c=d&e=/?#f",
            "urn:isbn:0451450523",
            "mailto:joe@example.com",
            "file:///etc/hosts",
            "http://[::1]:80/",
            "http://[v1.a:b]/",
            "a:",
            "http://example.com/%20",
        ],
        &[
            "",
            "example.com",
            "/a/b",
            "//example.com/",
            "1http://a",
            "http://a b",
            "http://a/%2",
            "http://a/%zz",
            "http://[::1",
            "http://[zz]/",
            "http://a:80a/",
            "http://a/\u{e9}",
            "http://a/<b>",
            "http://a#b#c",
            ":a",
        ],
    );
}

#[test]
fn bytes() {
    check(
        Format::Byte,
        &["", "YQ==", "YWI=", "YWJj", "+/+/"],
        &["YQ", "YQ=", "Y", "YR==", "-_-_", "YW Jj", "YWJj\n"],
    );
}
