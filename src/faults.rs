//! Failures of the inside as the faults they are: a client is told whether trying again later may
//! help, and nothing else.

use std::error::Error;

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
