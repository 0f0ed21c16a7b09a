//! Bytes on their way in or out.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context as TaskContext, Poll};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};

/// Bytes that need not all be in memory at once.
pub struct ByteStream(Source);

enum Source {
    Memory(Bytes),
    // Nothing is ever locked: with the mutex around it a stream can be referred to from several
    // threads, and so can what holds one while it waits.
    Stream(Mutex<Pieces>),
}

type Pieces = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

impl ByteStream {
    /// Bytes that come when they are asked for.
    pub fn new(stream: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Self {
        Self(Source::Stream(Mutex::new(Box::pin(stream))))
    }

    /// The next piece; `None` at the end.
    pub async fn next(&mut self) -> Option<io::Result<Bytes>> {
        StreamExt::next(self).await
    }

    /// Everything that is left, in memory.
    ///
    /// # Errors
    ///
    /// The other side broke off, or sent more than it may.
    pub async fn bytes(mut self) -> io::Result<Bytes> {
        if let Source::Memory(bytes) = self.0 {
            return Ok(bytes);
        }
        let mut all = Vec::new();
        while let Some(piece) = self.next().await {
            all.extend_from_slice(&piece?);
        }
        Ok(all.into())
    }

    #[cfg(feature = "server")]
    pub(crate) fn into_body(self) -> poem::Body {
        match self.0 {
            Source::Memory(bytes) => poem::Body::from_bytes(bytes),
            Source::Stream(stream) => {
                let stream = stream.into_inner().unwrap_or_else(PoisonError::into_inner);
                poem::Body::from_bytes_stream(stream)
            }
        }
    }

    pub(crate) fn in_memory(&self) -> Option<&Bytes> {
        match &self.0 {
            Source::Memory(bytes) => Some(bytes),
            Source::Stream(_) => None,
        }
    }
}

impl Stream for ByteStream {
    type Item = io::Result<Bytes>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut TaskContext<'_>,
    ) -> Poll<Option<Self::Item>> {
        match &mut self.0 {
            Source::Memory(bytes) if bytes.is_empty() => Poll::Ready(None),
            Source::Memory(bytes) => Poll::Ready(Some(Ok(std::mem::take(bytes)))),
            Source::Stream(stream) => {
                let stream = stream.get_mut().unwrap_or_else(PoisonError::into_inner);
                stream.as_mut().poll_next(context)
            }
        }
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Memory(bytes) => write!(f, "ByteStream({} bytes)", bytes.len()),
            Source::Stream(_) => f.write_str("ByteStream(..)"),
        }
    }
}

impl From<Bytes> for ByteStream {
    fn from(bytes: Bytes) -> Self {
        Self(Source::Memory(bytes))
    }
}

impl From<Vec<u8>> for ByteStream {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for ByteStream {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<&'static str> for ByteStream {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A service calls clients while it answers, and its futures must be `Send`.
    #[test]
    fn what_waits_for_a_stream_can_move_between_threads() {
        fn movable<T: Send>(_: &T) {}
        let stream = ByteStream::from("piece");
        movable(&async {
            let one = &stream;
            std::future::ready(()).await;
            one.in_memory().is_some()
        });
    }
}
