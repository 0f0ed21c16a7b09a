//! Tries, pauses, deadlines.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use futures_util::future::{Either, select};
use std::io;

use super::answer::{Answer, Received};
use super::draft::{Draft, Outgoing, Payload};
use super::error::{ClientError, ErrorKind};
use super::pacing::{self, Pacing};
use super::transport::{Failure, TransportError};
use crate::stream::ByteStream;

/// How much is read of an answer that only an error will show, in bytes.
const ERROR_BYTES: usize = 64 << 10;

/// Sends a request, again where that is allowed, and receives its answer.
pub(super) async fn send(draft: Draft, mut outgoing: Outgoing) -> Result<Answer, ClientError> {
    let settings = Arc::clone(&draft.client.settings);
    let again = draft.idempotent && !matches!(outgoing.body, Payload::Stream(_));
    let most = if again { settings.attempts } else { 0 };
    let time = Time::of(&draft);
    let mut attempts = 0;
    loop {
        let tried = time.limit(try_once(&draft, &mut outgoing, &time)).await;
        let failed = match tried {
            None => return Err(draft.fail(ErrorKind::Deadline { attempts })),
            Some(Ok(received)) => return Answer::of(&draft, received),
            Some(Err(Untaken::TooLarge { status, limit })) => {
                return Err(draft.fail(ErrorKind::TooLarge { status, limit }));
            }
            Some(Err(Untaken::Transport(cause))) => cause,
        };
        let pause = pacing::pause(settings.backoff, attempts, settings.pacing.random());
        let in_time = time.left().is_none_or(|left| pause < left);
        if attempts >= most || !failed.is_connection() || !in_time {
            let cause = failed;
            return Err(draft.fail(ErrorKind::Connection { attempts, cause }));
        }
        attempts += 1;
        tracing::warn!(
            request_id = draft.client.options.label.as_deref(),
            operation = draft.operation.id,
            peer = settings.transport.peer(),
            attempt = attempts,
            error = %failed,
            "a connection failed and is tried again"
        );
        settings.pacing.sleep(pause).await;
    }
}

/// Why an answer is not taken.
enum Untaken {
    Transport(TransportError),
    TooLarge { status: u16, limit: usize },
}

/// One try: the head of the answer, and its body unless that is left to the caller.
async fn try_once(
    draft: &Draft,
    outgoing: &mut Outgoing,
    time: &Time,
) -> Result<Received, Untaken> {
    let transport = &draft.client.settings.transport;
    let response = transport.send(outgoing.request()).await;
    let response = response.map_err(Untaken::Transport)?;
    let (parts, body) = response.into_parts();
    let mut received = Received::new(draft.operation, parts.status.as_u16(), parts.headers);
    if received.is_streamed(draft.streams) {
        received.stream = Some(time.limit_stream(body));
        return Ok(received);
    }
    let most = draft.client.settings.answer_bytes;
    let most = if received.is_declared() {
        most
    } else {
        most.min(ERROR_BYTES)
    };
    received.body = whole(&received, body, most).await?;
    Ok(received)
}

/// A whole body; of one that only an error will show, the start.
async fn whole(received: &Received, mut body: ByteStream, most: usize) -> Result<Bytes, Untaken> {
    let too_large = || Untaken::TooLarge {
        status: received.status,
        limit: most,
    };
    if received.is_declared() && received.announced().is_some_and(|length| length > most) {
        return Err(too_large());
    }
    if let Some(bytes) = body.in_memory().filter(|bytes| bytes.len() <= most) {
        return Ok(bytes.clone());
    }
    // Most come in one piece, which is then not copied.
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    while let Some(piece) = body.next().await {
        let broken = |error| Untaken::Transport(TransportError::new(Failure::Broken, error));
        let piece = piece.map_err(broken)?;
        let left = most.saturating_sub(first.len() + all.len());
        let is_over = piece.len() > left;
        if is_over && received.is_declared() {
            return Err(too_large());
        }
        if first.is_empty() && all.is_empty() && !is_over {
            first = piece;
            continue;
        }
        all.extend_from_slice(&std::mem::take(&mut first));
        all.extend_from_slice(piece.get(..left).unwrap_or(&piece));
        if is_over {
            break;
        }
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}

/// The time that a call has.
struct Time {
    pacing: Arc<dyn Pacing>,
    deadline: Option<Instant>,
}

impl Time {
    fn of(draft: &Draft) -> Self {
        let (settings, options) = (&draft.client.settings, &draft.client.options);
        let pacing = Arc::clone(&settings.pacing);
        let now = pacing.now();
        let spans = [settings.timeout, options.timeout];
        let ends = spans.into_iter().flatten();
        let ends = ends.filter_map(|span| now.checked_add(span));
        let deadline = ends.chain(options.deadline).min();
        Self { pacing, deadline }
    }

    fn left(&self) -> Option<Duration> {
        self.deadline
            .map(|deadline| deadline.saturating_duration_since(self.pacing.now()))
    }

    /// The outcome, unless it takes longer than there is time. Without any time nothing is begun.
    async fn limit<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let Some(left) = self.left() else {
            return Some(work.await);
        };
        if left.is_zero() {
            return None;
        }
        match select(pin!(work), self.pacing.sleep(left)).await {
            Either::Left((outcome, _)) => Some(outcome),
            Either::Right(_) => None,
        }
    }

    fn limit_stream(&self, stream: ByteStream) -> ByteStream {
        match self.left() {
            None => stream,
            Some(left) => ByteStream::new(Until {
                stream: Some(stream),
                end: self.pacing.sleep(left),
            }),
        }
    }
}

/// A stream that ends in an error when its time is over.
struct Until {
    stream: Option<ByteStream>,
    end: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Stream for Until {
    type Item = io::Result<Bytes>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut TaskContext<'_>,
    ) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Some(stream) = &mut this.stream else {
            return Poll::Ready(None);
        };
        let polled = Pin::new(stream).poll_next(context);
        if polled.is_pending() && this.end.as_mut().poll(context).is_ready() {
            // The connection goes with it.
            this.stream = None;
            let words = "the answer did not end in time";
            return Poll::Ready(Some(Err(io::Error::new(io::ErrorKind::TimedOut, words))));
        }
        polled
    }
}

#[cfg(test)]
#[path = "send_tests.rs"]
mod tests;
