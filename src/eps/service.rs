//! What the operations of the contract do.

use specwright_runtime::{ApiKey, Context, Denied, Fault, Grant};

use super::contract::{
    Assessment, Eps, GetSessionRequest, GetSessionResponse, GetStatusRequest, GetStatusResponse,
    ListSessionsRequest, ListSessionsResponse, Qualification, Session, SessionDetails, SessionList,
    SessionStatus, SessionType, System, SystemStatus, SystemStatusStatus,
};
use super::store::{self, Filter, Kind, Sitting, State, Store};
use crate::effects::Effects;
use crate::faults::fault;
use crate::layer::Gate;
use crate::layer::errors::Failure;
use crate::layer::probe::{UNREACHABLE, probe};

/// Sessions in two databases.
#[derive(Clone)]
pub struct Service {
    meps: Store,
    oeps: Store,
    gate: Gate,
    effects: Effects,
}

impl Service {
    /// Sessions in MEPS and OEPS, for whom the gate lets in.
    pub fn new(meps: Store, oeps: Store, gate: Gate, effects: Effects) -> Self {
        Self {
            meps,
            oeps,
            gate,
            effects,
        }
    }

    fn store(&self, system: System) -> &Store {
        match system {
            System::Meps => &self.meps,
            System::Oeps => &self.oeps,
        }
    }
}

impl Eps for Service {
    async fn list_sessions(
        &self,
        request: ListSessionsRequest,
        _context: &Context,
    ) -> Result<ListSessionsResponse, Fault> {
        let filter = Filter {
            business_stream_id: request.business_stream_id.clone(),
            year: request.year,
            qualification_id: request.qualification_id,
            assessment_id: request.assessment_id,
        };
        let sessions = self.store(request.system).list(&filter).await;
        let sessions = sessions.map_err(fault)?;
        Ok(ListSessionsResponse::Ok(SessionList {
            business_stream_id: request.business_stream_id,
            year: request.year,
            total: i64::try_from(sessions.len()).unwrap_or(i64::MAX),
            sessions: sessions.into_iter().map(listed).collect(),
        }))
    }

    async fn get_session(
        &self,
        request: GetSessionRequest,
        context: &Context,
    ) -> Result<GetSessionResponse, Fault> {
        let store = self.store(request.system);
        let stream = &request.business_stream_id;
        let session = store.find(stream, &request.session_id).await;
        let Some(session) = session.map_err(fault)? else {
            let failure = Failure::not_found("session", context.request_id());
            return Ok(GetSessionResponse::NotFound(failure.into()));
        };
        let sittings = store.sittings(stream, &request.session_id).await;
        let sittings = sittings.map_err(fault)?;
        Ok(GetSessionResponse::Ok(details(session, sittings)))
    }

    async fn get_status(
        &self,
        request: GetStatusRequest,
        context: &Context,
    ) -> Result<GetStatusResponse, Fault> {
        let answer = self.store(request.system).has_sessions();
        let system = request.system.as_str();
        let latency = probe(system, answer, &self.effects, context).await;
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

fn listed(session: store::Session) -> Session {
    Session {
        session_type: kind(session.kind),
        status: state(session.state),
        session_id: session.session_id,
        business_stream_id: session.business_stream_id,
        name: session.name,
        year: session.year,
        start_date: session.start_date,
        end_date: session.end_date,
    }
}

/// A session and what can be sat in it, which comes in the order of qualifications.
fn details(session: store::Session, sittings: Vec<Sitting>) -> SessionDetails {
    let mut qualifications: Vec<Qualification> = Vec::new();
    for sitting in sittings {
        let assessment = Assessment {
            assessment_id: sitting.assessment_id,
            component_code: sitting.component_code,
        };
        match qualifications.last_mut() {
            Some(last) if last.qualification_id == sitting.qualification_id => {
                last.assessments.push(assessment);
            }
            _ => qualifications.push(Qualification {
                qualification_id: sitting.qualification_id,
                name: sitting.qualification_name,
                level: sitting.level,
                assessments: vec![assessment],
            }),
        }
    }
    let session = listed(session);
    SessionDetails {
        session_id: session.session_id,
        business_stream_id: session.business_stream_id,
        name: session.name,
        session_type: session.session_type,
        year: session.year,
        start_date: session.start_date,
        end_date: session.end_date,
        status: session.status,
        qualifications,
    }
}

fn kind(kind: Kind) -> SessionType {
    match kind {
        Kind::Series => SessionType::Series,
        Kind::OnDemand => SessionType::OnDemand,
        Kind::Window => SessionType::Window,
    }
}

fn state(state: State) -> SessionStatus {
    match state {
        State::Planned => SessionStatus::Planned,
        State::Open => SessionStatus::Open,
        State::Closed => SessionStatus::Closed,
        State::Archived => SessionStatus::Archived,
    }
}
