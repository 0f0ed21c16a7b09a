//! Failures of the inside as the faults they are: a client is told whether trying again later may
//! help, and nothing else.

use std::any::Any;
use std::error::Error;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;

use specwright_runtime::Fault;

/// A failure that may be nothing but something the server needs being away for a while.
pub trait Outage: Error + Send + Sync + 'static {
    /// Whether trying again later may help.
    fn is_unavailable(&self) -> bool;
}

/// The answer to it: a 503 where trying again may help, else a 500.
pub fn fault(error: impl Outage) -> Fault {
    if error.is_unavailable() {
        Fault::unavailable(error)
    } else {
        Fault::internal(error)
    }
}

/// What a future comes to, or the words with which it panicked; it is not asked again then.
///
/// # Errors
/// It panicked.
pub async fn caught<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = pin!(future);
    let polled =
        poll_fn(
            |context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
                Ok(polled) => polled.map(Ok),
                Err(panic) => std::task::Poll::Ready(Err(words(&*panic))),
            },
        );
    polled.await
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "without a word".to_owned())
}
