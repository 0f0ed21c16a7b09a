//! One connection: what is under way on it, and when it ends.

use std::fmt::Display;
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body, Frame, SizeHint};
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;

/// How long the other end of a connection that is told to end may take to agree.
const FAREWELL: Duration = Duration::from_secs(5);

/// In how many parts idle time is measured: it is exact to one of them, and costs requests no look
/// at the clock.
const PARTS: u32 = 4;

/// What is longer than this many bytes belongs to an answer. Shorter is also what HTTP/2 says
/// without being asked: pings (17 bytes), settings, the wish to end.
const CHATTER: usize = 64;

/// What is going on on a connection.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    /// How many requests have come whose answers are not handed over whole.
    under_way: AtomicUsize,
    /// Whether the other end does not take what is written.
    blocked: AtomicBool,
    /// Whether an answer, or a part of one, was written since the last look.
    used: AtomicBool,
}

impl Usage {
    /// One more request, until the guard is dropped.
    pub(crate) fn begin(self: &Arc<Self>) -> UnderWay {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(Arc::clone(self))
    }

    /// Whether the connection is in use, or was since this was last asked.
    fn is_in_use(&self) -> bool {
        self.used.swap(false, Ordering::Relaxed)
            || self.under_way.load(Ordering::Relaxed) > 0
            || self.blocked.load(Ordering::Relaxed)
    }

    /// Waits until the connection has not been used for this long.
    async fn idle(&self, span: Duration) {
        let mut quiet = 0;
        while quiet < PARTS {
            tokio::time::sleep(span / PARTS).await;
            quiet = if self.is_in_use() { 0 } else { quiet + 1 };
        }
    }
}

/// A request that is under way.
pub(crate) struct UnderWay(Arc<Usage>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.used.store(true, Ordering::Relaxed);
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The body of an answer, whose request is under way until it is handed over.
pub(crate) struct Answer<B> {
    body: B,
    _under_way: UnderWay,
}

impl<B> Answer<B> {
    pub(crate) fn new(body: B, under_way: UnderWay) -> Self {
        Self {
            body,
            _under_way: under_way,
        }
    }
}

impl<B: Body + Unpin> Body for Answer<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What a connection reads from and writes to, with an eye on what is written.
pub(crate) struct Watched<T> {
    io: T,
    usage: Arc<Usage>,
}

impl<T> Watched<T> {
    pub(crate) fn new(io: T, usage: Arc<Usage>) -> Self {
        Self { io, usage }
    }

    fn note<R>(&self, polled: Poll<R>) -> Poll<R> {
        self.usage
            .blocked
            .store(polled.is_pending(), Ordering::Relaxed);
        polled
    }

    fn note_written(&self, polled: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        let written = ready!(self.note(polled));
        if matches!(written, Ok(length) if length > CHATTER) {
            self.usage.used.store(true, Ordering::Relaxed);
        }
        Poll::Ready(written)
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Watched<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Watched<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write(context, bytes);
        self.note_written(polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write_vectored(context, slices);
        self.note_written(polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.io).poll_flush(context);
        self.note(polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

/// A connection to its end: what is under way on it ends with it.
///
/// It is told to end when it was idle for this long, or when the server stops, and then finishes
/// what is under way.
pub(crate) async fn live(
    connection: impl GracefulConnection<Error: Display>,
    usage: Arc<Usage>,
    idle: Duration,
    mut stopping: watch::Receiver<()>,
) {
    let mut connection = pin!(connection);
    tokio::select! {
        ended = connection.as_mut() => return broken_off(ended),
        () = usage.idle(idle) => {}
        _ = stopping.changed() => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        ended = connection => broken_off(ended),
        () = usage.idle(idle.min(FAREWELL)) => {
            tracing::debug!("an idle connection is broken off");
        }
    }
}

fn broken_off<E: Display>(ended: Result<(), E>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}
