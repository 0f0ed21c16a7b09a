//! Links between answers: HAL (draft-kelly-json-hal-11), as `x-specwright-hal` asks for them.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::input::Input;
use crate::operation::{Location, Parameter};
use crate::pairs;
use crate::params::decode;
use crate::read::{Invalid, Reader};
use crate::rules::{Hal, Paging};

/// Where an answer's links lead: what the request has settled for all of them.
#[derive(Debug)]
pub struct Links {
    hal: &'static Hal,
    /// The scheme and host by which the client reached the server, and the base of the API.
    base: String,
    /// The path of the request as the contract writes it, below the base.
    path: String,
    /// What the query said, names and values as the contract writes them.
    query: Vec<Piece>,
    number: u64,
    size: u64,
    /// The state that the request named.
    state: Option<String>,
}

#[derive(Debug)]
enum Piece {
    Kept(String),
    /// Where the number of the page stood.
    Number,
}

impl Links {
    /// What the links of an answer to this request have in common.
    pub(crate) fn of(input: &Input<'_>, hal: &'static Hal) -> Self {
        let call = input.call;
        let context = &call.context;
        let sent = context.uri.path();
        let origin = call.settings.origin.of(context);
        let number_of = |parameter| input.json_of(parameter)?.parse::<u64>().ok();
        let paging = hal.paging.as_ref();
        let number = paging.and_then(|paging| number_of(paging.number));
        let size = paging.map(|paging| number_of(paging.size).unwrap_or(paging.default_size));
        let state = paging.and_then(|paging| input.text_of(paging.state?));
        let values = |name: &str| {
            let mut values = call.values.iter();
            let (_, range) = values.find(|(known, _)| *known == name)?;
            let raw = sent.get(range.clone())?;
            let mut parameters = context.operation.parameters.iter();
            let declared =
                parameters.find(|known| known.location == Location::Path && known.name == name)?;
            Some(value(declared, raw))
        };
        Self {
            hal,
            base: format!("{origin}{}", base_of(call.settings.api.bases, sent)),
            path: filled(context.operation.path, values).unwrap_or_default(),
            query: pieces(input, paging),
            number: number.unwrap_or(1).max(1),
            size: size.unwrap_or(1).max(1),
            state,
        }
    }

    /// How the list is divided.
    pub(crate) fn paging(&self) -> Option<&'static Paging> {
        self.hal.paging.as_ref()
    }

    /// The links of a page: relation and address, in HAL's usual order.
    pub(crate) fn of_page(&self, total: u64, state: Option<&str>) -> Vec<(&'static str, String)> {
        let last = total.div_ceil(self.size).max(1);
        let own = self.state.as_deref();
        let mut links = vec![("self", self.address(None, own))];
        let mut add = |relation, number| {
            let address = self.address(Some(number), state.or(own));
            links.push((relation, address));
        };
        if self.number < last {
            add("next", self.number + 1);
        }
        if self.number > 1 {
            add("prev", (self.number - 1).min(last));
        }
        add("first", 1);
        add("last", last);
        links
    }

    /// The address of an item, by its members.
    ///
    /// # Errors
    ///
    /// When the text is no JSON object, or has no string where the address needs one.
    pub(crate) fn of_item(&self, json: &str) -> Result<String, Invalid> {
        let mut members: Vec<(String, String)> = Vec::new();
        let mut reader = Reader::new(json);
        reader.begin_object()?;
        while let Some(key) = reader.key()? {
            if self.hal.item.contains(&format!("{{{key}}}")) {
                members.push((key.into_owned(), reader.string()?.into_owned()));
            } else {
                reader.skip()?;
            }
        }
        let value = |name: &str| {
            let found = members.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| encode(value, b""))
        };
        let path = filled(self.hal.item, value).ok_or(Invalid)?;
        Ok(format!("{}{path}", self.base))
    }

    /// The address of a page of this list, `None` for the one of the request.
    fn address(&self, number: Option<u64>, state: Option<&str>) -> String {
        let mut address = format!("{}{}", self.base, self.path);
        let mut separator = '?';
        let mut add = |piece: &str| {
            address.push(std::mem::replace(&mut separator, '&'));
            address.push_str(piece);
        };
        let paging = self.paging();
        let page = paging.map(|paging| {
            let number = number.unwrap_or(self.number);
            format!("{}={number}", encode(paging.number.name, b""))
        });
        for piece in &self.query {
            match (piece, &page) {
                (Piece::Kept(text), _) => add(text),
                (Piece::Number, Some(page)) => add(page),
                (Piece::Number, None) => {}
            }
        }
        let stood = self
            .query
            .iter()
            .any(|piece| matches!(piece, Piece::Number));
        if let (Some(page), Some(_), false) = (&page, number, stood) {
            add(page);
        }
        if let (Some(parameter), Some(state)) = (paging.and_then(|paging| paging.state), state) {
            add(&format!(
                "{}={}",
                encode(parameter.name, b""),
                encode(state, b"")
            ));
        }
        address
    }
}

/// The base that a path begins with; the longest of several.
fn base_of(bases: &'static [&'static str], path: &str) -> &'static str {
    let bases = bases.iter().map(|base| base.trim_end_matches('/'));
    let fitting = bases.filter(|base| {
        let start = path.get(..base.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(base))
    });
    fitting.max_by_key(|base| base.len()).unwrap_or_default()
}

/// A path template with values in place of its parameters; `None` when one is missing.
fn filled(template: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut parts = template.split('{');
    let mut path = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, literal) = part.split_once('}')?;
        path.push_str(&value(name)?);
        path.push_str(literal);
    }
    Some(path)
}

/// The pairs of the query as the contract writes them, the number of the page and the state aside.
fn pieces(input: &Input<'_>, paging: Option<&Paging>) -> Vec<Piece> {
    let parameters = input.call.context.operation.parameters;
    let mut pieces = Vec::new();
    for (name, raw) in input.query.iter() {
        let known = parameters.iter().find(|parameter| {
            parameter.location == Location::Query && input.query.is_named(name, parameter.name)
        });
        let is = |other: Option<&'static Parameter>| {
            known.is_some_and(|known| other.is_some_and(|other| std::ptr::eq(*known, other)))
        };
        if is(paging.map(|paging| paging.number)) {
            pieces.push(Piece::Number);
        } else if !is(paging.and_then(|paging| paging.state)) {
            pieces.push(Piece::Kept(match known {
                Some(known) => format!("{}={}", encode(known.name, b""), value(known, raw)),
                None => format!("{}={raw}", encode(name, b"[]")),
            }));
        }
    }
    pieces
}

/// A value as the contract writes it.
fn value(parameter: &Parameter, raw: &str) -> String {
    let shape = &parameter.shape;
    let in_query = parameter.location == Location::Query;
    let kept: &[u8] = if in_query { b":/@" } else { b":@,;=" };
    let items = shape.items().filter(|_| !parameter.explode);
    let parts = match items {
        Some(_) => pairs::split(raw, parameter.style),
        None => vec![raw],
    };
    let shape = shape.items().unwrap_or(shape);
    let written = parts.into_iter().map(|part| {
        let text = decode(part, in_query).unwrap_or(Cow::Borrowed(part));
        encode(shape.word(&text), kept)
    });
    written.collect::<Vec<_>>().join(",")
}

/// Percent-encodes what is not unreserved (RFC 3986, section 2.3), but for the bytes in `kept`.
pub(crate) fn encode(text: &str, kept: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || kept.contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
