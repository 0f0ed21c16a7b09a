//! By which address a client reached the server: what absolute links begin with.

use std::net::IpAddr;

use http::header;
use http::uri::Authority;
use ipnet::IpNet;

use crate::context::Context;

/// How the address is found out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    /// The address, where it is known beforehand; without a slash at its end.
    pub public_url: Option<String>,
    /// The networks of proxies whose word on the host and scheme counts.
    pub proxies: Vec<IpNet>,
}

/// The scheme and the host that a proxy names, each when it can be used.
#[derive(Debug, Default, PartialEq, Eq)]
struct Forwarded {
    scheme: Option<String>,
    host: Option<String>,
}

impl Origin {
    /// The scheme and authority of a request, as in `https://api.example.org`; empty when the
    /// request names no host, so that links are relative to it.
    pub fn of(&self, context: &Context) -> String {
        if let Some(url) = &self.public_url {
            return url.clone();
        }
        let peer = context.peer.map(|peer| peer.ip());
        let forwarded = match peer {
            Some(peer) if self.trusts(peer) => self.forwarded(context),
            _ => Forwarded::default(),
        };
        let host = forwarded.host.or_else(|| {
            let named = context.header(header::HOST.as_str());
            authority(named.or_else(|| context.uri.authority().map(Authority::as_str))?)
        });
        let scheme = forwarded.scheme;
        let scheme = scheme.unwrap_or_else(|| context.scheme.as_str().to_owned());
        host.map_or_else(String::new, |host| format!("{scheme}://{host}"))
    }

    fn trusts(&self, address: IpAddr) -> bool {
        // A socket for both versions shows IPv4 as part of IPv6.
        let address = address.to_canonical();
        self.proxies
            .iter()
            .any(|proxies| proxies.contains(&address))
    }

    fn forwarded(&self, context: &Context) -> Forwarded {
        let standard = list(context, "forwarded");
        if !standard.is_empty() {
            return self.standard(&standard);
        }
        let clients = list(context, "x-forwarded-for");
        // Each proxy appends whom it heard from; those that are trusted count from the end.
        let trusted = clients.iter().rev();
        let trusted = trusted
            .take_while(|client| self.trusts_text(client))
            .count();
        let value = |name| {
            let values = list(context, name);
            let at = values.len().saturating_sub(trusted + 1);
            values.get(at).cloned()
        };
        Forwarded {
            scheme: value("x-forwarded-proto").and_then(|text| scheme(&text)),
            host: value("x-forwarded-host").and_then(|text| authority(&text)),
        }
    }

    /// RFC 7239: the element of the first proxy that is trusted all the way to here.
    fn standard(&self, elements: &[String]) -> Forwarded {
        let mut found = Forwarded::default();
        for element in elements.iter().rev() {
            let value = |name| parameter(element, name);
            found = Forwarded {
                scheme: value("proto").and_then(|text| scheme(&text)),
                host: value("host").and_then(|text| authority(&text)),
            };
            if !value("for").is_some_and(|client| self.trusts_text(&client)) {
                break;
            }
        }
        found
    }

    fn trusts_text(&self, client: &str) -> bool {
        let bare = client.trim_start_matches('[');
        let bare = bare.split_once(']').map_or(bare, |(address, _)| address);
        let without_port = bare.rsplit_once(':').map_or(bare, |(address, _)| address);
        let address = bare.parse().or_else(|_| without_port.parse());
        address.is_ok_and(|address| self.trusts(address))
    }
}

/// The elements of a list header, all its lines together.
fn list(context: &Context, name: &str) -> Vec<String> {
    let values = context.headers.get_all(name).iter();
    let values = values.filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .map(|element| element.trim().to_owned())
        .collect()
}

/// A parameter of an element of `Forwarded`, without its quotes (RFC 7239, section 4).
fn parameter(element: &str, name: &str) -> Option<String> {
    element.split(';').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        let value = value.trim().trim_matches('"');
        key.trim()
            .eq_ignore_ascii_case(name)
            .then(|| value.to_owned())
    })
}

fn scheme(text: &str) -> Option<String> {
    let known = ["http", "https"];
    let found = known.iter().find(|known| known.eq_ignore_ascii_case(text));
    found.map(|known| (*known).to_owned())
}

/// A host with or without a port: what could lead elsewhere is none.
pub(crate) fn authority(text: &str) -> Option<String> {
    let authority: Authority = text.parse().ok()?;
    let plain = !authority.host().is_empty() && !text.contains('@');
    plain.then(|| authority.as_str().to_owned())
}

#[cfg(test)]
#[path = "origin_tests.rs"]
mod tests;
