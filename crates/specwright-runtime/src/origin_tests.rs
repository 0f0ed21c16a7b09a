use super::*;

fn origin(peer: &str, headers: &[(&str, &str)]) -> String {
    let mut context = Context::for_test().with_header("host", "inner:8080");
    for (name, value) in headers {
        context = context.with_header(name, value);
    }
    context.peer = format!("{peer}:4711").parse().ok();
    let proxies = ["10.0.0.0/8", "::1/128"].map(|net| net.parse().expect("a network"));
    let origin = Origin {
        public_url: None,
        proxies: proxies.to_vec(),
    };
    origin.of(&context)
}

#[test]
fn only_trusted_proxies_are_believed() {
    let said = [
        ("x-forwarded-host", "api.example"),
        ("x-forwarded-proto", "https"),
    ];
    assert_eq!(origin("10.1.2.3", &said), "https://api.example");
    assert_eq!(origin("[::1]", &said), "https://api.example");
    assert_eq!(origin("[::ffff:10.1.2.3]", &said), "https://api.example");
    assert_eq!(origin("192.0.2.1", &said), "http://inner:8080");
    let said = [("forwarded", "for=192.0.2.9;host=api.example;proto=https")];
    assert_eq!(origin("10.1.2.3", &said), "https://api.example");
    assert_eq!(origin("192.0.2.1", &said), "http://inner:8080");
}

#[test]
fn what_came_before_the_trusted_proxies_is_not_believed() {
    let forged = "host=evil.example;proto=http, for=192.0.2.9;host=api.example;proto=https";
    assert_eq!(
        origin("10.1.2.3", &[("forwarded", forged)]),
        "https://api.example"
    );
    let chain = "for=192.0.2.9;host=api.example;proto=https, for=10.0.0.7;host=middle;proto=http";
    assert_eq!(
        origin("10.1.2.3", &[("forwarded", chain)]),
        "https://api.example"
    );
    let forged = [
        ("x-forwarded-for", "10.0.0.9, 192.0.2.9"),
        ("x-forwarded-host", "evil.example, api.example"),
        ("x-forwarded-proto", "http, https"),
    ];
    assert_eq!(origin("10.1.2.3", &forged), "https://api.example");
    let chain = [
        ("x-forwarded-for", "192.0.2.9, 10.0.0.7"),
        ("x-forwarded-host", "api.example, middle"),
        ("x-forwarded-proto", "https"),
    ];
    assert_eq!(origin("10.1.2.3", &chain), "https://api.example");
}

#[test]
fn what_is_no_host_or_scheme_has_no_effect() {
    for host in ["", "user@evil.example", "a b", "evil.example/x", "[::1"] {
        let said = [
            ("x-forwarded-host", host),
            ("x-forwarded-proto", "javascript"),
        ];
        assert_eq!(origin("10.1.2.3", &said), "http://inner:8080", "{host}");
    }
    let said = [("x-forwarded-host", "[2001:db8::1]:8443")];
    assert_eq!(origin("10.1.2.3", &said), "http://[2001:db8::1]:8443");
}
