//! Bodies on their way in and out: limits and content encodings.

use std::error::Error;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, ready};

use async_compression::tokio::bufread::{BrotliDecoder, BrotliEncoder, GzipDecoder, GzipEncoder};
use async_compression::tokio::write as in_memory;
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use http::{HeaderMap, header};
use poem::Body;
use tokio::io::{AsyncBufRead, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader, ReadBuf};

use crate::charset::{self, Undecoded};
use crate::negotiate::Coding;
use crate::rejection::{Malformed, Rejection};
use crate::stream::ByteStream;

/// What is wrong with a body that was not sent whole.
const INCOMPLETE: &str = "it was not sent completely";

/// What is wrong with a body that cannot be decoded.
const UNDECODABLE: &str = "it is not encoded as Content-Encoding says";

/// Why a body broke off while it was streamed.
#[derive(Clone, Copy, Debug)]
enum BrokenOff {
    /// It grew beyond its limit.
    TooLarge { limit: usize },
    /// It cannot be read from this byte on, counted in what was decoded.
    Unread { offset: usize, reason: &'static str },
}

impl fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit } => write!(f, "the body is larger than {limit} bytes"),
            Self::Unread { offset, reason } => {
                write!(f, "the body cannot be read at byte {offset}: {reason}")
            }
        }
    }
}

impl Error for BrokenOff {}

/// The rejection of a body that broke off, if that is what went wrong.
pub(crate) fn broken_off(error: &(dyn Error + 'static)) -> Option<Rejection> {
    let mut next = Some(error);
    while let Some(error) = next {
        let inner = match error.downcast_ref::<io::Error>() {
            Some(error) => error.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => Some(error),
        };
        match inner.and_then(|inner| inner.downcast_ref::<BrokenOff>()) {
            Some(BrokenOff::TooLarge { limit }) => {
                return Some(Rejection::TooLarge { limit: *limit });
            }
            Some(BrokenOff::Unread { offset, reason }) => return Some(broken(*offset, reason)),
            None => next = error.source(),
        }
    }
    None
}

/// The content encoding of a request body.
fn coding(headers: &HeaderMap) -> Result<Coding, Rejection> {
    let Some(value) = headers.get(header::CONTENT_ENCODING) else {
        return Ok(Coding::Identity);
    };
    let text = value.to_str().unwrap_or("?").trim();
    match text.to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(Coding::Identity),
        "gzip" | "x-gzip" => Ok(Coding::Gzip),
        "br" => Ok(Coding::Brotli),
        _ => Err(Rejection::UnsupportedEncoding {
            what: "content encoding",
            got: text.to_owned(),
        }),
    }
}

/// The announced length of a body.
pub(crate) fn content_length(headers: &HeaderMap) -> Option<u64> {
    let value = headers.get(header::CONTENT_LENGTH)?.as_bytes();
    std::str::from_utf8(value.trim_ascii()).ok()?.parse().ok()
}

/// Whether there is a body: headers promise one (RFC 9112, section 6.3), or the connection knows
/// of one, as in HTTP/2, where a body needs no header at all (RFC 9113, section 8.1).
pub(crate) fn is_announced(headers: &HeaderMap, body: Option<&Body>) -> bool {
    body.is_some_and(|body| !body.is_empty())
        || content_length(headers).is_some_and(|length| length > 0)
        || headers.contains_key(header::TRANSFER_ENCODING)
}

fn refuse_long(length: Option<u64>, limit: usize) -> Result<(), Rejection> {
    if usize::try_from(length.unwrap_or(0)).is_ok_and(|length| length <= limit) {
        Ok(())
    } else {
        Err(Rejection::TooLarge { limit })
    }
}

fn decoder(body: Body, coding: Coding) -> Box<dyn AsyncRead + Send + Unpin> {
    let raw = body.into_async_read();
    match coding {
        Coding::Identity => Box::new(raw),
        Coding::Gzip => {
            let mut decoder = GzipDecoder::new(BufReader::new(raw));
            // RFC 1952, section 2.2: the members simply appear one after another.
            decoder.multiple_members(true);
            Box::new(decoder)
        }
        Coding::Brotli => Box::new(Whole(BrotliDecoder::new(BufReader::new(raw)))),
    }
}

/// A decoder of a format with one end, behind which nothing may follow.
struct Whole<R>(BrotliDecoder<BufReader<R>>);

impl<R: AsyncRead + Unpin> AsyncRead for Whole<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut TaskContext<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.0).poll_read(context, buffer))?;
        if buffer.filled().len() > before || buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        let rest = ready!(Pin::new(self.0.get_mut()).poll_fill_buf(context))?;
        Poll::Ready(if rest.is_empty() {
            Ok(())
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidData, UNDECODABLE))
        })
    }
}

/// Reads a whole body; the limit holds for what it decodes to.
///
/// # Errors
///
/// The body is too large, encoded in an unknown way, or broken.
pub async fn read(body: Body, headers: &HeaderMap, limit: usize) -> Result<Bytes, Rejection> {
    let coding = coding(headers)?;
    let length = content_length(headers);
    refuse_long(length, limit)?;
    if coding == Coding::Identity && length.is_some() {
        // No more comes than was announced, which was found short enough.
        let whole = body.into_bytes().await;
        let whole = whole.map_err(|_| broken(0, INCOMPLETE))?;
        return if whole.len() > limit {
            Err(Rejection::TooLarge { limit })
        } else {
            Ok(whole)
        };
    }
    if coding == Coding::Identity {
        return plain(body, limit).await;
    }
    // A decoder takes kilobytes, which a plain body must not carry along.
    Box::pin(decode(body, coding, limit)).await
}

