//! What the operations of the contract do.

use std::time::{Duration, Instant};

use specwright_runtime::{ApiKey, Context, Denied, Fault, Grant};

use super::contract::{
    Cams, GetStatusRequest, GetStatusResponse, ListSessionsRequest, ListSessionsResponse,
    PeriodType, SessionStatus, SystemStatus, SystemStatusStatus, VocationalSession,
    VocationalSessionList,
};
use super::store::{self, Period, State, Store};
use crate::db::DbError;
use crate::effects::Effects;
use crate::layer::Gate;

/// How long the database may take to show that it is up.
const PATIENCE: Duration = Duration::from_secs(2);

/// Vocational sessions in one database.
#[derive(Clone)]
pub struct Service {
    store: Store,
    gate: Gate,
    effects: Effects,
}

impl Service {
    /// Sessions in this store, for whom the gate lets in.
    pub fn new(store: Store, gate: Gate, effects: Effects) -> Self {
        Self {
            store,
            gate,
            effects,
        }
    }
}

impl Cams for Service {
    async fn list_sessions(
        &self,
        request: ListSessionsRequest,
        _context: &Context,
    ) -> Result<ListSessionsResponse, Fault> {
        let group = request.qualification_group.as_deref();
        let sessions = self.store.list(group).await.map_err(fault)?;
        Ok(ListSessionsResponse::Ok(VocationalSessionList {
            total: i64::try_from(sessions.len()).unwrap_or(i64::MAX),
            sessions: sessions.into_iter().map(listed).collect(),
        }))
    }

    async fn get_status(
        &self,
        _request: GetStatusRequest,
        context: &Context,
    ) -> Result<GetStatusResponse, Fault> {
        let asked = Instant::now();
        let request_id = context.request_id();
        let up = match tokio::time::timeout(PATIENCE, self.store.has_sessions()).await {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => {
                tracing::warn!(request_id, system = "cams", %error, "it is down");
                false
            }
            Err(_) => {
                tracing::warn!(request_id, system = "cams", "it is silent");
                false
            }
        };
        let latency = self.effects.clock.since(asked).as_millis();
        let latency = i64::try_from(latency).unwrap_or(i64::MAX);
        Ok(GetStatusResponse::Ok(match up {
            true => SystemStatus {
                status: SystemStatusStatus::Up,
                latency_ms: Some(latency),
                message: None,
            },
            false => SystemStatus {
                status: SystemStatusStatus::Down,
                latency_ms: None,
                message: Some("The database cannot be reached.".to_owned()),
            },
        }))
    }

    async fn authenticate_enforced_client_id(
        &self,
        credentials: &ApiKey,
        _context: &Context,
    ) -> Result<Grant, Denied> {
        Ok(self.gate.claimed(credentials))
    }

    async fn authenticate_enforced_client_secret(
        &self,
        credentials: &ApiKey,
        context: &Context,
    ) -> Result<Grant, Denied> {
        self.gate.proved(credentials, context).await
    }
}

fn listed(session: store::Session) -> VocationalSession {
    VocationalSession {
        session_id: session.session_id,
        name: session.name,
        period_type: match session.period {
            Period::Annual => PeriodType::Annual,
            Period::Specific => PeriodType::SpecificPeriod,
        },
        qualification_group: session.qualification_group,
        start_date: session.start_date,
        end_date: session.end_date,
        status: match session.state {
            State::Planned => SessionStatus::Planned,
            State::Open => SessionStatus::Open,
            State::Closed => SessionStatus::Closed,
            State::Archived => SessionStatus::Archived,
        },
    }
}

fn fault(error: DbError) -> Fault {
    if error.is_unavailable() {
        Fault::unavailable(error)
    } else {
        Fault::from(error)
    }
}
