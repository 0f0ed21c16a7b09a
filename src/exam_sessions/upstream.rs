//! The system APIs, as their generated clients show them.

use std::time::Duration;

use specwright_runtime::client::Transport;
use specwright_runtime::{ApiKey, CallOptions, Client, ClientError, Context, Fault};

use crate::auth::secret::Secret;
use crate::cams::contract::CamsClient;
use crate::eps::contract::EpsClient;

/// How often a failed connection is tried again; the first try is not an attempt.
const ATTEMPTS: u32 = 2;

/// How long to wait before the first attempt; the second comes after about twice as long.
const BACKOFF: Duration = Duration::from_millis(50);

/// What is left for wording an error when a system API takes too long: a tenth of the time, and no
/// more than this.
const MARGIN: Duration = Duration::from_millis(100);

/// A system API: how it is reached, and as whom.
#[derive(Debug)]
pub struct Peer {
    client: Client,
    id: ApiKey,
    secret: ApiKey,
}

impl Peer {
    /// The one at the end of this transport, called with this id and secret.
    pub fn new(transport: impl Transport, id: &str, secret: &Secret) -> Self {
        let key = |text: &str| ApiKey {
            key: text.to_owned(),
        };
        Self {
            // Every call has the deadline of the request that it is made for.
            client: Client::new(transport)
                .attempts(ATTEMPTS)
                .backoff(BACKOFF)
                .timeout(None),
            id: key(id),
            secret: key(secret.as_str()),
        }
    }
}

/// The system APIs.
#[derive(Clone, Debug)]
pub struct Upstream {
    eps: EpsClient,
    cams: CamsClient,
}

impl Upstream {
    /// These two.
    pub fn new(eps: Peer, cams: Peer) -> Self {
        Self {
            eps: EpsClient::new(eps.client)
                .with_enforced_client_id(eps.id)
                .with_enforced_client_secret(eps.secret),
            cams: CamsClient::new(cams.client)
                .with_enforced_client_id(cams.id)
                .with_enforced_client_secret(cams.secret),
        }
    }

    /// EPS, for the calls of one request.
    pub fn eps(&self, context: &Context) -> EpsClient {
        self.eps.with(options(context))
    }

    /// CAMS, for the calls of one request.
    pub fn cams(&self, context: &Context) -> CamsClient {
        self.cams.with(options(context))
    }
}

fn options(context: &Context) -> CallOptions {
    let options = CallOptions::new().within(context);
    let (Some(deadline), Some(left)) = (context.deadline(), context.remaining()) else {
        return options;
    };
    let margin = MARGIN.min(left / 10);
    options.deadline(deadline.checked_sub(margin).unwrap_or(deadline))
}

/// Why a system API gave no answer that can be passed on.
pub enum Unanswered {
    /// It, or what it needs, cannot be reached.
    Connectivity,
    /// It takes too long.
    Timeout,
    /// There is no such thing.
    Absent,
    /// It finds the request wrong: pointer and message of each violation.
    Rejected(Vec<(String, String)>),
    /// It failed, or does not keep its contract.
    Fault(Fault),
}

impl Unanswered {
    /// What a failed call comes to; the log learns the cause.
    pub fn of(error: ClientError, context: &Context) -> Self {
        let unreachable =
            error.is_connection() || error.status().is_some_and(|status| status > 500);
        if !unreachable && !error.is_deadline() {
            return Self::Fault(Fault::internal(error));
        }
        let request_id = context.request_id();
        tracing::warn!(request_id, cause = %error, "a system API gave no answer");
        match unreachable {
            true => Self::Connectivity,
            false => Self::Timeout,
        }
    }

    /// The system API answered with a status that this API is not to cause.
    pub fn unexpected(api: &str, status: u16, code: &str) -> Self {
        let message = format!("the system API `{api}` answered {status} {code}");
        Self::Fault(Fault::internal(message))
    }

    /// The system API does not know this server by the credentials that it is configured with.
    pub fn refused(api: &str, reason: &str) -> Self {
        let message = format!(
            "the system API `{api}` refuses the credentials that this server calls it with \
             ({reason}): see `{api}_client_id` and `{api}_client_secret`"
        );
        Self::Fault(Fault::internal(message))
    }
}

/// The wanted answer of a system API, or what any other comes to.
macro_rules! wanted {
    ($answer:expr, $contract:ident::$response:ident $(, $absent:ident)?) => {{
        use $contract::$response;
        use $crate::exam_sessions::upstream::Unanswered;
        let api = $contract::API.name;
        match $answer {
            $response::Ok(body) => Ok(body),
            $($response::$absent(_) => Err(Unanswered::Absent),)?
            $response::ServiceUnavailable(_) => Err(Unanswered::Connectivity),
            $response::GatewayTimeout(_) => Err(Unanswered::Timeout),
            $response::BadRequest(error) => {
                let details = error.details.unwrap_or_default().into_iter();
                let details = details.map(|detail| (detail.pointer, detail.message));
                Err(Unanswered::Rejected(details.collect()))
            }
            $response::InternalServerError(error) => {
                Err(Unanswered::unexpected(api, 500, &error.code))
            }
            $response::NotAcceptable(error) => Err(Unanswered::unexpected(api, 406, &error.code)),
            $response::Unauthorized(error) => Err(Unanswered::refused(api, error.error.as_str())),
        }
    }};
}

pub(super) use wanted;
