//! What the operations of the contract do.

use std::time::Duration;

use chrono::{DateTime, Utc};
use specwright_runtime::{ByteStream, Context, Fault, Json, Map, Nullable, ObjectOr};

use super::contract::{
    API, CloseExpiredSessionsRequest, CloseExpiredSessionsResponse, CloseSessionRequest,
    CloseSessionResponse, DeleteSessionByIdRequest, DeleteSessionByIdResponse, GetContractResponse,
    GetSessionByIdRequest, GetSessionByIdResponse, GetSessionsRequest, GetSessionsResponse,
    HeartbeatResponse, NewSession, OpenSessionRequest, OpenSessionResponse, Session, SessionPage,
    SessionQuery, SessionSummary, Status, StatusResponse, StoreSessionDataRequest,
    StoreSessionDataResponse, UpdateSessionUserRequest, UpdateSessionUserResponse, UserSessions,
};
use super::query::{self, Page};
use super::store::{self, Filter, Store};
use crate::db::DbError;
use crate::effects::Effects;
use crate::faults::fault;

/// User sessions in one database.
#[derive(Clone, Debug)]
pub struct Service {
    store: Store,
    effects: Effects,
    expire_timeout: Duration,
    started: DateTime<Utc>,
    instance: String,
}

impl Service {
    /// Sessions that expire when they were not changed for `expire_timeout`.
    pub fn new(store: Store, effects: Effects, expire_timeout: Duration) -> Self {
        Self {
            started: effects.now(),
            instance: effects.new_id(),
            store,
            effects,
            expire_timeout,
        }
    }

    /// Closes the open sessions that have expired, and gives their ids.
    ///
    /// # Errors
    /// The database failed; what was closed until then stays closed.
    pub async fn close_expired(&self) -> Result<Vec<String>, DbError> {
        let now = self.effects.now();
        let timeout = chrono::Duration::from_std(self.expire_timeout).ok();
        // A timeout that reaches back beyond the calendar expires nothing.
        let Some(limit) = timeout.and_then(|timeout| now.checked_sub_signed(timeout)) else {
            return Ok(Vec::new());
        };
        let closed = self.store.close_expired(limit, now).await?;
        if !closed.is_empty() {
            tracing::info!(sessions = closed.len(), "expired sessions are closed");
        }
        Ok(closed)
    }

    fn opened(&self, new: NewSession) -> store::Session {
        let now = self.effects.now();
        store::Session {
            id: self.effects.new_id(),
            user_id: filled(new.user_id),
            user_name: new
                .user_name
                .and_then(Nullable::into_option)
                .and_then(filled),
            active: true,
            open_time: now,
            request_time: now,
            close_time: None,
            address: new.address.and_then(Nullable::into_option).and_then(filled),
            client: new.client.and_then(Nullable::into_option).and_then(filled),
            user: new.user.and_then(kept),
            data: new.data.and_then(kept),
        }
    }
}

impl UserSessions for Service {
    async fn open_session(
        &self,
        request: OpenSessionRequest,
        _context: &Context,
    ) -> Result<OpenSessionResponse, Fault> {
        let session = self.opened(request.body);
        self.store.open(&session).await.map_err(fault)?;
        Ok(OpenSessionResponse::Ok(whole(session)))
    }

    async fn get_sessions(
        &self,
        request: GetSessionsRequest,
        _context: &Context,
    ) -> Result<GetSessionsResponse, Fault> {
        let (filter, page) = asked_for(request.body);
        let data = match page.take {
            0 => Vec::new(),
            take => self
                .store
                .list(&filter, page.skip, take)
                .await
                .map_err(fault)?,
        };
        let total = match page.total {
            true => Nullable::Value(self.store.count(&filter).await.map_err(fault)?),
            false => Nullable::Null,
        };
        let data = data.into_iter().map(summary).collect();
        Ok(GetSessionsResponse::Ok(SessionPage { total, data }))
    }

    async fn get_session_by_id(
        &self,
        request: GetSessionByIdRequest,
        _context: &Context,
    ) -> Result<GetSessionByIdResponse, Fault> {
        let found = self.store.find(&request.body.session_id).await;
        Ok(match found.map_err(fault)? {
            Some(session) => GetSessionByIdResponse::Ok(whole(session)),
            None => GetSessionByIdResponse::NoContent,
        })
    }

    async fn store_session_data(
        &self,
        request: StoreSessionDataRequest,
        _context: &Context,
    ) -> Result<StoreSessionDataResponse, Fault> {
        let (id, data) = (request.body.session_id, request.body.data.into_string());
        let changed = self.store.store_data(&id, data, self.effects.now()).await;
        Ok(match changed.map_err(fault)? {
            Some(session) => StoreSessionDataResponse::Ok(whole(session)),
            None => StoreSessionDataResponse::NoContent,
        })
    }

