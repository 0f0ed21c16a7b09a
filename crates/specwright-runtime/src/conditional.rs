//! Answers that need not be sent again: `x-specwright-conditional`.
//!
//! The tag is a digest of what is sent, so that two answers with the same tag are the same bytes,
//! whatever state of the data they come from (RFC 9110, section 8.8.1: strong validation).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, header};
use sha2::{Digest as _, Sha256};

use crate::reply::Reply;

/// How many bytes of the digest make the tag: enough that no two answers ever share one.
const TAG_BYTES: usize = 16;

/// The entity tag of an answer in a content coding, quotes included.
pub(crate) fn tag(reply: &Reply, coding: Option<&str>) -> Option<HeaderValue> {
    let body = reply.body.in_memory()?;
    let media_type = reply.media_type.as_ref().map(HeaderValue::as_bytes);
    tag_of(media_type.unwrap_or_default(), coding, body)
}

/// The entity tag of a body that has this media type, in a content coding.
pub(crate) fn tag_of(media_type: &[u8], coding: Option<&str>, body: &[u8]) -> Option<HeaderValue> {
    let mut digest = Sha256::new();
    for part in [media_type, coding.unwrap_or_default().as_bytes()] {
        digest.update(part);
        digest.update([0]);
    }
    digest.update(body);
    let digest = digest.finalize();
    let digest = URL_SAFE_NO_PAD.encode(digest.get(..TAG_BYTES)?);
    HeaderValue::try_from(format!("\"{digest}\"")).ok()
}

/// What a request's `If-None-Match` names.
#[derive(Debug, Default)]
pub(crate) struct Known(Vec<String>);

impl Known {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::IF_NONE_MATCH).iter();
        let values = values.filter_map(|value| value.to_str().ok());
        let tags = values.flat_map(|value| value.split(','));
        // RFC 9110, section 13.1.2: the comparison is the weak one.
        Self(
            tags.map(|tag| tag.trim().trim_start_matches("W/").to_owned())
                .collect(),
        )
    }

    pub(crate) fn has(&self, tag: &HeaderValue) -> bool {
        self.0
            .iter()
            .any(|known| known == "*" || known.as_bytes() == tag.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_follow_what_is_sent() {
        let reply = |media_type, body: &str| {
            let mut reply = Reply::new();
            reply.stream(200, media_type, body.to_owned().into());
            reply
        };
        let json = tag(&reply("application/json", "{}"), None).expect("a tag");
        assert_eq!(
            Some(&json),
            tag(&reply("application/json", "{}"), None).as_ref()
        );
        for (other, coding) in [
            (reply("application/json", "[]"), None),
            (reply("application/hal+json", "{}"), None),
            (reply("application/json", "{}"), Some("gzip")),
        ] {
            assert_ne!(Some(&json), tag(&other, coding).as_ref());
        }
    }

    #[test]
    fn lists_of_tags_are_understood() {
        let known = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, text.parse().expect("a header"));
            Known::of(&headers).has(&HeaderValue::from_static("\"b\""))
        };
        assert!(known("\"a\", \"b\""));
        assert!(known("W/\"b\""));
        assert!(known("*"));
        assert!(!known("\"a\""));
        assert!(!Known::default().has(&HeaderValue::from_static("\"b\"")));
    }
}
