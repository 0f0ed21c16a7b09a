//! What the operations of the contract do.

use std::time::Duration;

use specwright_runtime::{ApiKey, Context, Denied, Fault, Grant};

use super::answers;
use super::contract::{
    AcknowledgeRecordRequest, AcknowledgeRecordResponse, Backfill, GetRecordRequest,
    GetRecordResponse, Lease as LeaseAnswer, LeaseRecordRequest, LeaseRecordResponse,
    ListRecordsRequest, ListRecordsResponse, RenewLeaseRequest, RenewLeaseResponse,
    ReturnRecordRequest, ReturnRecordResponse, State, WantedType,
};
use super::domain::{self, Filter, Kind, Lease, Taken, Wanted};
use super::errors::{absent, error};
use super::store::Store;
use crate::effects::Effects;
use crate::faults::fault;
use crate::layer::Gate;

/// Records for those whom the gate lets in.
#[derive(Clone)]
pub struct Service {
    store: Store,
    gate: Gate,
    effects: Effects,
}

impl Service {
    /// The queue in this store.
    pub fn new(store: Store, gate: Gate, effects: Effects) -> Self {
        Self {
            store,
            gate,
            effects,
        }
    }
}

impl Backfill for Service {
    async fn list_records(
        &self,
        request: ListRecordsRequest,
        _context: &Context,
    ) -> Result<ListRecordsResponse, Fault> {
        let filter = Filter {
            api_ref_id: request.api_ref_id,
            container_id: request.container_id,
            subject: request.subject_id.as_deref().and_then(parts),
            kind: request.process_type.map(kind),
            state: request.state.map(state),
            after: request.after,
            limit: i64::from(request.limit) + 1,
        };
        let records = self.store.list(&filter, self.effects.now()).await;
        let limit = usize::try_from(request.limit).unwrap_or_default();
        let page = answers::page(records.map_err(fault)?, limit);
        Ok(ListRecordsResponse::Ok(page))
    }

    async fn get_record(
        &self,
        request: GetRecordRequest,
        _context: &Context,
    ) -> Result<GetRecordResponse, Fault> {
        let found = self.store.find(request.queue_id, self.effects.now()).await;
        Ok(match found.map_err(fault)? {
            Some(whole) => GetRecordResponse::Ok(answers::whole(whole)),
            None => {
                let messages = absent("queue id", &request.queue_id.to_string());
                GetRecordResponse::NotFound(error(404, messages))
            }
        })
    }

    async fn lease_record(
        &self,
        request: LeaseRecordRequest,
        _context: &Context,
    ) -> Result<LeaseRecordResponse, Fault> {
        let wanted = Wanted {
            container_id: request.body.container_id,
            kind: request.body.process_type.map(kind),
        };
        let now = self.effects.now();
        let lease = Lease {
            id: self.effects.new_id(),
            worker: request.body.worker,
            until: now + seconds(request.body.seconds),
        };
        let lease_id = lease.id.clone();
        let taken = self.store.lease(&wanted, lease, now).await;
        Ok(match taken.map_err(fault)? {
            Some(whole) => LeaseRecordResponse::Ok(LeaseAnswer {
                lease_id,
                record: answers::whole(whole),
            }),
            None => LeaseRecordResponse::NoContent,
        })
    }

    async fn acknowledge_record(
        &self,
        request: AcknowledgeRecordRequest,
        _context: &Context,
    ) -> Result<AcknowledgeRecordResponse, Fault> {
        let lease_id = &request.lease_id;
        let taken = self.store.acknowledge(lease_id, self.effects.now()).await;
        Ok(match taken.map_err(fault)? {
            Taken::Held(record) => AcknowledgeRecordResponse::Ok(answers::record(record)),
            Taken::Lost | Taken::Acknowledged => {
                AcknowledgeRecordResponse::NotFound(error(404, absent("lease id", lease_id)))
            }
        })
    }

    async fn renew_lease(
        &self,
        request: RenewLeaseRequest,
        _context: &Context,
    ) -> Result<RenewLeaseResponse, Fault> {
        let (lease_id, now) = (&request.lease_id, self.effects.now());
        let until = now + seconds(request.body.seconds);
        Ok(
            match self
                .store
                .renew(lease_id, until, now)
                .await
                .map_err(fault)?
            {
                Taken::Held(record) => RenewLeaseResponse::Ok(answers::record(record)),
                Taken::Acknowledged => RenewLeaseResponse::Conflict(error(409, done(lease_id))),
                Taken::Lost => {
                    RenewLeaseResponse::NotFound(error(404, absent("lease id", lease_id)))
                }
            },
        )
    }

    async fn return_record(
        &self,
        request: ReturnRecordRequest,
        _context: &Context,
    ) -> Result<ReturnRecordResponse, Fault> {
        let lease_id = &request.lease_id;
        let taken = self.store.give_back(lease_id, self.effects.now()).await;
        Ok(match taken.map_err(fault)? {
            Taken::Held(record) => ReturnRecordResponse::Ok(answers::record(record)),
            Taken::Acknowledged => ReturnRecordResponse::Conflict(error(409, done(lease_id))),
            Taken::Lost => ReturnRecordResponse::NotFound(error(404, absent("lease id", lease_id))),
        })
    }

    async fn authenticate_client_id(
        &self,
        credentials: &ApiKey,
        _context: &Context,
    ) -> Result<Grant, Denied> {
        Ok(self.gate.claimed(credentials))
    }

    async fn authenticate_client_secret(
        &self,
        credentials: &ApiKey,
        context: &Context,
    ) -> Result<Grant, Denied> {
        self.gate.proved(credentials, context).await
    }
}

/// The code and the number of a subject id.
pub(super) fn parts(id: &str) -> Option<(String, String)> {
    let (code, number) = id.split_once('.')?;
    Some((code.to_owned(), number.to_owned()))
}

fn seconds(seconds: i32) -> Duration {
    Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
}

fn done(lease_id: &str) -> Vec<String> {
    vec![format!(
        "Error: Invalid lease id : the record of {lease_id} is acknowledged "
    )]
}

fn state(wanted: State) -> domain::State {
    match wanted {
        State::Waiting => domain::State::Waiting,
        State::Leased => domain::State::Leased,
        State::Acknowledged => domain::State::Acknowledged,
    }
}

/// The kinds of the contract by their names there; `NONE` is none.
fn kind(wanted: WantedType) -> Option<Kind> {
    Kind::named(wanted.as_str())
}