    async fn update_session_user(
        &self,
        request: UpdateSessionUserRequest,
        _context: &Context,
    ) -> Result<UpdateSessionUserResponse, Fault> {
        let (id, user) = (request.body.session_id, request.body.user.into_string());
        let changed = self.store.update_user(&id, user, self.effects.now()).await;
        Ok(match changed.map_err(fault)? {
            Some(session) => UpdateSessionUserResponse::Ok(whole(session)),
            None => UpdateSessionUserResponse::NoContent,
        })
    }

    async fn close_session(
        &self,
        request: CloseSessionRequest,
        _context: &Context,
    ) -> Result<CloseSessionResponse, Fault> {
        let id = &request.body.session_id;
        let closed = self.store.close(id, self.effects.now()).await;
        Ok(match closed.map_err(fault)? {
            Some(session) => CloseSessionResponse::Ok(whole(session)),
            None => CloseSessionResponse::NoContent,
        })
    }

    async fn delete_session_by_id(
        &self,
        request: DeleteSessionByIdRequest,
        _context: &Context,
    ) -> Result<DeleteSessionByIdResponse, Fault> {
        let deleted = self.store.delete(&request.body.session_id).await;
        Ok(match deleted.map_err(fault)? {
            Some(session) => DeleteSessionByIdResponse::Ok(whole(session)),
            None => DeleteSessionByIdResponse::NoContent,
        })
    }

    async fn close_expired_sessions(
        &self,
        _request: CloseExpiredSessionsRequest,
        _context: &Context,
    ) -> Result<CloseExpiredSessionsResponse, Fault> {
        self.close_expired().await.map_err(fault)?;
        Ok(CloseExpiredSessionsResponse::NoContent)
    }

    async fn heartbeat(&self, _context: &Context) -> Result<HeartbeatResponse, Fault> {
        Ok(HeartbeatResponse::Ok(self.effects.now().into()))
    }

    async fn status(&self, _context: &Context) -> Result<StatusResponse, Fault> {
        let now = self.effects.now();
        Ok(StatusResponse::Ok(Status {
            id: self.instance.clone(),
            name: API.name.to_owned(),
            description: API.title.to_owned(),
            start_time: self.started.into(),
            current_time: now.into(),
            uptime: (now - self.started).num_milliseconds(),
            properties: Map::new(),
            components: vec![format!("{}:{}", API.name, API.version)],
        }))
    }

    async fn get_contract(&self, _context: &Context) -> Result<GetContractResponse, Fault> {
        let document = ByteStream::from(API.document_yaml);
        Ok(GetContractResponse::Ok(document))
    }
}

/// What a request for a list asks for; anything but an object asks for everything.
fn asked_for(body: Option<ObjectOr<SessionQuery>>) -> (Filter, Page) {
    let Some(ObjectOr::Object(body)) = body else {
        return (Filter::default(), Page::new(None, None, None));
    };
    let filter = match body.filter.and_then(Nullable::into_option) {
        Some(filter) => query::filter(
            filter.id.as_ref(),
            filter.user_id.as_ref(),
            filter.active.as_ref(),
            filter.from_time.as_ref(),
            filter.to_time.as_ref(),
        ),
        None => Filter::default(),
    };
    let Some(ObjectOr::Object(paging)) = body.paging else {
        return (filter, Page::new(None, None, None));
    };
    let skip = paging.skip.and_then(Nullable::into_option);
    let take = paging.take.and_then(Nullable::into_option);
    let total = paging.total.and_then(Nullable::into_option);
    let page = Page::new(
        skip.as_ref().map(|number| number.as_str()),
        take.as_ref().map(|number| number.as_str()),
        total,
    );
    (filter, page)
}

/// The original takes an empty text for none.
fn filled(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn kept(value: Json) -> Option<String> {
    Some(value)
        .filter(|value| !value.is_null())
        .map(Json::into_string)
}

/// A stored JSON text; one that is none cannot come from this program and is answered as `null`.
fn json(stored: Option<String>) -> Json {
    let Some(stored) = stored else {
        return Json::null();
    };
    Json::parse(&stored).unwrap_or_else(|_| {
        tracing::error!("a stored JSON text cannot be read");
        Json::null()
    })
}

fn whole(session: store::Session) -> Session {
    Session {
        id: session.id,
        user_id: session.user_id.into(),
        user_name: session.user_name.into(),
        active: session.active,
        open_time: session.open_time.into(),
        request_time: session.request_time.into(),
        address: session.address.into(),
        client: session.client.into(),
        user: json(session.user),
        data: json(session.data),
        close_time: session.close_time.map(Into::into),
    }
}

fn summary(session: store::Session) -> SessionSummary {
    SessionSummary {
        id: session.id,
        user_id: session.user_id.into(),
        user_name: session.user_name.into(),
        active: session.active,
        open_time: session.open_time.into(),
        request_time: session.request_time.into(),
        address: session.address.into(),
        client: session.client.into(),
        close_time: session.close_time.map(Into::into),
    }
}