/// Reads a body that is not encoded. Most come in one piece, which is then not copied.
async fn plain(body: Body, limit: usize) -> Result<Bytes, Rejection> {
    let mut pieces = body.into_bytes_stream();
    let mut whole = Bytes::new();
    let mut joined = BytesMut::new();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| broken(0, INCOMPLETE))?;
        if whole.len() + joined.len() + piece.len() > limit {
            return Err(Rejection::TooLarge { limit });
        }
        if whole.is_empty() && joined.is_empty() {
            whole = piece;
        } else {
            joined.extend_from_slice(&std::mem::take(&mut whole));
            joined.extend_from_slice(&piece);
        }
    }
    Ok(if joined.is_empty() {
        whole
    } else {
        joined.freeze()
    })
}

async fn decode(body: Body, coding: Coding, limit: usize) -> Result<Bytes, Rejection> {
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut decoder = decoder(body, coding).take(most);
    match decoder.read_to_end(&mut bytes).await {
        Ok(_) if bytes.len() > limit => Err(Rejection::TooLarge { limit }),
        Ok(_) => Ok(bytes.into()),
        Err(_) => Err(broken(bytes.len(), UNDECODABLE)),
    }
}

fn broken(offset: usize, reason: &'static str) -> Rejection {
    Rejection::Malformed(Malformed {
        offset,
        line: 1,
        column: 1,
        reason,
    })
}

/// Hands a body on as it comes, up to a limit of decoded bytes.
///
/// # Errors
///
/// The body is announced as too large, or encoded in an unknown way.
pub fn stream(body: Body, headers: &HeaderMap, limit: usize) -> Result<ByteStream, Rejection> {
    let coding = coding(headers)?;
    refuse_long(content_length(headers), limit)?;
    let pieces: Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>> = match coding {
        Coding::Identity => Box::pin(body.into_bytes_stream()),
        other => {
            Box::pin(Body::from_async_read(Together(decoder(body, other))).into_bytes_stream())
        }
    };
    let reason = match coding {
        Coding::Identity => INCOMPLETE,
        Coding::Gzip | Coding::Brotli => UNDECODABLE,
    };
    let mut left = limit;
    Ok(ByteStream::new(pieces.map(move |piece| {
        let offset = limit - left;
        let piece = piece.map_err(|_| io::Error::other(BrokenOff::Unread { offset, reason }))?;
        left = left
            .checked_sub(piece.len())
            .ok_or_else(|| io::Error::other(BrokenOff::TooLarge { limit }))?;
        Ok(piece)
    })))
}

/// A boxed reader as a type of its own.
struct Together(Box<dyn AsyncRead + Send + Unpin>);

impl AsyncRead for Together {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut TaskContext<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

/// Turns the bytes of a text into text.
///
/// # Errors
///
/// The charset is unknown, or the bytes are none of it.
pub fn text(bytes: &[u8], charset: Option<&str>) -> Result<String, Rejection> {
    charset::decode(bytes, charset).map_err(|undecoded| match undecoded {
        Undecoded::Invalid { offset } => {
            Rejection::Malformed(Malformed::at(bytes, offset, "the text is not valid UTF-8"))
        }
        Undecoded::Unknown { charset } => Rejection::UnsupportedEncoding {
            what: "charset",
            got: charset,
        },
    })
}

/// Compresses bytes that are in memory.
pub async fn compress(bytes: &[u8], coding: Coding) -> io::Result<Vec<u8>> {
    match coding {
        Coding::Identity => Ok(bytes.to_vec()),
        Coding::Gzip => {
            let mut encoder = in_memory::GzipEncoder::new(Vec::with_capacity(bytes.len() / 2));
            encoder.write_all(bytes).await?;
            encoder.shutdown().await?;
            Ok(encoder.into_inner())
        }
        Coding::Brotli => {
            // The best compression takes many times longer and gains little on answers.
            let level = async_compression::Level::Precise(4);
            let buffer = Vec::with_capacity(bytes.len() / 2);
            let mut encoder = in_memory::BrotliEncoder::with_quality(buffer, level);
            encoder.write_all(bytes).await?;
            encoder.shutdown().await?;
            Ok(encoder.into_inner())
        }
    }
}

/// Compresses a stream on its way out.
pub fn compress_stream(stream: ByteStream, coding: Coding) -> Body {
    let raw = BufReader::new(stream.into_body().into_async_read());
    match coding {
        Coding::Identity => Body::from_async_read(raw),
        Coding::Gzip => Body::from_async_read(GzipEncoder::new(raw)),
        Coding::Brotli => {
            let level = async_compression::Level::Precise(4);
            Body::from_async_read(BrotliEncoder::with_quality(raw, level))
        }
    }
}

/// Compares a body with the header `Content-MD5` (RFC 1864).
///
/// # Errors
///
/// The digest is another one, or no digest at all.
pub fn verify_md5(bytes: &[u8], digest: &http::HeaderValue) -> Result<(), Rejection> {
    use base64::Engine;
    use md5::Digest;
    let given = base64::engine::general_purpose::STANDARD.decode(digest.as_bytes().trim_ascii());
    let actual = md5::Md5::digest(bytes);
    match given {
        Ok(given) if given == actual.as_slice() => Ok(()),
        _ => Err(Rejection::BadDigest),
    }
}
