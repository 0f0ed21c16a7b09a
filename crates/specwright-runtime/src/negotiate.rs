//! Media types: what a client accepts, what it sends (RFC 9110, section 12.5.1).

use http::{HeaderMap, HeaderName, header};

/// The essence of a media type: without parameters and surrounding blanks.
pub fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

/// The value of a parameter of a media type, without its quotes.
pub fn parameter<'a>(media_type: &'a str, name: &str) -> Option<&'a str> {
    media_type.split(';').skip(1).find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.trim()
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().trim_matches('"'))
    })
}

/// How far a declared media type agrees with one of the same essence that came: the more of its
/// parameters came too, the more, and least of all when one of them did not.
pub fn agreement(declared: &str, given: &str) -> Option<usize> {
    let parameters = || {
        let parameters = declared.split(';').skip(1);
        parameters.filter_map(|parameter| parameter.split_once('='))
    };
    let mut agree = parameters().map(|(name, value)| {
        let (name, value) = (name.trim(), value.trim().trim_matches('"'));
        let given = parameter(given, name);
        // RFC 9110, section 8.3.2: the names of charsets have no case.
        let same_text = |given: &str| match name.eq_ignore_ascii_case("charset") {
            true => given.eq_ignore_ascii_case(value),
            false => given == value,
        };
        given.is_some_and(same_text)
    });
    agree.all(|agrees| agrees).then(|| parameters().count())
}

/// Whether a media type lies in a range; both without parameters.
pub fn covers(range: &str, media_type: &str) -> bool {
    if range == "*/*" || media_type == "*/*" || range.eq_ignore_ascii_case(media_type) {
        return true;
    }
    let (Some((range_type, range_part)), Some((media, part))) =
        (range.split_once('/'), media_type.split_once('/'))
    else {
        return false;
    };
    range_type.eq_ignore_ascii_case(media) && (range_part == "*" || part == "*")
}

/// How narrow a range is, for the rule that the most specific one counts.
fn precision(range: &str) -> u8 {
    match range {
        "*/*" => 0,
        _ if range.ends_with("/*") => 1,
        _ => 2,
    }
}

/// The weight of an element of a list, in thousandths (RFC 9110, section 12.4.2).
fn weight(element: &str) -> u16 {
    let Some(text) = parameter(element, "q") else {
        return 1000;
    };
    let weight: f32 = text.parse().unwrap_or(0.0);
    // The range is checked first, so nothing is cut off.
    if weight.is_finite() && weight > 0.0 {
        (weight.min(1.0) * 1000.0).ceil() as u16
    } else {
        0
    }
}

fn elements<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|element| !element.is_empty())
}

/// Whether a client says that it takes everything, or says nothing.
pub fn accepts_all(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT);
    accept.is_none_or(|value| value.as_bytes() == b"*/*")
}

/// Whether a client takes a media type. One that says nothing takes everything.
pub fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    let Some(first) = headers.get(header::ACCEPT) else {
        return true;
    };
    if first.as_bytes() == b"*/*" || first.as_bytes() == media_type.as_bytes() {
        return true;
    }
    quality(headers, media_type) > 0
}

/// The one of several media types that a client likes best, the first of those it likes alike;
/// `None` when it takes none of them.
pub fn best<'m>(headers: &HeaderMap, offers: impl Iterator<Item = &'m str>) -> Option<&'m str> {
    let mut best: Option<(&str, u16)> = None;
    for offer in offers {
        let quality = quality(headers, offer);
        if quality > best.map_or(0, |(_, best)| best) {
            best = Some((offer, quality));
        }
    }
    best.map(|(offer, _)| offer)
}

/// How much a client likes a media type, in thousandths; 0 when it does not take it.
fn quality(headers: &HeaderMap, media_type: &str) -> u16 {
    let media_type = essence(media_type);
    let mut best: Option<(u8, u16)> = None;
    let mut any = false;
    for element in elements(headers, &header::ACCEPT) {
        any = true;
        let range = essence(element);
        if covers(range, media_type) {
            let found = (precision(range), weight(element));
            best = Some(best.map_or(found, |best| if found.0 > best.0 { found } else { best }));
        }
    }
    match best {
        Some((_, weight)) => weight,
        None if any => 0,
        None => 1000,
    }
}

/// The content codings that bodies can be sent in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// As they are.
    Identity,
    /// gzip (RFC 1952).
    Gzip,
    /// Brotli (RFC 7932).
    Brotli,
}

impl Coding {
    /// As it stands in `Content-Encoding`; `None` for a body as it is.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }
}

/// The coding that a client likes best, brotli before gzip (RFC 9110, section 12.5.3).
pub fn coding(headers: &HeaderMap) -> Coding {
    if !headers.contains_key(header::ACCEPT_ENCODING) {
        return Coding::Identity;
    }
    let (mut gzip, mut brotli, mut other) = (None, None, None);
    for element in elements(headers, &header::ACCEPT_ENCODING) {
        let slot = match essence(element) {
            name if name.eq_ignore_ascii_case("gzip") => &mut gzip,
            name if name.eq_ignore_ascii_case("br") => &mut brotli,
            "*" => &mut other,
            _ => continue,
        };
        *slot = Some(weight(element));
    }
    let gzip = gzip.or(other).unwrap_or(0);
    let brotli = brotli.or(other).unwrap_or(0);
    match () {
        () if brotli > 0 && brotli >= gzip => Coding::Brotli,
        () if gzip > 0 => Coding::Gzip,
        () => Coding::Identity,
    }
}

/// Whether compression makes a body of this media type smaller.
pub fn is_compressible(media_type: &str) -> bool {
    let essence = essence(media_type);
    essence.starts_with("text/")
        || essence.ends_with("+json")
        || essence.ends_with("+xml")
        || essence.ends_with("+yaml")
        || matches!(
            essence,
            "application/json"
                | "application/yaml"
                | "application/x-yaml"
                | "application/xml"
                | "application/javascript"
        )
}
