//! What the operations of the contract do.

use specwright_runtime::{ApiKey, Context, Denied, Fault, Grant};

use super::contract::{
    Cams, GetStatusRequest, GetStatusResponse, ListSessionsRequest, ListSessionsResponse,
    PeriodType, SessionStatus, SystemStatus, SystemStatusStatus, VocationalSession,
    VocationalSessionList,
};
use super::store::{self, Period, State, Store};
use crate::effects::Effects;
use crate::faults::fault;
use crate::layer::Gate;
use crate::layer::probe::{UNREACHABLE, probe};

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
        let answer = self.store.has_sessions();
        let latency = probe("cams", answer, &self.effects, context).await;
        Ok(GetStatusResponse::Ok(SystemStatus {
            status: match latency {
                Some(_) => SystemStatusStatus::Up,
                None => SystemStatusStatus::Down,
            },
            message: latency.is_none().then(|| UNREACHABLE.to_owned()),
            latency_ms: latency,
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
