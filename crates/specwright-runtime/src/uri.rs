//! `format: uri`: a URI with its scheme (RFC 3986, appendix A).

use std::net::Ipv6Addr;

/// Whether `text` is a URI; relative references are none.
pub(crate) fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (hierarchy, query) = rest.split_once('?').unwrap_or((rest, ""));
    let in_query = |byte| is_path_character(byte) || matches!(byte, b'/' | b'?');
    is_scheme(scheme)
        && is_hierarchy(hierarchy)
        && consists_of(query, in_query)
        && consists_of(fragment, in_query)
}

fn is_scheme(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

fn is_hierarchy(text: &str) -> bool {
    let path = match text.strip_prefix("//") {
        None => text,
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            if !is_authority(authority) {
                return false;
            }
            path
        }
    };
    consists_of(path, |byte| is_path_character(byte) || byte == b'/')
}

fn is_authority(text: &str) -> bool {
    let (user, server) = text.rsplit_once('@').unwrap_or(("", text));
    let (host, port) = match server.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (server, ""),
    };
    let host_is_fine = match host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
    {
        Some(literal) => is_literal(literal),
        None => consists_of(host, is_name_character),
    };
    host_is_fine
        && consists_of(user, |byte| is_name_character(byte) || byte == b':')
        && port.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_literal(text: &str) -> bool {
    let Some(future) = text.strip_prefix(['v', 'V']) else {
        return text.parse::<Ipv6Addr>().is_ok();
    };
    let Some((version, address)) = future.split_once('.') else {
        return false;
    };
    !version.is_empty()
        && version.bytes().all(|byte| byte.is_ascii_hexdigit())
        && !address.is_empty()
        && !address.contains('%')
        && consists_of(address, |byte| is_name_character(byte) || byte == b':')
}

/// Whether all of `text` is percent-encoded or allowed as it is.
fn consists_of(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = match (byte, after) {
            (b'%', [high, low, after @ ..])
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                after
            }
            (b'%', _) => return false,
            _ if allowed(byte) => after,
            _ => return false,
        };
    }
    true
}

/// `unreserved` and `sub-delims`.
fn is_name_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte)
}

/// `pchar`, percent-encoding aside.
fn is_path_character(byte: u8) -> bool {
    is_name_character(byte) || matches!(byte, b':' | b'@')
}
