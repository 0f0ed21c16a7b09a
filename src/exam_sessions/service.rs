//! What the operations of the contract do: they ask a system API, and pass its answer on.

use chrono::{Datelike, SubsecRound};
use specwright_runtime::{ApiKey, Context, Denied, Fault, Grant};

use super::contract::{
    EpsStatus, Error, ExamSessions, GetEpsStatusRequest, GetEpsStatusResponse, GetSessionRequest,
    GetSessionResponse, ListSessionsRequest, ListSessionsResponse, ListVocationalSessionsRequest,
    ListVocationalSessionsResponse,
};
use super::translate;
use super::upstream::{Unanswered, Upstream, wanted};
use crate::cams::contract as cams;
use crate::effects::Effects;
use crate::eps::contract::{self as eps, System};
use crate::layer::Gate;
use crate::layer::errors::Failure;

/// The part that serves sessions of business streams, in error codes.
const EPS: &str = "EPS";

/// The part that serves vocational sessions, in error codes.
const CAMS: &str = "CAMS";

/// Exam sessions, as the system APIs have them.
#[derive(Clone)]
pub struct Service {
    upstream: Upstream,
    gate: Gate,
    effects: Effects,
}

impl Service {
    /// Exam sessions from these system APIs, for whom the gate lets in.
    pub fn new(upstream: Upstream, gate: Gate, effects: Effects) -> Self {
        Self {
            upstream,
            gate,
            effects,
        }
    }

    async fn status(
        &self,
        system: System,
        context: &Context,
    ) -> Result<eps::SystemStatus, Unanswered> {
        let request = eps::GetStatusRequest {
            system,
            x_transaction_id: transaction(context),
        };
        let answer = self.upstream.eps(context).get_status(request).await;
        let answer = answer.map_err(|error| Unanswered::of(error, context))?;
        wanted!(answer, eps::GetStatusResponse)
    }

    async fn sessions(
        &self,
        system: System,
        request: ListSessionsRequest,
        context: &Context,
    ) -> Result<eps::SessionList, Unanswered> {
        let request = eps::ListSessionsRequest {
            system,
            business_stream_id: request.business_stream_id,
            year: match request.year {
                Some(year) => year,
                None => self.effects.now().year().into(),
            },
            qualification_id: request.qualification_id,
            assessment_id: request.assessment_id,
            x_transaction_id: transaction(context),
        };
        let answer = self.upstream.eps(context).list_sessions(request).await;
        let answer = answer.map_err(|error| Unanswered::of(error, context))?;
        wanted!(answer, eps::ListSessionsResponse)
    }

    async fn session(
        &self,
        system: System,
        request: GetSessionRequest,
        context: &Context,
    ) -> Result<eps::SessionDetails, Unanswered> {
        let request = eps::GetSessionRequest {
            system,
            session_id: request.session_id,
            business_stream_id: request.business_stream_id,
            x_transaction_id: transaction(context),
        };
        let answer = self.upstream.eps(context).get_session(request).await;
        let answer = answer.map_err(|error| Unanswered::of(error, context))?;
        wanted!(answer, eps::GetSessionResponse, NotFound)
    }

    async fn vocational_sessions(
        &self,
        request: ListVocationalSessionsRequest,
        context: &Context,
    ) -> Result<cams::VocationalSessionList, Unanswered> {
        let request = cams::ListSessionsRequest {
            qualification_group: request.qualification_group,
            x_transaction_id: transaction(context),
        };
        let answer = self.upstream.cams(context).list_sessions(request).await;
        let answer = answer.map_err(|error| Unanswered::of(error, context))?;
        wanted!(answer, cams::ListSessionsResponse)
    }
}

/// The response of an operation to a call that was not answered.
macro_rules! failed {
    ($response:ident, $unanswered:expr, $part:expr, $context:expr) => {{
        let id = $context.request_id();
        match $unanswered {
            Unanswered::Connectivity => {
                $response::ServiceUnavailable(Failure::connectivity($part, id).into())
            }
            Unanswered::Timeout => $response::GatewayTimeout(Failure::timeout(id).into()),
            Unanswered::Rejected(details) => {
                $response::BadRequest(Failure::rejected(details, id).into())
            }
            Unanswered::Absent => return Err(Fault::internal("a system API has no such resource")),
            Unanswered::Fault(fault) => return Err(fault),
        }
    }};
}

impl ExamSessions for Service {
    async fn list_sessions(
        &self,
        request: ListSessionsRequest,
        context: &Context,
    ) -> Result<ListSessionsResponse, Fault> {
        let Some(system) = system(&request.business_stream_id) else {
            let error = absent("business stream", context);
            return Ok(ListSessionsResponse::NotFound(error));
        };
        Ok(match self.sessions(system, request, context).await {
            Ok(list) => ListSessionsResponse::Ok(translate::list(list)),
            Err(unanswered) => failed!(ListSessionsResponse, unanswered, EPS, context),
        })
    }

    async fn get_session(
        &self,
        request: GetSessionRequest,
        context: &Context,
    ) -> Result<GetSessionResponse, Fault> {
        let Some(system) = system(&request.business_stream_id) else {
            let error = absent("business stream", context);
            return Ok(GetSessionResponse::NotFound(error));
        };
        Ok(match self.session(system, request, context).await {
            Ok(session) => GetSessionResponse::Ok(translate::details(session)),
            Err(Unanswered::Absent) => GetSessionResponse::NotFound(absent("session", context)),
            Err(unanswered) => failed!(GetSessionResponse, unanswered, EPS, context),
        })
    }

    async fn list_vocational_sessions(
        &self,
        request: ListVocationalSessionsRequest,
        context: &Context,
    ) -> Result<ListVocationalSessionsResponse, Fault> {
        use ListVocationalSessionsResponse as Response;
        Ok(match self.vocational_sessions(request, context).await {
            Ok(list) => Response::Ok(translate::vocational_list(list)),
            Err(unanswered) => failed!(Response, unanswered, CAMS, context),
        })
    }

    async fn get_eps_status(
        &self,
        _request: GetEpsStatusRequest,
        context: &Context,
    ) -> Result<GetEpsStatusResponse, Fault> {
        // Both are asked to the end, so that each is tried as often as it may be.
        let both = tokio::join!(
            self.status(System::Meps, context),
            self.status(System::Oeps, context)
        );
        Ok(match both {
            (Ok(meps), Ok(oeps)) => GetEpsStatusResponse::Ok(EpsStatus {
                meps: translate::status(meps),
                oeps: translate::status(oeps),
                checked_at: self.effects.now().trunc_subsecs(0).into(),
            }),
            (Err(unanswered), _) | (_, Err(unanswered)) => {
                failed!(GetEpsStatusResponse, unanswered, EPS, context)
            }
        })
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

/// Which database has the sessions of a business stream: Cambridge International and Cambridge
/// English are in MEPS, OCR is in OEPS.
fn system(business_stream_id: &str) -> Option<System> {
    match business_stream_id {
        "01" | "02" => Some(System::Meps),
        "03" => Some(System::Oeps),
        _ => None,
    }
}

fn transaction(context: &Context) -> Option<String> {
    Some(context.request_id().to_owned())
}

fn absent(what: &str, context: &Context) -> Error {
    Failure::not_found(what, context.request_id()).into()
}
