//! What every layer of the exam sessions does alike: who may call, how a call is followed from end
//! to end, and how errors look.

pub mod errors;
pub mod probe;

use std::sync::Arc;

use specwright_runtime::{ApiKey, Context, Denied, Grant, Limits, Mount, RequestIds};

use crate::clients::Clients;
use crate::config::Config;
use crate::effects::Effects;
use crate::faults::fault;
use crate::telemetry::Metrics;

/// The header that follows a call through every layer.
pub const TRANSACTION_ID: &str = "X-TRANSACTION-ID";

/// The header that says who calls.
const CLIENT_ID: &str = "client_id";

/// Who may call an API.
#[derive(Clone)]
pub struct Gate {
    api: &'static str,
    clients: Clients,
}

impl Gate {
    /// The clients of this API.
    pub fn new(api: &'static str, clients: Clients) -> Self {
        Self { api, clients }
    }

    /// Takes note of who calls; only the secret proves it.
    pub fn claimed(&self, client_id: &ApiKey) -> Grant {
        Grant::new(client_id.key.as_str())
    }

    /// Lets the client in whose secret this is.
    ///
    /// # Errors
    /// It is nobody's, or the database cannot tell.
    pub async fn proved(&self, secret: &ApiKey, context: &Context) -> Result<Grant, Denied> {
        let client_id = context.header(CLIENT_ID).ok_or_else(Denied::unauthorized)?;
        match self.clients.check(self.api, client_id, &secret.key).await {
            Ok(Some(role)) => Ok(Grant::new(client_id).with_scopes(role.scopes().iter().copied())),
            Ok(None) => {
                let request_id = context.request_id();
                tracing::warn!(request_id, api = self.api, "a client was turned away");
                Err(Denied::unauthorized())
            }
            Err(error) => Err(Denied::fault(fault(error))),
        }
    }
}

/// How every layer is hosted.
pub fn hosted(mount: Mount, config: &Config, effects: &Effects, metrics: Arc<Metrics>) -> Mount {
    let effects = effects.clone();
    let ids = RequestIds::default()
        .with_header(TRANSACTION_ID)
        .with_echo(Some(TRANSACTION_ID))
        .with_fresh(move || effects.new_transaction_id());
    mount
        .limits(Limits {
            body_bytes: config.body_limit_bytes,
            ..Limits::default()
        })
        .timeout(config.request_timeout)
        .metrics(metrics)
        .request_ids(ids)
}
