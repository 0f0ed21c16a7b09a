//! Bytes that are the same for everybody: compressed once, and not sent again to who has them.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use poem::{Body, Response};
use tokio::sync::OnceCell;

use crate::body;
use crate::conditional::{self, Known};
use crate::negotiate::{self, Coding};
use crate::send::COMPRESS_FROM;

/// Bytes that are the same for everybody, such as a page or a document.
///
/// Each content coding is made when it is first asked for, and kept.
#[derive(Debug)]
pub struct StaticPage {
    media_type: HeaderValue,
    headers: Vec<(HeaderName, HeaderValue)>,
    bytes: Bytes,
    plain: OnceCell<Form>,
    gzip: OnceCell<Form>,
    brotli: OnceCell<Form>,
}

/// The page in one content coding.
#[derive(Debug)]
struct Form {
    bytes: Bytes,
    tag: Option<HeaderValue>,
    coding: Coding,
}

impl StaticPage {
    /// A page of this media type; one that is no media type is sent as octets.
    pub fn new(media_type: &str, bytes: impl Into<Bytes>) -> Self {
        let octets = HeaderValue::from_static("application/octet-stream");
        Self {
            media_type: HeaderValue::from_str(media_type).unwrap_or(octets),
            headers: Vec::new(),
            bytes: bytes.into(),
            plain: OnceCell::new(),
            gzip: OnceCell::new(),
            brotli: OnceCell::new(),
        }
    }

    /// With one more header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.push((name, HeaderValue::from_static(value)));
        self
    }

    /// Answers `GET`, or `HEAD`, with these headers.
    pub async fn answer(&self, method: &Method, headers: &HeaderMap) -> Response {
        let media_type = self.media_type.to_str().unwrap_or_default();
        let shrinks = negotiate::is_compressible(media_type) && self.bytes.len() >= COMPRESS_FROM;
        let coding = match shrinks {
            true => negotiate::coding(headers),
            false => Coding::Identity,
        };
        let form = self.form(coding).await;
        let mut response = Response::default();
        let answered = response.headers_mut();
        for (name, value) in &self.headers {
            answered.insert(name.clone(), value.clone());
        }
        if shrinks {
            answered.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        if let Some(tag) = &form.tag {
            answered.insert(header::ETAG, tag.clone());
            if Known::of(headers).has(tag) {
                response.set_status(StatusCode::NOT_MODIFIED);
                return response;
            }
        }
        answered.insert(header::CONTENT_TYPE, self.media_type.clone());
        if let Some(name) = form.coding.name() {
            answered.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        if *method == Method::HEAD {
            // RFC 9110, section 9.3.2: the headers are those of GET, the body stays away.
            answered.insert(header::CONTENT_LENGTH, form.bytes.len().into());
        } else {
            response.set_body(Body::from_bytes(form.bytes.clone()));
        }
        response
    }

    /// The page in a content coding, or as it is where it cannot be compressed.
    async fn form(&self, coding: Coding) -> &Form {
        let made = match coding {
            Coding::Identity => None,
            Coding::Gzip => Some(&self.gzip),
            Coding::Brotli => Some(&self.brotli),
        };
        if let Some(cell) = made {
            match cell.get_or_try_init(|| self.compressed(coding)).await {
                Ok(form) => return form,
                Err(error) => tracing::error!(%error, "a page cannot be compressed"),
            }
        }
        let plain = async || self.tagged(self.bytes.clone(), Coding::Identity);
        self.plain.get_or_init(plain).await
    }

    async fn compressed(&self, coding: Coding) -> std::io::Result<Form> {
        let bytes = body::compress(&self.bytes, coding).await?;
        Ok(self.tagged(bytes.into(), coding))
    }

    fn tagged(&self, bytes: Bytes, coding: Coding) -> Form {
        // The tag is that of the plain bytes in this coding, as with the answers of operations.
        let tag = conditional::tag_of(self.media_type.as_bytes(), coding.name(), &self.bytes);
        Form { bytes, tag, coding }
    }
}
