//! Records as the contract has them.

use specwright_runtime::Json;

use super::contract::{
    ProcessType, Record, RecordList, State, UsedKey, UsedKeyRelationshipType, WholeRecord,
};
use super::domain::{self, Kind, Part, Whole};

/// A record.
pub fn record(record: domain::Record) -> Record {
    Record {
        queue_id: record.queue_id,
        api_ref_id: record.api_ref_id,
        container_id: record.container_id,
        template_id: record.template_id,
        process_type: record.kind.map(process_type).into(),
        created_at: record.created.into(),
        state: state(record.state),
        attempt: record.attempt,
        worker: record.worker.into(),
        leased_until: record.leased_until.map(Into::into).into(),
        acknowledged_at: record.acknowledged.map(Into::into).into(),
    }
}

/// A page of at most `limit` records, of which one more was read to see whether there is another.
pub fn page(mut records: Vec<domain::Record>, limit: usize) -> RecordList {
    let more = records.len() > limit;
    records.truncate(limit);
    let last = records.last().filter(|_| more);
    RecordList {
        next: last.map(|last| last.queue_id).into(),
        records: records.into_iter().map(record).collect(),
    }
}

/// A record with what it says. A stored text that is no JSON cannot come from this program, and
/// is answered as `null`.
pub fn whole(whole: Whole) -> WholeRecord {
    let queue_id = whole.record.queue_id;
    let json = |text: Option<String>| match text.as_deref().map(Json::parse) {
        None => Json::null(),
        Some(Ok(json)) => json,
        Some(Err(_)) => {
            tracing::error!(queue_id, "the data of a record cannot be read");
            Json::null()
        }
    };
    WholeRecord {
        previous_data: json(whole.previous),
        new_data: json(Some(whole.new)),
        used_keys: whole.used_keys.into_iter().map(used_key).collect(),
        record: record(whole.record),
    }
}

fn used_key(key: domain::UsedKey) -> UsedKey {
    use UsedKeyRelationshipType as Type;
    UsedKey {
        subject_id: key.subject_id,
        relationship_type: match key.part {
            Part::Main => Type::M,
            Part::CrossListed => Type::C,
            Part::Scheduled => Type::S,
            Part::Equivalent => Type::E,
        },
    }
}

fn process_type(kind: Kind) -> ProcessType {
    match kind {
        Kind::Scheduling => ProcessType::Sr,
        Kind::SubjectDeleted => ProcessType::Sd,
        Kind::Backdate => ProcessType::Bd,
        Kind::Requisites => ProcessType::Rq,
        Kind::TermPlan => ProcessType::Tp,
    }
}

fn state(state: domain::State) -> State {
    match state {
        domain::State::Waiting => State::Waiting,
        domain::State::Leased => State::Leased,
        domain::State::Acknowledged => State::Acknowledged,
    }
}
