//! How far a request has come, for whoever counts its time.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use futures_util::Stream as _;
use futures_util::stream::poll_fn;

use crate::stream::ByteStream;

/// How far a request has come.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// Whether an operation has begun that is let end when it ends.
    unhurried: AtomicBool,
    /// Whether the body is being read into memory.
    reading: AtomicBool,
    /// Whether a body that is streamed keeps its reader waiting.
    starving: OnceLock<Arc<AtomicBool>>,
}

/// Takes the mark away when a stream goes, read to its end or not.
struct Mark(Arc<AtomicBool>);

impl Drop for Mark {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Progress {
    /// Notes that an operation has begun, and whether it is let end when it ends.
    pub fn begin(&self, unhurried: bool) {
        self.unhurried.store(unhurried, Ordering::Relaxed);
    }

    pub fn is_unhurried(&self) -> bool {
        self.unhurried.load(Ordering::Relaxed)
    }

    /// Whether it is the rest of the body that is waited for.
    pub fn waits_for_body(&self) -> bool {
        let starving = self.starving.get();
        self.reading.load(Ordering::Relaxed)
            || starving.is_some_and(|starving| starving.load(Ordering::Relaxed))
    }

    /// Waits for a body that is read into memory.
    pub async fn read<T>(&self, body: impl Future<Output = T>) -> T {
        self.reading.store(true, Ordering::Relaxed);
        let read = body.await;
        self.reading.store(false, Ordering::Relaxed);
        read
    }

    /// The same body, whose reader is seen waiting.
    pub fn watch(&self, mut body: ByteStream) -> ByteStream {
        let mark = Mark(Arc::clone(self.starving.get_or_init(Arc::default)));
        ByteStream::new(poll_fn(move |context| {
            let polled = Pin::new(&mut body).poll_next(context);
            mark.0.store(polled.is_pending(), Ordering::Relaxed);
            polled
        }))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt as _, StreamExt as _, stream};

    use super::*;

    #[test]
    fn a_body_is_waited_for_while_its_reader_waits() {
        let progress = Progress::default();
        assert!(!progress.waits_for_body());
        let pieces = stream::iter([Ok("piece".into())]).chain(stream::pending());
        let mut body = progress.watch(ByteStream::new(pieces));
        assert!(!progress.waits_for_body());
        assert!(body.next().now_or_never().is_some());
        // What the reader does with a piece is its own time.
        assert!(!progress.waits_for_body());
        assert!(body.next().now_or_never().is_none());
        assert!(progress.waits_for_body());
        drop(body);
        assert!(!progress.waits_for_body());
    }

    #[tokio::test]
    async fn a_body_in_memory_is_waited_for_until_it_is_there() {
        let progress = Progress::default();
        let seen = progress.read(async { progress.waits_for_body() }).await;
        assert!(seen);
        assert!(!progress.waits_for_body());
    }
}
