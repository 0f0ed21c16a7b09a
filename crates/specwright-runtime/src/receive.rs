//! The body of a request: which of the declared contents it is, and its bytes.

use bytes::Bytes;
use http::{HeaderMap, header};

use crate::body;
use crate::endpoint::Call;
use crate::mount::Settings;
use crate::negotiate;
use crate::operation::{Content, MediaForm, RequestBody, Undeclared};
use crate::progress::Progress;
use crate::rejection::Rejection;
use crate::stream::ByteStream;

/// A body as it was received.
pub(crate) enum Payload {
    None,
    Bytes(Bytes),
    Stream(ByteStream),
}

/// Settles what the body is, and reads it unless it is to be streamed.
pub(crate) async fn receive(
    call: &Call,
    body: &'static RequestBody,
    progress: &Progress,
) -> Result<(Option<usize>, Payload), Rejection> {
    const NOTHING: (Option<usize>, Payload) = (None, Payload::None);
    let headers = &call.context.headers;
    let given = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let announced = call.with_body(|sent| body::is_announced(headers, sent));
    if !announced && given.is_none() {
        return Ok(NOTHING);
    }
    let media_type = given.unwrap_or("application/octet-stream");
    let found = declared(body, media_type).or_else(|| lenient(body, media_type));
    let Some((index, content)) = found else {
        if body.undeclared == Undeclared::Ignore || !announced {
            return Ok(NOTHING);
        }
        // A body of unknown length may turn out to be none at all.
        let rejection = unsupported(body, given);
        let limit = call.settings.limits.body_bytes;
        let Some(sent) = call
            .take_body()
            .filter(|_| body::content_length(headers).is_none())
        else {
            return Err(rejection);
        };
        let bytes = progress.read(body::read(sent, headers, limit)).await?;
        return if bytes.is_empty() {
            Ok(NOTHING)
        } else {
            Err(rejection)
        };
    };
    let limit = call.settings.limits.body_bytes;
    let Some(sent) = call.take_body() else {
        return Ok(NOTHING);
    };
    if content.form == MediaForm::Binary {
        let stream = body::stream(sent, headers, limit)?;
        return Ok((Some(index), Payload::Stream(progress.watch(stream))));
    }
    let bytes = receive_bytes(&call.settings, sent, headers, limit);
    let bytes = progress.read(bytes).await?;
    if bytes.is_empty() && content.form == MediaForm::Json {
        return Ok(NOTHING);
    }
    refuse_charset(content, given)?;
    Ok((Some(index), Payload::Bytes(bytes)))
}

async fn receive_bytes(
    settings: &Settings,
    sent: poem::Body,
    headers: &HeaderMap,
    limit: usize,
) -> Result<Bytes, Rejection> {
    let digest = headers.get("content-md5").filter(|_| settings.content_md5);
    let Some(digest) = digest else {
        return body::read(sent, headers, limit).await;
    };
    // The digest is that of the body as it was sent (RFC 1864, section 2).
    let mut plain = headers.clone();
    plain.remove(header::CONTENT_ENCODING);
    let raw = body::read(sent, &plain, limit).await?;
    body::verify_md5(&raw, digest)?;
    let mut decoded = headers.clone();
    decoded.remove(header::CONTENT_LENGTH);
    body::read(poem::Body::from_bytes(raw), &decoded, limit).await
}

/// The declared content for a media type: of those of the same essence the one with the most
/// parameters that came too, and before the ranges.
fn declared(body: &'static RequestBody, media_type: &str) -> Option<(usize, &'static Content)> {
    let contents = || body.content.iter().copied().enumerate();
    // Most clients write what the contract has, to the letter.
    if let Some(found) = contents().find(|(_, content)| content.media_type == media_type) {
        return Some(found);
    }
    let essence = negotiate::essence(media_type);
    let same = contents()
        .filter(|(_, content)| negotiate::essence(content.media_type).eq_ignore_ascii_case(essence))
        .map(|found| (negotiate::agreement(found.1.media_type, media_type), found));
    // The first of those that agree alike.
    let exact = same.rev().max_by_key(|(agreement, _)| *agreement);
    exact.map(|(_, found)| found).or_else(|| {
        contents()
            .filter(|(_, content)| negotiate::covers(content.media_type, essence))
            .max_by_key(|(_, content)| content.media_type != "*/*")
    })
}

fn unsupported(body: &RequestBody, given: Option<&str>) -> Rejection {
    Rejection::UnsupportedMediaType {
        declared: body
            .content
            .iter()
            .map(|content| content.media_type)
            .collect(),
        got: given.map(ToOwned::to_owned),
    }
}

/// Where undeclared media types are ignored, any `+json` type is read as JSON.
fn lenient(body: &RequestBody, media_type: &str) -> Option<(usize, &'static Content)> {
    let essence = negotiate::essence(media_type);
    if body.undeclared != Undeclared::Ignore || !essence.to_ascii_lowercase().ends_with("+json") {
        return None;
    }
    let mut contents = body.content.iter().copied().enumerate();
    contents.find(|(_, content)| content.form == MediaForm::Json)
}

/// RFC 8259, section 8.1: JSON is UTF-8.
fn refuse_charset(content: &Content, given: Option<&str>) -> Result<(), Rejection> {
    let charset = given.and_then(|given| negotiate::parameter(given, "charset"));
    match charset {
        Some(charset) if content.form == MediaForm::Json => {
            let known = ["utf-8", "utf8", "us-ascii"];
            if known
                .iter()
                .any(|known| charset.eq_ignore_ascii_case(known))
            {
                return Ok(());
            }
            Err(Rejection::UnsupportedEncoding {
                what: "charset",
                got: charset.to_owned(),
            })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::Shape;

    const fn content(media_type: &'static str) -> Content {
        Content {
            media_type,
            form: MediaForm::Json,
            shape: Shape::Json,
            encoding: &[],
            check: None,
        }
    }

    static ONE: Content = content("application/json;v=1");
    static TWO: Content = content("application/json; V=2; profile=\"a b\"");
    static ANY_VERSION: Content = content("application/json");
    static RANGE: Content = content("application/*");

    fn chosen(contents: &'static [&'static Content], media_type: &str) -> Option<usize> {
        let body = Box::leak(Box::new(RequestBody {
            required: true,
            content: contents,
            undeclared: Undeclared::Refuse,
        }));
        declared(body, media_type).map(|(index, _)| index)
    }

    #[test]
    fn parameters_tell_contents_apart() {
        static ALL: [&Content; 4] = [&RANGE, &ONE, &TWO, &ANY_VERSION];
        for (media_type, expected) in [
            ("application/json;v=1", 1),
            ("application/JSON; charset=utf-8; v=\"1\"", 1),
            ("application/json; profile=\"a b\"; v=2", 2),
            ("application/json;v=2", 3),
            ("application/json;v=3", 3),
            ("application/json", 3),
            ("application/xml;v=1", 0),
        ] {
            assert_eq!(chosen(&ALL, media_type), Some(expected), "{media_type}");
        }
        assert_eq!(chosen(&ALL, "text/plain;v=1"), None);
    }

    #[test]
    fn without_a_better_one_the_essence_decides() {
        static VERSIONS: [&Content; 2] = [&ONE, &TWO];
        for media_type in ["application/json", "application/json;v=3"] {
            assert_eq!(chosen(&VERSIONS, media_type), Some(0), "{media_type}");
        }
        let second = "application/json;v=2;profile=\"a b\"";
        assert_eq!(chosen(&VERSIONS, second), Some(1));
    }
}
